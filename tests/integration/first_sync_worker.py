"""A process that runs a first synchronisation, to be killed by a test.

Takes one argument: JSON with both accounts, the path of the SQLite file and
what to do: ``"plan"``, ``"apply"`` a plan just made, or ``"run"``.
"""

from __future__ import annotations

import json
import sys
from datetime import date

from crmbridge.config import Limits, SalesmanagoConfig, ZohoConfig
from crmbridge.reconciler import Reconciler
from crmbridge.salesmanago import SalesmanagoClient
from crmbridge.stores import SqliteStore
from crmbridge.zoho import ZohoClient


def main() -> None:
    task = json.loads(sys.argv[1])
    salesmanago = SalesmanagoConfig(
        **task["salesmanago"],
        history_start=date.fromisoformat(task["history_start"]),
        limits=Limits(),
    )
    with (
        SalesmanagoClient(salesmanago) as first,
        ZohoClient(ZohoConfig(**task["zoho"])) as second,
        SqliteStore(task["path"]) as store,
    ):
        bridge = Reconciler(first, second, store=store, holder="worker")
        if task["do"] == "run":
            bridge.run()
            return
        plan = bridge.plan()
        if task["do"] == "apply":
            bridge.apply(plan)


if __name__ == "__main__":
    main()
