"""What every storage does with rows and changes before it touches its data.

Floor 7, though pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from crmbridge.errors import FencedError, InvalidInputError, StoreError
from crmbridge.reconcile.ports import TABLES, Lease, Put, Row, StoreOp, Table

__all__ = [
    "Changes",
    "fenced",
    "final_changes",
    "not_unique",
    "table_of",
    "unique_values",
]

Changes: TypeAlias = Mapping[str, Mapping[str, Row | None]]
"""By table and key: the row to be there afterwards, or ``None`` for none."""


def table_of(name: str, index: str | None = None) -> Table:
    """Give the description of a table, sure that it has the index.

    Raises:
        InvalidInputError: there is no such table, or it has no such index.
    """
    table = TABLES.get(name)
    if table is None:
        raise InvalidInputError(f"a bridge has no table {name!r}", field="table")
    if index is not None and index not in table.indexes:
        raise InvalidInputError(f"table {name!r} has no index {index!r}", field="index")
    return table


def final_changes(ops: Sequence[StoreOp]) -> Changes:
    """Give what the changes leave behind: the last one of each key counts.

    Raises:
        InvalidInputError: a table or index does not exist.

    >>> from crmbridge.reconcile.ports import Delete
    >>> final_changes([Put(Row("meta", "a")), Delete("meta", "a")])
    {'meta': {'a': None}}
    """
    changes: dict[str, dict[str, Row | None]] = {}
    for op in ops:
        if isinstance(op, Put):
            row = op.row
            table_of(row.table)
            for index in row.indexes:
                table_of(row.table, index)
            changes.setdefault(row.table, {})[row.key] = row
        else:
            table_of(op.table)
            changes.setdefault(op.table, {})[op.key] = None
    return changes


def unique_values(
    table: str, rows: Mapping[str, Row | None]
) -> Iterator[tuple[str, str]]:
    """Give (index, value) of each value that may occur only once.

    Raises:
        StoreError: two of the rows share such a value.
    """
    for index in sorted(TABLES[table].unique):
        found: set[str] = set()
        for row in rows.values():
            value = None if row is None else row.indexes.get(index)
            if value is None:
                continue
            if value in found:
                raise not_unique(table, index)
            found.add(value)
            yield index, value


def not_unique(table: str, index: str) -> StoreError:
    """Make the error for a value that would occur twice."""
    return StoreError(
        f"two rows of table {table!r} would share one value of the unique index "
        f"{index!r}; nothing was changed"
    )


def fenced(lease: Lease) -> FencedError:
    """Make the error for a commit under a lease that has ended."""
    return FencedError(
        f"lease {lease.fence} was given back or taken over; nothing was changed: "
        "stop this run, and let the next one start from what is stored"
    )
