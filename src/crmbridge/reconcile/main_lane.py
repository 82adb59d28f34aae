"""The second lane: links, creates, updates and conversions.

Floor 4.
Each chunk of the inbox is decided, written in batches and committed; an entry
leaves the inbox in the same commit that holds what became of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from attrs import evolve

from crmbridge._steps import Call
from crmbridge.contact import Consent
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
from crmbridge.reconcile.context import Context
from crmbridge.reconcile.creating import create_across, settle_created
from crmbridge.reconcile.decide import action_id
from crmbridge.reconcile.ledger import Ledger, read_ledger
from crmbridge.reconcile.memory import Link
from crmbridge.reconcile.pairs import Pair
from crmbridge.reconcile.plan import (
    Action,
    ActionKind,
    Review,
)
from crmbridge.reconcile.ports import Put, Row, StoreOp
from crmbridge.reconcile.records import Ref, Seen
from crmbridge.reconcile.report import Result
from crmbridge.reconcile.settling import settle
from crmbridge.reconcile.works import taken_addresses, work_of
from crmbridge.reconcile.writing import (
    postpone,
    write_all,
)

__all__ = ["main_lane"]

_OUT: Final = Consent.OPTED_OUT


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
    taken = yield from taken_addresses(context, pairs)
    works = [work_of(context, ledger, pair, taken) for pair in pairs]
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
        ops += settle(context, work, outcomes, linked)
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
        ops = _noted(context, case)
    return ops + (postpone(context, refs) if is_behind else context.drop(refs))


def _refs_of(case: Crowd | Ended | LeftOut) -> tuple[Ref, ...]:
    if isinstance(case, Crowd):
        return case.unlinked
    if isinstance(case, LeftOut):
        return (case.ref,)
    return (case.link.salesmanago, case.link.zoho)


def _noted(context: Context, case: LeftOut) -> list[StoreOp]:
    """Note what a record without its counterpart shows.

    Who is opted out, for being in again is an act; and the address, for the
    record still counts among those that carry it.
    """
    if case.link is None or case.seen is None:
        return []
    values = case.seen.contact.observed()
    outs = {name: values[name] for name in CHANNELS if values.get(name) is _OUT}
    side = case.seen.ref.side
    base = {**case.link.bases[side], **context.digester.base(outs)}
    link = evolve(case.link, bases={**case.link.bases, side: base})
    return [Put(_readdressed(context, link, (case.seen,)).row())]


def _readdressed(context: Context, link: Link, seen: Iterable[Seen]) -> Link:
    """Give the link under the address of the record that is left of it."""
    for record in seen:
        person = context.digester.person(record.contact.email or None)
        if person is not None and not record.is_deleted:
            return evolve(link, person=person)
    return link


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
    rest = [record for record in case.seen if record.ref != case.gone]
    link = _readdressed(context, evolve(case.link, is_tombstone=True), rest)
    return [Put(link.row()), *context.drop(refs)]
