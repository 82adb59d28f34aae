"""The calls about watches, without HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from crmbridge._steps import Reply
from crmbridge.errors import (
    ConnectionLostError,
    InvalidInputError,
    MalformedReplyError,
    NotFoundError,
    PermissionDeniedError,
    RefusedError,
)
from crmbridge.zoho import Watch, WriteStatus, _watches
from tests.unit.zoho.script import CONFIG, NOW, Script, answer, fault

TOKEN = "p3nZ1lV2hb0qkE5t7xWcYg"
WATCH = Watch("1001", ["Leads.all", "Contacts.edit"], "https://example.com/zoho", TOKEN)


def _done(channel: str = "1001", *ends: str) -> dict[str, Any]:
    """Make a result as in Zoho CRM API v7, "Enable Notifications"."""
    events = [
        {
            "channel_expiry": end,
            "resource_uri": f"https://www.zohoapis.eu/crm/v2/{module}",
            "resource_id": "554023000000000131",
            "resource_name": module,
            "channel_id": channel,
        }
        for end, module in zip(ends, ("Leads", "Contacts"), strict=False)
    ]
    return {
        "code": "SUCCESS",
        "details": {"events": events},
        "message": "Successfully subscribed for actions-watch of the given module",
        "status": "success",
    }


def _gone(channel: str, module: str) -> dict[str, Any]:
    """Make a result as in Zoho CRM API v7, "Disable Notifications"."""
    details = {
        "resource_uri": f"https://www.zohoapis.eu/crm/v2/{module}",
        "resource_id": "554023000000000131",
        "channel_id": channel,
    }
    return {"code": "SUCCESS", "details": details, "status": "success"}


def _line(channel: str, module: str, **more: Any) -> dict[str, Any]:
    """Make a line as in Zoho CRM API v7, "Get Notification Details"."""
    return {
        "notify_on_related_action": False,
        "channel_expiry": "2026-01-06T12:00:00+00:00",
        "return_affected_field_values": False,
        "resource_uri": f"https://www.zohoapis.eu/crm/v2/{module}",
        "resource_id": "554023000000000131",
        "notify_url": "https://example.com/zoho",
        "resource_name": module,
        "fields": None,
        "notification_condition": None,
        "channel_id": channel,
        "events": [f"{module}.edit"],
        "token": TOKEN,
        **more,
    }


def test_a_watch_says_everything_and_ends_in_a_week_less_an_hour() -> None:
    script = Script([answer({"watch": [_done()]}, 201)])

    script.run(_watches.watch(CONFIG, [WATCH]))

    (request,) = script.requests
    assert (request.method, request.credits) == ("POST", 1)
    assert request.url.endswith("/crm/v8/actions/watch")
    assert request.json == {
        "watch": [
            {
                "channel_id": "1001",
                "events": ["Leads.all", "Contacts.edit"],
                "notify_url": "https://example.com/zoho",
                "channel_expiry": "2026-01-12T11:00:00+00:00",
                "notify_on_related_action": False,
                "return_affected_field_values": False,
                "token": TOKEN,
            }
        ]
    }


def test_a_time_is_sent_without_parts_of_a_second() -> None:
    ends = NOW + timedelta(days=1, microseconds=5)
    script = Script([answer({"watch": [_done()]}, 201)])

    script.run(_watches.watch(CONFIG, [evolve(WATCH, expires_at=ends)]))

    sent = script.requests[0].json["watch"][0]
    assert sent["channel_expiry"] == "2026-01-06T12:00:00+00:00"


def test_a_result_tells_the_earliest_end() -> None:
    done = _done("1001", "2026-01-06T13:00:00+01:00", "2026-01-05T14:00:00+01:00")
    script = Script([answer({"watch": [done]}, 201)])

    (result,) = script.run(_watches.watch(CONFIG, [WATCH]))

    assert result.is_success
    assert result.modules == ("Leads", "Contacts")
    assert result.expires_at == NOW + timedelta(hours=1)


def test_results_come_by_position() -> None:
    second = evolve(WATCH, channel_id="1002")
    refusal = fault("MANDATORY_NOT_FOUND", api_name="notify_url")
    script = Script([answer({"watch": [refusal, _done("1002")]}, 207)])

    first, other = script.run(_watches.watch(CONFIG, [WATCH, second]))

    assert (first.channel_id, first.status) == ("1001", WriteStatus.REFUSED)
    assert (first.code, first.field) == ("MANDATORY_NOT_FOUND", "notify_url")
    assert isinstance(first.error, RefusedError)
    assert (other.channel_id, other.is_success) == ("1002", True)


def test_more_than_fifty_watches_are_cut() -> None:
    many = [evolve(WATCH, channel_id=str(number)) for number in range(1, 62)]
    script = Script(
        [
            answer({"watch": [_done()] * 50}, 201),
            answer({"watch": [_done()] * 11}, 201),
        ]
    )

    results = script.run(_watches.watch(CONFIG, many))

    assert [len(one.json["watch"]) for one in script.requests] == [50, 11]
    assert [result.channel_id for result in results] == [one.channel_id for one in many]


def test_an_unanswered_part_is_a_result_too() -> None:
    many = [evolve(WATCH, channel_id=str(number)) for number in range(1, 52)]
    script = Script(
        [
            answer({"watch": [_done()] * 50}, 201),
            answer(fault("OAUTH_SCOPE_MISMATCH", 401), 401),
        ]
    )

    results = script.run(_watches.watch(CONFIG, many))

    assert results[-1].status is WriteStatus.UNSENT
    assert isinstance(results[-1].error, PermissionDeniedError)


def test_a_lost_answer_is_asked_for_again() -> None:
    script = Script([ConnectionLostError("lost"), answer({"watch": [_done()]}, 201)])

    (result,) = script.run(_watches.watch(CONFIG, [WATCH]))

    assert result.is_success


def test_a_refusal_of_everything_is_an_error() -> None:
    script = Script([answer(fault("INVALID_DATA", 400, api_name="events"), 400)])

    with pytest.raises(RefusedError) as caught:
        script.run(_watches.watch(CONFIG, [WATCH]))

    assert caught.value.field == "events"


@pytest.mark.parametrize(
    "body", [{"watch": []}, {"watch": [1]}, {"watch": [{"code": "SUCCESS"}]}, {}]
)
def test_an_answer_that_is_none_is_malformed(body: object) -> None:
    script = Script([answer(body, 201)])

    with pytest.raises(MalformedReplyError):
        script.run(_watches.watch(CONFIG, [WATCH]))


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("channel_id", {"channel_id": ""}),
        ("channel_id", {"channel_id": "ten"}),
        ("channel_id", {"channel_id": "01"}),
        ("channel_id", {"channel_id": "1" * 20}),
        ("events", {"events": ()}),
        ("events", {"events": ("Leads",)}),
        ("events", {"events": ("Leads.update",)}),
        ("events", {"events": ("Leads.all", "lead s.all")}),
        ("events", {"events": "Leads.all"}),
        ("notify_url", {"notify_url": "http://example.com/zoho"}),
        ("notify_url", {"notify_url": "http://127.0.0.1.example.com/"}),
        ("notify_url", {"notify_url": "ftp://127.0.0.1/"}),
        ("notify_url", {"notify_url": "https://me:hush@example.com/"}),
        ("notify_url", {"notify_url": "https://"}),
        ("notify_url", {"notify_url": "https://[::1"}),
        ("notify_url", {"notify_url": "https://example.com/\n"}),
        ("notify_url", {"notify_url": "https://example.com/" + "a" * 255}),
        ("token", {"token": None}),
        ("token", {"token": "short"}),
        ("token", {"token": "t" * 51}),
        ("expires_at", {"expires_at": NOW}),
        ("expires_at", {"expires_at": NOW + timedelta(days=7, seconds=1)}),
        ("expires_at", {"expires_at": (NOW + timedelta(1)).replace(tzinfo=None)}),
    ],
)
def test_a_watch_outside_its_bounds_is_not_sent(
    field: str, wrong: dict[str, Any]
) -> None:
    script = Script()

    with pytest.raises(InvalidInputError) as caught:
        script.run(_watches.watch(CONFIG, [evolve(WATCH, **wrong)]))

    assert caught.value.field == field
    assert not script.requests


def test_a_week_to_the_second_is_taken() -> None:
    script = Script([answer({"watch": [_done()]}, 201)])
    week = evolve(WATCH, expires_at=NOW + timedelta(days=7))

    (result,) = script.run(_watches.watch(CONFIG, [week]))

    assert result.is_success


def test_plain_http_is_taken_on_loopback() -> None:
    script = Script([answer({"watch": [_done()]}, 201)])
    near = evolve(WATCH, notify_url="http://127.0.0.1:8000/zoho")

    (result,) = script.run(_watches.watch(CONFIG, [near]))

    assert result.is_success


def test_a_channel_that_comes_twice_is_not_sent() -> None:
    with pytest.raises(InvalidInputError):
        Script().run(_watches.watch(CONFIG, [WATCH, WATCH]))


def test_the_modules_of_a_channel_are_joined_over_pages() -> None:
    condition = {"type": "field_selection", "module": {"api_name": "Leads"}}
    pages = [
        answer({"watch": rows, "info": {"more_records": more}})
        for rows, more in (
            ([_line("1", "Leads", notification_condition=[condition])], True),
            (
                [
                    _line("1", "Contacts", channel_expiry="2026-01-05T13:00:00+00:00"),
                    _line("2", "Leads"),
                ],
                False,
            ),
        )
    ]
    script = Script(pages)

    one, other = script.run(_watches.watches(CONFIG))

    assert one == Watch(
        "1",
        ["Leads.edit", "Contacts.edit"],
        "https://example.com/zoho",
        TOKEN,
        expires_at=NOW + timedelta(hours=1),
        conditions=[condition],
    )
    assert other.channel_id == "2"
    assert [request.query["page"] for request in script.requests] == ["1", "2"]


def test_lines_of_a_channel_that_differ_stay_apart() -> None:
    rows = [_line("1", "Leads"), _line("1", "Contacts", token="another")]
    script = Script([answer({"watch": rows, "info": {"more_records": False}})])

    found = script.run(_watches.watches(CONFIG))

    assert [watch.events for watch in found] == [("Leads.edit",), ("Contacts.edit",)]


def test_nothing_watched_is_nothing() -> None:
    assert Script([Reply(204)]).run(_watches.watches(CONFIG)) == ()


def test_a_page_that_promises_more_and_is_empty_is_the_last() -> None:
    script = Script([answer({"watch": [], "info": {"more_records": True}})])

    assert script.run(_watches.watches(CONFIG)) == ()


def test_a_line_without_a_channel_is_malformed() -> None:
    script = Script([answer({"watch": [{"events": []}], "info": {}})])

    with pytest.raises(MalformedReplyError):
        script.run(_watches.watches(CONFIG))


def test_renewing_keeps_what_another_program_set() -> None:
    condition = {"type": "field_selection", "module": {"api_name": "Leads"}}
    theirs = Watch(
        "7",
        ["Leads.edit"],
        "http://example.com/open",
        expires_at=NOW + timedelta(minutes=5),
        tells_related=True,
        sends_values=True,
        conditions=[condition],
    )
    script = Script([answer({"watch": [_done("7")]}, 201)])

    script.run(_watches.renew(CONFIG, [theirs]))

    assert script.requests[0].method == "POST"
    assert script.requests[0].json["watch"] == [
        {
            "channel_id": "7",
            "events": ["Leads.edit"],
            "notify_url": "http://example.com/open",
            "channel_expiry": "2026-01-12T11:00:00+00:00",
            "notify_on_related_action": True,
            "return_affected_field_values": True,
            "notification_condition": [condition],
        }
    ]


def test_a_channel_ends_with_all_its_modules() -> None:
    rows = [_gone("1", "Leads"), _gone("1", "Contacts"), _gone("2", "Leads")]
    script = Script([answer({"watch": rows})])

    first, second = script.run(_watches.delete(CONFIG, ["2", "1"]))

    assert script.requests[0].query == {"channel_ids": "2,1"}
    assert (first.channel_id, first.modules) == ("2", ("Leads",))
    assert (second.channel_id, second.modules) == ("1", ("Leads", "Contacts"))


def test_a_channel_that_zoho_does_not_know_is_refused() -> None:
    rows = [fault("NOT_SUBSCRIBED"), _gone("2", "Leads")]
    script = Script([answer({"watch": rows}, 207)])

    first, second = script.run(_watches.delete(CONFIG, ["1", "2"]))

    assert (first.status, first.code) == (WriteStatus.REFUSED, "NOT_SUBSCRIBED")
    assert isinstance(first.error, NotFoundError)
    assert second.is_success


@pytest.mark.parametrize("reply", [Reply(204), answer({"watch": []})])
def test_a_channel_of_which_zoho_says_nothing_is_unknown(reply: Reply) -> None:
    (result,) = Script([reply]).run(_watches.delete(CONFIG, ["1"]))

    assert result.status is WriteStatus.UNKNOWN


def test_many_channels_end_in_parts() -> None:
    ids = [str(10**18 + number) for number in range(30)]
    script = Script(
        [
            answer({"watch": [_gone(channel, "Leads") for channel in part]})
            for part in (ids[:25], ids[25:])
        ]
    )

    results = script.run(_watches.delete(CONFIG, ids))

    assert [result.channel_id for result in results] == ids
    assert all(len(one.query["channel_ids"]) <= 512 for one in script.requests)


def test_single_events_end() -> None:
    script = Script([answer({"watch": [_done("1001")]})])

    result = script.run(_watches.drop_events(CONFIG, "1001", ["Leads.delete"]))

    assert result.is_success
    assert script.requests[0].method == "PATCH"
    assert script.requests[0].json["watch"] == [
        {"channel_id": "1001", "events": ["Leads.delete"], "_delete_events": True}
    ]


def test_a_401_is_no_result() -> None:
    refusal = answer({"watch": [fault("OAUTH_SCOPE_MISMATCH", 401)]}, 401)

    with pytest.raises(PermissionDeniedError):
        Script([refusal]).run(_watches.watch(CONFIG, [WATCH]))
