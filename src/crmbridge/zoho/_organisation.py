"""The calls that tell what an organisation of Zoho CRM is made of.

Floor 4.

Source, where nothing else is said: Zoho CRM API v8, the page of the endpoint's
name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from crmbridge._steps import Call, Reply, Request
from crmbridge.config import ZohoConfig
from crmbridge.errors import MalformedReplyError
from crmbridge.zoho._auth import authorised
from crmbridge.zoho._calls import API, PAGE_SIZE, module_path, since_header
from crmbridge.zoho._faults import ZOHO
from crmbridge.zoho._replies import listing_of
from crmbridge.zoho.credits import CALL
from crmbridge.zoho.metadata import ZohoField, ZohoModule, read_field, read_module
from crmbridge.zoho.organisation import (
    UserKind,
    ZohoOrganization,
    ZohoUser,
    read_organization,
    read_user,
)

__all__ = ["current_user", "fields", "modules", "organization", "users"]


def users(
    config: ZohoConfig,
    *,
    kind: UserKind = "ActiveUsers",
    modified_since: datetime | None = None,
) -> Call[tuple[ZohoUser, ...]]:
    """Read the organisation's users; see `ZohoClient.users`."""
    headers = since_header(modified_since)
    found: list[ZohoUser] = []
    page = 1
    while True:
        query = {"type": kind, "page": str(page), "per_page": str(PAGE_SIZE)}
        reply = yield from _read(config, f"{API}/users", "users", query, headers)
        listing = listing_of(reply, "users", "users")
        found.extend(map(read_user, listing.rows))
        if not listing.has_more:
            return tuple(found)
        page += 1


def current_user(config: ZohoConfig) -> Call[ZohoUser]:
    """Read the user whose token it is; see `ZohoClient.current_user`."""
    found = yield from users(config, kind="CurrentUser")
    if not found:
        raise _nothing("users", "the current user")
    return found[0]


def modules(config: ZohoConfig) -> Call[tuple[ZohoModule, ...]]:
    """Read the organisation's modules; see `ZohoClient.modules`."""
    reply = yield from _read(config, f"{API}/settings/modules", "modules", {})
    return tuple(map(read_module, listing_of(reply, "modules", "modules").rows))


def fields(
    config: ZohoConfig, module: str, *, kind: Literal["all", "unused"] | None = None
) -> Call[tuple[ZohoField, ...]]:
    """Read a module's fields; see `ZohoClient.fields`."""
    module_path(module)
    query = {"module": module}
    if kind is not None:
        query["type"] = kind
    name = f"{module} fields"
    reply = yield from _read(config, f"{API}/settings/fields", name, query)
    return tuple(map(read_field, listing_of(reply, "fields", name).rows))


def organization(config: ZohoConfig) -> Call[ZohoOrganization]:
    """Read what the organisation is; see `ZohoClient.organization`."""
    reply = yield from _read(config, f"{API}/org", "org", {})
    rows = listing_of(reply, "org", "org").rows
    if not rows:
        raise _nothing("org", "the organisation")
    return read_organization(rows[0])


def _nothing(name: str, what: str) -> MalformedReplyError:
    return MalformedReplyError(f"{name}: the answer lacks {what}", service=ZOHO)


def _read(
    config: ZohoConfig,
    path: str,
    name: str,
    query: Mapping[str, str],
    headers: Mapping[str, str] | None = None,
) -> Call[Reply]:
    request = Request(
        ZOHO, "GET", path, name=name, query=query, headers=headers or {}, credits=CALL
    )
    return (yield from authorised(request, config, is_repeatable=True))
