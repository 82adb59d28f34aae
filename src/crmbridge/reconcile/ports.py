"""What the engine needs of a side and of a storage: two protocols.

Floor 2.
A `Side` is made of calls, so one side serves the sync and the async
reconciler.
A `Store` keeps neutral rows: it knows their table, key and indexes, and never
reads their data.
The store is reached by the steps of this module, so that the engine stays free
of input and output.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final, Protocol, TypeAlias

from attrs import field, frozen

from crmbridge._steps import Call, Step
from crmbridge.contact import FieldValue
from crmbridge.reconcile.records import (
    Edit,
    FeedPage,
    Fit,
    Outcome,
    Position,
    Ref,
    Seen,
    SideFacts,
    SideName,
)

__all__ = [
    "TABLES",
    "Acquire",
    "Commit",
    "Delete",
    "Fetch",
    "Lease",
    "Normal",
    "Put",
    "Release",
    "Row",
    "Scan",
    "Side",
    "Store",
    "StoreOp",
    "Table",
]


class Normal(Protocol):
    """Gives the form in which two values of a field are compared."""

    def __call__(self, field: str, value: FieldValue, /) -> str | None:
        """Give the normal form, or ``None`` for an empty value."""
        ...


class Side(Protocol):
    """One of the two services, as the engine sees it.

    Its methods that ask the service are calls: generators that yield steps.

    >>> from crmbridge.sides import ZohoSide
    >>> from crmbridge.testing import FakeServices
    >>> side: Side = ZohoSide(FakeServices().zoho_config())
    >>> side.name, len(side.feeds)
    ('zoho', 4)
    """

    @property
    def name(self) -> SideName:
        """Which side it is."""
        ...

    @property
    def feeds(self) -> tuple[str, ...]:
        """The names of its change feeds."""
        ...

    def connect(self) -> Call[SideFacts]:
        """Learn what has to be known first: users, fields, the account.

        Called at the start of each run; a side may remember the answer for
        a day.
        """
        ...

    def page(
        self, feed: str, *, since: datetime | None, position: Position | None
    ) -> Call[FeedPage]:
        """Read one page of a feed.

        Args:
            feed: one of `feeds`.
            since: only what changed after this; ``None`` for everything.
            position: where the page before said to go on; ``None`` at first.
        """
        ...

    def read(self, refs: Sequence[Ref]) -> Call[tuple[Seen | None, ...]]:
        """Read records by id, by position; ``None`` where none is visible."""
        ...

    def find(self, emails: Sequence[str]) -> Call[tuple[Seen, ...]]:
        """Read records by e-mail before any is created, in no order.

        A side whose creates look for the address themselves answers nothing.
        """
        ...

    def recall(self, ref: Ref, payload: Mapping[str, object]) -> Seen:
        """Make a record again from the payload it was seen with."""
        ...

    def fit(self, edit: Edit) -> Fit:
        """Tell what an edit would change, and what cannot be held."""
        ...

    def write(self, edits: Sequence[Edit]) -> Call[tuple[Outcome, ...]]:
        """Write records, in as few requests as may be; outcomes by position.

        A failure of one record is its outcome, never an error; an error says
        that none of what follows can be written either.
        """
        ...


@frozen
class Table:
    """How a store has to keep one kind of rows.

    Attributes:
        indexes: values by which rows are found; ``None`` values are not
            indexed.
        unique: those of the indexes in which no value may occur twice.
    """

    indexes: tuple[str, ...] = ()
    unique: frozenset[str] = frozenset()


TABLES: Final[Mapping[str, Table]] = MappingProxyType(
    {
        "link": Table(
            ("salesmanago", "zoho", "person"), frozenset({"salesmanago", "zoho"})
        ),
        "inbox": Table(("person", "unread")),
        "feed": Table(),
        "suppression": Table(),
        "ambiguity": Table(),
        "alias": Table(),
        "journal": Table(("run",)),
        "meta": Table(),
    }
)
"""The tables of a bridge and their indexes."""


@frozen
class Row:
    """One row of one table.

    Attributes:
        table: one of `TABLES`.
        key: its primary key within the bridge and table.
        data: what it holds; opaque to the store.
        indexes: the values of the table's indexes, as far as there are any.
    """

    table: str
    key: str
    data: bytes = field(default=b"", repr=False)
    indexes: Mapping[str, str] = field(factory=dict[str, str], repr=False)


@frozen
class Put:
    """Write a row, in place of one with the same key."""

    row: Row


@frozen
class Delete:
    """Remove a row, if it is there."""

    table: str
    key: str


StoreOp: TypeAlias = Put | Delete


@frozen
class Lease:
    """The right to run one bridge.

    Attributes:
        bridge: the name of the account pair.
        holder: who has it.
        fence: grows with each holder; a commit with an older one is refused.
        expires_at: when it ends unless renewed (UTC).
    """

    bridge: str
    holder: str
    fence: int
    expires_at: datetime


class Store(Protocol):
    """Where a bridge keeps what it knows: five verbs.

    All of it is kept apart by the name of the bridge, so that many account
    pairs can share one store.
    A store is used from several threads at once.

    >>> from datetime import UTC, datetime
    >>> from crmbridge import MemoryStore
    >>> store: Store = MemoryStore()
    >>> now = datetime(2026, 1, 1, tzinfo=UTC)
    >>> lease = store.acquire("shop", "worker", now=now, ttl_seconds=60)
    >>> store.commit(lease, [Put(Row("meta", "colour", b"blue"))])
    >>> store.fetch("shop", "meta", ["colour"])[0].data
    b'blue'
    """

    def acquire(
        self, bridge: str, holder: str, *, now: datetime, ttl_seconds: float
    ) -> Lease:
        """Take the lease, or renew it when ``holder`` has it already.

        Raises:
            LeaseHeldError: another holder's lease has not ended.
        """
        ...

    def release(self, lease: Lease) -> None:
        """Give the lease back, if it is still held."""
        ...

    def commit(self, lease: Lease, ops: Sequence[StoreOp]) -> None:
        """Carry out all changes, or none.

        Raises:
            FencedError: a newer lease exists; nothing was changed.
            StoreError: the storage failed or an index would not be unique;
                nothing was changed.
        """
        ...

    def fetch(
        self, bridge: str, table: str, keys: Iterable[str], *, index: str | None = None
    ) -> tuple[Row, ...]:
        """Give the rows with these keys, or with these values of an index."""
        ...

    def scan(
        self,
        bridge: str,
        table: str,
        *,
        index: str | None = None,
        after: tuple[str, str] | None = None,
        limit: int = 500,
    ) -> tuple[Row, ...]:
        """Give the rows that follow, in the order of (index value, key).

        Without an index the value counts as empty, and the order is by key.
        With one, only rows that have a value in it are given.
        """
        ...


@frozen
class Acquire(Step[Lease]):
    """Take or renew the lease."""

    bridge: str
    holder: str
    ttl_seconds: float


@frozen
class Release(Step[None]):
    """Give the lease back."""

    lease: Lease


@frozen
class Commit(Step[None]):
    """Carry out changes of the store, all or none."""

    lease: Lease
    ops: tuple[StoreOp, ...]


@frozen
class Fetch(Step[tuple[Row, ...]]):
    """Read rows by key or index."""

    bridge: str
    table: str
    keys: tuple[str, ...]
    index: str | None = None


@frozen
class Scan(Step[tuple[Row, ...]]):
    """Read the next rows in order."""

    bridge: str
    table: str
    index: str | None = None
    after: tuple[str, str] | None = None
    limit: int = 500
