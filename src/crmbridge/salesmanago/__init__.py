"""SALESmanago (API v2): clients, and what they read and write."""

from crmbridge.salesmanago.async_client import AsyncSalesmanagoClient
from crmbridge.salesmanago.basics import SalesmanagoBasic, read_basic
from crmbridge.salesmanago.client import SalesmanagoClient
from crmbridge.salesmanago.consents import NamedConsent
from crmbridge.salesmanago.cursors import FeedCursor
from crmbridge.salesmanago.details import ContactDetails
from crmbridge.salesmanago.dictionary import DictionaryDetail
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
from crmbridge.salesmanago.tags import AccountTag, ContactTag, normal_tags

__all__ = [
    "AccountTag",
    "AsyncSalesmanagoClient",
    "ChangedContactsPage",
    "ChangedIdsPage",
    "ChangesPage",
    "ConsentChange",
    "ContactDetails",
    "ContactId",
    "ContactTag",
    "DictionaryDetail",
    "FeedCursor",
    "NamedConsent",
    "SalesmanagoAddress",
    "SalesmanagoBasic",
    "SalesmanagoClient",
    "SalesmanagoContact",
    "normal_tags",
    "read_basic",
    "read_contact",
]
