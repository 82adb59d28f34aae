"""The search of the fake alone: late, fuzzy, walled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crmbridge import ZohoClient, ZohoConfig
from crmbridge._steps import Request
from crmbridge.testing import FakeClock, FakeTransport, ZohoFake, ZohoSwitches
from crmbridge.testing._zoho.search_index import SearchIndex
from crmbridge.testing._zoho.shelf import Record

pytestmark = pytest.mark.fake_row("Search")


def found(fake: ZohoFake, **query: str) -> tuple[int, Any]:
    """Search the leads of a fake; give the names found, or the code of a refusal."""
    config = ZohoConfig(**fake.account())
    request = Request("zoho", "GET", "/crm/v8/Leads/search", query=query)
    with ZohoClient(config, transport=FakeTransport(fake)) as client:
        reply = client.send(request)
    if reply.status == 204:
        return 204, []
    body = reply.json()
    if reply.status != 200:
        return reply.status, body["code"]
    return 200, sorted(row["Last_Name"] for row in body["data"])


def test_a_new_record_is_found_after_the_lag() -> None:
    clock = FakeClock()
    fake = ZohoFake(clock=clock, switches=ZohoSwitches(search_lag_seconds=5))
    fake.people.add_lead(Last_Name="Nowak")

    early = found(fake, word="Nowak")
    clock.advance(5)
    late = found(fake, word="Nowak")

    assert early == (204, [])
    assert late == (200, ["Nowak"])


def test_a_changed_record_is_found_by_its_old_value_for_a_while() -> None:
    clock = FakeClock()
    fake = ZohoFake(clock=clock, switches=ZohoSwitches(search_lag_seconds=5))
    lead = fake.people.add_lead(Last_Name="Nowak", City="Gdynia")
    clock.advance(60)
    fake.people.edit(lead, City="Ustka")

    early = found(fake, criteria="(City:equals:Gdynia)")
    clock.advance(5)
    late = found(fake, criteria="(City:equals:Gdynia)")

    assert early == (200, ["Nowak"])
    assert late == (204, [])


@pytest.fixture
def fake() -> ZohoFake:
    """Give a fake whose search knows at once what is written."""
    fake = ZohoFake(switches=ZohoSwitches(search_lag_seconds=0))
    add = fake.people.add_lead
    add(Last_Name="Nowak", Email="ann@example.com", City="Nowa Ruda", Phone="555 100")
    add(Last_Name="Nowakowska", City="Ustka", Description="a, (b) \\ c")
    fake.people.convert(add(Last_Name="Zima", Email="zima@example.com"))
    return fake


@pytest.mark.parametrize(
    ("criteria", "names"),
    [
        ("(Last_Name:equals:nowak)", ["Nowak", "Nowakowska"]),
        ("(Last_Name:not_equal:kowska)", ["Nowak"]),
        ("(City:starts_with:nowa)", ["Nowak"]),
        ("(City:in:Ustka,Nowa Ruda)", ["Nowak", "Nowakowska"]),
        ("((City:equals:Ustka)and(Last_Name:equals:Nowak))", ["Nowakowska"]),
        ("((City:equals:Ustka) or (Email:equals:ann@))", ["Nowak", "Nowakowska"]),
        ("(Description:equals:a\\, \\(b\\) \\\\ c)", ["Nowakowska"]),
        (
            "(Created_Time:greater_than:2020-01-01T00:00:00+00:00)",
            ["Nowak", "Nowakowska"],
        ),
        ("(Converted__s:equals:false)", ["Nowak", "Nowakowska"]),
    ],
)
def test_criteria_find(fake: ZohoFake, criteria: str, names: list[str]) -> None:
    assert found(fake, criteria=criteria) == (200, names)


@pytest.mark.parametrize(
    "criteria",
    [
        "Last_Name:equals:Nowak",
        "(Last_Name:equals:Nowak",
        "(Last_Name:equals:a(b)",
        "(Lost_Name:equals:Nowak)",
        "(Last_Name:greater_than:N)",
        "(Created_Time:equals:yesterday)",
        "(Modified_Time:greater_than:2020-01-01T00:00:00+00:00)",
        "()",
        "((City:equals:Ustka)xor(City:equals:Ustka))",
        "(City:equals:a\\",
    ],
)
def test_criteria_that_say_nothing_are_refused(fake: ZohoFake, criteria: str) -> None:
    assert found(fake, criteria=criteria) == (400, "INVALID_QUERY")


def test_a_sixteenth_criterion_is_refused(fake: ZohoFake) -> None:
    one = "(City:equals:Ustka)"

    refused = found(fake, criteria=f"({'or'.join([one] * 16)})")

    assert refused == (400, "CRITERIA_LIMIT_EXCEEDED")


def test_other_ways_look_into_all_fields_of_their_kind(fake: ZohoFake) -> None:
    assert found(fake, email="ANN@example") == (200, ["Nowak"])
    assert found(fake, phone="555") == (200, ["Nowak"])
    assert found(fake, word="ruda") == (200, ["Nowak"])
    assert found(fake, word="r") == (400, "INVALID_DATA")


def test_a_search_says_what_it_searches_by(fake: ZohoFake) -> None:
    assert found(fake, fields="City") == (400, "EXPECTED_PARAM_MISSING")


def test_criteria_come_before_the_other_ways(fake: ZohoFake) -> None:
    shown = found(fake, criteria="(City:equals:Ustka)", email="ann@example.com")

    assert shown == (200, ["Nowakowska"])


def test_converted_leads_are_hidden_unless_asked_for(fake: ZohoFake) -> None:
    assert found(fake, email="zima@") == (204, [])
    assert found(fake, email="zima@", converted="true") == (200, ["Zima"])
    assert found(fake, email="example", converted="both") == (200, ["Nowak", "Zima"])


def test_a_search_ends_at_its_wall(fake: ZohoFake) -> None:
    fake.switches = ZohoSwitches(search_lag_seconds=0, search_wall=2)

    last = found(fake, word="Nowak", per_page="1", page="2")
    behind = found(fake, word="Nowak", per_page="1", page="3")

    assert last == (200, ["Nowak"])
    assert behind == (400, "LIMIT_REACHED")


@pytest.mark.parametrize("scope", ["search", "Leads"])
def test_a_search_needs_its_scope_and_the_modules(fake: ZohoFake, scope: str) -> None:
    fake.switches = ZohoSwitches(missing_scopes=frozenset({scope}))

    assert found(fake, word="Nowak") == (401, "OAUTH_SCOPE_MISMATCH")


def test_the_index_forgets_what_the_search_knows() -> None:
    at, day = datetime(2026, 1, 5, tzinfo=UTC), timedelta(days=1)
    lead = Record("Leads", "7", "1", at, at, {"City": "C"})
    index = SearchIndex()

    index.note("7", {"City": "A"}, at=at, since=at - day)
    index.note("7", {"City": "B"}, at=at + 2 * day, since=at + day)

    assert index.values(lead, since=at - day) == {"City": "B"}


def test_of_several_writes_the_search_learns_one_after_the_other() -> None:
    clock = FakeClock()
    fake = ZohoFake(clock=clock, switches=ZohoSwitches(search_lag_seconds=5))
    lead = fake.people.add_lead(Last_Name="Nowak", City="Gdynia")
    clock.advance(60)
    fake.people.edit(lead, City="Sopot")
    clock.advance(3)
    fake.people.edit(lead, City="Ustka")

    seen = []
    for city, seconds in (("Gdynia", 2), ("Sopot", 3), ("Ustka", 0)):
        seen.append(found(fake, criteria=f"(City:equals:{city})"))
        clock.advance(seconds)

    assert seen == [(200, ["Nowak"])] * 3
