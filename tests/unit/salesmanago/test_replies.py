"""From answers to payloads and errors."""

from __future__ import annotations

import json

import pytest

from crmbridge._steps import Reply
from crmbridge.errors import (
    AuthenticationError,
    CrmbridgeError,
    MalformedReplyError,
    NotFoundError,
    PermissionDeniedError,
    RefusedError,
    ServiceError,
    ThrottledError,
)
from crmbridge.salesmanago._replies import answer_of, array_in
from tests.unit.salesmanago.script import ok, refused


def test_a_payload_comes_with_the_servers_clock() -> None:
    answer = answer_of(ok(result=True), "contact/hasContact")

    assert answer.payload["result"] is True
    assert answer.server_time is not None
    assert answer.server_time.isoformat() == "2026-01-05T12:00:00+00:00"


@pytest.mark.parametrize("text", ["User not authenticated", "Not authenticated "])
def test_the_two_known_texts_are_authentication_errors(text: str) -> None:
    with pytest.raises(AuthenticationError):
        answer_of(refused(text), "x")


def test_a_refusal_keeps_the_words_out_of_its_text() -> None:
    with pytest.raises(RefusedError) as caught:
        answer_of(refused("ann@example.com is bad", values={"email": ["bad"]}), "x")

    assert caught.value.messages == ("ann@example.com is bad",)
    assert caught.value.field == "email"
    assert "ann" not in str(caught.value) + repr(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        {"success": False, "message": "no"},
        {"success": False, "error": ["no"]},
        {"success": False, "message": [], "error": "no"},
    ],
)
def test_a_message_may_be_a_text_or_stand_under_error(body: object) -> None:
    with pytest.raises(RefusedError) as caught:
        answer_of(Reply(200, {}, json.dumps(body).encode()), "x")

    assert caught.value.messages == ("no",)


@pytest.mark.parametrize(
    "text", ["Rate limit exceeded", "You have reached your API limit"]
)
def test_a_limit_of_requests_is_throttling(text: str) -> None:
    with pytest.raises(ThrottledError):
        answer_of(refused(text), "x")


@pytest.mark.parametrize(
    "text", ["name exceeds the limit of 255 characters", "limit of contacts in a batch"]
)
def test_a_limit_of_size_is_a_refusal(text: str) -> None:
    with pytest.raises(RefusedError):
        answer_of(refused(text), "x")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, MalformedReplyError),
        (400, MalformedReplyError),
        (401, AuthenticationError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (505, ServiceError),
    ],
)
def test_a_status_decides_before_the_body(
    status: int, kind: type[CrmbridgeError]
) -> None:
    with pytest.raises(kind) as caught:
        answer_of(Reply(status, {}, ok().body), "x")

    assert caught.value.status == status


def test_a_redirect_says_that_the_endpoint_is_wrong() -> None:
    with pytest.raises(MalformedReplyError, match="endpoint is wrong"):
        answer_of(Reply(302, {"location": "https://elsewhere"}), "x")


@pytest.mark.parametrize(
    "body",
    [b"", b"OK", b"<html></html>", b"[]", b"{}", b'{"success": "true"}', b'{"su'],
)
def test_what_does_not_say_success_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedReplyError):
        answer_of(Reply(200, {}, body), "x")


def test_a_missing_array_is_malformed() -> None:
    with pytest.raises(MalformedReplyError, match="contacts"):
        array_in(answer_of(ok(contacts=None), "x"), "contacts", "x")
