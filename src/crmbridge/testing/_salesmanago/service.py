"""A SALESmanago in memory: authentication, envelope, counters.

Floor 9.
What the endpoints do stands in ``writes``, ``reads`` and their neighbours, what is
unknown of the real service in ``switches``.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from email.utils import format_datetime
from typing import Any, Final, TypeGuard
from urllib.parse import urlsplit

from attrs import field, frozen

from crmbridge._steps import Reply, Request
from crmbridge.testing._clock import FakeClock, ServiceClock
from crmbridge.testing._faults import Fault, Faults
from crmbridge.testing._salesmanago.book import Book, RefusalError
from crmbridge.testing._salesmanago.endpoints import ENDPOINTS
from crmbridge.testing._salesmanago.jobs import FILES
from crmbridge.testing._salesmanago.parts import Endpoint
from crmbridge.testing._salesmanago.people import SalesmanagoPeople
from crmbridge.testing._salesmanago.switches import SalesmanagoSwitches

__all__ = ["RecordedRequest", "SalesmanagoFake"]

_SECRET: Final = frozenset({"clientId", "apiKey", "sha"})
_RECORDED: Final = 2000
_TIME_TOLERANCE_MS: Final = 15 * 60 * 1000
_NOT_FOUND: Final = b"<html><body><h1>404 Not Found</h1></body></html>"


@frozen
class RecordedRequest:
    """One request that reached the fake, without its credentials.

    Attributes:
        path: the endpoint's path.
        body: what was sent, credentials masked.
    """

    path: str
    body: Mapping[str, Any] = field(repr=False)


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

    Attributes:
        people: looks at and edits contacts as a person does.
        faults: what goes wrong next.
        clock: the service's clock.
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
    ) -> None:
        self._lock = threading.RLock()
        self._client_id = client_id
        self._api_secret = api_secret
        self.clock: ServiceClock = clock or FakeClock()
        self._book = Book(switches or SalesmanagoSwitches(), self.clock, tuple(users))
        self.people = SalesmanagoPeople(self._book, self._lock)
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
        return self._book.contacts_written

    @property
    def confirmation_mails(self) -> tuple[str, ...]:
        """The addresses that confirmation mails went to, in order."""
        return tuple(self._book.confirmations)

    @property
    def events_fired(self) -> tuple[str, ...]:
        """The addresses whose upserts started automations, in order."""
        return tuple(self._book.events)

    def account(
        self, endpoint: str = "https://salesmanago.example.com"
    ) -> dict[str, Any]:
        """Give the settings of a `SalesmanagoConfig` that reaches this fake."""
        return {
            "endpoint": endpoint,
            "client_id": self._client_id,
            "api_secret": self._api_secret,
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
            body = request.json
            masked = {
                name: "***" if name in _SECRET else value
                for name, value in body.items()
            }
            self.recorded.append(RecordedRequest(path, masked))

    def _reply(self, path: str, request: Request) -> Reply:
        if not path.startswith(FILES):
            return self._answer(path, request)
        with self._lock:
            return self._book.jobs.file(request, path, self.switches)

    def _answer(self, path: str, request: Request) -> Reply:
        endpoint = ENDPOINTS.get(path)
        if endpoint is None:
            return Reply(404, {"content-type": "text/html"}, _NOT_FOUND)
        if request.method != "POST":
            return Reply(405, {"content-type": "text/html", "allow": "POST"})
        if not (_is_named_json(request) and _is_object(request.json)):
            return Reply(415, {"content-type": "text/html"})
        body = request.json
        try:
            with self._lock:
                self._check(endpoint, body)
                self._book.base_url = _base_url(request)
                self._book.catch_up()
                payload = endpoint.answer(self._book, body)
        except RefusalError as refusal:
            return _json(self._refusal(refusal))
        is_unreadable = self.switches.delete_answer == "unreadable"
        if is_unreadable and path == "/api/contact/delete":
            return Reply(200, {"content-type": "text/plain"}, b"OK")
        return _json({"success": True, "message": [], **payload})

    def _check(self, endpoint: Endpoint, body: Mapping[str, Any]) -> None:
        signed = f"{body.get('apiKey')}{self._client_id}{self._api_secret}"
        sha = hashlib.sha1(signed.encode(), usedforsecurity=False).hexdigest()
        if body.get("clientId") != self._client_id or body.get("sha") != sha:
            raise RefusalError("User not authenticated")
        if self.switches.is_inactive:
            raise RefusalError("Not authenticated")
        self._check_time(body.get("requestTime"))
        is_known = self._book.is_owner(body.get("owner"))
        if endpoint.needs_owner and not is_known and self.switches.is_owner_checked:
            raise RefusalError("Owner does not exist", "owner")

    def _check_time(self, request_time: object) -> None:
        if not isinstance(request_time, int):
            raise RefusalError("Request time is not valid", "requestTime")
        off_ms = abs(self._book.now_ms() - request_time)
        if self.switches.is_time_checked and off_ms > _TIME_TOLERANCE_MS:
            raise RefusalError("Request time is not valid", "requestTime")

    def _refusal(self, refusal: RefusalError) -> dict[str, Any]:
        form = self.switches.refusals
        message = refusal.text if form == "string" else [refusal.text]
        answer: dict[str, Any] = {"success": False, "message": message}
        if form == "values" and refusal.field is not None:
            answer["values"] = {refusal.field: [refusal.text]}
        return answer


def _is_named_json(request: Request) -> bool:
    """Tell whether the media type is JSON, where it is named."""
    kind = request.headers.get("content-type", "application/json")
    return kind.partition(";")[0].strip().lower() == "application/json"


def _base_url(request: Request) -> str:
    parts = urlsplit(request.url)
    return f"{parts.scheme}://{parts.netloc}"


def _is_object(value: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping)


def _json(body: Mapping[str, Any]) -> Reply:
    text = json.dumps(body, ensure_ascii=True)  # as the service escapes its answers
    return Reply(200, {"content-type": "application/json;charset=UTF-8"}, text.encode())
