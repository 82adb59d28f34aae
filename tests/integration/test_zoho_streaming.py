"""A quarter of a million leads over real HTTP, in little memory.

The fake runs in one process and the client in another, which tells how much
memory it has held at most.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

LEADS = 250_000
MOST_BYTES = 60 * 1024 * 1024
PROGRAM = Path(__file__).with_name("streaming.py")


@pytest.fixture(scope="module")
def account() -> Iterator[str]:
    """Start a fake with many leads; give the account that reaches it, as JSON."""
    command = [
        sys.executable,
        "-m",
        "crmbridge.testing",
        "--leads",
        str(LEADS),
        "--bulk-seconds",
        "1",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.dumps(json.loads(process.stdout.readline())["zoho"])
        finally:
            process.kill()


@pytest.mark.parametrize("way", ["list", "query", "bulk", "async bulk"])
def test_many_leads_are_read_whole_and_in_little_memory(account: str, way: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-W", "error", str(PROGRAM), way, account],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
        timeout=300,
    )

    found = json.loads(ended.stdout)
    assert (found["count"], found["distinct"]) == (LEADS, LEADS)
    assert found["peak_bytes"] < MOST_BYTES
