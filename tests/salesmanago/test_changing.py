"""Renames, owners, clearing: nothing lost, no success believed that is not seen."""

from __future__ import annotations

from typing import Any

import pytest

from crmbridge.errors import (
    DeletedError,
    DuplicateError,
    IgnoredError,
    InvalidInputError,
    NotFoundError,
    OutcomeUnknownError,
    RefusedError,
    StaleError,
)
from crmbridge.salesmanago import ContactDetails
from crmbridge.testing import Fault
from tests.salesmanago.conftest import World

ADMIN = "admin@example.com"
BOB = "bob@example.com"
ANN = "ann@example.com"
NEW = "new@example.com"
UPSERT = "/api/contact/upsert"
MOVE = "/api/contact/setMainOwner"

TAKEN = pytest.mark.parametrize("taken_email", ["reject", "merge", "ignore"])
LATE = pytest.mark.parametrize("visible_after_seconds", [0.0, 3.0])


def add(world: World, email: str = ANN, **fields: Any) -> str:
    """Add a contact that reads show already."""
    card = world.fake.people.add(email, **fields)
    world.clock.advance(60)
    return card


def writes(world: World) -> int:
    return world.fake.writes


# --- rename ---


@pytest.mark.salesmanago_row(21)
@pytest.mark.question(6)
@TAKEN
@LATE
@pytest.mark.parametrize("is_case_kept", [False, True])
@pytest.mark.parametrize("moves_owner", [False, True])
def test_a_rename_keeps_the_card(
    world: World,
    taken_email: str,
    visible_after_seconds: float,
    is_case_kept: bool,
    moves_owner: bool,
) -> None:
    world.fake.users = (ADMIN, BOB)
    world.switch(
        taken_email=taken_email,
        visible_after_seconds=visible_after_seconds,
        is_case_kept=is_case_kept,
        moves_owner=moves_owner,
    )
    card = add(world, name="Ann", owner=BOB, opted_out=True)

    with world.client() as client:
        done = client.rename(ANN, NEW)

    (shown,) = world.fake.people.contacts()
    assert (done.id, done.email, done.was_before) == (card, NEW, False)
    assert (shown["id"], shown["email"], shown["name"]) == (card, NEW, "Ann")
    assert (shown["optedOut"], shown["optedOutPhone"]) == (True, False)
    assert shown["mainContactOwner"] == BOB
    assert writes(world) == 1


@pytest.mark.question(6)
@TAKEN
@LATE
@pytest.mark.parametrize("is_deleted", [False, True])
def test_a_taken_address_is_a_conflict_and_changes_nothing(
    world: World,
    taken_email: str,
    visible_after_seconds: float,
    is_deleted: bool,
) -> None:
    world.switch(taken_email=taken_email, visible_after_seconds=visible_after_seconds)
    add(world)
    holder = add(world, "New@Example.com")
    if is_deleted:
        world.fake.people.delete(NEW)
    before = world.fake.people.contacts()

    with world.client() as client, pytest.raises(DuplicateError) as caught:
        client.rename(ANN, NEW)

    assert caught.value.existing_id == holder
    assert writes(world) == 0
    assert world.fake.people.contacts() == before


@pytest.mark.question(6)
@TAKEN
def test_an_address_taken_meanwhile_is_never_called_renamed(
    world: World, taken_email: str
) -> None:
    # Softly deleted and hidden: reads cannot know that the address is taken.
    world.switch(taken_email=taken_email, shows_deleted=False)
    card = add(world)
    add(world, NEW)
    world.fake.people.delete(NEW)

    with world.client() as client:
        try:
            done = client.rename(ANN, NEW)
        except RefusedError:
            done = None

    (shown,) = [one for one in world.fake.people.contacts() if one["id"] == card]
    assert (done is not None) == (shown["email"] == NEW)
    assert shown["email"] == (NEW if taken_email == "merge" else ANN)


def test_an_ignored_rename_is_noticed(world: World) -> None:
    world.switch(taken_email="ignore", shows_deleted=False)
    add(world)
    add(world, NEW)
    world.fake.people.delete(NEW)

    with world.client() as client, pytest.raises(IgnoredError):
        client.rename(ANN, NEW)

    assert writes(world) == 1


def test_the_reason_of_a_refused_rename_is_the_services(world: World) -> None:
    add(world)
    world.fake.fail_next(Fault.json({"success": False, "message": ["no"]}), UPSERT)

    with world.client() as client, pytest.raises(RefusedError) as caught:
        client.rename(ANN, NEW)

    assert caught.value.messages == ("no",)
    assert ANN in world.fake.people


