"""Look before you insert: who holds a value, exactly."""

from __future__ import annotations

from typing import Any

import pytest

from crmbridge.errors import InvalidInputError, OutcomeUnknownError, RefusedError
from crmbridge.testing import Fault
from tests.zoho.conftest import World


def ids(found: Any) -> dict[str, list[str]]:
    """Give the ids by each value."""
    return {value: [r.id for r in records] for value, records in found.items()}


def test_each_value_has_the_records_that_hold_it(world: World) -> None:
    add = world.fake.people.add_lead
    first = add(Last_Name="A", Email="ann@example.com")
    other = add(Last_Name="B", Email="bob@example.com")
    second = add(Last_Name="C", Email="Ann@Example.com")
    add(Last_Name="D", Email="joann@example.com")
    values = [
        "ANN@example.com",
        "bob@example.com",
        "zoe@example.com",
        "",
        "bob@EXAMPLE.com",
    ]

    with world.client() as client:
        found = client.find_by("Leads", "Email", values, fields=["Last_Name"])

    assert list(found) == values
    assert ids(found) == {
        "ANN@example.com": [first, second],
        "bob@example.com": [other],
        "zoe@example.com": [],
        "": [],
        "bob@EXAMPLE.com": [other],
    }
    assert found["bob@example.com"][0].fields["Last_Name"] == "B"


@pytest.mark.unknown("COQL 2000/500 or 200/50")
@pytest.mark.parametrize(("limits", "asked"), [("large", 3), ("small", 5)])
def test_many_values_are_asked_for_together(
    world: World, limits: str, asked: int
) -> None:
    world.switch(coql_limits=limits)
    values = [f"lead{number}@example.com" for number in range(230)]
    made = {
        value: [world.fake.people.add_lead(Last_Name="Nowak", Email=value)]
        for value in values
    }

    with world.client() as client:
        client.find_by("Leads", "Email", values[:51], fields=[])  # learns the limits
        world.fake.reset_counters()
        found = client.find_by("Leads", "Email", values, fields=[])

    assert ids(found) == made
    assert (world.fake.requests["coql"], world.fake.credits) == (asked, asked)


def test_more_records_than_one_answer_holds_are_all_found(world: World) -> None:
    for _ in range(450):
        world.fake.people.add_lead(Last_Name="Nowak", City="Ustka")

    with world.client() as client:
        found = client.find_by("Leads", "City", ["Ustka"], fields=["Last_Name"])

    assert len({record.id for record in found["Ustka"]}) == 450


@pytest.mark.parametrize("is_case_sensitive", [False, True])
def test_small_letters_are_asked_for_too(world: World, is_case_sensitive: bool) -> None:
    world.switch(coql_is_case_sensitive=is_case_sensitive)
    small = world.fake.people.add_lead(Last_Name="A", Email="ann@example.com")
    as_given = world.fake.people.add_lead(Last_Name="B", Email="Ann@Example.com")

    with world.client() as client:
        found = client.find_by("Leads", "Email", ["Ann@Example.com"], fields=[])

    assert ids(found) == {"Ann@Example.com": [small, as_given]}


@pytest.mark.parametrize("escapes", ["doubled", "backslash", "both"])
def test_signs_of_the_language_are_nothing_but_signs(
    world: World, escapes: str
) -> None:
    world.switch(coql_escapes=escapes)
    values = ["a\\b", "50% (x), y", '"a"', "\N{SNOWMAN} +\n", "\\"]
    made = {
        value: [world.fake.people.add_lead(Last_Name="Nowak", City=value)]
        for value in values
    }
    quoted = world.fake.people.add_lead(Last_Name="Nowak", City="it's \\'")

    with world.client() as client:
        found = client.find_by("Leads", "City", values, fields=[])
        try:
            found_quoted: object = ids(
                client.find_by("Leads", "City", ["it's \\'"], fields=[])
            )
        except RefusedError as error:
            found_quoted = error.code

    assert ids(found) == made
    assert found_quoted == (
        "SYNTAX_ERROR" if escapes == "backslash" else {"it's \\'": [quoted]}
    )


