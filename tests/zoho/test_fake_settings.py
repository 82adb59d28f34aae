"""The settings of the fake Zoho: users, modules, fields, the organisation."""

from __future__ import annotations

from typing import Any

import pytest

from crmbridge.testing import FakeClock, ZohoFake, ZohoSwitches
from tests.zoho.asking import Api, code_of

ADMIN = "admin@example.com"
BOB = "bob@example.com"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def api(clock: FakeClock) -> Api:
    return Api(ZohoFake(users=(ADMIN, BOB), clock=clock))


# --- users -------------------------------------------------------------------


def _emails(api: Api, kind: str) -> list[str]:
    reply = api.ask("GET", "users", type=kind)
    return [] if reply.status == 204 else [u["email"] for u in reply.json()["users"]]


@pytest.mark.fake_row("Users, fields, modules")
@pytest.mark.parametrize(
    ("kind", "emails"),
    [
        ("AllUsers", "admin bob left new"),
        ("ActiveUsers", "admin bob new"),
        ("AllActiveUsers", "admin bob new"),
        ("ActiveConfirmedUsers", "admin bob"),
        ("ConfirmedUsers", "admin bob left"),
        ("NotConfirmedUsers", "new"),
        ("DeactiveUsers", "left"),
        ("AdminUsers", "admin"),
        ("ActiveConfirmedAdmins", "admin"),
        ("DeletedUsers", "gone"),
        ("DeveloperUsers", ""),
        ("ActiveLiteUser", ""),
        ("CurrentUser", "admin"),
    ],
)
def test_users_are_listed_by_type(api: Api, kind: str, emails: str) -> None:
    people = api.fake.people
    people.add_user("left@example.com", is_active=False)
    people.add_user("new@example.com", is_confirmed=False)
    people.add_user("gone@example.com")
    people.change_user("gone@example.com", status="deleted")

    assert _emails(api, kind) == [f"{name}@example.com" for name in emails.split()]


def test_a_type_of_users_that_is_not_there_is_refused(api: Api) -> None:
    assert code_of(api.ask("GET", "users", type="x")) == (400, "INVALID_DATA")


def test_users_come_in_pages(api: Api) -> None:
    pages = [
        api.ask("GET", "users", per_page="1", page=str(number)) for number in (1, 2, 3)
    ]

    assert [page.status for page in pages] == [200, 200, 204]
    assert pages[0].json()["info"] == {
        "per_page": 1,
        "count": 1,
        "page": 1,
        "more_records": True,
    }


@pytest.mark.parametrize("status", [204, 304])
def test_users_come_by_the_time_of_their_change(
    api: Api, clock: FakeClock, status: Any
) -> None:
    api.fake.switches = ZohoSwitches(nothing_new_status=status)
    since = {"if-modified-since": clock().at.isoformat()}
    clock.advance(60)
    before = api.ask("GET", "users", headers=since)

    api.fake.people.change_user(BOB, full_name="Bob Kos")
    after = api.ask("GET", "users", headers=since)

    assert before.status == status
    assert [user["full_name"] for user in after.json()["users"]] == ["Bob Kos"]


def test_one_user_comes_in_a_list(api: Api) -> None:
    user_id = api.fake.people.add_user("new@example.com", "New Kos")

    reply = api.ask("GET", f"users/{user_id}")

    assert [user["last_name"] for user in reply.json()["users"]] == ["Kos"]
    assert api.ask("GET", "users/1").status == 204


@pytest.mark.fake_row("Users, fields, modules")
@pytest.mark.parametrize(
    "change", [{"status": "inactive"}, {"status": "deleted"}, {"is_confirmed": False}]
)
def test_only_active_and_confirmed_users_own_records(
    api: Api, change: dict[str, Any]
) -> None:
    user_id = api.fake.people.add_user("new@example.com")
    api.fake.people.change_user("new@example.com", **change)

    _, (result,) = api.write(
        "insert", "Leads", {"Last_Name": "x", "Owner": {"id": user_id}}
    )

    assert result["code"] == "INVALID_DATA"


# --- modules and the organisation --------------------------------------------


@pytest.mark.fake_row("Users, fields, modules")
def test_modules_tell_what_may_be_done_in_them(api: Api) -> None:
    modules = {
        row["api_name"]: row
        for row in api.ask("GET", "settings/modules").json()["modules"]
    }

    assert list(modules) == ["Leads", "Contacts", "Accounts", "Deals"]
    assert modules["Leads"]["convertable"] is True
    assert modules["Leads"]["api_supported"] is True
    assert len({row["id"] for row in modules.values()}) == 4
    assert api.ask("GET", "settings/modules", status="user_hidden").status == 204


def test_one_module_comes_in_a_list(api: Api) -> None:
    (module,) = api.ask("GET", "settings/modules/Deals").json()["modules"]

    assert module["api_name"] == "Deals"
    assert code_of(api.ask("GET", "settings/modules/Deal"))[0] == 404


def test_the_organisation_tells_its_ids_and_settings(api: Api) -> None:
    (plain,) = api.ask("GET", "org").json()["org"]
    api.fake.switches = ZohoSwitches(has_privacy_settings=True)
    (private,) = api.ask("GET", "org").json()["org"]

    assert plain["zgid"] != plain["id"]
    assert (plain["privacy_settings"], private["privacy_settings"]) == (False, True)


# --- fields ------------------------------------------------------------------