@LATE
@pytest.mark.parametrize(
    "fault", [Fault.cut(), Fault.failed_after(), Fault.truncated(), Fault.silent()]
)
def test_a_rename_whose_answer_is_lost_is_seen_all_the_same(
    world: World, fault: Fault, visible_after_seconds: float
) -> None:
    world.switch(visible_after_seconds=visible_after_seconds)
    card = add(world)
    world.fake.fail_next(fault, UPSERT)

    with world.client() as client:
        done = client.rename(ANN, NEW)

    assert done.id == card
    assert writes(world) == 1
    assert len(world.fake.people) == 1


def test_a_rename_that_was_lost_on_its_way_can_be_repeated(world: World) -> None:
    card = add(world)
    world.fake.fail_next(Fault.cut(is_applied=False), UPSERT)

    with world.client() as client:
        with pytest.raises(OutcomeUnknownError):
            client.rename(ANN, NEW)
        done = client.rename(ANN, NEW)
        again = client.rename(ANN, NEW, contact_id=card)

    assert (done.id, done.was_before) == (card, False)
    assert (again.id, again.was_before) == (card, True)
    assert len(world.fake.people) == 1


def test_a_rename_done_before_is_not_taken_for_that_of_another(world: World) -> None:
    card = add(world, NEW)

    with world.client() as client, pytest.raises(DuplicateError) as caught:
        client.rename(ANN, NEW, contact_id="other")

    assert caught.value.existing_id == card


def test_an_old_address_of_another_contact_is_stale(world: World) -> None:
    add(world)

    with world.client() as client, pytest.raises(StaleError):
        client.rename(ANN, NEW, contact_id="other")

    assert writes(world) == 0


def test_neither_address_is_not_found(world: World) -> None:
    with world.client() as client, pytest.raises(NotFoundError):
        client.rename(ANN, NEW)

    assert writes(world) == 0


@pytest.mark.question(6)
@pytest.mark.parametrize("is_case_kept", [False, True])
def test_only_the_case_may_change(
    world: World,
    is_case_kept: bool,
) -> None:
    world.switch(is_case_kept=is_case_kept)
    card = add(world)

    with world.client() as client:
        done = client.rename(ANN, "Ann@Example.com")

    (shown,) = world.fake.people.contacts()
    assert (shown["id"], shown["email"]) == (card, "Ann@Example.com")
    assert (done.id, done.email) == (card, "Ann@Example.com")


@pytest.mark.question(6)
def test_two_people_by_case_are_never_made_one(world: World) -> None:
    world.switch(is_case_kept=True, taken_email="merge")
    add(world)
    other = add(world, "Ann@Example.com")

    with world.client() as client, pytest.raises(DuplicateError) as caught:
        client.rename(ANN, "Ann@Example.com")

    assert caught.value.existing_id == other
    assert len(world.fake.people) == 2


def test_an_address_in_another_case_names_the_contact(world: World) -> None:
    card = add(world, "Ann@Example.com")

    with world.client() as client:
        assert client.rename("ANN@example.com", NEW).id == card


def test_a_blank_address_is_not_sent(world: World) -> None:
    with world.client() as client, pytest.raises(InvalidInputError):
        client.rename(ANN, " ")

    assert not world.fake.requests


def test_errors_of_a_rename_name_nobody(world: World) -> None:
    add(world)
    add(world, NEW)

    with world.client() as client, pytest.raises(DuplicateError) as caught:
        client.rename(ANN, NEW)

    assert "example.com" not in f"{caught.value!r} {caught.value}"


# --- owner ---


@pytest.mark.salesmanago_row(37)
@pytest.mark.question(5)
@LATE
@pytest.mark.parametrize("needs_present_owner", [True, False])
@pytest.mark.parametrize("moves_owner", [True, False])
def test_an_owner_moves_and_is_seen(
    world: World,
    needs_present_owner: bool,
    moves_owner: bool,
    visible_after_seconds: float,
) -> None:
    world.fake.users = (ADMIN, BOB, "Cid@example.com")
    world.switch(
        needs_present_owner=needs_present_owner,
        moves_owner=moves_owner,
        visible_after_seconds=visible_after_seconds,
    )
    card = add(world, owner=BOB)

    with world.client() as client:
        moved = client.move_owner(ANN, to="cid@example.com")

    assert moved == card
    assert world.fake.people.get(ANN)["mainContactOwner"] == "Cid@example.com"


