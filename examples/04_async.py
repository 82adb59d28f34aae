"""The same in async code: both services at once, and a bridge between them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from crmbridge import (
    AsyncReconciler,
    AsyncSalesmanagoClient,
    AsyncZohoClient,
    Limits,
    MemoryStore,
    SalesmanagoConfig,
    ZohoConfig,
)
from crmbridge.testing import (
    LoopbackServer,
    SalesmanagoFake,
    SystemClock,
    ZohoFake,
    populate,
)


async def main(salesmanago_config: SalesmanagoConfig, zoho_config: ZohoConfig) -> None:
    """Ask both services for their users at one time, then bring them in step."""
    async with (
        AsyncSalesmanagoClient(salesmanago_config) as salesmanago,
        AsyncZohoClient(zoho_config) as zoho,
    ):
        first, second = await asyncio.gather(salesmanago.users(), zoho.users())
        print(f"users: {len(first)} in SALESmanago, {len(second)} in Zoho")

        leads = [lead async for lead in zoho.records("Leads", fields=("Email",))]
        print(f"{len(leads)} leads")

        bridge = AsyncReconciler(salesmanago, zoho, store=MemoryStore())
        plan = await bridge.plan()
        report = await bridge.apply(plan)
        print(report.summary())
        again = await bridge.run()
        print(f"a run right after it writes {again.writes} records")


def serve_fakes() -> None:
    """Start both fakes on loopback, and run the example against them."""
    clock = SystemClock()
    salesmanago, zoho = SalesmanagoFake(clock=clock), ZohoFake(clock=clock)
    populate(salesmanago, zoho, people=100)
    with LoopbackServer(salesmanago) as first, LoopbackServer(zoho) as second:
        zoho.api_domain = second.url
        salesmanago_config = SalesmanagoConfig(
            **salesmanago.account(first.url),
            history_start=(datetime.now(UTC) - timedelta(days=200)).date(),
            limits=Limits(),
        )
        asyncio.run(main(salesmanago_config, ZohoConfig(**zoho.account(second.url))))


if __name__ == "__main__":
    serve_fakes()
