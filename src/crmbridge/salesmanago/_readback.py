"""Whether a contact reads as it was written.

Floor 3.

The rule: only what reads show counts as written.
What no list shows (scores, dictionary details, answers to named consents) is
not compared; a field that was to be emptied has to read as empty.
Unverified: in which form the service keeps phones and countries; phones are
compared by their digits and countries without regard to case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from crmbridge.contact import NOT_OBSERVED
from crmbridge.salesmanago.details import ContactDetails
from crmbridge.salesmanago.records import ConsentChange, SalesmanagoContact
from crmbridge.salesmanago.tags import normal_tags

__all__ = ["folded", "reads_as", "written_contact"]

_PHONES: Final = frozenset({"phone", "fax"})
_BIRTHDAY: Final = (("birthdayYear", 4), ("birthdayMonth", 2), ("birthdayDay", 2))


def folded(email: object) -> str:
    """Give the form in which addresses are compared."""
    return email.strip().lower() if isinstance(email, str) else ""


def written_contact(
    details: ContactDetails, found: Iterable[SalesmanagoContact], *, double_opt_in: bool
) -> SalesmanagoContact | None:
    """Give the contact that reads as written, of all that were found, or ``None``.

    After a rename nobody may have the old address: the one with the new
    address may be another contact.
    """
    cards = tuple(found)
    old, new = folded(details.email), folded(details.new_email or details.email)
    if old != new and any(folded(card.email) == old for card in cards):
        return None
    return next(
        (
            card
            for card in cards
            if folded(card.email) == new
            and reads_as(card, details, double_opt_in=double_opt_in)
        ),
        None,
    )


def reads_as(
    card: SalesmanagoContact, details: ContactDetails, *, double_opt_in: bool
) -> bool:
    """Tell whether a contact, as a list shows it, holds what details say."""
    body = details.body()
    return (
        card.is_deleted is not True
        and _holds(card.raw, body["contact"])
        and ("province" not in body or _is_same(card, "province", body))
        and ("birthday" not in body or _birthday(card) == _digits(body["birthday"]))
        and _has_tags(card, details)
        and _has_properties(card, details)
        and _has_consents(card, details, double_opt_in=double_opt_in)
    )


def _holds(raw: Mapping[str, object], contact: Mapping[str, object]) -> bool:
    for name, value in contact.items():
        if name == "email":
            continue
        shown = raw.get(name)
        if isinstance(value, Mapping):
            inner = cast("Mapping[str, object]", value)
            parts = cast("dict[str, object]", shown) if isinstance(shown, dict) else {}
            if not _holds(parts, inner):
                return False
        elif _form(name, shown) != _form(name, value):
            return False
    return True


def _is_same(card: SalesmanagoContact, name: str, body: Mapping[str, Any]) -> bool:
    return _form(name, card.raw.get(name)) == _form(name, body[name])


def _form(name: str, value: object) -> str:
    """Give a value as it is compared; null and an empty text are one."""
    text = "" if value is None else str(value).strip()
    if name in _PHONES:
        return _digits(text)
    return text.casefold() if name == "country" else text


def _digits(value: object) -> str:
    return "".join(sign for sign in str(value or "") if sign.isdigit())


def _birthday(card: SalesmanagoContact) -> str:
    parts = ((_digits(card.raw.get(name)), width) for name, width in _BIRTHDAY)
    return "".join(part.zfill(width) for part, width in parts if part)


def _has_tags(card: SalesmanagoContact, details: ContactDetails) -> bool:
    shown = card.tags
    rows = () if shown is None or shown is NOT_OBSERVED else shown
    tags = set(normal_tags(row.name for row in rows))
    removed = set(normal_tags(details.remove_tags))
    return tags >= set(normal_tags(details.tags)) and not tags & removed


def _has_properties(card: SalesmanagoContact, details: ContactDetails) -> bool:
    shown = card.properties
    if shown is None or shown is NOT_OBSERVED:
        return not any(details.properties.values())
    return all(
        _form("", shown.get(name)) == _form("", value)
        for name, value in details.properties.items()
    )


def _has_consents(
    card: SalesmanagoContact, details: ContactDetails, *, double_opt_in: bool
) -> bool:
    mail, phone = details.email_consent, details.phone_consent
    awaits_click = double_opt_in and mail is ConsentChange.IN
    return (awaits_click or _is_at(mail, card.opted_out)) and _is_at(
        phone, card.opted_out_phone
    )


def _is_at(change: ConsentChange, is_out: object) -> bool:
    if change is ConsentChange.KEEP:
        return True
    return is_out is (change is ConsentChange.OUT)
