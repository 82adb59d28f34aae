"""Reading: both feeds into the inbox, then every record that is needed.

Floor 4.
Nothing is written to a service before this is done.
A feed's cursor passes a record only when the record lies in the inbox; the
inbox is part of the store, so a run may stop anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from attrs import evolve

from crmbridge._steps import Call, clock, gather
from crmbridge.contact import Consent
from crmbridge.reconcile.context import Context
from crmbridge.reconcile.memory import Ambiguity, FeedState, InboxEntry, Link
from crmbridge.reconcile.pairs import has_changed, starting_bases
from crmbridge.reconcile.plan import Review, ReviewReason
from crmbridge.reconcile.ports import Delete, Put, Row, Side, StoreOp
from crmbridge.reconcile.records import (
    SIDES,
    ZOHO,
    FeedPage,
    Ref,
    Seen,
    SideName,
)
from crmbridge.reconcile.report import Result

__all__ = ["drain_feeds", "gather_material", "look_again", "observe"]

_FEEDS_IN_FLIGHT: Final = 8
_MOST_WIDENINGS: Final = 10


def look_again(context: Context) -> Call[None]:
    """Have everything that an earlier run left in the inbox read once more."""
    after: tuple[str, str] | None = None
    while rows := (yield from context.inbox_page(after)):
        after = ("", rows[-1].key)
        entries = [InboxEntry.parse(row) for row in rows]
        yield from context.commit(
            Put(entry.unread().row())
            for entry in entries
            if entry.fence != context.fence and entry.payload is not None
        )


def drain_feeds(context: Context) -> Call[None]:
    """Read all feeds of both sides to their end, into the inbox."""
    feeds = [
        (context.sides[side], feed)
        for side in SIDES
        for feed in context.sides[side].feeds
    ]
    yield from gather(
        (_drain(context, side, feed) for side, feed in feeds), _FEEDS_IN_FLIGHT
    )


def _drain(context: Context, side: Side, feed: str) -> Call[None]:
    state = FeedState(side.name, feed)
    for row in (yield from context.fetch("feed", [state.key])):
        state = FeedState.parse(side.name, feed, row)
    since = state.watermark
    if since is not None:
        since -= timedelta(seconds=context.settings.overlap_seconds)
    while True:
        yield from context.renew()
        page = yield from side.page(feed, since=since, position=state.position)
        until = state.until or page.server_time or (yield from clock()).at
        state = evolve(state, until=until, position=page.following)
        if page.following is None:
            state = FeedState(side.name, feed, watermark=_later(state.watermark, until))
        ops = yield from _inbox_ops(context, page)
        yield from context.commit([*ops, Put(state.row())])
        if page.following is None:
            return


def _later(first: datetime | None, second: datetime) -> datetime:
    """Never move a watermark back, whatever a server's clock says."""
    return second if first is None else max(first, second)


def _inbox_ops(context: Context, page: FeedPage) -> Call[list[StoreOp]]:
    known = yield from context.entries((*page.touched, *page.gone))
    ops: list[StoreOp] = [Put(_entry(context, seen).row()) for seen in page.seen]
    ops += context.put_unread(ref for ref in page.touched if ref not in known)
    ops += [
        Put(InboxEntry(ref, context.fence, is_gone=True).row())
        for ref in page.gone
        if ref not in known or known[ref].fence != context.fence
    ]
    context.tally.read += len(page.seen)
    yield from context.announce("read", context.tally.read)
    return ops


def _entry(context: Context, seen: Seen) -> InboxEntry:
    person = context.digester.person(seen.contact.email or None)
    return InboxEntry.of(seen, context.fence, person)


def gather_material(context: Context) -> Call[None]:
    """Read all records that those in the inbox have to be judged with.

    A record that is read for another one's sake may itself have doubles or a
    counterpart, so this goes on until nothing new turns up.
    """
    yield from observe(context)
    for _ in range(_MOST_WIDENINGS):
        yield from sift(context)
        count = yield from observe(context)
        yield from follow(context)
        count += yield from observe(context)
        if not count:
            return


