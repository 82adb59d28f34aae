"""Tags of SALESmanago: the form in which they are stored, and what reads tell.

Floor 1: values only.

The rule: a tag is sent in the form in which it will be stored, so what is read
is what was sent, however it was spelt.
Source: SALESmanago help centre, "Workflow | Action: add tag to a contact": upper
case, plain letters for accented ones, ``! # $ & * " '`` become ``_``, a comma
makes two tags of one.
That blanks become ``_`` is what the vendor's PHP SDK does before it sends.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final, cast

from attrs import field, frozen

from crmbridge.contact import NOT_OBSERVED, NotObserved
from crmbridge.errors import InvalidInputError, MalformedReplyError
from crmbridge.salesmanago._texts import require_fit

__all__ = [
    "AccountTag",
    "ContactTag",
    "normal_tags",
    "require_distinct",
    "require_storable",
    "require_tags",
    "tags_in",
]

_ROUNDS: Final = 4
_PAUSES: Final = re.compile(r"[!#$&*\"'\s]")
_SIGNS: Final = frozenset("-([{)]}_")
# Letters that Unicode does not take apart into a plain one and an accent.
_PLAIN: Final = str.maketrans(
    {
        "Ł": "L",
        "Ø": "O",
        "Đ": "D",
        "Ð": "D",
        "Þ": "TH",
        "Æ": "AE",
        "Œ": "OE",
        "ẞ": "SS",
        "Ħ": "H",
        "Ŧ": "T",
    }
)


@frozen
class AccountTag:
    """A tag as the account's list shows it.

    Attributes:
        name: the tag.
        contacts: how many contacts have it, or ``None`` where that is not told.
    """

    name: str
    contacts: int | None = None


@frozen
class ContactTag:
    """A tag as a contact shows it.

    Attributes:
        name: the tag.
        score: how often it was given where scores are raised, or ``None``.
        created_on: since when, in milliseconds since 1970 in UTC, or ``None``.
    """

    name: str
    score: int | None = field(default=None, kw_only=True)
    created_on: int | None = field(default=None, kw_only=True)


def normal_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Give tags as they are stored, each once, in order; blank ones are none.

    Signs that tags cannot have are kept, for `ContactDetails` to refuse them.
    Unverified: what becomes of letters that are not Latin; they are kept.

    >>> normal_tags(["żółw #1", "vip, news"])
    ('ZOLW__1', 'VIP', 'NEWS')
    """
    parts = (_normal(part) for tag in tags for part in tag.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def _normal(part: str) -> str:
    text = part.strip()
    # Taking apart may leave letters to be raised, and the other way round:
    # Unicode settles after few rounds.
    for _ in range(_ROUNDS):
        plain = _PAUSES.sub("_", _plain(text))
        if plain == text:
            break
        text = plain
    return text


def _plain(text: str) -> str:
    upper = text.upper()
    if upper.isascii():
        return upper
    apart = unicodedata.normalize("NFKD", upper.translate(_PLAIN))
    letters = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return letters.strip().replace(",", "_")


def require_tags(tags: Iterable[str], *, field: str) -> None:
    """Demand that tags are texts of some length, not blank.

    Raises:
        InvalidInputError: one is blank.
        TooLongError: one is longer than 255 characters.
    """
    for tag in tags:
        names = normal_tags([tag])
        if not names:
            raise InvalidInputError(
                f"a tag in {field} is blank", service="salesmanago", field=field
            )
        for name in names:
            require_fit(name, field=field, what=f"a tag in {field}")


def require_storable(tags: Iterable[str]) -> None:
    """Demand that tags, in normal form, hold only signs that tags may have.

    Raises:
        InvalidInputError: one holds another sign.
    """
    for name in normal_tags(tags):
        if not all(sign.isalnum() or sign in _SIGNS for sign in name):
            raise InvalidInputError(
                "a tag holds a sign that tags cannot have; they have letters, digits "
                "and - ( [ { ) ] } _",
                service="salesmanago",
                field="tags",
            )


def require_distinct(tags: Iterable[str], removed: Iterable[str]) -> None:
    """Demand that no tag is both added and removed, however it is spelt.

    Unverified: what such a request would do; so it is never sent.

    Raises:
        InvalidInputError: one is.
    """
    if set(normal_tags(tags)) & set(normal_tags(removed)):
        raise InvalidInputError(
            "a tag cannot be added and removed at once",
            service="salesmanago",
            field="remove_tags",
        )


def tags_in(raw: Mapping[str, object]) -> tuple[ContactTag, ...] | NotObserved | None:
    """Read the tags of a contact's payload.

    Raises:
        MalformedReplyError: they are no array of objects with names.
    """
    rows = raw.get("contactTags", NOT_OBSERVED)
    if rows is None or rows is NOT_OBSERVED:
        return rows
    if not isinstance(rows, list):
        raise _malformed()
    return tuple(_tag(row) for row in cast("list[object]", rows))


def _tag(row: object) -> ContactTag:
    entry = cast("dict[str, object]", row) if isinstance(row, dict) else {}
    name = entry.get("tag") or entry.get("tagName")
    if not isinstance(name, str):
        raise _malformed()
    return ContactTag(
        name,
        score=_whole(entry.get("score")),
        created_on=_whole(entry.get("createdOn")),
    )


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _malformed() -> MalformedReplyError:
    return MalformedReplyError(
        "SALESmanago sent a contact whose contactTags has an unexpected type",
        service="salesmanago",
    )
