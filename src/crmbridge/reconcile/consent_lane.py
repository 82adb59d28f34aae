"""The first lane: opt-outs, in their own small writes, before anything else.

Floor 4.
It serves every record whose address is known, also those that are ambiguous.
The ledger learns of an opt-out before any service is asked to store it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from attrs import evolve, field, frozen

from crmbridge._steps import Call
from crmbridge.contact import Consent, FieldValue
from crmbridge.reconcile.cases import (
    Alone,
    Case,
    Crowd,
    Ended,
    LeftOut,
    find_cases,
    records_of,
)
from crmbridge.reconcile.consent import CHANNELS, ConsentDecision
from crmbridge.reconcile.context import Context
from crmbridge.reconcile.decide import consents
from crmbridge.reconcile.ledger import Ledger, is_behind, persons_of, read_ledger
from crmbridge.reconcile.memory import Link
from crmbridge.reconcile.pairs import Pair, starting_bases
from crmbridge.reconcile.plan import Action, ActionKind, Review, ReviewReason
from crmbridge.reconcile.ports import Put, Row, StoreOp
from crmbridge.reconcile.records import SIDES, OutcomeStatus, Ref, Seen, SideName
from crmbridge.reconcile.report import Result
from crmbridge.reconcile.writing import note_failure, update_of, write_all

__all__ = ["consent_lane"]


@frozen
class _Crowd:
    """What is visible of one address.

    Attributes:
        person: the mark of the address.
        records: all of them.
        cases: where they come from.
        links: of those whose pair has ended or is not visible, the pair.
    """

    person: str
    records: dict[Ref, Seen] = field(factory=dict[Ref, Seen])
    cases: list[Case] = field(factory=list[Case])
    links: dict[Ref, Link] = field(factory=dict[Ref, Link])


@frozen
class _Step:
    """One consent write, and the pair it belongs to if there is one."""

    action: Action
    pair: Pair | None


def consent_lane(context: Context) -> Call[None]:
    """Bring every opt-out that was seen to all records of its address."""
    after: tuple[str, str] | None = None
    while rows := (yield from context.inbox_page(after)):
        after = ("", rows[-1].key)
        yield from _chunk(context, rows)


def _chunk(context: Context, rows: tuple[Row, ...]) -> Call[None]:
    cases = yield from find_cases(context, rows)
    ledger = yield from read_ledger(context, cases)
    notes: list[StoreOp] = []
    steps: list[_Step] = []
    crowds = _crowds(context, cases)
    for case in cases:
        if isinstance(case, Pair):
            _pair(context, ledger, case, crowds.keys(), notes, steps)
    for crowd in crowds.values():
        _records(context, ledger, crowd, notes, steps)
    allowed = {
        step.action.id: step
        for step in steps
        if context.may(step.action, is_sequel=_is_sequel(context, step))
    }
    if context.settings.is_dry:
        return
    for step in allowed.values():
        notes += ledger.note_write(step.action)
    yield from context.commit(notes)
    yield from _write(context, allowed)


def _crowds(context: Context, cases: Iterable[Case]) -> dict[str, _Crowd]:
    """Gather what is visible of each address, but for what one pair has alone."""
    crowds: dict[str, _Crowd] = {}
    for case in cases:
        for record in records_of(case):
            own = context.digester.person(record.contact.email or None)
            person = case.person if isinstance(case, Alone | Crowd) else own
            if person is not None and record.became is None:
                crowd = crowds.setdefault(person, _Crowd(person))
                crowd.records[record.ref] = record
                crowd.cases.append(case)
                if isinstance(case, Ended | LeftOut) and case.link is not None:
                    crowd.links[record.ref] = case.link
    return {
        person: crowd
        for person, crowd in crowds.items()
        if any(
            case is not crowd.cases[0] or not isinstance(case, Pair)
            for case in crowd.cases
        )
    }


def _is_sequel(context: Context, step: _Step) -> bool:
    return step.pair is not None and step.pair.link.key in context.tally.converted


def _pair(
    context: Context,
    ledger: Ledger,
    pair: Pair,
    crowded: AbstractSet[str],
    notes: list[StoreOp],
    steps: list[_Step],
) -> None:
    persons = persons_of(context, pair)
    # Among several records of one address nobody is opted in again.
    fresh = frozenset(CHANNELS) if crowded & {*persons} else ledger.fresh(persons)
    decisions = consents(
        pair,
        context.settings.rules,
        context.digester,
        suppressed=ledger.suppressed(persons),
        fresh=fresh,
    )
    for decision in decisions:
        if decision.suppresses is not None:
            notes += ledger.suppress(persons, decision.channel, decision.suppresses)
        if decision.releases:
            notes += ledger.release(persons, decision.channel)
        if decision.needs_review:
            context.tally.asks(Review(ReviewReason.OPTED_IN_AGAIN, pair.refs))
    steps += [_Step(action, pair) for action in _actions(context, pair, decisions)]


def _actions(
    context: Context, pair: Pair, decisions: Iterable[ConsentDecision]
) -> list[Action]:
    wanted: dict[tuple[SideName, Consent], dict[str, FieldValue]] = {}
    for decision in decisions:
        for side in decision.writes:
            if decision.wanted is not None:
                values = wanted.setdefault((side, decision.wanted), {})
                values[decision.channel] = decision.wanted
    actions: list[Action] = []
    for (side, consent), values in wanted.items():
        seen = pair.seen[side]
        source = next(ref for ref in pair.refs if ref != seen.ref)
        actions.append(_consent_action(context, seen, values, consent, source))
    return actions


def _consent_action(
    context: Context,
    seen: Seen,
    values: Mapping[str, FieldValue],
    consent: Consent,
    source: Ref,
) -> Action:
    is_out = consent is Consent.OPTED_OUT
    kind = ActionKind.OPT_OUT if is_out else ActionKind.OPT_IN
    why = "out wins wherever it is seen" if is_out else "opted in again across"
    return update_of(context, kind, seen, values, source=source, why=why)


def _records(
    context: Context,
    ledger: Ledger,
    crowd: _Crowd,
    notes: list[StoreOp],
    steps: list[_Step],
) -> None:
    """Let all records of an address follow the one that is opted out."""
    values = {ref: held.contact.observed() for ref, held in crowd.records.items()}
    suppressed = ledger.suppressed((crowd.person,))
    for channel in CHANNELS:
        # In order, so that the same crowd met twice gives the same action.
        outs = sorted(
            ref
            for ref, held in values.items()
            if held.get(channel) is Consent.OPTED_OUT
        )
        if outs:
            notes += ledger.suppress((crowd.person,), channel, outs[0].side)
        if not outs and channel not in suppressed:
            continue
        done = {step.action.refs[0] for step in steps if channel in step.action.fields}
        for record in crowd.records.values():
            if record.ref in done or not is_behind(
                context, record, channel, None if outs else crowd.links.get(record.ref)
            ):
                continue
            change = {channel: Consent.OPTED_OUT}
            source = outs[0] if outs else record.ref
            action = _consent_action(context, record, change, Consent.OPTED_OUT, source)
            steps.append(_Step(action, None))


def _write(context: Context, steps: Mapping[str, _Step]) -> Call[None]:
    outcomes = yield from write_all(context, (step.action for step in steps.values()))
    written: dict[str, list[tuple[Pair, Action]]] = {}
    ops: list[StoreOp] = []
    for action_id, outcome in outcomes.items():
        step = steps[action_id]
        ref, source = step.action.refs
        if outcome.status is not OutcomeStatus.OK:
            note_failure(context, step.action, outcome)
            continue
        context.tally.saw(source, Result.SENT, "consent")
        context.tally.saw(ref, Result.WRITTEN, "consent")
        ops += context.put_unread((ref,))
        if step.pair is not None and not step.pair.is_new:
            entry = written.setdefault(step.pair.link.key, [])
            entry.append((step.pair, step.action))
    for changes in written.values():
        ops.append(_acknowledged(context, changes))
    yield from context.commit(ops)


def _acknowledged(context: Context, changes: list[tuple[Pair, Action]]) -> StoreOp:
    """Note in the link what the sides are known to show of these channels.

    A side whose write failed keeps its base: else its old value would pass
    for an opt-in act later on.
    """
    pair = changes[0][0]
    bases = {
        side: dict(base)
        for side, base in starting_bases(pair.link, pair.seen, context.digester).items()
    }
    for _, action in changes:
        if action.edit is None:
            continue
        for channel, value in action.edit.contact.observed().items():
            for side in SIDES:
                shown = pair.seen[side].contact.observed().get(channel)
                if side == action.side or shown is value:
                    bases[side][channel] = context.digester.of(channel, value)
    return Put(evolve(pair.link, bases=bases).row())
