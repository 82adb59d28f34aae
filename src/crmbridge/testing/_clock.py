"""Clocks for fakes: one that stands still until told to move, and the real one.

Floor 9.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from crmbridge._runtime import read_clock
from crmbridge._steps import Moment
from crmbridge.errors import InvalidInputError

__all__ = ["FakeClock", "ServiceClock", "SystemClock"]

_START: Final = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


class ServiceClock(Protocol):
    """What a fake reads the time from: `FakeClock` or `SystemClock`."""

    def __call__(self) -> Moment:
        """Read it."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let so much time pass."""
        ...


class SystemClock:
    """The machine's clock, for a fake that serves another program."""

    def __call__(self) -> Moment:
        """Read it."""
        return read_clock()

    def sleep(self, seconds: float) -> None:
        """Let so much time pass."""
        time.sleep(seconds)


class FakeClock:
    """A settable clock, for fakes and for the runtime of a client.

    It moves only by `advance`, `set` and `sleep`, so a test that waits for an
    hour takes no time.
    Several fakes and clients may share one; it is safe to use from several
    threads.

    Args:
        start: what it shows at first, aware; by default a day in 2026.

    >>> clock = FakeClock()
    >>> clock.sleep(90)
    >>> clock.now().isoformat(), clock().ticks_seconds
    ('2026-01-05T12:01:30+00:00', 90.0)
    """

    def __init__(self, start: datetime = _START) -> None:
        self._lock = threading.Lock()
        self._at = _in_utc(start)
        self._ticks_seconds = 0.0

    def __call__(self) -> Moment:
        """Read it, as a client's ``clock`` does."""
        with self._lock:
            return Moment(self._at, self._ticks_seconds)

    def now(self) -> datetime:
        """Give the time it shows, in UTC."""
        return self().at

    def advance(self, seconds: float) -> None:
        """Move it forward; it never goes back this way."""
        with self._lock:
            self._at += timedelta(seconds=max(0.0, seconds))
            self._ticks_seconds += max(0.0, seconds)

    def set(self, at: datetime) -> None:
        """Make the wall clock show another time, even an earlier one."""
        with self._lock:
            self._at = _in_utc(at)

    def sleep(self, seconds: float) -> None:
        """Wait without waiting: move forward; for a client's ``sleep``."""
        self.advance(seconds)

    async def asleep(self, seconds: float) -> None:
        """Wait without waiting; for an async client's ``sleep``."""
        self.advance(seconds)


def _in_utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise InvalidInputError("a clock needs an aware datetime", field="start")
    return at.astimezone(UTC)
