"""The three-way merge: what each side has to take over from the other.

Floor 3: pure.

For each field, or group of fields that only make sense together:

===================  =======================================================
what moved           what happens
===================  =======================================================
equal on both sides  noted, no write
one side             its value goes over, an empty one included
both, apart          the preferred side wins, the loser is a conflict
neither              a difference that stands, such as a loss: no write
unknown (no base)    blanks are filled; where both hold a value, the
                     preferred side wins and the loser is a conflict
===================  =======================================================

*Moved* means: differs from that side's own base, in normal form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Final

from attrs import field, frozen

from crmbridge.contact import ADDRESS_FIELDS, FIELDS, FieldValue
from crmbridge.reconcile.digests import Base, Digester
from crmbridge.reconcile.records import (
    SALESMANAGO,
    SIDES,
    ZOHO,
    SideName,
    other_side,
)

__all__ = ["GROUPS", "Conflict", "Merge", "Verdict", "merge", "verdict"]

_OWN_RULES: Final = frozenset(
    {"state", "owner_email", "email_consent", "phone_consent"}
)

GROUPS: Final[tuple[tuple[str, ...], ...]] = (
    *((name,) for name in FIELDS if name not in {*_OWN_RULES, *ADDRESS_FIELDS}),
    ADDRESS_FIELDS,
)
"""Fields that are merged as one unit; state, owner and consent have own rules."""


class Verdict(Enum):
    """What the comparison of one unit found."""

    AGREED = "agreed"
    SALESMANAGO_MOVED = "changed in SALESmanago"
    ZOHO_MOVED = "changed in Zoho"
    BOTH_MOVED = "changed on both sides"
    STANDING = "a difference that stands"
    FIRST_SIGHT = "first sight"


@frozen
class Conflict:
    """Two values for one field, of which one was kept.

    Attributes:
        field: which field.
        winner: the side whose value was kept.
        verdict: how the conflict came about.
    """

    field: str
    winner: SideName
    verdict: Verdict


@frozen
class Merge:
    """What has to be written so that both sides agree.

    Attributes:
        writes: by side, the values it has to take over.
        agreed: fields that are equal, so that both bases may be noted.
        conflicts: what lost.
    """

    writes: Mapping[SideName, Mapping[str, FieldValue]] = field(repr=False)
    agreed: frozenset[str]
    conflicts: tuple[Conflict, ...]


@frozen
class _Sides:
    """Both sides' values and bases, for one merge."""

    digester: Digester
    values: Mapping[SideName, Mapping[str, FieldValue]]
    bases: Mapping[SideName, Base]

    def shared(self, names: Iterable[str]) -> list[str]:
        first, second = self.values[SALESMANAGO], self.values[ZOHO]
        return [name for name in names if name in first and name in second]

    def digest(self, side: SideName, name: str) -> bytes:
        return self.digester.of(name, self.values[side][name])

    def is_equal(self, name: str) -> bool:
        return self.digest(SALESMANAGO, name) == self.digest(ZOHO, name)

    def is_blank(self, side: SideName, name: str) -> bool:
        return self.digester.normal(name, self.values[side][name]) is None

    def has_moved(self, side: SideName, name: str) -> bool:
        base = self.bases[side].get(name)
        return base is not None and base != self.digest(side, name)

    def has_bases(self, name: str) -> bool:
        return all(name in self.bases[side] for side in SIDES)


def verdict(
    digester: Digester,
    values: Mapping[SideName, Mapping[str, FieldValue]],
    bases: Mapping[SideName, Base],
    names: Iterable[str],
) -> Verdict | None:
    """Compare one unit of fields; ``None`` where a side does not hold it."""
    sides = _Sides(digester, values, bases)
    return _verdict(sides, sides.shared(names))


def _verdict(sides: _Sides, names: list[str]) -> Verdict | None:
    if not names:
        return None
    if all(sides.is_equal(name) for name in names):
        return Verdict.AGREED
    moved = {side: any(sides.has_moved(side, name) for name in names) for side in SIDES}
    if moved[SALESMANAGO] and moved[ZOHO]:
        return Verdict.BOTH_MOVED
    if not all(sides.has_bases(name) for name in names if not sides.is_equal(name)):
        return Verdict.FIRST_SIGHT
    if moved[SALESMANAGO]:
        return Verdict.SALESMANAGO_MOVED
    return Verdict.ZOHO_MOVED if moved[ZOHO] else Verdict.STANDING


def merge(
    digester: Digester,
    values: Mapping[SideName, Mapping[str, FieldValue]],
    bases: Mapping[SideName, Base],
    *,
    prefer: SideName = ZOHO,
) -> Merge:
    """Merge all units of fields that both sides hold.

    Args:
        digester: gives normal forms and digests.
        values: by side, the observed fields.
        bases: by side, what it last showed or acknowledged.
        prefer: the side that wins where both moved apart.
    """
    sides = _Sides(digester, values, bases)
    writes: dict[SideName, dict[str, FieldValue]] = {SALESMANAGO: {}, ZOHO: {}}
    agreed: set[str] = set()
    conflicts: list[Conflict] = []
    for group in GROUPS:
        names = sides.shared(group)
        found = _verdict(sides, names)
        if found is None or found is Verdict.STANDING:
            continue
        differing = [name for name in names if not sides.is_equal(name)]
        agreed.update(name for name in names if name not in differing)
        if found is Verdict.FIRST_SIGHT and _is_only_blanks(sides, differing):
            for name in differing:
                is_blank = sides.is_blank(SALESMANAGO, name)
                source: SideName = ZOHO if is_blank else SALESMANAGO
                writes[other_side(source)][name] = values[source][name]
            continue
        winner = _winner(found, prefer)
        for name in differing:
            writes[other_side(winner)][name] = values[winner][name]
            if found in {Verdict.BOTH_MOVED, Verdict.FIRST_SIGHT}:
                conflicts.append(Conflict(name, winner, found))
    return Merge(writes, frozenset(agreed), tuple(conflicts))


def _is_only_blanks(sides: _Sides, names: list[str]) -> bool:
    return all(
        sides.is_blank(SALESMANAGO, name) or sides.is_blank(ZOHO, name)
        for name in names
    )


def _winner(found: Verdict, prefer: SideName) -> SideName:
    if found is Verdict.SALESMANAGO_MOVED:
        return SALESMANAGO
    if found is Verdict.ZOHO_MOVED:
        return ZOHO
    return prefer
