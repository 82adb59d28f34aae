"""What has to be remembered of a pair after its writes.

Floor 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from attrs import evolve

from crmbridge.contact import FieldValue
from crmbridge.reconcile.context import Context
from crmbridge.reconcile.decide import Decision
from crmbridge.reconcile.memory import Link
from crmbridge.reconcile.pairs import Pair, noted_bases
from crmbridge.reconcile.plan import (
    ActionKind,
    Review,
    ReviewReason,
)
from crmbridge.reconcile.ports import Delete, Put, Row, StoreOp
from crmbridge.reconcile.records import (
    SALESMANAGO,
    SIDES,
    ZOHO,
    Outcome,
    OutcomeStatus,
    Ref,
    SideName,
    other_side,
)
from crmbridge.reconcile.report import Result
from crmbridge.reconcile.works import Work
from crmbridge.reconcile.writing import (
    TO_BE_REPEATED,
    note_failure,
    postpone,
)

__all__ = ["settle"]


def settle(
    context: Context,
    work: Work,
    outcomes: Mapping[str, Outcome],
    linked: Mapping[Ref, Link],
) -> list[StoreOp]:
    """Give what has to be stored of a pair after its writes."""
    pair, refs = work.pair, work.pair.refs
    if context.settings.is_dry:
        _note_success(context, work, work.decision.writes)
        return context.drop(refs)
    if pair.is_new and work.is_held_back and not work.actions:
        return postpone(context, refs)
    results = {action.id: outcomes.get(action.id) for action in work.actions}
    written = _acknowledged(work, results)
    lost = {
        loss.field for outcome in results.values() if outcome for loss in outcome.losses
    }
    link = _link_after(context, work, written, lost)
    ops: list[StoreOp] = []
    must_repeat = work.is_held_back or bool(work.pending)
    must_repeat |= work.decision.review is ReviewReason.ADDRESS_TAKEN
    for action in work.actions:
        outcome = results[action.id]
        if action.kind is ActionKind.LINK or outcome is None:
            context.did(action)
        elif outcome.status is not OutcomeStatus.OK:
            note_failure(context, action, outcome)
            must_repeat |= outcome.status in TO_BE_REPEATED
        elif action.kind is not ActionKind.CONVERT or outcome.ref is None:
            continue
        elif outcome.ref in linked:
            context.tally.asks(
                Review(ReviewReason.LINKED_ELSEWHERE, (*refs, outcome.ref))
            )
        else:
            link, sequel = _converted(context, link, outcome.ref)
            return [*ops, *sequel, Put(link.row())]
    _note_success(context, work, written)
    ops = [Put(link.row()), *_forget_crowd(pair)]
    return ops + (postpone(context, refs) if must_repeat else context.drop(refs))


def _forget_crowd(pair: Pair) -> list[StoreOp]:
    return [Delete("ambiguity", pair.link.person)] if pair.is_new else []


def _acknowledged(
    work: Work, results: Mapping[str, Outcome | None]
) -> dict[SideName, dict[str, FieldValue]]:
    written: dict[SideName, dict[str, FieldValue]] = {SALESMANAGO: {}, ZOHO: {}}
    for action in work.actions:
        outcome = results[action.id]
        if (
            action.kind is not ActionKind.UPDATE
            or action.side is None
            or outcome is None
            or outcome.status is not OutcomeStatus.OK
        ):
            continue
        wanted = work.decision.writes[action.side]
        written[action.side] = {
            name: value for name, value in wanted.items() if name in outcome.written
        }
    return written


def _link_after(
    context: Context,
    work: Work,
    written: Mapping[SideName, Mapping[str, FieldValue]],
    lost_in_writing: AbstractSet[str],
) -> Link:
    """Give the link with what was settled: agreed, written, or lost for good."""
    pair, decision = work.pair, work.decision
    lost = {loss.field for _, loss in decision.losses}
    lost -= {name for side in SIDES for name in decision.writes[side]}
    lost |= lost_in_writing
    bases = noted_bases(
        pair,
        context.digester,
        agreed=decision.agreed | lost,
        written=written,
        unsettled=work.unsettled,
    )
    return evolve(
        pair.link,
        person=_person_after(context, pair, decision, written),
        bases=bases,
        is_followed=False,
    )


def _person_after(
    context: Context,
    pair: Pair,
    decision: Decision,
    written: Mapping[SideName, Mapping[str, FieldValue]],
) -> str:
    """Give the address of the pair once both sides carry the same one."""
    for side in SIDES:
        if "email" in written[side]:
            return context.digester.person(written[side]["email"]) or pair.link.person
    if "email" in decision.agreed:
        email = pair.seen[ZOHO].contact.email
        return context.digester.person(email or None) or pair.link.person
    return pair.link.person


def _converted(
    context: Context, link: Link, contact: Ref
) -> tuple[Link, list[StoreOp]]:
    """Lead the link on to the new contact, and look at both again."""
    lead = link.zoho
    context.tally.converted.add(link.key)
    context.tally.requeued += 1
    context.tally.saw(lead, Result.WRITTEN, "converted")
    context.tally.saw(link.salesmanago, Result.SENT, "converted")
    ops: list[StoreOp] = [
        Put(Row("alias", lead.text(), contact.text().encode())),
        *context.drop([lead]),
        *context.put_unread([contact, link.salesmanago]),
    ]
    return evolve(link, zoho=contact, is_followed=True), ops


def _note_success(
    context: Context, work: Work, written: Mapping[SideName, Mapping[str, FieldValue]]
) -> None:
    for side in SIDES:
        ref, across = work.pair.seen[side].ref, work.pair.seen[other_side(side)].ref
        if written[side]:
            context.tally.saw(ref, Result.WRITTEN, "updated")
            context.tally.saw(across, Result.SENT, "updated")
    result = Result.LINKED if work.pair.is_new else Result.IN_STEP
    reason = "matched_by_email" if work.pair.is_new else "agreed"
    for ref in work.pair.refs:
        context.tally.saw(ref, result, reason)
        if work.pending:
            context.tally.saw(ref, Result.RETRY, "consent_pending")
