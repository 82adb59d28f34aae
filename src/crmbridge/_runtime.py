"""How steps are carried out: clocks, locks, threads, tasks, transports.

Floor 5: here, and only here, time passes.

A `Runtime` answers steps by their type.
It knows the plain ones (pauses, clocks, random numbers, locks, gathering);
a client adds its requests, and the reconciler its storage, as *handlers*.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypeVar

from crmbridge._meter import Usage
from crmbridge._ports import AsyncPort, Port
from crmbridge._steps import (
    Call,
    Clock,
    Draw,
    Exclusive,
    Gather,
    Moment,
    Pause,
    Reply,
    Request,
    Step,
    Work,
    adrive,
    drive,
)
from crmbridge.errors import CrmbridgeError

__all__ = [
    "AsyncHandler",
    "AsyncRuntime",
    "Handler",
    "Runtime",
]

T = TypeVar("T")

Handler: TypeAlias = Callable[[Any], Any]
AsyncHandler: TypeAlias = Callable[[Any], Awaitable[Any]]


def read_clock() -> Moment:
    """Read the machine's clocks."""
    return Moment(datetime.now(UTC), time.monotonic())


def draw_number() -> float:
    """Draw a random number in [0, 1) for the spreading of retries."""
    return random.random()  # noqa: S311 - spreads retries, guards nothing


class Runtime:
    """Carries steps out on the calling thread, gathered ones on a few more.

    Args:
        ports: the services by name.
        handlers: answers to further kinds of steps.
        sleep: what waits; tests pass a recorder.
        clock: what reads the clocks.
    """

    def __init__(
        self,
        ports: Mapping[str, Port],
        *,
        handlers: Mapping[type[Step[Any]], Handler] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], Moment] = read_clock,
    ) -> None:
        self.ports = dict(ports)
        self.sleep = sleep
        self.clock = clock
        self.own_handlers = dict(handlers or {})
        self._handlers: dict[type[Step[Any]], Handler] = {
            Request: self._send,
            Pause: lambda step: self.sleep(step.seconds),
            Clock: lambda _: self.clock(),
            Draw: lambda _: draw_number(),
            Exclusive: self._exclusive,
            Gather: self._gather,
            Work: lambda step: step.function(),
            **self.own_handlers,
        }

    def run(self, call: Call[T]) -> T:
        """Carry a call out and return its result."""
        return drive(call, self.perform)

    def perform(self, step: Step[Any]) -> Any:
        """Carry one step out and return its answer."""
        return self._handlers[type(step)](step)

    def usage(self, service: str) -> Usage:
        """Tell what the limiter of a service has counted until now."""
        return self.ports[service].limiter.usage(self.clock())

    def joined(
        self, other: Runtime, *, handlers: Mapping[type[Step[Any]], Handler]
    ) -> Runtime:
        """Make a runtime that serves what both serve, and more."""
        return Runtime(
            {**self.ports, **other.ports},
            handlers={**self.own_handlers, **other.own_handlers, **handlers},
            sleep=self.sleep,
            clock=self.clock,
        )

    def _send(self, step: Request) -> Reply:
        port = self.ports[step.service]
        return port.send(step, sleep=self.sleep, clock=self.clock)

    def _exclusive(self, step: Exclusive[Any]) -> Any:
        with self.ports[step.service].locks[step.name]:
            return self.run(step.call)

    def _gather(self, step: Gather[Any]) -> tuple[Any, ...]:
        if step.max_in_flight <= 1 or len(step.calls) == 1:
            return tuple(self.run(call) for call in step.calls)
        workers = min(step.max_in_flight, len(step.calls))
        with ThreadPoolExecutor(workers) as pool:
            futures = [pool.submit(self.run, call) for call in step.calls]
            for future in futures:
                if isinstance(future.exception(), BaseException):
                    _cancel_waiting(futures)
                    break
        return tuple(future.result() for future in futures)


def _cancel_waiting(futures: list[Future[Any]]) -> None:
    for future in futures:
        future.cancel()


class AsyncRuntime:
    """The async twin of `Runtime`: steps are awaited, gathered ones are tasks.

    Args:
        ports: the services by name.
        handlers: answers to further kinds of steps.
        sleep: what waits; tests pass a recorder.
        clock: what reads the clocks.
    """

    def __init__(
        self,
        ports: Mapping[str, AsyncPort],
        *,
        handlers: Mapping[type[Step[Any]], AsyncHandler] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], Moment] = read_clock,
    ) -> None:
        self.ports = dict(ports)
        self.sleep = sleep
        self.clock = clock
        self.own_handlers = dict(handlers or {})
        self._handlers: dict[type[Step[Any]], AsyncHandler] = {
            Request: self._send,
            Pause: lambda step: self.sleep(step.seconds),
            Clock: self._read_clock,
            Draw: self._draw,
            Exclusive: self._exclusive,
            Gather: self._gather,
            Work: self._work,
            **self.own_handlers,
        }

    async def run(self, call: Call[T]) -> T:
        """Carry a call out and return its result."""
        return await adrive(call, self.perform)

    def perform(self, step: Step[Any]) -> Awaitable[Any]:
        """Carry one step out and return its answer."""
        return self._handlers[type(step)](step)

    def usage(self, service: str) -> Usage:
        """Tell what the limiter of a service has counted until now."""
        return self.ports[service].limiter.usage(self.clock())

    def joined(
        self, other: AsyncRuntime, *, handlers: Mapping[type[Step[Any]], AsyncHandler]
    ) -> AsyncRuntime:
        """Make a runtime that serves what both serve, and more."""
        return AsyncRuntime(
            {**self.ports, **other.ports},
            handlers={**self.own_handlers, **other.own_handlers, **handlers},
            sleep=self.sleep,
            clock=self.clock,
        )

    async def _read_clock(self, _: Clock) -> Moment:
        return self.clock()

    async def _draw(self, _: Draw) -> float:
        return draw_number()

    def _send(self, step: Request) -> Awaitable[Reply]:
        port = self.ports[step.service]
        return port.send(step, sleep=self.sleep, clock=self.clock)

    async def _exclusive(self, step: Exclusive[Any]) -> Any:
        async with self.ports[step.service].locks[step.name]:
            return await self.run(step.call)

    async def _work(self, step: Work[Any]) -> Any:
        doing = asyncio.get_running_loop().run_in_executor(None, step.function)
        try:
            return await asyncio.shield(doing)
        except asyncio.CancelledError:
            # What it works on is closed next, so it has to come to its end.
            await asyncio.wait([doing])
            raise

    async def _gather(self, step: Gather[Any]) -> tuple[Any, ...]:
        places = asyncio.Semaphore(step.max_in_flight)
        has_failed = False

        async def one(call: Call[Any]) -> Any:
            nonlocal has_failed
            async with places:
                if has_failed:
                    return None
                try:
                    return await self.run(call)
                except CrmbridgeError:
                    has_failed = True
                    raise

        tasks = [asyncio.ensure_future(one(call)) for call in step.calls]
        await asyncio.gather(*tasks, return_exceptions=True)
        # A call may answer with an error; only one that was raised is raised.
        return tuple([task.result() for task in tasks])
