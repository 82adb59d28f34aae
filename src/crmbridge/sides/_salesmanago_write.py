"""How edits become batches, and answers become outcomes, in SALESmanago.

Floor 7.

The steps: plan a job for each edit, look new addresses up, send batches by
owner, send alone what a batch did not acknowledge, move owners, and read back
what the service is not proven to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

from attrs import evolve, frozen

from crmbridge._steps import Call, gather
from crmbridge.contact import Loss, LossReason
from crmbridge.errors import (
    ConnectionFailedError,
    ConnectionLostError,
    MalformedReplyError,
    OutcomeUnknownError,
    RefusedError,
    ServiceError,
)
from crmbridge.mapping.salesmanago import SalesmanagoMapper, SalesmanagoPatch
from crmbridge.reconcile.records import (
    SALESMANAGO,
    Edit,
    EditKind,
    Outcome,
    OutcomeStatus,
    Ref,
)
from crmbridge.salesmanago import _calls, _writes
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago.details import ContactDetails
from crmbridge.salesmanago.records import (
    ConsentChange,
    SalesmanagoContact,
    read_contact,
)

__all__ = ["contact_ref", "record_of", "write"]

_KIND: Final = "contact"
_UNCERTAIN: Final = (
    ConnectionLostError,
    MalformedReplyError,
    OutcomeUnknownError,
    ServiceError,
)

Answer: TypeAlias = str | Outcome
"""The id under which the service acknowledged a write, or what went wrong."""


def contact_ref(contact_id: str) -> Ref:
    """Give the reference of a contact."""
    return Ref(SALESMANAGO, _KIND, contact_id)


def record_of(ref: Ref, payload: Mapping[str, object]) -> SalesmanagoContact:
    """Read the card again that a payload was made of."""
    return read_contact({"id": ref.id, **payload})


@frozen
class _Job:
    """One edit on its way.

    Attributes:
        place: its position among the edits.
        patch: what changes.
        email: the address that names the contact now.
        owner: the user in whose name it is written.
        ref: the contact; ``None`` on a create.
        cleared: names of the fields that shall be empty.
    """

    place: int
    patch: SalesmanagoPatch
    email: str
    owner: str
    ref: Ref | None
    cleared: frozenset[str]

    @property
    def moves_to(self) -> str | None:
        """The user who gets an existing contact, or ``None``."""
        return None if self.ref is None else self.patch.new_owner

    @property
    def has_upsert(self) -> bool:
        """Anything but the owner changes."""
        return self.ref is None or bool(self.patch.fields - {"owner_email"})

    @property
    def has_to_be_checked(self) -> bool:
        """It rests on something that the service is not proven to do."""
        return bool(self.cleared or self.moves_to or self.patch.new_email)

    def details(self) -> ContactDetails:
        """Give what is sent; a create says in or out for both channels."""
        wire = self.patch.detail
        default = ConsentChange.OUT if self.ref is None else ConsentChange.KEEP
        return ContactDetails(
            self.email,
            cast("Mapping[str, object]", wire.get("contact", {})),
            province=cast("str | None", wire.get("province")),
            birthday=cast("str | None", wire.get("birthday")),
            new_email=self.patch.new_email,
            email_consent=_or(self.patch.email_consent, default),
            phone_consent=_or(self.patch.phone_consent, default),
        )

    def failed(self, status: OutcomeStatus, reason: str) -> Outcome:
        """Give the outcome of a job that did not work."""
        return Outcome(status, self.ref, losses=self.patch.losses, reason=reason)


def _or(change: ConsentChange, default: ConsentChange) -> ConsentChange:
    return default if change is ConsentChange.KEEP else change


def write(
    account: Account,
    mapper: SalesmanagoMapper,
    users: Sequence[str],
    edits: Sequence[Edit],
) -> Call[tuple[Outcome, ...]]:
    """Write contacts; see `SalesmanagoSide.write`."""
    outcomes: dict[int, Outcome] = {}
    jobs: list[_Job] = []
    for place, edit in enumerate(edits):
        planned = _plan(account, mapper, users, place, edit)
        if isinstance(planned, Outcome):
            outcomes[place] = planned
        else:
            jobs.append(planned)
    outcomes |= _repeated(jobs)
    outcomes |= yield from _taken(account, _left(jobs, outcomes))
    jobs = _left(jobs, outcomes)
    answers = yield from _upsert_all(account, [job for job in jobs if job.has_upsert])
    outcomes |= _outcomes(jobs, answers)
    outcomes |= yield from _move(account, jobs, outcomes)
    outcomes |= yield from _checked(account, mapper, jobs, outcomes)
    return tuple([outcomes[place] for place in range(len(edits))])


def _left(jobs: Iterable[_Job], outcomes: Mapping[int, Outcome]) -> list[_Job]:
    return [job for job in jobs if job.place not in outcomes]


# --- before anything is sent ---


def _plan(
    account: Account,
    mapper: SalesmanagoMapper,
    users: Sequence[str],
    place: int,
    edit: Edit,
) -> _Job | Outcome:
    seen = edit.seen
    if seen is not None and seen.is_deleted:
        return Outcome(OutcomeStatus.GONE, seen.ref, reason="deleted")
    is_new = edit.kind is EditKind.CREATE or seen is None
    card = None if is_new or seen is None else record_of(seen.ref, seen.payload)
    ref = None if card is None else contact_ref(card.id)
    patch = mapper.patch(edit.contact, card)
    if card is not None and patch.is_empty:
        return Outcome(OutcomeStatus.OK, ref, losses=patch.losses)
    if patch.email is None:
        return Outcome(
            OutcomeStatus.INVALID, ref, losses=patch.losses, reason="no_email"
        )
    owner = account.config.owner
    if card is None:
        owner = patch.new_owner or owner
    elif card.main_contact_owner in users:
        owner = cast("str", card.main_contact_owner)
    wanted = edit.contact.observed()
    cleared = frozenset(name for name in patch.fields if wanted.get(name, "") is None)
    return _Job(place, patch, patch.email, owner, ref, cleared)


def _repeated(jobs: Iterable[_Job]) -> dict[int, Outcome]:
    """Put off what shares an address with an edit before it."""
    outcomes: dict[int, Outcome] = {}
    claimed: set[str] = set()
    for job in jobs:
        emails = {job.email.lower(), (job.patch.new_email or job.email).lower()}
        if emails & claimed:
            outcomes[job.place] = job.failed(OutcomeStatus.RETRY, "email_repeated")
        claimed |= emails
    return outcomes


def _taken(account: Account, jobs: Iterable[_Job]) -> Call[dict[int, Outcome]]:
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


def _upsert_all(account: Account, jobs: Sequence[_Job]) -> Call[dict[int, Answer]]:
    by_owner: dict[str, list[_Job]] = {}
    for job in jobs:
        by_owner.setdefault(job.owner, []).append(job)
    batches = [
        batch
        for group in by_owner.values()
        for batch in _calls.cut(group, account.config.batch_size)
    ]
    answers = yield from gather(
        [_upsert_batch(account, batch) for batch in batches],
        account.config.limits.max_in_flight,
    )
    together: dict[int, Answer] = {}
    for answer in answers:
        together |= answer
    return together


def _upsert_batch(account: Account, jobs: Sequence[_Job]) -> Call[dict[int, Answer]]:
    details = [job.details() for job in jobs]
    try:
        ids = yield from _writes.batch_upsert(account, details, owner=jobs[0].owner)
    except RefusedError:
        if len(jobs) == 1:
            return (yield from _upsert_singly(account, jobs))
        middle = len(jobs) // 2
        first = yield from _upsert_batch(account, jobs[:middle])
        return first | (yield from _upsert_batch(account, jobs[middle:]))
    except ConnectionFailedError:
        return _all_failed(jobs, OutcomeStatus.RETRY, "not_reached")
    except _UNCERTAIN as error:
        return _all_failed(jobs, OutcomeStatus.UNKNOWN, type(error).__name__)
    missing = [job for job, found in zip(jobs, ids, strict=True) if found is None]
    answers: dict[int, Answer] = {
        job.place: found
        for job, found in zip(jobs, ids, strict=True)
        if found is not None
    }
    return answers | (yield from _upsert_singly(account, missing))


def _upsert_singly(account: Account, jobs: Sequence[_Job]) -> Call[dict[int, Answer]]:
    answers = yield from gather(
        [_upsert_one(account, job) for job in jobs],
        account.config.limits.max_in_flight,
    )
    return {job.place: answer for job, answer in zip(jobs, answers, strict=True)}


def _upsert_one(account: Account, job: _Job) -> Call[Answer]:
    try:
        return (yield from _writes.upsert(account, job.details(), owner=job.owner))
    except RefusedError as error:
        return job.failed(OutcomeStatus.INVALID, _reason(error))
    except ConnectionFailedError:
        return job.failed(OutcomeStatus.RETRY, "not_reached")
    except _UNCERTAIN as error:
        return job.failed(OutcomeStatus.UNKNOWN, type(error).__name__)


def _reason(error: RefusedError) -> str:
    return "refused" if error.field is None else f"refused:{error.field}"


def _all_failed(
    jobs: Iterable[_Job], status: OutcomeStatus, reason: str
) -> dict[int, Answer]:
    return {job.place: job.failed(status, reason) for job in jobs}


def _outcomes(
    jobs: Iterable[_Job], answers: Mapping[int, Answer]
) -> dict[int, Outcome]:
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
    account: Account, jobs: Iterable[_Job], outcomes: Mapping[int, Outcome]
) -> Call[dict[int, Outcome]]:
    """Give contacts to other users, as far as everything else was written."""
    moving = [job for job in jobs if job.moves_to and _is_ok(outcomes[job.place])]
    moved = yield from gather(
        [_move_one(account, job, outcomes[job.place]) for job in moving],
        account.config.limits.max_in_flight,
    )
    return {job.place: outcome for job, outcome in zip(moving, moved, strict=True)}


def _move_one(account: Account, job: _Job, outcome: Outcome) -> Call[Outcome]:
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
    jobs: Iterable[_Job],
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
    mapper: SalesmanagoMapper, job: _Job, card: SalesmanagoContact, outcome: Outcome
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
