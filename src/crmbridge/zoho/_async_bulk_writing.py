"""Bulk writes, as methods of ``client.bulk`` of the async client.

Floor 6: what is asked for is in the calls, what a file holds in its readers; here
temporary files are opened and closed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from tempfile import TemporaryFile

from crmbridge._runtime import AsyncRuntime
from crmbridge.config import ZohoConfig
from crmbridge.zoho import _bulk_read, _bulk_write
from crmbridge.zoho._job_results import results_in
from crmbridge.zoho._sheets import MAX_ROWS, Sheets
from crmbridge.zoho.bulk_jobs import ArchiveBounds, BulkOperation, WriteJob
from crmbridge.zoho.results import WriteResult

__all__ = ["AsyncZohoBulkWriting"]


class AsyncZohoBulkWriting:
    """The part of `AsyncZohoBulk` for writes."""

    _config: ZohoConfig
    _runtime: AsyncRuntime

    async def write(
        self,
        module: str,
        rows: Iterable[Mapping[str, object]],
        *,
        operation: BulkOperation,
        fields: Sequence[str],
        find_by: str | None = None,
        ignore_empty: bool = True,
        timeout_seconds: float = 3600.0,
        rows_per_job: int = MAX_ROWS,
    ) -> tuple[WriteResult, ...]:
        """Write any number of records; results by position.

        Costs, per 25,000 records or 25 MB: a job (500 credits), the upload and
        a few requests; and one for the fields' types.

        All rows are looked at, and packed into temporary files, before the
        first one is sent. Jobs run one after the other.
        Values are those of `AsyncZohoClient.update`; dates may be `date` and aware
        `datetime`. They go into the file as they are: what begins with ``=``
        or ``+`` is text. Zoho ignores fields that only a layout makes
        mandatory.

        A CSV cannot tell a field to be left alone from a field to be emptied,
        so one of both is chosen for all rows of an update or upsert, and a row
        that says the other is refused.

        Args:
            rows: the records; each names some of ``fields`` and nothing else.
            operation: ``"insert"``, ``"update"`` or ``"upsert"``.
            fields: API names, 1 to 200.
            find_by: by which of them records are known again: ``"id"``, which
                is the default of an update, or a unique field. An insert skips
                records that exist by it.
            ignore_empty: whether a field that a row lacks stays as it is; else
                every row names every field, and ``None`` empties one.
            timeout_seconds: how long to wait for each job.
            rows_per_job: how many records one job writes, 1 to 25,000; each
                job costs as much, whatever it writes.

        Returns:
            Results as those of `AsyncZohoClient.upsert`. When a job after the first
            one failed, its records are ``UNKNOWN`` or ``UNSENT``, and those
            that were to follow ``UNSENT``; the ``error`` of unknown ones has
            the ``job_id``.

        Raises:
            InvalidInputError: a row or an argument does not fit; nothing was
                sent.
            OutcomeUnknownError: nobody knows whether the first job runs, or
                what it did. Where it has a ``job_id``, ask `write_results`
                before you write again; else look at the records.
            UnfinishedError: the first job did not end in time; its ``job_id``
                may be given to `write_results` later.
            RefusedError: Zoho takes no such file or job.

        Source: Zoho CRM API v7, "Bulk Write".
        """
        _bulk_write.check_size(rows_per_job)
        shape = await self._runtime.run(
            _bulk_write.shaped(
                self._config,
                module,
                operation=operation,
                fields=fields,
                find_by=find_by,
                ignore_empty=ignore_empty,
            )
        )
        with (
            Sheets(shape, TemporaryFile, rows_per_job) as sheets,
            TemporaryFile() as file,
        ):
            packed = await self._runtime.run(_bulk_write.packed(sheets, rows))
            return await self._runtime.run(
                _bulk_write.written(
                    self._config,
                    shape,
                    packed,
                    file,
                    timeout_seconds=timeout_seconds,
                )
            )

    async def start_write(
        self,
        module: str,
        rows: Iterable[Mapping[str, object]],
        *,
        operation: BulkOperation,
        fields: Sequence[str],
        find_by: str | None = None,
        ignore_empty: bool = True,
    ) -> WriteJob:
        """Start the writing of up to 25,000 records, and give the job.

        Costs 500 credits and four requests: for the fields' types, the
        organisation, the upload and the job.
        See `write` for the arguments.

        Raises:
            InvalidInputError: a row or an argument does not fit, or one job
                cannot hold them; nothing was sent.
            OutcomeUnknownError: nobody knows whether the job runs; look before
                writing again.
            RefusedError: Zoho takes no such file or job.

        Source: Zoho CRM API v7, "Upload File" and "Create Bulk Write Job".
        """
        shape = await self._runtime.run(
            _bulk_write.shaped(
                self._config,
                module,
                operation=operation,
                fields=fields,
                find_by=find_by,
                ignore_empty=ignore_empty,
            )
        )
        with Sheets(shape, TemporaryFile) as sheets:
            packed = await self._runtime.run(_bulk_write.packed(sheets, rows))
            return await self._runtime.run(
                _bulk_write.start_one(self._config, shape, packed)
            )

    async def write_job(self, job_id: str) -> WriteJob:
        """Tell how far a bulk write is.

        Costs one request and one credit.

        Raises:
            NotFoundError: there is no such job, or no longer.

        Source: Zoho CRM API v7, "Get Bulk Write Job Details".
        """
        return await self._runtime.run(_bulk_write.job(self._config, job_id))

    async def wait_write(
        self, job_id: str, *, timeout_seconds: float = 3600.0
    ) -> WriteJob:
        """Wait until a bulk write has ended.

        Costs a request and a credit after 2, 4, 8... seconds, every 30 at last.

        Args:
            timeout_seconds: how long to wait.

        Raises:
            UnfinishedError: it did not end in time; it goes on.
            OutcomeUnknownError: Zoho could not do it, or not all of it.
            NotFoundError: there is no such job.
        """
        return await self._runtime.run(
            _bulk_write.wait(self._config, job_id, timeout_seconds=timeout_seconds)
        )

    async def write_results(
        self,
        job_id: str,
        *,
        bounds: ArchiveBounds = ArchiveBounds(),
    ) -> AsyncIterator[WriteResult]:
        """Read the results of a bulk write that has ended, whoever started it.

        Costs one request for the job and one for the file.
        They come in the order of Zoho's file. Unverified: that it is that of
        the rows, which `write` makes sure of and this cannot.

        Args:
            bounds: what the file may unpack to.

        Raises:
            UnfinishedError: the job has not ended.
            OutcomeUnknownError: it failed and left no results.
            NotFoundError: there is no such job or file, or no longer.

        Source: Zoho CRM API v7, "Download Bulk Write Result".
        """
        with TemporaryFile() as file:
            job = await self._runtime.run(
                _bulk_write.download(self._config, job_id, file)
            )
            results = results_in(file, bounds, f"bulk write {job.id} result")
            while some := await self._runtime.run(_bulk_read.some(results)):
                for result in some:
                    yield result
