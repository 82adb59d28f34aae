"""The client of Zoho CRM, sync and async, and its values."""

from __future__ import annotations

from crmbridge.zoho.async_client import AsyncZohoClient
from crmbridge.zoho.client import ZohoClient
from crmbridge.zoho.records import UserRef, ZohoField, ZohoRecord, ZohoUser
from crmbridge.zoho.results import (
    ConvertResult,
    DeletedPage,
    DeletedRecord,
    RecordsPage,
    WriteResult,
    WriteStatus,
)
from crmbridge.zoho.tokens import AccessToken, MemoryTokenStore, TokenStore

__all__ = [
    "AccessToken",
    "AsyncZohoClient",
    "ConvertResult",
    "DeletedPage",
    "DeletedRecord",
    "MemoryTokenStore",
    "RecordsPage",
    "TokenStore",
    "UserRef",
    "WriteResult",
    "WriteStatus",
    "ZohoClient",
    "ZohoField",
    "ZohoRecord",
    "ZohoUser",
]
