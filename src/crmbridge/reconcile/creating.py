"""Creating across: a record on one side alone gets its counterpart.

Floor 4.
A record is created *with* its consent, never created first and opted out
later; and before one is created in SALESmanago, the address is looked up, for
the change feed shows only what its owners may see.
"""

from __future__ import annotations

from collections.abc import Sequence

from crmbridge._steps import Call
from crmbridge.reconcile.cases import Alone
from crmbridge.reconcile.context import Context
from crmbridge.reconcile.decide import action_id, new_contact
from crmbridge.reconcile.ledger import Ledger
from crmbridge.reconcile.memory import InboxEntry, Link
from crmbridge.reconcile.plan import (
    Action,
    ActionKind,
    ListedLoss,
    Review,
    ReviewReason,
)
from crmbridge.reconcile.ports import Delete, Put, StoreOp
from crmbridge.reconcile.records import (
    SALESMANAGO,
    SIDES,
    Edit,
    EditKind,
    Outcome,
    OutcomeStatus,
    Ref,
    Seen,
    other_side,
)
from crmbridge.reconcile.report import Result
from crmbridge.reconcile.writing import TO_BE_REPEATED, note_failure, postpone

__all__ = ["create_across", "settle_created"]


def create_across(
    context: Context, ledger: Ledger, cases: Sequence[Alone]
) -> Call[tuple[list[StoreOp], list[tuple[Action, Alone]]]]:
    """Decide on the records without counterpart.

    Returns:
        What has to be stored at once, and the creates that are allowed.
    """
    ops, rest = yield from _adopt(context, cases)
    creates: list[tuple[Action, Alone]] = []
    for case in rest:
        action = _creation(context, ledger, case)
        if context.may(action):
            creates.append((action, case))
        elif context.settings.is_dry:
            context.tally.saw(case.seen.ref, Result.SENT, "created_across")
            ops += context.drop([case.seen.ref])
        else:
            ops += postpone(context, [case.seen.ref])
    return ops, creates


def _adopt(
    context: Context, cases: Sequence[Alone]
) -> Call[tuple[list[StoreOp], list[Alone]]]:
    """Look for the addresses on the other side before creating them there."""
    ops: list[StoreOp] = []
    found: dict[str, Seen] = {}
    for side in SIDES:
        emails = [
            case.seen.contact.email
            for case in cases
            if case.seen.ref.side == other_side(side) and case.seen.contact.email
        ]
        records = (yield from context.sides[side].find(emails)) if emails else ()
        for record in records:
            person = context.digester.person(record.contact.email or None)
            if person is not None:
                found[person] = record
    links = yield from context.links_of(record.ref for record in found.values())
    rest: list[Alone] = []
    for case in cases:
        match = found.get(case.person)
        if match is None:
            rest.append(case)
        else:
            ops += _found(context, case, match, is_linked=match.ref in links)
    return ops, rest


def _found(
    context: Context, case: Alone, record: Seen, *, is_linked: bool
) -> list[StoreOp]:
    source = case.seen.ref
    if record.is_deleted:
        # Writing to it would bring a deleted contact back to life.
        context.tally.saw(source, Result.LEFT_OUT, "counterpart_deleted")
        return context.drop([source])
    if is_linked:
        refs = (source, record.ref)
        context.tally.asks(Review(ReviewReason.ADDRESS_TAKEN, refs))
        return context.drop([source])
    context.tally.requeued += 1
    return [Put(InboxEntry.of(record, context.fence, case.person).row())]


def _creation(context: Context, ledger: Ledger, case: Alone) -> Action:
    source = case.seen
    side = other_side(source.ref.side)
    contact, losses = new_contact(
        source,
        context.facts[side],
        context.digester,
        suppressed=ledger.suppressed((case.person,)),
    )
    edit = Edit(EditKind.CREATE, contact)
    fit = context.sides[side].fit(edit)
    for loss in (*losses, *fit.losses):
        context.tally.loses(ListedLoss((source.ref,), side, loss))
    values = contact.observed()
    return Action(
        ActionKind.CREATE,
        side,
        (source.ref,),
        tuple(sorted(fit.fields)),
        f"only {source.ref.side} has the address",
        action_id(ActionKind.CREATE, (source.ref,), context.digester, values),
        edit,
    )


def settle_created(
    context: Context,
    ledger: Ledger,
    action: Action,
    case: Alone,
    outcome: Outcome | None,
) -> list[StoreOp]:
    """Give what has to be stored of a create."""
    source = case.seen.ref
    if outcome is None:
        return []
    if outcome.status is OutcomeStatus.OK and outcome.ref is not None:
        context.tally.saw(source, Result.SENT, "created_across")
        context.tally.saw(outcome.ref, Result.CREATED, "created")
        link = _new_link(context, action, case, outcome, outcome.ref)
        ops: list[StoreOp] = [Put(link.row()), Delete("ambiguity", case.person)]
        if ledger.has_behind(case):
            return [*ops, *postpone(context, [source])]
        return [*ops, *context.drop([source])]
    if outcome.status is OutcomeStatus.DUPLICATE and outcome.ref is not None:
        context.tally.requeued += 1
        return context.put_unread([outcome.ref])
    note_failure(context, action, outcome)
    if outcome.status in TO_BE_REPEATED:
        return postpone(context, [source])
    return context.drop([source])


def _new_link(
    context: Context, action: Action, case: Alone, outcome: Outcome, created: Ref
) -> Link:
    digester, source = context.digester, case.seen
    sent = action.edit.contact.observed() if action.edit else {}
    # The state is what was made, whether or not it is a field there.
    known = outcome.written | {"state"}
    across = {name: value for name, value in sent.items() if name in known}
    own = digester.base(source.contact.observed())
    # What the source does not have was not sent, so the new record lacks it, too.
    blank = {
        name: base for name, base in own.items() if base == digester.of(name, None)
    }
    is_salesmanago = source.ref.side == SALESMANAGO
    return Link(
        source.ref if is_salesmanago else created,
        created if is_salesmanago else source.ref,
        case.person,
        {
            source.ref.side: own,
            created.side: {**blank, **digester.base(across)},
        },
    )
