"""Reading a whole module: by page tokens first, by ids where these end.

Floor 4.
A list gives the newest id first, 200 records a page.
Page tokens lead to 100,000 records and live for 24 hours; where Zoho takes one
no more, the reading goes on below the last id that was given, see `_keyset`.
So no record is lost or given twice, whatever comes and goes meanwhile.

The rule: nothing but ids that fall is taken for that order. Where they do not,
as in a custom view, a token that ends is an error.

Source: Zoho CRM API v7 and v8, "Get Records".
Unverified: whether a token stands for a record or for a number of records. In
the latter case a record may be given twice, which is seen and mended, and one
may be passed over when another above it goes away meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from crmbridge._steps import Call, gather
from crmbridge.config import ZohoConfig
from crmbridge.errors import InvalidInputError, OutOfReachError, RefusedError
from crmbridge.zoho._columns import Column
from crmbridge.zoho._faults import ZOHO, Json
from crmbridge.zoho._field_groups import field_groups, joined
from crmbridge.zoho._keyset import Descent
from crmbridge.zoho._learned import Learned
from crmbridge.zoho.cursors import Reading, RecordsCursor
from crmbridge.zoho.records import read_records
from crmbridge.zoho.results import RecordsPage

__all__ = ["Pager"]

_ENDS_OF_TOKENS: Final = frozenset(
    {"PAGINATION_LIMIT_EXCEEDED", "EXPIRED_VALUE", "TOKEN_BOUND_DATA_MISMATCH"}
)
_TOKEN_FAULTS: Final = frozenset({None, "page_token"})


class Pager:
    """Reads page after page; used by one reader.

    Args:
        config: whose records.
        what: what is read.
        fields: any number of names.
        start_at: where an earlier reading stopped.
        learned: what the client knows of its organisation.

    Attributes:
        has_more: whether another page follows.

    Raises:
        InvalidInputError: the cursor is of another reading.
    """

    def __init__(
        self,
        config: ZohoConfig,
        what: Reading,
        fields: Iterable[str],
        start_at: RecordsCursor | None = None,
        *,
        learned: Learned | None = None,
    ) -> None:
        self.has_more = True
        self._config = config
        self._learned = learned or Learned()
        self._what = what
        self._last_id: str | None = None
        self._groups = field_groups(fields)
        self._descent: Descent | None = None
        self._refusal: RefusedError | None = None
        if start_at is None:
            self._is_by_id = what.cvid is None
            self._columns = [Column(what, names) for names in self._groups]
        else:
            _check_same(what, start_at)
            self._last_id = start_at.last_id
            self._is_by_id = start_at.last_id is not None
            self._columns = self._columns_at(start_at.page_tokens)

    def _columns_at(self, tokens: Sequence[str | None]) -> list[Column]:
        """Give the columns that go on at tokens; none where they do not fit."""
        if len(tokens) != len(self._groups):
            return []
        return [
            Column(self._what, names, token=token, is_begun=True)
            for names, token in zip(self._groups, tokens, strict=True)
        ]

    def next_page(self) -> Call[RecordsPage]:
        """Read the next page; see `ZohoClient.record_pages`."""
        if self._columns:
            try:
                return (yield from self._listed())
            except RefusedError as error:
                if not self._is_end_of_tokens(error):
                    raise
                self._columns, self._refusal = [], error
        return (yield from self._descended())

    def _is_end_of_tokens(self, error: RefusedError) -> bool:
        if all(column.token is None for column in self._columns):
            return False
        # Unverified: how Zoho refuses a token that it does not know; INVALID_DATA
        # was seen, and what else could be invalid was taken with the first page.
        is_of_token = error.code == "INVALID_DATA" and error.field in _TOKEN_FAULTS
        return is_of_token or error.code in _ENDS_OF_TOKENS

    # --- by tokens ---

    def _listed(self) -> Call[RecordsPage]:
        """Read a page by tokens; the first group says which records it has."""
        leader, *followers = self._columns
        going_on = [column for column in followers if not column.is_at_end]
        yield from gather(
            [column.fetch(self._config) for column in (leader, *going_on)],
            self._config.limits.max_in_flight,
        )
        self._is_by_id = self._is_by_id and leader.is_falling
        last_id = self._last_id if self._is_by_id else None
        rows = leader.take_below(last_id)
        ids = list(rows)
        parts = yield from gather(
            [
                column.take(self._config, ids, is_by_id=self._is_by_id)
                for column in followers
            ],
            self._config.limits.max_in_flight,
        )
        self._last_id = ids[-1] if ids else self._last_id
        self.has_more = leader.has_more
        # A page with nothing new, or no way to the next, ends what tokens can do.
        if leader.is_at_end or not ids:
            self._columns = []
        return self._page(_join([rows, *parts]), leader.server_time)

    # --- by ids ---

    def _descended(self) -> Call[RecordsPage]:
        if not self._is_by_id:
            raise _out_of_reach(self._what) from self._refusal
        if self._descent is None:
            self._descent = Descent(
                self._config, self._what, self._groups, self._last_id, self._learned
            )
        parts = yield from self._descent.next_rows()
        self._last_id = self._descent.last_id
        self.has_more = self._descent.has_more
        return self._page(_join(parts), None)

    # --- pages ---

    def _page(self, rows: Iterable[Json], at: datetime | None) -> RecordsPage:
        cursor = None
        if self.has_more:
            cursor = RecordsCursor(
                module=self._what.module,
                modified_since=self._what.modified_since,
                converted=self._what.converted,
                cvid=self._what.cvid,
                page_tokens=tuple([column.token for column in self._columns]),
                last_id=self._last_id if self._is_by_id else None,
            )
        records = read_records(self._what.module, rows)
        return RecordsPage(records, server_time=at, cursor=cursor)


def _join(parts: Sequence[Mapping[str, Json]]) -> list[Json]:
    """Make one row of each record that every group of fields knows."""
    first, *others = parts
    if not others:
        return list(first.values())
    return [
        joined([row, *(part[record_id] for part in others)])
        for record_id, row in first.items()
        if all(record_id in part for part in others)
    ]


def _check_same(what: Reading, stored: Reading) -> None:
    for name in ("module", "modified_since", "converted", "cvid"):
        if getattr(what, name) != getattr(stored, name):
            raise InvalidInputError(
                f"the cursor is of a reading with another {name}; "
                "go on with the same, or begin again",
                service=ZOHO,
                field="start_at",
            )


def _out_of_reach(what: Reading) -> OutOfReachError:
    return OutOfReachError(
        f"{what.module} list: Zoho takes the page token no more, and its order is not "
        "that of the ids, so there is no other way on; begin again, read without "
        "cvid, or by bulk read",
        service=ZOHO,
    )
