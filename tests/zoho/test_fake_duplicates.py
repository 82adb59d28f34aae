"""What the fake Zoho makes of values that are there already: duplicates, upserts."""

from __future__ import annotations

from typing import Any

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


# --- uniqueness ---------------------------------------------------------------


@pytest.mark.fake_row("Writes")
def test_a_unique_address_is_compared_without_case(api: Api) -> None:
    contact = api.fake.people.add_contact(Last_Name="x", Email=EMAIL)

    status, (result,) = api.write(
        "insert", "Contacts", {"Last_Name": "y", "Email": EMAIL.upper()}
    )

    assert (status, result["code"]) == (400, "DUPLICATE_DATA")
    assert result["details"]["id"] == contact
    assert result["details"]["duplicate_record"]["id"] == contact
    assert result["details"]["api_name"] == "Email"


@pytest.mark.fake_row("Writes")
def test_leads_may_share_an_address_unless_switched(api: Api) -> None:
    record = {"Last_Name": "x", "Email": EMAIL}
    twice = [api.write("insert", "Leads", record)[0] for _ in range(2)]
    api.fake.switches = ZohoSwitches(unique={"Leads": frozenset({"Email", "Phone"})})

    third = api.write("insert", "Leads", record)[1][0]["code"]
    api.write("insert", "Leads", {"Last_Name": "x", "Phone": "1"})
    phone = api.write("insert", "Leads", {"Last_Name": "x", "Phone": "1"})[1][0]

    assert twice == [201, 201]
    assert third == "DUPLICATE_DATA"
    assert phone["details"]["api_name"] == "Phone"


@pytest.mark.fake_row("Writes")
def test_a_lead_and_a_contact_do_not_meet(api: Api) -> None:
    api.fake.people.add_lead(Last_Name="x", Email=EMAIL)

    assert api.write("insert", "Contacts", {"Last_Name": "x", "Email": EMAIL})[0] == 201


@pytest.mark.fake_row("Writes")
def test_a_record_does_not_clash_with_itself(api: Api) -> None:
    contact = api.fake.people.add_contact(Last_Name="x", Email=EMAIL)

    assert api.write("update", "Contacts", {"id": contact, "Email": EMAIL})[0] == 200


@pytest.mark.fake_row("Writes")
def test_a_deleted_record_holds_no_address(api: Api) -> None:
    contact = api.fake.people.add_contact(Last_Name="x", Email=EMAIL)
    api.fake.people.delete(contact)

    assert api.write("insert", "Contacts", {"Last_Name": "x", "Email": EMAIL})[0] == 201


# --- upsert -------------------------------------------------------------------


