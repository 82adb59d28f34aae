"""Typed clients, two-way mappers and a reconciler for SALESmanago and Zoho CRM.

Floor 10: the public names, nothing else.
"""

__all__: list[str] = []
