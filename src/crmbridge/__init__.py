"""Keeps the contacts of SALESmanago and Zoho CRM equal, both ways.

Floor 10: the public names, nothing else.
Errors are in `crmbridge.errors`, the engine's ports and values in
`crmbridge.reconcile`, and fakes of both services in `crmbridge.testing`.
"""

from crmbridge._limiter import Limiter
from crmbridge._meter import Usage
from crmbridge._steps import Reply, Request
from crmbridge.config import Limits, RetryPolicy, SalesmanagoConfig, ZohoConfig
from crmbridge.contact import (
    NOT_OBSERVED,
    Address,
    Birthday,
    Consent,
    Contact,
    ContactState,
    Loss,
)
from crmbridge.mapping import SalesmanagoMapper, ZohoMapper
from crmbridge.reconcile.consent import ConsentPolicy
from crmbridge.reconcile.plan import Plan
from crmbridge.reconcile.ports import Side, Store
from crmbridge.reconcile.report import Report
from crmbridge.reconciler import AsyncReconciler, Reconciler
from crmbridge.salesmanago import AsyncSalesmanagoClient, SalesmanagoClient
from crmbridge.stores import MemoryStore, SqliteStore
from crmbridge.zoho import AsyncZohoClient, ZohoClient

__all__ = [
    "NOT_OBSERVED",
    "Address",
    "AsyncReconciler",
    "AsyncSalesmanagoClient",
    "AsyncZohoClient",
    "Birthday",
    "Consent",
    "ConsentPolicy",
    "Contact",
    "ContactState",
    "Limiter",
    "Limits",
    "Loss",
    "MemoryStore",
    "Plan",
    "Reconciler",
    "Reply",
    "Report",
    "Request",
    "RetryPolicy",
    "SalesmanagoClient",
    "SalesmanagoConfig",
    "SalesmanagoMapper",
    "Side",
    "SqliteStore",
    "Store",
    "Usage",
    "ZohoClient",
    "ZohoConfig",
    "ZohoMapper",
]
