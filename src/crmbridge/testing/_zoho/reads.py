"""The reading endpoints of the fake Zoho.

Floor 9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import frozen

from crmbridge.testing._zoho.answers import Json, Refused
from crmbridge.testing._zoho.book import Book, Deleted, Record
from crmbridge.testing._zoho.routes import API, Answer, Asked, Route

__all__ = [
    "Query",
    "Reads",
    "field_names",
    "invalid_param",
    "page_size",
    "since_of",
    "whole_number",
]

_PAGE: Final = 200
_MAX_FIELDS: Final = 50
_TOKEN_LIFE: Final = timedelta(hours=24)
_KEPT: Final = {False: timedelta(days=60), True: timedelta(days=120)}
Query = Mapping[str, str]
Binding = tuple[tuple[str, str], ...]


@frozen
class _Ticket:
    """Where a page token leads, and what it is bound to."""

    bound_to: tuple[tuple[str, str], ...]
    rank: int
    last_id: int
    ends_at: datetime


class Reads:
    """Lists, records, deletions; holds the page tokens."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._tickets: dict[str, _Ticket] = {}

    def routes(self) -> Iterator[Route]:
        """Name the addresses of this part."""
        yield Route("GET", f"{API}/{{module}}/deleted", "deleted", self._deleted)
        yield Route("GET", f"{API}/{{module}}/{{id}}", "one", self._one)
        yield Route("GET", f"{API}/{{module}}", "list", self._list)

    def _list(self, asked: Asked) -> Answer:
        since = asked.headers.get("if-modified-since")
        return self.page(asked.module, asked.query, since)

    def _one(self, asked: Asked) -> Answer:
        return self.one(asked.module, asked.id or "", asked.query)

    def _deleted(self, asked: Asked) -> Answer:
        since = asked.headers.get("if-modified-since")
        return self.deleted(asked.module, asked.query, since)

    # --- records ---

    def page(self, module: str, query: Query, since: str | None) -> Answer:
        """Answer one page of records."""
        names = field_names(query)
        if "ids" in query:
            return self._some(module, query, names)
        if names is None:
            raise Refused(
                400,
                "REQUIRED_PARAM_MISSING",
                "One of the expected parameter is missing",
                {"param_name": "fields"},
            )
        self._check_ambiguity(query)
        size = page_size(self._book, query)
        records = self._chosen(module, query, since)
        if since is not None and not records:
            return self._book.switches.nothing_new_status, None
        bound_to = self._binding(module, query, since)
        start, rank = self._start(query, bound_to, size, records)
        shown = records[start : start + size]
        if not shown:
            return 204, None
        token = None
        if start + size < len(records):
            token = self._new_token(bound_to, rank + size, int(shown[-1].id))
        return 200, {
            "data": [self._book.show(record, names) for record in shown],
            "info": self._info(query, size, len(shown), token),
        }

    def one(self, module: str, record_id: str, query: Query) -> Answer:
        """Answer one record, whole unless fields are named."""
        record = self._book.modules[module].get(record_id)
        if record is None or not _is_visible(record, query):
            return self._absent(record, [record_id])
        return 200, {"data": [self._book.show(record, field_names(query))]}

    def _some(self, module: str, query: Query, names: Sequence[str] | None) -> Answer:
        ids = query["ids"].split(",")
        found = [self._book.modules[module].get(record_id) for record_id in ids]
        if None in found and self._book.switches.unknown_ids == "refuse":
            return self._absent(None, ids)
        rows = [
            self._book.show(record, names)
            for record in found
            if record is not None and _is_visible(record, query)
        ]
        return (200, {"data": rows, "info": _whole(len(rows))}) if rows else (204, None)

    def _absent(self, record: Record | None, ids: Sequence[str]) -> Answer:
        if record is None and self._book.switches.unknown_ids == "refuse":
            raise Refused(
                400,
                "INVALID_DATA",
                "the id given seems to be invalid",
                {"id": ids[0]},
            )
        return 204, None

    def _chosen(self, module: str, query: Query, since: str | None) -> list[Record]:
        records = [
            record
            for record in self._book.modules[module].values()
            if _is_visible(record, query)
        ]
        if since is not None:
            is_new = self._is_new(since)
            records = [record for record in records if is_new(record.modified)]
        key = _SORTS[query.get("sort_by", "id")]
        is_descending = query.get("sort_order", "desc") == "desc"
        return sorted(records, key=key, reverse=is_descending)

    def _is_new(self, since: str) -> Callable[[datetime], bool]:
        after = since_of(since)
        if self._book.switches.is_since_inclusive:
            return lambda at: at >= after
        return lambda at: at > after

    # --- paging ---

    def _check_ambiguity(self, query: Query) -> None:
        for first, second in (("page", "page_token"), ("cvid", "sort_by")):
            if first in query and second in query:
                raise Refused(
                    400,
                    "AMBIGUITY_DURING_PROCESSING",
                    "Ambiguity while processing the request",
                    {
                        "ambiguity_due_to": [
                            {"param_name": first},
                            {"param_name": second},
                        ]
                    },
                )
        if query.get("sort_by", "id") not in _SORTS:
            raise invalid_param("sort_by")

    def _start(
        self, query: Query, bound_to: Binding, size: int, records: Sequence[Record]
    ) -> tuple[int, int]:
        """Give where the page starts in what is there now, and how many were."""
        token = query.get("page_token")
        if token is not None:
            ticket = self._redeem(token, bound_to)
            return _place(ticket, query, records), ticket.rank
        start = (whole_number(query, "page", 1) - 1) * size
        wall = self._book.switches.page_wall
        if start >= wall:
            raise Refused(
                400,
                "DISCRETE_PAGINATION_LIMIT_EXCEEDED",
                f"You can only get the first {wall} records without using page_token "
                "param",
                {"limit": wall},
            )
        return start, start

    def _redeem(self, token: str, bound_to: Binding) -> _Ticket:
        ticket = self._tickets.get(token)
        if ticket is None or ticket.bound_to != bound_to:
            raise _bad_token(
                "TOKEN_BOUND_DATA_MISMATCH",
                "The request parameters do not match those of the page_token",
            )
        if ticket.ends_at <= self._book.now():
            raise _bad_token("EXPIRED_VALUE", "The page_token has expired")
        wall = self._book.switches.token_wall
        if ticket.rank >= wall:
            raise Refused(
                400,
                "PAGINATION_LIMIT_EXCEEDED",
                f"You can only get the first {wall} records",
                {"limit": wall},
            )
        return ticket

    def _binding(self, module: str, query: Query, since: str | None) -> Binding:
        own = {k: v for k, v in query.items() if k not in {"page", "page_token"}}
        if self._book.switches.binds_since and since is not None:
            own["If-Modified-Since"] = since
        return (("module", module), *sorted(own.items()))

    def _new_token(self, bound_to: Binding, rank: int, last_id: int) -> str:
        token = f"fake-page-token-{len(self._tickets) + 1}"
        ends_at = self._book.now() + _TOKEN_LIFE
        self._tickets[token] = _Ticket(bound_to, rank, last_id, ends_at)
        return token

    def _info(self, query: Query, size: int, count: int, token: str | None) -> Json:
        ends_at = self._tickets[token].ends_at if token else None
        return {
            "call": False,
            "email": False,
            "per_page": size,
            "count": count,
            "page": int(query.get("page", "1")),
            "more_records": token is not None,
            "sort_by": query.get("sort_by", "id"),
            "sort_order": query.get("sort_order", "desc"),
            "previous_page_token": query.get("page_token"),
            "next_page_token": token,
            "page_token_expiry": self._book.stamp(ends_at),
        }

    # --- deletions ---

    def deleted(self, module: str, query: Query, since: str | None) -> Answer:
        """Answer one page of deleted records, the latest first."""
        kind = query.get("type", "all")
        if kind not in {"all", "recycle", "permanent"}:
            raise Refused(
                400,
                "PATTERN_NOT_MATCHED",
                "Please check the type",
                {"param_name": "type"},
            )
        rows = [
            item
            for item in reversed(self._book.deleted[module])
            if self._book.now() - item.at <= _KEPT[item.is_permanent]
            and kind in {"all", _kind(item)}
        ]
        if since is not None:
            is_new = self._is_new(since)
            rows = [item for item in rows if is_new(item.at)]
            if not rows:
                return self._book.switches.nothing_new_status, None
        size = page_size(self._book, query)
        page = whole_number(query, "page", 1)
        shown = rows[(page - 1) * size : page * size]
        if not shown:
            return 204, None
        info = {
            "per_page": size,
            "count": len(shown),
            "page": page,
            "more_records": page * size < len(rows),
        }
        return 200, {"data": [self._show_deleted(item) for item in shown], "info": info}

    def _show_deleted(self, item: Deleted) -> Json:
        user = self._book.current_user
        person = {"name": user.full_name, "id": user.id}
        return {
            "id": item.id,
            "type": _kind(item),
            "deleted_time": self._book.stamp(item.at),
            "display_name": None if item.is_permanent else item.name,
            "deleted_by": None if item.is_permanent else person,
            "created_by": None if item.is_permanent else person,
        }


