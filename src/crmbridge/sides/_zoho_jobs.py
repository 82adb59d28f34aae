"""One edit of a Zoho record on its way: planned, and its outcome told.

Floor 7.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from attrs import evolve, frozen

from crmbridge.config import ZohoConfig
from crmbridge.contact import NOT_OBSERVED, Loss, LossReason
from crmbridge.errors import (
    AlreadyConvertedError,
    ConnectionFailedError,
    CrmbridgeError,
    NotFoundError,
    Problem,
    RecordLockedError,
    RefusedError,
    StaleError,
    ThrottledError,
)
from crmbridge.mapping import ZohoMapper, ZohoPatch
from crmbridge.reconcile.records import (
    ZOHO,
    Edit,
    EditKind,
    Fit,
    Outcome,
    OutcomeStatus,
    Ref,
)
from crmbridge.sides._zoho_accounts import Accounts
from crmbridge.zoho.records import ZohoRecord, read_record
from crmbridge.zoho.results import WriteResult, WriteStatus

__all__ = [
    "CONTACTS",
    "LEADS",
    "Desk",
    "Job",
    "failure_of",
    "fit",
    "planned",
    "record_of",
    "ref_of",
    "refused",
    "settled",
    "version_of",
]

LEADS: Final = "Leads"
CONTACTS: Final = "Contacts"


@frozen
class Desk:
    """What every write needs.

    Attributes:
        config: which organisation, and how to ask it.
        mapper: how contacts become records.
        accounts: the accounts that are known.
    """

    config: ZohoConfig
    mapper: ZohoMapper
    accounts: Accounts


def ref_of(record: ZohoRecord) -> Ref:
    """Give the reference of a record."""
    return Ref(ZOHO, record.module, record.id)


def record_of(ref: Ref, payload: Mapping[str, object]) -> ZohoRecord:
    """Read the record again that a payload is of."""
    return read_record(ref.kind, {**payload, "id": ref.id})


def version_of(modified: datetime | None) -> str | None:
    """Give the mark of a record's state: its modified time in UTC."""
    return None if modified is None else modified.isoformat()


def fit(mapper: ZohoMapper, edit: Edit) -> Fit:
    """Tell what an edit would change; see `ZohoSide.fit`."""
    if edit.kind is EditKind.CONVERT:
        return Fit(frozenset({"state"}))
    patch = _patch(mapper, edit)
    return Fit(patch.fields, patch.losses)


def _patch(mapper: ZohoMapper, edit: Edit) -> ZohoPatch:
    seen = edit.seen
    record = None if seen is None else record_of(seen.ref, seen.payload)
    return mapper.patch(edit.contact, record)


@frozen
class Job:
    """A create or an update.

    Attributes:
        place: its position among the edits.
        patch: what changes.
        ref: the record; ``None`` on a create.
    """

    place: int
    patch: ZohoPatch
    ref: Ref | None = None

    @property
    def company(self) -> str | None:
        """The name of the account that has to be known first, if any."""
        company = self.patch.company
        return company if isinstance(company, str) else None

    @property
    def email(self) -> str:
        """The address that is written, in the form that Zoho compares."""
        email = self.patch.values.get("Email")
        return email.strip().casefold() if isinstance(email, str) else ""

    def payload(self, accounts: Accounts) -> dict[str, object]:
        """Give what is sent."""
        payload: dict[str, object] = dict(self.patch.values)
        if self.ref is not None:
            payload["id"] = self.ref.id
        if self.company is not None:
            account_id = accounts.id_of(self.company)
            payload["Account_Name"] = None if account_id is None else {"id": account_id}
        elif self.patch.company is not NOT_OBSERVED:
            payload["Account_Name"] = None
        return payload

    def without_company(self) -> Job:
        """Leave the company out, for Zoho takes no such account."""
        loss = Loss("company", LossReason.NOT_WRITABLE)
        patch = evolve(
            self.patch,
            company=NOT_OBSERVED,
            fields=self.patch.fields - {"company"},
            losses=(*self.patch.losses, loss),
        )
        return evolve(self, patch=patch)

    def ended(self, status: OutcomeStatus, reason: str) -> Outcome:
        """Give the outcome of a job that did not work."""
        return Outcome(status, self.ref, losses=self.patch.losses, reason=reason)

    def done(self) -> Outcome:
        """Give the outcome of a job that has nothing to do."""
        return Outcome(OutcomeStatus.OK, self.ref, losses=self.patch.losses)


def planned(mapper: ZohoMapper, place: int, edit: Edit) -> Job | Outcome:
    """Give the job of a create or an update, or its outcome at once."""
    seen = edit.seen
    if seen is not None and seen.became is not None:
        return Outcome(OutcomeStatus.STALE, seen.ref, reason="converted")
    if seen is not None and seen.is_deleted:
        return Outcome(OutcomeStatus.GONE, seen.ref, reason="deleted")
    job = Job(place, _patch(mapper, edit), None if seen is None else seen.ref)
    if job.ref is None and not job.email:
        # Without an address an upsert would make the record again and again.
        return job.ended(OutcomeStatus.INVALID, "no_email")
    return job.done() if job.ref is not None and job.patch.is_empty else job


# --- outcomes ---


def settled(job: Job, result: WriteResult) -> Outcome:
    """Give the outcome that a result stands for."""
    if result.error is not None:
        if result.status is WriteStatus.REFUSED:
            return refused(job, result.error)
        return failure_of(job, result.error)
    if job.ref is None and result.action == "update":
        # It was there, and nobody knew: it is read and merged before it counts.
        return _duplicate(job, result.id)
    ref = job.ref
    if ref is None and result.id is not None:
        ref = Ref(ZOHO, job.patch.module, result.id)
    return Outcome(
        OutcomeStatus.OK,
        ref,
        job.patch.fields,
        job.patch.losses,
        version_of(result.modified_time),
    )


def refused(job: Job, error: CrmbridgeError) -> Outcome:
    """Give the outcome of a record that Zoho refused."""
    reason = error.code or "refused"
    if isinstance(error, RefusedError):
        for problem in error.problems:
            if job.ref is None and _is_same_person(problem):
                return _duplicate(job, problem.existing_id)
        if error.field is not None:
            reason = f"{reason}:{error.field}"
    if isinstance(error, RecordLockedError):
        return job.ended(OutcomeStatus.RETRY, reason)
    if isinstance(error, (AlreadyConvertedError, StaleError)):
        return job.ended(OutcomeStatus.STALE, reason)
    if isinstance(error, NotFoundError) and job.ref is not None:
        return job.ended(OutcomeStatus.GONE, reason)
    return job.ended(OutcomeStatus.INVALID, reason)


def _is_same_person(problem: Problem) -> bool:
    return problem.code == "DUPLICATE_DATA" and problem.field == "Email"


def _duplicate(job: Job, existing_id: str | None) -> Outcome:
    ref = None if existing_id is None else Ref(ZOHO, job.patch.module, existing_id)
    outcome = job.ended(OutcomeStatus.DUPLICATE, "exists")
    return evolve(outcome, ref=ref)


def failure_of(job: Job, error: CrmbridgeError) -> Outcome:
    """Give the outcome of a record whose batch was not answered."""
    reason = error.code or type(error).__name__
    if isinstance(error, (ConnectionFailedError, ThrottledError, RefusedError)):
        return job.ended(OutcomeStatus.RETRY, reason)
    status = OutcomeStatus.UNKNOWN if job.ref is None else OutcomeStatus.RETRY
    return job.ended(status, reason)
