"""All ids that changed in a stretch of time, over owners, windows and pages.

Floor 4.

The feeds are bound to one owner and one from-to window, so a stretch is read
for every user of the account and cut into windows.
Of each window come who was created (in one piece) and who was modified (in
pages); that a new contact counts as modified is not known.

Unverified: whether the bounds of a window belong to it. Each window begins a
second before the last one ended, and times have whole seconds.

Unverified: whether pages stand still. A contact that changes while its window
is paged through leaves its place, everybody behind it moves up by one, and who
stood first on the next page is passed over.
So a window of several pages is read to its end and then back to its first page:
who stays in the window only ever moves up, hence to a page that is read later.
Whoever leaves the window has changed since the reading began, and belongs to
the next one.
A page that fails begins its window again at page 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from attrs import astuple, evolve, field, frozen

from crmbridge._steps import Call, clock, gather
from crmbridge.errors import (
    CrmbridgeError,
    MalformedReplyError,
    RefusedError,
    ServiceError,
    TransportError,
)
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago._calls import milliseconds
from crmbridge.salesmanago._windows import created_contacts, modified_contacts_page
from crmbridge.salesmanago.results import ChangesPage, ContactId

__all__ = [
    "FeedPosition",
    "FeedStep",
    "TouchedPage",
    "Window",
    "at_milliseconds",
    "history_start",
    "read_step",
    "touched_ids",
]

_AHEAD: Final = timedelta(hours=1)
"""How far the last window reaches into the future: our clock may be slow."""

_OVERLAP_MS: Final = 1000
_DAY_MS: Final = 24 * 3600 * 1000
_MOST_RESTARTS: Final = 2
_MOST_PAGES: Final = 10_000
_PAGE_FAULTS: Final = (TransportError, ServiceError, MalformedReplyError, RefusedError)


@frozen
class Window:
    """One user's part of a stretch, and the page of it that comes next.

    Attributes:
        owner: the user.
        start_ms: where it begins.
        end_ms: where it ends.
        page: counts from 1.
        is_backwards: the last page was read, and those before come once more.
        restarts: how often it was begun again.
    """

    owner: str = field(repr=False)
    start_ms: int
    end_ms: int
    page: int = 1
    is_backwards: bool = False
    restarts: int = 0

    @property
    def is_new(self) -> bool:
        """Nothing of it was read."""
        return self.page == 1 and not self.is_backwards

    def after(self, *, has_more: bool) -> Window | None:
        """Give what is left of it when its page was read, ``None`` at the end."""
        if has_more and not self.is_backwards:
            return evolve(self, page=self.page + 1)
        if self.page == 1:
            return None
        return evolve(self, page=self.page - 1, is_backwards=True)

    def again(self) -> Window:
        """Give it as it is when it is begun again."""
        return Window(
            self.owner, self.start_ms, self.end_ms, restarts=self.restarts + 1
        )


@frozen
class FeedPosition:
    """Where the reading of a stretch stands.

    Attributes:
        next_ms: where the first windows that were not opened begin.
        end_ms: where the stretch ends.
        windows: those that were opened and not read to their end.
    """

    next_ms: int
    end_ms: int
    windows: tuple[Window, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON values."""
        windows = [list(astuple(window)) for window in self.windows]
        return {"next": self.next_ms, "end": self.end_ms, "windows": windows}

    @classmethod
    def of_json(cls, values: Mapping[str, Any]) -> FeedPosition:
        """Read what `as_json` gave."""
        windows = tuple(Window(*window) for window in values["windows"])
        return cls(values["next"], values["end"], windows)

    @property
    def is_at_end(self) -> bool:
        """Everything was read."""
        return not self.windows and self.next_ms >= self.end_ms

    @property
    def done_ms(self) -> int:
        """Until when everything was read, of every user."""
        return min([self.next_ms, *(window.start_ms for window in self.windows)])

    def opened(self, owners: Sequence[str], days: int, together: int) -> FeedPosition:
        """Give it with at least so many windows open, as far as there are any."""
        next_ms, windows = self.next_ms, list(self.windows)
        while len(windows) < together and next_ms < self.end_ms:
            end_ms = min(next_ms + days * _DAY_MS, self.end_ms)
            windows += [Window(owner, next_ms, end_ms) for owner in owners]
            next_ms = end_ms
        return evolve(self, next_ms=next_ms, windows=tuple(windows))


