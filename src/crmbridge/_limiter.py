"""The queue before one account: who may send, when, and what it costs.

Floor 5: its lock is shared by threads and tasks; it never waits itself, and
never calls out while it holds the lock.

A request takes a `Ticket`, asks `Limiter.advance` for its turn, and gives the
ticket back with `Limiter.leave`.
Tickets are served in the order they came; only a complex request lets ordinary
ones pass while all places for complex ones are taken.
The first ticket in the queue waits for the clock, when there is a time to wait;
all others wait for a signal, so that nobody asks in vain.

The rule: a place is held while a request is under way, and at no other time.
So calls may be nested and gathered as they like without waiting for each other.
"""

from __future__ import annotations

import math
import random
import threading
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from crmbridge._meter import Bill, Meter, Shortage, Usage
from crmbridge._pace import Pace
from crmbridge._steps import Moment, Reply, Request
from crmbridge.config import Limits
from crmbridge.errors import (
    ConnectionFailedError,
    CreditsExhaustedError,
    CrmbridgeError,
    ThrottledError,
)

__all__ = ["UNTIL_SIGNALLED", "Limiter", "Ticket"]

UNTIL_SIGNALLED: Final = math.inf
# Source: Zoho CRM API v8, "API limits": sent once half of the credits are used.
_REMAINING: Final = "x-api-credits-remaining"
_DONE: Final = frozenset({HTTPStatus.OK, HTTPStatus.CREATED})


class Ticket:
    """One request's place in the queue.

    Args:
        request: what waits.

    Attributes:
        signal: called when the ticket should ask again; set before waiting.
    """

    __slots__ = ("bill", "error", "is_gone", "number", "request", "signal", "turn")

    def __init__(self, request: Request) -> None:
        self.request = request
        self.signal: Callable[[], None] | None = None
        self.number: int | None = None
        self.turn = 0
        self.bill: Bill | None = None
        self.error: CrmbridgeError | None = None
        self.is_gone = False


