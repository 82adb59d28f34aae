"""The calls of bulk writes: a file is uploaded, a job started, results read.

Floor 4.
A job is started once: when its start has no answer, nobody knows whether it
runs, and a second one would make every record twice.

Source: Zoho CRM API v7, "Bulk Write".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import islice
from typing import Any, BinaryIO, Final

from crmbridge._steps import Call, Request, Upload, pause, work
from crmbridge.config import ZohoConfig
from crmbridge.errors import (
    CrmbridgeError,
    InvalidInputError,
    MalformedReplyError,
    OutcomeUnknownError,
    UnfinishedError,
)
from crmbridge.zoho._archive import damaged
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
from crmbridge.zoho._calls import API
from crmbridge.zoho._cells import ID, Column
from crmbridge.zoho._faults import ZOHO
from crmbridge.zoho._job_replies import file_id_of, started_write, write_job_of
from crmbridge.zoho._job_results import results_of
from crmbridge.zoho._organisation import fields as module_fields
from crmbridge.zoho._organisation import organization
from crmbridge.zoho._sheets import MAX_COLUMNS, MAX_ROWS, Row, Shape, Sheet, Sheets
from crmbridge.zoho.bulk_jobs import BulkOperation, WriteJob
from crmbridge.zoho.credits import BULK_WRITE, CALL
from crmbridge.zoho.results import WriteResult, WriteStatus

__all__ = [
    "check_size",
    "download",
    "job",
    "packed",
    "shaped",
    "start_one",
    "wait",
    "written",
]

_AT_ONCE: Final = 500

_OPERATIONS: Final = ("insert", "update", "upsert")


def shaped(
    config: ZohoConfig,
    module: str,
    *,
    operation: BulkOperation,
    fields: Sequence[str],
    find_by: str | None,
    ignore_empty: bool,
) -> Call[Shape]:
    """Plan how records become rows; see `ZohoBulk.write`."""
    known = yield from module_fields(config, module)
    kinds = {one.api_name: one.data_type for one in known} | {"id": ID}
    if operation == "update" and find_by is None:
        find_by = "id"
    _check_shape(operation, fields, find_by)
    for name in fields:
        if name not in kinds:
            raise _wrong(f"{module} has no field {name}", "fields")
    # Zoho repeats the first columns in its results; the telling one goes first.
    names = sorted(fields, key=lambda name: name != find_by)
    columns = tuple(Column(name, kinds[name]) for name in names)
    return Shape(module, operation, columns, find_by, ignore_empty)


def _start(config: ZohoConfig, shape: Shape, sheet: Sheet) -> Call[WriteJob]:
    """Upload a file and start its job; see `ZohoBulk.start_write`."""
    organisation = yield from organization(config)
    file_id = yield from _uploaded(config, shape, sheet, organisation.zgid)
    return (yield from _started(config, shape, file_id))


def start_one(
    config: ZohoConfig, shape: Shape, sheets: Sequence[Sheet]
) -> Call[WriteJob]:
    """Start the job of the one sheet that there has to be."""
    if len(sheets) != 1:
        raise _wrong(f"one job takes 1 to {MAX_ROWS} records, and 25 MB", "rows")
    return (yield from _start(config, shape, sheets[0]))


def job(config: ZohoConfig, job_id: str) -> Call[WriteJob]:
    """Ask how far a job is; see `ZohoBulk.write_job`."""
    path = f"{BULK}/write/{checked_id(job_id)}"
    what = f"bulk write {job_id}"
    return write_job_of((yield from look(config, path, what)), what)


def wait(config: ZohoConfig, job_id: str, *, timeout_seconds: float) -> Call[WriteJob]:
    """Wait until a job has ended; see `ZohoBulk.wait_write`."""
    return (
        yield from waited(
            lambda: job(config, job_id),
            "bulk write",
            checked_id(job_id),
            timeout_seconds=timeout_seconds,
        )
    )


def download(config: ZohoConfig, job_id: str, file: BinaryIO) -> Call[WriteJob]:
    """Download the results of a job that has ended; see `ZohoBulk.write_results`."""
    found = yield from job(config, job_id)
    check_end(found)
    yield from _results(config, found, file)
    return found


# --- any number of records -----------------------------------------------------


def packed(sheets: Sheets, rows: Iterable[Row]) -> Call[tuple[Sheet, ...]]:
    """Pack all rows, some at a time; see `Sheets`."""
    left = iter(rows)
    while some := tuple(islice(left, _AT_ONCE)):
        yield from work(partial(sheets.add, some))
    return (yield from work(sheets.finish))


def written(
    config: ZohoConfig,
    shape: Shape,
    sheets: Sequence[Sheet],
    file: BinaryIO,
    *,
    timeout_seconds: float,
) -> Call[tuple[WriteResult, ...]]:
    """Write all sheets, one after the other; see `ZohoBulk.write`.

    After an error no further job is started, and the rest stays unsent.

    Args:
        config: whose records.
        shape: what the sheets are.
        sheets: what to write.
        file: takes the results of one job after the other.
        timeout_seconds: how long to wait for each job.

    Raises:
        CrmbridgeError: the first job failed, so nothing is known of any record.
    """
    results: list[WriteResult] = []
    left = deque(sheets)
    error: CrmbridgeError | None = None
    while left and error is None:
        sheet = left.popleft()
        try:
            started = yield from _start(config, shape, sheet)
            results += yield from _finished(
                config, started, sheet, file, timeout_seconds
            )
        except CrmbridgeError as failure:
            error = failure
            if not results:
                raise
            results += _failed(error, sheet)
    for sheet in left:
        results += (WriteResult(WriteStatus.UNSENT, error=error),) * sheet.rows
    return tuple(results)


def _finished(
    config: ZohoConfig,
    started: WriteJob,
    sheet: Sheet,
    file: BinaryIO,
    timeout_seconds: float,
) -> Call[tuple[WriteResult, ...]]:
    """Give the results of a job that was started; its id is never lost.

    Raises:
        UnfinishedError: the job has not ended in time.
        OutcomeUnknownError: its results could not be had.
    """
    what = f"bulk write {started.id} result"
    try:
        yield from pause(FIRST_PAUSE_SECONDS)
        found = yield from wait(config, started.id, timeout_seconds=timeout_seconds)
        yield from _results(config, found, file)
        return (yield from work(partial(results_of, sheet, file, what)))
    except (OutcomeUnknownError, UnfinishedError):
        raise
    except CrmbridgeError as error:
        unknown = OutcomeUnknownError(
            f"{what}: the job was started, and what it did could not be read; ask for "
            "its results by its id before you write again",
            service=ZOHO,
            status=error.status,
            code=error.code,
        )
        unknown.job_id = started.id
        raise unknown from error


def _failed(error: CrmbridgeError, sheet: Sheet) -> tuple[WriteResult, ...]:
    """Give the results of records whose job gave none."""
    is_unknown = isinstance(error, (OutcomeUnknownError, UnfinishedError))
    status = WriteStatus.UNKNOWN if is_unknown else WriteStatus.UNSENT
    return (WriteResult(status, error.code or "", error=error),) * sheet.rows


def _results(config: ZohoConfig, found: WriteJob, file: BinaryIO) -> Call[None]:
    what = f"bulk write {found.id} result"
    if found.download_url is None:
        raise damaged(what, "the answer tells no address of a completed job's results")
    try:
        yield from downloaded(config, found.download_url, file, what)
    except InvalidInputError as error:
        # The address is Zoho's word, and the token does not follow it anywhere.
        raise damaged(what, "it is said to lie at an address not of Zoho's") from error


def _uploaded(
    config: ZohoConfig, shape: Shape, sheet: Sheet, organisation: str
) -> Call[str]:
    what = f"{shape.module} bulk upload"
    request = Request(
        ZOHO,
        "POST",
        f"{config.upload_base}{API}/upload",
        name=what,
        headers={"feature": "bulk-write", "X-CRM-ORG": organisation},
        upload=Upload(sheet.file, f"{shape.module}.zip"),
        credits=CALL,
    )
    # A file that is uploaded twice and used once does no harm.
    reply = yield from authorised(request, config, is_repeatable=True)
    return file_id_of(reply, what)


def _started(config: ZohoConfig, shape: Shape, file_id: str) -> Call[WriteJob]:
    what = f"{shape.module} bulk write"
    request = Request(
        ZOHO,
        "POST",
        f"{BULK}/write",
        name=what,
        headers={"Content-Type": "application/json"},
        json=_job_json(shape, file_id),
        credits=BULK_WRITE,
    )
    reply = yield from authorised(request, config, is_repeatable=False)
    try:
        return started_write(reply, shape.module, shape.operation, what)
    except MalformedReplyError as error:
        raise unreadable(what, error) from error


def _job_json(shape: Shape, file_id: str) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "type": "data",
        "module": {"api_name": shape.module},
        "file_id": file_id,
        "field_mappings": [
            column.mapping(index) for index, column in enumerate(shape.columns)
        ],
    }
    if shape.find_by is not None:
        resource["find_by"] = shape.find_by
    return {
        "operation": shape.operation,
        "character_encoding": "UTF-8",
        # Zoho's own default empties fields.
        "ignore_empty": shape.ignore_empty,
        "resource": [resource],
    }


def check_size(rows_per_job: int) -> None:
    """Refuse jobs that are too small or too large.

    Raises:
        InvalidInputError: that is so.
    """
    if not 1 <= rows_per_job <= MAX_ROWS:
        raise _wrong(f"it must be 1 to {MAX_ROWS}", "rows_per_job")


def _check_shape(
    operation: BulkOperation, fields: Sequence[str], find_by: str | None
) -> None:
    if operation not in _OPERATIONS:
        raise _wrong(f"it must be one of {', '.join(_OPERATIONS)}", "operation")
    if not 1 <= len(fields) <= MAX_COLUMNS or len(set(fields)) != len(fields):
        raise _wrong(f"name 1 to {MAX_COLUMNS} fields, each once", "fields")
    if operation != "insert" and find_by is None:
        raise _wrong("an upsert needs it, such as Email", "find_by")
    if find_by is not None and find_by not in fields:
        raise _wrong("it has to be among the fields", "find_by")


def _wrong(problem: str, name: str) -> InvalidInputError:
    return InvalidInputError(f"{name}: {problem}", service=ZOHO, field=name)
