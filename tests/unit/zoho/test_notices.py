"""What a callback may be trusted with, and which watches are due."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmbridge.errors import InvalidInputError, NotificationError
from crmbridge.zoho import Notification, Watch, due_watches, read_notification

TOKEN = "p3nZ1lV2hb0qkE5t7xWcYg"
# The sample of Zoho CRM API v7, "Update Specific Information of a Notification".
SAMPLE: dict[str, Any] = {
    "server_time": 1718115953625,
    "affected_values": [
        {"record_id": "5725767000003000010", "values": {"Mobile": "123456789"}}
    ],
    "query_params": {},
    "module": "Leads",
    "resource_uri": "https://www.zohoapis.com/crm/v2/Leads",
    "ids": ["5725767000003000010"],
    "affected_fields": [{"5725767000003000010": ["Mobile"]}],
    "operation": "update",
    "channel_id": "1000000068001",
    "token": TOKEN,
}
NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def _body(**changes: Any) -> bytes:
    return json.dumps({**SAMPLE, **changes}).encode()


def test_a_callback_gives_ids_and_nothing_personal() -> None:
    hint = read_notification(_body(), token=TOKEN)

    assert hint == Notification(
        "1000000068001",
        "Leads",
        "update",
        ("5725767000003000010",),
        datetime(2024, 6, 11, 14, 25, 53, 625_000, tzinfo=UTC),
    )
    assert TOKEN not in repr(hint)
    assert "123456789" not in repr(hint)


def test_a_callback_may_come_as_text() -> None:
    assert read_notification(_body().decode(), token=TOKEN).module == "Leads"


def test_numbers_are_read_as_ids() -> None:
    hint = read_notification(_body(channel_id=10000, ids=[487, "487"]), token=TOKEN)

    assert (hint.channel_id, hint.ids) == ("10000", ("487",))


@pytest.mark.parametrize("sent", ["", "wrong", TOKEN[:-1], None, 7, [TOKEN], "\ud800"])
def test_another_token_is_refused(sent: object) -> None:
    with pytest.raises(NotificationError) as caught:
        read_notification(_body(token=sent), token=TOKEN)

    assert caught.value.code == "token"
    assert TOKEN not in str(caught.value)


def test_no_token_is_refused() -> None:
    body = {name: value for name, value in SAMPLE.items() if name != "token"}

    with pytest.raises(NotificationError):
        read_notification(json.dumps(body), token=TOKEN)


def test_an_empty_token_of_ours_lets_nobody_in() -> None:
    with pytest.raises(InvalidInputError):
        read_notification(_body(token=""), token="")


def test_a_long_body_is_refused_before_it_is_read() -> None:
    with pytest.raises(NotificationError) as caught:
        read_notification(b"[" * 101, token=TOKEN, max_bytes=100)

    assert caught.value.code == "size"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not JSON",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe\xfd",
        b"[" * 100_000,
        "\ud800",
    ],
)
def test_what_is_no_object_is_refused(body: bytes | str) -> None:
    with pytest.raises(NotificationError) as caught:
        read_notification(body, token=TOKEN)

    assert caught.value.code == "body"


@pytest.mark.parametrize(
    "wrong",
    [
        {"ids": []},
        {"ids": None},
        {"ids": "487"},
        {"ids": [None]},
        {"ids": [True]},
        {"ids": [-1]},
        {"ids": ["../487"]},
        {"ids": ["4" * 20]},
        {"ids": ["٣"]},  # a digit, but none of Zoho's
        {"module": None},
        {"module": "Leads/../users"},
        {"module": "L" * 101},
        {"operation": ""},
        {"operation": {}},
        {"channel_id": None},
        {"channel_id": "ten"},
    ],
)
def test_what_is_no_callback_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(NotificationError) as caught:
        read_notification(_body(**wrong), token=TOKEN)

    assert caught.value.code == "body"


@pytest.mark.parametrize("at", [None, "now", True, 10**30, -(10**30), 1.5])
def test_a_time_that_cannot_be_read_is_left_out(at: object) -> None:
    assert read_notification(_body(server_time=at), token=TOKEN).server_time is None


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_any_json_under_the_right_token_is_read_or_refused(value: Any) -> None:
    for name in SAMPLE:
        if name != "token":
            try:
                read_notification(_body(**{name: value}), token=TOKEN)
            except NotificationError:
                continue


def test_a_watch_shows_no_secret() -> None:
    watch = Watch("1", ["Leads.all"], "https://example.com/?key=hush", TOKEN)

    assert TOKEN not in repr(watch)
    assert "hush" not in repr(watch)


def test_a_watch_names_its_modules_once() -> None:
    events = ["Leads.create", "Contacts.edit", "Leads.edit"]

    assert Watch("1", events, "https://example.com").modules == ("Leads", "Contacts")


def _ending(in_hours: float | None) -> Watch:
    ends = None if in_hours is None else NOW + timedelta(hours=in_hours)
    return Watch("1", ["Leads.all"], "https://example.com", expires_at=ends)


def test_watches_are_due_before_their_end_and_after_it() -> None:
    watches = [_ending(hours) for hours in (-1, 0, 5, 6, 7, None)]

    due = due_watches(watches, now=NOW, margin=timedelta(hours=6))

    assert due == (*watches[:4], watches[5])


def test_a_time_without_a_zone_decides_nothing() -> None:
    with pytest.raises(InvalidInputError):
        due_watches([_ending(1)], now=NOW.replace(tzinfo=None))
