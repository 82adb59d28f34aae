"""Every row has a test that names it."""

from __future__ import annotations

import pytest

from tests.marked import rows_named
from tests.zoho.rows import FAKE_ROWS, UNKNOWNS


@pytest.mark.parametrize(
    ("marker", "rows"), [("fake_row", FAKE_ROWS), ("unknown", UNKNOWNS)]
)
def test_every_row_has_a_test_that_names_it(marker: str, rows: tuple[str, ...]) -> None:
    assert set(rows_named(marker)) == set(rows)
