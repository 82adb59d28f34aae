"""A fake SALESmanago and its client, sync and async: every case runs with both.

Both share one fake clock, so waiting takes no time; the way between them is
memory. What needs real HTTP stands in ``tests/integration``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from attrs import evolve, frozen

from crmbridge import AsyncSalesmanagoClient, SalesmanagoClient, SalesmanagoConfig
from crmbridge.testing import (
    AsyncFakeTransport,
    FakeClock,
    FakeTransport,
    SalesmanagoFake,
)
from tests.twins import AsSync


@frozen
class World:
    """One fake SALESmanago and the ways to it.

    Attributes:
        twin: ``"sync"`` or ``"async"``.
        clock: the clock of the fake and of all clients.
        fake: the service.
        runner: the event loop of the async clients.
    """

    twin: str
    clock: FakeClock
    fake: SalesmanagoFake
    runner: asyncio.Runner

    def switch(self, **switches: Any) -> None:
        """Set switches of the fake; those that are not named stay."""
        self.fake.switches = evolve(self.fake.switches, **switches)

    def config(self, **changes: Any) -> SalesmanagoConfig:
        """Give a configuration that reaches the fake."""
        settings = {**self.fake.account(), "history_start": date(2025, 1, 1)}
        return SalesmanagoConfig(**{**settings, **changes})

    def client(self, *, options: dict[str, Any] | None = None, **changes: Any) -> Any:
        """Make a client; ``changes`` are settings, ``options`` its arguments."""
        given = options or {}
        if self.twin == "sync":
            return SalesmanagoClient(
                self.config(**changes),
                **{
                    "transport": FakeTransport(self.fake),
                    "sleep": self.clock.sleep,
                    "clock": self.clock,
                    **given,
                },
            )
        twin = AsyncSalesmanagoClient(
            self.config(**changes),
            **{
                "transport": AsyncFakeTransport(self.fake),
                "sleep": self.clock.asleep,
                "clock": self.clock,
                **given,
            },
        )
        return AsSync(twin, self.runner)


@pytest.fixture(params=["sync", "async"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Give a world with an empty account."""
    clock = FakeClock()
    with asyncio.Runner() as runner:
        yield World(request.param, clock, SalesmanagoFake(clock=clock), runner)
