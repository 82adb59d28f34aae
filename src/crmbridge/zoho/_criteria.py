"""Conditions as the criteria of a search, which has a language of its own.

Floor 1: pure text.

Source: Zoho CRM API v7, "Search Records": ``(Api_Name:operator:value)``, joined by
``and`` and ``or``; brackets, commas and backslashes in a value stand behind a
backslash; 10 criteria (Zoho's OpenAPI files say 15).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from crmbridge.zoho._coql_text import Value, invalid
from crmbridge.zoho.coql import Comparison, Condition, Pair

__all__ = ["criteria_text"]

_MAX_CRITERIA: Final = 10
_SPECIAL: Final = re.compile(r"[(),\\]")
_OPERATORS: Final[Mapping[str, str]] = {
    "=": "equals",
    "!=": "not_equal",
    "<": "less_than",
    "<=": "less_equal",
    ">": "greater_than",
    ">=": "greater_equal",
    "in": "in",
    "between": "between",
}


def criteria_text(condition: Condition) -> str:
    r"""Write a condition as criteria.

    Raises:
        InvalidInputError: a search cannot ask that, or not so much at once.

    >>> from crmbridge.zoho.coql import equals, starts_with
    >>> criteria_text(equals("Company", "Nut, Bolt (UK)") & starts_with("City", "Ust"))
    '((Company:equals:Nut\\, Bolt \\(UK\\))and(City:starts_with:Ust))'
    """
    text = _text(condition)
    if _count(condition) > _MAX_CRITERIA:
        raise invalid(f"a search takes {_MAX_CRITERIA} criteria", "criteria")
    return text


def _count(condition: Condition) -> int:
    if isinstance(condition, Pair):
        return _count(condition.left) + _count(condition.right)
    return 1


def _text(condition: Condition) -> str:
    if isinstance(condition, Pair):
        return f"({_text(condition.left)}{condition.word}{_text(condition.right)})"
    if not isinstance(condition, Comparison):
        raise invalid("criteria are made by the functions of coql", "criteria")
    operator = _OPERATORS.get(condition.operator)
    values = [_value(value) for value in condition.values]
    if condition.operator == "like" and values[0].find("%") == len(values[0]) - 1:
        operator, values = "starts_with", [values[0][:-1]]
    if operator is None or not all(values):
        raise invalid(
            f"a search cannot ask for {condition.operator!r}, nor for empty texts",
            "criteria",
        )
    return f"({condition.name}:{operator}:{','.join(values)})"


def _value(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case _:
            return _SPECIAL.sub(r"\\\g<0>", str(value))
