"""Reading contacts by e-mail and id, and the users."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from crmbridge._steps import Request
from crmbridge.contact import NOT_OBSERVED
from crmbridge.errors import MalformedReplyError, RefusedError
from crmbridge.salesmanago import SalesmanagoAddress, read_basic, read_contact
from crmbridge.testing import Fault, SalesmanagoSwitches
from tests.salesmanago.conftest import World

ANN = "ann@example.com"
BOB = "bob@example.com"
LISTS = ["list_all", "list_owned", "basic"]
LISTS_BY_ID = ["list_all_by_id", "list_owned_by_id", "basic_by_id"]


def _filled(world: World, count: int) -> list[str]:
    return [world.fake.people.add(f"p{n}@example.com") for n in range(count)]


# --- many at once ---


@pytest.mark.salesmanago_row(26)
@pytest.mark.question(24)
@pytest.mark.parametrize("longest_basic", [50, None])
@pytest.mark.parametrize("long_lists", ["reject", "truncate"])
@pytest.mark.parametrize("method", LISTS_BY_ID)
def test_nobody_asked_for_by_id_is_lost_to_a_limit(
    world: World, method: str, long_lists: str, longest_basic: int | None
) -> None:
    world.switch(long_lists=long_lists, longest_basic=longest_basic)
    ids = _filled(world, 120)

    with world.client() as client:
        found = getattr(client, method)([*ids, ids[0]])

    assert [card.id for card in found] == ids
    assert world.fake.requests.total() == 3


@pytest.mark.salesmanago_row(26)
@pytest.mark.question(24)
@pytest.mark.parametrize("longest_basic", [50, None])
@pytest.mark.parametrize("long_lists", ["reject", "truncate"])
@pytest.mark.parametrize("method", LISTS)
def test_nobody_asked_for_by_email_is_lost_to_a_limit(
    world: World, method: str, long_lists: str, longest_basic: int | None
) -> None:
    world.switch(long_lists=long_lists, longest_basic=longest_basic)
    ids = _filled(world, 101)

    with world.client() as client:
        found = getattr(client, method)(f" P{n}@example.com " for n in range(101))

    assert {card.id for card in found} == set(ids)
    assert len(found) == 101
    assert world.fake.requests.total() == 3


@pytest.mark.salesmanago_row(26)
@pytest.mark.question(24)
@pytest.mark.parametrize(
    ("long_lists", "longest_basic", "taken"),
    [("reject", 50, None), ("truncate", 50, 50), ("reject", None, 60)],
)
def test_the_fake_takes_as_many_for_basic_as_it_is_told(
    world: World, long_lists: str, longest_basic: int | None, taken: int | None
) -> None:
    world.switch(long_lists=long_lists, longest_basic=longest_basic)
    emails = [f"p{n}@example.com" for n in range(60)]
    _filled(world, 60)

    body = {"owner": world.fake.users[0], "email": emails}
    request = Request("salesmanago", "POST", "/api/contact/basic", json=body)
    with world.client() as client:
        answer = client.send(request).json()

    contacts = answer.get("contacts")
    assert (None if contacts is None else len(contacts)) == taken


@pytest.mark.salesmanago_row(28)
@pytest.mark.parametrize("is_shuffled", [True, False])
@pytest.mark.parametrize("method", LISTS_BY_ID)
def test_contacts_are_matched_by_id_and_missing_ones_left_out(
    world: World, method: str, is_shuffled: bool
) -> None:
    world.switch(is_shuffled=is_shuffled)
    ids = _filled(world, 40)

    with world.client() as client:
        found = getattr(client, method)([ids[7], "absent", *ids[::-1]])

    assert [card.id for card in found] == [
        ids[7],
        *(i for i in ids[::-1] if i != ids[7]),
    ]


def test_a_contact_that_an_answer_names_twice_comes_once(world: World) -> None:
    card = world.fake.people.add(ANN)
    row = dict(world.fake.people.get(ANN))
    doubled = Fault.json({"success": True, "message": [], "contacts": [row, row]})
    world.fake.fail_next(doubled, "*/listAll")

    with world.client() as client:
        found = client.list_all([ANN])

    assert [contact.id for contact in found] == [card]


def test_whom_nobody_asked_for_is_not_taken_for_another(world: World) -> None:
    world.fake.people.add(ANN)
    wanted = world.fake.people.add(BOB)
    row = dict(world.fake.people.get(ANN))
    other = Fault.json({"success": True, "message": [], "contacts": [row]})
    world.fake.fail_next(other, "*/listAllById")

    with world.client() as client:
        found = client.list_all_by_id([wanted])

    assert found == ()


def test_one_bad_part_is_an_error_not_a_gap(world: World) -> None:
    ids = _filled(world, 120)
    world.fake.fail_next(Fault.truncated(), "*/listAllById", times=9)

    with world.client() as client, pytest.raises(MalformedReplyError):
        client.list_all_by_id(ids)


# --- what is shown ---


@pytest.mark.salesmanago_row(28)
def test_basic_shows_score_and_last_visit_but_no_owner(world: World) -> None:
    visit_ms = 1767600000000
    card_id = world.fake.people.add(
        ANN, score=90, last_visit_ms=visit_ms, invalid=True, birthday="0804"
    )

    with world.client() as client:
        (card,) = client.basic([ANN])

    assert (card.id, card.email, card.score) == (card_id, ANN, 90)
    assert card.last_visit_at.timestamp() * 1000 == visit_ms
    assert (card.is_invalid, card.is_deleted) == (True, False)
    assert (card.birthday_year, card.birthday_month) == (None, "8")
    assert card.address is None
    assert "mainContactOwner" not in card.raw
    assert ANN not in repr(card)


@pytest.mark.salesmanago_row(28)
@pytest.mark.parametrize("key", ["id", "contactId"])
@pytest.mark.parametrize("read", [read_basic, read_contact])
def test_an_id_is_read_under_both_names(read: Any, key: str) -> None:
    card = read(
        {key: "7", "birthdayDay": 4, "birthdayMonth": "8", "address": None, "new": [1]}
    )

    assert card.id == "7"
    assert (card.birthday_day, card.birthday_month, card.address) == (4, "8", None)
    assert card.extra == {"new": [1]}


def test_an_address_is_read_as_an_object() -> None:
    card = read_basic(
        {"contactId": "7", "address": {"city": "Kraków", "zipCode": None}}
    )

    assert card.address == SalesmanagoAddress(
        street_address=NOT_OBSERVED,
        zip_code=None,
        city="Kraków",
        country=NOT_OBSERVED,
    )


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        ([], "object"),
        ({"contactId": ""}, "empty"),
        ({"contactId": "7", "score": "high@x.pl"}, "score"),
        ({"contactId": "7", "address": "here"}, "address"),
    ],
)
def test_basic_data_of_the_wrong_shape_is_malformed(raw: object, word: str) -> None:
    with pytest.raises(MalformedReplyError, match=word) as caught:
        read_basic(raw)

    assert "high@x.pl" not in str(caught.value)


@pytest.mark.salesmanago_row(27)
def test_has_contact_gives_an_id_or_none(world: World) -> None:
    card = world.fake.people.add(ANN)

    with world.client() as client:
        assert client.has_contact(f" {ANN} ") == card
        assert client.has_contact(BOB) is None


# --- owners and users ---


@pytest.mark.salesmanago_row(29)
@pytest.mark.parametrize("is_seeing_all", [True, False])
@pytest.mark.parametrize("is_basic_bound", [True, False])
def test_owner_bound_reads_show_what_the_user_sees(
    world: World, is_basic_bound: bool, is_seeing_all: bool
) -> None:
    world.fake.users = (admin := world.fake.users[0], BOB)
    sees_all = frozenset({admin} if is_seeing_all else ())
    world.switch(sees_all=sees_all, is_basic_bound=is_basic_bound)
    card = world.fake.people.add(ANN, owner=BOB)

    with world.client() as client:
        owned = [client.list_owned([ANN]), client.list_owned_by_id([card])]
        basic = [client.basic([ANN]), client.basic_by_id([card])]
        bobs = [client.list_owned([ANN], owner=BOB), client.basic([ANN], owner=BOB)]
        everybodys = [client.list_all([ANN]), client.list_all_by_id([card])]

    assert [len(found) for found in owned] == [is_seeing_all] * 2
    assert [len(found) for found in basic] == [is_seeing_all or not is_basic_bound] * 2
    assert [len(found) for found in [*bobs, *everybodys]] == [1] * 4


@pytest.mark.salesmanago_row(38)
@pytest.mark.parametrize("is_listed", [True, False])
@pytest.mark.parametrize("is_taken", [True, False])
def test_users_are_listed_without_an_owner(
    world: World, is_listed: bool, is_taken: bool
) -> None:
    world.fake.users = (admin := world.fake.users[0], BOB)
    world.fake.people.deactivate(BOB)
    world.switch(lists_deactivated=is_listed, takes_deactivated=is_taken)

    with world.client(owner="nobody@example.com") as client:
        users = client.users()
        if is_taken:
            assert client.has_contact(ANN, owner=BOB) is None
        else:
            with pytest.raises(RefusedError):
                client.has_contact(ANN, owner=BOB)

    assert users == ((admin, BOB) if is_listed else (admin,))
    assert "owner" not in world.fake.recorded[0].body


# --- what moves modifiedOn ---

EDITS: dict[str, dict[str, Any]] = {
    "data": {"name": "New"},
    "consent": {"opted_out": True},
    "owner": {"owner": BOB},
    "tags": {"tags": ["X"]},
    "score": {"score": 5},
    "funnel": {"funnels": ["won"]},
}


@pytest.mark.salesmanago_row(32)
@pytest.mark.question(11)
@pytest.mark.parametrize("bumps_unchanged", [True, False])
@pytest.mark.parametrize("is_moving", [True, False])
@pytest.mark.parametrize("kind", [*EDITS, "deletion"])
def test_a_contact_is_read_as_it_is_whatever_moves_its_time(
    world: World, kind: str, is_moving: bool, bumps_unchanged: bool
) -> None:
    bumps = frozenset({kind} if is_moving else ())
    world.fake.switches = evolve(
        SalesmanagoSwitches(), bumps=bumps, bumps_unchanged=bumps_unchanged
    )
    card = world.fake.people.add(ANN)
    world.clock.advance(3600)

    if kind == "deletion":
        world.fake.people.delete(ANN)
    else:
        world.fake.people.edit(ANN, **EDITS[kind])
    with world.client() as client:
        (read,) = client.list_all_by_id([card])

    assert read.raw == world.fake.people.get(ANN)
    assert (read.modified_at > read.created_at) is is_moving
