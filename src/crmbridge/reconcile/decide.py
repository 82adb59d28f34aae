"""What one pair of records demands: the writes, and what may be noted after.

Floor 3: pure.
Ordinary fields are merged three ways (`merge`), consent has its own rules
(`consent`); state and owner have theirs here.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from types import MappingProxyType

from attrs import evolve, field, frozen

from crmbridge.contact import (
    Consent,
    Contact,
    ContactState,
    FieldValue,
    Loss,
    LossReason,
)
from crmbridge.reconcile.consent import (
    CHANNELS,
    ConsentDecision,
    ConsentPolicy,
    decide_consent,
)
from crmbridge.reconcile.memory import Base, Digester, Link
from crmbridge.reconcile.merge import Conflict, Verdict, merge, verdict
from crmbridge.reconcile.plan import ActionKind, ReviewReason
from crmbridge.reconcile.records import (
    SALESMANAGO,
    SIDES,
    ZOHO,
    Ref,
    Seen,
    SideFacts,
    SideName,
    other_side,
)

__all__ = [
    "Decision",
    "Pair",
    "Rules",
    "action_id",
    "consents",
    "decide_pair",
    "has_changed",
    "new_contact",
    "noted_bases",
    "starting_bases",
]

_NOTHING: Mapping[SideName, Mapping[str, FieldValue]] = {SALESMANAGO: {}, ZOHO: {}}


@frozen
class Rules:
    """What the caller chose.

    Attributes:
        prefer: the side that wins where both moved apart.
        consent: what to do with opt-in acts.
    """

    prefer: SideName = ZOHO
    consent: ConsentPolicy = ConsentPolicy.MIRROR


@frozen
class Pair:
    """Two records that are one person, as both were just read.

    Attributes:
        seen: by side, the record.
        link: what is remembered of them, with the bases to compare with.
        is_new: they were matched just now.
    """

    seen: Mapping[SideName, Seen]
    link: Link
    is_new: bool = False

    @property
    def refs(self) -> tuple[Ref, ...]:
        """Both records."""
        return tuple(self.seen[side].ref for side in SIDES)

    def values(self) -> dict[SideName, dict[str, FieldValue]]:
        """Give the observed fields of both."""
        return {side: self.seen[side].contact.observed() for side in SIDES}


@frozen
class Decision:
    """What one pair demands beyond consent.

    Attributes:
        writes: by side, the fields to be written.
        converts: the lead has to be turned into a contact first; nothing else
            is written to Zoho until that is done.
        conflicts: the values that lose.
        losses: by side, what cannot be carried over, known beforehand.
        agreed: fields whose present values may be noted as they are.
        review: what a person has to be asked, if anything.
    """

    writes: Mapping[SideName, Mapping[str, FieldValue]] = field(repr=False)
    converts: bool = False
    conflicts: tuple[Conflict, ...] = ()
    losses: tuple[tuple[SideName, Loss], ...] = ()
    agreed: frozenset[str] = frozenset()
    review: ReviewReason | None = None


def starting_bases(
    link: Link, seen: Mapping[SideName, Seen], digester: Digester
) -> Mapping[SideName, Base]:
    """Give the bases to compare with.

    After a lead was turned into a contact, the lead's bases hold but for
    consent, and for what the contact shows as empty: Zoho may just not have
    carried it over, and that is not the same as cleared.
    """
    if not link.is_followed:
        return link.bases
    values = seen[ZOHO].contact.observed()
    kept = {
        name: digest
        for name, digest in link.bases["zoho"].items()
        if name not in CHANNELS
        and (name not in values or digester.normal(name, values[name]) is not None)
    }
    return {SALESMANAGO: link.bases["salesmanago"], ZOHO: kept}


def has_changed(seen: Seen, base: Base, digester: Digester) -> bool:
    """Tell whether a record differs from what is remembered of its side."""
    values = seen.contact.observed()
    return any(base.get(name) != digester.of(name, values[name]) for name in values)


def consents(
    pair: Pair,
    rules: Rules,
    digester: Digester,
    *,
    suppressed: frozenset[str],
    fresh: frozenset[str],
) -> tuple[ConsentDecision, ...]:
    """Decide every channel of a pair.

    Args:
        pair: the two records.
        rules: what the caller chose.
        digester: gives the digests.
        suppressed: channels on which the address is suppressed.
        fresh: channels whose opt-out was seen in this very run.
    """
    bases = starting_bases(pair.link, pair.seen, digester)
    return tuple(
        decide_consent(
            channel,
            pair.values(),
            bases,
            digester,
            is_suppressed=channel in suppressed,
            may_opt_in=channel not in fresh,
            policy=rules.consent,
        )
        for channel in CHANNELS
    )


def decide_pair(
    pair: Pair,
    rules: Rules,
    digester: Digester,
    facts: Mapping[SideName, SideFacts],
    *,
    may_convert: bool = True,
) -> Decision:
    """Decide everything of a pair but consent.

    Args:
        pair: the two records.
        rules: what the caller chose.
        digester: gives the digests.
        facts: of both sides.
        may_convert: no other pair has the lead's address, so that Zoho would
            convert it into another person's contact.
    """
    values = pair.values()
    bases = starting_bases(pair.link, pair.seen, digester)
    merged = merge(digester, values, bases, prefer=rules.prefer)
    decision = Decision(
        {side: dict(merged.writes[side]) for side in SIDES},
        conflicts=merged.conflicts,
        agreed=merged.agreed,
    )
    decision = _with_state(decision, values, bases, rules, digester)
    decision = _with_owner(decision, values, bases, rules, digester, facts)
    if not decision.converts:
        return decision
    if not may_convert:
        return evolve(decision, converts=False, review=ReviewReason.ADDRESS_TAKEN)
    return evolve(decision, writes={**decision.writes, ZOHO: {}})


def _with_state(
    decision: Decision,
    values: Mapping[SideName, Mapping[str, FieldValue]],
    bases: Mapping[SideName, Base],
    rules: Rules,
    digester: Digester,
) -> Decision:
    """Add what the states demand: in Zoho the state is the module itself."""
    found = verdict(digester, values, bases, ("state",))
    if found is None or found is Verdict.STANDING:
        return decision
    if found is Verdict.AGREED:
        return evolve(decision, agreed=decision.agreed | {"state"})
    winner = _winner(found, rules.prefer)
    conflicts = decision.conflicts
    if found in {Verdict.BOTH_MOVED, Verdict.FIRST_SIGHT}:
        conflicts += (Conflict("state", winner, found),)
    if winner == ZOHO:
        wanted = {**decision.writes[SALESMANAGO], "state": values[ZOHO]["state"]}
        writes = {**decision.writes, SALESMANAGO: wanted}
        return evolve(decision, writes=writes, conflicts=conflicts)
    if values[SALESMANAGO]["state"] is ContactState.CLIENT:
        return evolve(decision, converts=True, conflicts=conflicts)
    return evolve(decision, review=ReviewReason.DEMOTED)


def _winner(found: Verdict, prefer: SideName) -> SideName:
    if found is Verdict.SALESMANAGO_MOVED:
        return SALESMANAGO
    return ZOHO if found is Verdict.ZOHO_MOVED else prefer


def _with_owner(
    decision: Decision,
    values: Mapping[SideName, Mapping[str, FieldValue]],
    bases: Mapping[SideName, Base],
    rules: Rules,
    digester: Digester,
    facts: Mapping[SideName, SideFacts],
) -> Decision:
    """Add what the owners demand.

    An owner goes over when the other side has a user of the same e-mail.
    One without counterpart is listed; only where it really changed does the
    other side's record go to the main user.
    At first sight the main user may be standing in for such an owner already,
    as after a create whose outcome was never learnt: then both stay.
    """
    found = verdict(digester, values, bases, ("owner_email",))
    if found is None or found is Verdict.STANDING:
        return decision
    if found is Verdict.AGREED:
        return evolve(decision, agreed=decision.agreed | {"owner_email"})
    winner = _winner(found, rules.prefer)
    loser = other_side(winner)
    wanted = digester.normal("owner_email", values[winner]["owner_email"])
    losses, conflicts = decision.losses, decision.conflicts
    present = digester.normal("owner_email", values[loser]["owner_email"])
    is_stood_in_for = (
        wanted == facts[winner].main_owner
        and present is not None
        and present not in facts[winner].users
    )
    if found is Verdict.FIRST_SIGHT and is_stood_in_for:
        losses += ((winner, Loss("owner_email", LossReason.NO_SUCH_USER)),)
        agreed = decision.agreed | {"owner_email"}
        return evolve(decision, losses=losses, agreed=agreed)
    if wanted not in facts[loser].users:
        losses += ((loser, Loss("owner_email", LossReason.NO_SUCH_USER)),)
        wanted = facts[loser].main_owner
        if found is Verdict.FIRST_SIGHT or wanted == present:
            agreed = decision.agreed | {"owner_email"}
            return evolve(decision, losses=losses, agreed=agreed)
    elif found in {Verdict.BOTH_MOVED, Verdict.FIRST_SIGHT}:
        conflicts += (Conflict("owner_email", winner, found),)
    writes = {
        **decision.writes,
        loser: {**decision.writes[loser], "owner_email": wanted},
    }
    return evolve(decision, writes=writes, losses=losses, conflicts=conflicts)


def new_contact(
    source: Seen, facts: SideFacts, digester: Digester, *, suppressed: frozenset[str]
) -> tuple[Contact, tuple[Loss, ...]]:
    """Give the contact to be created across, with its consent and owner.

    Args:
        source: the record without counterpart.
        facts: of the side where the contact is created.
        digester: gives normal forms.
        suppressed: channels on which the address is suppressed.
    """
    values = {
        name: value
        for name, value in source.contact.observed().items()
        if digester.normal(name, value) is not None
    }
    values.update(dict.fromkeys(suppressed, Consent.OPTED_OUT))
    losses: tuple[Loss, ...] = ()
    owner = digester.normal("owner_email", values.get("owner_email"))
    if owner not in facts.users:
        if owner is not None:
            losses = (Loss("owner_email", LossReason.NO_SUCH_USER),)
        values["owner_email"] = facts.main_owner
    return Contact.of(values), losses


def noted_bases(
    pair: Pair,
    digester: Digester,
    *,
    agreed: frozenset[str],
    written: Mapping[SideName, Mapping[str, FieldValue]] = _NOTHING,
    unsettled: frozenset[str] = frozenset(),
) -> dict[SideName, Base]:
    """Give the bases after a write.

    A base moves only for what was observed and settled, or was acknowledged
    by the side that wrote it; a change that could not be carried over keeps
    its old base, so that it is still seen as a change.

    Args:
        pair: the two records as they were read.
        digester: gives the digests.
        agreed: fields whose present values are settled on both sides.
        written: by side, the acknowledged values.
        unsettled: channels on which an opt-in waits for a person's word.
    """
    values = pair.values()
    bases = starting_bases(pair.link, pair.seen, digester)
    noted: dict[SideName, Base] = {}
    for side in SIDES:
        across = other_side(side)
        base = dict(bases[side])
        for name, value in values[side].items():
            if name in CHANNELS:
                is_settled = name not in unsettled
            else:
                is_settled = (
                    name in agreed
                    or name in written[across]
                    or name not in values[across]
                )
            if is_settled:
                base[name] = digester.of(name, value)
        for name, value in written[side].items():
            base[name] = digester.of(name, value)
        noted[side] = base
    return noted


def action_id(
    kind: ActionKind,
    refs: tuple[Ref, ...],
    digester: Digester,
    values: Mapping[str, FieldValue],
    before: Mapping[str, FieldValue] = MappingProxyType({}),
) -> str:
    """Mark an action so that the same one on the same values is known again.

    Args:
        kind: what it does.
        refs: the records concerned.
        digester: gives the digests.
        values: what is written.
        before: what the record shows; only the fields written count.
    """
    mark = blake2b(digest_size=12)
    mark.update(kind.value.encode())
    for ref in refs:
        mark.update(ref.text().encode() + b"\0")
    for name in sorted(values):
        mark.update(name.encode() + digester.of(name, values[name]))
        mark.update(digester.of(name, before.get(name)))
    return mark.hexdigest()
