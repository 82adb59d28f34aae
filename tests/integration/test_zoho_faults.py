"""Every fault meets every operation once more, over real HTTP on loopback."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest

from crmbridge import AsyncZohoClient, Limits, RetryPolicy, ZohoClient, ZohoConfig
from crmbridge.testing import Fault, LoopbackServer, SystemClock, ZohoFake
from tests.twins import AsSync
from tests.zoho.fault_matrix import Upset, check, upsets
from tests.zoho.operations import OPERATIONS, Operation

FAST: Final = RetryPolicy(first_delay_seconds=0.005, attempts=3)
TEN: Final = Limits(max_in_flight=10, first_pause_seconds=0.01)
# After how long an answer is given up: soon where none will come.
PATIENT_SECONDS: Final = 10.0
SILENCE_SECONDS: Final = 0.5
LONGEST_SECONDS: Final = 30.0
# Some that only real HTTP can show, and one of each other effect.
NAMES: Final = {
    "an ended token",
    "429",
    "a slow answer",
    "500 after",
    "502 of HTML",
    "a cut before",
    "a cut after",
    "silence before",
    "silence after",
    "half of the JSON",
    "HTML for an answer",
}
UPSETS = [one for one in upsets(slow_seconds=0.05) if one.name in NAMES]
# One of each way to ask; all others are like one of these.
ASKED: Final = {
    "list",
    "by ids",
    "coql",
    "insert",
    "update",
    "upsert of a new one",
    "delete",
    "guarded update",
    "convert",
    "upload of a bulk write",
    "start of a bulk write",
}
SOME = [one for one in OPERATIONS if one.name in ASKED]


def _config(
    fake: ZohoFake, server: LoopbackServer, timeout_seconds: float = PATIENT_SECONDS
) -> ZohoConfig:
    fake.api_domain = server.url
    return ZohoConfig(
        **fake.account(server.url),
        retry=FAST,
        limits=TEN,
        timeout_seconds=timeout_seconds,
    )


@contextmanager
def _client(twin: str, config: ZohoConfig) -> Iterator[Any]:
    """Give a client of either twin, used as the sync one."""
    if twin == "sync":
        with ZohoClient(config) as client:
            yield client
        return
    with (
        asyncio.Runner() as runner,
        AsSync(AsyncZohoClient(config), runner) as client,
    ):
        yield client


def _in_time(do: Callable[[], None]) -> None:
    """Do it in a thread of its own, and fail instead of hanging."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            do()
        except BaseException as error:  # noqa: BLE001 - raised again below
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(LONGEST_SECONDS)
    assert not thread.is_alive(), "it hangs"
    if raised:
        raise raised[0]


@pytest.mark.fake_row("Faults")
@pytest.mark.parametrize("twin", ["sync", "async"])
@pytest.mark.parametrize("upset", UPSETS, ids=lambda upset: upset.name)
@pytest.mark.parametrize("operation", SOME, ids=lambda one: one.name)
def test_a_fault_ends_in_success_or_a_typed_error_and_never_in_a_double(
    twin: str, operation: Operation, upset: Upset
) -> None:
    fake = ZohoFake(clock=SystemClock())
    is_silent = upset.fault is not None and upset.fault.is_silent
    timeout_seconds = SILENCE_SECONDS if is_silent else PATIENT_SECONDS

    def meet() -> None:
        with (
            LoopbackServer(fake) as server,
            _client(twin, _config(fake, server, timeout_seconds)) as client,
        ):
            check(fake, client, operation, upset)

    _in_time(meet)


@pytest.mark.parametrize("twin", ["sync", "async"])
def test_one_token_is_renewed_for_ten_requests_in_flight(twin: str) -> None:
    fake = ZohoFake(clock=SystemClock())

    def write() -> None:
        with (
            LoopbackServer(fake) as server,
            _client(twin, _config(fake, server)) as client,
        ):
            client.users()
            fake.revoke_access_tokens()
            results = client.insert("Leads", [{"Last_Name": "x"}] * 1000)
            assert all(result.is_success for result in results)

    _in_time(write)

    assert len(fake.people.records("Leads")) == 1000
    assert fake.requests["token"] == 2


@pytest.mark.parametrize("twin", ["sync", "async"])
def test_ten_silent_answers_are_given_up_at_once(twin: str) -> None:
    fake = ZohoFake(clock=SystemClock())
    leads = [fake.people.add_lead(Last_Name="x") for _ in range(1000)]
    results: list[Any] = []

    def write() -> None:
        with (
            LoopbackServer(fake) as server,
            _client(twin, _config(fake, server, 2 * SILENCE_SECONDS)) as client,
        ):
            client.users()
            fake.fail_next(Fault.silent(), "*/Leads", times=10)
            rows = [{"id": lead, "Fax": "7"} for lead in leads]
            results.extend(client.update("Leads", rows))

    _in_time(write)

    assert [result.id for result in results] == leads
    assert fake.requests["Leads update"] == 20
