"""The conversions of the fake Zoho: single, scheduled, by fifty."""

from __future__ import annotations

from typing import Any

import pytest

from crmbridge._steps import Reply
from crmbridge.testing import FakeClock, ZohoFake, ZohoSwitches
from tests.zoho.asking import Api, code_of

EMAIL = "nowak@example.com"
ADMIN = "admin@example.com"
BOB = "bob@example.com"
DEAL = {
    "Deal_Name": "One",
    "Stage": "Closed Won",
    "Closing_Date": "2026-06-30",
    "Pipeline": "Standard (Standard)",
    "Amount": 500.5,
}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def api(clock: FakeClock) -> Api:
    return Api(ZohoFake(users=(ADMIN, BOB), clock=clock))


# --- one lead ----------------------------------------------------------------


def _convert(api: Api, lead: str, element: Any = None) -> Reply:
    body = {"data": [{} if element is None else element]}
    return api.ask("POST", f"Leads/{lead}/actions/convert", body)


@pytest.mark.fake_row("Convert")
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


@pytest.mark.fake_row("Convert")
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


@pytest.mark.fake_row("Convert")
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


@pytest.mark.fake_row("Convert")
@pytest.mark.parametrize(
    ("element", "code"),
    [
        ({"Contacts": "1"}, "INVALID_DATA"),
        ({"Accounts": "1"}, "INVALID_DATA"),
        ({"assign_to": "1"}, "INVALID_DATA"),
        ({"overwrite": "true"}, "INVALID_DATA"),
        ({"move_attachments_to": {"api_name": "Leads"}}, "INVALID_DATA"),
        ({"carry_over_tags": {"Contacts": True}}, "INVALID_DATA"),
        ({"carry_over_tags": {"Leads": []}}, "INVALID_DATA"),
        ({"Deals": 7}, "INVALID_DATA"),
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


@pytest.mark.fake_row("Convert")
def test_a_conversion_makes_a_deal_of_the_new_records(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x", Company="Acme", Owner=BOB)

    details = _convert(api, lead, {"Deals": DEAL}).json()["data"][0]["details"]

    deal = api.fake.people.record(details["Deals"]["id"])
    shown = api.fake.people.record(lead)
    assert details["Deals"]["name"] == "One"
    assert (deal["Stage"], deal["Amount"]) == ("Closed Won", 500.5)
    assert deal["Contact_Name"] == details["Contacts"]
    assert deal["Account_Name"] == details["Accounts"]
    assert deal["Owner"]["email"] == BOB
    assert shown["Converted_Deal"] == details["Deals"]


@pytest.mark.fake_row("Convert")
@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"Deal_Name": None}, "MANDATORY_NOT_FOUND", "Deal_Name"),
        ({"Closing_Date": None}, "MANDATORY_NOT_FOUND", "Closing_Date"),
        ({"Stage": None}, "MANDATORY_NOT_FOUND", "Stage"),
        ({"Pipeline": None}, "MANDATORY_NOT_FOUND", "Pipeline"),
        (
            {"Pipeline": "Renewals", "Stage": "Qualification"},
            "MAPPING_MISMATCH",
            "Stage",
        ),
        ({"Closing_Date": "soon"}, "INVALID_DATA", "Closing_Date"),
        ({"Amount": "much"}, "INVALID_DATA", "Amount"),
    ],
)
def test_a_deal_that_lacks_something_hinders_the_conversion(
    api: Api, change: dict[str, Any], code: str, field: str
) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")

    reply = _convert(api, lead, {"Deals": {**DEAL, **change}})

    assert code_of(reply) == (400, code)
    assert reply.json()["data"][0]["details"]["api_name"] == field
    assert api.ids("Contacts") == []


def test_a_deal_needs_no_pipeline_where_there_are_none(api: Api) -> None:
    api.fake.switches = ZohoSwitches(deals_need_pipeline=False)
    lead = api.fake.people.add_lead(Last_Name="x")
    deal = {name: value for name, value in DEAL.items() if name != "Pipeline"}

    assert _convert(api, lead, {"Deals": deal}).status == 200


