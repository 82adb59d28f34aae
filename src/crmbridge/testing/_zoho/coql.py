"""The questions in COQL that the fake Zoho answers.

Floor 9.
Source: Zoho CRM API v7 and v8, the pages on COQL and their example sheets; "Kaizen
#80" and "#81" for the operators of each type.
Unverified: that an empty field never answers a comparison, and that ``LIMIT`` and
``OFFSET`` beyond the wall are refused at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, cast

from attrs import frozen

from crmbridge.testing._zoho.answers import Json, Refused
from crmbridge.testing._zoho.book import Book
from crmbridge.testing._zoho.coql_columns import Column, column, matcher
from crmbridge.testing._zoho.coql_grammar import Asking, Both, Test, Where, parse
from crmbridge.testing._zoho.fields import MODULES
from crmbridge.testing._zoho.granted import check_reading
from crmbridge.testing._zoho.rights import check_rights
from crmbridge.testing._zoho.routes import API, Answer, Asked, Route
from crmbridge.testing._zoho.shelf import Record
from crmbridge.zoho.credits import of_query

__all__ = ["Queries"]

_MAX_ORDER: Final = 10
_SMALL_WALL: Final = 10_000
_GREATEST_ID: Final = 10**19


@frozen
class _Limits:
    rows: int
    fields: int
    values: int


_LIMITS: Final = {"large": _Limits(2000, 500, 100), "small": _Limits(200, 50, 50)}


class Queries:
    """Reads questions and answers them from the book."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def routes(self) -> Iterator[Route]:
        """Name the addresses of this part."""
        yield Route(
            "POST",
            f"{API}/coql",
            "coql",
            self._coql,
            scope="coql",
            credits=self._credits,
            is_complex=True,
        )

    def _credits(self, asked: Asked) -> int:
        try:
            return of_query(self._read(asked).limit)
        except Refused:
            return 1

    def _read(self, asked: Asked) -> Asking:
        body = cast("object", asked.body)
        text = (
            cast("Json", body).get("select_query") if isinstance(body, dict) else None
        )
        if not isinstance(text, str):
            raise Refused(
                400,
                "MANDATORY_NOT_FOUND",
                "mandatory key not found",
                {"api_name": "select_query"},
            )
        return parse(text, self._book.switches.coql_escapes)

    def _coql(self, asked: Asked) -> Answer:
        question = self._read(asked)
        check_reading(asked, question.module)
        self._check_module(question.module)
        self._check_limits(question)
        columns = [column(self._book, question.module, n) for n in question.names]
        rows = self._rows(question)
        found = list(islice(rows, question.offset, question.offset + question.limit))
        if not found:
            return 204, None
        has_more = next(rows, None) is not None
        return 200, {
            "data": [self._show(record, columns) for record in found],
            "info": {"count": len(found), "more_records": has_more},
        }

    def _show(self, record: Record, columns: Iterable[Column]) -> Json:
        row = {column.name: column.show(record) for column in columns}
        if self._book.switches.coql_shows_id:
            row["id"] = record.id
        return row

    # --- rows ---

    def _rows(self, question: Asking) -> Iterator[Record]:
        fits = matcher(self._book, question.module, question.where)
        is_descending = question.order == (("id", True),)
        shows_all = self._book.switches.coql_shows_converted
        rows = (
            record
            for record in self._candidates(question, is_descending=is_descending)
            if not record.is_hidden
            and (shows_all or record.converted is None)
            and fits(record)
        )
        if is_descending or not question.order or question.order == (("id", False),):
            return rows
        return iter(self._sorted(rows, question))

    def _candidates(self, question: Asking, *, is_descending: bool) -> Iterable[Record]:
        """Give what may fit, by id; of a big module not all, where that is easy."""
        for test in _needed(question.where):
            if test.operator in {"=", "in"}:
                found = self._book.holding(question.module, test.name, test.values)
                if found is not None:
                    return reversed(found) if is_descending else found
        least, greatest = _id_bounds(question.where)
        beyond = greatest + 1 if is_descending else least - 1
        shelf = self._book.modules[question.module]
        return shelf.walk("id", is_descending=is_descending, beyond=beyond)

    def _sorted(self, rows: Iterable[Record], question: Asking) -> Sequence[Record]:
        found = list(rows)
        for name, is_descending in reversed(question.order):
            key = _sort_key(column(self._book, question.module, name))
            found.sort(key=key, reverse=is_descending)
        return found

    # --- checks ---

    def _check_module(self, module: str) -> None:
        if module not in MODULES:
            message = "the given module is not supported in api"
            raise Refused(400, "INVALID_MODULE", message)
        check_rights(module, self._book.switches)

    def _check_limits(self, question: Asking) -> None:
        switches = self._book.switches
        limits = _LIMITS[switches.coql_limits]
        wall = switches.coql_wall
        if switches.coql_limits == "small":
            wall = min(wall, _SMALL_WALL)
        _at_most(question.limit, limits.rows, "limit")
        _at_most(question.offset + question.limit, wall, "offset")
        _at_most(len(question.names), limits.fields, "select")
        _at_most(len(question.order), _MAX_ORDER, "order by")
        for test in _tests(question.where):
            if test.operator.endswith("in"):
                _at_most(len(test.values), limits.values, "in")
        _check_unique(question.names, "duplicate select column")
        _check_unique([name for name, _ in question.order], "duplicate order column")


def _at_most(count: int, most: int, clause: str) -> None:
    if count > most:
        raise Refused(
            400,
            "LIMIT_EXCEEDED",
            f"the limit of the {clause} clause is exceeded",
            {"limit": most, "clause": clause},
        )


def _check_unique(names: Sequence[str], message: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise Refused(400, "DUPLICATE_DATA", message, {"column_name": name})
        seen.add(name)


def _tests(where: Where) -> Iterator[Test]:
    if isinstance(where, Test):
        yield where
    else:
        yield from _tests(where.left)
        yield from _tests(where.right)


def _needed(where: Where) -> Iterator[Test]:
    """Give the comparisons that all that fits must pass."""
    if isinstance(where, Test):
        yield where
    elif where.word == "and":
        yield from _needed(where.left)
        yield from _needed(where.right)


def _id_bounds(where: Where) -> tuple[int, int]:
    """Give the ids between which all that fits must lie; no others are looked at."""
    if isinstance(where, Both):
        left, right = _id_bounds(where.left), _id_bounds(where.right)
        if where.word == "or":
            return min(left[0], right[0]), max(left[1], right[1])
        return max(left[0], right[0]), min(left[1], right[1])
    text = str(where.values[0]) if where.name == "id" and where.values else ""
    if not text.isdecimal():
        return 0, _GREATEST_ID
    number = int(text)
    bounds = {
        ">": (number + 1, _GREATEST_ID),
        ">=": (number, _GREATEST_ID),
        "=": (number, number),
        "<=": (0, number),
        "<": (0, number - 1),
    }
    return bounds.get(where.operator, (0, _GREATEST_ID))


def _sort_key(column: Column) -> Callable[[Record], Any]:
    def key(record: Record) -> tuple[bool, Any]:
        value = column.value(record)
        return value is not None, 0 if value is None else value

    return key
