"""Where contacts are, without HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from crmbridge._steps import Reply
from crmbridge.errors import DeletedError, NotFoundError
from crmbridge.salesmanago import Presence, PresenceState, _presence
from tests.unit.salesmanago.script import ACCOUNT, Script, ok

State = PresenceState


def card(email: str = "a@x.pl", **more: Any) -> dict[str, Any]:
    return {"id": "i", "email": email, "deleted": False, **more}


def has(contact_id: str | None) -> Reply:
    return ok(result=contact_id is not None, contactId=contact_id)


@pytest.mark.parametrize(
    ("replies", "state", "contact_id"),
    [
        ([ok(contacts=[card()])], State.ALIVE, "i"),
        ([ok(contacts=[card("A@X.pl")])], State.ALIVE, "i"),
        ([ok(contacts=[card(deleted=True)])], State.DELETED, "i"),
        ([ok(contacts=[card(deleted=None)])], State.UNCLEAR, "i"),
        ([ok(contacts=[{"id": "i", "email": "a@x.pl"}])], State.UNCLEAR, "i"),
        ([ok(contacts=[]), has(None)], State.ABSENT, None),
        ([ok(contacts=[]), has("i"), ok(contacts=[])], State.UNCLEAR, "i"),
        ([ok(contacts=[]), has("i"), ok(contacts=[card()])], State.ALIVE, "i"),
        ([ok(contacts=[]), has("i"), ok(contacts=[card("b@x")])], State.UNCLEAR, "i"),
    ],
)
def test_an_address_is_judged_by_what_reads_say(
    replies: list[Reply], state: PresenceState, contact_id: str | None
) -> None:
    script = Script(replies)

    found = script.run(_presence.presence(ACCOUNT, "a@x.pl"))

    assert (found.state, found.id) == (state, contact_id)
    assert not script.replies


@pytest.mark.parametrize(
    ("replies", "state"),
    [
        ([ok(contacts=[card()])], State.ALIVE),
        ([ok(contacts=[card(deleted=True)])], State.DELETED),
        ([ok(contacts=[]), ok(contacts=[])], State.ABSENT),
        ([ok(contacts=[]), ok(contacts=[{"contactId": "i"}])], State.UNCLEAR),
    ],
)
def test_an_id_is_called_absent_by_two_reads_only(
    replies: list[Reply], state: PresenceState
) -> None:
    script = Script(replies)

    (found,) = script.run(_presence.presences_by_id(ACCOUNT, ["i"]))

    assert found.state is state
    assert not script.replies


def test_presences_come_by_position_whatever_the_order() -> None:
    script = Script(
        [ok(contacts=[card("b@x.pl", id="b"), card()]), ok(result=False)],
    )

    found = script.run(_presence.presences(ACCOUNT, ["a@x.pl", "c@x.pl", "B@x.pl"]))

    assert [one.id for one in found] == ["i", None, "b"]


def test_of_two_spellings_the_same_one_is_meant() -> None:
    rows = [card("Ann@x.pl", id="1"), card("ann@x.pl", id="2")]
    script = Script([ok(contacts=rows)])

    found = script.run(_presence.presences(ACCOUNT, ["ann@x.pl", "Ann@x.pl"]))

    assert [one.id for one in found] == ["2", "1"]


def test_ids_are_asked_for_by_fifty() -> None:
    ids = [str(number) for number in range(70)]
    rows = [card(id=one) for one in ids]
    script = Script([ok(contacts=rows[:50]), ok(contacts=rows[50:])])

    found = script.run(_presence.presences_by_id(ACCOUNT, ids))

    assert [one.id for one in found] == ids
    assert [len(body["contactId"]) for body in script.bodies] == [50, 20]


@pytest.mark.parametrize(
    ("state", "error"),
    [
        (State.DELETED, DeletedError),
        (State.ABSENT, NotFoundError),
        (State.UNCLEAR, NotFoundError),
    ],
)
def test_only_who_is_alive_may_be_written(
    state: PresenceState, error: type[Exception]
) -> None:
    with pytest.raises(error):
        _presence.alive(Presence(state, "i"), "x")


def test_a_presence_shows_nothing_personal() -> None:
    script = Script([ok(contacts=[card(name="Ann Nowak")])])

    found = script.run(_presence.presence(ACCOUNT, "a@x.pl"))

    assert "x.pl" not in repr(found)
    assert "Ann" not in repr(found)