class Limiter:
    """Keeps the limits of one account; share it between clients of the account.

    Threads, tasks, sync and async clients may share one.
    It holds the places for requests under way, the rate, the pause after an
    HTTP 429 and the day's credits; what it has counted is the ``usage`` of each
    client that shares it.
    It knows nothing of other processes: give each its part in `Limits`.

    Args:
        limits: the account's bounds.
        draw: gives random numbers in [0, 1) for the length of pauses.

    >>> from crmbridge import Limiter, Limits, ZohoClient, ZohoConfig
    >>> config = ZohoConfig(client_id="c", client_secret="s", refresh_token="r")
    >>> limiter = Limiter(Limits(max_in_flight=3, credits_per_day=20_000))
    >>> with (
    ...     ZohoClient(config, limiter=limiter) as one,
    ...     ZohoClient(config, limiter=limiter) as other,
    ... ):
    ...     one.usage.places, other.usage.credits_used
    (3, 0)
    """

    def __init__(
        self,
        limits: Limits,
        *,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self.limits = limits
        self._draw = draw
        self._lock = threading.Lock()
        self._pace = Pace(limits)
        self._meter = Meter(limits)
        self._ordinary: deque[Ticket] = deque()
        self._complex: deque[Ticket] = deque()
        self._came = 0
        self._waiting = 0
        self._in_flight = 0
        self._complex_in_flight = 0

    def usage(self, now: Moment) -> Usage:
        """Tell what was counted until now."""
        with self._lock:
            return Usage(
                requests=self._meter.requests,
                credits=self._meter.credits(now.ticks_seconds),
                in_flight=self._in_flight,
                waiting=self._waiting,
                places=self._pace.places,
                throttled=self._pace.throttled,
                pause_seconds=self._pace.pause_seconds(now.ticks_seconds),
                credits_remaining=self._meter.remaining,
            )

    def advance(self, ticket: Ticket, now: Moment) -> float | None:
        """Ask for a ticket's turn.

        Returns:
            ``None`` when the request may be sent now; `leave` must follow.
            Else how many seconds to wait before asking again, or
            `UNTIL_SIGNALLED`.

        Raises:
            CreditsExhaustedError: the day's credits do not suffice.
            ThrottledError: the service wants to be left alone for longer than
                anybody should wait.
        """
        with self._lock:
            if ticket.number is None:
                self._join(ticket)
            woken = self._admitted(now)
            delay = self._delay(ticket, now)
        _wake(woken, ticket)
        if ticket.error is not None:
            raise ticket.error
        return delay

    def leave(
        self, ticket: Ticket, now: Moment, outcome: Reply | BaseException
    ) -> None:
        """Give a place back, and learn from what became of the request.

        Args:
            ticket: whose turn it was.
            now: the clocks.
            outcome: the answer, or why there is none.
        """
        reply = outcome if isinstance(outcome, Reply) else None
        was_sent = not isinstance(outcome, ConnectionFailedError)
        is_throttled = reply is not None and _is_throttled(ticket.request, reply)
        with self._lock:
            self._free(ticket, now, reply, was_sent=was_sent, is_throttled=is_throttled)
            woken = self._admitted(now)
        _wake(woken, ticket)

    def abandon(self, ticket: Ticket, now: Moment) -> None:
        """Take a ticket out that nobody waits for any more."""
        with self._lock:
            if ticket.is_gone or ticket.number is None:
                return
            if ticket.bill is not None:
                self._free(ticket, now, None, was_sent=False, is_throttled=False)
            else:
                ticket.is_gone = True
                self._waiting -= 1
            woken = self._admitted(now)
        _wake(woken, ticket)

    # --- all below runs under the lock ---

    def _join(self, ticket: Ticket) -> None:
        self._came += 1
        self._waiting += 1
        ticket.number = self._came
        self._queue_of(ticket).append(ticket)

    def _queue_of(self, ticket: Ticket) -> deque[Ticket]:
        return self._complex if ticket.request.is_complex else self._ordinary

    def _first(self) -> Ticket | None:
        """Give the ticket that came first of those for which there is a place."""
        if self._in_flight >= self._pace.places:
            return None
        first = _head(self._ordinary)
        if self._complex_in_flight < self.limits.max_complex_in_flight:
            other = _head(self._complex)
            if other is not None and (first is None or _number(other) < _number(first)):
                return other
        return first

    def _admitted(self, now: Moment) -> list[Ticket]:
        """Let in whoever may go; give all tickets that should ask again."""
        woken: list[Ticket] = []
        while (ticket := self._first()) is not None:
            woken.append(ticket)
            if self._has_to_wait(ticket, now):
                break
            self._queue_of(ticket).popleft()
            self._waiting -= 1
            if ticket.error is None:
                self._let_in(ticket, now)
            else:
                ticket.is_gone = True
        return woken

    def _has_to_wait(self, ticket: Ticket, now: Moment) -> bool:
        """Tell whether the first ticket must wait; note why it may not go at all."""
        ticket.error = self._refusal_to_wait(ticket, now)
        if ticket.error is not None:
            return False
        if self._pace.wait_seconds(now.ticks_seconds) > 0:
            return True
        credits_ = ticket.request.credits
        shortage = self._meter.shortage(credits_, now.ticks_seconds)
        if shortage is None:
            return False
        if shortage.seconds == 0:
            return True
        ticket.error = _exhausted(ticket, shortage, now)
        return False

    def _let_in(self, ticket: Ticket, now: Moment) -> None:
        request = ticket.request
        self._in_flight += 1
        self._complex_in_flight += request.is_complex
        self._pace.take(now.ticks_seconds)
        ticket.turn = self._pace.turn
        ticket.bill = self._meter.spend(
            request.name or request.method, request.credits, now.ticks_seconds
        )

    def _delay(self, ticket: Ticket, now: Moment) -> float | None:
        if ticket.bill is not None:
            return None
        wait = self._pace.wait_seconds(now.ticks_seconds)
        return wait if wait > 0 and ticket is self._first() else UNTIL_SIGNALLED

    def _free(
        self,
        ticket: Ticket,
        now: Moment,
        reply: Reply | None,
        *,
        was_sent: bool,
        is_throttled: bool,
    ) -> None:
        ticket.is_gone = True
        self._in_flight -= 1
        self._complex_in_flight -= ticket.request.is_complex
        if ticket.bill is not None:
            # Unverified: that a request which was turned away costs nothing.
            self._meter.settle(ticket.bill, is_paid=was_sent and not is_throttled)
        if reply is None:
            return
        self._learn_what_is_left(ticket, reply, now)
        if is_throttled:
            self._pace.was_throttled(
                ticket.turn,
                now_seconds=now.ticks_seconds,
                retry_after_seconds=reply.retry_after_seconds,
                draw=self._draw(),
            )
        else:
            self._pace.went_well(ticket.turn)

    def _learn_what_is_left(self, ticket: Ticket, reply: Reply, now: Moment) -> None:
        if ticket.request.credits == 0:
            return
        text = reply.headers.get(_REMAINING, "")
        if text.isdecimal():
            self._meter.learn(int(text), now.ticks_seconds)
        elif reply.status in _DONE:
            # Silence says that less than half of the credits are used.
            self._meter.learn(None, now.ticks_seconds)

    def _refusal_to_wait(self, ticket: Ticket, now: Moment) -> CrmbridgeError | None:
        pause = self._pace.pause_seconds(now.ticks_seconds)
        if pause <= self.limits.longest_pause_seconds:
            return None
        return ThrottledError(
            f"{_what(ticket)}: not sent, for the service asked to be left alone for "
            f"another {pause:.0f} s; go on then",
            service=ticket.request.service,
            retry_after_seconds=pause,
        )


def _number(ticket: Ticket) -> int:
    return ticket.number or 0


def _head(queue: deque[Ticket]) -> Ticket | None:
    while queue and queue[0].is_gone:
        queue.popleft()
    return queue[0] if queue else None


def _wake(tickets: list[Ticket], asking: Ticket) -> None:
    for ticket in tickets:
        if ticket is not asking and ticket.signal is not None:
            ticket.signal()


def _is_throttled(request: Request, reply: Reply) -> bool:
    """Tell whether an answer asks to slow down, by its status or in its own way."""
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    return request.throttling is not None and request.throttling(reply) is not None


def _what(ticket: Ticket) -> str:
    request = ticket.request
    return f"{request.service} {request.name or request.method}"


def _exhausted(
    ticket: Ticket, shortage: Shortage, now: Moment
) -> CreditsExhaustedError:
    seconds = shortage.seconds
    at = None if seconds is None else now.at + timedelta(seconds=seconds)
    needed = ticket.request.credits
    return CreditsExhaustedError(
        f"{_what(ticket)}: not sent, for it costs {needed} "
        f"{'credit' if needed == 1 else 'credits'}, more than {shortage.reason}; go on "
        + ("with a larger budget" if at is None else f"after {at:%Y-%m-%d %H:%M} UTC"),
        service=ticket.request.service,
        needed=needed,
        retry_after_seconds=seconds,
        available_at=at,
    )