@frozen
class FeedStep:
    """What one step of a reading gave.

    Attributes:
        contacts: whom the feeds name, with repetitions.
        position: where to go on.
        server_time: the earliest clock of the answers, as far as known.
    """

    contacts: tuple[ContactId, ...] = field(repr=False)
    position: FeedPosition
    server_time: datetime | None


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

    Costs what `read_step` costs.

    Args:
        account: settings and signature.
        owners: the account's users, as they are spelt.
        since: where it begins; ``None`` for the configured start of history.
        position: where the part before said to go on.
    """
    here = position
    if here is None:
        start = since or history_start(account)
        now = yield from clock()
        here = FeedPosition(milliseconds(start), milliseconds(now.at + _AHEAD))
    step = yield from read_step(account, owners, here)
    following = None if step.position.is_at_end else step.position
    ids = dict.fromkeys(contact.id for contact in step.contacts)
    return TouchedPage(tuple(ids), following, step.server_time)


def history_start(account: Account) -> datetime:
    """Give the time before which no contact was made."""
    day = account.config.history_start
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def read_step(
    account: Account,
    owners: Sequence[str],
    here: FeedPosition,
    *,
    window_days: int | None = None,
    together: int | None = None,
) -> Call[FeedStep]:
    """Read the next page of several windows at once.

    Costs one request for each page. A window costs two, and one of
    several pages two for each further page.

    Args:
        account: settings and signature.
        owners: the account's users, as they are spelt.
        here: where the step before said to go on.
        window_days: the longest window; ``None`` for the configured one.
        together: how many windows are opened at least; ``None`` for as many as
            keep all requests in flight busy.

    Raises:
        CrmbridgeError: a first page failed, or a window failed that was begun
            again before.
    """
    in_flight = account.config.limits.max_in_flight
    days = window_days or account.config.feed_window_days
    here = here.opened(owners, days, together or 2 * in_flight)
    now, later = here.windows[: 2 * in_flight], here.windows[2 * in_flight :]
    new = [window for window in now if window.is_new]
    calls = [_created(account, window) for window in new]
    calls += [_modified(account, window) for window in now]
    answers = yield from gather(calls, in_flight)
    rest = [
        _rest_of(window, answer)
        for window, answer in zip(now, answers[len(new) :], strict=True)
    ]
    left = tuple(window for window in rest if window is not None)
    pages = [answer for answer in answers if isinstance(answer, ChangesPage)]
    return FeedStep(
        tuple([contact for page in pages for contact in page.contacts]),
        evolve(here, windows=left + later),
        _earliest(pages),
    )


def _earliest(pages: Iterable[ChangesPage]) -> datetime | None:
    times = [page.server_time for page in pages if page.server_time is not None]
    return min(times, default=None)


def _rest_of(window: Window, answer: ChangesPage | CrmbridgeError) -> Window | None:
    if isinstance(answer, CrmbridgeError):
        return window.again()
    if answer.has_more and window.page >= _MOST_PAGES:
        raise MalformedReplyError(
            "contact/paginatedModifiedContacts: the pages of a window do not end",
            service="salesmanago",
            status=200,
        )
    return window.after(has_more=answer.has_more)


def _created(account: Account, window: Window) -> Call[ChangesPage | CrmbridgeError]:
    return (
        yield from created_contacts(
            account,
            start=at_milliseconds(window.start_ms - _OVERLAP_MS),
            end=at_milliseconds(window.end_ms),
            owner=window.owner,
        )
    )


def _modified(account: Account, window: Window) -> Call[ChangesPage | CrmbridgeError]:
    """Read a page; one that fails is answered with its error, to begin again."""
    try:
        return (
            yield from modified_contacts_page(
                account,
                start=at_milliseconds(window.start_ms - _OVERLAP_MS),
                end=at_milliseconds(window.end_ms),
                page=window.page,
                owner=window.owner,
            )
        )
    except _PAGE_FAULTS as error:
        if window.is_new or window.restarts >= _MOST_RESTARTS:
            raise
        return error


def at_milliseconds(ms: int) -> datetime:
    """Give the time that the service counts so."""
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=ms)
