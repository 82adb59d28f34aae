"""A fake Zoho and its client, sync and async: every case runs with both."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from attrs import frozen

from crmbridge import AsyncZohoClient, ZohoClient, ZohoConfig
from crmbridge.testing import FakeClock, ZohoFake
from tests.worlds import ServiceWorld


@frozen
class World(ServiceWorld):
    """One fake Zoho and the ways to it."""

    sync_client: ClassVar[Any] = ZohoClient
    async_client: ClassVar[Any] = AsyncZohoClient

    fake: ZohoFake

    def config(self, **changes: Any) -> ZohoConfig:
        """Give a configuration that reaches the fake."""
        return ZohoConfig(**{**self.fake.account(), **changes})


@pytest.fixture(params=["sync", "async"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Give a world with an empty organisation."""
    clock = FakeClock()
    with asyncio.Runner() as runner:
        yield World(
            twin=request.param,
            clock=clock,
            fake=ZohoFake(clock=clock),
            runner=runner,
        )
