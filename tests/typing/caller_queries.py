"""What a caller who asks Zoho may rely on; mypy and pyright check it."""

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime
from typing import assert_type

from crmbridge import AsyncZohoClient, ZohoClient
from crmbridge.zoho import QueryPage, SearchPage, ZohoRecord, coql


def ask(client: ZohoClient) -> None:
    """Ask in every way."""
    since = coql.at_least("Modified_Time", datetime.fromisoformat("2026-01-05T12Z"))
    where = assert_type(coql.equals("City", "Ustka") & since, coql.Condition)
    select = coql.Select("Leads", ["Email"], where=where, order_by=["id"])
    assert_type(select.text(), str)
    page = assert_type(client.query(select), QueryPage)
    assert_type(page.records, tuple[ZohoRecord, ...])
    found = client.find_by("Leads", "Email", {"ann@example.com"}, fields=["City"])
    assert_type(found, Mapping[str, tuple[ZohoRecord, ...]])
    rows = client.query_records("Leads", fields=("Email",), where=where)
    assert_type(rows, Iterator[ZohoRecord])
    result = client.search_page("Leads", criteria=where, fields=["Email"])
    assert_type(result, SearchPage)
    assert_type(result.next_page, int | None)
    assert_type(
        client.search("Leads", word="Ustka", fields=["Email"]), Iterator[ZohoRecord]
    )


async def ask_async(client: AsyncZohoClient) -> None:
    """Ask in every way, awaiting."""
    assert_type(await client.query(coql.Select("Leads", ["Email"])), QueryPage)
    found = await client.find_by("Leads", "Email", ["a"], fields=["City"])
    assert_type(found, Mapping[str, tuple[ZohoRecord, ...]])
    rows = client.query_records("Leads", fields=["Email"])
    assert_type(rows, AsyncIterator[ZohoRecord])
    assert_type(
        client.search("Leads", word="Ustka", fields=["Email"]),
        AsyncIterator[ZohoRecord],
    )
