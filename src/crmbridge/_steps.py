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

import json
from collections.abc import Awaitable, Callable, Generator, Iterable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO, Generic, TypeAlias, TypeVar, cast

from attrs import field, frozen

from crmbridge.errors import CrmbridgeError, MalformedReplyError

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
    "Reply",
    "Request",
    "Step",
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
Perform: TypeAlias = Callable[[Step[Any]], Any]
AsyncPerform: TypeAlias = Callable[[Step[Any]], Awaitable[Any]]


@frozen
class Moment:
    """One reading of the clocks.

    Attributes:
        at: the wall clock, aware, in UTC.
        ticks_seconds: a clock that never jumps, for measuring durations.
    """

    at: datetime
    ticks_seconds: float


@frozen
class Reply:
    """An HTTP answer, whole.

    Attributes:
        status: the HTTP status.
        headers: names in lower case.
        body: the bytes after decompression. They stay out of ``repr``, for
            they hold personal data.
        was_repeated: an earlier attempt of the same request was lost, and may
            have been carried out as well.

    >>> Reply(200, {"content-type": "application/json"}, b'{"count": 7}').json()
    {'count': 7}
    """

    status: int
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    body: bytes = field(default=b"", repr=False)
    was_repeated: bool = False

    def json(self, service: str | None = None) -> Any:
        """Read the body as JSON.

        Args:
            service: who answered, for the error.

        Raises:
            MalformedReplyError: the body is not JSON in UTF-8.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:  # too deep to be meant
            message = (
                f"the answer of {service or 'the service'} "
                f"(HTTP {self.status}, {len(self.body)} bytes, "
                f"{self.headers.get('content-type', 'no content type')}) is not JSON"
            )
            raise MalformedReplyError(
                message, service=service, status=self.status
            ) from error

    @property
    def date(self) -> datetime | None:
        """The server's clock as its ``Date`` header shows it, or ``None``."""
        text = self.headers.get("date")
        if text is None:
            return None
        try:
            return parsedate_to_datetime(text)
        except ValueError:
            return None

    @property
    def retry_after_seconds(self) -> float | None:
        """How long the server asks to wait, if it says so in seconds."""
        text = self.headers.get("retry-after", "")
        try:
            return max(0.0, float(text))
        except ValueError:
            return None


@frozen
class Upload:
    """A file to be sent as a form.

    Attributes:
        file: open for reading from any place; each attempt reads it from its
            start.
        file_name: what the service is told that it is called.
        field_name: the form's field that holds it.
        content_type: the media type.
    """

    file: BinaryIO = field(repr=False, eq=False)
    file_name: str
    field_name: str = "file"
    content_type: str = "application/zip"

    def read(self) -> bytes:
        """Read all of it, from the start."""
        self.file.seek(0)
        return self.file.read()


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
            have any size.
        credits: what the service counts for it, where it counts.
        is_complex: whether it is one of the calls that the service lets run
            beside each other less often than others.
        timeout_seconds: a limit for this request, else the transport's own.

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
    credits: int = 0
    is_complex: bool = False
    timeout_seconds: float | None = None


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
