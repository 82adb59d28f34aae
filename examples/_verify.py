"""Look at both services once more, and compare what they hold field by field.

This goes its own way: every record is read anew through the clients, and
nothing that a run said is believed but what it listed as lost, in conflict or
waiting for a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta

from attrs import frozen

import _show as show
from crmbridge import (
    Contact,
    Report,
    SalesmanagoClient,
    SalesmanagoMapper,
    SqliteStore,
    ZohoClient,
    ZohoMapper,
)
from crmbridge.mapping import NormalForms
from crmbridge.reconcile.memory import Link
from crmbridge.reconcile.records import Ref

PEOPLE = ("Leads", "Contacts")
normal = NormalForms()


@frozen
class Listed:
    """What the reports owned up to: records in review, and fields by record."""

    reviewed: frozenset[Ref]
    fields: frozenset[tuple[Ref, str]]

    @classmethod
    def of(cls, reports: Iterable[Report]) -> Listed:
        """Gather it from all reports."""
        reviewed: set[Ref] = set()
        fields: set[tuple[Ref, str]] = set()
        for report in reports:
            for review in report.reviews:
                reviewed.update(review.refs)
            for loss in report.losses:
                fields.update((ref, loss.loss.field) for ref in loss.refs)
            for conflict in report.conflicts:
                fields.update((ref, conflict.field) for ref in conflict.refs)
        return cls(frozenset(reviewed), frozenset(fields))


def verify(
    salesmanago: SalesmanagoClient,
    zoho: ZohoClient,
    store: SqliteStore,
    reports: Sequence[Report],
) -> int:
    """Compare all linked pairs and look for records left behind.

    Returns:
        0 if everything is equal in normal form or listed, else 1.
    """
    show.chapter("Verification: every record is read again from both services")
    listed = Listed.of(reports)
    links = list(read_links(store))
    cards = read_cards(salesmanago)
    records = read_records(zoho)
    unequal: Counter[str] = Counter()
    excused: Counter[str] = Counter()
    for link in links:
        first, second = cards.get(link.salesmanago), records.get(link.zoho)
        if first is None or second is None:
            unequal["a record of a pair is missing"] += 1
            continue
        for name in differing(first, second):
            is_listed = is_excused(link, name, listed)
            (excused if is_listed else unequal)[name] += 1
    linked = {ref for link in links for ref in (link.salesmanago, link.zoho)}
    for ref, contact in {**cards, **records}.items():
        if ref not in linked and ref not in listed.reviewed and contact.email:
            unequal[f"a {ref.kind} record without a pair"] += 1
    show.table(
        f"{len(links)} pairs compared",
        ("field", "differs, and was listed", "differs, and was not"),
        [
            (name, str(excused[name]), str(unequal[name]))
            for name in sorted(excused | unequal)
        ],
    )
    show.text("Both sides are equal." if not unequal else "The sides are NOT equal.")
    return 1 if unequal else 0


def differing(first: Contact, second: Contact) -> list[str]:
    """Name the fields that both sides hold and that differ in normal form."""
    one, two = first.observed(), second.observed()
    return [
        name
        for name in one.keys() & two.keys()
        if normal(name, one[name]) != normal(name, two[name])
    ]


def is_excused(link: Link, name: str, listed: Listed) -> bool:
    """Tell whether a report listed this field of this pair, or the pair."""
    refs = (link.salesmanago, link.zoho)
    return any(ref in listed.reviewed or (ref, name) in listed.fields for ref in refs)


def read_links(store: SqliteStore) -> Iterator[Link]:
    """Give all pairs that the bridge knows, page by page."""
    after: tuple[str, str] | None = None
    while rows := store.scan("default", "link", after=after):
        yield from map(Link.parse, rows)
        after = ("", rows[-1].key)


def read_cards(client: SalesmanagoClient) -> dict[Ref, Contact]:
    """Read all contacts of SALESmanago: of each user, month after month."""
    mapper = SalesmanagoMapper()
    month = timedelta(days=30)
    now = datetime.now(UTC) + timedelta(minutes=1)
    first = datetime.combine(client.config.history_start, time(), UTC)
    starts = [first + number * month for number in range((now - first) // month + 1)]
    ids = {
        change.id
        for user in client.users()
        for start in starts
        for change in client.created_contacts(
            start=start, end=min(start + month, now), owner=user
        ).contacts
    }
    return {
        Ref("salesmanago", "contact", card.id): mapper.to_contact(card)
        for card in client.list_all_by_id(sorted(ids))
    }


def read_records(client: ZohoClient) -> dict[Ref, Contact]:
    """Read all leads and contacts of Zoho."""
    mapper = ZohoMapper(
        fields={
            module: {field.api_name: field for field in client.fields(module)}
            for module in PEOPLE
        },
        users={user.email.casefold(): user.id for user in client.users() if user.email},
    )
    return {
        Ref("zoho", module, record.id): mapper.to_contact(record)
        for module in PEOPLE
        for record in client.records(module, fields=mapper.wire_names(module))
    }