@pytest.mark.fake_row("Upsert")
def test_an_upsert_looks_for_the_address_first(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x", Email=EMAIL)

    status, rows = api.write(
        "upsert", "Leads", {"Last_Name": "y", "Email": EMAIL}, {"Last_Name": "z"}
    )

    assert status == 200
    assert [(row["action"], row["duplicate_field"]) for row in rows] == [
        ("update", "Email"),
        ("insert", None),
    ]
    assert rows[0]["details"]["id"] == lead


@pytest.mark.fake_row("Upsert")
def test_an_upsert_looks_by_the_named_fields_before_other_unique_ones(api: Api) -> None:
    api.fake.switches = ZohoSwitches(unique={"Leads": frozenset({"Phone"})})
    by_phone = api.fake.people.add_lead(Last_Name="x", Phone="1")
    api.fake.people.add_lead(Last_Name="y", Email=EMAIL)
    record = {"Email": EMAIL, "Phone": "1"}

    _, (result,) = api.write(
        "upsert", "Leads", record, duplicate_check_fields=["Phone"]
    )

    assert result["details"]["id"] == by_phone
    assert result["duplicate_field"] == "Phone"


@pytest.mark.fake_row("Upsert")
def test_an_upsert_looks_by_unique_fields_only(api: Api) -> None:
    reply = api.ask(
        "POST",
        "Leads/upsert",
        {"data": [{"Last_Name": "x"}], "duplicate_check_fields": ["City"]},
    )

    assert code_of(reply) == (400, "INVALID_DATA")


@pytest.mark.fake_row("Upsert")
def test_an_upsert_follows_an_id(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")

    _, (result,) = api.write("upsert", "Leads", {"id": lead, "Phone": "1"})

    assert (result["action"], result["details"]["id"]) == ("update", lead)


@pytest.mark.fake_row("Upsert")
def test_the_systems_field_is_left_out_where_others_are_named(api: Api) -> None:
    api.fake.switches = ZohoSwitches(unique={"Leads": frozenset({"Phone"})})
    api.fake.people.add_lead(Last_Name="x", Email=EMAIL)

    _, (result,) = api.write(
        "upsert",
        "Leads",
        {"Last_Name": "y", "Email": EMAIL},
        duplicate_check_fields=["Phone"],
    )

    assert result["action"] == "insert"


@pytest.mark.fake_row("Upsert")
def test_an_upsert_of_an_unknown_id_makes_nothing(api: Api) -> None:
    _, (result,) = api.write("upsert", "Leads", {"id": "1", "Last_Name": "x"})

    assert (result["code"], result["details"]["api_name"]) == ("INVALID_DATA", "id")
    assert api.fake.people.records("Leads") == ()


@pytest.mark.fake_row("Upsert")
def test_an_upsert_may_clash_in_another_field(api: Api) -> None:
    api.fake.switches = ZohoSwitches(unique={"Leads": frozenset({"Phone"})})
    api.fake.people.add_lead(Last_Name="x", Email=EMAIL)
    other = api.fake.people.add_lead(Last_Name="y", Phone="1")
    api.fake.people.edit(other, Phone="2")

    _, (result,) = api.write(
        "upsert",
        "Leads",
        {"Email": EMAIL, "Phone": "2"},
        duplicate_check_fields=["Email"],
    )

    assert (result["code"], result["details"]["id"]) == ("DUPLICATE_DATA", other)


@pytest.mark.fake_row("Upsert")
def test_the_second_of_one_batch_meets_the_first(api: Api) -> None:
    record = {"Last_Name": "x", "Email": EMAIL}

    _, upserts = api.write("upsert", "Leads", record, record)
    _, inserts = api.write("insert", "Contacts", record, record)

    assert [row["action"] for row in upserts] == ["insert", "update"]
    assert [row["code"] for row in inserts] == ["SUCCESS", "DUPLICATE_DATA"]
    assert inserts[1]["details"]["id"] == inserts[0]["details"]["id"]


@pytest.mark.fake_row("Upsert")
@pytest.mark.parametrize("choice", ["oldest", "newest", "refuse"])
def test_of_several_one_is_chosen_or_none(api: Api, choice: Any) -> None:
    api.fake.switches = ZohoSwitches(upsert_choice=choice)
    leads = [api.fake.people.add_lead(Last_Name="x", Email=EMAIL) for _ in range(3)]
    api.fake.people.edit(leads[0], Email=None)
    api.fake.people.edit(leads[0], Email=EMAIL)

    status, (result,) = api.write("upsert", "Leads", {"Email": EMAIL, "Phone": "1"})

    changed = [api.fake.people.record(lead)["Phone"] for lead in leads]
    if choice == "refuse":
        assert (status, result["code"]) == (400, "DUPLICATE_DATA")
        assert result["details"]["more_records"] is True
        assert changed == [None] * 3
    else:
        place = 0 if choice == "oldest" else 2
        assert result["details"]["id"] == leads[place]
        assert changed.index("1") == place


@pytest.mark.fake_row("Upsert")
@pytest.mark.parametrize(
    ("meets", "codes"),
    [
        ((), ["SUCCESS", "SUCCESS"]),
        (("converted",), ["ID_ALREADY_CONVERTED", "SUCCESS"]),
        (("deleted",), ["SUCCESS", "DUPLICATE_DATA"]),
    ],
)
def test_an_upsert_may_meet_converted_and_deleted_records(
    api: Api, meets: tuple[Any, ...], codes: list[str]
) -> None:
    api.fake.switches = ZohoSwitches(upsert_meets=frozenset(meets))
    converted = api.fake.people.add_lead(Last_Name="x", Email=EMAIL)
    api.fake.people.convert(converted)
    deleted = api.fake.people.add_lead(Last_Name="x", Email="gone@example.com")
    api.fake.people.delete(deleted)

    _, rows = api.write(
        "upsert",
        "Leads",
        {"Last_Name": "y", "Email": EMAIL},
        {"Last_Name": "y", "Email": "gone@example.com"},
    )

    assert [row["code"] for row in rows] == codes


@pytest.mark.fake_row("Writes")
def test_a_field_may_compare_letter_by_letter(api: Api) -> None:
    api.fake.switches = ZohoSwitches(
        unique={"Leads": frozenset({"Fax"})},
        case_sensitive={"Leads": frozenset({"Fax"})},
    )
    api.fake.people.add_lead(Last_Name="x", Fax="a")

    _, rows = api.write(
        "insert",
        "Leads",
        {"Last_Name": "y", "Fax": "A"},
        {"Last_Name": "y", "Fax": "a"},
    )

    assert [row["code"] for row in rows] == ["SUCCESS", "DUPLICATE_DATA"]
    fields = api.ask("GET", "settings/fields", module="Leads").json()["fields"]
    told = {field["api_name"]: field["unique"] for field in fields}
    assert (told["Fax"], told["Email"]) == ({"case_sensitive": True}, {})


@pytest.mark.fake_row("Writes")
def test_every_clash_is_told(api: Api) -> None:
    by_phone = api.fake.people.add_lead(Last_Name="x", Phone="1")
    by_email = api.fake.people.add_lead(Last_Name="x", Email=EMAIL)
    api.fake.people.add_lead(Last_Name="x", Email=EMAIL)
    api.fake.switches = ZohoSwitches(unique={"Leads": frozenset({"Email", "Phone"})})

    _, (result,) = api.write(
        "insert", "Leads", {"Last_Name": "y", "Phone": "1", "Email": EMAIL}
    )

    errors = result["details"]["errors"]
    assert result["code"] == "MULTIPLE_OR_MULTI_ERRORS"
    assert [error["details"]["id"] for error in errors] == [by_phone, by_email]
    assert [error["details"]["more_records"] for error in errors] == [False, True]
