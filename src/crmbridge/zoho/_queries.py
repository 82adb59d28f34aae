"""The calls of Zoho CRM that look records up by what they hold.

Floor 4.

Source, where nothing else is said: Zoho CRM API v7, "Get Records through COQL
Query" and "Search Records"; v8, "COQL limitations".
"""

from __future__ import annotations

from crmbridge._steps import Call, Request
from crmbridge.config import ZohoConfig
from crmbridge.zoho._auth import authorised
from crmbridge.zoho._calls import API
from crmbridge.zoho._faults import ZOHO
from crmbridge.zoho._replies import listing_of
from crmbridge.zoho.coql import Select
from crmbridge.zoho.credits import of_query
from crmbridge.zoho.records import read_record
from crmbridge.zoho.results import QueryPage

__all__ = ["query_page"]


def query_page(config: ZohoConfig, select: Select) -> Call[QueryPage]:
    """Ask one question; see `ZohoClient.query`."""
    request = Request(
        ZOHO,
        "POST",
        f"{API}/coql",
        name=f"{select.module} query",
        json={"select_query": select.text()},
        credits=of_query(select.limit),
        is_complex=True,
    )
    reply = yield from authorised(request, config, is_repeatable=True)
    listing = listing_of(reply, "data", request.name)
    return QueryPage(
        tuple([read_record(select.module, row) for row in listing.rows]),
        listing.has_more,
        reply.date,
    )
