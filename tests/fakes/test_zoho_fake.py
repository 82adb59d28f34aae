"""The fake Zoho: what it answers, and each of its switches.

Each section is a row of the table of what a faithful fake has to do.
"""

from __future__ import annotations

import pytest
from attrs import evolve

from crmbridge._steps import Request
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
    api.ask("POST", f"Leads/{lead}/actions/convert", {"data": [{}]})
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
