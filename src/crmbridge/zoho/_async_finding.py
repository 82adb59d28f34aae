"""The finding of records by what they hold, as methods of the async client.

Floor 6: each method is one line; the work is in the calls.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

from crmbridge.zoho import _queries, _searches
from crmbridge.zoho._connection import AsyncZohoConnection
from crmbridge.zoho.coql import Condition, Select
from crmbridge.zoho.records import ZohoRecord
from crmbridge.zoho.results import QueryPage, SearchPage

__all__ = ["AsyncZohoFinding"]


class AsyncZohoFinding(AsyncZohoConnection):
    """The part of `ZohoClient` for questions in COQL and the search."""

    async def query(self, select: Select) -> QueryPage:
        """Ask one question in COQL; see `crmbridge.zoho.coql`.

        Costs one request and 1 credit up to a ``limit`` of 200 rows, 2 up to
        1,000, 3 above; once for a client one request and credit more, when a
        text holds a backslash, to see what Zoho takes that for.
        The rows hold the id and the fields that were asked for; of a lookup
        only ``{"id"}``, so an owner has no name here unless ``Owner.email`` or
        the like is asked for.
        Unlike the search, COQL knows each write at once.
        Unverified: whether it shows converted leads; ask for ``Converted__s``,
        or compare it with ``False``.

        Raises:
            RefusedError: ``INVALID_QUERY`` for an unknown field or an operator
                that its type does not know; ``SYNTAX_ERROR``;
                ``LIMIT_EXCEEDED`` where Zoho takes less than it documents.

        Source: Zoho CRM API v7, "Get Records through COQL Query"; v8, "COQL
        limitations"; v5, "COQL overview" for the credits.
        """
        return await self._runtime.run(
            _queries.query_page(self._config, select, self._learned)
        )

    async def query_records(
        self, module: str, *, fields: Iterable[str], where: Condition | None = None
    ) -> AsyncIterator[ZohoRecord]:
        """Read any number of records that fit, upwards by id, as they are needed.

        Costs one request and 3 credits per 2,000 records, and one at least;
        as often again for each 500 fields.
        Where Zoho answers ``LIMIT_EXCEEDED``, the reading goes on with 200
        records, 1 credit and 50 fields, and the client remembers it.
        What is written meanwhile is read if its id is still ahead.
        With more fields than fit, ``Modified_Time`` comes too, and is the
        earliest of the answers that make up a record.
        See `query` for what the records hold.

        Args:
            module: whose records.
            fields: any number of API names; ``id`` always comes too.
            where: up to 24 conditions; ``None`` for all records.

        Raises:
            InvalidInputError: a name is none, or there are too many conditions.
            RefusedError: see `query`.

        Source: see `query`.
        """
        above: str | None = "0"
        while above is not None:
            page = await self._runtime.run(
                _queries.rows_page(
                    self._config,
                    module,
                    fields=fields,
                    where=where,
                    above=above,
                    learned=self._learned,
                )
            )
            for record in page.records:
                yield record
            above = page.next_id

    async def find_by(
        self,
        module: str,
        field: str,
        values: Iterable[str],
        *,
        fields: Iterable[str],
    ) -> Mapping[str, tuple[ZohoRecord, ...]]:
        """Find the records that hold one of many values: look before you insert.

        Costs one request and one credit per 100 values, a second form of each
        value with large letters counted, several at a time; more where a
        question finds more than 200 records.
        Where Zoho answers ``LIMIT_EXCEEDED``, it is 50 values.
        It knows each write at once, so it tells what became of a write whose
        answer was lost, and which records an upsert would hit.

        Each value is asked for as it is and in small letters, and what is
        found is compared again, without regard to case.
        Unverified: that COQL does not tell large letters from small ones; if it
        does, a record with the value in other letters is not found.
        Unverified: whether converted leads are among them; name
        ``Converted__s`` in ``fields`` and look at ``is_converted``.

        Args:
            module: whose records.
            field: an API name, such as ``"Email"`` or ``"Account_Name.id"``.
            values: any number of texts; an empty one is never held.
            fields: what the records hold beside ``field``.

        Returns:
            The records by each value as it was given, in the order of their
            ids; an empty tuple where there is none.

        Raises:
            InvalidInputError: a name is none, or a value no text.
            RefusedError: see `query`.

        Source: see `query`.
        """
        return await self._runtime.run(
            _queries.find_by(
                self._config,
                module,
                field,
                values,
                fields=fields,
                learned=self._learned,
            )
        )

    async def search_page(
        self,
        module: str,
        *,
        fields: Sequence[str],
        criteria: Condition | None = None,
        email: str | None = None,
        phone: str | None = None,
        word: str | None = None,
        converted: str | None = None,
        page: int = 1,
    ) -> SearchPage:
        """Search, and read one page of 200 records.

        Costs one request and one credit.

        **Decide nothing about writing by it.** What was written a moment ago
        is not found, or by its old value; and ``equals`` finds what merely
        holds the text. `find_by` has neither fault.

        Args:
            module: whose records.
            fields: API names, 1 to 50.
            criteria: up to 10 conditions made by `crmbridge.zoho.coql`; a search
                knows neither ``contains``, ``ends_with`` nor empty fields.
            email: a part of an address in any field for e-mails.
            phone: a part of a number in any field for phones.
            word: two letters or more in any field.
            converted: ``"both"`` or ``"true"`` shows converted leads, which
                are hidden otherwise.
            page: from 1 to 10.

        Raises:
            InvalidInputError: not exactly one of the four ways is given, or
                an argument is outside its bounds.
            OutOfReachError: it is a page behind the 2,000th record.
            RefusedError: ``INVALID_QUERY`` for a field or an operator that the
                search does not know.

        Source: Zoho CRM API v7, "Search Records"; Zoho's OpenAPI files.
        """
        search = _searches.Search(
            module=module,
            fields=fields,
            criteria=criteria,
            email=email,
            phone=phone,
            word=word,
            converted=converted,
        )
        return await self._runtime.run(
            _searches.search_page(self._config, search, page)
        )

    async def search(
        self,
        module: str,
        *,
        fields: Sequence[str],
        criteria: Condition | None = None,
        email: str | None = None,
        phone: str | None = None,
        word: str | None = None,
        converted: str | None = None,
    ) -> AsyncIterator[ZohoRecord]:
        """Search, and read up to 2,000 records, page after page.

        Costs one request and one credit per 200 records, and one at least.
        See `search_page` for the arguments, the errors, and why nothing about
        writing should be decided by it.

        Raises:
            OutOfReachError: more than 2,000 records are found; it comes after
                the last of these. Use `query_records`.
        """
        number: int | None = 1
        while number is not None:
            page = await self.search_page(
                module,
                fields=fields,
                criteria=criteria,
                email=email,
                phone=phone,
                word=word,
                converted=converted,
                page=number,
            )
            for record in page.records:
                yield record
            number = page.next_page
