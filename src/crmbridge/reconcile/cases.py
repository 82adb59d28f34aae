"""Who belongs together: the inbox, turned into cases to be decided.

Floor 4.
Pairs are found by id first.
What has no pair is grouped by the normal form of its e-mail; one record on
each side makes a pair, one on one side alone is to be created across, and
anything else waits for a person's word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from attrs import field, frozen

from crmbridge._steps import Call
from crmbridge.reconcile.context import Context
from crmbridge.reconcile.memory import Ambiguity, InboxEntry, Link
from crmbridge.reconcile.pairs import Pair
from crmbridge.reconcile.plan import ReviewReason
from crmbridge.reconcile.ports import Row
from crmbridge.reconcile.records import SALESMANAGO, SIDES, ZOHO, Ref, Seen, SideName

__all__ = [
    "Alone",
    "Case",
    "Crowd",
    "Ended",
    "LeftOut",
    "find_cases",
    "records_of",
    "remembered",
]


@frozen
class Alone:
    """One record without any counterpart: to be created across."""

    person: str
    seen: Seen


@frozen
class Crowd:
    """Several records of one address: nothing is written but opt-outs.

    Attributes:
        person: the mark of the address.
        seen: all of them that are visible, the linked pair included.
        unlinked: those without a pair.
        reason: what a person has to be asked.
    """

    person: str
    seen: tuple[Seen, ...]
    unlinked: tuple[Ref, ...]
    reason: ReviewReason


@frozen
class Ended:
    """A pair of which one record was deleted.

    Attributes:
        link: the pair.
        gone: the deleted record.
        seen: what is visible of both, a record in the bin included.
    """

    link: Link
    gone: Ref
    seen: tuple[Seen, ...] = ()


@frozen
class LeftOut:
    """A record that nothing is done with.

    Attributes:
        ref: which record.
        reason: a code that programs can rely on.
        is_gone: its side says that it was deleted.
        seen: what is visible of it: its opt-out counts all the same.
        link: its pair, if it has one.
    """

    ref: Ref
    reason: str
    is_gone: bool = False
    seen: Seen | None = None
    link: Link | None = None


Case: TypeAlias = Pair | Alone | Crowd | Ended | LeftOut


@frozen
class _Material:
    """Everything known of the records that a page of the inbox leads to."""

    context: Context
    entries: Mapping[Ref, InboxEntry]
    links: Mapping[Ref, Link]
    links_of_person: Mapping[str, tuple[Link, ...]]
    seen: dict[Ref, Seen] = field(factory=dict[Ref, Seen])

    def record(self, ref: Ref) -> Seen | None:
        """Give a record if it lies in the inbox, alive and read."""
        entry = self.entries.get(ref)
        if entry is None or entry.payload is None:
            return None
        if ref not in self.seen:
            self.seen[ref] = self.context.recall(entry)
        return self.seen[ref]

    def is_gone(self, ref: Ref) -> bool:
        entry = self.entries.get(ref)
        if entry is None:
            return False
        record = self.record(ref)
        return entry.is_gone or (record is not None and record.is_deleted)


def find_cases(context: Context, rows: Iterable[Row]) -> Call[tuple[Case, ...]]:
    """Turn rows of the inbox, and all that belong to them, into cases."""
    page = [InboxEntry.parse(row) for row in rows]
    page = [
        entry for entry in page if entry.waits != context.fence and not entry.is_unread
    ]
    material = yield from _gather_material(context, page)
    cases: list[Case] = []
    by_person: defaultdict[str, list[Ref]] = defaultdict(list)
    linked: dict[str, Link] = {}
    for ref, entry in material.entries.items():
        if ref in material.links:
            link = material.links[ref]
            linked[link.key] = link
        elif entry.is_unread:
            continue  # it waits for the next round or run
        elif entry.is_gone:
            cases.append(LeftOut(ref, "deleted", is_gone=True))
        else:
            case = _unlinked(material, ref, entry)
            if case is not None:
                cases.append(case)
            elif entry.person:
                by_person[entry.person].append(ref)
    cases += [_person(material, person, refs) for person, refs in by_person.items()]
    pairs = [_linked(material, link) for link in linked.values()]
    return tuple(case for group in pairs for case in group) + tuple(cases)


def _gather_material(context: Context, page: list[InboxEntry]) -> Call[_Material]:
    entries = {entry.ref: entry for entry in page}
    links = yield from context.links_of(entries)
    persons = {entry.person for entry in entries.values() if entry.person}
    persons |= {link.person for link in links.values()}
    for row in (yield from context.fetch("inbox", persons, index="person")):
        entry = InboxEntry.parse(row)
        entries.setdefault(entry.ref, entry)
    links |= yield from context.links_of(ref for ref in entries if ref not in links)
    rows = yield from context.fetch("link", persons, index="person")
    for link in map(Link.parse, rows):
        links |= {link.ref(side): link for side in SIDES}
    partners = [link.ref(side) for link in links.values() for side in SIDES]
    entries |= yield from context.entries(ref for ref in partners if ref not in entries)
    links |= yield from context.links_of(ref for ref in entries if ref not in links)
    of_person: defaultdict[str, dict[str, Link]] = defaultdict(dict)
    for ref, link in links.items():
        own = entries[ref].person if ref in entries else None
        for person in (link.person, own):
            if person:
                of_person[person][link.key] = link
    of_links = {key: tuple(found.values()) for key, found in of_person.items()}
    return _Material(context, entries, links, of_links)


def _unlinked(material: _Material, ref: Ref, entry: InboxEntry) -> LeftOut | None:
    record = material.record(ref)
    if record is not None and record.is_deleted:
        return LeftOut(ref, "deleted", is_gone=True, seen=record)
    if record is not None and record.became is not None:
        return LeftOut(ref, "converted")
    return None if entry.person else LeftOut(ref, "no_email")


def _linked(material: _Material, link: Link) -> list[Case]:
    refs = {side: link.ref(side) for side in SIDES}
    present = {side: ref for side, ref in refs.items() if ref in material.entries}
    if any(material.entries[ref].is_unread for ref in present.values()):
        return []  # it waits for the next round or run
    seen = tuple(record for ref in present.values() if (record := material.record(ref)))
    if link.is_tombstone:
        return _left_out(material, link, present.values(), "tombstone")
    for ref in present.values():
        if material.is_gone(ref):
            return [Ended(link, ref, seen)]
    if len(seen) < len(SIDES):
        return _left_out(material, link, present.values(), "counterpart_not_visible")
    return [Pair({record.ref.side: record for record in seen}, link)]


def _left_out(
    material: _Material, link: Link, refs: Iterable[Ref], reason: str
) -> list[Case]:
    return [LeftOut(ref, reason, seen=material.record(ref), link=link) for ref in refs]


def _person(material: _Material, person: str, refs: list[Ref]) -> Case:
    """Judge the unlinked records of one address."""
    seen = [record for ref in refs if (record := material.record(ref)) is not None]
    links = material.links_of_person.get(person, ())
    for link in links:
        pair = (material.record(link.salesmanago), material.record(link.zoho))
        seen += [record for record in pair if record and not record.is_deleted]
    if any(link.is_tombstone for link in links):
        return Crowd(person, tuple(seen), tuple(refs), ReviewReason.WAS_DELETED)
    by_side = {
        side: [record for record in seen if record.ref.side == side] for side in SIDES
    }
    counts = {side: len(records) for side, records in by_side.items()}
    if links or max(counts.values()) > 1:
        return Crowd(person, tuple(seen), tuple(refs), ReviewReason.AMBIGUOUS)
    if all(counts.values()):
        records: dict[SideName, Seen] = {side: by_side[side][0] for side in SIDES}
        link = Link(
            records[SALESMANAGO].ref,
            records[ZOHO].ref,
            person,
            {"salesmanago": {}, "zoho": {}},
        )
        return Pair(records, link, is_new=True)
    return Alone(person, seen[0])


def records_of(case: Case) -> tuple[Seen, ...]:
    """Give all records that are visible of a case."""
    if isinstance(case, Pair):
        return tuple(case.seen.values())
    if isinstance(case, Crowd | Ended):
        return case.seen
    return () if case.seen is None else (case.seen,)


def remembered(crowd: Crowd) -> Ambiguity:
    """Give what is kept of a crowd, so that none of it is forgotten."""
    refs = {*crowd.unlinked, *(record.ref for record in crowd.seen)}
    return Ambiguity(crowd.person, tuple(sorted(refs)))
