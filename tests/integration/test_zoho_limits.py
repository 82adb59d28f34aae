"""Limits over real HTTP: calls that are in flight at one time, and who waits."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from crmbridge import Limiter
from crmbridge.config import Limits, RetryPolicy, ZohoConfig
from crmbridge.testing import LoopbackServer, SystemClock, ZohoFake, ZohoSwitches
from crmbridge.zoho import AsyncZohoClient, WriteResult, ZohoClient

PATIENT = RetryPolicy(first_delay_seconds=0.01, attempts=30)
FREE_PLACES = 5


@pytest.fixture
def fake() -> ZohoFake:
    fake = ZohoFake(clock=SystemClock(), switches=ZohoSwitches(edition="free"))
    fake.latency_seconds = 0.01
    return fake


@pytest.fixture
def config(fake: ZohoFake) -> Iterator[ZohoConfig]:
    with LoopbackServer(fake) as server:
        fake.api_domain = server.url
        account = fake.account(server.url)
        yield ZohoConfig(**account, retry=PATIENT, limits=Limits(max_in_flight=20))


def _limiter(places: int) -> Limiter:
    limits = Limits(max_in_flight=places, first_pause_seconds=0.02)
    return Limiter(limits, draw=lambda: 0.5)


def _changes(fake: ZohoFake, count: int) -> list[dict[str, Any]]:
    ids = [fake.people.add_lead(Last_Name="x") for _ in range(count)]
    return [{"id": lead, "Last_Name": "y"} for lead in ids]


def _written(
    config: ZohoConfig, limiter: Limiter, changes: list[dict[str, Any]], twin: str
) -> tuple[WriteResult, ...]:
    async def main() -> tuple[WriteResult, ...]:
        async with AsyncZohoClient(config, limiter=limiter) as client:
            return await client.update("Leads", changes)

    if twin == "async":
        return asyncio.run(main())
    with ZohoClient(config, limiter=limiter) as client:
        return client.update("Leads", changes)


@pytest.mark.parametrize("twin", ["sync", "async"])
def test_a_limiter_fills_the_places_of_the_edition_and_no_more(
    fake: ZohoFake, config: ZohoConfig, twin: str
) -> None:
    results = _written(config, _limiter(FREE_PLACES), _changes(fake, 3000), twin)

    assert all(result.is_success for result in results)
    assert 1 < fake.allowance.most_in_flight <= FREE_PLACES
    assert fake.allowance.refused == {}


def test_two_clients_of_both_kinds_share_the_places_of_one_limiter(
    fake: ZohoFake, config: ZohoConfig
) -> None:
    limiter = _limiter(FREE_PLACES)
    changes = [(_changes(fake, 2000), twin) for twin in ("sync", "async")]

    with ThreadPoolExecutor(2) as pool:
        parts = pool.map(lambda one: _written(config, limiter, *one), changes)
        results = [result for part in parts for result in part]

    assert all(result.is_success for result in results)
    assert 1 < fake.allowance.most_in_flight <= FREE_PLACES
    assert fake.allowance.refused == {}


@pytest.mark.parametrize("twin", ["sync", "async"])
def test_after_429s_all_is_written_with_fewer_places(
    fake: ZohoFake, config: ZohoConfig, twin: str
) -> None:
    limiter = _limiter(20)

    results = _written(config, limiter, _changes(fake, 4000), twin)

    assert all(result.is_success for result in results)
    assert fake.records_written == 4000
    assert fake.allowance.refused["calls"] > 0
    assert fake.allowance.most_in_flight == FREE_PLACES
