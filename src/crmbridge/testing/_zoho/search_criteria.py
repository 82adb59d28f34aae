"""The criteria of a search as the fake Zoho reads them.

Floor 9.
``equals`` finds what holds the text, as the real one is reported to.

Source: Zoho CRM API v7, "Search Records"; Zoho's OpenAPI files for the words of the
errors and the bound of 15; client code for ``Modified_Time``, which cannot be
searched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final, TypeAlias

from attrs import frozen

from crmbridge.testing._zoho.answers import Json, Refused
from crmbridge.testing._zoho.fields import FieldSpec
from crmbridge.testing._zoho.shelf import Record

__all__ = ["Found", "criteria"]

_MAX_CRITERIA: Final = 15
_TOKEN: Final = re.compile(r"[()]|(?:[^()\\]|\\.)+", re.DOTALL)
_JOIN: Final = re.compile(r"\s*(and|or)\s*", re.IGNORECASE)
_PARTS: Final = re.compile(r"((?:[^,\\]|\\.)*)(?:,|$)", re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)

Found: TypeAlias = Callable[[Record, Json], bool]
"""Tells of a record and of what the index holds of it whether it is found."""

_TEXT: Final = frozenset({"equals", "not_equal", "starts_with", "in"})
_RANGE: Final = frozenset(
    {
        "equals",
        "not_equal",
        "in",
        "between",
        "greater_than",
        "greater_equal",
        "less_than",
        "less_equal",
    }
)
_OPERATORS: Final[Mapping[str, frozenset[str]]] = {
    "date": _RANGE,
    "datetime": _RANGE,
    "boolean": frozenset({"equals", "not_equal"}),
    "lookup": frozenset({"equals", "not_equal", "in"}),
    "ownerlookup": frozenset({"equals", "not_equal", "in"}),
    "jsonarray": frozenset(),
}


def criteria(text: str, table: Mapping[str, FieldSpec]) -> Found:
    """Read criteria such as ``((City:equals:Ustka)and(Fax:starts_with:1))``.

    Raises:
        Refused: they cannot be read, or name what there is not.
    """
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != text:
        raise _unreadable()
    reader = _Reader([token for token in tokens if token.strip()], table)
    found = reader.joined()
    if reader.rest or reader.count == 0:
        raise _unreadable()
    if reader.count > _MAX_CRITERIA:
        raise Refused(
            400,
            "CRITERIA_LIMIT_EXCEEDED",
            f"no of criterium that can be given exceed the limit {_MAX_CRITERIA}",
        )
    return found


class _Reader:
    """Reads brackets, and the criteria in them."""

    def __init__(self, tokens: list[str], table: Mapping[str, FieldSpec]) -> None:
        self.rest = tokens[::-1]
        self.count = 0
        self._table = table

    def joined(self) -> Found:
        found = self._bracketed()
        while self.rest and (join := _JOIN.fullmatch(self.rest[-1])):
            self.rest.pop()
            found = _both(found, join[1].lower(), self._bracketed())
        return found

    def _bracketed(self) -> Found:
        if not self.rest or self.rest.pop() != "(" or not self.rest:
            raise _unreadable()
        if self.rest[-1] == "(":
            found = self.joined()
        else:
            self.count += 1
            found = _criterion(self.rest.pop(), self._table)
        if not self.rest or self.rest.pop() != ")":
            raise _unreadable()
        return found


def _both(left: Found, word: str, right: Found) -> Found:
    if word == "and":
        return lambda record, known: left(record, known) and right(record, known)
    return lambda record, known: left(record, known) or right(record, known)


@frozen
class _Kind:
    """How values of a field are read and compared."""

    name: str

    def read(self, text: str) -> Any:
        if self.name == "datetime":
            at = datetime.fromisoformat(text)
            if at.tzinfo is None:
                raise ValueError
            return at
        if self.name == "date":
            return date.fromisoformat(text)
        return text.casefold()

    def is_equal(self, value: Any, wanted: Any) -> bool:
        is_text = isinstance(value, str) and self.name in _FUZZY
        return wanted in value if is_text else value == wanted


_FUZZY: Final = frozenset({"text", "textarea", "email", "phone", "website"})


def _criterion(text: str, table: Mapping[str, FieldSpec]) -> Found:
    name, operator, value = (*text.split(":", 2), "", "")[:3]
    spec = table.get(name)
    if spec is None:
        raise _refused(name, "invalid field found")
    if name == "Modified_Time":
        raise _refused(name, "the field is not available for search")
    if operator not in _OPERATORS.get(spec.type, _TEXT):
        raise _refused(name, "invalid operator found", operator=operator)
    kind = _Kind(spec.type)
    try:
        wanted = [kind.read(part) for part in _parts(operator, value)]
    except ValueError as error:
        raise _refused(name, "invalid value found") from error
    fits = _COMPARE[operator](kind, wanted)
    is_negated = operator == "not_equal"

    def found(record: Record, known: Json) -> bool:
        shown = _known(name, kind, record, known)
        return shown is not None and fits(shown) != is_negated

    return found


def _parts(operator: str, text: str) -> list[str]:
    raw = [text]
    if operator in {"in", "between"}:
        raw = [match[1] for match in _PARTS.finditer(text) if match[0]]
    return [_ESCAPED.sub(r"\1", part) for part in raw]


def _known(name: str, kind: _Kind, record: Record, known: Json) -> Any:
    """Give what the search knows of a field, ready to be compared."""
    if name == "Created_Time":
        return record.created
    if name == "Owner":
        return record.owner_id
    if name == "Full_Name":
        names = (known.get("First_Name"), known.get("Last_Name"))
        return " ".join(str(part) for part in names if part).casefold()
    if name == "Converted__s":
        return str(record.converted is not None).lower()
    if kind.name == "boolean":
        return str(bool(known.get(name))).lower()
    value = known.get(name)
    return None if value is None else kind.read(str(value))


def _refused(name: str, reason: str, **more: str) -> Refused:
    details = {"api_name": name, "reason": reason, **more}
    return Refused(400, "INVALID_QUERY", "Invalid query formed", details)


def _unreadable() -> Refused:
    details = {"api_name": "criteria", "reason": "criteria cannot be read"}
    return Refused(400, "INVALID_QUERY", "Invalid query formed", details)


def _equals(kind: _Kind, wanted: list[Any]) -> Callable[[Any], bool]:
    return lambda value: any(kind.is_equal(value, one) for one in wanted)


def _ordered(compare: Callable[[Any, list[Any]], bool]) -> Any:
    def prepared(_: _Kind, wanted: list[Any]) -> Callable[[Any], bool]:
        return lambda value: compare(value, wanted)

    return prepared


_COMPARE: Final[Mapping[str, Callable[[_Kind, list[Any]], Callable[[Any], bool]]]] = {
    "equals": _equals,
    "not_equal": _equals,
    "in": _equals,
    "starts_with": _ordered(lambda value, wanted: value.startswith(wanted[0])),
    "between": _ordered(lambda value, wanted: wanted[0] <= value <= wanted[-1]),
    "greater_than": _ordered(lambda value, wanted: value > wanted[0]),
    "greater_equal": _ordered(lambda value, wanted: value >= wanted[0]),
    "less_than": _ordered(lambda value, wanted: value < wanted[0]),
    "less_equal": _ordered(lambda value, wanted: value <= wanted[0]),
}
