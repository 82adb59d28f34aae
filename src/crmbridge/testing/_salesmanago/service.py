"""A SALESmanago in memory: the way of a request, and what is counted.

Floor 9.
Who may ask stands in ``gate``, the forms of answers in ``envelopes``, what the
endpoints do in ``writes``, ``reads`` and their neighbours, and what is unknown of
the real service in ``switches``.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any, Final, TypeGuard
from urllib.parse import urlsplit

from crmbridge._steps import Reply, Request
from crmbridge.testing._clock import FakeClock, ServiceClock
from crmbridge.testing._faults import Fault, Faults
from crmbridge.testing._salesmanago.book import Book, RefusalError
from crmbridge.testing._salesmanago.deletions import DELETIONS
from crmbridge.testing._salesmanago.endpoints import ENDPOINTS
from crmbridge.testing._salesmanago.envelopes import (
    NOT_AUTHENTICATED,
    no_json,
    redirect,
    refusal,
    slow_down,
    success,
    wrong_call,
)
from crmbridge.testing._salesmanago.gate import Gate
from crmbridge.testing._salesmanago.hooks import SalesmanagoHooks
from crmbridge.testing._salesmanago.jobs import FILES
from crmbridge.testing._salesmanago.people import SalesmanagoPeople
from crmbridge.testing._salesmanago.recording import RecordedRequest
from crmbridge.testing._salesmanago.switches import SalesmanagoSwitches

__all__ = ["RecordedRequest", "SalesmanagoFake"]

_RECORDED: Final = 2000


class SalesmanagoFake:
    """A stateful SALESmanago that answers requests in memory.

    It holds the endpoints that contact synchronisation needs, with the
    service's envelope, its refusals inside HTTP 200 and its quirks.
    It is safe to use from several threads.

    Args:
        users: e-mails of the account's users; the first is the main one.
        client_id: the account's client id.
        api_secret: the account's secret.
        switches: what is unknown of the real service; may be set later.
        clock: the service's clock, by default one that stands still.
        home: the address of the account's own server; what comes to another
            one is answered as the switch ``wrong_host`` says. By default every
            server is its own.

    Attributes:
        people: looks at and edits contacts as a person does.
        hooks: the web hooks of rules and the opt-in callbacks.
        faults: what goes wrong next.
        clock: the service's clock.
        home: the address of the account's own server, or ``None``.
        requests: how many requests came, by path, broken ones too.
        writes: how many of them were writes.
        recorded: the last 2,000 requests, credentials masked.

    >>> from crmbridge.config import SalesmanagoConfig
    >>> from crmbridge.salesmanago import SalesmanagoClient
    >>> from crmbridge.testing import FakeTransport, SalesmanagoFake
    >>> fake = SalesmanagoFake()
    >>> card = fake.people.add("ann@example.com", name="Ann Example")
    >>> config = SalesmanagoConfig(**fake.account())
    >>> with SalesmanagoClient(config, transport=FakeTransport(fake)) as client:
    ...     client.has_contact("ann@example.com") == card
    True
    >>> fake.writes
    0
    """

    def __init__(
        self,
        *,
        users: Iterable[str] = ("admin@example.com",),
        client_id: str = "fake-client",
        api_secret: str = "fake-secret",
        switches: SalesmanagoSwitches | None = None,
        clock: ServiceClock | None = None,
        home: str | None = None,
    ) -> None:
        self._lock = threading.RLock()
        self.clock: ServiceClock = clock or FakeClock()
        self.home = home
        self._gate = Gate(client_id, api_secret, self.clock)
        self._book = Book(switches or SalesmanagoSwitches(), self.clock, tuple(users))
        self.people = SalesmanagoPeople(self._book, self._lock)
        self.hooks = SalesmanagoHooks(self._book, self._lock)
        self.faults = Faults(self.clock)
        self.requests: Counter[str] = Counter()
        self.writes = 0
        self.recorded: deque[RecordedRequest] = deque(maxlen=_RECORDED)

    @property
    def switches(self) -> SalesmanagoSwitches:
        """How it behaves where the real behaviour is unknown."""
        return self._book.switches

    @switches.setter
    def switches(self, switches: SalesmanagoSwitches) -> None:
        self._book.switches = switches

    @property
    def users(self) -> tuple[str, ...]:
        """The e-mails of the account's users."""
        return self._book.users

    @users.setter
    def users(self, users: Iterable[str]) -> None:
        self._book.users = tuple(users)

    @property
    def contacts_written(self) -> int:
        """How many contacts were written by requests, each time counted."""
        with self._lock:
            self._book.catch_up()
            return self._book.contacts_written

    @property
    def confirmation_mails(self) -> tuple[str, ...]:
        """The addresses that confirmation mails went to, in order."""
        with self._lock:
            self._book.catch_up()
            return tuple(self._book.confirmations)

    @property
    def events_fired(self) -> tuple[str, ...]:
        """The addresses whose upserts started automations, in order."""
        with self._lock:
            self._book.catch_up()
            return tuple(self._book.events)

    def account(
        self, endpoint: str = "https://salesmanago.example.com"
    ) -> dict[str, Any]:
        """Give the settings of a `SalesmanagoConfig` that reaches this fake."""
        return {
            "endpoint": endpoint,
            "client_id": self._gate.client_id,
            "api_secret": self._gate.api_secret,
            "owner": self._book.users[0],
        }

    def fail_next(self, fault: Fault, path: str = "*", *, times: int = 1) -> None:
        """Let the next requests to a path (a shell pattern) fail."""
        self.faults.fail_next(fault, path, times=times)

    def reset_counters(self) -> None:
        """Count from zero again; contacts and faults stay."""
        with self._lock:
            self.requests.clear()
            self.recorded.clear()
            self.writes = 0
            self._book.contacts_written = 0
            self._book.confirmations.clear()
            self._book.events.clear()

    def handle(self, request: Request) -> Reply:
        """Answer one request.

        Raises:
            ConnectionFailedError: a fault plays an unreachable service.
            ConnectionLostError: a fault plays a broken connection.
        """
        path = urlsplit(request.url).path
        with self._lock:
            self._count(path, request)
        # A slow answer must not hold up the others, so no lock is held here.
        reply = self.faults.around(request, path, lambda: self._reply(path, request))
        date = format_datetime(self.clock().at, usegmt=True)
        return Reply(reply.status, {"date": date, **reply.headers}, reply.body)

    def _count(self, path: str, request: Request) -> None:
        self.requests[FILES if path.startswith(FILES) else path] += 1
        endpoint = ENDPOINTS.get(path)
        if endpoint is not None and endpoint.is_write:
            self.writes += 1
        if _is_object(request.json):
            self.recorded.append(RecordedRequest.of(path, request.json))

    def _reply(self, path: str, request: Request) -> Reply:
        if not path.startswith(FILES):
            return self._answer(path, request)
        with self._lock:
            return self._book.jobs.file(request, path, self.switches)

    def _answer(self, path: str, request: Request) -> Reply:
        away = self._elsewhere(path, request) or self._too_fast()
        if away is not None:
            return away
        status = _wrong_call_status(path, request)
        if status is not None:
            return wrong_call(status, self.switches)
        return self._carried_out(path, request, request.json)

    def _elsewhere(self, path: str, request: Request) -> Reply | None:
        """Answer as another server than the account's own."""
        if self.home is None or _base_url(request) == self.home:
            return None
        if self.switches.wrong_host == "redirect":
            return redirect(self.home, path)
        if self.switches.wrong_host == "reject":
            return refusal(RefusalError(NOT_AUTHENTICATED), self.switches)
        return None

    def _too_fast(self) -> Reply | None:
        switches = self.switches
        with self._lock:
            is_too_fast = self._gate.is_too_fast(switches.most_per_second)
        return slow_down(switches) if is_too_fast else None

    def _carried_out(
        self, path: str, request: Request, body: Mapping[str, Any]
    ) -> Reply:
        endpoint = ENDPOINTS[path]
        try:
            with self._lock:
                self._gate.check(self._book, endpoint, body)
                self._book.base_url = _base_url(request)
                self._book.catch_up()
                payload = endpoint.answer(self._book, body)
        except RefusalError as error:
            return refusal(error, self.switches)
        if path in DELETIONS and self.switches.delete_answer == "unreadable":
            return no_json()
        return success(payload)


def _wrong_call_status(path: str, request: Request) -> HTTPStatus | None:
    """Give the status of a request that no endpoint takes."""
    if path not in ENDPOINTS:
        return HTTPStatus.NOT_FOUND
    if request.method != "POST":
        return HTTPStatus.METHOD_NOT_ALLOWED
    if not (_is_named_json(request) and _is_object(request.json)):
        return HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    return None


def _is_named_json(request: Request) -> bool:
    """Tell whether the media type is JSON, where it is named."""
    kind = request.headers.get("content-type", "application/json")
    return kind.partition(";")[0].strip().lower() == "application/json"


def _base_url(request: Request) -> str:
    parts = urlsplit(request.url)
    return f"{parts.scheme}://{parts.netloc}"


def _is_object(value: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping)
