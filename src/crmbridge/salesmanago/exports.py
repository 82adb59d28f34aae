"""Exports of contacts, as ``client.exports``.

Floor 6: what is asked for is in the calls, what a file holds in its readers; here
temporary files are opened and closed.
`AsyncSalesmanagoExports` is its twin in ``async_exports``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile

from crmbridge._runtime import Runtime
from crmbridge.salesmanago import _exports
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago._export_jobs import SalesmanagoExportJobs
from crmbridge.salesmanago._exported import data_in
from crmbridge.salesmanago._exports import Terms
from crmbridge.salesmanago.export_jobs import Addressee, ExportBounds, ExportPart
from crmbridge.salesmanago.exported import ExportedContact, ExportedData

__all__ = ["SalesmanagoExports"]


class SalesmanagoExports(SalesmanagoExportJobs):
    """Reads very many contacts, or all data of some, by files of SALESmanago.

    Use `SalesmanagoClient.exports`.
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

    >>> from crmbridge import SalesmanagoClient, SalesmanagoConfig
    >>> from crmbridge.salesmanago import Addressee, ExportPart
    >>> from crmbridge.testing import FakeClock, FakeTransport, SalesmanagoFake
    >>> clock = FakeClock()
    >>> fake = SalesmanagoFake(clock=clock)
    >>> card = fake.people.add("ann@example.com", country="PL", tags=["vip"])
    >>> client = SalesmanagoClient(
    ...     SalesmanagoConfig(**fake.account()),
    ...     transport=FakeTransport(fake),
    ...     sleep=clock.sleep,
    ...     clock=clock,
    ... )
    >>> for contact in client.exports.contacts():
    ...     print(contact.id == card, contact.country)
    True PL
    >>> for contact in client.exports.data([Addressee.tag("VIP")], [ExportPart.TAGS]):
    ...     print([tag.name for tag in contact.tags])
    ['VIP']
    """

    def __init__(self, account: Account, runtime: Runtime) -> None:
        self._account = account
        self._runtime = runtime

    def contacts(
        self,
        *,
        owners: Iterable[str] | None = None,
        size: int = _exports.PAGE_SIZE,
        timeout_seconds: float = 1800.0,
        bounds: ExportBounds = ExportBounds(),
    ) -> Iterator[ExportedContact]:
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
        here = self._runtime.run(_exports.walk(self._account, owners, size))
        while here.has_more:
            with TemporaryFile() as file:
                call = _exports.next_contacts(self._account, here, file, terms)
                found = self._runtime.run(call)
            yield from found

    def contacts_page(
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
            return self._runtime.run(
                _exports.contacts_page(self._account, order, file, terms)
            )

    def data(
        self,
        addressees: Iterable[Addressee],
        parts: Iterable[ExportPart],
        *,
        owner: str | None = None,
        timeout_seconds: float = 1800.0,
        bounds: ExportBounds = ExportBounds(),
    ) -> Iterator[ExportedData]:
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
            self._runtime.run(_exports.export(self._account, order, file, terms))
            for part in data_in(file, bounds, order.path):
                yield from part
