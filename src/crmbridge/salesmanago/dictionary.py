"""Dictionary details of SALESmanago: numbers and dates by name.

Floor 1: values only.
Source: SALESmanago help centre, "Dictionary details", and doc comments of a C#
client: the first upload of a name makes it, and later ones repeat its type.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from attrs import field, frozen

from crmbridge.errors import InvalidInputError
from crmbridge.salesmanago._texts import require_fit, require_name

__all__ = ["DictionaryDetail", "require_single_names"]

_RESERVED: Final = frozenset({"points", "tier"})
_FIELD: Final = "dictionary"


@frozen
class DictionaryDetail:
    """A detail whose value is a number or a time.

    Attributes:
        name: its name, at most 255 characters; ``points`` and ``tier`` are the
            service's own.
        value: a number, sent as type ``NUMBER``, or an aware time, sent as
            type ``DATE`` in milliseconds. A name keeps its type for ever.

    Raises:
        InvalidInputError: the name is blank or reserved, the number is not
            finite, or the time has no zone.
        TooLongError: the name or the number is too long.

    >>> DictionaryDetail("orders", 7).body()
    {'name': 'orders', 'type': 'NUMBER', 'value': '7'}
    """

    name: str
    value: int | float | Decimal | datetime = field(repr=False)

    def __attrs_post_init__(self) -> None:
        require_name(self.name, field=_FIELD)
        if self.name.strip().casefold() in _RESERVED:
            raise _bad("the names points and tier are reserved")
        require_fit(self._text(), field=_FIELD, what=f"a value in {_FIELD}")

    @property
    def type(self) -> str:
        """The name of the type on the wire."""
        return "DATE" if isinstance(self.value, datetime) else "NUMBER"

    def body(self) -> dict[str, Any]:
        """Give the wire form."""
        return {"name": self.name, "type": self.type, "value": self._text()}

    def _text(self) -> str:
        value = self.value
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise _bad("a time must be aware of its zone")
            return str(_milliseconds(value))
        if isinstance(value, bool) or not Decimal(value).is_finite():
            raise _bad("a number must be finite, and no truth value")
        # The shortest form of a float, and no exponent: 0.1, 12000000.
        return format(Decimal(str(value)), "f")


def _milliseconds(at: datetime) -> int:
    since = at - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def require_single_names(details: Iterable[DictionaryDetail]) -> None:
    """Demand that each name is there once.

    Raises:
        InvalidInputError: one is there twice.
    """
    names = [detail.name for detail in details]
    if len(set(names)) != len(names):
        raise _bad("a name is there twice")


def _bad(text: str) -> InvalidInputError:
    return InvalidInputError(
        f"dictionary details: {text}", service="salesmanago", field=_FIELD
    )


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
