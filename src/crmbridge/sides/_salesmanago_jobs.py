"""What each edit of SALESmanago asks for, before anything is sent.

Floor 7.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast

from attrs import evolve, frozen

from crmbridge.mapping.salesmanago import SalesmanagoMapper, SalesmanagoPatch
from crmbridge.reconcile.records import (
    SALESMANAGO,
    Edit,
    EditKind,
    Outcome,
    OutcomeStatus,
    Ref,
)
from crmbridge.salesmanago.details import ContactDetails
from crmbridge.salesmanago.records import (
    SalesmanagoContact,
    read_contact,
)

__all__ = ["Job", "contact_ref", "plan_jobs", "record_of", "repeated"]

_KIND: Final = "contact"


def contact_ref(contact_id: str) -> Ref:
    """Give the reference of a contact."""
    return Ref(SALESMANAGO, _KIND, contact_id)


def record_of(ref: Ref, payload: Mapping[str, object]) -> SalesmanagoContact:
    """Read the card again that a payload was made of."""
    return read_contact({"id": ref.id, **payload})


@frozen
class Job:
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
        details = ContactDetails(
            self.email,
            cast("Mapping[str, object]", wire.get("contact", {})),
            province=cast("str | None", wire.get("province")),
            birthday=cast("str | None", wire.get("birthday")),
            new_email=self.patch.new_email,
            email_consent=self.patch.email_consent,
            phone_consent=self.patch.phone_consent,
        )
        return details.as_new() if self.ref is None else details

    def failed(self, status: OutcomeStatus, reason: str) -> Outcome:
        """Give the outcome of a job that did not work."""
        return Outcome(status, self.ref, losses=self.patch.losses, reason=reason)


def plan_jobs(
    main_owner: str,
    mapper: SalesmanagoMapper,
    users: Sequence[str],
    edits: Sequence[Edit],
) -> tuple[list[Job], dict[int, Outcome]]:
    """Give the jobs of edits, and the outcomes of those that need none.

    Args:
        main_owner: the user who gets contacts without an owner.
        mapper: how contacts become cards.
        users: the account's users, as they are spelt.
        edits: what shall be written.
    """
    jobs: list[Job] = []
    outcomes: dict[int, Outcome] = {}
    for place, edit in enumerate(edits):
        planned = _plan(mapper, place, edit)
        if isinstance(planned, Outcome):
            outcomes[place] = planned
        else:
            jobs.append(evolve(planned, owner=_writer(planned, main_owner, users)))
    return jobs, outcomes


def _plan(mapper: SalesmanagoMapper, place: int, edit: Edit) -> Job | Outcome:
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
    wanted = edit.contact.observed()
    cleared = frozenset(name for name in patch.fields if wanted.get(name, "") is None)
    present = card.main_contact_owner if card is not None else patch.new_owner
    return Job(place, patch, patch.email, present or "", ref, cleared)


def _writer(job: Job, main_owner: str, users: Sequence[str]) -> str:
    """Give the user in whose name a job is done: the owner while he is a user."""
    return job.owner if job.owner in users else main_owner


def repeated(jobs: Iterable[Job]) -> dict[int, Outcome]:
    """Put off what shares an address with an edit before it."""
    outcomes: dict[int, Outcome] = {}
    claimed: set[str] = set()
    for job in jobs:
        emails = {job.email.lower(), (job.patch.new_email or job.email).lower()}
        if emails & claimed:
            outcomes[job.place] = job.failed(OutcomeStatus.RETRY, "email_repeated")
        claimed |= emails
    return outcomes
