"""Both clients of Zoho, and its side, over real HTTP on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from attrs import evolve

from crmbridge.config import Limits, RetryPolicy, ZohoConfig
from crmbridge.errors import (
    AuthenticationError,
    ConnectionFailedError,
    CrmbridgeError,
    MalformedReplyError,
    OutcomeUnknownError,
    ServiceError,
    ThrottledError,
)
from crmbridge.testing import Fault, ZohoFake
from crmbridge.testing._clock import SystemClock
from crmbridge.testing._server import LoopbackServer
from crmbridge.zoho import AsyncZohoClient, ZohoClient, coql

FAST = RetryPolicy(first_delay_seconds=0.01, attempts=3)
NAMES = tuple(f"Żółć {number} & + % 'x'" for number in range(450))


@pytest.fixture
def fake() -> ZohoFake:
    return ZohoFake(clock=SystemClock())


@pytest.fixture
def config(fake: ZohoFake) -> Iterator[ZohoConfig]:
    with LoopbackServer(fake) as server:
        fake.api_domain = server.url
        account = fake.account(server.url)
        yield ZohoConfig(**account, retry=FAST, limits=Limits(max_in_flight=10))


def test_a_client_writes_and_reads_over_http(
    fake: ZohoFake, config: ZohoConfig
) -> None:
    since = fake.clock().at.replace(year=2020)
    with ZohoClient(config) as client:
        made = client.insert("Leads", [{"Last_Name": name} for name in NAMES])
        read = client.by_ids(
            "Leads", [one.id or "" for one in made], fields=["Last_Name"]
        )
        listed = list(
            client.records("Leads", fields=["Last_Name"], modified_since=since)
        )
        gone = client.delete("Leads", [made[0].id or ""])

    assert [record.fields["Last_Name"] for record in read if record] == list(NAMES)
    assert {record.fields["Last_Name"] for record in listed} == set(NAMES)
    assert gone[0].is_success
    assert fake.requests["token"] == 1


def test_an_async_client_writes_and_reads_over_http(
    fake: ZohoFake, config: ZohoConfig
) -> None:
    async def main() -> set[object]:
        async with AsyncZohoClient(config) as client:
            await client.insert("Leads", [{"Last_Name": name} for name in NAMES])
            found = client.records("Leads", fields=["Last_Name"])
            return {record.fields["Last_Name"] async for record in found}

    assert asyncio.run(main()) == set(NAMES)
    assert fake.requests["token"] == 1


def test_the_address_of_the_api_is_taken_from_the_token(
    fake: ZohoFake, config: ZohoConfig
) -> None:
    with ZohoClient(evolve(config, api_domain=None)) as client:
        assert len(client.users()) == 1


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.status(503), ServiceError),
        (Fault.status(429), ThrottledError),
        (Fault.html(), MalformedReplyError),
        (Fault.truncated(), MalformedReplyError),
    ],
)
def test_a_lasting_fault_is_told(
    fake: ZohoFake, config: ZohoConfig, fault: Fault, kind: type[CrmbridgeError]
) -> None:
    fake.fail_next(fault, "/crm/*", times=3)

    with ZohoClient(config) as client, pytest.raises(kind):
        client.users()


def test_an_insert_whose_connection_breaks_is_not_repeated(
    fake: ZohoFake, config: ZohoConfig
) -> None:
    fake.fail_next(Fault.cut(), "/crm/*")

    with ZohoClient(config) as client, pytest.raises(OutcomeUnknownError):
        client.insert("Leads", [{"Last_Name": "x"}])

    assert len(fake.people.records("Leads")) == 1


def test_a_wrong_secret_is_told(config: ZohoConfig) -> None:
    wrong = evolve(config, client_secret="wrong")

    with ZohoClient(wrong) as client, pytest.raises(AuthenticationError):
        client.users()


def test_an_unreachable_host_is_told(config: ZohoConfig) -> None:
    away = evolve(config, accounts_url="http://127.0.0.1:1")

    with ZohoClient(away) as client, pytest.raises(ConnectionFailedError):
        client.users()


SIGNS = ("Nut, Bolt (UK)", "a\\b", "it's", "+48 & co=1%", "Żółć\nTwo", '"x"; --')


def test_questions_and_searches_keep_their_signs_on_the_way(
    fake: ZohoFake, config: ZohoConfig
) -> None:
    fake.switches = evolve(fake.switches, search_lag_seconds=0)
    made = {sign: fake.people.add_lead(Last_Name="A", City=sign) for sign in SIGNS}

    with ZohoClient(config) as client:
        held = client.find_by("Leads", "City", SIGNS, fields=["City"])
        searched = {
            sign: [
                record.id
                for record in client.search(
                    "Leads", criteria=coql.equals("City", sign), fields=["City"]
                )
            ]
            for sign in SIGNS
        }

    assert {sign: [r.id for r in records] for sign, records in held.items()} == {
        sign: [lead] for sign, lead in made.items()
    }
    assert searched == {sign: [lead] for sign, lead in made.items()}
