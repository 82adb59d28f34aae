"""Every row has a test that names it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.zoho.rows import FAKE_ROWS, UNKNOWNS

TESTS = Path(__file__).parents[1]
MISSING_YET: dict[str, set[str]] = {
    "fake_row": set(FAKE_ROWS)
    - {
        "Auth",
        "Token endpoint",
        "List",
        "Paging",
        "If-Modified-Since",
        "Empty",
        "Converted leads",
        "Deleted",
        "Notifications",
    },
    "unknown": set(UNKNOWNS)
    - {
        "If-Modified-Since: inclusive, clock, bound to the token",
        "204 or 400 for an unknown id",
        "Absent from the list and not among the deleted",
        "Modified_Time of a restored record",
    },
}


def _named(marker: str) -> Iterator[str]:
    """Give the rows that tests name by a marker, wherever they stand."""
    for path in TESTS.rglob("test_*.py"):
        text = path.read_text("utf-8")
        if f"pytest.mark.{marker}(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == (
                f"pytest.mark.{marker}"
            ):
                yield from (ast.literal_eval(argument) for argument in node.args)


@pytest.mark.parametrize(
    ("marker", "rows"), [("fake_row", FAKE_ROWS), ("unknown", UNKNOWNS)]
)
def test_every_row_has_a_test_that_names_it(marker: str, rows: tuple[str, ...]) -> None:
    named = set(_named(marker))

    assert named <= set(rows)
    assert set(rows) - named <= MISSING_YET[marker]
