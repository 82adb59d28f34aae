"""The reading calls of Zoho CRM, one generator per endpoint.

Floor 4.

Source, where nothing else is said: Zoho CRM API v8, the page of the endpoint's
name; where only the v7 page could be read, its text, which v8 repeats as far as
it was seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from crmbridge._steps import Call, Reply, Request, gather
from crmbridge.config import ZohoConfig
from crmbridge.errors import InvalidInputError, RefusedError
from crmbridge.zoho._auth import authorised
from crmbridge.zoho._faults import ZOHO
from crmbridge.zoho._replies import deleted_records, listing_of
from crmbridge.zoho.records import ZohoRecord, read_records
from crmbridge.zoho.results import DeletedPage, RecordsPage

__all__ = [
    "API",
    "MAX_IDS",
    "PAGE_SIZE",
    "by_ids",
    "cut",
    "deleted_page",
    "module_path",
    "records_page",
    "send_any",
    "since_header",
]

API: Final = "/crm/v8"
PAGE_SIZE: Final = 200
MAX_FIELDS: Final = 50
MAX_IDS: Final = 100


def records_page(
    config: ZohoConfig,
    module: str,
    *,
    fields: Sequence[str],
    page_token: str | None = None,
    modified_since: datetime | None = None,
    converted: str | None = None,
    per_page: int = PAGE_SIZE,
) -> Call[RecordsPage]:
    """Read one page of a module's records; see `ZohoClient.records_page`."""
    path = module_path(module)
    query = {"fields": _field_list(fields), "per_page": str(_page_size(per_page))}
    if page_token is not None:
        query["page_token"] = page_token
    if converted is not None:
        query["converted"] = converted
    reply = yield from _read(
        config, path, f"{module} list", query, since_header(modified_since)
    )
    listing = listing_of(reply, "data", f"{module} list")
    return RecordsPage(
        read_records(module, listing.rows),
        listing.next_page_token if listing.has_more else None,
        reply.date,
    )


def by_ids(
    config: ZohoConfig,
    module: str,
    ids: Sequence[str],
    *,
    fields: Sequence[str],
    converted: str | None = None,
) -> Call[tuple[ZohoRecord | None, ...]]:
    """Read records by id, by position; see `ZohoClient.by_ids`."""
    query = {"fields": _field_list(fields), "per_page": str(MAX_IDS)}
    if converted is not None:
        query["converted"] = converted
    wanted = tuple(dict.fromkeys(ids))
    batches = [_some_by_ids(config, module, part, query) for part in cut(wanted)]
    parts = yield from gather(batches, config.limits.max_in_flight)
    found = {record.id: record for part in parts for record in part}
    return tuple(found.get(record_id) for record_id in ids)


def _some_by_ids(
    config: ZohoConfig, module: str, ids: tuple[str, ...], query: Mapping[str, str]
) -> Call[tuple[ZohoRecord, ...]]:
    what = f"{module} by ids"
    reply = yield from _read(
        config, module_path(module), what, {**query, "ids": ",".join(ids)}
    )
    try:
        rows = listing_of(reply, "data", what).rows
    except RefusedError as error:
        # Unverified: whether Zoho answers 400 or nothing for an id that it does
        # not know. The halves are asked, so that one such id hides no other.
        if error.code != "INVALID_DATA":
            raise
        if len(ids) == 1:
            return ()
        middle = len(ids) // 2
        first = yield from _some_by_ids(config, module, ids[:middle], query)
        rest = yield from _some_by_ids(config, module, ids[middle:], query)
        return first + rest
    return read_records(module, rows)


def deleted_page(
    config: ZohoConfig,
    module: str,
    *,
    modified_since: datetime | None = None,
    page: int = 1,
    per_page: int = PAGE_SIZE,
) -> Call[DeletedPage]:
    """Read one page of deleted records; see `ZohoClient.deleted_page`."""
    query = {"type": "all", "page": str(page), "per_page": str(_page_size(per_page))}
    what = f"{module} deleted"
    reply = yield from _read(
        config,
        f"{module_path(module)}/deleted",
        what,
        query,
        since_header(modified_since),
    )
    listing = listing_of(reply, "data", what)
    return DeletedPage(
        tuple(deleted_records(listing.rows)),
        page + 1 if listing.has_more else None,
        reply.date,
    )


def send_any(config: ZohoConfig, request: Request) -> Call[Reply]:
    """Send any request with the token; see `ZohoClient.send`."""
    is_repeatable = request.method in {"GET", "HEAD"}
    return (yield from authorised(request, config, is_repeatable=is_repeatable))


def module_path(module: str) -> str:
    """Give a module's path.

    Raises:
        InvalidInputError: it is no API name.
    """
    if not (module.isascii() and module.replace("_", "").isalnum()):
        raise InvalidInputError(
            "module must be an API name such as Leads", service=ZOHO, field="module"
        )
    return f"{API}/{module}"


def cut(items: Sequence[Any], size: int = MAX_IDS) -> Iterable[tuple[Any, ...]]:
    """Cut a sequence into parts of at most ``size``, in order."""
    for start in range(0, len(items), size):
        yield tuple(items[start : start + size])


def _read(
    config: ZohoConfig,
    path: str,
    name: str,
    query: Mapping[str, str],
    headers: Mapping[str, str] | None = None,
) -> Call[Reply]:
    request = Request(ZOHO, "GET", path, name=name, query=query, headers=headers or {})
    return (yield from authorised(request, config, is_repeatable=True))


def _field_list(names: Sequence[str]) -> str:
    if not 1 <= len(names) <= MAX_FIELDS:
        raise InvalidInputError(
            f"name 1 to {MAX_FIELDS} fields; Zoho gives no more at one time",
            service=ZOHO,
            field="fields",
        )
    return ",".join(names)


def _page_size(per_page: int) -> int:
    if not 1 <= per_page <= PAGE_SIZE:
        raise InvalidInputError(
            f"per_page must be 1 to {PAGE_SIZE}", service=ZOHO, field="per_page"
        )
    return per_page


def since_header(at: datetime | None) -> dict[str, str]:
    """Give the header that asks for what changed since a time.

    Raises:
        InvalidInputError: the time has no time zone.
    """
    if at is None:
        return {}
    if at.tzinfo is None:
        raise InvalidInputError(
            "modified_since must be aware, with a time zone",
            service=ZOHO,
            field="modified_since",
        )
    return {"If-Modified-Since": at.isoformat(timespec="seconds")}
