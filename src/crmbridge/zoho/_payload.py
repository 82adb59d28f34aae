"""Parts of a payload of Zoho CRM, read with care.

Floor 1.

What this library relies on is checked: an answer of the wrong shape raises an
error that names the key and never shows its value. What is only told to the
caller is empty where it is missing.
"""

from __future__ import annotations

from typing import Any, NoReturn, TypeAlias, cast

from crmbridge.errors import MalformedReplyError

__all__ = ["Json", "inner", "needed", "object_in", "refuse", "text"]

Json: TypeAlias = dict[str, Any]


def needed(payload: Json, key: str, what: str) -> str:
    """Give an id or a name, which has to be there."""
    value = payload.get(key)
    if not isinstance(value, str) or not value:
        refuse(what, key)
    return value


def object_in(raw: object, what: str) -> Json:
    """Give the payload, which has to be an object."""
    if not isinstance(raw, dict):
        refuse(what, "itself")
    return cast("Json", raw)


def inner(payload: Json, name: str) -> Json:
    """Give an object inside a payload; an empty one where there is none."""
    value = payload.get(name)
    return cast("Json", value) if isinstance(value, dict) else {}


def text(payload: Json, name: str) -> str:
    """Give a text; an empty one where there is none."""
    value = payload.get(name)
    return value if isinstance(value, str) else ""


def refuse(what: str, name: str) -> NoReturn:
    """Raise the error of a payload whose key holds the wrong thing."""
    raise MalformedReplyError(
        f"Zoho sent a {what} whose {name} has an unexpected type", service="zoho"
    )
