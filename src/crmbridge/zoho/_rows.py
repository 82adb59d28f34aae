"""The rows of a CSV file from Zoho, one by one, and the typed records in them.

Floor 3.
A file is never held: it is unpacked, decoded and cut into rows as they are
asked for.
A file of the wrong form raises `MalformedReplyError`, which names the row and
the column and shows nothing of the content.

Source: Zoho CRM API v7, "Download Bulk Read Result": UTF-8, a header of API
names, ``id`` always among them, date-times in ISO 8601.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, BinaryIO

from attrs import frozen

from crmbridge.errors import MalformedReplyError
from crmbridge.zoho._archive import damaged, sole_csv
from crmbridge.zoho._cells import Reader, reader_of
from crmbridge.zoho.bulk_jobs import ArchiveBounds
from crmbridge.zoho.metadata import ZohoField
from crmbridge.zoho.records import ZohoRecord, read_record

__all__ = ["Expected", "records_in", "rows_in"]


@frozen
class Expected:
    """What a downloaded file of records is expected to be.

    Attributes:
        what: names the download, for the errors.
        module: the records' module.
        columns: the fields that were asked for; none means any.
        types: the module's fields by name.
        count: how many records Zoho says that it holds, or ``None``.
    """

    what: str
    module: str
    columns: tuple[str, ...]
    types: Mapping[str, ZohoField]
    count: int | None = None


def records_in(
    file: BinaryIO, expected: Expected, bounds: ArchiveBounds
) -> Iterator[ZohoRecord]:
    """Give the records of a downloaded file, typed, as they are asked for.

    Raises:
        MalformedReplyError: the file is damaged, is not what was asked for, or
            holds fewer records than Zoho said.
    """
    if expected.count == 0 and file.seek(0, io.SEEK_END) == 0:
        return  # no records, and not even a ZIP
    found = 0
    rows = rows_in(file, bounds, expected.what)
    header = next(rows, None)
    if header is not None:
        _check_header(header, expected)
        module, readers = expected.module, _readers(header, expected)
        for row in rows:
            found += 1
            values: list[object] = [cell or None for cell in row]
            try:
                for place, read in readers:
                    if row[place]:
                        values[place] = read(row[place])
            except ValueError as error:
                raise _misfit(row, header, readers, found, expected.what) from error
            yield read_record(module, dict(zip(header, values, strict=True)))
    if expected.count is not None and found < expected.count:
        raise damaged(
            expected.what,
            f"the file holds {found} records of the {expected.count} told",
        )


def rows_in(file: BinaryIO, bounds: ArchiveBounds, what: str) -> Iterator[list[str]]:
    """Give the rows of a downloaded file, the header first.

    Raises:
        MalformedReplyError: the file is damaged, or is no CSV in UTF-8.
    """
    with sole_csv(file, bounds, what) as content:
        lines = _Lines(content, bounds.row_characters, what)
        rows = csv.reader(lines, strict=True)
        width: int | None = None
        number = 0
        while True:
            try:
                row = next(rows, None)
            except csv.Error as error:
                raise damaged(what, _csv_problem(number, error)) from error
            if row is None:
                return
            lines.end_row()
            if not row:
                continue  # an empty line, such as at the end, is no record
            width = width or len(row)
            if len(row) != width:
                raise damaged(
                    what, f"row {number} has {len(row)} cells instead of {width}"
                )
            number += 1
            yield row


def _csv_problem(number: int, error: csv.Error) -> str:
    if "field limit" in str(error):
        return (
            f"row {number} holds a cell above the limit of Python's csv module "
            f"({csv.field_size_limit()} characters)"
        )
    return f"row {number} is no CSV"


class _Lines:
    """The lines of a file; no line and no row is longer than a bound.

    A row may have several lines, for a cell may hold line breaks; the bound
    holds for all of them together.
    """

    def __init__(self, content: IO[bytes], bound: int, what: str) -> None:
        # A mark of the byte order is no part of the first name.
        self._text = io.TextIOWrapper(content, "utf-8-sig", newline="")
        self._bound = bound
        self._left = bound
        self._what = what

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            line = self._text.readline(self._left + 1)
        except UnicodeDecodeError as error:
            raise damaged(self._what, "the CSV file is not in UTF-8") from error
        self._left -= len(line)
        if self._left < 0:
            raise damaged(
                self._what,
                f"a row is longer than ArchiveBounds.row_characters ({self._bound})",
            )
        if not line:
            raise StopIteration
        return line

    def end_row(self) -> None:
        """Begin to measure the next row."""
        self._left = self._bound


def _check_header(header: Sequence[str], expected: Expected) -> None:
    if len(set(header)) != len(header):
        raise damaged(expected.what, "the header names a column twice")
    missing = [name for name in ("id", *expected.columns) if name not in header]
    if missing:
        names = ", ".join(missing)
        raise damaged(expected.what, f"the header lacks what was asked for: {names}")


def _readers(header: Sequence[str], expected: Expected) -> list[tuple[int, Reader]]:
    """Give the places of the cells that are no text, and what reads them."""
    found = [
        (place, reader_of(name, expected.types.get(name)))
        for place, name in enumerate(header)
    ]
    return [(place, read) for place, read in found if read is not None]


def _misfit(
    row: Sequence[str],
    header: Sequence[str],
    readers: Iterable[tuple[int, Reader]],
    number: int,
    what: str,
) -> MalformedReplyError:
    """Make the error of a row of which one cell is not of its field's type."""
    names = [
        header[place]
        for place, read in readers
        if row[place] and not _fits(read, row[place])
    ]
    return damaged(what, f"row {number}: not of the field's type in {', '.join(names)}")


def _fits(read: Reader, cell: str) -> bool:
    try:
        read(cell)
    except ValueError:
        return False
    return True
