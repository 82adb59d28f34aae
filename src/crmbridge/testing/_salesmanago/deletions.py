"""The deleting endpoints of the fake SALESmanago.

Floor 9.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from crmbridge.testing._salesmanago.book import Book, RefusalError
from crmbridge.testing._salesmanago.cards import Card, normal_tag
from crmbridge.testing._salesmanago.parts import Body, Endpoint, Payload, array
from crmbridge.testing._salesmanago.upsert import as_object

__all__ = ["DELETIONS"]


def _delete(book: Book, body: Body) -> Payload:
    card = book.by_email(str(body.get("email")))
    if card is None:
        raise RefusalError("Contact does not exist", "email")
    _remove(book, card, is_permanent=bool(body.get("permanently")))
    return _result(book)


def _batch_delete(book: Book, body: Body) -> Payload:
    found: dict[str, Card] = {}
    for row in array(body, "contacts"):
        for card in _addressees(book, as_object(row, "contacts")):
            found[card.id] = card
    for card in found.values():
        _remove(book, card, is_permanent=book.switches.batch_delete == "permanent")
    return _result(book)


def _addressees(book: Book, row: Mapping[str, Any]) -> list[Card]:
    kind, value = str(row.get("addresseeType")).upper(), str(row.get("value"))
    if kind == "TAG":  # everybody who has it, as the service does
        return [card for card in book if normal_tag(value) in card.tags]
    if kind not in {"EMAIL", "CONTACT_ID"}:
        raise RefusalError("Addressee type is not valid", "addresseeType")
    card = book.by_email(value) if kind == "EMAIL" else book.by_id(value)
    if card is None and book.switches.missing_addressee == "reject":
        raise RefusalError("Contact does not exist", "value")
    return [] if card is None else [card]


def _remove(book: Book, card: Card, *, is_permanent: bool) -> None:
    book.about_to_change(card)
    if is_permanent:
        book.remove(card)
    else:
        book.throw_away(card)
    book.contacts_written += 1


def _result(book: Book) -> Payload:
    is_told = book.switches.delete_answer == "text"
    return {"result": "Contact deleted" if is_told else None}


DELETIONS: Final[Mapping[str, Endpoint]] = MappingProxyType(
    {
        "/api/contact/delete": Endpoint(_delete, is_write=True),
        "/api/contact/batchDelete": Endpoint(
            _batch_delete, needs_owner=False, is_write=True
        ),
    }
)
"""What this part of the fake answers, by path."""
