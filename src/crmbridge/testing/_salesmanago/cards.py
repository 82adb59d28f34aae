"""The contact cards of the fake SALESmanago, and how they change and look.

Floor 9.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any, Final

from attrs import Factory, define

__all__ = [
    "Card",
    "birthday_parts",
    "in_basic",
    "in_list",
    "is_email",
    "normal_tag",
    "normal_tags",
]

_ADDRESS: Final = ("streetAddress", "zipCode", "city", "country")
_LONGEST_LOCAL: Final = 64
_LONGEST_EMAIL: Final = 254
_BIRTHDAY: Final = re.compile(r"(\d{4})?(\d{2})(\d{2})")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


def _no_address() -> dict[str, str | None]:
    return dict.fromkeys(_ADDRESS)


@define
class Card:
    """One person as the fake keeps it; ``texts`` holds the plain fields."""

    id: str
    email: str
    owner: str
    created_ms: int
    modified_ms: int
    texts: dict[str, str | None] = Factory(
        lambda: dict.fromkeys(("name", "phone", "fax", "company", "externalId"))
    )
    address: dict[str, str | None] = Factory(_no_address)
    province: str | None = None
    state: str = "PROSPECT"
    birthday: tuple[str | None, str, str] | None = None
    tags: dict[str, tuple[int, int]] = Factory(dict[str, tuple[int, int]])
    properties: dict[str, str] = Factory(dict[str, str])
    dictionary: dict[str, tuple[str, str]] = Factory(dict[str, tuple[str, str]])
    consents: dict[str, dict[str, Any]] = Factory(dict[str, dict[str, Any]])
    notes: list[tuple[str, bool]] = Factory(list[tuple[str, bool]])
    is_opted_out: bool = True
    is_phone_opted_out: bool = True
    awaits_confirmation: bool = False
    is_deleted: bool = False
    is_invalid: bool = False
    score: int = 0
    last_visit_ms: int | None = None
    funnels: list[str] = Factory(list[str])

    def copy(self) -> Card:
        """Give a card that does not change with this one."""
        return deepcopy(self)

    def add_tags(self, tags: Iterable[str], *, now_ms: int, is_scoring: bool) -> None:
        """Add tags; one that is there gains a point where tags are scored."""
        for tag in tags:
            score, since = self.tags.get(tag, (0, now_ms))
            self.tags[tag] = (score + 1 if is_scoring or not score else score, since)


def is_email(text: object) -> bool:
    """Tell whether this is an address that a card may have.

    Source: SALESmanago's documentation: 64 characters before the @, 254 in all.
    """
    return (
        isinstance(text, str)
        and len(text) <= _LONGEST_EMAIL
        and len(text.partition("@")[0]) <= _LONGEST_LOCAL
        and _EMAIL.fullmatch(text) is not None
    )


def normal_tags(tags: Iterable[object]) -> tuple[str, ...]:
    """Give tags as they are stored; a comma makes two of one.

    Source: SALESmanago help centre, "Action: add tag to a contact".
    """
    parts = (part.strip() for tag in tags for part in str(tag).split(","))
    return tuple(normal_tag(part) for part in parts if part)


def normal_tag(tag: str) -> str:
    """Give a tag as it is stored: upper case, plain letters.

    >>> normal_tag("żółw #1")
    'ZOLW__1'
    """
    plain = unicodedata.normalize("NFKD", tag.upper().replace("Ł", "L"))
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return re.sub(r"[!#$&*\"' ]", "_", letters)


def birthday_parts(text: str) -> tuple[str | None, str, str] | None:
    """Read ``yyyyMMdd`` or ``MMdd`` into unpadded parts, ``None`` if it is neither.

    >>> birthday_parts("19840804"), birthday_parts("0804")
    (('1984', '8', '4'), (None, '8', '4'))
    """
    match = _BIRTHDAY.fullmatch(text)
    if match is None:
        return None
    year, month, day = match.groups()
    return year, str(int(month)), str(int(day))


def _shared(card: Card) -> dict[str, Any]:
    year, month, day = card.birthday or (None, None, None)
    has_address = any(value is not None for value in card.address.values())
    return {
        "name": card.texts["name"],
        "email": card.email,
        "phone": card.texts["phone"],
        "fax": card.texts["fax"],
        "score": card.score,
        "state": card.state,
        "optedOut": card.is_opted_out,
        "optedOutPhone": card.is_phone_opted_out,
        "deleted": card.is_deleted,
        "invalid": card.is_invalid,
        "company": card.texts["company"],
        "externalId": card.texts["externalId"],
        "address": dict(card.address) if has_address else None,
        "birthdayYear": year,
        "birthdayMonth": month,
        "birthdayDay": day,
        "modifiedOn": card.modified_ms,
        "createdOn": card.created_ms,
    }


def in_basic(card: Card) -> dict[str, Any]:
    """Give a card as ``contact/basic`` shows it."""
    return {**_shared(card), "contactId": card.id, "lastVisit": card.last_visit_ms}


_EMPTY_LISTS: Final = (
    "contactVisits",
    "contactEvents",
    "emailMessages",
    "contactNotes",
    "contactTasks",
    "incomingEmailMessages",
    "contactExtEvents",
    "coupons",
    "smsMessages",
)


def in_list(card: Card) -> dict[str, Any]:
    """Give a card as ``contact/list`` shows it."""
    return {
        "id": card.id,
        **_shared(card),
        "province": card.province,
        "mainContactOwner": card.owner,
        "contactTags": [_tag(tag, *row) for tag, row in card.tags.items()],
        "properties": _properties(card.properties),
        "contactFunnels": [{"salesStage": stage} for stage in card.funnels],
        **{name: [] for name in _EMPTY_LISTS},
    }


def _tag(tag: str, score: int, since_ms: int) -> dict[str, Any]:
    return {
        "tag": tag,
        "tagName": tag,
        "score": score,
        "createdOn": since_ms,
        "tagWithScore": f"{tag} ({score})",
    }


def _properties(properties: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in properties.items()]
