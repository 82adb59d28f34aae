"""Records of the fake Zoho that nobody can change for a while.

Floor 9.
Source: Zoho CRM API v8, "Status codes".
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import define, field

from crmbridge.testing._zoho.answers import Json, failure
from crmbridge.testing._zoho.shelf import Record

__all__ = ["Holds"]


@define
class Holds:
    """The ids of records that are held, by the reason.

    >>> holds = Holds()
    >>> holds.in_review.add("7")
    >>> holds.code_of("7"), holds.code_of("8")
    ('NOT_REVIEWED', None)
    """

    locked: set[str] = field(factory=set[str])
    in_approval: set[str] = field(factory=set[str])
    in_review: set[str] = field(factory=set[str])

    def code_of(self, record_id: str) -> str | None:
        """Give the code that a write of a record is refused with."""
        return next((code for code, ids in self._codes() if record_id in ids), None)

    def refusal(self, record: Record) -> Json | None:
        """Say why a record cannot be written, or nothing."""
        code = self.code_of(record.id)
        if code is None:
            return None
        return failure(code, f"the record is {_WORDS[code]}", {"id": record.id})

    def _codes(self) -> Iterator[tuple[str, set[str]]]:
        yield "RECORD_LOCKED", self.locked
        yield "NOT_APPROVED", self.in_approval
        yield "NOT_REVIEWED", self.in_review


_WORDS = {
    "RECORD_LOCKED": "locked",
    "NOT_APPROVED": "not approved",
    "NOT_REVIEWED": "not reviewed",
}
