"""Reading what was deleted, however much it is.

Floor 4.
Zoho gives deletions in numbered pages, and nothing promises how far these lead
or in which order the rows come.
Where it refuses a page, the rest is looked for in two ways: from the last time
on, if the rows came oldest first; else those in the recycle bin and those that
left it one after the other.
What neither reaches is an error, never a silent end.

Source: Zoho CRM API v7, "Get Deleted Records".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from crmbridge._steps import Call
from crmbridge.config import ZohoConfig
from crmbridge.errors import OutOfReachError, RefusedError
from crmbridge.zoho._calls import PAGE_SIZE, module_path, page_size, read, since_header
from crmbridge.zoho._faults import ZOHO
from crmbridge.zoho._replies import deleted_records, listing_of
from crmbridge.zoho.credits import DELETED
from crmbridge.zoho.results import DeletedPage, DeletedRecord

__all__ = ["Deletions", "deleted_page"]

_SAFE_PAGES: Final = 10
_OVERLAP: Final = timedelta(seconds=1)
_ALL: Final = "all"
_PARTS: Final = ("recycle", "permanent")


def deleted_page(
    config: ZohoConfig,
    module: str,
    *,
    modified_since: datetime | None = None,
    kind: str = _ALL,
    page: int = 1,
    per_page: int = PAGE_SIZE,
) -> Call[DeletedPage]:
    """Read one page of deleted records; see `ZohoClient.deleted_page`."""
    what = f"{module} deleted"
    reply = yield from read(
        config,
        f"{module_path(module)}/deleted",
        what,
        {"type": kind, "page": str(page), "per_page": str(page_size(per_page))},
        headers=since_header(modified_since),
        cost=DELETED,
    )
    listing = listing_of(reply, "data", what)
    return DeletedPage(
        tuple(deleted_records(listing.rows)),
        page + 1 if listing.has_more else None,
        reply.date,
    )


class Deletions:
    """Reads deletions page after page; used by one reader.

    Args:
        config: whose deletions.
        module: of which module.
        modified_since: only what was deleted after this.
        kind: ``"all"``, ``"recycle"`` or ``"permanent"``.

    Attributes:
        has_more: whether another page follows.
    """

    def __init__(
        self,
        config: ZohoConfig,
        module: str,
        *,
        modified_since: datetime | None = None,
        kind: str = _ALL,
    ) -> None:
        self.has_more = True
        self._config = config
        self._module = module
        self._since = modified_since
        self._kinds: tuple[str, ...] = (kind,)
        self._page = 1
        self._rows: tuple[DeletedRecord, ...] = ()
        self._times = _Times()

    def next_page(self) -> Call[DeletedPage]:
        """Read the next page; it may be empty where another way is taken.

        Raises:
            OutOfReachError: no way leads further.
        """
        try:
            page = yield from deleted_page(
                self._config,
                self._module,
                modified_since=self._since,
                kind=self._kinds[0],
                page=self._page,
            )
        except RefusedError as error:
            if self._page == 1:
                raise
            return self._turned_aside(error)
        is_wall = not page.records and self._page > _SAFE_PAGES
        is_circle = page.has_more and page.records == self._rows
        if is_wall or is_circle:
            # More was promised and nothing comes: a wall without a word.
            return self._turned_aside(None)
        self._rows = page.records
        self._times.see(page.records)
        if page.next_page is not None and page.records:
            self._page = page.next_page
        else:
            self._begin(self._kinds[1:])
        return page

    def _begin(self, kinds: tuple[str, ...], since: datetime | None = None) -> None:
        """Begin with the first page of the first of these kinds."""
        self.has_more = bool(kinds)
        self._kinds = kinds
        self._since = since or self._since
        self._page = 1
        self._rows = ()
        self._times = _Times()

    def _turned_aside(self, error: RefusedError | None) -> DeletedPage:
        """Take another way to the rest; the page itself holds nothing."""
        last = self._times.last_of_rising
        since = None if last is None else last - _OVERLAP
        if since is not None and (self._since is None or since > self._since):
            self._begin(self._kinds, since)
        elif self._kinds == (_ALL,):
            self._begin(_PARTS)
        else:
            raise OutOfReachError(
                f"{self._module} deleted: Zoho gives no further page; ask more often, "
                "from a later modified_since, or compare all ids, as by bulk read",
                service=ZOHO,
                code=None if error is None else error.code,
            ) from error
        return DeletedPage()


class _Times:
    """Tells whether deletions come oldest first."""

    def __init__(self) -> None:
        self._first: datetime | None = None
        self._last: datetime | None = None
        self._is_rising = True

    def see(self, rows: Sequence[DeletedRecord]) -> None:
        """Look at the next rows."""
        for row in rows:
            at = row.deleted_time
            if at is None or (self._last is not None and at < self._last):
                self._is_rising = False
            self._first, self._last = self._first or at, at

    @property
    def last_of_rising(self) -> datetime | None:
        """The last time, if the times rose from the first to the last."""
        if not self._is_rising or self._first == self._last:
            return None
        return self._last
