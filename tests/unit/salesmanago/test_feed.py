"""The changed ids of a stretch of time, over owners, windows and pages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from attrs import evolve

from crmbridge._limiter import Limiter
from crmbridge._ports import Port
from crmbridge._runtime import Runtime
from crmbridge._steps import Moment
from crmbridge.config import Limits, SalesmanagoConfig
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago._feed import FeedPosition, TouchedPage, touched_ids
from crmbridge.testing import FakeClock, FakeTransport, SalesmanagoFake

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
