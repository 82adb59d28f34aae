"""Exports over real HTTP: files from another connection, very many contacts."""

from __future__ import annotations

import asyncio
import logging
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from crmbridge import AsyncSalesmanagoClient, SalesmanagoClient, SalesmanagoConfig
from crmbridge.errors import FileGoneError, MalformedReplyError
from crmbridge.salesmanago import Addressee, ExportPart
from crmbridge.testing import FakeClock, Fault, LoopbackServer, SalesmanagoFake
from tests.twins import AsSync

PAGE = "/api/contact/paginatedContactList/export"
FILES = "/files/export/"
MEGABYTE = 1024 * 1024
MANY = 100_000


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def fake(clock: FakeClock) -> SalesmanagoFake:
    return SalesmanagoFake(clock=clock)


@pytest.fixture(params=["sync", "async"])
def client(
    request: pytest.FixtureRequest, fake: SalesmanagoFake, clock: FakeClock
) -> Iterator[Any]:
    """Give a client that waits by the fake's clock, and asks over HTTP."""
    with LoopbackServer(fake) as server, asyncio.Runner() as runner:
        config = SalesmanagoConfig(**fake.account(server.url))
        if request.param == "sync":
            with SalesmanagoClient(config, sleep=clock.sleep, clock=clock) as sync:
                yield sync
            return
        twin = AsyncSalesmanagoClient(config, sleep=clock.asleep, clock=clock)
        yield AsSync(twin, runner)
        runner.run(twin.aclose())


def test_a_page_is_exported_over_http(client: Any, fake: SalesmanagoFake) -> None:
    ann = fake.people.add("ann@example.com", name="Żaneta")

    (found,) = client.exports.contacts()

    assert (found.id, found.name) == (ann, "Żaneta")


def test_a_broken_download_makes_a_new_file(client: Any, fake: SalesmanagoFake) -> None:
    ann = fake.people.add("ann@example.com")
    fake.fail_next(Fault.cut(), f"{FILES}*")

    (found,) = client.exports.contacts_page(1)

    assert found.id == ann
    assert fake.requests[PAGE] == 2


def test_links_stay_out_of_all_logs(
    client: Any, fake: SalesmanagoFake, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    job = client.exports.start_contacts_page(1)

    link = client.exports.wait(job).link
    list(client.exports.contacts_of(job))
    with pytest.raises(FileGoneError) as caught:
        list(client.exports.contacts_of(job))

    token = link.rpartition("/")[2]
    assert "HTTP Request: GET" in caplog.text
    assert token not in caplog.text
    assert token not in f"{caught.value!r} {caught.value}"


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no list of open files")
@pytest.mark.parametrize("ending", ["whole", "left", "broken"])
def test_no_temporary_file_stays(
    client: Any, fake: SalesmanagoFake, ending: str
) -> None:
    fake.people.fill(1200)
    client.exports.contacts_page(1)  # connections and threads are there now
    before = _open_temporary_files()
    exported = client.exports.data(_everybody(fake), [ExportPart.CONTACT])
    if ending == "broken":
        fake.fail_next(Fault.truncated(), f"{FILES}*")

    next(exported)
    during = _open_temporary_files()
    with suppress(MalformedReplyError):
        exported.close() if ending == "left" else list(exported)

    assert len(during) == len(before) + 1
    assert _open_temporary_files() == before


@pytest.mark.slow
def test_very_many_contacts_are_read_in_little_memory(
    client: Any, fake: SalesmanagoFake
) -> None:
    fake.people.fill(MANY // 4)
    exports = client.exports
    job = exports.start_data(_everybody(fake), [ExportPart.CONTACT])

    tracemalloc.start()
    count = sum(1 for _ in exports.data_of(job))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == MANY // 4
    assert peak < 4 * MEGABYTE < len(fake._book.jobs._jobs[job].file or b"")


@pytest.mark.slow
def test_very_many_contacts_are_read_page_by_page(
    client: Any, fake: SalesmanagoFake
) -> None:
    fake.people.fill(MANY)

    count = sum(1 for _ in client.exports.contacts())

    assert count == MANY
    assert fake.requests[PAGE] == MANY // 1000 + 1


def _everybody(fake: SalesmanagoFake) -> list[Addressee]:
    for card in fake._book:
        card.add_tags(["ALL"], now_ms=0, is_scoring=False)
    return [Addressee.tag("ALL")]


def _open_temporary_files() -> list[str]:
    names = []
    for link in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # what listed them is closed by now
            names.append(str(link.readlink()))
    return sorted(name for name in names if "(deleted)" in name)
