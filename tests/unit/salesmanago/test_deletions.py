"""The deleting calls, without HTTP."""

from __future__ import annotations

import inspect

import pytest

from crmbridge._steps import Reply
from crmbridge.errors import ConnectionLostError, InvalidInputError, RefusedError
from crmbridge.salesmanago import PresenceState, SalesmanagoClient, _deletions
from tests.unit.salesmanago.script import ACCOUNT, Script, ok, refused

State = PresenceState
NOBODY = [ok(contacts=[]), ok(result=False, contactId=None)]
IN_BIN = [ok(contacts=[{"id": "i", "email": "a@x.pl", "deleted": True}])]
ALIVE = [ok(contacts=[{"id": "i", "email": "a@x.pl", "deleted": False}])]


@pytest.mark.parametrize("answer", [Reply(200, {}, b"OK"), refused("no contact")])
@pytest.mark.parametrize("left", [NOBODY, IN_BIN])
def test_a_delete_is_done_when_nothing_is_left(
    answer: Reply, left: list[Reply]
) -> None:
    script = Script([answer, *left])

    script.run(_deletions.delete(ACCOUNT, " a@x.pl "))

    assert script.bodies[0] == {
        "owner": "admin@example.com",
        "email": "a@x.pl",
        "permanently": False,
    }
    assert not script.replies


def test_a_lost_delete_is_settled_by_reading() -> None:
    script = Script([*[ConnectionLostError("lost")] * 5, *NOBODY])

    script.run(_deletions.delete(ACCOUNT, "a@x.pl"))

    assert script.paths[-2:] == ["contact/listAll", "contact/hasContact"]


def test_a_delete_that_was_refused_raises() -> None:
    script = Script([refused("no"), *ALIVE * 4])

    with pytest.raises(RefusedError):
        script.run(_deletions.delete(ACCOUNT, "a@x.pl", permanently=True))

    assert script.pauses == [1.0, 2.0, 4.0]


def test_a_permanent_delete_is_not_done_while_the_contact_is_in_the_bin() -> None:
    script = Script([refused("no"), *IN_BIN * 4])

    with pytest.raises(RefusedError):
        script.run(_deletions.delete(ACCOUNT, "a@x.pl", permanently=True))


def test_a_delete_names_who_asks() -> None:
    script = Script([ok(result=None)])

    script.run(_deletions.delete(ACCOUNT, "a@x.pl", owner="bob@x.pl"))

    assert script.bodies[0]["owner"] == "bob@x.pl"


def test_many_are_named_by_email_or_id_only() -> None:
    emails, ids = Script([ok(), *IN_BIN]), Script([ok(), *IN_BIN])

    emails.run(_deletions.delete_many(ACCOUNT, ["a@x.pl"]))
    ids.run(_deletions.delete_many_by_id(ACCOUNT, ["i"]))

    assert [script.bodies[0]["contacts"] for script in (emails, ids)] == [
        [{"addresseeType": "EMAIL", "value": "a@x.pl"}],
        [{"addresseeType": "CONTACT_ID", "value": "i"}],
    ]


@pytest.mark.parametrize("name", ["delete", "delete_many", "delete_many_by_id"])
def test_no_parameter_can_say_a_tag(name: str) -> None:
    parameters = set(inspect.signature(getattr(SalesmanagoClient, name)).parameters)

    assert parameters <= {"self", "email", "permanently", "owner", "emails", "ids"}


@pytest.mark.parametrize("call", [_deletions.delete_many, _deletions.delete_many_by_id])
def test_a_blank_addressee_is_never_sent(call: object) -> None:
    script = Script([])

    with pytest.raises(InvalidInputError):
        script.run(call(ACCOUNT, ["x", " "]))  # type: ignore[operator]  # both take it


def test_many_are_cut_by_fifty_and_nobody_is_asked_for_twice() -> None:
    names = [f"p{number}@x.pl" for number in range(60)]
    script = Script([ok(), ok(), ok(contacts=[]), ok(contacts=[])] + NOBODY[1:] * 60)

    found = script.run(_deletions.delete_many(ACCOUNT, [*names, names[0]]))

    assert [len(body["contacts"]) for body in script.bodies[:2]] == [50, 10]
    assert [one.state for one in found] == [State.ABSENT] * 61


def test_a_refused_batch_is_halved_until_one_is_left() -> None:
    listed = ok(
        contacts=[
            {"id": name, "email": f"{name}@x.pl", "deleted": name != "b"}
            for name in "abc"
        ]
    )
    script = Script([refused("no"), ok(), refused("no"), refused("no"), ok()])
    script.replies += [listed] * 4

    found = script.run(_deletions.delete_many(ACCOUNT, ["a@x.pl", "b@x.pl", "c@x.pl"]))

    assert [one.state for one in found] == [State.DELETED, State.ALIVE, State.DELETED]


def test_nobody_to_delete_asks_nobody() -> None:
    script = Script([])

    assert script.run(_deletions.delete_many(ACCOUNT, [])) == ()
