"""The writing calls, without HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from crmbridge._steps import Reply, Request
from crmbridge.errors import (
    AuthenticationError,
    ConnectionFailedError,
    ConnectionLostError,
    InvalidInputError,
    MalformedReplyError,
    OutcomeUnknownError,
    ThrottledError,
)
from crmbridge.zoho import _writes
from crmbridge.zoho.results import WriteStatus
from tests.unit.zoho.script import CONFIG, Script, answer, done, fault


def _records(count: int) -> list[dict[str, str]]:
    return [{"id": str(number), "Last_Name": "x"} for number in range(1, count + 1)]


def _echo(request: Request) -> Reply:
    """Acknowledge each record under its own id."""
    if request.json is None:
        ids = request.query["ids"].split(",")
    else:
        ids = [record["id"] for record in request.json["data"]]
    return answer({"data": [done(record_id) for record_id in ids]})


def test_an_insert_fires_no_workflow_unless_asked_to() -> None:
    script = Script([_echo, _echo])

    script.run(_writes.insert(CONFIG, "Leads", _records(1)))
    script.run(_writes.insert(CONFIG, "Leads", _records(1), trigger=["workflow"]))

    assert [request.json["trigger"] for request in script.requests] == [
        [],
        ["workflow"],
    ]
    assert (script.requests[0].method, script.requests[0].name) == (
        "POST",
        "Leads insert",
    )


def test_an_update_is_a_put_on_the_module() -> None:
    script = Script([_echo])

    (result,) = script.run(_writes.update(CONFIG, "Leads", _records(1)))

    (request,) = script.requests
    assert request.method == "PUT"
    assert request.url == "https://www.zohoapis.eu/crm/v8/Leads"
    assert result.id == "1"


def test_an_upsert_says_in_the_body_what_makes_a_duplicate() -> None:
    script = Script([_echo])

    script.run(_writes.upsert(CONFIG, "Leads", _records(1)))

    (request,) = script.requests
    assert request.url.endswith("/crm/v8/Leads/upsert")
    assert request.json["duplicate_check_fields"] == ["Email"]


def test_batches_of_a_hundred_come_back_in_order() -> None:
    script = Script([_echo] * 3)

    results = script.run(_writes.update(CONFIG, "Leads", _records(250)))

    sizes = [len(request.json["data"]) for request in script.requests]
    assert sizes == [100, 100, 50]
    assert [result.id for result in results] == [str(n) for n in range(1, 251)]


def test_nothing_to_write_costs_nothing() -> None:
    assert Script([]).run(_writes.insert(CONFIG, "Leads", [])) == ()


def test_records_are_deleted_by_ids_in_the_query() -> None:
    script = Script([_echo])

    results = script.run(_writes.delete(CONFIG, "Leads", ["1", "2"]))

    (request,) = script.requests
    assert request.method == "DELETE"
    assert request.query == {"ids": "1,2", "wf_trigger": "false"}
    assert [result.id for result in results] == ["1", "2"]


@pytest.mark.parametrize(
    "records",
    [
        [{"Last_Name": "x"}],
        [{"id": 7}],
        [{"id": "7,8"}],
        [{"id": "7"}, {"id": "8"}, {"id": "7"}],
    ],
)
def test_an_update_needs_each_id_once(records: list[dict[str, Any]]) -> None:
    with pytest.raises(InvalidInputError):
        Script([]).run(_writes.update(CONFIG, "Leads", records))


def test_an_insert_whose_answer_is_lost_is_never_repeated() -> None:
    script = Script([ConnectionLostError("gone")])

    with pytest.raises(OutcomeUnknownError):
        script.run(_writes.insert(CONFIG, "Leads", _records(1)))

    assert len(script.requests) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_an_insert_that_the_service_failed_is_never_repeated(status: int) -> None:
    script = Script([answer(fault("INTERNAL_ERROR"), status)])

    with pytest.raises(OutcomeUnknownError):
        script.run(_writes.insert(CONFIG, "Leads", _records(1)))


@pytest.mark.parametrize("name", ["update", "upsert"])
def test_an_update_whose_answer_is_lost_is_repeated(name: str) -> None:
    script = Script([ConnectionLostError("gone"), answer({}, 502), _echo])

    (result,) = script.run(getattr(_writes, name)(CONFIG, "Leads", _records(1)))

    assert result.is_success


def test_an_insert_that_was_turned_away_is_repeated() -> None:
    script = Script([answer(fault("TOO_MANY_REQUESTS"), 429), _echo])

    (result,) = script.run(_writes.insert(CONFIG, "Leads", _records(1)))

    assert result.is_success


def test_an_answer_to_an_insert_that_cannot_be_read_leaves_its_outcome_unknown() -> (
    None
):
    script = Script([Reply(200, {}, b"<html>")])

    with pytest.raises(OutcomeUnknownError):
        script.run(_writes.insert(CONFIG, "Leads", _records(1)))


def test_an_answer_to_an_update_that_cannot_be_read_is_malformed() -> None:
    script = Script([answer({"data": []})])

    with pytest.raises(MalformedReplyError):
        script.run(_writes.update(CONFIG, "Leads", _records(2)))


def test_what_some_batches_said_is_kept_when_another_is_lost() -> None:
    script = Script([_echo, ConnectionLostError("gone"), _echo])

    results = script.run(_writes.insert(CONFIG, "Leads", _records(300)))

    assert [results[place].status for place in (0, 100, 200)] == [
        WriteStatus.SUCCESS,
        WriteStatus.UNKNOWN,
        WriteStatus.SUCCESS,
    ]
    assert isinstance(results[100].error, OutcomeUnknownError)


def test_what_never_reached_zoho_is_unsent() -> None:
    unreachable = [ConnectionFailedError("no way")] * CONFIG.retry.attempts
    script = Script([_echo, *unreachable])

    results = script.run(_writes.insert(CONFIG, "Leads", _records(200)))

    assert results[0].is_success
    assert results[100].status is WriteStatus.UNSENT


def test_after_a_refused_login_no_further_batch_is_tried() -> None:
    script = Script([_echo, answer(fault("AUTHENTICATION_FAILURE"), 401)])

    results = script.run(_writes.update(CONFIG, "Leads", _records(400)))

    assert len(script.requests) == 2
    assert results[0].is_success
    assert [result.status for result in results[100:]] == [WriteStatus.UNSENT] * 300


def test_an_error_is_raised_when_no_batch_was_answered() -> None:
    script = Script([answer(fault("AUTHENTICATION_FAILURE"), 401)])

    with pytest.raises(AuthenticationError):
        script.run(_writes.update(CONFIG, "Leads", _records(250)))


def test_too_many_requests_in_the_end_are_raised() -> None:
    script = Script([answer(fault("TOO_MANY_REQUESTS"), 429)] * CONFIG.retry.attempts)

    with pytest.raises(ThrottledError):
        script.run(_writes.update(CONFIG, "Leads", _records(1)))
