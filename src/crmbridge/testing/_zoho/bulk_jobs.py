"""What bulk reads and bulk writes of the fake Zoho share.

Floor 9.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from crmbridge.testing._zoho.answers import Refused
from crmbridge.testing._zoho.book import Book

__all__ = ["KEPT", "Downloads", "state_of"]

KEPT: Final = timedelta(days=1)
_PER_MINUTE: Final = 10
_MINUTE: Final = timedelta(minutes=1)


class Downloads:
    """Counts downloads, of which Zoho allows ten a minute."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._times: deque[datetime] = deque()

    def count(self) -> None:
        """Count one.

        Raises:
            Refused: there were ten in the last minute.
        """
        now = self._book.now()
        while self._times and self._times[0] <= now - _MINUTE:
            self._times.popleft()
        if len(self._times) >= _PER_MINUTE:
            raise Refused(429, "TOO_MANY_REQUESTS", "too many downloads in a minute")
        self._times.append(now)


def state_of(elapsed: timedelta, seconds: float, states: Sequence[str]) -> str | None:
    """Give the state of a job that still runs; ``None`` when it has ended."""
    if elapsed.total_seconds() >= seconds:
        return None
    return states[int(elapsed.total_seconds() / seconds * len(states))]
