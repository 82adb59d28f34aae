"""What Zoho tells of bulk jobs and of the files that belong to them.

Floor 3.
A job's ``state`` decides, never the presence of a ``result``: the vendor's
samples show one before the job has ended.

Source: Zoho CRM API v7 and v8, "Bulk Read" and "Bulk Write".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NoReturn, cast

from crmbridge._steps import Reply
from crmbridge.errors import MalformedReplyError
from crmbridge.zoho._faults import ZOHO, Json, details_of, raise_fault, safe_word
from crmbridge.zoho._replies import body_of, listing_of, time_of
from crmbridge.zoho.bulk_jobs import JobState, ReadJob, ReadQuery, WriteJob

__all__ = ["file_id_of", "read_job_of", "started_read", "started_write", "write_job_of"]

# Reads say "IN PROGRESS" and "FAILURE", writes "INPROGRESS" and "FAILED"; the
# pages of some versions have them the other way round.
_STATES: Final[Mapping[str, JobState]] = {
    **{state.value: state for state in JobState},
    "INPROGRESS": JobState.IN_PROGRESS,
    "FAILED": JobState.FAILED,
}


def started_read(reply: Reply, query: ReadQuery, what: str) -> ReadJob:
    """Read the answer to the start of a bulk read.

    Raises:
        MalformedReplyError: it names no job.
        CrmbridgeError: the job was refused.
    """
    rows = listing_of(reply, "data", what).rows
    details = details_of(rows[0]) if rows else {}
    return ReadJob(
        _id(details, what),
        _state(details.get("state", "ADDED"), what),
        module=query.module,
        fields=query.fields,
        page=query.page,
        created_time=time_of(details.get("created_time")),
    )


def read_job_of(reply: Reply, what: str) -> ReadJob:
    """Read what Zoho tells of a bulk read.

    Raises:
        MalformedReplyError: it is no job, or in a state that nobody knows.
        NotFoundError: there is no such job, or no longer.
    """
    rows = listing_of(reply, "data", what).rows
    if not rows:
        _refuse(what, "tells of no job")
    job = rows[0]
    state = _state(job.get("state"), what)
    query = _object(job, "query")
    result = _object(job, "result") if state is JobState.COMPLETED else {}
    if state is JobState.COMPLETED and not result:
        _refuse(what, "tells no result of a completed job")
    token = result.get("next_page_token")
    return ReadJob(
        _id(job, what),
        state,
        module=_text(_object(query, "module"), "api_name"),
        fields=tuple(_texts(query.get("fields"))),
        page=_count(query, "page") or 1,
        count=_count(result, "count"),
        has_more=result.get("more_records") is True,
        next_page_token=token if isinstance(token, str) and token else None,
        created_time=time_of(job.get("created_time")),
    )


def file_id_of(reply: Reply, what: str) -> str:
    """Read the id of an uploaded file; the HTTP status says little.

    Raises:
        MalformedReplyError: it names no file.
        CrmbridgeError: the file was refused.
    """
    details = details_of(_single(reply, what))
    file_id = details.get("file_id")
    if not isinstance(file_id, str) or not file_id:
        _refuse(what, "names no file")
    return file_id


def started_write(reply: Reply, module: str, operation: str, what: str) -> WriteJob:
    """Read the answer to the start of a bulk write.

    Raises:
        MalformedReplyError: it names no job.
        CrmbridgeError: the job was refused.
    """
    details = details_of(_single(reply, what))
    return WriteJob(_id(details, what), JobState.ADDED, module, operation)


def write_job_of(reply: Reply, what: str) -> WriteJob:
    """Read what Zoho tells of a bulk write.

    Raises:
        MalformedReplyError: it is no job, or in a state that nobody knows.
        NotFoundError: there is no such job, or no longer.
    """
    job = _single(reply, what)
    resources = job.get("resource")
    rows = cast("list[object]", resources) if isinstance(resources, list) else []
    resource = cast("Json", rows[0]) if rows and isinstance(rows[0], dict) else {}
    file = _object(resource, "file")
    url = _object(job, "result").get("download_url")
    return WriteJob(
        _id(job, what),
        _state(job.get("status"), what),
        module=_text(_object(resource, "module"), "api_name"),
        operation=_text(job, "operation"),
        added=_count(file, "added_count") or 0,
        updated=_count(file, "updated_count") or 0,
        skipped=_count(file, "skipped_count") or 0,
        total=_count(file, "total_count") or 0,
        download_url=url if isinstance(url, str) and url else None,
    )


def _single(reply: Reply, what: str) -> Json:
    body = body_of(reply, what)
    if body is None:
        _refuse(what, "is empty")
    raise_fault(reply, body, what)
    return body


def _state(word: object, what: str) -> JobState:
    state = _STATES.get(word) if isinstance(word, str) else None
    if state is None:
        _refuse(what, f"names an unknown state: {safe_word(word) or 'no word'}")
    return state


def _id(holder: Mapping[str, Any], what: str) -> str:
    found = holder.get("id")
    if not isinstance(found, str) or not found.isascii() or not found.isdigit():
        _refuse(what, "names no job")
    return found


def _object(holder: Mapping[str, Any], name: str) -> Json:
    found = holder.get(name)
    return cast("Json", found) if isinstance(found, dict) else {}


def _text(holder: Mapping[str, Any], name: str) -> str:
    found = holder.get(name)
    return found if isinstance(found, str) else ""


def _texts(values: object) -> list[str]:
    rows = cast("list[object]", values) if isinstance(values, list) else []
    return [row for row in rows if isinstance(row, str)]


def _count(holder: Mapping[str, Any], name: str) -> int | None:
    found = holder.get(name)
    is_count = isinstance(found, int) and not isinstance(found, bool) and found >= 0
    return cast("int", found) if is_count else None


def _refuse(what: str, problem: str) -> NoReturn:
    raise MalformedReplyError(f"{what}: the answer {problem}", service=ZOHO)
