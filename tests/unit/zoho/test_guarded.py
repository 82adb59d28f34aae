"""The guarded update, without HTTP: what a lost answer leaves to be found out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from crmbridge._steps import Reply
from crmbridge.config import RetryPolicy
from crmbridge.errors import (
    AuthenticationError,
    ConnectionFailedError,
    ConnectionLostError,
    CrmbridgeError,
    InvalidInputError,
    NotFoundError,
    OutcomeUnknownError,
    RecordLockedError,
    ServiceError,
    StaleError,
)
from crmbridge.zoho import WriteResult, WriteStatus, _guarded
from tests.unit.zoho.script import CONFIG, Answer, Script, answer, done, fault

READ = datetime(2026, 1, 5, 11, 30, tzinfo=UTC)
LATER = "2026-01-05T13:00:00+01:00"
BEFORE = "2026-01-05T12:30:00+01:00"
RECORD = {"id": "1", "Phone": "600"}
LOST = ConnectionLostError("gone")


def _run(script: Script, **changes: Any) -> WriteResult:
    options: dict[str, Any] = {"unmodified_since": READ, **changes}
    record = options.pop("record", RECORD)
    config = options.pop("config", CONFIG)
    return script.run(_guarded.update_if_unmodified(config, "Leads", record, **options))


def _stale() -> Reply:
    said = fault("ALREADY_MODIFIED", id="1", Modified_Time=LATER)
    return answer({"data": [said]}, 412)


def _shown(phone: str, modified: str) -> Reply:
    row = {"id": "1", "Phone": phone, "Owner": None, "Modified_Time": modified}
    return answer({"data": [row]})


def _written() -> Reply:
    return answer({"data": [done("1")]})


def _verbs(script: Script) -> list[str]:
    return [request.method for request in script.requests]


def test_one_record_is_sent_with_the_time_it_was_read_at() -> None:
    script = Script([_written()])

    result = _run(script, unmodified_since=READ + timedelta(microseconds=7))

    (request,) = script.requests
    assert (request.method, request.url) == (
        "PUT",
        "https://www.zohoapis.eu/crm/v8/Leads/1",
    )
    assert request.headers["If-Unmodified-Since"] == "2026-01-05T11:30:00+00:00"
    assert request.json == {"data": [{"Phone": "600"}], "trigger": []}
    assert (request.credits, request.is_complex) == (1, False)
    assert result.modified_time == datetime(2026, 1, 5, 12, tzinfo=UTC)


def test_a_record_that_somebody_changed_is_stale() -> None:
    script = Script([_stale()])

    with pytest.raises(StaleError) as caught:
        _run(script)

    assert caught.value.modified_time == datetime(2026, 1, 5, 12, tzinfo=UTC)
    assert _verbs(script) == ["PUT"]


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}"])
def test_a_412_needs_no_words(body: bytes) -> None:
    with pytest.raises(StaleError):
        _run(Script([Reply(412, {}, body)]))


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (fault("RECORD_LOCKED"), RecordLockedError),
        (fault("INVALID_DATA", api_name="id"), NotFoundError),
        (fault("AUTHENTICATION_FAILURE"), AuthenticationError),
    ],
)
def test_a_refusal_is_raised(said: Any, kind: type[CrmbridgeError]) -> None:
    with pytest.raises(kind):
        _run(Script([answer({"data": [said]}, 400)]))


@pytest.mark.parametrize(
    "lost",
    [
        LOST,
        answer(fault("INTERNAL_ERROR"), 500),
        answer({"data": [fault("INTERNAL_ERROR")]}, 400),
        answer(fault("INTERNAL_ERROR"), 501),
        Reply(502, {}, b"<html>"),
        Reply(200, {}, b'{"data": [{"co'),
        answer({"data": []}),
        answer({"data": [done("2")]}),
    ],
)
class TestAfterALostAnswer:
    def test_what_the_record_shows_was_written(self, lost: Answer) -> None:
        script = Script([lost, _shown("600", LATER)])

        result = _run(script)

        # Others may have written after it: the time of the record tells nothing.
        assert result == WriteResult(WriteStatus.SUCCESS, "SUCCESS", id="1")
        assert _verbs(script) == ["PUT", "GET"]

    def test_what_was_not_carried_out_is_sent_again(self, lost: Answer) -> None:
        script = Script([lost, _shown("500", BEFORE), _written()])

        result = _run(script)

        assert result.modified_time == datetime(2026, 1, 5, 12, tzinfo=UTC)
        assert _verbs(script) == ["PUT", "GET", "PUT"]

    def test_a_record_of_others_is_neither_stale_nor_written(
        self, lost: Answer
    ) -> None:
        script = Script([lost, _shown("700", LATER)])

        with pytest.raises(OutcomeUnknownError):
            _run(script)

        assert _verbs(script) == ["PUT", "GET"]

    def test_an_attempt_that_comes_through_late_is_found(self, lost: Answer) -> None:
        script = Script([lost, _shown("500", BEFORE), _stale(), _shown("600", LATER)])

        assert _run(script).is_success

    def test_a_record_that_is_gone_is_unknown(self, lost: Answer) -> None:
        with pytest.raises(OutcomeUnknownError):
            _run(Script([lost, Reply(204)]))

    def test_a_record_that_cannot_be_read_is_unknown(self, lost: Answer) -> None:
        denied = answer(fault("NO_PERMISSION"), 403)

        with pytest.raises(OutcomeUnknownError):
            _run(Script([lost, denied]))

    def test_it_is_not_tried_for_ever(self, lost: Answer) -> None:
        script = Script([lost, _shown("500", BEFORE)] * CONFIG.retry.attempts)

        with pytest.raises(OutcomeUnknownError):
            _run(script)

        assert _verbs(script) == ["PUT", "GET"] * CONFIG.retry.attempts

    def test_a_later_refusal_is_told(self, lost: Answer) -> None:
        locked = answer({"data": [fault("RECORD_LOCKED")]}, 400)

        with pytest.raises(RecordLockedError):
            _run(Script([lost, _shown("500", BEFORE), locked]))

    def test_a_later_want_of_a_token_leaves_it_unknown(self, lost: Answer) -> None:
        refused = answer(fault("AUTHENTICATION_FAILURE"), 401)

        with pytest.raises(OutcomeUnknownError):
            _run(Script([lost, _shown("500", BEFORE), refused]))


def test_a_change_within_the_second_it_was_read_in_is_known_as_ours() -> None:
    script = Script([LOST, _shown("600", BEFORE)])

    result = _run(script)

    assert result.modified_time == READ
    assert _verbs(script) == ["PUT", "GET"]


def test_no_attempt_is_made_after_the_total_time() -> None:
    config = evolve(CONFIG, retry=RetryPolicy(total_seconds=1e-9))
    script = Script([LOST, _shown("500", BEFORE), _written()])
    script.draw = 1.0

    with pytest.raises(OutcomeUnknownError):
        _run(script, config=config)

    assert _verbs(script) == ["PUT", "GET"]


def test_what_never_reached_zoho_is_no_unknown() -> None:
    script = Script([ConnectionFailedError("down")] * CONFIG.retry.attempts)

    with pytest.raises(ConnectionFailedError):
        _run(script)


def test_a_token_endpoint_that_fails_leaves_nothing_unknown() -> None:
    script = Script([Reply(503)] * CONFIG.retry.attempts, token=None)

    with pytest.raises(ServiceError):
        _run(script)


@pytest.mark.parametrize("record", [{}, {"id": 7}, {"id": "1/2"}])
def test_a_record_is_named_by_its_id(record: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        _run(Script([]), record=record)


def test_the_time_has_to_be_aware() -> None:
    with pytest.raises(InvalidInputError):
        _run(Script([]), unmodified_since=READ.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("shown", "sent", "is_same"),
    [
        ("a", "a", True),
        ("a", " a ", True),
        ("a\nb", "a\r\nb", True),
        ("a", "b", False),
        (None, "", True),
        (False, None, True),
        ([], None, True),
        (None, 0, False),
        (True, True, True),
        (True, False, False),
        (7, 7.0, True),
        (7, "7", False),
        ({"id": "7", "name": "x"}, {"id": "7"}, True),
        ({"id": "7", "name": "x"}, "7", True),
        ({"id": "7", "name": "x"}, {"id": "8"}, False),
        (["a", "b"], ["b", "a"], True),
        (["a", "b"], ["a"], False),
        ([{"name": "vip", "id": "1"}], [{"name": "vip"}], True),
        ("2026-01-05T13:00:00+01:00", "2026-01-05T12:00:00+00:00", True),
    ],
)
def test_a_value_is_known_again_in_its_other_forms(
    shown: object, sent: object, *, is_same: bool
) -> None:
    assert _guarded.shows({"Field": shown}, {"Field": sent}) is is_same


def test_a_field_that_is_not_shown_proves_nothing() -> None:
    assert not _guarded.shows({"Phone": "1"}, {"Phone": "1", "Fax": None})
