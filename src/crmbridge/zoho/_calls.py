"""The reading calls of Zoho CRM, one generator per endpoint.

Floor 4.

Source, where nothing else is said: Zoho CRM API v8, the page of the endpoint's
name; where only the v7 page could be read, its text, which v8 repeats as far as
it was seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from attrs import evolve

from crmbridge._steps import Call, Reply, Request, gather
from crmbridge.config import ZohoConfig
from crmbridge.errors import InvalidInputError, RefusedError
from crmbridge.zoho._auth import authorised
from crmbridge.zoho._faults import ZOHO, Json
from crmbridge.zoho._field_groups import field_groups, field_list, joined
from crmbridge.zoho._replies import Listing, count_of, listing_of
from crmbridge.zoho.credits import CALL, CUSTOM_VIEW
from crmbridge.zoho.records import ZohoRecord, read_records
from crmbridge.zoho.results import RecordsPage

__all__ = [
    "API",
    "MAX_IDS",
    "PAGE_SIZE",
    "by_ids",
    "count",
    "cut",
    "given",
    "list_page",
    "module_path",
    "page_size",
    "read",
    "records_page",
    "rows_by_ids",
    "send_any",
    "since_header",
]

API: Final = "/crm/v8"
PAGE_SIZE: Final = 200
MAX_IDS: Final = 100
_ID_FAULTS: Final = frozenset({None, "id", "ids"})


def records_page(
    config: ZohoConfig,
    module: str,
    *,
    fields: Sequence[str],
    page_token: str | None = None,
    modified_since: datetime | None = None,
    converted: str | None = None,
    cvid: str | None = None,
    per_page: int = PAGE_SIZE,
) -> Call[RecordsPage]:
    """Read one page of a module's records; see `ZohoClient.records_page`."""
    query = {
        "fields": field_list(fields),
        "per_page": str(page_size(per_page)),
        **given(page_token=page_token, converted=converted, cvid=cvid),
    }
    listing, at = yield from list_page(config, module, query, modified_since)
    return RecordsPage(
        read_records(module, listing.rows),
        listing.next_page_token if listing.has_more else None,
        at,
    )


def list_page(
    config: ZohoConfig,
    module: str,
    query: Mapping[str, str],
    modified_since: datetime | None = None,
) -> Call[tuple[Listing, datetime | None]]:
    """Read one page of rows, and the service's clock; costs one request."""
    what = f"{module} list"
    reply = yield from read(
        config,
        module_path(module),
        what,
        query,
        headers=since_header(modified_since),
        cost=CUSTOM_VIEW if "cvid" in query else CALL,
        is_complex="cvid" in query,
    )
    return listing_of(reply, "data", what), reply.date


def by_ids(
    config: ZohoConfig,
    module: str,
    ids: Sequence[str],
    *,
    fields: Sequence[str],
    converted: str | None = None,
) -> Call[tuple[ZohoRecord | None, ...]]:
    """Read records by id, by position; see `ZohoClient.by_ids`."""
    groups = field_groups(fields)
    found = yield from rows_by_ids(config, module, ids, groups, converted)
    rows = {
        record_id: joined([part[record_id] for part in found])
        for record_id in found[0]
        if all(record_id in part for part in found)
    }
    records = {record.id: record for record in read_records(module, rows.values())}
    return tuple([records.get(record_id) for record_id in ids])


def rows_by_ids(
    config: ZohoConfig,
    module: str,
    ids: Iterable[str],
    groups: Sequence[Sequence[str]],
    converted: str | None = None,
) -> Call[tuple[dict[str, Json], ...]]:
    """Read rows by id, for each group of fields; ids that are not seen lack.

    Costs one request for each group and 100 ids, several at a time.
    """
    parts = tuple(cut(tuple(dict.fromkeys(ids))))
    calls = [
        _some_by_ids(
            config,
            module,
            part,
            {
                "fields": ",".join(names),
                "per_page": str(MAX_IDS),
                **given(converted=converted),
            },
        )
        for names in groups
        for part in parts
    ]
    answers = iter((yield from gather(calls, config.limits.max_in_flight)))
    return tuple(
        {str(row.get("id")): row for _ in parts for row in next(answers)}
        for _ in groups
    )


def _some_by_ids(
    config: ZohoConfig, module: str, ids: tuple[str, ...], query: Mapping[str, str]
) -> Call[tuple[Json, ...]]:
    what = f"{module} by ids"
    reply = yield from read(
        config, module_path(module), what, {**query, "ids": ",".join(ids)}
    )
    try:
        return listing_of(reply, "data", what).rows
    except RefusedError as error:
        # Unverified: whether Zoho answers 400 or nothing for an id that it does
        # not know. The halves are asked, so that one such id hides no other.
        if error.code != "INVALID_DATA" or error.field not in _ID_FAULTS:
            raise
        if len(ids) == 1:
            return ()
        middle = len(ids) // 2
        first = yield from _some_by_ids(config, module, ids[:middle], query)
        rest = yield from _some_by_ids(config, module, ids[middle:], query)
        return first + rest


def count(
    config: ZohoConfig,
    module: str,
    *,
    converted: str | None = None,
    cvid: str | None = None,
) -> Call[int]:
    """Count a module's records; see `ZohoClient.count`."""
    what = f"{module} count"
    reply = yield from read(
        config,
        f"{module_path(module)}/actions/count",
        what,
        given(converted=converted, cvid=cvid),
    )
    return count_of(reply, what)


def send_any(config: ZohoConfig, request: Request) -> Call[Reply]:
    """Send any request with the token; see `ZohoClient.send`."""
    is_repeatable = request.method in {"GET", "HEAD"}
    counted = evolve(request, credits=max(CALL, request.credits))
    return (yield from authorised(counted, config, is_repeatable=is_repeatable))


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


def read(
    config: ZohoConfig,
    path: str,
    name: str,
    query: Mapping[str, str],
    *,
    headers: Mapping[str, str] | None = None,
    cost: int = CALL,
    is_complex: bool = False,
) -> Call[Reply]:
    """Send a request that only reads; give the reply."""
    request = Request(
        ZOHO,
        "GET",
        path,
        name=name,
        query=query,
        headers=headers or {},
        credits=cost,
        is_complex=is_complex,
    )
    return (yield from authorised(request, config, is_repeatable=True))


def given(**query: str | None) -> dict[str, str]:
    """Give the parameters that have a value."""
    return {name: value for name, value in query.items() if value is not None}


def page_size(per_page: int) -> int:
    """Give a number of rows that Zoho takes.

    Raises:
        InvalidInputError: it is outside its bounds.
    """
    if not 1 <= per_page <= PAGE_SIZE:
        raise InvalidInputError(
            f"per_page must be 1 to {PAGE_SIZE}", service=ZOHO, field="per_page"
        )
    return per_page


def since_header(at: datetime | None) -> dict[str, str]:
    """Write ``If-Modified-Since``, in whole seconds of UTC.

    Raises:
        InvalidInputError: the time has no zone.
    """
    if at is None:
        return {}
    if at.tzinfo is None:
        raise InvalidInputError(
            "modified_since must be aware, with a time zone",
            service=ZOHO,
            field="modified_since",
        )
    return {"If-Modified-Since": at.astimezone(UTC).isoformat(timespec="seconds")}
