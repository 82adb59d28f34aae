"""Reading fields, modules and tags; the answers imitate Zoho CRM API v8."""

from __future__ import annotations

from typing import Any

import pytest

from crmbridge.errors import MalformedReplyError
from crmbridge.zoho.metadata import (
    ZohoField,
    ZohoModule,
    ZohoTag,
    read_field,
    read_module,
    read_tag,
)


def test_a_field_is_read() -> None:
    raw: dict[str, Any] = {
        "api_name": "Country",
        "field_label": "Country",
        "data_type": "picklist",
        "length": 120,
        "system_mandatory": False,
        "read_only": False,
        "field_read_only": True,
        "operation_type": {"api_create": True, "api_update": False},
        "unique": {"casesensitive": False},
        "custom_field": True,
        "pick_list_values": [
            {"display_value": "-None-", "actual_value": "-None-"},
            {"display_value": "Polen", "actual_value": "Poland"},
        ],
    }

    assert read_field(raw) == ZohoField(
        api_name="Country",
        data_type="picklist",
        length=120,
        is_mandatory=False,
        is_read_only=True,
        is_unique=True,
        can_create=True,
        can_update=False,
        picklist=("-None-", "Poland"),
        label="Country",
        is_custom=True,
    )


@pytest.mark.parametrize("key", ["case_sensitive", "casesensitive"])
def test_a_unique_field_may_tell_cases_apart(key: str) -> None:
    folded = read_field({"api_name": "Email", "unique": {key: False}})
    exact = read_field({"api_name": "Code", "unique": {key: True}})

    assert (folded.is_unique, folded.is_case_sensitive) == (True, False)
    assert (exact.is_unique, exact.is_case_sensitive) == (True, True)


def test_a_lookup_tells_where_it_points() -> None:
    raw = {
        "api_name": "Account_Name",
        "data_type": "lookup",
        "json_type": "jsonobject",
        "lookup": {"module": {"api_name": "Accounts", "id": "9"}},
    }

    found = read_field(raw)

    assert (found.json_type, found.lookup_module) == ("jsonobject", "Accounts")


@pytest.mark.parametrize(
    ("raw", "is_personal", "is_restricted"),
    [
        ({"private": None}, False, False),
        ({"private": {"type": "Low", "restricted": False}}, True, False),
        ({"private": {"type": "High", "restricted": True}}, True, True),
        ({"hipaa_compliance": {"restricted": True}}, True, True),
    ],
)
def test_a_field_tells_whether_it_is_personal(
    raw: dict[str, Any], *, is_personal: bool, is_restricted: bool
) -> None:
    found = read_field({"api_name": "Email", **raw})

    assert (found.is_personal, found.is_restricted) == (is_personal, is_restricted)


def test_a_field_that_is_not_in_use_says_so() -> None:
    assert not read_field({"api_name": "Fax", "visible": False}).is_visible


def test_a_field_of_which_little_is_told_can_be_written() -> None:
    assert read_field({"api_name": "Fax", "unique": {}}) == ZohoField("Fax")


@pytest.mark.parametrize("raw", [None, {}, {"api_name": 7}])
def test_a_field_without_a_name_is_refused(raw: object) -> None:
    with pytest.raises(MalformedReplyError):
        read_field(raw)


def test_a_module_is_read() -> None:
    raw = {
        "api_name": "Leads",
        "id": "7",
        "plural_label": "Leads",
        "api_supported": True,
        "creatable": True,
        "editable": False,
        "deletable": True,
        "viewable": True,
        "convertable": True,
        "generated_type": "custom",
        "status": "user_hidden",
    }

    assert read_module(raw) == ZohoModule(
        api_name="Leads",
        id="7",
        label="Leads",
        can_edit=False,
        is_convertible=True,
        is_custom=True,
        is_visible=False,
    )


@pytest.mark.parametrize("raw", [None, {"id": "7"}, {"api_name": "Leads"}])
def test_a_module_without_name_or_id_is_refused(raw: object) -> None:
    with pytest.raises(MalformedReplyError):
        read_module(raw)


def test_a_tag_is_read() -> None:
    raw = {"id": "7", "name": "vip", "color_code": "#F17574"}

    assert read_tag(raw) == ZohoTag("7", "vip", "#F17574")
    assert read_tag({"id": "7", "name": "vip"}).color_code is None


@pytest.mark.parametrize("raw", [None, {"id": "7"}, {"name": "vip"}])
def test_a_tag_without_name_or_id_is_refused(raw: object) -> None:
    with pytest.raises(MalformedReplyError):
        read_tag(raw)
