"""The floors: each module stands on one, says so, and keeps its purity.

The order itself, and the walls, are kept by import-linter (``make floors``).
"""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src"
PURE_BELOW = 5

_CONTRACTS: dict[str, Any] = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"][
        "importlinter"
    ]["contracts"]
}


def _floors() -> dict[str, int]:
    """Give the floor of each listed module; the contract lists the highest first."""
    layers = reversed(_CONTRACTS["floors"]["layers"])
    return {
        module.strip(" ()"): floor
        for floor, layer in enumerate(layers)
        for module in layer.split(":")
    }


FLOORS = _floors()


def _name(path: Path) -> str:
    parts = path.relative_to(SRC).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def _floors_of(module: str) -> list[int]:
    return [
        floor
        for listed, floor in FLOORS.items()
        if module == listed or module.startswith(f"{listed}.")
    ]


def _is_door(module: str) -> bool:
    """Tell whether a module is the ``__init__`` of a package on several floors."""
    return any(listed.startswith(f"{module}.") for listed in FLOORS)


MODULES = {_name(path): path for path in sorted(SRC.rglob("*.py"))}
INSIDE = [module for module in MODULES if not _is_door(module)]


@pytest.mark.parametrize("module", INSIDE)
def test_a_module_stands_on_exactly_one_floor(module: str) -> None:
    assert len(_floors_of(module)) == 1, "list it in pyproject.toml, tool.importlinter"


@pytest.mark.parametrize("module", INSIDE)
def test_a_modules_docstring_says_its_floor(module: str) -> None:
    docstring = ast.get_docstring(ast.parse(MODULES[module].read_text("utf-8"))) or ""

    said = re.findall(r"\bFloor (\d+)", docstring)

    assert [int(floor) for floor in said] == _floors_of(module)


def test_only_upper_floors_are_let_through_the_purity_wall() -> None:
    let_through = {
        line.split(" -> ")[0].removesuffix(".**")
        for line in _CONTRACTS["pure"]["ignore_imports"]
    }

    assert let_through <= {
        module for module, floor in FLOORS.items() if floor >= PURE_BELOW
    }
