"""The rows of a CSV file from Zoho, and the typed records in them."""

from __future__ import annotations

import csv
import io
import tracemalloc

import pytest

from crmbridge.errors import MalformedReplyError
from crmbridge.zoho._rows import Expected, records_in, rows_in
from crmbridge.zoho.bulk_jobs import ArchiveBounds
from crmbridge.zoho.metadata import read_field
from tests.unit.zoho.zips import expected, zipped

MEGABYTE = 1024 * 1024


def _rows(text: str | bytes, bounds: ArchiveBounds | None = None) -> list[list[str]]:
    return list(rows_in(zipped(text), bounds or ArchiveBounds(), "bulk read 1 result"))


def _records(text: str | bytes, wanted: Expected) -> list[dict[str, object]]:
    found = records_in(zipped(text), wanted, ArchiveBounds())
    return [dict(record.fields) for record in found]


def _problem(text: str | bytes, wanted: Expected | None = None) -> str:
    with pytest.raises(MalformedReplyError) as caught:
        _records(text, wanted or expected())
    return str(caught.value)


def test_rows_come_one_by_one() -> None:
    rows = rows_in(zipped('id,"a"\r\n7,"x\r\ny"\r\n8,"é"\r\n'), ArchiveBounds(), "it")

    assert next(rows) == ["id", "a"]
    assert next(rows) == ["7", "x\r\ny"]
    assert next(rows) == ["8", "é"]
    assert next(rows, None) is None


def test_a_mark_of_the_byte_order_is_no_part_of_the_first_name() -> None:
    assert _rows("\ufeffid\n7\n") == [["id"], ["7"]]


def test_empty_lines_are_no_records() -> None:
    assert _rows("id,a\n7,\n\n\n") == [["id", "a"], ["7", ""]]


@pytest.mark.parametrize("text", ["", "\n"])
def test_an_empty_file_has_no_records(text: str) -> None:
    assert _records(text, expected("Last_Name", count=0)) == []


def test_a_file_of_a_header_has_no_records() -> None:
    assert _records("id,Last_Name\n", expected("Last_Name", count=0)) == []


def test_values_are_typed_by_the_fields() -> None:
    text = (
        "id,Last_Name,Email_Opt_Out,Age,Annual_Revenue,Owner,Account_Name,Colours,"
        "Modified_Time,Owner.last_name\n"
        "7,007,true,42,1.5,11,12,red;blue,2026-01-05T13:00:00+01:00,Nowak\n"
        "8,,false,,,,,,,\n"
    )
    names = tuple(text.partition("\n")[0].split(",")[1:])

    first, second = records_in(zipped(text), expected(*names), ArchiveBounds())

    assert dict(first.fields) == {
        "id": "7",
        "Last_Name": "007",
        "Email_Opt_Out": True,
        "Age": 42,
        "Annual_Revenue": 1.5,
        "Owner": {"id": "11"},
        "Account_Name": {"id": "12"},
        "Colours": ["red", "blue"],
        "Modified_Time": "2026-01-05T13:00:00+01:00",
        "Owner.last_name": "Nowak",
    }
    assert first.module == "Leads"
    assert first.modified_at is not None
    assert second.fields["Email_Opt_Out"] is False
    assert second.owner is None
    assert {value for name, value in second.fields.items() if name.endswith("ame")} == {
        None
    }


@pytest.mark.parametrize(
    ("cell", "value"),
    [("true", True), ("TRUE", True), ("1", True), ("false", False), ("0", False)],
)
def test_a_boolean_is_read_in_every_form(cell: str, value: bool) -> None:
    (record,) = _records(f"id,Email_Opt_Out\n7,{cell}\n", expected("Email_Opt_Out"))

    assert record["Email_Opt_Out"] is value


def test_a_formula_has_the_type_of_its_value() -> None:
    formula = {"api_name": "Sum", "data_type": "formula", "json_type": "double"}
    (record,) = _records(
        "id,Sum\n7,1.5\n", expected(types={"Sum": read_field(formula)})
    )

    assert record["Sum"] == 1.5


