"""The parts that endpoints of the fake SALESmanago are made of.

Floor 9.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeGuard

from attrs import frozen

from crmbridge.testing._salesmanago.book import Book, RefusalError

__all__ = ["Answer", "Body", "Endpoint", "Payload", "array", "number", "texts"]

Body: TypeAlias = Mapping[str, Any]
Payload: TypeAlias = dict[str, Any]
Answer: TypeAlias = Callable[[Book, Body], Payload]


@frozen
class Endpoint:
    """One path of the service.

    Attributes:
        answer: gives the payload, or raises `RefusalError`.
        needs_owner: whether a body without a known owner is refused.
        is_write: whether it counts as a write.
    """

    answer: Answer
    needs_owner: bool = True
    is_write: bool = False


def array(body: Body, name: str) -> list[Any]:
    """Read a list.

    Raises:
        RefusalError: there is none.
    """
    value: object = body.get(name)
    if not _is_array(value):
        raise RefusalError(f"{name} is not an array", name)
    return value


def _is_array(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def texts(body: Body, name: str) -> tuple[str, ...]:
    """Read a list of texts."""
    return tuple(str(element) for element in array(body, name))


def number(body: Body, name: str) -> int:
    """Read a whole number.

    Raises:
        RefusalError: it is none.
    """
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise RefusalError(f"{name} is not a number", name)
    return value
