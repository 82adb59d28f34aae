"""Asking for an access token: how often, how long, and never too often.

Floor 3.
Every attempt is noted beside the token before it is sent, so that all processes
that share a token store count the same attempts, also those that died while
they waited for an answer.

Source: Zoho, "Token validity": at most 10 tokens in 10 minutes for one refresh
token; who goes on asking is kept out for longer.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Final

from attrs import evolve, frozen

from crmbridge._steps import Call, Request, clock, do, draw, pause, send
from crmbridge.config import ZohoConfig
from crmbridge.errors import (
    ConnectionFailedError,
    ConnectionLostError,
    CrmbridgeError,
    ThrottledError,
)
from crmbridge.zoho._token_replies import (
    FOR_REFRESH,
    SILENCE,
    TOO_MANY_TOKENS,
    refusal_of,
    token_of,
    token_request,
    too_many_tokens,
)
from crmbridge.zoho.tokens import AccessToken, LoadToken, SaveToken

__all__ = ["renewed", "token_key"]

_WINDOW: Final = timedelta(minutes=10)
_PER_WINDOW: Final = 10
_SERVER_FAULT: Final = 500


@frozen
class _Problem:
    """A failed attempt that may be followed by another one."""

    error: CrmbridgeError
    retry_after_seconds: float | None = None


def token_key(config: ZohoConfig) -> str:
    """Name the place of a configuration's token; tells nothing of its secrets."""
    secret = f"{config.accounts_base}\n{config.client_id}\n{config.refresh_token}"
    return hashlib.sha256(secret.encode()).hexdigest()


def renewed(config: ZohoConfig) -> Call[AccessToken]:
    """Ask for a token until there is one, and keep it; the lock is held.

    What may pass is asked again as the configuration's `RetryPolicy` says:
    no connection, a lost answer, HTTP 429 and 5xx.

    Raises:
        AuthenticationError: Zoho does not accept the credentials.
        ThrottledError: Zoho asks for silence, or 10 attempts were made in 10
            minutes and it was not asked.
        ServiceError: the token endpoint fails, or answers something else.
    """
    policy = config.retry
    started = yield from clock()
    failures = 0
    while True:
        answer = yield from _attempt(config)
        if isinstance(answer, AccessToken):
            return answer
        failures += 1
        delay = answer.retry_after_seconds
        if delay is None:
            delay = policy.delay_seconds(failures, (yield from draw()))
        now = yield from clock()
        spent = now.ticks_seconds - started.ticks_seconds
        if (
            failures >= policy.attempts
            or delay > policy.longest_delay_seconds
            or spent + delay > policy.total_seconds
        ):
            raise answer.error
        yield from pause(delay)


def _attempt(config: ZohoConfig) -> Call[AccessToken | _Problem]:
    """Ask once; give what may be asked again, and raise what must not be."""
    before = yield from _noted(config)
    asked = yield from clock()
    try:
        reply = yield from send(_request(config))
    except ConnectionFailedError as error:
        yield from _save(config, before)  # nothing was sent, so Zoho counts nothing
        return _Problem(error)
    except ConnectionLostError as error:
        return _Problem(error)
    except ThrottledError:  # of the limiter, which did not send it
        yield from _save(config, before)
        raise
    answered = yield from clock()
    asked_at = (*before.asked_at, answered.at)
    refusal = refusal_of(reply, FOR_REFRESH)
    if refusal is None:
        token = token_of(reply, accounts=config.accounts_base, at=asked.at)
        token = evolve(token, asked_at=asked_at)
        yield from _save(config, token)
        return token
    if refusal.code == TOO_MANY_TOKENS:
        # Each further question would make the silence longer.
        end = answered.at + SILENCE
        yield from _save(config, AccessToken("", None, end, asked_at))
    elif _may_pass(refusal):
        return _Problem(refusal, reply.retry_after_seconds)
    raise refusal


def _may_pass(refusal: CrmbridgeError) -> bool:
    is_fault = refusal.status is not None and refusal.status >= _SERVER_FAULT
    return is_fault or isinstance(refusal, ThrottledError)


def _noted(config: ZohoConfig) -> Call[AccessToken]:
    """Note that a token is asked for now; give what was kept before.

    Raises:
        ThrottledError: it would be the eleventh time in 10 minutes.
    """
    kept = yield from do(LoadToken(token_key(config)))
    now = (yield from clock()).at
    # What lies ahead by more was noted before the clock was set back.
    lately = [at for at in kept.asked_at if abs(now - at) < _WINDOW] if kept else []
    lately.sort()
    if len(lately) >= _PER_WINDOW:
        free_at = lately[-_PER_WINDOW] + _WINDOW
        raise too_many_tokens(retry_after_seconds=(free_at - now).total_seconds())
    if kept is None or not kept.value:
        kept = AccessToken("", None, now)
    yield from _save(config, evolve(kept, asked_at=(*lately, now)))
    return evolve(kept, asked_at=tuple(lately))


def _save(config: ZohoConfig, token: AccessToken) -> Call[None]:
    yield from do(SaveToken(token_key(config), token))


def _request(config: ZohoConfig) -> Request:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": config.refresh_token,
        "client_id": config.client_id,
        "client_secret": config.client_secret,
    }
    return token_request(config.accounts_base, form)
