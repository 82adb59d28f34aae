"""The report: one outcome and one reason for every record that a run saw.

Floor 2.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from enum import Enum
from typing import TypeAlias

from attrs import define, field, frozen

from crmbridge.reconcile.plan import Action, Difference, ListedLoss, Plan, Review
from crmbridge.reconcile.records import Ref

__all__ = ["Progress", "RecordOutcome", "Report", "Result", "Tally"]


class Result(Enum):
    """How a record fared, from the weakest to the strongest word on it."""

    IN_STEP = "in step"
    LEFT_OUT = "left out"
    GONE = "gone"
    LINKED = "linked"
    SENT = "its values went over"
    WRITTEN = "written"
    CREATED = "created"
    REVIEW = "waits for a person"
    NOT_PLANNED = "not in the plan"
    INVALID = "refused"
    RETRY = "failed; the next run tries again"


_STRENGTH = {result: number for number, result in enumerate(Result)}


@frozen
class RecordOutcome:
    """What became of one record.

    Attributes:
        ref: which record.
        result: how it fared.
        reason: a code that programs can rely on.
    """

    ref: Ref
    result: Result
    reason: str


@frozen
class Progress:
    """How far a run has come; handed to ``on_progress``.

    Attributes:
        phase: ``"read"``, ``"decide"`` or ``"write"``.
        done: records so far, over all phases of the same name.
    """

    phase: str
    done: int


@frozen
class Report:
    """What a run did.

    Attributes:
        bridge: the account pair.
        started_at: when the run began.
        ended_at: when it ended.
        actions: what was done.
        outcomes: one for every record seen.
        conflicts: values that lost.
        losses: values that could not be held.
        reviews: what waits for a person's word.
        stale: actions of the plan that were no longer right, and not done.

    >>> from crmbridge import MemoryStore, Reconciler
    >>> from crmbridge.testing import FakeServices
    >>> services = FakeServices()
    >>> lead = services.zoho.people.add_lead(Last_Name="Example")
    >>> with services.salesmanago_client() as one, services.zoho_client() as other:
    ...     report = Reconciler(one, other, store=MemoryStore()).run()
    >>> [(outcome.result.value, outcome.reason) for outcome in report.outcomes]
    [('left out', 'no_email')]
    """

    bridge: str
    started_at: datetime
    ended_at: datetime
    actions: tuple[Action, ...] = ()
    outcomes: tuple[RecordOutcome, ...] = ()
    conflicts: tuple[Difference, ...] = ()
    losses: tuple[ListedLoss, ...] = ()
    reviews: tuple[Review, ...] = ()
    stale: tuple[Action, ...] = ()

    @property
    def writes(self) -> int:
        """How many records were written, over both services."""
        return sum(action.side is not None for action in self.actions)

    def counts(self) -> dict[str, int]:
        """Count the records by how they fared; the numbers add up to all."""
        return dict(Counter(outcome.result.value for outcome in self.outcomes))

    def summary(self) -> str:
        """Say in plain words what happened, without personal data."""
        done = Plan(
            self.bridge,
            self.started_at,
            self.actions,
            self.conflicts,
            self.losses,
            self.reviews,
            len(self.outcomes),
        ).summary()
        lines = [done.replace("Plan for", "Run of", 1), "  of these records:"]
        lines += [
            f"{count:>7}  {word}" for word, count in sorted(self.counts().items())
        ]
        if self.stale:
            lines.append(f"{len(self.stale):>7}  planned, but no longer right: skipped")
        return "\n".join(lines)


_Refs: TypeAlias = tuple[Ref, ...]
_Place: TypeAlias = tuple[_Refs, str]
_LossPlace: TypeAlias = tuple[_Refs, str, str]


@define
class Tally:
    """Gathers what a plan or report is made of, while a run goes on."""

    actions: dict[str, Action] = field(factory=dict[str, Action])
    outcomes: dict[Ref, RecordOutcome] = field(factory=dict[Ref, RecordOutcome])
    conflicts: dict[_Place, Difference] = field(factory=dict[_Place, Difference])
    losses: dict[_LossPlace, ListedLoss] = field(factory=dict[_LossPlace, ListedLoss])
    reviews: dict[_Refs, Review] = field(factory=dict[_Refs, Review])
    converted: set[str] = field(factory=set[str])
    needed: set[Ref] = field(factory=set[Ref])
    requeued: int = 0
    read: int = 0
    written: int = 0

    def saw(self, ref: Ref, result: Result, reason: str) -> None:
        """Note how a record fared; a stronger word replaces a weaker one."""
        known = self.outcomes.get(ref)
        if known is None or _STRENGTH[result] >= _STRENGTH[known.result]:
            self.outcomes[ref] = RecordOutcome(ref, result, reason)

    def asks(self, review: Review) -> None:
        """Note that a person's word is needed."""
        self.reviews[review.refs] = review
        for ref in review.refs:
            self.saw(ref, Result.REVIEW, review.reason.name.lower())

    def differs(self, difference: Difference) -> None:
        """Note a value that lost."""
        self.conflicts[difference.refs, difference.field] = difference

    def loses(self, loss: ListedLoss) -> None:
        """Note a value that was not carried over."""
        self.losses[loss.refs, loss.side, loss.loss.field] = loss

    def plan(self, bridge: str, made_at: datetime, key: bytes) -> Plan:
        """Give what was gathered as a plan."""
        skipped = Counter(
            outcome.reason
            for outcome in self.outcomes.values()
            if outcome.result in {Result.LEFT_OUT, Result.GONE}
        )
        return Plan(
            bridge,
            made_at,
            tuple(self.actions.values()),
            tuple(self.conflicts.values()),
            tuple(self.losses.values()),
            tuple(self.reviews.values()),
            len(self.outcomes),
            tuple(sorted(skipped.items())),
            key,
        )

    def report(
        self,
        bridge: str,
        started_at: datetime,
        ended_at: datetime,
        plan: Plan | None,
    ) -> Report:
        """Give what was gathered as a report, held against the plan if any."""
        planned = plan.actions if plan else ()
        return Report(
            bridge,
            started_at,
            ended_at,
            tuple(self.actions.values()),
            tuple(self.outcomes.values()),
            tuple(self.conflicts.values()),
            tuple(self.losses.values()),
            tuple(self.reviews.values()),
            tuple(action for action in planned if action.id not in self.actions),
        )
