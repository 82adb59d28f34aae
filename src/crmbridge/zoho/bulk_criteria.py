"""Criteria of bulk reads: which records Zoho puts into the file.

Floor 1: values only.

Source: Zoho CRM API v7 and v8, "Create Bulk Read Job": one criterion, or groups
of them joined by ``and`` or ``or``, at most 25 in all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final, Literal, TypeAlias

from attrs import field as attribute
from attrs import frozen

from crmbridge.errors import InvalidInputError

__all__ = ["BulkCriteria", "BulkCriterion", "BulkGroup", "criteria_json"]

_MAX_CRITERIA: Final = 25
_LEAST_IN_GROUP: Final = 2
_EMPTY: Final = "${EMPTY}"

Comparator: TypeAlias = Literal[
    "equal",
    "not_equal",
    "in",
    "not_in",
    "less_than",
    "less_equal",
    "greater_than",
    "greater_equal",
    "between",
    "not_between",
    "contains",
    "not_contains",
    "starts_with",
    "ends_with",
]
Value: TypeAlias = str | bool | float | date | datetime


@frozen
class BulkCriterion:
    """One comparison of a field with a value.

    Attributes:
        field: the field's API name; of a lookup's record it is dotted, such as
            ``"Owner.last_name"``.
        comparator: Zoho's word, such as ``"equal"``, ``"contains"`` or
            ``"greater_than"``.
        value: what it is compared with; several values for ``"in"``, two for
            ``"between"``. Times have to be aware.

    >>> BulkCriterion("Lead_Source", "equal", "Web Download").field
    'Lead_Source'
    """

    field: str
    comparator: Comparator
    value: Value | tuple[Value, ...] = attribute(repr=False)

    @classmethod
    def between(cls, field: str, least: Value, most: Value) -> BulkCriterion:
        """Compare with a range, both ends included.

        Unverified: whether Zoho includes the ends.

        >>> from datetime import UTC, datetime
        >>> january = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
        >>> BulkCriterion.between("Modified_Time", *january).comparator
        'between'
        """
        return cls(field, "between", (least, most))

    @classmethod
    def empty(cls, field: str) -> BulkCriterion:
        """Compare with nothing: the field is empty.

        >>> BulkCriterion.empty("Email").comparator
        'equal'
        """
        return cls(field, "equal", _EMPTY)


@frozen
class BulkGroup:
    """Criteria that have to hold all together, or of which one is enough.

    Attributes:
        operator: ``"and"`` or ``"or"``.
        criteria: at least two, criteria or groups.

    >>> adults = BulkGroup.all_of(
    ...     BulkCriterion("Company", "equal", "Acme"), BulkCriterion.empty("Email")
    ... )
    >>> adults.operator
    'and'
    """

    operator: Literal["and", "or"]
    criteria: tuple[BulkCriteria, ...]

    @classmethod
    def all_of(cls, *criteria: BulkCriteria) -> BulkGroup:
        """Ask that all of them hold."""
        return cls("and", criteria)

    @classmethod
    def any_of(cls, *criteria: BulkCriteria) -> BulkGroup:
        """Ask that one of them holds."""
        return cls("or", criteria)


BulkCriteria: TypeAlias = BulkCriterion | BulkGroup


def criteria_json(criteria: BulkCriteria) -> dict[str, Any]:
    """Write criteria as Zoho reads them.

    Raises:
        InvalidInputError: there are too many, a group has too few, a
            comparator has the wrong number of values, or a time has no zone.

    >>> criteria_json(BulkCriterion("Company", "equal", "Acme"))
    {'field': {'api_name': 'Company'}, 'comparator': 'equal', 'value': 'Acme'}
    """
    if sum(1 for _ in _leaves(criteria)) > _MAX_CRITERIA:
        raise _wrong(f"Zoho takes at most {_MAX_CRITERIA} criteria")
    return _json(criteria)


def _leaves(criteria: BulkCriteria) -> Iterator[BulkCriterion]:
    if isinstance(criteria, BulkCriterion):
        yield criteria
        return
    for inner in criteria.criteria:
        yield from _leaves(inner)


def _json(criteria: BulkCriteria) -> dict[str, Any]:
    if isinstance(criteria, BulkGroup):
        if len(criteria.criteria) < _LEAST_IN_GROUP:
            raise _wrong("a group needs at least two criteria")
        return {
            "group_operator": criteria.operator,
            "group": [_json(inner) for inner in criteria.criteria],
        }
    return {
        "field": {"api_name": criteria.field},
        "comparator": criteria.comparator,
        "value": _values(criteria),
    }


def _values(criterion: BulkCriterion) -> Any:
    value, comparator = criterion.value, criterion.comparator
    if isinstance(value, tuple):
        is_range = comparator in {"between", "not_between"}
        if is_range and len(value) != _LEAST_IN_GROUP:
            raise _wrong(f"{comparator} needs two values")
        return _texts(value)
    if comparator in {"between", "not_between", "in", "not_in"}:
        raise _wrong(f"{comparator} needs a tuple of values")
    return _text(value)


def _texts(values: Sequence[Value]) -> list[Any]:
    if not values:
        raise _wrong("a tuple of values must not be empty")
    return [_text(value) for value in values]


def _text(value: Value) -> Any:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise _wrong("a time must be aware, with a time zone")
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


def _wrong(problem: str) -> InvalidInputError:
    return InvalidInputError(f"criteria: {problem}", service="zoho", field="criteria")
