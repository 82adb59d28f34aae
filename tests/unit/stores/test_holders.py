"""A killed worker's lease is free at once, a living one's is not."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crmbridge import SqliteStore
from crmbridge.errors import FencedError, LeaseHeldError

pytest.importorskip("fcntl", reason="the operating system has no file locks like this")

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOLD = """
import sys, time
from datetime import UTC, datetime
from crmbridge import SqliteStore
store = SqliteStore(sys.argv[1])
now = datetime(2026, 1, 1, tzinfo=UTC)
print(store.acquire("shop", "first", now=now, ttl_seconds=300).fence, flush=True)
time.sleep(60)
"""


def _holder(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "1\n"
    return process


def test_the_lease_of_a_living_process_is_held(tmp_path: Path) -> None:
    path = tmp_path / "bridge.db"
    with _holder(path) as process, SqliteStore(path) as store:
        with pytest.raises(LeaseHeldError):
            store.acquire("shop", "second", now=NOW, ttl_seconds=300)
        process.kill()


def test_the_lease_of_a_killed_process_is_free_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bridge.db"
    with _holder(path) as process, SqliteStore(path) as store:
        process.kill()
        process.wait()

        lease = store.acquire("shop", "second", now=NOW, ttl_seconds=300)

    assert lease.fence == 2


def test_two_stores_of_one_process_do_not_take_each_others_lease(
    tmp_path: Path,
) -> None:
    path = tmp_path / "bridge.db"
    with SqliteStore(path) as one, SqliteStore(path) as other:
        one.acquire("shop", "first", now=NOW, ttl_seconds=300)

        with pytest.raises(LeaseHeldError):
            other.acquire("shop", "second", now=NOW, ttl_seconds=300)
        with pytest.raises(LeaseHeldError):
            one.acquire("shop", "second", now=NOW, ttl_seconds=300)


def test_a_store_that_was_closed_gives_its_leases_free(tmp_path: Path) -> None:
    path = tmp_path / "bridge.db"
    with SqliteStore(path) as one:
        old = one.acquire("shop", "first", now=NOW, ttl_seconds=300)

    with SqliteStore(path) as other:
        other.acquire("shop", "second", now=NOW, ttl_seconds=300)
        with pytest.raises(FencedError):
            other.commit(old, [])


def test_asking_for_a_dead_holder_does_not_lock_others_out(tmp_path: Path) -> None:
    path = tmp_path / "bridge.db"
    with SqliteStore(path) as one, SqliteStore(path) as other:
        lease = one.acquire("shop", "first", now=NOW, ttl_seconds=300)
        one.release(lease)

        taken = other.acquire("shop", "second", now=NOW, ttl_seconds=300)
        other.release(taken)

        assert one.acquire("shop", "first", now=NOW, ttl_seconds=300).fence == 3
