"""Questions in COQL, the query language of Zoho CRM: values that become text.

Floor 1: values only; nothing is sent.

A `Select` is made of names and `Condition`s; conditions are made by the functions
of this module and joined by ``&`` and ``|``, which bracket them in pairs, as COQL
wants it.
Names are checked, and values written so that nothing in them is read as COQL.

Source: Zoho CRM API v8, "COQL limitations"; v5,
"COQL overview".

>>> where = equals("Last_Name", "O'Hara") & is_not_null("Email")
>>> print(Select("Leads", ["Email"], where=where, limit=10).text())
select id, Email from Leads where (Last_Name = 'O''Hara' and Email is not null) limit 10
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from attrs import field, frozen

from crmbridge.zoho._coql_text import (
    Backslash,
    Value,
    check_module,
    check_name,
    check_value,
    invalid,
    name_text,
    value_text,
)

__all__ = [
    "MAX_FIELDS",
    "MAX_ROWS",
    "MAX_VALUES",
    "ROW_WALL",
    "Backslash",
    "Condition",
    "Order",
    "Select",
    "Value",
    "at_least",
    "at_most",
    "between",
    "contains",
    "descending",
    "ends_with",
    "equals",
    "greater",
    "is_not_null",
    "is_null",
    "less",
    "none_of",
    "not_equals",
    "one_of",
    "starts_with",
]

MAX_ROWS: Final = 2000
ROW_WALL: Final = 100_000
MAX_FIELDS: Final = 500
MAX_VALUES: Final = 100
_MAX_ORDER: Final = 10
_MAX_CONDITIONS: Final = 25
_DEFAULT_ROWS: Final = 200


class Condition:
    """What a record must be like; join two by ``&`` or ``|``.

    >>> Select("Leads", ["id"], where=is_null("Phone") & less("Amount", 5)).text()
    'select id from Leads where (Phone is null and Amount < 5) limit 200'
    """

    __slots__ = ()

    def __and__(self, other: Condition) -> Condition:
        return Pair(self, "and", other)

    def __or__(self, other: Condition) -> Condition:
        return Pair(self, "or", other)


def _named(_: Any, __: Any, name: str) -> None:
    check_name(name)


@frozen
class Comparison(Condition):
    """One field compared with values; made by the functions of this module."""

    name: str = field(validator=_named)
    operator: str
    values: tuple[Value, ...] = field(default=(), repr=False)

    def __attrs_post_init__(self) -> None:
        """Refuse what has no form in COQL."""
        for value in self.values:
            check_value(value, self.name)


@frozen
class Pair(Condition):
    """Two conditions and the word between them."""

    left: Condition
    word: str
    right: Condition


@frozen
class Order:
    """A field that rows are sorted by."""

    name: str = field(validator=_named)
    is_descending: bool = False


def _text(condition: Condition, backslash: Backslash | None) -> str:
    if isinstance(condition, Pair):
        left, right = (
            _text(condition.left, backslash),
            _text(condition.right, backslash),
        )
        return f"({left} {condition.word} {right})"
    if not isinstance(condition, Comparison):
        raise invalid("where is made by the functions of coql", "where")
    values = [value_text(value, backslash) for value in condition.values]
    start = f"{name_text(condition.name)} {condition.operator}"
    if condition.operator.endswith("in"):
        return f"{start} ({', '.join(values)})"
    return f"{start} {' and '.join(values)}".rstrip()


def _order_text(order: Order) -> str:
    return f"{name_text(order.name)} {'desc' if order.is_descending else 'asc'}"


def _names(names: Iterable[str]) -> tuple[str, ...]:
    if isinstance(names, str):
        raise invalid("fields are several names, not one text", "fields")
    return tuple(names)


def _orders(orders: Iterable[str | Order]) -> tuple[Order, ...]:
    if isinstance(orders, str):
        raise invalid("order_by is several names, not one text", "order_by")
    return tuple(o if isinstance(o, Order) else Order(o) for o in orders)


@frozen
class Select:
    """One question: some fields of a module's records.

    Attributes:
        module: the module's API name.
        fields: API names, up to 500 with the id, which always comes too.
            ``Lookup.Name`` reaches into a lookup, of which there is nothing
            but the id otherwise.
        where: which records; ``None`` means all.
        order_by: up to 10 names or `descending` names; by id, upwards, where
            there is none.
        limit: 1 to 2,000 rows. It decides what the question costs: 1 credit to
            200 rows, 2 to 1,000, 3 above.
        offset: how many rows to pass over; ``offset`` and ``limit`` reach
            100,000 rows together.

    Raises:
        InvalidInputError: a name is none, a name comes twice, or a number is
            outside its bounds.
    """

    module: str
    fields: tuple[str, ...] = field(converter=_names)
    where: Condition | None = field(default=None, kw_only=True)
    order_by: tuple[Order, ...] = field(default=(), converter=_orders, kw_only=True)
    limit: int = field(default=_DEFAULT_ROWS, kw_only=True)
    offset: int = field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Refuse what Zoho refuses."""
        check_module(self.module)
        for name in self.fields:
            check_name(name)
        _count(self.fields, 1, MAX_FIELDS - ("id" not in self.fields), "fields")
        _count([order.name for order in self.order_by], 0, _MAX_ORDER, "order_by")
        if not 1 <= self.limit <= MAX_ROWS:
            raise invalid(f"limit must be 1 to {MAX_ROWS}", "limit")
        if not 0 <= self.offset <= ROW_WALL - self.limit:
            raise invalid(
                f"offset and limit reach {ROW_WALL} rows; go on by id above the last",
                "offset",
            )
        if sum(1 for _ in self._tests()) > _MAX_CONDITIONS:
            raise invalid(f"COQL takes {_MAX_CONDITIONS} conditions", "where")

    @property
    def field_with_backslash(self) -> str | None:
        """The first field compared with a text that holds a backslash, if any."""
        for test in self._tests():
            if any(isinstance(value, str) and "\\" in value for value in test.values):
                return test.name
        return None

    def text(self, backslash: Backslash | None = None) -> str:
        """Write it in COQL.

        Args:
            backslash: what a backslash means; needed where a text holds one.

        Raises:
            InvalidInputError: a text holds a backslash, and it is not said
                what it means.
        """
        if backslash is None and self.field_with_backslash is not None:
            raise invalid("a text holds a backslash; say what it means", "backslash")
        where = self.where or is_not_null("id")
        fields = dict.fromkeys(("id", *self.fields))
        words = ["select", ", ".join(map(name_text, fields))]
        words += ["from", name_text(self.module), "where", _text(where, backslash)]
        if self.order_by:
            words += ["order by", ", ".join(map(_order_text, self.order_by))]
        words += ["limit", str(self.limit)]
        if self.offset:
            words += ["offset", str(self.offset)]
        return " ".join(words)

    def _tests(self) -> Iterator[Comparison]:
        # A stack, for conditions may be joined deeper than Python calls.
        left: list[Condition] = [] if self.where is None else [self.where]
        while left:
            match left.pop():
                case Comparison() as test:
                    yield test
                case Pair() as pair:
                    left += (pair.right, pair.left)
                case _:
                    raise invalid("where is made by the functions of coql", "where")


