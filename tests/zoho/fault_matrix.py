"""What goes wrong, what is asked of Zoho, and what has to come of it.

One table for the way through memory and for real HTTP: each fault meets each
operation. A row of either is one line; the expectation follows from the kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final

from attrs import evolve, field, frozen

from crmbridge.errors import (
    ConnectionFailedError,
    CrmbridgeError,
    MalformedReplyError,
    OutcomeUnknownError,
    ServiceError,
    ThrottledError,
)
from crmbridge.testing import Fault, ZohoFake
from crmbridge.zoho import coql

__all__ = ["OPERATIONS", "Given", "Operation", "Upset", "check", "given", "upsets"]

API: Final = "/crm/*"
READ_AT: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
_EMAIL: Final = "given@example.com"
_FOR_EVER: Final = 50


class Kind(Enum):
    """What repeating an operation does."""

    READ = "changes nothing"
    AGAIN = "may be repeated"
    ONCE = "must not be repeated"
    GUARDED = "is looked after"


class Effect(Enum):
    """What a fault leaves behind."""

    TURNED_AWAY = "nothing was done, and Zoho says so"
    LOST = "nobody says whether it was done"
    ILLEGIBLE = "an answer came that says nothing"


@frozen
class Given:
    """What is in Zoho before."""

    lead: str


@frozen
class Operation:
    """One thing that a client does.

    Attributes:
        name: what the test is called by.
        kind: what repeating it does.
        act: does it; of a read it gives how much was read.
        done: how often it shows that it was done.
    """

    name: str
    kind: Kind
    act: Callable[[Any, Given], Any] = field(repr=False)
    done: Callable[[ZohoFake, Given], int] = field(repr=False)


@frozen
class Upset:
    """One thing that goes wrong.

    Attributes:
        name: what the test is called by.
        effect: what it leaves behind.
        is_done: whether the first attempt is carried out.
        fault: what is ordered, unless the access token ends.
        times: how many requests it meets.
        lasting: what is raised where it never ends.
    """

    name: str
    effect: Effect
    fault: Fault | None = None
    is_done: bool = False
    times: int = 1
    lasting: type[CrmbridgeError] | None = None

    def befall(self, fake: ZohoFake) -> None:
        """Let it happen to what is asked next."""
        if self.fault is None:
            fake.revoke_access_tokens()
        else:
            fake.fail_next(self.fault, API, times=self.times)

    @property
    def tokens(self) -> int:
        """How many access tokens it may cost in all."""
        return 2 if self.fault is None else 1


def given(fake: ZohoFake) -> Given:
    """Fill an organisation whose search knows of it at once."""
    fake.switches = evolve(fake.switches, search_lag_seconds=0)
    people = fake.people
    lead = people.add_lead(
        Last_Name="Given", Email=_EMAIL, Phone="500", Created_Time=READ_AT
    )
    people.delete(people.add_lead(Last_Name="Deleted"))
    return Given(lead)


# --- what is asked ------------------------------------------------------------


def _read(name: str, act: Callable[[Any, Given], Iterable[Any]]) -> Operation:
    def count(client: Any, is_given: Given) -> int:
        return sum(1 for _ in act(client, is_given))

    return Operation(name, Kind.READ, count, lambda *_: 1)


def _leads(fake: ZohoFake, name: str, value: object) -> int:
    return sum(lead[name] == value for lead in fake.people.records("Leads"))


def _is_there(fake: ZohoFake, record_id: str) -> bool:
    return any(lead["id"] == record_id for lead in fake.people.records("Leads"))


FIELDS: Final = ("Last_Name", "Email", "Phone")

OPERATIONS: Final = (
    _read("list", lambda client, _: client.records("Leads", fields=FIELDS)),
    _read(
        "by ids",
        lambda client, own: client.by_ids("Leads", [own.lead], fields=FIELDS),
    ),
    _read("deleted", lambda client, _: [client.deleted_page("Leads")]),
    _read("count", lambda client, _: range(client.count("Leads"))),
    _read("users", lambda client, _: client.users()),
    _read("search", lambda client, _: client.search("Leads", fields=FIELDS, word="Gi")),
    _read(
        "coql",
        lambda client, _: (
            client.query(
                coql.Select("Leads", FIELDS, where=coql.equals("Email", _EMAIL))
            ).records
        ),
    ),
    Operation(
        "insert",
        Kind.ONCE,
        lambda client, _: client.insert("Leads", [{"Last_Name": "New"}]),
        lambda fake, _: _leads(fake, "Last_Name", "New"),
    ),
    Operation(
        "update",
        Kind.AGAIN,
        lambda client, own: client.update("Leads", [{"id": own.lead, "Phone": "600"}]),
        lambda fake, _: _leads(fake, "Phone", "600"),
    ),
    Operation(
        "upsert of a new one",
        Kind.AGAIN,
        lambda client, _: client.upsert(
            "Leads", [{"Last_Name": "New", "Email": "new@example.com"}]
        ),
        lambda fake, _: _leads(fake, "Email", "new@example.com"),
    ),
    Operation(
        "upsert of one without an address",
        Kind.ONCE,
        lambda client, _: client.upsert("Leads", [{"Last_Name": "New"}]),
        lambda fake, _: _leads(fake, "Last_Name", "New"),
    ),
    Operation(
        "upsert of one that is there",
        Kind.AGAIN,
        lambda client, _: client.upsert("Leads", [{"Email": _EMAIL, "Phone": "600"}]),
        lambda fake, _: _leads(fake, "Phone", "600"),
    ),
    Operation(
        "delete",
        Kind.AGAIN,
        lambda client, own: client.delete("Leads", [own.lead]),
        lambda fake, own: int(not _is_there(fake, own.lead)),
    ),
    Operation(
        "guarded update",
        Kind.GUARDED,
        lambda client, own: client.update_if_unmodified(
            "Leads", {"id": own.lead, "Phone": "600"}, unmodified_since=READ_AT
        ),
        lambda fake, _: _leads(fake, "Phone", "600"),
    ),
    Operation(
        "convert",
        Kind.ONCE,
        lambda client, own: client.convert(own.lead),
        lambda fake, _: len(fake.people.records("Contacts")),
    ),
)


# --- what goes wrong ----------------------------------------------------------


def upsets(*, slow_seconds: float) -> tuple[Upset, ...]:
    """Give everything that goes wrong; a slow answer takes so long."""
    away, lost, illegible = Effect.TURNED_AWAY, Effect.LOST, Effect.ILLEGIBLE
    busy = Fault.zoho("TOO_MANY_REQUESTS", status=429)
    failed = Fault.zoho("INTERNAL_ERROR", status=500)
    return (
        Upset("an ended token", away),
        Upset("429", away, busy),
        Upset("no connection", away, Fault.unreachable()),
        Upset("a slow answer", away, Fault.slow(slow_seconds)),
        Upset("500 before", lost, failed),
        Upset(
            "500 after",
            lost,
            Fault.zoho("INTERNAL_ERROR", status=500, is_applied=True),
            is_done=True,
        ),
        Upset("502 of HTML", lost, Fault.status(502)),
        Upset("504 after", lost, Fault.failed_after(504), is_done=True),
        Upset("a cut before", lost, Fault.cut(is_applied=False)),
        Upset("a cut after", lost, Fault.cut(), is_done=True),
        Upset("silence before", lost, Fault.silent(is_applied=False)),
        Upset("silence after", lost, Fault.silent(), is_done=True),
        Upset("half of the JSON", illegible, Fault.truncated(), is_done=True),
        Upset("HTML for an answer", illegible, Fault.html()),
        Upset("an empty answer", illegible, Fault.text("")),
        Upset("429 for ever", away, busy, times=_FOR_EVER, lasting=ThrottledError),
        Upset("500 for ever", lost, failed, times=_FOR_EVER, lasting=ServiceError),
        Upset(
            "no connection for ever",
            away,
            Fault.unreachable(),
            times=_FOR_EVER,
            lasting=ConnectionFailedError,
        ),
    )


# --- what has to come of it ---------------------------------------------------


def _expected(
    operation: Operation, upset: Upset
) -> tuple[type[CrmbridgeError] | None, int]:
    """Give the error that has to be raised, if one, and how often it is done."""
    is_blind = operation.kind in {Kind.ONCE, Kind.GUARDED}
    if upset.lasting is not None:
        is_unknown = is_blind and upset.effect is Effect.LOST
        return (OutcomeUnknownError if is_unknown else upset.lasting), 0
    if upset.effect is Effect.TURNED_AWAY or operation.kind is Kind.GUARDED:
        return None, 1
    if operation.kind is Kind.ONCE:
        return OutcomeUnknownError, int(upset.is_done)
    if upset.effect is Effect.ILLEGIBLE:
        return MalformedReplyError, int(upset.is_done)
    return None, 1


def check(fake: ZohoFake, client: Any, operation: Operation, upset: Upset) -> None:
    """Let an operation meet what goes wrong, and see what comes of it."""
    own = given(fake)
    client.users()  # so that there is a token
    fake.reset_counters()
    upset.befall(fake)
    error, times = _expected(operation, upset)
    raised: CrmbridgeError | None = None

    try:
        found = operation.act(client, own)
    except CrmbridgeError as caught:
        raised = caught
        found = None

    fake.faults.clear()
    assert type(raised) is (type(None) if error is None else error)
    if operation.kind is Kind.READ:
        assert raised is not None or found >= 1
        assert fake.writes == 0
    else:
        assert operation.done(fake, own) == times
        results = found if isinstance(found, tuple) else (found,)
        assert raised is not None or all(_is_success(one) for one in results)
    if operation.kind is Kind.ONCE and upset.effect is not Effect.TURNED_AWAY:
        assert fake.writes == 1
    assert fake.requests["token"] == upset.tokens - 1


def _is_success(result: Any) -> bool:
    return getattr(result, "is_success", True)
