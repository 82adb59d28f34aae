"""How the fake SALESmanago adds and changes one contact.

Floor 9.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias, cast

from attrs import evolve, frozen

from crmbridge.testing._salesmanago.book import Book, CardChange, RefusalError
from crmbridge.testing._salesmanago.cards import (
    Card,
    birthday_parts,
    is_email,
)
from crmbridge.testing._salesmanago.detailing import check_details, put_details

__all__ = ["Options", "as_object", "set_consent", "upsert", "vet"]

_NOTHING: Final[Mapping[str, Any]] = {}

Change: TypeAlias = Literal["keep", "in", "out"]

_TEXTS: Final = ("name", "phone", "fax", "company", "externalId")
_TOP: Final = ("province", "birthday")
_ADDRESS: Final = ("streetAddress", "zipCode", "city", "country")
_STATES: Final = frozenset({"CUSTOMER", "PROSPECT", "PARTNER", "OTHER", "UNKNOWN"})
_FLAGS: Final = ("forceOptIn", "forceOptOut", "forcePhoneOptIn", "forcePhoneOptOut")


@frozen
class Options:
    """How contacts are written, whatever is written.

    Attributes:
        owner: the user who writes.
        is_double_opt_in: an opt-in sends a mail first.
        lag_seconds: how much later than others reads show it.
        fires_events: rules and workflows see the change.
    """

    owner: str
    is_double_opt_in: bool
    lag_seconds: float = 0.0
    fires_events: bool = True


def vet(book: Book, details: Mapping[str, Any]) -> None:
    """Refuse what `upsert` would refuse, and change nothing.

    Raises:
        RefusalError: something in the details is not taken.
    """
    contact = as_object(details.get("contact"), "contact")
    card = _addressed(book, details, contact)
    _check(book, details, contact)
    _new_email(book, details, card)
    _consent_changes(book, details)


def upsert(book: Book, details: Mapping[str, Any], options: Options) -> Card:
    """Add or change one contact, whole or not at all.

    Raises:
        RefusalError: something in the details is not taken.
    """
    vet(book, details)
    contact = as_object(details.get("contact"), "contact")
    card = _addressed(book, details, contact)
    new_email = _new_email(book, details, card)
    mail, phone = _consent_changes(book, details)
    is_new = card is None
    if card is None:
        email = str(contact["email"])
        card = book.add(email, options.owner, lag_seconds=options.lag_seconds)
        default = book.switches.new_contacts
        mail = default if mail == "keep" else mail
        phone = default if phone == "keep" else phone
    else:
        book.about_to_change(card, lag_seconds=options.lag_seconds)
    before = book.marks(card)
    card.is_deleted = False
    if book.switches.moves_owner:
        card.owner = options.owner
    _write_data(book, card, details, contact)
    if new_email is not None:
        _rename(book, card, new_email)
    set_consent(book, card, mail, phone, is_double_opt_in=options.is_double_opt_in)
    is_changed = book.note_change(card, before) or is_new
    change = CardChange(card, None if is_new else before, is_idle=not is_changed)
    _fire(book, change, options)
    book.contacts_written += 1
    return card


def _fire(book: Book, change: CardChange, options: Options) -> None:
    """Let rules and callbacks hear of a write through the API."""
    is_told = not change.is_idle or book.switches.fires_unchanged
    fires = options.fires_events and is_told
    if fires:
        book.events.append(change.card.email)
    book.tell(evolve(change, by_api=True, executes_rules=fires))


def as_object(value: object, name: str) -> Mapping[str, Any]:
    """Give a JSON object, or refuse what is none."""
    if not isinstance(value, Mapping):
        raise RefusalError(f"{name} is not an object", name)
    return cast("Mapping[str, Any]", value)


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Give an object that may be missing."""
    value: object = whole.get(name)
    return as_object(_NOTHING if value is None else value, name)


def _addressed(
    book: Book, details: Mapping[str, Any], contact: Mapping[str, Any]
) -> Card | None:
    contact_id = details.get("contactId")
    if contact_id:
        card = book.by_id(str(contact_id))
        if card is None:
            raise RefusalError("Contact does not exist", "contactId")
        return card
    if not is_email(contact.get("email")):
        raise RefusalError("Email address is not valid", "email")
    return book.by_email(str(contact["email"]))


# --- what is refused ---


