"""One cell of a CSV file of Zoho, in both directions.

Floor 3.
What a cell is follows from the field's metadata; an empty one is ``None``.

Source: Zoho CRM API v7, "Download Bulk Read Result" (date-times in ISO 8601)
and "Create Bulk Write Job" (a format is named for dates, and ``find_by`` for
lookups); Kaizen #12 and #13, the vendor's posts about both.
Unverified: how bulk reads write booleans and lists; ``true`` and ``false``, and
values joined by semicolons, are what bulk writes take, and digits are read too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias, cast

from attrs import frozen

from crmbridge.zoho.metadata import ZohoField
from crmbridge.zoho.records import lookup_id

__all__ = ["ID", "Column", "Reader", "reader_of"]

Reader: TypeAlias = Callable[[str], object]
"""Reads a cell that is not empty; `ValueError` says that it does not fit."""

_LOOKUPS: Final = frozenset({"lookup", "ownerlookup", "userlookup"})
_LIST: Final = "multiselectpicklist"
ID: Final = "id"
"""The kind of the column of the records' own ids."""

_SEPARATOR: Final = ";"

# --- reading -----------------------------------------------------------------

_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
_COMPUTED: Final = frozenset({"formula", "rollup_summary"})


def _boolean(cell: str) -> bool:
    found = _BOOLEANS.get(cell.lower())
    if found is None:
        raise ValueError
    return found


def _number(cell: str) -> float:
    number = float(cell)
    if not math.isfinite(number):
        raise ValueError
    return number


def _lookup(cell: str) -> dict[str, str]:
    if not (cell.isascii() and cell.isdigit()):
        raise ValueError
    return {"id": cell}


def _list(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(_SEPARATOR)]


_READERS: Final[Mapping[str, Reader]] = {
    "boolean": _boolean,
    "integer": int,
    "double": _number,
    "currency": _number,
    "percent": _number,
    _LIST: _list,
    **dict.fromkeys(_LOOKUPS, _lookup),
}


def reader_of(name: str, field: ZohoField | None) -> Reader | None:
    """Give what reads the cells of a column, or ``None`` where they are text.

    Args:
        name: the column's; a dotted one belongs to another module and is text.
        field: its metadata, where there is some.

    >>> read = reader_of("Annual_Revenue", ZohoField("Annual_Revenue", "currency"))
    >>> read("1.5")
    1.5
    """
    if name == "$converted":
        return _boolean
    if field is None:
        return None
    kind = field.data_type
    if kind in _COMPUTED:
        kind = str(field.raw.get("json_type"))
    return _READERS.get(kind)


# --- writing -----------------------------------------------------------------

_DATE_FORMAT: Final = "yyyy-MM-dd"
_TIME_FORMAT: Final = "yyyy-MM-dd'T'HH:mm:ssXXX"
_FORMATS: Final = {"date": _DATE_FORMAT, "datetime": _TIME_FORMAT}


@frozen
class Column:
    """One column of a file to be written.

    Attributes:
        name: the field's API name.
        kind: Zoho's word for the field's type.
    """

    name: str
    kind: str = "text"

    def mapping(self, index: int) -> dict[str, Any]:
        """Tell Zoho what the column is.

        A format is always named for dates, because Zoho's own, month first and
        without a zone, is ambiguous.
        Unverified: that Zoho reads ``XXX`` as an offset such as ``+01:00``, as
        the language of these formats does.

        >>> Column("Date_of_Birth", "date").mapping(2)
        {'api_name': 'Date_of_Birth', 'index': 2, 'format': 'yyyy-MM-dd'}
        """
        mapping: dict[str, Any] = {"api_name": self.name, "index": index}
        if self.kind in _FORMATS:
            mapping["format"] = _FORMATS[self.kind]
        if self.kind in _LOOKUPS:
            mapping["find_by"] = "id"
        return mapping

    def text(self, value: object) -> str:
        """Write a value as it is; ``None`` gives an empty cell.

        Raises:
            ValueError: it is no value of the column's type. The message says
                what is wanted and never shows the value.

        >>> Column("Email_Opt_Out", "boolean").text(True)
        'true'
        """
        if value is None or value == "":
            return ""
        if self.kind in _FORMATS:
            return _time_text(self.kind, value)
        if self.kind in _LOOKUPS or self.kind == ID:
            return _id_text(value)
        if self.kind == _LIST and not isinstance(value, str):
            return _list_text(value)
        return _plain_text(value)


def _time_text(kind: str, value: object) -> str:
    wanted = "a date" if kind == "date" else "an aware time, with a time zone"
    read = date.fromisoformat if kind == "date" else datetime.fromisoformat
    try:
        at = read(value) if isinstance(value, str) else value
    except ValueError:
        at = None  # the error would show the value
    if kind == "date" and isinstance(at, date) and not isinstance(at, datetime):
        return at.isoformat()
    if kind == "datetime" and isinstance(at, datetime) and at.tzinfo is not None:
        return at.isoformat(timespec="seconds")
    raise ValueError(f"wants {wanted}")


def _id_text(value: object) -> str:
    found = lookup_id(value)
    if found is None or not (found.isascii() and found.isdigit()):
        raise ValueError("wants an id, or an object with one")
    return found


def _list_text(value: object) -> str:
    values = cast("Sequence[object]", value) if isinstance(value, Sequence) else (None,)
    texts = [v for v in values if isinstance(v, str) and v and _SEPARATOR not in v]
    if len(texts) != len(values):
        raise ValueError("wants texts without semicolons")
    return _SEPARATOR.join(texts)


def _plain_text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)) and math.isfinite(value):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    raise ValueError("wants a text, a finite number or a truth value")
