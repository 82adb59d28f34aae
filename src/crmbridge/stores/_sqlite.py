"""A storage in one SQLite file.

Floor 7.
The rule: every commit is one ``BEGIN IMMEDIATE`` transaction in which the
fence is checked before anything is changed, so a worker that was replaced can
change nothing, in whatever process it runs.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final, Self

from crmbridge.errors import InvalidInputError, LeaseHeldError, StoreError
from crmbridge.reconcile.ports import Lease, Row, StoreOp
from crmbridge.stores._holders import Holders
from crmbridge.stores._rows import (
    Changes,
    fenced,
    final_changes,
    not_unique,
    table_of,
    unique_values,
)
from crmbridge.stores._sql import SCHEMA, SCHEMA_VERSION, SQL, TableSql

__all__ = ["SqliteStore"]

_VALUES_IN_ONE_QUERY: Final = 500  # below every build's bound on parameters (999)


class SqliteStore:
    """Keeps all state in one SQLite file, made with mode 0600.

    Safe to use from several threads, and from several processes on one
    machine; not on a network drive, where SQLite's locks do not hold.
    After a fork, open a new one in the child.
    The file is in WAL mode with ``synchronous=FULL``: a commit that has
    returned survives a loss of power, as the note of a create under way must.

    Args:
        path: the file; it is made if it is not there, its folder is not.
        busy_timeout_seconds: how long to wait for another process's commit.

    Raises:
        StoreError: the file cannot be opened, is no SQLite database, belongs
            to another program, or was made by a newer crmbridge.

    >>> from datetime import datetime, timezone
    >>> from crmbridge.reconcile.ports import Put, Row
    >>> now = datetime(2026, 1, 1, tzinfo=timezone.utc)
    >>> with SqliteStore("bridge.db") as store:
    ...     lease = store.acquire("shop", "worker 1", now=now, ttl_seconds=60)
    ...     store.commit(lease, [Put(Row("meta", "switch", b"on"))])
    ...     store.fetch("shop", "meta", ["switch"])[0].data
    b'on'
    """

    def __init__(
        self, path: str | os.PathLike[str], *, busy_timeout_seconds: float = 30.0
    ) -> None:
        if os.fspath(path) in {"", ":memory:"}:
            raise InvalidInputError(
                "SqliteStore takes the path of a file; MemoryStore needs none",
                field="path",
            )
        self._lock = threading.RLock()
        self._holders = Holders(path)
        self._connection = _connect(path, busy_timeout_seconds)
        try:
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the file; the store cannot be used afterwards."""
        with self._lock:
            self._holders.close()
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- the five verbs ---

    def acquire(
        self, bridge: str, holder: str, *, now: datetime, ttl_seconds: float
    ) -> Lease:
        """Take the lease, or renew it when ``holder`` has it already.

        A lease whose holder's process has ended on this machine, even by a
        kill, is free at once; on Windows it has to end by itself.

        Raises:
            LeaseHeldError: another holder's lease has not ended.
            StoreError: the file cannot be written.
        """
        with self._transaction() as execute:
            held = execute(
                "SELECT holder, fence, expires_at FROM bridge WHERE name = ?", (bridge,)
            ).fetchone()
            if held is not None and self._is_abandoned(held, bridge, holder):
                held = (None, *held[1:])
            fence = _next_fence(held, holder, now)
            until = now + timedelta(seconds=ttl_seconds)
            execute(
                "INSERT INTO bridge (name, holder, fence, expires_at) "
                "VALUES (?1, ?2, ?3, ?4) ON CONFLICT (name) DO UPDATE "
                "SET holder = ?2, fence = ?3, expires_at = ?4",
                (bridge, holder, fence, until.astimezone(UTC).isoformat()),
            )
            self._holders.take(bridge)
        return Lease(bridge, holder, fence, until)

    def release(self, lease: Lease) -> None:
        """Give the lease back, if it is still held.

        Raises:
            StoreError: the file cannot be written.
        """
        with self._transaction() as execute:
            execute(
                "UPDATE bridge SET holder = NULL, expires_at = NULL "
                "WHERE name = ? AND holder = ? AND fence = ?",
                (lease.bridge, lease.holder, lease.fence),
            )
            if execute("SELECT changes()").fetchone()[0]:
                self._holders.drop(lease.bridge)

    def commit(self, lease: Lease, ops: Sequence[StoreOp]) -> None:
        """Carry out all changes, or none, in one transaction.

        Raises:
            FencedError: the lease was taken over or given back.
            StoreError: the file cannot be written, or an index would not be
                unique.
        """
        changes = final_changes(ops)
        with self._transaction() as execute:
            held = execute(
                "SELECT id FROM bridge WHERE name = ? AND holder = ? AND fence = ?",
                (lease.bridge, lease.holder, lease.fence),
            ).fetchone()
            if held is None:
                raise fenced(lease)
            self._apply(held[0], changes)

    def fetch(
        self, bridge: str, table: str, keys: Iterable[str], *, index: str | None = None
    ) -> tuple[Row, ...]:
        """Give the rows with these keys, or with these values of an index.

        Raises:
            StoreError: the file cannot be read.
        """
        table_of(table, index)
        sql = SQL[table]
        found: list[Row] = []
        with self._reading() as execute:
            for chunk in _chunks(dict.fromkeys(keys), _VALUES_IN_ONE_QUERY):
                query = sql.fetch(index, len(chunk))
                found += map(sql.row, execute(query, (bridge, *chunk)))
        return tuple(found)

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

        Raises:
            StoreError: the file cannot be read.
        """
        table_of(table, index)
        sql = SQL[table]
        place: tuple[str, ...] = ()
        if after is not None:
            place = after if index else after[1:]
        with self._reading() as execute:
            query = sql.scan(index, is_first=after is None)
            return tuple(map(sql.row, execute(query, (bridge, *place, limit))))

    # --- inside ---

    def _is_abandoned(self, held: tuple[Any, ...], bridge: str, holder: str) -> bool:
        """Tell whether another holder's process ended without giving back."""
        return held[0] not in {None, holder} and self._holders.is_dead(bridge)

    def _apply(self, bridge_id: int, changes: Changes) -> None:
        """Replace rows: all old ones go before the first new one comes.

        So a value of a unique index can move from one row to another.
        """
        for table, rows in changes.items():
            sql: TableSql = SQL[table]
            for _ in unique_values(table, rows):
                pass  # told before SQLite does, for it names the index
            many = self._connection.executemany
            many(sql.delete, [(bridge_id, key) for key in rows])
            try:
                many(
                    sql.insert,
                    [sql.values(bridge_id, row) for row in rows.values() if row],
                )
            except sqlite3.IntegrityError as error:
                raise not_unique(table, sql.index_in(str(error))) from error

    def _prepare(self) -> None:
        """Make the tables, or check that they are ours and not too new."""
        with self._transaction() as execute:
            names = {
                name
                for (name,) in execute(
                    "SELECT name FROM sqlite_master WHERE type = 'table'"
                )
            }
            if not names:
                for statement in SCHEMA:
                    execute(statement)
            elif "crmbridge_schema" not in names:
                raise StoreError(
                    "this SQLite file belongs to another program; choose another path"
                )
            (version,) = execute("SELECT version FROM crmbridge_schema").fetchone()
        if version > SCHEMA_VERSION:
            raise StoreError(
                f"this file has schema version {version}, and this crmbridge knows "
                f"versions up to {SCHEMA_VERSION}; upgrade crmbridge"
            )

    @contextmanager
    def _transaction(self) -> Generator[Any]:
        """Hold the write lock of the file; commit at the end or roll back."""
        with self._reading() as execute:
            execute("BEGIN IMMEDIATE")
            try:
                yield execute
                execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    execute("ROLLBACK")
                raise

    @contextmanager
    def _reading(self) -> Generator[Any]:
        """Hold this object's lock, and turn SQLite's errors into ours."""
        with self._lock:
            try:
                yield self._connection.execute
            except sqlite3.Error as error:
                raise _our_error(error) from error


