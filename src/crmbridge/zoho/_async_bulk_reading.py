"""Bulk reads, as methods of ``client.bulk`` of the async client.

Floor 6: what is asked for is in the calls, what a file holds in its readers; here
temporary files are opened and closed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from tempfile import TemporaryFile
from typing import BinaryIO

from crmbridge._runtime import AsyncRuntime
from crmbridge.config import ZohoConfig
from crmbridge.zoho import _bulk_read
from crmbridge.zoho._rows import records_in
from crmbridge.zoho.bulk_criteria import BulkCriteria
from crmbridge.zoho.bulk_jobs import ArchiveBounds, Converted, ReadJob, ReadQuery
from crmbridge.zoho.records import ZohoRecord

__all__ = ["AsyncZohoBulkReading"]


class AsyncZohoBulkReading:
    """The part of `AsyncZohoBulk` for reads."""

    _config: ZohoConfig
    _runtime: AsyncRuntime

    async def records(
        self,
        module: str,
        *,
        fields: Sequence[str] = (),
        criteria: BulkCriteria | None = None,
        converted: Converted = "false",
        timeout_seconds: float = 3600.0,
        bounds: ArchiveBounds = ArchiveBounds(),
    ) -> AsyncIterator[ZohoRecord]:
        """Read all records of a module, typed, in the order of Zoho's files.

        Costs, per 200,000 records: a job (50 credits), a few requests while
        it runs, one for the file; and one for the fields' types.

        A file shows what Zoho held while its job ran, and may lack records
        that a list shows; so read what changed since a time *before* the
        start afterwards, by `AsyncZohoClient.records` with ``modified_since``.
        Values are as in lists but for lookups, which have no name: booleans,
        numbers, ``{"id": ...}``, ``None`` for an empty one, text for the rest.
        An error may come after some records: all before it are good.

        Args:
            fields: API names; dotted ones are of a lookup's record, such as
                ``Owner.last_name``. None means all fields.
            criteria: which records; all by default.
            converted: which leads: ``"false"`` those not converted, ``"true"``
                those converted, ``"both"`` all. The flag is asked for and
                looked at here. Unverified: whether Zoho's files hold converted
                leads.
            timeout_seconds: how long to wait for each job.
            bounds: what a file may unpack to.

        Raises:
            InvalidInputError: an argument is outside its bounds.
            OutcomeUnknownError: nobody knows whether a job runs; starting
                another one costs 50 credits and does no harm.
            UnfinishedError: a job did not end in time; its ``job_id`` may be
                given to `records_of` later.
            RefusedError: Zoho takes no such fields or criteria.

        Source: Zoho CRM API v7 and v8, "Bulk Read".
        """
        reading = await self._runtime.run(
            _bulk_read.planned(
                self._config,
                module,
                fields=fields,
                criteria=criteria,
                converted=converted,
            )
        )
        query: ReadQuery | None = reading.query
        while query is not None:
            job = await self._runtime.run(
                _bulk_read.one_job(self._config, query, timeout_seconds=timeout_seconds)
            )
            with TemporaryFile() as file:
                await self._runtime.run(_bulk_read.download(self._config, job.id, file))
                found = _bulk_read.expected(job, reading.types)
                records = filter(reading.keeps, records_in(file, found, bounds))
                while some := await self._runtime.run(_bulk_read.some(records)):
                    for record in some:
                        yield record
            query = _bulk_read.next_query(query, job)

    async def start_read(
        self,
        module: str,
        *,
        fields: Sequence[str] = (),
        criteria: BulkCriteria | None = None,
        page: int = 1,
        page_token: str | None = None,
    ) -> ReadJob:
        """Start the reading of up to 200,000 records, and give the job.

        Costs one request and 50 credits.
        Nothing is asked for beside what is named, and ``id``.

        Args:
            fields: API names; none means all fields.
            criteria: which records; all by default.
            page: which 200,000 records, 1 to 500.
            page_token: the same, from the job before; it is good for 24 hours.

        Raises:
            InvalidInputError: an argument is outside its bounds.
            OutcomeUnknownError: nobody knows whether the job runs.
            RefusedError: Zoho takes no such fields or criteria.

        Source: Zoho CRM API v8, "Create Bulk Read Job".
        """
        query = ReadQuery(module, tuple(fields), criteria, page, page_token)
        return await self._runtime.run(_bulk_read.start(self._config, query))

    async def read_job(self, job_id: str) -> ReadJob:
        """Tell how far a bulk read is.

        Costs one request and one credit.

        Raises:
            NotFoundError: there is no such job, or no longer.

        Source: Zoho CRM API v8, "Get the Status of the Bulk Read Job".
        """
        return await self._runtime.run(_bulk_read.job(self._config, job_id))

    async def wait_read(
        self, job_id: str, *, timeout_seconds: float = 3600.0
    ) -> ReadJob:
        """Wait until a bulk read has ended.

        Costs a request and a credit after 2, 4, 8... seconds, every 30 at last.

        Args:
            timeout_seconds: how long to wait.

        Raises:
            UnfinishedError: it did not end in time; it goes on.
            ServiceError: Zoho could not do it; start another one.
            NotFoundError: there is no such job.
        """
        return await self._runtime.run(
            _bulk_read.wait(self._config, job_id, timeout_seconds=timeout_seconds)
        )

    async def records_of(
        self,
        job_id: str,
        *,
        bounds: ArchiveBounds = ArchiveBounds(),
    ) -> AsyncIterator[ZohoRecord]:
        """Read the records of a bulk read that has ended, whoever started it.

        Costs one request for the job, one for the fields' types, one for the
        file. Converted leads are given where the file holds them.

        Args:
            bounds: what the file may unpack to.

        Raises:
            UnfinishedError: the job has not ended.
            ServiceError: Zoho could not do it.
            NotFoundError: there is no such job or file, or no longer.
        """
        with TemporaryFile() as file:
            found = await self._runtime.run(
                _bulk_read.job_file(self._config, job_id, file)
            )
            records = records_in(file, found, bounds)
            while some := await self._runtime.run(_bulk_read.some(records)):
                for record in some:
                    yield record

    async def download(self, job_id: str, file: BinaryIO) -> None:
        """Write the ZIP file of a bulk read into a file of yours, unread.

        Costs one request and one credit.
        Zoho gives 10 files a minute; when it gives no more, a minute is waited.

        Args:
            file: open for writing and seeking; what it holds is overwritten.

        Raises:
            ThrottledError: Zoho went on giving none.
            NotFoundError: there is no such job or file, or no longer.

        Source: Zoho CRM API v8, "Download Bulk Read Result".
        """
        await self._runtime.run(_bulk_read.download(self._config, job_id, file))
