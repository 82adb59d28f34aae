"""Writes to known contacts of SALESmanago that bring nobody back.

Floor 4.

The rule: the contact is read by its id, and is written only where it is alive
and still has its address; in the name of its present owner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from attrs import frozen

from crmbridge._steps import Call
from crmbridge.contact import NOT_OBSERVED
from crmbridge.errors import InvalidInputError, OutcomeUnknownError, StaleError
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago._presence import (
    alive,
    is_same_text,
    named,
    owner_of,
    presence,
    presences_by_id,
    seen_again,
)
from crmbridge.salesmanago._writes import upsert
from crmbridge.salesmanago.details import ContactDetails
from crmbridge.salesmanago.outcomes import Cleared
from crmbridge.salesmanago.records import SalesmanagoContact

__all__ = ["clear", "upsert_if_alive"]

_SERVICE: Final = "salesmanago"


def upsert_if_alive(
    account: Account, contact_id: str, details: ContactDetails
) -> Call[str]:
    """Change a known contact; see `SalesmanagoClient.upsert_if_alive`."""
    if details.new_email:
        raise InvalidInputError(
            "upsert_if_alive: it does not rename; see rename()",
            service=_SERVICE,
            field="new_email",
        )
    (found,) = yield from presences_by_id(account, (contact_id,))
    card = alive(found, "upsert_if_alive")
    if not is_same_text(card.email, details.email):
        raise _stale("nothing was written, for the contact has another address now")
    answered = yield from upsert(account, details, owner=owner_of(account, card))
    if answered != card.id:
        raise _stale(
            "the contact left its address meanwhile, and another one was written there"
        )
    return answered


def _stale(why: str) -> StaleError:
    return StaleError(f"upsert_if_alive: {why}; read again", service=_SERVICE)


# --- clearing ---


@frozen
class _Place:
    """Where a field stands on the wire, and how it is seen.

    Attributes:
        part: ``"contact"``, ``"address"`` or ``"top"``.
        key: its name there.
        value: gives what a card holds.
    """

    part: str
    key: str
    value: Callable[[SalesmanagoContact], object]

    def is_empty_on(self, card: SalesmanagoContact) -> bool:
        """Tell whether a card shows nothing there."""
        value = self.value(card)
        return value is None or (isinstance(value, str) and not value.strip())


def _of_contact(name: str, key: str) -> _Place:
    return _Place("contact", key, lambda card: getattr(card, name))


def _of_address(name: str, key: str) -> _Place:
    def value(card: SalesmanagoContact) -> object:
        whole = card.address
        is_whole = whole is None or whole is NOT_OBSERVED
        return whole if is_whole else getattr(whole, name)

    return _Place("address", key, value)


_PLACES: Final[Mapping[str, _Place]] = MappingProxyType(
    {
        "name": _of_contact("name", "name"),
        "phone": _of_contact("phone", "phone"),
        "fax": _of_contact("fax", "fax"),
        "company": _of_contact("company", "company"),
        "external_id": _of_contact("external_id", "externalId"),
        "street_address": _of_address("street_address", "streetAddress"),
        "zip_code": _of_address("zip_code", "zipCode"),
        "city": _of_address("city", "city"),
        "country": _of_address("country", "country"),
        "province": _Place("top", "province", lambda card: card.province),
        "birthday": _Place("top", "birthday", lambda card: card.birthday_month),
    }
)


def clear(account: Account, email: str, fields: Iterable[str]) -> Call[Cleared]:
    """Empty fields of a contact; see `SalesmanagoClient.clear`."""
    email, wanted = named(email, "email"), tuple(dict.fromkeys(fields))
    for name in wanted:
        if name not in _PLACES:
            raise InvalidInputError(
                f"clear: there is no such field; take some of {', '.join(_PLACES)}",
                service=_SERVICE,
                field="fields",
            )
    card = alive((yield from presence(account, email)), "clear")
    full = [name for name in wanted if not _PLACES[name].is_empty_on(card)]
    if not full:
        return Cleared(card.id, wanted)
    details = _emptying(str(card.email), full)
    yield from upsert(account, details, owner=owner_of(account, card))
    seen = yield from seen_again(account, card.id, lambda now: not _kept(now, full))
    if seen is None:
        raise OutcomeUnknownError(
            "clear: it was asked for, but the contact is not shown any more; read it "
            "before writing again",
            service=_SERVICE,
        )
    kept = _kept(seen, full)
    return Cleared(card.id, tuple(one for one in wanted if one not in kept), kept)


def _kept(card: SalesmanagoContact, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if not _PLACES[name].is_empty_on(card))


def _emptying(email: str, names: Iterable[str]) -> ContactDetails:
    parts: dict[str, dict[str, Any]] = {"contact": {}, "address": {}, "top": {}}
    for name in names:
        parts[_PLACES[name].part][_PLACES[name].key] = ""
    contact, address = parts["contact"], parts["address"]
    whole = {**contact, "address": address} if address else contact
    return ContactDetails(email, whole, **parts["top"])
