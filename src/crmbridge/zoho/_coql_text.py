"""How names and values are written in COQL, and which have no form there.

Floor 1: pure text.

Source: Zoho, "Kaizen #171: FAQs on COQL API" (a quote in a text is doubled; a
reserved word that names a field stands in quotes).
Unverified: whether a backslash in a text stands for itself; see `Backslash`.
Truth values are bare words, which client code sends; the vendor's sample has them
in quotes.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Final, TypeAlias

from crmbridge.errors import InvalidInputError

__all__ = [
    "Backslash",
    "Value",
    "check_module",
    "check_name",
    "check_value",
    "invalid",
    "name_text",
    "value_text",
]

Value: TypeAlias = str | int | float | bool | date | datetime
"""What a field is compared with; a `datetime` has a time zone."""

_NAME: Final = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*){0,2}", re.ASCII)
_MODULE: Final = re.compile(r"[A-Za-z]\w*", re.ASCII)


class Backslash(Enum):
    """What a backslash in a text means to Zoho; nothing proves either.

    ``PLAIN``: itself. ``ESCAPES``: it takes the next sign for itself.
    """

    PLAIN = "plain"
    ESCAPES = "escapes"


def invalid(message: str, where: str) -> InvalidInputError:
    """Make the error of an argument."""
    return InvalidInputError(message, service="zoho", field=where)


def check_module(name: str) -> None:
    """Refuse what is no module's API name.

    Raises:
        InvalidInputError: it is none.
    """
    if not _MODULE.fullmatch(name):
        raise invalid("module must be an API name such as Leads", "module")


def check_name(name: str) -> None:
    """Refuse what is no field's API name, nor one behind lookups.

    Raises:
        InvalidInputError: it is none.
    """
    if not _NAME.fullmatch(name):
        raise invalid("a field is named by its API name, such as Owner.email", "field")


def check_value(value: object, name: str) -> None:
    """Refuse a value that has no form in COQL.

    Raises:
        InvalidInputError: such as a time without a zone.
    """
    match value:
        case datetime():
            if value.tzinfo is None:
                raise invalid("a time must be aware, with a time zone", name)
            if value.microsecond:
                raise invalid("Zoho knows whole seconds; leave out the rest", name)
        case float() if not math.isfinite(value):
            raise invalid("a number must be finite", name)
        case str() if not _is_utf8(value):
            raise invalid("a text holds half a character (a surrogate)", name)
        case str() | int() | float() | date():
            pass
        case _:
            raise invalid(f"COQL has no form for {type(value).__name__}", name)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def value_text(value: Value, backslash: Backslash | None) -> str:
    """Write a value that `check_value` took.

    >>> value_text("O'Hara", None), value_text(1e9, None)
    ("'O''Hara'", '1000000000.0')
    """
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            text = f"{Decimal(repr(value)):f}"
            return text if "." in text else f"{text}.0"
        case datetime():
            return f"'{value.isoformat(timespec='seconds')}'"
        case date():
            return f"'{value.isoformat()}'"
        case str():
            escapes = backslash is Backslash.ESCAPES
            text = value.replace("\\", "\\\\") if escapes else value
            return "'" + text.replace("'", "''") + "'"


def name_text(name: str) -> str:
    """Write a name, in quotes where a part of it is a reserved word.

    >>> name_text("Email"), name_text("External")
    ('Email', "'External'")
    """
    is_plain = _RESERVED.isdisjoint(name.lower().split("."))
    return name if is_plain else f"'{name}'"


# Source: the reserved words of SQL (ISO/IEC 9075, 1992 to 2016), for Zoho lists
# none; its samples quote ``External`` and, in conditions too, names of joins.
# Unverified: that a name which needs no quotes bears them.
_WORDS: Final = """
    abs all allocate alter and any are array as asc asensitive asymmetric at atomic
    authorization avg begin between bigint binary blob boolean both by call called
    cardinality cascaded case cast ceil ceiling char character check clob close
    coalesce collate collect column commit condition connect constraint convert corr
    corresponding count create cross cube current cursor cycle date day deallocate
    dec decimal declare default delete deref desc describe deterministic disconnect
    distinct double drop dynamic each element else end escape every except exec
    execute exists exp external extract false fetch filter first float floor for
    foreign free from full function fusion get global grant group grouping having
    hold hour identity in indicator inner inout insensitive insert int integer
    intersect intersection interval into is join key language large last lateral
    leading left like limit ln local localtime lower match max member merge method
    min minute mod modifies module month multiset national natural new next no none
    normalize not null nullif numeric of offset old on only open or order out outer
    over overlaps overlay parameter partition percentile position power precision
    prepare primary procedure range rank reads real recursive ref references
    referencing release result return returns revoke right rollback rollup row rows
    savepoint scope scroll search second select sensitive session set similar
    smallint some specific sql sqrt start static sum symmetric system table then time
    timestamp timezone to trailing translate translation treat trigger trim true
    truncate uescape union unique unknown unnest update upper user using value values
    varchar varying when whenever where width window with within without year
"""
_RESERVED: Final = frozenset(_WORDS.split())
