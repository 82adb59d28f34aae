"""The fake Zoho: what it answers, and each of its switches.

Each section is a row of the table of what a faithful fake has to do.
"""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

import pytest
from attrs import evolve

from crmbridge._steps import Reply, Request
from crmbridge.errors import (
    ConnectionFailedError,
    ConnectionLostError,
    InvalidInputError,
)
from crmbridge.testing import FakeClock, Fault, ZohoFake, ZohoSwitches
from tests.zoho.asking import Api, code_of, refresh

EMAIL = "nowak@example.com"
ADMIN = "admin@example.com"
BOB = "bob@example.com"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def fake(clock: FakeClock) -> ZohoFake:
    return ZohoFake(users=(ADMIN, BOB), clock=clock)


@pytest.fixture
def api(fake: ZohoFake) -> Api:
    return Api(fake)


# --- token endpoint ----------------------------------------------------------


def test_a_token_comes_with_the_apis_address_and_no_refresh_token(
    fake: ZohoFake,
) -> None:
    fake.api_domain = "http://127.0.0.1:1"

    body = refresh(fake).json()

    assert body["api_domain"] == "http://127.0.0.1:1"
    assert body["expires_in"] == 3600
    assert "refresh_token" not in body


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_id": "x"}, "invalid_client"),
        ({"client_secret": "x"}, "invalid_client_secret"),
        ({"refresh_token": "x"}, "invalid_code"),
    ],
)
def test_bad_credentials_are_answered_with_200(
    fake: ZohoFake, form: dict[str, str], error: str
) -> None:
    reply = refresh(fake, **form)

    assert reply.status == 200
    assert reply.json() == {"error": error}


def test_the_eleventh_token_in_ten_minutes_is_refused(
    fake: ZohoFake, clock: FakeClock
) -> None:
    for _ in range(10):
        assert refresh(fake).status == 200

    refused = refresh(fake)
    clock.advance(600)

    assert (refused.status, refused.json()["error"]) == (400, "Access Denied")
    assert refresh(fake).status == 200


def test_the_sixteenth_token_ends_the_oldest(fake: ZohoFake, clock: FakeClock) -> None:
    api = Api(fake)
    for _ in range(14):
        clock.advance(120)
        refresh(fake)
    before = api.page().status

    clock.advance(120)
    refresh(fake)

    assert before == 204
    assert code_of(api.page()) == (401, "INVALID_TOKEN")


# --- auth --------------------------------------------------------------------


@pytest.mark.parametrize(
    "header", ["", "Bearer x", "Zoho-authtoken x", "Zoho-oauthtoken"]
)
def test_only_zohos_own_scheme_is_taken(api: Api, header: str) -> None:
    reply = api.ask("GET", "Leads", None, {"authorization": header}, fields="Email")

    assert code_of(reply) == (401, "AUTHENTICATION_FAILURE")


def test_a_token_ends_after_an_hour(api: Api, clock: FakeClock) -> None:
    clock.advance(3600)

    assert code_of(api.page()) == (401, "INVALID_TOKEN")


def test_a_foreign_token_is_invalid(api: Api) -> None:
    api.token = "1000.other"

    assert code_of(api.page()) == (401, "INVALID_TOKEN")


def test_a_missing_scope_and_a_missing_right_differ(api: Api) -> None:
    api.fake.switches = ZohoSwitches(missing_scopes=frozenset({"Leads", "users"}))
    scope, users = code_of(api.page()), code_of(api.ask("GET", "users"))
    api.fake.switches = ZohoSwitches(denied_modules=frozenset({"Leads"}))

    assert scope == users == (401, "OAUTH_SCOPE_MISMATCH")
    assert code_of(api.page()) == (403, "NO_PERMISSION")


# --- unknown path, module, verb ----------------------------------------------


def test_unknown_paths_modules_and_verbs_differ(api: Api) -> None:
    assert code_of(api.ask("GET", "Leads/1/2/3")) == (404, "INVALID_URL_PATTERN")
    assert code_of(api.ask("GET", "leads", fields="Email")) == (400, "INVALID_MODULE")
    assert code_of(api.ask("PATCH", "Leads")) == (400, "INVALID_REQUEST_METHOD")


# --- writes ------------------------------------------------------------------


