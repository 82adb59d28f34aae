"""What the parameters and headers of a reading request say to the fake Zoho.

Floor 9.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, TypeAlias

from crmbridge.testing._zoho.answers import Refused
from crmbridge.testing._zoho.book import Book

__all__ = [
    "MAX_FIELDS",
    "Query",
    "ambiguous",
    "field_names",
    "invalid_param",
    "missing_param",
    "page_size",
    "since_of",
    "whole_number",
    "word",
]

MAX_FIELDS: Final = 50
_PAGE: Final = 200
Query: TypeAlias = Mapping[str, str]


def field_names(book: Book, query: Query) -> list[str] | None:
    """Read the parameter ``fields``; ``None`` where it is missing.

    Raises:
        Refused: there are too many, or nothing but ``id``.
    """
    text = query.get("fields")
    if not text:
        return None
    names = [name.strip() for name in text.split(",")]
    if len(names) > MAX_FIELDS:
        raise Refused(
            400, "LIMIT_EXCEEDED", "more fields than allowed", {"limit": MAX_FIELDS}
        )
    if set(names) == {"id"} and book.switches.refuses_only_id:
        raise invalid_param("fields")
    return names


def since_of(text: str, header: str = "If-Modified-Since") -> datetime:
    """Read a header that holds a time.

    Raises:
        Refused: it is no time with an offset.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise Refused(400, "INVALID_DATA", "invalid data", {"header": header})
    return at


def page_size(book: Book, query: Query) -> int:
    """Read the parameter ``per_page``."""
    size = whole_number(query, "per_page", _PAGE)
    if size > _PAGE and book.switches.large_pages == "refuse":
        raise invalid_param("per_page")
    return min(size, _PAGE)


def whole_number(query: Query, name: str, default: int) -> int:
    """Read a parameter that is a number from 1 on."""
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdecimal()) or int(text) < 1:
        raise invalid_param(name)
    return int(text)


def word(query: Query, name: str, *allowed: str) -> str:
    """Read a parameter that is one of a few words, by default the first."""
    text = query.get(name, allowed[0])
    if text not in allowed:
        raise invalid_param(name)
    return text


def invalid_param(name: str) -> Refused:
    """Refuse a parameter."""
    return Refused(400, "INVALID_DATA", "invalid data", {"param_name": name})


def missing_param(name: str) -> Refused:
    """Refuse a request that lacks a parameter."""
    return Refused(
        400,
        "REQUIRED_PARAM_MISSING",
        "One of the expected parameter is missing",
        {"param_name": name},
    )


def ambiguous(*names: str) -> Refused:
    """Refuse parameters that exclude each other."""
    return Refused(
        400,
        "AMBIGUITY_DURING_PROCESSING",
        "Ambiguity while processing the request",
        {"ambiguity_due_to": [{"param_name": name} for name in names]},
    )
