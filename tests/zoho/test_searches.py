"""The search through the client: what it finds, and what it must not decide."""

from __future__ import annotations

from typing import Any

import pytest

from crmbridge.errors import (
    InvalidInputError,
    OutOfReachError,
    PermissionDeniedError,
    RefusedError,
)
from crmbridge.zoho import coql
from tests.zoho.conftest import World

pytestmark = pytest.mark.fake_row("Search")


def names(records: Any) -> list[str]:
    """Give the last names, sorted."""
    return sorted(str(record.fields["Last_Name"]) for record in records)


def test_a_new_record_is_not_found_at_once_but_by_value(world: World) -> None:
    world.fake.people.add_lead(Last_Name="Nowak", Email="ann@example.com")
    email = "ann@example.com"

    with world.client() as client:
        early = list(client.search("Leads", email=email, fields=["Last_Name"]))
        held = client.find_by("Leads", "Email", [email], fields=["Last_Name"])[email]
        world.clock.advance(world.fake.switches.search_lag_seconds)
        late = list(client.search("Leads", email=email, fields=["Last_Name"]))

    assert (names(early), names(held), names(late)) == ([], ["Nowak"], ["Nowak"])


def test_equals_finds_too_much_where_find_by_does_not(world: World) -> None:
    world.switch(search_lag_seconds=0)
    for name in ("Nowak", "Nowakowska"):
        world.fake.people.add_lead(Last_Name=name)
    criteria = coql.equals("Last_Name", "Nowak")

    with world.client() as client:
        found = list(client.search("Leads", criteria=criteria, fields=["Last_Name"]))
        held = client.find_by("Leads", "Last_Name", ["Nowak"], fields=[])["Nowak"]

    assert (names(found), names(held)) == (["Nowak", "Nowakowska"], ["Nowak"])


@pytest.mark.parametrize(
    "city", ["Nut, Bolt (UK)", "a\\b", "a)(b", "+48 & co=1%", "it's", "a:b", "ż\n;"]
)
def test_signs_of_criteria_are_nothing_but_signs(world: World, city: str) -> None:
    world.switch(search_lag_seconds=0)
    world.fake.people.add_lead(Last_Name="Nowak", City=city)
    world.fake.people.add_lead(Last_Name="Zima", City="Nut")
    with world.client() as client:
        by_equals = list(
            client.search(
                "Leads", criteria=coql.equals("City", city), fields=["Last_Name"]
            )
        )
        by_list = list(
            client.search(
                "Leads",
                criteria=coql.one_of("City", [city, "Ustka"])
                & coql.starts_with("Last_Name", "No"),
                fields=["Last_Name"],
            )
        )

    assert (names(by_equals), names(by_list)) == (["Nowak"], ["Nowak"])


@pytest.mark.parametrize(
    ("way", "text"), [("email", "ann@"), ("phone", "555"), ("word", "ustka")]
)
def test_there_are_other_ways_to_search(world: World, way: str, text: str) -> None:
    world.switch(search_lag_seconds=0)
    world.fake.people.add_lead(
        Last_Name="Nowak", Email="ann@example.com", Mobile="555 100", City="Ustka"
    )

    with world.client() as client:
        page = client.search_page("Leads", **{way: text}, fields=["Last_Name"])

    assert (names(page.records), page.has_more) == (["Nowak"], False)


@pytest.mark.parametrize(
    ("converted", "found"),
    [(None, ["A"]), ("false", ["A"]), ("true", ["B"]), ("both", ["A", "B"])],
)
def test_converted_leads_are_found_when_asked_for(
    world: World, converted: str | None, found: list[str]
) -> None:
    world.switch(search_lag_seconds=0)
    world.fake.people.add_lead(Last_Name="A", City="Ustka")
    world.fake.people.convert(world.fake.people.add_lead(Last_Name="B", City="Ustka"))

    with world.client() as client:
        records = client.search(
            "Leads", word="Ustka", fields=["Last_Name"], converted=converted
        )

        assert names(records) == found


def test_pages_follow_each_other_to_the_wall(world: World) -> None:
    world.switch(search_lag_seconds=0, search_wall=400)
    world.fake.people.fill("Leads", 450)
    given: list[str] = []

    with world.client() as client:
        with pytest.raises(OutOfReachError) as caught:
            given.extend(
                record.id
                for record in client.search("Leads", word="Lead", fields=["Last_Name"])
            )
        pages = world.fake.requests["Leads search"]
        second = client.search_page("Leads", word="Lead", fields=["City"], page=2)

    assert caught.value.code == "LIMIT_REACHED"
    assert pages == 3
    assert (len(second.records), second.next_page) == (200, 3)


def test_what_was_found_before_the_wall_is_given(world: World) -> None:
    world.switch(search_lag_seconds=0, search_wall=200)
    world.fake.people.fill("Leads", 201)

    with world.client() as client:
        found = client.search("Leads", word="Lead", fields=["Last_Name"])
        given = [next(found).id for _ in range(200)]
        with pytest.raises(OutOfReachError):
            next(found)

    assert len(set(given)) == 200


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"email": "a", "word": "b"},
        {"email": ""},
        {"criteria": coql.contains("City", "a")},
        {"criteria": coql.is_null("City")},
        {"criteria": coql.none_of("City", ["a"])},
        {"criteria": coql.equals("City", "")},
        {"criteria": coql.Condition()},
        {"word": "ab", "fields": []},
        {"word": "ab", "fields": "City"},
        {"word": "ab", "fields": [f"F{n}" for n in range(51)]},
    ],
)
def test_what_cannot_be_searched_is_not_asked(
    world: World, arguments: dict[str, Any]
) -> None:
    with world.client() as client, pytest.raises(InvalidInputError):
        client.search_page("Leads", **{"fields": ["City"], **arguments})

    assert world.fake.requests["Leads search"] == 0


def test_ten_criteria_are_enough(world: World) -> None:
    one = coql.equals("City", "Ustka")
    ten = one
    for _ in range(9):
        ten |= one

    with world.client() as client:
        client.search_page("Leads", criteria=ten, fields=["City"])
        with pytest.raises(InvalidInputError, match="10 criteria"):
            client.search_page("Leads", criteria=ten | one, fields=["City"])


def test_an_unknown_field_is_a_typed_error(world: World) -> None:
    with world.client() as client, pytest.raises(RefusedError) as caught:
        list(client.search("Leads", criteria=coql.equals("No", "x"), fields=["City"]))

    assert caught.value.code == "INVALID_QUERY"


def test_a_search_needs_a_scope_of_its_own(world: World) -> None:
    world.switch(missing_scopes=frozenset({"search"}))

    with world.client() as client, pytest.raises(PermissionDeniedError):
        client.search_page("Leads", word="ab", fields=["City"])
