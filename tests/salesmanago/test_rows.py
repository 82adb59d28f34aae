"""Every row has a test that names it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.marked import rows_named
from tests.salesmanago.rows import FAKE_ROWS, QUESTIONS


@pytest.mark.parametrize(
    ("marker", "rows"), [("salesmanago_row", FAKE_ROWS), ("question", QUESTIONS)]
)
def test_every_row_has_a_test_that_names_it(
    marker: str, rows: Mapping[int, str]
) -> None:
    assert set(rows_named(marker)) == set(rows)
