"""What every storage of a bridge has to keep, as tests to subclass.

Floor 9.
No test runner is imported: plain asserts, and a ``store`` that the subclass
provides as a fixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attrs import evolve

from crmbridge.errors import (
    FencedError,
    InvalidInputError,
    LeaseHeldError,
    StoreError,
)
from crmbridge.reconcile.ports import Delete, Put, Row, Store
from crmbridge.testing._lease_contract import (
    TTL_SECONDS,
    LeaseContract,
    at_once,
    lease_of,
    put,
    raises,
)

__all__ = ["StoreContract"]

_MANY: Final = 10_000


class StoreContract(LeaseContract):
    """Tests that a store keeps the promises of `crmbridge.reconcile.ports.Store`.

    Subclass it in your tests and give a pytest fixture ``store`` with a new,
    empty store for each test.
    Override `reopened` if the store outlives its process.

    >>> from crmbridge.stores import MemoryStore
    >>> class TestMyStore(StoreContract):
    ...     pass  # with a fixture ``store``
    >>> TestMyStore().test_a_row_is_found_by_its_key(MemoryStore())
    """

    def reopened(self, store: Store) -> Store | None:
        """Open what ``store`` has written as another process would.

        ``None``, the default, says that the store forgets.
        """
        del store
        return None

    # --- rows ---

    def test_a_new_store_is_empty(self, store: Store) -> None:
        """Nothing is found in a bridge that nobody wrote to."""
        assert store.fetch("b", "link", ["k"]) == ()
        assert store.scan("b", "link") == ()
        assert store.scan("b", "link", index="person") == ()

    def test_a_row_is_found_by_its_key(self, store: Store) -> None:
        """A row comes back as it was, and an absent key brings nothing."""
        row = Row("link", "k", b"data", {"person": "p", "zoho": "z"})
        put(store, row)

        assert store.fetch("b", "link", ["absent", "k", "k"]) == (row,)

    def test_a_row_is_found_by_each_index(self, store: Store) -> None:
        """Each value of an index brings all its rows, and each row once."""
        ann = Row("link", "a", indexes={"person": "p", "zoho": "z1"})
        ben = Row("link", "b", indexes={"person": "p", "zoho": "z2"})
        cid = Row("link", "c", indexes={"salesmanago": "p"})
        put(store, ann, ben, cid)

        found = store.fetch("b", "link", ["p", "q"], index="person")

        assert sorted(row.key for row in found) == ["a", "b"]
        assert store.fetch("b", "link", ["z2"], index="zoho") == (ben,)

    def test_a_put_replaces_data_and_indexes(self, store: Store) -> None:
        """After a second put the old data and index values are gone."""
        put(store, Row("link", "k", b"old", {"person": "p", "zoho": "z"}))
        new = Row("link", "k", b"new", {"person": "q"})

        put(store, new)

        assert store.fetch("b", "link", ["k"]) == (new,)
        assert store.fetch("b", "link", ["p"], index="person") == ()
        assert store.fetch("b", "link", ["z"], index="zoho") == ()
        assert store.scan("b", "link", index="zoho") == ()

    def test_a_delete_removes_a_row_if_it_is_there(self, store: Store) -> None:
        """A deleted row is found no more, and deleting nothing is no error."""
        put(store, Row("link", "k", indexes={"person": "p"}))

        store.commit(lease_of(store), [Delete("link", "k"), Delete("link", "absent")])

        assert store.fetch("b", "link", ["k"]) == ()
        assert store.fetch("b", "link", ["p"], index="person") == ()

    def test_the_last_change_of_a_key_counts(self, store: Store) -> None:
        """Within one commit the order of changes is kept."""
        lease = lease_of(store)

        store.commit(
            lease,
            [
                Put(Row("meta", "a", b"1")),
                Put(Row("meta", "a", b"2")),
                Put(Row("meta", "b")),
                Delete("meta", "b"),
                Delete("meta", "c"),
                Put(Row("meta", "c", b"3")),
            ],
        )

        assert [row.data for row in store.scan("b", "meta")] == [b"2", b"3"]

    def test_any_text_and_bytes_are_kept(self, store: Store) -> None:
        """Empty data, every byte, and text of all scripts come back alike."""
        keys = ["", " ", "'", '"', "%_", "Zażółć", "日本", "😀", "a/b\n", "İ", "I"]
        rows = [
            Row("meta", key, bytes(range(256)) * number)
            for number, key in enumerate(keys)
        ]
        put(store, *rows)

        assert store.scan("b", "meta") == tuple(sorted(rows, key=lambda row: row.key))
        assert len(store.fetch("b", "meta", keys)) == len(rows)

    def test_tables_are_apart(self, store: Store) -> None:
        """One key in two tables is two rows."""
        put(store, Row("meta", "k", b"1"), Row("feed", "k", b"2"))

        store.commit(lease_of(store), [Delete("meta", "k")])

        assert store.fetch("b", "meta", ["k"]) == ()
        assert store.fetch("b", "feed", ["k"]) == (Row("feed", "k", b"2"),)

    def test_bridges_are_apart(self, store: Store) -> None:
        """Two bridges share neither rows, nor unique values, nor leases."""
        row = Row("link", "k", b"1", {"zoho": "z"})
        other = evolve(row, data=b"2")
        put(store, row)

        store.commit(lease_of(store, bridge="other"), [Put(other)])

        assert store.fetch("b", "link", ["z"], index="zoho") == (row,)
        assert store.fetch("other", "link", ["z"], index="zoho") == (other,)
        assert store.scan("third", "link") == ()

    def test_unknown_tables_and_indexes_are_refused(self, store: Store) -> None:
        """A misspelt name is an error, never an empty answer."""
        lease = lease_of(store)

        raises(InvalidInputError, lambda: store.fetch("b", "links", ["k"]))
        raises(InvalidInputError, lambda: store.scan("b", "link", index="mail"))
        raises(InvalidInputError, lambda: store.commit(lease, [Put(Row("links", "k"))]))

    # --- commits ---

    def test_a_value_of_a_unique_index_occurs_once(self, store: Store) -> None:
        """A second row with the value is refused, in a later commit or the same."""
        one = Row("link", "1", indexes={"zoho": "z"})
        two = Row("link", "2", indexes={"zoho": "z"})

        raises(StoreError, lambda: put(store, one, two))
        assert store.scan("b", "link") == ()
        put(store, one)
        raises(StoreError, lambda: put(store, two))

        assert store.scan("b", "link") == (one,)

    def test_a_unique_value_can_change_hands(self, store: Store) -> None:
        """What counts is the end of a commit: two rows may swap a value."""
        put(
            store,
            Row("link", "1", indexes={"zoho": "y"}),
            Row("link", "2", indexes={"zoho": "z"}),
        )
        swapped = (
            Row("link", "1", indexes={"zoho": "z"}),
            Row("link", "2", indexes={"zoho": "y"}),
        )

        put(store, *swapped)

        assert store.scan("b", "link") == swapped

    def test_a_commit_with_one_fault_changes_nothing(self, store: Store) -> None:
        """A unique violation at the end undoes all that came before it."""
        kept = Row("link", "kept", b"1", {"zoho": "z", "person": "p"})
        gone = Row("meta", "gone", b"1")
        put(store, kept, gone)
        lease = lease_of(store)

        raises(
            StoreError,
            lambda: store.commit(
                lease,
                [
                    Delete("meta", "gone"),
                    Put(Row("link", "new", indexes={"person": "p"})),
                    Put(Row("link", "kept2", indexes={"zoho": "z"})),
                ],
            ),
        )

        assert store.scan("b", "link") == (kept,)
        assert store.scan("b", "meta") == (gone,)
        assert store.fetch("b", "link", ["p"], index="person") == (kept,)
        store.commit(lease, [Put(Row("meta", "after"))])

    # --- scans ---

    def test_a_scan_is_in_order_of_keys(self, store: Store) -> None:
        """Without an index rows come by key, in the order of code points."""
        keys = ["b", "a", "ab", "B", "ż", "z", "10", "9", ""]
        put(store, *(Row("meta", key) for key in keys))

        assert [row.key for row in store.scan("b", "meta")] == sorted(keys)

    def test_a_scan_of_an_index_is_in_order_of_values(self, store: Store) -> None:
        """With an index rows come by value, then key; without a value, not."""
        put(
            store,
            Row("inbox", "1", indexes={"person": "b"}),
            Row("inbox", "3", indexes={"person": "a"}),
            Row("inbox", "2", indexes={"person": "a"}),
            Row("inbox", "4", indexes={"unread": "a"}),
        )

        found = [row.key for row in store.scan("b", "inbox", index="person")]

        assert found == ["2", "3", "1"]

    def test_pages_join_without_gap_or_repeat(self, store: Store) -> None:
        """Pages of any size, each after the last row of the one before, are all."""
        rows = [
            Row("inbox", f"{number:03}", indexes={"person": f"{number % 7}"})
            for number in range(100)
        ]
        put(store, *rows)

        for limit in (1, 7, 99, 100, 101):
            by_key = [row.key for row in _walk(store, "inbox", None, limit)]
            by_person = [row.key for row in _walk(store, "inbox", "person", limit)]
            assert by_key == [row.key for row in rows]
            assert by_person == [
                row.key
                for row in sorted(
                    rows, key=lambda row: (row.indexes["person"], row.key)
                )
            ]

    def test_a_scan_is_steady_while_rows_change(self, store: Store) -> None:
        """Rows deleted and added behind or before the place neither repeat nor hide."""
        put(store, *(Row("meta", f"{number:02}") for number in range(0, 20, 2)))
        first = store.scan("b", "meta", limit=5)

        store.commit(
            lease_of(store),
            [
                Delete("meta", "08"),  # the last one seen
                Delete("meta", "12"),
                Put(Row("meta", "01")),
                Put(Row("meta", "11")),
            ],
        )
        rest = store.scan("b", "meta", after=("", first[-1].key))

        assert [row.key for row in first] == ["00", "02", "04", "06", "08"]
        assert [row.key for row in rest] == ["10", "11", "14", "16", "18"]

    def test_ten_thousand_rows(self, store: Store) -> None:
        """Many rows are written at once, paged through and fetched by key."""
        rows = [
            Row("link", f"{number:05}", b"x" * 50, {"salesmanago": f"s{number}"})
            for number in range(_MANY)
        ]
        put(store, *rows)

        assert sum(1 for _ in _walk(store, "link", "salesmanago", 500)) == _MANY
        assert len(store.fetch("b", "link", (row.key for row in rows))) == _MANY
        values = [f"s{number}" for number in range(0, _MANY, 3)]
        assert len(store.fetch("b", "link", values, index="salesmanago")) == len(values)

    # --- threads and processes ---

    def test_threads_write_and_read_together(self, store: Store) -> None:
        """Commits of several threads are all kept, and reads never see half."""
        lease = lease_of(store)

        def work(number: int) -> int:
            seen_halves = 0
            for turn in range(10):
                pair = [Put(Row("feed", f"{number}/{turn}/{end}")) for end in "ab"]
                store.commit(lease, pair)
                seen_halves += len(store.scan("b", "feed", limit=10_000)) % 2
            return seen_halves

        assert sum(at_once(work)) == 0
        assert len(store.scan("b", "feed", limit=10_000)) == 8 * 10 * 2

    def test_what_was_committed_outlives_the_process(self, store: Store) -> None:
        """Another process finds rows, the lease and the fences."""
        row = Row("link", "k", b"1", {"zoho": "z"})
        put(store, row)
        lease = lease_of(store)

        again = self.reopened(store)
        if again is None:
            return

        assert again.fetch("b", "link", ["z"], index="zoho") == (row,)
        raises(LeaseHeldError, lambda: lease_of(again, holder="you"))
        after = lease_of(again, holder="you", at=TTL_SECONDS)
        assert after.fence > lease.fence
        raises(FencedError, lambda: store.commit(lease, [Delete("link", "k")]))
        assert store.scan("b", "link") == (row,)


def _walk(store: Store, table: str, index: str | None, limit: int) -> Iterator[Row]:
    """Give all rows, page after page."""
    after: tuple[str, str] | None = None
    while page := store.scan("b", table, index=index, after=after, limit=limit):
        yield from page
        last = page[-1]
        after = (last.indexes[index] if index else "", last.key)
