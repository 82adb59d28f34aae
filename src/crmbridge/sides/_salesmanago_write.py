"""How edits become batches, and answers become outcomes, in SALESmanago.

Floor 7.

The steps: plan a job for each edit, read known contacts, look new addresses up,
send batches by owner, move owners, and read back what the service is not proven
to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from attrs import evolve

from crmbridge._steps import Call, gather
from crmbridge.contact import Loss, LossReason
from crmbridge.errors import (
    ConnectionFailedError,
    ConnectionLostError,
    CrmbridgeError,
    MalformedReplyError,
    OutcomeUnknownError,
    RefusedError,
    ServiceError,
)
from crmbridge.mapping.salesmanago import SalesmanagoMapper
from crmbridge.reconcile.records import (
    Edit,
    Outcome,
    OutcomeStatus,
)
from crmbridge.salesmanago import _calls, _writes
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago._batches import batch_upsert
from crmbridge.salesmanago.records import SalesmanagoContact
from crmbridge.salesmanago.results import WriteResult, WriteStatus
from crmbridge.sides._salesmanago_guard import unwritable
from crmbridge.sides._salesmanago_jobs import Job, contact_ref, plan_jobs, repeated

__all__ = ["write"]

_UNCERTAIN: Final = (
    ConnectionLostError,
    MalformedReplyError,
    OutcomeUnknownError,
    ServiceError,
)

Answer: TypeAlias = str | Outcome
"""The id under which the service acknowledged a write, or what went wrong."""


def write(
    account: Account,
    mapper: SalesmanagoMapper,
    users: Sequence[str],
    edits: Sequence[Edit],
) -> Call[tuple[Outcome, ...]]:
    """Write contacts; see `SalesmanagoSide.write`."""
    jobs, outcomes = plan_jobs(account.config.owner, mapper, users, edits)
    outcomes |= repeated(jobs)
    outcomes |= yield from unwritable(account, _left(jobs, outcomes))
    outcomes |= yield from _taken(account, _left(jobs, outcomes))
    jobs = _left(jobs, outcomes)
    answers = yield from _upsert_all(account, [job for job in jobs if job.has_upsert])
    outcomes |= _outcomes(jobs, answers)
    outcomes |= yield from _move(account, jobs, outcomes)
    outcomes |= yield from _checked(account, mapper, jobs, outcomes)
    return tuple([outcomes[place] for place in range(len(edits))])


def _left(jobs: Iterable[Job], outcomes: Mapping[int, Outcome]) -> list[Job]:
    return [job for job in jobs if job.place not in outcomes]


def _taken(account: Account, jobs: Iterable[Job]) -> Call[dict[int, Outcome]]:
    """Refuse new addresses that another contact has.

    Unverified: what SALESmanago would do; so nothing is changed.
    """
    renames = [job for job in jobs if job.patch.new_email is not None]
    found = yield from _calls.list_all(
        account, [job.patch.new_email or "" for job in renames]
    )
    holders = {
        card.email.strip().lower(): card.id
        for card in found
        if isinstance(card.email, str)
    }
    outcomes: dict[int, Outcome] = {}
    for job in renames:
        holder = holders.get((job.patch.new_email or "").strip().lower())
        if holder is not None and job.ref != contact_ref(holder):
            outcomes[job.place] = job.failed(OutcomeStatus.INVALID, "email_taken")
    return outcomes


# --- batches ---


def _upsert_all(account: Account, jobs: Sequence[Job]) -> Call[dict[int, Answer]]:
    by_owner: dict[str, list[Job]] = {}
    for job in jobs:
        by_owner.setdefault(job.owner, []).append(job)
    answers = yield from gather(
        [_upsert_group(account, group) for group in by_owner.values()],
        account.config.limits.max_in_flight,
    )
    together: dict[int, Answer] = {}
    for answer in answers:
        together |= answer
    return together


def _upsert_group(account: Account, jobs: Sequence[Job]) -> Call[dict[int, Answer]]:
    """Write jobs of one owner, and learn the reason of every refusal."""
    details = [job.details() for job in jobs]
    try:
        results = yield from batch_upsert(
            account,
            details,
            owner=jobs[0].owner,
            # As many as halving down to every single one takes.
            extra_requests=2 * len(jobs),
        )
    except (*_UNCERTAIN, ConnectionFailedError) as error:
        return {job.place: _failed(job, error) for job in jobs}
    return {
        job.place: _answer(job, result)
        for job, result in zip(jobs, results, strict=True)
    }


def _answer(job: Job, result: WriteResult) -> Answer:
    if result.id is not None:
        return result.id
    if result.status is WriteStatus.UNSENT:
        return job.failed(OutcomeStatus.RETRY, "not_reached")
    if result.status is WriteStatus.REFUSED and isinstance(result.error, RefusedError):
        return job.failed(OutcomeStatus.INVALID, _reason(result.error))
    return job.failed(OutcomeStatus.UNKNOWN, type(result.error).__name__)


def _failed(job: Job, error: CrmbridgeError) -> Outcome:
    if isinstance(error, ConnectionFailedError):
        return job.failed(OutcomeStatus.RETRY, "not_reached")
    return job.failed(OutcomeStatus.UNKNOWN, type(error).__name__)


def _reason(error: RefusedError) -> str:
    return "refused" if error.field is None else f"refused:{error.field}"


def _outcomes(jobs: Iterable[Job], answers: Mapping[int, Answer]) -> dict[int, Outcome]:
    outcomes: dict[int, Outcome] = {}
    for job in jobs:
        answer = answers.get(job.place, "" if job.ref is None else job.ref.id)
        if isinstance(answer, Outcome):
            outcomes[job.place] = answer
        elif job.ref is not None and job.ref.id != answer:
            # The contact had left its address, so the write made another one.
            outcomes[job.place] = job.failed(OutcomeStatus.STALE, "other_contact")
        else:
            fields = job.patch.fields
            written = fields - {"owner_email"} if job.moves_to else fields
            ref = contact_ref(answer)
            outcomes[job.place] = Outcome(
                OutcomeStatus.OK, ref, written, job.patch.losses
            )
    return outcomes


# --- afterwards ---


def _move(
    account: Account, jobs: Iterable[Job], outcomes: Mapping[int, Outcome]
) -> Call[dict[int, Outcome]]:
    """Give contacts to other users, as far as everything else was written."""
    moving = [job for job in jobs if job.moves_to and _is_ok(outcomes[job.place])]
    moved = yield from gather(
        [_move_one(account, job, outcomes[job.place]) for job in moving],
        account.config.limits.max_in_flight,
    )
    return {job.place: outcome for job, outcome in zip(moving, moved, strict=True)}


def _move_one(account: Account, job: Job, outcome: Outcome) -> Call[Outcome]:
    try:
        yield from _writes.set_main_owner(
            account,
            job.patch.new_email or job.email,
            new_owner=job.moves_to or "",
            owner=job.owner,
        )
    except RefusedError:
        return _with_loss(outcome, "owner_email", LossReason.NOT_WRITABLE)
    except (*_UNCERTAIN, ConnectionFailedError):
        # What was written before stays written; the owner is compared again.
        return outcome
    return evolve(outcome, written=outcome.written | {"owner_email"})


def _checked(
    account: Account,
    mapper: SalesmanagoMapper,
    jobs: Iterable[Job],
    outcomes: Mapping[int, Outcome],
) -> Call[dict[int, Outcome]]:
    """Read back what rests on unproven behaviour, all in as few requests as may be."""
    doubtful = {
        outcome.ref.id: job
        for job in jobs
        if job.has_to_be_checked
        and _is_ok(outcome := outcomes[job.place])
        and outcome.ref is not None
    }
    try:
        cards = yield from _calls.list_all_by_id(account, doubtful)
    except (*_UNCERTAIN, ConnectionFailedError):
        return {}
    pairs = ((card, doubtful[card.id]) for card in cards if card.id in doubtful)
    return {
        job.place: _compared(mapper, job, card, outcomes[job.place])
        for card, job in pairs
    }


def _compared(
    mapper: SalesmanagoMapper, job: Job, card: SalesmanagoContact, outcome: Outcome
) -> Outcome:
    has: Mapping[str, Any] = mapper.to_contact(card).observed()
    for name in sorted(job.cleared & outcome.written):
        if has.get(name) is not None:
            outcome = _with_loss(outcome, name, LossReason.NOT_CLEARED)
    wanted = {"email": job.patch.new_email, "owner_email": job.moves_to}
    for name, value in wanted.items():
        is_there = value is None or _folded(has.get(name)) == _folded(value)
        if name in outcome.written and not is_there:
            outcome = _with_loss(outcome, name, LossReason.NOT_WRITABLE)
    version = str(card.modified_on) if isinstance(card.modified_on, int) else None
    return evolve(outcome, version=version)


def _with_loss(outcome: Outcome, name: str, reason: LossReason) -> Outcome:
    return evolve(
        outcome,
        written=outcome.written - {name},
        losses=(*outcome.losses, Loss(name, reason)),
    )


def _is_ok(outcome: Outcome) -> bool:
    return outcome.status is OutcomeStatus.OK


def _folded(text: object) -> str:
    return str(text or "").strip().casefold()
