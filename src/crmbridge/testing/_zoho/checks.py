"""What the fake Zoho takes of a record that is written, and what is wrong with it.

Floor 9.
A record is taken whole or not at all; nothing is cut to fit.

Source: Zoho CRM API v7, "Insert Records": only what is system-mandatory has to
be there, and what is layout-mandatory if the record names its layout; "Fields
Metadata": lengths and types. Several errors come together as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from crmbridge.testing._zoho.answers import Json, failure
from crmbridge.testing._zoho.book import Book, Record
from crmbridge.testing._zoho.fields import FieldSpec, problem
from crmbridge.testing._zoho.metadata import module_id

__all__ = ["Checks", "as_one", "duplicate", "missing", "no_such_id", "place_of"]


class Checks:
    """Judges the values of records before they are stored."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def checked(
        self, module: str, raw: Json, place: int, own: Record | None
    ) -> tuple[Json, list[Json]]:
        """Give the values to be stored, and everything that is wrong.

        Args:
            module: the module.
            raw: what was sent.
            place: its position.
            own: the record that is changed; ``None`` for a new one.
        """
        values: Json = {}
        problems: list[Json] = []
        for name, value in raw.items():
            found = self._problem(module, name, value, place)
            if found is not None:
                problems.append(found)
            elif self._is_stored(module, name):
                spec = self._book.tables[module][name]
                values[name] = self._stored(module, spec, value)
        if own is None:
            problems += self._missing(module, raw, place, problems)
        return values, problems + self._clashes(module, values, place, own)

    def _is_stored(self, module: str, name: str) -> bool:
        spec = self._book.tables[module].get(name)
        return spec is not None and not spec.is_read_only

    def _problem(self, module: str, name: str, value: Any, place: int) -> Json | None:
        if name in {"id", "Layout"} or name.startswith("$"):
            return None
        spec = self._book.tables[module].get(name)
        switches = self._book.switches
        if spec is None:
            return _refused_name(name, place, switches.unknown_fields)
        if spec.is_read_only:
            return _refused_name(name, place, switches.read_only_fields)
        wrong = problem(spec, value, place, switches)
        return wrong or self._bad_reference(spec, value, place)

    def _missing(
        self, module: str, raw: Json, place: int, problems: Sequence[Json]
    ) -> list[Json]:
        named = {found["details"].get("api_name") for found in problems}
        return [
            missing(name, place)
            for name in self._mandatory(module, raw)
            if raw.get(name) in {None, ""} and name not in named
        ]

    def _mandatory(self, module: str, raw: Json) -> Iterator[str]:
        for spec in self._book.tables[module].values():
            is_of_layout = (module, spec.name) == ("Leads", "Company")
            if spec.is_mandatory or (is_of_layout and "Layout" in raw):
                yield spec.name

    def _bad_reference(self, spec: FieldSpec, value: Any, place: int) -> Json | None:
        if value is None or spec.type not in {"lookup", "ownerlookup"}:
            return None
        target = _target(value)
        if spec.type == "ownerlookup":
            user = self._book.users.get(target)
            is_good = user is not None and user.can_own
        else:
            is_good = target in self._book.modules[spec.lookup or "Accounts"]
        return None if is_good else no_such_id(spec.name, place, f"{spec.name}.id")

    def _stored(self, module: str, spec: FieldSpec, value: Any) -> Any:
        if value is not None and spec.type in {"lookup", "ownerlookup"}:
            return _target(value)
        if spec.name == "Tag":
            return self._book.tags.references(module, cast("list[Json]", value or []))
        return False if value is None and spec.type == "boolean" else value

    def _clashes(
        self, module: str, values: Mapping[str, Any], place: int, own: Record | None
    ) -> list[Json]:
        problems: list[Json] = []
        for name, value in values.items():
            if self._book.tables[module][name].is_unique:
                matches = self._book.matches(module, name, value)
                others = [found for found in matches if found is not own]
                if others:
                    problems.append(duplicate(self._book, name, others, place))
        return problems


def duplicate(book: Book, name: str, found: Sequence[Record], place: int) -> Json:
    """Say that others hold a value already."""
    first = found[0]
    details = {
        **place_of(name, place),
        "id": first.id,
        "duplicate_record": {
            "id": first.id,
            "Owner": book.users[first.owner_id].reference(),
            "module": {"api_name": first.module, "id": module_id(first.module)},
        },
        "more_records": len(found) > 1,
    }
    return failure("DUPLICATE_DATA", "duplicate data", details)


def missing(name: str, place: int) -> Json:
    """Say that a field has to be there."""
    return failure(
        "MANDATORY_NOT_FOUND", "required field not found", place_of(name, place)
    )


def no_such_id(name: str, place: int, path: str | None = None) -> Json:
    """Say that an id is that of no record."""
    return failure(
        "INVALID_DATA",
        "the id given seems to be invalid",
        {"api_name": name, "json_path": f"$.data[{place}].{path or name}"},
    )


def as_one(problems: Sequence[Json]) -> Json:
    """Say everything that is wrong with a record."""
    if len(problems) == 1:
        return problems[0]
    return failure(
        "MULTIPLE_OR_MULTI_ERRORS",
        "multiple or multi-level errors occurred",
        {"errors": list(problems)},
    )


def place_of(name: str, place: int) -> Json:
    """Name a field and where in the request it lies."""
    return {"api_name": name, "json_path": f"$.data[{place}].{name}"}


def _refused_name(name: str, place: int, rule: str) -> Json | None:
    if rule == "ignore":
        return None
    return failure("INVALID_DATA", "invalid data", place_of(name, place))


def _target(value: Any) -> str:
    if isinstance(value, dict):
        return str(cast("Json", value).get("id", ""))
    return str(value)