def test_an_insert_answers_201_with_ids_of_18_digits(api: Api) -> None:
    status, rows = api.write("insert", "Leads", {"Last_Name": "x"}, {"Last_Name": "y"})

    assert status == 201
    ids = [row["details"]["id"] for row in rows]
    assert len(set(ids)) == 2
    assert all(len(record_id) == 18 and record_id.isdigit() for record_id in ids)
    assert rows[0]["details"]["Modified_Time"] == "2026-01-05T13:00:00+01:00"
    assert rows[0]["details"]["$approval_state"] == "approved"


def test_mixed_results_are_a_207_by_position(api: Api) -> None:
    status, rows = api.write("insert", "Leads", {"Last_Name": "x"}, {}, 7)

    assert status == 207
    assert [row["status"] for row in rows] == ["success", "error", "error"]
    assert rows[1]["code"] == "MANDATORY_NOT_FOUND"
    assert rows[1]["details"]["api_name"] == "Last_Name"


def test_a_batch_that_failed_whole_is_a_400_with_results(api: Api) -> None:
    status, rows = api.write("insert", "Leads", {}, {})

    assert (status, len(rows)) == (400, 2)


def test_a_batch_holds_a_hundred_records(api: Api) -> None:
    reply = api.ask("POST", "Leads", {"data": [{"Last_Name": "x"}] * 101})

    assert code_of(reply) == (400, "LIMIT_EXCEEDED")
    assert reply.json()["details"]["maximum_length"] == 100


@pytest.mark.parametrize("body", [None, {}, {"data": []}, {"data": {}}, []])
def test_a_body_without_data_is_refused(api: Api, body: Any) -> None:
    assert code_of(api.ask("POST", "Leads", body)) == (400, "INVALID_DATA")


@pytest.mark.parametrize(
    ("field", "value", "detail"),
    [
        ("Last_Name", "x" * 81, {"maximum_length": 80}),
        ("Phone", "1" * 31, {"maximum_length": 30}),
        ("Phone", "-12", {"expected_data_type": "phone"}),
        ("Phone", "1  2", {"expected_data_type": "phone"}),
        ("Email", "nowak", {"expected_data_type": "email"}),
        ("Email", ".nowak@example.com", {"expected_data_type": "email"}),
        ("Email_Opt_Out", "yes", {"expected_data_type": "boolean"}),
        ("City", 7, {"expected_data_type": "string"}),
        ("Tag", "vip", {"expected_data_type": "jsonarray"}),
        ("Owner", 7, {"expected_data_type": "jsonobject"}),
        ("Owner", {"id": "1"}, {}),
    ],
)
def test_a_value_that_does_not_fit_is_refused_whole(
    api: Api, field: str, value: Any, detail: dict[str, Any]
) -> None:
    record = {"Last_Name": "x", field: value}

    _, (result,) = api.write("insert", "Leads", record)

    assert result["code"] == "INVALID_DATA"
    assert result["details"]["api_name"] == field
    assert result["details"].items() >= detail.items()
    assert api.fake.people.records("Leads") == ()


def test_a_birthday_is_a_date(api: Api) -> None:
    _, rows = api.write(
        "insert",
        "Contacts",
        {"Last_Name": "x", "Date_of_Birth": "1980-02-30"},
        {"Last_Name": "x", "Date_of_Birth": "1980-02-29"},
    )

    assert [row["status"] for row in rows] == ["error", "success"]


def test_several_errors_come_together(api: Api) -> None:
    _, (result,) = api.write("insert", "Leads", {"Phone": "-", "Email": "x"})

    assert result["code"] == "MULTIPLE_OR_MULTI_ERRORS"
    assert [error["code"] for error in result["details"]["errors"]] == [
        "INVALID_DATA",
        "INVALID_DATA",
        "MANDATORY_NOT_FOUND",
    ]


def test_company_is_demanded_by_the_layout_or_the_organisation(api: Api) -> None:
    plain = api.write("insert", "Leads", {"Last_Name": "x"})[0]
    layout = api.write("insert", "Leads", {"Last_Name": "x", "Layout": {"id": "1"}})
    api.fake.switches = ZohoSwitches(has_mandatory_company=True)
    strict = api.write("insert", "Leads", {"Last_Name": "x"})

    assert plain == 201
    for status, (result,) in (layout, strict):
        assert (status, result["code"]) == (400, "MANDATORY_NOT_FOUND")
        assert result["details"]["api_name"] == "Company"


