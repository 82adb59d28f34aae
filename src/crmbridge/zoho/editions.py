"""What each edition of Zoho CRM gives: credits a day, calls at one time.

Floor 1: numbers and values only.

Source: Zoho CRM API v8, "API limits", for the credits; Zoho's "Kaizen 203" of
2025 for the calls at one time.
"""

from __future__ import annotations

from enum import Enum
from typing import Self

from crmbridge.config import Limits

__all__ = ["ZohoEdition"]


class ZohoEdition(Enum):
    """An edition of Zoho CRM.

    Attributes:
        max_in_flight: how many calls of one application the organisation takes
            at one time. Ten of them may be complex ones, in every edition.
        base_credits: the credits of any 24 hours, without users.
        user_credits: what each paid user adds.
        most_credits: what no number of users goes beyond, or ``None``.

    >>> ZohoEdition.ENTERPRISE.credits_per_day(users=65)
    115000
    >>> ZohoEdition("free").max_in_flight
    5
    """

    FREE = ("free", 5, 5_000, 0, 5_000)
    STANDARD = ("standard", 10, 50_000, 250, 100_000)
    PROFESSIONAL = ("professional", 15, 50_000, 500, 3_000_000)
    ENTERPRISE = ("enterprise", 20, 50_000, 1_000, 5_000_000)
    ULTIMATE = ("ultimate", 25, 50_000, 2_000, None)

    max_in_flight: int
    base_credits: int
    user_credits: int
    most_credits: int | None

    def __new__(
        cls,
        name: str,
        max_in_flight: int,
        base_credits: int,
        user_credits: int,
        most_credits: int | None,
    ) -> Self:
        """Make a member whose value is its name."""
        member = object.__new__(cls)
        member._value_ = name
        member.max_in_flight = max_in_flight
        member.base_credits = base_credits
        member.user_credits = user_credits
        member.most_credits = most_credits
        return member

    def credits_per_day(self, users: int) -> int:
        """Give the credits of any 24 hours, without those bought in addition."""
        credits_ = self.base_credits + self.user_credits * users
        return (
            credits_ if self.most_credits is None else min(credits_, self.most_credits)
        )

    def limits(self, users: int, *, share: float = 1.0) -> Limits:
        """Give limits that use a share of what the organisation has.

        Args:
            users: how many the organisation pays for.
            share: 0 to 1; less than 1 where other programs use the same
                application's calls and the organisation's credits.

        >>> limits = ZohoEdition.STANDARD.limits(users=10, share=0.5)
        >>> limits.max_in_flight, limits.credits_per_day
        (5, 26250)
        """
        return Limits(
            max_in_flight=max(1, int(self.max_in_flight * share)),
            credits_per_day=int(self.credits_per_day(users) * share),
        )
