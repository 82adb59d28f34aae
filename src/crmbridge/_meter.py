"""What an account's requests cost: counted by kind over a rolling day.

Floor 2: values in, values out; the lock around it and the clock are the
limiter's.

Credits are counted in buckets of 15 minutes, so the memory stays the same
however many requests there are; a bucket's credits come back when its end is a
day old.
What the service says that it has left is believed more than what was counted,
for other programs use the same account.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from attrs import field, frozen

from crmbridge.config import Limits

__all__ = ["Bill", "Meter", "Shortage", "Usage"]

_DAY_SECONDS: Final = 86_400.0
_BUCKET_SECONDS: Final = 900.0
_KINDS: Final = 200
_OTHER: Final = "other"


def _nothing() -> Mapping[str, int]:
    return MappingProxyType({})


@frozen(kw_only=True)
class Usage:
    """What a limiter has counted, at one moment.

    Attributes:
        requests: how many requests were sent by kind, since the limiter was
            made. The kind is the request's name, such as ``"Leads list"``.
        credits: what those of the last 24 hours cost, by kind.
        in_flight: requests under way.
        waiting: requests that wait for their turn.
        places: how many may be under way just now; fewer after an HTTP 429.
        throttled: how many answers were HTTP 429, since the limiter was made.
        pause_seconds: how long the service is still left alone after one.
        credits_remaining: what the service said last that the account has
            left; ``None`` while it does not say. Zoho says it once half of
            the day's credits are used.

    >>> Usage(credits={"Leads list": 3, "Leads insert": 10}).credits_used
    13
    """

    requests: Mapping[str, int] = field(factory=_nothing)
    credits: Mapping[str, int] = field(factory=_nothing)
    in_flight: int = 0
    waiting: int = 0
    places: int = 0
    throttled: int = 0
    pause_seconds: float = 0.0
    credits_remaining: int | None = None

    @property
    def credits_used(self) -> int:
        """The credits of the last 24 hours, of all kinds."""
        return sum(self.credits.values())

    @property
    def requests_sent(self) -> int:
        """The requests of all kinds."""
        return sum(self.requests.values())


@frozen
class Shortage:
    """Why a request cannot be paid.

    Attributes:
        reason: in words.
        seconds: how long until it can be tried; ``None`` for never, 0 for as
            soon as an answer comes that is under way.
    """

    reason: str
    seconds: float | None


@frozen
class Bill:
    """What a request was counted as.

    Attributes:
        kind: its name, or ``"other"`` where there were too many names.
        credits: what it costs.
        bucket: where that was written down.
    """

    kind: str
    credits: int
    bucket: Counter[str]


@frozen
class _Told:
    """What the service said that is left, less what was spent since."""

    credits: int
    at_seconds: float


class Meter:
    """Counts credits, and says when there are not enough.

    Args:
        limits: what may be used, and what is left for others.

    Attributes:
        remaining: what the service said last that it has left.
        in_flight: the credits of requests under way.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._buckets: deque[tuple[float, Counter[str]]] = deque()
        self._used = 0
        self._told: _Told | None = None
        self._lowest: int | None = None
        self._sent: Counter[str] = Counter()
        self.remaining: int | None = None
        self.in_flight = 0

    def shortage(self, credits_: int, now_seconds: float) -> Shortage | None:
        """Tell why a request cannot be paid; ``None`` when it can.

        Where the service said that too little is left, one request in 15
        minutes is let through all the same, for only an answer can tell that
        credits came back.
        """
        if credits_ == 0:
            return None
        self._forget(now_seconds)
        budget = self._limits.credits_per_day
        if budget is not None and self._used + credits_ > budget:
            seconds = self._seconds_until(budget - credits_, now_seconds)
            return Shortage(f"the budget of {budget} credits a day", seconds)
        return self._shortage_of_told(credits_, now_seconds)

    def spend(self, name: str, credits_: int, now_seconds: float) -> Bill:
        """Count a request that is about to be sent."""
        kind = name if name in self._sent or len(self._sent) < _KINDS else _OTHER
        self._sent[kind] += 1
        if self.in_flight == 0:
            self._lowest = None
        bill = Bill(kind, credits_, self._bucket(now_seconds))
        self._book(bill, credits_)
        self.in_flight += credits_
        return bill

    def settle(self, bill: Bill, *, is_paid: bool) -> None:
        """Learn that a request is over, and whether it cost anything.

        Args:
            bill: what `spend` gave for it.
            is_paid: not, when it was never sent or was turned away.
        """
        self.in_flight -= bill.credits
        if not is_paid:
            self._book(bill, -bill.credits)

    def learn(self, remaining: int | None, now_seconds: float) -> None:
        """Believe what an answer says that the account has left.

        Requests under way may or may not be in the number; they are taken off
        until their own answers tell.
        Answers overtake each other: of those to requests that were under way
        together, the lowest number holds, and one that says nothing says nothing.
        """
        if self._lowest is not None:
            is_lower = remaining is not None and remaining < self._lowest
            remaining = remaining if is_lower else self._lowest
        self.remaining = remaining
        self._lowest = remaining if self.in_flight else None
        self._told = (
            None
            if remaining is None
            else _Told(remaining - self.in_flight, now_seconds)
        )

    @property
    def requests(self) -> Mapping[str, int]:
        """How many requests were sent, by kind."""
        return MappingProxyType(dict(self._sent))

    def credits(self, now_seconds: float) -> Mapping[str, int]:
        """Give the credits of the last day, by kind."""
        self._forget(now_seconds)
        total: Counter[str] = Counter()
        for _, spent in self._buckets:
            total.update(spent)
        return MappingProxyType({kind: used for kind, used in total.items() if used})

    def _shortage_of_told(self, credits_: int, now_seconds: float) -> Shortage | None:
        told = self._told
        if told is None:
            return None
        lacking = credits_ + self._limits.credits_reserve - told.credits
        if lacking <= 0:
            return None
        seconds = told.at_seconds + _BUCKET_SECONDS - now_seconds
        if lacking <= self.in_flight:
            seconds = 0.0
        elif seconds <= 0:
            self._told = _Told(told.credits, now_seconds)
            return None
        return Shortage("what the service has left", seconds)

    def _book(self, bill: Bill, credits_: int) -> None:
        if credits_:
            bill.bucket[bill.kind] += credits_
            self._used += credits_
            self._take_from_told(credits_)

    def _take_from_told(self, credits_: int) -> None:
        if self._told is not None:
            self._told = _Told(self._told.credits - credits_, self._told.at_seconds)

    def _bucket(self, now_seconds: float) -> Counter[str]:
        if not self._buckets or now_seconds >= self._buckets[-1][0] + _BUCKET_SECONDS:
            self._buckets.append((now_seconds, Counter()))
        return self._buckets[-1][1]

    def _forget(self, now_seconds: float) -> None:
        """Give back what was spent more than a day ago."""
        while self._buckets and now_seconds >= _end(self._buckets[0]):
            _, spent = self._buckets.popleft()
            self._used -= spent.total()
            self._take_from_told(-spent.total())

    def _seconds_until(self, at_most: int, now_seconds: float) -> float | None:
        """Tell how long it takes until no more than this is used."""
        left = self._used
        for bucket in self._buckets:
            left -= bucket[1].total()
            if left <= at_most:
                return _end(bucket) - now_seconds
        return None


def _end(bucket: tuple[float, Counter[str]]) -> float:
    return bucket[0] + _BUCKET_SECONDS + _DAY_SECONDS
