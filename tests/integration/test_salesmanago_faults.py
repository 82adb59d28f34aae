"""Every fault meets every operation once more, over real HTTP on loopback."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from attrs import evolve

from crmbridge import (
    AsyncSalesmanagoClient,
    Limits,
    Request,
    RetryPolicy,
    SalesmanagoClient,
    SalesmanagoConfig,
)
from crmbridge.errors import AuthenticationError, ConfigError, CrmbridgeError
from crmbridge.salesmanago import ContactDetails
from crmbridge.testing import Fault, LoopbackServer, SalesmanagoFake, SystemClock
from tests.salesmanago.fault_matrix import (
    Operation,
    Upset,
    check,
    upsets,
)
from tests.salesmanago.fault_operations import OPERATIONS
from tests.twins import AsSync

FAST: Final = RetryPolicy(first_delay_seconds=0.005, attempts=3)
TEN: Final = Limits(max_in_flight=10, first_pause_seconds=0.01)
# After how long an answer is given up: soon where none will come.
PATIENT_SECONDS: Final = 10.0
SILENCE_SECONDS: Final = 0.3
LONGEST_SECONDS: Final = 30.0
LONGEST_PAUSE_SECONDS: Final = 0.02
# Some that only real HTTP can show, and one of each other effect.
NAMES: Final = {
    "429 with a time",
    "words of a limit",
    "a slow answer",
    "500 after",
    "502 of HTML",
    "a cut before",
    "a cut after",
    "silence after",
    "half of the JSON",
    "an empty answer",
    "plain text",
    "refused: values",
    "refused: 307",
}
CALLS: Final = {
    "users",
    "list by id",
    "created",
    "upsert of a new one",
    "upsert that sends a mail",
    "batch",
    "batch that raises a score",
    "opt-out",
    "note",
    "delete",
}
UPSETS: Final = [one for one in upsets(slow_seconds=0.05) if one.name in NAMES]
ASKED: Final = [one for one in OPERATIONS if one.name in CALLS]
TWINS: Final = pytest.mark.parametrize("twin", ["sync", "async"])


def _config(
    fake: SalesmanagoFake, url: str, timeout_seconds: float = PATIENT_SECONDS
) -> SalesmanagoConfig:
    return SalesmanagoConfig(
        **fake.account(url), retry=FAST, limits=TEN, timeout_seconds=timeout_seconds
    )


@contextmanager
def _client(twin: str, config: SalesmanagoConfig) -> Iterator[Any]:
    """Give a client of either twin, used as the sync one; it waits but briefly."""
    if twin == "sync":
        with SalesmanagoClient(config, sleep=_brief) as client:
            yield client
        return
    twin_client = AsyncSalesmanagoClient(config, sleep=_abrief)
    with asyncio.Runner() as runner, AsSync(twin_client, runner) as client:
        yield client


def _brief(seconds: float) -> None:
    time.sleep(min(seconds, LONGEST_PAUSE_SECONDS))


async def _abrief(seconds: float) -> None:
    await asyncio.sleep(min(seconds, LONGEST_PAUSE_SECONDS))


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


@pytest.mark.salesmanago_row(6)
@TWINS
@pytest.mark.parametrize("upset", UPSETS, ids=lambda upset: upset.name)
@pytest.mark.parametrize("operation", ASKED, ids=lambda operation: operation.name)
def test_a_fault_ends_in_success_or_a_typed_error_and_never_in_a_double(
    twin: str, operation: Operation, upset: Upset
) -> None:
    fake = SalesmanagoFake(clock=SystemClock())
    timeout_seconds = SILENCE_SECONDS if upset.fault.is_silent else PATIENT_SECONDS

    def meet() -> None:
        with (
            LoopbackServer(fake) as server,
            _client(twin, _config(fake, server.url, timeout_seconds)) as client,
        ):
            check(fake, client, operation, upset)

    _in_time(meet)


@TWINS
def test_ten_silent_answers_are_given_up_at_once(twin: str) -> None:
    fake = SalesmanagoFake(clock=SystemClock())
    details = [ContactDetails(f"p{number}@example.com") for number in range(2000)]
    ids: list[Any] = []

    def write() -> None:
        with (
            LoopbackServer(fake) as server,
            _client(twin, _config(fake, server.url, 3 * SILENCE_SECONDS)) as client,
        ):
            fake.fail_next(Fault.silent(), "*/batchupsert", times=10)
            ids.extend(result.id for result in client.batch_upsert(details))

    _in_time(write)

    assert len(set(ids)) == len(fake.people) == 2000
    assert fake.requests["/api/contact/batchupsert"] == 20


# --- another server -----------------------------------------------------------


@pytest.mark.question(27)
@TWINS
@pytest.mark.parametrize(
    ("wrong_host", "kind"),
    [("redirect", ConfigError), ("reject", AuthenticationError), ("answer", None)],
)
def test_credentials_go_to_no_host_but_the_endpoint(
    twin: str, wrong_host: Any, kind: type[CrmbridgeError] | None
) -> None:
    home, away = SalesmanagoFake(), SalesmanagoFake()
    away.switches = evolve(away.switches, wrong_host=wrong_host)
    raised: CrmbridgeError | None = None

    with LoopbackServer(home) as own, LoopbackServer(away) as other:
        away.home = own.url
        with _client(twin, _config(away, other.url)) as client:
            try:
                client.upsert(ContactDetails("ann@example.com"))
            except CrmbridgeError as error:
                raised = error

    assert type(raised) is (kind or type(None))
    assert away.requests == {"/api/contact/upsert": 1}
    assert not home.requests


@pytest.mark.question(27)
@TWINS
def test_a_request_sent_as_it_is_follows_no_redirect_either(twin: str) -> None:
    home, away = SalesmanagoFake(), SalesmanagoFake()

    with LoopbackServer(home) as own, LoopbackServer(away) as other:
        away.home = own.url
        with _client(twin, _config(away, other.url)) as client:
            reply = client.send(
                Request("salesmanago", "POST", "/api/user/listByClient")
            )

    assert reply.status == 307
    assert not home.requests
