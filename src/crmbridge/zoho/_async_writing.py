"""The writing of records, as methods of the async client.

Floor 6: each method is one line; the work is in the calls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from crmbridge.zoho import _guarded, _writes
from crmbridge.zoho._connection import AsyncZohoConnection
from crmbridge.zoho.results import WriteResult

__all__ = ["AsyncZohoWriting"]


class AsyncZohoWriting(AsyncZohoConnection):
    """The part of `AsyncZohoClient` for the writing of records."""

    async def insert(
        self,
        module: str,
        records: Sequence[Mapping[str, object]],
        *,
        trigger: Sequence[str] = (),
        skip_features: Sequence[str] = (),
    ) -> tuple[WriteResult, ...]:
        """Make new records; results by position.

        Costs one request per 100 records, and one credit per 10.
        It is never repeated when its outcome is unknown, for it would make
        the records twice; `upsert` may be repeated.
        A record that Zoho refuses is a result with its ``error``, such as
        `DuplicateError` or `RecordLockedError`, and stops no other.

        Args:
            records: payloads by API name.

        Raises:
            OutcomeUnknownError: no batch was answered, and some may have been
                carried out. When some were answered, the records of the
                others have the status ``UNKNOWN`` or ``UNSENT``.
            RefusedError: the request as a whole was refused.

        Source: Zoho CRM API v7, "Insert Records"; results by position are
        seen in all samples.
        """
        return await self._runtime.run(
            _writes.insert(
                self._config,
                module,
                records,
                trigger=trigger,
                skip_features=skip_features,
            )
        )

    async def update(
        self,
        module: str,
        records: Sequence[Mapping[str, object]],
        *,
        trigger: Sequence[str] = (),
        skip_features: Sequence[str] = (),
    ) -> tuple[WriteResult, ...]:
        """Change records by their ids; results by position.

        Costs one request per 100 records, and one credit per 10.
        Keys left out stay as they are; ``None`` empties a field.
        It is repeated when an answer is lost, and writes over what others
        wrote meanwhile; see `update_if_unmodified`.
        Unverified: whether an update that changes nothing moves
        ``Modified_Time``; send changed values only.

        Args:
            records: payloads by API name, each with its ``id``.

        Raises:
            InvalidInputError: an id is missing or comes twice.
            RefusedError: the request as a whole was refused.

        Source: Zoho CRM API v7, "Update Records".
        """
        return await self._runtime.run(
            _writes.update(
                self._config,
                module,
                records,
                trigger=trigger,
                skip_features=skip_features,
            )
        )

    async def update_if_unmodified(
        self,
        module: str,
        record: Mapping[str, object],
        *,
        unmodified_since: datetime,
        trigger: Sequence[str] = (),
        skip_features: Sequence[str] = (),
    ) -> WriteResult:
        """Change one record, unless it was changed since it was read.

        Costs one request and one credit.
        When the answer is lost, the record is read back and, if nobody has
        changed it, written again: a few requests more.
        Zoho keeps whole seconds: a change in the very second of
        ``unmodified_since`` is not seen.

        Args:
            record: its payload by API name, with its ``id``.
            unmodified_since: the ``modified_at`` that it was read with, aware.

        Returns:
            A success. Its ``modified_time`` is ``None`` where the answer was
            lost and others may have written since.

        Raises:
            InvalidInputError: the id or the time is none.
            StaleError: somebody else changed it; nothing was written.
            NotFoundError: it does not exist, or is not visible.
            OutcomeUnknownError: the answer was lost, and the record does not
                tell whether it was written; read it and merge.
            RefusedError: Zoho refused it, such as `RecordLockedError`.

        Source: Zoho CRM API v7, "Update Records", ``If-Unmodified-Since``.
        Unverified: what the header does to several records; it is sent for
        one only.
        """
        return await self._runtime.run(
            _guarded.update_if_unmodified(
                self._config,
                module,
                record,
                unmodified_since=unmodified_since,
                trigger=trigger,
                skip_features=skip_features,
            )
        )

    async def upsert(
        self,
        module: str,
        records: Sequence[Mapping[str, object]],
        *,
        duplicate_check_fields: Sequence[str] = ("Email",),
        trigger: Sequence[str] = (),
        skip_features: Sequence[str] = (),
    ) -> tuple[WriteResult, ...]:
        """Change the records that exist and make the others.

        Costs one request per 100 records, and one credit per 10.
        Only the same module is looked at: a lead and a contact with one
        address do not meet.
        It is repeated when an answer is lost, but for a batch with a record
        that has no ``id`` and none of ``duplicate_check_fields``.
        Unverified: which record is changed when several match, and whether
        converted and deleted ones count.
        Unverified: that it takes ``skip_features``; Zoho's schema of upserts
        does not list them.

        Args:
            records: payloads by API name.
            duplicate_check_fields: by which fields a record is known again;
                the module's unique fields count as well.

        Returns:
            Results by position; their ``action`` tells which it was.

        Raises:
            OutcomeUnknownError: of a batch that is not repeated, as `insert`
                says.
            RefusedError: the request as a whole was refused.

        Source: Zoho CRM API v7, "Upsert Records".
        """
        return await self._runtime.run(
            _writes.upsert(
                self._config,
                module,
                records,
                duplicate_check_fields=duplicate_check_fields,
                trigger=trigger,
                skip_features=skip_features,
            )
        )

    async def delete(
        self, module: str, ids: Sequence[str], *, run_workflows: bool = False
    ) -> tuple[WriteResult, ...]:
        """Move records to the recycle bin; results by position.

        Costs one request and one credit per 100 records.
        Zoho keeps them there for 60 days.
        When an answer is lost it is repeated; records that are then not
        found any more count as deleted, which costs one request more.

        Args:
            ids: any number of ids, each once.
            run_workflows: whether Zoho's workflows run.

        Raises:
            InvalidInputError: an id comes twice or is none.

        Source: Zoho CRM API v8, "Delete Records".
        """
        return await self._runtime.run(
            _writes.delete(self._config, module, ids, run_workflows=run_workflows)
        )
