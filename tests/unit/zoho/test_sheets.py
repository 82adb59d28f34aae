"""Rows become files: cut at Zoho's limits, closed whatever happens."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, BinaryIO

import pytest

from crmbridge.errors import InvalidInputError
from crmbridge.zoho._cells import Column, reader_of
from crmbridge.zoho._rows import rows_in
from crmbridge.zoho._sheets import Shape, Sheet, Sheets
from crmbridge.zoho.bulk_jobs import ArchiveBounds
from crmbridge.zoho.metadata import ZohoField

SHAPE = Shape(
    "Leads",
    "insert",
    (Column("Last_Name"), Column("Email")),
    find_by=None,
    ignore_empty=True,
)


class Files:
    """Makes temporary files, and knows them."""

    def __init__(self) -> None:
        self.made: list[BinaryIO] = []

    def __call__(self) -> BinaryIO:
        self.made.append(io.BytesIO())
        return self.made[-1]


def _rows(count: int, text: str = "x") -> Iterator[dict[str, object]]:
    for number in range(count):
        yield {"Last_Name": text, "Email": str(number)}


def _content(sheet: Sheet) -> list[list[str]]:
    return list(rows_in(sheet.file, ArchiveBounds(ratio=2000), "it"))


def test_a_file_holds_the_header_and_the_rows() -> None:
    with Sheets(SHAPE, Files()) as sheets:
        sheets.add([{"Last_Name": 'a,"\r\nb'}])
        sheets.add([{"Email": "c"}, {}])
        (sheet,) = sheets.finish()

        assert sheet.rows == 3
        assert _content(sheet) == [
            ["Last_Name", "Email"],
            ['a,"\r\nb', ""],
            ["", "c"],
            ["", ""],
        ]


def test_no_rows_give_no_file() -> None:
    files = Files()

    with Sheets(SHAPE, files) as sheets:
        sheets.add([])

        assert sheets.finish() == ()
    assert files.made == []


def test_files_are_cut_at_25_000_records() -> None:
    with Sheets(SHAPE, Files()) as sheets:
        sheets.add(_rows(50_001))

        assert [sheet.rows for sheet in sheets.finish()] == [25_000, 25_000, 1]


def test_files_are_cut_before_25_megabytes() -> None:
    with Sheets(SHAPE, Files()) as sheets:
        sheets.add(_rows(60, "x" * 1_000_000))
        cut = sheets.finish()

    assert [sheet.rows for sheet in cut] == [24, 24, 12]


def test_one_row_above_25_megabytes_fits_nowhere() -> None:
    with Sheets(SHAPE, Files()) as sheets, pytest.raises(InvalidInputError) as caught:
        sheets.add(_rows(1, "x" * 25_000_000))

    assert str(caught.value) == "row 0: one record alone is above 25 MB"


def test_the_row_at_fault_is_counted_from_the_first_one() -> None:
    with Sheets(SHAPE, Files()) as sheets:
        sheets.add(_rows(2))
        with pytest.raises(InvalidInputError) as caught:
            sheets.add([{"Last_Name": "x"}, {"Fax": "secret"}])

    assert str(caught.value).startswith("row 3: Fax: not among the fields")


@pytest.mark.parametrize("fails", [True, False])
def test_files_are_closed_in_the_end(fails: bool) -> None:
    files = Files()

    with Sheets(SHAPE, files, 1) as sheets:
        sheets.add(_rows(3))
        if fails:
            with pytest.raises(InvalidInputError):
                sheets.add([{"Fax": 1}])
        else:
            sheets.finish()

    assert [file.closed for file in files.made] == [True] * 3


EAST = timezone(timedelta(hours=5, minutes=30))


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("text", "=1+1", "=1+1"),
        ("text", "+48 600", "+48 600"),
        ("text", "", ""),
        ("text", None, ""),
        ("boolean", True, "true"),
        ("boolean", False, "false"),
        ("integer", 7, "7"),
        ("double", 1.5, "1.5"),
        ("currency", Decimal("1E+3"), "1000"),
        ("date", date(2026, 1, 5), "2026-01-05"),
        ("date", "2026-01-05", "2026-01-05"),
        (
            "datetime",
            datetime(2026, 1, 5, 12, 30, 1, 99, tzinfo=EAST),
            "2026-01-05T12:30:01+05:30",
        ),
        ("datetime", datetime(2026, 1, 5, tzinfo=UTC), "2026-01-05T00:00:00+00:00"),
        ("datetime", "2026-01-05T12:00:00Z", "2026-01-05T12:00:00+00:00"),
        ("lookup", {"id": "7", "name": "Acme"}, "7"),
        ("ownerlookup", "7", "7"),
        ("multiselectpicklist", ["red", "blue"], "red;blue"),
        ("multiselectpicklist", "red;blue", "red;blue"),
        ("id", "7", "7"),
    ],
)
def test_a_value_goes_into_its_cell_as_it_is(
    kind: str, value: object, text: str
) -> None:
    assert Column("X", kind).text(value) == text


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", {"secret": 1}),
        ("text", ["secret"]),
        ("text", float("inf")),
        ("text", b"secret"),
        ("date", "secret"),
        ("date", 20260105),
        ("datetime", datetime(2026, 1, 5)),  # noqa: DTZ001 - that is the case
        ("datetime", "2026-01-05T12:00:00"),
        ("datetime", date(2026, 1, 5)),
        ("lookup", "secret"),
        ("lookup", {"name": "secret"}),
        ("multiselectpicklist", ["se;cret"]),
        ("multiselectpicklist", ["secret", 1]),
        ("multiselectpicklist", 1),
        ("id", "７"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_and_not_shown(
    kind: str, value: object
) -> None:
    with pytest.raises(ValueError, match="wants") as caught:
        Column("X", kind).text(value)

    assert "secret" not in str(caught.value)
    assert "2026" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("boolean", True),
        ("integer", -7),
        ("double", 1.5),
        ("lookup", {"id": "7"}),
        ("multiselectpicklist", ["red", "blue"]),
        ("text", "x"),
    ],
)
def test_what_is_written_is_read_again(kind: str, value: Any) -> None:
    text = Column("X", kind).text(value)
    read = reader_of("X", ZohoField("X", kind)) or str

    assert read(text) == value


def test_times_and_lookups_say_how_they_are_to_be_read() -> None:
    mappings = [
        Column("A", kind).mapping(3) for kind in ("datetime", "ownerlookup", "id")
    ]

    assert mappings == [
        {"api_name": "A", "index": 3, "format": "yyyy-MM-dd'T'HH:mm:ssXXX"},
        {"api_name": "A", "index": 3, "find_by": "id"},
        {"api_name": "A", "index": 3},
    ]
