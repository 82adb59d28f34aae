"""The async client of SALESmanago.

Floor 6: the twin of `SalesmanagoClient`, with its docstrings.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from types import TracebackType
from typing import Self

from crmbridge._meter import Usage
from crmbridge._runtime import AsyncPort, AsyncRuntime, Limiter, read_clock
from crmbridge._steps import Moment, Reply, Request
from crmbridge.config import SalesmanagoConfig
from crmbridge.salesmanago import _calls, _writes
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago.details import ContactDetails
from crmbridge.salesmanago.records import SalesmanagoContact
from crmbridge.salesmanago.results import ChangesPage
from crmbridge.transport import AsyncHttpTransport, AsyncTransport

__all__ = ["AsyncSalesmanagoClient"]


class AsyncSalesmanagoClient:
    """Reads and writes the contacts of one SALESmanago account (API v2).

    It is safe to use from several tasks of one event loop.
    Close it, or use it in an ``async with`` block.

    Every method raises `AuthenticationError` (client id or secret are not
    accepted), `PermissionDeniedError` (HTTP 403), `NotFoundError` (the server
    has no such path: the endpoint is wrong), `ThrottledError`,
    `ServiceError`, `ConnectionFailedError`, `ConnectionLostError`,
    `RefusedError` (``success`` is false) and `MalformedReplyError` (the answer
    cannot be read); what it raises beside is said there.

    Args:
        config: which account, and how to ask it.
        transport: how requests are sent; by default over HTTP.
        limiter: share one between clients of one account.
        sleep: what waits.
        clock: what reads the clocks; requests carry its time.

    >>> config = SalesmanagoConfig(
    ...     endpoint="app2", client_id="c", api_secret="s", owner="ann@example.com"
    ... )
    >>> client = AsyncSalesmanagoClient(config)
    >>> client.config.endpoint
    'https://app2.salesmanago.com'
    """

    def __init__(
        self,
        config: SalesmanagoConfig,
        *,
        transport: AsyncTransport | None = None,
        limiter: Limiter | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], Moment] = read_clock,
    ) -> None:
        self._config = config
        self._account = Account.of(config, secrets.token_hex(16))
        self._transport = transport or AsyncHttpTransport(
            timeout_seconds=config.timeout_seconds,
            max_in_flight=config.limits.max_in_flight,
            max_reply_bytes=config.limits.max_reply_bytes,
        )
        port = AsyncPort(self._transport, limiter or Limiter(config.limits))
        self._runtime = AsyncRuntime({"salesmanago": port}, sleep=sleep, clock=clock)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    @property
    def config(self) -> SalesmanagoConfig:
        """The configuration it was made with."""
        return self._config

    @property
    def runtime(self) -> AsyncRuntime:
        """What carries out this client's calls; the reconciler joins two."""
        return self._runtime

    @property
    def usage(self) -> Usage:
        """What its limiter has counted until now, for metrics; costs nothing."""
        return self._runtime.usage("salesmanago")

    async def aclose(self) -> None:
        """Give up all connections."""
        await self._transport.aclose()

    async def send(self, request: Request) -> Reply:
        """Send any request, signed: the way to other endpoints.

        Costs one request.
        It is repeated only if it was never sent or was answered by HTTP 429.

        Args:
            request: its ``service`` is ``"salesmanago"``, its ``url`` a path
                such as ``/api/contact/basic`` and its ``json`` the body
                without the signature; the signature goes to no other host.

        Returns:
            The reply, whatever its ``success`` says.

        Raises:
            InvalidInputError: ``url`` is no path.
            OutcomeUnknownError: it may or may not have been carried out.
        """
        return await self._runtime.run(_calls.send_any(self._account, request))

    async def users(self) -> tuple[str, ...]:
        """Read the e-mails of the account's users.

        Costs one request; a cheap check of the credentials.
        Unverified: whether deactivated users are listed.
        Source: ``user/listByClient`` in the vendor's PHP SDK.
        """
        return await self._runtime.run(_calls.users(self._account))

    async def has_contact(self, email: str, *, owner: str | None = None) -> str | None:
        """Look one address up and return the contact's id, or ``None``.

        Costs one request.
        Source: ``contact/hasContact`` in tests of a PHP client.

        Args:
            email: the address.
            owner: the user who asks; by default the configured one.
        """
        return await self._runtime.run(
            _calls.has_contact(self._account, email, owner=owner)
        )

    async def list_all(self, emails: Iterable[str]) -> tuple[SalesmanagoContact, ...]:
        """Read contacts by e-mail, whoever owns them.

        Costs one request for every 50 addresses, several at once.
        Source: ``contact/listAll``, doc comments of a C# client.

        Returns:
            The contacts found, in no order, each once.
        """
        return await self._runtime.run(_calls.list_all(self._account, emails))

    async def list_all_by_id(
        self, ids: Iterable[str]
    ) -> tuple[SalesmanagoContact, ...]:
        """Read contacts by id, whoever owns them.

        Costs one request for every 50 ids, several at once.
        Source: ``contact/listAllById``, doc comments of a C# client.

        Returns:
            The contacts found, in the order asked for, each once.
        """
        return await self._runtime.run(_calls.list_all_by_id(self._account, ids))

    async def created_contacts(
        self, *, start: datetime, end: datetime, owner: str | None = None
    ) -> ChangesPage:
        """Read which contacts of a user were created in a time.

        Costs one request.
        Unverified: the longest window and whether its bounds belong to it.
        Source: ``contact/createdContacts``, doc comments of a C# client.

        Args:
            start: from when, aware.
            end: until when, aware.
            owner: whose contacts; by default the configured user's.

        Raises:
            InvalidInputError: a time has no zone.
        """
        return await self._runtime.run(
            _calls.created_contacts(self._account, start=start, end=end, owner=owner)
        )

    async def modified_contacts(
        self,
        *,
        start: datetime,
        end: datetime,
        page: int = 1,
        owner: str | None = None,
    ) -> ChangesPage:
        """Read one page of a user's contacts that were modified in a time.

        Costs one request; a page holds ``config.page_size`` contacts.
        Unverified: which changes count as modifications, and whether pages
        overlap; windows of up to 30 days were seen to work.
        Source: ``contact/paginatedModifiedContacts`` in live client code.

        Args:
            start: from when, aware.
            end: until when, aware.
            page: counts from 1.
            owner: whose contacts; by default the configured user's.

        Raises:
            InvalidInputError: a time has no zone, or the page is below 1.
        """
        return await self._runtime.run(
            _calls.modified_contacts(
                self._account, start=start, end=end, page=page, owner=owner
            )
        )

    async def upsert(
        self,
        details: ContactDetails,
        *,
        owner: str | None = None,
        double_opt_in: bool = False,
    ) -> str:
        """Add or change one contact by its e-mail and return its id.

        Costs one request.
        It is repeated on failure unless it may send a mail or raise a score.
        Unverified: what writing under another owner than the contact's does.
        Source: ``contact/upsert`` in client code.

        Args:
            details: what to write; what it leaves out stays as it is.
            owner: who writes, and who gets a new contact; by default the
                configured user.
            double_opt_in: let an opt-in be confirmed by mail.

        Raises:
            OutcomeUnknownError: it may have been carried out, and is not safe
                to repeat.
        """
        return await self._runtime.run(
            _writes.upsert(
                self._account, details, owner=owner, double_opt_in=double_opt_in
            )
        )

    async def batch_upsert(
        self,
        details: Iterable[ContactDetails],
        *,
        owner: str | None = None,
        double_opt_in: bool = False,
        language: str | None = None,
    ) -> tuple[str | None, ...]:
        """Add or change many contacts and return their ids by position.

        Costs one request for every ``config.batch_size`` contacts, several at
        once; repeated on failure as `upsert` is.
        Source: ``contact/batchupsert`` in client code; it answers an id map.

        Args:
            details: what to write, no e-mail twice.
            owner: who writes, and who gets new contacts; by default the
                configured user.
            double_opt_in: let an opt-in be confirmed by mail.
            language: the language of that mail, two letters.

        Returns:
            The ids; ``None`` where the contact was refused. Send that one
            alone by `upsert` to learn the reason.

        Raises:
            InvalidInputError: an e-mail occurs twice; nothing was sent.
            OutcomeUnknownError: it may have been carried out, and is not safe
                to repeat.
        """
        return await self._runtime.run(
            _writes.batch_upsert(
                self._account,
                details,
                owner=owner,
                double_opt_in=double_opt_in,
                language=language,
            )
        )

    async def opt_in(self, email: str) -> str:
        """Allow e-mails to a contact and return its id.

        Costs one request, and touches nothing else.
        Source: ``contact/optin``, doc comments of a C# client.
        """
        return await self._runtime.run(_writes.opt_in(self._account, email))

    async def opt_out(self, email: str) -> str:
        """Forbid e-mails to a contact and return its id.

        Costs one request, and touches nothing else.
        Source: ``contact/optout``, doc comments of a C# client.
        """
        return await self._runtime.run(_writes.opt_out(self._account, email))

    async def phone_opt_in(self, email: str) -> str:
        """Allow calls and texts to a contact and return its id.

        Costs one request, and touches nothing else.
        Source: ``contact/phoneoptin``, doc comments of a C# client.
        """
        return await self._runtime.run(_writes.phone_opt_in(self._account, email))

    async def phone_opt_out(self, email: str) -> str:
        """Forbid calls and texts to a contact and return its id.

        Costs one request, and touches nothing else.
        Source: ``contact/phoneoptout``, doc comments of a C# client.
        """
        return await self._runtime.run(_writes.phone_opt_out(self._account, email))

    async def set_main_owner(
        self, email: str, *, new_owner: str, owner: str | None = None
    ) -> None:
        """Give a contact to another user.

        Costs one request.
        Unverified: whether ``owner`` must be the present owner; so name it.
        Source: ``contact/setMainOwner``, doc comments of a C# client.

        Args:
            email: the contact's address.
            new_owner: the user who gets it.
            owner: the user who has it; by default the configured one.
        """
        return await self._runtime.run(
            _writes.set_main_owner(
                self._account, email, new_owner=new_owner, owner=owner
            )
        )

    async def delete(self, email: str, *, permanently: bool = False) -> None:
        """Delete a contact; one that is not there is no error.

        Costs one request, and one more where the answer cannot be read.
        Without ``permanently`` it stays until the night, and any write to its
        address brings it back.
        Source: SALESmanago help centre, "Deleting contacts from the database".
        """
        return await self._runtime.run(
            _writes.delete(self._account, email, permanently=permanently)
        )
