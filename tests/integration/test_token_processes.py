"""One token for several processes, over real HTTP and a file on the disk."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from crmbridge._steps import Reply, Request
from crmbridge.errors import ThrottledError
from crmbridge.testing import LoopbackServer, SystemClock, ZohoFake
from crmbridge.zoho import FileTokenStore, ZohoClient, load_zoho_config

PROCESSES = 4
WORKER = """
import asyncio, sys
from crmbridge.zoho import AsyncZohoClient, FileTokenStore, ZohoClient
from crmbridge.zoho import load_zoho_config

class Store(FileTokenStore):
    has_looked = False
    def load(self, key):
        found = super().load(key)
        if not self.has_looked:
            self.has_looked = True
            print("looked", flush=True)
        return found

config = load_zoho_config("zoho.json")
store = Store("tokens.json")
if sys.argv[1] == "sync":
    with ZohoClient(config, token_store=store) as client:
        print(len(client.users()), flush=True)
else:
    async def main():
        async with AsyncZohoClient(config, token_store=store) as client:
            users = await asyncio.gather(*(client.users() for _ in range(5)))
            print(len(users[0]), flush=True)
    asyncio.run(main())
"""


class Held:
    """A fake whose token endpoint answers when it is told to."""

    def __init__(self, fake: ZohoFake) -> None:
        self._fake = fake
        self.is_asked = threading.Event()
        self.may_answer = threading.Event()

    def handle(self, request: Request) -> Reply:
        if request.url.endswith("/oauth/v2/token"):
            self.is_asked.set()
            assert self.may_answer.wait(30)
        return self._fake.handle(request)


@pytest.fixture
def fake() -> ZohoFake:
    return ZohoFake(clock=SystemClock())


@pytest.fixture
def served(fake: ZohoFake, tmp_path: Path) -> Iterator[Held]:
    """Serve the fake, and write down its account in ``zoho.json``."""
    held = Held(fake)
    with LoopbackServer(held) as server:
        fake.api_domain = server.url
        account = tmp_path / "zoho.json"
        account.touch(0o600)
        account.write_text(json.dumps(fake.account(server.url)))
        yield held


@contextmanager
def _worker(folder: Path, twin: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", WORKER, twin],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "looked\n"
            yield process
        finally:
            process.kill()


def _rest(process: subprocess.Popen[str]) -> str:
    said, _ = process.communicate(timeout=30)
    return said.strip()


def test_four_processes_at_once_make_one_token(
    fake: ZohoFake, served: Held, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        workers = [
            stack.enter_context(_worker(tmp_path, ("sync", "async")[number % 2]))
            for number in range(PROCESSES)
        ]
        served.may_answer.set()
        said = [_rest(worker) for worker in workers]

    assert said == ["1"] * PROCESSES
    assert fake.requests == {"token": 1, "users": 2 + 2 * 5}


def test_a_process_that_was_killed_holds_no_lock_and_its_attempt_counts(
    fake: ZohoFake, served: Held, tmp_path: Path
) -> None:
    with _worker(tmp_path, "sync") as worker:
        assert served.is_asked.wait(30)
        worker.kill()
    served.may_answer.set()
    store = FileTokenStore(tmp_path / "tokens.json", lock_timeout_seconds=5.0)

    config = load_zoho_config(tmp_path / "zoho.json")
    with ZohoClient(config, token_store=store) as client:
        users = client.users()

    (kept,) = json.loads((tmp_path / "tokens.json").read_bytes())["tokens"].values()
    assert len(users) == 1
    assert len(kept["asked_at"]) == 2


def test_ten_attempts_of_all_processes_are_all_that_zoho_sees(
    fake: ZohoFake, served: Held, tmp_path: Path
) -> None:
    served.may_answer.set()
    config = load_zoho_config(tmp_path / "zoho.json")

    def ask() -> None:
        store = FileTokenStore(tmp_path / "tokens.json")
        with ZohoClient(config, token_store=store) as client:
            client.users()
        fake.revoke_access_tokens()

    for _ in range(10):
        ask()
    with pytest.raises(ThrottledError) as caught:
        ask()

    assert fake.requests["token"] == 10
    assert caught.value.status is None  # Zoho was not asked
    assert 0 < (caught.value.retry_after_seconds or 0) <= 600
