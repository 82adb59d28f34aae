"""Tags through the client, against the fake."""

from __future__ import annotations

from crmbridge.errors import RecordLockedError
from tests.zoho.conftest import World


def _names(world: World, record_id: str) -> list[str]:
    return [tag["name"] for tag in world.fake.people.record(record_id)["Tag"]]


def test_many_records_are_tagged_and_untagged(world: World) -> None:
    leads = [
        world.fake.people.add_lead(Last_Name=f"x{n}", Tag=["old"]) for n in range(501)
    ]

    with world.client() as client:
        world.fake.reset_counters()
        added = client.add_tags("Leads", leads, ["vip", "new"])
        spent = world.fake.credits
        removed = client.remove_tags("Leads", leads[:1], ["old", "new"])

    assert all(result.is_success for result in (*added, *removed))
    assert [result.id for result in added] == leads
    assert world.fake.requests["Leads add tags"] == 2
    assert spent == 11
    assert _names(world, leads[0]) == ["vip"]
    assert _names(world, leads[500]) == ["old", "vip", "new"]


def test_tags_may_replace_all_others(world: World) -> None:
    lead = world.fake.people.add_lead(Last_Name="x", Tag=["old"])

    with world.client() as client:
        client.add_tags("Leads", [lead], ["vip"], over_write=True)

    assert _names(world, lead) == ["vip"]


def test_a_record_that_cannot_be_tagged_is_a_result(world: World) -> None:
    free = world.fake.people.add_lead(Last_Name="x")
    locked = world.fake.people.add_lead(Last_Name="x")
    world.fake.locked.add(locked)

    with world.client() as client:
        refused, tagged, unknown = client.add_tags(
            "Leads", [locked, free, "1"], ["vip"]
        )

    assert isinstance(refused.error, RecordLockedError)
    assert tagged.is_success
    assert unknown.code == "INVALID_DATA"


def test_tags_are_defined_and_read(world: World) -> None:
    with world.client() as client:
        (made,) = client.create_tags("Contacts", ["vip"])
        there, new = client.create_tags("Contacts", ["VIP", "new"])
        tags = client.tags("Contacts")

    assert (there.code, there.existing_id) == ("DUPLICATE_DATA", made.id)
    assert [(tag.id, tag.name) for tag in tags] == [(made.id, "vip"), (new.id, "new")]
