"""The names at the top: sorted, complete, documented, each with an example."""

from __future__ import annotations

import inspect
from pathlib import Path
from types import ModuleType

import pytest

import crmbridge

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"


def test_the_public_names_are_sorted() -> None:
    # Constants first, as the linter sorts them.
    wanted = sorted(crmbridge.__all__, key=lambda name: (not name.isupper(), name))

    assert list(crmbridge.__all__) == wanted


def test_every_public_name_is_listed() -> None:
    public = {
        name
        for name, value in vars(crmbridge).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }

    assert public <= set(crmbridge.__all__)


@pytest.mark.parametrize("name", crmbridge.__all__)
def test_a_public_name_is_documented(name: str) -> None:
    pages = "".join(page.read_text("utf-8") for page in REFERENCE.glob("*.md"))

    assert f" crmbridge.{name}\n" in pages


@pytest.mark.parametrize("name", crmbridge.__all__)
def test_a_public_name_shows_an_example(name: str) -> None:
    value = getattr(crmbridge, name)

    assert ">>> " in (inspect.getdoc(value) or "")
