"""A storage in memory, for tests and for what may be forgotten.

Floor 7.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from attrs import evolve

from crmbridge.errors import LeaseHeldError
from crmbridge.reconcile.ports import TABLES, Lease, Row, StoreOp
from crmbridge.stores._rows import (
    Changes,
    fenced,
    final_changes,
    not_unique,
    table_of,
    unique_values,
)

__all__ = ["MemoryStore"]

Place: TypeAlias = tuple[str, str]
"""(index value, key): where a row stands in the order of an index."""


class MemoryStore:
    """Keeps all state in this process; it is gone when the process ends.

    Use it in tests, or where every run may start from nothing.
    Safe to use from several threads.

    >>> from datetime import datetime, timezone
    >>> from crmbridge.reconcile.ports import Put, Row
    >>> store = MemoryStore()
    >>> now = datetime(2026, 1, 1, tzinfo=timezone.utc)
    >>> lease = store.acquire("shop", "worker 1", now=now, ttl_seconds=60)
    >>> store.commit(lease, [Put(Row("meta", "switch", b"on"))])
    >>> store.fetch("shop", "meta", ["switch"])[0].data
    b'on'
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._bridges: dict[str, _Bridge] = {}

    def acquire(
        self, bridge: str, holder: str, *, now: datetime, ttl_seconds: float
    ) -> Lease:
        """Take the lease, or renew it when ``holder`` has it already.

        Raises:
            LeaseHeldError: another holder's lease has not ended.
        """
        with self._lock:
            state = self._bridges.setdefault(bridge, _Bridge())
            held = state.lease
            if held is not None and held.expires_at <= now:
                held = None
            if held is not None and held.holder != holder:
                raise LeaseHeldError(
                    "another worker runs this bridge; wait until its lease ends",
                    holder=held.holder,
                    expires_at=held.expires_at,
                )
            until = now + timedelta(seconds=ttl_seconds)
            if held is None:
                state.last_fence += 1
                state.lease = Lease(bridge, holder, state.last_fence, until)
            else:
                state.lease = evolve(held, expires_at=until)
            return state.lease

    def release(self, lease: Lease) -> None:
        """Give the lease back, if it is still held."""
        with self._lock:
            state = self._bridges.get(lease.bridge)
            if state is not None and state.is_under(lease):
                state.lease = None

    def commit(self, lease: Lease, ops: Sequence[StoreOp]) -> None:
        """Carry out all changes, or none.

        Raises:
            FencedError: the lease was taken over or given back.
            StoreError: an index would not be unique.
        """
        changes = final_changes(ops)
        with self._lock:
            state = self._bridges.get(lease.bridge)
            if state is None or not state.is_under(lease):
                raise fenced(lease)
            state.check_unique(changes)
            state.apply(changes)

    def fetch(
        self, bridge: str, table: str, keys: Iterable[str], *, index: str | None = None
    ) -> tuple[Row, ...]:
        """Give the rows with these keys, or with these values of an index."""
        table_of(table, index)
        with self._lock:
            state = self._bridges.get(bridge)
            if state is None:
                return ()
            rows = state.tables[table]
            if index is not None:
                keys = (key for value in set(keys) for key in rows.found(index, value))
            return tuple(
                rows.rows[key] for key in dict.fromkeys(keys) if key in rows.rows
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
            state = self._bridges.get(bridge)
            return (
                () if state is None else state.tables[table].after(index, after, limit)
            )


class _Rows:
    """The rows of one table, with the places of each index kept in order."""

    def __init__(self, table: str) -> None:
        self.rows: dict[str, Row] = {}
        self.orders: dict[str | None, list[Place]] = {
            index: [] for index in (None, *TABLES[table].indexes)
        }

    def put(self, row: Row) -> None:
        self.delete(row.key)
        self.rows[row.key] = row
        for order, place in self._places(row):
            insort(order, place)

    def delete(self, key: str) -> None:
        row = self.rows.pop(key, None)
        if row is not None:
            for order, place in self._places(row):
                del order[bisect_left(order, place)]

    def _places(self, row: Row) -> list[tuple[list[Place], Place]]:
        places = [(self.orders[None], ("", row.key))]
        for index, value in row.indexes.items():
            places.append((self.orders[index], (value, row.key)))
        return places

    def found(self, index: str, value: str) -> list[str]:
        order = self.orders[index]
        start = bisect_left(order, (value, ""))
        keys: list[str] = []
        while start < len(order) and order[start][0] == value:
            keys.append(order[start][1])
            start += 1
        return keys

    def after(
        self, index: str | None, after: Place | None, limit: int
    ) -> tuple[Row, ...]:
        order = self.orders[index]
        start = 0 if after is None else bisect_right(order, after)
        return tuple(self.rows[key] for _, key in order[start : start + limit])


class _Bridge:
    """All that is kept of one account pair."""

    def __init__(self) -> None:
        self.lease: Lease | None = None
        self.last_fence = 0
        self.tables = {table: _Rows(table) for table in TABLES}

    def is_under(self, lease: Lease) -> bool:
        held = self.lease
        return held is not None and (held.fence, held.holder) == (
            lease.fence,
            lease.holder,
        )

    def check_unique(self, changes: Changes) -> None:
        for table, rows in changes.items():
            for index, value in unique_values(table, rows):
                there = self.tables[table].found(index, value)
                if any(other not in rows for other in there):
                    raise not_unique(table, index)

    def apply(self, changes: Changes) -> None:
        for table, rows in changes.items():
            for key, row in rows.items():
                if row is None:
                    self.tables[table].delete(key)
                else:
                    self.tables[table].put(row)
