"""From answers to payloads and errors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crmbridge._steps import Reply
from crmbridge.errors import (
    AccountInactiveError,
    AuthenticationError,
    ConfigError,
    CrmbridgeError,
    MalformedReplyError,
    NotFoundError,
    PermissionDeniedError,
    RefusedError,
    ServiceError,
    ThrottledError,
)
from crmbridge.salesmanago._replies import answer_of, array_in, throttling_in
from tests.unit.salesmanago.script import ok, refused


def _reply(body: object, status: int = 200) -> Reply:
    return Reply(status, {}, json.dumps(body).encode())


def _error(reply: Reply) -> Any:
    with pytest.raises(CrmbridgeError) as caught:
        answer_of(reply, "contact/x")
    return caught.value


def test_a_payload_comes_with_the_servers_clock() -> None:
    answer = answer_of(ok(result=True), "contact/hasContact")

    assert answer.payload["result"] is True
    assert answer.server_time is not None
    assert answer.server_time.isoformat() == "2026-01-05T12:00:00+00:00"


# --- authentication ---


@pytest.mark.parametrize(
    ("text", "kind", "advice"),
    [
        ("User not authenticated", AuthenticationError, "check client_id, api_secret"),
        ("Not authenticated ", AccountInactiveError, "ask its support"),
        ("not authenticated.", AccountInactiveError, "probably switched off"),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 401, 403])
def test_the_two_known_texts_are_told_apart(
    text: str, kind: type[CrmbridgeError], advice: str, status: int
) -> None:
    error = _error(_reply({"success": False, "message": [text]}, status))

    assert type(error) is kind
    assert advice in str(error)
    assert (error.messages, error.status) == ((text,), status)


def test_a_text_that_only_holds_a_known_one_is_a_refusal() -> None:
    assert type(_error(refused("Contact not authenticated by mail"))) is RefusedError


# --- refusals ---


@pytest.mark.parametrize(
    ("body", "messages"),
    [
        ({"message": ["no", "never"]}, ("no", "never")),
        ({"message": "no"}, ("no",)),
        ({"message": {"email": "no", "name": ["never"]}}, ("no", "never")),
        ({"message": [7, None]}, ("7",)),
        ({"error": ["no"]}, ("no",)),
        ({"message": [], "error": "no"}, ("no",)),
        ({"message": " "}, ()),
        ({"message": None}, ()),
        ({"message": 7}, ()),
        ({}, ()),
    ],
)
def test_a_message_has_any_form_or_none(
    body: dict[str, Any], messages: tuple[str, ...]
) -> None:
    error = _error(_reply({"success": False, **body}))

    assert type(error) is RefusedError
    assert error.messages == messages


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"email": "bad"}, {"email": ("bad",)}),
        ({"email": ["bad", "worse"]}, {"email": ("bad", "worse")}),
        ({"phone": "x", "email": None}, {"phone": ("x",), "email": ()}),
        ({}, {}),
        (["bad"], {}),
        (None, {}),
    ],
)
def test_the_words_about_single_fields_are_kept(
    values: object, said: dict[str, tuple[str, ...]]
) -> None:
    error = _error(refused("no", values=values))

    assert error.values == said
    assert error.field == next(iter(said), None)


def test_the_words_stay_out_of_the_text() -> None:
    error = _error(refused("ann@example.com", values={"email": ["ann@example.com"]}))

    assert "ann" not in str(error) + repr(error)
    assert error.messages == ("ann@example.com",)


# --- limits ---


@pytest.mark.parametrize(
    "text",
    [
        "Rate limit exceeded",
        "You have reached your API limit",
        "LIMIT",
        "Too many requests",
    ],
)
def test_a_limit_of_requests_is_throttling(text: str) -> None:
    error = _error(refused(text))

    assert type(error) is ThrottledError
    assert error.messages == (text,)
    assert throttling_in(refused(text), "contact/x") is not None


@pytest.mark.parametrize(
    "text",
    [
        "name exceeds the limit of 255 characters",
        "limit of contacts in a batch",
        "Contact limit reached",
        "Too many contacts in one request",
        "Unlimited nonsense",
    ],
)
def test_a_limit_of_size_is_a_refusal(text: str) -> None:
    assert type(_error(refused(text))) is RefusedError
    assert throttling_in(refused(text), "contact/x") is None


def test_a_limit_of_a_field_is_a_refusal() -> None:
    reply = refused("Limit exceeded", values={"name": "Limit exceeded"})

    assert type(_error(reply)) is RefusedError


def test_an_unavailable_service_asks_to_slow_down() -> None:
    error = throttling_in(Reply(503, {"retry-after": "9"}), "contact/x")

    assert error is not None
    assert error.retry_after_seconds == 9.0


@pytest.mark.parametrize(
    "reply",
    [
        ok(contacts=[{"name": '"success":false limit'}]),
        Reply(200, {}, b'{"success": false, "message": ["lim'),
        Reply(500, {}, b'{"success": false, "message": ["limit"]}'),
        Reply(200, {}, b""),
    ],
)
def test_any_other_answer_asks_for_nothing(reply: Reply) -> None:
    assert throttling_in(reply, "contact/x") is None


# --- statuses ---


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (201, MalformedReplyError),
        (204, MalformedReplyError),
        (301, ConfigError),
        (307, ConfigError),
        (400, RefusedError),
        (401, AuthenticationError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (405, RefusedError),
        (408, ServiceError),
        (415, RefusedError),
        (429, ThrottledError),
        (500, ServiceError),
        (502, ServiceError),
        (503, ServiceError),
        (504, ServiceError),
        (520, ServiceError),
    ],
)
@pytest.mark.parametrize("body", [b"", ok().body, b"<html></html>", b"[]", b"\xff"])
def test_a_status_decides_before_the_body(
    status: int, kind: type[CrmbridgeError], body: bytes
) -> None:
    error = _error(Reply(status, {}, body))

    assert type(error) is kind
    assert error.status == status


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 500, 503])
def test_the_words_beside_a_status_are_kept(status: int) -> None:
    error = _error(_reply({"success": False, "message": "ann@example.com"}, status))

    assert error.messages == ("ann@example.com",)
    assert "ann" not in str(error) + repr(error)


def test_a_redirect_names_the_setting_and_not_the_place_it_leads_to() -> None:
    error = _error(Reply(302, {"location": "https://ann:s3cret@elsewhere.example"}))

    assert "endpoint" in str(error)
    assert "elsewhere" not in str(error)


@pytest.mark.parametrize(
    "body",
    [b"", b"OK", b"<html></html>", b"[]", b"{}", b'{"success": "true"}', b'{"su'],
)
def test_what_does_not_say_success_is_malformed(body: bytes) -> None:
    assert type(_error(Reply(200, {}, body))) is MalformedReplyError


def test_a_missing_array_is_malformed() -> None:
    with pytest.raises(MalformedReplyError, match="contacts"):
        array_in(answer_of(ok(contacts=None), "x"), "contacts", "x")
