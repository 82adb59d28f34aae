"""One run from beginning to end, as one generator.

Floor 4.
Lease, leftovers, both feeds, then rounds of: read, sift, consent, the rest.
A run may stop between any two steps; the next one needs no special mode.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from crmbridge._steps import Call, clock, do, gather
from crmbridge.errors import CrmbridgeError, StoreError
from crmbridge.reconcile.consent_lane import consent_lane
from crmbridge.reconcile.context import Context, Settings
from crmbridge.reconcile.digests import Digester
from crmbridge.reconcile.ingest import (
    drain_feeds,
    gather_material,
    look_again,
    observe,
)
from crmbridge.reconcile.main_lane import main_lane
from crmbridge.reconcile.plan import Plan
from crmbridge.reconcile.ports import (
    Acquire,
    Commit,
    Fetch,
    Lease,
    Normal,
    Put,
    Release,
    Row,
    Side,
)
from crmbridge.reconcile.records import SIDES, SideFacts, SideName
from crmbridge.reconcile.report import Report

__all__ = ["make_plan", "make_run"]

_DIGEST_KEY: Final = "digest-key"


def make_plan(
    sides: Mapping[SideName, Side], normal: Normal, settings: Settings
) -> Call[Plan]:
    """Find out what a run would do; give it a store that can be thrown away.

    Raises:
        LeaseHeldError: another worker runs this bridge.
    """
    context = yield from _run(sides, normal, settings)
    return context.tally.plan(settings.bridge, context.started_at, context.digester.key)


def make_run(
    sides: Mapping[SideName, Side],
    normal: Normal,
    settings: Settings,
    plan: Plan | None = None,
) -> Call[Report]:
    """Run once: everything, or exactly what a plan allows.

    Raises:
        LeaseHeldError: another worker runs this bridge.
        FencedError: another worker took over in the middle.
    """
    context = yield from _run(sides, normal, settings)
    ended = yield from clock()
    return context.tally.report(settings.bridge, context.started_at, ended.at, plan)


def _run(
    sides: Mapping[SideName, Side], normal: Normal, settings: Settings
) -> Call[Context]:
    started = yield from clock()
    lease = yield from do(
        Acquire(settings.bridge, settings.holder, settings.lease_seconds)
    )
    try:
        facts = yield from _connect(sides)
        key = yield from _digest_key(lease, settings)
        context = Context(
            sides, settings, lease, started.at, Digester(normal, key), facts
        )
        yield from _phases(context)
    except CrmbridgeError:
        yield from _let_go(lease)
        raise
    yield from do(Release(lease))
    return context


def _let_go(lease: Lease) -> Call[None]:
    """Release the lease of a failed run; its own error must not be hidden."""
    try:
        yield from do(Release(lease))
    except StoreError:
        # The lease ends by itself; what made the run fail is what counts.
        return


def _connect(sides: Mapping[SideName, Side]) -> Call[dict[SideName, SideFacts]]:
    answers = yield from gather((sides[side].connect() for side in SIDES), len(SIDES))
    return dict(zip(SIDES, answers, strict=True))


def _digest_key(lease: Lease, settings: Settings) -> Call[bytes]:
    """Give the bridge's secret, making it on the first run."""
    rows = yield from do(Fetch(settings.bridge, "meta", (_DIGEST_KEY,)))
    if rows:
        return rows[0].data
    row = Row("meta", _DIGEST_KEY, settings.digest_key)
    yield from do(Commit(lease, (Put(row),)))
    return settings.digest_key


def _phases(context: Context) -> Call[None]:
    yield from look_again(context)
    yield from drain_feeds(context)
    for _ in range(context.settings.max_rounds):
        context.tally.requeued = 0
        yield from gather_material(context)
        yield from consent_lane(context)
        yield from observe(context)
        yield from main_lane(context)
        if not context.tally.requeued:
            return
