"""What a bulk write did with each record, from the file of its results.

Floor 3.
A result belongs to a record by its place.
Zoho repeats the first columns of what was sent, and they are compared: a file in
another order would give one record the id of another.

Source: Zoho CRM API v7, "Download Bulk Write Result": the first three mapped
columns, then ``STATUS``, ``RECORD_ID`` and ``ERRORS`` with codes such as
``MANDATORY_NOT_FOUND-Company,Last_Name:DUPLICATE_DATA-Email``.
Unverified: that every record sent has a row there, in the order of the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, Final

from attrs import frozen

from crmbridge.errors import Problem
from crmbridge.zoho._archive import damaged
from crmbridge.zoho._faults import Fault, error_of, safe_word
from crmbridge.zoho._rows import rows_in
from crmbridge.zoho._sheets import Sheet, echo_of
from crmbridge.zoho.bulk_jobs import ArchiveBounds
from crmbridge.zoho.results import WriteResult, WriteStatus

__all__ = ["problems_of", "results_in", "results_of"]

_STATUS: Final = "STATUS"
_RECORD_ID: Final = "RECORD_ID"
_ERRORS: Final = "ERRORS"
_ACTIONS: Final[Mapping[str, str]] = {"ADDED": "insert", "UPDATED": "update"}
_REFUSED: Final = frozenset({"SKIPPED", "UNPROCESSED"})
_SEVERAL: Final = "MULTIPLE_OR_MULTI_ERRORS"
_HTTP_OK: Final = 200


@frozen
class _Layout:
    """Where a file of results has what."""

    echoed: int
    status: int
    record_id: int
    errors: int


def results_in(
    file: BinaryIO, bounds: ArchiveBounds, what: str
) -> Iterator[WriteResult]:
    """Give the results of a file, in its order.

    Raises:
        MalformedReplyError: the file is damaged, or holds no such results.
    """
    for _, result in _rows(file, bounds, what):
        yield result


def results_of(sheet: Sheet, file: BinaryIO, what: str) -> tuple[WriteResult, ...]:
    """Give the results of the records of a sheet, by their places.

    Raises:
        MalformedReplyError: the file is damaged, or its rows are not those
            that were sent, so nothing is known of any record.
    """
    results: list[WriteResult] = []
    for echoed, result in _rows(file, ArchiveBounds(), what):
        place = len(results)
        cells = echoed[: sheet.width]
        is_sent = place < sheet.rows and echo_of(cells) == sheet.echoes[place]
        if len(cells) < sheet.width or not is_sent:
            raise damaged(what, f"row {place} is not the one that was sent")
        results.append(result)
    if len(results) != sheet.rows:
        raise damaged(what, f"it holds {len(results)} results of {sheet.rows}")
    return tuple(results)


def problems_of(errors: str) -> tuple[Problem, ...]:
    """Read the codes of one record, and their fields.

    >>> [p.field for p in problems_of("MANDATORY_NOT_FOUND-Company,Last_Name")]
    ['Company', 'Last_Name']
    """
    found: list[Problem] = []
    for part in filter(None, errors.split(":")):
        code, _, names = part.partition("-")
        fields = [safe_word(name.strip()) or None for name in names.split(",")]
        found += [Problem(safe_word(code.strip()), name) for name in fields]
    return tuple(found)


def _rows(
    file: BinaryIO, bounds: ArchiveBounds, what: str
) -> Iterator[tuple[list[str], WriteResult]]:
    rows = rows_in(file, bounds, what)
    header = next(rows, None)
    if header is None:
        return
    layout = _layout_of(header, what)
    for row in rows:
        yield row[: layout.echoed], _result(row, layout, what)


def _layout_of(header: Sequence[str], what: str) -> _Layout:
    places = {name: place for place, name in enumerate(header)}
    try:
        own = [places[name] for name in (_STATUS, _RECORD_ID, _ERRORS)]
    except KeyError as error:
        raise damaged(what, f"the header lacks {error}") from error
    return _Layout(min(own), *own)


def _result(row: Sequence[str], layout: _Layout, what: str) -> WriteResult:
    status = row[layout.status].strip().upper()
    action = _ACTIONS.get(status)
    if action is not None:
        record_id = row[layout.record_id].strip()
        return WriteResult(
            WriteStatus.SUCCESS, status, id=record_id or None, action=action
        )
    if status not in _REFUSED:
        word = safe_word(status) or "no word"
        raise damaged(what, f"a record has an unknown status: {word}")
    problems = problems_of(row[layout.errors])
    codes = {problem.code for problem in problems}
    code = status if not codes else codes.pop() if len(codes) == 1 else _SEVERAL
    fault = Fault(code, _HTTP_OK, problems=problems)
    return WriteResult(
        WriteStatus.REFUSED, code, field=fault.field, error=error_of(fault, what)
    )
