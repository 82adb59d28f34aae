"""How the fake Zoho shows its records: fields, lookups, times, system keys.

Floor 9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, Final

from crmbridge.testing._zoho.answers import Json
from crmbridge.testing._zoho.fields import FieldSpec
from crmbridge.testing._zoho.shelf import Record, Shelf
from crmbridge.testing._zoho.users import User

__all__ = ["Showing"]


class Showing:
    """What is shown of the records of a `Book`.

    Attributes:
        zone: the time zone of the token's user.
        users: by id, the first one is the administrator.
        user_id: whose token it is.
        modules: the live records.
        tables: by module, its fields.
    """

    zone: tzinfo
    users: dict[str, User]
    user_id: str
    modules: dict[str, Shelf]
    tables: dict[str, dict[str, FieldSpec]]

    @property
    def current_user(self) -> User:
        """The user whose token it is, by default the first one."""
        return self.users.get(self.user_id) or next(iter(self.users.values()))

    def stamp(self, at: datetime | None) -> str | None:
        """Write a time as Zoho does: in the user's zone, with its offset."""
        return None if at is None else at.astimezone(self.zone).isoformat()

    def name_of(self, record: Record) -> str:
        """Give the name that lists and lookups show."""
        if record.module in _NAMES:
            return str(record.values.get(_NAMES[record.module], ""))
        parts = (record.values.get("First_Name"), record.values.get("Last_Name"))
        return " ".join(str(part) for part in parts if part)

    def show(self, record: Record, names: Iterable[str] | None = None) -> Json:
        """Show a record as the API does: the named fields, or all."""
        return self.show_all((record,), names)[0]

    def show_all(
        self, records: Sequence[Record], names: Iterable[str] | None = None
    ) -> list[Json]:
        """Show records of one module; see `show`."""
        if not records:
            return []
        table = self.tables[records[0].module]
        wanted = table if names is None else [n for n in names if _is_shown(n, table)]
        return [
            {**{name: self._value(record, name) for name in wanted}, "id": record.id}
            for record in records
        ]

    def _value(self, record: Record, name: str) -> Any:
        special = _SPECIAL.get(name)
        if special is not None:
            return special(self, record)
        if name.startswith(("Converted_", "$converted")):
            return self._conversion(record, name)
        if name in _SYSTEM:
            return _SYSTEM[name]
        value = record.values.get(name)
        spec = self.tables[record.module][name]
        if spec.lookup is not None:
            return self._lookup(spec.lookup, value)
        if spec.type == "boolean":
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
        module = self.tables[record.module][name].lookup or ""
        return self._lookup(module, made.get(module))

    def _lookup(self, module: str, record_id: object) -> Json | None:
        shelf = self.modules.get(module)
        record = shelf.get(str(record_id)) if shelf else None
        if record is None:
            return None
        return {"name": self.name_of(record), "id": record.id}


_NAMES: Final = {"Accounts": "Account_Name", "Deals": "Deal_Name"}
_DETAILS: Final = {"contact": "Contacts", "account": "Accounts", "deal": "Deals"}
_SPECIAL: Final[Mapping[str, Callable[[Showing, Record], Any]]] = {
    "Owner": lambda book, record: book.users[record.owner_id].reference(),
    "Created_By": lambda book, _: book.current_user.signature(),
    "Modified_By": lambda book, _: book.current_user.signature(),
    "Created_Time": lambda book, record: book.stamp(record.created),
    "Modified_Time": lambda book, record: book.stamp(record.modified),
    "Full_Name": lambda book, record: book.name_of(record),
    "Tag": lambda _, record: record.values.get("Tag", []),
}
# What is told of a record that nobody approves, reviews, locks or merges.
_SYSTEM: Final[Mapping[str, Any]] = {
    "$approval_state": "approved",
    "$approval": {"delegate": False, "approve": False, "reject": False},
    "$currency_symbol": "$",
    "$editable": True,
    "$field_states": None,
    "$in_merge": False,
    "$locked_for_me": False,
    "$process_flow": False,
    "$review_process": {"approve": False, "reject": False, "resubmit": False},
    "$sharing_permission": "full_access",
}
_OF_LEADS: Final = frozenset({"$converted", "$converted_detail"})


def _is_shown(name: str, table: Mapping[str, FieldSpec]) -> bool:
    is_of_leads = name in _OF_LEADS and "Converted__s" in table
    return name in table or name in _SYSTEM or is_of_leads