def test_a_lookup_is_found_by_its_id(world: World) -> None:
    account = world.fake.people.add_account(Account_Name="Acme")
    contact = world.fake.people.add_contact(Last_Name="Nowak", Account_Name="Acme")
    world.fake.people.add_contact(Last_Name="Zima")

    with world.client() as client:
        found = client.find_by("Contacts", "Account_Name", [account], fields=[])
        by_id = client.find_by("Contacts", "id", [contact, "1"], fields=[])

    assert ids(found) == {account: [contact]}
    assert ids(by_id) == {contact: [contact], "1": []}


def test_nothing_is_asked_for_nothing(world: World) -> None:
    with world.client() as client:
        found = client.find_by("Leads", "Email", [""], fields=["City"])

    assert found == {"": ()}
    assert world.fake.requests["coql"] == 0


@pytest.mark.parametrize(
    ("field", "values", "fields"),
    [
        ("Email", "ann@example.com", []),
        ("Email", [None], []),
        ("Email", ["a"], "City"),
        ("E mail", ["a"], []),
        ("Email", ["a\ud800"], []),
    ],
)
def test_what_is_no_value_is_refused(
    world: World, field: str, values: Any, fields: Any
) -> None:
    with world.client() as client, pytest.raises(InvalidInputError):
        client.find_by("Leads", field, values, fields=fields)

    assert world.fake.requests["coql"] == 0


@pytest.mark.parametrize("shows", [True, False])
def test_a_converted_lead_says_so(world: World, shows: bool) -> None:
    world.switch(coql_shows_converted=shows)
    lead = world.fake.people.add_lead(Last_Name="Nowak", Email="ann@example.com")
    world.fake.people.convert(lead)

    with world.client() as client:
        found = client.find_by(
            "Leads", "Email", ["ann@example.com"], fields=["Converted__s"]
        )["ann@example.com"]

    assert [record.is_converted for record in found] == ([True] if shows else [])


@pytest.mark.unknown("Timeout after a write")
@pytest.mark.parametrize("is_applied", [True, False])
def test_a_lost_answer_is_cleared_up_by_looking(
    world: World,
    is_applied: bool,
) -> None:
    lead = {"Last_Name": "Nowak", "Email": "ann@example.com"}

    with world.client() as client:
        world.fake.fail_next(Fault.cut(is_applied=is_applied), "*/Leads")
        with pytest.raises(OutcomeUnknownError):
            client.insert("Leads", [lead])
        found = client.find_by("Leads", "Email", ["ann@example.com"], fields=["Email"])
        if not found["ann@example.com"]:
            client.insert("Leads", [lead])

    assert len(world.fake.people.records("Leads")) == 1


@pytest.mark.unknown("Several upsert matches")
@pytest.mark.parametrize("choice", ["oldest", "newest", "refuse"])
@pytest.mark.parametrize("limits", ["large", "small"])
def test_of_several_matches_the_caller_chooses(
    world: World, choice: str, limits: str
) -> None:
    world.switch(upsert_choice=choice, coql_limits=limits)
    add = world.fake.people.add_lead
    first, chosen, last = (
        add(Last_Name=name, Email="ann@example.com") for name in ("A", "B", "C")
    )
    email = "Ann@example.com"

    with world.client() as client:
        found = client.find_by("Leads", "Email", [email], fields=["Last_Name"])[email]
        match = next(record for record in found if record.fields["Last_Name"] == "B")
        results = client.update("Leads", [{"id": match.id, "City": "Ustka"}])

    cities = {
        lead: world.fake.people.record(lead).get("City")
        for lead in (first, chosen, last)
    }
    assert len(found) == 3
    assert results[0].is_success
    assert cities == {first: None, chosen: "Ustka", last: None}
