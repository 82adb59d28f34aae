"""Questions in COQL: what comes back, what it costs, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from crmbridge.errors import (
    CrmbridgeError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    RefusedError,
)
from crmbridge.zoho import coql
from crmbridge.zoho.coql import Select, equals, greater, one_of
from tests.zoho.conftest import World

LIMITS = pytest.mark.parametrize("limits", ["large", "small"])


# --- one question ------------------------------------------------------------


def test_a_page_goes_on_by_id_above_the_last(world: World) -> None:
    made = [world.fake.people.add_lead(Last_Name=f"Nowak {n}") for n in range(5)]

    with world.client() as client:
        page = client.query(Select("Leads", ["Last_Name"], limit=3))
        above = greater("id", page.records[-1].id)
        rest = client.query(Select("Leads", ["Last_Name"], where=above, limit=3))

    assert [record.id for record in page.records + rest.records] == made
    assert (page.has_more, rest.has_more) == (True, False)


def test_a_question_without_an_answer_has_no_rows(world: World) -> None:
    with world.client() as client:
        page = client.query(Select("Leads", ["Last_Name"]))

    assert (page.records, page.has_more) == ((), False)


def test_lookups_come_as_ids_unless_more_is_asked_for(world: World) -> None:
    account = world.fake.people.add_account(Account_Name="Acme")
    world.fake.people.add_contact(Last_Name="Nowak", Account_Name="Acme")
    names = ["Account_Name", "Account_Name.Account_Name", "Owner", "Owner.email"]

    with world.client() as client:
        record = client.query(Select("Contacts", names)).records[0]

    assert record.fields["Account_Name"] == {"id": account}
    assert record.fields["Account_Name.Account_Name"] == "Acme"
    assert record.fields["Owner"] == {"id": record.owner.id}
    assert record.fields["Owner.email"] == "admin@example.com"
    assert record.owner.email is None


@pytest.mark.parametrize("shows_id", [True, False])
def test_the_id_comes_unasked(world: World, shows_id: bool) -> None:
    world.switch(coql_shows_id=shows_id)
    lead = world.fake.people.add_lead(Last_Name="Nowak")

    with world.client() as client:
        page = client.query(Select("Leads", ["Last_Name"]))

    assert page.records[0].id == lead


@pytest.mark.parametrize(("limit", "credits_"), [(200, 1), (201, 2), (2000, 3)])
def test_a_question_costs_by_its_limit(world: World, limit: int, credits_: int) -> None:
    with world.client() as client:
        client.query(Select("Leads", ["Last_Name"], limit=limit))

    assert world.fake.credits == credits_


def test_a_write_is_known_at_once(world: World) -> None:
    lead = world.fake.people.add_lead(Last_Name="Nowak", City="Gdynia")
    world.fake.people.edit(lead, City="Ustka")

    with world.client() as client:
        page = client.query(Select("Leads", ["City"], where=equals("City", "Ustka")))

    assert [record.id for record in page.records] == [lead]


@pytest.mark.parametrize("shows", [True, False])
def test_converted_leads_are_told_by_their_field(world: World, shows: bool) -> None:
    world.switch(coql_shows_converted=shows)
    live = world.fake.people.add_lead(Last_Name="Nowak")
    world.fake.people.convert(world.fake.people.add_lead(Last_Name="Zima"))
    is_live = equals("Converted__s", value=False)

    with world.client() as client:
        page = client.query(Select("Leads", ["Converted__s"], where=is_live))
        whole = client.query(Select("Leads", ["Converted__s"]))

    assert [record.id for record in page.records] == [live]
    assert [record.is_converted for record in whole.records] == (
        [False, True] if shows else [False]
    )


@pytest.mark.parametrize(
    ("select", "switches", "error", "code"),
    [
        (Select("Leads", ["Nonsense"]), {}, RefusedError, "INVALID_QUERY"),
        (
            Select("Leads", ["City"], where=greater("City", "a")),
            {},
            RefusedError,
            "INVALID_QUERY",
        ),
        (Select("Leeds", ["City"]), {}, NotFoundError, "INVALID_MODULE"),
        (
            Select("Leads", ["City"], limit=201),
            {"coql_limits": "small"},
            RefusedError,
            "LIMIT_EXCEEDED",
        ),
        (
            Select("Leads", ["City"]),
            {"missing_scopes": frozenset({"coql"})},
            PermissionDeniedError,
            "OAUTH_SCOPE_MISMATCH",
        ),
        (
            Select("Leads", ["City"]),
            {"missing_scopes": frozenset({"Leads"})},
            PermissionDeniedError,
            "OAUTH_SCOPE_MISMATCH",
        ),
        (
            Select("Leads", ["City"]),
            {"denied_modules": frozenset({"Leads"})},
            PermissionDeniedError,
            "NO_PERMISSION",
        ),
    ],
)
def test_a_refused_question_is_a_typed_error(
    world: World,
    select: Select,
    switches: dict[str, Any],
    error: type[CrmbridgeError],
    code: str,
) -> None:
    world.switch(**switches)

    with world.client() as client, pytest.raises(error) as caught:
        client.query(select)

    assert caught.value.code == code


# --- texts with signs that mean something ------------------------------------

ESCAPES = pytest.mark.parametrize("escapes", ["doubled", "backslash", "both"])


@ESCAPES
@pytest.mark.parametrize("city", ["a\\b", "\\", "\\\\", "a\\", "\\n", "x\\' or"])
def test_a_backslash_is_found_whatever_it_means_to_zoho(
    world: World, escapes: str, city: str
) -> None:
    world.switch(coql_escapes=escapes)
    wanted = world.fake.people.add_lead(Last_Name="Nowak", City=city)
    for other in ("b", "a", "n", "\\\\\\", "ab", "a\\\\b", ""):
        world.fake.people.add_lead(Last_Name="Zima", City=other)

    with world.client() as client:
        try:
            page = client.query(Select("Leads", ["City"], where=equals("City", city)))
            found: object = [record.id for record in page.records]
        except RefusedError as error:
            found = error.code

    if escapes == "backslash" and "'" in city:
        assert found == "SYNTAX_ERROR"
    else:
        assert found == [wanted]


def test_what_a_backslash_means_is_asked_once(world: World) -> None:
    world.switch(coql_escapes="both")
    select = Select("Leads", ["City"], where=equals("City", "a\\b"))

    with world.client() as client:
        client.query(select)
        client.query(select)

    assert world.fake.requests["coql"] == 3


def test_an_error_teaches_nothing_of_backslashes(world: World) -> None:
    where = equals("Nonsense", "a\\b")

    with world.client() as client, pytest.raises(RefusedError) as caught:
        client.query(Select("Leads", ["City"], where=where))

    assert caught.value.code == "INVALID_QUERY"
    assert world.fake.requests["coql"] == 1


@ESCAPES
def test_a_quote_is_found_or_refused(world: World, escapes: str) -> None:
    world.switch(coql_escapes=escapes)
    lead = world.fake.people.add_lead(Last_Name="O'Hara")
    where = equals("Last_Name", "O'Hara")

    with world.client() as client:
        try:
            page = client.query(Select("Leads", ["City"], where=where))
            found: object = [record.id for record in page.records]
        except RefusedError as error:
            found = error.code

    assert found == ("SYNTAX_ERROR" if escapes == "backslash" else [lead])


# --- whole readings ----------------------------------------------------------


@LIMITS
@pytest.mark.unknown("COQL 2000/500 or 200/50")
def test_a_reading_has_any_number_of_rows(world: World, limits: str) -> None:
    world.switch(coql_limits=limits)
    world.fake.people.fill("Leads", 2300)

    with world.client() as client:
        found = [
            record.fields["Last_Name"]
            for record in client.query_records("Leads", fields=["Last_Name"])
        ]
        asked = world.fake.requests["coql"]

    assert found == [f"Lead {number}" for number in range(1, 2301)]
    assert asked == {"large": 2, "small": 1 + 12}[limits]


@LIMITS
@pytest.mark.unknown("COQL 2000/500 or 200/50")
def test_more_fields_than_fit_are_joined(world: World, limits: str) -> None:
    world.switch(coql_limits=limits)
    for number in range(3):
        lead = world.fake.people.add_lead(Last_Name=f"Nowak {number}", Fax=f"{number}")
        world.fake.people.convert(lead)
    names = _many_names(world)

    with world.client() as client:
        records = list(client.query_records("Leads", fields=names))

    assert len(names) > 50
    assert all(set(names) <= set(record.fields) for record in records)
    assert [record.fields["Fax"] for record in records] == ["0", "1", "2"]
    assert [record.fields["Converted_Contact.Last_Name"] for record in records] == [
        "Nowak 0",
        "Nowak 1",
        "Nowak 2",
    ]


def _many_names(world: World) -> list[str]:
    """Give more names than the small limits take."""
    with world.client() as client:
        leads = [field.api_name for field in client.fields("Leads")]
        contacts = [field.api_name for field in client.fields("Contacts")]
    world.fake.reset_counters()
    return [*leads, *(f"Converted_Contact.{name}" for name in contacts)]


@pytest.mark.unknown("COQL 2000/500 or 200/50")
@LIMITS
def test_the_limits_are_learned_once(world: World, limits: str) -> None:
    world.switch(coql_limits=limits)
    world.fake.people.fill("Leads", 3)

    with world.client() as client:
        list(client.query_records("Leads", fields=["Last_Name"]))
        first = world.fake.requests["coql"]
        list(client.query_records("Leads", fields=["Last_Name"]))
        client.find_by("Leads", "Email", ["a@example.com"], fields=[])

    assert first == {"large": 1, "small": 2}[limits]
    assert world.fake.requests["coql"] == first + 2


def test_a_reading_keeps_to_its_condition(world: World) -> None:
    for number in range(5):
        world.fake.people.add_lead(Last_Name="Nowak", City="AB"[number % 2])

    with world.client() as client:
        found = [
            record.fields["City"]
            for record in client.query_records(
                "Leads", fields=["City"], where=one_of("City", ["B", "C"])
            )
        ]

    assert found == ["B", "B"]


@pytest.mark.parametrize("fields", [["id"], []])
def test_a_reading_may_be_of_ids_only(world: World, fields: list[str]) -> None:
    lead = world.fake.people.add_lead(Last_Name="Nowak")

    with world.client() as client:
        found = list(client.query_records("Leads", fields=fields))

    assert [record.id for record in found] == [lead]


def test_records_that_come_and_go_meanwhile_do_no_harm(world: World) -> None:
    world.switch(coql_limits="small")
    world.fake.people.fill("Leads", 450)
    ids: list[str] = []

    with world.client() as client:
        for record in client.query_records("Leads", fields=["Last_Name"]):
            ids.append(record.id)
            if len(ids) == 100:
                world.fake.people.delete(ids[0])
                world.fake.people.add_lead(Last_Name="Late")

    assert len(ids) == len(set(ids)) == 451


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ("Last_Name", None),
        (["Last Name"], None),
        ([1], None),
        (["City"], coql.Condition()),
    ],
)
def test_what_cannot_be_asked_is_not_asked(
    world: World, fields: Any, where: Any
) -> None:
    with world.client() as client, pytest.raises(InvalidInputError):
        list(client.query_records("Leads", fields=fields, where=where))

    assert world.fake.requests["coql"] == 0


def test_a_condition_that_small_limits_refuse_too_is_an_error(world: World) -> None:
    world.switch(coql_limits="small")
    where = one_of("City", map(str, range(51)))

    with world.client() as client:
        with pytest.raises(RefusedError) as caught:
            list(client.query_records("Leads", fields=["City"], where=where))
        asked = world.fake.requests["coql"]
        list(client.query_records("Leads", fields=["City"]))

    assert (caught.value.code, asked) == ("LIMIT_EXCEEDED", 2)
