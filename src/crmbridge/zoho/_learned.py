"""What a client learns of its organisation's COQL, and goes on with.

Floor 1.
It is the one value here that changes: what one question has shown, the next one
need not try again.
"""

from __future__ import annotations

from typing import Final

from attrs import define, frozen

from crmbridge.zoho._coql_text import Backslash

__all__ = ["LARGE", "SMALL", "Learned", "QueryLimits"]


@frozen
class QueryLimits:
    """How much one question in COQL may ask for.

    Attributes:
        rows: the greatest ``LIMIT``.
        fields: the names behind ``select``, the id among them.
        values: the values of one list.
    """

    rows: int
    fields: int
    values: int


LARGE: Final = QueryLimits(rows=2000, fields=500, values=100)
"""Source: Zoho CRM API v8, "COQL limitations"; "Kaizen #183"."""

SMALL: Final = QueryLimits(rows=200, fields=50, values=50)
"""Source: Zoho CRM API v7, "Get Records through COQL Query", and v2."""


@define
class Learned:
    """What is known by now.

    Attributes:
        limits: large until Zoho has refused them and taken the small ones.
        backslash: what one in a text means; ``None`` until that was needed.
    """

    limits: QueryLimits = LARGE
    backslash: Backslash | None = None
