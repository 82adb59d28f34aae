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
from crmbridge.reconcile.digests import Base, Digester
from crmbridge.reconcile.merge import Conflict, Verdict, merge, verdict
from crmbridge.reconcile.pairs import Pair, starting_bases
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
    "Rules",
    "action_id",
    "consents",
    "decide_pair",
    "new_contact",
]


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
