"""Bulk reads and bulk writes, as ``client.bulk`` of the async client.

Floor 6.
`ZohoBulk` is its twin in `bulk`.
"""

from __future__ import annotations

from crmbridge._runtime import AsyncRuntime
from crmbridge.config import ZohoConfig
from crmbridge.zoho._async_bulk_reading import AsyncZohoBulkReading
from crmbridge.zoho._async_bulk_writing import AsyncZohoBulkWriting

__all__ = ["AsyncZohoBulk"]


class AsyncZohoBulk(AsyncZohoBulkReading, AsyncZohoBulkWriting):
    """Reads and writes very many records, by files that Zoho makes and takes.

    Use `AsyncZohoClient.bulk`.
    `records` and `write` do everything; the other methods are the steps of
    theirs, for a job that one process starts and another one takes up by its
    id.

    A file goes to a temporary file of the system and is read from there piece
    by piece, so memory stays small whatever its size; it is gone afterwards,
    also when the process is killed.

    Beside what every method of the client raises, reading a file raises
    `MalformedReplyError` when it is damaged, is not what was asked for, or
    unpacks to more than its bounds.

    A bulk read costs 50 credits and is cheaper than a list from about 10,000
    records on; a bulk write costs 500, and is so from about 5,000 on.
    Unverified: the 50 credits are documented for a sister product.

    >>> import asyncio
    >>> from crmbridge import AsyncZohoClient, ZohoConfig
    >>> from crmbridge.testing import AsyncFakeTransport, FakeClock, ZohoFake
    >>> clock = FakeClock()
    >>> fake = ZohoFake(clock=clock)
    >>> lead = fake.people.add_lead(Last_Name="Nowak", Company="Acme")
    >>> client = AsyncZohoClient(
    ...     ZohoConfig(**fake.account()),
    ...     transport=AsyncFakeTransport(fake),
    ...     sleep=clock.asleep,
    ...     clock=clock,
    ... )
    >>> async def companies() -> list[object]:
    ...     records = client.bulk.records("Leads", fields=["Last_Name", "Company"])
    ...     return [record.fields["Company"] async for record in records]
    >>> asyncio.run(companies())
    ['Acme']
    """

    def __init__(self, config: ZohoConfig, runtime: AsyncRuntime) -> None:
        self._config = config
        self._runtime = runtime
