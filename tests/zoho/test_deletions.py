"""Reading what was deleted: however much, in whatever order it comes."""

from __future__ import annotations

import pytest

from crmbridge.errors import OutOfReachError, RefusedError
from crmbridge.testing import Fault
from tests.zoho.conftest import World


def _delete(
    world: World, count: int, *, a_second: int = 1, is_permanent: bool = False
) -> set[str]:
    """Delete new leads, so many in each second; give their ids."""
    people = world.fake.people
    people.fill("Leads", count)
    ids = [row["id"] for row in people.records("Leads")]
    for number, record_id in enumerate(ids, 1):
        people.delete(record_id, is_permanent=is_permanent)
        world.clock.advance(number % a_second == 0)
    return set(ids)


def _deleted(world: World, **options: object) -> list[str]:
    with world.client() as client:
        return [one.id for one in client.deleted("Leads", **options)]


def test_all_pages_are_read(world: World) -> None:
    world.switch(deleted_wall=None)
    ids = _delete(world, 2401)

    found = _deleted(world)

    assert (set(found), len(found)) == (ids, 2401)
    assert world.fake.requests["Leads deleted"] == 13


@pytest.mark.parametrize("answer", ["refuse", "nothing"])
@pytest.mark.parametrize("a_second", [1, 3])
def test_oldest_first_goes_on_from_the_last_time(
    world: World, answer: str, a_second: int
) -> None:
    world.switch(deleted_order="oldest", deleted_wall_answer=answer)
    ids = _delete(world, 4500, a_second=a_second)

    found = _deleted(world)

    assert set(found) == ids
    assert len(found) <= 4500 + 4 * a_second
    assert world.fake.requests["Leads deleted"] == 25


@pytest.mark.parametrize("answer", ["refuse", "nothing"])
@pytest.mark.parametrize("is_bin_first", [True, False])
@pytest.mark.parametrize("a_second", [1, 5000])
def test_newest_first_parts_the_bin_from_the_rest(
    world: World, answer: str, is_bin_first: bool, a_second: int
) -> None:
    world.switch(deleted_wall_answer=answer)
    ids = _delete(world, 1500, a_second=a_second, is_permanent=not is_bin_first)
    ids |= _delete(world, 1500, a_second=a_second, is_permanent=is_bin_first)

    found = _deleted(world)

    assert set(found) == ids


def test_one_crowded_second_is_not_taken_for_oldest_first(world: World) -> None:
    ids = _delete(world, 500, is_permanent=True)
    ids |= _delete(world, 2000, a_second=5000)

    assert set(_deleted(world)) == ids


@pytest.mark.parametrize("answer", ["refuse", "nothing"])
@pytest.mark.parametrize("order", ["newest", "oldest"])
@pytest.mark.parametrize("is_since_inclusive", [True, False])
def test_what_cannot_be_reached_is_an_error(
    world: World, answer: str, order: str, is_since_inclusive: bool
) -> None:
    world.switch(
        deleted_wall_answer=answer,
        deleted_order=order,
        is_since_inclusive=is_since_inclusive,
    )
    _delete(world, 1)
    _delete(world, 2300, a_second=5000)

    with pytest.raises(OutOfReachError, match="modified_since"):
        _deleted(world)

    assert world.fake.requests["Leads deleted"] <= 33


def test_only_what_was_deleted_since_is_read(world: World) -> None:
    _delete(world, 300)
    since = world.clock.now()
    world.clock.advance(1)
    ids = _delete(world, 250)

    assert set(_deleted(world, modified_since=since)) == ids


def test_one_kind_of_deletion_is_read(world: World) -> None:
    first, second = sorted(_delete(world, 2))
    world.fake.people.purge(first)

    assert _deleted(world, kind="permanent") == [first]
    assert sorted(_deleted(world, kind="recycle")) == [first, second]
    with pytest.raises(RefusedError):
        _deleted(world, kind="other")


def test_a_restored_last_row_is_no_wall(world: World) -> None:
    ids = sorted(_delete(world, 401))
    found = []

    with world.client() as client:
        for one in client.deleted("Leads"):
            found.append(one.id)
            if len(found) == 400:
                world.fake.people.restore(ids[0])

    assert sorted(found) == ids[1:]


def test_the_same_page_again_and_again_ends(world: World) -> None:
    row = {"id": "7", "type": "recycle", "deleted_time": "2026-01-05T13:00:00+01:00"}
    body = {"data": [row], "info": {"more_records": True}}
    world.fake.fail_next(Fault.json(body), "*/Leads/deleted", times=50)

    with pytest.raises(OutOfReachError):
        _deleted(world)

    assert world.fake.faults.waiting > 40
