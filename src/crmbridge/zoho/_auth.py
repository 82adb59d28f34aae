"""The life of an access token, and requests that carry it.

Floor 3.
A token is made once for all threads and tasks: under a lock, with a second
look after the lock, a minute before it ends, and once more when the API says
that it is not valid.

Source: Zoho, "OAuth 2.0 > Refresh access tokens" and "Token validity": a token
lives for an hour, at most 10 are made in 10 minutes, 15 live at one time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, cast

from attrs import evolve, frozen

from crmbridge._exchange import exchange
from crmbridge._steps import Call, Reply, Request, clock, do, exclusive
from crmbridge.config import ZohoConfig
from crmbridge.errors import (
    AuthenticationError,
    CrmbridgeError,
    InvalidInputError,
    MalformedReplyError,
    ServiceError,
    ThrottledError,
)
from crmbridge.zoho._faults import ZOHO, fault_of, safe_word
from crmbridge.zoho.tokens import AccessToken, LoadToken, SaveToken

__all__ = ["NoToken", "access_token", "attempt", "authorised", "token_key"]

TOKEN_PATH: Final = "/oauth/v2/token"  # noqa: S105 - a path, no password
_EARLY: Final = timedelta(seconds=60)
_SILENCE: Final = timedelta(minutes=10)
_LIFE_SECONDS: Final = 3600.0
_LONGEST_LIFE_SECONDS: Final = 86_400.0
_MILLISECONDS: Final = 1000.0

# Source: client code, for Zoho's page lists no codes; see also the API console.
_WAYS_OUT: Final[Mapping[str, str]] = {
    "invalid_code": (
        "the refresh token was revoked, belongs to another client or to another "
        "data centre; make a new one in Zoho's API console"
    ),
    "invalid_client": (
        "Zoho does not know the client_id; check it, and that data_centre is where "
        "the client was made"
    ),
    "invalid_client_secret": "the client_secret is wrong; copy it from the API console",
}
_THROTTLED: Final = frozenset({"access denied", "access_denied"})


@frozen
class NoToken:
    """No token could be had, so the request itself was not carried out.

    Attributes:
        error: why.
    """

    error: CrmbridgeError


def authorised(
    request: Request, config: ZohoConfig, *, is_repeatable: bool
) -> Call[Reply]:
    """Send a request with a valid token to the API's address; give the reply.

    A reply that says the token is not valid is followed by one new token and
    one more attempt, also for writes: such a request was not carried out.

    Args:
        request: its ``url`` is a path, such as ``/crm/v8/Leads``.
        config: whose organisation.
        is_repeatable: whether carrying it out twice does no harm.

    Raises:
        InvalidInputError: ``url`` is no path.
        AuthenticationError: Zoho does not accept the credentials.
        ThrottledError: too many tokens or requests.
        OutcomeUnknownError: a request that is not repeatable may have been
            carried out.
    """
    answer = yield from attempt(request, config, is_repeatable=is_repeatable)
    if isinstance(answer, NoToken):
        raise answer.error
    return answer


def attempt(
    request: Request, config: ZohoConfig, *, is_repeatable: bool
) -> Call[Reply | NoToken]:
    """Do as `authorised`, but tell the want of a token from a failed request.

    Raises:
        InvalidInputError: ``url`` is no path.
        CrmbridgeError: the request failed, as `authorised` says.
    """
    if not request.url.startswith("/") or request.url.startswith("//"):
        raise InvalidInputError(
            "url must be a path such as /crm/v8/Leads; the token goes nowhere else",
            service=ZOHO,
            field="url",
        )
    try:
        token = yield from access_token(config)
    except CrmbridgeError as error:
        return NoToken(error)
    reply = yield from _send(request, config, token, is_repeatable=is_repeatable)
    if not _says_invalid_token(reply):
        return reply
    try:
        token = yield from access_token(config, refused=token)
    except CrmbridgeError as error:
        if reply.was_repeated:
            raise
        return NoToken(error)
    again = yield from _send(request, config, token, is_repeatable=is_repeatable)
    return evolve(again, was_repeated=True) if reply.was_repeated else again


def access_token(
    config: ZohoConfig, *, refused: AccessToken | None = None
) -> Call[AccessToken]:
    """Give a token that lives for a while, kept or new; costs 0 or 1 requests.

    Args:
        config: whose token.
        refused: a token that the API has just refused.

    Raises:
        AuthenticationError: Zoho does not accept the credentials.
        ThrottledError: more than 10 tokens were made in 10 minutes.
        ServiceError: the token endpoint answers something else.
    """
    token = yield from _kept(config, refused)
    if token is None:
        token = yield from exclusive(ZOHO, "token", _renewed(config, refused))
    return token


def token_key(config: ZohoConfig) -> str:
    """Name the place of a configuration's token; tells nothing of its secrets."""
    secret = f"{config.accounts_base}\n{config.client_id}\n{config.refresh_token}"
    return hashlib.sha256(secret.encode()).hexdigest()