def test_who_has_it_already_needs_no_write(world: World) -> None:
    card = add(world)

    with world.client() as client:
        assert client.move_owner(ANN, to="Admin@Example.com") == card

    assert writes(world) == 0


@pytest.mark.parametrize("is_owner_checked", [True, False])
def test_an_unknown_user_gets_nothing(
    world: World,
    is_owner_checked: bool,
) -> None:
    world.switch(is_owner_checked=is_owner_checked)
    add(world)

    with world.client() as client, pytest.raises(InvalidInputError) as caught:
        client.move_owner(ANN, to="nobody@example.com")

    assert caught.value.field == "to"
    assert writes(world) == 0


def test_a_contact_of_a_user_who_left_can_be_moved(world: World) -> None:
    world.fake.users = (ADMIN, BOB, "cid@example.com")
    world.switch(needs_present_owner=False)
    add(world, owner=BOB)
    world.fake.users = (ADMIN, "cid@example.com")

    with world.client() as client:
        client.move_owner(ANN, to="cid@example.com")

    assert world.fake.people.get(ANN)["mainContactOwner"] == "cid@example.com"


def test_an_owner_who_did_not_move_is_noticed(world: World) -> None:
    world.fake.users = (ADMIN, BOB)
    add(world)
    world.fake.fail_next(Fault.json({"success": True, "message": []}), MOVE)

    with world.client() as client, pytest.raises(IgnoredError):
        client.move_owner(ANN, to=BOB)


@pytest.mark.parametrize("fault", [Fault.cut(), Fault.failed_after()])
def test_a_move_whose_answer_is_lost_is_seen_all_the_same(
    world: World, fault: Fault
) -> None:
    world.fake.users = (ADMIN, BOB)
    card = add(world)
    world.fake.fail_next(fault, MOVE)

    with world.client() as client:
        assert client.move_owner(ANN, to=BOB) == card


def test_a_refused_move_is_the_services_refusal(world: World) -> None:
    world.fake.users = (ADMIN, BOB)
    add(world)
    world.fake.fail_next(Fault.json({"success": False, "message": ["no"]}), MOVE)

    with world.client() as client, pytest.raises(RefusedError) as caught:
        client.move_owner(ANN, to=BOB)

    assert caught.value.messages == ("no",)


@pytest.mark.salesmanago_row(37)
def test_the_present_owner_is_named_where_that_is_wanted(world: World) -> None:
    world.fake.users = (ADMIN, BOB)
    add(world, owner=BOB)

    with world.client() as client:
        with pytest.raises(RefusedError):
            client.set_main_owner(ANN, new_owner=ADMIN)
        client.set_main_owner(ANN, new_owner=ADMIN, owner=BOB)

    assert world.fake.people.get(ANN)["mainContactOwner"] == ADMIN


@pytest.mark.question(5)
@pytest.mark.parametrize("moves_owner", [True, False])
def test_a_guarded_write_leaves_the_owner(
    world: World,
    moves_owner: bool,
) -> None:
    world.fake.users = (ADMIN, BOB)
    world.switch(moves_owner=moves_owner)
    card = add(world, owner=BOB)

    with world.client() as client:
        client.upsert_if_alive(card, ContactDetails(ANN, {"name": "Ann"}))
        client.clear(ANN, ["name"])
        client.rename(ANN, NEW)

    assert world.fake.people.get(NEW)["mainContactOwner"] == BOB


# --- clearing ---

FIELDS = {
    "name": "Ann",
    "phone": "+48 1",
    "fax": "+48 2",
    "company": "Example Ltd",
    "external_id": "Z-1",
    "street": "Main 1",
    "postal_code": "43-305",
    "city": "Bielsko",
    "country": "PL",
    "province": "Slask",
    "birthday": "19840804",
}
NAMES = (
    "name",
    "phone",
    "fax",
    "company",
    "external_id",
    "street_address",
    "zip_code",
    "city",
    "country",
    "province",
    "birthday",
)


