"""The calls of bulk reads: a job is started, waited for, and downloaded.

Floor 4.
A job is started once: when its start has no answer, nobody knows whether it
runs, and another one would cost 50 credits more.

Source: Zoho CRM API v7 and v8, "Bulk Read".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, BinaryIO, Final, TypeVar

from attrs import evolve, field, frozen

from crmbridge._steps import Call, Request, pause, work
from crmbridge.config import ZohoConfig
from crmbridge.errors import InvalidInputError, MalformedReplyError
from crmbridge.zoho._auth import authorised
from crmbridge.zoho._batches import unreadable
from crmbridge.zoho._bulk_jobs import (
    BULK,
    FIRST_PAUSE_SECONDS,
    check_end,
    checked_id,
    downloaded,
    look,
    waited,
)
from crmbridge.zoho._calls import module_path
from crmbridge.zoho._faults import ZOHO
from crmbridge.zoho._job_replies import read_job_of, started_read
from crmbridge.zoho._organisation import fields
from crmbridge.zoho._rows import Expected
from crmbridge.zoho.bulk_criteria import BulkCriteria, criteria_json
from crmbridge.zoho.bulk_jobs import Converted, ReadJob, ReadQuery
from crmbridge.zoho.credits import BULK_READ
from crmbridge.zoho.metadata import ZohoField
from crmbridge.zoho.records import ZohoRecord

__all__ = [
    "Reading",
    "download",
    "expected",
    "job",
    "job_file",
    "next_query",
    "one_job",
    "planned",
    "some",
    "start",
    "wait",
]

T = TypeVar("T")

_MAX_PAGES: Final = 500
_AT_ONCE: Final = 500
_FLAGS: Final = ("Converted__s", "$converted")


def start(config: ZohoConfig, query: ReadQuery) -> Call[ReadJob]:
    """Start a job; see `ZohoBulk.start_read`."""
    what = f"{query.module} bulk read"
    request = Request(
        ZOHO,
        "POST",
        f"{BULK}/read",
        name=what,
        # Zoho refuses a job without it, and other transports may leave it out.
        headers={"Content-Type": "application/json"},
        json={"query": _query_json(query), "file_type": "csv"},
        credits=BULK_READ,
    )
    reply = yield from authorised(request, config, is_repeatable=False)
    try:
        return started_read(reply, query, what)
    except MalformedReplyError as error:
        raise unreadable(what, error) from error


def job(config: ZohoConfig, job_id: str) -> Call[ReadJob]:
    """Ask how far a job is; see `ZohoBulk.read_job`."""
    path = f"{BULK}/read/{checked_id(job_id)}"
    what = f"bulk read {job_id}"
    return read_job_of((yield from look(config, path, what)), what)


def wait(config: ZohoConfig, job_id: str, *, timeout_seconds: float) -> Call[ReadJob]:
    """Wait until a job has ended; see `ZohoBulk.wait_read`."""
    return (
        yield from waited(
            lambda: job(config, job_id),
            "bulk read",
            checked_id(job_id),
            timeout_seconds=timeout_seconds,
        )
    )


def download(config: ZohoConfig, job_id: str, file: BinaryIO) -> Call[None]:
    """Download the ZIP of a job; see `ZohoBulk.download`."""
    path = f"{BULK}/read/{checked_id(job_id)}/result"
    yield from downloaded(config, path, file, f"bulk read {job_id} result")


def job_file(config: ZohoConfig, job_id: str, file: BinaryIO) -> Call[Expected]:
    """Download the file of a job that has ended, and tell what is in it.

    Raises:
        UnfinishedError: the job has not ended.
        ServiceError: Zoho could not do it.
    """
    found = yield from job(config, job_id)
    check_end(found)
    types = yield from _types(config, found.module)
    yield from download(config, job_id, file)
    return expected(found, types)


def expected(found: ReadJob, types: Mapping[str, ZohoField]) -> Expected:
    """Tell what the file of a completed job is."""
    what = f"bulk read {found.id} result"
    return Expected(what, found.module, found.fields, types, found.count)


# --- all records -------------------------------------------------------------


@frozen
class Reading:
    """A reading of all records, planned.

    Attributes:
        query: what the first job asks for.
        types: the module's fields by name.
        converted: which leads are given; ``None`` where there are none.
    """

    query: ReadQuery
    types: Mapping[str, ZohoField] = field(repr=False)
    converted: Converted | None

    def keeps(self, record: ZohoRecord) -> bool:
        """Tell whether a record is one of those that are wanted.

        Unverified: whether a file holds converted leads, and whether it can be
        asked not to; so it is asked for the flag, and looked at here.
        """
        if self.converted in {None, "both"}:
            return True
        if not record.fields.keys() & set(_FLAGS):
            raise MalformedReplyError(
                "a bulk read of all fields does not tell which leads are converted; "
                "name the fields, or ask for converted='both'",
                service=ZOHO,
            )
        return record.is_converted == (self.converted == "true")


def planned(
    config: ZohoConfig,
    module: str,
    *,
    fields: Sequence[str],
    criteria: BulkCriteria | None,
    converted: Converted,
) -> Call[Reading]:
    """Plan a reading of all records; see `ZohoBulk.records`."""
    types = yield from _types(config, module)
    has_flag = module == "Leads"
    if not has_flag and converted != "false":
        raise InvalidInputError(
            "only Leads are converted", service=ZOHO, field="converted"
        )
    names = tuple(fields)
    if has_flag and names and not set(names) & set(_FLAGS):
        names += (_FLAGS[0] if _FLAGS[0] in types else _FLAGS[1],)
    query = ReadQuery(module, names, criteria)
    return Reading(query, types, converted if has_flag else None)


def one_job(
    config: ZohoConfig, query: ReadQuery, *, timeout_seconds: float
) -> Call[ReadJob]:
    """Start a job and wait until it has ended.

    Raises:
        UnfinishedError: it has not ended in time.
    """
    started = yield from start(config, query)
    yield from pause(FIRST_PAUSE_SECONDS)
    found = yield from wait(config, started.id, timeout_seconds=timeout_seconds)
    # What was asked for is known here, whether Zoho repeats it or not.
    return evolve(found, module=query.module, fields=query.fields)


def next_query(query: ReadQuery, found: ReadJob) -> ReadQuery | None:
    """Give what the next job asks for, or ``None`` after the last."""
    if not found.has_more:
        return None
    return evolve(query, page=query.page + 1, page_token=found.next_page_token)


def some(items: Iterator[T]) -> Call[tuple[T, ...]]:
    """Take some more of what is read from a file; nothing after the last."""
    return (yield from work(lambda: tuple(islice(items, _AT_ONCE))))


def _types(config: ZohoConfig, module: str) -> Call[Mapping[str, ZohoField]]:
    return {known.api_name: known for known in (yield from fields(config, module))}


def _query_json(query: ReadQuery) -> dict[str, Any]:
    module_path(query.module)
    if not 1 <= query.page <= _MAX_PAGES:
        raise InvalidInputError(
            f"page must be 1 to {_MAX_PAGES}", service=ZOHO, field="page"
        )
    if len(set(query.fields)) != len(query.fields):
        raise InvalidInputError("a field is named twice", service=ZOHO, field="fields")
    asked: dict[str, Any] = {"module": {"api_name": query.module}}
    if query.fields:
        asked["fields"] = list(query.fields)
    if query.criteria is not None:
        asked["criteria"] = criteria_json(query.criteria)
    if query.page_token is not None:
        asked["page_token"] = query.page_token
    else:
        asked["page"] = query.page
    return asked
