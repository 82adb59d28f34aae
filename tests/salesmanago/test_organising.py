"""The account's tags, and notes on contacts."""

from __future__ import annotations

import pytest

from crmbridge.errors import (
    InvalidInputError,
    MalformedReplyError,
    OutcomeUnknownError,
    RefusedError,
)
from crmbridge.salesmanago import AccountTag
from crmbridge.testing import Fault
from tests.salesmanago.conftest import World

ANN = "ann@example.com"
NOTE = "/api/contact/addNote"


@pytest.mark.parametrize("rows", [["VIP"], [{"numberOfTagged": 1}], {}])
def test_tags_of_another_shape_are_malformed(world: World, rows: object) -> None:
    world.fake.fail_next(Fault.json({"success": True, "message": [], "tags": rows}))

    with pytest.raises(MalformedReplyError):
        world.client().tags()


def test_the_tags_of_the_account_are_counted(world: World) -> None:
    world.fake.people.add(ANN, tags=["vip", "news"])
    world.fake.people.add("bob@example.com", tags=["VIP"])

    tags = world.client().tags()

    assert set(tags) == {AccountTag("VIP", 2), AccountTag("NEWS", 1)}


def test_tags_are_asked_for_by_a_user(world: World) -> None:
    world.fake.users = (*world.fake.users, "bob@example.com")

    assert world.client().tags(with_system=True, owner="bob@example.com") == ()

    (request,) = world.fake.recorded
    assert request.body["owner"] == "bob@example.com"
    assert request.body["showSystemTags"] is True


def test_reading_the_tags_is_repeated(world: World) -> None:
    world.fake.fail_next(Fault.cut())

    assert world.client().tags() == ()


def test_a_note_is_written(world: World) -> None:
    world.fake.people.add(ANN)
    client = world.client()

    client.add_note(f" {ANN} ", "Called, wants a quote.\nZażółć")
    client.add_note(ANN, "only for us", is_private=True)

    assert world.fake.people.notes(ANN) == (
        ("Called, wants a quote.\nZażółć", False),
        ("only for us", True),
    )


def test_a_note_on_nobody_is_refused(world: World) -> None:
    with pytest.raises(RefusedError):
        world.client().add_note(ANN, "hello")


def test_a_blank_note_is_not_sent(world: World) -> None:
    with pytest.raises(InvalidInputError):
        world.client().add_note(ANN, " \n")

    assert not world.fake.requests


@pytest.mark.parametrize(
    "fault",
    [
        Fault.cut(),
        Fault.cut(is_applied=False),
        Fault.silent(),
        Fault.truncated(),
        Fault.failed_after(),
        Fault.text("OK"),
    ],
)
def test_a_note_that_may_be_there_is_not_written_twice(
    world: World, fault: Fault
) -> None:
    world.fake.people.add(ANN)
    world.fake.fail_next(fault, NOTE)

    with pytest.raises(OutcomeUnknownError):
        world.client().add_note(ANN, "a secret")

    assert world.fake.requests[NOTE] == 1
    assert len(world.fake.people.notes(ANN)) <= 1


def test_a_note_that_never_arrived_is_sent_again(world: World) -> None:
    world.fake.people.add(ANN)
    world.fake.fail_next(Fault.status(429), NOTE)

    world.client().add_note(ANN, "hello")

    assert len(world.fake.people.notes(ANN)) == 1
