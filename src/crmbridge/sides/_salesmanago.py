"""SALESmanago as the engine sees it: calls and a mapper put together.

Floor 7.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

from attrs import evolve, frozen

from crmbridge._steps import Call, clock
from crmbridge.config import SalesmanagoConfig
from crmbridge.errors import ConfigError, InvalidInputError
from crmbridge.mapping.salesmanago import SalesmanagoMapper
from crmbridge.reconcile.records import (
    SALESMANAGO,
    Edit,
    FeedPage,
    Fit,
    Outcome,
    Position,
    Ref,
    Seen,
    SideFacts,
)
from crmbridge.salesmanago import _calls
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago._feed import FeedPosition, touched_ids
from crmbridge.salesmanago.records import SalesmanagoContact
from crmbridge.sides._salesmanago_jobs import contact_ref, record_of
from crmbridge.sides._salesmanago_write import write

__all__ = ["SalesmanagoSide"]

_FEED: Final = "contacts"
_REMEMBERED_SECONDS: Final = 24 * 3600.0

_KEPT: Final = (
    "id",
    "email",
    "name",
    "phone",
    "fax",
    "company",
    "state",
    "address",
    "province",
    "birthdayYear",
    "birthdayMonth",
    "birthdayDay",
    "mainContactOwner",
    "optedOut",
    "optedOutPhone",
    "deleted",
    "modifiedOn",
)
"""The keys of a card that are mapped, or tell which card and state it is."""


@frozen
class _Known:
    """What was learnt from the account, and when."""

    users: tuple[str, ...]
    facts: SideFacts
    at_seconds: float


class SalesmanagoSide:
    """Reads and writes the contacts of one account for the reconciler.

    It follows `crmbridge.reconcile.ports.Side`.
    Writes are made in the name of a contact's present owner, in batches; a
    contact that lies in the service's bin is never written, because a write
    would bring it back.

    Args:
        config: which account, and how to ask it.
        mapper: how cards become contacts; by default all mapped fields.

    >>> side = SalesmanagoSide(
    ...     SalesmanagoConfig(
    ...         endpoint="app2", client_id="c", api_secret="s", owner="ann@example.com"
    ...     )
    ... )
    >>> side.name, side.feeds
    ('salesmanago', ('contacts',))
    """

    def __init__(
        self, config: SalesmanagoConfig, *, mapper: SalesmanagoMapper | None = None
    ) -> None:
        self._account = Account.of(config, secrets.token_hex(16))
        self._mapper = mapper or SalesmanagoMapper()
        self._has_own_users = self._mapper.users is not None
        self._known: _Known | None = None

    @property
    def name(self) -> Literal["salesmanago"]:
        """Which side it is."""
        return SALESMANAGO

    @property
    def feeds(self) -> tuple[str, ...]:
        """The names of its change feeds."""
        return (_FEED,)

    def connect(self) -> Call[SideFacts]:
        """Learn the users of the account; remembered for a day.

        Costs one request a day.

        Raises:
            ConfigError: ``config.owner`` is no user of the account.
        """
        known = yield from self._learn()
        return known.facts

    def _learn(self) -> Call[_Known]:
        now = yield from clock()
        known = self._known
        if known and now.ticks_seconds - known.at_seconds < _REMEMBERED_SECONDS:
            return known
        users = yield from _calls.users(self._account)
        facts = _facts(self._account.config, users)
        if not self._has_own_users:
            spellings = {user.strip().casefold(): user for user in users}
            self._mapper = evolve(self._mapper, users=spellings)
        self._known = _Known(users, facts, now.ticks_seconds)
        return self._known

    def page(
        self, feed: str, *, since: datetime | None, position: Position | None
    ) -> Call[FeedPage]:
        """Read one part of the feed: the ids of contacts that changed.

        Costs two requests for each user and window of ``feed_window_days``,
        and one for each further page of a window.

        Raises:
            InvalidInputError: there is no such feed.
        """
        if feed != _FEED:
            raise InvalidInputError("SALESmanago has no such feed", field="feed")
        known = yield from self._learn()
        touched = yield from touched_ids(
            self._account,
            known.users,
            since=since,
            position=None if position is None else FeedPosition.of_json(position),
        )
        following = touched.following
        return FeedPage(
            touched=tuple(map(contact_ref, touched.ids)),
            following=None if following is None else following.as_json(),
            server_time=touched.server_time,
        )

    def read(self, refs: Sequence[Ref]) -> Call[tuple[Seen | None, ...]]:
        """Read contacts by id, by position; ``None`` where none is visible.

        Costs one request for every 50.
        """
        cards = yield from _calls.list_all_by_id(
            self._account, (ref.id for ref in refs)
        )
        seen = {card.id: self._seen(card) for card in cards}
        return tuple([seen.get(ref.id) for ref in refs])

    def find(self, emails: Sequence[str]) -> Call[tuple[Seen, ...]]:
        """Read contacts by e-mail, in no order.

        Costs one request for every 50.
        An address with upper-case letters is asked for in lower case too.
        Unverified: whether case matters; a person may be hidden otherwise.
        """
        typed = [email.strip() for email in emails]
        spellings = dict.fromkeys([*typed, *(email.lower() for email in typed)])
        cards = yield from _calls.list_all(self._account, spellings)
        return tuple([self._seen(card) for card in cards])

    def recall(self, ref: Ref, payload: Mapping[str, object]) -> Seen:
        """Make a contact again from the payload it was seen with."""
        return self._seen(record_of(ref, payload))

    def _seen(self, card: SalesmanagoContact) -> Seen:
        raw: Mapping[str, Any] = card.raw
        return Seen(
            contact_ref(card.id),
            self._mapper.to_contact(card),
            {key: raw[key] for key in _KEPT if key in raw},
            str(card.modified_on) if isinstance(card.modified_on, int) else None,
            card.is_deleted is True,
        )

    def fit(self, edit: Edit) -> Fit:
        """Tell what an edit would change, and what cannot be held."""
        seen = edit.seen
        card = None if seen is None else record_of(seen.ref, seen.payload)
        patch = self._mapper.patch(edit.contact, card)
        return Fit(patch.fields, patch.losses)

    def write(self, edits: Sequence[Edit]) -> Call[tuple[Outcome, ...]]:
        """Write contacts, in as few requests as may be; outcomes by position.

        Costs one request for every 50 known contacts, before, to see that none
        was deleted; one for every ``batch_size`` contacts of one owner; one
        for each change of owner; one for every 50 changes of e-mail, before;
        one for every 50 contacts whose e-mail or owner changed or of which a
        field was cleared, after, to see whether it was done.

        Raises:
            AuthenticationError: the credentials are not accepted.
            PermissionDeniedError: the account may not use the API.
            ThrottledError: the service went on asking to slow down.
        """
        known = yield from self._learn()
        return (yield from write(self._account, self._mapper, known.users, edits))


def _facts(config: SalesmanagoConfig, users: Sequence[str]) -> SideFacts:
    known = frozenset(user.strip().casefold() for user in users)
    main_owner = config.owner.strip().casefold()
    if main_owner not in known:
        raise ConfigError(
            "owner is no user of the SALESmanago account; set it to the e-mail of "
            f"one of its {len(known)} users, as SalesmanagoClient.users() lists them",
            service=SALESMANAGO,
        )
    # Not the endpoint: one account may be reached by several names of a server.
    mark = hashlib.sha256(config.client_id.encode()).hexdigest()[:16]
    return SideFacts(known, main_owner, mark)
