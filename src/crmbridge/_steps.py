"""The steps that calls yield, and the two loops that carry them out.

Floor 0: no clock, no network, no threads.

A *call* is a generator: it yields a *step* (a frozen value that says what
should happen) and is sent the step's answer.
All logic of this library is written as calls, once, and knows nothing of how
a step is carried out.
`drive` and `adrive` are the only two loops: they hand each step to a
``perform`` function and send back what it answers.
An error of ours that ``perform`` raises is thrown into the call, which decides
whether to try again or let it pass.

The rule of this module: a call says ``yield from send(request)`` or
``yield from do(step)``, never a bare ``yield``, so that the type of the answer
is known.
A call is used once; make a new one for each use.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Iterable, Mapping
from typing import Any, BinaryIO, Generic, TypeAlias, TypeVar, cast

from attrs import field, frozen

from crmbridge._http import Moment, Reply, Upload
from crmbridge.errors import CrmbridgeError, ThrottledError

__all__ = [
    "AsyncPerform",
    "Call",
    "Clock",
    "Draw",
    "Exclusive",
    "Gather",
    "Moment",
    "Pause",
    "Perform",
    "Prepare",
    "Reply",
    "Request",
    "Step",
    "Throttling",
    "Upload",
    "Work",
    "adrive",
    "clock",
    "do",
    "draw",
    "drive",
    "exclusive",
    "gather",
    "pause",
    "send",
    "work",
]

T = TypeVar("T")
Answer_co = TypeVar("Answer_co", covariant=True)


class Step(Generic[Answer_co]):
    """What a call wants done; the type argument is the type of its answer."""

    __slots__ = ()


Call: TypeAlias = Generator[Step[Any], Any, T]
Prepare: TypeAlias = Callable[["Request", Moment], "Request"]
"""Makes the final form of a request just before it is sent."""
Throttling: TypeAlias = Callable[[Reply], ThrottledError | None]
"""Gives the error where an answer asks to slow down, else ``None``."""
Perform: TypeAlias = Callable[[Step[Any]], Any]
AsyncPerform: TypeAlias = Callable[[Step[Any]], Awaitable[Any]]


@frozen
class Request(Step[Reply]):
    """Send one HTTP request; the answer is a `Reply`.

    Attributes:
        service: which service it is for; the runtime chooses the transport
            by this name.
        method: the HTTP verb.
        url: the whole address without the query.
        name: the endpoint's name, for logs and counters.
        query: parameters of the query, not yet encoded.
        headers: headers beside those that the transport sets.
        json: a body to be sent as JSON, unless ``None``.
        form: a body to be sent as a form, unless ``None``.
        upload: a file to be sent as a form, unless ``None``.
        into: where the body of an answer with HTTP 200 is written instead of
            into the `Reply`; each attempt empties it first. Such a body may
            have any size that ``max_bytes`` allows.
        max_bytes: how much ``into`` takes; more is refused while it arrives.
        credits: what the service counts for it, where it counts.
        is_complex: whether it is one of the calls that the service lets run
            beside each other less often than others.
        timeout_seconds: a limit for this request, else the transport's own.
        prepare: makes the final form of each attempt just before it is sent,
            such as by signing it with the time, unless ``None``.
        throttling: knows an answer other than HTTP 429 that asks to slow down,
            unless ``None``.

    >>> Request("zoho", "GET", "/crm/v8/org", name="organisation").credits
    0
    """

    service: str
    method: str
    url: str = field(repr=False)
    name: str = ""
    query: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    json: Any = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    upload: Upload | None = field(default=None, repr=False)
    into: BinaryIO | None = field(default=None, repr=False, eq=False)
    max_bytes: int | None = None
    credits: int = 0
    is_complex: bool = False
    timeout_seconds: float | None = None
    prepare: Prepare | None = field(default=None, repr=False, eq=False)
    throttling: Throttling | None = field(default=None, repr=False, eq=False)

    def prepared(self, now: Moment) -> Request:
        """Give the form in which it is sent now."""
        return self if self.prepare is None else self.prepare(self, now)


@frozen
class Pause(Step[None]):
    """Wait this many seconds."""

    seconds: float


@frozen
class Clock(Step[Moment]):
    """Read the clocks."""


@frozen
class Draw(Step[float]):
    """Draw a random number in [0, 1)."""


@frozen
class Exclusive(Step[T]):
    """Carry out a call while no other one of the same name runs.

    Attributes:
        service: whose lock it is; all clients of one port share it.
        name: what is locked; locks of different names do not meet.
        call: what runs under the lock. It must not take the same lock again.
    """

    service: str
    name: str
    call: Call[T]


@frozen
class Work(Step[T]):
    """Do something that takes the processor or a file a while; no waiting.

    Attributes:
        function: what is done. It may run on another thread than the call, but
            never beside it.
    """

    function: Callable[[], T]


@frozen
class Gather(Step[tuple[T, ...]]):
    """Carry out several calls at once; answers come back by position.

    When one call raises, no further one is started, those under way are
    waited for, and the first error by position is raised.

    Attributes:
        calls: what to carry out.
        max_in_flight: how many may be under way at one time, at least 1.
    """

    calls: tuple[Call[T], ...]
    max_in_flight: int


def do(step: Step[T]) -> Call[T]:
    """Yield one step, and return its answer with its type."""
    return cast("T", (yield step))


def send(request: Request) -> Call[Reply]:
    """Send a request and return the reply, whatever its status."""
    return (yield from do(request))


def pause(seconds: float) -> Call[None]:
    """Wait, unless there is nothing to wait for."""
    if seconds > 0:
        yield from do(Pause(seconds))


def clock() -> Call[Moment]:
    """Read the clocks."""
    return (yield from do(Clock()))


def draw() -> Call[float]:
    """Draw a random number in [0, 1)."""
    return (yield from do(Draw()))


def work(function: Callable[[], T]) -> Call[T]:
    """Do something that takes a while, without holding others up."""
    return (yield from do(Work(function)))


def exclusive(service: str, name: str, call: Call[T]) -> Call[T]:
    """Carry out a call while no other one of the same name runs."""
    return (yield from do(Exclusive(service, name, call)))


def gather(calls: Iterable[Call[T]], max_in_flight: int) -> Call[tuple[T, ...]]:
    """Carry out several calls, at most so many at once; answers by position."""
    together = tuple(calls)
    if not together:
        return ()
    return (yield from do(Gather(together, max_in_flight)))


def drive(call: Call[T], perform: Perform) -> T:
    """Carry a call out, step by step, and return its result."""
    try:
        step = next(call)
        while True:
            try:
                answer = perform(step)
            except CrmbridgeError as error:
                step = call.throw(error)
            else:
                step = call.send(answer)
    except StopIteration as end:
        return cast("T", end.value)
    finally:
        call.close()


async def adrive(call: Call[T], perform: AsyncPerform) -> T:
    """Carry a call out, step by step, awaiting each, and return its result."""
    try:
        step = next(call)
        while True:
            try:
                answer = await perform(step)
            except CrmbridgeError as error:
                step = call.throw(error)
            else:
                step = call.send(answer)
    except StopIteration as end:
        return cast("T", end.value)
    finally:
        call.close()
