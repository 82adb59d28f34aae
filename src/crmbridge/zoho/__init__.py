"""The client of Zoho CRM, sync and async, and its values."""

from __future__ import annotations

from crmbridge.zoho.async_bulk import AsyncZohoBulk
from crmbridge.zoho.async_client import AsyncZohoClient
from crmbridge.zoho.async_notifications import AsyncZohoNotifications
from crmbridge.zoho.async_oauth import AsyncZohoOAuth
from crmbridge.zoho.bulk import ZohoBulk
from crmbridge.zoho.bulk_criteria import BulkCriterion, BulkGroup
from crmbridge.zoho.bulk_jobs import (
    ArchiveBounds,
    JobState,
    ReadJob,
    WriteJob,
)
from crmbridge.zoho.client import ZohoClient
from crmbridge.zoho.codes import ZOHO_CODES, Repeat, ZohoCode
from crmbridge.zoho.conversions import (
    ConversionMatch,
    ConversionOptions,
    ConvertInto,
    ConvertResult,
    MassConversion,
    MassConversionStatus,
    MassConvertJob,
)
from crmbridge.zoho.credits import CreditForecast
from crmbridge.zoho.cursors import RecordsCursor
from crmbridge.zoho.editions import ZohoEdition
from crmbridge.zoho.files import load_zoho_config, save_zoho_config
from crmbridge.zoho.grants import ZohoApp, ZohoAuthorisation, ZohoGrant
from crmbridge.zoho.metadata import ZohoField, ZohoModule, ZohoTag
from crmbridge.zoho.notices import (
    Notification,
    Watch,
    WatchResult,
    due_watches,
    read_notification,
)
from crmbridge.zoho.notifications import ZohoNotifications
from crmbridge.zoho.oauth import ZohoOAuth
from crmbridge.zoho.organisation import UserKind, ZohoOrganization, ZohoUser
from crmbridge.zoho.records import UserRef, ZohoRecord
from crmbridge.zoho.results import (
    DeletedPage,
    DeletedRecord,
    QueryPage,
    RecordsPage,
    SearchPage,
    WriteResult,
    WriteStatus,
)
from crmbridge.zoho.token_stores import FileTokenStore, MemoryTokenStore
from crmbridge.zoho.tokens import AccessToken, TokenStore

__all__ = [
    "ZOHO_CODES",
    "AccessToken",
    "ArchiveBounds",
    "AsyncZohoBulk",
    "AsyncZohoClient",
    "AsyncZohoNotifications",
    "AsyncZohoOAuth",
    "BulkCriterion",
    "BulkGroup",
    "ConversionMatch",
    "ConversionOptions",
    "ConvertInto",
    "ConvertResult",
    "CreditForecast",
    "DeletedPage",
    "DeletedRecord",
    "FileTokenStore",
    "JobState",
    "MassConversion",
    "MassConversionStatus",
    "MassConvertJob",
    "MemoryTokenStore",
    "Notification",
    "QueryPage",
    "ReadJob",
    "RecordsCursor",
    "RecordsPage",
    "Repeat",
    "SearchPage",
    "TokenStore",
    "UserKind",
    "UserRef",
    "Watch",
    "WatchResult",
    "WriteJob",
    "WriteResult",
    "WriteStatus",
    "ZohoApp",
    "ZohoAuthorisation",
    "ZohoBulk",
    "ZohoClient",
    "ZohoCode",
    "ZohoEdition",
    "ZohoField",
    "ZohoGrant",
    "ZohoModule",
    "ZohoNotifications",
    "ZohoOAuth",
    "ZohoOrganization",
    "ZohoRecord",
    "ZohoTag",
    "ZohoUser",
    "due_watches",
    "load_zoho_config",
    "read_notification",
    "save_zoho_config",
]
