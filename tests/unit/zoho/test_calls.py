"""The reading calls, without HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from crmbridge._steps import Reply, Request
from crmbridge.errors import InvalidInputError, RefusedError
from crmbridge.zoho import _calls, _deletions
from tests.unit.zoho.script import CONFIG, NOW, Script, answer, fault


def _page(*ids: str, **info: Any) -> Reply:
    rows = [{"id": record_id, "Last_Name": "x"} for record_id in ids]
    return answer({"data": rows, "info": info}, date="Mon, 05 Jan 2026 12:00:00 GMT")


def test_a_page_is_asked_for_by_fields_and_size() -> None:
    script = Script([_page("2", "1")])

    page = script.run(_calls.records_page(CONFIG, "Leads", fields=("Email", "Phone")))

    (request,) = script.requests
    assert (request.method, request.name) == ("GET", "Leads list")
    assert request.url == "https://www.zohoapis.eu/crm/v8/Leads"
    assert request.query == {"fields": "Email,Phone", "per_page": "200"}
    assert "If-Modified-Since" not in request.headers
    assert [record.id for record in page.records] == ["2", "1"]
    assert page.server_time == datetime(2026, 1, 5, 12, tzinfo=UTC)


def test_a_page_is_asked_for_by_token_time_and_conversion() -> None:
    script = Script([_page()])

    script.run(
        _calls.records_page(
            CONFIG,
            "Leads",
            fields=("Email",),
            page_token="t",
            modified_since=NOW,
            converted="both",
            per_page=10,
        )
    )

    (request,) = script.requests
    assert request.query == {
        "fields": "Email",
        "per_page": "10",
        "page_token": "t",
        "converted": "both",
    }
    assert request.headers["If-Modified-Since"] == "2026-01-05T12:00:00+00:00"


def test_a_page_tells_where_the_next_one_begins() -> None:
    script = Script([_page("1", more_records=True, next_page_token="t")])

    page = script.run(_calls.records_page(CONFIG, "Leads", fields=("Email",)))

    assert page.has_more
    assert page.next_page_token == "t"


@pytest.mark.parametrize(
    "info",
    [
        {"more_records": False, "next_page_token": "t"},
        {"more_records": False, "next_page_token": None},
        {},
    ],
)
def test_the_last_page_has_no_next_one(info: dict[str, Any]) -> None:
    script = Script([_page("1", **info)])

    page = script.run(_calls.records_page(CONFIG, "Leads", fields=("Email",)))

    assert not page.has_more


@pytest.mark.parametrize("status", [204, 304])
def test_nothing_new_is_an_empty_page(status: int) -> None:
    page = Script([Reply(status)]).run(
        _calls.records_page(CONFIG, "Leads", fields=("Email",), modified_since=NOW)
    )

    assert page.records == ()
    assert not page.has_more


@pytest.mark.parametrize(
    "arguments",
    [
        {"fields": ()},
        {"fields": [f"f{number}" for number in range(51)]},
        {"fields": ("Email",), "per_page": 0},
        {"fields": ("Email",), "per_page": 201},
        {"fields": ("Email",), "modified_since": datetime(2026, 1, 1)},  # noqa: DTZ001 - the mistake
    ],
)
def test_what_zoho_would_refuse_is_not_sent(arguments: dict[str, Any]) -> None:
    script = Script([])

    with pytest.raises(InvalidInputError):
        script.run(_calls.records_page(CONFIG, "Leads", **arguments))

    assert script.requests == []


@pytest.mark.parametrize("module", ["", "Leads/1", "../users", "Leads?x", "Łeads"])
def test_a_module_is_an_api_name(module: str) -> None:
    with pytest.raises(InvalidInputError, match="module"):
        Script([]).run(_calls.records_page(CONFIG, module, fields=("Email",)))


def _by_ids(request: Request) -> Reply:
    ids = request.query["ids"].split(",")
    if "666" in ids:
        return answer(fault("INVALID_DATA"), 400)
    known = [record_id for record_id in reversed(ids) if record_id != "404"]
    return _page(*known) if known else Reply(204)


def test_records_come_by_position_however_they_are_answered() -> None:
    script = Script([_by_ids])

    found = script.run(
        _calls.by_ids(CONFIG, "Leads", ["1", "404", "2"], fields=["Email"])
    )

    assert [record and record.id for record in found] == ["1", None, "2"]


def test_ids_are_asked_for_in_hundreds_without_repetition() -> None:
    ids = [str(number) for number in range(1000, 1250)]
    script = Script([_by_ids] * 3)

    found = script.run(_calls.by_ids(CONFIG, "Leads", [*ids, "1000"], fields=["Email"]))

    sizes = [len(request.query["ids"].split(",")) for request in script.requests]
    assert sizes == [100, 100, 50]
    assert [record.id for record in found if record] == [*ids, "1000"]


def test_an_id_that_zoho_does_not_take_hides_no_other() -> None:
    script = Script([_by_ids] * 9)

    found = script.run(
        _calls.by_ids(CONFIG, "Leads", ["1", "2", "666", "4"], fields=["Email"])
    )

    assert [record and record.id for record in found] == ["1", "2", None, "4"]


def test_another_refusal_of_a_read_by_ids_is_raised() -> None:
    script = Script([answer(fault("LIMIT_EXCEEDED"), 400)])

    with pytest.raises(RefusedError):
        script.run(_calls.by_ids(CONFIG, "Leads", ["1"], fields=["Email"]))


def test_no_ids_cost_nothing() -> None:
    assert Script([]).run(_calls.by_ids(CONFIG, "Leads", [], fields=["Email"])) == ()


def test_deleted_records_tell_when_and_how() -> None:
    rows = [
        {"id": "1", "type": "recycle", "deleted_time": "2026-01-05T13:00:00+01:00"},
        {"id": "2", "type": "permanent", "deleted_time": None},
    ]
    script = Script([answer({"data": rows, "info": {"more_records": True}})])

    page = script.run(
        _deletions.deleted_page(CONFIG, "Leads", page=3, modified_since=NOW)
    )

    assert script.requests[0].query == {"type": "all", "page": "3", "per_page": "200"}
    assert [record.is_permanent for record in page.records] == [False, True]
    assert page.records[0].deleted_time == NOW
    assert page.next_page == 4
    assert page.has_more


def test_any_request_can_be_sent_with_the_token() -> None:
    script = Script([answer({"org": []}, 418)])

    reply = script.run(_calls.send_any(CONFIG, Request("zoho", "GET", "/crm/v8/org")))

    assert reply.status == 418
    assert script.requests[0].headers["Authorization"].startswith("Zoho-oauthtoken ")
