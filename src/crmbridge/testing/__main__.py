"""Both fakes on loopback: ``python -m crmbridge.testing``.

Floor 9.
Prints one line of JSON with both accounts when ready, and serves until
SIGTERM or SIGINT.
Who watches the fake Zoho gets its callbacks, to addresses on loopback only.
``GET /__counters__`` on either port tells what that fake has counted.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Sequence

from attrs import evolve

from crmbridge.testing import (
    LoopbackServer,
    SalesmanagoFake,
    SystemClock,
    ZohoFake,
    populate,
)

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve both fakes until told to stop, and return 0."""
    options = _parser().parse_args(arguments)
    stop = threading.Event()

    def end(*_: object) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    clock = SystemClock()
    salesmanago, zoho = SalesmanagoFake(clock=clock), ZohoFake(clock=clock)
    populate(salesmanago, zoho, people=options.people, seed=options.seed)
    if options.bulk_seconds is not None:
        zoho.switches = evolve(zoho.switches, bulk_seconds=options.bulk_seconds)
    salesmanago.people.fill(options.salesmanago_contacts)
    zoho.people.fill("Leads", options.leads)
    zoho.people.fill("Contacts", options.contacts)
    with (
        LoopbackServer(salesmanago, port=options.salesmanago_port) as first,
        LoopbackServer(zoho, port=options.zoho_port) as second,
        zoho.notifications.delivering(),
    ):
        zoho.api_domain = second.url
        accounts = {
            "salesmanago": salesmanago.account(first.url),
            "zoho": zoho.account(second.url),
        }
        sys.stdout.write(json.dumps(accounts) + "\n")
        sys.stdout.flush()
        stop.wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m crmbridge.testing",
        description="Serve a fake SALESmanago and a fake Zoho CRM on 127.0.0.1.",
    )
    parser.add_argument(
        "--salesmanago-port", type=int, default=0, help="0, the default: a free one"
    )
    parser.add_argument(
        "--zoho-port", type=int, default=0, help="0, the default: a free one"
    )
    parser.add_argument(
        "--people", type=int, default=0, help="how many people to fill in; default 0"
    )
    parser.add_argument(
        "--salesmanago-contacts",
        type=int,
        default=0,
        help="how many plain contacts in SALESmanago, one every 10 minutes until now",
    )
    for module in ("leads", "contacts"):
        parser.add_argument(
            f"--{module}", type=int, default=0, help=f"how many plain {module} in Zoho"
        )
    parser.add_argument(
        "--bulk-seconds", type=float, help="how long Zoho's bulk jobs take; default 30"
    )
    parser.add_argument("--seed", type=int, default=1, help="which people; default 1")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
