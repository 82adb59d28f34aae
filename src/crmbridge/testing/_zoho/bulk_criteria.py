"""The criteria of bulk reads as the fake Zoho reads them.

Floor 9.
Source: Zoho CRM API v7 and v8, "Create Bulk Read Job"; Zoho's OpenAPI files for
the words of the errors; Kaizen #195 for the bound of 25.
Unverified: that texts are compared without regard to case, and that both ends of
``between`` count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final, TypeAlias, cast

from crmbridge.testing._zoho.answers import Json, Refused

__all__ = ["Holds", "read_criteria"]

Holds: TypeAlias = Callable[[Callable[[str], Any]], bool]
"""Tells of a record, of which it asks for values by name, whether it is meant."""

_MAX_CRITERIA: Final = 25
_LEAST_IN_GROUP: Final = 2
_EMPTY: Final = "${EMPTY}"
_Compare: TypeAlias = Callable[[Any, Any], bool]

_ONE: Final[Mapping[str, _Compare]] = {
    "equal": lambda have, want: have == want,
    "not_equal": lambda have, want: have != want,
    "less_than": lambda have, want: have < want,
    "less_equal": lambda have, want: have <= want,
    "greater_than": lambda have, want: have > want,
    "greater_equal": lambda have, want: have >= want,
    "contains": lambda have, want: want in have,
    "not_contains": lambda have, want: want not in have,
    "starts_with": lambda have, want: have.startswith(want),
    "ends_with": lambda have, want: have.endswith(want),
}
_MANY: Final[Mapping[str, _Compare]] = {
    "in": lambda have, wants: have in wants,
    "not_in": lambda have, wants: have not in wants,
    "between": lambda have, wants: wants[0] <= have <= wants[1],
    "not_between": lambda have, wants: not wants[0] <= have <= wants[1],
}
_RANGES: Final = frozenset({"between", "not_between"})


def read_criteria(criteria: object, kinds: Mapping[str, str]) -> Holds:
    """Read one criterion or a group.

    Args:
        criteria: as it was sent.
        kinds: the types of the module's fields by name.

    Raises:
        Refused: it cannot be read, or names what there is not.
    """
    count = 0

    def read(part: object) -> Holds:
        nonlocal count
        if not isinstance(part, dict):
            raise _refused("INVALID_CRITERIA", "criteria")
        found = cast("Json", part)
        if "group" in found:
            return _group(found, read)
        count += 1
        if count > _MAX_CRITERIA:
            raise _refused("CRITERIA_LIMIT_EXCEEDED", "criteria", limit=_MAX_CRITERIA)
        return _criterion(found, kinds)

    return read(criteria)


def _group(found: Json, read: Callable[[object], Holds]) -> Holds:
    operator = found.get("group_operator")
    if operator not in {"and", "or"}:
        raise _refused(
            "GROUP_OPERATOR_NOT_SUPPORTED", "group_operator", supported=["and", "or"]
        )
    members = _list(found.get("group"))
    if members is None or len(members) < _LEAST_IN_GROUP:
        raise _refused("AMBIGUOUS_GROUP_IN_CRITERIA", "group")
    parts = [read(member) for member in members]
    join = all if operator == "and" else any
    return lambda value_of: join(part(value_of) for part in parts)


def _list(value: object) -> list[object] | None:
    return cast("list[object]", value) if isinstance(value, list) else None


def _criterion(found: Json, kinds: Mapping[str, str]) -> Holds:
    field = found.get("field")
    name = cast("Json", field).get("api_name") if isinstance(field, dict) else None
    if not isinstance(name, str) or name.partition(".")[0] not in kinds:
        raise _refused("FIELD_IN_CRITERIA_NOT_AVAILABLE", str(name))
    comparator, value = found.get("comparator"), found.get("value")
    if value == _EMPTY:
        is_wanted_empty = comparator == "equal"
        return lambda value_of: (value_of(name) in {None, ""}) == is_wanted_empty
    compare = _ONE.get(str(comparator)) or _MANY.get(str(comparator))
    if compare is None:
        raise _refused("FIELD_COMPARATOR_IN_CRITERIA_NOT_SUPPORTED", name)
    values = _list(value)
    is_pair = values is not None and len(values) == _LEAST_IN_GROUP
    is_list_wanted = comparator in _MANY
    if (values is not None) != is_list_wanted or (
        comparator in _RANGES and not is_pair
    ):
        raise _refused("COMPARATOR_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE", name)
    kind = kinds.get(name, "text")
    try:
        want: Any = [_known(kind, v) for v in values or (value,)]
    except ValueError as error:
        raise _refused("VALUE_TYPE_NOT_SUPPORTED", name) from error
    if values is None:
        want = want[0]
    is_negative = str(comparator).startswith("not_")
    return lambda value_of: _compared(
        compare, _have(kind, value_of(name)), want, is_negative=is_negative
    )


def _compared(compare: _Compare, have: Any, want: Any, *, is_negative: bool) -> bool:
    return is_negative if have is None else compare(have, want)


def _have(kind: str, value: Any) -> Any:
    if isinstance(value, dict):
        value = cast("Json", value).get("id")
    return None if value in (None, "") else _known(kind, value)


def _known(kind: str, value: Any) -> Any:
    """Read a value so that it can be compared."""
    if kind == "datetime":
        at = datetime.fromisoformat(str(value))
        if at.tzinfo is None:
            raise ValueError
        return at
    if kind == "date":
        return date.fromisoformat(str(value))
    if kind == "boolean":
        return str(value).lower() == "true"
    return str(value).casefold()


def _refused(code: str, name: str, **more: Any) -> Refused:
    return Refused(400, code, "the criteria are not valid", {"api_name": name, **more})
