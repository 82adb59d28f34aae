"""The client of Zoho CRM, sync and async, and its values."""

from __future__ import annotations

from crmbridge.zoho.async_client import AsyncZohoClient
from crmbridge.zoho.client import ZohoClient
from crmbridge.zoho.conversions import ConvertResult
from crmbridge.zoho.metadata import ZohoField, ZohoUser
from crmbridge.zoho.records import UserRef, ZohoRecord
from crmbridge.zoho.results import (
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
