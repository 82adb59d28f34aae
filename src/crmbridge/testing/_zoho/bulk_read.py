"""Bulk reads in the fake Zoho: jobs that take time, and zipped CSV files.

Floor 9.
Source: Zoho CRM API v7 and v8, "Bulk Read"; Zoho's OpenAPI files for the words of
the errors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final, cast

from attrs import define

from crmbridge.testing._zoho.answers import Json, Refused
from crmbridge.testing._zoho.book import Book, Record
from crmbridge.testing._zoho.bulk_criteria import Holds, read_criteria
from crmbridge.testing._zoho.bulk_files import cell, packed
from crmbridge.testing._zoho.bulk_jobs import KEPT, Downloads, state_of
from crmbridge.testing._zoho.fields import MODULES
from crmbridge.testing._zoho.granted import check_reading
from crmbridge.testing._zoho.metadata import module_id
from crmbridge.testing._zoho.rights import check_rights
from crmbridge.testing._zoho.routes import BULK, Answer, Asked, Route

__all__ = ["BulkReads"]

_CREDITS: Final = 50
_MAX_PAGES: Final = 500
_AT_ONCE: Final = 1000
_STATES: Final = ("ADDED", "QUEUED", "IN PROGRESS")
_FLAG: Final = "$converted"


@define
class _Job:
    """One job, and the records that it found when it was made."""

    id: str
    module: str
    names: tuple[str, ...]
    query: Json
    page: int
    records: Sequence[Record]
    has_more: bool
    created: datetime
    created_by: Json
    token: str | None = None
    file: bytes | None = None


@define
class _Ticket:
    """What a page token leads to: the same query, beyond a record."""

    query: Json
    page: int
    beyond: int
    ends_at: datetime


class BulkReads:
    """Answers bulk reads.

    Args:
        book: what there is to read.
        downloads: counts the files that are fetched.
    """

    def __init__(self, book: Book, downloads: Downloads) -> None:
        self._book = book
        self._downloads = downloads
        self._jobs: dict[str, _Job] = {}
        self._tickets: dict[str, _Ticket] = {}

    def routes(self) -> Iterator[Route]:
        """Name the addresses of this part."""
        path = f"{BULK}/read"
        yield Route(
            "POST", path, "bulk read", self._start, scope="bulk", credits=_CREDITS
        )
        one = f"{path}/{{id}}"
        yield Route("GET", one, "bulk read job", self._show, scope="bulk")
        yield Route(
            "GET", f"{one}/result", "bulk read result", self._download, scope="bulk"
        )

    # --- starting ---

    def _start(self, asked: Asked) -> Answer:
        query = _query_of(asked)
        module = _module_of(query)
        check_reading(asked, module)
        check_rights(module, self._book.switches)
        names = self._names(module, query.get("fields"))
        page, beyond = self._place(query)
        holds = self._criteria(module, query)
        size = self._book.switches.bulk_page_size
        skipped = 0 if "page_token" in query else (page - 1) * size
        chosen = islice(self._chosen(module, holds, beyond), skipped, None)
        records = list(islice(chosen, size))
        job = _Job(
            self._book.new_id(),
            module,
            names,
            {key: query[key] for key in ("fields", "criteria") if key in query},
            page,
            records,
            has_more=next(chosen, None) is not None,
            created=self._book.now(),
            created_by=self._book.current_user.signature(),
        )
        if job.has_more:
            job.token = self._new_token(job)
        self._jobs[job.id] = job
        return 201, {"data": [self._added(job)], "info": {}}

    def _names(self, module: str, fields: object) -> tuple[str, ...]:
        """Give the columns: what was asked for, and ``id`` always."""
        table = self._book.tables[module]
        if not isinstance(fields, list) or not fields:
            return ("id", *table)
        names = [str(name) for name in cast("list[object]", fields)]
        for name in names:
            is_flag = name == _FLAG and module == "Leads"
            is_known = name == "id" or name.partition(".")[0] in table
            if not (is_known or is_flag):
                raise _refused("FIELD_NOT_AVAILABLE", {"api_name": name})
        return tuple(dict.fromkeys(["id", *names]))

    def _place(self, query: Json) -> tuple[int, int | None]:
        """Give the page that is asked for, and beyond which id it lies."""
        if "page_token" not in query:
            page = query.get("page") or 1
            if not isinstance(page, int) or not 1 <= page <= _MAX_PAGES:
                raise _refused("PAGE_RANGE_EXCEEDED", {"max_limit": _MAX_PAGES})
            return page, None
        if "page" in query:
            raise _refused("INVALID_REQUEST", {"ambiguity_due_to": ["page"]})
        ticket = self._tickets.get(str(query["page_token"]))
        if ticket is None or ticket.query != _without_place(query):
            raise _refused("INVALID_DATA", {"api_name": "page_token"})
        if ticket.ends_at <= self._book.now():
            raise _refused("EXPIRED_VALUE", {"api_name": "page_token"})
        return ticket.page, ticket.beyond

    def _criteria(self, module: str, query: Json) -> Holds:
        if query.get("criteria") is None:
            return lambda _: True
        table = self._book.tables[module]
        kinds = {spec.name: spec.type for spec in table.values()} | {"id": "text"}
        if module == "Leads":
            kinds[_FLAG] = "boolean"
        return read_criteria(query["criteria"], kinds)

    def _chosen(
        self, module: str, holds: Holds, beyond: int | None
    ) -> Iterator[Record]:
        shelf = self._book.modules[module]
        has_converted = self._book.switches.bulk_includes_converted
        for record in shelf.walk("id", is_descending=False, beyond=beyond):
            is_there = not record.is_hidden and (
                record.converted is None or has_converted
            )
            if is_there and holds(self._values_of(record)):
                yield record

    def _values_of(self, record: Record) -> Callable[[str], Any]:
        return lambda name: self._value(record, name)

    def _new_token(self, job: _Job) -> str:
        query = {"module": {"api_name": job.module}, **job.query}
        token = hashlib.sha512(f"bulk {job.id}".encode()).hexdigest()
        ends_at = self._book.now() + KEPT
        beyond = int(job.records[-1].id)
        self._tickets[token] = _Ticket(query, job.page + 1, beyond, ends_at)
        return token

    def _added(self, job: _Job) -> Json:
        return {
            "status": "success",
            "code": "ADDED_SUCCESSFULLY",
            "message": "Added successfully.",
            "details": {
                "id": job.id,
                "operation": "read",
                "state": "ADDED",
                "created_by": job.created_by,
                "created_time": self._book.stamp(job.created),
            },
        }

    # --- looking ---

    def _show(self, asked: Asked) -> Answer:
        job = self._found(asked)
        state = self._state(job)
        module = {"api_name": job.module, "id": module_id(job.module)}
        shown: Json = {
            "id": job.id,
            "operation": "read",
            "state": state,
            "query": {"module": module, **job.query, "page": job.page},
            "created_by": job.created_by,
            "created_time": self._book.stamp(job.created),
            "file_type": "csv",
        }
        is_early = state in _STATES and self._book.switches.shows_bulk_result_early
        if state == "COMPLETED" or is_early:
            shown["result"] = self._result(job)
        return 200, {"data": [shown]}

    def _result(self, job: _Job) -> Json:
        result: Json = {
            "page": job.page,
            "per_page": self._book.switches.bulk_page_size,
            "count": len(job.records),
            "download_url": f"{BULK}/read/{job.id}/result",
            "more_records": job.has_more,
        }
        if job.token is not None and self._book.switches.gives_bulk_page_tokens:
            result["next_page_token"] = job.token
        return result

    def _state(self, job: _Job) -> str:
        switches = self._book.switches
        elapsed = self._book.now() - job.created
        state = state_of(elapsed, switches.bulk_seconds, _STATES)
        return state or ("FAILURE" if switches.bulk_jobs_fail else "COMPLETED")

    def _found(self, asked: Asked) -> _Job:
        job = self._jobs.get(asked.id or "")
        if job is not None and self._book.now() - job.created >= KEPT:
            del self._jobs[job.id]
            job = None
        if job is None:
            raise _absent(asked)
        return job

    # --- files ---

    def _download(self, asked: Asked) -> Answer:
        self._downloads.count()
        job = self._found(asked)
        if self._state(job) != "COMPLETED":
            raise _absent(asked)
        if not job.records and self._book.switches.empty_bulk_file == "no zip":
            return 200, b""
        if job.file is None:
            job.file = packed(f"{job.id}.csv", self._rows(job))
        return 200, job.file

    def _rows(self, job: _Job) -> Iterator[Sequence[str]]:
        if not job.records and self._book.switches.empty_bulk_file == "no header":
            return
        yield job.names
        plain = [name for name in job.names if "." not in name]
        for start in range(0, len(job.records), _AT_ONCE):
            some = job.records[start : start + _AT_ONCE]
            for record, shown in zip(
                some, self._book.show_all(some, plain), strict=True
            ):
                yield [
                    cell(shown[name] if name in shown else self._value(record, name))
                    for name in job.names
                ]

    def _value(self, record: Record, name: str) -> Any:
        """Give a value, also of the record that a lookup leads to."""
        first, dot, rest = name.partition(".")
        value = self._book.show(record, [first]).get(first)
        if not dot:
            return value
        if first == "Owner":
            return self._of_user(record.owner_id, rest)
        account_id = cast("Json", value).get("id") if isinstance(value, dict) else ""
        account = self._book.modules["Accounts"].get(str(account_id))
        return None if account is None else self._book.show(account, [rest]).get(rest)

    def _of_user(self, user_id: str, name: str) -> str | None:
        user = self._book.users[user_id]
        first, _, last = user.full_name.partition(" ")
        return {
            "id": user.id,
            "email": user.email,
            "first_name": first,
            "last_name": last or first,
        }.get(name)


def _query_of(asked: Asked) -> Json:
    if "json" not in asked.headers.get("content-type", ""):
        raise Refused(
            415, "MEDIA_TYPE_NOT_SUPPORTED", "the media type is not supported"
        )
    body: object = asked.body
    query = cast("Json", body).get("query") if isinstance(body, dict) else None
    if not isinstance(query, dict):
        raise _refused("REQUEST_BODY_IS_EMPTY", {})
    return cast("Json", query)


def _module_of(query: Json) -> str:
    module = query.get("module")
    name = cast("Json", module).get("api_name") if isinstance(module, dict) else None
    if name not in MODULES:
        raise _refused("MODULE_NOT_AVAILABLE", {"module": str(name)})
    return str(name)


def _without_place(query: Json) -> Json:
    named: Json = {key: query[key] for key in ("fields", "criteria") if key in query}
    return {"module": {"api_name": _module_of(query)}, **named}


def _refused(code: str, details: Json) -> Refused:
    return Refused(400, code, "the request is not valid", details)


def _absent(asked: Asked) -> Refused:
    return Refused(
        404,
        "RESOURCE_NOT_FOUND",
        "the requested resource doesn't exist",
        {"resource": asked.id},
    )
