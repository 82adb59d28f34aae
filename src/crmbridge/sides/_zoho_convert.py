"""Conversions of leads, one request each.

Floor 7.
There is no way back from a conversion, so one whose outcome is not known is
looked at before anything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from crmbridge._steps import Call, gather
from crmbridge.errors import (
    ConnectionFailedError,
    ConnectionLostError,
    CrmbridgeError,
    DuplicateError,
    MalformedReplyError,
    NotFoundError,
    OutcomeUnknownError,
    RefusedError,
    ServiceError,
)
from crmbridge.reconcile.records import ZOHO, Outcome, OutcomeStatus, Ref, Seen
from crmbridge.sides._zoho_jobs import CONTACTS, LEADS, Desk
from crmbridge.zoho import _calls, _leads
from crmbridge.zoho.conversions import ConvertInto

__all__ = ["Conversion", "convert_all"]

_FIELDS: Final = (
    "Last_Name",
    "Converted__s",
    "Converted_Contact",
    "Converted_Account",
)
_REPEAT_LATER: Final = frozenset({"RECORD_LOCKED", "NOT_APPROVED", "NOT_REVIEWED"})
_LOOK_FIRST: Final = frozenset({"ID_ALREADY_CONVERTED", "INVALID_DATA"})


@frozen
class Conversion:
    """One lead to be converted.

    Attributes:
        place: its position among the edits.
        lead: the lead as last read.
        into: the contact to convert into, if there is one.
    """

    place: int
    lead: Seen
    into: Ref | None = None

    @property
    def company(self) -> str | None:
        """The name of the account; without its id Zoho would make another one."""
        company = self.lead.contact.company
        return company if isinstance(company, str) else None

    def ended(self, status: OutcomeStatus, reason: str) -> Outcome:
        """Give the outcome of a conversion that did not work."""
        return Outcome(status, self.lead.ref, reason=reason)


def convert_all(
    desk: Desk, conversions: Sequence[Conversion]
) -> Call[dict[int, Outcome]]:
    """Convert leads, several at a time; give the outcomes by place."""
    outcomes = yield from gather(
        [_convert(desk, conversion) for conversion in conversions],
        desk.config.limits.max_in_flight,
    )
    return {
        conversion.place: outcome
        for conversion, outcome in zip(conversions, outcomes, strict=True)
    }


def _convert(desk: Desk, job: Conversion) -> Call[Outcome]:
    if job.lead.became is not None:
        return _became(job.lead.became.id)
    try:
        return (yield from _attempt(desk, job))
    except ConnectionFailedError:
        return job.ended(OutcomeStatus.RETRY, "not_reached")
    except (ConnectionLostError, MalformedReplyError, ServiceError) as error:
        return job.ended(OutcomeStatus.UNKNOWN, type(error).__name__)


def _attempt(desk: Desk, job: Conversion) -> Call[Outcome]:
    try:
        contact_id = job.into.id if job.into is not None else None
        return (yield from _send(desk, job, contact_id))
    except DuplicateError as error:
        if error.existing_id is None or job.into is not None:
            return job.ended(OutcomeStatus.INVALID, "DUPLICATE_DATA")
        into = error.existing_id
    except (NotFoundError, OutcomeUnknownError, RefusedError) as error:
        return (yield from _explained(desk, job, error))
    try:
        return (yield from _send(desk, job, into))
    except (NotFoundError, OutcomeUnknownError, RefusedError) as error:
        return (yield from _explained(desk, job, error))


def _send(desk: Desk, job: Conversion, contact_id: str | None) -> Call[Outcome]:
    account_id = None if job.company is None else desk.accounts.id_of(job.company)
    into = ConvertInto(contact_id=contact_id, account_id=account_id)
    result = yield from _leads.convert(desk.config, job.lead.ref.id, into)
    if result.contact_id is None:
        return job.ended(OutcomeStatus.RETRY, "scheduled")
    return _became(result.contact_id)


def _explained(desk: Desk, job: Conversion, error: CrmbridgeError) -> Call[Outcome]:
    """Tell what became of a lead, by looking at it where that helps."""
    code = error.code or type(error).__name__
    is_unknown = isinstance(error, OutcomeUnknownError)
    if code in _REPEAT_LATER:
        return job.ended(OutcomeStatus.RETRY, code)
    if not is_unknown and code not in _LOOK_FIRST:
        return job.ended(OutcomeStatus.INVALID, code)
    (lead,) = yield from _calls.by_ids(
        desk.config, LEADS, [job.lead.ref.id], fields=_FIELDS, converted="both"
    )
    if lead is None:
        return job.ended(OutcomeStatus.GONE, code)
    if not lead.is_converted:
        status = OutcomeStatus.UNKNOWN if is_unknown else OutcomeStatus.INVALID
        return job.ended(status, code)
    if lead.converted_contact_id is None:
        return job.ended(OutcomeStatus.GONE, code)
    return _became(lead.converted_contact_id)


def _became(contact_id: str) -> Outcome:
    ref = Ref(ZOHO, CONTACTS, contact_id)
    return Outcome(OutcomeStatus.OK, ref, frozenset({"state"}))
