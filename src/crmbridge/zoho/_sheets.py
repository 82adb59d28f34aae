"""Records to be written in bulk, as the ZIP files that Zoho takes.

Floor 3.
The rule of this module: a value goes into its cell as it is, or is refused;
nothing is dropped, and nothing is emptied that the caller did not empty.
All rows are looked at before anything is sent.

Source: Zoho CRM API v7, "Create Bulk Write Job" and "Limitations": one CSV file
in a ZIP, at most 25 MB, 25,000 records and 200 columns.
"""

from __future__ import annotations

import csv
import io
import zipfile
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from typing import IO, BinaryIO, Final, Self, TypeAlias

from attrs import define, field, frozen

from crmbridge.errors import InvalidInputError
from crmbridge.zoho._cells import Column
from crmbridge.zoho._faults import ZOHO
from crmbridge.zoho.bulk_jobs import BulkOperation

__all__ = [
    "MAX_BYTES",
    "MAX_COLUMNS",
    "MAX_ROWS",
    "Row",
    "Shape",
    "Sheet",
    "Sheets",
    "echo_of",
]

Row: TypeAlias = Mapping[str, object]

MAX_ROWS: Final = 25_000
MAX_COLUMNS: Final = 200
MAX_BYTES: Final = 25_000_000
"""The least that "25 MB" can mean; it is kept before the file is packed."""

_ECHOED: Final = 3
"""So many columns of each row Zoho repeats in the file of results."""

_THE_SAME: Final = (1980, 1, 1, 0, 0, 0)
"""The time of every file inside a ZIP; it says nothing."""


@frozen
class Shape:
    """How records become rows.

    Attributes:
        module: the records' module.
        operation: what is done with them.
        columns: the fields, that of ``find_by`` first.
        find_by: the field by which records are known again.
        ignore_empty: whether an empty cell leaves its field as it is.
    """

    module: str
    operation: BulkOperation
    columns: tuple[Column, ...]
    find_by: str | None
    ignore_empty: bool

    def cells(self, row: Row) -> list[str]:
        """Write one record.

        Raises:
            ValueError: a value does not fit, or an empty cell would not do
                what the record says.
        """
        return [self._cell(row, column) for column in self.columns]

    def _cell(self, row: Row, column: Column) -> str:
        name = column.name
        try:
            text = column.text(row.get(name))
            text.encode()
        except ValueError as error:
            reason = "is no text" if isinstance(error, UnicodeError) else error
            raise ValueError(f"{name}: {reason}") from error
        if not text:
            self._check_empty(name, is_named=name in row)
        return text

    def _check_empty(self, name: str, *, is_named: bool) -> None:
        if self.operation == "insert":
            return
        if name == self.find_by:
            if self.operation == "update":
                raise ValueError(f"{name}: the record cannot be found without it")
        elif is_named and self.ignore_empty:
            raise ValueError(
                f"{name}: an empty value leaves the field as it is while ignore_empty "
                "is true; leave it out, or pass ignore_empty=False"
            )
        elif not is_named and not self.ignore_empty:
            raise ValueError(
                f"{name}: a value left out empties the field while ignore_empty is "
                "false; name it, or pass ignore_empty=True"
            )


@frozen
class Sheet:
    """One packed file.

    Attributes:
        file: the ZIP.
        echoes: the marks of its records, by position; see `echo_of`.
        width: how many cells each mark is made of.
    """

    file: BinaryIO = field(eq=False, repr=False)
    echoes: Sequence[int] = field(eq=False, repr=False)
    width: int

    @property
    def rows(self) -> int:
        """How many records it holds."""
        return len(self.echoes)


def echo_of(cells: Sequence[str]) -> int:
    """Give a mark by which the first cells of a row are known again.

    Eight bytes a row are kept instead of the row.
    """
    return hash(tuple([cell.strip() for cell in cells]))


class Sheets:
    """Packs records into as many files as Zoho's limits ask for.

    Use it in a ``with`` block, which closes the files.

    Args:
        shape: how records become rows.
        new_file: makes an empty temporary file.
        rows_per_file: how many records a file holds at most.
    """

    def __init__(
        self,
        shape: Shape,
        new_file: Callable[[], BinaryIO],
        rows_per_file: int = MAX_ROWS,
    ) -> None:
        self._shape = shape
        self._new_file = new_file
        self._rows_per_file = rows_per_file
        self._files = ExitStack()
        self._done: list[Sheet] = []
        self._open: _Packing | None = None
        self._line = io.StringIO()
        self._writer = csv.writer(self._line)
        names = [column.name for column in shape.columns]
        self._names = frozenset(names)
        self._header = self._packed(names)
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end_sheet()
        self._files.close()

    def add(self, rows: Iterable[Row]) -> None:
        """Pack some records, behind those that came before.

        Raises:
            InvalidInputError: one does not fit. The message tells its place
                and the field, and never the value.
        """
        for row in rows:
            unknown = row.keys() - self._names
            if unknown:
                names = ", ".join(sorted(unknown))
                raise _wrong(f"row {self._count}: {names}: not among the fields")
            try:
                cells = self._shape.cells(row)
            except ValueError as error:
                raise _wrong(f"row {self._count}: {error}") from error
            line = self._packed(cells)
            self._sheet_for(line).write(line, echo_of(cells[:_ECHOED]))
            self._count += 1

    def finish(self) -> tuple[Sheet, ...]:
        """Give all files; no record may be added after this."""
        self._end_sheet()
        return tuple(self._done)

    def _packed(self, cells: list[str]) -> bytes:
        self._line.seek(0)
        self._line.truncate()
        self._writer.writerow(cells)
        return self._line.getvalue().encode()

    def _sheet_for(self, line: bytes) -> _Packing:
        if self._open is not None and not self._has_room(self._open, line):
            self._end_sheet()
        if self._open is None:
            file = self._files.enter_context(self._new_file())
            self._open = _Packing.begun(file, f"{self._shape.module}.csv", self._header)
            if not self._has_room(self._open, line):
                raise _wrong(f"row {self._count}: one record alone is above 25 MB")
        return self._open

    def _has_room(self, packing: _Packing, line: bytes) -> bool:
        fits = packing.size_bytes + len(line) <= MAX_BYTES
        return fits and len(packing.echoes) < self._rows_per_file

    def _end_sheet(self) -> None:
        if self._open is not None:
            self._open.end()
            width = min(_ECHOED, len(self._shape.columns))
            self._done.append(Sheet(self._open.file, self._open.echoes, width))
            self._open = None


@define
class _Packing:
    """A file that still grows."""

    file: BinaryIO
    archive: zipfile.ZipFile
    member: IO[bytes]
    size_bytes: int
    echoes: array[int] = field(factory=partial(array, "q"))

    @classmethod
    def begun(cls, file: BinaryIO, name: str, header: bytes) -> _Packing:
        archive = zipfile.ZipFile(file, "w")
        info = zipfile.ZipInfo(name, _THE_SAME)
        info.compress_type = zipfile.ZIP_DEFLATED
        member = archive.open(info, "w")
        member.write(header)
        return cls(file, archive, member, len(header))

    def write(self, line: bytes, echo: int) -> None:
        self.member.write(line)
        self.size_bytes += len(line)
        self.echoes.append(echo)

    def end(self) -> None:
        self.member.close()
        self.archive.close()


def _wrong(problem: str) -> InvalidInputError:
    return InvalidInputError(problem, service=ZOHO, field="rows")
