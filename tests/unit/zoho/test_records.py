"""Reading records; the answers imitate Zoho CRM API v8."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from crmbridge.contact import NOT_OBSERVED
from crmbridge.errors import MalformedReplyError
from crmbridge.zoho.records import UserRef, read_record

LEAD: dict[str, Any] = {
    "id": "5725767000000424162",
    "Last_Name": "Nowak",
    "Owner": {"id": "1", "name": "Ola", "email": "ola@example.com"},
    "Modified_Time": "2026-03-29T03:00:00+02:00",
    "Created_Time": "2026-03-29T01:59:59+01:00",
    "$approval_state": "approved",
}


def test_a_record_keeps_all_that_was_received() -> None:
    record = read_record("Leads", LEAD)

    assert (record.module, record.id) == ("Leads", "5725767000000424162")
    assert record.fields == LEAD
    assert record.owner == UserRef("1", "Ola", "ola@example.com")
    assert not record.is_converted


def test_times_are_instants_in_utc() -> None:
    record = read_record("Leads", LEAD)

    assert record.modified_at == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert record.created_at == datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)


def test_missing_keys_are_not_observed() -> None:
    record = read_record("Leads", {"id": "7"})

    assert record.owner is NOT_OBSERVED
    assert record.modified_at is None
    assert record.converted_contact_id is None


@pytest.mark.parametrize(
    "raw",
    [
        {"Converted__s": True, "Converted_Contact": {"id": "9", "name": "Jan"}},
        {"$converted": True, "$converted_detail": {"contact": "9"}},
        {"$converted": True, "$converted_detail": {"contact": {"id": "9"}}},
        {
            "$converted": True,
            "Converted_Contact": {"id": "9"},
            "$converted_detail": {"contact": "8"},
        },
    ],
)
def test_a_converted_lead_tells_its_contact(raw: dict[str, Any]) -> None:
    record = read_record("Leads", {"id": "7", **raw})

    assert record.is_converted
    assert record.converted_contact_id == "9"
    assert record.converted_account_id is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": 7}, "id"),
        ({"id": ""}, "id"),
        ({"Owner": "1"}, "Owner"),
        ({"Owner": {"id": 1}}, "Owner"),
        ({"Modified_Time": 7}, "Modified_Time"),
    ],
)
def test_a_wrong_type_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(MalformedReplyError, match=f"whose {field} "):
        read_record("Leads", {**LEAD, **changes})


@pytest.mark.parametrize("raw", [None, [], "lead"])
def test_what_is_no_object_is_refused(raw: object) -> None:
    with pytest.raises(MalformedReplyError):
        read_record("Leads", raw)


@pytest.mark.parametrize("text", ["yesterday", "2026-01-01T00:00:00"])
def test_a_time_without_offset_is_refused(text: str) -> None:
    record = read_record("Leads", {**LEAD, "Modified_Time": text})

    with pytest.raises(MalformedReplyError):
        _ = record.modified_at


def test_repr_shows_no_personal_datum() -> None:
    shown = repr(read_record("Leads", LEAD))

    assert shown == "ZohoRecord(module='Leads', id='5725767000000424162')"


def test_a_converted_lead_tells_its_deal() -> None:
    raw = {"id": "1", "Converted__s": True, "Converted_Deal": {"id": "9", "name": "x"}}

    assert read_record("Leads", raw).converted_deal_id == "9"
