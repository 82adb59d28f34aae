"""The list of deleted records of the fake Zoho.

Floor 9.
Source: Zoho CRM API v7, "Get Deleted Records"; how far it can be paged, and in
which order, is not told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from crmbridge.testing._zoho.answers import Json, Refused
from crmbridge.testing._zoho.book import BIN_LIFE, Book, Deleted
from crmbridge.testing._zoho.listing import is_new
from crmbridge.testing._zoho.params import page_size, whole_number
from crmbridge.testing._zoho.routes import API, Answer, Asked, Route

__all__ = ["Deletions"]

_KEPT: Final = {False: BIN_LIFE, True: timedelta(days=120)}
_CREDITS: Final = 2
_KINDS: Final = ("all", "recycle", "permanent")


class Deletions:
    """Lists what was deleted."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def routes(self) -> Iterator[Route]:
        """Name the addresses of this part."""
        path = f"{API}/{{module}}/deleted"
        yield Route("GET", path, "deleted", self.page, credits=_CREDITS)

    def page(self, asked: Asked) -> Answer:
        """Answer one page of deleted records."""
        size = page_size(self._book, asked.query)
        number = whole_number(asked.query, "page", 1)
        rows = self._chosen(asked)
        if not rows and "if-modified-since" in asked.headers and number == 1:
            return self._book.switches.nothing_new_status, None
        wall = self._book.switches.deleted_wall
        if wall is not None and (number - 1) * size >= wall:
            if self._book.switches.deleted_wall_answer == "refuse":
                raise Refused(
                    400,
                    "DISCRETE_PAGINATION_LIMIT_EXCEEDED",
                    f"You can only get the first {wall} records",
                    {"limit": wall},
                )
            return 204, None
        shown = rows[(number - 1) * size : number * size]
        if not shown:
            return 204, None
        info = {
            "per_page": size,
            "count": len(shown),
            "page": number,
            "more_records": number * size < len(rows),
        }
        return 200, {"data": [self._show(item) for item in shown], "info": info}

    def _chosen(self, asked: Asked) -> Sequence[Deleted]:
        kind = asked.query.get("type", "all")
        if kind not in _KINDS:
            raise Refused(
                400,
                "PATTERN_NOT_MATCHED",
                "Please check the type",
                {"param_name": "type"},
            )
        now = self._book.now()
        rows = [
            item
            for item in self._book.deleted[asked.module]
            if now - item.at <= _KEPT[item.is_permanent]
            and kind in {"all", _kind(item)}
        ]
        since = asked.headers.get("if-modified-since")
        if since is not None:
            is_after = is_new(self._book, since)
            rows = [item for item in rows if is_after(item.at)]
        is_newest_first = self._book.switches.deleted_order == "newest"
        return rows[::-1] if is_newest_first else rows

    def _show(self, item: Deleted) -> Json:
        user = self._book.current_user
        person = {"name": user.full_name, "id": user.id}
        return {
            "id": item.id,
            "type": _kind(item),
            "deleted_time": self._book.stamp(item.at),
            "display_name": None if item.is_permanent else item.name,
            "deleted_by": None if item.is_permanent else person,
            "created_by": None if item.is_permanent else person,
        }


def _kind(item: Deleted) -> str:
    return "permanent" if item.is_permanent else "recycle"
