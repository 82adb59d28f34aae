"""The second lane: links, creates, updates and conversions.

Floor 4.
Each chunk of the inbox is decided, written in batches and committed; an entry
leaves the inbox in the same commit that holds what became of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from attrs import evolve, field, frozen

from crmbridge._steps import Call
from crmbridge.contact import Consent, Contact, ContactState, FieldValue
from crmbridge.reconcile.cases import (
    Alone,
    Case,
    Crowd,
    Ended,
    LeftOut,
    find_cases,
    remembered,
)
from crmbridge.reconcile.consent import CHANNELS
from crmbridge.reconcile.consent_lane import Ledger, persons_of, read_ledger
from crmbridge.reconcile.context import Context
from crmbridge.reconcile.creating import create_across, settle_created
from crmbridge.reconcile.decide import (
    Decision,
    Pair,
    action_id,
    consents,
    decide_pair,
    noted_bases,
)
from crmbridge.reconcile.memory import Link
from crmbridge.reconcile.plan import (
    Action,
    ActionKind,
    Difference,
    ListedLoss,
    Review,
    ReviewReason,
)
from crmbridge.reconcile.ports import Delete, Put, Row, StoreOp
from crmbridge.reconcile.records import (
    SALESMANAGO,
    SIDES,
    ZOHO,
    Edit,
    EditKind,
    Outcome,
    OutcomeStatus,
    Ref,
    SideName,
    other_side,
)
from crmbridge.reconcile.report import Result
from crmbridge.reconcile.writing import (
    TO_BE_REPEATED,
    note_failure,
    postpone,
    update_of,
    write_all,
)

__all__ = ["main_lane"]

_OUT: Final = Consent.OPTED_OUT


@frozen
class _Work:
    """One pair, what it demands, and the actions that were allowed for it."""

    pair: Pair
    decision: Decision
    pending: frozenset[str]
    unsettled: frozenset[str]
    actions: tuple[Action, ...] = field(default=())
    is_held_back: bool = False


@frozen
class _Taken:
    """Who has which addresses: all records, and those of pairs."""

    records: dict[str, set[str]] = field(factory=dict[str, set[str]])
    pairs: dict[str, set[str]] = field(factory=dict[str, set[str]])


def main_lane(context: Context) -> Call[None]:
    """Bring all records of the inbox in step, chunk by chunk."""
    after: tuple[str, str] | None = None
    done = 0
    while rows := (yield from context.inbox_page(after)):
        after = ("", rows[-1].key)
        yield from _chunk(context, rows)
        done += len(rows)
        yield from context.announce("decide", done)


def _chunk(context: Context, rows: tuple[Row, ...]) -> Call[None]:
    cases = yield from find_cases(context, rows)
    ledger = yield from read_ledger(context, cases)
    pairs = [case for case in cases if isinstance(case, Pair)]
    taken = yield from _taken_addresses(context, pairs)
    works = [_work(context, ledger, pair, taken) for pair in pairs]
    alone = [case for case in cases if isinstance(case, Alone)]
    ops, creates = yield from create_across(context, ledger, alone)
    for case in cases:
        ops += _simple(context, ledger, case)
    actions = [action for work in works for action in work.actions]
    outcomes = yield from write_all(
        context, [*actions, *(action for action, _ in creates)]
    )
    contacts = [outcome.ref for outcome in outcomes.values() if outcome.ref]
    linked = yield from context.links_of(contacts)
    for work in works:
        ops += _settle(context, work, outcomes, linked)
    for action, case in creates:
        ops += settle_created(context, ledger, action, case, outcomes.get(action.id))
    yield from context.commit(ops)


def _simple(context: Context, ledger: Ledger, case: Case) -> list[StoreOp]:
    """Deal with the cases that write to no service."""
    if isinstance(case, Pair | Alone):
        return []
    refs = _refs_of(case)
    is_behind = ledger.has_behind(case) and not context.settings.is_dry
    if isinstance(case, Ended):
        # The pair ends when nobody has to be opted out any more.
        return postpone(context, refs) if is_behind else _end(context, case)
    if isinstance(case, Crowd):
        context.tally.asks(
            Review(case.reason, tuple(record.ref for record in case.seen))
        )
        ops: list[StoreOp] = [Put(remembered(case).row())]
    else:
        result = Result.GONE if case.is_gone else Result.LEFT_OUT
        context.tally.saw(case.ref, result, case.reason)
        ops = _noted_opt_outs(context, case)
    return ops + (postpone(context, refs) if is_behind else context.drop(refs))


def _refs_of(case: Crowd | Ended | LeftOut) -> tuple[Ref, ...]:
    if isinstance(case, Crowd):
        return case.unlinked
    if isinstance(case, LeftOut):
        return (case.ref,)
    return (case.link.salesmanago, case.link.zoho)


def _noted_opt_outs(context: Context, case: LeftOut) -> list[StoreOp]:
    """Note who is opted out without a counterpart: being in again is an act."""
    if case.link is None or case.seen is None:
        return []
    values = case.seen.contact.observed()
    outs = {name: values[name] for name in CHANNELS if values.get(name) is _OUT}
    side = case.seen.ref.side
    base = {**case.link.bases[side], **context.digester.base(outs)}
    return [Put(evolve(case.link, bases={**case.link.bases, side: base}).row())]


def _end(context: Context, case: Ended) -> list[StoreOp]:
    """Keep a tombstone of a pair; the surviving record is left as it is."""
    refs = (case.link.salesmanago, case.link.zoho)
    why = f"deleted in {case.gone.side}; the other record is kept"
    action = Action(
        ActionKind.UNLINK,
        None,
        refs,
        why=why,
        id=action_id(ActionKind.UNLINK, refs, context.digester, {}),
    )
    if not context.may(action):
        return (
            context.drop(refs) if context.settings.is_dry else postpone(context, refs)
        )
    context.did(action)
    for ref in refs:
        if ref == case.gone:
            context.tally.saw(ref, Result.GONE, "deleted")
        else:
            context.tally.saw(ref, Result.LEFT_OUT, "counterpart_deleted")
    return [Put(evolve(case.link, is_tombstone=True).row()), *context.drop(refs)]


def _taken_addresses(context: Context, pairs: Iterable[Pair]) -> Call[_Taken]:
    """Find who has which of the addresses at hand: links and records."""
    persons = {person for pair in pairs for person in persons_of(context, pair)}
    taken = _Taken()
    for row in (yield from context.fetch("link", persons, index="person")):
        link = Link.parse(row)
        refs = {link.salesmanago.text(), link.zoho.text()}
        taken.pairs.setdefault(link.person, set()).update(refs)
        taken.records.setdefault(link.person, set()).update(refs)
    for row in (yield from context.fetch("inbox", persons, index="person")):
        taken.records.setdefault(row.indexes["person"], set()).add(row.key)
    return taken


def _others(taken: Mapping[str, set[str]], person: str, pair: Pair) -> set[str]:
    return taken.get(person, set()) - {ref.text() for ref in pair.refs}


def _work(context: Context, ledger: Ledger, pair: Pair, taken: _Taken) -> _Work:
    lead = context.digester.person(pair.seen[ZOHO].contact.email or None)
    decision = decide_pair(
        pair,
        context.settings.rules,
        context.digester,
        context.facts,
        may_convert=lead is None or not _others(taken.pairs, lead, pair),
    )
    decision = _without_taken_address(context, pair, decision, taken)
    decision, actions = _fitted(context, pair, decision)
    _list_differences(context, pair, decision)
    persons = persons_of(context, pair)
    channels = consents(
        pair,
        context.settings.rules,
        context.digester,
        suppressed=ledger.suppressed(persons),
        fresh=ledger.fresh(persons),
    )
    pending = frozenset(item.channel for item in channels if item.writes)
    unsettled = pending | {item.channel for item in channels if item.needs_review}
    if pair.is_new:
        actions = [_link_action(context, pair), *actions]
    is_sequel = pair.link.key in context.tally.converted
    allowed = [action for action in actions if context.may(action, is_sequel=is_sequel)]
    held = len(allowed) < len(actions) and not context.settings.is_dry
    if pair.is_new and held and actions[0] not in allowed:
        allowed = []
    return _Work(pair, decision, pending, unsettled, tuple(allowed), held)


def _without_taken_address(
    context: Context,
    pair: Pair,
    decision: Decision,
    taken: _Taken,
) -> Decision:
    """Write no address that belongs to another pair; a person has to decide."""
    for side in SIDES:
        email = decision.writes[side].get("email")
        person = context.digester.person(email)
        if person and _others(taken.records, person, pair):
            rest = {k: v for k, v in decision.writes[side].items() if k != "email"}
            return evolve(
                decision,
                writes={**decision.writes, side: rest},
                review=ReviewReason.ADDRESS_TAKEN,
            )
    return decision


def _fitted(
    context: Context, pair: Pair, decision: Decision
) -> tuple[Decision, list[Action]]:
    """Leave out what a side cannot hold, and what would change nothing there."""
    writes: dict[SideName, Mapping[str, FieldValue]] = {}
    losses, agreed = list(decision.losses), set(decision.agreed)
    actions: list[Action] = []
    for side in SIDES:
        wanted = decision.writes[side]
        writes[side] = {}
        if not wanted:
            continue
        seen, across = pair.seen[side], pair.seen[other_side(side)]
        why = f"taken over from {across.ref.side}"
        action = update_of(
            context, ActionKind.UPDATE, seen, wanted, source=across.ref, why=why
        )
        fit = context.sides[side].fit(_edit_of(action))
        losses += [(side, loss) for loss in fit.losses]
        agreed.update(wanted.keys() - fit.fields)
        writes[side] = {k: v for k, v in wanted.items() if k in fit.fields}
        if writes[side]:
            actions.append(
                update_of(
                    context,
                    ActionKind.UPDATE,
                    seen,
                    writes[side],
                    source=across.ref,
                    why=why,
                )
            )
    if decision.converts:
        actions.append(_conversion(context, pair))
    fitted = evolve(
        decision, writes=writes, losses=tuple(losses), agreed=frozenset(agreed)
    )
    return fitted, actions


def _edit_of(action: Action) -> Edit:
    if action.edit is None:
        message = "an action that writes to a service carries its edit"
        raise AssertionError(message)
    return action.edit


def _conversion(context: Context, pair: Pair) -> Action:
    refs = (pair.seen[ZOHO].ref, pair.seen[SALESMANAGO].ref)
    return Action(
        ActionKind.CONVERT,
        ZOHO,
        refs,
        ("state",),
        "became a client in salesmanago",
        action_id(ActionKind.CONVERT, refs, context.digester, {}),
        Edit(EditKind.CONVERT, Contact(state=ContactState.CLIENT), pair.seen[ZOHO]),
    )


def _link_action(context: Context, pair: Pair) -> Action:
    return Action(
        ActionKind.LINK,
        None,
        pair.refs,
        why="both carry the same address",
        id=action_id(ActionKind.LINK, pair.refs, context.digester, {}),
    )


def _list_differences(context: Context, pair: Pair, decision: Decision) -> None:
    for conflict in decision.conflicts:
        context.tally.differs(
            Difference(
                pair.refs, conflict.field, conflict.winner, conflict.verdict.value
            )
        )
    for side, loss in decision.losses:
        context.tally.loses(ListedLoss(pair.refs, side, loss))
    if decision.review is not None:
        context.tally.asks(Review(decision.review, pair.refs))


def _settle(
    context: Context,
    work: _Work,
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
    link = _link_after(context, work, written)
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
    work: _Work, results: Mapping[str, Outcome | None]
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
    context: Context, work: _Work, written: Mapping[SideName, Mapping[str, FieldValue]]
) -> Link:
    pair, decision = work.pair, work.decision
    lost = {loss.field for _, loss in decision.losses}
    lost -= {name for side in SIDES for name in decision.writes[side]}
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
    context: Context, work: _Work, written: Mapping[SideName, Mapping[str, FieldValue]]
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
