"""The reading endpoints of the fake Zoho: lists, and records by their ids.

Floor 9.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from crmbridge.testing._zoho.answers import Refused
from crmbridge.testing._zoho.book import Book
from crmbridge.testing._zoho.listing import Lists, is_visible
from crmbridge.testing._zoho.params import field_names
from crmbridge.testing._zoho.routes import API, Answer, Asked, Route

__all__ = ["Reads"]

_MAX_IDS: Final = 100
_VIEW_CREDITS: Final = 3


class Reads:
    """Answers reads of records, from a list or by id.

    Attributes:
        lists: the lists of all modules.
    """

    def __init__(self, book: Book) -> None:
        self._book = book
        self.lists = Lists(book)

    def routes(self) -> Iterator[Route]:
        """Name the addresses of this part."""
        yield Route("GET", f"{API}/{{module}}/{{id}}", "one", self._one)
        yield Route(
            "GET",
            f"{API}/{{module}}",
            "list",
            lambda asked: (
                self._some(asked) if "ids" in asked.query else self.lists.page(asked)
            ),
            credits=lambda asked: _VIEW_CREDITS if "cvid" in asked.query else 1,
            is_complex=lambda asked: not {"cvid", "sort_by"}.isdisjoint(asked.query),
        )

    def _one(self, asked: Asked) -> Answer:
        """Answer one record, whole unless fields are named."""
        return self._by_ids(asked, [asked.id or ""])

    def _some(self, asked: Asked) -> Answer:
        ids = asked.query["ids"].split(",")
        if len(ids) > _MAX_IDS:
            raise Refused(
                400, "LIMIT_EXCEEDED", "more ids than allowed", {"limit": _MAX_IDS}
            )
        return self._by_ids(asked, ids)

    def _by_ids(self, asked: Asked, ids: Sequence[str]) -> Answer:
        names = field_names(self._book, asked.query)
        keep = is_visible(asked.query)
        found = [self._book.modules[asked.module].get(record_id) for record_id in ids]
        if None in found and self._book.switches.unknown_ids == "refuse":
            raise Refused(
                400, "INVALID_DATA", "the id given seems to be invalid", {"id": ids[0]}
            )
        shown = [record for record in found if record is not None and keep(record)]
        if not shown:
            return 204, None
        return 200, {"data": self._book.show_all(shown, names)}