def observe(context: Context) -> Call[int]:
    """Read every record of the inbox that has not been read in this run.

    Returns:
        How many were read.
    """
    count = 0
    after: tuple[str, str] | None = None
    while rows := (yield from context.inbox_page(after, index="unread")):
        after = (rows[-1].indexes["unread"], rows[-1].key)
        # What failed in this run waits for the next one.
        refs = [
            entry.ref
            for entry in map(InboxEntry.parse, rows)
            if entry.waits != context.fence
        ]
        yield from gather((_read(context, side, refs) for side in SIDES), len(SIDES))
        yield from context.announce("read", context.tally.read)
        count += len(refs)
    return count


def _read(context: Context, name: SideName, all_refs: Iterable[Ref]) -> Call[None]:
    refs = [ref for ref in all_refs if ref.side == name]
    if not refs:
        return
    answers = yield from context.sides[name].read(refs)
    ops: list[StoreOp] = []
    for ref, seen in zip(refs, answers, strict=True):
        if seen is None:
            context.tally.saw(ref, Result.LEFT_OUT, "not_visible")
            ops += context.drop([ref])
        else:
            ops.append(Put(_entry(context, seen).row()))
    context.tally.read += len(refs)
    yield from context.commit(ops)


def sift(context: Context) -> Call[None]:
    """Drop what did not change, and ask for the counterparts of what did.

    Most of what a feed gives is the echo of our own writes: it equals what is
    remembered and needs no look at the other side.
    Leads that became contacts are followed here.
    """
    after: tuple[str, str] | None = None
    while rows := (yield from context.inbox_page(after)):
        after = ("", rows[-1].key)
        yield from _sift_page(context, rows)


def _sift_page(context: Context, rows: tuple[Row, ...]) -> Call[None]:
    """Sift one page; what others need is kept, here and on later pages."""
    needed = context.tally.needed
    entries = {entry.ref: entry for entry in map(InboxEntry.parse, rows)}
    links = yield from context.links_of(entries)
    partners = {
        link.ref(side)
        for link in links.values()
        for side in SIDES
        if link.ref(side) not in entries
    }
    known = {**entries, **(yield from context.entries(partners))}
    behind = yield from _behind(context, known, links)
    ops: list[StoreOp] = []
    followed: set[str] = set()
    for ref, entry in entries.items():
        if entry.payload is None:
            continue
        seen = context.recall(entry)
        if seen.became is not None:
            followed.add(ref.text())
            ops += yield from _follow(context, ref, seen.became, links.get(ref))
        elif ref in links and links[ref].key not in behind:
            ops += _sift_linked(context, links[ref], known)
        elif ref in links:
            ops += _partners(links[ref], known)
    dropped = {op.key for op in ops if isinstance(op, Delete)}
    rest = {ref: entries[ref] for ref in entries if ref.text() not in dropped}
    wanted = yield from _candidates(context, rest, links)
    needed |= wanted - entries.keys() - partners
    kept = {ref.text() for ref in wanted | needed} - followed
    ops = [op for op in ops if not (isinstance(op, Delete) and op.key in kept)]
    known = yield from context.entries(wanted)
    ops += context.put_unread(wanted - known.keys())
    yield from context.commit(_without_repeats(ops))


def _without_repeats(ops: Iterable[StoreOp]) -> list[StoreOp]:
    """Keep the last word on every row."""
    last: dict[tuple[str, str], StoreOp] = {}
    for op in ops:
        place = (
            (op.row.table, op.row.key) if isinstance(op, Put) else (op.table, op.key)
        )
        last[place] = op
    return list(last.values())


