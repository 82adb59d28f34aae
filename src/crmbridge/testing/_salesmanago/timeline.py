"""The cards of the fake SALESmanago by time, so that a window is found at once.

Floor 9.
A card is put in its places when a feed is next asked for, not while it changes.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Literal, TypeAlias

from crmbridge.testing._salesmanago.cards import Card

__all__ = ["EVERYBODY", "Kind", "Timeline"]

Kind: TypeAlias = Literal["created", "modified"]
Place: TypeAlias = tuple[int, int, str]
"""When, the how-manieth card it is, and its id."""

EVERYBODY: Final = None
"""In place of a user: the cards of all of them."""

_MANY: Final = 1000


class Timeline:
    """Sorted places of all cards, of each user and of all together.

    Args:
        card: gives a card by its id, ``None`` where there is none.
    """

    def __init__(self, card: Callable[[str], Card | None]) -> None:
        self._card = card
        self._moved: dict[str, None] = {}
        self._numbers: dict[str, int] = {}
        self._places: dict[str, tuple[str, Place, Place]] = {}
        self._rows: dict[tuple[Kind, str | None], list[Place]] = {}

    def note(self, card_id: str) -> None:
        """Remember that a card was made, or is changing, or has gone."""
        self._moved[card_id] = None

    def window(
        self, kind: Kind, owner: str | None, start_ms: int, end_ms: int
    ) -> Sequence[Place]:
        """Give the places from one time to another, both included."""
        self._settle()
        rows = self._rows.get((kind, owner), [])
        first = bisect_left(rows, (start_ms, -1, ""))
        return rows[first : bisect_left(rows, (end_ms + 1, -1, ""))]

    def _settle(self) -> None:
        """Put every card that moved in its new places."""
        moved, self._moved = self._moved, {}
        if len(moved) > _MANY:
            for card_id in moved:
                self._renew(card_id)
            self._sort_all()
            return
        for card_id in moved:
            for rows, place in self._rows_of(card_id):
                del rows[bisect_left(rows, place)]
            self._renew(card_id)
            for rows, place in self._rows_of(card_id):
                insort(rows, place)

    def _renew(self, card_id: str) -> None:
        """Find out where a card belongs now, if it is still there."""
        card = self._card(card_id)
        if card is None:
            self._places.pop(card_id, None)
            return
        number = self._numbers.setdefault(card_id, len(self._numbers))
        self._places[card_id] = (
            card.owner,
            (card.created_ms, number, card_id),
            (card.modified_ms, number, card_id),
        )

    def _rows_of(self, card_id: str) -> Iterator[tuple[list[Place], Place]]:
        """Give the sorted rows that a card is in, and its place in each."""
        if card_id in self._places:
            owner, created, modified = self._places[card_id]
            for someone in (owner, EVERYBODY):
                yield self._rows.setdefault(("created", someone), []), created
                yield self._rows.setdefault(("modified", someone), []), modified

    def _sort_all(self) -> None:
        self._rows.clear()
        for card_id in self._places:
            for rows, place in self._rows_of(card_id):
                rows.append(place)
        for rows in self._rows.values():
            rows.sort()
