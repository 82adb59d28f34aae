"""The doors to the services: a request, its turn, its answer.

Floor 5: threads and tasks wait here for their turn.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Final

from crmbridge._limiter import UNTIL_SIGNALLED, Limiter, Ticket
from crmbridge._steps import Moment, Reply, Request
from crmbridge.transport import AsyncTransport, Transport

__all__ = ["AsyncPort", "Port"]

_LOG: Final = logging.getLogger("crmbridge")


class Port:
    """One service as a runtime sees it: a transport behind a limiter."""

    def __init__(self, transport: Transport, limiter: Limiter) -> None:
        self.transport = transport
        self.limiter = limiter
        self.locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def send(
        self,
        request: Request,
        *,
        sleep: Callable[[float], None],
        clock: Callable[[], Moment],
    ) -> Reply:
        """Send a request as soon as the limiter lets it.

        Args:
            request: what to send.
            sleep: what waits.
            clock: what reads the clocks.

        Raises:
            CreditsExhaustedError: it was not sent, for it costs too much.
            ThrottledError: it was not sent, for the service asked to be left
                alone for long.
        """
        ticket = Ticket(request)
        self._wait(ticket, sleep, clock)
        started = clock()
        try:
            reply = self.transport.send(request.prepared(started))
        except BaseException as error:
            self.limiter.leave(ticket, clock(), error)
            raise
        now = clock()
        self.limiter.leave(ticket, now, reply)
        _log_exchange(request, reply, now.ticks_seconds - started.ticks_seconds)
        return reply

    def _wait(
        self,
        ticket: Ticket,
        sleep: Callable[[float], None],
        clock: Callable[[], Moment],
    ) -> None:
        try:
            delay = self.limiter.advance(ticket, clock())
            if delay is None:
                return
            turn = threading.Event()
            ticket.signal = turn.set
            # Asked again first, for the turn may have come without a signal.
            now = clock()
            while (delay := self.limiter.advance(ticket, now)) is not None:
                if delay == UNTIL_SIGNALLED:
                    turn.wait()
                    turn.clear()
                    now = clock()
                else:
                    sleep(delay)
                    now = _later(now, delay, clock())
        except BaseException:
            self.limiter.abandon(ticket, clock())
            raise


class AsyncPort:
    """The async twin of `Port`."""

    def __init__(self, transport: AsyncTransport, limiter: Limiter) -> None:
        self.transport = transport
        self.limiter = limiter
        self.locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def send(
        self,
        request: Request,
        *,
        sleep: Callable[[float], Awaitable[None]],
        clock: Callable[[], Moment],
    ) -> Reply:
        """Send a request as soon as the limiter lets it.

        Args:
            request: what to send.
            sleep: what waits.
            clock: what reads the clocks.

        Raises:
            CreditsExhaustedError: it was not sent, for it costs too much.
            ThrottledError: it was not sent, for the service asked to be left
                alone for long.
        """
        ticket = Ticket(request)
        await self._wait(ticket, sleep, clock)
        started = clock()
        try:
            reply = await self.transport.send(request.prepared(started))
        except BaseException as error:
            self.limiter.leave(ticket, clock(), error)
            raise
        now = clock()
        self.limiter.leave(ticket, now, reply)
        _log_exchange(request, reply, now.ticks_seconds - started.ticks_seconds)
        return reply

    async def _wait(
        self,
        ticket: Ticket,
        sleep: Callable[[float], Awaitable[None]],
        clock: Callable[[], Moment],
    ) -> None:
        try:
            delay = self.limiter.advance(ticket, clock())
            if delay is None:
                return
            turn = asyncio.Event()
            loop = asyncio.get_running_loop()

            def signal() -> None:
                try:
                    loop.call_soon_threadsafe(turn.set)
                except RuntimeError:  # the loop was closed under the waiting task
                    self.limiter.abandon(ticket, clock())

            ticket.signal = signal
            now = clock()
            while (delay := self.limiter.advance(ticket, now)) is not None:
                if delay == UNTIL_SIGNALLED:
                    await turn.wait()
                    turn.clear()
                    now = clock()
                else:
                    await sleep(delay)
                    now = _later(now, delay, clock())
        except BaseException:
            self.limiter.abandon(ticket, clock())
            raise


def _later(asked: Moment, seconds: float, now: Moment) -> Moment:
    """Give the time after a sleep; who slept is believed, whatever the clock says.

    A sleep may end a little early, and a caller's clock may stand still.
    """
    slept_until = asked.ticks_seconds + seconds
    return now if now.ticks_seconds >= slept_until else Moment(now.at, slept_until)


def _log_exchange(request: Request, reply: Reply, seconds: float) -> None:
    _LOG.debug(
        "%s %s -> %d in %.3f s",
        request.service,
        request.name or request.method,
        reply.status,
        seconds,
    )