def test_columns_may_come_in_any_order() -> None:
    (record,) = _records("Age,id\n1,7\n", expected("Age"))

    assert record == {"Age": 1, "id": "7"}


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ("id,Last_Name", "lacks what was asked for: Age"),
        ("Last_Name,Age", "lacks what was asked for: id"),
        ("id,Last_Name,Age,Age", "names a column twice"),
    ],
)
def test_the_header_is_held_against_what_was_asked(header: str, problem: str) -> None:
    found = _problem(f"{header}\n", expected("Last_Name", "Age"))

    assert problem in found


def test_a_column_nobody_asked_for_is_kept() -> None:
    (record,) = _records("id,Age,Extra\n7,1,x\n", expected("Age"))

    assert record == {"id": "7", "Age": 1, "Extra": "x"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("id,a\n7\n", "row 1 has 1 cells instead of 2"),
        ("id,a\n7,x\n8,y,z\n", "row 2 has 3 cells instead of 2"),
        ('id,a\n7,"x"y\n', "row 1 is no CSV"),
        ('id,a\n7,"x\n', "row 1 is no CSV"),
        (b"id,a\n7,\xff\n", "not in UTF-8"),
        (b"id,a\n7,x\n8,\xc5", "not in UTF-8"),
        ("id,Age\n7,x\n", "row 1: not of the field's type in Age"),
        ("id,Annual_Revenue\n7,nan\n", "row 1: not of the field's type"),
        ("id,Annual_Revenue\n7,1\n8,inf\n", "row 2: not of the field's type"),
        ("id,Email_Opt_Out\n7,yes\n", "not of the field's type in Email_Opt_Out"),
        ("id,Owner\n7,Nowak\n", "not of the field's type in Owner"),
        ("id,Age\n7," + "9" * 5000 + "\n", "not of the field's type in Age"),
    ],
)
def test_a_file_of_the_wrong_form_names_the_row_and_shows_nothing(
    text: str | bytes, problem: str
) -> None:
    found = _problem(text)

    assert problem in found
    assert "Nowak" not in found
    assert "9" * 10 not in found


def test_good_records_come_before_the_error() -> None:
    records = records_in(zipped("id,Age\n7,1\n8,x\n"), expected(), ArchiveBounds())

    assert next(records).id == "7"
    with pytest.raises(MalformedReplyError):
        next(records)


def test_fewer_records_than_zoho_said_are_a_loss() -> None:
    assert "holds 1 records of the 2 told" in _problem("id\n7\n", expected(count=2))


def test_a_nested_zip_that_calls_itself_csv_is_refused() -> None:
    inner = zipped("id\n7\n").getvalue()

    assert _problem(inner)


def test_one_cell_of_a_hundred_megabytes_stays_out_of_memory() -> None:
    file = zipped(b"id,a\n7," + b"x" * (100 * MEGABYTE) + b"\n")

    tracemalloc.start()
    with pytest.raises(MalformedReplyError) as caught:
        list(records_in(file, expected(), ArchiveBounds(ratio=2000)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert "a row is longer than ArchiveBounds.row_characters" in str(caught.value)
    assert peak < 40 * MEGABYTE


def test_a_row_of_many_lines_is_measured_as_one() -> None:
    text = 'id,a\n7,"' + "x\n" * 100 + '"\n'

    with pytest.raises(MalformedReplyError, match="a row is longer"):
        _rows(text, ArchiveBounds(row_characters=100))


def test_rows_are_measured_one_by_one() -> None:
    text = "id,a\n" + "7,xxxxxxxx\n" * 100

    assert len(_rows(text, ArchiveBounds(row_characters=12))) == 101


def test_a_cell_above_the_limit_of_pythons_csv_names_the_limit() -> None:
    before = csv.field_size_limit()

    problem = _problem("id,a\n7," + "x" * (before + 1) + "\n")

    assert f"limit of Python's csv module ({before} characters)" in problem
    assert csv.field_size_limit() == before


def test_the_file_may_be_read_twice() -> None:
    file: io.BytesIO = zipped("id\n7\n")

    rows = [list(rows_in(file, ArchiveBounds(), "it")) for _ in range(2)]

    assert rows[0] == rows[1]
