"""The callbacks of the fake Zoho: queued when something happens, sent when told.

Floor 9.
Nothing is sent by itself, and nothing ever leaves this machine.

Source: Zoho CRM API v7, "Enable Notifications", for the body of a callback.
Unverified, and therefore switches of `ZohoSwitches`: losses, repeats, order,
delay, further attempts, and whether one callback names several records.
"""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Collection, Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Final, TypeAlias
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from attrs import evolve, field, frozen

from crmbridge.testing._zoho.answers import Json
from crmbridge.testing._zoho.book import Book, Operation, Record
from crmbridge.testing._zoho.watch_conditions import holds
from crmbridge.testing._zoho.watches import Watched, Watches
from crmbridge.zoho.notices import is_on_loopback

__all__ = ["Delivery", "Receiver", "ZohoNotices"]

Receiver: TypeAlias = Callable[[bytes], int | None]
"""Takes the body of a callback; gives an HTTP status, or ``None`` for 200."""

_EVENTS: Final = {"insert": "create", "update": "edit", "delete": "delete"}
_TIMEOUT_SECONDS: Final = 5.0
_RETRY_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.05


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


@frozen
class _Waiting:
    """A callback that is to be sent."""

    notify_url: str
    body: Json
    at: datetime
    due_at: datetime
    attempts: int = 0


