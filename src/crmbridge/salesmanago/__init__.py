"""SALESmanago (API v2): clients, and what they read and write."""

from crmbridge.salesmanago.async_client import AsyncSalesmanagoClient
from crmbridge.salesmanago.client import SalesmanagoClient
from crmbridge.salesmanago.details import ContactDetails
from crmbridge.salesmanago.records import (
    ConsentChange,
    SalesmanagoAddress,
    SalesmanagoContact,
    read_contact,
)
from crmbridge.salesmanago.results import ChangesPage, ContactId

__all__ = [
    "AsyncSalesmanagoClient",
    "ChangesPage",
    "ConsentChange",
    "ContactDetails",
    "ContactId",
    "SalesmanagoAddress",
    "SalesmanagoClient",
    "SalesmanagoContact",
    "read_contact",
]
