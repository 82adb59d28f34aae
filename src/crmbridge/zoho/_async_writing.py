"""The writing of records, as methods of the async client.

Floor 6: each method is one line; the work is in the calls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crmbridge.zoho import _leads, _writes
from crmbridge.zoho._connection import AsyncZohoConnection
from crmbridge.zoho.conversions import ConvertResult
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
            records: payloads by API name, each with its ``id``.

        Raises:
            InvalidInputError: an id is missing or comes twice.
            RefusedError: the request as a whole was refused.

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
            records: payloads by API name.
            duplicate_check_fields: by which fields a record is known again;
                the module's unique fields count as well.

        Returns:
            Results by position; their ``action`` tells which it was.

        Raises:
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
            )
        )

    async def delete(
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
            _leads.convert(
                self._config,
                lead_id,
                contact_id=contact_id,
                account_id=account_id,
                assign_to=assign_to,
                overwrite=overwrite,
            )
        )
