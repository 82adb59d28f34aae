"""The client of Zoho CRM.

Floor 6: each method is one line; the work is in `_calls` and `_writes`.
`AsyncZohoClient` is its twin in `async_client`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from crmbridge.zoho import _calls, _writes
from crmbridge.zoho._connection import ZohoConnection
from crmbridge.zoho.records import ZohoField, ZohoRecord, ZohoUser
from crmbridge.zoho.results import (
    ConvertResult,
    DeletedPage,
    DeletedRecord,
    RecordsPage,
    WriteResult,
)

__all__ = ["ZohoClient"]


class ZohoClient(ZohoConnection):
    """Reads and writes one organisation of Zoho CRM (API v8).

    It is safe to use from several threads.
    Close it, or use it in a ``with`` block.
    Every method may also make one request for an access token, once an hour.

    Every method raises `AuthenticationError` (the credentials are not
    accepted), `PermissionDeniedError` (a right or an OAuth scope is missing),
    `ThrottledError`, `ServiceError`, `ConnectionFailedError`,
    `ConnectionLostError`, `MalformedReplyError` (an answer cannot be read) and
    `NotFoundError` (there is no such module); what it raises beside is said
    there.

    A ``module`` is an API name, such as ``"Leads"``; ``fields`` are API names.
    A ``trigger`` names what Zoho does besides writing: ``"workflow"``,
    ``"approval"``, ``"blueprint"``...; nothing by default.

    Args:
        config: which organisation, and how to ask it.
        transport: how requests are sent; by default over HTTP.
        limiter: share one between clients of one organisation.
        token_store: share one between clients of one organisation; Zoho
            makes only 10 tokens in 10 minutes.
        sleep: what waits.
        clock: what reads the clocks.

    >>> from crmbridge import ZohoClient, ZohoConfig
    >>> config = ZohoConfig(client_id="c", client_secret="s", refresh_token="r")
    >>> with ZohoClient(config) as client:
    ...     client.config.api_base
    'https://www.zohoapis.com'
    """

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

    def insert(
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
            records: payloads by API name.

        Raises:
            OutcomeUnknownError: no batch was answered. When some were, the
                records of the others have the status ``UNKNOWN`` or
                ``UNSENT``.
            RefusedError: the request as a whole was refused.

        Source: Zoho CRM API v7, "Insert Records"; results by position are
        seen in all samples.
        """
        return self._runtime.run(
            _writes.insert(self._config, module, records, trigger=trigger)
        )

    def update(
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
            records: payloads by API name, each with its ``id``.

        Raises:
            InvalidInputError: an id is missing or comes twice.
            RefusedError: the request as a whole was refused.

        Source: Zoho CRM API v7, "Update Records".
        """
        return self._runtime.run(
            _writes.update(self._config, module, records, trigger=trigger)
        )

    def upsert(
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
            records: payloads by API name.
            duplicate_check_fields: by which fields a record is known again;
                the module's unique fields count as well.

        Returns:
            Results by position; their ``action`` tells which it was.

        Raises:
            RefusedError: the request as a whole was refused.

        Source: Zoho CRM API v7, "Upsert Records".
        """
        return self._runtime.run(
            _writes.upsert(
                self._config,
                module,
                records,
                duplicate_check_fields=duplicate_check_fields,
                trigger=trigger,
            )
        )

    def delete(
        self, module: str, ids: Sequence[str], *, run_workflows: bool = False
    ) -> tuple[WriteResult, ...]:
        """Move records to the recycle bin; results by position.

        Costs one request and one credit per 100 records.
        Zoho keeps them there for 60 days.

        Args:
            ids: any number of ids, each once.
            run_workflows: whether Zoho's workflows run.

        Raises:
            InvalidInputError: an id comes twice or is none.

        Source: Zoho CRM API v8, "Delete Records".
        """
        return self._runtime.run(
            _writes.delete(self._config, module, ids, run_workflows=run_workflows)
        )

    def convert(
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
        return self._runtime.run(
            _writes.convert(
                self._config,
                lead_id,
                contact_id=contact_id,
                account_id=account_id,
                assign_to=assign_to,
                overwrite=overwrite,
            )
        )

    def users(self, *, kind: str = "ActiveUsers") -> tuple[ZohoUser, ...]:
        """Read the organisation's users.

        Costs one request and one credit per 200 users.

        Args:
            kind: ``"ActiveUsers"``, ``"AllUsers"``, ``"CurrentUser"``,
                ``"ActiveConfirmedUsers"``, or another of Zoho's types.

        Raises:
            RefusedError: there is no such kind.

        Source: Zoho CRM API v8, "Get Users".
        """
        return self._runtime.run(_calls.users(self._config, kind=kind))

    def fields(self, module: str) -> tuple[ZohoField, ...]:
        """Read what a module's fields take: types, lengths, lists, uniqueness.

        Costs one request and one credit.

        Source: Zoho CRM API v8, "Fields Metadata".
        """
        return self._runtime.run(_calls.fields(self._config, module))
