"""What goes wrong, what is asked of Zoho, and what has to come of it.

One table for the way through memory and for real HTTP: each fault meets each of
the ``operations``. A row of either is one line; the expectation follows from the
kinds.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, Final

from attrs import frozen

from crmbridge.errors import (
    ConnectionFailedError,
    CrmbridgeError,
    MalformedReplyError,
    OutcomeUnknownError,
    ServiceError,
    ThrottledError,
)
from crmbridge.testing import Fault, ZohoFake
from tests.zoho.operations import Kind, Operation, given

__all__ = ["Upset", "check", "upsets"]

_FOR_EVER: Final = 50


class Effect(Enum):
    """What a fault leaves behind."""

    TURNED_AWAY = "nothing was done, and Zoho says so"
    LOST = "nobody says whether it was done"
    ILLEGIBLE = "an answer came that says nothing"


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

    def befall(self, fake: ZohoFake, path: str) -> None:
        """Let it happen to what is asked next at a path."""
        if self.fault is None:
            fake.revoke_access_tokens()
        else:
            fake.fail_next(self.fault, path, times=self.times)

    @property
    def tokens(self) -> int:
        """How many access tokens it may cost in all."""
        return 2 if self.fault is None else 1


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
    upset.befall(fake, operation.path)
    error, times = _expected(operation, upset)
    raised: CrmbridgeError | None = None

    try:
        found = operation.act(client, own)
    except CrmbridgeError as caught:
        raised = caught
        found = None

    assert upset.lasting is not None or fake.faults.waiting == 0
    fake.faults.clear()
    assert type(raised) is (type(None) if error is None else error)
    if operation.kind is Kind.READ:
        assert raised is not None or found >= 1
        assert fake.writes == 0
    else:
        assert operation.done is None or operation.done(fake, own) == times
        results = found if isinstance(found, tuple) else (found,)
        assert raised is not None or all(_is_success(one) for one in results)
    if operation.kind is Kind.ONCE and upset.effect is not Effect.TURNED_AWAY:
        assert fake.requests[operation.counter] == 1
    assert fake.requests["token"] == upset.tokens - 1


def _is_success(result: Any) -> bool:
    return getattr(result, "is_success", True)
