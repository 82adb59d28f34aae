"""The exports of the fake SALESmanago, and the status of its jobs.

Floor 9.
A file holds what there was when its job was started.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from types import MappingProxyType
from typing import Any, Final, TypeAlias, cast

from crmbridge.testing._salesmanago.book import Book, RefusalError
from crmbridge.testing._salesmanago.cards import Card, in_basic, in_list
from crmbridge.testing._salesmanago.dressing import consents_of, dictionary_of
from crmbridge.testing._salesmanago.parts import Body, Endpoint, Payload, array, number

__all__ = ["EXPORTS"]

Part: TypeAlias = Callable[[Card], Any]

_PAGE_LIMIT: Final = 1000


def _page(book: Book, body: Body) -> Payload:
    page, size = number(body, "page"), number(body, "size")
    if not 1 <= size <= _PAGE_LIMIT:
        raise RefusalError("Size is out of range", "size")
    if page < 1:
        raise RefusalError("Page is out of range", "page")
    start = (page - 1) * size
    rows = [_entry(card) for card in islice(_exported(book, body), start, start + size)]
    is_null = not rows and book.switches.empty_export == "null"
    return _started(book, {"contacts": None if is_null else rows})


def _entry(card: Card) -> Payload:
    return {
        "success": True,
        "email": card.email,
        "exists": True,
        "id": card.id,
        "name": card.texts["name"],
        "country": card.address["country"],
        "phone": card.texts["phone"],
    }


def _exported(book: Book, body: Body) -> Iterator[Card]:
    """Give the cards that exports of a user hold, oldest first, one by one."""
    switches, owner = book.switches, body["owner"]
    holds_deleted, holds_out = switches.exports_deleted, switches.exports_opted_out
    return (
        card
        for card in book.as_read()
        if (holds_deleted or not card.is_deleted)
        and (holds_out or not card.is_opted_out)
        and book.is_seen_by(card, owner)
    )


def _data(book: Book, body: Body) -> Payload:
    wanted = [_text(row, "dataType") for row in array(body, "data")]
    if not wanted or not set(wanted) <= _PARTS.keys():
        raise RefusalError("Data type is not known", "data")
    asked = [
        (_text(row, "addresseeType"), _text(row, "value"))
        for row in array(body, "contacts")
    ]
    if not asked or not {kind for kind, _ in asked} <= _KINDS:
        raise RefusalError("Addressee type is not known", "contacts")
    cards = (card for card in _exported(book, body) if _is_meant(book, card, asked))
    return _started(book, [{card.id: _parts(book, card, wanted)} for card in cards])


def _text(row: object, name: str) -> str:
    return str(cast("dict[str, Any]", row).get(name)) if isinstance(row, dict) else ""


_KINDS: Final = frozenset({"tag", "email", "contactId", "funnel", "segment"})


def _is_meant(book: Book, card: Card, asked: list[tuple[str, str]]) -> bool:
    """Tell whether a card is asked for; the fake has no funnels and no segments."""
    return any(
        (kind == "tag" and value in card.tags)
        or (kind == "email" and book.key(value) == book.key(card.email))
        or (kind == "contactId" and value == card.id)
        for kind, value in asked
    )


def _parts(book: Book, card: Card, wanted: list[str]) -> Payload:
    """Give the parts of a card; those not wanted, and empty ones, are null."""
    no_rows: list[Any] | None = [] if book.switches.empty_parts == "empty" else None
    names = _KEYS[book.switches.part_keys]
    return {
        names[kind]: (part(card) or no_rows) if kind in wanted else None
        for kind, part in _PARTS.items()
    }


def _nothing(_: Card) -> list[Any]:
    return []


_PARTS: Final[Mapping[str, Part]] = {
    "CONTACT": in_basic,
    "TAG": lambda card: in_list(card)["contactTags"],
    "EXT_EVENT": _nothing,
    "VISITS": _nothing,
    "EMAILS": _nothing,
    "FUNNELS": _nothing,
    "NOTES": lambda card: [{"note": note, "priv": own} for note, own in card.notes],
    "TASKS": _nothing,
    "COUPONS": _nothing,
    "SMS": _nothing,
    "CONSENTS": consents_of,
    "PROPERTIES": lambda card: in_list(card)["properties"],
    "DICTIONARY_PROPERTIES": dictionary_of,
}
_SEEN_KEYS: Final = {
    "CONTACT": "contactData",
    "TAG": "tagData",
    "PROPERTIES": "contactPropertiesData",
}
_WORDS: Final = {
    "EXT_EVENT": "ExtEvent",
    "VISITS": "Visits",
    "EMAILS": "Emails",
    "FUNNELS": "Funnels",
    "NOTES": "Notes",
    "TASKS": "Tasks",
    "COUPONS": "Coupons",
    "SMS": "Sms",
    "CONSENTS": "Consents",
    "DICTIONARY_PROPERTIES": "DictionaryProperties",
}
_KEYS: Final[Mapping[str, Mapping[str, str]]] = {
    "plain": {
        **_SEEN_KEYS,
        **{kind: f"{word[0].lower()}{word[1:]}Data" for kind, word in _WORDS.items()},
    },
    "contact": {
        **_SEEN_KEYS,
        **{kind: f"contact{word}Data" for kind, word in _WORDS.items()},
    },
}


def _started(book: Book, content: Any) -> Payload:
    text = json.dumps(content, ensure_ascii=book.switches.is_export_escaped)
    return {"requestId": book.jobs.start(text.encode())}


def _status(book: Book, body: Body) -> Payload:
    return book.jobs.status(body.get("requestId"), book.switches, book.base_url)


EXPORTS: Final[Mapping[str, Endpoint]] = MappingProxyType(
    {
        "/api/contact/paginatedContactList/export": Endpoint(_page),
        "/api/contact/export/data": Endpoint(_data),
        "/api/job/status": Endpoint(_status),
    }
)
"""What this part of the fake answers, by path."""
