"""Every example runs to its end."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crmbridge.testing import (
    LoopbackServer,
    SalesmanagoFake,
    SystemClock,
    ZohoFake,
    populate,
)

EXAMPLES = Path(__file__).parents[1] / "examples"
OPTIONS = {"01_first_sync.py": ("--people", "200", "--seed", "2")}


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", sorted(path.name for path in EXAMPLES.glob("[0-9]*.py"))
)
def test_an_example_exits_with_0(name: str, tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-W", "error", EXAMPLES / name, *OPTIONS.get(name, ())],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.slow
def test_the_first_example_only_plans_on_real_accounts(tmp_path: Path) -> None:
    salesmanago, zoho = (
        SalesmanagoFake(clock=SystemClock()),
        ZohoFake(clock=SystemClock()),
    )
    populate(salesmanago, zoho, people=40)
    since = datetime.now(UTC) - timedelta(days=3)
    with LoopbackServer(salesmanago) as first, LoopbackServer(zoho) as second:
        zoho.api_domain = second.url
        accounts = {
            "SALESMANAGO": salesmanago.account(first.url),
            "ZOHO": zoho.account(second.url),
        }
        environment = {
            f"CRMBRIDGE_{service}_{name.upper()}": value
            for service, account in accounts.items()
            for name, value in account.items()
        }
        ended = subprocess.run(
            [
                sys.executable,
                EXAMPLES / "01_first_sync.py",
                *("--since", since.date().isoformat()),
            ],
            cwd=tmp_path,
            env={**os.environ, **environment},
            check=False,
            capture_output=True,
            text=True,
            timeout=300,
        )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "Nothing was written" in ended.stdout
    assert (salesmanago.writes, zoho.writes) == (0, 0)
