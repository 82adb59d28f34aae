"""Which rows of a table are proven by tests: those that a marker names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parent


def rows_named(marker: str, *files: Path) -> Iterator[Any]:
    """Give what tests name by ``@pytest.mark.<marker>(...)``.

    Args:
        marker: its name.
        files: where to look, by default in all files of tests.
    """
    for path in files or TESTS.rglob("test_*.py"):
        text = path.read_text("utf-8")
        if f"pytest.mark.{marker}(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == (
                f"pytest.mark.{marker}"
            ):
                yield from (ast.literal_eval(argument) for argument in node.args)
