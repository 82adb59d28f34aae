"""What Zoho's answers say: listings, results by position, conversions.

Floor 3.
An empty result has no body: HTTP 204, or 304 for If-Modified-Since.

Source: Zoho CRM API v8, the pages of the endpoints.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, cast

from attrs import field, frozen

from crmbridge._steps import Reply
from crmbridge.errors import MalformedReplyError
from crmbridge.zoho._faults import (
    BY_STATUS,
    EMPTY,
    FIRST_ERROR,
    ZOHO,
    Fault,
    Json,
    details_of,
    error_of,
    fault_in,
    raise_fault,
    read_fault,
    safe_word,
)
from crmbridge.zoho.conversions import ConvertResult
from crmbridge.zoho.results import (
    DeletedRecord,
    WriteResult,
    WriteStatus,
)

__all__ = [
    "Listing",
    "body_of",
    "converted",
    "deleted_records",
    "listing_of",
    "time_of",
    "write_results",
]


_STATUSES: Final = frozenset({"success", "error"})


@frozen
class Listing:
    """The rows of one answer, and whether more follow.

    Attributes:
        rows: the objects as they came.
        has_more: whether another page follows.
        next_page_token: opens the next page, where Zoho gives one.
    """

    rows: tuple[Json, ...] = field(default=(), repr=False)
    has_more: bool = False
    next_page_token: str | None = field(default=None, repr=False)


def time_of(text: object) -> datetime | None:
    """Read a date-time with its offset as UTC; ``None`` where there is none.

    Source: Zoho CRM API v7, "Insert records": in the token user's time zone.

    >>> time_of("2026-01-05T13:00:00+01:00").isoformat()
    '2026-01-05T12:00:00+00:00'
    """
    if not isinstance(text, str):
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else None


# --- bodies ------------------------------------------------------------------


def body_of(reply: Reply, what: str) -> Json | None:
    """Read the body of an answer; ``None`` for an empty result.

    Raises:
        MalformedReplyError: it is no JSON object.
        ServiceError: an error without a body of Zoho's.
        CrmbridgeError: another error of HTTP without a readable body.
    """
    if reply.status in EMPTY:
        return None
    try:
        body = reply.json("zoho")
    except MalformedReplyError as error:
        if reply.status >= FIRST_ERROR:
            raise error_of(Fault("", reply.status), what) from error
        raise MalformedReplyError(
            f"{what}: {error}", service=ZOHO, status=reply.status
        ) from error
    if not isinstance(body, dict):
        raise _malformed(what, "is no JSON object", reply.status)
    return cast("Json", body)


def listing_of(reply: Reply, key: str, what: str) -> Listing:
    """Read the list ``key`` of a reading call; empty for an empty result.

    Raises:
        MalformedReplyError: there is no such list of objects.
        CrmbridgeError: the answer is an error.
    """
    body = body_of(reply, what)
    if body is None:
        return Listing()
    raise_fault(reply, body, what)
    info = body.get("info")
    more = cast("Json", info) if isinstance(info, dict) else {}
    token = more.get("next_page_token")
    return Listing(
        _objects(body, key, what, reply.status),
        has_more=more.get("more_records") is True,
        next_page_token=token if isinstance(token, str) else None,
    )


def _objects(body: Json, key: str, what: str, status: int) -> tuple[Json, ...]:
    rows = body.get(key)
    if not isinstance(rows, list):
        raise _malformed(what, f"has no list {key!r}", status)
    whole = cast("list[object]", rows)
    if {*map(type, whole)} - {dict}:
        raise _malformed(what, f"has something but objects in {key!r}", status)
    return tuple(cast("list[Json]", whole))


def _malformed(what: str, problem: str, status: int) -> MalformedReplyError:
    return MalformedReplyError(
        f"{what}: the answer {problem}", service=ZOHO, status=status
    )


# --- results of writes -------------------------------------------------------


def write_results(reply: Reply, count: int, what: str) -> tuple[WriteResult, ...]:
    """Read the results of a batch, by position.

    The HTTP status says little (200, 201, 207 or 400 with results in
    ``data``), so each element is read.

    Raises:
        MalformedReplyError: there are not as many results as records, so
            nothing is known of any of them.
        CrmbridgeError: the batch was refused as a whole.
    """
    body = body_of(reply, what)
    if body is None:
        raise _malformed(what, "is empty", reply.status)
    if not isinstance(body.get("data"), list) or reply.status in BY_STATUS:
        raise_fault(reply, body, what)
    rows = _objects(body, "data", what, reply.status)
    if len(rows) != count:
        fault = fault_in(body, reply)
        if fault is not None and reply.status >= FIRST_ERROR and len(rows) == 1:
            raise error_of(fault, what)
        raise _malformed(what, f"holds {len(rows)} results of {count}", reply.status)
    if any(str(row.get("status")) not in _STATUSES for row in rows):
        raise _malformed(what, "holds results without a status", reply.status)
    return tuple([_write_result(row, reply.status) for row in rows])


def _write_result(row: Mapping[str, Any], status: int) -> WriteResult:
    details = details_of(row)
    if row.get("status") != "success":
        fault = read_fault(row, status)
        return WriteResult(
            WriteStatus.REFUSED,
            fault.code,
            field=fault.field,
            existing_id=fault.existing_id if fault.code == "DUPLICATE_DATA" else None,
        )
    record_id = details.get("id")
    action = row.get("action")
    return WriteResult(
        WriteStatus.SUCCESS,
        safe_word(row.get("code")),
        id=record_id if isinstance(record_id, str) else None,
        action=action if isinstance(action, str) else None,
        modified_time=time_of(details.get("Modified_Time")),
    )


def converted(reply: Reply, what: str) -> ConvertResult:
    """Read what a lead was turned into.

    Raises:
        MalformedReplyError: the answer names no contact and no job.
        CrmbridgeError: the conversion was refused.
    """
    rows = listing_of(reply, "data", what).rows
    details = details_of(rows[0]) if rows else {}
    result = ConvertResult(
        contact_id=_id_in(details.get("Contacts")),
        account_id=_id_in(details.get("Accounts")),
        deal_id=_id_in(details.get("Deals")),
        job_id=_id_in(details.get("job_id")),
    )
    if result.contact_id is None and result.job_id is None:
        raise _malformed(what, "names no contact", reply.status)
    return result


def _id_in(value: object) -> str | None:
    """Read ``{"id": ...}`` or an id; both forms are answered."""
    inner = cast("Json", value).get("id") if isinstance(value, dict) else value
    return inner if isinstance(inner, str) and inner else None


def deleted_records(rows: Sequence[Mapping[str, Any]]) -> Iterable[DeletedRecord]:
    """Read the rows of a list of deleted records."""
    for row in rows:
        yield DeletedRecord(
            str(row.get("id", "")),
            time_of(row.get("deleted_time")),
            is_permanent=row.get("type") == "permanent",
        )
