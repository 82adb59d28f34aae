"""The client of Zoho CRM, sync and async, and its values."""

from __future__ import annotations

from crmbridge.zoho.async_client import AsyncZohoClient
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
from crmbridge.zoho.cursors import RecordsCursor
from crmbridge.zoho.metadata import ZohoField, ZohoModule, ZohoTag
from crmbridge.zoho.organisation import UserKind, ZohoOrganization, ZohoUser
from crmbridge.zoho.records import UserRef, ZohoRecord
from crmbridge.zoho.results import (
    DeletedPage,
    DeletedRecord,
    QueryPage,
    RecordsPage,
    WriteResult,
    WriteStatus,
)
from crmbridge.zoho.token_stores import MemoryTokenStore
from crmbridge.zoho.tokens import AccessToken, TokenStore

__all__ = [
    "ZOHO_CODES",
    "AccessToken",
    "AsyncZohoClient",
    "ConversionMatch",
    "ConversionOptions",
    "ConvertInto",
    "ConvertResult",
    "DeletedPage",
    "DeletedRecord",
    "MassConversion",
    "MassConversionStatus",
    "MassConvertJob",
    "MemoryTokenStore",
    "QueryPage",
    "RecordsCursor",
    "RecordsPage",
    "Repeat",
    "TokenStore",
    "UserKind",
    "UserRef",
    "WriteResult",
    "WriteStatus",
    "ZohoClient",
    "ZohoCode",
    "ZohoField",
    "ZohoModule",
    "ZohoOrganization",
    "ZohoRecord",
    "ZohoTag",
    "ZohoUser",
]
