"""A small world: two fake services, a store, and a reconciler of either colour."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from crmbridge import AsyncReconciler, MemoryStore, Plan, Reconciler, Report
from crmbridge.testing import FakeServices


class World:
    """Two services and a bridge between them, driven by the test's clock."""

    def __init__(self, *, is_async: bool = False, people: int = 0) -> None:
        self.is_async = is_async
        self.hour_seconds = 3600.0
        self.store = MemoryStore()
        self.options: dict[str, Any] = {}
        self.fill(people=people)

    def fill(self, *, people: int, seed: int = 1) -> None:
        """Begin anew with services of so many people."""
        self.services = FakeServices(people=people, seed=seed)
        self.salesmanago = self.services.salesmanago
        self.zoho = self.services.zoho
        self.cards = self.salesmanago.people
        self.records = self.zoho.people

    def bridge(self, method: str, *arguments: Any) -> Any:
        """Call a method of a fresh reconciler, by default an hour after the last."""
        self.services.clock.advance(self.hour_seconds)
        if self.is_async:
            return asyncio.run(self._later(method, *arguments))
        with (
            self.services.salesmanago_client() as salesmanago,
            self.services.zoho_client() as zoho,
        ):
            bridge = Reconciler(salesmanago, zoho, store=self.store, **self.options)
            return getattr(bridge, method)(*arguments)

    async def _later(self, method: str, *arguments: Any) -> Any:
        async with (
            self.services.async_salesmanago_client() as salesmanago,
            self.services.async_zoho_client() as zoho,
        ):
            bridge = AsyncReconciler(
                salesmanago, zoho, store=self.store, **self.options
            )
            return await getattr(bridge, method)(*arguments)

    def run(self) -> Report:
        """Run once."""
        report: Report = self.bridge("run")
        return report

    def plan(self) -> Plan:
        """Plan once."""
        plan: Plan = self.bridge("plan")
        return plan

    def apply(self, plan: Plan) -> Report:
        """Apply a plan."""
        report: Report = self.bridge("apply", plan)
        return report

    def settle(self) -> None:
        """Run until a run writes nothing, at most three times."""
        for _ in range(3):
            if self.run().writes == 0:
                return
        message = "three runs were not enough"
        raise AssertionError(message)

    def add_pair(
        self, email: str = "ann@example.com", *, is_client: bool = False, **zoho: Any
    ) -> str:
        """Add one person on both sides, and give the Zoho record's id."""
        self.cards.add(
            email, name="Ann Example", state="CUSTOMER" if is_client else "PROSPECT"
        )
        fields = {"First_Name": "Ann", "Last_Name": "Example", "Email": email, **zoho}
        if is_client:
            return self.records.add_contact(**fields)
        return self.records.add_lead(Company="Acme", **fields)

    def linked(
        self, email: str = "ann@example.com", *, is_client: bool = False, **zoho: Any
    ) -> str:
        """Add one person on both sides, bring them in step, give the Zoho id."""
        record_id = self.add_pair(email, is_client=is_client, **zoho)
        self.settle()
        return record_id

    def card(self, email: str = "ann@example.com") -> Mapping[str, Any]:
        """Show a card of SALESmanago."""
        return self.cards.get(email)

    def lead(self, record_id: str) -> Mapping[str, Any]:
        """Show a record of Zoho."""
        return self.records.record(record_id)

    def sent(self, path: str) -> list[Any]:
        """Give the bodies sent to SALESmanago on one path."""
        return [r.body for r in self.salesmanago.recorded if r.path.endswith(path)]


@pytest.fixture(params=["sync", "async"])
def world(request: pytest.FixtureRequest) -> World:
    """Give an empty world, once for each of the twins."""
    return World(is_async=request.param == "async")
