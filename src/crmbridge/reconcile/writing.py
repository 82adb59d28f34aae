"""Writing: actions go to both sides in batches, answers come back by action.

Floor 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from crmbridge._steps import Call, gather
from crmbridge.contact import Contact, FieldValue
from crmbridge.reconcile.context import Context
from crmbridge.reconcile.decide import action_id
from crmbridge.reconcile.memory import InboxEntry
from crmbridge.reconcile.plan import Action, ActionKind, ListedLoss
from crmbridge.reconcile.ports import Put, StoreOp
from crmbridge.reconcile.records import (
    SIDES,
    Edit,
    EditKind,
    Outcome,
    OutcomeStatus,
    Ref,
    Seen,
    SideName,
)
from crmbridge.reconcile.report import Result

__all__ = ["TO_BE_REPEATED", "note_failure", "postpone", "update_of", "write_all"]

TO_BE_REPEATED = frozenset(
    {OutcomeStatus.RETRY, OutcomeStatus.UNKNOWN, OutcomeStatus.STALE}
)
"""Outcomes after which the next run reads the record and decides anew."""


def update_of(
    context: Context,
    kind: ActionKind,
    seen: Seen,
    values: Mapping[str, FieldValue],
    *,
    source: Ref,
    why: str,
) -> Action:
    """Make the action that writes these values into a record."""
    return Action(
        kind,
        seen.ref.side,
        (seen.ref, source),
        tuple(sorted(values)),
        why,
        action_id(
            kind,
            (seen.ref, source),
            context.digester,
            values,
            seen.contact.observed(),
        ),
        Edit(EditKind.UPDATE, Contact.of(values), seen),
    )


def write_all(context: Context, actions: Iterable[Action]) -> Call[dict[str, Outcome]]:
    """Write both sides at once; give the outcomes by action."""
    by_side: dict[SideName, list[Action]] = {side: [] for side in SIDES}
    for action in actions:
        if action.side is not None:
            by_side[action.side].append(action)
    busy: list[SideName] = [side for side in SIDES if by_side[side]]
    answers = yield from gather(
        (_write_side(context, side, by_side[side]) for side in busy), len(SIDES)
    )
    outcomes: dict[str, Outcome] = {}
    for side, written in zip(busy, answers, strict=True):
        for action, outcome in zip(by_side[side], written, strict=True):
            outcomes[action.id] = outcome
            if outcome.status is OutcomeStatus.OK:
                context.did(action)
            for loss in outcome.losses:
                context.tally.loses(ListedLoss(action.refs, side, loss))
    yield from context.announce("write", context.tally.written)
    return outcomes


def _write_side(
    context: Context, side: SideName, actions: Sequence[Action]
) -> Call[tuple[Outcome, ...]]:
    edits = [action.edit for action in actions if action.edit is not None]
    return (yield from context.sides[side].write(edits))


def note_failure(context: Context, action: Action, outcome: Outcome) -> None:
    """Note in the report that an action did not succeed."""
    failed = outcome.status in TO_BE_REPEATED
    result = Result.RETRY if failed else Result.INVALID
    if outcome.status is OutcomeStatus.GONE:
        result = Result.GONE
    for ref in action.refs:
        context.tally.saw(ref, result, outcome.reason or outcome.status.value)


def postpone(context: Context, refs: Iterable[Ref]) -> list[StoreOp]:
    """Leave records in the inbox for the next run."""
    return [Put(InboxEntry(ref, waits=context.fence).row()) for ref in refs]
