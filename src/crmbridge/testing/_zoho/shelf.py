"""The live records of one module of the fake Zoho, in order.

Floor 9.
A page is found by bisection, so that it costs the same in a module of a
hundred records and of a million.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence, ValuesView
from datetime import datetime
from typing import Any, Final

from attrs import define, field

from crmbridge.testing._zoho.answers import Json

__all__ = ["SORTS", "Record", "Shelf"]


@define
class Record:
    """One live record.

    Attributes:
        module: the API name of its module.
        id: a text of 18 digits.
        owner_id: its owner.
        created: when it was made.
        modified: when it changed last.
        values: its fields by API name, without the empty ones.
        converted: by module, the ids that a lead was turned into.
        converted_at: when that was.
        is_hidden: the token's user may not see it.
    """

    module: str
    id: str
    owner_id: str
    created: datetime
    modified: datetime
    values: Json = field(factory=dict[str, Any])
    converted: Json | None = None
    converted_at: datetime | None = None
    is_hidden: bool = False


SORTS: Final[Mapping[str, Callable[[Record], Any]]] = {
    "id": lambda record: int(record.id),
    "Created_Time": lambda record: (record.created, int(record.id)),
    "Modified_Time": lambda record: (record.modified, int(record.id)),
}
"""By what records are sorted; each key is that of one record only."""


class Shelf(Mapping[str, Record]):
    """The live records of a module by id, and in three orders.

    >>> from datetime import UTC, datetime
    >>> day = datetime(2026, 1, 5, tzinfo=UTC)
    >>> shelf = Shelf()
    >>> for record_id in ("9", "7", "8"):
    ...     shelf.add(Record("Leads", record_id, "1", day, day))
    >>> [record.id for record in shelf.walk("id", is_descending=True, beyond=9)]
    ['8', '7']
    """

    def __init__(self) -> None:
        self._by_id: dict[str, Record] = {}
        self._in_order: list[Record] = []
        self._sorted: dict[str, list[Record]] = {}

    def __getitem__(self, record_id: str) -> Record:
        return self._by_id[record_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)

    def values(self) -> ValuesView[Record]:
        """Give the records in no promised order."""
        return self._by_id.values()

    def add(self, record: Record) -> None:
        """Put a record in its place."""
        key = SORTS["id"]
        if not self._in_order or key(self._in_order[-1]) < key(record):
            self._in_order.append(record)
        else:
            place = bisect_left(self._in_order, key(record), key=key)
            self._in_order.insert(place, record)
        self._by_id[record.id] = record
        self.forget_times()

    def remove(self, record: Record) -> None:
        """Take a record out."""
        del self._by_id[record.id]
        key = SORTS["id"]
        del self._in_order[bisect_left(self._in_order, key(record), key=key)]
        self.forget_times()

    def forget_times(self) -> None:
        """Sort by time anew when that is asked for: a time has changed."""
        self._sorted.clear()

    def sorted_by(self, name: str) -> Sequence[Record]:
        """Give all records in ascending order of ``id`` or one of the times."""
        if name == "id":
            return self._in_order
        if name not in self._sorted:
            self._sorted[name] = sorted(self._in_order, key=SORTS[name])
        return self._sorted[name]

    def walk(
        self, name: str, *, is_descending: bool, beyond: Any = None
    ) -> Iterator[Record]:
        """Give records in order, one by one, from the start or beyond a key.

        Args:
            name: one of `SORTS`.
            is_descending: the greatest first.
            beyond: the key of the last record that is left out.
        """
        records, key = self.sorted_by(name), SORTS[name]
        if is_descending:
            end = len(records)
            if beyond is not None:
                end = bisect_left(records, beyond, key=key)
            places = range(end - 1, -1, -1)
        else:
            start = 0
            if beyond is not None:
                start = bisect_right(records, beyond, key=key)
            places = range(start, len(records))
        for place in places:
            yield records[place]
