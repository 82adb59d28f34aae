"""Both fakes on one clock, and clients that talk to them in memory.

Floor 9.
"""

from __future__ import annotations

from datetime import date

from crmbridge.config import SalesmanagoConfig, ZohoConfig
from crmbridge.salesmanago import AsyncSalesmanagoClient, SalesmanagoClient
from crmbridge.testing._clock import FakeClock
from crmbridge.testing._people import populate
from crmbridge.testing._salesmanago import SalesmanagoFake
from crmbridge.testing._transports import AsyncFakeTransport, FakeTransport
from crmbridge.testing._zoho import ZohoFake
from crmbridge.zoho import AsyncZohoClient, ZohoClient

__all__ = ["FakeServices"]


class FakeServices:
    """A fake SALESmanago and a fake Zoho CRM, for a program that joins them.

    Args:
        people: how many made-up persons to fill them with, see `populate`.
        seed: chooses the persons.

    Attributes:
        clock: the clock of both services and of all clients made here; it
            moves only when it is told to, or when a client waits.
        salesmanago: the one fake.
        zoho: the other.
        kinds: the persons' addresses by kind, see `populate`.

    >>> from crmbridge import MemoryStore, Reconciler
    >>> services = FakeServices(people=20)
    >>> with services.salesmanago_client() as one, services.zoho_client() as other:
    ...     bridge = Reconciler(one, other, store=MemoryStore())
    ...     plan = bridge.plan()
    >>> services.writes
    0
    """

    def __init__(self, *, people: int = 0, seed: int = 1) -> None:
        self.clock = FakeClock()
        self.salesmanago = SalesmanagoFake(clock=self.clock)
        self.zoho = ZohoFake(clock=self.clock)
        self.kinds = (
            populate(self.salesmanago, self.zoho, people=people, seed=seed)
            if people
            else {}
        )

    @property
    def writes(self) -> int:
        """How many write requests both services got."""
        return self.salesmanago.writes + self.zoho.writes

    def salesmanago_config(self) -> SalesmanagoConfig:
        """Give the configuration that reaches the fake SALESmanago."""
        start = self.clock().at.date()
        return SalesmanagoConfig(
            **self.salesmanago.account(), history_start=date(start.year - 1, 1, 1)
        )

    def zoho_config(self) -> ZohoConfig:
        """Give the configuration that reaches the fake Zoho CRM."""
        return ZohoConfig(**self.zoho.account())

    def salesmanago_client(self) -> SalesmanagoClient:
        """Make a client of the fake SALESmanago."""
        return SalesmanagoClient(
            self.salesmanago_config(),
            transport=FakeTransport(self.salesmanago),
            sleep=self.clock.sleep,
            clock=self.clock,
        )

    def zoho_client(self) -> ZohoClient:
        """Make a client of the fake Zoho CRM."""
        return ZohoClient(
            self.zoho_config(),
            transport=FakeTransport(self.zoho),
            sleep=self.clock.sleep,
            clock=self.clock,
        )

    def async_salesmanago_client(self) -> AsyncSalesmanagoClient:
        """Make an async client of the fake SALESmanago."""
        return AsyncSalesmanagoClient(
            self.salesmanago_config(),
            transport=AsyncFakeTransport(self.salesmanago),
            sleep=self.clock.asleep,
            clock=self.clock,
        )

    def async_zoho_client(self) -> AsyncZohoClient:
        """Make an async client of the fake Zoho CRM."""
        return AsyncZohoClient(
            self.zoho_config(),
            transport=AsyncFakeTransport(self.zoho),
            sleep=self.clock.asleep,
            clock=self.clock,
        )
