"""Two records that are one person, and how their bases move.

Floor 3: pure.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from crmbridge.contact import FieldValue
from crmbridge.reconcile.consent import CHANNELS
from crmbridge.reconcile.digests import Base, Digester
from crmbridge.reconcile.memory import Link
from crmbridge.reconcile.records import (
    SALESMANAGO,
    SIDES,
    ZOHO,
    Ref,
    Seen,
    SideName,
    other_side,
)

__all__ = ["Pair", "has_changed", "noted_bases", "starting_bases"]


_NOTHING: Mapping[SideName, Mapping[str, FieldValue]] = {SALESMANAGO: {}, ZOHO: {}}


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


def starting_bases(
    link: Link, seen: Mapping[SideName, Seen], digester: Digester
) -> Mapping[SideName, Base]:
    """Give the bases to compare with.

    After a lead was turned into a contact, the lead's bases hold where the
    contact shows the same.
    Where it shows something else that is first sight, with any difference
    listed: Zoho may not have carried the value over, or the contact was there
    before and keeps its own; neither is an edit of the lead's value.
    Consent is always at first sight, so that *out* wins.
    The state is the one thing that did move.
    """
    if not link.is_followed:
        return link.bases
    values = seen[ZOHO].contact.observed()
    kept = {
        name: base
        for name, base in link.bases["zoho"].items()
        if name == "state"
        or (
            name not in CHANNELS
            and (name not in values or digester.of(name, values[name]) == base)
        )
    }
    return {SALESMANAGO: link.bases["salesmanago"], ZOHO: kept}


def has_changed(seen: Seen, base: Base, digester: Digester) -> bool:
    """Tell whether a record differs from what is remembered of its side."""
    values = seen.contact.observed()
    return any(base.get(name) != digester.of(name, values[name]) for name in values)


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
