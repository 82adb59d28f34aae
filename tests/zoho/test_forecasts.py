"""A forecast says what the client really takes, request by request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from attrs import frozen

from crmbridge import Limits, ZohoClient, ZohoConfig
from crmbridge.testing import FakeTransport, ZohoFake
from crmbridge.zoho import CreditForecast, ZohoEdition
from tests.zoho.conftest import World

FIELDS = ("Last_Name", "Email")
LIST = {"fields": FIELDS}


@frozen
class Job:
    """Something a client does.

    Attributes:
        name: of the case.
        forecast: what it should take.
        prepare: makes what it needs.
        do: does it, with what was made.
    """

    name: str
    forecast: CreditForecast
    prepare: Callable[[World], Any]
    do: Callable[[Any, Any], Any]


def _leads(count: int) -> Callable[[World], list[str]]:
    return lambda world: [
        world.fake.people.add_lead(Last_Name=f"Nowak {number}")
        for number in range(count)
    ]


def _filled(count: int) -> Callable[[World], None]:
    return lambda world: world.fake.people.fill("Leads", count)


def _deleted(count: int) -> Callable[[World], None]:
    def prepare(world: World) -> None:
        for lead in _leads(count)(world):
            world.fake.people.delete(lead)

    return prepare


def _users(count: int) -> Callable[[World], None]:
    def prepare(world: World) -> None:
        for number in range(count - len(world.fake.users)):
            world.fake.people.add_user(f"user{number}@example.com")

    return prepare


def _listing(fields: int) -> Callable[[Any, Any], Any]:
    return lambda client, _: list(client.records("Leads", fields=_names(fields)))


def _inserting(count: int) -> Callable[[Any, Any], Any]:
    return lambda client, _: client.insert("Leads", [{"Last_Name": "x"}] * count)


def _names(count: int) -> list[str]:
    return [f"Field_{number}" for number in range(count)]


def _changes(ids: list[str]) -> list[dict[str, object]]:
    return [{"id": lead, "Last_Name": "Kowalska"} for lead in ids]


def _view(world: World) -> str:
    _leads(201)(world)
    return world.fake.people.add_view("Leads", lambda _: True)


def _poll(client: Any, _: Any) -> None:
    for module in ("Leads", "Contacts"):
        list(client.records(module, **LIST))
        list(client.deleted(module))


def _guarded(client: Any, ids: list[str]) -> None:
    for record in client.by_ids("Leads", ids, fields=("Modified_Time",)):
        client.update_if_unmodified(
            "Leads",
            {"id": record.id, "Fax": "1"},
            unmodified_since=record.modified_at,
        )


def _reading() -> Iterator[Job]:
    this = CreditForecast
    for count in (0, 1, 200, 201, 450):
        yield Job(
            f"list of {count}",
            this.listing(count),
            _leads(count),
            lambda client, _: list(client.records("Leads", **LIST)),
        )
    for count in (50, 51, 98, 99):
        yield Job(
            f"list with {count} fields",
            this.listing(201, fields=count),
            _leads(201),
            _listing(count),
        )
    yield Job(
        "list in a view",
        this.listing(201, in_view=True),
        _view,
        lambda client, view: list(client.records("Leads", **LIST, cvid=view)),
    )
    for count in (0, 2000, 2001):
        yield Job(
            f"query of {count}",
            this.querying(count),
            _filled(count),
            lambda client, _: list(client.query_records("Leads", **LIST)),
        )
    for count in (100, 250):
        yield Job(
            f"{count} by ids",
            this.reading_ids(count, fields=60),
            _leads(count),
            lambda client, ids: client.by_ids("Leads", ids, fields=_names(60)),
        )
    for count in (0, 201):
        yield Job(
            f"deleted, {count}",
            this.listing_deleted(count),
            _deleted(count),
            lambda client, _: list(client.deleted("Leads")),
        )
    yield Job("a poll of nothing", this.polling(), lambda _: None, _poll)


def _writing() -> Iterator[Job]:
    this = CreditForecast
    for count in (1, 11, 100, 101, 250):
        yield Job(
            f"insert {count}",
            this.writing(count),
            lambda _: None,
            _inserting(count),
        )
    yield Job(
        "update 250",
        this.writing(250),
        _leads(250),
        lambda client, ids: client.update("Leads", _changes(ids)),
    )
    yield Job(
        "delete 250",
        this.deleting(250),
        _leads(250),
        lambda client, ids: client.delete("Leads", ids),
    )
    yield Job(
        "7 guarded updates",
        this.guarded_writing(7) + this.reading_ids(7),
        _leads(7),
        _guarded,
    )
    yield Job(
        "convert 3",
        this.converting(3),
        _leads(3),
        lambda client, ids: [client.convert(lead) for lead in ids],
    )


def _settings() -> Iterator[Job]:
    this = CreditForecast
    for count in (1, 200, 201):
        yield Job(
            f"{count} users",
            this.reading_users(count),
            _users(count),
            lambda client, _: client.users(),
        )
    yield Job(
        "fields of 2 modules",
        this.reading_metadata(2),
        lambda _: None,
        lambda client, _: [client.fields(name) for name in ("Leads", "Contacts")],
    )


def _tagged(client: Any, ids: list[str]) -> None:
    client.add_tags("Leads", ids, ["new"])


def _mass_converted(world: World) -> Callable[[Any, Any], None]:
    def do(client: Any, ids: list[str]) -> None:
        jobs = client.mass_convert(ids)
        world.clock.advance(3600)
        for job in jobs:
            client.mass_conversion(job.job_id)

    return do


def _in_bulk() -> Iterator[Job]:
    this = CreditForecast
    for count in (1, 3):
        yield Job(
            f"bulk read of {count}",
            this.bulk_reading(count),
            _leads(count),
            lambda client, _: list(client.bulk.records("Leads", fields=FIELDS)),
        )
        yield Job(
            f"bulk write of {count}",
            this.bulk_writing(count),
            lambda _: None,
            _bulk_writing(count),
        )
    yield Job(
        "bulk write of nothing",
        this.bulk_writing(0),
        lambda _: None,
        _bulk_writing(0),
    )
    yield Job("tag 501", this.tagging(501), _leads(501), _tagged)
    yield Job(
        "convert 101 by fifty",
        this.mass_converting(101, polls=1),
        lambda world: (world, _leads(101)(world)),
        lambda client, made: _mass_converted(made[0])(client, made[1]),
    )


def _bulk_writing(count: int) -> Callable[[Any, Any], Any]:
    rows = [{"Last_Name": "x"}] * count
    return lambda client, _: client.bulk.write(
        "Leads", rows, operation="insert", fields=["Last_Name"]
    )


JOBS = (*_reading(), *_writing(), *_settings(), *_in_bulk())


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_a_forecast_is_what_zoho_counts(world: World, job: Job) -> None:
    made = job.prepare(world)

    with world.client() as client:
        job.do(client, made)
        usage = client.usage

    requests = sum(world.fake.requests.values()) - world.fake.requests["token"]
    assert requests == job.forecast.total_requests
    assert world.fake.credits == job.forecast.total_credits
    assert usage.credits_used == job.forecast.total_credits


@pytest.mark.slow
def test_a_forecast_holds_beyond_the_reach_of_page_tokens() -> None:
    fake = ZohoFake()
    fake.people.fill("Leads", 102_350)
    forecast = CreditForecast.listing(102_350)

    with ZohoClient(ZohoConfig(**fake.account()), transport=FakeTransport(fake)) as c:
        count = sum(1 for _ in c.records("Leads", fields=FIELDS))

    assert count == 102_350
    assert fake.credits == forecast.total_credits
    assert fake.requests["Leads list"] == forecast.requests["list"] + 24


def test_forecasts_add_up_by_kind() -> None:
    both = CreditForecast.listing(300) + CreditForecast.listing(100)
    all_of_it = both + CreditForecast.converting(2)

    assert all_of_it.requests == {"list": 3, "convert": 2}
    assert all_of_it.credits == {"list": 3, "convert": 10}


def test_a_forecast_of_nothing_is_empty() -> None:
    assert CreditForecast.writing(0) == CreditForecast() == CreditForecast() * 5
    assert sum([CreditForecast.writing(1)], start=CreditForecast()).total_credits == 1


def test_polling_every_five_minutes_fits_the_free_edition() -> None:
    free = ZohoEdition.FREE.credits_per_day(users=3)

    day = CreditForecast.polling() * 288

    assert (day.total_requests, day.total_credits) == (1152, 1728)
    assert day.fits(free)
    assert not (CreditForecast.polling() * 1440).fits(free)


@pytest.mark.parametrize(
    ("records", "fields", "ways"),
    [
        (200, 50, ["list", "query", "bulk read"]),
        (10_000, 50, ["query", "list", "bulk read"]),
        (10_000, 500, ["query", "bulk read", "list"]),
        (34_000, 50, ["query", "bulk read", "list"]),
        (40_000, 50, ["bulk read", "query", "list"]),
    ],
)
def test_the_cheapest_way_to_read_comes_first(
    records: int, fields: int, ways: list[str]
) -> None:
    assert list(CreditForecast.readings(records, fields=fields)) == ways


@pytest.mark.parametrize("edition", list(ZohoEdition))
@pytest.mark.parametrize("users", [1, 10, 65, 999_999])
def test_an_edition_gives_what_the_fake_gives(
    world: World, edition: ZohoEdition, users: int
) -> None:
    world.switch(edition=edition.value, licences=users)
    if edition is ZohoEdition.ULTIMATE:
        assert edition.most_credits is None

    assert edition.credits_per_day(users) == world.fake.allowance.credits_a_day


def test_a_share_of_an_edition_is_left_to_other_programs() -> None:
    limits = ZohoEdition.FREE.limits(users=3, share=0.1)

    assert limits == Limits(max_in_flight=1, credits_per_day=500)
