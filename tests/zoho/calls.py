"""One example of each call, as small as it can be: what one unit costs."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from crmbridge._steps import Request
from crmbridge.zoho import Watch
from crmbridge.zoho.coql import Select, is_not_null
from tests.zoho.conftest import World

Example: TypeAlias = Callable[[World, Any], object]

FIELDS: Final = ("Last_Name",)
INSERT: Final[Mapping[str, Any]] = MappingProxyType(
    {"operation": "insert", "fields": FIELDS}
)
HOUR_SECONDS: Final = 3600.0
WATCH: Final = Watch(
    "1001", ["Leads.all"], "https://example.com/zoho", "p3nZ1lV2hb0qkE5t7xWcYg"
)


def _lead(world: World) -> str:
    return world.fake.people.add_lead(Last_Name="Nowak", Email="nowak@example.com")


def _record(world: World) -> dict[str, object]:
    return {"id": _lead(world), "Last_Name": "Kowalska"}


def _ten(world: World) -> list[dict[str, object]]:
    return [{"Last_Name": f"Nowak {number}"} for number in range(10)]


READING: Final[Mapping[str, Example]] = MappingProxyType(
    {
        "records_page": lambda _, c: c.records_page("Leads", fields=FIELDS),
        "record_pages": lambda _, c: list(c.record_pages("Leads", fields=FIELDS)),
        "records": lambda _, c: list(c.records("Leads", fields=FIELDS)),
        "by_ids": lambda w, c: c.by_ids("Leads", [_lead(w)], fields=FIELDS),
        "count": lambda _, c: c.count("Leads"),
        "deleted_page": lambda _, c: c.deleted_page("Leads"),
        "deleted": lambda _, c: list(c.deleted("Leads")),
    }
)
FINDING: Final[Mapping[str, Example]] = MappingProxyType(
    {
        "query": lambda _, c: c.query(
            Select("Leads", FIELDS, where=is_not_null("Email"), limit=200)
        ),
        "query_records": lambda _, c: list(c.query_records("Leads", fields=FIELDS)),
        "find_by": lambda _, c: c.find_by(
            "Leads", "Email", ["nowak@example.com"], fields=FIELDS
        ),
        "search_page": lambda _, c: c.search_page("Leads", fields=FIELDS, word="Nowak"),
        "search": lambda _, c: list(c.search("Leads", fields=FIELDS, word="Nowak")),
    }
)
WRITING: Final[Mapping[str, Example]] = MappingProxyType(
    {
        "insert": lambda w, c: c.insert("Leads", _ten(w)),
        "update": lambda w, c: c.update("Leads", [_record(w)]),
        "update_if_unmodified": lambda w, c: c.update_if_unmodified(
            "Leads", _record(w), unmodified_since=w.clock.now()
        ),
        "upsert": lambda w, c: c.upsert("Leads", _ten(w)),
        "delete": lambda w, c: c.delete("Leads", [_lead(w)]),
        "send": lambda _, c: c.send(Request("zoho", "GET", "/crm/v8/users")),
    }
)
CONVERTING: Final[Mapping[str, Example]] = MappingProxyType(
    {
        "convert": lambda w, c: c.convert(_lead(w)),
        "wait_for_conversion": lambda w, c: c.wait_for_conversion(
            _converted(w), timeout_seconds=0
        ),
        "converted_contacts": lambda w, c: c.converted_contacts([_converted(w)]),
        "conversion_options": lambda w, c: c.conversion_options(_lead(w)),
        "mass_convert": lambda w, c: c.mass_convert([_lead(w)]),
        "mass_conversion": lambda w, c: c.mass_conversion(_job(w)),
        "wait_for_mass_conversion": lambda w, c: c.wait_for_mass_conversion(
            _job(w), timeout_seconds=0
        ),
    }
)
TAGGING: Final[Mapping[str, Example]] = MappingProxyType(
    {
        "tags": lambda _, c: c.tags("Leads"),
        "create_tags": lambda _, c: c.create_tags("Leads", ["new"]),
        "add_tags": lambda w, c: c.add_tags("Leads", [_lead(w)], ["new"]),
        "remove_tags": lambda w, c: c.remove_tags("Leads", [_lead(w)], ["new"]),
    }
)
SETTINGS: Final[Mapping[str, Example]] = MappingProxyType(
    {
        "users": lambda _, c: c.users(),
        "current_user": lambda _, c: c.current_user(),
        "modules": lambda _, c: c.modules(),
        "fields": lambda _, c: c.fields("Leads"),
        "organization": lambda _, c: c.organization(),
    }
)
NOTIFYING: Final[Mapping[str, Example]] = MappingProxyType(
    {
        "watch": lambda _, c: c.notifications.watch([WATCH]),
        "watches": lambda _, c: c.notifications.watches(),
        "renew": lambda _, c: c.notifications.renew([WATCH]),
        "change": lambda _, c: c.notifications.change([WATCH]),
        "replace": lambda _, c: c.notifications.replace([WATCH]),
        "drop_events": lambda _, c: c.notifications.drop_events(
            "1001", ["Leads.create"]
        ),
        "delete": lambda _, c: c.notifications.delete(["1001"]),
    }
)

BULK: Final[Mapping[str, Example]] = MappingProxyType(
    {
        "records": lambda w, c: list(c.bulk.records("Leads", fields=FIELDS)),
        "start_read": lambda _, c: c.bulk.start_read("Leads", fields=FIELDS),
        "read_job": lambda w, c: c.bulk.read_job(_read_job(w)),
        "wait_read": lambda w, c: c.bulk.wait_read(_read_job(w)),
        "records_of": lambda w, c: list(c.bulk.records_of(_read_job(w, is_done=True))),
        "download": lambda w, c: c.bulk.download(
            _read_job(w, is_done=True), io.BytesIO()
        ),
        "write": lambda w, c: c.bulk.write("Leads", _ten(w), **INSERT),
        "start_write": lambda w, c: c.bulk.start_write("Leads", _ten(w), **INSERT),
        "write_job": lambda w, c: c.bulk.write_job(_write_job(w)),
        "wait_write": lambda w, c: c.bulk.wait_write(_write_job(w)),
        "write_results": lambda w, c: list(
            c.bulk.write_results(_write_job(w, is_done=True))
        ),
    }
)

EXAMPLES: Final[Mapping[str, Mapping[str, Example]]] = MappingProxyType(
    {
        "ZohoClient": {
            **READING,
            **FINDING,
            **WRITING,
            **CONVERTING,
            **TAGGING,
            **SETTINGS,
        },
        "ZohoBulk": BULK,
        "ZohoNotifications": NOTIFYING,
    }
)


def _converted(world: World) -> str:
    lead = _lead(world)
    world.fake.people.convert(lead)
    return lead


def _job(world: World) -> str:
    with world.client() as client:
        (job,) = client.mass_convert([_lead(world)])
    return _left(world, job.job_id, is_done=True)


def _read_job(world: World, *, is_done: bool = False) -> str:
    _lead(world)
    with world.client() as client:
        job = client.bulk.start_read("Leads", fields=FIELDS)
    return _left(world, job.id, is_done=is_done)


def _write_job(world: World, *, is_done: bool = False) -> str:
    with world.client() as client:
        job = client.bulk.start_write("Leads", _ten(world), **INSERT)
    return _left(world, job.id, is_done=is_done)


def _left(world: World, job_id: str, *, is_done: bool) -> str:
    """Give a job that somebody else has started, and forget what that cost."""
    if is_done:
        world.clock.advance(HOUR_SECONDS / 4)
    world.fake.reset_counters()
    return job_id