def _sift_linked(
    context: Context, link: Link, known: dict[Ref, InboxEntry]
) -> list[StoreOp]:
    present: dict[SideName, Seen] = {
        side: context.recall(entry)
        for side in SIDES
        if (entry := known.get(link.ref(side))) is not None
        and entry.payload is not None
    }
    if link.is_tombstone:
        return []  # it is left out later, but not its opt-out
    if any(seen.became is not None for seen in present.values()):
        return []  # they stay until the lead's own turn, when it is followed
    bases = (
        starting_bases(link, present, context.digester)
        if ZOHO in present
        else link.bases
    )
    if link.is_followed or any(
        seen.is_deleted or has_changed(seen, bases[side], context.digester)
        for side, seen in present.items()
    ):
        return _partners(link, known)
    for seen in present.values():
        context.tally.saw(seen.ref, Result.IN_STEP, "unchanged")
    return context.drop([seen.ref for seen in present.values()])


def _partners(link: Link, known: Mapping[Ref, InboxEntry]) -> list[StoreOp]:
    refs = (link.ref(side) for side in SIDES)
    return [Put(InboxEntry(ref).row()) for ref in refs if ref not in known]


def _behind(
    context: Context, entries: Mapping[Ref, InboxEntry], links: Mapping[Ref, Link]
) -> Call[set[str]]:
    """Find the links with a record that an opt-out has not reached yet."""
    marks = {
        ref: {link.person, entries[ref].person or link.person}
        for ref, link in links.items()
        if not link.is_tombstone
    }
    persons = {person for found in marks.values() for person in found}
    known = (yield from context.suppressions(persons)).values()
    active = {(item.person, item.channel) for item in known if not item.released_at}
    return {
        links[ref].key
        for ref, found in marks.items()
        if active and entries[ref].payload is not None
        for name, value in context.recall(entries[ref]).contact.observed().items()
        if value is Consent.OPTED_IN and any((mark, name) in active for mark in found)
    }


def follow(context: Context) -> Call[None]:
    """Follow the leads that were read only because their contact was seen.

    A conversion need not move the lead's own modified time, so the feed may
    show the new contact alone.
    """
    after: tuple[str, str] | None = None
    while rows := (yield from context.inbox_page(after)):
        after = ("", rows[-1].key)
        entries = {entry.ref: entry for entry in map(InboxEntry.parse, rows)}
        links = yield from context.links_of(entries)
        ops: list[StoreOp] = []
        for ref, link in links.items():
            entry = entries.get(ref)
            seen = context.recall(entry) if entry and entry.payload else None
            if seen is not None and seen.became is not None:
                ops += yield from _follow(context, ref, seen.became, link)
        yield from context.commit(ops)


def _follow(
    context: Context, lead: Ref, contact: Ref, link: Link | None
) -> Call[list[StoreOp]]:
    """Lead the link of a lead on to the contact that it became."""
    ops: list[StoreOp] = context.drop([lead])
    if link is None:
        context.tally.saw(lead, Result.LEFT_OUT, "converted")
        return ops
    taken = yield from context.links_of([contact])
    if contact in taken:
        refs = (link.salesmanago, lead, contact)
        context.tally.asks(Review(ReviewReason.LINKED_ELSEWHERE, refs))
        return ops
    context.tally.saw(lead, Result.SENT, "converted")
    followed = evolve(link, zoho=contact, is_followed=True)
    ops += [
        Put(followed.row()),
        Put(Row("alias", lead.text(), contact.text().encode())),
    ]
    known = yield from context.entries([contact, link.salesmanago])
    ops += context.put_unread(
        ref for ref in (contact, link.salesmanago) if ref not in known
    )
    return ops


def _candidates(
    context: Context, entries: dict[Ref, InboxEntry], links: dict[Ref, Link]
) -> Call[set[Ref]]:
    """Find all records that carry an address at hand, or are paired so."""
    persons = {entry.person for entry in entries.values() if entry.person}
    persons |= {links[ref].person for ref in entries if ref in links}
    wanted: set[Ref] = set()
    for row in (yield from context.fetch("ambiguity", persons)):
        wanted.update(Ambiguity.parse(row).refs)
    for row in (yield from context.fetch("link", persons, index="person")):
        link = Link.parse(row)
        wanted.update((link.salesmanago, link.zoho))
    for link in (yield from context.links_of(wanted)).values():
        wanted.update((link.salesmanago, link.zoho))
    return wanted
