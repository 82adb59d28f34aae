"""Who may be written in SALESmanago at this moment.

Floor 7.

The rule: what a run knows of a contact may be hours old, and a write to one that
was deleted since brings it back, so known contacts are read just before.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from crmbridge._steps import Call
from crmbridge.errors import (
    ConnectionFailedError,
    ConnectionLostError,
    MalformedReplyError,
    ServiceError,
)
from crmbridge.reconcile.records import Outcome, OutcomeStatus
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago._presence import is_same_text, presences_by_id
from crmbridge.salesmanago.outcomes import Presence, PresenceState
from crmbridge.sides._salesmanago_jobs import Job

__all__ = ["unwritable"]

_NOT_READ: Final = (
    ConnectionFailedError,
    ConnectionLostError,
    MalformedReplyError,
    ServiceError,
)


def unwritable(account: Account, jobs: Iterable[Job]) -> Call[dict[int, Outcome]]:
    """Give the outcomes of edits that must not be sent, by place.

    Costs one request for every 50 known contacts, and one more for every 50 of
    them that are not shown.
    """
    known = [(job, job.ref.id) for job in jobs if job.ref is not None]
    try:
        found = yield from presences_by_id(account, [one for _, one in known])
    except _NOT_READ:
        retry = OutcomeStatus.RETRY
        return {job.place: job.failed(retry, "not_reached") for job, _ in known}
    outcomes: dict[int, Outcome] = {}
    for (job, _), presence in zip(known, found, strict=True):
        outcome = _hindrance(job, presence)
        if outcome is not None:
            outcomes[job.place] = outcome
    return outcomes


def _hindrance(job: Job, found: Presence) -> Outcome | None:
    if found.state is PresenceState.DELETED:
        return job.failed(OutcomeStatus.GONE, "deleted")
    if found.contact is None or not found.is_alive:
        # Not called gone: the next run reads it again, and decides.
        return job.failed(OutcomeStatus.STALE, "not_shown")
    if not is_same_text(found.contact.email, job.email):
        # A write to the address it had would make another contact.
        return job.failed(OutcomeStatus.STALE, "other_address")
    return None
