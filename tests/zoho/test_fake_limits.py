"""The limits of the fake Zoho: credits of 24 hours, calls at one time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from attrs import evolve

from crmbridge._steps import Reply
from crmbridge.errors import TransportError
from crmbridge.testing import FakeClock, Fault, ZohoFake, ZohoSwitches
from tests.zoho.asking import Api, code_of

REMAINING = "x-api-credits-remaining"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def api(clock: FakeClock) -> Api:
    fake = ZohoFake(clock=clock, switches=ZohoSwitches(edition="free"))
    fake.people.add_lead(Last_Name="Nowak")
    return Api(fake)


def _switch(api: Api, **switches: Any) -> None:
    api.fake.switches = evolve(api.fake.switches, **switches)


def _leads(count: int) -> dict[str, Any]:
    return {"data": [{"Last_Name": f"Nowak {number}"} for number in range(count)]}


@pytest.mark.fake_row("Limits")
@pytest.mark.parametrize(
    ("edition", "licences", "credits_a_day"),
    [
        ("free", 3, 5_000),
        ("standard", 10, 52_500),
        ("standard", 1_000, 100_000),
        ("professional", 10, 55_000),
        ("professional", 9_999, 3_000_000),
        ("enterprise", 65, 115_000),
        ("enterprise", 9_999, 5_000_000),
        ("ultimate", 10_000, 20_050_000),
    ],
)
def test_the_edition_and_its_licences_give_the_credits(
    api: Api, edition: str, licences: int, credits_a_day: int
) -> None:
    _switch(api, edition=edition, licences=licences)

    assert api.fake.allowance.credits_a_day == credits_a_day


@pytest.mark.fake_row("Limits")
def test_users_are_licences_unless_said_otherwise(api: Api) -> None:
    _switch(api, edition="standard")
    api.fake.people.add_user("bob@example.com")

    assert api.fake.allowance.credits_a_day == 50_000 + 2 * 250


@pytest.mark.fake_row("Limits")
def test_what_is_left_is_told_from_half_of_it_on(api: Api) -> None:
    api.fake.allowance.spend(2498)

    told = [api.page().headers.get(REMAINING) for _ in range(3)]

    assert told == [None, "2500", "2499"]


@pytest.mark.fake_row("Limits")
def test_a_call_that_cannot_be_paid_is_turned_away(api: Api) -> None:
    api.fake.allowance.spend(4_995)

    write = api.ask("POST", "Leads", _leads(100))
    read = api.page()

    assert code_of(write) == (429, "TOO_MANY_REQUESTS")
    assert set(write.json()) == {"code", "details", "message", "status"}
    assert write.headers[REMAINING] == "5"
    assert read.status == 200
    assert api.fake.allowance.refused == {"credits": 1}
    assert len(api.fake.people.records("Leads")) == 1


@pytest.mark.fake_row("Limits")
def test_credits_come_back_24_hours_after_they_were_used(
    api: Api, clock: FakeClock
) -> None:
    api.fake.allowance.spend(4_000)
    clock.advance(3600)
    api.fake.allowance.spend(1_000)
    left = []

    for seconds in (23 * 3600 - 1, 1, 3599, 1):
        clock.advance(seconds)
        left.append(api.fake.allowance.credits_left)

    assert left == [0, 4_000, 4_000, 5_000]


@pytest.mark.fake_row("Limits")
@pytest.mark.parametrize(
    ("edition", "calls"),
    [
        ("free", 5),
        ("standard", 10),
        ("professional", 15),
        ("enterprise", 20),
        ("ultimate", 25),
    ],
)
def test_so_many_calls_may_be_in_flight(api: Api, edition: str, calls: int) -> None:
    _switch(api, edition=edition)
    in_flight = [api.start("GET", "Leads", fields="Email") for _ in range(calls)]

    one_more = api.page()
    in_flight.pop()()
    after_an_answer = api.page()

    assert code_of(one_more) == (429, "TOO_MANY_REQUESTS")
    assert after_an_answer.status == 200
    assert api.fake.allowance.most_in_flight == calls
    assert api.fake.allowance.refused == {"calls": 1}


@pytest.mark.fake_row("Limits")
def test_ten_complex_calls_may_be_in_flight_in_every_edition(api: Api) -> None:
    _switch(api, edition="ultimate")
    query = {"select_query": "select Email from Leads where Email is not null limit 9"}
    complex_calls = [
        *[api.start("POST", "Leads", _leads(11)) for _ in range(4)],
        *[api.start("GET", "Leads", fields="Email", sort_by="id") for _ in range(3)],
        *[api.start("POST", "coql", query) for _ in range(3)],
    ]

    one_more = api.ask("POST", "Leads", _leads(11))
    small = api.ask("POST", "Leads", _leads(10))

    assert code_of(one_more) == (429, "TOO_MANY_REQUESTS")
    assert small.status == 201
    assert api.fake.allowance.refused == {"complex calls": 1}
    assert [call().status < 300 for call in complex_calls] == [True] * 10


@pytest.mark.fake_row("Limits")
def test_each_limit_has_words_of_its_own(api: Api) -> None:
    _switch(api, edition="ultimate")
    complex_calls = [api.start("POST", "Leads", _leads(11)) for _ in range(10)]
    one = api.ask("POST", "Leads", _leads(11))
    calls = [api.start("GET", "Leads", fields="Email") for _ in range(15)]
    other = api.page()
    for call in (*complex_calls, *calls):
        call()
    api.fake.allowance.spend(api.fake.allowance.credits_left)
    third = api.page()

    assert len({reply.json()["message"] for reply in (one, other, third)}) == 3


@pytest.mark.fake_row("Limits")
def test_calls_are_in_flight_while_they_wait_for_their_latency(api: Api) -> None:
    seen = []

    class Watch(FakeClock):
        def sleep(self, seconds: float) -> None:
            seen.append(api.fake.allowance.in_flight)
            super().sleep(seconds)

    api.fake.clock = Watch()
    api.fake.latency_seconds = 0.2

    api.page()

    assert (seen, api.fake.allowance.in_flight) == ([1], 0)


def _cost(api: Api, _: Reply) -> int:
    """Give what the calls cost since the last time."""
    used = api.fake.credits
    api.fake.reset_counters()
    return used


@pytest.mark.fake_row("Limits")
def test_calls_cost_what_is_documented(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="Zielińska")
    view = api.fake.people.add_view("Leads", lambda _: True)
    query = "select Email from Leads where Email is null limit "
    asked: dict[str, Callable[[], Reply]] = {
        "list": lambda: api.page("Leads"),
        "view": lambda: api.page(cvid=view),
        "one": lambda: api.ask("GET", f"Leads/{lead}"),
        "deleted": lambda: api.ask("GET", "Leads/deleted"),
        "users": lambda: api.ask("GET", "users"),
        "fields": lambda: api.ask("GET", "settings/fields", module="Leads"),
        "coql 200": lambda: api.ask("POST", "coql", {"select_query": f"{query}200"}),
        "coql 1000": lambda: api.ask("POST", "coql", {"select_query": f"{query}1000"}),
        "coql 2000": lambda: api.ask("POST", "coql", {"select_query": f"{query}2000"}),
        "insert 1": lambda: api.ask("POST", "Leads", _leads(1)),
        "insert 11": lambda: api.ask("POST", "Leads", _leads(11)),
        "upsert 100": lambda: api.ask("POST", "Leads/upsert", _leads(100)),
        "convert": lambda: api.ask(
            "POST", f"Leads/{lead}/actions/convert", {"data": [{}]}
        ),
        "delete": lambda: api.ask("DELETE", "Leads", ids=lead),
    }
    costs = {}

    for name, ask in asked.items():
        costs[name] = _cost(api, ask())

    assert costs == {
        "list": 1,
        "view": 3,
        "one": 1,
        "deleted": 2,
        "users": 1,
        "fields": 1,
        "coql 200": 1,
        "coql 1000": 2,
        "coql 2000": 3,
        "insert 1": 1,
        "insert 11": 2,
        "upsert 100": 10,
        "convert": 5,
        "delete": 1,
    }


@pytest.mark.fake_row("Limits")
@pytest.mark.parametrize(
    ("fault", "cost"),
    [
        (Fault.status(500), 1),
        (Fault.cut(), 1),
        (Fault.unreachable(), 0),
        (Fault.status(429), 0),
    ],
)
def test_what_never_came_or_was_turned_away_costs_nothing(
    api: Api, fault: Fault, cost: int
) -> None:
    api.fake.fail_next(fault, "/crm/*")

    with suppress(TransportError):
        api.page()

    assert (api.fake.credits, api.fake.allowance.in_flight) == (cost, 0)


@pytest.mark.fake_row("Limits")
def test_a_request_without_a_valid_token_belongs_to_no_organisation(api: Api) -> None:
    api.token = "1000.foreign"

    assert api.page().status == 401
    assert api.fake.credits == 0


@pytest.mark.unknown("Credits of 304, 204, search, deleted, mass convert")
@pytest.mark.parametrize("charges_empty", [True, False])
@pytest.mark.parametrize("charges_refused", [True, False])
def test_empty_answers_and_refusals_cost_as_the_switches_say(
    api: Api, charges_empty: bool, charges_refused: bool
) -> None:
    _switch(api, charges_empty=charges_empty, charges_refused=charges_refused)
    since = api.fake.clock().at

    costs = [
        _cost(api, api.page("Contacts")),
        _cost(api, api.page("Contacts", since)),
        _cost(api, api.ask("GET", "Leads")),
        _cost(api, api.page()),
    ]

    assert costs == [charges_empty, charges_empty, charges_refused, 1]


@pytest.mark.unknown("Credits of 304, 204, search, deleted, mass convert")
@pytest.mark.parametrize("cost", [1, 2, 3])
def test_calls_without_a_known_price_cost_what_the_switch_says(
    api: Api, cost: int
) -> None:
    _switch(api, credits_by_verb={"deleted": cost})

    assert _cost(api, api.ask("GET", "Leads/deleted")) == cost
