"""How edits become batches, and answers become outcomes, in Zoho.

Floor 7.

The steps: plan a job for each edit, find or make the accounts that are needed,
send creates and updates in batches by module, then convert leads.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import frozen

from crmbridge._steps import Call, gather
from crmbridge.errors import (
    ConnectionFailedError,
    ConnectionLostError,
    MalformedReplyError,
    OutcomeUnknownError,
    RefusedError,
    ServiceError,
)
from crmbridge.reconcile.records import Edit, EditKind, Outcome, OutcomeStatus
from crmbridge.sides._zoho_convert import Conversion, convert_all
from crmbridge.sides._zoho_jobs import (
    CONTACTS,
    LEADS,
    Desk,
    Job,
    failure_of,
    planned,
    refused,
    settled,
)
from crmbridge.zoho import _writes
from crmbridge.zoho.results import WriteResult

__all__ = ["write"]

_UNANSWERED = (
    ConnectionFailedError,
    ConnectionLostError,
    MalformedReplyError,
    OutcomeUnknownError,
    ServiceError,
)


@frozen
class _Work:
    """What a list of edits comes down to."""

    jobs: list[Job]
    conversions: list[Conversion]
    outcomes: dict[int, Outcome]


def write(desk: Desk, edits: Sequence[Edit]) -> Call[tuple[Outcome, ...]]:
    """Write records; see `ZohoSide.write`."""
    work = _planned(desk, edits)
    jobs = yield from _with_accounts(desk, work)
    groups = _by_kind(jobs)
    answers = yield from gather(
        [_send(desk, group) for group in groups if group], len(groups)
    )
    for answer in answers:
        work.outcomes.update(answer)
    work.outcomes.update((yield from convert_all(desk, work.conversions)))
    return tuple([work.outcomes[place] for place in range(len(edits))])


# --- before anything is sent ---


def _planned(desk: Desk, edits: Sequence[Edit]) -> _Work:
    work = _Work([], [], {})
    claimed: set[tuple[str, str]] = set()
    for place, edit in enumerate(edits):
        if edit.kind is EditKind.CONVERT:
            _plan_conversion(work, place, edit)
            continue
        job = planned(desk.mapper, place, edit)
        if isinstance(job, Outcome):
            work.outcomes[place] = job
            continue
        marks = _marks(job)
        if marks & claimed:
            # In one batch, which of the two counts would be chance.
            work.outcomes[place] = job.ended(OutcomeStatus.RETRY, "repeated")
            continue
        claimed |= marks
        work.jobs.append(job)
    return work


def _plan_conversion(work: _Work, place: int, edit: Edit) -> None:
    seen = edit.seen
    if seen is None or seen.ref.kind != LEADS:
        work.outcomes[place] = Outcome(
            OutcomeStatus.INVALID,
            None if seen is None else seen.ref,
            reason="only_leads_are_converted",
        )
    elif any(one.lead.ref == seen.ref for one in work.conversions):
        work.outcomes[place] = Outcome(OutcomeStatus.RETRY, seen.ref, reason="repeated")
    else:
        work.conversions.append(Conversion(place, seen, edit.into))


def _marks(job: Job) -> set[tuple[str, str]]:
    """Give what no two jobs of one module may share: the id and the address."""
    marks = {(job.patch.module, job.email)} if job.email else set[tuple[str, str]]()
    if job.ref is not None:
        marks.add((job.patch.module, job.ref.id))
    return marks


def _with_accounts(desk: Desk, work: _Work) -> Call[list[Job]]:
    """See to the accounts; give the jobs that can be sent."""
    wanted = [job.company for job in work.jobs]
    wanted += [conversion.company for conversion in work.conversions]
    yield from desk.accounts.provide([name for name in wanted if name is not None])
    ready: list[Job] = []
    for job in work.jobs:
        if job.company is None or desk.accounts.id_of(job.company) is not None:
            ready.append(job)
        elif desk.accounts.is_refused(job.company):
            ready.append(job.without_company())
        else:
            work.outcomes[job.place] = job.ended(OutcomeStatus.RETRY, "no_account")
    return ready


def _by_kind(jobs: Iterable[Job]) -> tuple[list[Job], ...]:
    """Part the jobs by module, creates from updates."""
    groups: dict[tuple[str, bool], list[Job]] = {
        (module, is_new): [] for module in (LEADS, CONTACTS) for is_new in (True, False)
    }
    for job in jobs:
        groups[job.patch.module, job.ref is None].append(job)
    return tuple(groups.values())


# --- batches ---


def _send(desk: Desk, jobs: Sequence[Job]) -> Call[dict[int, Outcome]]:
    """Send jobs of one kind; bisect what is refused as a whole."""
    try:
        results = yield from _call(desk, jobs)
    except RefusedError as error:
        if len(jobs) == 1:
            return {jobs[0].place: refused(jobs[0], error)}
        middle = len(jobs) // 2
        first = yield from _send(desk, jobs[:middle])
        return first | (yield from _send(desk, jobs[middle:]))
    except _UNANSWERED as error:
        return {job.place: failure_of(job, error) for job in jobs}
    return {
        job.place: settled(job, result)
        for job, result in zip(jobs, results, strict=True)
    }


def _call(desk: Desk, jobs: Sequence[Job]) -> Call[tuple[WriteResult, ...]]:
    module = jobs[0].patch.module
    records = [job.payload(desk.accounts) for job in jobs]
    if jobs[0].ref is not None:
        return (yield from _writes.update(desk.config, module, records))
    email = desk.mapper.fields[module].get("Email")
    if email is not None and email.is_unique:
        # Zoho itself refuses a second one, and nothing there is overwritten.
        return (
            yield from _writes.insert(desk.config, module, records, is_repeatable=True)
        )
    return (yield from _writes.upsert(desk.config, module, records))