@pytest.mark.salesmanago_row(9)
@pytest.mark.question(1)
@LATE
@pytest.mark.parametrize("null_values", ["keep", "clear", "reject"])
@pytest.mark.parametrize("empty_values", ["keep", "clear", "reject"])
def test_what_is_called_cleared_is_empty_and_what_is_kept_is_there(
    world: World, empty_values: str, null_values: str, visible_after_seconds: float
) -> None:
    world.switch(
        empty_values=empty_values,
        null_values=null_values,
        visible_after_seconds=visible_after_seconds,
    )
    card = add(world, **FIELDS)
    before = world.fake.people.get(ANN)

    with world.client() as client:
        try:
            done = client.clear(ANN, NAMES)
        except RefusedError:
            done = None

    after = world.fake.people.get(ANN)
    is_cleared = empty_values == "clear"
    assert (done is None) == (empty_values == "reject")
    if done is not None:
        assert done.id == card
        assert (done.cleared, done.kept) == ((NAMES, ()) if is_cleared else ((), NAMES))
    assert (after["phone"], after["address"], after["birthdayMonth"]) == (
        (None, None, None)
        if is_cleared
        else (before["phone"], before["address"], before["birthdayMonth"])
    )
    assert writes(world) == 1


@pytest.mark.question(1)
@pytest.mark.parametrize("null_values", ["keep", "clear", "reject"])
@pytest.mark.parametrize("empty_values", ["keep", "clear", "reject"])
def test_what_is_not_named_is_left_alone(
    world: World, empty_values: str, null_values: str
) -> None:
    world.switch(empty_values=empty_values, null_values=null_values)
    card = add(world, **FIELDS)

    with world.client() as client:
        client.upsert_if_alive(card, ContactDetails(ANN, {"fax": "+48 3"}))

    assert world.fake.people.get(ANN)["fax"] == "+48 3"
    assert world.fake.people.get(ANN)["phone"] == "+48 1"
    sent = world.fake.recorded[-1].body
    assert None not in (*sent.values(), *sent["contact"].values())
    assert "" not in (*sent.values(), *sent["contact"].values())


def test_what_is_empty_already_is_not_sent(world: World) -> None:
    card = add(world, phone="+48 1")

    with world.client() as client:
        done = client.clear(ANN, ["fax", "city", "birthday"])

    assert (done.id, done.cleared) == (card, ("fax", "city", "birthday"))
    assert writes(world) == 0


def test_one_part_of_an_address_can_be_cleared(world: World) -> None:
    add(world, **FIELDS)

    with world.client() as client:
        client.clear(ANN, ["city"])

    address = world.fake.people.get(ANN)["address"]
    assert (address["city"], address["country"]) == (None, "PL")


def test_a_field_that_nobody_knows_is_not_sent(world: World) -> None:
    with world.client() as client, pytest.raises(InvalidInputError) as caught:
        client.clear(ANN, ["email"])

    assert caught.value.field == "fields"
    assert not world.fake.requests


# --- nobody is brought back ---

GUARDED: dict[str, tuple[Any, ...]] = {
    "upsert_if_alive": (ContactDetails(ANN, {"name": "Ann"}),),
    "rename": (ANN, NEW),
    "clear": (ANN, ["phone"]),
    "move_owner": (ANN,),
}
OPTIONS = {"move_owner": {"to": BOB}}


@pytest.mark.question(13)
@pytest.mark.parametrize("finds_deleted", ["as_shown", "always", "never"])
@pytest.mark.parametrize("shows_deleted", [True, False])
@pytest.mark.parametrize("method", GUARDED)
def test_no_guarded_write_brings_a_deleted_contact_back(
    world: World,
    method: str,
    shows_deleted: bool,
    finds_deleted: str,
) -> None:
    world.fake.users = (ADMIN, BOB)
    world.switch(shows_deleted=shows_deleted, finds_deleted=finds_deleted)
    card = add(world, phone="+48 1")
    world.fake.people.delete(ANN)

    arguments = GUARDED[method]
    if method == "upsert_if_alive":
        arguments = (card, *arguments)

    with world.client() as client, pytest.raises(NotFoundError) as caught:
        getattr(client, method)(*arguments, **OPTIONS.get(method, {}))

    assert writes(world) == 0
    assert world.fake.people.get(ANN)["deleted"] is True
    assert isinstance(caught.value, DeletedError) == shows_deleted


def test_a_contact_that_left_its_address_is_not_made_twice(world: World) -> None:
    card = add(world)
    world.fake.people.edit(ANN, email=NEW)

    with world.client() as client, pytest.raises(StaleError):
        client.upsert_if_alive(card, ContactDetails(ANN, {"name": "Ann"}))

    assert writes(world) == 0
    assert len(world.fake.people) == 1


def test_a_guarded_write_does_not_rename(world: World) -> None:
    card = add(world)

    with world.client() as client, pytest.raises(InvalidInputError):
        client.upsert_if_alive(card, ContactDetails(ANN, new_email=NEW))

    assert not world.fake.requests
