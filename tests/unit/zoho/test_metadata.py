"""Reading fields and users; the answers imitate Zoho CRM API v8."""

from __future__ import annotations

from typing import Any

import pytest

from crmbridge.errors import MalformedReplyError
from crmbridge.zoho.metadata import ZohoField, ZohoUser, read_field, read_user


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


def test_a_field_of_which_little_is_told_can_be_written() -> None:
    assert read_field({"api_name": "Fax", "unique": {}}) == ZohoField("Fax")


def test_a_user_is_read() -> None:
    raw = {
        "id": "1",
        "email": "ola@example.com",
        "full_name": "Ola Kos",
        "status": "active",
        "confirm": True,
    }

    assert read_user(raw) == ZohoUser("1", "ola@example.com", "Ola Kos")


def test_a_user_who_was_only_invited_is_not_confirmed() -> None:
    user = read_user({"id": "1", "email": None, "status": "inactive"})

    assert (user.is_active, user.is_confirmed) == (False, False)


@pytest.mark.parametrize("raw", [None, {}, {"api_name": 7}])
def test_a_field_without_a_name_is_refused(raw: object) -> None:
    with pytest.raises(MalformedReplyError):
        read_field(raw)


@pytest.mark.parametrize("raw", [None, {}, {"id": "1", "email": 7}])
def test_a_user_without_an_id_is_refused(raw: object) -> None:
    with pytest.raises(MalformedReplyError):
        read_user(raw)