@pytest.mark.fake_row("Convert")
def test_only_the_named_tags_of_a_lead_go_over(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x", Company="Acme", Tag=["vip", "new"])
    tags = {"Contacts": ["vip", "other"], "Accounts": [], "Deals": ["vip"]}

    made = _convert(api, lead, {"Deals": DEAL, "carry_over_tags": tags})

    details = made.json()["data"][0]["details"]
    names = {
        module: [
            t["name"] for t in api.fake.people.record(details[module]["id"])["Tag"]
        ]
        for module in ("Contacts", "Accounts", "Deals")
    }
    assert names == {"Contacts": ["vip"], "Accounts": [], "Deals": ["vip"]}
    assert [t["name"] for t in api.fake.people.record(lead)["Tag"]] == ["vip", "new"]


def test_tags_go_to_a_contact_beside_its_own(api: Api) -> None:
    contact = api.fake.people.add_contact(Last_Name="y", Tag=["old"])
    lead = api.fake.people.add_lead(Last_Name="x", Tag=["vip"])
    tags = {"Contacts": ["vip"]}

    _convert(api, lead, {"Contacts": {"id": contact}, "carry_over_tags": tags})

    names = [tag["name"] for tag in api.fake.people.record(contact)["Tag"]]
    assert names == ["old", "vip"]


@pytest.mark.parametrize(("overwrite", "company"), [(False, "Old"), (True, "New")])
def test_the_account_of_a_contact_is_kept_unless_overwritten(
    api: Api, *, overwrite: bool, company: str
) -> None:
    contact = api.fake.people.add_contact(Last_Name="y", Account_Name="Old")
    lead = api.fake.people.add_lead(Last_Name="x", Company="New")

    _convert(api, lead, {"Contacts": {"id": contact}, "overwrite": overwrite})

    assert api.fake.people.record(contact)["Account_Name"]["name"] == company


def test_a_named_account_that_is_overwritten_takes_the_companys_name(api: Api) -> None:
    account = api.fake.people.add_account(Account_Name="Old", Phone="1")
    lead = api.fake.people.add_lead(Last_Name="x", Company="New")

    _convert(api, lead, {"Accounts": {"id": account}, "overwrite": True})

    shown = api.fake.people.record(account)
    assert (shown["Account_Name"], shown["Phone"]) == ("New", "1")


def test_a_conversion_meets_a_unique_account(api: Api) -> None:
    api.fake.switches = ZohoSwitches(unique={"Accounts": frozenset({"Account_Name"})})
    account = api.fake.people.add_account(Account_Name="Acme")
    lead = api.fake.people.add_lead(Last_Name="x", Company="ACME")

    refused = _convert(api, lead)
    taken = _convert(api, lead, {"Accounts": {"id": account}})

    assert code_of(refused) == (400, "DUPLICATE_DATA")
    assert refused.json()["data"][0]["details"]["id"] == account
    assert taken.status == 200


@pytest.mark.fake_row("Convert")
@pytest.mark.parametrize(
    ("hold", "code"),
    [
        ("locked", "RECORD_LOCKED"),
        ("in_approval", "NOT_APPROVED"),
        ("in_review", "NOT_REVIEWED"),
    ],
)
def test_a_held_lead_is_not_converted(api: Api, hold: str, code: str) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    getattr(api.fake, hold).add(lead)

    refused = _convert(api, lead)
    options = api.ask("GET", f"Leads/{lead}/__conversion_options")

    assert code_of(refused) == code_of(options) == (400, code)
    assert refused.json()["details"] == {"resource_path_index": 1}


@pytest.mark.fake_row("Convert")
@pytest.mark.parametrize("change", ["locked", "deleted", "address taken", "converted"])
def test_a_scheduled_conversion_that_has_become_impossible_is_dropped(
    api: Api, clock: FakeClock, change: str
) -> None:
    api.fake.switches = ZohoSwitches(schedules_conversions=True)
    lead = api.fake.people.add_lead(Last_Name="x", Email=EMAIL)
    _convert(api, lead)
    if change == "locked":
        api.fake.locked.add(lead)
    elif change == "deleted":
        api.fake.people.delete(lead)
    elif change == "address taken":
        api.fake.people.add_contact(Last_Name="x", Email=EMAIL)
    else:
        api.fake.people.convert(lead)
    contacts = len(api.ids("Contacts"))

    clock.advance(30)

    assert len(api.ids("Contacts")) == contacts


def test_a_lead_is_scheduled_once(api: Api) -> None:
    api.fake.switches = ZohoSwitches(schedules_conversions=True)
    lead = api.fake.people.add_lead(Last_Name="x")
    _convert(api, lead)

    assert code_of(_convert(api, lead)) == (400, "ID_ALREADY_CONVERTED")


# --- what a lead matches -----------------------------------------------------


def _options(api: Api, lead: str) -> Any:
    reply = api.ask("GET", f"Leads/{lead}/__conversion_options")
    return None if reply.status == 204 else reply.json()["__conversion_options"]


@pytest.mark.fake_row("Convert")
def test_a_lead_that_is_alone_matches_nothing(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x", Company="Acme", Email=EMAIL)

    assert _options(api, lead) is None


@pytest.mark.fake_row("Convert")
def test_a_lead_matches_by_a_unique_field_first(api: Api) -> None:
    contact = api.fake.people.add_contact(Last_Name="y", Email=EMAIL.upper())
    api.fake.people.add_contact(Last_Name="x")
    lead = api.fake.people.add_lead(Last_Name="x", Email=EMAIL)

    found = _options(api, lead)

    assert [row["id"] for row in found["Contacts"]] == [contact]
    assert found["module_preference"]["api_name"] == "Contacts"
    (by,) = found["preference_field_matched_value"]["Contacts"]
    assert (by["field"]["api_name"], by["matched_lead_value"]) == ("Email", EMAIL)


def test_a_unique_field_goes_before_the_address(api: Api) -> None:
    api.fake.switches = ZohoSwitches(unique={"Contacts": frozenset({"Phone"})})
    api.fake.people.add_contact(Last_Name="x", Email=EMAIL)
    by_phone = api.fake.people.add_contact(Last_Name="y", Phone="123")
    lead = api.fake.people.add_lead(Last_Name="x", Email=EMAIL, Phone="123")

    found = _options(api, lead)

    assert [row["id"] for row in found["Contacts"]] == [by_phone]


def test_a_lead_matches_by_company_and_name_where_nothing_is_unique(api: Api) -> None:
    api.fake.switches = ZohoSwitches(unique={})
    account = api.fake.people.add_account(Account_Name="Acme")
    contact = api.fake.people.add_contact(
        First_Name="Jan", Last_Name="Kos", Account_Name="Acme"
    )
    lead = api.fake.people.add_lead(First_Name="JAN", Last_Name="Kos", Company="ACME")

    found = _options(api, lead)

    assert [row["id"] for row in found["Contacts"]] == [contact]
    assert [row["id"] for row in found["Accounts"]] == [account]
    assert found["Contacts"][0]["Account_Name"]["id"] == account


def test_only_a_live_lead_has_options(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    api.fake.people.convert(lead)

    for one in (lead, "1"):
        reply = api.ask("GET", f"Leads/{one}/__conversion_options")
        assert code_of(reply) == (400, "INVALID_DATA")


# --- many leads --------------------------------------------------------------


def _mass(api: Api, *ids: str, **choices: Any) -> Reply:
    body = {"ids": list(ids), **choices}
    return api.ask("POST", "Leads/actions/mass_convert", body)


def _progress(api: Api, job_id: str) -> tuple[Any, ...]:
    reply = api.ask("GET", "Leads/actions/mass_convert", job_id=job_id)
    (row,) = reply.json()["data"]
    names = ("Total_Count", "Converted_Count", "Not_Converted_Count", "Failed_Count")
    return (row["Status"], *[row[name] for name in names])


@pytest.mark.fake_row("Convert")
def test_a_job_converts_leads_as_time_goes_by(api: Api, clock: FakeClock) -> None:
    taken = api.fake.people.add_lead(Last_Name="x", Email=EMAIL)
    api.fake.people.add_contact(Last_Name="x", Email=EMAIL)
    leads = [api.fake.people.add_lead(Last_Name=f"x{n}") for n in range(3)]

    reply = _mass(api, leads[0], taken, *leads[1:])
    job = reply.json()["details"]["job_id"]
    seen = []
    for _ in range(4):
        seen.append(_progress(api, job))
        clock.advance(5 if len(seen) < 3 else 3)

    assert (reply.status, reply.json()["code"]) == (202, "SCHEDULED")
    assert seen == [
        ("scheduled", 4, 0, 4, 0),
        ("scheduled", 4, 0, 4, 0),
        ("in progress", 4, 1, 3, 0),
        ("completed", 4, 3, 0, 1),
    ]
    assert api.ids() == [taken]


@pytest.mark.fake_row("Convert")
def test_a_job_tells_no_lead_and_no_contact(api: Api, clock: FakeClock) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    job = _mass(api, lead).json()["details"]["job_id"]
    clock.advance(60)

    reply = api.ask("GET", "Leads/actions/mass_convert", job_id=job)
    (row,) = api.page(fields="Converted_Contact", converted="true").json()["data"]

    assert set(reply.json()["data"][0]) == {
        "Status",
        "Total_Count",
        "Converted_Count",
        "Not_Converted_Count",
        "Failed_Count",
    }
    assert row["Converted_Contact"]["id"] in api.ids("Contacts")


def test_a_job_of_which_nothing_came_has_failed(api: Api, clock: FakeClock) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    job = _mass(api, lead).json()["details"]["job_id"]
    api.fake.locked.add(lead)
    clock.advance(60)

    assert _progress(api, job) == ("failed", 1, 0, 0, 1)


def _module(api: Api, name: str) -> dict[str, str]:
    (row,) = api.ask("GET", f"settings/modules/{name}").json()["modules"]
    return {"api_name": name, "id": row["id"]}


def test_a_job_makes_deals_gives_tags_and_an_owner(api: Api, clock: FakeClock) -> None:
    bob = api.fake.people.add_user("new@example.com")
    lead = api.fake.people.add_lead(Last_Name="x", Tag=["vip"])

    _mass(
        api,
        lead,
        assign_to={"id": bob},
        Deals={"Deal_Name": "One"},
        carry_over_tags=[_module(api, "Contacts")],
        move_attachments_to=_module(api, "Deals"),
        related_modules=[{"api_name": "Tasks", "id": "1"}],
    )
    clock.advance(60)

    (contact_id,) = api.ids("Contacts")
    contact = api.fake.people.record(contact_id)
    assert contact["Owner"]["id"] == bob
    assert [tag["name"] for tag in contact["Tag"]] == ["vip"]
    assert [deal["Deal_Name"] for deal in api.fake.people.records("Deals")] == ["One"]


@pytest.mark.fake_row("Convert")
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"ids": []}, "MANDATORY_NOT_FOUND"),
        ({}, "MANDATORY_NOT_FOUND"),
        ([], "MANDATORY_NOT_FOUND"),
        ({"ids": ["1"]}, "INVALID_DATA"),
        ({"ids": ["1"] * 51}, "LIMIT_EXCEEDED"),
        ({"Deals": {}}, "MANDATORY_NOT_FOUND"),
        ({"assign_to": {"id": "1"}}, "INVALID_DATA"),
        ({"assign_to": "1"}, "INVALID_DATA"),
        ({"carry_over_tags": [{"api_name": "Leads", "id": "1"}]}, "INVALID_DATA"),
        ({"related_modules": [{"id": "1"}]}, "INVALID_DATA"),
        (
            {"carry_over_tags": [{"api_name": "Contacts", "id": "1"}]},
            "AMBIGUITY_DURING_PROCESSING",
        ),
        (
            {"move_attachments_to": {"api_name": "Contacts"}},
            "AMBIGUITY_DURING_PROCESSING",
        ),
    ],
)
def test_a_job_in_another_form_is_refused(api: Api, body: Any, code: str) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    if body and "ids" not in body:
        body = {"ids": [lead], **body}

    reply = api.ask("POST", "Leads/actions/mass_convert", body)

    assert code_of(reply) == (400, code)


def test_a_job_may_need_a_user(api: Api) -> None:
    api.fake.switches = ZohoSwitches(mass_conversion_needs_user=True)
    lead = api.fake.people.add_lead(Last_Name="x")

    assert code_of(_mass(api, lead)) == (400, "MANDATORY_NOT_FOUND")


@pytest.mark.parametrize(
    ("query", "code"),
    [({}, "REQUIRED_PARAM_MISSING"), ({"job_id": "1"}, "INVALID_DATA")],
)
def test_only_a_job_that_was_taken_is_told(
    api: Api, query: dict[str, Any], code: str
) -> None:
    reply = api.ask("GET", "Leads/actions/mass_convert", **query)

    assert code_of(reply) == (400, code)
