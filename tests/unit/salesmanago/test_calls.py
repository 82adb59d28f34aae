"""The reading calls, without HTTP."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crmbridge._steps import Reply, Request
from crmbridge.errors import (
    ConnectionLostError,
    InvalidInputError,
    MalformedReplyError,
    OutcomeUnknownError,
)
from crmbridge.salesmanago import _calls, _windows
from tests.unit.salesmanago.script import ACCOUNT, Script, ok

START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2026, 1, 2, tzinfo=UTC)


def test_every_call_is_a_signed_post_below_api() -> None:
    script = Script([ok(users=[])])

    script.run(_calls.users(ACCOUNT))

    (request,) = script.requests
    assert request.method == "POST"
    assert request.url == "https://app2.salesmanago.com/api/user/listByClient"
    assert request.json["sha"] == ACCOUNT.signer.sha


def test_users_may_be_texts_or_objects() -> None:
    script = Script([ok(users=["a@x.pl", {"email": "b@x.pl"}, {"login": "c@x.pl"}, 7])])

    assert script.run(_calls.users(ACCOUNT)) == ("a@x.pl", "b@x.pl", "c@x.pl")


def test_has_contact_gives_the_id() -> None:
    script = Script([ok(result=True, contactId="i1")])

    assert script.run(_calls.has_contact(ACCOUNT, " ann@example.com ")) == "i1"
    assert script.bodies == [{"owner": "admin@example.com", "email": "ann@example.com"}]


def test_has_contact_gives_none_where_there_is_none() -> None:
    script = Script([ok(result=False, contactId=None)])

    assert script.run(_calls.has_contact(ACCOUNT, "ann@example.com")) is None


def test_reads_are_cut_into_fifties_without_repetition() -> None:
    ids = [f"i{number}" for number in range(101)]
    script = Script([ok(contacts=[])] * 3)

    script.run(_calls.list_all_by_id(ACCOUNT, [*ids, "i0"]))

    assert [len(body["contactId"]) for body in script.bodies] == [50, 50, 1]
    assert set(script.paths) == {"contact/listAllById"}


def test_contacts_come_in_the_order_asked_for_and_missing_ones_are_left_out() -> None:
    script = Script([ok(contacts=[{"id": "c"}, {"id": "a"}])])

    found = script.run(_calls.list_all_by_id(ACCOUNT, ["a", "b", "c"]))

    assert [contact.id for contact in found] == ["a", "c"]


def test_nothing_asked_costs_nothing() -> None:
    script = Script([])

    assert script.run(_calls.list_all(ACCOUNT, [])) == ()


def test_a_feed_is_asked_in_milliseconds() -> None:
    script = Script([ok(createdContacts=[{"id": "a", "email": "a@x.pl"}])])

    page = script.run(_windows.created_contacts(ACCOUNT, start=START, end=END))

    assert script.bodies[0]["from"] == 1767225600000
    assert script.bodies[0]["to"] == 1767312000000
    assert [(contact.id, contact.email) for contact in page.contacts] == [
        ("a", "a@x.pl")
    ]
    assert page.server_time is not None


def test_a_page_tells_whether_another_one_follows() -> None:
    script = Script([ok(modifiedContacts=[{"contactId": "a"}], hasMore=True)])

    page = script.run(
        _windows.modified_contacts_page(
            ACCOUNT, start=START, end=END, page=2, owner="b@x.pl"
        )
    )

    assert page.has_more
    assert page.contacts[0].id == "a"
    assert script.bodies[0]["page"] == 2
    assert script.bodies[0]["size"] == 1000
    assert script.bodies[0]["owner"] == "b@x.pl"


def test_pages_count_from_one() -> None:
    with pytest.raises(InvalidInputError, match="page"):
        Script([]).run(
            _windows.modified_contacts_page(ACCOUNT, start=START, end=END, page=0)
        )


def test_a_time_without_zone_is_refused() -> None:
    naive = START.replace(tzinfo=None)

    with pytest.raises(InvalidInputError, match="zone"):
        Script([]).run(_windows.created_contacts(ACCOUNT, start=naive, end=END))


@pytest.mark.parametrize("row", [{}, {"id": 7}, "a", None])
def test_an_entry_without_id_is_malformed(row: object) -> None:
    script = Script([ok(createdContacts=[row])])

    with pytest.raises(MalformedReplyError, match="createdContacts"):
        script.run(_windows.created_contacts(ACCOUNT, start=START, end=END))


def test_a_read_is_repeated_after_a_lost_connection() -> None:
    lost = ConnectionLostError("lost")
    script = Script([lost, Reply(503), ok(users=["a@x.pl"])])

    assert script.run(_calls.users(ACCOUNT)) == ("a@x.pl",)
    assert script.pauses == [0.25, 0.5]


def test_a_raw_request_is_signed_and_not_repeated() -> None:
    request = Request("salesmanago", "POST", "/api/contact/addNote", json={"note": "x"})
    script = Script([ConnectionLostError("lost")])

    with pytest.raises(OutcomeUnknownError):
        script.run(_calls.send_any(ACCOUNT, request))

    assert script.paths == ["contact/addNote"]
    assert script.bodies == [{"note": "x"}]


@pytest.mark.parametrize("url", ["https://evil.example.com/api", "//evil/api", "api/x"])
def test_a_signature_goes_to_no_other_host(url: str) -> None:
    with pytest.raises(InvalidInputError, match="url"):
        Script([]).run(_calls.send_any(ACCOUNT, Request("salesmanago", "POST", url)))
