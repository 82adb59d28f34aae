"""What a caller who reconciles may rely on; read by the checkers, never run."""

from collections.abc import Callable
from datetime import datetime
from typing import assert_type

from crmbridge import (
    NOT_OBSERVED,
    Address,
    AsyncReconciler,
    AsyncSalesmanagoClient,
    AsyncZohoClient,
    Birthday,
    Consent,
    ConsentPolicy,
    Contact,
    MemoryStore,
    Plan,
    Reconciler,
    Report,
    SalesmanagoClient,
    SalesmanagoConfig,
    SqliteStore,
    Store,
    ZohoClient,
    ZohoConfig,
)
from crmbridge.contact import NotObserved
from crmbridge.reconcile import Action, Progress, Review, ReviewReason

salesmanago = SalesmanagoConfig(
    endpoint="app2", client_id="c", api_secret="s", owner="ann@example.com"
)
zoho = ZohoConfig(data_centre="eu", client_id="c", client_secret="s", refresh_token="r")


def show(progress: Progress) -> None:
    assert_type(progress.done, int)


def synchronise(store: Store) -> Report:
    with SalesmanagoClient(salesmanago) as one, ZohoClient(zoho) as other:
        bridge = Reconciler(
            one,
            other,
            store=store,
            name="shop",
            prefer="salesmanago",
            consent=ConsentPolicy.PROTECTIVE,
            on_progress=show,
        )
        plan = bridge.plan()
        assert_type(plan, Plan)
        assert_type(plan.actions, tuple[Action, ...])
        assert_type(plan.counts(), dict[str, int])
        assert_type(bridge.run(), Report)
        return bridge.apply(plan)


async def synchronise_later() -> list[ReviewReason]:
    async with AsyncSalesmanagoClient(salesmanago) as one, AsyncZohoClient(zoho) as two:
        bridge = AsyncReconciler(one, two, store=SqliteStore("bridge.db"))
        report = assert_type(await bridge.run(), Report)
        assert_type(report.reviews, tuple[Review, ...])
        assert_type(report.started_at, datetime)
        return [review.reason for review in report.reviews]


def greeting(contact: Contact) -> str:
    if contact.name:
        assert_type(contact.name, str)
        return contact.name
    assert_type(contact.phone, str | NotObserved | None)
    if contact.address is not NOT_OBSERVED:
        assert_type(contact.address, Address)
    if contact.birthday:
        assert_type(contact.birthday, Birthday)
    assert_type(contact.email_consent, Consent)
    return "unknown"


runs: Callable[[Store], Report] = synchronise
synchronise(MemoryStore())
