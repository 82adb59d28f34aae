"""The two mappers: between the records of the services and `Contact`.

Floor 2: values only.

Each mapper is a lens: ``to_contact`` reads a record, and ``patch`` gives the
smallest change on the wire that makes a record show a contact.
"""

from __future__ import annotations

from crmbridge.mapping.forms import NormalForms
from crmbridge.mapping.salesmanago import (
    SALESMANAGO_STATES,
    SalesmanagoMapper,
    SalesmanagoPatch,
)
from crmbridge.mapping.zoho import FILLER, ZohoMapper
from crmbridge.mapping.zoho_patch import ZohoPatch

__all__ = [
    "FILLER",
    "SALESMANAGO_STATES",
    "NormalForms",
    "SalesmanagoMapper",
    "SalesmanagoPatch",
    "ZohoMapper",
    "ZohoPatch",
]