def _check(book: Book, details: Mapping[str, Any], contact: Mapping[str, Any]) -> None:
    parts = _part(contact, "address")
    for source, names in ((contact, _TEXTS), (parts, _ADDRESS), (details, _TOP)):
        for name in names:
            if name in source:
                _check_text(book, name, source[name])
    if contact.get("state") and contact["state"] not in _STATES:
        raise RefusalError("State is not valid", "state")
    birthday = details.get("birthday")
    is_bad = bool(birthday) and birthday_parts(str(birthday)) is None
    if is_bad and book.switches.bad_birthdays == "reject":
        raise RefusalError("Birthday is not valid", "birthday")
    for name in _FLAGS:
        if not isinstance(details.get(name, False), bool):
            raise RefusalError(f"{name} is not a boolean", name)
    check_details(book, details)


def _check_text(book: Book, name: str, value: object) -> None:
    switches = book.switches
    if value is None:
        if switches.null_values == "reject":
            raise RefusalError(f"{name} cannot be null", name)
        return
    if not isinstance(value, str):
        raise RefusalError(f"{name} is not a text", name)
    if not value and switches.empty_values == "reject":
        raise RefusalError(f"{name} cannot be empty", name)
    if switches.longest_value is not None and len(value) > switches.longest_value:
        raise RefusalError(
            f"{name} has more than {switches.longest_value} characters", name
        )


def _new_email(book: Book, details: Mapping[str, Any], card: Card | None) -> str | None:
    new_email = details.get("newEmail")
    if not new_email or card is None:
        return None
    if not is_email(new_email):
        raise RefusalError("New email address is not valid", "newEmail")
    holder = book.by_email(str(new_email))
    if holder is None or holder is card:
        return str(new_email)
    if book.switches.taken_email == "reject":
        raise RefusalError("New email address is already used", "newEmail")
    return None if book.switches.taken_email == "ignore" else str(new_email)


def _rename(book: Book, card: Card, new_email: str) -> None:
    holder = book.by_email(new_email)
    if holder is not None and holder is not card:
        book.remove(holder)
    book.rename(card, new_email)


# --- data ---


def _write_data(
    book: Book, card: Card, details: Mapping[str, Any], contact: Mapping[str, Any]
) -> None:
    for name in _TEXTS:
        if name in contact:
            card.texts[name] = _put(book, card.texts[name], contact[name])
    address = _part(contact, "address")
    for name in _ADDRESS:
        if name in address:
            card.address[name] = _put(book, card.address[name], address[name])
    if "province" in details:
        card.province = _put(book, card.province, details["province"])
    card.state = contact.get("state") or card.state
    _put_birthday(book, card, details)
    for name, value in _part(details, "properties").items():
        kept = _put(book, card.properties.get(name), value)
        card.properties.pop(name, None)
        if kept is not None:
            card.properties[name] = kept
    put_details(book, card, details)


def _put(book: Book, before: str | None, value: object) -> str | None:
    if value is None:
        return None if book.switches.null_values == "clear" else before
    if value == "":
        return None if book.switches.empty_values == "clear" else before
    return str(value)


def _put_birthday(book: Book, card: Card, details: Mapping[str, Any]) -> None:
    if "birthday" not in details:
        return
    value = details["birthday"]
    if value:
        card.birthday = birthday_parts(str(value)) or card.birthday
    elif _put(book, "", value) is None:
        card.birthday = None


# --- permission ---


def _consent_changes(book: Book, details: Mapping[str, Any]) -> tuple[Change, Change]:
    if not any(name in details for name in _FLAGS):
        return book.switches.omitted_flags, book.switches.omitted_flags
    mail = _change(book, details, "forceOptIn", "forceOptOut")
    return mail, _change(book, details, "forcePhoneOptIn", "forcePhoneOptOut")


def _change(book: Book, details: Mapping[str, Any], into: str, out: str) -> Change:
    is_in, is_out = bool(details.get(into)), bool(details.get(out))
    if is_in and is_out:
        if book.switches.both_flags == "reject":
            raise RefusalError("Contradictory options", into)
        return book.switches.both_flags
    if is_in:
        return "in"
    return "out" if is_out else "keep"


def set_consent(
    book: Book, card: Card, mail: Change, phone: Change, *, is_double_opt_in: bool
) -> None:
    """Change the permissions of a card; a double opt-in sends a mail instead."""
    if mail == "in" and is_double_opt_in and card.is_opted_out:
        card.awaits_confirmation = True
        book.confirmations.append(card.email)
    elif mail != "keep":
        card.is_opted_out = mail == "out"
        card.awaits_confirmation = False
    if phone != "keep":
        card.is_phone_opted_out = phone == "out"
