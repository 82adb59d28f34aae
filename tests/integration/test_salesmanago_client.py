"""Both clients of SALESmanago over real HTTP on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from attrs import evolve

from crmbridge.config import Limits, RetryPolicy, SalesmanagoConfig
from crmbridge.errors import (
    ConfigError,
    ConnectionFailedError,
    CrmbridgeError,
    MalformedReplyError,
    ServiceError,
    ThrottledError,
)
from crmbridge.salesmanago import (
    AsyncSalesmanagoClient,
    ConsentChange,
    ContactDetails,
    SalesmanagoClient,
)
from crmbridge.testing import Fault, SalesmanagoFake
from crmbridge.testing._clock import SystemClock
from crmbridge.testing._server import LoopbackServer

FAST = RetryPolicy(first_delay_seconds=0.01, attempts=3)


@pytest.fixture
def fake() -> SalesmanagoFake:
    return SalesmanagoFake(
        users=("admin@example.com", "bob@example.com"), clock=SystemClock()
    )


@pytest.fixture
def config(fake: SalesmanagoFake) -> Iterator[SalesmanagoConfig]:
    with LoopbackServer(fake) as server:
        account = fake.account(server.url)
        yield SalesmanagoConfig(**account, retry=FAST, limits=Limits())


def test_a_client_writes_and_reads_over_http(
    fake: SalesmanagoFake, config: SalesmanagoConfig
) -> None:
    details = [
        ContactDetails(f"p{number}@example.com", {"name": f"Żółć {number}"})
        for number in range(450)
    ]

    with SalesmanagoClient(config) as client:
        results = client.batch_upsert(details)
        found = client.list_all_by_id([result.id or "" for result in results])

    assert [contact.name for contact in found] == [
        row.contact["name"] for row in details
    ]
    assert fake.requests == {
        "/api/contact/batchupsert": 3,
        "/api/contact/listAllById": 9,
    }


def test_an_async_client_writes_and_reads_over_http(
    fake: SalesmanagoFake, config: SalesmanagoConfig
) -> None:
    details = ContactDetails("ann@example.com", email_consent=ConsentChange.IN)

    async def use() -> str | None:
        async with AsyncSalesmanagoClient(config) as client:
            await client.upsert(details)
            await client.opt_out("ann@example.com")
            return await client.has_contact("ann@example.com")

    assert asyncio.run(use()) == fake.people.get("ann@example.com")["id"]
    assert fake.people.get("ann@example.com")["optedOut"]


@pytest.mark.parametrize(
    "fault",
    [
        Fault.cut(),
        Fault.status(429),
        Fault.status(429, retry_after_seconds=0.01),
        Fault.status(503),
    ],
)
def test_a_passing_fault_is_survived_over_http(
    fake: SalesmanagoFake, config: SalesmanagoConfig, fault: Fault
) -> None:
    fake.fail_next(fault)

    with SalesmanagoClient(config) as client:
        assert client.users() == fake.users


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.html(), MalformedReplyError),
        (Fault.status(307), ConfigError),
        (Fault.status(500), ServiceError),
        (Fault.status(429), ThrottledError),
    ],
)
def test_a_lasting_fault_is_a_typed_error_over_http(
    fake: SalesmanagoFake,
    config: SalesmanagoConfig,
    fault: Fault,
    kind: type[CrmbridgeError],
) -> None:
    fake.fail_next(fault, times=3)

    with SalesmanagoClient(config) as client, pytest.raises(kind):
        client.users()


def test_a_server_that_is_not_there_is_a_failed_connection(
    config: SalesmanagoConfig,
) -> None:
    nobody = evolve(config, endpoint="http://127.0.0.1:9")

    with SalesmanagoClient(nobody) as client, pytest.raises(ConnectionFailedError):
        client.users()
