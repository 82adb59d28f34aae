"""The reading endpoints of the fake SALESmanago.

Floor 9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from crmbridge.testing._salesmanago.book import Book, RefusalError
from crmbridge.testing._salesmanago.cards import Card, in_basic, in_list
from crmbridge.testing._salesmanago.dressing import dressed
from crmbridge.testing._salesmanago.parts import Answer, Body, Endpoint, Payload, texts

__all__ = ["READS"]

_LIST_LIMIT: Final = 50


def _users(book: Book, _: Body) -> Payload:
    is_whole = book.switches.lists_deactivated
    users = [one for one in book.users if is_whole or one not in book.deactivated]
    return {"users": users}


def _has_contact(book: Book, body: Body) -> Payload:
    card = _found(book, str(body.get("email")))
    return {"result": card is not None, "contactId": card.id if card else None}


def _found(book: Book, email: str) -> Card | None:
    shown, kept = book.shown_by_email(email), book.by_email(email)
    if book.switches.finds_deleted == "never" and shown is not None:
        return None if shown.is_deleted else shown
    is_hidden = shown is None and kept is not None and kept.is_deleted
    return kept if is_hidden and book.switches.finds_deleted == "always" else shown


def _by_email(show: Callable[[Card], Payload], *, is_bound: bool) -> Answer:
    def answer(book: Book, body: Body) -> Payload:
        emails = _within(_LIST_LIMIT, book, texts(body, "email"), "email")
        owner = body["owner"] if is_bound else None
        return _contacts(book, map(book.shown_by_email, emails), show, owner)

    return answer


def _by_id(name: str, show: Callable[[Card], Payload], *, is_bound: bool) -> Answer:
    def answer(book: Book, body: Body) -> Payload:
        ids = _within(_LIST_LIMIT, book, texts(body, name), name)
        owner = body["owner"] if is_bound else None
        return _contacts(book, map(book.shown_by_id, ids), show, owner)

    return answer


def _basic(book: Book, body: Body) -> Payload:
    emails = _within(book.switches.longest_basic, book, texts(body, "email"), "email")
    cards = map(book.shown_by_email, emails)
    return _contacts(book, cards, in_basic, _basic_owner(book, body))


def _basic_by_id(book: Book, body: Body) -> Payload:
    ids = _within(book.switches.longest_basic, book, texts(body, "id"), "id")
    cards = map(book.shown_by_id, ids)
    return _contacts(book, cards, in_basic, _basic_owner(book, body))


def _basic_owner(book: Book, body: Body) -> object:
    return body["owner"] if book.switches.is_basic_bound else None


def _within(
    limit: int | None, book: Book, asked: tuple[str, ...], name: str
) -> tuple[str, ...]:
    if limit is None or len(asked) <= limit:
        return asked
    if book.switches.long_lists == "reject":
        raise RefusalError("Too many contacts in one request", name)
    return asked[:limit]


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
    return {"contacts": [dressed(book.switches, card, show(card)) for card in visible]}


READS: Final[Mapping[str, Endpoint]] = MappingProxyType(
    {
        "/api/contact/hasContact": Endpoint(_has_contact),
        "/api/contact/basic": Endpoint(_basic),
        "/api/contact/basicById": Endpoint(_basic_by_id),
        "/api/contact/list": Endpoint(_by_email(in_list, is_bound=True)),
        "/api/contact/listById": Endpoint(_by_id("contactId", in_list, is_bound=True)),
        "/api/contact/listAll": Endpoint(_by_email(in_list, is_bound=False)),
        "/api/contact/listAllById": Endpoint(
            _by_id("contactId", in_list, is_bound=False)
        ),
        "/api/user/listByClient": Endpoint(_users, needs_owner=False),
    }
)
"""What this part of the fake answers, by path."""
