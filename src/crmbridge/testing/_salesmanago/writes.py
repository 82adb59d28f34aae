"""The writing endpoints of the fake SALESmanago.

Floor 9.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from crmbridge.testing._salesmanago.book import Book, RefusalError
from crmbridge.testing._salesmanago.cards import Card, is_email
from crmbridge.testing._salesmanago.parts import (
    Answer,
    Body,
    Endpoint,
    Payload,
    array,
    texts,
)
from crmbridge.testing._salesmanago.upsert import Change, as_object, set_consent, upsert

__all__ = ["WRITES"]


def _unowned(answer: Answer) -> Endpoint:
    return Endpoint(answer, needs_owner=False, is_write=True)


def _is_double_opt_in(book: Book, body: Body) -> bool:
    return bool(body.get("useApiDoubleOptIn", book.switches.is_double_opt_in_default))


def _upsert(book: Book, body: Body) -> Payload:
    card = upsert(
        book,
        body,
        owner=str(body["owner"]),
        is_double_opt_in=_is_double_opt_in(book, body),
    )
    return {"contactId": card.id, "externalId": card.texts["externalId"]}


def _batch_upsert(book: Book, body: Body) -> Payload:
    rows = array(body, "upsertDetails")
    if len(rows) > book.switches.longest_batch:
        raise RefusalError("Too many contacts in one batch", "upsertDetails")
    if book.switches.bad_record == "whole":
        _refuse_bad_rows(rows)
    ids: dict[str, str] = {}
    for row in rows:
        try:
            detail = as_object(row, "upsertDetails")
            card = upsert(
                book,
                detail,
                owner=str(body["owner"]),
                is_double_opt_in=_is_double_opt_in(book, body),
            )
        except RefusalError:
            if book.switches.bad_record == "whole":
                raise
            continue
        sent = str(as_object(detail["contact"], "contact").get("email", card.email))
        ids[sent.lower() if book.switches.map_keys == "lower" else sent] = card.id
    return {"contactIds": ids}


def _refuse_bad_rows(rows: list[Any]) -> None:
    """Refuse bad addresses before anything of the batch is applied."""
    for row in rows:
        contact = as_object(as_object(row, "upsertDetails").get("contact"), "contact")
        if not is_email(contact.get("email")):
            raise RefusalError("Email address is not valid", "email")


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
        return {"contactIds": {email: card.id for email, card in known.items()}}

    return answer


def _change_consent(book: Book, card: Card, mail: Change, phone: Change) -> None:
    book.about_to_change(card)
    before = book.marks(card)
    set_consent(book, card, mail, phone, is_double_opt_in=False)
    book.note_change(card, before)
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
    book.contacts_written += 1
    return {}


def _delete(book: Book, body: Body) -> Payload:
    card = book.by_email(str(body.get("email")))
    if card is None:
        raise RefusalError("Contact does not exist", "email")
    book.about_to_change(card)
    if body.get("permanently"):
        book.remove(card)
    else:
        card.is_deleted = True
        book.note_deletion(card)
    book.contacts_written += 1
    is_told = book.switches.delete_answer == "text"
    return {"result": "Contact deleted" if is_told else None}


WRITES: Final[Mapping[str, Endpoint]] = MappingProxyType(
    {
        "/api/contact/upsert": Endpoint(_upsert, is_write=True),
        "/api/contact/batchupsert": Endpoint(_batch_upsert, is_write=True),
        "/api/contact/optin": _unowned(_consent("in", "keep")),
        "/api/contact/optout": _unowned(_consent("out", "keep")),
        "/api/contact/phoneoptin": _unowned(_consent("keep", "in")),
        "/api/contact/phoneoptout": _unowned(_consent("keep", "out")),
        "/api/contact/batchoptin": Endpoint(_batch_consent("in"), is_write=True),
        "/api/contact/batchoptout": Endpoint(_batch_consent("out"), is_write=True),
        "/api/contact/setMainOwner": Endpoint(_set_main_owner, is_write=True),
        "/api/contact/delete": Endpoint(_delete, is_write=True),
    }
)
"""What this part of the fake answers, by path."""
