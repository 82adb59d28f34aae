"""The page of open questions: whole, and true of switches and tests."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import attrs
import pytest

from crmbridge.testing import Fault, SalesmanagoSwitches
from tests.marked import rows_named
from tests.salesmanago.rows import QUESTIONS

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "reference" / "salesmanago-unknowns.md"
CODE: Final = re.compile(r"`([^`]+)`")


def _rows() -> list[list[str]]:
    lines = PAGE.read_text("utf-8").splitlines()
    rows = [line for line in lines if re.match(r"\| \d", line)]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


ROWS: Final = _rows()
SWITCHES: Final = {switch.name for switch in attrs.fields(SalesmanagoSwitches)}


def _name(row: list[str]) -> str:
    return row[1]


def test_the_page_names_all_questions_in_order() -> None:
    assert {int(row[0]): row[1] for row in ROWS} == QUESTIONS
    assert [int(row[0]) for row in ROWS] == sorted(QUESTIONS)


@pytest.mark.parametrize("row", ROWS, ids=_name)
def test_a_question_says_what_is_assumed_and_what_if_that_is_wrong(
    row: list[str],
) -> None:
    _, _, assumed, wrong, _, _ = row

    assert assumed
    assert wrong


@pytest.mark.parametrize("row", ROWS, ids=_name)
def test_a_switch_that_is_named_exists(row: list[str]) -> None:
    for name in CODE.findall(row[4]):
        fault = name.removeprefix("Fault.")

        assert name in SWITCHES or (fault != name and hasattr(Fault, fault))


@pytest.mark.parametrize("row", ROWS, ids=_name)
def test_a_test_that_is_named_proves_the_question(row: list[str]) -> None:
    for name in CODE.findall(row[5]):
        assert int(row[0]) in set(rows_named("question", ROOT / name))


@pytest.mark.parametrize("row", ROWS, ids=_name)
def test_a_question_with_a_test_names_it(row: list[str]) -> None:
    is_proven = int(row[0]) in set(rows_named("question"))

    assert bool(CODE.findall(row[5])) == is_proven
