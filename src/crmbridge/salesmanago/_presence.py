"""Where contacts of SALESmanago are: alive, softly deleted, absent.

Floor 4.

The rule: nothing is called absent because one read does not show it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeVar

from crmbridge._steps import Call, gather, pause
from crmbridge.errors import DeletedError, InvalidInputError, NotFoundError
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago._calls import (
    basic_by_id,
    has_contact,
    list_all,
    list_all_by_id,
)
from crmbridge.salesmanago.outcomes import Presence, PresenceState
from crmbridge.salesmanago.records import SalesmanagoContact

__all__ = [
    "alive",
    "is_same_text",
    "named",
    "owner_of",
    "presence",
    "presences",
    "presences_by_id",
    "seen_again",
    "until_seen",
]

T = TypeVar("T")

_SERVICE: Final = "salesmanago"
_PAUSES_SECONDS: Final = (1.0, 2.0, 4.0)
"""Unverified: how much later than written a change is read; client code saw none."""


def presence(account: Account, email: str) -> Call[Presence]:
    """Tell whether one address is there; see `SalesmanagoClient.presence`."""
    return (yield from presences(account, (email,)))[0]


def presences(account: Account, emails: Iterable[str]) -> Call[tuple[Presence, ...]]:
    """Tell whether addresses are there, by position.

    Costs one request for every 50, one for each that is not shown, and one for
    every 50 of these that another read finds all the same.
    """
    asked = [named(email, "email") for email in emails]
    found = _by_email((yield from list_all(account, asked)))
    missing = [email for email in dict.fromkeys(asked) if _in(found, email) is None]
    looks = (has_contact(account, email) for email in missing)
    ids = yield from gather(looks, account.config.limits.max_in_flight)
    by_id = dict(zip(missing, ids, strict=True))
    others = yield from list_all_by_id(account, (one for one in ids if one is not None))
    cards = {card.id: card for card in others}
    return tuple(
        [
            _state_of(_in(found, email))
            or _second_look(email, by_id[email], cards.get(by_id[email] or ""))
            for email in asked
        ]
    )


def _second_look(
    email: str, contact_id: str | None, card: SalesmanagoContact | None
) -> Presence:
    """Judge an address that lists did not show, by what ``hasContact`` says."""
    if contact_id is None:
        return Presence(PresenceState.ABSENT)
    if card is None or not is_same_text(card.email, email):
        return Presence(PresenceState.UNCLEAR, contact_id)
    return _state_of(card) or Presence(PresenceState.UNCLEAR, contact_id)


def presences_by_id(account: Account, ids: Iterable[str]) -> Call[tuple[Presence, ...]]:
    """Tell whether contacts are there; see `SalesmanagoClient.presences_by_id`."""
    asked = [named(contact_id, "id") for contact_id in ids]
    cards = {card.id: card for card in (yield from list_all_by_id(account, asked))}
    missing = [contact_id for contact_id in asked if contact_id not in cards]
    rows = yield from basic_by_id(account, missing)
    contradicted = {row.id for row in rows}
    states: list[Presence] = []
    for contact_id in asked:
        is_unclear = contact_id in contradicted
        other = PresenceState.UNCLEAR if is_unclear else PresenceState.ABSENT
        known = contact_id if is_unclear else None
        state = _state_of(cards.get(contact_id))
        states.append(state or Presence(other, known))
    return tuple(states)


def _by_email(
    cards: Iterable[SalesmanagoContact],
) -> Mapping[str, SalesmanagoContact]:
    found: dict[str, SalesmanagoContact] = {}
    for card in cards:
        if isinstance(card.email, str):
            found[card.email.strip()] = card
            found.setdefault(card.email.strip().casefold(), card)
    return found


def _in(
    found: Mapping[str, SalesmanagoContact], email: str
) -> SalesmanagoContact | None:
    return found.get(email) or found.get(email.casefold())


def _state_of(card: SalesmanagoContact | None) -> Presence | None:
    if card is None:
        return None
    is_deleted = card.is_deleted
    if not isinstance(is_deleted, bool):
        return Presence(PresenceState.UNCLEAR, card.id, card)
    state = PresenceState.DELETED if is_deleted else PresenceState.ALIVE
    return Presence(state, card.id, card)


def alive(found: Presence, what: str) -> SalesmanagoContact:
    """Give the card of a contact that may be written to.

    Raises:
        DeletedError: it was deleted softly.
        NotFoundError: it is not there, or not clearly.
    """
    if found.state is PresenceState.DELETED:
        raise DeletedError(
            f"{what}: nothing was written, for the contact is deleted until the "
            "coming night and a write would bring it back; drop the change, or "
            "restore the contact in SALESmanago first",
            service=_SERVICE,
        )
    if found.contact is None or not found.is_alive:
        raise NotFoundError(
            f"{what}: nothing was written, for SALESmanago does not clearly show the "
            "contact; look again later, or link it anew",
            service=_SERVICE,
        )
    return found.contact


def owner_of(account: Account, card: SalesmanagoContact) -> str:
    """Give the user in whose name a card is written: its owner, where it is told."""
    owner = card.main_contact_owner
    return owner if isinstance(owner, str) and owner else account.config.owner


def named(text: str, field: str) -> str:
    """Give an address or an id without blanks around it.

    Raises:
        InvalidInputError: nothing is left.
    """
    if not text.strip():
        raise InvalidInputError(f"{field} is blank", service=_SERVICE, field=field)
    return text.strip()


def is_same_text(one: object, other: object) -> bool:
    """Compare two addresses without regard to case and blanks around them."""
    return (
        isinstance(one, str)
        and isinstance(other, str)
        and one.strip().casefold() == other.strip().casefold()
    )


def seen_again(
    account: Account,
    contact_id: str,
    is_done: Callable[[SalesmanagoContact], bool],
) -> Call[SalesmanagoContact | None]:
    """Read a contact until a change is seen, for 7 seconds at most.

    Costs one request each time, up to four.

    Returns:
        What was seen last; ``None`` where the contact was not shown.
    """

    def look() -> Call[SalesmanagoContact | None]:
        cards = yield from list_all_by_id(account, (contact_id,))
        return cards[0] if cards else None

    return (
        yield from until_seen(look, lambda card: card is not None and is_done(card))
    )


def until_seen(look: Callable[[], Call[T]], is_done: Callable[[T], bool]) -> Call[T]:
    """Look until it is done, at once and after 1, 3 and 7 seconds.

    Returns:
        What was seen last, whether it is done or not.
    """
    seen = yield from look()
    for seconds in _PAUSES_SECONDS:
        if is_done(seen):
            break
        yield from pause(seconds)
        seen = yield from look()
    return seen
