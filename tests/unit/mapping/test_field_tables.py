"""The page of field tables knows every field and every reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crmbridge.contact import FIELDS, LossReason
from crmbridge.mapping import SALESMANAGO_STATES
from tests.strategies import CLASSIC

_PAGE = Path(__file__).parents[3] / "docs" / "reference" / "field-tables.md"
_CHAPTERS = dict(
    re.findall(
        r"^## (.+?)$(.+?)(?=^## |\Z)",
        _PAGE.read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    )
)


@pytest.mark.parametrize(
    "chapter", ["Names on the wire", "How two values are compared"]
)
@pytest.mark.parametrize("field", FIELDS)
def test_every_field_is_in_the_table(chapter: str, field: str) -> None:
    first_cells = re.findall(r"^\| (.+?) \|", _CHAPTERS[chapter], re.MULTILINE)

    assert any(f"`{field}`" in cell for cell in first_cells)


@pytest.mark.parametrize("reason", LossReason)
def test_every_reason_of_a_loss_is_told(reason: LossReason) -> None:
    assert f"`{reason.name}`" in _PAGE.read_text("utf-8")


@pytest.mark.parametrize("state", SALESMANAGO_STATES)
def test_every_state_is_in_the_table(state: str) -> None:
    assert f"`{state}`" in _CHAPTERS["States"]


@pytest.mark.parametrize("module", ["Leads", "Contacts"])
def test_every_standard_field_of_zoho_is_in_the_table(module: str) -> None:
    custom = {name for name, field in CLASSIC[module].items() if field.is_custom}

    missing = {
        name
        for name in CLASSIC[module].keys() - custom
        if f"`{name}`" not in _CHAPTERS["Names on the wire"]
    }

    assert not missing
