"""The page tokens of the fake Zoho.

Floor 9.
Source: Zoho CRM API v7, "Get Records": a token is for its user and parameters,
and lives for 24 hours.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from attrs import frozen

from crmbridge.testing._zoho.answers import Refused
from crmbridge.testing._zoho.book import Book

__all__ = ["Binding", "PageTokens", "Ticket"]

_LIFE: Final = timedelta(hours=24)

Binding: TypeAlias = tuple[tuple[str, str], ...]
"""The user and parameters that a token is for, as sorted pairs."""


@frozen
class Ticket:
    """Where a page token leads, and whom.

    Attributes:
        bound_to: the user and parameters that it is for.
        rank: how many records were shown before.
        beyond: the sort key of the last one; ``None`` for the first page.
        previous: the token of the page before.
        ends_at: when it ends.
    """

    bound_to: Binding
    rank: int
    beyond: Any
    previous: str | None
    ends_at: datetime


class PageTokens:
    """Gives tokens and takes them back.

    Args:
        book: knows the time and the switches.
    """

    def __init__(self, book: Book) -> None:
        self._book = book
        self._tickets: dict[str, Ticket] = {}
        self._given = 0

    def give(
        self, bound_to: Binding, rank: int, beyond: Any, previous: str | None
    ) -> str:
        """Make a token; see `Ticket` for the arguments."""
        now = self._book.now()
        self._forget_ended(now)
        self._given += 1
        # As long as real ones, which do not fit into a hundred characters.
        token = hashlib.sha512(f"page {self._given}".encode()).hexdigest()
        self._tickets[token] = Ticket(bound_to, rank, beyond, previous, now + _LIFE)
        return token

    def redeem(self, token: str, bound_to: Binding) -> Ticket:
        """Give what a token stands for.

        Raises:
            Refused: it is of somebody or something else, has ended, or leads
                beyond the wall.
        """
        ticket = self._tickets.get(token)
        if ticket is None or ticket.bound_to != bound_to:
            raise _refused(
                self._book.switches.foreign_token_code,
                "The request parameters do not match those of the page_token",
            )
        if ticket.ends_at <= self._book.now():
            raise _refused("EXPIRED_VALUE", "The page_token has expired")
        wall = self._book.switches.token_wall
        if ticket.rank >= wall:
            raise Refused(
                400,
                "PAGINATION_LIMIT_EXCEEDED",
                f"You can only get the first {wall} records",
                {"limit": wall},
            )
        return ticket

    def ends_at(self, token: str) -> datetime:
        """Tell when a token ends."""
        return self._tickets[token].ends_at

    def _forget_ended(self, now: datetime) -> None:
        """Forget tokens a while after their end, oldest first."""
        while self._tickets:
            token, ticket = next(iter(self._tickets.items()))
            if ticket.ends_at + _LIFE > now:
                return
            del self._tickets[token]


def _refused(code: str, message: str) -> Refused:
    return Refused(400, code, message, {"param_name": "page_token"})
