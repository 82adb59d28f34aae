"""What a conversion makes of a lead in the fake Zoho.

Floor 9.
Source: Zoho CRM API v7 and v8, "Convert Lead": which fields go over is the
organisation's own mapping, here that of a stock organisation; a named contact
keeps its account unless it is to be overwritten, and a named account gets the
company's name if it is.
"""

from __future__ import annotations

from typing import Any

from crmbridge.testing._zoho.answers import Json
from crmbridge.testing._zoho.book import Book, Record
from crmbridge.testing._zoho.conversion_checks import carried

__all__ = ["make_of"]


def make_of(book: Book, lead: Record, element: Json) -> dict[str, Record | None]:
    """Convert a lead, unchecked; give its contact, account and deal by module."""
    owner_id = element.get("assign_to", {}).get("id") or lead.owner_id
    account = _account(book, lead, element, owner_id)
    contact = _contact(book, lead, element, account, owner_id)
    made: dict[str, Record | None] = {
        "Contacts": contact,
        "Accounts": account,
        "Deals": _deal(book, element, contact, account, owner_id),
    }
    for module, names in element.get("carry_over_tags", {}).items():
        record = made[module]
        if record is not None:
            _carry_tags(book, lead, record, names)
    lead.converted = {
        module: record.id if record else None for module, record in made.items()
    }
    lead.converted_at = book.now()
    book.touch(lead)
    return made


def _account(book: Book, lead: Record, element: Json, owner_id: str) -> Record | None:
    account_id = element.get("Accounts", {}).get("id")
    company = lead.values.get("Company")
    if account_id is None:
        if not company:
            return None
        return book.add("Accounts", {"Account_Name": company}, owner_id)
    account = book.modules["Accounts"][account_id]
    if element.get("overwrite") and company:
        book.change(account, {"Account_Name": company})
    return account


def _contact(
    book: Book, lead: Record, element: Json, account: Record | None, owner_id: str
) -> Record:
    values = carried(book, lead)
    contact_id = element.get("Contacts", {}).get("id")
    if contact_id is None:
        if account is not None:
            values["Account_Name"] = account.id
        return book.add("Contacts", values, owner_id)
    contact = book.modules["Contacts"][contact_id]
    if not book.switches.conversion_overwrites:
        values = {k: v for k, v in values.items() if k not in contact.values}
    is_free = "Account_Name" not in contact.values or bool(element.get("overwrite"))
    if account is not None and is_free:
        values["Account_Name"] = account.id
    book.change(contact, values)
    return contact


def _deal(
    book: Book, element: Json, contact: Record, account: Record | None, owner_id: str
) -> Record | None:
    if "Deals" not in element:
        return None
    table = book.tables["Deals"]
    values: dict[str, Any] = {
        name: value for name, value in element["Deals"].items() if name in table
    }
    values["Contact_Name"] = contact.id
    values["Account_Name"] = account.id if account else None
    return book.add("Deals", values, owner_id)


def _carry_tags(book: Book, lead: Record, record: Record, names: list[str]) -> None:
    """Give a record those of the lead's tags that are named."""
    wanted = [tag["name"] for tag in lead.values.get("Tag", []) if tag["name"] in names]
    if wanted:
        book.change(record, {"Tag": book.tags.with_more(record, wanted)})
