"""The conversion of single leads in the fake Zoho, at once or later.

Floor 9.
Source: Zoho CRM API v7 and v8, "Convert Lead".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from crmbridge.testing._zoho.answers import Json, Refused, success
from crmbridge.testing._zoho.book import Book, Record
from crmbridge.testing._zoho.conversion_checks import (
    TARGETS,
    ConversionChecks,
    already_converted,
)
from crmbridge.testing._zoho.conversion_making import make_of
from crmbridge.testing._zoho.routes import API, Answer, Asked, Route

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
        self._checks = ConversionChecks(book)
        self._jobs: list[_Job] = []

    def routes(self) -> Iterator[Route]:
        """Name the addresses of this part."""
        yield Route(
            "POST",
            f"{API}/Leads/{{id}}/actions/convert",
            "convert",
            self._asked,
            module="Leads",
            credits=_CREDITS,
            is_write=True,
            is_complex=True,
        )

    def _asked(self, asked: Asked) -> Answer:
        lead = self._checks.lead(asked.id or "")
        if any(job.lead is lead for job in self._jobs):
            raise already_converted()
        element = self._checks.element(asked.body)
        self._checks.check_clash(lead, element)
        self._book.written += 1
        if self._book.switches.schedules_conversions:
            return self._schedule(lead, element)
        made = make_of(self._book, lead, element)
        message = "The record has been converted successfully"
        return 200, {"data": [success(message, self._shown(made))]}

    def _shown(self, made: Mapping[str, Record | None]) -> Json:
        return {
            module: record and {"name": self._book.name_of(record), "id": record.id}
            for module, record in ((name, made[name]) for name in TARGETS)
        }

    def _schedule(self, lead: Record, element: Json) -> Answer:
        self._jobs.append(_Job(lead, element, self._book.now() + _LATER))
        details = {"job_id": self._book.new_id()}
        scheduled = success("Convert lead scheduled successfully", details)
        return 202, {"data": [{**scheduled, "code": "SCHEDULED"}]}

    def settle(self) -> None:
        """Do the jobs that are due."""
        due = [job for job in self._jobs if job.due <= self._book.now()]
        for job in due:
            self._jobs.remove(job)
            self.try_to_convert(job.lead, job.element)

    def try_to_convert(self, lead: Record, element: Json) -> bool:
        """Convert a lead; tell whether it still could be.

        What hinders a job that was taken is told to nobody: the lead just
        stays a lead.
        """
        try:
            self._checks.lead(lead.id)
        except Refused:
            return False
        if self._checks.clash(lead, element) is not None:
            return False
        self.convert(lead, element)
        return True

    def convert(self, lead: Record, element: Json) -> Record:
        """Convert a lead, unchecked, and give the contact."""
        contact = make_of(self._book, lead, element)["Contacts"]
        assert contact is not None
        return contact
