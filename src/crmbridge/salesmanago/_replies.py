"""From an answer of SALESmanago to its payload, or to an error of ours.

Floor 3.

The rule: it worked only if the status is 200, the body is a JSON object and
``success`` is true.
Of the texts in ``message`` only the two of authentication are known word for
word (vendor's PHP SDK, ``ExceptionCodeResolver.php``), so nothing else depends
on a text but the guess that a limit was reached.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NoReturn, TypeGuard

from attrs import field, frozen

from crmbridge._steps import Reply
from crmbridge.errors import (
    AuthenticationError,
    CrmbridgeError,
    MalformedReplyError,
    NotFoundError,
    PermissionDeniedError,
    RefusedError,
    ServiceError,
    ThrottledError,
)

__all__ = ["Answer", "answer_of", "array_in"]

_SERVICE: Final = "salesmanago"
_OK: Final = 200
_REDIRECTS: Final = range(300, 400)
_SERVER_FAULTS: Final = range(500, 600)
_NOT_AUTHENTICATED: Final = frozenset({"user not authenticated", "not authenticated"})
# A limit of length or number is a refusal: waiting would not help.
_LIMIT: Final = re.compile(r"\blimit", re.IGNORECASE)
_LIMIT_OF_SIZE: Final = re.compile(
    r"character|length|\blong|size|value|field|batch|records|contacts", re.IGNORECASE
)


@frozen
class Answer:
    """A successful answer.

    Attributes:
        payload: the whole object; it holds personal data.
        server_time: the service's clock when it answered, or ``None``.
    """

    payload: Mapping[str, Any] = field(repr=False)
    server_time: datetime | None = None


def answer_of(reply: Reply, what: str) -> Answer:
    """Read a reply to the endpoint called ``what``.

    Raises:
        AuthenticationError: the credentials are not accepted.
        PermissionDeniedError: HTTP 403.
        NotFoundError: HTTP 404: the server has no such path.
        ThrottledError: the refusal speaks of a limit of requests.
        RefusedError: ``success`` is false.
        ServiceError: HTTP 5xx.
        MalformedReplyError: the answer is a redirect, no JSON or not as
            described.
    """
    if reply.status != _OK:
        _raise_for_status(reply, what)
    body: object = reply.json("salesmanago")
    if not _is_object(body):
        _malformed(f"{what}: the answer is no JSON object", reply.status)
    success = body.get("success")
    if success is False:
        _raise_refusal(body, what)
    if success is not True:
        _malformed(f"{what}: the answer does not say whether it worked", reply.status)
    return Answer(body, reply.date)


def array_in(answer: Answer, name: str, what: str) -> list[Any]:
    """Give the array of a payload.

    Raises:
        MalformedReplyError: it is missing or no array.
    """
    value: object = answer.payload.get(name)
    if not _is_array(value):
        _malformed(f"{what}: the answer holds no array {name}", _OK)
    return value


def _is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _is_array(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _malformed(message: str, status: int) -> NoReturn:
    raise MalformedReplyError(message, service=_SERVICE, status=status)


_BY_STATUS: Final[Mapping[int, tuple[type[CrmbridgeError], str]]] = {
    401: (AuthenticationError, "SALESmanago does not accept the credentials"),
    403: (
        PermissionDeniedError,
        "SALESmanago denies it; check that the account may use the API",
    ),
    404: (
        NotFoundError,
        "no such path; check the endpoint in Integration Center > API > API v2",
    ),
}


def _raise_for_status(reply: Reply, what: str) -> NoReturn:
    status = reply.status
    kind, text = _BY_STATUS.get(status, (MalformedReplyError, "unexpected answer"))
    if status in _SERVER_FAULTS:
        kind, text = ServiceError, "SALESmanago failed; repeat later"
    elif status in _REDIRECTS:
        text = (
            "the server redirects, so the endpoint is wrong; redirects are refused "
            "because they would carry the credentials along"
        )
    message = f"{what}: {text} (HTTP {status})"
    raise kind(message, service=_SERVICE, status=status)


def _raise_refusal(body: Mapping[str, Any], what: str) -> NoReturn:
    messages = _messages(body.get("message")) or _messages(body.get("error"))
    if any(text.strip().lower() in _NOT_AUTHENTICATED for text in messages):
        raise AuthenticationError(
            f"{what}: SALESmanago does not accept client_id and api_secret, or the "
            "account is not active",
            service=_SERVICE,
            status=_OK,
        )
    values: object = body.get("values")
    field_name = next(iter(values), None) if _is_object(values) else None
    if field_name is None and any(map(_speaks_of_rate, messages)):
        raise ThrottledError(
            f"{what}: SALESmanago says that a limit is reached; wait, and send fewer "
            "requests",
            service=_SERVICE,
            status=_OK,
        )
    raise RefusedError(
        f"{what}: SALESmanago refused it; see the attribute messages for its words",
        service=_SERVICE,
        status=_OK,
        field=field_name,
        messages=messages,
    )


def _speaks_of_rate(text: str) -> bool:
    return bool(_LIMIT.search(text)) and not _LIMIT_OF_SIZE.search(text)


def _messages(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(str(text) for text in value) if _is_array(value) else ()
