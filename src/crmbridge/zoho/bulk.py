"""Bulk reads and bulk writes, as ``client.bulk``.

Floor 6.
`AsyncZohoBulk` is its twin in `async_bulk`.
"""

from __future__ import annotations

from crmbridge._runtime import Runtime
from crmbridge.config import ZohoConfig
from crmbridge.zoho._bulk_reading import ZohoBulkReading
from crmbridge.zoho._bulk_writing import ZohoBulkWriting

__all__ = ["ZohoBulk"]


class ZohoBulk(ZohoBulkReading, ZohoBulkWriting):
    """Reads and writes very many records, by files that Zoho makes and takes.

    Use `ZohoClient.bulk`.
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

    >>> from crmbridge import ZohoClient, ZohoConfig
    >>> from crmbridge.testing import FakeClock, FakeTransport, ZohoFake
    >>> clock = FakeClock()
    >>> fake = ZohoFake(clock=clock)
    >>> lead = fake.people.add_lead(Last_Name="Nowak", Company="Acme")
    >>> client = ZohoClient(
    ...     ZohoConfig(**fake.account()),
    ...     transport=FakeTransport(fake),
    ...     sleep=clock.sleep,
    ...     clock=clock,
    ... )
    >>> for record in client.bulk.records("Leads", fields=["Last_Name", "Company"]):
    ...     print(record.fields["Company"])
    Acme
    >>> rows = [{"id": lead, "Company": "Acme Ltd."}]
    >>> done = client.bulk.write(
    ...     "Leads", rows, operation="update", fields=["id", "Company"]
    ... )
    >>> [result.action for result in done]
    ['update']
    """

    def __init__(self, config: ZohoConfig, runtime: Runtime) -> None:
        self._config = config
        self._runtime = runtime
