"""The change feeds of the fake SALESmanago.

Floor 9.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from crmbridge.testing._salesmanago.book import Book, RefusalError
from crmbridge.testing._salesmanago.cards import Card
from crmbridge.testing._salesmanago.parts import Body, Endpoint, Payload, number
from crmbridge.testing._salesmanago.switches import SalesmanagoSwitches
from crmbridge.testing._salesmanago.timeline import EVERYBODY, Kind

__all__ = ["FEEDS"]

_PAGE_LIMIT: Final = 1000
_MOST_LISTINGS: Final = 100


def _feed(book: Book, body: Body, kind: Kind) -> Sequence[str]:
    """Give the ids in a window, in the order of the feed."""
    switches, owner = book.switches, str(body["owner"])
    start = number(body, "from") + (not switches.is_start_inclusive)
    end = number(body, "to") - (not switches.is_end_inclusive)
    someone = EVERYBODY if owner in switches.sees_all else owner
    if book.is_lagging:
        ids = _lagging(book, kind, owner, start, end)
    else:
        ids = [place[2] for place in book.timeline.window(kind, someone, start, end)]
        if not _shows_everybody(switches, kind):
            ids = [one for one in ids if _is_in(book, book.shown_by_id(one), kind)]
    return ids[::-1] if switches.feed_order == "newest" else ids


def _lagging(book: Book, kind: Kind, owner: str, start: int, end: int) -> list[str]:
    """Look at every card as reads show it now, which need not be as it is."""
    rows = [
        (card.created_ms if kind == "created" else card.modified_ms, card.id)
        for card in book.shown()
        if book.is_seen_by(card, owner) and _is_in(book, card, kind)
    ]
    rows.sort(key=lambda row: row[0])
    return [card_id for at, card_id in rows if start <= at <= end]


def _shows_everybody(switches: SalesmanagoSwitches, kind: Kind) -> bool:
    return (
        switches.shows_opted_out
        and switches.shows_deleted
        and (kind == "created" or switches.shows_created_as_modified)
    )


def _is_in(book: Book, card: Card | None, kind: Kind) -> bool:
    if card is None:
        return False
    is_just_made = kind == "modified" and card.modified_ms == card.created_ms
    return (book.switches.shows_opted_out or not card.is_opted_out) and (
        book.switches.shows_created_as_modified or not is_just_made
    )


def _rows(book: Book, ids: Sequence[str]) -> list[Payload]:
    cards = (book.shown_by_id(card_id) for card_id in ids)
    return [{"id": card.id, "email": card.email} for card in cards if card]


def _created(book: Book, body: Body) -> Payload:
    return {"createdContacts": _rows(book, _feed(book, body, "created"))}


def _modified(book: Book, body: Body) -> Payload:
    return {"modifiedContacts": _rows(book, _feed(book, body, "modified"))}


def _modified_page(book: Book, body: Body) -> Payload:
    page, size = number(body, "page"), number(body, "size")
    if not 1 <= size <= _PAGE_LIMIT:
        raise RefusalError("Size is out of range", "size")
    if page < 1 and (page < 0 or book.switches.page_zero == "refuse"):
        raise RefusalError("Page is out of range", "page")
    page = max(page, 1)
    ids = _listing(book, body, page)
    part = ids[(page - 1) * size : page * size]
    return {"modifiedContacts": _rows(book, part), "hasMore": len(ids) > page * size}


def _listing(book: Book, body: Body, page: int) -> Sequence[str]:
    """Give what pages are cut from: as it is now, or as it was at page 1."""
    if book.switches.pages == "live":
        return _feed(book, body, "modified")
    key = (str(body["owner"]), number(body, "from"), number(body, "to"))
    if page == 1 or key not in book.listings:
        book.listings[key] = _feed(book, body, "modified")
        if len(book.listings) > _MOST_LISTINGS:
            del book.listings[next(iter(book.listings))]
    return book.listings[key]


FEEDS: Final[Mapping[str, Endpoint]] = MappingProxyType(
    {
        "/api/contact/createdContacts": Endpoint(_created),
        "/api/contact/modifiedContacts": Endpoint(_modified),
        "/api/contact/paginatedModifiedContacts": Endpoint(_modified_page),
    }
)
"""What this part of the fake answers, by path."""
