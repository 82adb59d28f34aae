"""Going on by ids where page tokens end.

Floor 4.
COQL gives the ids below the last one, 2,000 at a time, and the records are read
by these, so that they look as the list would have shown them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from attrs import evolve

from crmbridge._steps import Call
from crmbridge.config import ZohoConfig
from crmbridge.errors import MalformedReplyError, OutOfReachError, RefusedError
from crmbridge.zoho._calls import MAX_IDS, list_page, rows_by_ids
from crmbridge.zoho._columns import number_of
from crmbridge.zoho._faults import ZOHO, Json
from crmbridge.zoho._learned import SMALL, Learned
from crmbridge.zoho._queries import query_page
from crmbridge.zoho.coql import (
    Condition,
    Select,
    at_least,
    descending,
    equals,
    is_not_null,
    less,
)
from crmbridge.zoho.cursors import Reading
from crmbridge.zoho.records import ZohoRecord
from crmbridge.zoho.results import QueryPage

__all__ = ["Descent"]

_AT_ONCE: Final = 5
_LEADS: Final = "Leads"
_CONVERTED: Final = "Converted__s"


class Descent:
    """Reads records by ids that fall.

    Args:
        config: whose records.
        what: what is read.
        groups: the fields, parted.
        below: where to begin; ``None`` means the highest id.
        learned: how many rows one question gives.

    Attributes:
        last_id: the last id that was dealt with.
    """

    def __init__(
        self,
        config: ZohoConfig,
        what: Reading,
        groups: Sequence[Sequence[str]],
        below: str | None,
        learned: Learned,
    ) -> None:
        self.last_id = below
        self._below = below
        self._config = config
        self._what = what
        self._groups = groups
        self._learned = learned
        self._waiting: tuple[str, ...] = ()
        self._has_more_ids = True
        self._is_checked = False

    @property
    def has_more(self) -> bool:
        """Tell whether more may follow."""
        return self._has_more_ids or bool(self._waiting)

    def next_rows(self) -> Call[Sequence[Mapping[str, Json]]]:
        """Read the next rows, for each group of fields; none at the end.

        Costs 3 credits for 2,000 ids, and one request and credit for each
        group and 100 records.
        """
        if not self._is_checked:
            yield from self._check_converted()
            self._is_checked = True
        size = MAX_IDS * min(_AT_ONCE, self._config.limits.max_in_flight)
        while self.has_more:
            if not self._waiting:
                yield from self._ask()
                continue
            ids, self._waiting = self._waiting[:size], self._waiting[size:]
            self.last_id = ids[-1]
            parts = yield from rows_by_ids(
                self._config, self._what.module, ids, self._groups, self._what.converted
            )
            if parts[0]:
                # The order is that of the ids; the answers may have another.
                first = {i: parts[0][i] for i in ids if i in parts[0]}
                return (first, *parts[1:])
        nothing: dict[str, Json] = {}
        return (nothing,) * len(self._groups)

    def _ask(self) -> Call[None]:
        """Ask for the next ids."""
        what = self._what
        names = ("id", _CONVERTED) if what.module == _LEADS else ("id",)
        select = Select(
            what.module,
            names,
            where=self._where(),
            order_by=(descending("id"),),
            limit=self._learned.limits.rows,
        )
        page = yield from self._query(select)
        below = None if self._below is None else number_of(self._below)
        records = [
            record
            for record in page.records
            if below is None or number_of(record.id) < below
        ]
        self._has_more_ids = page.has_more
        if records:
            self._below = records[-1].id
        elif page.has_more:
            raise MalformedReplyError(
                f"{what.module} query: Zoho gave no id below the one that was named",
                service=ZOHO,
            )
        self._waiting = tuple([record.id for record in records if self._shows(record)])

    def _query(self, select: Select) -> Call[QueryPage]:
        """Ask; for fewer rows from now on where Zoho does not give so many."""
        try:
            return (yield from query_page(self._config, select, self._learned))
        except RefusedError as error:
            if error.code != "LIMIT_EXCEEDED" or self._learned.limits == SMALL:
                raise
        self._learned.limits = SMALL
        fewer = evolve(select, limit=SMALL.rows)
        return (yield from query_page(self._config, fewer, self._learned))

    def _where(self) -> Condition:
        where = is_not_null("id") if self._below is None else less("id", self._below)
        if self._what.modified_since is None:
            return where
        return where & at_least("Modified_Time", self._what.modified_since)

    def _shows(self, record: ZohoRecord) -> bool:
        """Tell whether the list would show it, as far as COQL tells."""
        if self._what.converted == "both":
            return True
        return record.is_converted is (self._what.converted == "true")

    def _check_converted(self) -> Call[None]:
        """Make sure that COQL knows converted leads, if they are asked for.

        Costs nothing, or two requests and credits.
        Unverified: whether it does.

        Raises:
            OutOfReachError: there are some, and it does not.
        """
        what = self._what
        if what.module != _LEADS or what.converted not in {"true", "both"}:
            return
        query = {
            "fields": self._groups[0][0],
            "converted": "true",
            "per_page": "1",
        }
        listing, _ = yield from list_page(self._config, what.module, query)
        if not listing.rows:
            return
        where = equals(_CONVERTED, True)  # noqa: FBT003 - a value, no switch
        select = Select(_LEADS, ("id",), where=where, limit=1)
        page = yield from query_page(self._config, select)
        if not page.records:
            raise OutOfReachError(
                "Leads list: Zoho takes the page token no more, and its queries hide "
                "converted leads; read them by bulk read, or without converted",
                service=ZOHO,
            )
