"""One fake service and its client, sync and async, for cases that run with both.

All share one fake clock, so waiting takes no time; the way between client and
fake is memory. What needs real HTTP stands in ``tests/integration``.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from attrs import evolve, frozen

from crmbridge.testing import AsyncFakeTransport, FakeClock, FakeTransport
from tests.twins import AsSync


@frozen
class ServiceWorld:
    """One fake and the ways to it; a service says what its clients are.

    Attributes:
        twin: ``"sync"`` or ``"async"``.
        clock: the clock of the fake and of all clients.
        fake: the service.
        runner: the event loop of the async clients.
    """

    sync_client: ClassVar[Any]
    async_client: ClassVar[Any]

    twin: str
    clock: FakeClock
    fake: Any
    runner: asyncio.Runner

    def switch(self, **switches: Any) -> None:
        """Set switches of the fake; those that are not named stay."""
        self.fake.switches = evolve(self.fake.switches, **switches)

    def config(self, **changes: Any) -> Any:
        """Give a configuration that reaches the fake."""
        raise NotImplementedError

    def client(self, *, options: dict[str, Any] | None = None, **changes: Any) -> Any:
        """Make a client; ``changes`` are settings, ``options`` its arguments."""
        is_sync = self.twin == "sync"
        make = self.sync_client if is_sync else self.async_client
        usual = {
            "transport": (FakeTransport if is_sync else AsyncFakeTransport)(self.fake),
            "sleep": self.clock.sleep if is_sync else self.clock.asleep,
            "clock": self.clock,
        }
        made = make(self.config(**changes), **{**usual, **(options or {})})
        return made if is_sync else AsSync(made, self.runner)
