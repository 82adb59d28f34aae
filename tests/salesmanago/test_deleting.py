"""Deleting, and telling who is alive, softly deleted or absent."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from crmbridge._steps import Request
from crmbridge.errors import MalformedReplyError, NotFoundError
from crmbridge.salesmanago import ContactDetails, PresenceState
from crmbridge.testing import Fault
from tests.salesmanago.conftest import World

State = PresenceState
ANN = "ann@example.com"
BEN = "ben@example.com"
NOBODY = "nobody@example.com"

ANSWERS = pytest.mark.parametrize("delete_answer", ["null", "text", "unreadable"])
LATE = pytest.mark.parametrize("visible_after_seconds", [0.0, 3.0])
SHOWN = pytest.mark.parametrize("shows_deleted", [True, False])


def add(world: World, email: str = ANN, **fields: Any) -> str:
    """Add a contact that reads show already."""
    card = world.fake.people.add(email, **fields)
    world.clock.advance(60)
    return card


def ask(world: World, path: str, **body: Any) -> Any:
    """Ask the fake by hand."""
    sha = hashlib.sha1(b"keyfake-clientfake-secret").hexdigest()  # noqa: S324 - as the service wants it
    signed = {"clientId": "fake-client", "apiKey": "key", "requestTime": 1, "sha": sha}
    request = Request(
        "salesmanago",
        "POST",
        f"https://salesmanago.example.com/api/contact/{path}",
        json={"owner": "admin@example.com", **signed, **body},
    )
    return world.fake.handle(request).json()


# --- one ---


@pytest.mark.salesmanago_row(34)
@pytest.mark.question(12)
@ANSWERS
@LATE
@SHOWN
@pytest.mark.parametrize("permanently", [True, False])
def test_a_delete_is_done_whatever_the_answer_is(
    world: World,
    permanently: bool,
    shows_deleted: bool,
    visible_after_seconds: float,
    delete_answer: str,
) -> None:
    world.switch(
        delete_answer=delete_answer,
        shows_deleted=shows_deleted,
        visible_after_seconds=visible_after_seconds,
    )
    add(world)
    add(world, BEN)

    with world.client() as client:
        client.delete(ANN, permanently=permanently)
        client.delete(NOBODY, permanently=permanently)

    assert (ANN in world.fake.people) == (not permanently)
    if not permanently:
        assert world.fake.people.get(ANN)["deleted"] is True
    assert world.fake.people.get(BEN)["deleted"] is False


@pytest.mark.salesmanago_row(35)
@LATE
def test_nobody_is_found_right_after_a_permanent_delete(
    world: World, visible_after_seconds: float
) -> None:
    world.switch(visible_after_seconds=visible_after_seconds)
    add(world)

    with world.client() as client:
        client.delete(ANN, permanently=True)

        assert client.has_contact(ANN) is None
        assert client.presence(ANN).state is State.ABSENT


@pytest.mark.parametrize("fault", [Fault.cut(), Fault.truncated(), Fault.html()])
def test_a_delete_whose_answer_is_lost_is_settled_by_reading(
    world: World, fault: Fault
) -> None:
    add(world)
    world.fake.fail_next(fault, "/api/contact/delete")
    lost = not fault.is_applied

    with world.client() as client:
        if lost:
            with pytest.raises(MalformedReplyError, match="not JSON"):
                client.delete(ANN)
        else:
            client.delete(ANN)

    assert world.fake.people.get(ANN)["deleted"] is not lost


# --- the bin and the night ---


@pytest.mark.salesmanago_row(34)
def test_a_softly_deleted_contact_lasts_until_the_night(world: World) -> None:
    card = add(world)
    with world.client() as client:
        client.delete(ANN)
        found = client.presence(ANN)

        world.clock.set(world.clock.now().replace(hour=23))
        late = client.presence(ANN)
        world.clock.advance(timedelta(hours=4, minutes=1).total_seconds())
        gone = client.presence(ANN)

    assert (found.state, found.id) == (State.DELETED, card)
    assert late.state is State.DELETED
    assert gone.state is State.ABSENT
    assert ANN not in world.fake.people


@pytest.mark.salesmanago_row(34)
def test_a_write_brings_a_softly_deleted_contact_back(world: World) -> None:
    card = add(world)

    with world.client() as client:
        client.delete(ANN)
        again = client.upsert(ContactDetails(ANN, {"name": "Ann"}))
    world.clock.advance(timedelta(days=2).total_seconds())

    assert again == card
    assert world.fake.people.get(ANN)["deleted"] is False


@pytest.mark.salesmanago_row(34)
def test_deleted_twice_it_lasts_until_the_night_after_the_second(world: World) -> None:
    add(world)
    world.fake.people.delete(ANN)
    with world.client() as client:
        client.upsert(ContactDetails(ANN))
    world.clock.advance(timedelta(days=1).total_seconds())

    world.fake.people.delete(ANN)

    assert ANN in world.fake.people
    world.clock.advance(timedelta(days=1).total_seconds())
    assert ANN not in world.fake.people


@pytest.mark.salesmanago_row(34)
def test_the_night_can_be_left_to_the_test(world: World) -> None:
    world.switch(purge_hour=None)
    add(world)
    world.fake.people.delete(ANN)
    world.clock.advance(timedelta(days=9).total_seconds())
    assert ANN in world.fake.people

    world.fake.people.purge()

    assert ANN not in world.fake.people


# --- presence ---


@pytest.mark.question(12)
@pytest.mark.question(13)
@pytest.mark.parametrize("finds_deleted", ["as_shown", "always", "never"])
@SHOWN
def test_nobody_who_is_there_is_called_absent_nor_a_deleted_one_alive(
    world: World,
    shows_deleted: bool,
    finds_deleted: str,
) -> None:
    world.switch(shows_deleted=shows_deleted, finds_deleted=finds_deleted)
    alive, deleted = add(world), add(world, BEN)
    world.fake.people.delete(BEN)

    with world.client() as client:
        by_email = [client.presence(email).state for email in (ANN, BEN, NOBODY)]
        by_id = client.presences_by_id([alive, deleted, "nobody"])

    hidden = State.UNCLEAR if finds_deleted == "always" else State.ABSENT
    expected = State.DELETED if shows_deleted else hidden
    assert by_email == [State.ALIVE, expected, State.ABSENT]
    assert by_id[0].state is State.ALIVE
    assert by_id[1].state is (State.DELETED if shows_deleted else State.ABSENT)
    assert by_id[2].state is State.ABSENT


@pytest.mark.question(12)
def test_one_empty_read_does_not_make_anybody_absent(world: World) -> None:
    card = add(world)
    empty = Fault.json({"success": True, "message": [], "contacts": []})
    world.fake.fail_next(empty, "/api/contact/listAll")
    world.fake.fail_next(empty, "/api/contact/listAllById")

    with world.client() as client:
        by_id = client.presences_by_id([card])
        by_email = client.presence(ANN)

    assert by_email.state is State.ALIVE
    assert by_id[0].state is State.UNCLEAR


@pytest.mark.question(12)
def test_a_read_that_fails_says_nothing_of_anybody(world: World) -> None:
    card = add(world)
    world.fake.fail_next(Fault.status(404), "/api/contact/listAllById")

    with world.client() as client, pytest.raises(NotFoundError, match="no such path"):
        client.presences_by_id([card])


# --- many ---


@pytest.mark.question(12)
@ANSWERS
@LATE
@SHOWN
@pytest.mark.parametrize("batch_delete", ["soft", "permanent"])
@pytest.mark.parametrize("missing_addressee", ["reject", "skip"])
def test_many_are_deleted_and_nobody_else(
    world: World,
    *,
    missing_addressee: str,
    batch_delete: str,
    shows_deleted: bool,
    visible_after_seconds: float,
    delete_answer: str,
) -> None:
    world.switch(
        missing_addressee=missing_addressee,
        batch_delete=batch_delete,
        shows_deleted=shows_deleted,
        visible_after_seconds=visible_after_seconds,
        delete_answer=delete_answer,
    )
    ids = [add(world, f"p{number}@example.com") for number in range(6)]

    with world.client() as client:
        by_email = client.delete_many(["P0@example.com", NOBODY, "p1@example.com"])
        by_id = client.delete_many_by_id([ids[2], "nobody", ids[3]])

    is_shown = batch_delete == "soft" and shows_deleted
    state = State.DELETED if is_shown else State.ABSENT
    assert [one.state for one in by_email] == [state, State.ABSENT, state]
    assert [one.state for one in by_id] == [state, State.ABSENT, state]
    left = {one["id"] for one in world.fake.people.contacts() if not one["deleted"]}
    assert left == set(ids[4:])


def test_who_was_not_deleted_is_told(world: World) -> None:
    add(world)
    world.fake.fail_next(
        Fault.json({"success": False, "message": ["no"]}), "/api/contact/batchDelete"
    )

    with world.client() as client:
        (found,) = client.delete_many([ANN])

    assert found.state is State.ALIVE


@pytest.mark.salesmanago_row(34)
def test_a_tag_deletes_everybody_who_has_it_so_no_client_sends_one(
    world: World,
) -> None:
    add(world, tags=["vip"])
    add(world, BEN, tags=["vip"])
    add(world, "vip@example.com")

    with world.client() as client:
        client.delete_many(["VIP"])
        client.delete_many_by_id(["VIP"])
        assert all(not one["deleted"] for one in world.fake.people.contacts())
    ask(world, "batchDelete", contacts=[{"addresseeType": "TAG", "value": "vip"}])

    left = [one["email"] for one in world.fake.people.contacts() if not one["deleted"]]
    assert left == ["vip@example.com"]


def test_an_addressee_of_no_kind_is_refused(world: World) -> None:
    answer = ask(world, "batchDelete", contacts=[{"addresseeType": "X", "value": "1"}])

    assert answer["success"] is False


# --- permission calls (row 36) ---


@pytest.mark.salesmanago_row(36)
@pytest.mark.parametrize(
    ("path", "flag", "is_out"),
    [
        ("optin", "optedOut", False),
        ("optout", "optedOut", True),
        ("phoneoptin", "optedOutPhone", False),
        ("phoneoptout", "optedOutPhone", True),
    ],
)
@pytest.mark.parametrize("by", ["email", "contactId"])
def test_permission_calls_take_an_email_or_an_id_and_no_owner(
    world: World,
    by: str,
    path: str,
    flag: str,
    is_out: bool,
) -> None:
    card = add(world, opted_out=not is_out, phone_opted_out=not is_out)
    named = ANN if by == "email" else card

    answer = ask(world, path, **{by: named, "owner": None})

    shown = world.fake.people.get(ANN)
    other = "optedOut" if flag == "optedOutPhone" else "optedOutPhone"
    assert answer["contactId"] == card
    assert (shown[flag], shown[other]) == (is_out, not is_out)


@pytest.mark.salesmanago_row(36)
@pytest.mark.parametrize(
    ("path", "is_out"), [("batchoptin", False), ("batchoptout", True)]
)
def test_permission_calls_for_many_answer_an_id_map(
    world: World,
    path: str,
    is_out: bool,
) -> None:
    card = add(world, opted_out=not is_out)

    answer = ask(world, path, emails=[ANN, NOBODY])

    assert answer["contactIds"] == {ANN: card}
    assert world.fake.people.get(ANN)["optedOut"] is is_out