def _fields(api: Api, module: str, **query: Any) -> dict[str, Any]:
    rows = api.ask("GET", "settings/fields", module=module, **query).json()["fields"]
    return {row["api_name"]: row for row in rows}


@pytest.mark.fake_row("Users, fields, modules")
def test_fields_tell_lengths_rights_and_uniqueness(api: Api) -> None:
    fields = _fields(api, "Contacts")

    assert fields["Last_Name"]["system_mandatory"] is True
    assert fields["Last_Name"]["length"] == 80
    assert fields["Email"]["unique"] == {"case_sensitive": False}
    assert fields["Full_Name"]["operation_type"]["api_update"] is False
    assert fields["Account_Name"]["lookup"]["module"]["api_name"] == "Accounts"
    assert fields["Email_Opt_Out"]["json_type"] == "boolean"
    assert _fields(api, "Leads")["Email"]["unique"] == {}


def test_both_address_layouts_are_there(api: Api) -> None:
    classic = _fields(api, "Leads")
    api.fake.switches = ZohoSwitches(address_layout="composite", has_birthday=False)
    composite = _fields(api, "Leads")
    contacts = _fields(api, "Contacts")

    assert (classic["Country"]["data_type"], classic["Street"]["length"]) == (
        "text",
        250,
    )
    assert composite["Country"]["data_type"] == "picklist"
    assert "Poland" in [
        v["actual_value"] for v in composite["Country"]["pick_list_values"]
    ]
    assert composite["Street"]["length"] == 255
    assert contacts["Mailing_Country"]["data_type"] == "picklist"
    assert "Date_of_Birth" not in contacts


def test_fields_that_are_in_no_layout_are_listed_when_asked_for(api: Api) -> None:
    used = _fields(api, "Leads")
    unused = _fields(api, "Leads", type="unused")
    everything = _fields(api, "Leads", type="all")

    assert set(unused) == {"Twitter"}
    assert set(everything) == {*used, *unused}
    assert api.ask("GET", "settings/fields", module="Deals", type="unused").status == (
        204
    )


def test_personal_fields_are_marked(api: Api) -> None:
    api.fake.switches = ZohoSwitches(
        personal_fields={"Leads": frozenset({"Date_of_Birth", "Phone"})}
    )

    fields = _fields(api, "Leads")

    assert fields["Phone"]["private"]["type"] == "Low"
    assert fields["Fax"]["private"] is None


def test_one_field_is_found_by_its_id(api: Api) -> None:
    phone = _fields(api, "Leads")["Phone"]

    reply = api.ask("GET", f"settings/fields/{phone['id']}", module="Leads")

    assert reply.json()["fields"] == [phone]
    assert api.ask("GET", "settings/fields/1", module="Leads").status == 204


@pytest.mark.parametrize(("lengths", "street"), [("as leads", 250), ("halved", 125)])
def test_contacts_take_what_they_tell(api: Api, lengths: Any, street: int) -> None:
    api.fake.switches = ZohoSwitches(contact_lengths=lengths)
    record = {"Last_Name": "x", "Mailing_Street": "s" * (street + 1)}

    told = _fields(api, "Contacts")["Mailing_Street"]["length"]
    _, (result,) = api.write("insert", "Contacts", record)

    assert told == street
    assert result["details"]["maximum_length"] == street


def test_lengths_of_contacts_may_be_untold(api: Api) -> None:
    api.fake.switches = ZohoSwitches(contact_lengths="untold")

    assert "length" not in _fields(api, "Contacts")["Last_Name"]
    assert _fields(api, "Leads")["Last_Name"]["length"] == 80


def test_a_picklist_takes_new_values_unless_switched(api: Api) -> None:
    record = {"Last_Name": "x", "Lead_Source": "New"}
    taken = api.write("insert", "Leads", record)[0]
    api.fake.switches = ZohoSwitches(takes_new_picklist_values=False)

    assert (taken, api.write("insert", "Leads", record)[0]) == (201, 400)


def test_fields_need_a_known_module(api: Api) -> None:
    assert code_of(api.ask("GET", "settings/fields")) == (400, "REQUIRED_PARAM_MISSING")
    assert code_of(api.ask("GET", "settings/fields", module="x")) == (
        400,
        "INVALID_MODULE",
    )
    assert code_of(api.ask("GET", "settings/fields", module="Leads", type="x")) == (
        400,
        "INVALID_DATA",
    )


# --- deals -------------------------------------------------------------------


def test_a_deal_names_its_contact_and_account(api: Api) -> None:
    contact = api.fake.people.add_contact(Last_Name="Kos", Account_Name="Acme")
    deal = api.fake.people.add_deal(
        Deal_Name="One", Stage="Closed Won", Contact_Name=contact, Account_Name="Acme"
    )

    shown = api.fake.people.record(deal)

    assert shown["Contact_Name"] == {"name": "Kos", "id": contact}
    assert shown["Account_Name"]["name"] == "Acme"


@pytest.mark.parametrize(
    "record",
    [
        {"Deal_Name": "One"},
        {"Stage": "Closed Won"},
        {"Deal_Name": "One", "Stage": "Closed Won", "Amount": "much"},
        {"Deal_Name": "One", "Stage": "Closed Won", "Contact_Name": {"id": "1"}},
    ],
)
def test_a_deal_that_lacks_something_is_refused(
    api: Api, record: dict[str, Any]
) -> None:
    assert api.write("insert", "Deals", record)[0] == 400
