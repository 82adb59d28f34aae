"""One element of a request to watch, as the fake Zoho reads and checks it.

Floor 9.

Source: Zoho CRM API v7, "Enable Notifications".
Unverified, from client code: parts of a second in ``channel_expiry`` are refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final, cast
from urllib.parse import urlsplit

from attrs import frozen

from crmbridge.testing._zoho.answers import Json, Refused
from crmbridge.testing._zoho.watch_conditions import check_condition

__all__ = ["Wanted", "read_element"]

_MAX_TOKEN: Final = 50
_CHANNEL: Final = re.compile(r"\d{1,19}", re.ASCII)
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:?\d\d)", re.ASCII)
_ALL: Final = ("edit", "create", "delete")


@frozen
class Wanted:
    """One element, checked.

    Attributes:
        operations: by module, what is watched; never ``all``.
        drops_events: they are to end, not to begin.

    What is ``None`` was not named.
    """

    channel_id: str
    operations: Mapping[str, tuple[str, ...]]
    notify_url: str = ""
    token: str | None = None
    expires_at: datetime | None = None
    tells_related: bool | None = None
    sends_values: bool | None = None
    conditions: tuple[Json, ...] | None = None
    drops_events: bool = False


def read_element(element: object, place: int, modules: Collection[str]) -> Wanted:
    """Read one element.

    Raises:
        Refused: it is not as it should be.
    """
    if not isinstance(element, dict):
        raise _Place(place).bad("watch", "jsonobject")
    given = cast("Json", element)
    at = _Place(place)
    channel_id = at.required(given, "channel_id")
    if not _CHANNEL.fullmatch(str(channel_id)):
        raise at.bad("channel_id", "long")
    operations = _operations(at.required(given, "events"), modules, at)
    if given.get("_delete_events") is True:
        return Wanted(str(channel_id), operations, drops_events=True)
    return Wanted(
        str(channel_id),
        operations,
        _address(at.required(given, "notify_url"), at),
        _token(given.get("token"), at),
        _end(given.get("channel_expiry"), at),
        _flag(given, "notify_on_related_action", at),
        _flag(given, "return_affected_field_values", at),
        _conditions(given.get("notification_condition"), at),
    )


@frozen
class _Place:
    """Which element it is, for what is said of it."""

    number: int

    def required(self, given: Json, name: str) -> Any:
        value = given.get(name)
        if value in (None, "", []):
            path = f"$.watch[{self.number}].{name}"
            raise Refused(
                400,
                "MANDATORY_NOT_FOUND",
                "required field not found",
                {"api_name": name, "json_path": path},
            )
        return value

    def bad(self, name: str, kind: str | None = None, **more: Any) -> Refused:
        details: Json = {
            "api_name": name,
            "json_path": f"$.watch[{self.number}].{name}",
            **more,
        }
        if kind is not None:
            details["expected_data_type"] = kind
        return Refused(400, "INVALID_DATA", "invalid data", details)


def _operations(
    events: Any, modules: Collection[str], at: _Place
) -> dict[str, tuple[str, ...]]:
    if not isinstance(events, list):
        raise at.bad("events", "jsonarray")
    found: dict[str, tuple[str, ...]] = {}
    for event in cast("list[object]", events):
        module, _, operation = str(event).partition(".")
        if module not in modules or operation not in {*_ALL, "all"}:
            raise at.bad("events")
        named = _ALL if operation == "all" else (operation,)
        found[module] = tuple(dict.fromkeys((*found.get(module, ()), *named)))
    return found


def _address(url: Any, at: _Place) -> str:
    if not isinstance(url, str) or not _is_address(url):
        raise at.bad("notify_url", "website")
    return url


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return has_host and parts.scheme in {"http", "https"}


def _token(token: Any, at: _Place) -> str | None:
    if token is None:
        return None
    if not isinstance(token, str):
        raise at.bad("token", "string")
    if len(token) > _MAX_TOKEN:
        raise at.bad("token", maximum_length=_MAX_TOKEN)
    return token


def _end(text: Any, at: _Place) -> datetime | None:
    if text is None:
        return None
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        raise at.bad("channel_expiry", "datetime")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise at.bad("channel_expiry", "datetime") from None


def _flag(given: Json, name: str, at: _Place) -> bool | None:
    value = given.get(name)
    if value is not None and not isinstance(value, bool):
        raise at.bad(name, "boolean")
    return value


def _conditions(value: Any, at: _Place) -> tuple[Json, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise at.bad("notification_condition", "jsonarray")
    return tuple(check_condition(each, at.bad) for each in cast("list[object]", value))
