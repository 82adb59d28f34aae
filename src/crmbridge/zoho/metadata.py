"""What an organisation is made of, as Zoho CRM tells it: its fields and users.

Floor 1: values and their readers.

The rule of this module: what this library relies on is checked, and an answer
of the wrong shape raises an error that names the key and never shows its
value; the whole payload stays in ``raw``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn, TypeAlias, cast

from attrs import field, frozen

from crmbridge.errors import MalformedReplyError

__all__ = ["ZohoField", "ZohoUser", "read_field", "read_user"]

Json: TypeAlias = dict[str, Any]


@frozen
class ZohoField:
    """What the organisation's metadata says of one field.

    Attributes:
        api_name: its name in requests, case-sensitive.
        data_type: Zoho's word for its type, such as ``"text"``, ``"picklist"``,
            ``"lookup"``, ``"boolean"``, ``"date"``.
        length: the most characters it takes, or ``None`` where none is told.
        is_mandatory: ``system_mandatory``; mandatory in a layout only does not
            count, for the API checks that only when a layout is named.
        is_read_only: it cannot be written by anyone, or not by this user.
        is_unique: no two records may hold the same value.
        can_create: the API takes it in a new record.
        can_update: the API takes it in a change.
        picklist: the values as they are sent and received (``actual_value``);
            empty for other types.
        label: its name on the screen.
        is_custom: the organisation made it.
        raw: the whole payload as it was received.

    Source: Zoho CRM API v8, "Fields Metadata".
    """

    api_name: str
    data_type: str = "text"
    length: int | None = None
    is_mandatory: bool = False
    is_read_only: bool = False
    is_unique: bool = False
    can_create: bool = True
    can_update: bool = True
    picklist: tuple[str, ...] = ()
    label: str = ""
    is_custom: bool = False
    raw: Mapping[str, object] = field(factory=dict[str, object], repr=False, eq=False)


def read_field(raw: object) -> ZohoField:
    """Read one element of ``fields``.

    Raises:
        MalformedReplyError: it is no object or has no ``api_name``.

    >>> read_field({"api_name": "Fax", "data_type": "text", "length": 30}).length
    30
    """
    payload = _object(raw, "field")
    api_name = payload.get("api_name")
    if not isinstance(api_name, str):
        _refuse("field", "api_name")
    length = payload.get("length")
    can = _inner(payload, "operation_type")
    return ZohoField(
        api_name=api_name,
        data_type=_text(payload, "data_type") or "text",
        length=length if isinstance(length, int) and length > 0 else None,
        is_mandatory=payload.get("system_mandatory") is True,
        is_read_only=(
            payload.get("read_only") is True or payload.get("field_read_only") is True
        ),
        is_unique=_is_unique(payload),
        can_create=can.get("api_create", True) is True,
        can_update=can.get("api_update", True) is True,
        picklist=_picklist(payload.get("pick_list_values")),
        label=_text(payload, "field_label"),
        is_custom=payload.get("custom_field") is True,
        raw=payload,
    )


def _is_unique(payload: Json) -> bool:
    # `{}` says no; `{"casesensitive": ...}` says yes.
    return bool(payload.get("unique"))


def _picklist(values: object) -> tuple[str, ...]:
    if not isinstance(values, list):
        return ()
    options = (
        cast("Json", option).get("actual_value")
        for option in cast("list[object]", values)
        if isinstance(option, dict)
    )
    return tuple(option for option in options if isinstance(option, str))


@frozen
class ZohoUser:
    """A user of the organisation.

    Only active and confirmed users can own records.

    Attributes:
        id: the user's id.
        email: the e-mail, or ``None``.
        full_name: the name shown.
        is_active: ``status`` is ``"active"``.
        is_confirmed: ``confirm``, the invitation was accepted.
        raw: the whole payload as it was received.

    Source: Zoho CRM API v8, "Users".
    """

    id: str
    email: str | None = field(default=None, repr=False)
    full_name: str = field(default="", repr=False)
    is_active: bool = True
    is_confirmed: bool = True
    raw: Mapping[str, object] = field(factory=dict[str, object], repr=False, eq=False)


def read_user(raw: object) -> ZohoUser:
    """Read one element of ``users``.

    Raises:
        MalformedReplyError: it is no object, has no id, or its e-mail is no text.

    >>> read_user({"id": "1", "status": "active", "confirm": True}).is_active
    True
    """
    payload = _object(raw, "user")
    user_id, email = payload.get("id"), payload.get("email")
    if not isinstance(user_id, str):
        _refuse("user", "id")
    if email is not None and not isinstance(email, str):
        _refuse("user", "email")
    return ZohoUser(
        id=user_id,
        email=email or None,
        full_name=_text(payload, "full_name"),
        is_active=payload.get("status") == "active",
        is_confirmed=payload.get("confirm") is True,
        raw=payload,
    )


def _object(raw: object, what: str) -> Json:
    if not isinstance(raw, dict):
        _refuse(what, "itself")
    return cast("Json", raw)


def _inner(payload: Json, name: str) -> Json:
    inner = payload.get(name)
    return cast("Json", inner) if isinstance(inner, dict) else {}


def _text(payload: Json, name: str) -> str:
    value = payload.get(name)
    return value if isinstance(value, str) else ""


def _refuse(what: str, name: str) -> NoReturn:
    raise MalformedReplyError(
        f"Zoho sent a {what} whose {name} has an unexpected type", service="zoho"
    )
