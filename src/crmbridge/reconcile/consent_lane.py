"""The first lane: opt-outs, in their own small writes, before anything else.

Floor 4.
It serves every record whose address is known, also those that are ambiguous.
The ledger learns of an opt-out before any service is asked to store it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import evolve, frozen

from crmbridge._steps import Call
from crmbridge.contact import Consent, FieldValue
from crmbridge.reconcile.cases import Alone, Case, Crowd, find_cases
from crmbridge.reconcile.consent import CHANNELS, ConsentDecision
from crmbridge.reconcile.context import Context
from crmbridge.reconcile.decide import Pair, consents, starting_bases
from crmbridge.reconcile.memory import Suppression
from crmbridge.reconcile.plan import Action, ActionKind, Review, ReviewReason
from crmbridge.reconcile.ports import Put, Row, StoreOp
from crmbridge.reconcile.records import SIDES, OutcomeStatus, Ref, Seen, SideName
from crmbridge.reconcile.report import Result
from crmbridge.reconcile.writing import note_failure, update_of, write_all

__all__ = ["Ledger", "consent_lane", "persons_of", "read_ledger"]


@frozen
class Ledger:
    """The opt-outs on record of the addresses at hand."""

    context: Context
    known: Mapping[str, Suppression]

    def suppressed(self, persons: Iterable[str]) -> frozenset[str]:
        """Give the channels on which any of these addresses is opted out."""
        return frozenset(entry.channel for entry in self._active(persons))

    def fresh(self, persons: Iterable[str]) -> frozenset[str]:
        """Give those whose opt-out was seen in this very run."""
        return frozenset(
            entry.channel
            for entry in self._active(persons)
            if entry.fence == self.context.fence
        )

    def _active(self, persons: Iterable[str]) -> list[Suppression]:
        keys = (Suppression.key_of(p, channel) for p in persons for channel in CHANNELS)
        entries = (self.known.get(key) for key in keys)
        return [entry for entry in entries if entry and entry.released_at is None]

    def suppress(
        self, persons: Iterable[str], channel: str, source: SideName
    ) -> list[StoreOp]:
        """Note an opt-out, unless it is on record already."""
        context = self.context
        return [
            Put(
                Suppression(
                    person, channel, context.fence, context.started_at, source
                ).row()
            )
            for person in persons
            if channel not in self.suppressed((person,))
        ]

    def release(self, persons: Iterable[str], channel: str) -> list[StoreOp]:
        """Note that an opt-in act ended an opt-out; the entry itself stays."""
        ended = [entry for entry in self._active(persons) if entry.channel == channel]
        return [
            Put(evolve(entry, released_at=self.context.started_at).row())
            for entry in ended
        ]


@frozen
class _Step:
    """One consent write, and the pair it belongs to if there is one."""

    action: Action
    pair: Pair | None


def persons_of(context: Context, case: Case) -> tuple[str, ...]:
    """Give the marks of all addresses that a case concerns, old ones too."""
    if isinstance(case, Alone | Crowd):
        return (case.person,)
    if not isinstance(case, Pair):
        return ()
    marks = [
        context.digester.person(case.seen[side].contact.email or None) for side in SIDES
    ]
    return tuple(dict.fromkeys((case.link.person, *(mark for mark in marks if mark))))


def read_ledger(context: Context, cases: Iterable[Case]) -> Call[Ledger]:
    """Read what is on record of all addresses of these cases."""
    persons = {person for case in cases for person in persons_of(context, case)}
    return Ledger(context, (yield from context.suppressions(persons)))


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
    for case in cases:
        if isinstance(case, Pair):
            _pair(context, ledger, case, notes, steps)
        elif isinstance(case, Crowd | Alone):
            seen = case.seen if isinstance(case, Crowd) else (case.seen,)
            _records(context, ledger, case.person, seen, notes, steps)
    allowed = {
        step.action.id: step
        for step in steps
        if context.may(step.action, is_sequel=_is_sequel(context, step))
    }
    if context.settings.is_dry:
        return
    yield from context.commit(notes)
    yield from _write(context, allowed)


def _is_sequel(context: Context, step: _Step) -> bool:
    return step.pair is not None and step.pair.link.key in context.tally.converted


def _pair(
    context: Context,
    ledger: Ledger,
    pair: Pair,
    notes: list[StoreOp],
    steps: list[_Step],
) -> None:
    persons = persons_of(context, pair)
    decisions = consents(
        pair,
        context.settings.rules,
        context.digester,
        suppressed=ledger.suppressed(persons),
        fresh=ledger.fresh(persons),
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
    person: str,
    records: tuple[Seen, ...],
    notes: list[StoreOp],
    steps: list[_Step],
) -> None:
    """Let all records of an address follow the one that is opted out."""
    values = {record.ref: record.contact.observed() for record in records}
    suppressed = ledger.suppressed((person,))
    for channel in CHANNELS:
        # In order, so that the same crowd met twice gives the same action.
        outs = sorted(
            ref
            for ref, held in values.items()
            if held.get(channel) is Consent.OPTED_OUT
        )
        if outs:
            notes += ledger.suppress((person,), channel, outs[0].side)
        if not outs and channel not in suppressed:
            continue
        for record in records:
            if values[record.ref].get(channel) is Consent.OPTED_IN:
                change = {channel: Consent.OPTED_OUT}
                source = outs[0] if outs else record.ref
                action = _consent_action(
                    context, record, change, Consent.OPTED_OUT, source
                )
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
