"""What records of Zoho CRM are made of: fields, modules, tags.

Floor 1: values and their readers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from attrs import field, frozen

from crmbridge.zoho._payload import Json, inner, needed, object_in, text

__all__ = [
    "ZohoField",
    "ZohoModule",
    "ZohoTag",
    "read_field",
    "read_module",
    "read_tag",
]


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
        is_case_sensitive: values of other case are other values to a unique
            field.
        can_create: the API takes it in a new record.
        can_update: the API takes it in a change.
        picklist: the values as they are sent and received (``actual_value``);
            empty for other types.
        label: its name on the screen.
        is_custom: the organisation made it.
        json_type: the type of its JSON: ``"string"``, ``"integer"``,
            ``"double"``, ``"boolean"``, ``"jsonobject"``, ``"jsonarray"``, or
            ``""`` where it is not told.
        lookup_module: the module that a lookup points into, or ``None``.
        is_visible: it is in use. Fields that the user's profile hides are
            listed as well.
        is_personal: it is marked as personal or health data.
        is_restricted: the API hides its values: they come as ``None``.
        raw: the whole payload as it was received.

    Source: Zoho CRM API v8, "Fields Metadata"; v4, "GDPR Compliance", for
    ``private``.
    """

    api_name: str
    data_type: str = "text"
    length: int | None = None
    is_mandatory: bool = False
    is_read_only: bool = False
    is_unique: bool = False
    is_case_sensitive: bool = False
    can_create: bool = True
    can_update: bool = True
    picklist: tuple[str, ...] = ()
    label: str = ""
    is_custom: bool = False
    json_type: str = ""
    lookup_module: str | None = None
    is_visible: bool = True
    is_personal: bool = False
    is_restricted: bool = False
    raw: Mapping[str, object] = field(factory=dict[str, object], repr=False, eq=False)


def read_field(raw: object) -> ZohoField:
    """Read one element of ``fields``.

    Raises:
        MalformedReplyError: it is no object or has no ``api_name``.

    >>> read_field({"api_name": "Fax", "data_type": "text", "length": 30}).length
    30
    """
    payload = object_in(raw, "field")
    length = payload.get("length")
    can = inner(payload, "operation_type")
    unique = inner(payload, "unique")
    private = inner(payload, "private")
    return ZohoField(
        api_name=needed(payload, "api_name", "field"),
        data_type=text(payload, "data_type") or "text",
        length=length if isinstance(length, int) and length > 0 else None,
        is_mandatory=payload.get("system_mandatory") is True,
        is_read_only=(
            payload.get("read_only") is True or payload.get("field_read_only") is True
        ),
        # `{}` says no; `{"case_sensitive": ...}` says yes.
        is_unique=bool(unique),
        is_case_sensitive=True in unique.values(),
        can_create=can.get("api_create", True) is True,
        can_update=can.get("api_update", True) is True,
        picklist=_picklist(payload.get("pick_list_values")),
        label=text(payload, "field_label"),
        is_custom=payload.get("custom_field") is True,
        json_type=text(payload, "json_type"),
        lookup_module=_lookup_module(payload),
        is_visible=payload.get("visible") is not False,
        is_personal=bool(private) or bool(payload.get("hipaa_compliance")),
        is_restricted=(
            private.get("restricted") is True
            or inner(payload, "hipaa_compliance").get("restricted") is True
        ),
        raw=payload,
    )


def _picklist(values: object) -> tuple[str, ...]:
    if not isinstance(values, list):
        return ()
    options = (
        cast("Json", option).get("actual_value")
        for option in cast("list[object]", values)
        if isinstance(option, dict)
    )
    return tuple(option for option in options if isinstance(option, str))


def _lookup_module(payload: Json) -> str | None:
    module = inner(inner(payload, "lookup"), "module")
    return text(module, "api_name") or None


@frozen
class ZohoModule:
    """A module of the organisation.

    Attributes:
        api_name: its name in requests, case-sensitive.
        id: its id, which some calls ask for beside the name.
        label: its name on the screen, in the plural.
        is_api_supported: its records can be reached through the API.
        can_create: the user may make records.
        can_edit: the user may change records.
        can_delete: the user may delete records.
        can_view: the user may see records.
        is_convertible: its records can be converted, as leads can.
        is_custom: the organisation made it.
        is_visible: it is shown; others are hidden or about to be deleted.
        raw: the whole payload as it was received.

    Source: Zoho CRM API v8, "Modules Metadata".
    """

    api_name: str
    id: str
    label: str = ""
    is_api_supported: bool = True
    can_create: bool = True
    can_edit: bool = True
    can_delete: bool = True
    can_view: bool = True
    is_convertible: bool = False
    is_custom: bool = False
    is_visible: bool = True
    raw: Mapping[str, object] = field(factory=dict[str, object], repr=False, eq=False)


def read_module(raw: object) -> ZohoModule:
    """Read one element of ``modules``.

    Raises:
        MalformedReplyError: it is no object, or has no id or ``api_name``.

    >>> read_module({"api_name": "Leads", "id": "7", "creatable": False}).can_create
    False
    """
    payload = object_in(raw, "module")
    return ZohoModule(
        api_name=needed(payload, "api_name", "module"),
        id=needed(payload, "id", "module"),
        label=text(payload, "plural_label"),
        is_api_supported=payload.get("api_supported") is True,
        can_create=payload.get("creatable") is True,
        can_edit=payload.get("editable") is True,
        can_delete=payload.get("deletable") is True,
        can_view=payload.get("viewable") is True,
        is_convertible=payload.get("convertable") is True,
        is_custom=payload.get("generated_type") == "custom",
        is_visible=payload.get("status", "visible") == "visible",
        raw=payload,
    )


@frozen
class ZohoTag:
    """A tag that records of a module can have.

    Attributes:
        id: its id.
        name: its name, unique in the module.
        color_code: such as ``"#F17574"``, or ``None``.

    Source: Zoho CRM API v8, "Get Tags".
    """

    id: str
    name: str
    color_code: str | None = None


def read_tag(raw: object) -> ZohoTag:
    """Read one element of ``tags``.

    Raises:
        MalformedReplyError: it is no object, or has no id or name.

    >>> read_tag({"id": "7", "name": "vip", "color_code": None}).name
    'vip'
    """
    payload = object_in(raw, "tag")
    return ZohoTag(
        id=needed(payload, "id", "tag"),
        name=needed(payload, "name", "tag"),
        color_code=text(payload, "color_code") or None,
    )
