"""SALESmanago (API v2): clients, and what they read and write."""

from crmbridge.salesmanago.async_client import AsyncSalesmanagoClient
from crmbridge.salesmanago.async_exports import AsyncSalesmanagoExports
from crmbridge.salesmanago.basics import SalesmanagoBasic, read_basic
from crmbridge.salesmanago.client import SalesmanagoClient
from crmbridge.salesmanago.consents import NamedConsent
from crmbridge.salesmanago.cursors import FeedCursor
from crmbridge.salesmanago.details import ContactDetails
from crmbridge.salesmanago.dictionary import DictionaryDetail
from crmbridge.salesmanago.export_jobs import (
    Addressee,
    ExportBounds,
    ExportPart,
    JobStatus,
)
from crmbridge.salesmanago.exported import (
    ExportedConsent,
    ExportedContact,
    ExportedData,
    ExportedDetail,
)
from crmbridge.salesmanago.exports import SalesmanagoExports
from crmbridge.salesmanago.hooks import (
    HookLogin,
    OptCallback,
    RuleHook,
    read_opt_callback,
    read_rule_hook,
)
from crmbridge.salesmanago.outcomes import (
    Cleared,
    Presence,
    PresenceState,
    Renamed,
)
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
    WriteResult,
    WriteStatus,
)
from crmbridge.salesmanago.tags import AccountTag, ContactTag, normal_tags

__all__ = [
    "AccountTag",
    "Addressee",
    "AsyncSalesmanagoClient",
    "AsyncSalesmanagoExports",
    "ChangedContactsPage",
    "ChangedIdsPage",
    "ChangesPage",
    "Cleared",
    "ConsentChange",
    "ContactDetails",
    "ContactId",
    "ContactTag",
    "DictionaryDetail",
    "ExportBounds",
    "ExportPart",
    "ExportedConsent",
    "ExportedContact",
    "ExportedData",
    "ExportedDetail",
    "FeedCursor",
    "HookLogin",
    "JobStatus",
    "NamedConsent",
    "OptCallback",
    "Presence",
    "PresenceState",
    "Renamed",
    "RuleHook",
    "SalesmanagoAddress",
    "SalesmanagoBasic",
    "SalesmanagoClient",
    "SalesmanagoContact",
    "SalesmanagoExports",
    "WriteResult",
    "WriteStatus",
    "normal_tags",
    "read_basic",
    "read_contact",
    "read_opt_callback",
    "read_rule_hook",
]
