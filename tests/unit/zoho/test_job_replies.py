"""What Zoho tells of bulk jobs, in all its forms, and in none of them."""

from __future__ import annotations

from typing import Any

import pytest

from crmbridge.errors import MalformedReplyError, NotFoundError, RefusedError
from crmbridge.zoho._job_replies import (
    file_id_of,
    read_job_of,
    started_read,
    started_write,
    write_job_of,
)
from crmbridge.zoho.bulk_jobs import JobState, ReadJob, ReadQuery, WriteJob
from tests.unit.zoho.script import answer, fault

QUERY = ReadQuery("Leads", ("Email",))


def _read(**job: Any) -> ReadJob:
    whole = {"id": "7", "state": "COMPLETED", "result": {"count": 1}, **job}
    return read_job_of(answer({"data": [whole]}), "it")


def _write(**job: Any) -> WriteJob:
    return write_job_of(answer({"id": "7", "status": "COMPLETED", **job}), "it")


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("ADDED", JobState.ADDED),
        ("QUEUED", JobState.QUEUED),
        ("IN PROGRESS", JobState.IN_PROGRESS),
        ("INPROGRESS", JobState.IN_PROGRESS),
        ("COMPLETED", JobState.COMPLETED),
        ("FAILURE", JobState.FAILED),
        ("FAILED", JobState.FAILED),
    ],
)
def test_states_are_read_in_both_spellings(word: str, state: JobState) -> None:
    assert (_read(state=word).state, _write(status=word).state) == (state, state)


@pytest.mark.parametrize("word", ["completed", "DONE", "", None, 7, ["ADDED"]])
def test_an_unknown_state_is_no_state(word: object) -> None:
    for read, name in ((_read, "state"), (_write, "status")):
        with pytest.raises(MalformedReplyError, match="unknown state"):
            read(**{name: word})


def test_a_result_before_the_end_says_nothing() -> None:
    early = {"count": 9, "more_records": True, "next_page_token": "t"}

    job = _read(state="IN PROGRESS", result=early)

    assert (job.count, job.has_more, job.next_page_token) == (None, False, None)


def test_a_completed_read_tells_its_result() -> None:
    query = {"module": {"api_name": "Leads"}, "fields": ["Email"], "page": 2}
    result = {"count": 9, "more_records": True, "next_page_token": "t"}

    job = _read(query=query, result=result, created_time="2026-01-05T13:00:00+01:00")

    assert (job.id, job.module, job.fields, job.page) == ("7", "Leads", ("Email",), 2)
    assert (job.count, job.has_more, job.next_page_token) == (9, True, "t")
    assert job.created_time is not None
    assert "'t'" not in repr(job)


def test_a_completed_read_without_a_result_is_malformed() -> None:
    with pytest.raises(MalformedReplyError, match="no result of a completed job"):
        _read(result=None)


@pytest.mark.parametrize("count", [-1, True, "9", None, 1.5])
def test_a_count_that_is_none_is_left_out(count: object) -> None:
    assert _read(result={"count": count, "more_records": False}).count is None


@pytest.mark.parametrize("job_id", [7, "", "x", "7/../8", None])
def test_an_id_that_is_none_is_malformed(job_id: object) -> None:
    details: Any = {"status": "success", "details": {"id": job_id}}
    read = answer({"data": [details]}, 201)
    written = answer(details, 201)

    with pytest.raises(MalformedReplyError, match="names no job"):
        _read(id=job_id)
    with pytest.raises(MalformedReplyError, match="names no job"):
        _write(id=job_id)
    with pytest.raises(MalformedReplyError, match="names no job"):
        started_read(read, QUERY, "it")
    with pytest.raises(MalformedReplyError, match="names no job"):
        started_write(written, "Leads", "insert", "it")


@pytest.mark.parametrize("body", [{}, {"data": []}, {"data": {}}, {"data": [7]}])
def test_a_body_without_a_job_is_malformed(body: Any) -> None:
    with pytest.raises(MalformedReplyError):
        read_job_of(answer(body), "it")
    with pytest.raises(MalformedReplyError):
        started_read(answer(body, 201), QUERY, "it")


def test_a_completed_write_tells_its_counts() -> None:
    file = {"added_count": 1, "updated_count": 2, "skipped_count": 3, "total_count": 6}
    resource = {"module": {"api_name": "Leads"}, "file": file}

    job = _write(
        operation="upsert", resource=[resource], result={"download_url": "/v8/x.zip"}
    )

    assert (job.added, job.updated, job.skipped, job.total) == (1, 2, 3, 6)
    assert (job.module, job.operation) == ("Leads", "upsert")
    assert job.download_url == "/v8/x.zip"


@pytest.mark.parametrize("resource", [None, [], [7], {"file": {}}, [{"file": None}]])
def test_a_write_without_counts_has_none(resource: Any) -> None:
    job = _write(resource=resource, result={"download_url": 7})

    assert (job.total, job.download_url) == (0, None)


def test_a_file_that_was_taken_has_an_id() -> None:
    body = {"status": "success", "details": {"file_id": "9"}}

    assert file_id_of(answer(body), "it") == "9"


@pytest.mark.parametrize("details", [{}, {"file_id": ""}, {"file_id": 9}, None])
def test_a_file_without_an_id_was_not_taken(details: Any) -> None:
    with pytest.raises(MalformedReplyError, match="names no file"):
        file_id_of(answer({"status": "success", "details": details}), "it")


def test_a_refusal_with_http_200_is_a_refusal() -> None:
    with pytest.raises(RefusedError) as caught:
        file_id_of(answer(fault("INVALID_FILE_FORMAT")), "it")

    assert caught.value.code == "INVALID_FILE_FORMAT"


def test_a_job_that_is_gone_is_not_found() -> None:
    gone = answer(fault("RESOURCE_NOT_FOUND", resource="7"), 404)

    for read in (read_job_of, write_job_of):
        with pytest.raises(NotFoundError):
            read(gone, "it")
