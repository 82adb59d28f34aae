"""The reading of all changes of an account, as methods of the async client.

Floor 6: each method is a loop around one line; the work is in the calls.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import datetime

from crmbridge.salesmanago._async_connection import AsyncSalesmanagoConnection
from crmbridge.salesmanago._changes_pager import (
    ChangesPager,
    ContactsPager,
    Stretch,
)
from crmbridge.salesmanago.cursors import FeedCursor
from crmbridge.salesmanago.records import SalesmanagoContact
from crmbridge.salesmanago.results import (
    ChangedContactsPage,
    ChangedIdsPage,
    ContactId,
)

__all__ = ["AsyncSalesmanagoChanges"]


class AsyncSalesmanagoChanges(AsyncSalesmanagoConnection):
    """The part of `AsyncSalesmanagoClient` for the feeds of the whole account."""

    async def changed_id_pages(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        owners: Iterable[str] | None = None,
        window_days: int | None = None,
        start_at: FeedCursor | None = None,
    ) -> AsyncIterator[ChangedIdsPage]:
        """Read who was created or modified, over all users, page after page.

        Costs one request for the users, two for each user and window of
        ``window_days``, and where more than ``config.page_size`` contacts of a
        user were modified in a window, two for each further page.

        Everybody who is in the feeds at the start and does not change
        meanwhile is given, whatever others do: a window of several pages is
        read to its end and back. Who changes meanwhile is given now, or by the
        next reading, whose ``since`` is ``page.until`` minus 10 minutes.
        Nobody is given twice, unless 250,000 others came between, or the
        reading goes on from a cursor.
        A page that fails for good begins its window again at page 1, twice at
        most, then its error is raised; ``page.cursor`` of the page before
        leads to the same window.

        Unverified: which changes are in the feeds. Permissions and tags may
        not be, deletions are not; compare all known contacts now and then.
        Unverified: whether the bounds of windows belong to them; they overlap
        by a second.
        Source: ``contact/createdContacts`` and
        ``contact/paginatedModifiedContacts`` in live client code.

        Args:
            since: from when, aware; by default ``config.history_start``.
            until: until when, aware; by default, and at the latest, a minute
                before now, by the service's clock.
            owners: whose contacts; by default those of all `users`. A user who
                is listed but refused ends the reading with `RefusedError`:
                name the others then.
            window_days: the longest window, 1 to 30; by default
                ``config.feed_window_days``. 1 asks least of the service at a
                time, as after a long pause.
            start_at: ``page.cursor`` of an earlier reading, by this or another
                process, however old; it knows its own times.

        Raises:
            InvalidInputError: an argument is outside its bounds.
        """
        what = Stretch.of(since, until, owners, window_days, start_at)
        pager = ChangesPager(self._account, what)
        while pager.has_more:
            yield await self._runtime.run(pager.next_page())

    async def changed_ids(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        owners: Iterable[str] | None = None,
        window_days: int | None = None,
    ) -> AsyncIterator[ContactId]:
        """Read who was created or modified, over all users, one by one.

        See `changed_id_pages` for cost, arguments, errors and what is
        guaranteed.
        """
        pages = self.changed_id_pages(
            since=since, until=until, owners=owners, window_days=window_days
        )
        async for page in pages:
            for contact_id in page.ids:
                yield contact_id

    async def changed_contact_pages(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        owners: Iterable[str] | None = None,
        window_days: int | None = None,
        start_at: FeedCursor | None = None,
    ) -> AsyncIterator[ChangedContactsPage]:
        """Read the contacts that were created or modified, page after page.

        Costs what `changed_id_pages` costs, and one request for every 50
        contacts: ids wait until there are 50.
        It holds the ids of one window of each user, and 50 contacts for each
        request in flight.
        ``page.cursor`` moves on when all contacts of a window were given, which
        may take several pages; ``window_days=1`` makes that soon.
        See `changed_id_pages` for arguments, errors and what is guaranteed.
        """
        what = Stretch.of(since, until, owners, window_days, start_at)
        pager = ContactsPager(self._account, what)
        while pager.has_more:
            yield await self._runtime.run(pager.next_page())

    async def changed_contacts(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        owners: Iterable[str] | None = None,
        window_days: int | None = None,
    ) -> AsyncIterator[SalesmanagoContact]:
        """Read the contacts that were created or modified, one by one.

        Whom the feeds name and reading by id does not find is left out;
        `changed_contact_pages` tells their ids.
        See `changed_id_pages` for arguments, errors and what is guaranteed,
        and `changed_contact_pages` for the cost.
        """
        pages = self.changed_contact_pages(
            since=since, until=until, owners=owners, window_days=window_days
        )
        async for page in pages:
            for contact in page.contacts:
                yield contact

    async def contacts(
        self, *, owners: Iterable[str] | None = None, window_days: int | None = None
    ) -> AsyncIterator[SalesmanagoContact]:
        """Read all contacts of the account, one by one, in little memory.

        They are found in the feeds from ``config.history_start`` on, which
        costs two requests for each user and 30 days, and read by id, which
        costs one for every 50.
        Unverified: whether deleted and opted-out contacts are in the feeds,
        and contacts of deactivated users. An export of the account is the
        other way to find all.
        See `changed_id_pages` for arguments and errors. To stop and go on, use
        `changed_contact_pages`, which reads the same without ``since``.
        """
        found = self.changed_contacts(owners=owners, window_days=window_days)
        async for contact in found:
            yield contact
