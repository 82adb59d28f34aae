"""When records of the fake Zoho change, and what changes with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crmbridge.testing import FakeClock, ZohoFake, ZohoSwitches
from tests.zoho.asking import Api, code_of

EMAIL = "nowak@example.com"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def api(clock: FakeClock) -> Api:
    return Api(ZohoFake(users=("admin@example.com", "bob@example.com"), clock=clock))


# --- Modified_Time and If-Unmodified-Since ------------------------------------


@pytest.mark.fake_row("Modified_Time")
def test_times_are_whole_seconds_in_the_users_zone(clock: FakeClock) -> None:
    clock.advance(0.75)
    fake = ZohoFake(clock=clock, zone=timezone(timedelta(hours=-5)))
    lead = fake.people.add_lead(Last_Name="x")

    assert fake.people.record(lead)["Modified_Time"] == "2026-01-05T07:00:00-05:00"


@pytest.mark.fake_row("Modified_Time")
def test_an_update_without_a_change_moves_the_time_unless_switched(
    api: Api, clock: FakeClock
) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    clock.advance(5)
    api.write("update", "Leads", {"id": lead, "Last_Name": "x"})
    moved = api.fake.people.record(lead)["Modified_Time"]
    api.fake.switches = ZohoSwitches(moves_time_always=False)
    clock.advance(5)
    api.write("update", "Leads", {"id": lead, "Last_Name": "x", "Phone": None})

    assert moved == "2026-01-05T13:00:05+01:00"
    assert api.fake.people.record(lead)["Modified_Time"] == moved


@pytest.mark.fake_row("Modified_Time")
def test_the_time_never_moves_back(api: Api, clock: FakeClock) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    before = api.fake.people.record(lead)["Modified_Time"]

    clock.set(clock.now() - timedelta(minutes=1))
    api.write("update", "Leads", {"id": lead, "Phone": "1"})

    assert api.fake.people.record(lead)["Modified_Time"] == before


@pytest.mark.fake_row("Modified_Time")
def test_the_offset_follows_the_zone_through_the_year(clock: FakeClock) -> None:
    fake = ZohoFake(clock=clock, zone=ZoneInfo("Europe/Warsaw"))
    stamps: list[str] = []
    for month in (1, 7):
        clock.set(datetime(2026, month, 5, 12, tzinfo=UTC))
        lead = fake.people.add_lead(Last_Name="x")
        stamps.append(fake.people.record(lead)["Modified_Time"])

    assert stamps == ["2026-01-05T13:00:00+01:00", "2026-07-05T14:00:00+02:00"]


@pytest.mark.fake_row("If-Unmodified-Since")
@pytest.mark.parametrize("verb", ["update", "upsert"])
def test_a_record_that_changed_meanwhile_is_a_412(
    api: Api, clock: FakeClock, verb: str
) -> None:
    contact = api.fake.people.add_contact(Last_Name="x", Email=EMAIL)
    read = clock.now().isoformat()
    clock.advance(5)
    api.fake.people.edit(contact, Phone="1")
    record = {"id": contact, "Email": EMAIL, "Phone": "2"}

    status, (result,) = api.write(
        verb, "Contacts", record, headers={"if-unmodified-since": read}
    )

    assert (status, result["code"]) == (412, "ALREADY_MODIFIED")
    assert result["details"]["Modified_Time"] == "2026-01-05T13:00:05+01:00"
    assert api.fake.people.record(contact)["Phone"] == "1"


@pytest.mark.fake_row("If-Unmodified-Since")
def test_a_record_that_is_as_it_was_is_written(api: Api, clock: FakeClock) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    headers = {"if-unmodified-since": clock.now().isoformat()}
    clock.advance(5)

    reply = api.ask("PUT", f"Leads/{lead}", {"data": [{"Phone": "1"}]}, headers)

    assert reply.status == 200
    assert api.fake.people.record(lead)["Phone"] == "1"


@pytest.mark.fake_row("If-Unmodified-Since")
@pytest.mark.parametrize("verb", ["update", "upsert"])
@pytest.mark.parametrize(
    ("rule", "status", "codes", "phones"),
    [
        ("whole", 412, ["ALREADY_MODIFIED"], [None, None]),
        ("elements", 207, ["SUCCESS", "ALREADY_MODIFIED"], ["1", None]),
    ],
)
def test_a_stale_record_of_a_batch_stops_all_or_itself(
    api: Api,
    clock: FakeClock,
    verb: str,
    rule: Any,
    status: int,
    codes: list[str],
    phones: list[str | None],
) -> None:
    api.fake.switches = ZohoSwitches(guards_batches=rule)
    leads = [
        api.fake.people.add_lead(Last_Name="x", Email=f"{name}@example.com")
        for name in "ab"
    ]
    headers = {"if-unmodified-since": clock.now().isoformat()}
    clock.advance(5)
    api.fake.people.edit(leads[1], Fax="7")
    records = [
        {"id": lead, "Phone": "1"}
        if verb == "update"
        else {"Email": api.fake.people.record(lead)["Email"], "Phone": "1"}
        for lead in leads
    ]

    answered = api.write(verb, "Leads", *records, headers=headers)

    assert answered[0] == status
    assert [row["code"] for row in answered[1]] == codes
    assert [api.fake.people.record(lead)["Phone"] for lead in leads] == phones


@pytest.mark.fake_row("If-Unmodified-Since")
def test_the_time_of_the_guard_needs_an_offset(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    headers = {"if-unmodified-since": "2026-01-05T12:00:00"}

    reply = api.ask("PUT", f"Leads/{lead}", {"data": [{"Phone": "1"}]}, headers)

    assert code_of(reply) == (400, "INVALID_DATA")


# --- opt-out ------------------------------------------------------------------


@pytest.mark.fake_row("Opt-out")
def test_an_opt_out_stays_with_its_record_unless_switched(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x", Email=EMAIL)
    contact = api.fake.people.add_contact(Last_Name="x", Email=EMAIL.upper())

    api.write("update", "Leads", {"id": lead, "Email_Opt_Out": True})
    alone = api.fake.people.record(contact)["Email_Opt_Out"]
    api.fake.switches = ZohoSwitches(propagates_opt_out=True)
    api.write("update", "Leads", {"id": lead, "Email_Opt_Out": True})

    assert alone is False
    assert api.fake.people.record(contact)["Email_Opt_Out"] is True


@pytest.mark.fake_row("Opt-out")
def test_an_opt_in_follows_the_address_too(api: Api, clock: FakeClock) -> None:
    api.fake.switches = ZohoSwitches(propagates_opt_out=True)
    lead = api.fake.people.add_lead(Last_Name="x", Email=EMAIL, Email_Opt_Out=True)
    contact = api.fake.people.add_contact(
        Last_Name="x", Email=EMAIL, Email_Opt_Out=True
    )
    clock.advance(5)

    api.write("upsert", "Leads", {"Email": EMAIL, "Email_Opt_Out": False})

    for record_id in (lead, contact):
        shown = api.fake.people.record(record_id)
        assert shown["Email_Opt_Out"] is False
        assert shown["Modified_Time"] == "2026-01-05T13:00:05+01:00"


@pytest.mark.fake_row("Opt-out")
def test_the_unsubscribe_link_reaches_all_records_of_the_address(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x", Email=EMAIL)
    contact = api.fake.people.add_contact(Last_Name="x", Email=EMAIL)

    api.fake.people.unsubscribe(EMAIL)

    for record_id in (lead, contact):
        shown = api.fake.people.record(record_id)
        assert shown["Email_Opt_Out"] is True
        assert shown["Unsubscribed_Time"] is not None
