"""Reading whole modules: tokens, what ends them, cursors, many fields."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from crmbridge._steps import Reply, Request
from crmbridge.config import Limits
from crmbridge.errors import InvalidInputError, OutOfReachError, RefusedError
from crmbridge.testing import AsyncFakeTransport, FakeTransport, ZohoFake
from crmbridge.zoho import RecordsCursor
from tests.zoho.conftest import World

NAMES = ["Last_Name"]
DAY = 24 * 3600


class Meddled:
    """A fake in which something happens just before a request is answered."""

    def __init__(
        self, fake: ZohoFake, meddle: Callable[[int, Request], object]
    ) -> None:
        self.fake = fake
        self.meddle = meddle
        self.lists = 0

    def handle(self, request: Request) -> Reply:
        """Answer one request."""
        if request.name.endswith(" list"):
            self.lists += 1
            self.meddle(self.lists, request)
        return self.fake.handle(request)


def _meddled(
    world: World, meddle: Callable[[int, Request], object], **changes: Any
) -> Any:
    kinds: dict[str, Any] = {"sync": FakeTransport, "async": AsyncFakeTransport}
    transport = kinds[world.twin](Meddled(world.fake, meddle))
    return world.client(options={"transport": transport}, **changes)


def _fill(world: World, count: int) -> list[str]:
    """Add leads; give their ids, the newest first."""
    world.fake.people.fill("Leads", count)
    return [row["id"] for row in reversed(world.fake.people.records("Leads"))]


def _asked(world: World) -> dict[str, int]:
    return {
        name: count for name, count in world.fake.requests.items() if name != "token"
    }


def _ids(records: Any) -> list[str]:
    return [record.id for record in records]


# --- tokens and their end ----------------------------------------------------


def test_a_module_is_read_in_as_few_requests_as_may_be(world: World) -> None:
    ids = _fill(world, 401)

    with world.client() as client:
        found = _ids(client.records("Leads", fields=NAMES))

    assert found == ids
    assert _asked(world) == {"Leads list": 3}
    assert world.fake.credits == 3


@pytest.mark.parametrize("gives_token", [True, False])
def test_behind_the_wall_a_reading_goes_on_by_ids(
    world: World, gives_token: bool
) -> None:
    world.switch(token_wall=400, gives_token_at_wall=gives_token)
    ids = _fill(world, 2950)

    with world.client() as client:
        found = _ids(client.records("Leads", fields=NAMES))

    asked = _asked(world)
    assert found == ids
    assert asked.pop("coql") == 2
    assert asked == {"Leads list": 2 + gives_token + 26}


@pytest.mark.parametrize("coql_limits", ["large", "small"])
def test_going_on_by_ids_asks_for_fewer_rows_where_it_must(
    world: World, coql_limits: str
) -> None:
    world.switch(token_wall=200, coql_limits=coql_limits)
    ids = _fill(world, 650)

    with world.client() as client:
        found = _ids(client.records("Leads", fields=NAMES))

    assert found == ids
    assert _asked(world)["coql"] == {"large": 1, "small": 4}[coql_limits]


def test_a_slow_reader_goes_on_by_ids(world: World) -> None:
    ids = _fill(world, 900)
    found: list[str] = []

    with world.client() as client:
        for record in client.records("Leads", fields=NAMES):
            if len(found) == 250:
                world.clock.advance(DAY)
            found.append(record.id)

    assert found == ids
    assert _asked(world)["coql"] == 1


@pytest.mark.parametrize("code", ["TOKEN_BOUND_DATA_MISMATCH", "INVALID_DATA"])
def test_a_refused_token_loses_no_record(world: World, code: str) -> None:
    world.switch(foreign_token_code=code)
    world.fake.people.add_user("bob@example.com")
    ids = _fill(world, 500)
    found: list[str] = []

    with world.client() as client:
        for record in client.records("Leads", fields=NAMES):
            if len(found) == 250:
                world.fake.people.log_in("bob@example.com")
            found.append(record.id)

    assert found == ids


def test_another_refusal_is_raised(world: World) -> None:
    with world.client() as client, pytest.raises(RefusedError):
        list(client.records("Leads", fields=NAMES, converted="yes"))


def test_only_what_changed_is_read_behind_the_wall_too(world: World) -> None:
    world.switch(token_wall=200)
    _fill(world, 300)
    world.clock.advance(60)
    since = world.clock.now()
    world.clock.advance(1)
    changed = _fill(world, 700)[:700]

    with world.client() as client:
        found = _ids(client.records("Leads", fields=NAMES, modified_since=since))

    assert found == changed


@pytest.mark.parametrize("status", [204, 304])
def test_nothing_new_is_one_empty_page(world: World, status: int) -> None:
    world.switch(nothing_new_status=status)
    _fill(world, 3)
    since = world.clock.now()

    with world.client() as client:
        pages = list(client.record_pages("Leads", fields=NAMES, modified_since=since))

    assert [(page.records, page.has_more) for page in pages] == [((), False)]
    assert pages[0].server_time == since


def test_every_page_is_asked_since_the_very_same_time(world: World) -> None:
    since = world.clock.now() - timedelta(seconds=1.5)
    _fill(world, 500)

    with world.client() as client:
        list(client.records("Leads", fields=NAMES, modified_since=since))

    headers = {
        request.headers["if-modified-since"]
        for request in world.fake.recorded
        if request.name == "Leads list"
    }
    assert headers == {"2026-01-05T11:59:58+00:00"}


# --- what happens meanwhile --------------------------------------------------


@pytest.mark.parametrize("token_wall", [400, 100_000])
def test_what_comes_and_goes_meanwhile_loses_and_doubles_nothing(
    world: World, token_wall: int
) -> None:
    world.switch(token_wall=token_wall)
    ids = _fill(world, 1000)
    people = world.fake.people
    found: list[str] = []

    with world.client() as client:
        for place, record in enumerate(client.records("Leads", fields=NAMES)):
            found.append(record.id)
            if place % 150 == 0:
                people.add_lead(Last_Name="new")
                people.delete(record.id)
                people.convert(ids[place + 1])

    lost = set(ids) - set(found)
    assert len(found) == len(set(found))
    assert lost <= {ids[place + 1] for place in range(0, 1000, 150)}
    assert set(found) <= set(ids)


@pytest.mark.parametrize("tokens", ["keyset", "positional"])
def test_new_records_double_none(world: World, tokens: str) -> None:
    world.switch(page_tokens=tokens)
    ids = _fill(world, 700)
    found: list[str] = []

    with world.client() as client:
        for place, record in enumerate(client.records("Leads", fields=NAMES)):
            found.append(record.id)
            if place % 90 == 0:
                world.fake.people.add_lead(Last_Name="new")

    assert found == ids


def test_a_flood_of_new_records_moves_no_reading(world: World) -> None:
    world.switch(page_tokens="positional")
    ids = _fill(world, 500)

    def flood(number: int, _: Request) -> None:
        if number == 2:
            world.fake.people.fill("Leads", 300)

    with _meddled(world, flood) as client:
        found = _ids(client.records("Leads", fields=NAMES))

    assert found == ids


# --- converted leads ---------------------------------------------------------


@pytest.mark.parametrize("converted", ["both", "true", "false", None])
def test_converted_leads_are_found_behind_the_wall(
    world: World, converted: str | None
) -> None:
    world.switch(token_wall=200)
    ids = _fill(world, 900)
    gone = ids[::3]
    for lead in gone:
        world.fake.people.convert(lead)

    with world.client() as client:
        found = _ids(client.records("Leads", fields=NAMES, converted=converted))

    live = [lead for lead in ids if lead not in set(gone)]
    wanted = {"both": ids, "true": gone, "false": live, None: live}
    reads = sum("ids" in request.query for request in world.fake.recorded)
    assert found == wanted[converted]
    assert reads == -(-(len(found) - 200) // 100)


@pytest.mark.parametrize("converted", ["both", "true"])
def test_converted_leads_that_cannot_be_found_are_no_silent_loss(
    world: World, converted: str
) -> None:
    world.switch(token_wall=200, coql_shows_converted=False)
    for lead in _fill(world, 900)[::2]:
        world.fake.people.convert(lead)

    with world.client() as client, pytest.raises(OutOfReachError, match="bulk read"):
        list(client.records("Leads", fields=NAMES, converted=converted))


def test_where_no_lead_is_converted_none_is_missed(world: World) -> None:
    world.switch(token_wall=200, coql_shows_converted=False)
    ids = _fill(world, 300)

    with world.client() as client:
        found = _ids(client.records("Leads", fields=NAMES, converted="both"))

    assert found == ids


# --- custom views ------------------------------------------------------------


def test_a_custom_view_chooses_and_sorts(world: World) -> None:
    ids = []
    for number in range(450):
        ids.append(world.fake.people.add_lead(Last_Name="x", Fax=str(number % 2)))
        world.clock.advance(1)
    view = world.fake.people.add_view(
        "Leads", lambda row: row["Fax"] == "1", sort_by="Created_Time", sort_order="asc"
    )

    with world.client() as client:
        found = _ids(client.records("Leads", fields=NAMES, cvid=view))
        page = client.records_page("Leads", fields=NAMES, cvid=view)
        total = client.count("Leads", cvid=view)

    assert found == ids[1::2]
    assert _ids(page.records) == found[:200]
    assert total == 225
    assert world.fake.credits == 3 * 3 + 1


def test_a_custom_view_ends_at_the_wall_with_an_error(world: World) -> None:
    world.switch(token_wall=400)
    _fill(world, 500)
    view = world.fake.people.add_view("Leads", lambda _: True, sort_by="Created_Time")

    with world.client() as client:
        pages = client.record_pages("Leads", fields=NAMES, cvid=view)
        found = [len(next(pages).records) for _ in range(2)]
        with pytest.raises(OutOfReachError):
            next(pages)

    assert found == [200, 200]


# --- cursors -----------------------------------------------------------------


def _half(world: World, **options: Any) -> tuple[list[str], str]:
    """Read two pages; give what they held and where they stopped."""
    found: list[str] = []
    with world.client() as client:
        for page in client.record_pages("Leads", **options):
            found += _ids(page.records)
            if len(found) == 400:
                break
    return found, page.cursor.to_text()


def _rest(world: World, text: str, **options: Any) -> list[str]:
    cursor = RecordsCursor.from_text(text)
    with world.client() as client:
        pages = client.record_pages("Leads", start_at=cursor, **options)
        return [record.id for page in pages for record in page.records]


@pytest.mark.parametrize("days", [0, 1, 30])
def test_a_reading_is_resumed_however_late(world: World, days: int) -> None:
    ids = _fill(world, 900)
    found, text = _half(world, fields=NAMES)
    world.clock.advance(days * DAY)

    rest = _rest(world, text, fields=NAMES)

    assert found + rest == ids
    assert world.fake.requests["coql"] == bool(days)


def test_a_reading_behind_the_wall_is_resumed(world: World) -> None:
    world.switch(token_wall=200)
    ids = _fill(world, 1500)
    with world.client() as client:
        pages = client.record_pages("Leads", fields=NAMES)
        first, second = next(pages), next(pages)

    rest = _rest(world, second.cursor.to_text(), fields=NAMES)

    assert _ids(first.records) + _ids(second.records) + rest == ids


def test_a_reading_of_a_custom_view_is_resumed(world: World) -> None:
    ids = _fill(world, 900)
    view = world.fake.people.add_view("Leads", lambda _: True, sort_order="asc")
    found, text = _half(world, fields=NAMES, cvid=view)

    assert found + _rest(world, text, fields=NAMES, cvid=view) == ids[::-1]

    world.clock.advance(DAY)
    with pytest.raises(OutOfReachError):
        _rest(world, text, fields=NAMES, cvid=view)


def test_a_reading_with_other_fields_is_resumed_by_ids(world: World) -> None:
    ids = _fill(world, 900)
    many = [f"Custom_{number}" for number in range(60)]
    found, text = _half(world, fields=NAMES)

    assert found + _rest(world, text, fields=["Fax"]) == ids
    assert found + _rest(world, text, fields=many) == ids


@pytest.mark.parametrize(
    "options", [{"converted": "both"}, {"cvid": "1"}, {"modified_since": "now"}]
)
def test_a_cursor_goes_on_with_the_same_question(
    world: World, options: dict[str, Any]
) -> None:
    _fill(world, 500)
    _, text = _half(world, fields=NAMES)
    if "modified_since" in options:
        options = {"modified_since": world.clock.now()}

    with pytest.raises(InvalidInputError, match=next(iter(options))):
        _rest(world, text, fields=NAMES, **options)


def test_a_cursor_of_another_module_is_refused(world: World) -> None:
    cursor = RecordsCursor(module="Leads", last_id="7")

    with world.client() as client, pytest.raises(InvalidInputError, match="module"):
        list(client.record_pages("Contacts", fields=NAMES, start_at=cursor))


# --- many fields -------------------------------------------------------------

MANY = ["Last_Name", *[f"Custom_{number}" for number in range(70)], "Phone"]


def test_more_than_fifty_fields_are_joined(world: World) -> None:
    ids = _fill(world, 450)
    world.fake.people.edit(ids[200], Phone="1")

    with world.client() as client:
        records = list(client.records("Leads", fields=MANY))
        (one,) = client.by_ids("Leads", [ids[200]], fields=MANY)

    assert _ids(records) == ids
    assert set(records[0].fields) == {"id", "Last_Name", "Phone", "Modified_Time"}
    assert records[200].fields == one.fields
    assert one.fields["Phone"] == "1"
    assert world.fake.requests["Leads list"] == 2 * 3 + 2


def test_more_than_fifty_fields_are_read_behind_the_wall(world: World) -> None:
    world.switch(token_wall=200)
    ids = _fill(world, 750)

    with world.client() as client:
        records = list(client.records("Leads", fields=MANY))

    assert _ids(records) == ids
    assert all({"Last_Name", "Phone"} <= set(record.fields) for record in records)


def test_a_change_between_two_groups_shows_the_earlier_time(world: World) -> None:
    (lead,) = _fill(world, 1)

    def change(_: int, request: Request) -> None:
        if "Phone" in request.query["fields"]:
            world.clock.advance(60)
            world.fake.people.edit(lead, Phone="2")

    with _meddled(world, change) as client:
        (record,) = client.records("Leads", fields=MANY)

    assert record.fields["Phone"] == "2"
    assert record.modified_time == "2026-01-05T13:00:00+01:00"


def test_a_group_that_lags_behind_costs_no_reads_by_id(world: World) -> None:
    ids = _fill(world, 1000)

    def meddle(number: int, _: Request) -> None:
        if number == 2:
            world.fake.people.add_lead(Last_Name="new")

    with _meddled(world, meddle, limits=Limits(max_in_flight=1)) as client:
        records = list(client.records("Leads", fields=MANY))

    assert _ids(records) == ids
    assert all({"Last_Name", "Phone"} <= set(record.fields) for record in records)
    assert world.fake.requests["Leads list"] == 5 + 6


def test_groups_that_drift_apart_are_joined_all_the_same(world: World) -> None:
    ids = _fill(world, 1000)
    people = world.fake.people

    def meddle(number: int, request: Request) -> None:
        if "Phone" in request.query["fields"] and number < 9:
            people.add_lead(Last_Name="new")
            people.delete(ids[number * 50])

    with _meddled(world, meddle) as client:
        records = list(client.records("Leads", fields=MANY))

    found = _ids(records)
    assert all(int(a) > int(b) for a, b in pairwise(found))
    assert set(found) <= set(ids)
    assert len(set(ids) - set(found)) <= 8
    assert all({"Last_Name", "Phone"} <= set(record.fields) for record in records)
    assert world.fake.requests["Leads list"] <= 2 * 6 + 8


def test_a_reading_of_many_fields_is_resumed(world: World) -> None:
    ids = _fill(world, 900)
    found, text = _half(world, fields=MANY)

    assert found + _rest(world, text, fields=MANY) == ids


# --- records by id, counts ---------------------------------------------------


def test_ids_alone_can_be_read(world: World) -> None:
    ids = _fill(world, 3)

    with world.client() as client:
        listed = _ids(client.records("Leads", fields=["id"]))
        found = client.by_ids("Leads", ids, fields=["id"])

    assert listed == _ids(found) == ids


def test_records_are_counted(world: World) -> None:
    ids = _fill(world, 5)
    world.fake.people.convert(ids[0])

    with world.client() as client:
        counts = [client.count("Leads"), client.count("Leads", converted="both")]

    assert counts == [4, 5]
