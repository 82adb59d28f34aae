"""A hundred thousand contacts over real HTTP, in little memory and few requests.

The fake runs in one process and the client in another, which tells how much
memory it has held at most.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CONTACTS = 100_000
USERS = 4
DAYS = 700  # one contact was made every 10 minutes
MOST_BYTES = 60 * 1024 * 1024
PROGRAM = "tests.integration.salesmanago_streaming"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def account() -> Iterator[str]:
    """Start a fake with many contacts; give the account that reaches it, as JSON."""
    command = [
        sys.executable,
        "-m",
        "crmbridge.testing",
        "--salesmanago-contacts",
        str(CONTACTS),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.dumps(json.loads(process.stdout.readline())["salesmanago"])
        finally:
            process.kill()


def test_all_contacts_are_read_in_little_memory_and_few_requests(account: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-m", PROGRAM, account, str(DAYS)],
        stdout=subprocess.PIPE,
        check=True,
        cwd=ROOT,
        env=dict(os.environ),
        text=True,
        timeout=300,
    )

    found = json.loads(ended.stdout)
    windows = USERS * (DAYS // 30 + 1)
    # Of each window: who was created, two pages of who was modified, and back.
    pages = 1 + windows * (1 + 3)
    # The last contact is being made in this minute.
    assert CONTACTS - 2 <= found["count"] == found["distinct"]
    assert found["requests"] <= pages + math.ceil(CONTACTS / 50)
    assert found["peak_bytes"] < MOST_BYTES
