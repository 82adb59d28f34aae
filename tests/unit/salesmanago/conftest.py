"""Both twins of the client before one fake, called alike."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest

from crmbridge.config import SalesmanagoConfig
from crmbridge.salesmanago import AsyncSalesmanagoClient, SalesmanagoClient
from crmbridge.testing import (
    AsyncFakeTransport,
    FakeClock,
    FakeTransport,
    SalesmanagoFake,
)

Ask: TypeAlias = Callable[..., Any]
"""Calls a method of the client by name and gives its result."""


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def fake(clock: FakeClock) -> SalesmanagoFake:
    return SalesmanagoFake(users=("admin@example.com", "bob@example.com"), clock=clock)


@pytest.fixture
def config(fake: SalesmanagoFake) -> SalesmanagoConfig:
    return SalesmanagoConfig(**fake.account())


@pytest.fixture(params=["sync", "async"])
def ask(
    request: pytest.FixtureRequest,
    fake: SalesmanagoFake,
    config: SalesmanagoConfig,
    clock: FakeClock,
) -> Iterator[Ask]:
    if request.param == "sync":
        with SalesmanagoClient(
            config, transport=FakeTransport(fake), sleep=clock.sleep, clock=clock
        ) as client:
            yield lambda method, *args, **more: getattr(client, method)(*args, **more)
        return
    twin = AsyncSalesmanagoClient(
        config, transport=AsyncFakeTransport(fake), sleep=clock.asleep, clock=clock
    )
    with asyncio.Runner() as runner:

        def run(method: str, *args: Any, **more: Any) -> Any:
            return runner.run(getattr(twin, method)(*args, **more))

        yield run
        runner.run(twin.aclose())
