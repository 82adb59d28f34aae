"""What people do in the fake Zoho with their own hands.

Floor 9.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import evolve

from crmbridge.errors import InvalidInputError
from crmbridge.testing._zoho.answers import Json
from crmbridge.testing._zoho.book import Book, Record, User, View
from crmbridge.testing._zoho.convert import Conversions
from crmbridge.testing._zoho.users import UserStatus

__all__ = ["ZohoPeople"]

_NAMES: Final = {"Accounts": "Account_Name", "Deals": "Deal_Name"}


class ZohoPeople:
    """Looks at and edits the records of a `ZohoFake` as a person does.

    Fields are named as in the API, and not checked.
    ``Owner`` takes a user's e-mail; ``Account_Name`` of a contact or deal takes
    the account's name and makes the account where it is missing; ``Created_Time``
    of a new record takes an aware datetime, and ``Tag`` takes names.

    >>> from crmbridge.testing import ZohoFake
    >>> people = ZohoFake().people
    >>> lead = people.add_lead(Last_Name="Nowak", Company="Acme")
    >>> people.record(people.convert(lead))["Account_Name"]["name"]
    'Acme'
    """

    def __init__(
        self, book: Book, conversions: Conversions, lock: threading.RLock
    ) -> None:
        self._book = book
        self._conversions = conversions
        self._lock = lock

    def add_user(
        self,
        email: str,
        full_name: str = "Fake User",
        *,
        is_active: bool = True,
        is_confirmed: bool = True,
        is_admin: bool = False,
    ) -> str:
        """Add a user and give the id."""
        with self._lock:
            return self._book.add_user(
                email,
                full_name,
                status="active" if is_active else "inactive",
                is_confirmed=is_confirmed,
                is_admin=is_admin,
            ).id

    def change_user(
        self,
        email: str,
        *,
        status: UserStatus | None = None,
        is_confirmed: bool | None = None,
        full_name: str | None = None,
    ) -> None:
        """Change a user: ``"deleted"`` deletes, ``"inactive"`` locks out."""
        given = {
            "status": status,
            "is_confirmed": is_confirmed,
            "full_name": full_name,
        }
        changes: Any = {k: v for k, v in given.items() if v is not None}
        with self._lock:
            self._book.put_user(evolve(self._user(email), **changes))

    def log_in(self, email: str) -> None:
        """Let the token be that of another user."""
        with self._lock:
            self._book.user_id = self._user(email).id

    def add_view(
        self,
        module: str,
        holds: Callable[[Json], bool],
        *,
        sort_by: str = "id",
        sort_order: str = "desc",
    ) -> str:
        """Add a custom view of the records for which ``holds`` is true; give its id."""
        with self._lock:
            view = View(self._book.new_id(), module, holds, sort_by, sort_order)
            self._book.views[view.id] = view
            return view.id

    def fill(self, module: str, count: int) -> None:
        """Add many plain records, which take little time and memory.

        Each has a ``Last_Name`` of its own, such as ``"Lead 1"``, or an
        ``Account_Name`` or ``Deal_Name``, and no e-mail.
        """
        name = _NAMES.get(module, "Last_Name")
        with self._lock:
            for number in range(1, count + 1):
                self._book.add(module, {name: f"{module[:-1]} {number}"})

    def add_lead(self, **fields: Any) -> str:
        """Add a lead and give its id."""
        return self._add("Leads", fields)

    def add_contact(self, **fields: Any) -> str:
        """Add a contact and give its id."""
        return self._add("Contacts", fields)

    def add_account(self, **fields: Any) -> str:
        """Add an account and give its id."""
        return self._add("Accounts", fields)

    def add_deal(self, **fields: Any) -> str:
        """Add a deal and give its id; ``Contact_Name`` takes a contact's id."""
        return self._add("Deals", fields)

    def edit(self, record_id: str, **fields: Any) -> None:
        """Change fields of a record; ``None`` empties one."""
        with self._lock:
            record = self._find(record_id)
            values, owner_id = self._stored(record.module, fields)
            self._book.change(record, values, owner_id)
            self._book.touch(record)

    def convert(self, lead_id: str, *, into: str | None = None) -> str:
        """Convert a lead, into a contact if one is named; give the contact's id."""
        with self._lock:
            element = {} if into is None else {"Contacts": {"id": into}}
            return self._conversions.convert(self._find(lead_id), element).id

    def delete(self, record_id: str, *, is_permanent: bool = False) -> None:
        """Delete a record, into the recycle bin by default."""
        with self._lock:
            self._book.remove(self._find(record_id), is_permanent=is_permanent)

    def restore(self, record_id: str) -> None:
        """Take a record out of the recycle bin."""
        with self._lock:
            if not self._book.restore(record_id):
                raise InvalidInputError("it lies in no recycle bin", field="id")

    def purge(self, record_id: str) -> None:
        """Delete a record from the recycle bin too."""
        with self._lock:
            if not self._book.purge(record_id):
                raise InvalidInputError("it lies in no recycle bin", field="id")

    def hide(self, record_id: str) -> None:
        """Take a record from the sight of the token's user, as sharing rules do."""
        with self._lock:
            self._find(record_id).is_hidden = True

    def unhide(self, record_id: str) -> None:
        """Let the token's user see a record again."""
        with self._lock:
            self._find(record_id).is_hidden = False

    def merge(self, winner_id: str, loser_id: str) -> None:
        """Merge two records of a module: blanks are filled, the loser deleted.

        Source: Zoho CRM help, "Merge duplicate records"; which values win is
        chosen on the screen. No pointer to the winner is documented.
        """
        with self._lock:
            winner, loser = self._find(winner_id), self._find(loser_id)
            self._book.remove(loser)
            if not self._book.switches.lists_merged_as_deleted:
                self._book.deleted[loser.module].pop()
            blanks = {
                name: value
                for name, value in loser.values.items()
                if name not in winner.values
            }
            self._book.change(winner, blanks)
            self._book.touch(winner)

    def unsubscribe(self, email: str) -> None:
        """Follow the unsubscribe link: all records with the address opt out."""
        with self._lock:
            for module in ("Leads", "Contacts"):
                for record in self._book.matches(module, "Email", email):
                    values = {
                        "Email_Opt_Out": True,
                        "Unsubscribed_Mode": "Consent form",
                        "Unsubscribed_Time": self._book.stamp(self._book.now()),
                    }
                    self._book.change(record, values)
                    self._book.touch(record)

    def record(self, record_id: str) -> Json:
        """Show one record with all fields, converted or not."""
        with self._lock:
            return self._book.show(self._find(record_id))

    def records(self, module: str) -> tuple[Json, ...]:
        """Show all records of a module but deleted and converted ones."""
        with self._lock:
            return tuple(self._book.show(record) for record in self._book.live(module))

    def _add(self, module: str, fields: Mapping[str, Any]) -> str:
        with self._lock:
            values, owner_id = self._stored(module, fields)
            created = values.pop("Created_Time", None)
            record = self._book.add(module, values, owner_id)
            if created is not None:
                record.created = record.modified = created.replace(microsecond=0)
                self._book.modules[module].forget_times()
            return record.id

    def _find(self, record_id: str) -> Record:
        for records in self._book.modules.values():
            if record_id in records:
                return records[record_id]
        raise InvalidInputError("there is no live record with this id", field="id")

    def _stored(
        self, module: str, fields: Mapping[str, Any]
    ) -> tuple[Json, str | None]:
        values = dict(fields)
        owner = values.pop("Owner", None)
        company = values.get("Account_Name")
        if (
            module in {"Contacts", "Deals"}
            and company
            and company not in self._accounts()
        ):
            values["Account_Name"] = self._account(company)
        if "Tag" in values:
            values["Tag"] = self._book.tags.references(
                module, [{"name": name} for name in values["Tag"] or ()]
            )
        return values, None if owner is None else self._user(owner).id

    def _accounts(self) -> Mapping[str, Record]:
        return self._book.modules["Accounts"]

    def _account(self, name: str) -> str:
        found = self._book.account_named(name)
        return (found or self._book.add("Accounts", {"Account_Name": name})).id

    def _user(self, email: str) -> User:
        for user in self._book.users.values():
            if user.email == email:
                return user
        raise InvalidInputError("there is no user with this e-mail", field="Owner")
