"""The columns that COQL of the fake Zoho knows, and what they are compared with.

Floor 9.
Source: Zoho, "Kaizen #80" and "#81" (the operators of each type), and the example
sheet of COQL (the words of the errors).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final, cast

from attrs import frozen

from crmbridge.testing._zoho.answers import Json, Refused
from crmbridge.testing._zoho.book import Book
from crmbridge.testing._zoho.coql_grammar import Test, Where
from crmbridge.testing._zoho.shelf import Record
from crmbridge.testing._zoho.users import User

__all__ = ["Column", "column", "matcher"]

_EQUAL: Final = frozenset({"=", "!=", "in", "not in", "is null", "is not null"})
_RANGE: Final = _EQUAL | {"<", "<=", ">", ">=", "between", "not between"}
_TEXT: Final = _EQUAL | {"like", "not like"}
_OPERATORS: Final[Mapping[str, frozenset[str]]] = {
    "id": _RANGE,
    "date": _RANGE,
    "datetime": _RANGE,
    "boolean": frozenset({"="}),
    "lookup": _EQUAL,
    "ownerlookup": _EQUAL,
    "jsonarray": frozenset(),
}
_CONVERTED_INTO: Final[Mapping[str, str]] = {
    "Converted_Contact": "Contacts",
    "Converted_Account": "Accounts",
    "Converted_Deal": "Deals",
}
_OF_USER: Final[Mapping[str, Callable[[User], Any]]] = {
    "id": lambda user: user.id,
    "email": lambda user: user.email,
    "full_name": lambda user: user.full_name,
    "first_name": lambda user: user.full_name.partition(" ")[0],
    "last_name": lambda user: user.full_name.rpartition(" ")[2],
}


@frozen
class Column:
    """A field as COQL sees it.

    Attributes:
        name: as it was asked for, such as ``Owner.email``.
        kind: its type.
        shown: the value as records show it.
        folds: texts are compared without regard to case.
    """

    name: str
    kind: str
    shown: Callable[[Record], Any]
    folds: bool = True

    def show(self, record: Record) -> Any:
        """Give what an answer holds; of a lookup the id only."""
        value = self.shown(record)
        return {"id": _id(value)} if isinstance(value, dict) else value

    def value(self, record: Record) -> Any:
        """Give what is compared and sorted; ``None`` for an empty field."""
        value = self.shown(record)
        if value is None:
            return None
        return self.read(_id(value) if isinstance(value, dict) else value)

    def read(self, value: object) -> Any:
        """Read a value of a record or of a question.

        Raises:
            ValueError: it is none of this type.
        """
        if self.kind == "id":
            return int(str(value))
        if self.kind == "datetime":
            at = datetime.fromisoformat(str(value))
            if at.tzinfo is None:
                raise ValueError
            return at
        if self.kind == "date":
            return date.fromisoformat(str(value))
        if self.kind == "boolean":
            return _truth(value)
        text = str(value)
        return text.casefold() if self.folds else text


def _id(lookup: Any) -> str:
    return str(cast("Json", lookup)["id"])


def _truth(value: object) -> bool:
    if value in {True, "true"}:
        return True
    if value in {False, "false"}:
        return False
    raise ValueError


def column(book: Book, module: str, name: str) -> Column:
    """Find a column.

    Raises:
        Refused: the module has no such field.
    """
    folds = not book.switches.coql_is_case_sensitive
    if name == "id":
        return Column(name, "id", lambda record: record.id)
    first, _, rest = name.partition(".")
    spec = book.tables[module].get(first)
    if spec is None:
        raise _unknown(name)

    def shown(record: Record) -> Any:
        return book.show(record, (first,))[first]

    if not rest:
        return Column(name, spec.type, shown, folds)
    if spec.type == "ownerlookup" and rest in _OF_USER:
        of_user = _OF_USER[rest]
        kind = "id" if rest == "id" else "text"
        return Column(name, kind, _through(shown, book.users, of_user), folds)
    target = spec.lookup or _CONVERTED_INTO.get(first, "")
    if target not in book.modules:
        raise _unknown(name)
    inner = column(book, target, rest)
    behind = _through(shown, book.modules[target], inner.shown)
    return Column(name, inner.kind, behind, folds)


def _through(
    shown: Callable[[Record], Json | None],
    targets: Mapping[str, Any],
    get: Callable[[Any], Any],
) -> Callable[[Record], Any]:
    """Look through a lookup."""

    def look(record: Record) -> Any:
        target = targets.get((shown(record) or {}).get("id", ""))
        return None if target is None else get(target)

    return look


def _unknown(name: str) -> Refused:
    message = "column given seems to be invalid"
    return Refused(400, "INVALID_QUERY", message, {"column_name": name})


# --- conditions --------------------------------------------------------------


def matcher(book: Book, module: str, where: Where) -> Callable[[Record], bool]:
    """Make what tells whether a record fits.

    Raises:
        Refused: a column or a value is none.
    """
    if isinstance(where, Test):
        return _test(column(book, module, where.name), where)
    left = matcher(book, module, where.left)
    right = matcher(book, module, where.right)
    if where.word == "and":
        return lambda record: left(record) and right(record)
    return lambda record: left(record) or right(record)


def _test(column: Column, test: Test) -> Callable[[Record], bool]:
    if test.operator not in _OPERATORS.get(column.kind, _TEXT):
        raise _invalid("invalid operator found", test)
    if test.operator.startswith("is"):
        wants_null = test.operator == "is null"
        return lambda record: (column.value(record) is None) == wants_null
    try:
        values = [column.read(value) for value in test.values]
    except ValueError as error:
        raise _invalid("invalid value found", test) from error
    is_negated = test.operator.startswith("not ") or test.operator == "!="
    fits = _COMPARE[test.operator.removeprefix("not ").replace("!", "")](values)

    def told(record: Record) -> bool:
        value = column.value(record)
        return value is not None and fits(value) != is_negated

    return told


def _invalid(reason: str, test: Test) -> Refused:
    details = {"reason": reason, "column_name": test.name, "operator": test.operator}
    return Refused(400, "INVALID_QUERY", "Invalid query formed", details)


def _like(values: list[Any]) -> Callable[[Any], bool]:
    pattern = str(values[0])
    text = pattern.strip("%")
    starts, ends = not pattern.startswith("%"), not pattern.endswith("%")
    if starts and ends:
        return lambda value: value == text
    if starts:
        return lambda value: value.startswith(text)
    return lambda value: value.endswith(text) if ends else text in value


_COMPARE: Final[Mapping[str, Callable[[list[Any]], Callable[[Any], bool]]]] = {
    "=": lambda values: lambda value: value == values[0],
    "in": lambda values: frozenset(values).__contains__,
    "<": lambda values: lambda value: value < values[0],
    "<=": lambda values: lambda value: value <= values[0],
    ">": lambda values: lambda value: value > values[0],
    ">=": lambda values: lambda value: value >= values[0],
    "between": lambda values: lambda value: values[0] <= value <= values[1],
    "like": _like,
}
