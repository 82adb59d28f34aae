"""The records of the fake Zoho: kept, found, shown.

Floor 9.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any, Final, Literal, TypeAlias

from attrs import evolve, frozen

from crmbridge.testing._clock import ServiceClock
from crmbridge.testing._zoho.answers import Json
from crmbridge.testing._zoho.fields import MODULES, FieldSpec, field_table
from crmbridge.testing._zoho.holds import Holds
from crmbridge.testing._zoho.search_index import SearchIndex
from crmbridge.testing._zoho.shelf import Record, Shelf
from crmbridge.testing._zoho.showing import Showing
from crmbridge.testing._zoho.switches import ZohoSwitches
from crmbridge.testing._zoho.tag_shelf import TagShelf
from crmbridge.testing._zoho.users import User

__all__ = ["BIN_LIFE", "ZONE", "Book", "Deleted", "Operation", "Record", "User", "View"]

ZONE: Final = timezone(timedelta(hours=1))
BIN_LIFE: Final = timedelta(days=60)
_FIRST_ID: Final = 487_687_600_000_301_000
_LONG_ID: Final = 19
_INDEXED: Final = frozenset({"Email", "Account_Name"})


@frozen
class Deleted:
    """What is remembered of a deleted record."""

    id: str
    at: datetime
    name: str
    is_permanent: bool
    record: Record


@frozen
class View:
    """A custom view that somebody has made.

    Attributes:
        id: its id, the parameter ``cvid``.
        module: whose records it shows.
        holds: tells whether it shows a record.
        sort_by: ``"id"``, ``"Created_Time"`` or ``"Modified_Time"``.
        sort_order: ``"asc"`` or ``"desc"``.
    """

    id: str
    module: str
    holds: Callable[[Json], bool]
    sort_by: str
    sort_order: str


Operation: TypeAlias = Literal["insert", "update", "delete"]
Listener: TypeAlias = Callable[[Operation, Record, Collection[str]], None]


class Book(Showing):
    """All records of an organisation, its users, and its clock.

    Args:
        switches: where organisations differ.
        clock: the service's clock.
        zone: the time zone of the token's user.

    Attributes:
        written: how many records were written by requests.
        user_id: the user whose token it is.
        views: the custom views by their ids.
        search_index: what the search knows of the records.
        listeners: are told of each insert, update and delete, with the record
            and the names of the fields that got another value.
        holds: which records cannot be changed for a while.
    """

    def __init__(
        self, switches: ZohoSwitches, clock: ServiceClock, zone: tzinfo = ZONE
    ) -> None:
        self.clock = clock
        self.zone = zone
        self.users: dict[str, User] = {}
        self.user_id = ""
        self.views: dict[str, View] = {}
        self.modules = {name: Shelf() for name in MODULES}
        self.deleted: dict[str, list[Deleted]] = {name: [] for name in MODULES}
        self.tables: dict[str, dict[str, FieldSpec]] = {}
        self.search_index = SearchIndex()
        self.holds = Holds()
        self.tags = TagShelf(self.new_id, self.now)
        self._index: dict[tuple[str, str, str], dict[str, None]] = {}
        self._last_id = _FIRST_ID
        self.written = 0
        self.listeners: list[Listener] = []
        self.switches = switches

    @property
    def switches(self) -> ZohoSwitches:
        """Where organisations differ."""
        return self._switches

    @switches.setter
    def switches(self, switches: ZohoSwitches) -> None:
        self._switches = switches
        self.tables = {module: field_table(module, switches) for module in MODULES}

    def now(self) -> datetime:
        """Give the service's time in whole seconds."""
        return self.clock().at.replace(microsecond=0)

    def stamp_time(self) -> datetime:
        """Give the time that records are stamped with."""
        return self.now() - timedelta(seconds=self.switches.stamps_behind_seconds)

    def new_id(self) -> str:
        """Make an id of 18 or 19 digits that no module has had."""
        self._last_id += 1
        is_long = self.switches.id_digits == _LONG_ID
        return str(self._last_id + (10**18 if is_long else 0))

    def add_user(self, email: str, full_name: str, **more: Any) -> User:
        """Add a user; the first one is the token's, and an administrator."""
        more.setdefault("is_admin", not self.users)
        return self.put_user(User(self.new_id(), email, full_name, **more))

    def put_user(self, user: User) -> User:
        """Keep a user that is new or changed."""
        self.users[user.id] = evolve(user, modified=self.now())
        return self.users[user.id]

    # --- changes ---

    def add(self, module: str, values: Json, owner_id: str | None = None) -> Record:
        """Add a record, unchecked."""
        now = self.stamp_time()
        record = Record(
            module,
            self.new_id(),
            owner_id or self.current_user.id,
            now,
            now,
            {name: value for name, value in values.items() if not _is_empty(value)},
        )
        self.modules[module].add(record)
        self._enter(record, record.values)
        self._note(record, None)
        self._tell("insert", record, record.values)
        return record

    def change(self, record: Record, values: Json, owner_id: str | None = None) -> None:
        """Change a record, unchecked; empty values empty their fields."""
        changed = [
            name
            for name, value in values.items()
            if _none_if_empty(value) != record.values.get(name)
        ]
        if owner_id not in {None, record.owner_id}:
            changed.append("Owner")
        self._leave(record, values)
        self._note(record, record.values)
        for name, value in values.items():
            if _is_empty(value):
                record.values.pop(name, None)
            else:
                record.values[name] = value
        self._enter(record, values)
        record.owner_id = owner_id or record.owner_id
        if changed or self.switches.moves_time_always:
            self.touch(record)
            self._tell("update", record, changed)

    def _note(self, record: Record, before: Json | None) -> None:
        lag = self.switches.search_lag_seconds
        if lag:
            at = self.now()
            since = at - timedelta(seconds=lag)
            self.search_index.note(record.id, before, at=at, since=since)

    def touch(self, record: Record) -> None:
        """Move a record's modified time, never backwards."""
        record.modified = max(self.stamp_time(), record.modified)
        self.modules[record.module].forget_times()

    def remove(self, record: Record, *, is_permanent: bool = False) -> None:
        """Delete a record, into the recycle bin by default."""
        self._leave(record, record.values)
        self.modules[record.module].remove(record)
        self._note_deletion(record, is_permanent=is_permanent)
        self._tell("delete", record, ())

    def purge(self, record_id: str) -> bool:
        """Delete a record from the recycle bin too, if it lies there."""
        item = self._in_bin(record_id)
        if item is None:
            return False
        if not self.switches.lists_purged_twice:
            self.deleted[item.record.module].remove(item)
        self._note_deletion(item.record, is_permanent=True)
        return True

    def _note_deletion(self, record: Record, *, is_permanent: bool) -> None:
        at, name = self.stamp_time(), self.name_of(record)
        item = Deleted(record.id, at, name, is_permanent, record)
        self.deleted[record.module].append(item)

    def restore(self, record_id: str) -> bool:
        """Take a record out of the recycle bin, if it lies there."""
        item = self._in_bin(record_id)
        if item is None:
            return False
        self.deleted[item.record.module].remove(item)
        self.modules[item.record.module].add(item.record)
        self._enter(item.record, item.record.values)
        if self.switches.restoring_moves_time:
            self.touch(item.record)
        return True

    def _in_bin(self, record_id: str) -> Deleted | None:
        """Give what the recycle bin holds of a record."""
        found = [
            item
            for items in self.deleted.values()
            for item in items
            if item.id == record_id
        ]
        if any(item.is_permanent for item in found):
            return None
        oldest = self.now() - BIN_LIFE
        return next((item for item in found if item.at >= oldest), None)

    def _tell(
        self, operation: Operation, record: Record, names: Collection[str]
    ) -> None:
        for listener in self.listeners:
            listener(operation, record, names)

    # --- looking ---

    def live(self, module: str) -> Iterator[Record]:
        """Give the records that are neither deleted nor converted."""
        return (r for r in self.modules[module].values() if r.converted is None)

    def matches(
        self, module: str, name: str, value: object, *, is_converted: bool = False
    ) -> list[Record]:
        """Give the records that hold a value, as the field compares.

        Args:
            module: the module.
            name: the field.
            value: what it holds; nothing and what is no text match nothing.
            is_converted: look among the converted leads, not the live ones.
        """
        if not isinstance(value, str) or not value:
            return []
        if name in _INDEXED:
            wanted = (module, name, value.casefold())
            found: Iterable[Record] = (
                self.modules[module][i] for i in self._index.get(wanted, ())
            )
        else:
            found = self.modules[module].values()
        return [
            record
            for record in found
            if (record.converted is not None) is is_converted
            and self._holds(record, name, value)
        ]

    def holding(
        self, module: str, name: str, values: Iterable[object]
    ) -> list[Record] | None:
        """Give all records that hold one of some texts, in the order of their ids.

        They are found without a look at the others, and without regard to case.
        ``None`` for a field that has no index.
        """
        if name not in _INDEXED:
            return None
        keys = [(module, name, str(value).casefold()) for value in values]
        ids = {record_id for key in keys for record_id in self._index.get(key, ())}
        return [self.modules[module][record_id] for record_id in sorted(ids, key=int)]

    def deleted_matches(self, module: str, name: str, value: object) -> list[Record]:
        """Give the records of the recycle bin that hold a value."""
        if not isinstance(value, str) or not value:
            return []
        return [
            item.record
            for item in self.deleted[module]
            if not item.is_permanent and self._holds(item.record, name, value)
        ]

    def _holds(self, record: Record, name: str, value: str) -> bool:
        held = str(record.values.get(name, ""))
        if self.tables[record.module][name].is_case_sensitive:
            return held == value
        return held.casefold() == value.casefold()

    def account_named(self, name: str) -> Record | None:
        """Give the first account of a name."""
        return next(iter(self.matches("Accounts", "Account_Name", name)), None)

    def _enter(self, record: Record, names: Iterable[str]) -> None:
        for key in self._keys(record, names):
            self._index.setdefault(key, {})[record.id] = None

    def _leave(self, record: Record, names: Iterable[str]) -> None:
        for key in self._keys(record, names):
            self._index.get(key, {}).pop(record.id, None)

    def _keys(
        self, record: Record, names: Iterable[str]
    ) -> Iterator[tuple[str, str, str]]:
        for name in _INDEXED.intersection(names):
            value = record.values.get(name)
            if isinstance(value, str):
                yield record.module, name, value.casefold()


def _is_empty(value: object) -> bool:
    return value is None or value == ""


def _none_if_empty(value: Any) -> Any:
    return None if _is_empty(value) else value
