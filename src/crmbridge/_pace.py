"""How fast one account may be asked just now: places, rate, pauses.

Floor 2: values in, values out; the lock around it and the clock are the
limiter's.

After an HTTP 429 everybody slows down together.
Nothing is sent for a pause that doubles with each further 429, drawn between
zero and its bound ("full jitter"); and afterwards half as many requests run at
one time. Each round of good answers gives one place back.
The answers to requests that were under way when the pause began belong to the
same 429 and make nothing slower.
"""

from __future__ import annotations

from typing import Final

from crmbridge.config import Limits

__all__ = ["Pace"]

_DOUBLINGS: Final = 30


class Pace:
    """What the last answers make of an account's limits.

    Args:
        limits: the bounds that hold without any 429.

    Attributes:
        places: how many requests may be under way at one time.
        turn: counts the pauses; a request remembers the turn it was sent in.
        throttled: how many answers were HTTP 429.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.places = limits.max_in_flight
        self.turn = 0
        self.throttled = 0
        self._free_at_seconds = 0.0
        self._open_at_seconds = 0.0
        self._strikes = 0
        self._good = 0

    def pause_seconds(self, now_seconds: float) -> float:
        """Tell how long the service is still left alone after a 429."""
        return max(0.0, self._open_at_seconds - now_seconds)

    def wait_seconds(self, now_seconds: float) -> float:
        """Tell how long the next request has to wait."""
        opens_at = max(self._open_at_seconds, self._free_at_seconds)
        return max(0.0, opens_at - now_seconds)

    def take(self, now_seconds: float) -> None:
        """Use the next place of the rate."""
        rate = self._limits.requests_per_second
        if rate is not None:
            self._free_at_seconds = max(now_seconds, self._free_at_seconds) + 1 / rate

    def went_well(self, turn: int) -> None:
        """Learn that a request of this turn was not turned away."""
        if turn != self.turn or self._strikes == 0:
            return
        self._good += 1
        if self._good < self.places:
            return
        self._good = 0
        if self.places < self._limits.max_in_flight:
            self.places += 1
        is_recovered = self.places == self._limits.max_in_flight
        self._strikes = 0 if is_recovered else max(1, self._strikes - 1)

    def was_throttled(
        self,
        turn: int,
        *,
        now_seconds: float,
        retry_after_seconds: float | None,
        draw: float,
    ) -> None:
        """Learn that a request of this turn was turned away with HTTP 429.

        Args:
            turn: when the request was sent.
            now_seconds: the clock that never jumps.
            retry_after_seconds: what the service asks for.
            draw: a random number in [0, 1).
        """
        self.throttled += 1
        pause = retry_after_seconds or 0.0
        if turn == self.turn:
            self.turn += 1
            self._good = 0
            self.places = max(1, self.places // 2)
            self._strikes = min(self._strikes + 1, _DOUBLINGS)
            if retry_after_seconds is None:
                pause = draw * self._bound_seconds()
        self._open_at_seconds = max(self._open_at_seconds, now_seconds + pause)

    def _bound_seconds(self) -> float:
        grown = self._limits.first_pause_seconds * 2.0 ** (self._strikes - 1)
        return min(grown, self._limits.longest_pause_seconds)
