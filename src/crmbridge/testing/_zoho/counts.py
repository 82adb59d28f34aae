"""How many records the fake Zoho counts.

Floor 9.
Source: Zoho's OpenAPI files, "Record Count".
Unverified: that without anything to search by the records themselves are
counted, and otherwise what the search knows of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from crmbridge.testing._zoho.listing import Lists
from crmbridge.testing._zoho.params import ambiguous
from crmbridge.testing._zoho.routes import API, Answer, Asked, Route
from crmbridge.testing._zoho.search import WAYS, Searches

__all__ = ["Counts"]


class Counts:
    """Counts what a list shows or a search finds."""

    def __init__(self, lists: Lists, searches: Searches) -> None:
        self._lists = lists
        self._searches = searches

    def routes(self) -> Iterator[Route]:
        """Name the addresses of this part."""
        path = f"{API}/{{module}}/actions/count"
        yield Route("GET", path, "count", self._count, scope="search")

    def _count(self, asked: Asked) -> Answer:
        ways = [way for way in WAYS if way in asked.query]
        if ways and "cvid" in asked.query:
            raise ambiguous("cvid", ways[0])
        found = (
            self._searches.found(asked.module, asked.query)
            if ways
            else self._lists.listed(asked)
        )
        return 200, {"count": sum(1 for _ in found)}
