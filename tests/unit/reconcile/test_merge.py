"""Every row of the merge table, and the properties that hold for all of them."""

from __future__ import annotations

from enum import Enum
from itertools import product
from typing import TypeAlias

import pytest

from crmbridge.contact import FieldValue
from crmbridge.mapping import NormalForms
from crmbridge.reconcile.digests import Digester
from crmbridge.reconcile.merge import Merge, Verdict, merge
from crmbridge.reconcile.records import SALESMANAGO, ZOHO, SideName

DIGESTER = Digester(NormalForms(), b"k" * 16)


class Unknown(Enum):
    """A side that does not hold the field."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN
Value: TypeAlias = FieldValue | Unknown


def _merge(
    ours: Value,
    theirs: Value,
    our_base: Value = UNKNOWN,
    their_base: Value = UNKNOWN,
    *,
    prefer: SideName = ZOHO,
    field: str = "phone",
) -> Merge:
    def held(value: Value) -> dict[str, FieldValue]:
        return {} if isinstance(value, Unknown) else {field: value}

    return merge(
        DIGESTER,
        {SALESMANAGO: held(ours), ZOHO: held(theirs)},
        {
            SALESMANAGO: DIGESTER.base(held(our_base)),
            ZOHO: DIGESTER.base(held(their_base)),
        },
        prefer=prefer,
    )


def test_equal_in_normal_form_is_agreed_and_not_written() -> None:
    result = _merge("+48 600-100-200", "0048600100200", "1", "2")

    assert result.writes == {SALESMANAGO: {}, ZOHO: {}}
    assert result.agreed == {"phone"}


def test_a_change_on_one_side_goes_over() -> None:
    assert _merge("2", "1", "1", "1").writes[ZOHO] == {"phone": "2"}
    assert _merge("1", "2", "1", "1").writes[SALESMANAGO] == {"phone": "2"}


def test_clearing_goes_over_like_any_change() -> None:
    assert _merge(None, "1", "1", "1").writes[ZOHO] == {"phone": None}
    assert _merge("1", "", "1", "1").writes[SALESMANAGO] == {"phone": ""}


@pytest.mark.parametrize(
    ("prefer", "loser"), [(ZOHO, SALESMANAGO), (SALESMANAGO, ZOHO)]
)
def test_where_both_moved_apart_the_preferred_side_wins(
    prefer: SideName, loser: SideName
) -> None:
    result = _merge("2", "3", "1", "1", prefer=prefer)

    assert result.writes[loser] == {"phone": "3" if prefer == ZOHO else "2"}
    assert [conflict.winner for conflict in result.conflicts] == [prefer]


def test_both_moved_to_the_same_is_no_conflict() -> None:
    result = _merge("2", "2", "1", "1")

    assert result.conflicts == ()
    assert result.agreed == {"phone"}


def test_a_difference_that_stands_is_not_written_again() -> None:
    result = _merge("1", "2", "1", "2")

    assert result.writes == {SALESMANAGO: {}, ZOHO: {}}
    assert result.agreed == frozenset()


def test_at_first_sight_blanks_are_filled() -> None:
    assert _merge(None, "1").writes[SALESMANAGO] == {"phone": "1"}
    assert _merge("1", "").writes[ZOHO] == {"phone": "1"}
    assert _merge(None, "1").conflicts == ()


def test_at_first_sight_the_preferred_side_wins_and_the_loser_is_listed() -> None:
    result = _merge("1", "2")

    assert result.writes[SALESMANAGO] == {"phone": "2"}
    assert [conflict.verdict for conflict in result.conflicts] == [Verdict.FIRST_SIGHT]


def test_a_field_that_one_side_does_not_hold_is_left_alone() -> None:
    result = _merge("1", UNKNOWN, "0", "0")

    assert result.writes == {SALESMANAGO: {}, ZOHO: {}}
    assert result.agreed == frozenset()


def test_an_address_moves_as_one_unit() -> None:
    old = {"street": "Old 1", "city": "Old", "country": "PL"}
    ours = {"street": "New 2", "city": "Old", "country": "PL"}
    theirs = {"street": "Old 1", "city": "Else", "country": "PL"}
    base = DIGESTER.base(old)

    result = merge(
        DIGESTER,
        {SALESMANAGO: ours, ZOHO: theirs},
        {SALESMANAGO: base, ZOHO: base},
    )

    assert result.writes[SALESMANAGO] == {"street": "Old 1", "city": "Else"}
    assert result.writes[ZOHO] == {}


_STATES = ("1", "2", None, UNKNOWN)


@pytest.mark.parametrize(
    "case", list(product(("1", "2", None), ("1", "2", None), _STATES, _STATES))
)
@pytest.mark.parametrize("prefer", [SALESMANAGO, ZOHO])
def test_after_the_writes_nothing_is_left_to_do(
    case: tuple[Value, Value, Value, Value], prefer: SideName
) -> None:
    result = _merge(*case, prefer=prefer)
    after: dict[SideName, Value] = {SALESMANAGO: case[0], ZOHO: case[1]}
    for side, values in result.writes.items():
        after[side] = values.get("phone", after[side])
    ours, theirs = after[SALESMANAGO], after[ZOHO]

    again = _merge(ours, theirs, ours, theirs, prefer=prefer)

    assert again.writes == {SALESMANAGO: {}, ZOHO: {}}
    if result.writes[SALESMANAGO] or result.writes[ZOHO]:
        assert ours == theirs


@pytest.mark.parametrize(
    "case", list(product(("1", "2", None), ("1", "2", None), _STATES, _STATES))
)
def test_swapping_the_sides_mirrors_the_result(
    case: tuple[Value, Value, Value, Value],
) -> None:
    one = _merge(*case, prefer=ZOHO)
    ours, theirs, our_base, their_base = case

    other = _merge(theirs, ours, their_base, our_base, prefer=SALESMANAGO)

    assert one.writes[SALESMANAGO] == other.writes[ZOHO]
    assert one.writes[ZOHO] == other.writes[SALESMANAGO]
    assert one.agreed == other.agreed
