"""A storage that reads another one and keeps every change to itself.

Floor 7.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeAlias

from crmbridge.reconcile.ports import Lease, Row, Store, StoreOp
from crmbridge.stores._memory import MemoryStore
from crmbridge.stores._rows import (
    Changes,
    final_changes,
    not_unique,
    table_of,
    unique_values,
)

__all__ = ["OverlayStore"]

_Touched: TypeAlias = defaultdict[tuple[str, str], set[str]]


class OverlayStore:
    """Shows another store with changes that the other one never sees.

    A plan runs over it, so that planning writes nothing: leases are its own
    and commits stay in memory.
    The base may be read by others meanwhile; what changes there shows through.

    Args:
        base: the store to be read; it is never written.

    >>> from datetime import datetime, timezone
    >>> from crmbridge.reconcile.ports import Put, Row
    >>> base = MemoryStore()
    >>> overlay = OverlayStore(base)
    >>> now = datetime(2026, 1, 1, tzinfo=timezone.utc)
    >>> lease = overlay.acquire("shop", "planner", now=now, ttl_seconds=60)
    >>> overlay.commit(lease, [Put(Row("meta", "switch", b"on"))])
    >>> len(overlay.scan("shop", "meta")), len(base.scan("shop", "meta"))
    (1, 0)
    """

    def __init__(self, base: Store) -> None:
        self._base = base
        self._own = MemoryStore()
        self._lock = threading.RLock()
        self._touched: _Touched = defaultdict(set)

    def acquire(
        self, bridge: str, holder: str, *, now: datetime, ttl_seconds: float
    ) -> Lease:
        """Take this store's own lease; the base's is neither asked nor taken.

        Raises:
            LeaseHeldError: another holder's lease on this overlay has not
                ended.
        """
        return self._own.acquire(bridge, holder, now=now, ttl_seconds=ttl_seconds)

    def release(self, lease: Lease) -> None:
        """Give the lease back, if it is still held."""
        self._own.release(lease)

    def commit(self, lease: Lease, ops: Sequence[StoreOp]) -> None:
        """Carry out all changes, or none, in memory.

        Raises:
            FencedError: the lease was taken over or given back.
            StoreError: an index would not be unique.
        """
        changes = final_changes(ops)
        with self._lock:
            self._check_unique(lease.bridge, changes)
            self._own.commit(lease, ops)
            for table, rows in changes.items():
                self._touched[lease.bridge, table].update(rows)

    def fetch(
        self, bridge: str, table: str, keys: Iterable[str], *, index: str | None = None
    ) -> tuple[Row, ...]:
        """Give the rows with these keys, or with these values of an index."""
        table_of(table, index)
        wanted = tuple(dict.fromkeys(keys))
        with self._lock:
            touched = self._touched[bridge, table]
            below = wanted if index else tuple(k for k in wanted if k not in touched)
            rows = self._base.fetch(bridge, table, below, index=index)
            return (
                *(row for row in rows if row.key not in touched),
                *self._own.fetch(bridge, table, wanted, index=index),
            )

    def scan(
        self,
        bridge: str,
        table: str,
        *,
        index: str | None = None,
        after: tuple[str, str] | None = None,
        limit: int = 500,
    ) -> tuple[Row, ...]:
        """Give the rows that follow, in the order of (index value, key)."""
        table_of(table, index)
        with self._lock:
            own = self._own.scan(bridge, table, index=index, after=after, limit=limit)
            rows = [*own, *self._untouched(bridge, table, index, after, limit)]
        rows.sort(key=lambda row: _place(row, index))
        return tuple(rows[:limit])

    def _untouched(
        self,
        bridge: str,
        table: str,
        index: str | None,
        after: tuple[str, str] | None,
        limit: int,
    ) -> list[Row]:
        """Give the base's next rows that no commit of ours has replaced."""
        touched = self._touched[bridge, table]
        found: list[Row] = []
        while len(found) < limit:
            page = self._base.scan(bridge, table, index=index, after=after, limit=limit)
            found.extend(row for row in page if row.key not in touched)
            if len(page) < limit:
                break
            after = _place(page[-1], index)
        return found

    def _check_unique(self, bridge: str, changes: Changes) -> None:
        for table, rows in changes.items():
            touched = self._touched[bridge, table]
            by_index: defaultdict[str, list[str]] = defaultdict(list)
            for index, value in unique_values(table, rows):
                by_index[index].append(value)
            for index, values in by_index.items():
                below = self._base.fetch(bridge, table, values, index=index)
                if any(row.key not in touched and row.key not in rows for row in below):
                    raise not_unique(table, index)


def _place(row: Row, index: str | None) -> tuple[str, str]:
    return ("" if index is None else row.indexes[index], row.key)
