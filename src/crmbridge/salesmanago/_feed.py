"""All ids that changed in a stretch of time, over owners and windows.

Floor 4.

The feeds are bound to one owner and one from-to window, so a stretch is read
for every user of the account and cut into windows.
Of each window come who was created (in one piece) and who was modified (in
pages); that a new contact counts as modified is not known.
Unverified: whether pages stand still while contacts change. A contact that
changes while it is paged through may push another one over the edge of a page;
it is found by the periodic comparison of all known contacts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from attrs import evolve, frozen

from crmbridge._steps import Call, clock, gather
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago._calls import (
    created_contacts,
    milliseconds,
    modified_contacts,
)
from crmbridge.salesmanago.results import ChangesPage

__all__ = ["FeedPosition", "TouchedPage", "touched_ids"]

_AHEAD: Final = timedelta(hours=1)
"""How far the last window reaches into the future: our clock may be slow."""


@frozen
class FeedPosition:
    """Where the reading of a stretch stands.

    Attributes:
        next_ms: where the first window that was not read begins.
        end_ms: where the stretch ends.
        page: the page to be read of ``more``.
        more: windows with further pages: owner, start, end.
    """

    next_ms: int
    end_ms: int
    page: int = 1
    more: tuple[tuple[str, int, int], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON values."""
        return {
            "next": self.next_ms,
            "end": self.end_ms,
            "page": self.page,
            "more": [list(window) for window in self.more],
        }

    @classmethod
    def of_json(cls, values: Mapping[str, Any]) -> FeedPosition:
        """Read what `as_json` gave."""
        more = tuple((owner, start, end) for owner, start, end in values["more"])
        return cls(values["next"], values["end"], values["page"], more)

    @property
    def is_at_end(self) -> bool:
        """Everything was read."""
        return not self.more and self.next_ms >= self.end_ms


@frozen
class TouchedPage:
    """Some of the contacts that changed.

    Attributes:
        ids: without repetition within the page.
        following: where to go on, or ``None`` at the end.
        server_time: the service's clock before anything was read, as far as
            known.
    """

    ids: tuple[str, ...]
    following: FeedPosition | None
    server_time: datetime | None


def touched_ids(
    account: Account,
    owners: Sequence[str],
    *,
    since: datetime | None,
    position: FeedPosition | None = None,
) -> Call[TouchedPage]:
    """Read the next part of a stretch from ``since`` until now.

    Costs two requests for each owner and window, several windows at a time,
    and one for each further page.

    Args:
        account: settings and signature.
        owners: the account's users, as they are spelt.
        since: where it begins; ``None`` for the configured start of history.
        position: where the part before said to go on.
    """
    here = position
    if here is None:
        here = yield from _beginning(account, since)
    if here.more:
        return (yield from _further_pages(account, here))
    return (yield from _next_windows(account, owners, here))


def _beginning(account: Account, since: datetime | None) -> Call[FeedPosition]:
    now = yield from clock()
    first_day = account.config.history_start
    start = since or datetime(
        first_day.year, first_day.month, first_day.day, tzinfo=UTC
    )
    return FeedPosition(milliseconds(start), milliseconds(now.at + _AHEAD))


def _next_windows(
    account: Account, owners: Sequence[str], here: FeedPosition
) -> Call[TouchedPage]:
    step_ms = account.config.feed_window_days * 24 * 3600 * 1000
    together = 2 * account.config.limits.max_in_flight
    most = max(1, together // max(1, len(owners)))
    starts = range(here.next_ms, here.end_ms, step_ms)[:most]
    windows = [
        (owner, start, min(start + step_ms, here.end_ms))
        for start in starts
        for owner in owners
    ]
    created = [_created(account, window) for window in windows]
    modified = [_modified(account, window, 1) for window in windows]
    pages = yield from gather(
        [*created, *modified], account.config.limits.max_in_flight
    )
    more = _with_more(windows, pages[len(windows) :])
    next_ms = min(here.next_ms + step_ms * most, here.end_ms)
    return _touched(pages, evolve(here, next_ms=next_ms, page=2, more=more))


def _further_pages(account: Account, here: FeedPosition) -> Call[TouchedPage]:
    calls = [_modified(account, window, here.page) for window in here.more]
    pages = yield from gather(calls, account.config.limits.max_in_flight)
    more = _with_more(here.more, pages)
    return _touched(pages, evolve(here, page=here.page + 1, more=more))


def _with_more(
    windows: Sequence[tuple[str, int, int]], pages: Sequence[ChangesPage]
) -> tuple[tuple[str, int, int], ...]:
    rows = zip(windows, pages, strict=True)
    return tuple(window for window, page in rows if page.has_more)


def _touched(pages: Iterable[ChangesPage], following: FeedPosition) -> TouchedPage:
    pages = tuple(pages)
    ids = dict.fromkeys(contact.id for page in pages for contact in page.contacts)
    times = [page.server_time for page in pages if page.server_time is not None]
    return TouchedPage(
        tuple(ids),
        None if following.is_at_end else following,
        min(times, default=None),
    )


def _created(account: Account, window: tuple[str, int, int]) -> Call[ChangesPage]:
    owner, start, end = window
    return created_contacts(account, start=_at(start), end=_at(end), owner=owner)


def _modified(
    account: Account, window: tuple[str, int, int], page: int
) -> Call[ChangesPage]:
    owner, start, end = window
    return modified_contacts(
        account, start=_at(start), end=_at(end), page=page, owner=owner
    )


def _at(ms: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=ms)
