"""Bulk writes in the fake Zoho: uploads, jobs that take time, files of results.

Floor 9.
Source: Zoho CRM API v7, "Bulk Write"; Zoho's OpenAPI files for the words of the
errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast
from urllib.parse import urlsplit

from attrs import define, frozen

from crmbridge.testing._zoho.answers import Json, Refused
from crmbridge.testing._zoho.book import Book, Record
from crmbridge.testing._zoho.bulk_columns import Columns
from crmbridge.testing._zoho.bulk_files import packed, unpacked
from crmbridge.testing._zoho.bulk_jobs import KEPT, Downloads, state_of
from crmbridge.testing._zoho.fields import MODULES
from crmbridge.testing._zoho.granted import check_writing
from crmbridge.testing._zoho.metadata import ZGID, module_id
from crmbridge.testing._zoho.rights import check_rights
from crmbridge.testing._zoho.routes import API, BULK, Answer, Asked, Route
from crmbridge.testing._zoho.writes import Writes

__all__ = ["BulkWrites"]

_CREDITS: Final = 500
_MAX_BYTES: Final = 25 * 1024 * 1024
_MAX_ROWS: Final = 25_000
_MAX_COLUMNS: Final = 200
_ECHOED: Final = 3
_OPERATIONS: Final = ("insert", "update", "upsert")
_STATES: Final = ("ADDED", "INPROGRESS")
_LOOPBACK: Final = "127.0.0.1"


@frozen
class _Upload:
    """A file that was sent, and its rows, the header first."""

    id: str
    rows: list[list[str]]


@define
class _Job:
    """One job, and what became of its rows once it has run."""

    id: str
    operation: str
    columns: Columns
    upload: _Upload
    created: datetime
    created_by: Json
    results: list[tuple[str, str, str]] | None = None

    def count(self, status: str) -> int:
        """Count the rows with a status."""
        return sum(result[0] == status for result in self.results or ())


class BulkWrites:
    """Answers bulk writes.

    Args:
        book: what is written to.
        writes: writes one record.
        downloads: counts the files that are fetched.
        api_host: gives the host of the API, which takes no files.
    """

    def __init__(
        self,
        book: Book,
        writes: Writes,
        downloads: Downloads,
        api_host: Callable[[], str],
    ) -> None:
        self._book = book
        self._writes = writes
        self._downloads = downloads
        self._api_host = api_host
        self._uploads: dict[str, _Upload] = {}
        self._jobs: dict[str, _Job] = {}

    def routes(self) -> Iterator[Route]:
        """Name the addresses of this part."""
        path = f"{BULK}/write"
        yield Route("POST", f"{API}/upload", "bulk upload", self._take, scope="files")
        yield Route(
            "POST",
            path,
            "bulk write",
            self._start,
            scope="bulk",
            credits=_CREDITS,
            is_write=True,
        )
        yield Route("GET", f"{path}/{{id}}", "bulk write job", self._show, scope="bulk")
        yield Route(
            "GET",
            f"/v8/crm/org{ZGID}/bulk-write/{{id}}/{{file}}",
            "bulk write result",
            self._download,
            scope="bulk",
        )

    # --- uploading ---

    def _take(self, asked: Asked) -> Answer:
        host = urlsplit(f"//{asked.host}").hostname
        if asked.host == self._api_host() and host != _LOOPBACK:
            raise Refused(404, "INVALID_URL_PATTERN", "this host takes no files")
        if asked.headers.get("feature") != "bulk-write":
            raise Refused(400, "NOT_SUPPORTED_FEATURE", "the feature is not supported")
        if asked.headers.get("x-crm-org") != ZGID:
            raise _refused("INVALID_DATA", {"header": "X-CRM-ORG"})
        if asked.upload is None:
            raise _refused("MANDATORY_NOT_FOUND", {"api_name": "file"})
        if len(asked.upload) > _MAX_BYTES:
            raise Refused(413, "FILE_TOO_LARGE", "the file size is too large")
        now = self._book.stamp(self._book.now())
        try:
            rows = unpacked(asked.upload)
        except ValueError as error:
            # Zoho says so with HTTP 200.
            raise Refused(
                200,
                "INVALID_FILE_FORMAT",
                "invalid file format. only zip format is supported",
                {"created_time": now},
            ) from error
        upload = _Upload(self._book.new_id(), rows)
        self._uploads[upload.id] = upload
        return 200, {
            "status": "success",
            "code": "FILE_UPLOAD_SUCCESS",
            "message": "file uploaded.",
            "details": {"file_id": upload.id, "created_time": now},
        }

    # --- starting ---

    def _start(self, asked: Asked) -> Answer:
        sent: object = asked.body
        body = cast("Json", sent) if isinstance(sent, dict) else {}
        resource = _resource_of(body)
        module = _module_of(resource)
        check_writing(asked, module, str(body["operation"]))
        check_rights(module, self._book.switches)
        upload = self._uploads.get(str(resource.get("file_id")))
        if upload is None:
            raise _refused("INVALID_FILE_ID", {"api_name": "file_id"})
        if len(upload.rows) - 1 > _MAX_ROWS or not upload.rows:
            raise _refused("FILE_NOT_SUPPORTED", {"limit": _MAX_ROWS})
        header = upload.rows[0]
        if len(header) > _MAX_COLUMNS:
            raise _refused("HEADER_LIMIT_EXCEEDED", {"limit": _MAX_COLUMNS})
        columns = Columns(
            module,
            self._book.tables[module],
            resource,
            header,
            zone=self._book.zone,
            ignores_empty=body.get("ignore_empty") is True,
        )
        columns.check(str(body["operation"]))
        job = _Job(
            self._book.new_id(),
            str(body["operation"]),
            columns,
            upload,
            self._book.now(),
            self._book.current_user.signature(),
        )
        self._jobs[job.id] = job
        details = {"id": job.id, "created_by": job.created_by}
        return 201, {
            "status": "success",
            "code": "SUCCESS",
            "message": "success",
            "details": details,
        }

    # --- running ---

    def settle(self) -> None:
        """Run the jobs whose time has come."""
        for job in self._jobs.values():
            if job.results is None and self._state(job) == "COMPLETED":
                job.results = list(self._run(job))

    def _run(self, job: _Job) -> Iterator[tuple[str, str, str]]:
        for row in job.upload.rows[1:]:
            yield self._written(job, row)

    def _written(self, job: _Job, row: Sequence[str]) -> tuple[str, str, str]:
        """Write one row; give its status, its record and its errors."""
        columns = job.columns
        try:
            values = columns.values(row)
        except ValueError as error:
            return "SKIPPED", "", f"INVALID_DATA-{error}"
        found = self._known(columns, values)
        if job.operation == "insert" and found is not None:
            return "SKIPPED", "", f"DUPLICATE_DATA-{columns.find_by}"
        if job.operation == "update" and found is None:
            return "SKIPPED", "", f"RESOURCE_NOT_FOUND-{columns.find_by}"
        values.pop("id", None)
        result = self._writes.write(columns.module, values, found)
        if result["status"] != "success":
            return "SKIPPED", "", ":".join(_errors(result))
        status = "ADDED" if found is None else "UPDATED"
        return status, str(result["details"]["id"]), ""

    def _known(self, columns: Columns, values: Json) -> Record | None:
        """Give the record that a row is about, if there is one."""
        if columns.find_by is None:
            return None
        value = str(values.get(columns.find_by) or "")
        if columns.find_by == "id":
            return self._book.modules[columns.module].get(value)
        found = self._book.matches(columns.module, columns.find_by, value)
        return found[0] if found else None

    # --- looking ---

    def _show(self, asked: Asked) -> Answer:
        job = self._found(asked)
        state = self._state(job)
        module = {"api_name": job.columns.module, "id": module_id(job.columns.module)}
        file: Json = {
            "status": state,
            "name": f"{job.columns.module}.csv",
            "added_count": job.count("ADDED"),
            "skipped_count": job.count("SKIPPED"),
            "updated_count": job.count("UPDATED"),
            "total_count": len(job.upload.rows) - 1,
        }
        resource = {
            "status": state,
            "type": "data",
            "module": module,
            "field_mappings": job.columns.shown(),
            "file": file,
        }
        shown: Json = {
            "status": state,
            "character_encoding": "UTF-8",
            "resource": [resource],
            "id": job.id,
            "created_by": job.created_by,
            "operation": job.operation,
            "created_time": self._book.stamp(job.created),
        }
        if state == "COMPLETED":
            shown["result"] = {"download_url": self._address(job)}
        return 200, shown

    def _address(self, job: _Job) -> str:
        path = f"/v8/crm/org{ZGID}/bulk-write/{job.id}/{job.id}.zip"
        return f"{self._book.switches.bulk_results_at}{path}"

    def _state(self, job: _Job) -> str:
        switches = self._book.switches
        elapsed = self._book.now() - job.created
        state = state_of(elapsed, switches.bulk_seconds, _STATES)
        return state or ("FAILED" if switches.bulk_jobs_fail else "COMPLETED")

    def _found(self, asked: Asked) -> _Job:
        job = self._jobs.get(asked.id or "")
        if job is None or self._book.now() - job.created >= KEPT:
            raise Refused(
                404,
                "RESOURCE_NOT_FOUND",
                "the requested resource doesn't exist",
                {"resource": asked.id},
            )
        return job

    def _download(self, asked: Asked) -> Answer:
        self._downloads.count()
        job = self._found(asked)
        header, *rows = job.upload.rows
        echoed = job.columns.mapped[:_ECHOED]
        names = [header[place] for place in echoed]
        return 200, packed(
            f"{job.columns.module}-records.csv",
            [
                [*names, "STATUS", "RECORD_ID", "ERRORS"],
                *(
                    [*(row[place] for place in echoed), *result]
                    for row, result in zip(rows, job.results or (), strict=True)
                ),
            ],
        )


def _errors(result: Mapping[str, Any]) -> Iterator[str]:
    details = cast("Json", result["details"])
    for inner in details.get("errors", ()):
        yield from _errors(inner)
    if "errors" not in details:
        yield f"{result['code']}-{details.get('api_name', 'id')}"


def _resource_of(body: Json) -> Json:
    if body.get("operation") not in _OPERATIONS:
        raise _refused("MISSING_REQUIRED_KEY", {"json_path": "$.operation"})
    resources = body.get("resource")
    first = cast("list[object]", resources)[0] if resources else None
    if not isinstance(first, dict):
        raise _refused("MISSING_REQUIRED_KEY", {"json_path": "$.resource"})
    resource = cast("Json", first)
    if body["operation"] != "insert" and not resource.get("find_by"):
        raise Refused(
            400, "MANDATORY_NOT_FOUND", "Required key find_by is not available"
        )
    return resource


def _module_of(resource: Json) -> str:
    module = resource.get("module")
    name = cast("Json", module).get("api_name") if isinstance(module, dict) else None
    if name not in MODULES:
        raise _refused("MODULE_NOT_AVAILABLE", {"api_name": str(name)})
    return str(name)


def _refused(code: str, details: Json) -> Refused:
    return Refused(400, code, "the request is not valid", details)
