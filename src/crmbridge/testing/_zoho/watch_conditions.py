"""Conditions of a watch of the fake Zoho: only where certain fields change.

Floor 9.

Source: Zoho CRM API v7, "Enable Notifications": groups of fields joined by
``and`` or ``or``, at most ten fields in all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any, Final, cast

from crmbridge.testing._zoho.answers import Json, Refused

__all__ = ["check_condition", "holds"]

_MAX_FIELDS: Final = 10
Bad = Callable[..., Refused]


def check_condition(condition: object, bad: Bad) -> Json:
    """Give a condition that is as it should be.

    Raises:
        Refused: it is not.
    """
    given = _object(condition, "notification_condition", bad)
    if given.get("type") != "field_selection":
        raise bad("type", supported_values=["field_selection"])
    _object(given.get("module"), "module", bad)
    group = _object(given.get("field_selection"), "field_selection", bad)
    if len(list(_fields(group, bad))) > _MAX_FIELDS:
        raise bad("field_selection", maximum_length=_MAX_FIELDS)
    return given


def holds(condition: Json, changed: Collection[str]) -> bool:
    """Tell whether the changed fields are those that are asked for."""
    return _group_holds(condition["field_selection"], changed)


def _group_holds(group: Json, changed: Collection[str]) -> bool:
    join = all if group["group_operator"] == "and" else any
    return join(
        _group_holds(item, changed)
        if item.get("group")
        else item["field"]["api_name"] in changed
        for item in group["group"]
    )


def _fields(group: Json, bad: Bad) -> Iterator[str]:
    if group.get("group_operator") not in {"and", "or"}:
        raise bad("group_operator", supported_values=["or", "and"])
    items = group.get("group")
    if not isinstance(items, list) or not items:
        raise bad("group", "jsonarray")
    for item in cast("list[object]", items):
        inner = _object(item, "group", bad)
        if inner.get("group"):
            yield from _fields(inner, bad)
            continue
        name: Any = _object(inner.get("field"), "field", bad).get("api_name")
        if not isinstance(name, str):
            raise bad("api_name", "string")
        yield name


def _object(value: object, name: str, bad: Bad) -> Json:
    if not isinstance(value, dict):
        raise bad(name, "jsonobject")
    return cast("Json", value)
