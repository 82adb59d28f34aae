"""The reconciler: two sides and a store put together, the engine driven.

Floor 8.
`Reconciler` and `AsyncReconciler` are twins: they carry out the same calls,
one on the calling thread, the other as tasks.
Nothing happens but in the methods that are called; there is no timer and no
thread in the background.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias, TypeVar

from attrs import evolve

from crmbridge._runtime import AsyncHandler, Handler
from crmbridge._steps import Call, Moment, Step
from crmbridge.config import SalesmanagoConfig, ZohoConfig
from crmbridge.errors import ConfigError
from crmbridge.mapping import NormalForms
from crmbridge.reconcile.consent import ConsentPolicy
from crmbridge.reconcile.context import Announce, Settings
from crmbridge.reconcile.decide import Rules
from crmbridge.reconcile.engine import make_plan, make_run
from crmbridge.reconcile.plan import Plan
from crmbridge.reconcile.ports import (
    Acquire,
    Commit,
    Fetch,
    Lease,
    Release,
    Row,
    Scan,
    Side,
    Store,
)
from crmbridge.reconcile.records import SALESMANAGO, ZOHO, SideName
from crmbridge.reconcile.report import Progress, Report
from crmbridge.salesmanago.async_client import AsyncSalesmanagoClient
from crmbridge.salesmanago.client import SalesmanagoClient
from crmbridge.sides import SalesmanagoSide, ZohoSide
from crmbridge.stores import OverlayStore
from crmbridge.zoho.async_client import AsyncZohoClient
from crmbridge.zoho.client import ZohoClient

__all__ = ["AsyncReconciler", "Reconciler"]

T = TypeVar("T")

OnProgress: TypeAlias = Callable[[Progress], None]


class Reconciler:
    """Keeps the contacts of a SALESmanago account and a Zoho organisation equal.

    The caller decides when it runs and where its memory lies.
    One run at a time is made of one bridge; a second one is told who holds
    the lease.

    Every method reads both change feeds: for SALESmanago at least two requests
    for each user and each 30 days since the last run, and one for every 50
    contacts touched; for Zoho two requests for Leads and two for Contacts, and
    one more for every further 200 records changed.
    A first run reads everything.

    Args:
        salesmanago: the client of the one side.
        zoho: the client of the other.
        store: where the bridge keeps what it knows, such as `SqliteStore`.
        name: tells bridges apart that share a store.
        prefer: the side whose value is kept where both changed one field, or
            where they differ at first sight; the other value is listed.
        consent: what happens when a person is opted in again on one side.
        on_progress: is told how far a run has come.
        holder: this worker's name, shown to others while it holds the lease.

    >>> from crmbridge import MemoryStore
    >>> from crmbridge.testing import FakeServices
    >>> services = FakeServices(people=20)
    >>> with services.salesmanago_client() as one, services.zoho_client() as other:
    ...     bridge = Reconciler(one, other, store=MemoryStore())
    ...     plan = bridge.plan()
    ...     report = bridge.apply(plan)
    ...     bridge.run().writes
    0
    """

    def __init__(
        self,
        salesmanago: SalesmanagoClient,
        zoho: ZohoClient,
        *,
        store: Store,
        name: str = "default",
        prefer: SideName = ZOHO,
        consent: ConsentPolicy = ConsentPolicy.MIRROR,
        on_progress: OnProgress | None = None,
        holder: str = "worker",
    ) -> None:
        self._clients = (salesmanago, zoho)
        self._store = store
        self._settings = _settings(name, prefer, consent, holder)
        self._sides = _sides(salesmanago.config, zoho.config)
        self._normal = NormalForms()
        self._on_progress = on_progress

    def plan(self) -> Plan:
        """Find out what a run would do, without writing anything anywhere.

        Raises:
            AuthenticationError: a service does not accept the credentials.
            ConfigError: a main user does not exist.
        """
        settings = evolve(self._settings, is_dry=True)
        call = make_plan(self._sides, self._normal, settings)
        return self._carry_out(call, OverlayStore(self._store))

    def apply(self, plan: Plan) -> Report:
        """Do exactly what a plan says, and list what became stale.

        Everything is read again first; an action is done only if it would be
        planned again, on the same values.

        Raises:
            LeaseHeldError: another worker runs this bridge.
            ConfigError: the plan is another bridge's.
        """
        settings = _approved(_for_one_run(self._settings), plan)
        call = make_run(self._sides, self._normal, settings, plan)
        return self._carry_out(call, self._store)

    def run(self) -> Report:
        """Bring both sides in step: plan and apply in one go.

        Raises:
            LeaseHeldError: another worker runs this bridge.
        """
        settings = _for_one_run(self._settings)
        call = make_run(self._sides, self._normal, settings)
        return self._carry_out(call, self._store)

    def _carry_out(self, call: Call[T], store: Store) -> T:
        salesmanago, zoho = (client.runtime for client in self._clients)
        handlers: dict[type[Step[Any]], Handler] = {
            **_store_handlers(store, salesmanago.clock),
            Announce: lambda step: _announce(self._on_progress, step),
        }
        return salesmanago.joined(zoho, handlers=handlers).run(call)


class AsyncReconciler:
    """Keeps the contacts of a SALESmanago account and a Zoho organisation equal.

    The caller decides when it runs and where its memory lies.
    One run at a time is made of one bridge; a second one is told who holds
    the lease.

    Every method reads both change feeds: for SALESmanago at least two requests
    for each user and each 30 days since the last run, and one for every 50
    contacts touched; for Zoho two requests for Leads and two for Contacts, and
    one more for every further 200 records changed.
    A first run reads everything.

    The store is asked on a worker thread, so that the event loop goes on.

    Args:
        salesmanago: the client of the one side.
        zoho: the client of the other.
        store: where the bridge keeps what it knows, such as `SqliteStore`.
        name: tells bridges apart that share a store.
        prefer: the side whose value is kept where both changed one field, or
            where they differ at first sight; the other value is listed.
        consent: what happens when a person is opted in again on one side.
        on_progress: is told how far a run has come.
        holder: this worker's name, shown to others while it holds the lease.

    >>> import asyncio
    >>> from crmbridge import MemoryStore
    >>> from crmbridge.testing import FakeServices
    >>> services = FakeServices(people=20)
    >>> async def example() -> int:
    ...     async with (
    ...         services.async_salesmanago_client() as salesmanago,
    ...         services.async_zoho_client() as zoho,
    ...     ):
    ...         bridge = AsyncReconciler(salesmanago, zoho, store=MemoryStore())
    ...         await bridge.run()
    ...         return (await bridge.run()).writes
    >>> asyncio.run(example())
    0
    """

    def __init__(
        self,
        salesmanago: AsyncSalesmanagoClient,
        zoho: AsyncZohoClient,
        *,
        store: Store,
        name: str = "default",
        prefer: SideName = ZOHO,
        consent: ConsentPolicy = ConsentPolicy.MIRROR,
        on_progress: OnProgress | None = None,
        holder: str = "worker",
    ) -> None:
        self._clients = (salesmanago, zoho)
        self._store = store
        self._settings = _settings(name, prefer, consent, holder)
        self._sides = _sides(salesmanago.config, zoho.config)
        self._normal = NormalForms()
        self._on_progress = on_progress

    async def plan(self) -> Plan:
        """Find out what a run would do, without writing anything anywhere.

        Raises:
            AuthenticationError: a service does not accept the credentials.
            ConfigError: a main user does not exist.
        """
        settings = evolve(self._settings, is_dry=True)
        call = make_plan(self._sides, self._normal, settings)
        return await self._carry_out(call, OverlayStore(self._store))

    async def apply(self, plan: Plan) -> Report:
        """Do exactly what a plan says, and list what became stale.

        Everything is read again first; an action is done only if it would be
        planned again, on the same values.

        Raises:
            LeaseHeldError: another worker runs this bridge.
            ConfigError: the plan is another bridge's.
        """
        settings = _approved(_for_one_run(self._settings), plan)
        call = make_run(self._sides, self._normal, settings, plan)
        return await self._carry_out(call, self._store)

    async def run(self) -> Report:
        """Bring both sides in step: plan and apply in one go.

        Raises:
            LeaseHeldError: another worker runs this bridge.
        """
        settings = _for_one_run(self._settings)
        call = make_run(self._sides, self._normal, settings)
        return await self._carry_out(call, self._store)

    async def _carry_out(self, call: Call[T], store: Store) -> T:
        salesmanago, zoho = (client.runtime for client in self._clients)
        handlers: dict[type[Step[Any]], AsyncHandler] = {
            kind: _on_a_thread(handler)
            for kind, handler in _store_handlers(store, salesmanago.clock).items()
        }
        handlers[Announce] = partial(_announce_soon, self._on_progress)
        return await salesmanago.joined(zoho, handlers=handlers).run(call)


def _sides(salesmanago: SalesmanagoConfig, zoho: ZohoConfig) -> Mapping[SideName, Side]:
    return {SALESMANAGO: SalesmanagoSide(salesmanago), ZOHO: ZohoSide(zoho)}


def _settings(
    name: str, prefer: SideName, consent: ConsentPolicy, holder: str
) -> Settings:
    if not name.strip():
        raise ConfigError("a bridge needs a name that is not empty")
    return Settings(
        bridge=name,
        holder=holder,
        digest_key=secrets.token_bytes(16),
        rules=Rules(prefer, consent),
    )


def _for_one_run(settings: Settings) -> Settings:
    """Give every run a holder's name of its own: two at once must not share one."""
    return evolve(settings, holder=f"{settings.holder} {secrets.token_hex(4)}")


