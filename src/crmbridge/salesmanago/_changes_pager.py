"""The changes of a stretch of time as pages: first ids, then whole contacts.

Floor 4.

The rule: a stretch never reaches past one minute before the service's own
clock, for what is written just now may not be in the feeds yet.
A cursor says only until when everything was given; windows that were under way
are begun again from there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from attrs import frozen

from crmbridge._steps import Call, clock
from crmbridge.errors import InvalidInputError
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago._calls import (
    LIST_LIMIT,
    list_all_by_id,
    milliseconds,
    users_at,
)
from crmbridge.salesmanago._feed import (
    FeedPosition,
    at_milliseconds,
    history_start,
    read_step,
)
from crmbridge.salesmanago._seen import SeenIds
from crmbridge.salesmanago.cursors import FeedCursor
from crmbridge.salesmanago.records import SalesmanagoContact
from crmbridge.salesmanago.results import (
    ChangedContactsPage,
    ChangedIdsPage,
    ContactId,
)

__all__ = ["ChangesPager", "ContactsPager", "Stretch"]

_BEHIND: Final = timedelta(minutes=1)
_LONGEST_WINDOW_DAYS: Final = 30


@frozen(kw_only=True)
class Stretch:
    """What is read.

    Attributes:
        since: from when; ``None`` for the configured start of history.
        until: until when; ``None`` for as late as may be.
        owners: whose contacts; ``None`` for all users of the account.
        window_days: the longest window; ``None`` for the configured one.
        start_at: where an earlier reading stopped.

    Raises:
        InvalidInputError: an argument is outside its bounds.
    """

    since: datetime | None = None
    until: datetime | None = None
    owners: tuple[str, ...] | None = None
    window_days: int | None = None
    start_at: FeedCursor | None = None

    @classmethod
    def of(
        cls,
        since: datetime | None,
        until: datetime | None,
        owners: Iterable[str] | None,
        window_days: int | None,
        start_at: FeedCursor | None,
    ) -> Stretch:
        """Make one of what the caller gave."""
        names = None if owners is None else tuple(dict.fromkeys(owners))
        return cls(
            since=since,
            until=until,
            owners=names,
            window_days=window_days,
            start_at=start_at,
        )

    def __attrs_post_init__(self) -> None:
        for name in ("since", "until"):
            at = getattr(self, name)
            if at is not None and at.tzinfo is None:
                raise _invalid("a time must be aware of its zone", name)
            if at is not None and self.start_at is not None:
                raise _invalid("a cursor knows its own times", name)
        if self.owners is not None and not self.owners:
            raise _invalid("there is nobody whose contacts are asked for", "owners")
        days = self.window_days
        if days is not None and not 1 <= days <= _LONGEST_WINDOW_DAYS:
            raise _invalid("window_days must be between 1 and 30", "window_days")


def _invalid(message: str, name: str) -> InvalidInputError:
    return InvalidInputError(message, service="salesmanago", field=name)


class ChangesPager:
    """Reads page after page of ids; used by one reader.

    Args:
        account: settings and signature.
        what: what is read.
        together: how many windows are opened at least at a time.

    Attributes:
        has_more: whether another page follows.
        cursor: where to go on after what was given; ``None`` before the first
            page.
    """

    def __init__(
        self, account: Account, what: Stretch, *, together: int | None = None
    ) -> None:
        self.has_more = True
        self.cursor: FeedCursor | None = what.start_at
        self._together = together
        self._account = account
        self._what = what
        self._owners: tuple[str, ...] = ()
        self._position: FeedPosition | None = None
        self._seen = SeenIds()

    def begin(self) -> Call[tuple[FeedCursor, FeedPosition]]:
        """Learn the users and the service's clock, once."""
        if self.cursor is not None and self._position is not None:
            return self.cursor, self._position
        users, server_time = yield from users_at(self._account)
        self._owners = self._what.owners or users or (self._account.config.owner,)
        if self.cursor is None:
            now = server_time or (yield from clock()).at
            latest = now - _BEHIND
            until = min(self._what.until or latest, latest)
            since = self._what.since or history_start(self._account)
            self.cursor = FeedCursor(
                since=min(since, until), until=until, server_time=now
            )
        begin, end = self.cursor.since, self.cursor.until
        self._position = FeedPosition(milliseconds(begin), milliseconds(end))
        return self.cursor, self._position

    def next_page(self) -> Call[ChangedIdsPage]:
        """Read the next page; see `SalesmanagoClient.changed_id_pages`."""
        cursor, position = yield from self.begin()
        contacts: tuple[ContactId, ...] = ()
        if not position.is_at_end:
            step = yield from read_step(
                self._account,
                self._owners,
                position,
                window_days=self._what.window_days,
                together=self._together,
            )
            contacts, position = step.contacts, step.position
        # Whoever was created is in the feed of the modified too.
        by_id = {one.id: one for one in contacts}
        self._position = position
        self.has_more = not position.is_at_end
        self.cursor = FeedCursor(
            since=at_milliseconds(position.done_ms),
            until=cursor.until,
            server_time=cursor.server_time,
        )
        return ChangedIdsPage(
            tuple([one for one in by_id.values() if self._seen.add(one.id)]),
            until=cursor.until,
            server_time=cursor.server_time,
            cursor=self.cursor if self.has_more else None,
        )


class ContactsPager:
    """Reads page after page of contacts, each named by the feeds.

    Ids wait until there are enough for whole requests of 50, so the reading
    costs no more of them than need be.
    Windows are opened one stretch of time after the other: the cursor moves on
    when all that wait of one are given.

    Args:
        account: settings and signature.
        what: what is read.

    Attributes:
        has_more: whether another page follows.
    """

    def __init__(self, account: Account, what: Stretch) -> None:
        self.has_more = True
        self._account = account
        self._changes = ChangesPager(account, what, together=1)
        self._waiting: deque[str] = deque()
        self._taken = 0
        self._given = 0
        self._cursor: FeedCursor | None = None
        self._marks: deque[tuple[int, FeedCursor]] = deque()
        self._room = LIST_LIMIT * account.config.limits.max_in_flight

    def next_page(self) -> Call[ChangedContactsPage]:
        """Read the next page; see `SalesmanagoClient.changed_contact_pages`."""
        begun, _ = yield from self._changes.begin()
        self._cursor = self._cursor or begun
        while len(self._waiting) < self._room and self._changes.has_more:
            yield from self._fetch_ids()
        ids = tuple(islice(self._waiting, self._room))
        contacts = yield from list_all_by_id(self._account, ids)
        for _ in ids:
            self._waiting.popleft()
        self._given += len(ids)
        while self._marks and self._marks[0][0] <= self._given:
            _, self._cursor = self._marks.popleft()
        self.has_more = self._changes.has_more or bool(self._waiting)
        return ChangedContactsPage(
            contacts,
            missing=_missing(ids, contacts),
            until=begun.until,
            server_time=begun.server_time,
            cursor=self._cursor if self.has_more else None,
        )

    def _fetch_ids(self) -> Call[None]:
        page = yield from self._changes.next_page()
        self._waiting.extend(contact.id for contact in page.ids)
        self._taken += len(page.ids)
        if page.cursor is not None:
            self._marks.append((self._taken, page.cursor))


def _missing(
    ids: tuple[str, ...], contacts: tuple[SalesmanagoContact, ...]
) -> tuple[str, ...]:
    if len(contacts) == len(ids):
        return ()
    found = {contact.id for contact in contacts}
    return tuple([one for one in ids if one not in found])
