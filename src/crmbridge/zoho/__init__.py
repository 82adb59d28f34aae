"""The client of Zoho CRM, sync and async, and its values."""

from __future__ import annotations

from crmbridge.zoho.async_client import AsyncZohoClient
from crmbridge.zoho.client import ZohoClient
from crmbridge.zoho.codes import ZOHO_CODES, Repeat, ZohoCode
from crmbridge.zoho.conversions import ConvertResult
from crmbridge.zoho.metadata import ZohoField, ZohoUser
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
    "ConvertResult",
    "DeletedPage",
    "DeletedRecord",
    "MemoryTokenStore",
    "QueryPage",
    "RecordsPage",
    "Repeat",
    "TokenStore",
    "UserRef",
    "WriteResult",
    "WriteStatus",
    "ZohoClient",
    "ZohoCode",
    "ZohoField",
    "ZohoRecord",
    "ZohoUser",
]
