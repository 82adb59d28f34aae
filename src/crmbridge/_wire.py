"""Readers of records as they come over the wire, compiled once per class.

Floor 1: values and their readers.

A wire class is an attrs class whose attributes say which key of the payload
they are read from: see `wire`, `from_key` and `WHOLE`.

The rule of this module: a missing key reads as the attribute's default, a null
as ``None``, and everything else must be of a type that the annotation names.
An answer of the wrong shape raises an error that names the key and never shows
its value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Final, TypeAlias, cast, get_args, get_type_hints

import attrs
from attrs import AttrsInstance, frozen
from cattrs import Converter

from crmbridge.contact import NOT_OBSERVED
from crmbridge.errors import MalformedReplyError

__all__ = ["WHOLE", "from_key", "known_keys", "wire", "wire_converter"]

Json: TypeAlias = dict[str, Any]
Hook: TypeAlias = Callable[..., Any]
Known: TypeAlias = dict[object, tuple[Json, Any]]
Shape: TypeAlias = tuple[type[object], ...]

_KEYS: Final = "crmbridge.keys"
_WHOLE: Final = "crmbridge.whole"
_MAX_SHAPES: Final = 1024

WHOLE: Final[Mapping[str, object]] = MappingProxyType({_WHOLE: True})
"""The metadata of the attribute that keeps the payload as it was received."""


def from_key(key: str, *others: str) -> dict[str, object]:
    """Give the metadata of an attribute that is read from a key.

    Args:
        key: its name on the wire.
        others: the names it has in other answers, where ``key`` is empty.
    """
    return {_KEYS: (key, *others)}


def wire(key: str, default: object = NOT_OBSERVED) -> Any:
    """Give an attribute that is read from a key and stays out of ``repr``."""
    return attrs.field(default=default, repr=False, metadata=from_key(key))


def known_keys(wire_class: type[AttrsInstance]) -> frozenset[str]:
    """Give the names on the wire that a class has attributes for."""
    return frozenset(
        key for one in attrs.fields(wire_class) for key in one.metadata.get(_KEYS, ())
    )


def wire_converter(
    sender: str, described: Mapping[type[AttrsInstance], str]
) -> Converter:
    """Give a converter whose hooks are compiled from wire classes.

    A hook is called with the payload and with what makes the object: the
    class, as cattrs does it, or a ``partial`` of it that holds the attributes
    which come from elsewhere; these stand first and have no key.
    Who reads many payloads may give a third argument, an empty dict: inner
    objects with an ``id`` that are alike, such as owners, are then read once and
    shared.

    Args:
        sender: the service as messages name it.
        described: the wire classes, inner ones included, each with words for
            its errors: "Zoho sent *a record* whose Owner has an unexpected type".

    >>> from attrs import field
    >>> @frozen
    ... class Card:
    ...     id: str = field(metadata=from_key("id"))
    ...     raw: Mapping[str, object] = field(metadata=WHOLE, repr=False)
    ...     is_out: bool | None = wire("optedOut")
    >>> converter = wire_converter("Somebody", {Card: "a card"})
    >>> converter.structure({"id": "7", "optedOut": True}, Card).is_out
    True
    """
    converter = Converter()

    def compiled(wire_class: type[AttrsInstance]) -> Hook:
        return _hook(_plan(wire_class, converter, sender, described[wire_class]))

    converter.register_structure_hook_factory(described.__contains__, compiled)
    return converter


@frozen
class _Plan:
    """What is known of a wire class before any payload comes.

    Attributes:
        sender: the service as messages name it.
        words: what messages call the object.
        keys: of each attribute that has a key, in their order: its names.
        defaults: of each of these, what it is where the payload lacks it.
        allowed: of each of these, the types that it may have in a payload.
        inner: the place, hook and class of those that are wire classes.
        whole_at: the place of the attribute that keeps the payload.
    """

    sender: str
    words: str
    keys: list[tuple[str, ...]]
    defaults: list[object]
    allowed: list[frozenset[type[object]]]
    inner: list[tuple[int, Hook, type[AttrsInstance]]]
    whole_at: int | None

    def malformed(self, fault: str) -> MalformedReplyError:
        return MalformedReplyError(
            f"{self.sender} sent {self.words} {fault}", service=self.sender.lower()
        )


def _plan(
    wire_class: type[AttrsInstance], converter: Converter, sender: str, words: str
) -> _Plan:
    hints = get_type_hints(wire_class)
    read = [one for one in attrs.fields(wire_class) if one.metadata]
    keyed = [one for one in read if _KEYS in one.metadata]
    members = [get_args(hints[one.name]) or (hints[one.name],) for one in keyed]
    return _Plan(
        sender=sender,
        words=words,
        keys=[one.metadata[_KEYS] for one in keyed],
        defaults=[one.default for one in keyed],
        allowed=[frozenset(map(_json_type, some)) for some in members],
        inner=[
            (place, converter.get_structure_hook(member), member)
            for place, some in enumerate(members)
            for member in some
            if attrs.has(member)
        ],
        whole_at=next(
            (place for place, one in enumerate(read) if _WHOLE in one.metadata), None
        ),
    )


def _json_type(member: type[object]) -> type[object]:
    return dict if attrs.has(member) else member


def _hook(plan: _Plan) -> Hook:
    pick, inner, whole_at = _picker(plan.keys), plan.inner, plan.whole_at
    known_shapes: set[Shape] = set()

    def structure(
        raw: Any, make: Callable[..., Any], known: Known | None = None
    ) -> Any:
        # `type(raw)` would make it a dict of unknown types to the type checkers.
        if raw.__class__ is not dict:
            raise plan.malformed("that is no object")
        try:
            values = [*pick(raw)]
        except KeyError:
            values = _careful(plan, raw)
        if tuple(map(type, values)) not in known_shapes:
            values = _checked(plan, raw, known_shapes)
        for place, hook, wire_class in inner:
            value = values[place]
            if value.__class__ is dict:
                values[place] = (
                    hook(value, wire_class)
                    if known is None
                    else _shared(hook, value, wire_class, known)
                )
        if whole_at is not None:
            values.insert(whole_at, raw)
        return make(*values)

    return structure


def _shared(
    hook: Hook, raw: Json, wire_class: type[AttrsInstance], known: Known
) -> Any:
    """Read an inner object, or give the one that was read from the same payload."""
    key = raw.get("id")
    if key.__class__ is not str:
        return hook(raw, wire_class)
    found = known.get(key)
    if found is not None and found[0] == raw:
        return found[1]
    made = hook(raw, wire_class)
    known[key] = raw, made
    return made


def _checked(plan: _Plan, raw: Json, known_shapes: set[Shape]) -> list[Any]:
    """Check the types of a payload of a new shape, and know it from now on.

    Thousands of payloads have few shapes, so nearly all are checked by one
    look into a set. A shape is types only: nothing of a person is kept.
    """
    values = _careful(plan, raw)
    shape = tuple(map(type, values))
    for names, found, allowed in zip(plan.keys, shape, plan.allowed, strict=True):
        if found not in allowed:
            raise plan.malformed(f"whose {names[0]} has an unexpected type")
    if len(known_shapes) < _MAX_SHAPES:
        known_shapes.add(shape)
    return values


def _picker(keys: list[tuple[str, ...]]) -> Callable[[Json], Iterable[Any]]:
    """Read the first name of all at once; one that is missing is a `KeyError`."""
    first, *others = [names[0] for names in keys]
    if not others:
        return lambda raw: (raw[first],)
    return cast("Callable[[Json], Iterable[Any]]", itemgetter(first, *others))


def _careful(plan: _Plan, raw: Json) -> list[Any]:
    """Read one after the other, with their other names and their defaults."""
    return [
        raw.get(names[0], default) if len(names) == 1 else _held(raw, names, default)
        for names, default in zip(plan.keys, plan.defaults, strict=True)
    ]


def _held(raw: Json, names: tuple[str, ...], default: object) -> object:
    """Give the first value that is not empty, or else the first that is there."""
    held = [raw[name] for name in names if name in raw]
    return next((value for value in held if value), held[0] if held else default)
