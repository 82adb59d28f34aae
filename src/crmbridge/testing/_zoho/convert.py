"""The conversion of leads in the fake Zoho.

Floor 9.
Source: Zoho CRM API v7 and v8, "Convert Lead"; which fields go over is the
organisation's own mapping, here that of a stock organisation.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final, cast

from attrs import frozen

from crmbridge.testing._zoho.answers import (
    Json,
    Refused,
    failure,
    records_of,
    success,
)
from crmbridge.testing._zoho.book import Book, Record
from crmbridge.testing._zoho.metadata import CARRIED
from crmbridge.testing._zoho.routes import API, Answer, Route

__all__ = ["Conversions"]

_LATER: Final = timedelta(seconds=30)
_CREDITS: Final = 5


@frozen
class _Job:
    lead: Record
    element: Json
    due: datetime


class Conversions:
    """Turns leads into contacts, at once or as jobs."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._jobs: list[_Job] = []

    def routes(self) -> Iterator[Route]:
        """Name the addresses of this part."""
        yield Route(
            "POST",
            f"{API}/Leads/{{id}}/actions/convert",
            "convert",
            lambda asked: self.answer(asked.id or "", asked.body),
            module="Leads",
            credits=_CREDITS,
            is_write=True,
            is_complex=True,
        )

    def answer(self, lead_id: str, body: object) -> Answer:
        """Answer a request to convert."""
        answered = self._answer(lead_id, body)
        self._book.written += 1
        return answered

    def _answer(self, lead_id: str, body: object) -> Answer:
        element = records_of(body)[0]
        lead = self._book.modules["Leads"].get(lead_id)
        if lead is None:
            raise Refused(
                400,
                "INVALID_DATA",
                "the id given seems to be invalid",
                {"resource_path_index": 1},
            )
        if lead.converted is not None or any(job.lead is lead for job in self._jobs):
            raise Refused(
                400,
                "ID_ALREADY_CONVERTED",
                "id already converted",
                {"resource_path_index": 1},
            )
        if not isinstance(element, dict) or _has_old_form(cast("Json", element)):
            raise _wrapped(
                "INVALID_DATA", "invalid data", {"expected_data_type": "jsonobject"}
            )
        self._check(lead, cast("Json", element))
        if self._book.switches.schedules_conversions:
            return self._schedule(lead, cast("Json", element))
        return self._done(self.convert(lead, cast("Json", element)))

    def settle(self) -> None:
        """Do the jobs that are due."""
        due = [job for job in self._jobs if job.due <= self._book.now()]
        for job in due:
            self._jobs.remove(job)
            self.convert(job.lead, job.element)

    def convert(self, lead: Record, element: Json) -> Record:
        """Convert a lead, unchecked, and give the contact."""
        account = self._account(lead, element)
        contact_id = element.get("Contacts", {}).get("id")
        owner_id = element.get("assign_to", {}).get("id") or lead.owner_id
        values = self._carried(lead)
        if contact_id is None:
            if account is not None:
                values["Account_Name"] = account.id
            contact = self._book.add("Contacts", values, owner_id)
        else:
            contact = self._book.modules["Contacts"][contact_id]
            self._merge(contact, values, account)
        lead.converted = {
            "Contacts": contact.id,
            "Accounts": account.id if account else None,
        }
        lead.converted_at = self._book.now()
        self._book.touch(lead)
        return contact

    def _carried(self, lead: Record) -> Json:
        drops = self._book.switches.conversion_drops
        table = self._book.tables["Contacts"]
        return {
            theirs: lead.values[ours]
            for ours, theirs in CARRIED.items()
            if ours in lead.values and ours not in drops and theirs in table
        }

    def _merge(self, contact: Record, values: Json, account: Record | None) -> None:
        if not self._book.switches.conversion_overwrites:
            values = {k: v for k, v in values.items() if k not in contact.values}
        if account is not None and "Account_Name" not in contact.values:
            values["Account_Name"] = account.id
        self._book.change(contact, values)

    def _account(self, lead: Record, element: Json) -> Record | None:
        account_id = element.get("Accounts", {}).get("id")
        if account_id is not None:
            return self._book.modules["Accounts"][account_id]
        company = lead.values.get("Company")
        if not company:
            return None
        return self._book.add("Accounts", {"Account_Name": company}, lead.owner_id)

    def _check(self, lead: Record, element: Json) -> None:
        for name, module in (("Contacts", "Contacts"), ("Accounts", "Accounts")):
            if name in element and element[name].get("id") is None:
                raise _wrapped(
                    "MANDATORY_NOT_FOUND",
                    "required field not found",
                    {"api_name": "id"},
                )
            if (
                name in element
                and element[name]["id"] not in self._book.modules[module]
            ):
                raise _wrapped("INVALID_DATA", "invalid data", {"api_name": name})
        if (
            "assign_to" in element
            and element["assign_to"].get("id") not in self._book.users
        ):
            raise _wrapped(
                "INVALID_DATA", "Non Subordinate User Found", {"api_name": "Owner"}
            )
        if "Contacts" not in element:
            self._check_unique(lead)

    def _check_unique(self, lead: Record) -> None:
        for theirs, value in self._carried(lead).items():
            if not self._book.tables["Contacts"][theirs].is_unique:
                continue
            found = self._book.matches("Contacts", theirs, value)
            if found:
                details: Json = {"api_name": theirs}
                if self._book.switches.names_conversion_duplicate:
                    details["id"] = found[0].id
                raise _wrapped("DUPLICATE_DATA", "duplicate data", details)

    def _schedule(self, lead: Record, element: Json) -> Answer:
        self._jobs.append(_Job(lead, element, self._book.now() + _LATER))
        details = {"job_id": self._book.new_id()}
        scheduled = success("The conversion is scheduled", details)
        return 202, {"data": [{**scheduled, "code": "SCHEDULED"}]}

    def _done(self, contact: Record) -> Answer:
        account = self._book.modules["Accounts"].get(
            str(contact.values.get("Account_Name"))
        )
        details = {
            "Contacts": {"name": self._book.name_of(contact), "id": contact.id},
            "Deals": None,
            "Accounts": account
            and {"name": self._book.name_of(account), "id": account.id},
        }
        message = "The record has been converted successfully"
        return 200, {"data": [success(message, details)]}


def _has_old_form(element: Json) -> bool:
    """Tell whether ids come as plain strings, as v2 had them."""
    return any(
        not isinstance(element.get(name, {}), dict)
        for name in ("Accounts", "Contacts", "assign_to")
    )


def _wrapped(code: str, message: str, details: Json) -> Refused:
    """Make a refusal whose error lies in ``data``."""
    refused = Refused(400, code, message)
    body: dict[str, Any] = {"data": [failure(code, message, details)]}
    refused.body = body
    return refused
