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
    ServiceError,
    ThrottledError,
)
from crmbridge.zoho import _writes
from crmbridge.zoho.results import WriteStatus
from tests.unit.zoho.script import CONFIG, TOKEN, Script, answer, done, fault


def _records(count: int) -> list[dict[str, str]]:
    return [{"id": str(number), "Last_Name": "x"} for number in range(1, count + 1)]


def _echo(request: Request) -> Reply:
    """Acknowledge each record under its own id."""
    if request.json is None:
        ids = request.query["ids"].split(",")
    else:
        ids = [record["id"] for record in request.json["data"]]
    return answer({"data": [done(record_id) for record_id in ids]})


def _many(count: int) -> Reply:
    return answer({"data": [done(str(number)) for number in range(1, count + 1)]})


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


def test_features_are_skipped_by_name() -> None:
    script = Script([_echo] * 3)

    for name in ("insert", "update", "upsert"):
        call = getattr(_writes, name)
        script.run(call(CONFIG, "Leads", _records(1), skip_features=["cadences"]))

    assert all(
        request.json["skip_feature_execution"] == [{"name": "cadences"}]
        for request in script.requests
    )


@pytest.mark.parametrize("name", ["insert", "update", "upsert"])
def test_a_write_tells_what_it_costs(name: str) -> None:
    script = Script([_echo] * 3)

    for count in (1, 10, 11):
        script.run(getattr(_writes, name)(CONFIG, "Leads", _records(count)))

    assert [(r.credits, r.is_complex) for r in script.requests] == [
        (1, False),
        (1, False),
        (2, True),
    ]


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


def _not_deleted(request: Request) -> Reply:
    ids = request.query["ids"].split(",")
    return answer({"data": [fault("INVALID_DATA", id=one) for one in ids]}, 400)


def test_what_a_lost_attempt_deleted_is_not_there_any_more() -> None:
    still_there = answer({"data": [{"id": "2", "Modified_Time": None}], "info": {}})
    script = Script([ConnectionLostError("gone"), _not_deleted, still_there])

    results = script.run(_writes.delete(CONFIG, "Leads", ["1", "2"]))

    assert [result.status for result in results] == [
        WriteStatus.SUCCESS,
        WriteStatus.REFUSED,
    ]
    assert results[0].id == "1"


def test_what_cannot_be_looked_after_is_unknown() -> None:
    denied = answer(fault("NO_PERMISSION"), 403)
    script = Script([ConnectionLostError("gone"), _not_deleted, denied])

    (result,) = script.run(_writes.delete(CONFIG, "Leads", ["1"]))

    assert result.status is WriteStatus.UNKNOWN


def test_a_deletion_that_zoho_refuses_is_not_looked_after() -> None:
    script = Script([_not_deleted])

    (result,) = script.run(_writes.delete(CONFIG, "Leads", ["1"]))

    assert result.status is WriteStatus.REFUSED


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


def test_an_upsert_that_would_make_a_record_twice_is_not_repeated() -> None:
    nameless = [*_records(99), {"Last_Name": "no address, no id", "Email": ""}]
    known = [{"Last_Name": "x", "Email": "ann@example.com"}]
    script = Script([answer({}, 502), answer({}, 502), lambda _: _many(1)])

    results = script.run(_writes.upsert(CONFIG, "Leads", nameless + known))

    assert len(script.requests) == 3
    assert isinstance(results[0].error, OutcomeUnknownError)
    assert results[100].is_success


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


def test_what_waits_for_a_token_in_vain_is_unsent() -> None:
    script = Script([_many(100)], token=TOKEN)

    def lose_the_token(_: Request) -> Reply:
        script.token = None
        return _many(100)

    script.answers = [lose_the_token, *[answer({}, 503)] * CONFIG.retry.attempts]
    results = script.run(_writes.insert(CONFIG, "Leads", _records(200)))

    assert results[100].status is WriteStatus.UNSENT
    assert isinstance(results[100].error, ServiceError)


def test_an_insert_without_a_token_is_not_unknown() -> None:
    script = Script([answer({}, 503)] * CONFIG.retry.attempts, token=None)

    with pytest.raises(ServiceError):
        script.run(_writes.insert(CONFIG, "Leads", _records(1)))


def test_a_token_that_ends_on_the_way_and_cannot_be_renewed_leaves_it_unsent() -> None:
    invalid = answer(fault("INVALID_TOKEN"), 401)
    down = [answer({}, 503)] * CONFIG.retry.attempts
    script = Script([_many(100), invalid, *down])

    results = script.run(_writes.insert(CONFIG, "Leads", _records(200)))

    assert results[100].status is WriteStatus.UNSENT


@pytest.mark.parametrize(
    "last",
    [
        [answer(fault("TOO_MANY_REQUESTS"), 429)] * 4,
        [ConnectionFailedError("down")] * 4,
        [answer(fault("NO_PERMISSION"), 403)],
        [answer(fault("LIMIT_EXCEEDED"), 400)],
        [answer(fault("INVALID_TOKEN"), 401), answer({"error": "invalid_code"})],
    ],
)
def test_what_a_lost_attempt_may_have_written_is_never_unsent(last: list[Any]) -> None:
    script = Script([_echo, ConnectionLostError("gone"), *last])

    results = script.run(_writes.update(CONFIG, "Leads", _records(200)))

    assert results[0].is_success
    assert results[100].status is WriteStatus.UNKNOWN


def test_an_unknown_batch_is_raised_before_one_that_is_to_be_repeated() -> None:
    throttled = [answer(fault("TOO_MANY_REQUESTS"), 429)] * CONFIG.retry.attempts
    script = Script([ConnectionFailedError("down")] * CONFIG.retry.attempts)
    script.answers += [answer({}, 502), *throttled]

    with pytest.raises(OutcomeUnknownError):
        script.run(_writes.insert(CONFIG, "Leads", _records(300)))


def test_a_record_that_zoho_failed_at_may_have_been_made() -> None:
    rows = {"data": [done("1"), fault("INTERNAL_ERROR")]}
    script = Script([answer(rows, 207)] * 2)

    made = script.run(_writes.insert(CONFIG, "Leads", _records(2)))
    changed = script.run(_writes.upsert(CONFIG, "Leads", _records(2)))

    assert made[1].status is changed[1].status is WriteStatus.UNKNOWN
    assert isinstance(made[1].error, OutcomeUnknownError)
    assert isinstance(changed[1].error, ServiceError)


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
