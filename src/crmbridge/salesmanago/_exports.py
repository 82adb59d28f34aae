"""The calls of exports: a job is started, waited for, fetched, and read.

Floor 4.
Exports change nothing, so one whose start has no answer is started again: the
job that nobody asks for does no harm.

Source: public client code; doc comments of a C# client (pages of up to 1000).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO, Final, TypeVar

from attrs import field, frozen

from crmbridge._steps import Call, pause, work
from crmbridge.errors import FileGoneError, InvalidInputError, MalformedReplyError
from crmbridge.salesmanago import _jobs
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago._calls import ask, users
from crmbridge.salesmanago._exported import contacts_in
from crmbridge.salesmanago._seen import SeenIds
from crmbridge.salesmanago.export_jobs import Addressee, ExportBounds, ExportPart
from crmbridge.salesmanago.exported import ExportedContact

__all__ = [
    "PAGE_SIZE",
    "Order",
    "Terms",
    "Walk",
    "contacts_order",
    "contacts_page",
    "data_order",
    "export",
    "next_contacts",
    "some",
    "start",
    "take_up",
    "walk",
]

T = TypeVar("T")

PAGE_SIZE: Final = 1000
"""Contacts on a page of the export. Source: doc comments of a C# client."""

_SERVICE: Final = "salesmanago"
_FIRST_PAUSE_SECONDS: Final = 2.0
_MOST_REPEATS: Final = 3
_REMEMBERED: Final = 2_000_000


@frozen
class Order:
    """What a job is started for.

    Attributes:
        path: the endpoint below ``/api/``.
        owner: the user in whose name it is done.
        body: what is asked for.
    """

    path: str
    owner: str = field(repr=False)
    body: Mapping[str, Any] = field(repr=False)


@frozen
class Terms:
    """What holds for one export.

    Attributes:
        timeout_seconds: how long to wait for its job.
        bounds: how much its file may be.
    """

    timeout_seconds: float
    bounds: ExportBounds


def contacts_order(account: Account, page: int, size: int, owner: str | None) -> Order:
    """Order a page of all contacts.

    Raises:
        InvalidInputError: page or size are out of range.
    """
    if page < 1:
        raise InvalidInputError("page counts from 1", service=_SERVICE, field="page")
    if not 1 <= size <= PAGE_SIZE:
        raise InvalidInputError(
            f"size must be 1 to {PAGE_SIZE}", service=_SERVICE, field="size"
        )
    return Order(
        "contact/paginatedContactList/export",
        owner or account.config.owner,
        {"page": page, "size": size},
    )


def data_order(
    account: Account,
    addressees: Iterable[Addressee],
    parts: Iterable[ExportPart],
    owner: str | None,
) -> Order:
    """Order the data of some contacts.

    Raises:
        InvalidInputError: nobody or nothing is named.
    """
    contacts = [{"addresseeType": one.kind, "value": one.value} for one in addressees]
    data = [{"dataType": part.value} for part in dict.fromkeys(parts)]
    for name, rows in (("addressees", contacts), ("parts", data)):
        if not rows:
            raise InvalidInputError(
                f"{name} names nothing", service=_SERVICE, field=name
            )
    return Order(
        "contact/export/data",
        owner or account.config.owner,
        {"contacts": contacts, "data": data},
    )


def start(account: Account, order: Order) -> Call[int]:
    """Start a job and give its number."""
    answer = yield from ask(account, order.path, {"owner": order.owner, **order.body})
    return _jobs.started(answer, order.path)


def export(account: Account, order: Order, file: BinaryIO, terms: Terms) -> Call[None]:
    """Start a job, wait for it, and write its file into a file of ours.

    Where the link has ended before the file was there, all is done once more.

    Raises:
        UnfinishedError: the job was not done in time.
        FileGoneError: the second link had ended as well.
        MalformedReplyError: something else came instead of a file.
    """
    try:
        yield from _one_export(account, order, file, terms)
    except FileGoneError:
        yield from _one_export(account, order, file, terms)


def _one_export(
    account: Account, order: Order, file: BinaryIO, terms: Terms
) -> Call[None]:
    number = yield from start(account, order)
    yield from pause(_FIRST_PAUSE_SECONDS)
    yield from take_up(account, number, order.owner, file, terms)


