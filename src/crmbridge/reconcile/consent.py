"""The rules of consent: an opt-out is never lost.

Floor 3: pure.

Consent is not a field like others: it belongs to the address, *out* wins
wherever there is doubt, and no record's modified time is evidence.

=============================================  =============================
what is seen                                   what happens
=============================================  =============================
equal, out                                     noted
equal, in; address suppressed, no act seen     out on both sides
one out, the other in, without bases           out on both sides
one moved to out                               out on both sides
one moved to in, the other has not moved       in on both sides, if the
                                               policy mirrors opt-ins;
                                               else listed for review
both moved, apart                              out on both sides
one side does not hold the channel             no write; the ledger learns
=============================================  =============================
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from attrs import field, frozen

from crmbridge.contact import Consent, FieldValue
from crmbridge.reconcile.digests import Base, Digester
from crmbridge.reconcile.records import SIDES, SideName

__all__ = ["CHANNELS", "ConsentDecision", "ConsentPolicy", "decide_consent"]

CHANNELS: Final = ("email_consent", "phone_consent")
"""The fields that hold consent."""


class ConsentPolicy(Enum):
    """What happens when a person is opted in again on one side.

    ``MIRROR`` carries the opt-in over when the other side has not moved;
    ``PROTECTIVE`` lists it for review and never opts in by itself.

    >>> ConsentPolicy("protective")
    <ConsentPolicy.PROTECTIVE: 'protective'>
    """

    MIRROR = "mirror"
    PROTECTIVE = "protective"


@frozen
class ConsentDecision:
    """What consent demands for one channel of one person.

    Attributes:
        channel: the field's name.
        wanted: what both sides should show; ``None`` to leave them.
        writes: the sides that have to change to ``wanted``.
        suppresses: the side whose opt-out the ledger has to note.
        releases: whether an opt-in act ends the suppression.
        needs_review: an opt-in act waits for a person's word.
    """

    channel: str
    wanted: Consent | None = None
    writes: frozenset[SideName] = field(default=frozenset())
    suppresses: SideName | None = None
    releases: bool = False
    needs_review: bool = False


def decide_consent(
    channel: str,
    values: Mapping[SideName, Mapping[str, FieldValue]],
    bases: Mapping[SideName, Base],
    digester: Digester,
    *,
    is_suppressed: bool,
    may_opt_in: bool,
    policy: ConsentPolicy,
) -> ConsentDecision:
    """Decide one channel of one linked or newly matched pair.

    Args:
        channel: one of `CHANNELS`.
        values: by side, the observed fields; a missing one is unknown.
        bases: by side, what it last showed or acknowledged.
        digester: gives the digests that the bases hold.
        is_suppressed: the ledger knows an opt-out of the address.
        may_opt_in: whether an opt-in act may be believed at all; not so
            where the opt-out was seen in this very run, for a service may
            show the state before its own write for a while.
        policy: what to do with opt-in acts.
    """
    held: dict[SideName, FieldValue] = {
        side: values[side][channel] for side in SIDES if channel in values[side]
    }
    outs: frozenset[SideName] = frozenset(
        side for side, value in held.items() if value is Consent.OPTED_OUT
    )
    ins: frozenset[SideName] = frozenset(held) - outs
    moved = frozenset(
        side
        for side, value in held.items()
        if bases[side].get(channel, digester.of(channel, value))
        != digester.of(channel, value)
    )
    source: SideName | None = min(outs, default=None)
    if not ins:
        return ConsentDecision(channel, suppresses=source)
    is_act = bool(ins & moved) and not (outs & moved) and may_opt_in
    if not outs and not is_suppressed:
        return ConsentDecision(channel)
    if is_act and all(channel in bases[side] for side in held):
        if policy is ConsentPolicy.PROTECTIVE:
            return ConsentDecision(channel, needs_review=True)
        return ConsentDecision(channel, Consent.OPTED_IN, outs, releases=True)
    return ConsentDecision(channel, Consent.OPTED_OUT, ins, suppresses=source)
