"""From an answer of SALESmanago to its payload, or to an error of ours.

Floor 3.

The rule: it worked only if the status is 200, the body is a JSON object and
``success`` is true.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NoReturn, TypeGuard

from attrs import field, frozen

from crmbridge._steps import Reply
from crmbridge.errors import (
    ConfigError,
    CrmbridgeError,
    MalformedReplyError,
    ServiceError,
    ThrottledError,
)
from crmbridge.salesmanago._refusals import Words, error_of

__all__ = ["Answer", "answer_of", "array_in", "throttling_in"]

_SERVICE: Final = "salesmanago"
_OK: Final = 200
_REQUEST_TIMEOUT: Final = 408
_UNAVAILABLE: Final = 503
_REDIRECTS: Final = range(300, 400)
_REFUSALS: Final = range(400, 500)
_SERVER_FAULTS: Final = range(500, 600)
_REFUSED: Final = re.compile(rb'"success"\s*:\s*false')
"""Finds refusals without the reading of long answers."""


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
        ConfigError: a redirect: the setting ``endpoint`` is wrong.
        AuthenticationError: the credentials are not accepted, or, as an
            `AccountInactiveError`, the account is not active.
        PermissionDeniedError: HTTP 403.
        NotFoundError: HTTP 404: the server has no such path.
        ThrottledError: the refusal speaks of a limit of requests.
        RefusedError: ``success`` is false, or HTTP 4xx.
        ServiceError: HTTP 408 or 5xx.
        MalformedReplyError: the answer is no JSON or not as described.
    """
    if reply.status != _OK:
        _raise_for_status(reply, what)
    body: object = reply.json(_SERVICE)
    if not _is_object(body):
        _malformed(f"{what}: the answer is no JSON object", reply.status)
    success = body.get("success")
    if success is False:
        raise error_of(Words.of(body), reply.status, what)
    if success is not True:
        _malformed(f"{what}: the answer does not say whether it worked", reply.status)
    return Answer(body, reply.date)


def throttling_in(reply: Reply, what: str) -> ThrottledError | None:
    """Give the error if a reply asks to slow down in another way than by HTTP 429.

    That is HTTP 503, and a refusal whose words speak of a limit of requests.
    Unverified: that either occurs; waiting a little for nothing does no harm.
    """
    if reply.status == _UNAVAILABLE:
        return ThrottledError(
            f"{what}: SALESmanago does not serve at present (HTTP 503); repeat later",
            service=_SERVICE,
            status=reply.status,
            retry_after_seconds=reply.retry_after_seconds,
        )
    if not _REFUSED.search(reply.body):
        return None
    try:
        answer_of(reply, what)
    except ThrottledError as error:
        return error
    except CrmbridgeError:
        return None
    return None


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


def _raise_for_status(reply: Reply, what: str) -> NoReturn:
    status = reply.status
    if status in _REDIRECTS:
        raise ConfigError(
            f"{what}: the server redirects (HTTP {status}), so the setting endpoint is "
            "wrong; take it from Integration Center > API > API v2. Redirects are "
            "refused, for they would carry the credentials to another host",
            service=_SERVICE,
            status=status,
        )
    words = _words_of(reply)
    if status in _SERVER_FAULTS or status == _REQUEST_TIMEOUT:
        raise ServiceError(
            f"{what}: SALESmanago failed (HTTP {status}); repeat later",
            service=_SERVICE,
            status=status,
            messages=words.messages,
        )
    if status in _REFUSALS:
        raise error_of(words, status, what)
    _malformed(f"{what}: unexpected answer (HTTP {status})", status)


def _words_of(reply: Reply) -> Words:
    """Read the words of an answer that may be anything."""
    try:
        body: object = reply.json(_SERVICE)
    except MalformedReplyError:
        return Words()
    return Words.of(body) if _is_object(body) else Words()
