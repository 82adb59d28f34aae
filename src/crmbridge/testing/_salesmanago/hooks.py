"""The hooks of the fake SALESmanago: web hooks of rules, and opt-in callbacks.

Floor 9.
Nothing is sent by itself, and nothing ever leaves this machine.

Source: SALESmanago help centre, "Send information about the executed rule" and
"Opt-in/Opt-out callback".
Unverified, and therefore switches of `SalesmanagoSwitches`: losses, repeats,
order, delay, further attempts, the method of a callback, whether an address is
percent-encoded in it, and whether writes through the API cause any of them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import string
import threading
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, Literal
from urllib.parse import quote

from attrs import frozen

from crmbridge.errors import InvalidInputError, NotFoundError
from crmbridge.salesmanago.hooks import HookLogin
from crmbridge.testing._deliveries import Deliveries, Habits, Receiver, SentCallback
from crmbridge.testing._salesmanago.book import Book, CardChange
from crmbridge.testing._salesmanago.cards import Card

__all__ = ["SalesmanagoHooks"]

_EVENTS: Final = frozenset(
    {"created", "data", "tags", "owner", "consent", "score", "funnel"}
)
_KEY: Final = re.compile(r"sha1\(\$email\$([^)]*)\)")


@frozen
class _Rule:
    """An automation rule whose action is a web hook."""

    id: str
    url: str
    name: str
    description: str
    login: HookLogin | None
    events: frozenset[str]


@frozen
class _Told:
    """What one hook or callback sends, and the address that it was made from."""

    place: str
    sent: SentCallback


class SalesmanagoHooks(Deliveries[_Told]):
    """The hooks and callbacks of a `SalesmanagoFake`: who gets them, and when.

    What people and requests do is queued at once, for the rules and callbacks
    that are set; `deliver` sends it.
    A hook goes over HTTP to an address on loopback, or to a function that
    `receive` names for its address; to no other place.
    How deliveries go wrong, and whether writes through the API count, is said
    by the switches of `SalesmanagoSwitches`.

    >>> from crmbridge.testing import SalesmanagoFake
    >>> fake = SalesmanagoFake()
    >>> rule = fake.hooks.add_rule("https://example.com/changed")
    >>> contact = fake.people.add("ann@example.com")
    >>> fake.hooks.waiting
    1
    """

    def __init__(self, book: Book, lock: threading.RLock) -> None:
        super().__init__(lock)
        self._book = book
        self._rules: list[_Rule] = []
        self._opt_in: str | None = None
        self._opt_out: str | None = None
        book.listeners.append(self._heard)

    def add_rule(
        self,
        url: str,
        *,
        name: str = "A contact changed",
        description: str = "",
        login: HookLogin | None = None,
        events: Iterable[str] = ("created", "data", "tags"),
    ) -> str:
        """Make an automation rule that calls an address, and return its id.

        Args:
            url: the address.
            name: of the rule; it comes with every hook.
            description: of the rule; as the name.
            login: sent with every hook by HTTP Basic.
            events: what it is executed after: ``"created"``, and changes of
                ``"data"``, ``"tags"``, ``"owner"``, ``"consent"``, ``"score"``
                and ``"funnel"``.

        Raises:
            InvalidInputError: an event has another name.
        """
        wanted = frozenset(events)
        if not wanted <= _EVENTS:
            raise InvalidInputError("the fake has no such event", field="events")
        with self._lock:
            number = uuid.UUID(int=len(self._rules) + 1, version=4)
            rule = _Rule(str(number), url, name, description, login, wanted)
            self._rules.append(rule)
            return rule.id

    def set_callbacks(
        self, *, opt_in: str | None = None, opt_out: str | None = None
    ) -> None:
        """Name the addresses that are called when the permission changes.

        Args:
            opt_in: the address as it is typed into SALESmanago, such as
                ``https://example.com/in?email=$email$&key=sha1($email$hush)``;
                ``None`` for no calls.
            opt_out: the same for opt-outs.
        """
        with self._lock:
            self._opt_in, self._opt_out = opt_in, opt_out

    def receive(self, receiver: Receiver, *, at: str) -> None:
        """Let a function take what goes to an address, instead of HTTP.

        Args:
            receiver: takes the callback; gives an HTTP status, or ``None`` for
                200.
            at: the address, exactly as `add_rule` or `set_callbacks` has it.
        """
        with self._lock:
            self._receivers[at] = receiver

    def execute_rules(self, email: str) -> None:
        """Owe the hooks of all rules for a contact, though nothing changed.

        Raises:
            NotFoundError: there is no such contact.
        """
        with self._lock:
            card = self._card(email)
            for rule in self._rules:
                self._queue(_hook(rule, card))

    def call_back(self, email: str, direction: Literal["in", "out"]) -> None:
        """Owe a callback for a contact, though nothing changed.

        Raises:
            NotFoundError: there is no such contact.
        """
        with self._lock:
            template = self._opt_in if direction == "in" else self._opt_out
            self._owe_callback(self._card(email), template)

    # --- what happens ---

    def _card(self, email: str) -> Card:
        card = self._book.by_email(email)
        if card is None:
            raise NotFoundError("the fake has no contact with this address")
        return card

    def _heard(self, change: CardChange) -> None:
        if change.by_api and not self._book.switches.api_fires_hooks:
            return
        if self._rules and change.executes_rules:
            kinds = self._book.kinds(change)
            for rule in self._rules:
                if rule.events & kinds:
                    self._queue(_hook(rule, change.card))
        if change.is_mail_consent:
            template = self._opt_out if change.card.is_opted_out else self._opt_in
            self._owe_callback(change.card, template)

    def _owe_callback(self, card: Card, template: str | None) -> None:
        if template is None:
            return
        switches = self._book.switches
        # What is not ASCII is encoded by whatever sends it.
        safe = "" if switches.encodes_callbacks else string.punctuation
        keyed = _KEY.sub(lambda found: _sha1(card.email + found[1]), template)
        url = keyed.replace("$email$", quote(card.email, safe=safe))
        self._queue(_Told(template, SentCallback(url, method=switches.callback_method)))

    # --- the sending ---

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._book.now_ms() / 1000, UTC)

    def _habits(self) -> Habits:
        switches = self._book.switches
        return Habits(
            loses=switches.loses_hooks,
            doubles=switches.doubles_hooks,
            shuffles=switches.shuffles_hooks,
            delay_seconds=switches.hook_delay_seconds,
            retries=switches.hook_retries,
            seed=switches.hook_seed,
        )

    def _place(self, told: _Told) -> str:
        return told.place

    def _written(self, told: _Told) -> SentCallback:
        return told.sent


def _hook(rule: _Rule, card: Card) -> _Told:
    body = {
        "id": rule.id,
        "name": rule.name,
        "contactId": card.id,
        "description": rule.description,
        "email": card.email,
        "phone": card.texts["phone"] or "",
        "company": card.texts["company"] or "",
    }
    headers = {"content-type": "application/json"}
    if rule.login is not None:
        pair = f"{rule.login.user}:{rule.login.password}".encode()
        headers["authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return _Told(rule.url, SentCallback(rule.url, text.encode(), headers=headers))


def _sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
