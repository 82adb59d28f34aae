"""The feeds of one user and window, and the changes of a whole account."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from crmbridge.config import Limits
from crmbridge.errors import (
    ConnectionLostError,
    InvalidInputError,
    RefusedError,
)
from crmbridge.salesmanago import FeedCursor
from crmbridge.testing import FakeClock, Fault
from tests.salesmanago.conftest import World
from tests.salesmanago.meddling import Meddler, meddled_client
from tests.salesmanago.test_reading import EDITS

ANN = "ann@example.com"
BOB = "bob@example.com"
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def _made_long_ago(world: World, count: int, **fields: Any) -> list[str]:
    """Make contacts outside of all windows that are read."""
    at = world.clock.now() - 300 * DAY
    people = world.fake.people
    return [
        people.add(f"p{n}@example.com", created_at=at, **fields) for n in range(count)
    ]


def _changed(world: World, count: int, *, seconds: int = 1, **fields: Any) -> list[str]:
    """Change contacts that were made long ago, two days before now."""
    ids = _made_long_ago(world, count, **fields)
    now = world.clock.now()
    world.clock.set(now - 2 * DAY)
    for number in range(count):
        world.fake.people.edit(f"p{number}@example.com", name="New")
        world.clock.advance(seconds)
    world.clock.set(now)
    return ids


# --- one user, one window ---


@pytest.mark.salesmanago_row(30)
@pytest.mark.parametrize("is_start_inclusive", [True, False])
@pytest.mark.parametrize("is_end_inclusive", [True, False])
@pytest.mark.parametrize(
    "method", ["created_contacts", "modified_contacts", "modified_contacts_page"]
)
def test_the_bounds_of_a_window_may_belong_to_it(
    world: World, method: str, is_start_inclusive: bool, is_end_inclusive: bool
) -> None:
    world.switch(
        is_start_inclusive=is_start_inclusive, is_end_inclusive=is_end_inclusive
    )
    card = world.fake.people.add(ANN)
    now, second = world.clock.now(), timedelta(seconds=1)

    with world.client() as client:
        read = getattr(client, method)
        at_start = read(start=now, end=now + second)
        at_end = read(start=now - second, end=now)
        inside = read(start=now - second, end=now + second)

    assert len(at_start.contacts) == is_start_inclusive
    assert len(at_end.contacts) == is_end_inclusive
    assert [(one.id, one.email) for one in inside.contacts] == [(card, ANN)]


@pytest.mark.salesmanago_row(29)
@pytest.mark.parametrize("is_seeing_all", [True, False])
def test_feeds_show_what_the_user_sees(world: World, is_seeing_all: bool) -> None:
    world.fake.users = (admin := world.fake.users[0], BOB)
    world.switch(sees_all=frozenset({admin} if is_seeing_all else ()))
    world.fake.people.add(ANN, owner=BOB)
    window = {"start": world.clock.now() - DAY, "end": world.clock.now()}

    with world.client() as client:
        reads = [client.created_contacts, client.modified_contacts]
        mine = [len(read(**window).contacts) for read in reads]
        bobs = [len(read(**window, owner=BOB).contacts) for read in reads]

    assert mine == [is_seeing_all] * 2
    assert bobs == [1, 1]


@pytest.mark.salesmanago_row(31)
@pytest.mark.parametrize("feed_order", ["oldest", "newest"])
def test_pages_count_from_one_and_say_whether_more_follow(
    world: World, feed_order: str
) -> None:
    world.switch(feed_order=feed_order)
    ids = _changed(world, 5)
    window = {"start": world.clock.now() - 9 * DAY, "end": world.clock.now()}

    with world.client(page_size=2) as client:
        pages = [client.modified_contacts_page(**window, page=n) for n in (1, 2, 3)]
        with pytest.raises(InvalidInputError, match="from 1"):
            client.modified_contacts_page(**window, page=0)

    found = [one.id for page in pages for one in page.contacts]
    assert found == (ids if feed_order == "oldest" else ids[::-1])
    assert [page.has_more for page in pages] == [True, True, False]


@pytest.mark.salesmanago_row(31)
@pytest.mark.parametrize(("pages", "is_passed_over"), [("live", 1), ("stable", 0)])
def test_pages_read_one_after_the_other_may_pass_over_somebody(
    world: World, pages: str, is_passed_over: int
) -> None:
    world.switch(pages=pages)
    ids = _changed(world, 10)
    window = {"start": world.clock.now() - 9 * DAY, "end": world.clock.now() - DAY}

    with world.client(page_size=5) as client:
        first = client.modified_contacts_page(**window)
        world.fake.people.edit("p0@example.com", name="Newer")
        second = client.modified_contacts_page(**window, page=2)

    found = {one.id for page in (first, second) for one in page.contacts}
    assert len(set(ids) - found) == is_passed_over


# --- the whole account ---


@pytest.mark.question(10)
@pytest.mark.parametrize("is_start_inclusive", [True, False])
@pytest.mark.parametrize("is_end_inclusive", [True, False])
@pytest.mark.parametrize("page_zero", ["refuse", "first"])
@pytest.mark.parametrize("pages", ["live", "stable"])
@pytest.mark.parametrize("feed_order", ["oldest", "newest"])
def test_nobody_is_lost_however_windows_and_pages_behave(
    world: World,
    is_start_inclusive: bool,
    is_end_inclusive: bool,
    page_zero: str,
    pages: str,
    feed_order: str,
) -> None:
    world.switch(
        is_start_inclusive=is_start_inclusive,
        is_end_inclusive=is_end_inclusive,
        page_zero=page_zero,
        pages=pages,
        feed_order=feed_order,
        shows_created_as_modified=False,
    )
    ids = _changed(world, 12, seconds=3600)
    begin = world.clock.now() - 2 * DAY  # the very second of the first change
    born_between_windows = world.fake.people.add(ANN, created_at=begin + DAY)

    def change_one(asked: int) -> None:
        if asked:
            world.fake.people.edit(f"p{asked % 12}@example.com", name=f"{asked}")

    meddler = Meddler(change_one)
    with meddled_client(world, meddler, page_size=2, feed_window_days=1) as client:
        *_, page = pages_read = list(client.changed_id_pages(since=begin))
        world.clock.advance(3600)
        again = list(client.changed_ids(since=page.until - 10 * MINUTE))

    found = [one.id for page in pages_read for one in page.ids]
    unchanged = set(ids) - {one.id for one in again}
    assert len(found) == len(set(found))
    assert unchanged | {born_between_windows} <= set(found)
    assert set(found) | {one.id for one in again} == {*ids, born_between_windows}
    assert unchanged


@pytest.mark.question(10)
@pytest.mark.parametrize("feed_order", ["oldest", "newest"])
def test_who_does_not_change_is_found_though_everybody_before_does(
    world: World, feed_order: str
) -> None:
    world.switch(feed_order=feed_order)
    ids = _changed(world, 40)
    movers = itertools.cycle(range(0, 40, 2))

    def change_three(asked: int) -> None:
        for number in itertools.islice(movers, 3 if asked else 0):
            world.fake.people.edit(f"p{number}@example.com", name=f"{asked}")

    with meddled_client(world, Meddler(change_three), page_size=5) as client:
        found = {
            one.id for one in client.changed_ids(since=world.clock.now() - 9 * DAY)
        }

    assert set(ids[1::2]) <= found


@pytest.mark.question(10)
def test_a_window_of_several_pages_is_read_to_its_end_and_back(world: World) -> None:
    _changed(world, 25)
    meddler = Meddler(lambda _: None)

    with meddled_client(world, meddler, page_size=10) as client:
        found = list(client.changed_ids(since=world.clock.now() - 9 * DAY))

    assert meddler.asked == [1, 2, 3, 2, 1]
    assert len(found) == 25


@pytest.mark.question(10)
@pytest.mark.parametrize(
    "fault",
    [
        Fault.truncated(),
        Fault.json({"success": False, "message": ["Page is out of range"]}),
        Fault.text(""),
    ],
    ids=["cut short", "refused", "empty"],
)
def test_a_page_that_fails_begins_its_window_again(world: World, fault: Fault) -> None:
    ids = _changed(world, 25)
    start = world.clock.now() - 9 * DAY

    def fail_third(asked: int) -> None:
        if asked == 2:
            world.fake.fail_next(fault, "*/paginatedModifiedContacts")

    meddler = Meddler(fail_third)
    with meddled_client(world, meddler, page_size=10) as client:
        found = [one.id for one in client.changed_ids(since=start)]

    assert meddler.asked == [1, 2, 3, 1, 2, 3, 2, 1]
    assert sorted(found) == sorted(ids)


@pytest.mark.question(10)
def test_a_page_that_fails_for_good_is_an_error_and_its_window_is_read_again(
    world: World,
) -> None:
    ids = _changed(world, 25)
    given = []

    def fail_from_third_on(asked: int) -> None:
        if asked >= 2:
            world.fake.fail_next(Fault.cut(), "*/paginatedModifiedContacts")

    with meddled_client(world, Meddler(fail_from_third_on), page_size=10) as client:
        reading = client.changed_id_pages(since=world.clock.now() - 9 * DAY)
        with pytest.raises(ConnectionLostError):
            given.extend(reading)
    cursor = FeedCursor.from_text(given[-1].cursor.to_text())
    meddler = Meddler(lambda _: None)
    with meddled_client(world, meddler, page_size=10) as client:
        rest = list(client.changed_id_pages(start_at=cursor))

    assert meddler.asked == [1, 2, 3, 2, 1]
    assert {one.id for page in rest for one in page.ids} == set(ids)
    assert rest[-1].server_time == given[0].server_time


def test_a_reading_stops_a_minute_before_the_clock_of_the_service(world: World) -> None:
    now = world.clock.now()
    world.fake.people.add(ANN, created_at=now - timedelta(seconds=30))
    old = world.fake.people.add(BOB, created_at=now - timedelta(seconds=90))

    with world.client() as client:
        (page,) = client.changed_id_pages(since=now - DAY, until=now + DAY)

    assert [one.id for one in page.ids] == [old]
    assert (page.until, page.server_time, page.cursor) == (now - MINUTE, now, None)


@pytest.mark.parametrize("minutes", [-90, 90])
def test_a_wrong_clock_of_ours_changes_nothing(world: World, minutes: int) -> None:
    now = world.clock.now()
    old = world.fake.people.add(BOB, created_at=now - timedelta(seconds=90))
    ours = FakeClock(now + minutes * MINUTE)

    with world.client(options={"clock": ours}) as client:
        (page,) = client.changed_id_pages(since=now - DAY)

    assert [one.id for one in page.ids] == [old]
    assert page.until == now - MINUTE


def test_the_next_reading_begins_where_this_one_ended(world: World) -> None:
    seen: set[str] = set()
    made = set()
    since = world.clock.now() - DAY

    with world.client() as client:
        for number in range(6):
            made.add(world.fake.people.add(f"p{number}@example.com"))
            for page in client.changed_id_pages(since=since):
                seen |= {one.id for one in page.ids}
            since = page.until - 10 * MINUTE
            world.clock.advance(40)
        world.clock.advance(90)
        seen |= {one.id for one in client.changed_ids(since=since)}

    assert seen == made


def test_a_time_that_has_not_come_is_read_as_nothing(world: World) -> None:
    with world.client() as client:
        (page,) = client.changed_id_pages(since=world.clock.now() + DAY)

    assert page.ids == ()
    assert world.fake.requests == {"/api/user/listByClient": 1}


@pytest.mark.parametrize(
    "wrong",
    [
        {"since": datetime(2026, 1, 1)},  # noqa: DTZ001 - has no zone on purpose
        {"until": datetime(2026, 1, 1)},  # noqa: DTZ001 - has no zone on purpose
        {"window_days": 0},
        {"window_days": 31},
        {"owners": ()},
        {
            "since": datetime(2026, 1, 1, tzinfo=UTC),
            "start_at": FeedCursor.from_text(
                '{"version":1,"since":0,"until":0,"server_time":0}'
            ),
        },
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_sent(
    world: World, wrong: dict[str, Any]
) -> None:
    with world.client() as client, pytest.raises(InvalidInputError):
        next(iter(client.changed_contact_pages(**wrong)))

    assert world.fake.requests.total() == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"version":2,"since":0,"until":0,"server_time":0}',
        '{"version":1,"since":"x","until":0,"server_time":0}',
        '{"version":1,"since":1e30,"until":0,"server_time":0}',
    ],
)
def test_a_text_that_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="no cursor"):
        FeedCursor.from_text(text)


@pytest.mark.parametrize(("days", "windows"), [(None, 4), (30, 4), (1, 100)])
def test_windows_are_as_long_as_asked(
    world: World, days: int | None, windows: int
) -> None:
    since = world.clock.now() - 100 * DAY + MINUTE

    with world.client() as client:
        list(client.changed_ids(since=since - MINUTE, window_days=days))

    assert world.fake.requests["/api/contact/createdContacts"] == windows
    longest = max(
        row.body["to"] - row.body["from"]
        for row in world.fake.recorded
        if "to" in row.body
    )
    assert longest <= (days or 30) * DAY / timedelta(milliseconds=1) + 1000


@pytest.mark.salesmanago_row(29)
@pytest.mark.parametrize("is_seeing_all", [True, False])
def test_contacts_of_all_users_come_once(world: World, is_seeing_all: bool) -> None:
    world.fake.users = (admin := world.fake.users[0], BOB, "eve@example.com")
    world.switch(sees_all=frozenset({admin} if is_seeing_all else ()))
    ids = [
        world.fake.people.add(f"p{n}@example.com", owner=world.fake.users[n % 3])
        for n in range(9)
    ]
    world.clock.advance(60)

    with world.client() as client:
        found = [one.id for one in client.changed_ids(since=world.clock.now() - DAY)]
        bobs = list(client.changed_ids(since=world.clock.now() - DAY, owners=[BOB]))

    assert sorted(found) == sorted(ids)
    assert [one.email for one in bobs] == [f"p{n}@example.com" for n in (1, 4, 7)]


@pytest.mark.salesmanago_row(38)
@pytest.mark.parametrize("is_listed", [True, False])
@pytest.mark.parametrize("is_taken", [True, False])
def test_a_deactivated_user_is_read_or_refused_aloud(
    world: World, is_listed: bool, is_taken: bool
) -> None:
    world.fake.users = (admin := world.fake.users[0], BOB)
    world.fake.people.deactivate(BOB)
    world.switch(lists_deactivated=is_listed, takes_deactivated=is_taken)
    card = world.fake.people.add(ANN, owner=BOB)
    world.clock.advance(60)
    since = world.clock.now() - DAY

    with world.client() as client:
        if is_listed and not is_taken:
            with pytest.raises(RefusedError):
                list(client.changed_ids(since=since))
        else:
            found = [one.id for one in client.changed_ids(since=since)]
            assert found == ([card] if is_listed else [])
        assert list(client.changed_ids(since=since, owners=[admin])) == []


@pytest.mark.question(11)
@pytest.mark.salesmanago_row(32)
@pytest.mark.parametrize("is_moving", [True, False])
@pytest.mark.parametrize("shows_created_as_modified", [True, False])
@pytest.mark.parametrize("kind", sorted(EDITS))
def test_a_change_is_in_the_feed_or_found_by_reading_all(
    world: World, kind: str, shows_created_as_modified: bool, is_moving: bool
) -> None:
    world.switch(
        bumps=frozenset({kind} if is_moving else ()),
        bumps_unchanged=False,
        shows_created_as_modified=shows_created_as_modified,
    )
    world.fake.users = (*world.fake.users, BOB)
    (card,) = _made_long_ago(world, 1)
    world.fake.people.edit("p0@example.com", **EDITS[kind])
    world.clock.advance(3600)

    with world.client() as client:
        changed = [one.id for one in client.changed_ids(since=world.clock.now() - DAY)]
        (whole,) = client.contacts()

    assert changed == ([card] if is_moving else [])
    assert whole.raw == world.fake.people.get("p0@example.com")


# --- whole contacts ---


def test_changed_contacts_come_whole_and_once(world: World) -> None:
    ids = [
        world.fake.people.add(f"p{n}@example.com", name=f"P {n}") for n in range(120)
    ]
    world.clock.advance(7200)
    for number in range(0, 120, 3):
        world.fake.people.edit(f"p{number}@example.com", name="New")
    world.clock.advance(7200)

    with world.client() as client:
        found = list(client.changed_contacts(since=world.clock.now() - DAY))

    assert sorted(card.id for card in found) == sorted(ids)
    assert {card.name for card in found if card.email == "p3@example.com"} == {"New"}
    assert world.fake.requests["/api/contact/listAllById"] == 3


@pytest.mark.parametrize("shows_deleted", [True, False])
def test_who_is_named_and_not_found_is_missing_not_lost(
    world: World, shows_deleted: bool
) -> None:
    world.switch(shows_deleted=shows_deleted)
    card = world.fake.people.add(ANN)
    stayed = world.fake.people.add(BOB)
    world.clock.advance(60)

    def delete(_: int) -> None:
        world.fake.people.delete(ANN)

    with meddled_client(world, Meddler(delete)) as client:
        (page,) = client.changed_contact_pages(since=world.clock.now() - DAY)

    assert {one.id for one in page.contacts} | {*page.missing} == {card, stayed}
    assert page.missing == (() if shows_deleted else (card,))


def test_a_reading_of_contacts_goes_on_in_another_process(world: World) -> None:
    world.fake.people.fill(300, every=timedelta(hours=1))
    world.clock.advance(60)
    found: list[str] = []
    cursor = None

    for _ in range(60):
        with world.client(limits=Limits(max_in_flight=1)) as client:
            pages = client.changed_contact_pages(start_at=cursor, window_days=1)
            page = next(iter(pages))
        found += [card.email for card in page.contacts]
        if page.cursor is None:
            break
        cursor = FeedCursor.from_text(page.cursor.to_text())

    assert len(set(found)) == 300
    assert page.cursor is None
    assert len(found) < 450


def test_all_contacts_are_read_in_as_few_requests_as_may_be(world: World) -> None:
    world.fake.people.fill(2000, every=timedelta(hours=4))
    world.clock.advance(60)

    with world.client(history_start=date(2025, 1, 1)) as client:
        found = [card.email for card in client.contacts()]

    requests = world.fake.requests
    days = (world.clock.now() - datetime(2025, 1, 1, tzinfo=UTC)) / DAY
    windows = int(-(-days // 30))
    assert len(found) == len(set(found)) == 2000
    assert requests["/api/contact/createdContacts"] == windows
    assert requests["/api/contact/paginatedModifiedContacts"] == windows
    assert requests["/api/contact/listAllById"] == 40
    assert requests["/api/user/listByClient"] == 1
    assert requests.total() == 2 * windows + 40 + 1
