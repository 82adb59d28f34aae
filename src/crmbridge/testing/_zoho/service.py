"""A Zoho CRM in memory: addresses, tokens, rights, counters.

Floor 9.
What the endpoints do stands in ``reads``, ``writes`` and their neighbours, what
is unknown of the real service in ``switches``.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Final, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from attrs import evolve

from crmbridge._steps import Reply, Request
from crmbridge.errors import ConnectionFailedError
from crmbridge.testing._clock import FakeClock, ServiceClock
from crmbridge.testing._faults import Fault, Faults
from crmbridge.testing._zoho.answers import Refused, answer
from crmbridge.testing._zoho.book import ZONE, Book
from crmbridge.testing._zoho.bulk_jobs import Downloads
from crmbridge.testing._zoho.bulk_read import BulkReads
from crmbridge.testing._zoho.bulk_write import BulkWrites
from crmbridge.testing._zoho.consents import ZohoConsents
from crmbridge.testing._zoho.conversion_options import ConversionMatches
from crmbridge.testing._zoho.convert import Conversions
from crmbridge.testing._zoho.coql import Queries
from crmbridge.testing._zoho.counts import Counts
from crmbridge.testing._zoho.deletions import Deletions
from crmbridge.testing._zoho.fields import MODULES
from crmbridge.testing._zoho.granted import check_scopes
from crmbridge.testing._zoho.limits import Allowance, Call
from crmbridge.testing._zoho.masking import masked
from crmbridge.testing._zoho.mass_convert import MassConversions
from crmbridge.testing._zoho.notices import ZohoNotices
from crmbridge.testing._zoho.people import ZohoPeople
from crmbridge.testing._zoho.reads import Reads
from crmbridge.testing._zoho.rights import check_rights
from crmbridge.testing._zoho.routes import Asked, Route, Router
from crmbridge.testing._zoho.search import Searches
from crmbridge.testing._zoho.settings import Settings
from crmbridge.testing._zoho.switches import ZohoSwitches
from crmbridge.testing._zoho.tags import Tags
from crmbridge.testing._zoho.watches import Watches
from crmbridge.testing._zoho.writes import Writes

__all__ = ["ZohoFake"]

_Around: TypeAlias = Callable[[Callable[[], Reply]], Reply]

_RECORDED: Final = 2000
_REMAINING: Final = "x-api-credits-remaining"


class ZohoFake(ZohoConsents):
    """A stateful Zoho CRM that answers requests in memory.

    It holds the token endpoint and those of the API that contact
    synchronisation needs, for Leads, Contacts and Accounts.
    It is safe to use from several threads.

    Args:
        users: e-mails of the organisation's active users; the first one is
            the user whose token it is.
        switches: what is unknown of the real service; may be set later.
        clock: the service's clock, by default one that stands still.
        zone: the time zone of the token's user.
        data_centre: the region that it plays, such as ``"eu"``: then it has
            that region's addresses, and those of other regions do not know
            its clients and tokens. By default it has made-up addresses and
            takes requests at any.

    Attributes:
        people: looks at and edits records as a person does.
        notifications: the callbacks to those who watch; see `ZohoNotices`.
        faults: what goes wrong next.
        clock: the service's clock.
        api_domain: the API's address that the token endpoint names.
        requests: how many requests came, by name, such as ``"Leads list"``,
            ``"Contacts upsert"``, ``"users"``, ``"token"``.
        writes: how many of them were writes.
        credits: what they cost, as far as it is known.
        allowance: the credits that are left and the calls in flight.
        latency_seconds: how long a request stays in flight before it is
            answered, on the service's clock. It is waited for without holding
            other requests up.
        recorded: the last 2,000 requests, secrets masked.

    >>> from crmbridge import ZohoClient, ZohoConfig
    >>> from crmbridge.testing import FakeTransport, ZohoFake
    >>> fake = ZohoFake()
    >>> lead = fake.people.add_lead(Last_Name="Nowak", Email="nowak@example.com")
    >>> config = ZohoConfig(**fake.account())
    >>> with ZohoClient(config, transport=FakeTransport(fake)) as client:
    ...     [record.id == lead for record in client.records("Leads", fields=["Email"])]
    [True]
    >>> fake.writes
    0
    """

    def __init__(
        self,
        *,
        users: Iterable[str] = ("admin@example.com",),
        switches: ZohoSwitches | None = None,
        clock: ServiceClock | None = None,
        zone: tzinfo = ZONE,
        data_centre: str | None = None,
    ) -> None:
        self.clock: ServiceClock = clock or FakeClock()
        self._book = Book(switches or ZohoSwitches(), self.clock, zone)
        super().__init__(self._book, threading.RLock(), data_centre)
        for email in users:
            self._book.add_user(email, email.partition("@")[0].title())
        self._reads = Reads(self._book)
        self._deletions = Deletions(self._book)
        self._queries = Queries(self._book)
        self._searches = Searches(self._book)
        self._counts = Counts(self._reads.lists, self._searches)
        self._settings = Settings(self._book)
        self._writes = Writes(self._book)
        self._conversions = Conversions(self._book)
        self._mass_conversions = MassConversions(self._book, self._conversions)
        self._matches = ConversionMatches(self._book)
        self._tags = Tags(self._book)
        self._watches = Watches(self._book, lambda: self.api_domain)
        downloads = Downloads(self._book)
        self._bulk_reads = BulkReads(self._book, downloads)
        self._bulk_writes = BulkWrites(
            self._book,
            self._writes,
            downloads,
            lambda: urlsplit(self.api_domain).netloc,
        )
        self._router = Router(self._routes())
        self.people = ZohoPeople(self._book, self._conversions, self._lock)
        self.notifications = ZohoNotices(self._book, self._watches, self._lock)
        self.faults = Faults(self.clock)
        self.allowance = Allowance(self._book)
        self.latency_seconds = 0.0
        self.requests: Counter[str] = Counter()
        self.writes = 0
        self.credits = 0
        self.recorded: deque[Request] = deque(maxlen=_RECORDED)

    @property
    def switches(self) -> ZohoSwitches:
        """How it behaves where the real behaviour is unknown."""
        return self._book.switches

    @switches.setter
    def switches(self, switches: ZohoSwitches) -> None:
        self._book.switches = switches

    @property
    def users(self) -> tuple[str, ...]:
        """The e-mails of the organisation's users; see `ZohoPeople.add_user`."""
        return tuple(user.email for user in self._book.users.values())

    @property
    def records_written(self) -> int:
        """How many records were written by requests, each time counted."""
        return self._book.written

    @property
    def locked(self) -> set[str]:
        """The ids of locked records; add to it or take away."""
        return self._book.holds.locked

    @property
    def in_approval(self) -> set[str]:
        """The ids of records that wait for an approval; add or take away."""
        return self._book.holds.in_approval

    @property
    def in_review(self) -> set[str]:
        """The ids of records that wait for a review; add or take away."""
        return self._book.holds.in_review

    @property
    def fired(self) -> Counter[str]:
        """What writes of records set off, such as ``"workflow"``, and how often."""
        return self._writes.fired

    def fail_next(self, fault: Fault, path: str = "*", *, times: int = 1) -> None:
        """Let the next requests to a path (a shell pattern) fail."""
        self.faults.fail_next(fault, path, times=times)

    def reset_counters(self) -> None:
        """Count from zero again; records and faults stay."""
        with self._lock:
            self.requests.clear()
            self.recorded.clear()
            self.writes = 0
            self.credits = 0
            self.allowance.reset_counters()
            self._book.written = 0
            self._writes.fired.clear()

    def handle(self, request: Request) -> Reply:
        """Answer one request.

        Raises:
            ConnectionFailedError: a fault plays an unreachable service.
            ConnectionLostError: a fault plays a broken connection.
        """
        received = self.receive(request)
        if self.latency_seconds:
            self.clock.sleep(self.latency_seconds)
        return received()

    def receive(self, request: Request) -> Callable[[], Reply]:
        """Let one request come in, and give what answers it.

        Between the two it is in flight; what it does, it does when it is
        answered.
        """
        parts = urlsplit(request.url)
        query = {**dict(parse_qsl(parts.query)), **request.query}
        with self._lock:
            self.recorded.append(masked(evolve(request, query=query)))
            answer_it = self._received(parts.path, query, request)

        def answer_now() -> Reply:
            around = self.faults.meet(request, parts.path)
            with self._lock:
                self._conversions.settle()
                self._mass_conversions.settle()
                self._bulk_writes.settle()
                return answer_it(around)

        return answer_now

    def _routes(self) -> Iterator[Route]:
        # The first path that fits is taken: fixed words before ``{module}``.
        yield from self._watches.routes()
        yield from self._settings.routes()
        yield from self._conversions.routes()
        yield from self._mass_conversions.routes()
        yield from self._matches.routes()
        yield from self._tags.routes()
        yield from self._bulk_reads.routes()
        yield from self._bulk_writes.routes()
        yield from self._queries.routes()
        yield from self._searches.routes()
        yield from self._counts.routes()
        yield from self._writes.routes()
        yield from self._deletions.routes()
        yield from self._reads.routes()

    def _received(
        self, path: str, query: Mapping[str, str], request: Request
    ) -> Callable[[_Around], Reply]:
        """Count a request, and give what answers it."""
        now = self._book.now()
        account = self._accounts.name_of(path)
        if account is not None:
            self.requests[account] += 1
            return _outside(
                lambda: self._accounts.answer(account, query, request, self.api_domain)
            )
        try:
            asked = self._router.asked(path, query, request)
        except Refused as refused:
            self.requests["unknown"] += 1
            return _outside(_refusal(refused, now))
        self.requests[asked.name] += 1
        self.writes += asked.route.is_write
        host = urlsplit(request.url).netloc
        try:
            granted = self._accounts.scopes(asked, host, self.api_domain)
        except Refused as refused:
            return _outside(_refusal(refused, now))
        try:
            call = self.allowance.enter(asked)
        except Refused as refused:
            turned_away = _refusal(refused, now)
            return _outside(lambda: self._telling(turned_away()))
        whole = evolve(asked, granted=granted, host=host)
        return lambda around: self._within(call, whole, around)

    def _within(self, call: Call, asked: Asked, around: _Around) -> Reply:
        """Answer a call, give its place back, and charge it."""
        status: int | None = 500
        try:
            reply = around(lambda: self._answer(asked))
            status = reply.status
        except ConnectionFailedError:
            status = None
            raise
        finally:
            self.credits += self.allowance.leave(call, status)
        return self._telling(reply)

    def _telling(self, reply: Reply) -> Reply:
        """Tell what is left, once half of it is used."""
        left = self.allowance.told
        if left is None:
            return reply
        return evolve(reply, headers={**reply.headers, _REMAINING: str(left)})

    def _answer(self, asked: Asked) -> Reply:
        now = self._book.now()
        try:
            check_scopes(asked)
            self._check(asked)
            return answer(*asked.route.do(asked), now)
        except Refused as refused:
            return answer(refused.status, refused.body, now)

    def _check(self, asked: Asked) -> None:
        if asked.module and asked.module not in MODULES:
            raise Refused(
                400,
                "INVALID_MODULE",
                "the module name given seems to be invalid",
                {"resource_path_index": 0},
            )
        check_rights(asked.route.scope or asked.module, self.switches)


def _refusal(refused: Refused, now: datetime) -> Callable[[], Reply]:
    return lambda: answer(refused.status, refused.body, now)


def _outside(reply: Callable[[], Reply]) -> Callable[[_Around], Reply]:
    """Answer what holds no place and costs nothing."""
    return lambda around: around(reply)
