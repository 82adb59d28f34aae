"""A fake SALESmanago and its client, sync and async: every case runs with both."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date
from typing import Any, ClassVar

import pytest
from attrs import frozen

from crmbridge import AsyncSalesmanagoClient, SalesmanagoClient, SalesmanagoConfig
from crmbridge.testing import FakeClock, SalesmanagoFake
from tests.worlds import ServiceWorld


@frozen
class World(ServiceWorld):
    """One fake SALESmanago and the ways to it."""

    sync_client: ClassVar[Any] = SalesmanagoClient
    async_client: ClassVar[Any] = AsyncSalesmanagoClient

    fake: SalesmanagoFake

    def config(self, **changes: Any) -> SalesmanagoConfig:
        """Give a configuration that reaches the fake."""
        settings = {**self.fake.account(), "history_start": date(2025, 1, 1)}
        return SalesmanagoConfig(**{**settings, **changes})


@pytest.fixture(params=["sync", "async"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Give a world with an empty account."""
    clock = FakeClock()
    with asyncio.Runner() as runner:
        yield World(
            twin=request.param,
            clock=clock,
            fake=SalesmanagoFake(clock=clock),
            runner=runner,
        )
