"""Bulk jobs over real HTTP on loopback: uploads, files, and what is left of them."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from crmbridge.config import ZohoConfig
from crmbridge.errors import CrmbridgeError, OutcomeUnknownError
from crmbridge.testing import Fault, LoopbackServer, ZohoFake, ZohoSwitches
from crmbridge.zoho import AsyncZohoClient, ZohoClient

FILES = Path("/proc/self/fd")
FIELDS = ["Last_Name", "Email"]
ROWS = [{"Last_Name": f'Żółć "{n}",\r\n', "Email": f"n{n}@x.example"} for n in range(7)]


def _no_sleep(seconds: float) -> None:
    """Wait for nothing; the fake's jobs end at once."""


async def _no_asleep(seconds: float) -> None:
    """Do the same."""


@pytest.fixture
def fake() -> ZohoFake:
    return ZohoFake(switches=ZohoSwitches(bulk_seconds=0))


@pytest.fixture
def config(fake: ZohoFake) -> Iterator[ZohoConfig]:
    with LoopbackServer(fake) as server:
        fake.api_domain = server.url
        yield ZohoConfig(**fake.account(server.url))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder where temporary files are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def _open_files(folder: Path) -> int:
    """Count the open files in a folder, those without a name too."""
    found = 0
    for file in FILES.iterdir() if FILES.exists() else ():
        try:
            found += str(file.readlink()).startswith(str(folder))
        except FileNotFoundError:
            continue  # it was the listing's own
    return found


def test_records_go_there_and_back(config: ZohoConfig) -> None:
    with ZohoClient(config, sleep=_no_sleep) as client:
        written = client.bulk.write("Leads", ROWS, operation="insert", fields=FIELDS)
        read = list(client.bulk.records("Leads", fields=FIELDS))

    assert [record.id for record in read] == [result.id for result in written]
    assert [{name: r.fields[name] for name in FIELDS} for r in read] == ROWS


def test_records_go_there_and_back_async(config: ZohoConfig) -> None:
    async def main() -> list[object]:
        async with AsyncZohoClient(config, sleep=_no_asleep) as client:
            await client.bulk.write("Leads", ROWS, operation="insert", fields=FIELDS)
            records = client.bulk.records("Leads", fields=FIELDS)
            return [record.fields["Last_Name"] async for record in records]

    assert asyncio.run(main()) == [row["Last_Name"] for row in ROWS]


@pytest.mark.parametrize("fault", [None, Fault.truncated(), Fault.html()])
def test_no_file_is_left(
    fake: ZohoFake, config: ZohoConfig, folder: Path, fault: Fault | None
) -> None:
    if fault is not None:
        fake.fail_next(fault, "/crm/bulk/v8/read/*/result")
        fake.fail_next(fault, "/v8/crm/*")

    with ZohoClient(config, sleep=_no_sleep) as client:
        for ask in (
            lambda: client.bulk.write("Leads", ROWS, operation="insert", fields=FIELDS),
            lambda: list(client.bulk.records("Leads", fields=FIELDS)),
            lambda: next(client.bulk.records("Leads", fields=FIELDS)),
        ):
            try:
                ask()
            except CrmbridgeError:
                assert fault is not None

    assert _open_files(folder) == 0
    assert list(folder.iterdir()) == []


def test_no_file_is_left_by_a_task_that_was_cancelled(
    config: ZohoConfig, folder: Path
) -> None:
    async def main() -> int:
        async with AsyncZohoClient(config, sleep=_no_asleep) as client:
            await client.bulk.write("Leads", ROWS, operation="insert", fields=FIELDS)
            read = asyncio.Event()

            async def reading() -> None:
                async for _ in client.bulk.records("Leads", fields=FIELDS):
                    read.set()
                    await asyncio.sleep(60)

            task = asyncio.create_task(reading())
            await read.wait()
            held = _open_files(folder)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return held

    assert asyncio.run(main()) == FILES.exists()
    assert _open_files(folder) == 0


def test_a_job_outlives_the_connection(fake: ZohoFake, config: ZohoConfig) -> None:
    fake.fail_next(Fault.cut(), "/v8/crm/*", times=5)

    with ZohoClient(config, sleep=_no_sleep) as client:
        with pytest.raises(OutcomeUnknownError) as caught:
            client.bulk.write("Leads", ROWS, operation="insert", fields=FIELDS)
        results = list(client.bulk.write_results(caught.value.job_id or ""))

    assert len(results) == len(ROWS)
    assert fake.requests["bulk write"] == 1
