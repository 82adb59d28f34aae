"""The changed ids of a stretch of time, over owners, windows and pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from crmbridge._limiter import Limiter
from crmbridge._ports import Port
from crmbridge._runtime import Runtime
from crmbridge._steps import Moment, Reply, Request
from crmbridge.config import Limits, SalesmanagoConfig
from crmbridge.errors import MalformedReplyError, RefusedError
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago._feed import (
    FeedPosition,
    FeedStep,
    TouchedPage,
    Window,
    read_step,
    touched_ids,
)
from crmbridge.testing import (
    FakeClock,
    FakeTransport,
    SalesmanagoFake,
    SalesmanagoSwitches,
)
from tests.unit.salesmanago.script import ACCOUNT, Script, ok, refused

DAY = timedelta(days=1)


@pytest.fixture
def config(fake: SalesmanagoFake) -> SalesmanagoConfig:
    return SalesmanagoConfig(**fake.account(), history_start=date(2025, 10, 1))


def _pages(
    fake: SalesmanagoFake,
    config: SalesmanagoConfig,
    *,
    since: datetime | None = None,
    owners: Sequence[str] | None = None,
) -> list[TouchedPage]:
    clock = fake.clock
    limiter = Limiter(Limits())
    runtime = Runtime(
        {"salesmanago": Port(FakeTransport(fake), limiter)},
        sleep=clock.sleep,
        clock=clock,
    )
    account = Account.of(config, "key")
    pages: list[TouchedPage] = []
    position: FeedPosition | None = None
    while not pages or position is not None:
        page = runtime.run(
            touched_ids(account, owners or fake.users, since=since, position=position)
        )
        pages.append(page)
        if page.following is None:
            break
        stored = json.dumps(page.following.as_json())
        position = FeedPosition.of_json(json.loads(stored))
        assert position == page.following
    return pages


def _windows(fake: SalesmanagoFake) -> list[tuple[str, int, int]]:
    return sorted(
        (row.body["owner"], row.body["from"], row.body["to"])
        for row in fake.recorded
        if row.path.endswith("createdContacts")
    )


def test_nothing_changed_costs_two_requests_a_user(
    fake: SalesmanagoFake, config: SalesmanagoConfig
) -> None:
    now = fake.clock().at

    pages = _pages(fake, config, since=now - timedelta(hours=6))

    assert [page.ids for page in pages] == [()]
    assert pages[0].server_time == now
    assert fake.requests == {
        "/api/contact/createdContacts": 2,
        "/api/contact/paginatedModifiedContacts": 2,
    }


def test_windows_are_as_long_as_configured_and_overlap_by_a_second(
    fake: SalesmanagoFake, config: SalesmanagoConfig
) -> None:
    _pages(fake, config, owners=["admin@example.com"])

    windows = _windows(fake)
    first = datetime(2025, 10, 1, tzinfo=UTC)
    second = 1000
    assert windows[0][1] == first.timestamp() * 1000 - second
    assert all(
        end - start <= 30 * DAY.total_seconds() * 1000 + second
        for _, start, end in windows
    )
    assert all(a[2] - second == b[1] for a, b in pairwise(windows))
    assert windows[-1][2] > fake.clock().at.timestamp() * 1000


def test_everybody_is_found_once_a_page(
    fake: SalesmanagoFake, config: SalesmanagoConfig, clock: FakeClock
) -> None:
    now = clock.now()
    ids: set[str] = set()
    for number in range(90):
        clock.set(now - number * DAY)
        email = f"p{number}@example.com"
        ids.add(fake.people.add(email, owner=fake.users[number % 2]))
    clock.set(now)

    pages = _pages(fake, evolve(config, feed_window_days=7))

    found = [contact_id for page in pages for contact_id in page.ids]
    assert set(found) == ids
    assert len(found) <= 2 * len(ids)


def test_further_pages_are_read_to_the_end_and_back(
    fake: SalesmanagoFake, config: SalesmanagoConfig, clock: FakeClock
) -> None:
    clock.set(clock.now() - 300 * DAY)
    ids = {fake.people.add(f"p{number}@example.com") for number in range(25)}
    clock.set(clock.now() + 300 * DAY)
    for number in range(25):
        fake.people.edit(f"p{number}@example.com", name="New")

    since = clock.now() - DAY
    pages = _pages(fake, evolve(config, page_size=10), since=since)

    assert [len(page.ids) for page in pages] == [10, 10, 5, 10, 10]
    assert {contact_id for page in pages for contact_id in page.ids} == ids


def test_a_new_contact_that_is_no_modification_is_found(
    fake: SalesmanagoFake, config: SalesmanagoConfig
) -> None:
    fake.switches = evolve(fake.switches, shows_created_as_modified=False)
    card = fake.people.add("ann@example.com")

    assert _pages(fake, config)[-1].ids == (card,)


def test_a_slow_clock_of_ours_misses_nothing(
    fake: SalesmanagoFake, config: SalesmanagoConfig, clock: FakeClock
) -> None:
    card = fake.people.add("ann@example.com")
    slow = clock.now() - timedelta(minutes=20)
    runtime = Runtime(
        {"salesmanago": Port(FakeTransport(fake), Limiter(Limits()))},
        clock=lambda: Moment(slow, 0.0),
    )
    call = touched_ids(
        Account.of(config, "key"), fake.users, since=slow - DAY, position=None
    )

    page: TouchedPage = runtime.run(call)

    assert page.ids == (card,)


def test_pages_that_do_not_end_are_an_error() -> None:
    row = {"id": "7", "email": "ann@example.com"}
    script = Script([ok(modifiedContacts=[row], hasMore=True)])
    window = Window("admin@example.com", 0, 1000, page=10_000)
    here = FeedPosition(1000, 1000, (window,))

    with pytest.raises(MalformedReplyError, match="do not end"):
        script.run(read_step(ACCOUNT, ["admin@example.com"], here))


def test_a_window_that_was_begun_again_twice_is_given_up() -> None:
    script = Script([refused("Page is out of range")])
    window = Window("admin@example.com", 0, 1000, page=2, restarts=2)
    here = FeedPosition(1000, 1000, (window,))

    with pytest.raises(RefusedError):
        script.run(read_step(ACCOUNT, ["admin@example.com"], here))


# --- nobody is lost, whatever happens between two pages ---


@given(
    edits=st.lists(st.sets(st.integers(0, 19), max_size=6), max_size=24),
    deleted=st.lists(st.sets(st.integers(20, 24), max_size=2), max_size=8),
    page_size=st.integers(1, 9),
    order=st.sampled_from(["oldest", "newest"]),
)
def test_who_stays_as_they_are_is_read(
    edits: list[set[int]], deleted: list[set[int]], page_size: int, order: Any
) -> None:
    clock = FakeClock()
    fake = SalesmanagoFake(clock=clock)
    fake.switches = SalesmanagoSwitches(feed_order=order)
    ids = _edited_in_a_window(fake, clock, 40)
    moved: set[int] = set()

    def meddle() -> None:
        for number in edits.pop() if edits else ():
            fake.people.edit(f"p{number}@example.com", phone=f"{clock().at}{edits}")
            moved.add(number)
        for number in deleted.pop() if deleted else ():
            if f"p{number}@example.com" in fake.people:
                fake.people.delete(f"p{number}@example.com", permanently=True)
                moved.add(number)

    config = SalesmanagoConfig(**fake.account(), page_size=page_size)
    found = _read_meddled(fake, Account.of(config, "key"), meddle)

    assert {ids[number] for number in range(40) if number not in moved} <= found


def _edited_in_a_window(
    fake: SalesmanagoFake, clock: FakeClock, count: int
) -> list[str]:
    now = clock.now()
    at, people = now - 300 * DAY, fake.people
    ids = [people.add(f"p{n}@example.com", created_at=at) for n in range(count)]
    clock.set(now - 2 * DAY)
    for number in range(count):
        people.edit(f"p{number}@example.com", name="New")
    clock.set(now)
    return ids


def _read_meddled(
    fake: SalesmanagoFake, account: Account, meddle: Callable[[], None]
) -> set[str]:
    """Read a window that has ended, and meddle before each request."""
    runtime = Runtime(
        {"salesmanago": Port(MeddledTransport(fake, meddle), Limiter(Limits()))},
        sleep=fake.clock.sleep,
        clock=fake.clock,
    )
    now_ms = int(fake.clock().at.timestamp()) * 1000
    here = FeedPosition(now_ms - 9 * 86_400_000, now_ms - 60_000)
    found: set[str] = set()
    while not here.is_at_end:
        step: FeedStep = runtime.run(read_step(account, fake.users, here))
        here = FeedPosition.of_json(json.loads(json.dumps(step.position.as_json())))
        found |= {one.id for one in step.contacts}
    return found


class MeddledTransport(FakeTransport):
    def __init__(self, fake: SalesmanagoFake, meddle: Callable[[], None]) -> None:
        super().__init__(fake)
        self._meddle = meddle

    def send(self, request: Request) -> Reply:
        if request.name == "contact/paginatedModifiedContacts":
            self._meddle()
        return super().send(request)
