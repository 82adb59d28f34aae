"""What calls of Zoho CRM cost in credits.

Floor 1: numbers and values only.

Source: Zoho CRM API v8, "API limits" (1 for an ordinary call, 1 for 10 records
written, 5 for a conversion, 1 for 50 records tagged); "COQL overview" of v4 and
v5 (1, 2 or 3 by ``LIMIT``); the table of a sister product for deleted records,
bulk read and bulk write.
Unverified: what an answer without a body (204, 304), a search and a mass
conversion cost; one credit is assumed for each call.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "BULK_READ",
    "BULK_WRITE",
    "CALL",
    "CONVERSION",
    "CUSTOM_VIEW",
    "DELETED",
    "of_query",
    "of_tagging",
    "of_writing",
]

CALL: Final = 1
CUSTOM_VIEW: Final = 3
CONVERSION: Final = 5
DELETED: Final = 2
BULK_READ: Final = 50
BULK_WRITE: Final = 500

_SMALL_QUERY: Final = 200
_MIDDLE_QUERY: Final = 1000
_WRITTEN_PER_CREDIT: Final = 10
_TAGGED_PER_CREDIT: Final = 50


def of_writing(records: int) -> int:
    """Give the credits of one insert, update or upsert.

    >>> of_writing(1), of_writing(100)
    (1, 10)
    """
    return max(1, -(-records // _WRITTEN_PER_CREDIT))


def of_tagging(records: int) -> int:
    """Give the credits of one call that tags records.

    >>> of_tagging(51)
    2
    """
    return max(1, -(-records // _TAGGED_PER_CREDIT))


def of_query(limit: int) -> int:
    """Give the credits of one COQL query by its ``LIMIT``.

    >>> of_query(200), of_query(201), of_query(2000)
    (1, 2, 3)
    """
    if limit <= _SMALL_QUERY:
        return 1
    return 2 if limit <= _MIDDLE_QUERY else 3
