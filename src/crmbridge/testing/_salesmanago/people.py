"""The people of the fake SALESmanago, as its own users edit them.

Floor 9.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from crmbridge.errors import InvalidInputError, NotFoundError
from crmbridge.testing._salesmanago.book import Book, CardChange
from crmbridge.testing._salesmanago.cards import (
    Card,
    birthday_parts,
    in_list,
    normal_tags,
)
from crmbridge.testing._salesmanago.dressing import consents_of, dictionary_of

__all__ = ["SalesmanagoPeople"]

_TEXTS: Final = {
    "name": "name",
    "phone": "phone",
    "fax": "fax",
    "company": "company",
    "external_id": "externalId",
}
_ADDRESS: Final = {
    "street": "streetAddress",
    "postal_code": "zipCode",
    "city": "city",
    "country": "country",
}


class SalesmanagoPeople:
    """Looks at and edits contact cards, as a person does in the web pages.

    Edits here count neither as requests nor as writes of a client.

    The fields are ``name``, ``phone``, ``fax``, ``company``, ``external_id``,
    ``street``, ``postal_code``, ``city``, ``country``, ``province``,
    ``state`` (``"PROSPECT"``, ``"CUSTOMER"``, ...), ``birthday`` (``yyyyMMdd``
    or ``MMdd``), ``owner`` (a user's e-mail), ``opted_out``,
    ``phone_opted_out``, ``score``, ``last_visit_ms``, ``invalid``, ``funnels``
    (the sales stages), ``tags``, ``properties`` and ``email`` for a rename;
    ``None`` empties a field.
    """

    def __init__(self, book: Book, lock: threading.RLock) -> None:
        self._book = book
        self._lock = lock

    def add(
        self, email: str, *, created_at: datetime | None = None, **fields: Any
    ) -> str:
        """Make a contact and return its id.

        Args:
            email: the address.
            created_at: when it is said to have been made; by default now.
            fields: its fields.

        Raises:
            InvalidInputError: the address is taken, or a field is unknown.
        """
        with self._lock:
            if self._book.by_email(email) is not None:
                raise InvalidInputError("the address is taken", field="email")
            card = self._book.add(email, fields.pop("owner", self._book.users[0]))
            card.is_opted_out = card.is_phone_opted_out = False
            _change(self._book, card, fields)
            if created_at is not None:
                card.created_ms = card.modified_ms = int(created_at.timestamp()) * 1000
            self._book.tell(CardChange(card, None))
            return card.id

    def fill(self, count: int, *, every: timedelta = timedelta(minutes=10)) -> None:
        """Add many plain contacts, which takes little time.

        They are called ``filled-1@example.com`` and so on, were made one after
        the other until now, and belong to all users in turn.

        Args:
            count: how many.
            every: how long after one of them the next was made.
        """
        with self._lock:
            users = self._book.users
            now_ms, step_ms = self._book.now_ms(), int(every.total_seconds()) * 1000
            for number in range(1, count + 1):
                owner = users[number % len(users)]
                card = self._book.add(f"filled-{number}@example.com", owner)
                card.is_opted_out = card.is_phone_opted_out = False
                card.created_ms = now_ms - (count - number) * step_ms
                card.modified_ms = card.created_ms

    def deactivate(self, user: str) -> None:
        """Switch a user of the account off; contacts stay the user's.

        Raises:
            NotFoundError: there is no such user.
        """
        with self._lock:
            if user not in self._book.users:
                raise NotFoundError("the fake has no such user")
            self._book.deactivated.add(user)

    def edit(self, email: str, /, **fields: Any) -> None:
        """CardChange fields of a contact.

        Raises:
            NotFoundError: there is no such contact.
            InvalidInputError: a field is unknown.
        """
        with self._lock:
            card = self._card(email)
            self._book.about_to_change(card)
            before = self._book.marks(card)
            _change(self._book, card, fields)
            self._book.note_change(card, before)
            self._book.tell(CardChange(card, before))

    def opt_out(self, email: str) -> None:
        """Let a contact click on the unsubscribe link."""
        self.edit(email, opted_out=True)

    def opt_in(self, email: str) -> None:
        """Give a contact the permission for e-mails."""
        self.edit(email, opted_out=False)

    def confirm(self, email: str) -> None:
        """Let a contact click on the link of a confirmation mail.

        Raises:
            NotFoundError: there is no such contact, or no mail went to it.
        """
        with self._lock:
            if not self._card(email).awaits_confirmation:
                raise NotFoundError("no confirmation mail is waiting for an answer")
            self._card(email).awaits_confirmation = False
            self.edit(email, opted_out=False)

    def delete(self, email: str, *, permanently: bool = False) -> None:
        """Delete a contact, softly by default.

        Raises:
            NotFoundError: there is no such contact.
        """
        with self._lock:
            card = self._card(email)
            self._book.about_to_change(card)
            if permanently:
                self._book.remove(card)
            else:
                self._book.throw_away(card)

    def purge(self) -> None:
        """Remove softly deleted contacts for good, as the service does by night.

        It does so by itself at the ``purge_hour`` of its switches.
        """
        with self._lock:
            for card in [card for card in self._book if card.is_deleted]:
                self._book.remove(card)

    def get(self, email: str) -> Mapping[str, Any]:
        """Give one contact in the form of ``contact/list``, as it is now.

        Raises:
            NotFoundError: there is no such contact.
        """
        with self._lock:
            return in_list(self._card(email))

    def define_consents(self, *names: str) -> None:
        """Make consents that writes may name."""
        with self._lock:
            self._book.consent_names.update(names)

    def consents(self, email: str) -> tuple[Mapping[str, Any], ...]:
        """Give what a contact said to consents, in the form in which it was sent.

        Raises:
            NotFoundError: there is no such contact.
        """
        with self._lock:
            return tuple(consents_of(self._card(email)))

    def dictionary(self, email: str) -> tuple[Mapping[str, Any], ...]:
        """Give the dictionary details of a contact: name, type and value.

        Raises:
            NotFoundError: there is no such contact.
        """
        with self._lock:
            return tuple(dictionary_of(self._card(email)))

    def notes(self, email: str) -> tuple[tuple[str, bool], ...]:
        """Give the notes on a contact, oldest first, and whether each is private.

        Raises:
            NotFoundError: there is no such contact.
        """
        with self._lock:
            return tuple(self._card(email).notes)

    def contacts(self) -> tuple[Mapping[str, Any], ...]:
        """Give all contacts in the form of ``contact/list``, oldest first."""
        with self._lock:
            return tuple(in_list(card) for card in self._book)

    def __len__(self) -> int:
        return sum(1 for _ in self._book)

    def __contains__(self, email: str) -> bool:
        return self._book.by_email(email) is not None

    def _card(self, email: str) -> Card:
        card = self._book.by_email(email)
        if card is None:
            raise NotFoundError("the fake has no contact with this address")
        return card


def _change(book: Book, card: Card, fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        if name in _TEXTS:
            card.texts[_TEXTS[name]] = value
        elif name in _ADDRESS:
            card.address[_ADDRESS[name]] = value
        elif name == "email":
            book.rename(card, value)
        else:
            _change_other(book, card, name, value)


def _change_other(book: Book, card: Card, name: str, value: Any) -> None:
    if name == "birthday":
        card.birthday = None if value is None else birthday_parts(value)
    elif name == "tags":
        _set_tags(book, card, value)
    elif name == "properties":
        card.properties = dict(value)
    elif name in _ATTRIBUTES:
        setattr(card, _ATTRIBUTES[name], value)
    else:
        raise InvalidInputError("the fake has no such field", field=name)


_ATTRIBUTES: Final = {
    "province": "province",
    "state": "state",
    "owner": "owner",
    "opted_out": "is_opted_out",
    "phone_opted_out": "is_phone_opted_out",
    "score": "score",
    "last_visit_ms": "last_visit_ms",
    "invalid": "is_invalid",
    "funnels": "funnels",
}


def _set_tags(book: Book, card: Card, tags: Iterable[str]) -> None:
    card.tags.clear()
    card.add_tags(normal_tags(tags), now_ms=book.now_ms(), is_scoring=False)
