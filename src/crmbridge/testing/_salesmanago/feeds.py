"""The change feeds of the fake SALESmanago.

Floor 9.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from crmbridge.testing._salesmanago.book import Book, RefusalError
from crmbridge.testing._salesmanago.cards import Card
from crmbridge.testing._salesmanago.parts import Body, Endpoint, Payload, number

__all__ = ["FEEDS"]

_PAGE_LIMIT: Final = 1000


def _feed(book: Book, body: Body, *, is_created: bool) -> list[Payload]:
    switches, owner = book.switches, body["owner"]
    start, end = number(body, "from"), number(body, "to")
    end = end if switches.is_end_inclusive else end - 1
    rows: list[tuple[int, Card]] = []
    for card in book.shown():
        at = card.created_ms if is_created else card.modified_ms
        if (
            start <= at <= end
            and book.is_seen_by(card, owner)
            and (switches.shows_opted_out or not card.is_opted_out)
            and (
                is_created
                or switches.shows_created_as_modified
                or card.modified_ms != card.created_ms
            )
        ):
            rows.append((at, card))
    rows.sort(key=lambda row: row[0])
    return [{"id": card.id, "email": card.email} for _, card in rows]


def _created(book: Book, body: Body) -> Payload:
    return {"createdContacts": _feed(book, body, is_created=True)}


def _modified(book: Book, body: Body) -> Payload:
    return {"modifiedContacts": _feed(book, body, is_created=False)}


def _modified_page(book: Book, body: Body) -> Payload:
    page, size = number(body, "page"), number(body, "size")
    if not 1 <= size <= _PAGE_LIMIT:
        raise RefusalError("Size is out of range", "size")
    if page < 1 and (page < 0 or book.switches.page_zero == "refuse"):
        raise RefusalError("Page is out of range", "page")
    rows = _feed(book, body, is_created=False)
    end = max(page, 1) * size
    return {"modifiedContacts": rows[end - size : end], "hasMore": len(rows) > end}


FEEDS: Final[Mapping[str, Endpoint]] = MappingProxyType(
    {
        "/api/contact/createdContacts": Endpoint(_created),
        "/api/contact/modifiedContacts": Endpoint(_modified),
        "/api/contact/paginatedModifiedContacts": Endpoint(_modified_page),
    }
)
"""What this part of the fake answers, by path."""
