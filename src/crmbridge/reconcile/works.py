"""What a pair of records demands, as actions that may be done.

Floor 4.
Values that a side cannot hold are left out and listed, addresses that belong
to somebody else are not written, and what a plan does not hold is not done.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from attrs import evolve, field, frozen

from crmbridge._steps import Call
from crmbridge.contact import Contact, ContactState, FieldValue
from crmbridge.reconcile.context import Context
from crmbridge.reconcile.decide import Decision, action_id, consents, decide_pair
from crmbridge.reconcile.ledger import Ledger, persons_of
from crmbridge.reconcile.memory import Link
from crmbridge.reconcile.pairs import Pair
from crmbridge.reconcile.plan import (
    Action,
    ActionKind,
    Difference,
    ListedLoss,
    Review,
    ReviewReason,
)
from crmbridge.reconcile.records import (
    SALESMANAGO,
    SIDES,
    ZOHO,
    Edit,
    EditKind,
    SideName,
    other_side,
)
from crmbridge.reconcile.writing import update_of

__all__ = ["Taken", "Work", "taken_addresses", "work_of"]


@frozen
class Work:
    """One pair, what it demands, and the actions that were allowed for it.

    Attributes:
        pair: the two records.
        decision: what they demand beyond consent.
        pending: channels on which a record still has to follow.
        unsettled: these, and those on which a person has to be asked.
        actions: what may be done.
        is_held_back: a plan does not hold all that would be done.
    """

    pair: Pair
    decision: Decision
    pending: frozenset[str]
    unsettled: frozenset[str]
    actions: tuple[Action, ...] = field(default=())
    is_held_back: bool = False


@frozen
class Taken:
    """Who has which addresses.

    Attributes:
        records: by the mark of an address, all records that carry it.
        pairs: the same, of those that are paired.
    """

    records: Mapping[str, set[str]]
    pairs: Mapping[str, set[str]]


def taken_addresses(context: Context, pairs: Iterable[Pair]) -> Call[Taken]:
    """Find who has which of the addresses at hand: links and records."""
    persons = {person for pair in pairs for person in persons_of(context, pair)}
    records: defaultdict[str, set[str]] = defaultdict(set)
    paired: defaultdict[str, set[str]] = defaultdict(set)
    for row in (yield from context.fetch("link", persons, index="person")):
        link = Link.parse(row)
        refs = {link.salesmanago.text(), link.zoho.text()}
        paired[link.person] |= refs
        records[link.person] |= refs
    for row in (yield from context.fetch("inbox", persons, index="person")):
        records[row.indexes["person"]].add(row.key)
    return Taken(records, paired)


def _others(taken: Mapping[str, set[str]], person: str, pair: Pair) -> set[str]:
    return taken.get(person, set()) - {ref.text() for ref in pair.refs}


def work_of(context: Context, ledger: Ledger, pair: Pair, taken: Taken) -> Work:
    """Decide on one pair, and list what it demands.

    Args:
        context: the run.
        ledger: the opt-outs on record of the addresses at hand.
        pair: the two records.
        taken: who has which of the addresses at hand.
    """
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
    return Work(pair, decision, pending, unsettled, tuple(allowed), held)


def _without_taken_address(
    context: Context,
    pair: Pair,
    decision: Decision,
    taken: Taken,
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