# --- conditions --------------------------------------------------------------


def equals(name: str, value: Value) -> Condition:
    """Ask for ``=``."""
    return Comparison(name, "=", (value,))


def not_equals(name: str, value: Value) -> Condition:
    """Ask for ``!=``."""
    return Comparison(name, "!=", (value,))


def less(name: str, value: Value) -> Condition:
    """Ask for ``<``."""
    return Comparison(name, "<", (value,))


def at_most(name: str, value: Value) -> Condition:
    """Ask for ``<=``."""
    return Comparison(name, "<=", (value,))


def greater(name: str, value: Value) -> Condition:
    """Ask for ``>``."""
    return Comparison(name, ">", (value,))


def at_least(name: str, value: Value) -> Condition:
    """Ask for ``>=``."""
    return Comparison(name, ">=", (value,))


def between(name: str, first: Value, last: Value) -> Condition:
    """Ask for what lies between two values, both included."""
    return Comparison(name, "between", (first, last))


def one_of(name: str, values: Iterable[Value]) -> Condition:
    """Ask for one of 1 to 100 values."""
    return Comparison(name, "in", _some(values))


def none_of(name: str, values: Iterable[Value]) -> Condition:
    """Ask for none of 1 to 100 values."""
    return Comparison(name, "not in", _some(values))


def starts_with(name: str, text: str) -> Condition:
    """Ask for a text that begins so."""
    return Comparison(name, "like", (f"{_part(text)}%",))


def ends_with(name: str, text: str) -> Condition:
    """Ask for a text that ends so."""
    return Comparison(name, "like", (f"%{_part(text)}",))


def contains(name: str, text: str) -> Condition:
    """Ask for a text that holds this one."""
    return Comparison(name, "like", (f"%{_part(text)}%",))


def is_null(name: str) -> Condition:
    """Ask for an empty field."""
    return Comparison(name, "is null")


def is_not_null(name: str) -> Condition:
    """Ask for a field that is not empty."""
    return Comparison(name, "is not null")


def descending(name: str) -> Order:
    """Sort by a field, downwards."""
    return Order(name, is_descending=True)


def _some(values: Iterable[Value]) -> tuple[Value, ...]:
    if isinstance(values, str):
        raise invalid("values are several, not one text", "values")
    some = tuple(values)
    if not 1 <= len(some) <= MAX_VALUES:
        raise invalid(f"a list takes 1 to {MAX_VALUES} values", "values")
    return some


def _part(text: str) -> str:
    # No source tells how a sign for "anything" is written as itself.
    if "%" in text or not text:
        raise invalid("a part of a text is not empty and holds no %", "text")
    return text


def _count(names: Iterable[str], least: int, most: int, where: str) -> None:
    all_names = tuple(names)
    if not least <= len(all_names) <= most:
        raise invalid(f"{where} takes {least} to {most} names", where)
    if len(set(all_names)) < len(all_names):
        raise invalid(f"{where} has a name twice, which Zoho refuses", where)
