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
from crmbridge.testing import FakeClock, Fault, ZohoFake
from tests.zoho.asking import Api

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
