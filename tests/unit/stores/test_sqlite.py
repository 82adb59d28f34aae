"""What a SQLite file adds: its mode, its version, its errors, other processes."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crmbridge.errors import InvalidInputError, StoreError
from crmbridge.reconcile.ports import Lease, Put, Row
from crmbridge.stores import SqliteStore

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bridge.db"


def _lease(store: SqliteStore) -> Lease:
    return store.acquire("b", "me", now=NOW, ttl_seconds=60)


def test_the_file_is_for_its_owner_alone(path: Path) -> None:
    with SqliteStore(path) as store:
        store.commit(_lease(store), [Put(Row("meta", "k"))])
        modes = {
            file.name: stat.S_IMODE(file.stat().st_mode)
            for file in path.parent.iterdir()
        }

    assert modes["bridge.db"] == 0o600
    assert set(modes.values()) == {0o600}


def test_the_mode_of_an_existing_file_is_left_alone(path: Path) -> None:
    path.touch(mode=0o640)

    SqliteStore(path).close()

    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_commits_are_synced_to_disk(path: Path) -> None:
    with SqliteStore(path) as store:
        execute = store._connection.execute

        assert execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_file_of_a_newer_version_is_refused(path: Path) -> None:
    SqliteStore(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE crmbridge_schema SET version = 99")
    connection.close()

    with pytest.raises(StoreError, match=r"version 99.*upgrade crmbridge"):
        SqliteStore(path)


def test_the_database_of_another_program_is_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE invoices (id)")
    connection.close()

    with pytest.raises(StoreError, match="another program"):
        SqliteStore(path)


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.write_text("no database " * 100)

    with pytest.raises(StoreError, match="no SQLite database"):
        SqliteStore(path)


def test_a_missing_folder_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="folder"):
        SqliteStore(tmp_path / "absent" / "bridge.db")


@pytest.mark.parametrize("path", ["", ":memory:"])
def test_a_store_without_a_file_is_refused(path: str) -> None:
    with pytest.raises(InvalidInputError, match="MemoryStore"):
        SqliteStore(path)


def test_a_closed_store_is_a_store_error(path: Path) -> None:
    store = SqliteStore(path)
    store.close()

    with pytest.raises(StoreError):
        store.scan("b", "meta")


def test_a_file_locked_for_too_long_is_a_store_error(path: Path) -> None:
    with (
        SqliteStore(path) as first,
        SqliteStore(path, busy_timeout_seconds=0.01) as second,
    ):
        lease = _lease(first)
        first._connection.execute("BEGIN IMMEDIATE")

        with pytest.raises(StoreError, match="another process"):
            second.commit(lease, [Put(Row("meta", "k"))])

        first._connection.execute("ROLLBACK")
        second.commit(lease, [Put(Row("meta", "k"))])


def test_a_store_goes_on_after_a_failed_commit(path: Path) -> None:
    with SqliteStore(path) as store:
        lease = _lease(store)
        bad = [Put(Row("link", key, indexes={"zoho": "z"})) for key in "ab"]

        with pytest.raises(StoreError, match="'zoho'"):
            store.commit(lease, bad)
        store.commit(lease, bad[:1])
        with pytest.raises(StoreError, match="'zoho'"):
            store.commit(lease, bad[1:])
        store.commit(lease, [Put(Row("meta", "k"))])

        assert [row.key for row in store.scan("b", "link")] == ["a"]


def test_errors_hold_no_data(path: Path) -> None:
    with SqliteStore(path) as store:
        lease = _lease(store)
        row = Row("link", "1", b"ann@example.com", {"zoho": "ann@example.com"})
        store.commit(lease, [Put(row)])

        with pytest.raises(StoreError) as caught:
            store.commit(lease, [Put(Row("link", "2", b"", row.indexes))])

    assert "ann" not in str(caught.value)


_WRITER = """
import sys
from datetime import UTC, datetime
from crmbridge.reconcile.ports import Put, Row
from crmbridge.stores import SqliteStore
path, name = sys.argv[1:]
with SqliteStore(path) as store:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    lease = store.acquire(name, "me", now=now, ttl_seconds=60)
    for turn in range(50):
        store.commit(lease, [Put(Row("meta", f"{turn}/{end}")) for end in "ab"])
"""


def test_several_processes_share_a_file(path: Path) -> None:
    names = [f"bridge {number}" for number in range(4)]
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, str(path), name])
        for name in names
    ]

    codes = [writer.wait(60) for writer in writers]

    with SqliteStore(path) as store:
        found = [len(store.scan(name, "meta")) for name in names]
    assert (codes, found) == ([0] * 4, [100] * 4)
