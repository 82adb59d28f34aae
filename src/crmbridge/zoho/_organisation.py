"""The calls that tell what an organisation of Zoho CRM is made of.

Floor 4.

Source, where nothing else is said: Zoho CRM API v8, the page of the endpoint's
name.
"""

from __future__ import annotations

from collections.abc import Mapping

from crmbridge._steps import Call, Reply, Request
from crmbridge.config import ZohoConfig
from crmbridge.zoho._auth import authorised
from crmbridge.zoho._calls import API, PAGE_SIZE, module_path
from crmbridge.zoho._faults import ZOHO
from crmbridge.zoho._replies import listing_of
from crmbridge.zoho.credits import CALL
from crmbridge.zoho.metadata import ZohoField, ZohoUser, read_field, read_user

__all__ = ["fields", "users"]


def users(
    config: ZohoConfig, *, kind: str = "ActiveUsers"
) -> Call[tuple[ZohoUser, ...]]:
    """Read the organisation's users; see `ZohoClient.users`."""
    found: list[ZohoUser] = []
    page = 1
    while True:
        query = {"type": kind, "page": str(page), "per_page": str(PAGE_SIZE)}
        reply = yield from _read(config, f"{API}/users", "users", query)
        listing = listing_of(reply, "users", "users")
        found.extend(map(read_user, listing.rows))
        if not listing.has_more:
            return tuple(found)
        page += 1


def fields(config: ZohoConfig, module: str) -> Call[tuple[ZohoField, ...]]:
    """Read a module's fields; see `ZohoClient.fields`."""
    module_path(module)
    name = f"{module} fields"
    reply = yield from _read(config, f"{API}/settings/fields", name, {"module": module})
    return tuple(map(read_field, listing_of(reply, "fields", name).rows))


def _read(
    config: ZohoConfig, path: str, name: str, query: Mapping[str, str]
) -> Call[Reply]:
    request = Request(ZOHO, "GET", path, name=name, query=query, credits=CALL)
    return (yield from authorised(request, config, is_repeatable=True))
