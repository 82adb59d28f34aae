"""What goes wrong, what is asked of SALESmanago, and what has to come of it.

One table for the way through memory and for real HTTP: each fault meets each
operation. A row of either is one line; the expectation follows from the kinds.
The operations stand in ``fault_operations``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
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
from crmbridge.testing import FakeClock, Fault, SalesmanagoFake

__all__ = [
    "BOB",
    "IN",
    "NEW",
    "OUT",
    "Kind",
    "Operation",
    "Upset",
    "check",
    "upsets",
]

OUT: Final = "out@example.com"
IN: Final = "in@example.com"
NEW: Final = "new@example.com"
BOB: Final = "bob@example.com"
_FOR_EVER: Final = 50


class Kind(Enum):
    """What repeating an operation does."""

    READ = "changes nothing"
    AGAIN = "may be repeated"
    ONCE = "must not be repeated"
    HALVED = "may be repeated, and is asked again in parts when it is refused"
    LOOKED_AFTER = "is looked after when its answer cannot be read"
    GUARDED = "looks before and after, and may be asked for again"


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
        path: which of its requests meet the fault.
    """

    name: str
    kind: Kind
    act: Callable[[Any, str], Any] = field(repr=False)
    done: Callable[[SalesmanagoFake], int] = field(repr=False)
    made: int = 0
    path: str = "/api/*"


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
    fake.users = (*fake.users, BOB)
    card = fake.people.add(
        OUT, name="Out", opted_out=True, phone_opted_out=True, tags=("VIP",)
    )
    fake.people.add(IN, opted_out=False, phone_opted_out=False)
    if isinstance(fake.clock, FakeClock):
        fake.clock.advance(3600)  # feeds leave out what changed just now
    return card


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
    fake.fail_next(upset.fault, operation.path, times=upset.times)
    raised: CrmbridgeError | None = None
    found: Any = None

    try:
        found = operation.act(client, card)
    except CrmbridgeError as caught:
        raised = caught

    fake.faults.clear()
    assert "example.com" not in f"{raised} {raised!r}"
    if operation.kind is Kind.GUARDED:
        assert raised is not None or operation.done(fake) == 1
        assert raised is None or upset.effect is not Effect.TURNED_AWAY or upset.error
        assert len(fake.people) <= before
        return
    error, times = _expected(operation, upset)
    assert type(raised) is (type(None) if error is None else error)
    if operation.kind is Kind.READ:
        assert raised is not None or found >= 1
        assert fake.writes == 0
        return
    assert operation.done(fake) == times
    assert len(fake.people) == before + operation.made * times
    if operation.kind is Kind.ONCE and upset.effect is not Effect.TURNED_AWAY:
        assert fake.writes == 1
