"""Sync and async twins: same methods, order, signatures and docstrings."""

from __future__ import annotations

import inspect
import re
from types import FunctionType
from typing import Any

import pytest

import crmbridge
import crmbridge.salesmanago
import crmbridge.zoho

# TWINS lists the classes that have an ``Async`` twin. One that is not written yet
# is left out of the cases; one without its twin fails.
NAMES = (
    "SalesmanagoClient",
    "SalesmanagoExports",
    "ZohoClient",
    "ZohoBulk",
    "ZohoNotifications",
    "ZohoOAuth",
    "Reconciler",
)


def _class(name: str) -> Any:
    places = (crmbridge, crmbridge.salesmanago, crmbridge.zoho)
    return next((vars(place)[name] for place in places if name in vars(place)), None)


TWINS = [name for name in NAMES if _class(name) or _class(f"Async{name}")]

# How the async twin says what the sync one says.
_IN_SYNC_WORDS = (
    (re.compile(r"\bAsync(?=[A-Z])"), ""),
    (re.compile(r"\b(await|async) "), ""),
    (re.compile(r"\baclose\b"), "close"),
    (re.compile(r"__a(enter|exit)__"), r"__\1__"),
)


def _in_sync_words(text: str) -> str:
    for pattern, replacement in _IN_SYNC_WORDS:
        text = pattern.sub(replacement, text)
    return text


def _members(cls: type) -> dict[str, FunctionType]:
    """Give public methods and properties of a class, inherited ones first."""
    found: dict[str, FunctionType] = {}
    for base in reversed(cls.__mro__):
        for name, value in vars(base).items():
            function = inspect.unwrap(getattr(value, "fget", None) or value)
            is_ours = base is not object and isinstance(function, FunctionType)
            if is_ours and (not name.startswith("_") or "enter" in name):
                found[_in_sync_words(name)] = function
    return found


def _signature(function: FunctionType) -> list[tuple[str, str, str, str]]:
    """Give name, kind, default and type of each parameter, and the answer's type."""
    signature = inspect.signature(function)
    rows = [
        (p.name, p.kind.name, repr(p.default), inspect.formatannotation(p.annotation))
        for p in signature.parameters.values()
    ]
    answer = inspect.formatannotation(signature.return_annotation)
    return [
        (name, kind, _in_sync_words(default), _in_sync_words(annotation))
        for name, kind, default, annotation in [*rows, ("return", "", "", answer)]
    ]


def _pair(name: str) -> tuple[type, type]:
    return _class(name), _class(f"Async{name}")


def _methods_of(name: str) -> list[tuple[str, FunctionType, FunctionType]]:
    sync, twin = map(_members, _pair(name))
    return [(method, sync[method], twin[method]) for method in sync.keys() & twin]


@pytest.mark.parametrize("name", TWINS)
def test_twins_have_the_same_methods_in_the_same_order(name: str) -> None:
    sync, twin = map(_members, _pair(name))

    assert list(twin) == list(sync)


@pytest.mark.parametrize("name", TWINS)
def test_twins_are_made_alike(name: str) -> None:
    sync, twin = (inspect.signature(cls).parameters for cls in _pair(name))

    assert list(twin) == list(sync)


@pytest.mark.parametrize("name", TWINS)
def test_methods_of_twins_have_the_same_signature(name: str) -> None:
    for method, sync, twin in _methods_of(name):
        assert _signature(twin) == _signature(sync), method


@pytest.mark.parametrize("name", TWINS)
def test_methods_of_twins_have_the_same_docstring(name: str) -> None:
    for method, sync, twin in _methods_of(name):
        words = inspect.getdoc(twin), inspect.getdoc(sync)

        assert _in_sync_words(words[0] or "") == (words[1] or ""), method


@pytest.mark.parametrize("name", TWINS)
def test_an_async_twin_waits_where_the_sync_one_blocks(name: str) -> None:
    for method, sync, twin in _methods_of(name):
        is_async = inspect.iscoroutinefunction(twin) or inspect.isasyncgenfunction(twin)

        assert not inspect.iscoroutinefunction(sync), method
        assert is_async or method not in {"close", "__enter__"}, method
