"""The two services as the reconciler sees them.

Floor 7.
"""

from crmbridge.sides._salesmanago import SalesmanagoSide

__all__ = ["SalesmanagoSide"]
