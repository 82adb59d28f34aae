"""Every row has a test that names it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.zoho.rows import FAKE_ROWS, UNKNOWNS

TESTS = Path(__file__).parents[1]


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

    assert named == set(rows)