def _connect(
    path: str | os.PathLike[str], busy_timeout_seconds: float
) -> sqlite3.Connection:
    try:
        # SQLite gives its side files the mode of the file itself.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(
            path,
            timeout=busy_timeout_seconds,
            isolation_level=None,
            check_same_thread=False,
        )
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"the SQLite file cannot be opened ({type(error).__name__}); check that "
            "its folder is there and may be written"
        ) from error
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    except sqlite3.Error as error:
        connection.close()
        raise _our_error(error) from error
    return connection


def _our_error(error: sqlite3.Error) -> StoreError:
    name = getattr(error, "sqlite_errorname", None) or type(error).__name__
    advice = {
        "SQLITE_BUSY": "another process holds the file; wait and repeat",
        "SQLITE_FULL": "the disk is full",
        "SQLITE_NOTADB": "the file is no SQLite database; choose another path",
        "SQLITE_READONLY": "the file may not be written",
        "SQLITE_CORRUPT": "the file is damaged; restore a copy",
    }
    return StoreError(
        f"SQLite refused ({name}): {advice.get(name, 'nothing was changed')}"
    )


def _next_fence(held: tuple[Any, ...] | None, holder: str, now: datetime) -> int:
    """Give the fence of a new holder, or the old one to who holds it still."""
    if held is None:
        return 1
    name, fence, expires_at = held
    if name is None or datetime.fromisoformat(expires_at) <= now:
        return int(fence) + 1
    if name != holder:
        raise LeaseHeldError(
            "another worker runs this bridge; wait until its lease ends",
            holder=name,
            expires_at=datetime.fromisoformat(expires_at),
        )
    return int(fence)


def _chunks(values: Iterable[str], size: int) -> Iterator[tuple[str, ...]]:
    rest = iter(values)
    while chunk := tuple(islice(rest, size)):
        yield chunk
