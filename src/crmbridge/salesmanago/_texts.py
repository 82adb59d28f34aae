"""How single texts have to look that SALESmanago is sent.

Floor 1: values only.

The rule: a text that does not fit is refused before anything is sent, and never
cut.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from crmbridge.errors import InvalidInputError, TooLongError

__all__ = [
    "LONGEST_TEXT",
    "known_state",
    "language_code",
    "require_fit",
    "require_name",
]

LONGEST_TEXT: Final = 255
"""Characters in a name or a value.

Unverified: the vendor publishes lengths for events only, and this is the one of
most texts there (PHP SDK).
"""

_LANGUAGE: Final = re.compile(r"[A-Z]{2}")
_STATES: Final[Mapping[str, str]] = {"CLIENT": "CUSTOMER"}


def require_fit(text: object, *, field: str, what: str | None = None) -> None:
    """Demand that a text is no longer than `LONGEST_TEXT`; what is none passes.

    Args:
        text: what is to be sent.
        field: the field at fault.
        what: words for it, such as ``"a name in properties"``.

    Raises:
        TooLongError: it is longer.
    """
    if isinstance(text, str) and len(text) > LONGEST_TEXT:
        raise TooLongError(
            f"{what or field} has {len(text)} characters; SALESmanago is sent no more "
            f"than {LONGEST_TEXT}",
            service="salesmanago",
            field=field,
            limit=LONGEST_TEXT,
        )


def require_name(name: str, *, field: str) -> None:
    """Demand that the name of something is a text of some length and not blank.

    Raises:
        InvalidInputError: it is blank.
        TooLongError: it is longer than `LONGEST_TEXT`.
    """
    if not name.strip():
        raise InvalidInputError(
            f"a name in {field} is blank", service="salesmanago", field=field
        )
    require_fit(name, field=field, what=f"a name in {field}")


def language_code(text: str) -> str:
    """Give the code of a language as it is sent: two letters in upper case.

    Source: the manual's example, as a PHP client quotes it.
    Unverified: that other forms are not taken; so none is sent.

    Raises:
        InvalidInputError: it is no such code.

    >>> language_code(" pl ")
    'PL'
    """
    code = text.strip().upper()
    if not _LANGUAGE.fullmatch(code):
        raise InvalidInputError(
            "a language is a code of two letters, such as PL",
            service="salesmanago",
            field="language",
        )
    return code


def known_state(text: str) -> str:
    """Give the state that a word means, in the spelling that is sent.

    Words that we do not know are kept.
    Source: the wire values seen in client code; ``CLIENT`` in one comment only.

    >>> known_state("client"), known_state("VIP")
    ('CUSTOMER', 'VIP')
    """
    upper = text.strip().upper()
    return _STATES.get(upper, upper if upper in _KNOWN_STATES else text)


_KNOWN_STATES: Final = frozenset(
    {"CUSTOMER", "PROSPECT", "PARTNER", "OTHER", "UNKNOWN"}
)
