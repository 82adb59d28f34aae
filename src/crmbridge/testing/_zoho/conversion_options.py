"""What a lead of the fake Zoho could be converted into, of what is there.

Floor 9.
Source: Zoho CRM API v8, "Lead Conversion Options": matches are looked for by the
unique fields, and where there are none by e-mail, company and name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from attrs import frozen

from crmbridge.testing._zoho.answers import Json, Refused
from crmbridge.testing._zoho.book import Book, Record
from crmbridge.testing._zoho.conversion_checks import carried
from crmbridge.testing._zoho.metadata import module_id
from crmbridge.testing._zoho.routes import API, Answer, Asked, Route

__all__ = ["ConversionMatches"]

_STANDARD: Final = {"name": "Standard", "id": "487687600000091055"}


@frozen
class _Found:
    """Records that hold a value of the lead's."""

    field: str
    value: str
    records: list[Record]


class ConversionMatches:
    """Answers which contacts and accounts are the same as a lead's."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def routes(self) -> Iterator[Route]:
        """Name the addresses of this part."""
        path = f"{API}/Leads/{{id}}/__conversion_options"
        yield Route("GET", path, "conversion options", self._asked, module="Leads")

    def _asked(self, asked: Asked) -> Answer:
        lead = self._book.modules["Leads"].get(asked.id or "")
        where = {"resource_path_index": 1}
        if lead is None or lead.converted is not None or lead.is_hidden:
            raise Refused(
                400, "INVALID_DATA", "the given id seems to be invalid", where
            )
        code = self._book.holds.code_of(lead.id)
        if code is not None:
            raise Refused(400, code, "record under merge is locked", where)
        contacts = self._found("Contacts", self._contact_values(lead))
        accounts = self._found("Accounts", {"Account_Name": lead.values.get("Company")})
        if contacts is None and accounts is None:
            return 204, None
        return 200, {"__conversion_options": self._shown(contacts, accounts)}

    def _contact_values(self, lead: Record) -> Json:
        name = self._book.name_of(lead)
        return {**carried(self._book, lead), "Full_Name": name}

    def _found(self, module: str, values: Json) -> _Found | None:
        """Look by unique fields, and where there are none by others, in order."""
        table = self._book.tables[module]
        names = [name for name in values if table[name].is_unique] or [
            name for name in ("Email", "Account_Name", "Full_Name") if name in values
        ]
        for name in names:
            records = self._holding(module, name, values[name])
            if records:
                return _Found(name, str(values[name]), records)
        return None

    def _holding(self, module: str, name: str, value: Any) -> list[Record]:
        if name != "Full_Name":
            return self._book.matches(module, name, value)
        wanted = str(value).casefold()
        return [
            record
            for record in self._book.live(module)
            if self._book.name_of(record).casefold() == wanted
        ]

    def _shown(self, contacts: _Found | None, accounts: _Found | None) -> Json:
        preferred = "Contacts" if contacts else "Accounts"
        return {
            "module_preference": {
                "api_name": preferred,
                "id": module_id(preferred),
            },
            "Contacts": contacts and [self._contact(r) for r in contacts.records],
            "Accounts": accounts and [self._account(r) for r in accounts.records],
            "preference_field_matched_value": {
                "Contacts": contacts and [self._by("Contacts", contacts)],
                "Accounts": accounts and [self._by("Accounts", accounts)],
            },
            "modules_with_multiple_layouts": None,
        }

    def _contact(self, record: Record) -> Json:
        shown = self._book.show(record, ("Full_Name", "Email", "Account_Name"))
        account = shown["Account_Name"]
        return {
            **shown,
            "Account_Name": account and {**account, "Locked__s": False},
            "Layout": _STANDARD,
            "Data_Processing_Basis": None,
            **self._state(record),
        }

    def _account(self, record: Record) -> Json:
        shown = self._book.show(record, ("Phone", "Website", "Account_Name"))
        return {**shown, "Account_Type": None, **self._state(record)}

    def _state(self, record: Record) -> Json:
        code = self._book.holds.code_of(record.id)
        is_pending = code == "NOT_APPROVED"
        return {
            "Locked__s": code == "RECORD_LOCKED",
            "$editable": True,
            "$approval_state": "pending" if is_pending else "approved",
        }

    def _by(self, module: str, found: _Found) -> Json:
        is_unique = self._book.tables[module][found.field].is_unique
        return {
            "field": {
                "api_name": found.field,
                "field_label": found.field.replace("_", " "),
                "unique": is_unique or None,
                "id": module_id(module),
            },
            "matched_lead_value": found.value,
        }
