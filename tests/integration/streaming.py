"""A program that reads all leads, and tells how many and how much memory it took.

It is started by `test_zoho_streaming` with the account as JSON and the name of a
way; what it found is one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from crmbridge.config import ZohoConfig
from crmbridge.zoho.async_client import AsyncZohoClient
from crmbridge.zoho.client import ZohoClient

FIELDS = ["Last_Name", "Modified_Time"]


def by_list(client: ZohoClient) -> Iterator[str]:
    """Read by page tokens, and behind their wall by ids."""
    return (record.id for record in client.records("Leads", fields=FIELDS))


def by_query(client: ZohoClient) -> Iterator[str]:
    """Read in COQL, upwards by id."""
    return (record.id for record in client.query_records("Leads", fields=FIELDS))


def by_bulk(client: ZohoClient) -> Iterator[str]:
    """Read out of the files of two bulk jobs."""
    return (record.id for record in client.bulk.records("Leads", fields=FIELDS))


WAYS: dict[str, Callable[[ZohoClient], Iterable[str]]] = {
    "list": by_list,
    "query": by_query,
    "bulk": by_bulk,
}


class Ids:
    """Counts ids without keeping them: a bit for each, from the first one on.

    The ids of a fake lie close together.
    """

    def __init__(self, room: int = 1_000_000) -> None:
        self.count = 0
        self.distinct = 0
        self._room = room
        self._bits = bytearray(room // 4)
        self._first: int | None = None

    def add(self, record_id: str) -> None:
        """Count an id."""
        number = int(record_id)
        if self._first is None:
            self._first = number - self._room
        place, bit = divmod(number - self._first, 8)
        self.count += 1
        if not self._bits[place] >> bit & 1:
            self._bits[place] |= 1 << bit
            self.distinct += 1


async def by_async_bulk(config: ZohoConfig, ids: Ids) -> None:
    """Read out of the files of two bulk jobs, without holding others up."""
    async with AsyncZohoClient(config) as client:
        async for record in client.bulk.records("Leads", fields=FIELDS):
            ids.add(record.id)


def peak_bytes() -> int:
    """Give the most memory that this process has held."""
    status = Path("/proc/self/status")
    if status.exists():
        # getrusage would tell that of the process that started this one, too.
        line = next(x for x in status.read_text().splitlines() if "VmHWM" in x)
        return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def main(way: str, account: dict[str, Any]) -> None:
    """Read in one way, and print what was found."""
    ids = Ids()
    before = peak_bytes()
    config = ZohoConfig(**account)
    if way == "async bulk":
        asyncio.run(by_async_bulk(config, ids))
    else:
        with ZohoClient(config) as client:
            for record_id in WAYS[way](client):
                ids.add(record_id)
    found = {
        "count": ids.count,
        "distinct": ids.distinct,
        "bytes_at_start": before,
        "peak_bytes": peak_bytes(),
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
