"""The reading of records, as methods of the client.

Floor 6: each method is one line; the work is in the calls.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from crmbridge.zoho import _calls
from crmbridge.zoho._connection import ZohoConnection
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
        per_page: int = 200,
    ) -> RecordsPage:
        """Read one page of a module's records, newest id first.

        Costs one request and one credit.
        Page tokens reach 100,000 records; after that, or after 24 hours, Zoho
        refuses them.

        Args:
            fields: API names, 1 to 50; ``id`` always comes too.
            page_token: from the page before, asked with the same arguments.
            modified_since: only what changed after this, in whole seconds.
                Unverified: whether a change in that very second counts.
            converted: ``"both"`` or ``"true"`` shows converted leads, which
                are hidden otherwise.
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
                per_page=per_page,
            )
        )

    def records(
        self,
        module: str,
        *,
        fields: Sequence[str],
        modified_since: datetime | None = None,
        converted: str | None = None,
    ) -> Iterator[ZohoRecord]:
        """Read all records of a module, page after page as they are needed.

        Costs one request and one credit per 200 records, and one at least.
        See `records_page` for the arguments and errors.
        """
        token: str | None = None
        while True:
            page = self.records_page(
                module,
                fields=fields,
                page_token=token,
                modified_since=modified_since,
                converted=converted,
            )
            yield from page.records
            token = page.next_page_token
            if token is None:
                return

    def by_ids(
        self,
        module: str,
        ids: Sequence[str],
        *,
        fields: Sequence[str],
        converted: str | None = None,
    ) -> tuple[ZohoRecord | None, ...]:
        """Read records by id, by position; ``None`` where none is visible.

        Costs one request and one credit per 100 ids, several at a time.
        ``None`` is no proof of deletion: the record may be hidden from the
        user, or be a converted lead.

        Args:
            ids: any number of ids.
            fields: API names, 1 to 50.
            converted: ``"both"`` also shows converted leads.

        Raises:
            InvalidInputError: an argument is outside its bounds.

        Source: Zoho CRM API v8, "Get Records"; client code for converted leads.
        """
        return self._runtime.run(
            _calls.by_ids(self._config, module, ids, fields=fields, converted=converted)
        )

    def deleted_page(
        self,
        module: str,
        *,
        modified_since: datetime | None = None,
        page: int = 1,
        per_page: int = 200,
    ) -> DeletedPage:
        """Read one page of the records that were deleted.

        Costs one request and one or two credits.
        Zoho lists the recycle bin for 60 days and permanent deletions for 120.
        A converted lead is not among them.

        Args:
            modified_since: only what was deleted after this.
            page: from 1 on.
            per_page: 1 to 200.

        Raises:
            InvalidInputError: an argument is outside its bounds.

        Source: Zoho CRM API v7, "Get Deleted Records".
        """
        return self._runtime.run(
            _calls.deleted_page(
                self._config,
                module,
                modified_since=modified_since,
                page=page,
                per_page=per_page,
            )
        )

    def deleted(
        self, module: str, *, modified_since: datetime | None = None
    ) -> Iterator[DeletedRecord]:
        """Read all deleted records of a module, page after page.

        Costs one request per 200 records, and one at least.
        See `deleted_page` for the arguments and errors.
        """
        number: int | None = 1
        while number is not None:
            page = self.deleted_page(module, modified_since=modified_since, page=number)
            yield from page.records
            number = page.next_page
