"""What a storage has to keep of leases, and the tools of the contract.

Floor 9.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

from crmbridge.errors import FencedError, LeaseHeldError
from crmbridge.reconcile.ports import Lease, Put, Row, Store

__all__ = ["LeaseContract", "at_once", "lease_of", "put", "raises"]

NOW: Final = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
TTL_SECONDS: Final = 60.0
_Error = TypeVar("_Error", bound=BaseException)


class LeaseContract:
    """The tests of leases and fences; `StoreContract` adds those of rows."""

    def test_a_lease_says_what_was_asked(self, store: Store) -> None:
        """A lease names its bridge, its holder and its end."""
        lease = lease_of(store)

        assert (lease.bridge, lease.holder) == ("b", "me")
        assert lease.expires_at == NOW + timedelta(seconds=TTL_SECONDS)

    def test_a_held_lease_is_refused_to_others(self, store: Store) -> None:
        """The refusal says who holds the lease, and until when."""
        held = lease_of(store)

        error = raises(LeaseHeldError, lambda: lease_of(store, holder="you"))

        assert (error.holder, error.expires_at) == ("me", held.expires_at)

    def test_its_holder_renews_a_lease(self, store: Store) -> None:
        """A renewal keeps the fence, so earlier leases of it still commit."""
        first = lease_of(store)

        second = lease_of(store, at=30)

        assert second.fence == first.fence
        assert second.expires_at == NOW + timedelta(seconds=30 + TTL_SECONDS)
        store.commit(first, [Put(Row("meta", "k"))])
        raises(LeaseHeldError, lambda: lease_of(store, holder="you", at=TTL_SECONDS))

    def test_an_ended_lease_goes_to_the_next(self, store: Store) -> None:
        """At its end a lease can be taken, with a larger fence, by anybody."""
        first = lease_of(store)
        second = lease_of(store, holder="you", at=TTL_SECONDS)
        third = lease_of(store, holder="you", at=3 * TTL_SECONDS)

        assert first.fence < second.fence < third.fence

    def test_a_released_lease_goes_to_the_next(self, store: Store) -> None:
        """Fences grow through releases, also for the same holder."""
        first = lease_of(store)
        store.release(first)
        second = lease_of(store, holder="you")
        store.release(second)
        third = lease_of(store)

        assert first.fence < second.fence < third.fence

    def test_releasing_an_old_lease_harms_nobody(self, store: Store) -> None:
        """A worker that was replaced cannot give its successor's lease back."""
        old = lease_of(store)
        new = lease_of(store, holder="you", at=TTL_SECONDS)

        store.release(old)

        raises(LeaseHeldError, lambda: lease_of(store, at=TTL_SECONDS))
        store.commit(new, [Put(Row("meta", "k"))])

    def test_a_replaced_worker_commits_nothing(self, store: Store) -> None:
        """An older fence is refused, and nothing is changed."""
        old = lease_of(store)
        new = lease_of(store, holder="you", at=TTL_SECONDS)

        raises(FencedError, lambda: store.commit(old, [Put(Row("meta", "k"))]))

        assert store.scan("b", "meta") == ()
        store.commit(new, [Put(Row("meta", "k"))])

    def test_a_released_lease_commits_nothing(self, store: Store) -> None:
        """Who gave the lease back may not write any more."""
        lease = lease_of(store)
        store.release(lease)

        raises(FencedError, lambda: store.commit(lease, [Put(Row("meta", "k"))]))

        assert store.scan("b", "meta") == ()

    def test_one_of_many_threads_gets_the_lease(self, store: Store) -> None:
        """Of workers that ask at one time exactly one is given the lease."""
        start = threading.Barrier(8)

        def ask(number: int) -> int:
            start.wait()
            try:
                lease_of(store, holder=f"worker {number}")
            except LeaseHeldError:
                return 0
            return 1

        assert sum(at_once(ask)) == 1


def lease_of(
    store: Store, *, bridge: str = "b", holder: str = "me", at: float = 0.0
) -> Lease:
    """Take the lease so many seconds after the beginning."""
    now = NOW + timedelta(seconds=at)
    return store.acquire(bridge, holder, now=now, ttl_seconds=TTL_SECONDS)


def put(store: Store, *rows: Row) -> None:
    store.commit(lease_of(store), [Put(row) for row in rows])


def at_once(work: Callable[[int], int]) -> list[int]:
    """Do the work in eight threads."""
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(work, range(8)))


def raises(kind: type[_Error], act: Callable[[], object]) -> _Error:
    """Give the error that the act must raise."""
    try:
        act()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was to be raised")
