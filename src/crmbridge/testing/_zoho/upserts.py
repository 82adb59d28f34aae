"""By which record the fake Zoho knows again what is upserted.

Floor 9.
Source: Zoho CRM API v7, "Upsert Records": the system's field (``Email``), then
the unique ones; where fields are named, these and then the other unique ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

from attrs import frozen

from crmbridge.testing._zoho.answers import Json, Refused, failure
from crmbridge.testing._zoho.book import Book, Record
from crmbridge.testing._zoho.checks import duplicate, no_such_id

__all__ = ["Match", "Matching"]

_SYSTEM_FIELDS: Final = {"Accounts": "Account_Name", "Deals": "Deal_Name"}


@frozen
class Match:
    """What an upsert of one record meets.

    Attributes:
        record: the record to be changed; ``None`` if a new one is to be made.
        field: by which it was known, if by one.
        refusal: why neither is done.
    """

    record: Record | None = None
    field: str | None = None
    refusal: Json | None = None


class Matching:
    """Finds the records that upserts mean."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def fields(self, module: str, body: Json) -> list[str]:
        """Give the fields by which an upsert looks, in order.

        Raises:
            Refused: one is neither the system's nor unique.
        """
        table = self._book.tables[module]
        system = _SYSTEM_FIELDS.get(module, "Email")
        unique = [spec.name for spec in table.values() if spec.is_unique]
        asked = body.get("duplicate_check_fields") or [system]
        named = cast("list[str]", asked) if isinstance(asked, list) else [""]
        if not {*named} <= {system, *unique}:
            raise Refused(
                400,
                "INVALID_DATA",
                "invalid data",
                {"api_name": "duplicate_check_fields"},
            )
        return list(dict.fromkeys([*named, *unique]))

    def match(self, module: str, raw: Json, place: int, names: Sequence[str]) -> Match:
        """Find what a record means: by its id, else by the first field that fits."""
        if raw.get("id") is not None:
            record = self._book.modules[module].get(str(raw["id"]))
            refusal = no_such_id("id", place) if record is None else None
            return Match(record, refusal=refusal)
        for name in names:
            found = self._found(module, name, raw.get(name), place)
            if found is not None:
                return found
        return Match()

    def _found(self, module: str, name: str, value: Any, place: int) -> Match | None:
        live = self._book.matches(module, name, value)
        live.sort(key=lambda record: int(record.id))
        choice = self._book.switches.upsert_choice
        if len(live) > 1 and choice == "refuse":
            return Match(refusal=duplicate(self._book, name, live, place))
        if live:
            return Match(live[-1 if choice == "newest" else 0], name)
        meets = self._book.switches.upsert_meets
        if "converted" in meets:
            for record in self._book.matches(module, name, value, is_converted=True):
                return Match(record, name)
        if "deleted" in meets:
            for record in self._book.deleted_matches(module, name, value):
                details = {"api_name": name, "id": record.id}
                return Match(
                    refusal=failure("DUPLICATE_DATA", "duplicate data", details)
                )
        return None
