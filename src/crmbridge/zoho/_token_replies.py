"""What the token endpoint is asked, and what its answers mean.

Floor 3.
Its HTTP status cannot be trusted: refusals come with HTTP 200, and the same one
with 400.
The body decides: an object with an ``access_token`` is a success, everything else
a refusal, told apart by its ``error``.

Source: Zoho, "Token validity", "Refresh access tokens"; client code for the words
of ``error``, which Zoho's pages do not list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias, cast

from crmbridge._steps import Reply, Request
from crmbridge.errors import (
    AuthenticationError,
    CrmbridgeError,
    MalformedReplyError,
    ServiceError,
    ThrottledError,
)
from crmbridge.zoho._faults import ZOHO
from crmbridge.zoho.tokens import AccessToken

__all__ = [
    "FOR_REFRESH",
    "SILENCE",
    "TOO_MANY_TOKENS",
    "WaysOut",
    "is_token",
    "refusal_of",
    "token_of",
    "token_request",
    "too_many_tokens",
]

WaysOut: TypeAlias = Mapping[str, str]
"""What to do about each error word; the words for one way of asking."""

TOKEN_PATH: Final = "/oauth/v2/token"  # noqa: S105 - a path, no password
SILENCE: Final = timedelta(minutes=10)
FOR_REFRESH: Final[WaysOut] = {
    "invalid_code": (
        "the refresh token was revoked, belongs to another client or to another "
        "data centre; make a new one with python -m crmbridge.zoho connect"
    ),
}

_ALWAYS: Final[WaysOut] = {
    "invalid_client": (
        "Zoho does not know the client_id; check it, and that data_centre is where "
        "the client was made"
    ),
    "invalid_client_secret": "the client_secret is wrong; copy it from the API console",
}
_ELSE_PERMANENT: Final = "the request for it is wrong; check every credential"
_PERMANENT: Final = re.compile(r"(invalid|unauthori[sz]ed|unsupported)_[a-z_]+")
_THROTTLED: Final = frozenset({"access denied", "access_denied"})
_CODE: Final = re.compile(r"[a-z0-9_]{1,60}")
_TOO_MANY: Final = 429
TOO_MANY_TOKENS: Final = "access_denied"
"""The code of the limit of tokens, in whatever words Zoho says it."""
_SERVER_FAULT: Final = 500
_LIFE_SECONDS: Final = 3600.0
_LONGEST_LIFE_SECONDS: Final = 86_400.0
_MILLISECONDS: Final = 1000.0


def token_request(accounts: str, form: Mapping[str, str]) -> Request:
    """Make the request for a token."""
    return Request(ZOHO, "POST", f"{accounts}{TOKEN_PATH}", name="token", form=form)


def token_of(reply: Reply, *, accounts: str, at: datetime) -> AccessToken:
    """Read the token of an answer that `refusal_of` has found to be one.

    Args:
        reply: the answer.
        accounts: the address that was asked.
        at: when it was asked.

    Raises:
        MalformedReplyError: the API's address in it is not encrypted.
    """
    answer = body_of(reply)
    life = timedelta(seconds=_life_seconds(answer))
    return AccessToken(answer["access_token"], _api_domain(answer, accounts), at + life)


def body_of(reply: Reply) -> dict[str, Any]:
    """Read the body; what is no object is an empty one.

    Raises:
        MalformedReplyError: it is not JSON.
    """
    body = reply.json(ZOHO)
    return cast("dict[str, Any]", body) if isinstance(body, dict) else {}


def is_token(answer: Mapping[str, Any]) -> bool:
    """Tell whether a body holds an access token."""
    value = answer.get("access_token")
    return isinstance(value, str) and bool(value)


def refusal_of(reply: Reply, ways_out: WaysOut) -> CrmbridgeError | None:
    """Give the typed error that an answer is, or ``None`` for a token.

    A `ThrottledError` with `TOO_MANY_TOKENS` is to be followed by silence, an
    `AuthenticationError` needs a person; a `ServiceError` and a bare HTTP 429,
    which says nothing of tokens, may pass.

    Raises:
        MalformedReplyError: the answer is not JSON, and no failure by its
            HTTP status either.
    """
    try:
        answer = body_of(reply)
    except MalformedReplyError:
        if reply.status != _TOO_MANY and reply.status < _SERVER_FAULT:
            raise
        answer = {}
    if is_token(answer):
        return None
    said = str(answer.get("error", "")).strip().lower()
    code = said if _CODE.fullmatch(said) else ""
    if _is_throttled(said, answer):
        return too_many_tokens(
            status=reply.status,
            retry_after_seconds=reply.retry_after_seconds or SILENCE.total_seconds(),
        )
    if reply.status == _TOO_MANY:
        return ThrottledError(
            "Zoho gave no token and asks to slow down (HTTP 429); wait",
            service=ZOHO,
            status=reply.status,
            code=code,
            retry_after_seconds=reply.retry_after_seconds,
        )
    if _PERMANENT.fullmatch(code):
        way_out = ways_out.get(code) or _ALWAYS.get(code) or _ELSE_PERMANENT
        return AuthenticationError(
            f"Zoho gave no token: {way_out} (HTTP {reply.status}, {code})",
            service=ZOHO,
            status=reply.status,
            code=code,
        )
    return ServiceError(
        f"Zoho gave no token (HTTP {reply.status}, "
        f"{code or 'no error code'}); check accounts_url and repeat later",
        service=ZOHO,
        status=reply.status,
        code=code,
    )


def too_many_tokens(
    *, status: int | None = None, retry_after_seconds: float
) -> ThrottledError:
    """Make the error of a limit that is reached, or was found reached before."""
    return ThrottledError(
        "Zoho makes at most 10 tokens in 10 minutes, and the limit is reached; leave "
        "it alone for 15 to 30 minutes, and share one token store",
        service=ZOHO,
        status=status,
        code=TOO_MANY_TOKENS,
        retry_after_seconds=retry_after_seconds,
    )


def _is_throttled(said: str, answer: Mapping[str, Any]) -> bool:
    if said in _THROTTLED:
        return True
    # Zoho translates its words. Of all refusals only this one was seen with a
    # ``status``, and with a sentence where others have a code.
    is_sentence = bool(said) and not _CODE.fullmatch(said)
    return is_sentence and answer.get("status") == "failure"


def _life_seconds(answer: Mapping[str, Any]) -> float:
    """Read the token's life; old answers gave ``expires_in`` in milliseconds."""
    life = answer.get("expires_in_sec", answer.get("expires_in"))
    if not isinstance(life, (int, float)):
        return _LIFE_SECONDS
    if life > _LONGEST_LIFE_SECONDS:
        life /= _MILLISECONDS
    # What no reading makes sensible is taken for the documented life.
    return float(life) if 0 < life <= _LONGEST_LIFE_SECONDS else _LIFE_SECONDS


def _api_domain(answer: Mapping[str, Any], accounts: str) -> str | None:
    """Read the API's address; the token must not leave an encrypted road."""
    domain = answer.get("api_domain")
    if not isinstance(domain, str) or not domain:
        return None
    if not domain.startswith("https://") and not accounts.startswith("http://"):
        raise MalformedReplyError(
            "the token's api_domain is no https address; set api_domain in ZohoConfig",
            service=ZOHO,
        )
    return domain.rstrip("/")
