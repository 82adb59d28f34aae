"""More fields than Zoho gives at one time: parted for asking, joined again.

Floor 3.
Each part asks for ``Modified_Time`` as well.
Where the parts were answered before and after a change, the joined record has
the earliest of their times: whoever reads by that time, or writes on condition
of it, sees the change later and loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from crmbridge.errors import InvalidInputError
from crmbridge.zoho._faults import ZOHO, Json
from crmbridge.zoho._replies import time_of

__all__ = ["MAX_FIELDS", "field_groups", "field_list", "joined"]

MAX_FIELDS: Final = 50
_TIME: Final = "Modified_Time"


def field_list(names: Iterable[str]) -> str:
    """Write 1 to 50 names for one request.

    Raises:
        InvalidInputError: there are none or more, or one is no name.

    >>> field_list(["id"])
    'id,Modified_Time'
    """
    first, *others = field_groups(names)
    if others:
        raise InvalidInputError(
            f"name 1 to {MAX_FIELDS} fields; Zoho gives no more at one time",
            service=ZOHO,
            field="fields",
        )
    return ",".join(first)


def field_groups(names: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Part names into as few groups as may be, each of 50 at most.

    Raises:
        InvalidInputError: there are none, or one is no name.

    >>> [len(group) for group in field_groups(f"Field_{n}" for n in range(60))]
    [50, 12]
    """
    if isinstance(names, str):
        raise _invalid("fields are several names, not one text")
    asked = list(dict.fromkeys(names))
    if not asked or not all(map(_is_name, asked)):
        raise _invalid("fields are API names, at least one")
    if asked == ["id"]:
        # Unverified: Zoho is said to refuse a list of nothing but ids.
        return (("id", _TIME),)
    if len(asked) <= MAX_FIELDS:
        return (tuple(asked),)
    others = [name for name in asked if name not in {"id", _TIME}]
    size = MAX_FIELDS - 1
    return tuple(
        (*others[start : start + size], _TIME) for start in range(0, len(others), size)
    )


def joined(rows: Sequence[Json]) -> Json:
    """Make one record of the rows that the groups gave of it.

    >>> joined([{"id": "7", "Fax": "1"}, {"id": "7", "Phone": "2"}])
    {'id': '7', 'Fax': '1', 'Phone': '2'}
    """
    if len(rows) == 1:
        return rows[0]
    whole: Json = {}
    for row in rows:
        whole.update(row)
    times = [(at, row[_TIME]) for row in rows if (at := time_of(row.get(_TIME)))]
    if times:
        whole[_TIME] = min(times)[1]
    return whole


def _is_name(name: object) -> bool:
    return isinstance(name, str) and bool(name.strip()) and "," not in name


def _invalid(message: str) -> InvalidInputError:
    return InvalidInputError(message, service=ZOHO, field="fields")
