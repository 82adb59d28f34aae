"""One group of fields of a module, listed page by page.

Floor 4.
Where more than 50 fields are read, each group of them is listed on its own, and
the lists drift apart when records come and go between two requests.
The first list says which records a page has; what the others hold ahead of it
waits, what they passed over is read by id.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import gt

from crmbridge._steps import Call
from crmbridge.config import ZohoConfig
from crmbridge.zoho._calls import PAGE_SIZE, given, list_page, rows_by_ids
from crmbridge.zoho._faults import Json
from crmbridge.zoho.cursors import Reading

__all__ = ["Column", "number_of"]


class Column:
    """The list of one group of fields.

    Args:
        what: what is read.
        names: the group's fields.
        token: opens the next page.
        is_begun: its first page was read before; then no token means its end.

    Attributes:
        token: opens the next page.
        has_more: Zoho says that another page follows.
        is_falling: each id so far was lower than the one before.
        server_time: Zoho's clock when it answered last.
    """

    def __init__(
        self,
        what: Reading,
        names: Sequence[str],
        *,
        token: str | None = None,
        is_begun: bool = False,
    ) -> None:
        self.token = token
        self.has_more = True
        self.is_falling = True
        self.server_time: datetime | None = None
        self._what = what
        self._names = names
        self._is_begun = is_begun
        self._rows: dict[str, Json] = {}
        self._lowest: int | None = None
        self._highest = 0

    @property
    def is_at_end(self) -> bool:
        """Tell whether no further page can be read."""
        return self._is_begun and (self.token is None or not self.has_more)

    def fetch(self, config: ZohoConfig) -> Call[bool]:
        """Read the next page; tell whether it leads further down."""
        what = self._what
        query = {
            "fields": ",".join(self._names),
            "per_page": str(PAGE_SIZE),
            **given(page_token=self.token, converted=what.converted, cvid=what.cvid),
        }
        listing, self.server_time = yield from list_page(
            config, what.module, query, what.modified_since
        )
        ids = [str(row.get("id")) for row in listing.rows]
        numbers = _numbers_of(ids)
        self._rows.update(zip(ids, listing.rows, strict=True))
        # The same token again would lead round in a circle.
        is_new = listing.next_page_token != self.token
        self.token = listing.next_page_token if is_new else None
        self.has_more = listing.has_more
        self._is_begun = True
        self.is_falling &= all(map(gt, numbers, numbers[1:]))
        self._highest = max(numbers, default=0)
        before, self._lowest = self._lowest, min(numbers, default=self._lowest)
        return self._lowest != before

    def take_below(self, last_id: str | None) -> dict[str, Json]:
        """Give the rows that wait, without those from ``last_id`` up."""
        rows, self._rows = self._rows, {}
        if last_id is None:
            return rows
        last = number_of(last_id)
        if self._highest < last:
            return rows
        return {i: row for i, row in rows.items() if number_of(i) < last}

    def take(
        self, config: ZohoConfig, ids: Sequence[str], *, is_by_id: bool
    ) -> Call[dict[str, Json]]:
        """Give the rows of these records, listed or read by id."""
        last = number_of(ids[-1]) if ids else 0
        while is_by_id and ids and not self.is_at_end and self._is_above(last):
            if not (yield from self.fetch(config)):
                break
        missing = [record_id for record_id in ids if record_id not in self._rows]
        (read,) = yield from rows_by_ids(
            config, self._what.module, missing, [self._names], self._what.converted
        )
        waiting = {**self._rows, **read}
        self._rows = {}
        if is_by_id:
            self._rows = {i: row for i, row in waiting.items() if number_of(i) < last}
        return {i: waiting[i] for i in ids if i in waiting}

    def _is_above(self, number: int) -> bool:
        return self._lowest is None or self._lowest > number


def _numbers_of(ids: Sequence[str]) -> list[int]:
    """Give the numbers of many ids; all are looked at in one go."""
    together = "".join(ids)
    if all(ids) and together.isascii() and together.isdecimal():
        return [*map(int, ids)]
    return [*map(number_of, ids)]


def number_of(record_id: str) -> int:
    """Give the number that an id is; 0 for anything else.

    >>> number_of("487687600000301001"), number_of("x")
    (487687600000301001, 0)
    """
    is_number = record_id.isascii() and record_id.isdecimal()
    return int(record_id) if is_number else 0
