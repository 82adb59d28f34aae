"""SALESmanago (API v2): clients, and what they read and write."""

from crmbridge.salesmanago.async_client import AsyncSalesmanagoClient
from crmbridge.salesmanago.basics import SalesmanagoBasic, read_basic
from crmbridge.salesmanago.client import SalesmanagoClient
from crmbridge.salesmanago.cursors import FeedCursor
from crmbridge.salesmanago.details import ContactDetails
from crmbridge.salesmanago.records import (
    ConsentChange,
    SalesmanagoAddress,
    SalesmanagoContact,
    read_contact,
)
from crmbridge.salesmanago.results import (
    ChangedContactsPage,
    ChangedIdsPage,
    ChangesPage,
    ContactId,
)

__all__ = [
    "AsyncSalesmanagoClient",
    "ChangedContactsPage",
    "ChangedIdsPage",
    "ChangesPage",
    "ConsentChange",
    "ContactDetails",
    "ContactId",
    "FeedCursor",
    "SalesmanagoAddress",
    "SalesmanagoBasic",
    "SalesmanagoClient",
    "SalesmanagoContact",
    "read_basic",
    "read_contact",
]
