"""The fake Zoho: what it answers, and each of its switches.

Each section is a row of the table of what a faithful fake has to do.
"""

from __future__ import annotations

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


# --- token endpoint -----------------------------------------------------------


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


# --- auth ---------------------------------------------------------------------


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


# --- convert ------------------------------------------------------------------


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


# --- faults, counters, people -------------------------------------------------


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
