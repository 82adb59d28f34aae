"""Hooks that are compiled from wire classes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest
from attrs import field, frozen

from crmbridge._wire import WHOLE, from_key, known_keys, wire, wire_converter
from crmbridge.contact import NOT_OBSERVED, NotObserved
from crmbridge.errors import MalformedReplyError


@frozen
class Inner:
    """An object inside another."""

    city: str | NotObserved | None = wire("townName")


@frozen
class Outer:
    """An object with one attribute of each kind."""

    where: str
    id: str = field(metadata=from_key("id", "outerId"))
    raw: Mapping[str, object] = field(factory=dict[str, object], metadata=WHOLE)
    inner: Inner | NotObserved | None = wire("innerThing")
    is_out: bool | NotObserved | None = wire("optedOut")
    day: str | int | NotObserved | None = wire("dayOfBirth")
    time: str | None = wire("lastTime", default=None)


CONVERTER = wire_converter(
    "Somebody", {Outer: "an outer", Inner: "an outer whose inner is an object"}
)
WHOLE_PAYLOAD: dict[str, Any] = {
    "id": "7",
    "innerThing": {"townName": "Bielsko"},
    "optedOut": False,
    "dayOfBirth": 4,
    "lastTime": "now",
}


def read(raw: object) -> Outer:
    outer: Outer = CONVERTER.get_structure_hook(Outer)(raw, partial(Outer, "here"))
    return outer


def test_every_attribute_is_read_from_its_key() -> None:
    assert read(WHOLE_PAYLOAD) == Outer(
        "here",
        "7",
        raw=WHOLE_PAYLOAD,
        inner=Inner("Bielsko"),
        is_out=False,
        day=4,
        time="now",
    )


def test_a_converter_structures_a_class_that_needs_nothing_else() -> None:
    assert CONVERTER.structure({"townName": None}, Inner) == Inner(None)


def test_a_missing_key_reads_as_the_default() -> None:
    outer = read({"id": "7"})

    assert outer == Outer("here", "7", raw={"id": "7"})
    assert (outer.is_out, outer.time) == (NOT_OBSERVED, None)


def test_a_null_reads_as_none() -> None:
    outer = read({**WHOLE_PAYLOAD, "optedOut": None, "innerThing": None})

    assert (outer.is_out, outer.inner) == (None, None)


def test_an_inner_object_may_lack_keys() -> None:
    assert read({**WHOLE_PAYLOAD, "innerThing": {}}).inner == Inner(NOT_OBSERVED)


def test_unknown_keys_are_kept_in_the_payload() -> None:
    assert read({**WHOLE_PAYLOAD, "score": 90}).raw["score"] == 90


def test_known_keys_hold_every_name_of_an_attribute() -> None:
    assert known_keys(Outer) == {
        "id",
        "outerId",
        "innerThing",
        "optedOut",
        "dayOfBirth",
        "lastTime",
    }


@pytest.mark.parametrize("held", [{}, {"id": None}])
def test_another_name_stands_in_for_an_empty_one(held: dict[str, Any]) -> None:
    rest = {key: WHOLE_PAYLOAD[key] for key in WHOLE_PAYLOAD if key != "id"}

    assert read({**rest, **held, "outerId": "8"}).id == "8"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"id": None}, "whose id has"),
    ({"id": 7}, "whose id has"),
    ({"optedOut": 0}, "whose optedOut has"),
    ({"dayOfBirth": True}, "whose dayOfBirth has"),
    ({"lastTime": {"secret": "x"}}, "whose lastTime has"),
    ({"innerThing": "secret"}, "an outer whose innerThing has"),
    (
        {"innerThing": {"townName": ["secret"]}},
        "an outer whose inner is an object whose townName has",
    ),
]


@pytest.mark.parametrize(("changes", "words"), WRONG)
def test_a_wrong_type_is_named_and_never_shown(
    changes: dict[str, Any], words: str
) -> None:
    read(WHOLE_PAYLOAD)  # its shape is known now
    with pytest.raises(MalformedReplyError, match=words) as caught:
        read({**WHOLE_PAYLOAD, **changes})

    assert caught.value.service == "somebody"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("changes", "words"), WRONG)
def test_a_wrong_type_is_refused_each_time(changes: dict[str, Any], words: str) -> None:
    for _ in range(2):
        with pytest.raises(MalformedReplyError, match=words):
            read({**WHOLE_PAYLOAD, **changes})


def test_a_required_key_must_be_there() -> None:
    with pytest.raises(MalformedReplyError, match="whose id has"):
        read({})


@pytest.mark.parametrize("raw", [None, [], "outer"])
def test_what_is_no_object_is_refused(raw: object) -> None:
    with pytest.raises(MalformedReplyError, match="an outer that is no object"):
        read(raw)


def test_a_hook_is_compiled_once() -> None:
    hook = CONVERTER.get_structure_hook(Outer)

    assert CONVERTER.get_structure_hook(Outer) is hook


def test_more_shapes_than_are_kept_are_read_all_the_same() -> None:
    names = [f"key{number}" for number in range(11)]
    wide = _wide_class(names)
    converter = wire_converter("Somebody", {wide: "a wide one"})

    for number in range(2 ** len(names)):
        raw = {name: "x" for place, name in enumerate(names) if number >> place & 1}
        assert converter.structure(raw, wide).key0 == raw.get("key0", NOT_OBSERVED)


def _wide_class(names: list[str]) -> Any:
    body = {name: wire(name) for name in names}
    hints = dict.fromkeys(names, str | NotObserved)
    return frozen(type("Wide", (), {**body, "__annotations__": hints}))


def read_all(*raws: object) -> list[Outer]:
    hook: Any = CONVERTER.get_structure_hook(Outer)
    known: dict[Any, Any] = {}
    return [hook(raw, partial(Outer, "here"), known) for raw in raws]


def _owned(**owner: Any) -> dict[str, Any]:
    return {**WHOLE_PAYLOAD, "innerThing": owner}


def test_inner_objects_that_are_alike_are_read_once() -> None:
    first, second, moved = read_all(
        _owned(id="1", townName="Bielsko"),
        _owned(id="1", townName="Bielsko"),
        _owned(id="1", townName="Kraków"),
    )

    assert first.inner is second.inner
    assert moved.inner == Inner("Kraków")


def test_inner_objects_without_an_id_are_read_each() -> None:
    first, second = read_all(WHOLE_PAYLOAD, WHOLE_PAYLOAD)

    assert first.inner == second.inner == Inner("Bielsko")


@pytest.mark.parametrize("town", [1, True, [1], {}])
def test_sharing_hides_no_wrong_type(town: object) -> None:
    with pytest.raises(MalformedReplyError, match="townName"):
        read_all(_owned(id="1", townName="1"), _owned(id="1", townName=town))
