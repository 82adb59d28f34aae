"""The endpoints of the fake SALESmanago: a book and a body give a payload.

Floor 9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias, TypeGuard

from attrs import frozen

from crmbridge.testing._salesmanago_book import Book, RefusalError
from crmbridge.testing._salesmanago_cards import Card, in_basic, in_list, is_email
from crmbridge.testing._salesmanago_upsert import (
    Change,
    as_object,
    set_consent,
    upsert,
)

__all__ = ["ENDPOINTS", "Endpoint"]

Body: TypeAlias = Mapping[str, Any]
Payload: TypeAlias = dict[str, Any]

_LIST_LIMIT: Final = 50
_PAGE_LIMIT: Final = 1000


@frozen
class Endpoint:
    """One path of the service.

    Attributes:
        answer: gives the payload, or raises `RefusalError`.
        needs_owner: whether a body without a known owner is refused.
        is_write: whether it counts as a write.
    """

    answer: Callable[[Book, Body], Payload]
    needs_owner: bool = True
    is_write: bool = False


def _unowned(answer: Callable[[Book, Body], Payload]) -> Endpoint:
    return Endpoint(answer, needs_owner=False, is_write=True)


# --- writes ---


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
    rows = _array(body, "upsertDetails")
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


def _is_array(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _array(body: Body, name: str) -> list[Any]:
    value: object = body.get(name)
    if not _is_array(value):
        raise RefusalError(f"{name} is not an array", name)
    return value


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


def _consent(mail: Change, phone: Change) -> Callable[[Book, Body], Payload]:
    def answer(book: Book, body: Body) -> Payload:
        card = _addressee(book, body)
        _change_consent(book, card, mail, phone)
        return {"contactId": card.id}

    return answer


def _batch_consent(mail: Change) -> Callable[[Book, Body], Payload]:
    def answer(book: Book, body: Body) -> Payload:
        found = {email: book.by_email(email) for email in _texts(body, "emails")}
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
    book.contacts_written += 1
    is_told = book.switches.delete_answer == "text"
    return {"result": "Contact deleted" if is_told else None}


# --- reads ---


def _users(book: Book, _: Body) -> Payload:
    return {"users": list(book.users)}


def _has_contact(book: Book, body: Body) -> Payload:
    card = book.shown_by_email(str(body.get("email")))
    return {"result": card is not None, "contactId": card.id if card else None}


def _texts(body: Body, name: str) -> tuple[str, ...]:
    return tuple(str(element) for element in _array(body, name))


def _by_email(
    show: Callable[[Card], Payload], *, is_bound: bool
) -> Callable[[Book, Body], Payload]:
    def answer(book: Book, body: Body) -> Payload:
        emails = _within_limit(book, _texts(body, "email"), "email")
        owner = body["owner"] if is_bound else None
        return _contacts(book, map(book.shown_by_email, emails), show, owner)

    return answer


def _by_id(
    name: str, show: Callable[[Card], Payload], *, is_bound: bool
) -> Callable[[Book, Body], Payload]:
    def answer(book: Book, body: Body) -> Payload:
        ids = _within_limit(book, _texts(body, name), name)
        owner = body["owner"] if is_bound else None
        return _contacts(book, map(book.shown_by_id, ids), show, owner)

    return answer


def _within_limit(book: Book, asked: tuple[str, ...], name: str) -> tuple[str, ...]:
    if len(asked) > _LIST_LIMIT and book.switches.long_lists == "reject":
        raise RefusalError("Too many contacts in one request", name)
    return asked[:_LIST_LIMIT]


def _contacts(
    book: Book,
    cards: Iterable[Card | None],
    show: Callable[[Card], Payload],
    owner: object,
) -> Payload:
    found = {card.id: card for card in cards if card is not None}
    visible = [
        card for card in found.values() if owner is None or book.is_seen_by(card, owner)
    ]
    if book.switches.is_shuffled:
        book.random.shuffle(visible)
    return {"contacts": [show(card) for card in visible]}


# --- feeds ---


def _number(body: Body, name: str) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise RefusalError(f"{name} is not a number", name)
    return value


def _feed(book: Book, body: Body, *, is_created: bool) -> list[Payload]:
    switches, owner = book.switches, body["owner"]
    start, end = _number(body, "from"), _number(body, "to")
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
    page, size = _number(body, "page"), _number(body, "size")
    if not 1 <= size <= _PAGE_LIMIT:
        raise RefusalError("Size is out of range", "size")
    if page < 1 and (page < 0 or book.switches.page_zero == "refuse"):
        raise RefusalError("Page is out of range", "page")
    rows = _feed(book, body, is_created=False)
    end = max(page, 1) * size
    return {"modifiedContacts": rows[end - size : end], "hasMore": len(rows) > end}


ENDPOINTS: Final[Mapping[str, Endpoint]] = MappingProxyType(
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
        "/api/contact/hasContact": Endpoint(_has_contact),
        "/api/contact/basic": Endpoint(_by_email(in_basic, is_bound=True)),
        "/api/contact/basicById": Endpoint(_by_id("id", in_basic, is_bound=True)),
        "/api/contact/list": Endpoint(_by_email(in_list, is_bound=True)),
        "/api/contact/listById": Endpoint(_by_id("contactId", in_list, is_bound=True)),
        "/api/contact/listAll": Endpoint(_by_email(in_list, is_bound=False)),
        "/api/contact/listAllById": Endpoint(
            _by_id("contactId", in_list, is_bound=False)
        ),
        "/api/contact/createdContacts": Endpoint(_created),
        "/api/contact/modifiedContacts": Endpoint(_modified),
        "/api/contact/paginatedModifiedContacts": Endpoint(_modified_page),
        "/api/user/listByClient": Endpoint(_users, needs_owner=False),
    }
)
"""What the fake answers, by path."""
