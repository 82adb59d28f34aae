"""What Zoho's answers mean."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from crmbridge._steps import Reply
from crmbridge.errors import (
    AlreadyConvertedError,
    AuthenticationError,
    CrmbridgeError,
    DuplicateError,
    MalformedReplyError,
    NotFoundError,
    PermissionDeniedError,
    Problem,
    RecordLockedError,
    RefusedError,
    ServiceError,
    StaleError,
    ThrottledError,
)
from crmbridge.zoho._faults import fault_of, safe_word
from crmbridge.zoho._replies import listing_of, time_of, write_results
from crmbridge.zoho.results import WriteResult, WriteStatus
from tests.unit.zoho.script import answer, done, fault

CODES: list[tuple[str, int, type[CrmbridgeError]]] = [
    ("INVALID_TOKEN", 401, AuthenticationError),
    ("AUTHENTICATION_FAILURE", 401, AuthenticationError),
    ("OAUTH_SCOPE_MISMATCH", 401, PermissionDeniedError),
    ("NO_PERMISSION", 403, PermissionDeniedError),
    ("AUTHORIZATION_FAILED", 400, PermissionDeniedError),
    ("INVALID_URL_PATTERN", 404, NotFoundError),
    ("INVALID_MODULE", 400, NotFoundError),
    ("RESOURCE_NOT_FOUND", 404, NotFoundError),
    ("TOO_MANY_REQUESTS", 429, ThrottledError),
    ("INTERNAL_ERROR", 500, ServiceError),
    ("DUPLICATE_DATA", 400, DuplicateError),
    ("ALREADY_MODIFIED", 412, StaleError),
    ("INVALID_DATA", 400, RefusedError),
    ("MANDATORY_NOT_FOUND", 400, RefusedError),
    ("REQUIRED_PARAM_MISSING", 400, RefusedError),
    ("LIMIT_EXCEEDED", 400, RefusedError),
    ("RECORD_LOCKED", 400, RecordLockedError),
    ("NOT_APPROVED", 400, RecordLockedError),
    ("NOT_REVIEWED", 400, RecordLockedError),
    ("ID_ALREADY_CONVERTED", 400, AlreadyConvertedError),
    ("SOMETHING_NEW", 412, StaleError),
    ("INVALID_REQUEST_METHOD", 400, RefusedError),
    ("LICENSE_LIMIT_EXCEEDED", 400, RefusedError),
    ("SOMETHING_NEW", 502, ServiceError),
    ("SOMETHING_NEW", 401, AuthenticationError),
]


@pytest.mark.parametrize("is_wrapped", [False, True], ids=["top", "in data"])
@pytest.mark.parametrize(("code", "status", "kind"), CODES)
def test_a_code_becomes_its_error_wherever_it_lies(
    code: str, status: int, kind: type[CrmbridgeError], is_wrapped: bool
) -> None:
    said = fault(code)
    reply = answer({"data": [said]} if is_wrapped else said, status)

    with pytest.raises(kind) as caught:
        listing_of(reply, "data", "Leads list")

    assert type(caught.value) is kind
    assert (caught.value.code, caught.value.status) == (code, status)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, AuthenticationError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (400, RefusedError),
        (500, ServiceError),
    ],
)
def test_an_error_without_a_body_is_known_by_its_status(
    status: int, kind: type[CrmbridgeError]
) -> None:
    with pytest.raises(kind) as caught:
        listing_of(Reply(status, {}, b"<html>"), "data", "Leads list")

    assert type(caught.value) is kind


@pytest.mark.parametrize("status", [204, 304])
def test_an_empty_result_has_no_body(status: int) -> None:
    listing = listing_of(Reply(status), "data", "Leads list")

    assert listing.rows == ()
    assert not listing.has_more


@pytest.mark.parametrize(
    "body", [b"<html>", b"[]", b"{}", b'{"data": {}}', b'{"data": [1]}']
)
def test_an_answer_of_another_shape_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedReplyError):
        listing_of(Reply(200, {}, body), "data", "Leads list")


def test_a_fault_names_its_field() -> None:
    said = fault("INVALID_DATA", api_name="Phone", maximum_length=30)

    with pytest.raises(RefusedError, match="field Phone") as caught:
        listing_of(answer(said, 400), "data", "Leads list")

    assert caught.value.field == "Phone"


def test_the_words_of_zoho_stay_out_of_messages() -> None:
    said = {**fault("INVALID_DATA"), "message": "ann@example.com is wrong"}

    with pytest.raises(RefusedError) as caught:
        listing_of(answer(said, 400), "data", "Leads list")

    assert "ann@example.com" not in str(caught.value) + repr(caught.value)
    assert caught.value.messages == ("ann@example.com is wrong",)


@pytest.mark.parametrize("code", ["ann@example.com", "x" * 200, "<b>", "a\nb"])
def test_a_code_that_may_be_more_is_not_repeated(code: str) -> None:
    assert safe_word(code) == ""


@pytest.mark.parametrize(
    "details",
    [
        {"api_name": "Email", "id": "7"},
        {"api_name": "Email", "duplicate_record": {"id": "7", "module": {}}},
        {"api_name": "Email", "id": "7", "duplicate_record": {"id": "7"}},
    ],
)
def test_a_duplicate_names_the_record_in_the_way(details: dict[str, Any]) -> None:
    with pytest.raises(DuplicateError) as caught:
        listing_of(
            answer({"data": [fault("DUPLICATE_DATA", **details)]}, 400), "data", "x"
        )

    assert caught.value.existing_id == "7"
    assert caught.value.field == "Email"


def test_there_is_no_fault_in_an_answer_without_one() -> None:
    assert fault_of(Reply(204)) is None
    assert fault_of(Reply(200, {}, b"<html>")) is None
    assert fault_of(Reply(200, {}, b"[]")) is None
    assert fault_of(answer({"data": [done("1")]})) is None


# --- results of writes -------------------------------------------------------


def test_results_come_by_position_whatever_the_status() -> None:
    rows = [done("1"), fault("INVALID_DATA", api_name="Phone"), done("3")]

    for status in (200, 201, 202, 207):
        results = write_results(answer({"data": rows}, status), 3, "update")

        assert [result.is_success for result in results] == [True, False, True]
        assert [result.id for result in results] == ["1", None, "3"]


def test_a_batch_of_which_all_failed_gives_results_too() -> None:
    reply = answer({"data": [fault("MANDATORY_NOT_FOUND", api_name="Last_Name")]}, 400)

    (result,) = write_results(reply, 1, "insert")

    assert result.status is WriteStatus.REFUSED
    assert (result.code, result.field) == ("MANDATORY_NOT_FOUND", "Last_Name")


def test_a_result_tells_action_and_time() -> None:
    (result,) = write_results(
        answer({"data": [done("1", action="update")]}), 1, "upsert"
    )

    assert result.action == "update"
    assert result.modified_time == time_of("2026-01-05T12:00:00+00:00")


def _refused(said: dict[str, Any], status: int = 400) -> WriteResult:
    (result,) = write_results(answer({"data": [said]}, status), 1, "insert")
    assert not result.is_success
    return result


def test_of_several_errors_all_are_told() -> None:
    inner = [
        fault(
            "INVALID_DATA",
            api_name="Phone",
            maximum_length=30,
            json_path="$.data[0].Phone",
        ),
        fault("INVALID_DATA", api_name="Email", expected_data_type="email"),
        fault("INVALID_DATA", api_name="Rating", supported_values=["A", "B"]),
        fault("DUPLICATE_DATA", api_name="Email", duplicate_record={"id": "7"}),
        "no object",
    ]

    result = _refused(fault("MULTIPLE_OR_MULTI_ERRORS", errors=inner))

    assert (result.code, result.field) == ("MULTIPLE_OR_MULTI_ERRORS", "Phone")
    assert result.existing_id is None
    assert type(result.error) is RefusedError
    assert result.problems == (
        Problem("INVALID_DATA", "Phone", "$.data[0].Phone", maximum_length=30),
        Problem("INVALID_DATA", "Email", expected_type="email"),
        Problem("INVALID_DATA", "Rating", allowed=("A", "B")),
        Problem("DUPLICATE_DATA", "Email", existing_id="7"),
    )


def test_several_errors_of_one_kind_are_one_of_that_kind() -> None:
    inner = [
        fault("DUPLICATE_DATA", api_name="Email", id="7"),
        fault("DUPLICATE_DATA", api_name="Phone", id="7"),
    ]

    result = _refused(fault("MULTIPLE_OR_MULTI_ERRORS", errors=inner))

    assert isinstance(result.error, DuplicateError)
    assert result.existing_id == result.error.existing_id == "7"


def test_two_records_in_the_way_are_not_one() -> None:
    inner = [
        fault("DUPLICATE_DATA", api_name="Email", id="7"),
        fault("DUPLICATE_DATA", api_name="Phone", id="8"),
    ]

    result = _refused(fault("MULTIPLE_OR_MULTI_ERRORS", errors=inner))

    assert isinstance(result.error, DuplicateError)
    assert result.existing_id is None
    assert [problem.existing_id for problem in result.problems] == ["7", "8"]


@pytest.mark.parametrize("details", [None, [], {"errors": {}}, {"errors": [[]]}])
def test_several_errors_without_any_are_still_refused(details: Any) -> None:
    said = {**fault("MULTIPLE_OR_MULTI_ERRORS"), "details": details}

    assert type(_refused(said).error) is RefusedError


def test_a_code_that_is_not_known_is_readable_and_typed() -> None:
    result = _refused(fault("RECORD_IN_BLUEPRINT", api_name="Stage"))

    assert (result.code, result.field) == ("RECORD_IN_BLUEPRINT", "Stage")
    assert type(result.error) is RefusedError
    assert "RECORD_IN_BLUEPRINT" in str(result.error)


def test_a_wrong_id_of_a_record_is_told_from_that_of_a_lookup() -> None:
    kinds = [
        type(_refused(fault("INVALID_DATA", api_name="id", json_path=path)).error)
        for path in (None, "$.data[0].id", "$.data[0].Owner.id")
    ]

    assert kinds == [NotFoundError, NotFoundError, RefusedError]


def test_what_zoho_failed_at_may_have_been_written() -> None:
    rows = [done("1"), fault("INTERNAL_ERROR")]

    results = write_results(answer({"data": rows}, 207), 2, "update")

    assert results[1].status is WriteStatus.UNKNOWN
    assert isinstance(results[1].error, ServiceError)


def test_a_stale_record_tells_when_it_changed() -> None:
    said = fault("ALREADY_MODIFIED", id="1", Modified_Time="2026-01-05T13:00:07+01:00")

    error = _refused(said, 412).error

    assert isinstance(error, StaleError)
    assert error.modified_time == datetime(2026, 1, 5, 12, 0, 7, tzinfo=UTC)


@pytest.mark.parametrize("status", [200, 202, 400])
def test_the_status_of_the_element_decides(status: int) -> None:
    results = [
        write_results(answer(body, status), 1, "update")[0]
        for body in (
            {"data": [fault("DUPLICATE_DATA", id="7")]},
            fault("DUPLICATE_DATA", id="7"),
            {**fault("INVALID_DATA"), "data": [fault("DUPLICATE_DATA", id="7")]},
        )
    ]

    assert {result.status for result in results} == {WriteStatus.REFUSED}
    assert {result.existing_id for result in results} == {"7"}


def test_a_single_success_may_come_bare() -> None:
    (result,) = write_results(answer(done("1")), 1, "update")

    assert result.id == "1"


def test_a_bare_error_of_the_request_is_raised_also_for_one_record() -> None:
    with pytest.raises(RefusedError) as caught:
        write_results(answer(fault("LIMIT_EXCEEDED", limit=100), 400), 1, "update")

    assert caught.value.problems[0].maximum_length == 100


def test_a_bare_error_of_one_of_many_is_raised_with_its_place() -> None:
    said = fault("INVALID_DATA", api_name="Email", json_path="$.data[3].Email")

    with pytest.raises(RefusedError) as caught:
        write_results(answer(said, 400), 100, "update")

    assert caught.value.problems[0].path == "$.data[3].Email"


def test_results_of_other_records_are_not_trusted() -> None:
    reply = answer({"data": [done("2"), done("1")]})

    with pytest.raises(MalformedReplyError, match="other records"):
        write_results(reply, 2, "update", ids=["1", "2"])


def test_a_success_among_too_few_results_makes_nothing_known() -> None:
    reply = answer({"data": [done("1")], **fault("INVALID_DATA")}, 400)

    with pytest.raises(MalformedReplyError):
        write_results(reply, 2, "update")


@pytest.mark.parametrize("rows", [[], [done("1")], [done("1")] * 3])
def test_where_lengths_differ_nothing_is_trusted(rows: list[Any]) -> None:
    with pytest.raises(MalformedReplyError, match="results of 2"):
        write_results(answer({"data": rows}), 2, "update")


def test_one_error_for_a_whole_batch_is_raised() -> None:
    reply = answer({"data": [fault("LIMIT_EXCEEDED")]}, 400)

    with pytest.raises(RefusedError):
        write_results(reply, 101, "update")


@pytest.mark.parametrize("status", [401, 403])
def test_a_lack_of_rights_is_never_the_result_of_one_record(status: int) -> None:
    reply = answer({"data": [fault("NO_PERMISSION")]}, status)

    with pytest.raises(PermissionDeniedError):
        write_results(reply, 1, "update")


def test_no_body_after_a_write_is_malformed() -> None:
    with pytest.raises(MalformedReplyError):
        write_results(Reply(204), 1, "update")


# --- times ---------------------------------------------------


@pytest.mark.parametrize("text", [None, "", "soon", "2026-01-05T12:00:00", 7])
def test_what_is_no_instant_is_none(text: object) -> None:
    assert time_of(text) is None
