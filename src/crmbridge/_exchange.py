"""One request until its answer: retries and waiting, as one generator.

Floor 3.
Whoever carries the requests out keeps the account's limits.
The rule: only what is safe to repeat is repeated.
A request that was never sent, or was turned away for going too fast, is
always safe; one whose outcome is unknown is safe only if its caller says so.
"""

from __future__ import annotations

from typing import Final

from attrs import evolve, frozen

from crmbridge._steps import (
    Call,
    Reply,
    Request,
    clock,
    draw,
    pause,
    send,
)
from crmbridge.config import RetryPolicy
from crmbridge.errors import (
    ConnectionFailedError,
    ConnectionLostError,
    CrmbridgeError,
    OutcomeUnknownError,
    ServiceError,
    ThrottledError,
)

__all__ = ["exchange"]

_REQUEST_TIMEOUT: Final = 408
_TOO_MANY_REQUESTS: Final = 429
_SERVER_FAULTS: Final = range(500, 600)
_NOT_CARRIED_OUT: Final = (ConnectionFailedError, ThrottledError)


@frozen
class _Problem:
    """A failed attempt that may be followed by another one."""

    error: CrmbridgeError
    retry_after_seconds: float | None = None


def exchange(
    request: Request,
    *,
    policy: RetryPolicy,
    is_repeatable: bool,
) -> Call[Reply]:
    """Send a request, repeat it while that is safe and useful, return the reply.

    Every reply is returned but HTTP 408, 429, 5xx and what the request's
    ``throttling`` knows.
    What an earlier attempt may have done is not forgotten: the reply after a
    lost one says ``was_repeated``, and a `ThrottledError` after a lost one has
    that one as its cause.

    Args:
        request: what to send.
        policy: how often and how long to try.
        is_repeatable: whether carrying the request out twice does no harm.

    Raises:
        ConnectionFailedError: no attempt reached the service.
        ConnectionLostError: the answer of a repeatable request never came.
        OutcomeUnknownError: a request that must not be repeated may have been
            carried out.
        ThrottledError: the service went on asking to slow down, or asks for a
            longer wait than the policy allows.
        CreditsExhaustedError: the day's credits do not suffice for an attempt.
        ServiceError: the service went on failing.
    """
    started = yield from clock()
    failures = 0
    lost: CrmbridgeError | None = None
    while True:
        try:
            answer = yield from _attempt(request, is_repeatable=is_repeatable)
        except ThrottledError as error:  # this attempt was not sent
            raise error from lost
        if isinstance(answer, Reply):
            return evolve(answer, was_repeated=True) if lost else answer
        failures += 1
        if not isinstance(answer.error, _NOT_CARRIED_OUT):
            lost = answer.error
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
            raise _last_word(answer.error, lost)
        yield from pause(delay)


def _last_word(error: CrmbridgeError, lost: CrmbridgeError | None) -> CrmbridgeError:
    """Give what is raised in the end, so that no lost attempt is passed over."""
    if lost is None or lost is error:
        return error
    if isinstance(error, ConnectionFailedError):
        return lost  # "nothing was sent" would not be true
    error.__cause__ = lost
    return error


def _attempt(request: Request, *, is_repeatable: bool) -> Call[Reply | _Problem]:
    what = f"{request.service} {request.name or request.method}"
    try:
        reply = yield from send(request)
    except ConnectionFailedError as error:
        return _Problem(error)
    except ConnectionLostError as error:
        if not is_repeatable:
            raise _unknown_outcome(what, request.service, None) from error
        return _Problem(error)
    if reply.status == _TOO_MANY_REQUESTS:
        return _Problem(
            _throttled(what, request.service, reply), reply.retry_after_seconds
        )
    if reply.status in _SERVER_FAULTS or reply.status == _REQUEST_TIMEOUT:
        if not is_repeatable:
            raise _unknown_outcome(what, request.service, reply.status)
        return _Problem(
            ServiceError(
                f"{what}: the service failed (HTTP {reply.status}); repeat later",
                service=request.service,
                status=reply.status,
            ),
            reply.retry_after_seconds,
        )
    throttled = request.throttling(reply) if request.throttling else None
    if throttled is not None:
        return _Problem(throttled, reply.retry_after_seconds)
    return reply


def _unknown_outcome(
    what: str, service: str, status: int | None
) -> OutcomeUnknownError:
    return OutcomeUnknownError(
        f"{what}: it may or may not have been carried out, and repeating it is not "
        "safe; read the record before writing again",
        service=service,
        status=status,
    )


def _throttled(what: str, service: str, reply: Reply) -> ThrottledError:
    return ThrottledError(
        f"{what}: the service asks to slow down; wait, and send fewer requests",
        service=service,
        status=reply.status,
        retry_after_seconds=reply.retry_after_seconds,
    )
