"""What every part of a run needs: sides, settings, lease, memory, tally.

Floor 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from attrs import field, frozen

from crmbridge._steps import Call, Step, do
from crmbridge.reconcile.decide import Rules
from crmbridge.reconcile.digests import Digester
from crmbridge.reconcile.memory import InboxEntry, Link, Suppression
from crmbridge.reconcile.plan import Action
from crmbridge.reconcile.ports import (
    Acquire,
    Commit,
    Delete,
    Fetch,
    Lease,
    Put,
    Row,
    Scan,
    Side,
    StoreOp,
)
from crmbridge.reconcile.records import SIDES, Ref, Seen, SideFacts, SideName
from crmbridge.reconcile.report import Progress, Result, Tally

__all__ = ["Announce", "Context", "Settings"]

_OVERLAP_SECONDS: Final = 300.0
_LEASE_SECONDS: Final = 300.0


@frozen
class Announce(Step[None]):
    """Tell the caller how far the run has come."""

    progress: Progress


@frozen
class Settings:
    """How a run is made.

    Attributes:
        bridge: the account pair's name in the store.
        holder: who runs, for the lease.
        digest_key: a secret, used only where the bridge has none yet: a fresh
            one, or that of the plan to be applied.
        rules: what the caller chose.
        overlap_seconds: how far a feed is read back over what it gave, since
            a record may become visible after its own time stamp.
        chunk_records: how many records are decided and written at a time.
        lease_seconds: how long the lease holds without being renewed.
        max_rounds: how often a run looks again at what it changed itself.
        approved: the ids of the only actions that may be done; ``None`` for
            all.
        is_dry: find the actions, do none.
    """

    bridge: str
    holder: str
    digest_key: bytes = field(repr=False)
    rules: Rules = field(factory=Rules)
    overlap_seconds: float = _OVERLAP_SECONDS
    chunk_records: int = 500
    lease_seconds: float = _LEASE_SECONDS
    max_rounds: int = 4
    approved: frozenset[str] | None = field(default=None, repr=False)
    is_dry: bool = False


@frozen
class Context:
    """One run: everything its parts share.

    Attributes:
        sides: both services.
        settings: how the run is made.
        lease: the right to make it.
        started_at: when it began.
        digester: gives normal forms, digests and marks.
        facts: what is known of both sides.
        tally: what the report will be made of.
    """

    sides: Mapping[SideName, Side]
    settings: Settings
    lease: Lease
    started_at: datetime
    digester: Digester
    facts: Mapping[SideName, SideFacts]
    tally: Tally = field(factory=Tally)

    @property
    def fence(self) -> int:
        """The number of this run; a dry one's is like no real one's."""
        return -self.lease.fence if self.settings.is_dry else self.lease.fence

    def commit(self, ops: Iterable[StoreOp]) -> Call[None]:
        """Carry out changes of the store, all or none."""
        together = tuple(ops)
        if together:
            yield from do(Commit(self.lease, together))

    def renew(self) -> Call[None]:
        """Keep the lease for as long again."""
        settings = self.settings
        yield from do(Acquire(settings.bridge, settings.holder, settings.lease_seconds))

    def fetch(
        self, table: str, keys: Iterable[str], *, index: str | None = None
    ) -> Call[tuple[Row, ...]]:
        """Read rows by key or index; nothing is asked for no keys."""
        wanted = tuple(dict.fromkeys(keys))
        if not wanted:
            return ()
        return (yield from do(Fetch(self.settings.bridge, table, wanted, index)))

    def entries(self, refs: Iterable[Ref]) -> Call[dict[Ref, InboxEntry]]:
        """Read inbox entries by record."""
        rows = yield from self.fetch("inbox", (ref.text() for ref in refs))
        return {entry.ref: entry for entry in map(InboxEntry.parse, rows)}

    def inbox_page(
        self, after: tuple[str, str] | None, *, index: str | None = None
    ) -> Call[tuple[Row, ...]]:
        """Read the next rows of the inbox, in order; every phase goes by these.

        The lease is renewed with each, however long a phase takes.
        """
        settings = self.settings
        yield from self.renew()
        return (
            yield from do(
                Scan(settings.bridge, "inbox", index, after, settings.chunk_records)
            )
        )

    def links_of(self, refs: Iterable[Ref]) -> Call[dict[Ref, Link]]:
        """Find the links that hold these records, by record."""
        by_side: dict[SideName, list[str]] = {side: [] for side in SIDES}
        for ref in refs:
            by_side[ref.side].append(ref.text())
        links: dict[Ref, Link] = {}
        for side in SIDES:
            rows = yield from self.fetch("link", by_side[side], index=side)
            for link in map(Link.parse, rows):
                links[link.ref(side)] = link
        return links

    def suppressions(self, persons: Iterable[str]) -> Call[dict[str, Suppression]]:
        """Find the opt-outs on record of these addresses, by key."""
        keys = [
            Suppression.key_of(person, channel)
            for person in persons
            for channel in ("email_consent", "phone_consent")
        ]
        rows = yield from self.fetch("suppression", keys)
        return {row.key: Suppression.parse(row) for row in rows}

    def recall(self, entry: InboxEntry) -> Seen:
        """Make the record of an entry again."""
        return self.sides[entry.ref.side].recall(entry.ref, entry.payload or {})

    def may(self, action: Action, *, is_sequel: bool = False) -> bool:
        """Tell whether an action may be done; a dry run only lists it.

        Args:
            action: what would be done.
            is_sequel: it completes an approved action of the same pair, such
                as the fields that a conversion did not carry over.
        """
        approved = self.settings.approved
        if approved is not None and action.id not in approved and not is_sequel:
            for ref in action.refs:
                self.tally.saw(ref, Result.NOT_PLANNED, "not_planned")
            return False
        if self.settings.is_dry:
            self.tally.actions[action.id] = action
        return not self.settings.is_dry

    def did(self, action: Action) -> None:
        """Note that an action was done."""
        self.tally.actions[action.id] = action
        if action.side is not None:
            self.tally.written += 1

    def announce(self, phase: str, done: int) -> Call[None]:
        """Tell the caller how far the run has come."""
        yield from do(Announce(Progress(phase, done)))

    def put_unread(self, refs: Iterable[Ref]) -> list[StoreOp]:
        """Ask for records to be read again in this run."""
        return [Put(InboxEntry(ref).row()) for ref in refs]

    def drop(self, refs: Sequence[Ref]) -> list[StoreOp]:
        """Take records out of the inbox: they are dealt with."""
        return [Delete("inbox", ref.text()) for ref in refs]
