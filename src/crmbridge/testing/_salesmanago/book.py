"""The store of the fake SALESmanago: cards by address and by id.

Floor 9.
"""

from __future__ import annotations

import random
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from crmbridge.testing._clock import ServiceClock
from crmbridge.testing._salesmanago.cards import Card
from crmbridge.testing._salesmanago.jobs import Jobs
from crmbridge.testing._salesmanago.switches import SalesmanagoSwitches
from crmbridge.testing._salesmanago.timeline import Timeline

__all__ = ["Book", "CardChange", "RefusalError"]

_SEED: Final = 20170223
_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 24 * _HOUR_MS


class RefusalError(Exception):
    """The service refuses a request, in its own words.

    Attributes:
        text: what stands in ``message``.
        field: the field at fault, for the ``values`` map.
    """

    def __init__(self, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.field = field


def _next_ms(now_ms: int, hour: int) -> int:
    """Give the next time at which the clock shows this full hour in UTC."""
    since_ms = (now_ms - hour * _HOUR_MS) % _DAY_MS
    return now_ms - since_ms + _DAY_MS


@frozen
class CardChange:
    """What somebody did to a card.

    Attributes:
        card: as it is now.
        before: what `Book.marks` gave before, ``None`` of a new one.
        by_api: a request did it, and not a person.
        executes_rules: automation rules hear of it.
        is_idle: a write that changed nothing, and counts as one all the same.
    """

    card: Card
    before: Mapping[str, Any] | None
    by_api: bool = False
    executes_rules: bool = True
    is_idle: bool = False

    @property
    def is_mail_consent(self) -> bool:
        """The permission for e-mails changed."""
        if self.before is None:
            return False
        was_opted_out: bool = self.before["consent"][0]
        return was_opted_out != self.card.is_opted_out


class Book:
    """All cards; what reads show of them may lag behind what was written."""

    def __init__(
        self,
        switches: SalesmanagoSwitches,
        clock: ServiceClock,
        users: tuple[str, ...],
    ) -> None:
        self.switches = switches
        self.users = users
        self.confirmations: list[str] = []
        self.events: list[str] = []
        self.consent_names: set[str] = set()
        self.dictionary_types: dict[str, str] = {}
        self.contacts_written = 0
        self.random = random.Random(_SEED)
        self.jobs = Jobs(clock)
        self.base_url = ""  # where the request came to that is answered now
        self._clock = clock
        self._by_email: dict[str, Card] = {}
        self._by_id: dict[str, Card] = {}
        self._earlier: dict[str, tuple[int, Card | None]] = {}
        self.deactivated: set[str] = set()
        self.timeline = Timeline(self._by_id.get)
        self.listeners: list[Callable[[CardChange], None]] = []
        self.listings: dict[tuple[str, int, int], Sequence[str]] = {}
        self._later: deque[tuple[int, Callable[[], None]]] = deque()
        self._as_of_ms: int | None = None
        self._bin: dict[str, int] = {}

    def now_ms(self) -> int:
        """Give the service's time, to the second as it keeps it."""
        now_ms = self._exact_ms() if self._as_of_ms is None else self._as_of_ms
        return now_ms // 1000 * 1000

    # --- what is done later ---

    def do_later(self, seconds: float, change: Callable[[], None]) -> None:
        """Carry a change out in so many seconds, in the order of the orders."""
        self._later.append((self._exact_ms() + int(seconds * 1000), change))

    def catch_up(self) -> None:
        """Carry out what is due by now, as of the time when it was due."""
        while self._as_of_ms is None and self._is_due():
            self._as_of_ms, change = self._later.popleft()
            try:
                self._empty_bin(self._as_of_ms)
                change()
            finally:
                self._as_of_ms = None
        if self._bin and self._as_of_ms is None:
            self._empty_bin(self._exact_ms())

    def key(self, email: str) -> str:
        """Give the key under which an address is kept."""
        text = email.strip()
        return text if self.switches.is_case_kept else text.lower()

    def _is_due(self) -> bool:
        return bool(self._later) and self._later[0][0] <= self._exact_ms()

    def throw_away(self, card: Card) -> None:
        """Delete a card softly; the next night removes it unless it is restored."""
        card.is_deleted = True
        self.note_deletion(card)
        hour = self.switches.purge_hour
        if hour is not None:
            self._bin[card.id] = _next_ms(self._exact_ms(), hour)

    def _empty_bin(self, until_ms: int) -> None:
        for card_id, due_ms in tuple(self._bin.items()):
            card = self._by_id.get(card_id)
            if card is None or not card.is_deleted or due_ms <= until_ms:
                del self._bin[card_id]
                if card is not None and card.is_deleted:
                    self.remove(card)

    # --- as it is ---

    def __iter__(self) -> Iterator[Card]:
        self.catch_up()
        return iter(self._by_id.values())

    def by_email(self, email: str) -> Card | None:
        """Give the card with an address, also a softly deleted one."""
        self.catch_up()
        return self._by_email.get(self.key(email))

    def by_id(self, card_id: str) -> Card | None:
        """Give the card with an id, also a softly deleted one."""
        return self._by_id.get(card_id)

    def add(self, email: str, owner: str, *, lag_seconds: float = 0.0) -> Card:
        """Make a card, which reads show so much later than others."""
        now_ms = self.now_ms()
        card_id = str(uuid.UUID(int=self.random.getrandbits(128), version=4))
        card = Card(card_id, email.strip(), owner, now_ms, now_ms)
        self._by_email[self.key(email)] = card
        self._by_id[card_id] = card
        self.timeline.note(card_id)
        self._lag(card_id, None, lag_seconds)
        return card

    def remove(self, card: Card) -> None:
        """Remove a card for good."""
        del self._by_email[self.key(card.email)]
        del self._by_id[card.id]
        self.timeline.note(card.id)
        self._earlier.pop(card.id, None)

    def rename(self, card: Card, email: str) -> None:
        """Give a card another address; its id stays."""
        del self._by_email[self.key(card.email)]
        card.email = email.strip()
        self._by_email[self.key(email)] = card

    def about_to_change(self, card: Card, *, lag_seconds: float = 0.0) -> None:
        """Keep what reads go on showing for a while, and find it anew in time."""
        self.timeline.note(card.id)
        self._lag(card.id, card, lag_seconds)

    def _lag(self, card_id: str, before: Card | None, seconds: float) -> None:
        delay_ms = int((self.switches.visible_after_seconds + seconds) * 1000)
        if not delay_ms:
            return
        shown = self._earlier.get(card_id)
        if shown is None or shown[0] <= self._exact_ms():
            kept = None if before is None else before.copy()
            self._earlier[card_id] = (self._exact_ms() + delay_ms, kept)

    def _exact_ms(self) -> int:
        return int(self._clock().at.timestamp() * 1000)

    # --- as reads show it ---

    @property
    def is_lagging(self) -> bool:
        """Reads may show something else than what is."""
        return bool(self._earlier)

    def shown(self) -> list[Card]:
        """Give all cards as reads show them now."""
        if not self._earlier:
            every = self._by_id.values()
            if self.switches.shows_deleted:
                return list(every)
            return [card for card in every if not card.is_deleted]
        cards = (self._as_shown(card) for card in self)
        return [card for card in cards if card is not None and self._is_shown(card)]

    def as_read(self) -> Iterator[Card]:
        """Give all cards as reads show them now, softly deleted ones too."""
        if not self._earlier:
            return iter(self._by_id.values())
        return (card for card in map(self._as_shown, self) if card is not None)

    def shown_by_email(self, email: str) -> Card | None:
        """Give the card with an address as reads show it now."""
        if self._earlier:
            key = self.key(email)
            found = (card for card in self.shown() if self.key(card.email) == key)
            return next(found, None)
        card = self.by_email(email)
        return card if card is not None and self._is_shown(card) else None

    def shown_by_id(self, card_id: str) -> Card | None:
        """Give the card with an id as reads show it now."""
        card = self.by_id(card_id)
        shown = None if card is None else self._as_shown(card)
        return shown if shown is not None and self._is_shown(shown) else None

    def is_owner(self, owner: object) -> bool:
        """Tell whether a request may name this user as its owner."""
        if owner in self.deactivated and not self.switches.takes_deactivated:
            return False
        return owner in self.users

    def _is_shown(self, card: Card) -> bool:
        return self.switches.shows_deleted or not card.is_deleted

    def _as_shown(self, card: Card) -> Card | None:
        due_ms, before = self._earlier.get(card.id, (0, None))
        return card if due_ms <= self._exact_ms() else before

    def is_seen_by(self, card: Card, owner: object) -> bool:
        """Tell whether owner-bound reads of this user show the card."""
        return card.owner == owner or owner in self.switches.sees_all

    # --- changes ---

    def marks(self, card: Card) -> dict[str, Any]:
        """Give what of a card counts as which kind of change."""
        return {
            "data": (
                card.email,
                tuple(card.texts.items()),
                tuple(card.address.items()),
                card.province,
                card.state,
                card.birthday,
                tuple(card.properties.items()),
                tuple(card.dictionary.items()),
                str(card.consents),
            ),
            "consent": (card.is_opted_out, card.is_phone_opted_out),
            "owner": card.owner,
            "tags": tuple(card.tags.items()),
            "score": (card.score, card.last_visit_ms),
            "funnel": tuple(card.funnels),
        }

    def kinds(self, change: CardChange) -> frozenset[str]:
        """Give which kinds of change it is; ``"created"`` is one of them."""
        if change.before is None:
            return frozenset({"created"})
        if change.is_idle:
            return frozenset({"data"})
        now = self.marks(change.card)
        return frozenset(name for name in now if now[name] != change.before[name])

    def tell(self, change: CardChange) -> None:
        """Tell those who listen."""
        for listener in self.listeners:
            listener(change)

    def note_change(self, card: Card, before: dict[str, Any]) -> bool:
        """Move ``modifiedOn`` if a change since ``before`` does so.

        Returns:
            Whether anything changed.
        """
        after = self.marks(card)
        changed = {name for name in after if after[name] != before[name]}
        is_idle_write = not changed and self.switches.bumps_unchanged
        if is_idle_write or changed & self.switches.bumps:
            card.modified_ms = self.now_ms()
        return bool(changed)

    def note_deletion(self, card: Card) -> None:
        """Move ``modifiedOn`` if a soft deletion does so."""
        if "deletion" in self.switches.bumps:
            card.modified_ms = self.now_ms()
