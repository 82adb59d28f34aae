"""One permission of one or many contacts: nothing else is touched."""

from __future__ import annotations

from typing import Any

import pytest

from crmbridge.errors import InvalidInputError, MalformedReplyError, RefusedError
from crmbridge.testing import Fault
from tests.salesmanago.conftest import World

ANN = "ann@example.com"
CALLS = [
    ("opt_in", "optedOut", False),
    ("opt_out", "optedOut", True),
    ("phone_opt_in", "optedOutPhone", False),
    ("phone_opt_out", "optedOutPhone", True),
]


def _add(world: World, email: str = ANN, *, is_out: bool) -> str:
    card: str = world.fake.people.add(email, opted_out=is_out, phone_opted_out=is_out)
    return card


@pytest.mark.salesmanago_row(36)
@pytest.mark.parametrize(("method", "field", "is_out"), CALLS)
@pytest.mark.parametrize("is_by_id", [False, True])
def test_one_permission_is_changed_by_address_or_id(
    world: World, method: str, field: str, *, is_out: bool, is_by_id: bool
) -> None:
    card = _add(world, is_out=not is_out)
    before = dict(world.fake.people.get(ANN))

    with world.client() as client:
        name = f"{method}_by_id" if is_by_id else method
        found = getattr(client, name)(f" {card if is_by_id else ANN} ")

    assert found == card
    assert world.fake.people.get(ANN) == {**before, field: is_out}
    assert world.fake.confirmation_mails == ()


@pytest.mark.salesmanago_row(36)
@pytest.mark.parametrize(("method", "field", "is_out"), CALLS)
def test_the_id_finds_a_contact_whose_address_changed(
    world: World, method: str, field: str, *, is_out: bool
) -> None:
    card = _add(world, is_out=not is_out)
    world.fake.people.edit(ANN, email="new@example.com")

    with world.client() as client:
        getattr(client, f"{method}_by_id")(card)

    assert world.fake.people.get("new@example.com")[field] is is_out


@pytest.mark.parametrize(("method", "field", "is_out"), CALLS)
@pytest.mark.parametrize("suffix", ["", "_by_id"])
def test_the_permission_of_nobody_is_a_refusal(
    world: World, method: str, field: str, suffix: str, *, is_out: bool
) -> None:
    with world.client() as client, pytest.raises(RefusedError):
        getattr(client, method + suffix)("nobody@example.com")

    assert len(world.fake.people) == 0


@pytest.mark.parametrize(
    "name", [f"{call[0]}{suffix}" for call in CALLS for suffix in ("", "_by_id")]
)
def test_a_blank_name_is_not_sent(world: World, name: str) -> None:
    with world.client() as client, pytest.raises(InvalidInputError):
        getattr(client, name)(" ")

    assert not world.fake.requests


@pytest.mark.salesmanago_row(36)
@pytest.mark.parametrize("map_keys", ["sent", "lower"])
@pytest.mark.parametrize(
    ("method", "is_out"), [("opt_in_many", False), ("opt_out_many", True)]
)
def test_many_are_changed_and_told_by_position(
    world: World, method: str, map_keys: str, *, is_out: bool
) -> None:
    world.switch(map_keys=map_keys)
    cards = [_add(world, f"p{n}@example.com", is_out=not is_out) for n in range(450)]
    emails = [f"P{n}@example.com" for n in range(450)]

    with world.client() as client:
        found = getattr(client, method)(["nobody@example.com", *emails, emails[0]])

    assert found == (None, *cards, cards[0])
    assert all(card["optedOut"] is is_out for card in world.fake.people.contacts())
    assert all(
        card["optedOutPhone"] is not is_out for card in world.fake.people.contacts()
    )
    assert world.fake.writes == 3


def test_nobody_asked_costs_nothing(world: World) -> None:
    with world.client() as client:
        assert client.opt_out_many([]) == ()

    assert not world.fake.requests


def test_a_blank_address_among_many_stops_all(world: World) -> None:
    _add(world, is_out=False)

    with world.client() as client, pytest.raises(InvalidInputError):
        client.opt_out_many([ANN, " "])

    assert not world.fake.requests


@pytest.mark.parametrize("ids", [None, [], "x"])
def test_a_batch_answer_without_the_ids_is_malformed(world: World, ids: Any) -> None:
    world.fake.fail_next(Fault.json({"success": True, "contactIds": ids}))

    with world.client() as client, pytest.raises(MalformedReplyError, match="Ids"):
        client.opt_out_many([ANN])


@pytest.mark.parametrize("contact_id", [None, 7])
def test_an_answer_without_the_id_is_malformed(world: World, contact_id: Any) -> None:
    world.fake.fail_next(Fault.json({"success": True, "contactId": contact_id}))

    with world.client() as client, pytest.raises(MalformedReplyError, match="Id"):
        client.opt_out(ANN)
