"""What nobody outside of Zoho knows of lists: no answer of it loses a record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.zoho.conftest import World

NAMES = ["Last_Name", "Modified_Time"]


def _ids(records: Any) -> list[str]:
    return [record.id for record in records]


@pytest.mark.unknown("If-Modified-Since: inclusive, clock, bound to the token")
@pytest.mark.parametrize("is_inclusive", [True, False])
@pytest.mark.parametrize("binds_since", [True, False])
@pytest.mark.parametrize("behind_seconds", [0, 90])
def test_reading_from_the_last_time_seen_misses_no_change(
    world: World,
    is_inclusive: bool,
    binds_since: bool,
    behind_seconds: int,
) -> None:
    world.switch(
        is_since_inclusive=is_inclusive,
        binds_since=binds_since,
        stamps_behind_seconds=behind_seconds,
    )
    people = world.fake.people
    people.fill("Leads", 450)
    with world.client() as client:
        seen = list(client.records("Leads", fields=NAMES))
        last = max(record.modified_at for record in seen)
        changed = {people.add_lead(Last_Name="in the very second")}
        world.clock.advance(1)
        people.fill("Leads", 250)

        found = list(
            client.records(
                "Leads", fields=NAMES, modified_since=last - timedelta(minutes=2)
            )
        )

    assert len(found) == len(set(_ids(found))) == 701
    assert changed <= set(_ids(found))


@pytest.mark.unknown("204 or 400 for an unknown id")
@pytest.mark.parametrize("unknown_ids", ["absent", "refuse"])
@pytest.mark.parametrize("extra", [0, 60])
def test_an_unknown_id_hides_no_other(
    world: World, unknown_ids: str, extra: int
) -> None:
    world.switch(unknown_ids=unknown_ids)
    fields = [*NAMES, *[f"Custom_{number}" for number in range(extra)]]
    world.fake.people.fill("Leads", 150)
    ids = [row["id"] for row in world.fake.people.records("Leads")]
    asked = [*ids[:70], "487687600000999999", *ids[70:]]

    with world.client() as client:
        found = client.by_ids("Leads", asked, fields=fields)
        nothing = client.by_ids("Leads", ["1"], fields=fields)

    assert [record and record.id for record in found] == [*ids[:70], None, *ids[70:]]
    assert nothing == (None,)


def _hidden(world: World, lead: str, other: str, way: str) -> None:
    """Take a lead out of the list in one of the ways that are known."""
    if way == "hidden from the user":
        world.fake.people.hide(lead)
    elif way == "converted":
        world.fake.people.convert(lead)
    elif way == "merged":
        world.fake.people.merge(other, lead)


@pytest.mark.unknown("Absent from the list and not among the deleted")
@pytest.mark.parametrize("lists_merged", [True, False])
@pytest.mark.parametrize("way", ["hidden from the user", "converted", "merged"])
def test_what_is_not_seen_is_not_told_to_be_deleted(
    world: World, way: str, lists_merged: bool
) -> None:
    world.switch(lists_merged_as_deleted=lists_merged)
    lead, other = (world.fake.people.add_lead(Last_Name="x") for _ in range(2))
    _hidden(world, lead, other, way)

    with world.client() as client:
        listed = _ids(client.records("Leads", fields=NAMES))
        (found,) = client.by_ids("Leads", [lead], fields=NAMES)
        (converted,) = client.by_ids("Leads", [lead], fields=NAMES, converted="both")
        deleted = _ids(client.deleted("Leads"))

    assert (listed, found) == ([other], None)
    assert (converted is not None) == (way == "converted")
    assert deleted == ([lead] if way == "merged" and lists_merged else [])


@pytest.mark.unknown("Absent from the list and not among the deleted")
@pytest.mark.parametrize("lists_merged", [True, False])
def test_the_loser_of_a_merge_is_told_by_nothing_but_its_absence(
    world: World, lists_merged: bool
) -> None:
    world.switch(lists_merged_as_deleted=lists_merged)
    winner, loser = (
        world.fake.people.add_contact(Last_Name=name, Phone="1") for name in "xy"
    )
    since = world.clock.now()
    world.clock.advance(1)

    world.fake.people.merge(winner, loser)

    with world.client() as client:
        changed = _ids(client.records("Contacts", fields=NAMES, modified_since=since))
        deleted = _ids(client.deleted("Contacts", modified_since=since))
    assert changed == [winner]
    assert deleted == [loser] * lists_merged


@pytest.mark.unknown("Modified_Time of a restored record")
@pytest.mark.parametrize("moves_time", [True, False])
def test_a_restored_record_is_in_the_full_list_again(
    world: World, moves_time: bool
) -> None:
    world.switch(restoring_moves_time=moves_time)
    lead = world.fake.people.add_lead(Last_Name="x")
    world.clock.advance(60)
    world.fake.people.delete(lead)
    since = world.clock.now()
    world.clock.advance(60)

    world.fake.people.restore(lead)

    with world.client() as client:
        whole = _ids(client.records("Leads", fields=NAMES))
        changed = _ids(client.records("Leads", fields=NAMES, modified_since=since))
        deleted = _ids(client.deleted("Leads"))
    assert whole == [lead]
    assert changed == [lead] * moves_time
    assert deleted == []
