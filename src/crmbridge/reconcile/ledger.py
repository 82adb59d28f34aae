"""The opt-outs on record, by address.

Floor 4.
The ledger outlives records: it is asked before anybody is opted in, created
or taken for up to date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from attrs import evolve, frozen

from crmbridge._steps import Call
from crmbridge.contact import Consent
from crmbridge.reconcile.cases import (
    Alone,
    Case,
    Crowd,
    Ended,
    LeftOut,
    records_of,
)
from crmbridge.reconcile.consent import CHANNELS
from crmbridge.reconcile.context import Context
from crmbridge.reconcile.memory import Link, Suppression
from crmbridge.reconcile.plan import Action, ActionKind
from crmbridge.reconcile.ports import Put, StoreOp
from crmbridge.reconcile.records import Seen, SideName

__all__ = ["Ledger", "is_behind", "persons_of", "read_ledger"]


@frozen
class Ledger:
    """The opt-outs on record of the addresses at hand.

    Attributes:
        context: the run.
        known: the entries by key, those that ended included.
    """

    context: Context
    known: Mapping[str, Suppression]

    def suppressed(self, persons: Iterable[str]) -> frozenset[str]:
        """Give the channels on which any of these addresses is opted out."""
        return frozenset(entry.channel for entry in self._active(persons))

    def fresh(self, persons: Iterable[str]) -> frozenset[str]:
        """Give those whose opt-out was seen or written in this run or just before.

        A service may go on showing for a while what was before our write;
        that must not pass for an opt-in.
        """
        context = self.context
        settled = context.started_at - timedelta(
            seconds=context.settings.overlap_seconds
        )
        return frozenset(
            entry.channel
            for entry in self._active(persons)
            if entry.fence == context.fence
            or max(entry.at, entry.written_at or entry.at) > settled
        )

    def note_write(self, action: Action) -> list[StoreOp]:
        """Note that an opt-out on record is written once more."""
        seen = action.edit.seen if action.edit else None
        person = (
            self.context.digester.person(seen.contact.email or None) if seen else None
        )
        if person is None or action.kind is not ActionKind.OPT_OUT:
            return []
        return [
            Put(evolve(entry, written_at=self.context.started_at).row())
            for entry in self._active((person,))
            if entry.channel in action.fields
        ]

    def has_behind(self, case: Case) -> bool:
        """Tell whether a record of a case still has to be opted out."""
        channels = self.suppressed(persons_of(self.context, case))
        link = case.link if isinstance(case, Ended | LeftOut) else None
        return any(
            is_behind(self.context, record, channel, link)
            for record in records_of(case)
            for channel in channels
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


def persons_of(context: Context, case: Case) -> tuple[str, ...]:
    """Give the marks of all addresses that a case concerns, old ones too."""
    if isinstance(case, Alone | Crowd):
        return (case.person,)
    marks = [
        context.digester.person(record.contact.email or None)
        for record in records_of(case)
    ]
    if case.link is not None:
        marks.insert(0, case.link.person)
    return tuple(dict.fromkeys(mark for mark in marks if mark))


def read_ledger(context: Context, cases: Iterable[Case]) -> Call[Ledger]:
    """Read what is on record of all addresses of these cases."""
    persons = {person for case in cases for person in persons_of(context, case)}
    return Ledger(context, (yield from context.suppressions(persons)))


def is_behind(
    context: Context, record: Seen, channel: str, link: Link | None = None
) -> bool:
    """Tell whether a record of a suppressed address still has to be opted out.

    Args:
        context: the run.
        record: it.
        channel: the field's name.
        link: its former pair: who is known to have shown the opt-out, and
            shows it no more, was opted in again there.
    """
    if record.contact.observed().get(channel) is not Consent.OPTED_IN:
        return False
    out = context.digester.of(channel, Consent.OPTED_OUT)
    known = link.bases[record.ref.side].get(channel) if link else None
    return not record.is_deleted and known != out
