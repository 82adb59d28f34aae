"""A program that reads all contacts, and tells how many and how much memory it took.

It is started by `test_salesmanago_streaming` with the account as JSON; what it
found is one line of JSON.
"""

from __future__ import annotations

import json
import re
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from crmbridge.config import Limits, SalesmanagoConfig
from crmbridge.salesmanago.client import SalesmanagoClient
from tests.integration.streaming import peak_bytes


class Filled:
    """Counts the contacts of ``people.fill`` without keeping them: a bit for each."""

    def __init__(self, room: int = 1_000_000) -> None:
        self.count = 0
        self.distinct = 0
        self._bits = bytearray(room // 8)

    def add(self, email: str) -> None:
        """Count a contact by the number in its address."""
        place, bit = divmod(int(re.sub(r"\D", "", email)), 8)
        self.count += 1
        if not self._bits[place] >> bit & 1:
            self._bits[place] |= 1 << bit
            self.distinct += 1


def main(account: dict[str, Any], days: int) -> None:
    """Read all contacts of so many days, and print what was found."""
    filled = Filled()
    start = (datetime.now(UTC) - timedelta(days=days)).date()
    config = SalesmanagoConfig(**account, history_start=start, limits=Limits())
    with SalesmanagoClient(config) as client:
        for contact in client.contacts():
            filled.add(str(contact.email))
        requests = sum(client.usage.requests.values())
    found = {
        "count": filled.count,
        "distinct": filled.distinct,
        "requests": requests,
        "peak_bytes": peak_bytes(),
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), int(sys.argv[2]))
