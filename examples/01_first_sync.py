"""Bring a SALESmanago account and a Zoho organisation in step, and watch it.

Run as it is, it starts fakes of both services on this machine, fills them
with people, and tells a whole story: plan, first run, edits on both sides,
second run, and a third one that has nothing left to do.

With these names in the environment it works on real accounts instead, and
shows the plan only, unless ``--apply`` is given::

    CRMBRIDGE_SALESMANAGO_ENDPOINT    https://app2.salesmanago.com
    CRMBRIDGE_SALESMANAGO_CLIENT_ID   from Integration Center > API > API v2
    CRMBRIDGE_SALESMANAGO_API_SECRET  from the same place
    CRMBRIDGE_SALESMANAGO_OWNER       the e-mail of the main user
    CRMBRIDGE_ZOHO_DATA_CENTRE        us, eu, in, au, jp, cn, ca, sa or uk
    CRMBRIDGE_ZOHO_CLIENT_ID          from Zoho's API console
    CRMBRIDGE_ZOHO_CLIENT_SECRET      from the same place
    CRMBRIDGE_ZOHO_REFRESH_TOKEN      made with the grant token of that client
    CRMBRIDGE_ZOHO_ACCOUNTS_URL       only for a server other than Zoho's own
    CRMBRIDGE_ZOHO_API_DOMAIN         the same

``--since`` names the day before which SALESmanago has no contact: it is asked
month after month, so a later day makes the first run shorter.
Kill it whenever you like: with the same ``--database`` it goes on where it was.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from attrs import frozen

import _show as show
from _story import Story
from _verify import verify
from crmbridge import (
    Limits,
    Reconciler,
    Report,
    SalesmanagoClient,
    SalesmanagoConfig,
    SqliteStore,
    ZohoClient,
    ZohoConfig,
)
from crmbridge.testing import (
    LoopbackServer,
    SalesmanagoFake,
    SystemClock,
    ZohoFake,
    populate,
)

LEAST_PEOPLE = 40  # the story needs some people of each kind


@frozen
class Accounts:
    """The two accounts, and the story to be told if they are fakes."""

    salesmanago: SalesmanagoConfig
    zoho: ZohoConfig
    story: Story | None = None


def main() -> int:
    """Do it all; return 0 if both sides were found equal at the end."""
    options = read_options()
    with (
        accounts_of(options) as accounts,
        SalesmanagoClient(accounts.salesmanago) as salesmanago,
        ZohoClient(accounts.zoho) as zoho,
        database(options.database) as path,
        SqliteStore(path) as store,
    ):
        bridge = Reconciler(salesmanago, zoho, store=store, on_progress=show.progress)
        story = accounts.story
        if story is None:
            run_on_real_accounts(bridge, may_write=options.apply)
            return 0
        reports = run_story(bridge, story)
        return verify(salesmanago, zoho, store, reports)


def run_on_real_accounts(bridge: Reconciler, *, may_write: bool) -> None:
    """Show the plan, and carry it out if that was asked for."""
    show.chapter("The plan")
    plan = bridge.plan()
    show.text(plan.summary())
    if not may_write:
        show.text("Nothing was written. Run it again with --apply to do all this.")
        return
    show.chapter("The run")
    with show.progress_bar("Writing", plan.writes):
        report = bridge.apply(plan)
    show.text(report.summary())


def run_story(bridge: Reconciler, story: Story) -> list[Report]:
    """Run again and again while people edit both sides; give all reports."""
    show.chapter("The plan: what a first run would do (nothing is written)")
    plan = bridge.plan()
    show.text(plan.summary())
    story.expect_no_writes("planning")

    show.chapter("The first run: exactly what the plan says")
    with show.progress_bar("Writing", plan.writes):
        first = bridge.apply(plan)
    show.text(first.summary())

    show.chapter("A run right after it")
    story.reset_counters()
    again = bridge.run()
    story.expect_no_writes("a run right after the first")

    show.chapter("People edit both sides")
    story.edit_both_sides()

    show.chapter("The second run")
    with show.progress_bar("Writing", None):
        second = bridge.run()
    show.text(second.summary())

    show.chapter("The third run")
    story.reset_counters()
    third = bridge.run()
    story.expect_no_writes("the third run")

    show.chapter("What happened to the edits")
    story.show_endings()
    return [first, again, second, third]


@contextmanager
def accounts_of(options: argparse.Namespace) -> Iterator[Accounts]:
    """Give the accounts of the environment, or two fakes on loopback."""
    if "CRMBRIDGE_SALESMANAGO_ENDPOINT" in os.environ:
        yield real_accounts(options.since, options.requests_per_second)
        return
    salesmanago = SalesmanagoFake(clock=SystemClock())
    zoho = ZohoFake(clock=SystemClock())
    kinds = populate(salesmanago, zoho, people=options.people, seed=options.seed)
    with LoopbackServer(salesmanago) as first, LoopbackServer(zoho) as second:
        zoho.api_domain = second.url
        show.text(f"SALESmanago at {first.url}, Zoho CRM at {second.url}: fakes.")
        yield Accounts(
            SalesmanagoConfig(
                **salesmanago.account(first.url),
                history_start=(datetime.now(UTC) - timedelta(days=200)).date(),
                limits=Limits(),  # a fake needs no sparing
            ),
            ZohoConfig(**zoho.account(second.url)),
            Story(salesmanago, zoho, kinds),
        )


def real_accounts(since: date, requests_per_second: float) -> Accounts:
    """Read both accounts from the environment."""
    env = os.environ
    return Accounts(
        SalesmanagoConfig(
            endpoint=env["CRMBRIDGE_SALESMANAGO_ENDPOINT"],
            client_id=env["CRMBRIDGE_SALESMANAGO_CLIENT_ID"],
            api_secret=env["CRMBRIDGE_SALESMANAGO_API_SECRET"],
            owner=env["CRMBRIDGE_SALESMANAGO_OWNER"],
            history_start=since,
            limits=Limits(requests_per_second=requests_per_second),
        ),
        ZohoConfig(
            data_centre=env.get("CRMBRIDGE_ZOHO_DATA_CENTRE", "eu"),
            client_id=env["CRMBRIDGE_ZOHO_CLIENT_ID"],
            client_secret=env["CRMBRIDGE_ZOHO_CLIENT_SECRET"],
            refresh_token=env["CRMBRIDGE_ZOHO_REFRESH_TOKEN"],
            accounts_url=env.get("CRMBRIDGE_ZOHO_ACCOUNTS_URL"),
            api_domain=env.get("CRMBRIDGE_ZOHO_API_DOMAIN"),
        ),
    )


@contextmanager
def database(path: Path | None) -> Iterator[Path]:
    """Give the file that was asked for, or one that is thrown away."""
    if path is not None:
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "bridge.db"


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="A first synchronisation, told.")
    parser.add_argument("--people", type=int, default=1000, help="at least 40")
    parser.add_argument("--seed", type=int, default=1, help="which people")
    parser.add_argument("--database", type=Path, help="a SQLite file to keep")
    parser.add_argument(
        "--since", type=date.fromisoformat, default="2011-01-01", help="a day"
    )
    parser.add_argument(
        "--requests-per-second", type=float, default=5.0, help="asked of SALESmanago"
    )
    parser.add_argument("--apply", action="store_true", help="write to real accounts")
    options = parser.parse_args()
    if options.people < LEAST_PEOPLE:
        parser.error(f"--people must be at least {LEAST_PEOPLE}")
    return options


if __name__ == "__main__":
    sys.exit(main())
