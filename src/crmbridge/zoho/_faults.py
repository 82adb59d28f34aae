"""The faults that Zoho names, and the typed errors they become.

Floor 3.
A fault comes at the top of the body or inside ``data``, and the vendor's samples
do not agree about which; both are looked at in every answer.

Source: Zoho CRM API v8, "Status codes" and the pages of the endpoints.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, TypeAlias, cast

from attrs import field, frozen

from crmbridge._steps import Reply
from crmbridge.errors import (
    AlreadyConvertedError,
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

__all__ = [
    "BY_STATUS",
    "EMPTY",
    "FIRST_ERROR",
    "ZOHO",
    "Fault",
    "Json",
    "details_of",
    "error_of",
    "fault_in",
    "fault_of",
    "raise_fault",
    "read_fault",
    "safe_word",
]

ZOHO: Final = "zoho"
Json: TypeAlias = dict[str, Any]

EMPTY: Final = frozenset({204, 304})
FIRST_ERROR: Final = 400
_WORD: Final = re.compile(r"[A-Za-z0-9_.$\[\] -]{1,100}")
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


def safe_word(text: object) -> str:
    """Give a code or field name for messages, and nothing that may be more."""
    return text if isinstance(text, str) and _WORD.fullmatch(text) else ""


def fault_of(reply: Reply) -> Fault | None:
    """Give the fault that an answer as a whole names, if it names one."""
    if reply.status in EMPTY:
        return None
    try:
        body = reply.json("zoho")
    except MalformedReplyError:
        return None
    return fault_in(cast("Json", body), reply) if isinstance(body, dict) else None


def raise_fault(reply: Reply, body: Json, what: str) -> None:
    """Raise the error that an answer as a whole is, if it is one.

    Raises:
        CrmbridgeError: the typed error of the code.
    """
    fault = fault_in(body, reply)
    if fault is not None:
        raise error_of(fault, what)
    if reply.status >= FIRST_ERROR:
        raise error_of(Fault("", reply.status), what)


def fault_in(body: Json, reply: Reply) -> Fault | None:
    """Give the fault that a body names at its top or in its first element."""
    if _is_error(body):
        return read_fault(body, reply.status)
    for rows in body.values():
        if isinstance(rows, list) and rows:
            first = cast("list[object]", rows)[0]
            if isinstance(first, dict) and _is_error(cast("Json", first)):
                return read_fault(cast("Json", first), reply.status)
    return None


def _is_error(element: Mapping[str, Any]) -> bool:
    return element.get("status") == "error" and isinstance(element.get("code"), str)


def read_fault(element: Mapping[str, Any], status: int) -> Fault:
    """Read one object that says what is wrong."""
    details = details_of(element)
    return Fault(
        code=safe_word(element.get("code")),
        status=status,
        message=str(element.get("message", "")),
        field=safe_word(details.get("api_name") or details.get("param_name")) or None,
        existing_id=_existing_id(details),
    )


def details_of(element: Mapping[str, Any]) -> Json:
    """Give the details, of several errors those of the first."""
    details = element.get("details")
    if not isinstance(details, dict):
        return {}
    errors = cast("Json", details).get("errors")
    if element.get("code") == "MULTIPLE_OR_MULTI_ERRORS" and isinstance(errors, list):
        for inner in cast("list[object]", errors):
            if isinstance(inner, dict):
                return details_of(cast("Json", inner))
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
    "ID_ALREADY_CONVERTED": AlreadyConvertedError,
    "ALREADY_MODIFIED": StaleError,
}
BY_STATUS: Final[Mapping[int, type[CrmbridgeError]]] = {
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
    AlreadyConvertedError: "the lead is a contact by now; look which one",
    StaleError: "the record was changed meanwhile; read it again and merge",
    RefusedError: "Zoho refused it; fix the input",
}


def error_of(fault: Fault, what: str) -> CrmbridgeError:
    """Make the typed error of a fault."""
    kind = _BY_CODE.get(fault.code) or BY_STATUS.get(fault.status)
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
