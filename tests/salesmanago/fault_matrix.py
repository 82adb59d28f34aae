"""What goes wrong, what is asked of SALESmanago, and what has to come of it.

One table for the way through memory and for real HTTP: each fault meets each
operation. A row of either is one line; the expectation follows from the kinds.
A new call of the client gets a row in `OPERATIONS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final

from attrs import field, frozen

from crmbridge.errors import (
    AccountInactiveError,
    AuthenticationError,
    ConfigError,
    ConnectionFailedError,
    ConnectionLostError,
    CrmbridgeError,
    MalformedReplyError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RefusedError,
    ServiceError,
    ThrottledError,
)
from crmbridge.salesmanago import ConsentChange, ContactDetails
from crmbridge.testing import FakeClock, Fault, SalesmanagoFake

__all__ = ["OPERATIONS", "Kind", "Operation", "Upset", "check", "upsets"]

OUT: Final = "out@example.com"
IN: Final = "in@example.com"
NEW: Final = "new@example.com"
_FOR_EVER: Final = 50


class Kind(Enum):
    """What repeating an operation does."""

    READ = "changes nothing"
    AGAIN = "may be repeated"
    ONCE = "must not be repeated"
    HALVED = "may be repeated, and is asked again in parts when it is refused"
    LOOKED_AFTER = "is looked after when its answer cannot be read"


class Effect(Enum):
    """What a fault leaves behind."""

    TURNED_AWAY = "nothing was done yet, and it may be asked again"
    REFUSED = "nothing was done, and asking again is in vain"
    LOST = "nobody says whether it was done"
    ILLEGIBLE = "an answer came that says nothing"


@frozen
class Operation:
    """One thing that a client does.

    Attributes:
        name: what the test is called by.
        kind: what repeating it does.
        act: does it; of a read it gives how much was read.
        done: how often it shows that it was done.
        made: how many contacts it adds when it is done.
    """

    name: str
    kind: Kind
    act: Callable[[Any, str], Any] = field(repr=False)
    done: Callable[[SalesmanagoFake], int] = field(repr=False)
    made: int = 0


@frozen
class Upset:
    """One thing that goes wrong.

    Attributes:
        name: what the test is called by.
        effect: what it leaves behind.
        fault: what is ordered.
        is_done: whether the first attempt is carried out.
        times: how many requests it meets.
        error: what is raised where it is a refusal or never ends.
    """

    name: str
    effect: Effect
    fault: Fault
    is_done: bool = False
    times: int = 1
    error: type[CrmbridgeError] | None = None


def given(fake: SalesmanagoFake) -> str:
    """Fill an account; give the id of the first contact."""
    card = fake.people.add(OUT, opted_out=True, phone_opted_out=True, tags=("VIP",))
    fake.people.add(IN, opted_out=False, phone_opted_out=False)
    if isinstance(fake.clock, FakeClock):
        fake.clock.advance(3600)  # feeds leave out what changed just now
    return card


# --- what is asked ------------------------------------------------------------


def _read(name: str, act: Callable[[Any, str], Iterable[Any]]) -> Operation:
    def count(client: Any, card: str) -> int:
        return sum(1 for _ in act(client, card))

    return Operation(name, Kind.READ, count, lambda _: 1)


def _yesterday(client: Any) -> datetime:
    now: datetime = client.runtime.clock().at
    return now - timedelta(days=1)


def _window(client: Any) -> dict[str, Any]:
    start = _yesterday(client)
    return {"start": start, "end": start + timedelta(days=2)}


def _shows(email: str, name: str, value: object) -> Callable[[SalesmanagoFake], int]:
    return lambda fake: int(fake.people.get(email)[name] == value)


def _score(fake: SalesmanagoFake) -> int:
    (tag,) = fake.people.get(OUT)["contactTags"]
    return int(tag["score"]) - 1


def _is_there(email: str) -> Callable[[SalesmanagoFake], int]:
    return lambda fake: int(email in fake.people)


def _mails(fake: SalesmanagoFake) -> int:
    return len(fake.confirmation_mails)


_ADDED: Final = ContactDetails(NEW, {"name": "New"})
_CHANGED: Final = ContactDetails(OUT, {"phone": "600"})
_ASKED: Final = ContactDetails(OUT, email_consent=ConsentChange.IN)
_SCORED: Final = ContactDetails(OUT, tags=("VIP",), tag_scoring=True)
_RENAMED: Final = ContactDetails(OUT, new_email=NEW)


def _batch(client: Any, *details: ContactDetails, **options: Any) -> None:
    """Write a batch; raise what became of the first record that was not written."""
    for result in client.batch_upsert(details, **options):
        if result.error is not None:
            raise result.error


READS: Final = (
    _read("users", lambda client, _: client.users()),
    _read("has contact", lambda client, _: client.has_contact(OUT) or ""),
    _read("basic", lambda client, _: client.basic([OUT])),
    _read("basic by id", lambda client, card: client.basic_by_id([card])),
    _read("list", lambda client, _: client.list_all([OUT, IN])),
    _read("list by id", lambda client, card: client.list_all_by_id([card])),
    _read("owned list", lambda client, _: client.list_owned([OUT])),
    _read("owned list by id", lambda client, card: client.list_owned_by_id([card])),
    _read(
        "created", lambda client, _: client.created_contacts(**_window(client)).contacts
    ),
    _read(
        "modified",
        lambda client, _: client.modified_contacts(**_window(client)).contacts,
    ),
    _read(
        "page of modified",
        lambda client, _: client.modified_contacts_page(**_window(client)).contacts,
    ),
    _read(
        "changed ids", lambda client, _: client.changed_ids(since=_yesterday(client))
    ),
    _read(
        "changed contacts",
        lambda client, _: client.changed_contacts(since=_yesterday(client)),
    ),
    _read("tags", lambda client, _: client.tags()),
    _read("page of an export", lambda client, _: client.exports.contacts_page(1)),
)
WRITES: Final = (
    Operation(
        "upsert of a new one",
        Kind.AGAIN,
        lambda client, _: client.upsert(_ADDED),
        _is_there(NEW),
        made=1,
    ),
    Operation(
        "upsert of one that is there",
        Kind.AGAIN,
        lambda client, _: client.upsert(_CHANGED),
        _shows(OUT, "phone", "600"),
    ),
    Operation(
        "upsert that sends a mail",
        Kind.ONCE,
        lambda client, _: client.upsert(_ASKED, double_opt_in=True),
        _mails,
    ),
    Operation(
        "upsert that raises a score",
        Kind.ONCE,
        lambda client, _: client.upsert(_SCORED),
        _score,
    ),
    Operation(
        "upsert that renames",
        Kind.ONCE,
        lambda client, _: client.upsert(_RENAMED),
        _is_there(NEW),
    ),
    Operation(
        "batch",
        Kind.HALVED,
        lambda client, _: _batch(client, _ADDED, _CHANGED),
        _is_there(NEW),
        made=1,
    ),
    Operation(
        "batch that sends a mail",
        Kind.ONCE,
        lambda client, _: _batch(client, _ASKED, double_opt_in=True),
        _mails,
    ),
    Operation(
        "batch that raises a score",
        Kind.ONCE,
        lambda client, _: _batch(client, _SCORED),
        _score,
    ),
    Operation(
        "opt-in",
        Kind.AGAIN,
        lambda client, _: client.opt_in(OUT),
        _shows(OUT, "optedOut", value=False),
    ),
    Operation(
        "opt-out",
        Kind.AGAIN,
        lambda client, _: client.opt_out(IN),
        _shows(IN, "optedOut", value=True),
    ),
    Operation(
        "opt-in of the phone",
        Kind.AGAIN,
        lambda client, _: client.phone_opt_in(OUT),
        _shows(OUT, "optedOutPhone", value=False),
    ),
    Operation(
        "opt-out of the phone",
        Kind.AGAIN,
        lambda client, _: client.phone_opt_out(IN),
        _shows(IN, "optedOutPhone", value=True),
    ),
    Operation(
        "note",
        Kind.ONCE,
        lambda client, _: client.add_note(OUT, "Called"),
        lambda fake: len(fake.people.notes(OUT)),
    ),
    Operation(
        "delete",
        Kind.LOOKED_AFTER,
        lambda client, _: client.delete(OUT, permanently=True),
        lambda fake: int(OUT not in fake.people),
        made=-1,
    ),
)
OPERATIONS: Final = (*READS, *WRITES)


# --- what goes wrong ----------------------------------------------------------


def upsets(*, slow_seconds: float) -> tuple[Upset, ...]:
    """Give everything that goes wrong; a slow answer takes so long."""
    return (
        *_turning_away(slow_seconds),
        *_losing(),
        *_illegible(),
        *_refusing(),
        *_lasting(),
    )


def _turning_away(slow_seconds: float) -> Iterable[Upset]:
    away = Effect.TURNED_AWAY
    return (
        Upset("429", away, Fault.status(429)),
        Upset("429 with a time", away, Fault.status(429, retry_after_seconds=0.01)),
        Upset("words of a limit", away, Fault.salesmanago("Request limit exceeded")),
        Upset("no connection", away, Fault.unreachable()),
        Upset("a slow answer", away, Fault.slow(slow_seconds)),
    )


def _losing() -> Iterable[Upset]:
    lost = Effect.LOST
    return (
        Upset("500 before", lost, Fault.status(500)),
        Upset("500 after", lost, Fault.failed_after(500), is_done=True),
        Upset("502 of HTML", lost, Fault.status(502)),
        Upset("503 with a time", lost, Fault.status(503, retry_after_seconds=0.01)),
        Upset("504 after", lost, Fault.failed_after(504), is_done=True),
        Upset("408 after", lost, Fault.failed_after(408), is_done=True),
        Upset("a cut before", lost, Fault.cut(is_applied=False)),
        Upset("a cut after", lost, Fault.cut(), is_done=True),
        Upset("silence before", lost, Fault.silent(is_applied=False)),
        Upset("silence after", lost, Fault.silent(), is_done=True),
    )


def _illegible() -> Iterable[Upset]:
    illegible = Effect.ILLEGIBLE
    return (
        Upset("half of the JSON", illegible, Fault.truncated(), is_done=True),
        Upset("HTML after", illegible, Fault.failed_after(200), is_done=True),
        Upset("HTML", illegible, Fault.html()),
        Upset("plain text", illegible, Fault.text("OK")),
        Upset("an empty answer", illegible, Fault.text("")),
        Upset("JSON without success", illegible, Fault.json({"contactId": "x"})),
        Upset("JSON that is no object", illegible, Fault.json(["success"])),
        Upset("HTTP 202", illegible, Fault.status(202)),
    )


def _refusing() -> Iterable[Upset]:
    words = "out@example.com is not valid"
    kinds: tuple[tuple[str, Fault, type[CrmbridgeError]], ...] = (
        ("an array", Fault.salesmanago(words, words), RefusedError),
        ("a text", Fault.json({"success": False, "message": words}), RefusedError),
        ("an error", Fault.json({"success": False, "error": words}), RefusedError),
        ("no words", Fault.json({"success": False}), RefusedError),
        ("values", Fault.salesmanago(values={"email": words}), RefusedError),
        ("lists", Fault.salesmanago(values={"email": [words]}), RefusedError),
        ("400", Fault.salesmanago(words, status=400), RefusedError),
        ("unknown", Fault.salesmanago("User not authenticated"), AuthenticationError),
        ("inactive", Fault.salesmanago("Not authenticated"), AccountInactiveError),
        ("401", Fault.status(401), AuthenticationError),
        ("403", Fault.status(403), PermissionDeniedError),
        ("404", Fault.status(404), NotFoundError),
        ("307", Fault.status(307), ConfigError),
    )
    return (
        Upset(f"refused: {name}", Effect.REFUSED, fault, error=error)
        for name, fault, error in kinds
    )


def _lasting() -> Iterable[Upset]:
    away, lost = Effect.TURNED_AWAY, Effect.LOST
    busy = Fault.salesmanago("Request limit exceeded")
    silence = Fault.cut(is_applied=False)
    kinds: tuple[tuple[str, Effect, Fault, type[CrmbridgeError]], ...] = (
        ("429", away, Fault.status(429), ThrottledError),
        ("words of a limit", away, busy, ThrottledError),
        ("no connection", away, Fault.unreachable(), ConnectionFailedError),
        ("500", lost, Fault.status(500), ServiceError),
        ("503", lost, Fault.status(503), ServiceError),
        ("cuts", lost, silence, ConnectionLostError),
    )
    return (
        Upset(f"{name} for ever", effect, fault, times=_FOR_EVER, error=error)
        for name, effect, fault, error in kinds
    )


# --- what has to come of it ---------------------------------------------------


def _expected(
    operation: Operation, upset: Upset
) -> tuple[type[CrmbridgeError] | None, int]:
    """Give the error that has to be raised, if one, and how often it is done."""
    is_blind = upset.effect in {Effect.LOST, Effect.ILLEGIBLE}
    if operation.kind is Kind.ONCE and is_blind:
        return OutcomeUnknownError, int(upset.is_done)
    if operation.kind is Kind.HALVED and upset.error is RefusedError:
        return None, 1
    if upset.error is not None:
        return upset.error, 0
    if upset.effect is not Effect.ILLEGIBLE:
        return None, 1
    if operation.kind is Kind.LOOKED_AFTER and upset.is_done:
        return None, 1
    return MalformedReplyError, int(upset.is_done)


def check(
    fake: SalesmanagoFake, client: Any, operation: Operation, upset: Upset
) -> None:
    """Let an operation meet what goes wrong, and see what comes of it."""
    card = given(fake)
    before = len(fake.people)
    fake.fail_next(upset.fault, "/api/*", times=upset.times)
    error, times = _expected(operation, upset)
    raised: CrmbridgeError | None = None
    found: Any = None

    try:
        found = operation.act(client, card)
    except CrmbridgeError as caught:
        raised = caught

    fake.faults.clear()
    assert type(raised) is (type(None) if error is None else error)
    assert "example.com" not in f"{raised} {raised!r}"
    if operation.kind is Kind.READ:
        assert raised is not None or found >= 1
        assert fake.writes == 0
        return
    assert operation.done(fake) == times
    assert len(fake.people) == before + operation.made * times
    if operation.kind is Kind.ONCE and upset.effect is not Effect.TURNED_AWAY:
        assert fake.writes == 1
