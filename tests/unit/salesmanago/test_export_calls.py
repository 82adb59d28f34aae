"""The calls of exports, step by step: what is asked, and how long is waited."""

from __future__ import annotations

import io
from typing import Any

import pytest

from crmbridge._steps import Reply
from crmbridge.errors import FileGoneError, MalformedReplyError
from crmbridge.salesmanago import Addressee, ExportBounds, ExportPart
from crmbridge.salesmanago._exports import (
    Terms,
    Walk,
    contacts_order,
    data_order,
    export,
    start,
    walk,
)
from crmbridge.salesmanago._jobs import status
from crmbridge.salesmanago.exported import ExportedContact
from tests.unit.salesmanago.script import ACCOUNT, Script, ok, refused

LINK = "https://files.example.com/secret"
ADMIN = "admin@example.com"
TERMS = Terms(1800.0, ExportBounds(file_bytes=1000))


def _export(*replies: Reply) -> Script:
    script = Script(replies)
    order = contacts_order(ACCOUNT, 3, 50, None)
    script.run(export(ACCOUNT, order, io.BytesIO(), TERMS))
    return script


def test_a_page_is_started_waited_for_and_fetched() -> None:
    script = _export(
        ok(requestId=41), ok(message=["12 %"]), ok(fileUrl=LINK), Reply(200)
    )

    assert script.paths[:2] == ["contact/paginatedContactList/export", "job/status"]
    assert script.bodies[:2] == [
        {"owner": ADMIN, "page": 3, "size": 50},
        {"owner": ADMIN, "requestId": 41},
    ]
    assert script.pauses == [2.0, 2.0]


def test_a_file_is_fetched_unsigned_and_bounded() -> None:
    request = _export(ok(requestId=41), ok(fileUrl=LINK), Reply(200)).requests[-1]

    assert (request.method, request.url, request.max_bytes) == ("GET", LINK, 1000)
    assert (request.json, request.form, request.prepare) == (None, None, None)
    assert (dict(request.headers), dict(request.query)) == ({}, {})
    assert "secret" not in repr(request)


def test_an_ended_link_is_renewed_once() -> None:
    one = [ok(requestId=41), ok(fileUrl=LINK), Reply(403)]

    with pytest.raises(FileGoneError):
        _export(*one, *one)


def test_a_number_may_come_as_a_text() -> None:
    order = contacts_order(ACCOUNT, 1, 1, None)

    assert Script([ok(requestId="41")]).run(start(ACCOUNT, order)) == 41


@pytest.mark.parametrize("link", [None, "", " ", 7, [], {"url": LINK}])
def test_only_a_text_is_a_link(link: object) -> None:
    found = Script([ok(fileUrl=link)]).run(status(ACCOUNT, 41))

    assert (found.has_file, found.link) == (False, None)


@pytest.mark.parametrize(
    ("message", "words"),
    [("Wait", ("Wait",)), (["a", 7], ("a", "7")), (None, ()), ({"a": 1}, ())],
)
def test_words_are_kept_in_any_form(message: Any, words: tuple[str, ...]) -> None:
    found = Script([ok(message=message)]).run(status(ACCOUNT, 41))

    assert found.messages == words


def test_a_refused_look_is_not_the_end() -> None:
    found = Script([refused("Not yet", fileUrl=LINK)]).run(status(ACCOUNT, 41))

    assert (found.is_refused, found.has_file) == (True, False)
    assert found.messages == ("Not yet",)


def test_data_is_asked_for_in_the_name_of_a_user() -> None:
    asked = [Addressee.tag("VIP"), Addressee.funnel("F"), Addressee.segment("S")]
    parts = [ExportPart.TAGS, ExportPart.EVENTS, ExportPart.TAGS]
    order = data_order(ACCOUNT, asked, parts, "bob@example.com")
    script = Script([ok(requestId=41)])

    script.run(start(ACCOUNT, order))

    assert script.bodies == [
        {
            "owner": "bob@example.com",
            "contacts": [
                {"addresseeType": "tag", "value": "VIP"},
                {"addresseeType": "funnel", "value": "F"},
                {"addresseeType": "segment", "value": "S"},
            ],
            "data": [{"dataType": "TAG"}, {"dataType": "EXT_EVENT"}],
        }
    ]


def test_an_account_that_lists_no_users_has_the_configured_one() -> None:
    here = Script([ok(users=[])]).run(walk(ACCOUNT, None, 10))

    assert here.order(ACCOUNT).owner == ADMIN


def _contacts(*ids: str) -> list[ExportedContact]:
    return [ExportedContact(contact_id) for contact_id in ids]


def test_a_walk_begins_at_the_first_page_of_each_user() -> None:
    here = Walk(["a", "b", "a"], 10)
    seen = []

    while here.has_more:
        order = here.order(ACCOUNT)
        seen.append((order.owner, order.body["page"]))
        here.fold(_contacts("1") if order.body["page"] == 1 else [])

    assert seen == [("a", 1), ("a", 2), ("b", 1), ("b", 2)]


def test_a_page_may_come_again_a_few_times() -> None:
    here = Walk(["a"], 1)

    given = [here.fold(_contacts("1")) for _ in range(3)]

    assert [len(part) for part in given] == [1, 0, 0]
    with pytest.raises(MalformedReplyError):
        here.fold(_contacts("1"))


def test_contacts_without_an_id_are_told_apart_by_their_email() -> None:
    here = Walk(["a"], 10)
    nameless = [ExportedContact(None, {}, email) for email in ("x", "y", "x")]

    assert [contact.email for contact in here.fold(nameless)] == ["x", "y"]
