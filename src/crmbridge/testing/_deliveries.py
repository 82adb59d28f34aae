"""How the callbacks of a fake are sent: when told, and as well as chance has it.

Floor 9.
Nothing is sent by itself, and nothing ever leaves this machine.
What is told to whom is the business of each fake.
"""

from __future__ import annotations

import random
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Final, Generic, TypeAlias, TypeVar
from urllib.parse import urlsplit, urlunsplit

from attrs import evolve, field, frozen

from crmbridge._callbacks import is_on_loopback

__all__ = ["Deliveries", "Delivery", "Habits", "Receiver", "SentCallback"]

_TIMEOUT_SECONDS: Final = 5.0
_RETRY_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.05


@frozen
class SentCallback:
    """One callback as a receiver gets it.

    Attributes:
        url: where it goes, with its query.
        body: what is sent; empty where the query says all.
        method: of HTTP.
        headers: by their names in lower case.
    """

    url: str = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    method: str = "POST"
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)


Receiver: TypeAlias = Callable[[SentCallback], int | None]
"""Takes a callback; gives an HTTP status, or ``None`` for 200."""


@frozen
class Delivery:
    """One callback that was sent, or could not be.

    Attributes:
        notify_url: where it went.
        body: what was sent.
        status: the HTTP status that was answered, or ``None``.
        problem: why nothing was answered, or ``""``.
    """

    notify_url: str = field(repr=False)
    body: bytes = field(repr=False)
    status: int | None = None
    problem: str = ""

    @property
    def is_success(self) -> bool:
        """Tell whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - HTTP


@frozen(kw_only=True)
class Habits:
    """How deliveries go wrong; a fake has switches for them.

    Attributes:
        loses: the share of callbacks that get lost, 0 to 1.
        doubles: the share of callbacks that come twice.
        shuffles: callbacks overtake each other.
        delay_seconds: how much later one is sent.
        retries: how often one is sent again that got no HTTP 2xx: after one
            minute, then after twice as long each time.
        seed: what chance begins with.
    """

    loses: float
    doubles: float
    shuffles: bool
    delay_seconds: float
    retries: int
    seed: int


Told = TypeVar("Told")


@frozen
class _Waiting(Generic[Told]):
    """A callback that is to be sent."""

    told: Told
    at: datetime
    due_at: datetime
    attempts: int = 0


class Deliveries(ABC, Generic[Told]):
    """The callbacks that a fake owes, and their sending.

    Args:
        lock: the fake's; it is not held while a callback is sent.
    """

    def __init__(self, lock: threading.RLock) -> None:
        self._lock = lock
        self._waiting: list[_Waiting[Told]] = []
        self._receivers: dict[str, Receiver] = {}
        self._chance = random.Random()
        self._seed: int | None = None

    @property
    def waiting(self) -> int:
        """How many callbacks wait to be sent, or to be sent again."""
        with self._lock:
            return len(self._waiting)

    def deliver(self) -> tuple[Delivery, ...]:
        """Send the callbacks whose time has come, in order, and say how it went.

        The fake answers requests meanwhile, so a receiver may ask it.
        """
        ready = self._take()
        done = tuple(self._send(one) for one in ready)
        with self._lock:
            for one, delivery in zip(ready, done, strict=True):
                self._try_again(one, delivery)
        return done

    @contextmanager
    def delivering(self) -> Generator[None, None, None]:
        """Deliver in a thread of its own, as long as the block lasts."""
        stop = threading.Event()

        def work() -> None:
            while not stop.wait(_POLL_SECONDS):
                if self.waiting:
                    self.deliver()

        thread = threading.Thread(target=work, name=type(self).__name__, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    # --- what a fake says ---

    @abstractmethod
    def _now(self) -> datetime:
        """Give the service's time."""

    @abstractmethod
    def _habits(self) -> Habits:
        """Tell how deliveries go wrong now."""

    @abstractmethod
    def _place(self, told: Told) -> str:
        """Give the address under which a receiver is named."""

    @abstractmethod
    def _written(self, told: Told) -> SentCallback:
        """Give what is sent."""

    def _joined(self, last: Told, new: Told) -> Told | None:  # noqa: ARG002 - for a fake to override
        """Give both in one, ``None`` where they go alone."""
        return None

    # --- the queue ---

    def _queue(self, told: Told) -> None:
        habits, chance = self._habits(), self._drawn()
        if chance.random() < habits.loses:
            return
        now = self._now()
        new = _Waiting(told, now, now + timedelta(seconds=habits.delay_seconds))
        last = self._waiting[-1] if self._waiting else None
        if last is not None and last.at == now:
            both = self._joined(last.told, told)
            if both is not None:
                self._waiting[-1] = evolve(last, told=both)
                return
        self._waiting.append(new)
        if chance.random() < habits.doubles:
            self._waiting.append(new)

    def _drawn(self) -> random.Random:
        """Give the source of chance; another seed makes another one."""
        seed = self._habits().seed
        if seed != self._seed:
            self._seed, self._chance = seed, random.Random(seed)
        return self._chance

    def _take(self) -> list[_Waiting[Told]]:
        with self._lock:
            now = self._now()
            ready = [one for one in self._waiting if one.due_at <= now]
            self._waiting = [one for one in self._waiting if one.due_at > now]
            if self._habits().shuffles:
                self._drawn().shuffle(ready)
            return ready

    def _send(self, one: _Waiting[Told]) -> Delivery:
        callback = self._written(one.told)
        receiver = self._receivers.get(self._place(one.told))
        if receiver is None:
            return _sent(callback)
        status = receiver(callback) or HTTPStatus.OK
        return Delivery(callback.url, callback.body, status)

    def _try_again(self, one: _Waiting[Told], delivery: Delivery) -> None:
        if delivery.is_success or one.attempts >= self._habits().retries:
            return
        wait = timedelta(seconds=_RETRY_SECONDS * 2**one.attempts)
        later = self._now() + wait
        self._waiting.append(evolve(one, due_at=later, attempts=one.attempts + 1))


def _sent(callback: SentCallback) -> Delivery:
    """Send a callback over HTTP, to loopback and to nowhere else."""
    url, body = callback.url, callback.body
    parts = urlsplit(url)
    if parts.scheme != "http" or not is_on_loopback(url):
        problem = "the fake sends to receivers and to http on loopback only"
        return Delivery(url, body, problem=problem)
    connection = HTTPConnection(
        parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS
    )
    target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    headers = dict(callback.headers)
    try:
        connection.request(callback.method, target, body or None, headers)
        return Delivery(url, body, connection.getresponse().status)
    except (OSError, HTTPException, ValueError) as error:
        return Delivery(url, body, problem=type(error).__name__)
    finally:
        connection.close()
