"""The tags of the fake Zoho: one name has one id in a module.

Floor 9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from attrs import frozen

from crmbridge.testing._zoho.answers import Json
from crmbridge.testing._zoho.shelf import Record

__all__ = ["Tag", "TagShelf"]


@frozen
class Tag:
    """A tag that records of a module can have."""

    id: str
    name: str
    color_code: str | None
    made: datetime

    def reference(self) -> Json:
        """Show the tag as records do."""
        return {"name": self.name, "id": self.id, "color_code": self.color_code}


class TagShelf:
    """The tags by module; a name is compared without regard to case.

    Unverified: whether Zoho does so.

    Args:
        new_id: makes ids.
        now: reads the clock.
    """

    def __init__(self, new_id: Callable[[], str], now: Callable[[], datetime]) -> None:
        self._new_id = new_id
        self._now = now
        self._tags: dict[tuple[str, str], Tag] = {}

    def of(self, module: str) -> list[Tag]:
        """Give the tags of a module."""
        return [tag for (home, _), tag in self._tags.items() if home == module]

    def find(self, module: str, name: str) -> Tag | None:
        """Give the tag of a name, if there is one."""
        return self._tags.get((module, name.casefold()))

    def define(self, module: str, name: str, color_code: str | None = None) -> Tag:
        """Give the tag of a name, made where it is missing."""
        found = self.find(module, name)
        if found is None:
            found = Tag(self._new_id(), name, color_code, self._now())
            self._tags[module, name.casefold()] = found
        return found

    def references(self, module: str, named: Iterable[Json]) -> list[Json]:
        """Show tags that are written by name or id; an id goes before a name."""
        by_id = {tag.id: tag for tag in self.of(module)}
        tags = [
            by_id.get(str(one.get("id")))
            or self.define(module, str(one.get("name")), one.get("color_code"))
            for one in named
        ]
        return [tag.reference() for tag in dict.fromkeys(tags)]

    def with_more(self, record: Record, names: Sequence[str]) -> list[Json]:
        """Give the tags of a record and some more, each once."""
        held: list[Json] = record.values.get("Tag", [])
        more = [{"name": name} for name in names]
        return self.references(record.module, [*held, *more])