def _approved(settings: Settings, plan: Plan) -> Settings:
    if plan.bridge != settings.bridge:
        raise ConfigError(
            f"the plan was made for the bridge {plan.bridge!r}, not for "
            f"{settings.bridge!r}; make a plan with this reconciler"
        )
    return evolve(
        settings,
        digest_key=plan.key,
        approved=frozenset(action.id for action in plan.actions),
    )


def _store_handlers(
    store: Store, clock: Callable[[], Moment]
) -> dict[type[Step[Any]], Handler]:
    """Answer the engine's store steps with a store."""

    def acquire(step: Acquire) -> Lease:
        return store.acquire(
            step.bridge, step.holder, now=clock().at, ttl_seconds=step.ttl_seconds
        )

    def fetch(step: Fetch) -> tuple[Row, ...]:
        return store.fetch(step.bridge, step.table, step.keys, index=step.index)

    def scan(step: Scan) -> tuple[Row, ...]:
        return store.scan(
            step.bridge,
            step.table,
            index=step.index,
            after=step.after,
            limit=step.limit,
        )

    return {
        Acquire: acquire,
        Release: lambda step: store.release(step.lease),
        Commit: lambda step: store.commit(step.lease, step.ops),
        Fetch: fetch,
        Scan: scan,
    }


def _on_a_thread(handler: Handler) -> AsyncHandler:
    """Answer a step on a worker thread, so that the event loop goes on."""

    async def answer(step: Step[Any]) -> Any:
        return await asyncio.to_thread(handler, step)

    return answer


def _announce(on_progress: OnProgress | None, step: Announce) -> None:
    if on_progress is not None:
        on_progress(step.progress)


async def _announce_soon(on_progress: OnProgress | None, step: Announce) -> None:
    _announce(on_progress, step)
