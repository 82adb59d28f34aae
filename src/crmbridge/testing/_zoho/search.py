"""The search of the fake Zoho: late, and not exact.

Floor 9.
Source: Zoho CRM API v7, "Search Records"; Zoho's OpenAPI files.
Unverified: the order of what is found, here that of a list.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Final

from crmbridge.testing._zoho.answers import Json, Refused
from crmbridge.testing._zoho.book import Book
from crmbridge.testing._zoho.listing import is_visible
from crmbridge.testing._zoho.params import (
    Query,
    field_names,
    invalid_param,
    page_size,
    whole_number,
    word,
)
from crmbridge.testing._zoho.rights import check_rights
from crmbridge.testing._zoho.routes import API, Answer, Asked, Route
from crmbridge.testing._zoho.search_criteria import Found, criteria
from crmbridge.testing._zoho.shelf import Record

__all__ = ["WAYS", "Searches"]

WAYS: Final = ("criteria", "email", "phone", "word")
_LEAST: Final = {"email": 1, "phone": 3, "word": 2}


class Searches:
    """Finds records by what was known of them a while ago."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def routes(self) -> Iterator[Route]:
        """Name the addresses of this part."""
        yield Route(
            "GET",
            f"{API}/{{module}}/search",
            "search",
            self._search,
            scope="search",
            is_complex=True,
        )

    def _search(self, asked: Asked) -> Answer:
        query, book = asked.query, self._book
        check_rights(asked.module, book.switches)
        names = field_names(book, query)
        word(query, "converted", "false", "true", "both")
        size, page = page_size(book, query), whole_number(query, "page", 1)
        wall = book.switches.search_wall
        if page * size > wall:
            raise Refused(
                400,
                "LIMIT_REACHED",
                "maximum response iteration limit reached",
                {"limit": str(wall)},
            )
        found = self.found(asked.module, query)
        shown = list(islice(found, (page - 1) * size, page * size))
        if not shown:
            return 204, None
        info = {
            "per_page": size,
            "count": len(shown),
            "page": page,
            "more_records": next(found, None) is not None,
        }
        return 200, {"data": book.show_all(shown, names), "info": info}

    def found(self, module: str, query: Query) -> Iterator[Record]:
        """Give what a search finds, the newest id first.

        Raises:
            Refused: with the first record, if it cannot be searched so.
        """
        fits, keep = self._way(module, query), is_visible(query)
        lag = timedelta(seconds=self._book.switches.search_lag_seconds)
        since = self._book.now() - lag
        for record in self._book.modules[module].walk("id", is_descending=True):
            if not keep(record):
                continue
            known = self._book.search_index.values(record, since=since)
            if known is not None and fits(record, known):
                yield record

    def _way(self, module: str, query: Query) -> Found:
        table = self._book.tables[module]
        way = next((way for way in WAYS if query.get(way)), None)
        if way is None:
            raise Refused(
                400,
                "EXPECTED_PARAM_MISSING",
                "one of the expected parameter is missing",
                {"param_names": list(WAYS)},
            )
        if way == "criteria":
            return criteria(query[way], table)
        wanted = query[way].casefold()
        if len(wanted) < _LEAST[way]:
            raise invalid_param(way)
        kinds = {way} if way != "word" else {"text", "email", "phone", "textarea"}
        names = [name for name, spec in table.items() if spec.type in kinds]

        def holds(_: Record, known: Json) -> bool:
            return any(wanted in str(known.get(n, "")).casefold() for n in names)

        return holds
