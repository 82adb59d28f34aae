"""The records of the fake Zoho: kept, found, shown.

Floor 9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any, Final

from attrs import define, field, frozen

from crmbridge.testing._clock import ServiceClock
from crmbridge.testing._zoho.answers import Json
from crmbridge.testing._zoho.fields import MODULES, FieldSpec, field_table
from crmbridge.testing._zoho.switches import ZohoSwitches

__all__ = ["ZONE", "Book", "Deleted", "Record", "User"]

ZONE: Final = timezone(timedelta(hours=1))
_FIRST_ID: Final = 487_687_600_000_301_000
_INDEXED: Final = frozenset({"Email", "Account_Name"})


@frozen
class User:
    """A user of the organisation."""

    id: str
    email: str
    full_name: str
    is_active: bool = True

    def reference(self) -> Json:
        """Show the user as the owner of a record."""
        return {**self.signature(), "email": self.email}

    def signature(self) -> Json:
        """Show the user as the one who made or changed a record."""
        return {"id": self.id, "name": self.full_name}


@define
class Record:
    """One live record."""

    module: str
    id: str
    owner_id: str
    created: datetime
    modified: datetime
    values: Json = field(factory=dict[str, Any])
    converted: Json | None = None
    converted_at: datetime | None = None


@frozen
class Deleted:
    """What is remembered of a deleted record."""

    id: str
    at: datetime
    name: str
    is_permanent: bool
    record: Record


class Book:
    """All records of an organisation, its users, and its clock.

    Args:
        switches: where organisations differ.
        clock: the service's clock.
        zone: the time zone of the token's user.

    Attributes:
        written: how many records were written by requests.
    """

    def __init__(
        self, switches: ZohoSwitches, clock: ServiceClock, zone: tzinfo = ZONE
    ) -> None:
        self.clock = clock
        self.zone = zone
        self.users: dict[str, User] = {}
        self.modules: dict[str, dict[str, Record]] = {name: {} for name in MODULES}
        self.deleted: dict[str, list[Deleted]] = {name: [] for name in MODULES}
        self.tables: dict[str, dict[str, FieldSpec]] = {}
        self._index: dict[tuple[str, str, str], dict[str, None]] = {}
        self._last_id = _FIRST_ID
        self.written = 0
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

    def new_id(self) -> str:
        """Make an id of 18 digits that no module has had."""
        self._last_id += 1
        return str(self._last_id)

    def add_user(self, email: str, full_name: str, *, is_active: bool = True) -> User:
        """Add a user; the first one is the token's."""
        user = User(self.new_id(), email, full_name, is_active)
        self.users[user.id] = user
        return user

    @property
    def current_user(self) -> User:
        """The user whose token it is."""
        return next(iter(self.users.values()))

    # --- changes ---

    def add(self, module: str, values: Json, owner_id: str | None = None) -> Record:
        """Add a record, unchecked."""
        now = self.now()
        record = Record(
            module,
            self.new_id(),
            owner_id or self.current_user.id,
            now,
            now,
            {name: value for name, value in values.items() if not _is_empty(value)},
        )
        self.modules[module][record.id] = record
        self._enter(record, record.values)
        return record

    def change(self, record: Record, values: Json, owner_id: str | None = None) -> None:
        """Change a record, unchecked; empty values empty their fields."""
        has_changed = owner_id not in {None, record.owner_id} or any(
            _none_if_empty(value) != record.values.get(name)
            for name, value in values.items()
        )
        self._leave(record, values)
        for name, value in values.items():
            if _is_empty(value):
                record.values.pop(name, None)
            else:
                record.values[name] = value
        self._enter(record, values)
        record.owner_id = owner_id or record.owner_id
        if has_changed or self.switches.moves_time_always:
            self.touch(record)

    def touch(self, record: Record) -> None:
        """Move a record's modified time, never backwards."""
        record.modified = max(self.now(), record.modified)

    def remove(self, record: Record, *, is_permanent: bool = False) -> None:
        """Delete a record, into the recycle bin by default."""
        self._leave(record, record.values)
        del self.modules[record.module][record.id]
        self.deleted[record.module].append(
            Deleted(record.id, self.now(), self.name_of(record), is_permanent, record)
        )

    def restore(self, record_id: str) -> bool:
        """Take a record out of the recycle bin, if it lies there."""
        for module, items in self.deleted.items():
            for item in items:
                if item.id == record_id and not item.is_permanent:
                    items.remove(item)
                    self.modules[module][record_id] = item.record
                    self._enter(item.record, item.record.values)
                    if self.switches.restoring_moves_time:
                        self.touch(item.record)
                    return True
        return False

    # --- looking ---

    def live(self, module: str) -> Iterator[Record]:
        """Give the records that are neither deleted nor converted."""
        return (r for r in self.modules[module].values() if r.converted is None)

    def matches(self, module: str, name: str, value: object) -> list[Record]:
        """Give the live records that hold a value, without regard to case."""
        if not isinstance(value, str) or not value:
            return []
        wanted = value.casefold()
        if name in _INDEXED:
            ids: Iterable[str] = self._index.get((module, name, wanted), ())
            found: Iterable[Record] = (self.modules[module][i] for i in ids)
        else:
            found = self.modules[module].values()
        return [
            record
            for record in found
            if record.converted is None
            and str(record.values.get(name, "")).casefold() == wanted
        ]

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

    # --- showing ---

    def stamp(self, at: datetime | None) -> str | None:
        """Write a time as Zoho does: in the user's zone, with its offset."""
        return None if at is None else at.astimezone(self.zone).isoformat()

    def name_of(self, record: Record) -> str:
        """Give the name that lists and lookups show."""
        if record.module == "Accounts":
            return str(record.values.get("Account_Name", ""))
        parts = (record.values.get("First_Name"), record.values.get("Last_Name"))
        return " ".join(str(part) for part in parts if part)

    def show(self, record: Record, names: Iterable[str] | None = None) -> Json:
        """Show a record as the API does: the named fields, or all."""
        table = self.tables[record.module]
        wanted = table if names is None else [n for n in names if _is_shown(n, table)]
        return {
            **{name: self._value(record, name) for name in wanted},
            "id": record.id,
        }

    def _value(self, record: Record, name: str) -> Any:
        special = _SPECIAL.get(name)
        if special is not None:
            return special(self, record)
        if name.startswith(("Converted_", "$converted")):
            return self._conversion(record, name)
        value = record.values.get(name)
        if name == "Account_Name" and record.module == "Contacts":
            return self._lookup("Accounts", value)
        if self.tables[record.module][name].type == "boolean":
            return bool(value)
        return value

    def _conversion(self, record: Record, name: str) -> Any:
        made = record.converted or {}
        if name in {"Converted__s", "$converted"}:
            return record.converted is not None
        if name == "Converted_Date_Time":
            return self.stamp(record.converted_at)
        if name == "$converted_detail":
            return {
                kind: made[module]
                for kind, module in _DETAILS.items()
                if made.get(module)
            }
        module = {"Converted_Contact": "Contacts", "Converted_Account": "Accounts"}
        return self._lookup(module.get(name, ""), made.get(module.get(name, "")))

    def _lookup(self, module: str, record_id: object) -> Json | None:
        record = self.modules.get(module, {}).get(str(record_id))
        if record is None:
            return None
        return {"name": self.name_of(record), "id": record.id}


_DETAILS: Final = {"contact": "Contacts", "account": "Accounts"}
_SPECIAL: Final[Mapping[str, Callable[[Book, Record], Any]]] = {
    "Owner": lambda book, record: book.users[record.owner_id].reference(),
    "Created_By": lambda book, _: book.current_user.signature(),
    "Modified_By": lambda book, _: book.current_user.signature(),
    "Created_Time": lambda book, record: book.stamp(record.created),
    "Modified_Time": lambda book, record: book.stamp(record.modified),
    "Full_Name": lambda book, record: book.name_of(record),
    "Tag": lambda _, record: record.values.get("Tag", []),
}
_SYSTEM: Final = frozenset({"$converted", "$converted_detail"})


def _is_shown(name: str, table: dict[str, FieldSpec]) -> bool:
    return name in table or (name in _SYSTEM and "Converted__s" in table)


def _is_empty(value: object) -> bool:
    return value is None or value == ""


def _none_if_empty(value: Any) -> Any:
    return None if _is_empty(value) else value
