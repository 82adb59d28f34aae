"""The first example, killed by SIGKILL at any moment, ends like one that was not."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from attrs import frozen

from crmbridge._steps import Reply, Request
from crmbridge.testing import (
    Fake,
    LoopbackServer,
    SalesmanagoFake,
    SystemClock,
    ZohoFake,
    populate,
)

PEOPLE = 60
MOMENTS = 20
EXAMPLE = Path(__file__).parents[2] / "examples" / "01_first_sync.py"

World: TypeAlias = dict[str, list[str]]


class Counted:
    """A fake that tells how many requests it was sent, before and after each."""

    def __init__(self, fake: Fake, tick: Callable[[], None]) -> None:
        self._fake = fake
        self._tick = tick

    def handle(self, request: Request) -> Reply:
        self._tick()
        reply = self._fake.handle(request)
        self._tick()
        return reply


class Services:
    """Both fakes in this process, for workers in others."""

    def __init__(self) -> None:
        clock = SystemClock()
        self.salesmanago = SalesmanagoFake(clock=clock)
        self.zoho = ZohoFake(clock=clock)
        populate(self.salesmanago, self.zoho, people=PEOPLE, seed=5)
        self.ticks = 0
        self.ticks_before_writing = 0
        self.at_tick: dict[int, Callable[[], None]] = {}
        self._lock = threading.Lock()

    def tick(self) -> None:
        with self._lock:
            self.ticks += 1
            if not self.salesmanago.writes + self.zoho.writes:
                self.ticks_before_writing = self.ticks
            act = self.at_tick.pop(self.ticks, None)
        if act is not None:
            act()

    @contextmanager
    def served(self) -> Iterator[dict[str, Any]]:
        with (
            LoopbackServer(Counted(self.salesmanago, self.tick)) as first,
            LoopbackServer(Counted(self.zoho, self.tick)) as second,
        ):
            self.zoho.api_domain = second.url
            start = datetime.now(UTC) - timedelta(days=200)
            yield {
                "salesmanago": self.salesmanago.account(first.url),
                "zoho": self.zoho.account(second.url),
                "history_start": start.date().isoformat(),
            }

    def world(self) -> World:
        """Give what both sides hold, without ids and times, in order."""
        kept = {
            "salesmanago": self.salesmanago.people.contacts(),
            **{
                module: self.zoho.people.records(module)
                for module in ("Leads", "Contacts", "Accounts")
            },
        }
        return {
            name: sorted(json.dumps(_values(record)) for record in records)
            for name, records in kept.items()
        }

    def reset_writes(self) -> None:
        self.salesmanago.reset_counters()
        self.zoho.reset_counters()

    def duplicates(self) -> Counter[str]:
        """Count the addresses that several records of one side carry."""
        cards = Counter(
            f"salesmanago {card['email'].casefold()}"
            for card in self.salesmanago.people.contacts()
        )
        records = Counter(
            f"zoho {record['Email'].casefold()}"
            for module in ("Leads", "Contacts")
            for record in self.zoho.people.records(module)
            if record["Email"]
        )
        return Counter({who: n for who, n in (cards + records).items() if n > 1})


_TIMES_AND_IDS = frozenset(
    {"id", "createdOn", "modifiedOn", "Created_Time", "Modified_Time"}
)


def _values(record: Any) -> Any:
    """Leave out what two runs cannot share; an account is known by its name."""
    values = {key: record[key] for key in sorted(record) if key not in _TIMES_AND_IDS}
    if isinstance(account := values.get("Account_Name"), dict):
        values["Account_Name"] = account["name"]
    for user in ("Owner", "Created_By", "Modified_By"):
        if isinstance(values.get(user), dict):
            values[user] = values[user]["name"]
    return values


def _start(
    accounts: dict[str, Any], path: Path, *options: str
) -> subprocess.Popen[bytes]:
    """Start the example on these accounts, as if they were real ones."""
    named = {
        f"CRMBRIDGE_{service}_{name}".upper(): value
        for service in ("salesmanago", "zoho")
        for name, value in accounts[service].items()
    }
    since = ("--since", accounts["history_start"], "--requests-per-second", "1000")
    return subprocess.Popen(
        [sys.executable, "-W", "error", EXAMPLE, "--database", path, *since, *options],
        env={**os.environ, **named},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def _finish(worker: subprocess.Popen[bytes]) -> None:
    _, errors = worker.communicate(timeout=60)
    assert worker.returncode == 0, errors.decode()


@frozen
class Undisturbed:
    """A run that nobody kills: what it ends in, and when it does what.

    Attributes:
        world: what both sides hold at the end.
        duplicates: addresses that several records of one side carry.
        planned: the tick at which the plan was made.
        writing: the tick at which the first write came.
        ended: the last tick.
    """

    world: World
    duplicates: Counter[str]
    planned: int
    writing: int
    ended: int


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    services, only_planned = Services(), Services()
    folder = tmp_path_factory.mktemp("undisturbed")
    with only_planned.served() as accounts:
        _finish(_start(accounts, folder / "plan.db"))
    with services.served() as accounts:
        _finish(_start(accounts, folder / "bridge.db", "--apply"))
    return Undisturbed(
        services.world(),
        services.duplicates(),
        only_planned.ticks,
        services.ticks_before_writing,
        services.ticks,
    )


def _moments() -> list[tuple[str, float, float]]:
    """Draw moments: a share of a phase's requests, and some milliseconds more.

    Every other one lies where writes are under way.
    """
    draw = random.Random(20260105)  # noqa: S311 - seeded moments
    return [
        (
            ("applying", "writing")[number % 2],
            (number + draw.random()) / MOMENTS,
            draw.choice((0.0, 0.0, draw.uniform(0, 0.03))),
        )
        for number in range(MOMENTS)
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("phase", "share", "delay_seconds"), _moments())
def test_a_killed_first_run_ends_like_one_that_was_not(
    phase: str,
    share: float,
    delay_seconds: float,
    undisturbed: Undisturbed,
    tmp_path: Path,
) -> None:
    begin = undisturbed.planned if phase == "applying" else undisturbed.writing
    moment = begin + 1 + int(share * (undisturbed.ended - begin - 1))
    services = Services()
    path = tmp_path / "bridge.db"

    with services.served() as accounts:
        worker = _start(accounts, path, "--apply")
        services.at_tick[moment] = _killer(worker, delay_seconds)
        worker.communicate(timeout=60)
        was_killed = worker.returncode < 0
        _finish(_start(accounts, path, "--apply"))
        ended = services.world()
        services.reset_writes()
        _finish(_start(accounts, path, "--apply"))

    assert was_killed or delay_seconds
    assert services.duplicates() == undisturbed.duplicates
    assert _differences(ended, undisturbed.world) == []
    assert _differences(services.world(), undisturbed.world) == []
    assert (services.salesmanago.writes, services.zoho.writes) == (0, 0)


def _differences(found: World, expected: World) -> list[str]:
    """Give what only one of two worlds holds, the other's marked by ``-``."""
    return [
        f"{sign} {name} {record}"
        for name in expected
        for sign, one, other in (("+", found, expected), ("-", expected, found))
        for record in (Counter(one[name]) - Counter(other[name])).elements()
    ]


def _killer(
    worker: subprocess.Popen[bytes], delay_seconds: float
) -> Callable[[], None]:
    def kill() -> None:
        if delay_seconds:
            threading.Timer(delay_seconds, worker.kill).start()
        else:
            worker.kill()

    return kill
