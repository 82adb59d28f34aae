"""What a caller who works in bulk may rely on; read by the checkers, never run."""

from datetime import UTC, date, datetime
from tempfile import TemporaryFile
from typing import assert_type

from crmbridge import AsyncZohoClient, ZohoClient, ZohoConfig
from crmbridge.zoho import (
    ArchiveBounds,
    AsyncZohoBulk,
    BulkCriterion,
    BulkGroup,
    JobState,
    ReadJob,
    WriteJob,
    WriteResult,
    ZohoBulk,
    ZohoRecord,
)

zoho = ZohoConfig(data_centre="eu", client_id="c", client_secret="s", refresh_token="r")
recent = BulkCriterion.between(
    "Modified_Time", datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
)
chosen = BulkGroup.all_of(recent, BulkCriterion("Company", "in", ("Acme", "Bolt")))


def read() -> str | None:
    with ZohoClient(zoho) as client:
        assert_type(client.bulk, ZohoBulk)
        for record in client.bulk.records("Leads", criteria=chosen, converted="both"):
            assert_type(record, ZohoRecord)
        job = assert_type(client.bulk.start_read("Leads"), ReadJob)
        assert_type(client.bulk.wait_read(job.id).state, JobState)
        with TemporaryFile() as file:
            client.bulk.download(job.id, file)
        list(client.bulk.records_of(job.id, bounds=ArchiveBounds(ratio=1000)))
    assert_type(job.count, int | None)
    return job.next_page_token


def write() -> None:
    rows = [{"Last_Name": "Nowak", "Date_of_Birth": date(1990, 2, 28)}]
    with ZohoClient(zoho) as client:
        results = client.bulk.write(
            "Contacts", rows, operation="insert", fields=["Last_Name", "Date_of_Birth"]
        )
        assert_type(results, tuple[WriteResult, ...])
        job = client.bulk.start_write(
            "Contacts", iter(rows), operation="insert", fields=["Last_Name"]
        )
        assert_type(job, WriteJob)
        for result in client.bulk.write_results(job.id):
            assert_type(result, WriteResult)


async def read_later() -> None:
    async with AsyncZohoClient(zoho) as client:
        assert_type(client.bulk, AsyncZohoBulk)
        async for record in client.bulk.records("Leads", fields=["Email"]):
            assert_type(record, ZohoRecord)
        assert_type(await client.bulk.read_job("7"), ReadJob)
