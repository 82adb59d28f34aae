"""The calls of Zoho CRM that ask in COQL.

Floor 4.
Whole readings go upwards by id: each question asks above the last id, so that
neither the wall of 100,000 rows nor what comes and goes meanwhile matters.

Source, where nothing else is said: Zoho CRM API v7, "Get Records through COQL
Query"; v8, "COQL limitations".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final, TypeAlias, TypeVar

from attrs import frozen

from crmbridge._steps import Call, Reply, Request, gather
from crmbridge.config import ZohoConfig
from crmbridge.errors import InvalidInputError, MalformedReplyError, RefusedError
from crmbridge.zoho._auth import authorised
from crmbridge.zoho._calls import API, cut
from crmbridge.zoho._faults import ZOHO, Json
from crmbridge.zoho._field_groups import joined
from crmbridge.zoho._learned import SMALL, Learned, QueryLimits
from crmbridge.zoho._replies import Listing, listing_of
from crmbridge.zoho.coql import (
    Backslash,
    Condition,
    Select,
    between,
    equals,
    greater,
    one_of,
)
from crmbridge.zoho.credits import of_query
from crmbridge.zoho.records import ZohoRecord, lookup_id, read_records
from crmbridge.zoho.results import QueryPage

__all__ = ["find_by", "query_page", "rows_page"]

T = TypeVar("T")
_Rows: TypeAlias = tuple[Json, ...]

_TIME: Final = "Modified_Time"
# One credit pays for as many rows; of a hundred values more are seldom held.
_FOUND_ROWS: Final = 200


def query_page(
    config: ZohoConfig, select: Select, learned: Learned | None = None
) -> Call[QueryPage]:
    """Ask one question; see `ZohoClient.query`."""
    listing, at = yield from _asked(config, select, learned or Learned())
    records = read_records(select.module, listing.rows)
    return QueryPage(records, listing.has_more, at)


def rows_page(
    config: ZohoConfig,
    module: str,
    *,
    fields: Iterable[str],
    where: Condition | None,
    above: str,
    learned: Learned,
) -> Call[QueryPage]:
    """Read the next records above an id; see `ZohoClient.query_records`."""
    names = _several(fields, "fields")

    def ask(limits: QueryLimits) -> Call[QueryPage]:
        reading = _Reading(config, module, names, where, limits, learned)
        return reading.page(above, limits.rows)

    return (yield from _within_limits(learned, ask))


def find_by(
    config: ZohoConfig,
    module: str,
    field: str,
    values: Iterable[str],
    *,
    fields: Iterable[str],
    learned: Learned,
) -> Call[Mapping[str, tuple[ZohoRecord, ...]]]:
    """Find the records that hold values; see `ZohoClient.find_by`."""
    wanted = _several(values, "values")
    names = (*_several(fields, "fields"), field)
    # Unverified: that COQL does not tell large letters from small ones. Both
    # forms are asked for, so that it matters for what is stored in neither.
    forms = tuple(dict.fromkeys(f for v in wanted if v for f in (v, v.lower())))
    if not forms:
        return dict.fromkeys(wanted, ())
    # Learned before several questions run at once, each of which would ask.
    yield from _meaning(config, _holding(module, field, forms), learned)

    def ask(limits: QueryLimits) -> Call[tuple[tuple[ZohoRecord, ...], ...]]:
        return gather(
            [
                _Reading(
                    config, module, names, one_of(field, part), limits, learned
                ).all(_FOUND_ROWS)
                for part in cut(forms, limits.values)
            ],
            config.limits.max_in_flight,
        )

    parts = yield from _within_limits(learned, ask)
    held: dict[str, dict[str, ZohoRecord]] = {}
    for record in sorted((r for part in parts for r in part), key=_number):
        held.setdefault(_held(record, field), {})[record.id] = record
    return {value: tuple(held.get(value.lower(), {}).values()) for value in wanted}


def _several(texts: Iterable[object], what: str) -> tuple[str, ...]:
    found = () if isinstance(texts, str) else tuple(dict.fromkeys(texts))
    several = tuple(text for text in found if isinstance(text, str))
    if isinstance(texts, str) or len(several) < len(found):
        raise InvalidInputError(f"{what} are several texts", service=ZOHO, field=what)
    return several


def _held(record: ZohoRecord, name: str) -> str:
    """Give what a record holds, in small letters."""
    value = record.id if name == "id" else record.fields.get(name)
    text = lookup_id(value)
    return "" if text is None else text.lower()


def _number(record: ZohoRecord) -> int:
    return int(record.id)


# --- whole readings ----------------------------------------------------------


@frozen
class _Reading:
    """What is read upwards by id, within some limits."""

    config: ZohoConfig
    module: str
    names: tuple[str, ...]
    where: Condition | None
    limits: QueryLimits
    learned: Learned

    def all(self, size: int) -> Call[tuple[ZohoRecord, ...]]:
        """Read all records, so many rows at a time."""
        found: list[ZohoRecord] = []
        above: str | None = "0"
        while above is not None:
            page = yield from self.page(above, size)
            found.extend(page.records)
            above = page.next_id
        return tuple(found)

    def page(self, above: str, size: int) -> Call[QueryPage]:
        """Read the first records above an id."""
        groups = self._groups()
        first, at = yield from self._ask(groups[0], greater("id", above), size)
        rows = first.rows
        if not rows:
            return QueryPage((), has_more=False, server_time=at)
        last = _last_id(rows, above, self.module)
        if len(groups) > 1:
            others = yield from gather(
                [self._range(group, above, last, size) for group in groups[1:]],
                self.config.limits.max_in_flight,
            )
            rows = tuple(_whole(rows, others))
        records = read_records(self.module, rows)
        return QueryPage(records, first.has_more, at, last if first.has_more else None)

    def _range(
        self, names: Sequence[str], above: str, last: str, size: int
    ) -> Call[Mapping[str, Json]]:
        """Read further fields of the records up to an id."""
        found: dict[str, Json] = {}
        while int(above) < int(last):
            span = between("id", str(int(above) + 1), last)
            part, _ = yield from self._ask(names, span, size)
            found.update((str(row.get("id")), row) for row in part.rows)
            if not part.has_more or not part.rows:
                break
            above = _last_id(part.rows, above, self.module)
        return found

    def _ask(
        self, names: Sequence[str], span: Condition, size: int
    ) -> Call[tuple[Listing, datetime | None]]:
        where = span if self.where is None else self.where & span
        select = Select(self.module, names, where=where, order_by=["id"], limit=size)
        return (yield from _asked(self.config, select, self.learned))

    def _groups(self) -> tuple[tuple[str, ...], ...]:
        """Part the names so that each group fits with the id."""
        names = [name for name in dict.fromkeys(self.names) if name != "id"]
        size = self.limits.fields - 1
        if len(names) <= size:
            return (tuple(names) or ("id",),)
        others = [name for name in names if name != _TIME]
        return tuple((*part, _TIME) for part in cut(others, size - 1))


def _last_id(rows: _Rows, above: str, module: str) -> str:
    """Give the id to go on above.

    Raises:
        MalformedReplyError: the ids do not rise, so that rows would be lost.
    """
    ids = [row.get("id") for row in rows]
    texts = [text for text in ids if isinstance(text, str) and text.isdecimal()]
    numbers = [int(above), *map(int, texts)]
    if len(texts) < len(ids) or not all(a < b for a, b in pairwise(numbers)):
        raise MalformedReplyError(
            f"{module} query: the rows do not come in the order of their ids",
            service=ZOHO,
        )
    return texts[-1]


def _whole(rows: _Rows, others: Iterable[Mapping[str, Json]]) -> Iterable[Json]:
    """Make whole records; what one group lacks has gone away meanwhile."""
    groups = tuple(others)
    for row in rows:
        parts = [row, *(group.get(str(row["id"]), {}) for group in groups)]
        if all(parts):
            yield joined(parts)


# --- questions ---------------------------------------------------------------


def _within_limits(learned: Learned, ask: Callable[[QueryLimits], Call[T]]) -> Call[T]:
    """Ask within the limits that are known; where those are refused, small."""
    limits = learned.limits
    try:
        return (yield from ask(limits))
    except RefusedError as error:
        if error.code != "LIMIT_EXCEEDED" or limits == SMALL:
            raise
    found = yield from ask(SMALL)
    learned.limits = SMALL
    return found


def _holding(module: str, field: str, texts: Iterable[str]) -> Select:
    """Make a question that holds a backslash where one of the texts does."""
    text = next((text for text in texts if "\\" in text), "")
    return Select(module, ["id"], where=equals(field, text), limit=1)


def _asked(
    config: ZohoConfig, select: Select, learned: Learned
) -> Call[tuple[Listing, datetime | None]]:
    backslash = yield from _meaning(config, select, learned)
    reply = yield from _sent(config, select, backslash)
    return listing_of(reply, "data", f"{select.module} query"), reply.date


def _meaning(
    config: ZohoConfig, select: Select, learned: Learned
) -> Call[Backslash | None]:
    """Give what a backslash means, where the question holds one.

    Zoho is asked once for a text that is nothing but a backslash: that is a
    whole question where it stands for itself, and none where it escapes the
    quote behind it. Costs 0 or 1 requests.
    """
    name = select.field_with_backslash
    if name is not None and learned.backslash is None:
        probe = Select(select.module, ["id"], where=equals(name, "\\"), limit=1)
        try:
            reply = yield from _sent(config, probe, Backslash.PLAIN)
            listing_of(reply, "data", f"{select.module} query")
            learned.backslash = Backslash.PLAIN
        except RefusedError as error:
            if error.code != "SYNTAX_ERROR":
                raise
            learned.backslash = Backslash.ESCAPES
    return learned.backslash


def _sent(
    config: ZohoConfig, select: Select, backslash: Backslash | None
) -> Call[Reply]:
    request = Request(
        ZOHO,
        "POST",
        f"{API}/coql",
        name=f"{select.module} query",
        json={"select_query": select.text(backslash)},
        credits=of_query(select.limit),
        is_complex=True,
    )
    return (yield from authorised(request, config, is_repeatable=True))
