"""The faults that Zoho names, and the typed errors they become.

Floor 3.
A fault comes at the top of the body or inside ``data``, and the vendor's samples
do not agree about which; both are looked at in every answer.

Source: Zoho CRM API v8, "Status codes" and the pages of the endpoints.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
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
    Problem,
    RefusedError,
    ServiceError,
    StaleError,
    ThrottledError,
)
from crmbridge.zoho.codes import ZOHO_CODES

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
_SERVER_FAULT: Final = 500
_SEVERAL: Final = "MULTIPLE_OR_MULTI_ERRORS"
_DUPLICATE: Final = "DUPLICATE_DATA"


@frozen
class Fault:
    """What Zoho says is wrong.

    Attributes:
        code: its code, or ``""``.
        status: the HTTP status.
        message: its own words; they may quote what was sent.
        problems: everything that is wrong, one by one.
    """

    code: str
    status: int
    message: str = field(default="", repr=False)
    problems: tuple[Problem, ...] = ()

    @property
    def field(self) -> str | None:
        """Zoho's name of the first field at fault."""
        return self.problems[0].field if self.problems else None

    @property
    def existing_id(self) -> str | None:
        """The one record in the way, where nothing else is wrong."""
        if any(problem.code != _DUPLICATE for problem in self.problems):
            return None
        found = {problem.existing_id for problem in self.problems}
        return found.pop() if len(found) == 1 else None


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
    return Fault(
        code=safe_word(element.get("code")),
        status=status,
        message=str(element.get("message", "")),
        problems=tuple(_problems(element)),
    )


def details_of(element: Mapping[str, Any]) -> Json:
    """Give the details of a result or a fault."""
    details = element.get("details")
    return cast("Json", details) if isinstance(details, dict) else {}


def _problems(element: Mapping[str, Any]) -> Iterator[Problem]:
    """Give what is wrong, one by one; Zoho may put several errors into one."""
    details = details_of(element)
    inner = details.get("errors") if element.get("code") == _SEVERAL else None
    if not isinstance(inner, list):
        yield _problem(safe_word(element.get("code")), details)
        return
    for error in cast("list[object]", inner):
        if isinstance(error, dict):
            yield from _problems(cast("Json", error))


def _problem(code: str, details: Json) -> Problem:
    length = details.get("maximum_length", details.get("limit"))
    values = details.get("supported_values")
    return Problem(
        code,
        field=safe_word(details.get("api_name") or details.get("param_name")) or None,
        path=safe_word(details.get("json_path")) or None,
        maximum_length=length if isinstance(length, int) else None,
        expected_type=safe_word(details.get("expected_data_type")) or None,
        allowed=tuple(map(str, cast("list[object]", values)))
        if isinstance(values, list)
        else (),
        existing_id=_existing_id(details) if code == _DUPLICATE else None,
    )


def _existing_id(details: Json) -> str | None:
    """Give the record in the way; old versions know only ``details.id``."""
    duplicate = details.get("duplicate_record")
    inner = cast("Json", duplicate) if isinstance(duplicate, dict) else {}
    found = details.get("id") or inner.get("id")
    return found if isinstance(found, str) else None


BY_STATUS: Final[Mapping[int, type[CrmbridgeError]]] = {
    HTTPStatus.UNAUTHORIZED: AuthenticationError,
    HTTPStatus.FORBIDDEN: PermissionDeniedError,
    HTTPStatus.NOT_FOUND: NotFoundError,
    HTTPStatus.PRECONDITION_FAILED: StaleError,
    HTTPStatus.TOO_MANY_REQUESTS: ThrottledError,
}
"""What an answer is whose code says nothing."""

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
    StaleError: "the record was changed meanwhile; read it again and merge",
    RefusedError: "Zoho refused it; fix the input",
}


def error_of(fault: Fault, what: str) -> CrmbridgeError:
    """Make the typed error of a fault."""
    kind = _kind_of(fault)
    known = ZOHO_CODES.get(fault.code)
    remedy = known.remedy if known else _WHAT_TO_DO[kind]
    place = f", field {fault.field}" if fault.field else ""
    message = (
        f"{what}: {remedy} (HTTP {fault.status}, {fault.code or 'no code'}{place})"
    )
    if not issubclass(kind, RefusedError):
        return kind(message, service=ZOHO, status=fault.status, code=fault.code)
    error = kind(
        message,
        service=ZOHO,
        status=fault.status,
        code=fault.code,
        field=fault.field,
        problems=fault.problems,
        messages=(fault.message,) if fault.message else (),
    )
    if isinstance(error, DuplicateError):
        error.existing_id = fault.existing_id
    return error


def _kind_of(fault: Fault) -> type[CrmbridgeError]:
    if fault.code == _SEVERAL:
        kinds = {_kind_of(Fault(one.code, fault.status)) for one in fault.problems}
        return kinds.pop() if len(kinds) == 1 else RefusedError
    known = ZOHO_CODES.get(fault.code)
    kind = known.error if known else BY_STATUS.get(fault.status)
    if kind is not None:
        return kind
    return ServiceError if fault.status >= _SERVER_FAULT else RefusedError
