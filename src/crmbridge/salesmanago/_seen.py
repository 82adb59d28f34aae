"""Which ids were given already, in bounded memory.

Floor 1: knows no service.

The rule: an id is called known only if it was added, so nobody is left out by
mistake. What was added long ago is forgotten, so somebody may come again.
"""

from __future__ import annotations

from array import array
from collections import deque
from typing import Final

__all__ = ["SeenIds"]

_TABLES: Final = 11
_IDS: Final = 25_000
_SLOTS: Final = 32_768
_HEX_DIGITS: Final = 32
_LOW: Final = (1 << 64) - 1


class SeenIds:
    """Remembers the last 250,000 ids that were added, at least.

    A UUID takes about 20 bytes; an id of another form is kept as text.

    Args:
        tables: how many tables of 25,000 ids it keeps; the oldest is forgotten
            when one more is needed.

    >>> seen = SeenIds()
    >>> [seen.add(text) for text in ("a", "b", "a")]
    [True, True, False]
    """

    def __init__(self, tables: int = _TABLES) -> None:
        self._tables = deque([_Table()], maxlen=tables)

    def add(self, text: str) -> bool:
        """Remember an id, and tell whether it is new."""
        key = _key(text)
        newest = self._tables[-1]
        for table in self._tables:
            if table is not newest and key in table:
                return False
        if len(newest) < _IDS:
            return newest.add(key)
        if key in newest:
            return False
        self._tables.append(_Table())
        return self._tables[-1].add(key)


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


class _Table:
    """A set of keys; numbers lie in two arrays, found by probing.

    A slot is free when both halves are zero, so the number 0 is kept apart.
    """

    def __init__(self) -> None:
        self._others: set[int | str] = set()
        self._count = 0
        self._high = array("Q", [0]) * _SLOTS
        self._low = array("Q", [0]) * _SLOTS

    def __len__(self) -> int:
        return self._count + len(self._others)

    def __contains__(self, key: int | str) -> bool:
        if isinstance(key, str) or not key:
            return key in self._others
        slot = self._slot(key >> 64, key & _LOW)
        return bool(self._high[slot] or self._low[slot])

    def add(self, key: int | str) -> bool:
        """Add a key, and tell whether it is new."""
        if isinstance(key, str) or not key:
            is_new = key not in self._others
            self._others.add(key)
            return is_new
        high, low = key >> 64, key & _LOW
        slot = self._slot(high, low)
        if self._high[slot] or self._low[slot]:
            return False
        self._high[slot], self._low[slot] = high, low
        self._count += 1
        return True

    def _slot(self, high: int, low: int) -> int:
        """Give the slot that holds a key, or else the free one for it."""
        slot = hash((high, low)) % _SLOTS
        highs, lows = self._high, self._low
        while highs[slot] or lows[slot]:
            if highs[slot] == high and lows[slot] == low:
                break
            slot = (slot + 1) % _SLOTS
        return slot
