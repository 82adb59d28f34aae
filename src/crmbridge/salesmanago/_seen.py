"""Which ids were given already, in bounded memory.

Floor 1: knows no service.

The rule: an id is called known only if it was added, so nobody is left out by
mistake. What was added long ago is forgotten, so somebody may come again.
"""

from __future__ import annotations

from array import array
from typing import Final

__all__ = ["SeenIds"]

_REMEMBERED: Final = 250_000
_FIRST_SLOTS: Final = 1024
_HEX_DIGITS: Final = 32
_LOW: Final = (1 << 64) - 1


class SeenIds:
    """Remembers at least the last so many ids that were added.

    A UUID takes about 30 bytes; an id of another form is kept as text.

    Args:
        remembered: how many ids it does not forget; it holds twice as many at
            most.

    >>> seen = SeenIds()
    >>> [seen.add(text) for text in ("a", "b", "a")]
    [True, True, False]
    """

    def __init__(self, remembered: int = _REMEMBERED) -> None:
        self._remembered = remembered
        self._younger = _Generation()
        self._older = _Generation()

    def add(self, text: str) -> bool:
        """Remember an id, and tell whether it is new."""
        key = _key(text)
        if key in self._younger or key in self._older:
            return False
        if len(self._younger) >= self._remembered:
            self._older, self._younger = self._younger, _Generation()
        self._younger.add(key)
        return True


def _key(text: str) -> int | str:
    """Give a UUID in its usual form as a number; other texts stay as they are.

    A UUID is spelt in one way by one service, so a number stands for one text.
    """
    digits = text.replace("-", "")
    if len(digits) == _HEX_DIGITS and digits.isascii() and digits.isalnum():
        try:
            return int(digits, 16)
        except ValueError:
            return text
    return text


class _Generation:
    """A set of keys; numbers lie in two arrays, found by probing.

    A slot is free when both halves are zero, so the number 0 is kept apart.
    """

    def __init__(self) -> None:
        self._others: set[int | str] = set()
        self._count = 0
        self._make_slots(_FIRST_SLOTS)

    def __len__(self) -> int:
        return self._count + len(self._others)

    def __contains__(self, key: int | str) -> bool:
        if isinstance(key, str) or not key:
            return key in self._others
        return bool(self._high[slot := self._slot(key)] or self._low[slot])

    def add(self, key: int | str) -> None:
        """Add a key that is not there."""
        if isinstance(key, str) or not key:
            self._others.add(key)
            return
        if self._count * 2 >= len(self._high):
            self._grow()
        self._put(key >> 64, key & _LOW)
        self._count += 1

    def _make_slots(self, count: int) -> None:
        self._mask = count - 1
        self._high = array("Q", bytes(8 * count))
        self._low = array("Q", bytes(8 * count))

    def _put(self, high: int, low: int) -> None:
        slot = self._slot(high << 64 | low)
        self._high[slot], self._low[slot] = high, low

    def _slot(self, key: int) -> int:
        """Give the slot that holds a key, or else the free one for it."""
        high, low = key >> 64, key & _LOW
        slot = hash((high, low)) & self._mask
        while self._high[slot] or self._low[slot]:
            if self._high[slot] == high and self._low[slot] == low:
                return slot
            slot = (slot + 1) & self._mask
        return slot

    def _grow(self) -> None:
        held = zip(self._high, self._low, strict=True)
        self._make_slots(2 * len(self._high))
        for high, low in held:
            if high or low:
                self._put(high, low)
