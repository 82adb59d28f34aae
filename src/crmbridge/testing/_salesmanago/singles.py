"""One contact of the fake SALESmanago: upsert, insert and update.

Floor 9.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from crmbridge.testing._salesmanago.book import Book, RefusalError
from crmbridge.testing._salesmanago.cards import Card
from crmbridge.testing._salesmanago.parts import Body, Endpoint, Payload
from crmbridge.testing._salesmanago.upsert import Options, as_object, upsert

__all__ = ["SINGLES", "options_of"]


def options_of(book: Book, body: Body, *, fires_events: bool = True) -> Options:
    """Read how the contacts of a body are written."""
    switches = book.switches
    is_double = body.get("useApiDoubleOptIn", switches.is_double_opt_in_default)
    lag_seconds = switches.async_seconds if body.get("async") else 0.0
    return Options(str(body["owner"]), bool(is_double), lag_seconds, fires_events)


def _written(book: Book, details: Mapping[str, Any], body: Body) -> Payload:
    card = upsert(book, details, options_of(book, body))
    return {"contactId": card.id, "externalId": card.texts["externalId"]}


def _upsert(book: Book, body: Body) -> Payload:
    return _written(book, body, body)


def _insert(book: Book, body: Body) -> Payload:
    contact = as_object(body.get("contact"), "contact")
    is_there = book.by_email(str(contact.get("email"))) is not None
    if is_there and book.switches.insert_existing == "reject":
        raise RefusalError("Contact already exists", "email")
    return _written(book, body, body)


def _update(book: Book, body: Body) -> Payload:
    contact = as_object(body.get("contact", {}), "contact")
    card = _named(book, body)
    if card is not None:
        named = {"contact": {**contact, "email": card.email}}
        return _written(book, {**body, **named}, body)
    if book.switches.update_missing == "reject" or not body.get("email"):
        raise RefusalError("Contact does not exist", "contactId")
    if book.switches.update_missing == "ignore":
        return {"contactId": None, "externalId": None}
    return _written(
        book, {**body, "contact": {**contact, "email": body["email"]}}, body
    )


def _named(book: Book, body: Body) -> Card | None:
    contact_id = body.get("contactId")
    if contact_id:
        return book.by_id(str(contact_id))
    return book.by_email(str(body.get("email")))


SINGLES: Final[Mapping[str, Endpoint]] = MappingProxyType(
    {
        "/api/contact/upsert": Endpoint(_upsert, is_write=True),
        "/api/contact/insert": Endpoint(_insert, is_write=True),
        "/api/contact/update": Endpoint(_update, is_write=True),
    }
)
"""What this part of the fake answers, by path."""
