"""A Zoho CRM in memory: addresses, tokens, rights, counters.

Floor 9.
What the endpoints do stands in ``_zoho_reads``, ``_zoho_writes`` and
``_zoho_convert``, what is unknown of the real service in ``_zoho_switches``.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from datetime import tzinfo
from typing import Any, Final, cast
from urllib.parse import parse_qsl, urlsplit

from attrs import evolve

from crmbridge._steps import Reply, Request
from crmbridge.testing._clock import FakeClock, ServiceClock
from crmbridge.testing._faults import Fault, Faults
from crmbridge.testing._zoho_answers import Json, Refused, answer, records_of
from crmbridge.testing._zoho_book import ZONE, Book
from crmbridge.testing._zoho_convert import Conversions
from crmbridge.testing._zoho_fields import MODULES
from crmbridge.testing._zoho_people import ZohoPeople
from crmbridge.testing._zoho_reads import Answer, Reads
from crmbridge.testing._zoho_routes import (
    TOKEN_PATH,
    WRITES,
    Asked,
    asked_for,
    credits_of,
)
from crmbridge.testing._zoho_settings import Settings
from crmbridge.testing._zoho_switches import ZohoSwitches
from crmbridge.testing._zoho_tokens import Credentials, Tokens
from crmbridge.testing._zoho_writes import Writes

__all__ = ["ZohoFake"]

_RECORDED: Final = 2000
_SECRET: Final = frozenset({"client_secret", "refresh_token", "code", "authorization"})


class ZohoFake:
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

    Attributes:
        people: looks at and edits records as a person does.
        faults: what goes wrong next.
        clock: the service's clock.
        api_domain: the API's address that the token endpoint names.
        requests: how many requests came, by name, such as ``"Leads list"``,
            ``"Contacts upsert"``, ``"users"``, ``"token"``.
        writes: how many of them were writes.
        credits: what they cost, as far as it is known.
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
    ) -> None:
        self._lock = threading.RLock()
        self.clock: ServiceClock = clock or FakeClock()
        self._book = Book(switches or ZohoSwitches(), self.clock, zone)
        for email in users:
            self._book.add_user(email, email.partition("@")[0].title())
        self._tokens = Tokens(Credentials())
        self._reads = Reads(self._book)
        self._settings = Settings(self._book)
        self._writes = Writes(self._book)
        self._conversions = Conversions(self._book)
        self._verbs: Mapping[str, Callable[[Asked], Answer]] = {
            "convert": self._convert,
            "delete": self._delete,
            "deleted": self._deleted,
            "fields": self._fields,
            "insert": self._insert,
            "list": self._list,
            "one": self._one,
            "update": self._update,
            "upsert": self._upsert,
            "users": self._users,
        }
        self.people = ZohoPeople(self._book, self._conversions, self._lock)
        self.faults = Faults(self.clock)
        self.api_domain = "https://www.zohoapis.example.com"
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
        return self._writes.written

    @property
    def locked(self) -> set[str]:
        """The ids of locked records; add to it or take away."""
        return self._writes.locked

    def account(
        self, accounts_url: str = "https://accounts.zoho.example.com"
    ) -> dict[str, Any]:
        """Give the settings of a `ZohoConfig` that reaches this fake."""
        mine = self._tokens.credentials
        return {
            "accounts_url": accounts_url,
            "api_domain": self.api_domain,
            "client_id": mine.client_id,
            "client_secret": mine.client_secret,
            "refresh_token": mine.refresh_token,
        }

    def fail_next(self, fault: Fault, path: str = "*", *, times: int = 1) -> None:
        """Let the next requests to a path (a shell pattern) fail."""
        self.faults.fail_next(fault, path, times=times)

    def revoke_access_tokens(self) -> None:
        """Let all access tokens end at once; the refresh token stays."""
        with self._lock:
            self._tokens.revoke()

    def reset_counters(self) -> None:
        """Count from zero again; records and faults stay."""
        with self._lock:
            self.requests.clear()
            self.recorded.clear()
            self.writes = 0
            self.credits = 0
            self._writes.written = 0

    def handle(self, request: Request) -> Reply:
        """Answer one request.

        Raises:
            ConnectionFailedError: a fault plays an unreachable service.
            ConnectionLostError: a fault plays a broken connection.
        """
        parts = urlsplit(request.url)
        query = {**dict(parse_qsl(parts.query)), **request.query}
        with self._lock:
            self._conversions.settle()
            self._count(parts.path, evolve(request, query=query))
            return self.faults.around(
                request, parts.path, lambda: self._answer(parts.path, query, request)
            )

    def _count(self, path: str, request: Request) -> None:
        asked = asked_for(path, request.query, request)
        self.recorded.append(_masked(request))
        if path == TOKEN_PATH:
            self.requests["token"] += 1
            return
        if asked is None:
            self.requests["unknown"] += 1
            return
        self.requests[f"{asked.module} {asked.verb}".strip()] += 1
        self.writes += asked.verb in WRITES
        self.credits += credits_of(asked)

    def _answer(self, path: str, query: Mapping[str, str], request: Request) -> Reply:
        now = self._book.now()
        try:
            if path == TOKEN_PATH:
                status, body = self._tokens.refresh(
                    request.form or {}, now, self.api_domain
                )
                return answer(status, body, now)
            asked = asked_for(path, query, request)
            if asked is None:
                raise Refused(  # noqa: TRY301 - all refusals are answered below
                    404,
                    "INVALID_URL_PATTERN",
                    "Please check if the URL trying to access is a correct one",
                )
            self._tokens.check(asked.headers.get("authorization", ""), now)
            self._check(asked)
            return answer(*self._verbs[asked.verb](asked), now)
        except Refused as refused:
            return answer(refused.status, refused.body, now)

    def _check(self, asked: Asked) -> None:
        if asked.verb == "":
            raise Refused(
                400,
                "INVALID_REQUEST_METHOD",
                "The http request method type is not a valid one",
            )
        if asked.module and asked.module not in MODULES:
            raise Refused(
                400,
                "INVALID_MODULE",
                "the module name given seems to be invalid",
                {"resource_path_index": 0},
            )
        what = asked.module or {"fields": "settings"}.get(asked.verb, asked.verb)
        if what in self.switches.missing_scopes:
            raise Refused(401, "OAUTH_SCOPE_MISMATCH", "invalid oauth scope")
        if what in self.switches.denied_modules:
            raise Refused(
                403,
                "NO_PERMISSION",
                "permission denied",
                {"permissions": [f"Crm_Implied_View_{what}"]},
            )

    # --- verbs ---

    def _list(self, asked: Asked) -> Answer:
        since = asked.headers.get("if-modified-since")
        return self._reads.page(asked.module, asked.query, since)

    def _one(self, asked: Asked) -> Answer:
        return self._reads.one(asked.module, asked.id or "", asked.query)

    def _deleted(self, asked: Asked) -> Answer:
        since = asked.headers.get("if-modified-since")
        return self._reads.deleted(asked.module, asked.query, since)

    def _users(self, asked: Asked) -> Answer:
        return self._settings.users(asked.query)

    def _fields(self, asked: Asked) -> Answer:
        return self._settings.fields(asked.query)

    def _insert(self, asked: Asked) -> Answer:
        return self._writes.insert(asked.module, asked.body)

    def _update(self, asked: Asked) -> Answer:
        body = asked.body
        if asked.id is not None:
            first = records_of(body)[0]
            body = {"data": [{**cast("Json", first), "id": asked.id}]}
        since = asked.headers.get("if-unmodified-since")
        return self._writes.update(asked.module, body, since)

    def _upsert(self, asked: Asked) -> Answer:
        since = asked.headers.get("if-unmodified-since")
        return self._writes.upsert(asked.module, asked.body, since)

    def _delete(self, asked: Asked) -> Answer:
        ids = asked.query.get("ids", asked.id)
        if not ids:
            raise Refused(
                400,
                "REQUIRED_PARAM_MISSING",
                "One of the expected parameter is missing",
                {"param_name": "ids"},
            )
        return self._writes.delete(asked.module, ids.split(","))

    def _convert(self, asked: Asked) -> Answer:
        status, body = self._conversions.answer(asked.id or "", asked.body)
        self._writes.written += 1
        return status, body


def _masked(request: Request) -> Request:
    form = request.form and _hidden(request.form)
    return evolve(request, headers=_hidden(request.headers), form=form)


def _hidden(pairs: Mapping[str, str]) -> dict[str, str]:
    return {
        name: "***" if name.lower() in _SECRET else value
        for name, value in pairs.items()
    }
