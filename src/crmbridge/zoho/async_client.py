"""The async client of Zoho CRM.

Floor 6: each method is one line; the work is in `_calls` and `_writes`.
`ZohoClient` is its twin in `client`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

from crmbridge._runtime import AsyncPort, AsyncRuntime, Limiter, read_clock
from crmbridge._steps import Moment, Reply, Request
from crmbridge.config import ZohoConfig
from crmbridge.transport import AsyncHttpTransport, AsyncTransport
from crmbridge.zoho import _calls, _writes
from crmbridge.zoho.records import ZohoField, ZohoRecord, ZohoUser
from crmbridge.zoho.results import (
    ConvertResult,
    DeletedPage,
    DeletedRecord,
    RecordsPage,
    WriteResult,
)
from crmbridge.zoho.tokens import LoadToken, MemoryTokenStore, SaveToken, TokenStore

__all__ = ["AsyncZohoClient"]


class AsyncZohoClient:
    """Reads and writes one organisation of Zoho CRM (API v8).

    It is used from one event loop.
    Close it, or use it in a ``async with`` block.
    Every method may also make one request for an access token, once an hour.

    Every method raises `AuthenticationError` (the credentials are not
    accepted), `PermissionDeniedError` (a right or an OAuth scope is missing),
    `ThrottledError`, `ServiceError`, `ConnectionFailedError`,
    `ConnectionLostError` and `MalformedReplyError` (an answer cannot be read);
    what it raises beside is said there.

    Args:
        config: which organisation, and how to ask it.
        transport: how requests are sent; by default over HTTP.
        limiter: share one between clients of one organisation.
        token_store: share one between clients of one organisation; Zoho
            makes only 10 tokens in 10 minutes.
        sleep: what waits.
        clock: what reads the clocks.

    >>> config = ZohoConfig(client_id="c", client_secret="s", refresh_token="r")
    >>> async def main() -> str:
    ...     async with AsyncZohoClient(config) as client:
    ...         return client.config.api_base
    >>> asyncio.run(main())
    'https://www.zohoapis.com'
    """

    def __init__(
        self,
        config: ZohoConfig,
        *,
        transport: AsyncTransport | None = None,
        limiter: Limiter | None = None,
        token_store: TokenStore | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], Moment] = read_clock,
    ) -> None:
        self._config = config
        self._transport = transport or AsyncHttpTransport(
            timeout_seconds=config.timeout_seconds,
            max_in_flight=config.limits.max_in_flight,
            max_reply_bytes=config.limits.max_reply_bytes,
        )
        self._token_store = token_store or MemoryTokenStore()
        self._runtime = AsyncRuntime(
            {"zoho": AsyncPort(self._transport, limiter or Limiter(config.limits))},
            handlers={LoadToken: self._load_token, SaveToken: self._save_token},
            sleep=sleep,
            clock=clock,
        )

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
    def config(self) -> ZohoConfig:
        """The configuration it was made with."""
        return self._config

    @property
    def runtime(self) -> AsyncRuntime:
        """What carries out this client's calls; the reconciler joins two."""
        return self._runtime

    async def aclose(self) -> None:
        """Give up all connections."""
        await self._transport.aclose()

    async def send(self, request: Request) -> Reply:
        """Send any request with a valid token: the way to other endpoints.

        Costs one request.
        Only ``GET`` and ``HEAD`` are repeated after a failure.

        Args:
            request: its ``service`` is ``"zoho"`` and its ``url`` a path, such
                as ``/crm/v8/org``; the token goes to no other host.

        Returns:
            The reply, also for HTTP 4xx other than 429.

        Raises:
            InvalidInputError: ``url`` is no path.
            OutcomeUnknownError: a write may or may not have been carried out.
        """
        return await self._runtime.run(_calls.send_any(self._config, request))

    async def records_page(
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
            module: its API name, such as ``"Leads"``.
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
            NotFoundError: there is no such module.

        Source: Zoho CRM API v7 and v8, "Get Records".
        """
        return await self._runtime.run(
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

    async def records(
        self,
        module: str,
        *,
        fields: Sequence[str],
        modified_since: datetime | None = None,
        converted: str | None = None,
    ) -> AsyncIterator[ZohoRecord]:
        """Read all records of a module, page after page as they are needed.

        Costs one request and one credit per 200 records, and one at least.
        See `records_page` for the arguments and errors.
        """
        token: str | None = None
        while True:
            page = await self.records_page(
                module,
                fields=fields,
                page_token=token,
                modified_since=modified_since,
                converted=converted,
            )
            for record in page.records:
                yield record
            token = page.next_page_token
            if token is None:
                return

    async def by_ids(
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
            module: its API name, such as ``"Leads"``.
            ids: any number of ids.
            fields: API names, 1 to 50.
            converted: ``"both"`` also shows converted leads.

        Raises:
            InvalidInputError: an argument is outside its bounds.
            NotFoundError: there is no such module.

        Source: Zoho CRM API v8, "Get Records"; client code for converted leads.
        """
        return await self._runtime.run(
            _calls.by_ids(self._config, module, ids, fields=fields, converted=converted)
        )

    async def deleted_page(
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
            module: its API name, such as ``"Leads"``.
            modified_since: only what was deleted after this.
            page: from 1 on.
            per_page: 1 to 200.

        Raises:
            InvalidInputError: an argument is outside its bounds.
            NotFoundError: there is no such module.

        Source: Zoho CRM API v7, "Get Deleted Records".
        """
        return await self._runtime.run(
            _calls.deleted_page(
                self._config,
                module,
                modified_since=modified_since,
                page=page,
                per_page=per_page,
            )
        )

    async def deleted(
        self, module: str, *, modified_since: datetime | None = None
    ) -> AsyncIterator[DeletedRecord]:
        """Read all deleted records of a module, page after page.

        Costs one request per 200 records, and one at least.
        See `deleted_page` for the arguments and errors.
        """
        number: int | None = 1
        while number is not None:
            page = await self.deleted_page(
                module, modified_since=modified_since, page=number
            )
            for record in page.records:
                yield record
            number = page.next_page

    async def insert(
        self,
        module: str,
        records: Sequence[Mapping[str, object]],
        *,
        trigger: Sequence[str] = (),
    ) -> tuple[WriteResult, ...]:
        """Make new records; results by position.

        Costs one request per 100 records, and one credit per 10.
        It is never repeated when its outcome is unknown, for it would make
        the records twice; `upsert` may be repeated.

        Args:
            module: its API name, such as ``"Leads"``.
            records: payloads by API name.
            trigger: what Zoho does besides: ``"workflow"``, ``"approval"``,
                ``"blueprint"``...; nothing by default.

        Raises:
            OutcomeUnknownError: no batch was answered. When some were, the
                records of the others have the status ``UNKNOWN`` or
                ``UNSENT``.
            RefusedError: the request as a whole was refused.
            NotFoundError: there is no such module.

        Source: Zoho CRM API v7, "Insert Records"; results by position are
        seen in all samples.
        """
        return await self._runtime.run(
            _writes.insert(self._config, module, records, trigger=trigger)
        )

    async def update(
        self,
        module: str,
        records: Sequence[Mapping[str, object]],
        *,
        trigger: Sequence[str] = (),
    ) -> tuple[WriteResult, ...]:
        """Change records by their ids; results by position.

        Costs one request per 100 records, and one credit per 10.
        Keys left out stay as they are; ``None`` empties a field.

        Args:
            module: its API name, such as ``"Leads"``.
            records: payloads by API name, each with its ``id``.
            trigger: what Zoho does besides; nothing by default.

        Raises:
            InvalidInputError: an id is missing or comes twice.
            RefusedError: the request as a whole was refused.
            NotFoundError: there is no such module.

        Source: Zoho CRM API v7, "Update Records".
        """
        return await self._runtime.run(
            _writes.update(self._config, module, records, trigger=trigger)
        )

    async def upsert(
        self,
        module: str,
        records: Sequence[Mapping[str, object]],
        *,
        duplicate_check_fields: Sequence[str] = ("Email",),
        trigger: Sequence[str] = (),
    ) -> tuple[WriteResult, ...]:
        """Change the records that exist and make the others.

        Costs one request per 100 records, and one credit per 10.
        Only the same module is looked at: a lead and a contact with one
        address do not meet.
        Unverified: which record is changed when several match.

        Args:
            module: its API name, such as ``"Leads"``.
            records: payloads by API name.
            duplicate_check_fields: by which fields a record is known again;
                the module's unique fields count as well.
            trigger: what Zoho does besides; nothing by default.

        Returns:
            Results by position; their ``action`` tells which it was.

        Raises:
            RefusedError: the request as a whole was refused.
            NotFoundError: there is no such module.

        Source: Zoho CRM API v7, "Upsert Records".
        """
        return await self._runtime.run(
            _writes.upsert(
                self._config,
                module,
                records,
                duplicate_check_fields=duplicate_check_fields,
                trigger=trigger,
            )
        )

    async def delete(
        self, module: str, ids: Sequence[str], *, run_workflows: bool = False
    ) -> tuple[WriteResult, ...]:
        """Move records to the recycle bin; results by position.

        Costs one request and one credit per 100 records.
        Zoho keeps them there for 60 days.

        Args:
            module: its API name, such as ``"Leads"``.
            ids: any number of ids, each once.
            run_workflows: whether Zoho's workflows run.

        Raises:
            InvalidInputError: an id comes twice or is none.
            NotFoundError: there is no such module.

        Source: Zoho CRM API v8, "Delete Records".
        """
        return await self._runtime.run(
            _writes.delete(self._config, module, ids, run_workflows=run_workflows)
        )

    async def convert(
        self,
        lead_id: str,
        *,
        contact_id: str | None = None,
        account_id: str | None = None,
        assign_to: str | None = None,
        overwrite: bool = False,
    ) -> ConvertResult:
        """Turn a lead into a contact; there is no way back.

        Costs one request and 5 credits.
        The contact has an id of its own; the lead stays, hidden.
        Without ``contact_id`` a new contact is made, even beside one with the
        same address unless addresses are unique.

        Args:
            lead_id: which lead.
            contact_id: the contact to convert into, instead of a new one.
            account_id: the account to use, instead of one by ``Company``.
            assign_to: the user who gets the new records.
            overwrite: whether the account's name of ``contact_id`` is replaced.

        Raises:
            InvalidInputError: an id is no id.
            DuplicateError: a contact with a unique value exists; convert into
                its ``existing_id``.
            RefusedError: such as ``ID_ALREADY_CONVERTED``.
            OutcomeUnknownError: read the lead before trying again.

        Source: Zoho CRM API v7 and v8, "Convert Lead".
        """
        return await self._runtime.run(
            _writes.convert(
                self._config,
                lead_id,
                contact_id=contact_id,
                account_id=account_id,
                assign_to=assign_to,
                overwrite=overwrite,
            )
        )

    async def users(self, *, kind: str = "ActiveUsers") -> tuple[ZohoUser, ...]:
        """Read the organisation's users.

        Costs one request and one credit per 200 users.

        Args:
            kind: ``"ActiveUsers"``, ``"AllUsers"``, ``"CurrentUser"``,
                ``"ActiveConfirmedUsers"``, or another of Zoho's types.

        Raises:
            RefusedError: there is no such kind.

        Source: Zoho CRM API v8, "Get Users".
        """
        return await self._runtime.run(_calls.users(self._config, kind=kind))

    async def fields(self, module: str) -> tuple[ZohoField, ...]:
        """Read what a module's fields take: types, lengths, lists, uniqueness.

        Costs one request and one credit.

        Raises:
            NotFoundError: there is no such module.

        Source: Zoho CRM API v8, "Fields Metadata".
        """
        return await self._runtime.run(_calls.fields(self._config, module))

    async def _load_token(self, step: LoadToken) -> object:
        return self._token_store.load(step.key)

    async def _save_token(self, step: SaveToken) -> None:
        self._token_store.save(step.key, step.token)