_SORTS: Final[Mapping[str, Callable[[Record], Any]]] = {
    "id": lambda record: int(record.id),
    "Created_Time": lambda record: (record.created, int(record.id)),
    "Modified_Time": lambda record: (record.modified, int(record.id)),
}


def field_names(query: Query) -> list[str] | None:
    """Read the parameter ``fields``; ``None`` where it is missing."""
    text = query.get("fields")
    if not text:
        return None
    names = [name.strip() for name in text.split(",")]
    if len(names) > _MAX_FIELDS:
        raise Refused(
            400, "LIMIT_EXCEEDED", "more fields than allowed", {"limit": _MAX_FIELDS}
        )
    return names


def since_of(text: str) -> datetime:
    """Read the header ``If-Modified-Since``.

    Raises:
        Refused: it is no time with an offset.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise Refused(
            400, "INVALID_DATA", "invalid data", {"header": "If-Modified-Since"}
        )
    return at


def _is_visible(record: Record, query: Query) -> bool:
    wanted = query.get("converted", "false")
    if wanted == "both":
        return True
    return (record.converted is not None) == (wanted == "true")


def _place(ticket: _Ticket, query: Query, records: Sequence[Record]) -> int:
    """Find where a token goes on; by id it stands still while others change."""
    if query.get("sort_by", "id") != "id":
        return ticket.rank
    is_descending = query.get("sort_order", "desc") == "desc"
    return sum(
        int(record.id) >= ticket.last_id
        if is_descending
        else int(record.id) <= ticket.last_id
        for record in records
    )


def _bad_token(code: str, message: str) -> Refused:
    return Refused(400, code, message, {"param_name": "page_token"})


def page_size(book: Book, query: Query) -> int:
    """Read the parameter ``per_page``."""
    size = whole_number(query, "per_page", _PAGE)
    if size > _PAGE and book.switches.large_pages == "refuse":
        raise invalid_param("per_page")
    return min(size, _PAGE)


def whole_number(query: Query, name: str, default: int) -> int:
    """Read a parameter that is a number from 1 on."""
    text = query.get(name, str(default))
    if not text.isdecimal() or int(text) < 1:
        raise invalid_param(name)
    return int(text)


def invalid_param(name: str) -> Refused:
    """Refuse a parameter."""
    return Refused(400, "INVALID_DATA", "invalid data", {"param_name": name})


def _whole(count: int) -> Json:
    return {"per_page": _PAGE, "count": count, "page": 1, "more_records": False}


def _kind(item: Deleted) -> str:
    return "permanent" if item.is_permanent else "recycle"
