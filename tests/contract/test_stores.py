"""Every store of ours keeps the contract, and a broken one does not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from crmbridge.errors import LeaseHeldError
from crmbridge.reconcile.ports import Lease, Put, Row, Store, StoreOp
from crmbridge.stores import MemoryStore, OverlayStore, SqliteStore
from crmbridge.testing import StoreContract


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()


class TestSqliteStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SqliteStore]:
        self._path = tmp_path / "bridge.db"
        with SqliteStore(self._path) as store:
            yield store

    @pytest.fixture(autouse=True)
    def _closing(self) -> Iterator[None]:
        self._opened: list[SqliteStore] = []
        yield
        for store in self._opened:
            store.close()

    def reopened(self, store: Store) -> Store:
        again = SqliteStore(self._path)
        self._opened.append(again)
        return again


class TestOverlayStore(StoreContract):
    @pytest.fixture
    def store(self) -> OverlayStore:
        return OverlayStore(MemoryStore())


class TestOverlayStoreOnAnOverlay(StoreContract):
    @pytest.fixture
    def store(self) -> OverlayStore:
        return OverlayStore(OverlayStore(MemoryStore()))


# --- the contract finds what is broken ----------------------------------------


class HalfStore(MemoryStore):
    """Carries changes out one by one: the first fault leaves the rest undone."""

    def commit(self, lease: Lease, ops: Sequence[StoreOp]) -> None:
        for op in ops:
            super().commit(lease, [op])


class UnfencedStore(MemoryStore):
    """Lets a worker that was replaced write on."""

    def commit(self, lease: Lease, ops: Sequence[StoreOp]) -> None:
        now = lease.expires_at
        try:
            lease = self.acquire(lease.bridge, lease.holder, now=now, ttl_seconds=1)
        except LeaseHeldError as error:
            lease = self.acquire(
                lease.bridge, error.holder, now=error.expires_at, ttl_seconds=1
            )
        super().commit(lease, ops)


class ForgetfulScanStore(MemoryStore):
    """Gives the rows of a scan again and again."""

    def scan(self, *arguments: Any, **options: Any) -> tuple[Row, ...]:
        return super().scan(*arguments, **{**options, "after": None})


class SharedStore(MemoryStore):
    """Mixes the bridges up."""

    def fetch(self, bridge: str, *arguments: Any, **options: Any) -> tuple[Row, ...]:
        return super().fetch("b", *arguments, **options)


class AnybodysStore(MemoryStore):
    """Gives the lease to everybody who asks."""

    def acquire(self, bridge: str, holder: str, **options: Any) -> Lease:
        return super().acquire(bridge, "everybody", **options)


class LooseStore(MemoryStore):
    """Knows no unique index."""

    def commit(self, lease: Lease, ops: Sequence[StoreOp]) -> None:
        super().commit(lease, [_without_unique(op) for op in ops])


def _without_unique(op: StoreOp) -> StoreOp:
    if not isinstance(op, Put):
        return op
    row = op.row
    indexes = {name: row.indexes[name] for name in row.indexes if name == "person"}
    return Put(Row(row.table, row.key, row.data, indexes))


@pytest.mark.parametrize(
    ("broken", "test"),
    [
        (HalfStore, StoreContract.test_a_commit_with_one_fault_changes_nothing),
        (HalfStore, StoreContract.test_a_unique_value_can_change_hands),
        (UnfencedStore, StoreContract.test_a_replaced_worker_commits_nothing),
        (UnfencedStore, StoreContract.test_a_released_lease_commits_nothing),
        (ForgetfulScanStore, StoreContract.test_a_scan_is_steady_while_rows_change),
        (SharedStore, StoreContract.test_bridges_are_apart),
        (AnybodysStore, StoreContract.test_a_held_lease_is_refused_to_others),
        (AnybodysStore, StoreContract.test_one_of_many_threads_gets_the_lease),
        (LooseStore, StoreContract.test_a_value_of_a_unique_index_occurs_once),
    ],
    ids=lambda value: value.__name__,
)
def test_a_broken_store_fails_the_contract(
    broken: type[MemoryStore], test: Callable[[StoreContract, Store], None]
) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011 - any failure will do
        test(StoreContract(), broken())


def test_the_contract_imports_no_test_runner() -> None:
    code = "import sys, crmbridge.testing; sys.exit('pytest' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
