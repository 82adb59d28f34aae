"""What Zoho's answers say: listings and results by position.

Floor 3.
An empty result has no body: HTTP 204, or 304 for If-Modified-Since.

Source: Zoho CRM API v8, the pages of the endpoints.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final, cast

from attrs import field, frozen

from crmbridge._steps import Reply
from crmbridge.errors import (
    MalformedReplyError,
    NotFoundError,
    ServiceError,
    StaleError,
)
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
from crmbridge.zoho.codes import ZOHO_CODES
from crmbridge.zoho.results import (
    DeletedRecord,
    WriteResult,
    WriteStatus,
)

__all__ = [
    "Listing",
    "body_of",
    "count_of",
    "deleted_records",
    "listing_of",
    "time_of",
    "write_results",
]


_STATUSES: Final = frozenset({"success", "error"})
_OWN_ID: Final = re.compile(r"\$\.data\[\d+\]\.id")
# Whoever may do nothing, or too much, may write none of the records.
_OF_REQUEST: Final = BY_STATUS.keys() - {HTTPStatus.PRECONDITION_FAILED}


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


def count_of(reply: Reply, what: str) -> int:
    """Read how many records were counted.

    Raises:
        MalformedReplyError: the answer holds no number.
        CrmbridgeError: the answer is an error.
    """
    body = body_of(reply, what)
    if body is None:
        return 0
    raise_fault(reply, body, what)
    number = body.get("count")
    if not isinstance(number, int) or isinstance(number, bool):
        raise _malformed(what, "holds no count", reply.status)
    return number


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


def write_results(
    reply: Reply,
    count: int,
    what: str,
    *,
    ids: Sequence[str] | None = None,
    key: str = "data",
) -> tuple[WriteResult, ...]:
    """Read the results of a batch, by position.

    The HTTP status says little (200, 201, 202, 207 or 400 with results in
    ``data``), so each element is read.

    Args:
        reply: the answer.
        count: how many records were sent.
        what: the call, for messages.
        ids: of the records sent, where they have ids already.
        key: what the list of results is called.

    Raises:
        MalformedReplyError: there are not as many results as records, or they
            are those of others, so nothing is known of any of them.
        CrmbridgeError: the batch was refused as a whole.
    """
    body = body_of(reply, what)
    if body is None:
        raise _malformed(what, "is empty", reply.status)
    rows = _result_rows(body, reply, count, what, key)
    if any(str(row.get("status")) not in _STATUSES for row in rows):
        raise _malformed(what, "holds results without a status", reply.status)
    results = tuple([_write_result(row, reply.status, what) for row in rows])
    if ids is not None and any(
        result.id not in {None, record_id}
        for result, record_id in zip(results, ids, strict=True)
    ):
        raise _malformed(what, "holds results of other records", reply.status)
    return results


def _result_rows(
    body: Json, reply: Reply, count: int, what: str, key: str
) -> tuple[Mapping[str, Any], ...]:
    """Give as many rows as records were sent, or raise what the answer is."""
    if reply.status in _OF_REQUEST:
        raise_fault(reply, body, what)
    if not isinstance(body.get(key), list):
        if count == 1 and _is_of_record(body):
            return (body,)
        raise_fault(reply, body, what)
    rows = _objects(body, key, what, reply.status)
    if len(rows) == count:
        return rows
    fault = fault_in(body, reply)
    has_success = any(row.get("status") == "success" for row in rows)
    if fault is not None and reply.status >= FIRST_ERROR and not has_success:
        raise error_of(fault, what)
    raise _malformed(what, f"holds {len(rows)} results of {count}", reply.status)


def _is_of_record(body: Json) -> bool:
    """Tell whether a body that is not wrapped is the result of one record."""
    if body.get("status") == "success":
        return True
    known = ZOHO_CODES.get(str(body.get("code")))
    return body.get("status") == "error" and known is not None and known.is_of_record


def _write_result(row: Mapping[str, Any], status: int, what: str) -> WriteResult:
    if row.get("status") != "success":
        return _failed_result(row, status, what)
    details = details_of(row)
    record_id = details.get("id")
    action = row.get("action")
    return WriteResult(
        WriteStatus.SUCCESS,
        safe_word(row.get("code")),
        id=record_id if isinstance(record_id, str) else None,
        action=action if isinstance(action, str) else None,
        modified_time=time_of(details.get("Modified_Time")),
        duplicate_field=safe_word(row.get("duplicate_field")) or None,
    )


def _failed_result(row: Mapping[str, Any], status: int, what: str) -> WriteResult:
    fault = read_fault(row, status)
    error = _no_such_record(fault, what) or error_of(fault, what)
    if isinstance(error, StaleError):
        error.modified_time = time_of(details_of(row).get("Modified_Time"))
    # Zoho may have failed before or after it wrote the record.
    is_known = not isinstance(error, ServiceError)
    return WriteResult(
        WriteStatus.REFUSED if is_known else WriteStatus.UNKNOWN,
        fault.code,
        field=fault.field,
        existing_id=fault.existing_id,
        error=error,
    )


def _no_such_record(fault: Fault, what: str) -> NotFoundError | None:
    """Give the error where the record's own id is wrong, not one it names."""
    if fault.code != "INVALID_DATA" or fault.field != "id":
        return None
    path = fault.problems[0].path
    if path is not None and not _OWN_ID.fullmatch(path):
        return None
    return NotFoundError(
        f"{what}: there is no such record, or it is not visible "
        f"(HTTP {fault.status}, {fault.code})",
        service=ZOHO,
        status=fault.status,
        code=fault.code,
    )


def deleted_records(rows: Sequence[Mapping[str, Any]]) -> Iterable[DeletedRecord]:
    """Read the rows of a list of deleted records."""
    for row in rows:
        yield DeletedRecord(
            str(row.get("id", "")),
            time_of(row.get("deleted_time")),
            is_permanent=row.get("type") == "permanent",
        )