def test_null_clears_and_a_missing_key_leaves_alone(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x", Phone="1", Fax="2", City="3")

    api.write("update", "Leads", {"id": lead, "Phone": None, "Fax": ""})

    shown = api.fake.people.record(lead)
    assert (shown["Phone"], shown["Fax"], shown["City"]) == (None, None, "3")


def test_a_mandatory_field_cannot_be_cleared(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")

    _, (result,) = api.write("update", "Leads", {"id": lead, "Last_Name": None})

    assert result["code"] == "MANDATORY_NOT_FOUND"


def test_read_only_fields_are_ignored(api: Api) -> None:
    record = {"Last_Name": "x", "Full_Name": "y", "Created_Time": "z", "id": "1"}

    status, (result,) = api.write("insert", "Leads", record)

    assert status == 201
    assert api.fake.people.record(result["details"]["id"])["Full_Name"] == "x"


def test_unknown_fields_are_ignored_or_refused(api: Api) -> None:
    ignored = api.write("insert", "Leads", {"Last_Name": "x", "Nonsense": 1})[0]
    api.fake.switches = ZohoSwitches(unknown_fields="refuse")

    status, (result,) = api.write("insert", "Leads", {"Last_Name": "x", "Nonsense": 1})

    assert ignored == 201
    assert (status, result["details"]["api_name"]) == (400, "Nonsense")


def test_tags_are_written_by_name(api: Api) -> None:
    _, (result,) = api.write(
        "insert", "Leads", {"Last_Name": "x", "Tag": [{"name": "vip"}]}
    )

    (tag,) = api.fake.people.record(result["details"]["id"])["Tag"]
    assert tag["name"] == "vip"


def test_an_update_needs_a_known_id(api: Api) -> None:
    status, rows = api.write(
        "update", "Leads", {"Phone": "1"}, {"id": "1", "Phone": "1"}
    )

    assert status == 400
    assert [(row["code"], row["details"]["api_name"]) for row in rows] == [
        ("MANDATORY_NOT_FOUND", "id"),
        ("INVALID_DATA", "id"),
    ]


def test_one_record_can_be_updated_by_its_path(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")

    reply = api.ask("PUT", f"Leads/{lead}", {"data": [{"Phone": "1"}]})

    assert reply.status == 200
    assert api.fake.people.record(lead)["Phone"] == "1"


def test_a_locked_record_is_refused(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    api.fake.locked.add(lead)

    _, (result,) = api.write("update", "Leads", {"id": lead, "Phone": "1"})

    assert result["code"] == "RECORD_LOCKED"


def test_an_inactive_user_can_own_nothing(api: Api) -> None:
    user = api.fake.people.add_user("left@example.com", is_active=False)

    _, (result,) = api.write(
        "insert", "Leads", {"Last_Name": "x", "Owner": {"id": user}}
    )

    assert (result["code"], result["details"]["api_name"]) == ("INVALID_DATA", "Owner")


def test_an_account_is_named_by_a_live_id(api: Api) -> None:
    account = api.fake.people.add_account(Account_Name="Acme")

    _, rows = api.write(
        "insert",
        "Contacts",
        {"Last_Name": "x", "Account_Name": {"id": account}},
        {"Last_Name": "x", "Account_Name": account},
        {"Last_Name": "x", "Account_Name": {"id": "1"}},
    )

    assert [row["status"] for row in rows] == ["success", "success", "error"]
    shown = api.fake.people.record(rows[0]["details"]["id"])
    assert shown["Account_Name"] == {"id": account, "name": "Acme"}


# --- uniqueness --------------------------------------------------------------


def test_a_unique_address_is_compared_without_case(api: Api) -> None:
    contact = api.fake.people.add_contact(Last_Name="x", Email=EMAIL)

    status, (result,) = api.write(
        "insert", "Contacts", {"Last_Name": "y", "Email": EMAIL.upper()}
    )

    assert (status, result["code"]) == (400, "DUPLICATE_DATA")
    assert result["details"]["id"] == contact
    assert result["details"]["duplicate_record"]["id"] == contact
    assert result["details"]["api_name"] == "Email"


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


def test_a_lead_and_a_contact_do_not_meet(api: Api) -> None:
    api.fake.people.add_lead(Last_Name="x", Email=EMAIL)

    assert api.write("insert", "Contacts", {"Last_Name": "x", "Email": EMAIL})[0] == 201


def test_a_record_does_not_clash_with_itself(api: Api) -> None:
    contact = api.fake.people.add_contact(Last_Name="x", Email=EMAIL)

    assert api.write("update", "Contacts", {"id": contact, "Email": EMAIL})[0] == 200


def test_a_deleted_record_holds_no_address(api: Api) -> None:
    contact = api.fake.people.add_contact(Last_Name="x", Email=EMAIL)
    api.fake.people.delete(contact)

    assert api.write("insert", "Contacts", {"Last_Name": "x", "Email": EMAIL})[0] == 201


# --- Modified_Time and If-Unmodified-Since -----------------------------------


def test_times_are_whole_seconds_in_the_users_zone(clock: FakeClock) -> None:
    clock.advance(0.75)
    fake = ZohoFake(clock=clock, zone=timezone(timedelta(hours=-5)))
    lead = fake.people.add_lead(Last_Name="x")

    assert fake.people.record(lead)["Modified_Time"] == "2026-01-05T07:00:00-05:00"


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


def test_the_time_never_moves_back(api: Api, clock: FakeClock) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    before = api.fake.people.record(lead)["Modified_Time"]

    clock.set(clock.now() - timedelta(minutes=1))
    api.write("update", "Leads", {"id": lead, "Phone": "1"})

    assert api.fake.people.record(lead)["Modified_Time"] == before


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
    assert api.fake.people.record(contact)["Phone"] == "1"


# --- upsert ------------------------------------------------------------------


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


def test_an_upsert_looks_by_unique_fields_only(api: Api) -> None:
    reply = api.ask(
        "POST",
        "Leads/upsert",
        {"data": [{"Last_Name": "x"}], "duplicate_check_fields": ["City"]},
    )

    assert code_of(reply) == (400, "INVALID_DATA")


def test_an_upsert_follows_an_id(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")

    _, (result,) = api.write("upsert", "Leads", {"id": lead, "Phone": "1"})

    assert (result["action"], result["details"]["id"]) == ("update", lead)


# --- convert -----------------------------------------------------------------


def _convert(api: Api, lead: str, element: Any = None) -> Reply:
    body = {"data": [{} if element is None else element]}
    return api.ask("POST", f"Leads/{lead}/actions/convert", body)


def test_a_conversion_makes_a_contact_and_an_account(api: Api) -> None:
    lead = api.fake.people.add_lead(
        First_Name="Jan",
        Last_Name="Nowak",
        Email=EMAIL,
        Company="Acme",
        Street="Main 1",
        Zip_Code="43-300",
        Email_Opt_Out=True,
        Owner=BOB,
    )

    reply = _convert(api, lead)

    details = reply.json()["data"][0]["details"]
    contact = api.fake.people.record(details["Contacts"]["id"])
    assert reply.status == 200
    assert details["Contacts"]["name"] == "Jan Nowak"
    assert details["Deals"] is None
    assert contact["id"] != lead
    assert contact["Account_Name"] == details["Accounts"]
    assert contact["Mailing_Street"] == "Main 1"
    assert contact["Mailing_Zip"] == "43-300"
    assert contact["Email_Opt_Out"] is True
    assert contact["Owner"]["email"] == BOB


def test_a_conversion_without_company_makes_no_account(api: Api) -> None:
    reply = _convert(api, api.fake.people.add_lead(Last_Name="x"))

    assert reply.json()["data"][0]["details"]["Accounts"] is None


def test_a_conversion_into_a_contact_fills_its_blanks(api: Api) -> None:
    contact = api.fake.people.add_contact(Last_Name="y", Phone="1")
    lead = api.fake.people.add_lead(Last_Name="x", Phone="2", Fax="3")

    _convert(api, lead, {"Contacts": {"id": contact}})

    shown = api.fake.people.record(contact)
    assert (shown["Last_Name"], shown["Phone"], shown["Fax"]) == ("y", "1", "3")


def test_a_conversion_may_overwrite_or_drop_where_it_is_switched_on(api: Api) -> None:
    api.fake.switches = ZohoSwitches(
        conversion_overwrites=True, conversion_drops=frozenset({"Fax"})
    )
    contact = api.fake.people.add_contact(Last_Name="y", Phone="1")
    lead = api.fake.people.add_lead(Last_Name="x", Phone="2", Fax="3")

    _convert(api, lead, {"Contacts": {"id": contact}})

    shown = api.fake.people.record(contact)
    assert (shown["Last_Name"], shown["Phone"], shown["Fax"]) == ("x", "2", None)


def test_a_conversion_uses_a_named_account_and_user(api: Api) -> None:
    account = api.fake.people.add_account(Account_Name="Acme")
    user = api.fake.people.add_user("new@example.com")
    lead = api.fake.people.add_lead(Last_Name="x", Company="Other")

    reply = _convert(
        api, lead, {"Accounts": {"id": account}, "assign_to": {"id": user}}
    )

    contact = api.fake.people.record(
        reply.json()["data"][0]["details"]["Contacts"]["id"]
    )
    assert contact["Account_Name"]["id"] == account
    assert contact["Owner"]["id"] == user
    assert len(api.fake.people.records("Accounts")) == 1


def test_a_conversion_meets_a_unique_address(api: Api) -> None:
    contact = api.fake.people.add_contact(Last_Name="x", Email=EMAIL)
    lead = api.fake.people.add_lead(Last_Name="x", Email=EMAIL)

    named = _convert(api, lead).json()["data"][0]
    api.fake.switches = ZohoSwitches(names_conversion_duplicate=False)
    silent = _convert(api, lead).json()["data"][0]

    assert (named["code"], named["details"]["id"]) == ("DUPLICATE_DATA", contact)
    assert "id" not in silent["details"]


def test_a_lead_is_converted_once(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    _convert(api, lead)

    reply = _convert(api, lead)

    assert code_of(reply) == (400, "ID_ALREADY_CONVERTED")
    assert reply.json()["details"] == {"resource_path_index": 1}


def test_a_conversion_may_be_scheduled(api: Api, clock: FakeClock) -> None:
    api.fake.switches = ZohoSwitches(schedules_conversions=True)
    lead = api.fake.people.add_lead(Last_Name="x")

    reply = _convert(api, lead)
    before = api.ids()
    clock.advance(30)

    row = reply.json()["data"][0]
    assert (reply.status, row["code"]) == (202, "SCHEDULED")
    assert row["details"]["job_id"]
    assert before == [lead]
    assert api.ids() == []
    assert len(api.ids("Contacts")) == 1


@pytest.mark.parametrize(
    ("element", "code"),
    [
        ({"Contacts": "1"}, "INVALID_DATA"),
        ({"Contacts": {"id": "1"}}, "INVALID_DATA"),
        ({"Accounts": {}}, "MANDATORY_NOT_FOUND"),
        ({"assign_to": {"id": "1"}}, "INVALID_DATA"),
        (7, "INVALID_DATA"),
    ],
)
def test_a_conversion_in_another_form_is_refused(
    api: Api, element: Any, code: str
) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")

    assert code_of(_convert(api, lead, element)) == (400, code)


def test_an_unknown_lead_is_not_converted(api: Api) -> None:
    assert code_of(_convert(api, "1")) == (400, "INVALID_DATA")


# --- users, fields -----------------------------------------------------------


def test_users_are_listed_by_type(api: Api) -> None:
    api.fake.people.add_user("left@example.com", is_active=False)

    def emails(kind: str) -> list[str]:
        return [
            row["email"] for row in api.ask("GET", "users", type=kind).json()["users"]
        ]

    assert emails("ActiveUsers") == [ADMIN, BOB]
    assert emails("AllUsers") == [ADMIN, BOB, "left@example.com"]
    assert emails("DeactiveUsers") == ["left@example.com"]
    assert emails("CurrentUser") == [ADMIN]
    assert code_of(api.ask("GET", "users", type="x")) == (400, "INVALID_DATA")


def _fields(api: Api, module: str) -> dict[str, Any]:
    rows = api.ask("GET", "settings/fields", module=module).json()["fields"]
    return {row["api_name"]: row for row in rows}


def test_fields_tell_lengths_rights_and_uniqueness(api: Api) -> None:
    fields = _fields(api, "Contacts")

    assert fields["Last_Name"]["system_mandatory"] is True
    assert fields["Last_Name"]["length"] == 80
    assert fields["Email"]["unique"] == {"case_sensitive": False}
    assert fields["Full_Name"]["operation_type"]["api_update"] is False
    assert fields["Account_Name"]["lookup"]["module"]["api_name"] == "Accounts"
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


# --- opt-out -----------------------------------------------------------------


def test_an_opt_out_stays_with_its_record_unless_switched(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x", Email=EMAIL)
    contact = api.fake.people.add_contact(Last_Name="x", Email=EMAIL.upper())

    api.write("update", "Leads", {"id": lead, "Email_Opt_Out": True})
    alone = api.fake.people.record(contact)["Email_Opt_Out"]
    api.fake.switches = ZohoSwitches(propagates_opt_out=True)
    api.write("update", "Leads", {"id": lead, "Email_Opt_Out": True})

    assert alone is False
    assert api.fake.people.record(contact)["Email_Opt_Out"] is True


def test_the_unsubscribe_link_reaches_all_records_of_the_address(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x", Email=EMAIL)
    contact = api.fake.people.add_contact(Last_Name="x", Email=EMAIL)

    api.fake.people.unsubscribe(EMAIL)

    for record_id in (lead, contact):
        shown = api.fake.people.record(record_id)
        assert shown["Email_Opt_Out"] is True
        assert shown["Unsubscribed_Time"] is not None


# --- faults, counters, people ------------------------------------------------


def test_a_fault_may_strike_before_or_after_the_write(api: Api) -> None:
    body = {"data": [{"Last_Name": "x"}]}
    api.fake.fail_next(Fault.unreachable(), "/crm/v8/Leads")
    with pytest.raises(ConnectionFailedError):
        api.ask("POST", "Leads", body)
    before = len(api.fake.people.records("Leads"))
    api.fake.fail_next(Fault.cut(is_applied=True), "/crm/v8/Leads")

    with pytest.raises(ConnectionLostError):
        api.ask("POST", "Leads", body)

    assert before == 0
    assert len(api.fake.people.records("Leads")) == 1


def test_requests_writes_records_and_credits_are_counted(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    api.fake.reset_counters()

    api.page()
    api.write("insert", "Leads", *[{"Last_Name": "x"}] * 25)
    _convert(api, lead)
    api.ask("GET", "nowhere/at/all")

    assert api.fake.requests == {
        "Leads list": 1,
        "Leads insert": 1,
        "Leads convert": 1,
        "unknown": 1,
    }
    assert api.fake.writes == 2
    assert api.fake.records_written == 26
    assert api.fake.credits == 1 + 3 + 5


def test_recorded_requests_hold_no_secret(api: Api) -> None:
    api.page()

    said = str([(r.headers, r.form) for r in api.fake.recorded])
    account = api.fake.account()
    assert len(api.fake.recorded) == 2
    for secret in (account["client_secret"], account["refresh_token"], api.token):
        assert secret not in said


def test_people_know_their_records_and_users(fake: ZohoFake) -> None:
    with pytest.raises(InvalidInputError):
        fake.people.record("1")
    with pytest.raises(InvalidInputError):
        fake.people.add_lead(Last_Name="x", Owner="nobody@example.com")


def test_contacts_of_one_company_share_its_account(fake: ZohoFake) -> None:
    first = fake.people.add_contact(Last_Name="x", Account_Name="Acme")
    second = fake.people.add_contact(Last_Name="y", Account_Name="ACME")

    accounts = [fake.people.record(i)["Account_Name"]["id"] for i in (first, second)]

    assert accounts[0] == accounts[1]


def test_a_query_in_the_address_counts_too(api: Api) -> None:
    request = Request(
        "zoho",
        "GET",
        "http://127.0.0.1:1/crm/v8/Leads?fields=Email",
        headers={"authorization": f"Zoho-oauthtoken {api.token}"},
    )

    assert api.fake.handle(request).status == 204
    assert api.fake.handle(evolve(request, method="DELETE")).status == 400