def take_up(
    account: Account,
    job_id: int | str,
    owner: str | None,
    file: BinaryIO,
    terms: Terms,
) -> Call[None]:
    """Wait for a job that somebody started, and write its file into ours.

    Raises:
        UnfinishedError: the job was not done in time.
        FileGoneError: its link has ended.
        MalformedReplyError: something else came instead of a file.
    """
    job = yield from _jobs.wait(
        account, job_id, owner=owner, timeout_seconds=terms.timeout_seconds
    )
    yield from _jobs.fetch(account, job, file, max_bytes=terms.bounds.file_bytes)


def some(parts: Iterator[tuple[T, ...]]) -> Call[tuple[T, ...]]:
    """Read the next part of a file; nothing after the last."""
    return (yield from work(lambda: next(parts, ())))


# --- all contacts ------------------------------------------------------------


def contacts_page(
    account: Account, order: Order, file: BinaryIO, terms: Terms
) -> Call[tuple[ExportedContact, ...]]:
    """Read one page of all contacts; see `SalesmanagoExports.contacts_page`."""
    yield from export(account, order, file, terms)
    return (yield from work(lambda: _page_in(file, order, terms.bounds)))


def _page_in(
    file: BinaryIO, order: Order, bounds: ExportBounds
) -> tuple[ExportedContact, ...]:
    entries: list[ExportedContact] = []
    for part in contacts_in(file, bounds, order.path):
        entries += part
        if len(entries) > order.body["size"]:
            raise MalformedReplyError(
                f"{order.path}: the page holds more contacts than were asked for",
                service=_SERVICE,
            )
    return tuple(entries)


class Walk:
    """Where the reading of all contacts of all users stands.

    A page ends a user's contacts only when it is empty: what is left out of a
    page is not known.

    Args:
        owners: the users, one after the other.
        size: contacts on a page.
    """

    def __init__(self, owners: Iterable[str], size: int) -> None:
        self._owners = list(dict.fromkeys(owners))
        self._size = size
        self._page = 1
        self._seen = SeenIds(_REMEMBERED)
        self._last_page: tuple[str, ...] = ()
        self._repeats = 0

    @property
    def has_more(self) -> bool:
        """Whether there is another page to be read."""
        return bool(self._owners)

    def order(self, account: Account) -> Order:
        """Order the page that is to be read now."""
        return contacts_order(account, self._page, self._size, self._owners[0])

    def fold(self, entries: Iterable[ExportedContact]) -> tuple[ExportedContact, ...]:
        """Go on behind a page, and give the contacts that were on none before.

        Raises:
            MalformedReplyError: the service gives the same page for ever.
        """
        keyed = {entry.id or f"email {entry.email}": entry for entry in entries}
        if not keyed:
            del self._owners[0]
            self._page, self._last_page, self._repeats = 1, (), 0
            return ()
        page = tuple(keyed)
        self._repeats = self._repeats + 1 if page == self._last_page else 0
        if self._repeats >= _MOST_REPEATS:
            raise MalformedReplyError(
                f"contact/paginatedContactList/export: page {self._page} is the same "
                "as those before it",
                service=_SERVICE,
            )
        self._last_page = page
        self._page += 1
        return tuple([entry for key, entry in keyed.items() if self._seen.add(key)])


def walk(account: Account, owners: Iterable[str] | None, size: int) -> Call[Walk]:
    """Begin to read all contacts; see `SalesmanagoExports.contacts`.

    Raises:
        InvalidInputError: size is out of range, or no user is named.
    """
    contacts_order(account, 1, size, None)
    if owners is None:
        found = yield from users(account)
        return Walk(found or (account.config.owner,), size)
    chosen = tuple(owners)
    if not chosen:
        raise InvalidInputError("owners names nobody", service=_SERVICE, field="owners")
    return Walk(chosen, size)


def next_contacts(
    account: Account, here: Walk, file: BinaryIO, terms: Terms
) -> Call[tuple[ExportedContact, ...]]:
    """Read the next page, and give what is new on it; it may be nothing."""
    order = here.order(account)
    return here.fold((yield from contacts_page(account, order, file, terms)))
