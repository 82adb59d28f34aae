"""Exports that one process starts and another one takes up, as methods.

Floor 6: what is asked for is in the calls, what a file holds in its readers; here
temporary files are opened and closed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from tempfile import TemporaryFile
from typing import BinaryIO

from crmbridge._runtime import AsyncRuntime
from crmbridge.salesmanago import _exports, _jobs
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago._exported import contacts_in, data_in
from crmbridge.salesmanago._exports import Terms
from crmbridge.salesmanago.export_jobs import (
    Addressee,
    ExportBounds,
    ExportPart,
    JobStatus,
)
from crmbridge.salesmanago.exported import ExportedContact, ExportedData

__all__ = ["AsyncSalesmanagoExportJobs"]


class AsyncSalesmanagoExportJobs:
    """The part of `AsyncSalesmanagoExports` for the single steps of a job."""

    _account: Account
    _runtime: AsyncRuntime

    async def start_contacts_page(
        self, page: int, *, owner: str | None = None, size: int = _exports.PAGE_SIZE
    ) -> int:
        """Start the export of a page of contacts, and give the job's number.

        Costs one request. Keep the number; `contacts_of` takes it up.

        Args:
            page: counts from 1.
            owner: whose contacts; by default the configured user's.
            size: contacts on a page, 1 to 1000.

        Raises:
            InvalidInputError: an argument is out of range.
        """
        order = _exports.contacts_order(self._account, page, size, owner)
        return await self._runtime.run(_exports.start(self._account, order))

    async def start_data(
        self,
        addressees: Iterable[Addressee],
        parts: Iterable[ExportPart],
        *,
        owner: str | None = None,
    ) -> int:
        """Start the export of chosen data, and give the job's number.

        Costs one request. Keep the number; `data_of` takes it up.

        Args:
            addressees: whom: addresses, ids, a tag, a segment.
            parts: what is wanted of each.
            owner: who asks; by default the configured user.

        Raises:
            InvalidInputError: nobody or nothing is named.
        """
        order = _exports.data_order(self._account, addressees, parts, owner)
        return await self._runtime.run(_exports.start(self._account, order))

    async def job(self, job_id: int | str, *, owner: str | None = None) -> JobStatus:
        """Tell how far a job is, of an export or of a batch.

        Costs one request.
        Unverified: what is said of a job that failed, is not known, or makes no
        file, such as a batch; none of them has a file.

        Args:
            job_id: its number.
            owner: who started it; by default the configured user.

        Raises:
            InvalidInputError: the id is no number.

        Source: ``job/status``, doc comments of a C# client.
        """
        return await self._runtime.run(_jobs.status(self._account, job_id, owner=owner))

    async def wait(
        self,
        job_id: int | str,
        *,
        owner: str | None = None,
        timeout_seconds: float = 1800.0,
    ) -> JobStatus:
        """Wait until an export has its file.

        Costs a request at once, and after 2, 4, 8... seconds, every 30 at last.

        Args:
            job_id: its number.
            owner: who started it; by default the configured user.
            timeout_seconds: how long to wait; 0 asks once.

        Raises:
            InvalidInputError: the id is no number.
            UnfinishedError: it has none in time.
        """
        return await self._runtime.run(
            _jobs.wait(
                self._account, job_id, owner=owner, timeout_seconds=timeout_seconds
            )
        )

    async def contacts_of(
        self,
        job_id: int | str,
        *,
        owner: str | None = None,
        timeout_seconds: float = 1800.0,
        bounds: ExportBounds = ExportBounds(),
    ) -> AsyncIterator[ExportedContact]:
        """Read the contacts of a page whose export was started, whoever did so.

        Costs a few requests while the job runs, and one for the file.

        Args:
            job_id: its number.
            owner: who started it; by default the configured user.
            timeout_seconds: how long to wait.
            bounds: how much the file may be.

        Raises:
            InvalidInputError: the id is no number.
            UnfinishedError: the job was not done in time.
            FileGoneError: its link has ended; start another one.
        """
        with TemporaryFile() as file:
            await self._take_up(job_id, owner, file, Terms(timeout_seconds, bounds))
            parts = contacts_in(file, bounds, f"job {job_id}")
            while found := await self._runtime.run(_exports.some(parts)):
                for contact in found:
                    yield contact

    async def data_of(
        self,
        job_id: int | str,
        *,
        owner: str | None = None,
        timeout_seconds: float = 1800.0,
        bounds: ExportBounds = ExportBounds(),
    ) -> AsyncIterator[ExportedData]:
        """Read the data whose export was started, whoever did so.

        Costs a few requests while the job runs, and one for the file.

        Args:
            job_id: its number.
            owner: who started it; by default the configured user.
            timeout_seconds: how long to wait.
            bounds: how much the file may be, and one contact in it.

        Raises:
            InvalidInputError: the id is no number.
            UnfinishedError: the job was not done in time.
            FileGoneError: its link has ended; start another one.
        """
        with TemporaryFile() as file:
            await self._take_up(job_id, owner, file, Terms(timeout_seconds, bounds))
            parts = data_in(file, bounds, f"job {job_id}")
            while found := await self._runtime.run(_exports.some(parts)):
                for contact in found:
                    yield contact

    async def download(
        self,
        job_id: int | str,
        file: BinaryIO,
        *,
        owner: str | None = None,
        timeout_seconds: float = 1800.0,
        bounds: ExportBounds = ExportBounds(),
    ) -> None:
        """Write the file of an export into a file of yours, unread.

        Costs a few requests while the job runs, and one for the file.

        Args:
            job_id: its number.
            file: open for writing and seeking; what it holds is overwritten.
            owner: who started it; by default the configured user.
            timeout_seconds: how long to wait.
            bounds: how much the file may be.

        Raises:
            InvalidInputError: the id is no number.
            UnfinishedError: the job was not done in time.
            FileGoneError: its link has ended; start another one.
        """
        await self._take_up(job_id, owner, file, Terms(timeout_seconds, bounds))

    async def _take_up(
        self, job_id: int | str, owner: str | None, file: BinaryIO, terms: Terms
    ) -> None:
        call = _exports.take_up(self._account, job_id, owner, file, terms)
        await self._runtime.run(call)