def _kept(config: ZohoConfig, refused: AccessToken | None) -> Call[AccessToken | None]:
    token = yield from do(LoadToken(token_key(config)))
    if token is None or (refused is not None and token.value == refused.value):
        return None
    now = yield from clock()
    left = token.expires_at - now.at
    if not token.value and left > timedelta(0):
        raise _too_many_tokens(retry_after_seconds=left.total_seconds())
    return token if token.value and left > _EARLY else None


def _renewed(config: ZohoConfig, refused: AccessToken | None) -> Call[AccessToken]:
    # The second look: another thread or task may have made one meanwhile.
    token = yield from _kept(config, refused)
    if token is not None:
        return token
    try:
        token = yield from _refreshed(config)
    except ThrottledError:
        # Each further question would make the silence longer.
        now = yield from clock()
        mark = AccessToken("", None, now.at + _SILENCE)
        yield from do(SaveToken(token_key(config), mark))
        raise
    yield from do(SaveToken(token_key(config), token))
    return token


def _refreshed(config: ZohoConfig) -> Call[AccessToken]:
    asked = yield from clock()
    request = Request(
        ZOHO,
        "POST",
        f"{config.accounts_base}{TOKEN_PATH}",
        name="token",
        form={
            "grant_type": "refresh_token",
            "refresh_token": config.refresh_token,
            "client_id": config.client_id,
            "client_secret": config.client_secret,
        },
    )
    reply = yield from exchange(request, policy=config.retry, is_repeatable=True)
    return _token_of(reply, config, asked.at)


def _token_of(reply: Reply, config: ZohoConfig, asked_at: datetime) -> AccessToken:
    """Read the token endpoint's answer; its HTTP status cannot be trusted."""
    body = reply.json("zoho")
    answer = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
    value = answer.get("access_token")
    if not isinstance(value, str) or not value:
        raise _refusal(answer, reply.status)
    life = timedelta(seconds=_life_seconds(answer))
    return AccessToken(value, _api_domain(answer, config), asked_at + life)


def _life_seconds(answer: Mapping[str, Any]) -> float:
    """Read the token's life; old answers gave ``expires_in`` in milliseconds."""
    life = answer.get("expires_in_sec", answer.get("expires_in"))
    if not isinstance(life, (int, float)):
        return _LIFE_SECONDS
    if life > _LONGEST_LIFE_SECONDS:
        life /= _MILLISECONDS
    # What no reading makes sensible is taken for the documented life.
    return float(life) if 0 < life <= _LONGEST_LIFE_SECONDS else _LIFE_SECONDS


def _api_domain(answer: Mapping[str, Any], config: ZohoConfig) -> str | None:
    """Read the API's address; the token must not leave an encrypted road."""
    domain = answer.get("api_domain")
    if not isinstance(domain, str) or not domain:
        return None
    is_safe = domain.startswith("https://") or config.accounts_base.startswith(
        "http://"
    )
    if not is_safe:
        raise MalformedReplyError(
            "the token's api_domain is no https address; set api_domain in ZohoConfig",
            service=ZOHO,
        )
    return domain.rstrip("/")


def _refusal(answer: Mapping[str, Any], status: int) -> CrmbridgeError:
    code = str(answer.get("error", "")).strip().lower()
    if code in _THROTTLED:
        return _too_many_tokens(status=status)
    if code in _WAYS_OUT:
        return AuthenticationError(
            f"Zoho gave no token: {_WAYS_OUT[code]}",
            service=ZOHO,
            status=status,
            code=code,
        )
    return ServiceError(
        f"Zoho gave no token (HTTP {status}, {safe_word(code) or 'no error code'}); "
        "check accounts_url and repeat later",
        service=ZOHO,
        status=status,
        code=safe_word(code),
    )


def _too_many_tokens(
    *, status: int | None = None, retry_after_seconds: float | None = None
) -> ThrottledError:
    return ThrottledError(
        "Zoho makes at most 10 tokens in 10 minutes, and the limit is reached; leave "
        "it alone for 15 to 30 minutes, and share one token store",
        service=ZOHO,
        status=status,
        code="access_denied",
        retry_after_seconds=retry_after_seconds,
    )


def _send(
    request: Request, config: ZohoConfig, token: AccessToken, *, is_repeatable: bool
) -> Call[Reply]:
    base = config.api_domain or token.api_domain or config.api_base
    ready = evolve(
        request,
        url=base + request.url,
        headers={
            **request.headers,
            "Authorization": f"Zoho-oauthtoken {token.value}",
        },
    )
    return (
        yield from exchange(ready, policy=config.retry, is_repeatable=is_repeatable)
    )


def _says_invalid_token(reply: Reply) -> bool:
    fault = fault_of(reply) if reply.status == 401 else None  # noqa: PLR2004 - HTTP
    return fault is not None and fault.code == "INVALID_TOKEN"