class ZohoNotices:
    """The callbacks of a `ZohoFake`: who gets them, and when.

    What people and requests do is queued at once, for every watch that is not
    over; `deliver` sends it.
    A callback goes over HTTP to an address on loopback, or to a function that
    `receive` names for its address; to no other place.
    How deliveries go wrong is said by the switches of `ZohoSwitches`.

    >>> from crmbridge.testing import ZohoFake
    >>> ZohoFake().notifications.deliver()
    ()
    """

    def __init__(self, book: Book, watches: Watches, lock: threading.RLock) -> None:
        self._book = book
        self._watches = watches
        self._lock = lock
        self._waiting: list[_Waiting] = []
        self._receivers: dict[str, Receiver] = {}
        self._chance = random.Random()
        self._seed: int | None = None
        book.listeners.append(self._heard)

    @property
    def waiting(self) -> int:
        """How many callbacks wait to be sent, or to be sent again."""
        with self._lock:
            return len(self._waiting)

    def receive(self, receiver: Receiver, *, at: str) -> None:
        """Let a function take the callbacks to an address, instead of HTTP.

        Args:
            receiver: takes the body; gives an HTTP status, or ``None`` for 200.
            at: the ``notify_url``, exactly as the watch names it.
        """
        with self._lock:
            self._receivers[at] = receiver

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

        thread = threading.Thread(target=work, name="zoho-notices", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    # --- what happens ---

    def _heard(
        self, operation: Operation, record: Record, names: Collection[str]
    ) -> None:
        if record.is_hidden:
            return
        account = str(record.values.get("Account_Name"))
        for one in self._watches.live():
            if one.module == record.module:
                if _is_wanted(one, operation, names):
                    self._queue(one, self._body(one, operation, record, names))
            elif _is_related(one, operation, record) and account in self._accounts():
                self._queue(one, self._plain_body(one, "update", account))

    def _accounts(self) -> Collection[str]:
        return self._book.modules["Accounts"]

    def _body(
        self,
        one: Watched,
        operation: Operation,
        record: Record,
        names: Collection[str],
    ) -> Json:
        body = self._plain_body(one, operation, record.id)
        if operation != "update":
            return body
        body["affected_fields"] = [{record.id: list(names)}]
        if one.sends_values:
            shown = self._book.show(record, names)
            del shown["id"]
            body["affected_values"] = [{"record_id": record.id, "values": shown}]
        return body

    def _plain_body(self, one: Watched, operation: Operation, record_id: str) -> Json:
        query = urlsplit(one.notify_url).query
        return {
            "query_params": dict(parse_qsl(query, keep_blank_values=True)),
            "module": one.module,
            "resource_uri": self._watches.address_of(one.module),
            "ids": [record_id],
            "affected_fields": [],
            "operation": operation,
            "channel_id": one.channel_id,
            "token": one.token,
        }

    # --- the queue ---

    def _queue(self, one: Watched, body: Json) -> None:
        switches, chance = self._book.switches, self._drawn()
        if chance.random() < switches.loses_notifications:
            return
        now = self._book.now()
        delay = timedelta(seconds=switches.notification_delay_seconds)
        new = _Waiting(one.notify_url, body, now, now + delay)
        last = self._waiting[-1] if self._waiting else None
        if switches.groups_notifications and last and _go_together(last, new):
            self._waiting[-1] = _joined(last, new)
            return
        self._waiting.append(new)
        if chance.random() < switches.doubles_notifications:
            self._waiting.append(new)

    def _drawn(self) -> random.Random:
        """Give the source of chance; another seed makes another one."""
        seed = self._book.switches.notification_seed
        if seed != self._seed:
            self._seed, self._chance = seed, random.Random(seed)
        return self._chance

    def _take(self) -> list[_Waiting]:
        with self._lock:
            now = self._book.now()
            ready = [one for one in self._waiting if one.due_at <= now]
            self._waiting = [one for one in self._waiting if one.due_at > now]
            if self._book.switches.shuffles_notifications:
                self._drawn().shuffle(ready)
            return ready

    def _send(self, one: _Waiting) -> Delivery:
        milliseconds = int(self._book.clock().at.timestamp() * 1000)
        told = {"server_time": milliseconds, **one.body}
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        receiver = self._receivers.get(one.notify_url)
        if receiver is not None:
            return Delivery(one.notify_url, body, receiver(body) or HTTPStatus.OK)
        return _posted(one.notify_url, body)

    def _try_again(self, one: _Waiting, delivery: Delivery) -> None:
        most = self._book.switches.notification_retries
        if delivery.is_success or one.attempts >= most:
            return
        wait = timedelta(seconds=_RETRY_SECONDS * 2**one.attempts)
        later = self._book.now() + wait
        self._waiting.append(evolve(one, due_at=later, attempts=one.attempts + 1))


def _posted(url: str, body: bytes) -> Delivery:
    """Send a callback over HTTP, to loopback and to nowhere else."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not is_on_loopback(url):
        problem = "the fake sends to receivers and to http on loopback only"
        return Delivery(url, body, problem=problem)
    connection = HTTPConnection(
        parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS
    )
    target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    headers = {"Content-Type": "application/json;charset=UTF-8"}
    try:
        connection.request("POST", target, body, headers)
        return Delivery(url, body, connection.getresponse().status)
    except (OSError, HTTPException, ValueError) as error:
        return Delivery(url, body, problem=type(error).__name__)
    finally:
        connection.close()


def _is_wanted(one: Watched, operation: Operation, names: Collection[str]) -> bool:
    if _EVENTS[operation] not in one.operations:
        return False
    if operation == "delete" or not one.conditions:
        return True
    return any(holds(condition, names) for condition in one.conditions)


def _is_related(one: Watched, operation: Operation, record: Record) -> bool:
    """Tell whether a contact's update is told to who watches its account.

    Source: Zoho's post "Kaizen #170".
    """
    return (
        (one.module, record.module, operation) == ("Accounts", "Contacts", "update")
        and one.tells_related
        and "edit" in one.operations
    )


def _go_together(last: _Waiting, new: _Waiting) -> bool:
    names = ("channel_id", "module", "operation")
    return (last.notify_url, last.at) == (new.notify_url, new.at) and all(
        last.body[name] == new.body[name] for name in names
    )


def _joined(last: _Waiting, new: _Waiting) -> _Waiting:
    lists = ("ids", "affected_fields", "affected_values")
    both = {
        name: [*last.body[name], *new.body[name]] for name in lists if name in new.body
    }
    return evolve(last, body={**last.body, **both})
