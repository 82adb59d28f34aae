"""The columns of an uploaded file in the fake Zoho, and what a row of it says.

Floor 9.
Source: Zoho CRM API v7, "Create Bulk Write Job": mappings by index, formats of
dates, ``find_by`` of lookups, and ``ignore_empty``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import Any, Final, cast

from crmbridge.testing._zoho.answers import Json, Refused
from crmbridge.testing._zoho.bulk_files import read_time
from crmbridge.testing._zoho.fields import FieldSpec

__all__ = ["Columns"]

_BOOLEANS: Final = {"true": True, "false": False}
_TIMES: Final = frozenset({"date", "datetime"})
_LOOKUPS: Final = frozenset({"lookup", "ownerlookup"})


class Columns:
    """What the columns of a file mean.

    Args:
        module: the module.
        table: its fields.
        resource: the part of the job that names the mappings.
        header: the first row of the file; it names the fields where there
            are no mappings.
        zone: the zone of times without one.
        ignores_empty: whether an empty cell leaves its field as it is.

    Attributes:
        find_by: the field by which records are known again.
        mapped: the places of the mapped columns, in the order of the mappings.
    """

    def __init__(
        self,
        module: str,
        table: Mapping[str, FieldSpec],
        resource: Json,
        header: Sequence[str],
        *,
        zone: tzinfo,
        ignores_empty: bool,
    ) -> None:
        self.module = module
        self.find_by = cast("str | None", resource.get("find_by"))
        self._table = table
        self._zone = zone
        self._ignores_empty = ignores_empty
        self._width = len(header)
        self._mappings = _mappings(resource, header)
        self.mapped = [place for _, place, _ in self._mappings]

    def check(self, operation: str) -> None:
        """Refuse mappings that cannot be.

        Raises:
            Refused: a field, place or format is not known, or a mandatory
                field is not mapped.
        """
        for name, place, mapping in self._mappings:
            spec = self._table.get(name)
            if spec is None and name != "id":
                raise _refused("INVALID_FIELD", name)
            if not 0 <= place < self._width:
                raise _refused("COLUMN_INDEX_NOT_FOUND", name)
            if spec is None:
                continue
            if spec.type == "lookup" and mapping.get("find_by") != "id":
                raise _refused("MANDATORY_NOT_FOUND", name)
        names = {name for name, _, _ in self._mappings}
        needed = {spec.name for spec in self._table.values() if spec.is_mandatory}
        if operation == "insert" and not needed <= names:
            raise _refused("MANDATORY_FIELDS_NOT_MAPPED", ",".join(needed - names))
        if self.find_by is not None and self.find_by not in names:
            raise _refused("INVALID_REQUEST", "find_by")

    def values(self, row: Sequence[str]) -> Json:
        """Read a row.

        Raises:
            ValueError: a cell is not of its field's type; the message is the
                column.
        """
        values: Json = {}
        for name, place, mapping in self._mappings:
            text = row[place]
            if text:
                values[name] = self._value(name, text, mapping)
            elif not self._ignores_empty:
                values[name] = None
        return values

    def shown(self) -> list[Json]:
        """Show the mappings as the job's details do."""
        return [
            {
                "api_name": name,
                "index": place,
                "format": mapping.get("format"),
                "find_by": mapping.get("find_by"),
            }
            for name, place, mapping in self._mappings
        ]

    def _value(self, name: str, text: str, mapping: Json) -> Any:
        kind = self._table[name].type if name in self._table else "text"
        if kind == "boolean":
            value = _BOOLEANS.get(text)
            if value is None:
                raise ValueError(name)
            return value
        if kind in _LOOKUPS:
            return {"id": text}
        if kind in _TIMES:
            try:
                return read_time(kind, text, mapping.get("format"), self._zone)
            except ValueError as error:
                raise ValueError(name) from error
        return text


def _mappings(resource: Json, header: Sequence[str]) -> list[tuple[str, int, Json]]:
    """Give name, place and the rest of each mapping."""
    given = resource.get("field_mappings")
    if not given:
        return [(name, place, {}) for place, name in enumerate(header)]
    return list(_read(cast("list[Json]", given)))


def _read(mappings: Sequence[Json]) -> Iterator[tuple[str, int, Json]]:
    for mapping in mappings:
        place = mapping.get("index")
        if isinstance(place, int):
            yield str(mapping.get("api_name")), place, mapping


def _refused(code: str, name: str) -> Refused:
    return Refused(400, code, "the mapping is not valid", {"api_name": name})
