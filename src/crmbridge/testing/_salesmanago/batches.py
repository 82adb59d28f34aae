"""The batches of the fake SALESmanago: done at once, or later.

Floor 9.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from crmbridge.testing._salesmanago.book import Book, RefusalError
from crmbridge.testing._salesmanago.detailing import check_language
from crmbridge.testing._salesmanago.parts import Body, Endpoint, Payload, array
from crmbridge.testing._salesmanago.singles import options_of
from crmbridge.testing._salesmanago.upsert import Options, as_object, upsert, vet

__all__ = ["BATCHES"]

Details: TypeAlias = Mapping[str, Any]


def _batch_upsert(book: Book, body: Body) -> Payload:
    rows = _rows(book, body)
    options = options_of(book, body)
    if book.switches.bad_record == "whole":
        for row in rows:
            vet(book, row)
    ids: dict[str, str] = {}
    for row in rows:
        try:
            card = upsert(book, row, options)
        except RefusalError:
            if book.switches.bad_record != "missing":
                raise
            continue
        email = str(as_object(row["contact"], "contact").get("email", card.email))
        ids[email.lower() if book.switches.map_keys == "lower" else email] = card.id
    return {"contactIds": ids}


def _rows(book: Book, body: Body) -> list[Details]:
    rows = array(body, "upsertDetails")
    if len(rows) > book.switches.longest_batch:
        raise RefusalError("Too many contacts in one batch", "upsertDetails")
    check_language(book, body)
    return [as_object(row, "upsertDetails") for row in rows]


def _batch_upsert_later(book: Book, body: Body) -> Payload:
    switches = book.switches
    rows = _rows(book, body)
    fires_events = body.get("fireEvents", switches.fires_events_default)
    options = options_of(book, body, fires_events=bool(fires_events))
    if switches.later_bad_record == "whole":
        for row in rows:
            vet(book, row)
    book.do_later(switches.later_seconds, _writing(book, rows, options))
    return {"requestId": book.jobs.start()}


def _writing(
    book: Book, rows: Sequence[Details], options: Options
) -> Callable[[], None]:
    """Give what is done later; what is refused then, nobody is told."""

    def write() -> None:
        for row in rows:
            try:
                upsert(book, row, options)
            except RefusalError:
                if book.switches.later_bad_record == "cut":
                    return

    return write


BATCHES: Final[Mapping[str, Endpoint]] = MappingProxyType(
    {
        "/api/contact/batchupsert": Endpoint(_batch_upsert, is_write=True),
        "/api/contact/batchupsertv2": Endpoint(_batch_upsert_later, is_write=True),
    }
)
"""What this part of the fake answers, by path."""
