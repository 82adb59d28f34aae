"""Exports of contacts, as ``client.exports`` of the async client.

Floor 6: the twin of `SalesmanagoExports`, with its docstrings.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from tempfile import TemporaryFile

from crmbridge._runtime import AsyncRuntime
from crmbridge.salesmanago import _exports
from crmbridge.salesmanago._async_export_jobs import AsyncSalesmanagoExportJobs
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago._exported import data_in
from crmbridge.salesmanago._exports import Terms
from crmbridge.salesmanago.export_jobs import Addressee, ExportBounds, ExportPart
from crmbridge.salesmanago.exported import ExportedContact, ExportedData

__all__ = ["AsyncSalesmanagoExports"]


class AsyncSalesmanagoExports(AsyncSalesmanagoExportJobs):
    """Reads very many contacts, or all data of some, by files of SALESmanago.

    Use `AsyncSalesmanagoClient.exports`.
    `contacts` and `data` do everything; the other methods are the steps of
    theirs, for a job that one process starts and another one takes up by its
    number.

    An export is a job: it is started, asked for after 2, 4, 8... seconds,
    every 30 at last, and makes a file behind a secret link, which is fetched
    at once and without credentials.
    Unverified: how long a link lives and how often it serves. Where it has
    ended too early, the export is made once more.
    The file goes to a temporary file of the system and is read from there
    contact by contact, so memory stays small whatever its size; it is gone
    afterwards, also when the process is killed.

    Beside what every method of the client raises, an export raises
    `UnfinishedError` when the job is not done in time. Unverified: what
    SALESmanago says of a job that failed; it is waited for like one that
    runs, and the error's ``messages`` hold the last words.
    It raises `FileGoneError` when the link has ended, and `MalformedReplyError`
    when the file is not what was asked for, not whole, or above its bounds.

    Unverified: whether contacts that are opted out or softly deleted are in
    exports; do not take one that is missing for deleted.

    >>> import asyncio
    >>> from crmbridge import AsyncSalesmanagoClient, SalesmanagoConfig
    >>> from crmbridge.testing import AsyncFakeTransport, FakeClock, SalesmanagoFake
    >>> clock = FakeClock()
    >>> fake = SalesmanagoFake(clock=clock)
    >>> card = fake.people.add("ann@example.com", country="PL")
    >>> client = AsyncSalesmanagoClient(
    ...     SalesmanagoConfig(**fake.account()),
    ...     transport=AsyncFakeTransport(fake),
    ...     sleep=clock.asleep,
    ...     clock=clock,
    ... )
    >>> async def countries() -> list[object]:
    ...     return [contact.country async for contact in client.exports.contacts()]
    >>> asyncio.run(countries())
    ['PL']
    """

    def __init__(self, account: Account, runtime: AsyncRuntime) -> None:
        self._account = account
        self._runtime = runtime

    async def contacts(
        self,
        *,
        owners: Iterable[str] | None = None,
        size: int = _exports.PAGE_SIZE,
        timeout_seconds: float = 1800.0,
        bounds: ExportBounds = ExportBounds(),
    ) -> AsyncIterator[ExportedContact]:
        """Read all contacts of all users, each once, in few words.

        Costs, for every page of each user and one page more, a job: a request
        that starts it, a few while it runs, one for the file. Without
        ``owners`` one request more.
        The ids of at least the last 2,000,000 contacts are remembered, in about
        30 bytes each.

        Each page is a job of its own, so contacts that come and go meanwhile
        shift the others: none is given twice, but one may be missed. What
        changed since a time *before* the start is in the change feeds.
        An error may come after some contacts: all before it are good.

        Args:
            owners: whose contacts; by default those of all users.
            size: contacts on a page, 1 to 1000.
            timeout_seconds: how long to wait for each page.
            bounds: how much the file of a page may be.

        Raises:
            InvalidInputError: an argument is out of range.
            UnfinishedError: a page was not done in time.

        Source: ``contact/paginatedContactList/export``, doc comments of a C#
        client; public client code.
        """
        terms = Terms(timeout_seconds, bounds)
        here = await self._runtime.run(_exports.walk(self._account, owners, size))
        while here.has_more:
            with TemporaryFile() as file:
                call = _exports.next_contacts(self._account, here, file, terms)
                found = await self._runtime.run(call)
            for contact in found:
                yield contact

    async def contacts_page(
        self,
        page: int,
        *,
        owner: str | None = None,
        size: int = _exports.PAGE_SIZE,
        timeout_seconds: float = 1800.0,
        bounds: ExportBounds = ExportBounds(),
    ) -> tuple[ExportedContact, ...]:
        """Read one page of a user's contacts; behind the last it is empty.

        Costs a request that starts a job, a few while it runs, one for the file.
        A page may hold fewer contacts than ``size`` and not be the last.

        Args:
            page: counts from 1.
            owner: whose contacts; by default the configured user's.
            size: contacts on a page, 1 to 1000.
            timeout_seconds: how long to wait.
            bounds: how much the file may be.

        Raises:
            InvalidInputError: an argument is out of range.
            UnfinishedError: the page was not done in time.

        Source: ``contact/paginatedContactList/export``, doc comments of a C#
        client; public client code.
        """
        order = _exports.contacts_order(self._account, page, size, owner)
        terms = Terms(timeout_seconds, bounds)
        with TemporaryFile() as file:
            return await self._runtime.run(
                _exports.contacts_page(self._account, order, file, terms)
            )

    async def data(
        self,
        addressees: Iterable[Addressee],
        parts: Iterable[ExportPart],
        *,
        owner: str | None = None,
        timeout_seconds: float = 1800.0,
        bounds: ExportBounds = ExportBounds(),
    ) -> AsyncIterator[ExportedData]:
        """Read chosen data of some contacts: card, tags, details, consents...

        Costs a request that starts a job, a few while it runs, one for the file.
        This alone shows dictionary details and consents.
        Unverified: whether a user is shown the contacts of others.
        An error may come after some contacts: all before it are good.

        Args:
            addressees: whom: addresses, ids, a tag, a segment.
            parts: what is wanted of each.
            owner: who asks; by default the configured user.
            timeout_seconds: how long to wait.
            bounds: how much the file may be, and one contact in it.

        Raises:
            InvalidInputError: nobody or nothing is named.
            UnfinishedError: the job was not done in time.

        Source: ``contact/export/data`` in public client code.
        """
        order = _exports.data_order(self._account, addressees, parts, owner)
        terms = Terms(timeout_seconds, bounds)
        with TemporaryFile() as file:
            await self._runtime.run(_exports.export(self._account, order, file, terms))
            read = data_in(file, bounds, order.path)
            while found := await self._runtime.run(_exports.some(read)):
                for contact in found:
                    yield contact
