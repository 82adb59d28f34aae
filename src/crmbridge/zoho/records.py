"""The records of Zoho CRM as they come over the wire, typed.

Floor 1: values and their readers.

The rule of this module: everything received is kept as it was received; what
this library itself relies on is checked, and an answer of the wrong shape
raises an error that names the field and never shows its value.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, NoReturn, TypeAlias, cast

from attrs import field, frozen

from crmbridge._wire import WHOLE, from_key, wire, wire_converter
from crmbridge.contact import NotObserved
from crmbridge.errors import MalformedReplyError

__all__ = [
    "UserRef",
    "ZohoField",
    "ZohoRecord",
    "ZohoUser",
    "lookup_id",
    "read_field",
    "read_record",
    "read_user",
]

Json: TypeAlias = dict[str, Any]


# Unslotted, both of them: attrs then builds one in half the time, and a sweep
# builds hundreds of thousands.
@frozen(slots=False)
class UserRef:
    """A user as a record names him.

    Attributes:
        id: the user's id.
        name: the full name, where it was told.
        email: the e-mail, where it was told.
    """

    id: str = field(metadata=from_key("id"))
    name: str | None = wire("name", default=None)
    email: str | None = wire("email", default=None)


@frozen(slots=False)
class ZohoRecord:
    """A record of any module; ``repr`` shows the module and the id only.

    Attributes:
        module: the API name of its module, such as ``"Leads"``.
        id: a decimal string of up to 19 digits; never make a number of it.
        fields: the whole payload by API name as it was received, ``id`` and
            the ``$`` keys included.
        owner: ``Owner``; `NOT_OBSERVED` where the payload lacks it.
        modified_time: ``Modified_Time`` as text, in the zone of the user whose
            token was used; see `modified_at`.
        created_time: ``Created_Time`` as text; see `created_at`.
    """

    module: str
    id: str = field(metadata=from_key("id"))
    fields: Mapping[str, object] = field(
        factory=dict[str, object], repr=False, metadata=WHOLE
    )
    owner: UserRef | NotObserved | None = wire("Owner")
    modified_time: str | None = wire("Modified_Time", default=None)
    created_time: str | None = wire("Created_Time", default=None)

    @property
    def is_converted(self) -> bool:
        """Tell whether a lead was converted; it cannot be changed any more."""
        get = self.fields.get
        return get("Converted__s") is True or get("$converted") is True

    @property
    def modified_at(self) -> datetime | None:
        """The time of the last change (UTC), or ``None`` where it is not told.

        Raises:
            MalformedReplyError: the text is no time with an offset.
        """
        return _instant(self.modified_time, "Modified_Time")

    @property
    def created_at(self) -> datetime | None:
        """The time of creation (UTC), or ``None`` where it is not told.

        Raises:
            MalformedReplyError: the text is no time with an offset.
        """
        return _instant(self.created_time, "Created_Time")

    @property
    def converted_contact_id(self) -> str | None:
        """The contact that a converted lead became, where it is told."""
        return self._converted("Converted_Contact", "contact")

    @property
    def converted_account_id(self) -> str | None:
        """The account that a converted lead became, where it is told."""
        return self._converted("Converted_Account", "account")

    def _converted(self, native: str, detail: str) -> str | None:
        # The native lookups are preferred: `$converted_detail` may lag behind.
        found = lookup_id(self.fields.get(native))
        if found is not None:
            return found
        details = self.fields.get("$converted_detail")
        if isinstance(details, Mapping):
            return lookup_id(cast("Mapping[str, object]", details).get(detail))
        return None


def lookup_id(value: object) -> str | None:
    """Give the id of a lookup, which old versions give as a plain string.

    >>> lookup_id({"id": "7", "name": "Acme"})
    '7'
    """
    if isinstance(value, Mapping):
        value = cast("Mapping[str, object]", value).get("id")
    return value if isinstance(value, str) and value else None


def read_record(module: str, raw: object) -> ZohoRecord:
    """Read one element of ``data``.

    Raises:
        MalformedReplyError: it is no object, has no id, or holds an owner or
            a time of the wrong type. The message names the field.

    >>> read_record("Leads", {"id": "7", "Last_Name": "Nowak"}).is_converted
    False
    """
    record: ZohoRecord = _structure(raw, partial(ZohoRecord, module))
    if not record.id:
        _refuse("record", "id")
    return record


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


def _instant(text: str | None, name: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            _refuse("record", name)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise MalformedReplyError(
            f"Zoho sent a record whose {name} is no time", service="zoho"
        ) from error


def _refuse(what: str, name: str) -> NoReturn:
    raise MalformedReplyError(
        f"Zoho sent a {what} whose {name} has an unexpected type", service="zoho"
    )


_structure: Final = wire_converter(
    "Zoho",
    {ZohoRecord: "a record", UserRef: "a record whose Owner is a user"},
).get_structure_hook(ZohoRecord)
