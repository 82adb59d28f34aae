"""What the organisation's edition gives: credits a day, calls at one time.

Floor 9.
A call holds its place and its credits from the moment it comes in until it is
answered; what it cost then comes back after 24 hours.

Source: Zoho CRM API v8, "API limits", for the editions' credits and what calls
cost; Zoho's "Kaizen 203" for the calls at one time and the 10 complex ones of
them.
Unverified: the words of an HTTP 429, which are the only hint at the limit; that
a call turned away costs nothing; which calls are refused when their price is
higher than what is left. Here a call is refused that cannot be paid in full.
"""

from __future__ import annotations

from collections import Counter, deque
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from attrs import frozen

from crmbridge.testing._zoho.answers import Refused
from crmbridge.testing._zoho.book import Book
from crmbridge.testing._zoho.routes import Asked

__all__ = ["Allowance", "Call"]

_DAY: Final = timedelta(hours=24)
_COMPLEX: Final = 10
_EMPTY: Final = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})
_SERVER_FAULT: Final = 500


@frozen
class _Edition:
    """What one edition gives.

    Attributes:
        calls: at one time.
        credits: in 24 hours, without users.
        per_user: credits added for each licence.
        most: credits at most, or ``None``.
    """

    calls: int
    credits: int
    per_user: int
    most: int | None


_EDITIONS: Final = {
    "free": _Edition(5, 5_000, 0, 5_000),
    "standard": _Edition(10, 50_000, 250, 100_000),
    "professional": _Edition(15, 50_000, 500, 3_000_000),
    "enterprise": _Edition(20, 50_000, 1000, 5_000_000),
    "ultimate": _Edition(25, 50_000, 2000, None),
}


@frozen(eq=False)
class Call:
    """A call that was let in, and what it costs."""

    credits: int
    is_complex: bool


class Allowance:
    """The credits of the last 24 hours, and the calls in flight.

    Args:
        book: the organisation; its switches name the edition.

    Attributes:
        in_flight: calls that came in and are not answered.
        most_in_flight: the most there were at one time.
        most_complex_in_flight: the same of complex calls.
        refused: how many calls were turned away with HTTP 429, by the limit:
            ``"credits"``, ``"calls"`` or ``"complex calls"``.
    """

    def __init__(self, book: Book) -> None:
        self._book = book
        self._spent: deque[tuple[datetime, int]] = deque()
        self._used = 0
        self._held = 0
        self._complex = 0
        self.in_flight = 0
        self.most_in_flight = 0
        self.most_complex_in_flight = 0
        self.refused: Counter[str] = Counter()

    @property
    def credits_a_day(self) -> int:
        """What the edition gives for the licences that there are."""
        edition = self._edition
        licences = self._book.switches.licences
        if licences is None:
            licences = len(self._book.users)
        credits_ = edition.credits + edition.per_user * licences
        return credits_ if edition.most is None else min(credits_, edition.most)

    @property
    def credits_left(self) -> int:
        """What may still be used just now."""
        self._forget()
        return self.credits_a_day - self._used - self._held

    @property
    def told(self) -> int | None:
        """What answers tell of it: nothing until half of the day's is used."""
        left, whole = self.credits_left, self.credits_a_day
        return max(0, left) if 2 * (whole - left) >= whole else None

    def spend(self, credits_: int) -> None:
        """Use credits up, as other programs of the organisation do."""
        self._spent.append((self._book.now(), credits_))
        self._used += credits_

    def reset_counters(self) -> None:
        """Count from zero again; the credits that were used stay used."""
        self.most_in_flight = self.most_complex_in_flight = 0
        self.refused.clear()

    def enter(self, asked: Asked) -> Call:
        """Let a call in.

        Raises:
            Refused: HTTP 429.
        """
        named = self._book.switches.credits_by_verb.get(asked.route.verb)
        call = Call(asked.credits if named is None else named, asked.is_complex)
        if call.credits > self.credits_left:
            raise self._refusal("credits", "the credits of 24 hours are used up")
        if self.in_flight >= self._edition.calls:
            raise self._refusal("calls", "too many calls at one time")
        if call.is_complex and self._complex >= _COMPLEX:
            raise self._refusal(
                "complex calls", "too many calls of this kind at one time"
            )
        self._held += call.credits
        self.in_flight += 1
        self._complex += call.is_complex
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        self.most_complex_in_flight = max(self.most_complex_in_flight, self._complex)
        return call

    def leave(self, call: Call, status: int | None) -> int:
        """Note that a call is over; give what it cost in the end.

        Args:
            call: which.
            status: of the answer; ``None`` when the call never came.
        """
        self.in_flight -= 1
        self._complex -= call.is_complex
        self._held -= call.credits
        if status is None or not self._charges(status):
            return 0
        self.spend(call.credits)
        return call.credits

    def _charges(self, status: int) -> bool:
        switches = self._book.switches
        if status in _EMPTY:
            return switches.charges_empty
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return False
        if HTTPStatus.BAD_REQUEST <= status < _SERVER_FAULT:
            return switches.charges_refused
        return True

    @property
    def _edition(self) -> _Edition:
        return _EDITIONS[self._book.switches.edition]

    def _forget(self) -> None:
        since = self._book.now() - _DAY
        while self._spent and self._spent[0][0] <= since:
            self._used -= self._spent.popleft()[1]

    def _refusal(self, limit: str, message: str) -> Refused:
        self.refused[limit] += 1
        return Refused(429, "TOO_MANY_REQUESTS", message)
