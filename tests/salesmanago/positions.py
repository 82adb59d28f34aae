"""Every position of every switch of the fake SALESmanago, taken from its class.

A switch that is a flag or a literal gives its own positions; numbers, texts and sets
have named ones here. A switch that has none is an error, so a new one is either
covered by itself or asks for its line.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import attrs

from crmbridge.testing import SalesmanagoSwitches

__all__ = ["NAMED", "combination", "positions", "singles"]

NAMED: Final[Mapping[str, Mapping[str, object]]] = {
    "most_per_second": {"never": None, "two": 2},
    "visible_after_seconds": {"at once": 0.0, "late": 30.0},
    "async_seconds": {"at once": 0.0, "soon": 2.0, "late": 300.0},
    "longest_value": {"never": None, "short": 20, "usual": 255},
    "later_seconds": {"at once": 0.0, "soon": 5.0, "late": 600.0},
    "longest_batch": {"two": 2, "plug-in": 400, "usual": 1000},
    "longest_basic": {"any": None, "two": 2, "usual": 50},
    "bumps": {
        "nothing": frozenset[str](),
        "data": frozenset({"data"}),
        "usual": frozenset({"data", "consent", "owner", "tags"}),
        "all": frozenset(
            {"data", "consent", "owner", "tags", "score", "funnel", "deletion"}
        ),
    },
    "sees_all": {"nobody": frozenset[str](), "main": frozenset({"admin@example.com"})},
    "job_looks": {"at once": 0, "once": 1, "often": 7},
    "job_seconds": {"at once": 0.0, "a minute": 60.0, "too long": 7200.0},
    "job_messages": {
        "none": (),
        "usual": ("Job is in progress",),
        "many": ("", "W toku", "50%"),
    },
    "purge_hour": {"never": None, "at night": 3, "soon": 12},
    "link_uses": {"for ever": None, "once": 1, "never": 0},
    "link_seconds": {"for ever": None, "never": 0.0, "usual": 600.0},
    "loses_hooks": {"none": 0.0, "half": 0.5, "all": 1.0},
    "doubles_hooks": {"none": 0.0, "half": 0.5, "all": 1.0},
    "hook_delay_seconds": {"at once": 0.0, "late": 90.0},
    "hook_retries": {"none": 0, "two": 2},
    "hook_seed": {"one": 1, "two": 2},
}
"""The positions of switches that are neither flags nor literals."""

_DEAF: Final = frozenset({"is_inactive", "wrong_host"})
"""What no combination sets: the first refuses everything, the second needs a home."""


def positions(switches: type[Any] = SalesmanagoSwitches) -> dict[str, dict[str, Any]]:
    """Give the positions of each switch by name, its default among them.

    Raises:
        AssertionError: a switch has no positions, or not all of its type.
    """
    hints = get_type_hints(switches)
    found = {one.name: _of(one.name, hints[one.name]) for one in attrs.fields(switches)}
    for one in attrs.fields(switches):
        assert one.default in found[one.name].values(), f"{one.name} lacks its default"
    return found


def _of(name: str, hint: Any) -> dict[str, Any]:
    if name in NAMED:
        is_optional = get_origin(hint) in {Union, UnionType} and (
            NoneType in get_args(hint)
        )
        assert not is_optional or None in NAMED[name].values(), f"{name} lacks None"
        return dict(NAMED[name])
    values = [False, True] if hint is bool else _literals(hint)
    assert values, f"{name} has no positions: name some in NAMED"
    return {str(value): value for value in values}


def _literals(hint: Any) -> list[Any]:
    if get_origin(hint) is Literal:
        return list(get_args(hint))
    if get_origin(hint) in {Union, UnionType}:
        members = [_literals(member) for member in get_args(hint)]
        return [value for member in members for value in member] if all(members) else []
    return [None] if hint is NoneType else []


def singles() -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the default, then each other position alone; each with its name."""
    yield "default", {}
    defaults = {one.name: one.default for one in attrs.fields(SalesmanagoSwitches)}
    for name, values in positions().items():
        for word, value in values.items():
            if value != defaults[name]:
                yield f"{name}={word}", {name: value}


def combination(seed: int) -> dict[str, Any]:
    """Draw a position of each switch, more often its default than another one."""
    draw = random.Random(seed)  # noqa: S311 - draws a case, guards nothing
    drawn: dict[str, Any] = {}
    for name, values in positions().items():
        choice = draw.choice(list(values.values()))
        if name not in _DEAF and draw.random() < 0.4:
            drawn[name] = choice
    return drawn
