"""What a service says is wrong with something that was sent to it.

Floor 0: a value; `crmbridge.errors` gives it its name.
"""

from __future__ import annotations

from attrs import field as attribute
from attrs import frozen

__all__ = ["Problem"]


@frozen
class Problem:
    """One thing that is wrong with what was sent, as the service tells it.

    Attributes:
        code: the service's code.
        field: its name of the field or parameter at fault, or ``None``.
        path: where in what was sent it lies, such as ``$.data[0].Email``.
        maximum_length: how much the service takes at most, where it is that.
        expected_type: what the service wants there, where it is that.
        allowed: the values that the service takes, where it lists them.
        existing_id: the record that holds the same unique value.

    >>> Problem("INVALID_DATA", "Last_Name", maximum_length=80).field
    'Last_Name'
    """

    code: str
    field: str | None = None
    path: str | None = None
    maximum_length: int | None = None
    expected_type: str | None = None
    allowed: tuple[str, ...] = attribute(default=(), repr=False)
    existing_id: str | None = None
