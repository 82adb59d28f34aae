"""The reading of records, as methods of the client.

Floor 6: each method is one line, or a loop around one; the work is in the calls.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from crmbridge.zoho import _calls, _deletions
from crmbridge.zoho._connection import ZohoConnection
from crmbridge.zoho._deletions import Deletions
from crmbridge.zoho._listing import Pager
from crmbridge.zoho.cursors import Reading, RecordsCursor
from crmbridge.zoho.records import ZohoRecord
from crmbridge.zoho.results import DeletedPage, DeletedRecord, RecordsPage

__all__ = ["ZohoReading"]


class ZohoReading(ZohoConnection):
    """The part of `ZohoClient` for the reading of records."""

    def records_page(
        self,
        module: str,
        *,
        fields: Sequence[str],
        page_token: str | None = None,
        modified_since: datetime | None = None,
        converted: str | None = None,
        cvid: str | None = None,
        per_page: int = 200,
    ) -> RecordsPage:
        """Read one page of a module's records, newest id first.

        Costs one request and one credit, with ``cvid`` three.
        Page tokens reach 100,000 records; after that, or after 24 hours, Zoho
        refuses them; `record_pages` goes on all the same.

        Args:
            fields: API names, 1 to 50; ``id`` always comes too. ``id`` alone
                brings ``Modified_Time``, for Zoho is said to refuse it.
            page_token: from the page before, asked with the same arguments.
            modified_since: only what changed after this, in whole seconds.
                Unverified: whether a change in that very second counts.
            converted: ``"both"`` or ``"true"`` shows converted leads, which
                are hidden otherwise.
            cvid: the id of a custom view, which chooses and sorts.
            per_page: 1 to 200.

        Raises:
            InvalidInputError: an argument is outside its bounds.
            RefusedError: ``TOKEN_BOUND_DATA_MISMATCH`` or ``EXPIRED_VALUE``
                means to begin again without a token.

        Source: Zoho CRM API v7 and v8, "Get Records".
        """
        return self._runtime.run(
            _calls.records_page(
                self._config,
                module,
                fields=fields,
                page_token=page_token,
                modified_since=modified_since,
                converted=converted,
                cvid=cvid,
                per_page=per_page,
            )
        )

    def record_pages(
        self,
        module: str,
        *,
        fields: Sequence[str],
        modified_since: datetime | None = None,
        converted: str | None = None,
        cvid: str | None = None,
        start_at: RecordsCursor | None = None,
    ) -> Iterator[RecordsPage]:
        """Read all records of a module, page after page, newest id first.

        Costs one request and one credit (with ``cvid`` three) for every 200
        records and 50 fields, and one at least.
        Where page tokens end, which is after 100,000 records or 24 hours, the
        reading goes on by record ids: then 2,000 records cost 3 credits for
        the ids and, for every 50 fields, 20 requests and credits.
        No record is lost or given twice while others come and go; one that is
        deleted meanwhile may be missing.
        Unverified: whether a token stands for a record or for a number of
        records; in the latter case one record may be passed over for each that
        goes away meanwhile.
        It holds a few pages at a time.

        Args:
            fields: any number of API names. More than 50 are asked for in
                groups with ``Modified_Time``; where a record changed between
                two of them, it has the earliest of these times.
            modified_since: only what changed after this, in whole seconds.
            converted: ``"both"`` or ``"true"`` shows converted leads, which
                are hidden otherwise.
            cvid: the id of a custom view, which chooses and sorts.
            start_at: ``page.cursor`` of an earlier reading with the same
                arguments, by this or another process, however old.

        Raises:
            InvalidInputError: an argument is outside its bounds, or the cursor
                is of another reading.
            OutOfReachError: the page tokens ended, and there is no other way
                on: in a custom view, or with ``converted`` where COQL hides
                converted leads.

        Source: Zoho CRM API v7 and v8, "Get Records"; v8, "COQL limitations".
        """
        what = Reading(
            module=module, modified_since=modified_since, converted=converted, cvid=cvid
        )
        pager = Pager(self._config, what, fields, start_at, learned=self._learned)
        while pager.has_more:
            yield self._runtime.run(pager.next_page())

    def records(
        self,
        module: str,
        *,
        fields: Sequence[str],
        modified_since: datetime | None = None,
        converted: str | None = None,
        cvid: str | None = None,
    ) -> Iterator[ZohoRecord]:
        """Read all records of a module, however many, newest id first.

        See `record_pages` for cost, arguments and errors.
        """
        pages = self.record_pages(
            module,
            fields=fields,
            modified_since=modified_since,
            converted=converted,
            cvid=cvid,
        )
        for page in pages:
            yield from page.records

    def by_ids(
        self,
        module: str,
        ids: Sequence[str],
        *,
        fields: Sequence[str],
        converted: str | None = None,
    ) -> tuple[ZohoRecord | None, ...]:
        """Read records by id, by position; ``None`` where none is visible.

        Costs one request and one credit for every 100 ids and 50 fields,
        several at a time.
        ``None`` is no proof of deletion: the record may be hidden from the
        user, be a converted lead, or have lost a merge; `deleted` tells.

        Args:
            ids: any number of ids.
            fields: any number of API names; see `record_pages`.
            converted: ``"both"`` also shows converted leads.

        Raises:
            InvalidInputError: an argument is outside its bounds.

        Source: Zoho CRM API v8, "Get Records"; client code for converted leads.
        """
        return self._runtime.run(
            _calls.by_ids(self._config, module, ids, fields=fields, converted=converted)
        )

    def count(
        self, module: str, *, converted: str | None = None, cvid: str | None = None
    ) -> int:
        """Count a module's records.

        Costs one request and one credit.
        The token needs the scope ``ZohoSearch.securesearch.READ`` beside that
        of the module.
        Unverified: whether a record counts at once, or as late as the search
        finds it.

        Args:
            converted: ``"both"`` or ``"true"`` counts converted leads.
            cvid: counts a custom view only.

        Source: Zoho CRM API v8, "Record Count".
        """
        return self._runtime.run(
            _calls.count(self._config, module, converted=converted, cvid=cvid)
        )

    def deleted_page(
        self,
        module: str,
        *,
        modified_since: datetime | None = None,
        kind: str = "all",
        page: int = 1,
        per_page: int = 200,
    ) -> DeletedPage:
        """Read one page of the records that were deleted.

        Costs one request and one or two credits.
        Zoho lists the recycle bin for 60 days and permanent deletions for 120.
        A converted lead is not among them.

        Args:
            modified_since: only what was deleted after this.
            kind: ``"all"``, ``"recycle"`` for the recycle bin, or
                ``"permanent"``.
            page: from 1 on.
            per_page: 1 to 200.

        Raises:
            InvalidInputError: an argument is outside its bounds.

        Source: Zoho CRM API v7, "Get Deleted Records".
        """
        return self._runtime.run(
            _deletions.deleted_page(
                self._config,
                module,
                modified_since=modified_since,
                kind=kind,
                page=page,
                per_page=per_page,
            )
        )

    def deleted(
        self, module: str, *, modified_since: datetime | None = None, kind: str = "all"
    ) -> Iterator[DeletedRecord]:
        """Read all deleted records of a module, page after page.

        Costs one request and one or two credits for every 200 records, and one
        request at least.
        One record may come twice, as when it leaves the recycle bin.
        Unverified: how far the pages lead. Where Zoho refuses one, the rest is
        read from the last time on, if the rows came oldest first, or else the
        bin and the permanent deletions one after the other, which gives what
        was given before once more.
        See `deleted_page` for the arguments.

        Raises:
            OutOfReachError: there are more than Zoho's pages lead to; ask
                more often, from a later ``modified_since``, or compare all ids.
        """
        reader = Deletions(
            self._config, module, modified_since=modified_since, kind=kind
        )
        while reader.has_more:
            yield from self._runtime.run(reader.next_page()).records
