"""The writing endpoints of the fake SALESmanago.

Floor 9.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from crmbridge.testing._salesmanago.book import Book, CardChange, RefusalError
from crmbridge.testing._salesmanago.cards import Card
from crmbridge.testing._salesmanago.parts import (
    Answer,
    Body,
    Endpoint,
    Payload,
    texts,
)
from crmbridge.testing._salesmanago.upsert import Change, set_consent

__all__ = ["WRITES"]


def _unowned(answer: Answer) -> Endpoint:
    return Endpoint(answer, needs_owner=False, is_write=True)


def _addressee(book: Book, body: Body) -> Card:
    contact_id, email = body.get("contactId"), body.get("email")
    card = book.by_id(str(contact_id)) if contact_id else book.by_email(str(email))
    if card is None:
        raise RefusalError("Contact does not exist")
    return card


def _consent(mail: Change, phone: Change) -> Answer:
    def answer(book: Book, body: Body) -> Payload:
        card = _addressee(book, body)
        _change_consent(book, card, mail, phone)
        return {"contactId": card.id}

    return answer


def _batch_consent(mail: Change) -> Answer:
    def answer(book: Book, body: Body) -> Payload:
        found = {email: book.by_email(email) for email in texts(body, "emails")}
        known = {email: card for email, card in found.items() if card is not None}
        for card in known.values():
            _change_consent(book, card, mail, "keep")
        is_lower = book.switches.map_keys == "lower"
        return {
            "contactIds": {
                email.lower() if is_lower else email: card.id
                for email, card in known.items()
            }
        }

    return answer


def _change_consent(book: Book, card: Card, mail: Change, phone: Change) -> None:
    book.about_to_change(card)
    before = book.marks(card)
    set_consent(book, card, mail, phone, is_double_opt_in=False)
    book.note_change(card, before)
    book.tell(CardChange(card, before, by_api=True))
    book.contacts_written += 1


def _set_main_owner(book: Book, body: Body) -> Payload:
    card = book.by_email(str(body.get("contact")))
    if card is None:
        raise RefusalError("Contact does not exist", "contact")
    if body.get("newOwner") not in book.users:
        raise RefusalError("New owner does not exist", "newOwner")
    if book.switches.needs_present_owner and card.owner != body["owner"]:
        raise RefusalError("Owner is not the main owner", "owner")
    book.about_to_change(card)
    before = book.marks(card)
    card.owner = str(body["newOwner"])
    book.note_change(card, before)
    book.tell(CardChange(card, before, by_api=True))
    book.contacts_written += 1
    return {}


WRITES: Final[Mapping[str, Endpoint]] = MappingProxyType(
    {
        "/api/contact/optin": _unowned(_consent("in", "keep")),
        "/api/contact/optout": _unowned(_consent("out", "keep")),
        "/api/contact/phoneoptin": _unowned(_consent("keep", "in")),
        "/api/contact/phoneoptout": _unowned(_consent("keep", "out")),
        "/api/contact/batchoptin": Endpoint(_batch_consent("in"), is_write=True),
        "/api/contact/batchoptout": Endpoint(_batch_consent("out"), is_write=True),
        "/api/contact/setMainOwner": Endpoint(_set_main_owner, is_write=True),
    }
)
"""What this part of the fake answers, by path."""
