"""What Zoho's answers say: records, results by position, and typed errors.

Floor 3.
An error comes at the top of the body or inside ``data``, and the vendor's
samples do not agree about which; both are read for every answer.
An empty result has no body: HTTP 204, or 304 for If-Modified-Since.

Source: Zoho CRM API v8, "Status codes" and the pages of the endpoints.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias, cast

from attrs import field, frozen

from crmbridge._steps import Reply
from crmbridge.errors import (
    AuthenticationError,
    CrmbridgeError,
    DuplicateError,
    MalformedReplyError,
    NotFoundError,
    PermissionDeniedError,
    RefusedError,
    ServiceError,
    StaleError,
    ThrottledError,
)
from crmbridge.zoho.results import (
    ConvertResult,
    DeletedRecord,
    WriteResult,
    WriteStatus,
)

__all__ = [
    "ZOHO",
    "Fault",
    "Listing",
    "body_of",
    "converted",
    "deleted_records",
    "error_of",
    "fault_of",
    "listing_of",
    "raise_fault",
    "safe_word",
    "time_of",
    "write_results",
]

ZOHO: Final = "zoho"
Json: TypeAlias = dict[str, Any]

_WORD: Final = re.compile(r"[A-Za-z0-9_.$\[\] -]{1,100}")
_EMPTY: Final = frozenset({204, 304})
_FIRST_ERROR: Final = 400
_UNAUTHORISED: Final = 401
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_TOO_MANY: Final = 429
_SERVER_FAULT: Final = 500


@frozen
class Fault:
    """What Zoho says is wrong.

    Attributes:
        code: its code, or ``""``.
        status: the HTTP status.
        message: its own words; they may quote what was sent.
        field: its name of the field at fault.
        existing_id: the record in the way of a duplicate.
    """

    code: str
    status: int
    message: str = field(default="", repr=False)
    field: str | None = None
    existing_id: str | None = None


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


def safe_word(text: object) -> str:
    """Give a code or field name for messages, and nothing that may be more."""
    return text if isinstance(text, str) and _WORD.fullmatch(text) else ""


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
    if reply.status in _EMPTY:
        return None
    try:
        body = reply.json()
    except MalformedReplyError as error:
        if reply.status >= _FIRST_ERROR:
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
    if not all(isinstance(row, dict) for row in whole):
        raise _malformed(what, f"has something but objects in {key!r}", status)
    return tuple(cast("list[Json]", whole))


def _malformed(what: str, problem: str, status: int) -> MalformedReplyError:
    return MalformedReplyError(
        f"{what}: the answer {problem}", service=ZOHO, status=status
    )


# --- errors ------------------------------------------------------------------


def fault_of(reply: Reply) -> Fault | None:
    """Give the fault that an answer as a whole names, if it names one."""
    if reply.status in _EMPTY:
        return None
    try:
        body = reply.json()
    except MalformedReplyError:
        return None
    return _fault_in(cast("Json", body), reply) if isinstance(body, dict) else None


def raise_fault(reply: Reply, body: Json, what: str) -> None:
    """Raise the error that an answer as a whole is, if it is one.

    Raises:
        CrmbridgeError: the typed error of the code.
    """
    fault = _fault_in(body, reply)
    if fault is not None:
        raise error_of(fault, what)
    if reply.status >= _FIRST_ERROR:
        raise error_of(Fault("", reply.status), what)


def _fault_in(body: Json, reply: Reply) -> Fault | None:
    if _is_error(body):
        return _fault(body, reply.status)
    for rows in body.values():
        if isinstance(rows, list) and rows:
            first = cast("list[object]", rows)[0]
            if isinstance(first, dict) and _is_error(cast("Json", first)):
                return _fault(cast("Json", first), reply.status)
    return None


def _is_error(element: Mapping[str, Any]) -> bool:
    return element.get("status") == "error" and isinstance(element.get("code"), str)


def _fault(element: Mapping[str, Any], status: int) -> Fault:
    details = _details(element)
    return Fault(
        code=safe_word(element.get("code")),
        status=status,
        message=str(element.get("message", "")),
        field=safe_word(details.get("api_name") or details.get("param_name")) or None,
        existing_id=_existing_id(details),
    )


def _details(element: Mapping[str, Any]) -> Json:
    """Give the details, of several errors those of the first."""
    details = element.get("details")
    if not isinstance(details, dict):
        return {}
    errors = cast("Json", details).get("errors")
    if element.get("code") == "MULTIPLE_OR_MULTI_ERRORS" and isinstance(errors, list):
        for inner in cast("list[object]", errors):
            if isinstance(inner, dict):
                return _details(cast("Json", inner))
    return cast("Json", details)


def _existing_id(details: Json) -> str | None:
    """Give the record in the way; old versions know only ``details.id``."""
    duplicate = details.get("duplicate_record")
    inner = cast("Json", duplicate) if isinstance(duplicate, dict) else {}
    found = details.get("id") or inner.get("id")
    return found if isinstance(found, str) else None


_BY_CODE: Final[Mapping[str, type[CrmbridgeError]]] = {
    "INVALID_TOKEN": AuthenticationError,
    "AUTHENTICATION_FAILURE": AuthenticationError,
    "OAUTH_SCOPE_MISMATCH": PermissionDeniedError,
    "NO_PERMISSION": PermissionDeniedError,
    "AUTHORIZATION_FAILED": PermissionDeniedError,
    "INVALID_MODULE": NotFoundError,
    "INVALID_URL_PATTERN": NotFoundError,
    "RESOURCE_NOT_FOUND": NotFoundError,
    "TOO_MANY_REQUESTS": ThrottledError,
    "INTERNAL_ERROR": ServiceError,
    "DUPLICATE_DATA": DuplicateError,
    "ALREADY_MODIFIED": StaleError,
}
_BY_STATUS: Final[Mapping[int, type[CrmbridgeError]]] = {
    _UNAUTHORISED: AuthenticationError,
    _FORBIDDEN: PermissionDeniedError,
    _NOT_FOUND: NotFoundError,
    _TOO_MANY: ThrottledError,
}
_WHAT_TO_DO: Final[Mapping[type[CrmbridgeError], str]] = {
    AuthenticationError: (
        "Zoho does not accept the token; check the refresh token and the data centre"
    ),
    PermissionDeniedError: (
        "a right or an OAuth scope is missing; see the scopes in the documentation, "
        "and make a new refresh token with them"
    ),
    NotFoundError: "there is no such module, record or path, or it is not visible",
    ThrottledError: "Zoho asks to slow down, or the day's credits are used up; wait",
    ServiceError: "Zoho failed; repeat later",
    DuplicateError: "a record with the same unique value exists; link to it",
    StaleError: "the record was changed meanwhile; read it again and merge",
    RefusedError: "Zoho refused it; fix the input",
}


def error_of(fault: Fault, what: str) -> CrmbridgeError:
    """Make the typed error of a fault."""
    kind = _BY_CODE.get(fault.code) or _BY_STATUS.get(fault.status)
    if kind is None:
        kind = ServiceError if fault.status >= _SERVER_FAULT else RefusedError
    place = f", field {fault.field}" if fault.field else ""
    message = (
        f"{what}: {_WHAT_TO_DO[kind]} (HTTP {fault.status}, "
        f"{fault.code or 'no code'}{place})"
    )
    if not issubclass(kind, RefusedError):
        return kind(message, service=ZOHO, status=fault.status, code=fault.code)
    error = kind(
        message,
        service=ZOHO,
        status=fault.status,
        code=fault.code,
        field=fault.field,
        messages=(fault.message,) if fault.message else (),
    )
    if isinstance(error, DuplicateError):
        error.existing_id = fault.existing_id
    return error


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
    if not isinstance(body.get("data"), list) or reply.status in _BY_STATUS:
        raise_fault(reply, body, what)
    rows = _objects(body, "data", what, reply.status)
    if len(rows) != count:
        fault = _fault_in(body, reply)
        if fault is not None and reply.status >= _FIRST_ERROR and len(rows) == 1:
            raise error_of(fault, what)
        raise _malformed(what, f"holds {len(rows)} results of {count}", reply.status)
    return tuple(_write_result(row, reply.status) for row in rows)


def _write_result(row: Mapping[str, Any], status: int) -> WriteResult:
    details = _details(row)
    if row.get("status") != "success":
        fault = _fault(row, status)
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
    details = _details(rows[0]) if rows else {}
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
