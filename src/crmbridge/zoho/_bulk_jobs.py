"""What bulk reads and bulk writes share: waiting for a job, and its file.

Floor 4.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import BinaryIO, Final, NoReturn, TypeVar

from attrs import evolve

from crmbridge._polling import until_answered
from crmbridge._steps import Call, Reply, Request, pause
from crmbridge.config import ZohoConfig
from crmbridge.errors import (
    CreditsExhaustedError,
    InvalidInputError,
    OutcomeUnknownError,
    ServiceError,
    ThrottledError,
    UnfinishedError,
)
from crmbridge.zoho._archive import damaged
from crmbridge.zoho._auth import authorised
from crmbridge.zoho._faults import EMPTY, ZOHO, raise_fault
from crmbridge.zoho._replies import body_of
from crmbridge.zoho.bulk_jobs import JobState, ReadJob, WriteJob
from crmbridge.zoho.credits import CALL

__all__ = [
    "BULK",
    "FIRST_PAUSE_SECONDS",
    "check_end",
    "checked_id",
    "downloaded",
    "look",
    "waited",
]

BULK: Final = "/crm/bulk/v8"
FIRST_PAUSE_SECONDS: Final = 2.0
_MINUTE_SECONDS: Final = 60.0
_DOWNLOAD_ATTEMPTS: Final = 4
_LONGEST_REFUSAL: Final = 64 * 1024

Job = TypeVar("Job", ReadJob, WriteJob)


def checked_id(job_id: str) -> str:
    """Give a job's id.

    Raises:
        InvalidInputError: it is none.
    """
    if not (job_id.isascii() and job_id.isdigit()):
        raise InvalidInputError(
            "a job's id is a text of digits", service=ZOHO, field="job_id"
        )
    return job_id


def _kind_of(what: str) -> str:
    """Give what counters call it: all jobs alike, so without the id."""
    return " ".join(word for word in what.split() if not word.isdigit())


def look(config: ZohoConfig, path: str, what: str) -> Call[Reply]:
    """Ask Zoho how far a job is."""
    request = Request(ZOHO, "GET", path, name=_kind_of(what), credits=CALL)
    return (yield from authorised(request, config, is_repeatable=True))


def waited(
    asked: Callable[[], Call[Job]], what: str, job_id: str, *, timeout_seconds: float
) -> Call[Job]:
    """Ask for a job until it has ended, ever less often; costs a request each.

    Args:
        asked: asks for it once.
        what: ``"bulk read"`` or ``"bulk write"``.
        job_id: the job.
        timeout_seconds: how long to go on asking.

    Raises:
        UnfinishedError: it has not ended by then; it goes on, and may be
            asked for again by its id.
        CrmbridgeError: Zoho could not do it; see `check_success`.
    """

    def ended() -> Call[Job | None]:
        job = yield from asked()
        return job if job.state.is_final else None

    job = yield from until_answered(
        ended,
        timeout_seconds=timeout_seconds,
        service=ZOHO,
        what=f"{what} {job_id}",
        job_id=job_id,
    )
    check_success(job)
    return job


def check_success(job: ReadJob | WriteJob) -> None:
    """Raise the error of a job that failed and left no results.

    Raises:
        ServiceError: a bulk read failed; another one may be started.
        OutcomeUnknownError: a bulk write failed; some of its records may have
            been written.
    """
    if job.state is not JobState.FAILED:
        return
    if isinstance(job, ReadJob):
        raise ServiceError(
            f"bulk read {job.id}: Zoho could not do it; start another", service=ZOHO
        )
    if job.download_url is None:
        error = OutcomeUnknownError(
            f"bulk write {job.id}: Zoho could not do it, or not all of it; look before "
            "writing again",
            service=ZOHO,
        )
        error.job_id = job.id
        raise error


def check_end(job: ReadJob | WriteJob) -> None:
    """Raise the error of a job that has not ended, or failed.

    Raises:
        UnfinishedError: it has not ended.
        CrmbridgeError: Zoho could not do it; see `check_success`.
    """
    if not job.state.is_final:
        kind = "bulk read" if isinstance(job, ReadJob) else "bulk write"
        raise UnfinishedError(
            f"{kind} {job.id}: it is {job.state.value.lower()}; wait until it has "
            "ended, and take it up again",
            service=ZOHO,
            job_id=job.id,
        )
    check_success(job)


def downloaded(
    config: ZohoConfig,
    address: str,
    file: BinaryIO,
    what: str,
) -> Call[None]:
    """Write a job's file into a file of ours; an empty answer leaves it empty.

    Zoho gives 10 files a minute, so a refusal to give more is waited out.

    Raises:
        ThrottledError: it went on refusing.
        MalformedReplyError: something else came instead of a file.
        NotFoundError: there is no such file, or no longer.
    """
    request = Request(
        ZOHO, "GET", address, name=_kind_of(what), into=file, credits=CALL
    )
    attempts = _DOWNLOAD_ATTEMPTS
    while True:
        try:
            reply = yield from authorised(request, config, is_repeatable=True)
            break
        except CreditsExhaustedError:
            raise
        except ThrottledError as error:
            attempts -= 1
            asked = error.retry_after_seconds or 0.0
            if not attempts or asked > config.retry.longest_delay_seconds:
                raise
            yield from pause(asked or _MINUTE_SECONDS)
    _check_file(reply, file, what)


def _check_file(reply: Reply, file: BinaryIO, what: str) -> None:
    if reply.status in EMPTY:
        file.seek(0)
        file.truncate()
    elif reply.status != HTTPStatus.OK:
        _raise_refusal(reply, what)
    elif "json" in reply.headers.get("content-type", ""):
        # A refusal may come with HTTP 200, and then lies where the file should.
        file.seek(0)
        _raise_refusal(evolve(reply, body=file.read(_LONGEST_REFUSAL)), what)


def _raise_refusal(reply: Reply, what: str) -> NoReturn:
    body = body_of(reply, what)
    raise_fault(reply, body or {}, what)
    raise damaged(what, f"HTTP {reply.status} came instead of a file")
