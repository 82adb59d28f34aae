"""What is asked of Zoho when something goes wrong; see ``fault_matrix``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final

from attrs import evolve, field, frozen

from crmbridge.testing import ZohoFake
from crmbridge.zoho import coql

__all__ = ["OPERATIONS", "Given", "Kind", "Operation", "given"]

API: Final = "/crm/*"
BULK: Final = "/crm/bulk/v8"
READ_AT: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
FIELDS: Final = ("Last_Name", "Email", "Phone")
_EMAIL: Final = "given@example.com"


class Kind(Enum):
    """What repeating an operation does."""

    READ = "changes nothing"
    AGAIN = "may be repeated"
    ONCE = "must not be repeated"
    GUARDED = "is looked after"


@frozen
class Given:
    """What is in Zoho before."""

    lead: str


@frozen
class Operation:
    """One thing that a client does.

    Attributes:
        name: what the test is called by.
        kind: what repeating it does.
        act: does it; of a read it gives how much was read.
        done: how often it shows that it was done, where that can be seen.
        counter: what the fake calls the request that must not come twice.
        path: which of its requests meets what goes wrong; the first one that
            fits.
    """

    name: str
    kind: Kind
    act: Callable[[Any, Given], Any] = field(repr=False)
    done: Callable[[ZohoFake, Given], int] | None = field(default=None, repr=False)
    counter: str = ""
    path: str = API


def given(fake: ZohoFake) -> Given:
    """Fill an organisation whose search knows of it at once."""
    fake.switches = evolve(fake.switches, search_lag_seconds=0)
    people = fake.people
    lead = people.add_lead(
        Last_Name="Given", Email=_EMAIL, Phone="500", Created_Time=READ_AT
    )
    people.delete(people.add_lead(Last_Name="Deleted"))
    return Given(lead)


def _read(
    name: str, act: Callable[[Any, Given], Iterable[Any]], path: str = API
) -> Operation:
    def count(client: Any, own: Given) -> int:
        return sum(1 for _ in act(client, own))

    return Operation(name, Kind.READ, count, path=path)


def _leads(fake: ZohoFake, name: str, value: object) -> int:
    return sum(lead[name] == value for lead in fake.people.records("Leads"))


def _is_there(fake: ZohoFake, record_id: str) -> bool:
    return any(lead["id"] == record_id for lead in fake.people.records("Leads"))


def _bulk_written(client: Any) -> Any:
    return client.bulk.start_write(
        "Leads", [{"Last_Name": "New"}], operation="insert", fields=["Last_Name"]
    )


OPERATIONS: Final = (
    _read("list", lambda client, _: client.records("Leads", fields=FIELDS)),
    _read(
        "by ids",
        lambda client, own: client.by_ids("Leads", [own.lead], fields=FIELDS),
    ),
    _read("deleted", lambda client, _: [client.deleted_page("Leads")]),
    _read("count", lambda client, _: range(client.count("Leads"))),
    _read("users", lambda client, _: client.users()),
    _read("search", lambda client, _: client.search("Leads", fields=FIELDS, word="Gi")),
    _read(
        "coql",
        lambda client, _: (
            client.query(
                coql.Select("Leads", FIELDS, where=coql.equals("Email", _EMAIL))
            ).records
        ),
    ),
    Operation(
        "insert",
        Kind.ONCE,
        lambda client, _: client.insert("Leads", [{"Last_Name": "New"}]),
        lambda fake, _: _leads(fake, "Last_Name", "New"),
        "Leads insert",
    ),
    Operation(
        "update",
        Kind.AGAIN,
        lambda client, own: client.update("Leads", [{"id": own.lead, "Phone": "600"}]),
        lambda fake, _: _leads(fake, "Phone", "600"),
    ),
    Operation(
        "upsert of a new one",
        Kind.AGAIN,
        lambda client, _: client.upsert(
            "Leads", [{"Last_Name": "New", "Email": "new@example.com"}]
        ),
        lambda fake, _: _leads(fake, "Email", "new@example.com"),
    ),
    Operation(
        "upsert of one without an address",
        Kind.ONCE,
        lambda client, _: client.upsert("Leads", [{"Last_Name": "New"}]),
        lambda fake, _: _leads(fake, "Last_Name", "New"),
        "Leads upsert",
    ),
    Operation(
        "upsert of one that is there",
        Kind.AGAIN,
        lambda client, _: client.upsert("Leads", [{"Email": _EMAIL, "Phone": "600"}]),
        lambda fake, _: _leads(fake, "Phone", "600"),
    ),
    Operation(
        "delete",
        Kind.AGAIN,
        lambda client, own: client.delete("Leads", [own.lead]),
        lambda fake, own: int(not _is_there(fake, own.lead)),
    ),
    Operation(
        "guarded update",
        Kind.GUARDED,
        lambda client, own: client.update_if_unmodified(
            "Leads", {"id": own.lead, "Phone": "600"}, unmodified_since=READ_AT
        ),
        lambda fake, _: _leads(fake, "Phone", "600"),
    ),
    Operation(
        "convert",
        Kind.ONCE,
        lambda client, own: client.convert(own.lead),
        lambda fake, _: len(fake.people.records("Contacts")),
        "Leads convert",
    ),
    Operation(
        "mass convert",
        Kind.ONCE,
        lambda client, own: client.mass_convert([own.lead]),
        counter="Leads mass convert",
    ),
    Operation(
        "add tags",
        Kind.AGAIN,
        lambda client, own: client.add_tags("Leads", [own.lead], ["vip"]),
        lambda fake, own: len(fake.people.record(own.lead)["Tag"]),
    ),
    Operation(
        "start of a bulk read",
        Kind.ONCE,
        lambda client, _: client.bulk.start_read("Leads", fields=FIELDS),
        counter="bulk read",
    ),
    _read(
        "look at a bulk read",
        lambda client, _: [
            client.bulk.read_job(client.bulk.start_read("Leads", fields=FIELDS).id)
        ],
        f"{BULK}/read/*",
    ),
    _read(
        "file of a bulk read",
        lambda client, _: client.bulk.records("Leads", fields=FIELDS),
        f"{BULK}/read/*/result",
    ),
    Operation(
        "upload of a bulk write",
        Kind.AGAIN,
        lambda client, _: _bulk_written(client),
        path="/crm/v8/upload",
    ),
    Operation(
        "start of a bulk write",
        Kind.ONCE,
        lambda client, _: _bulk_written(client),
        counter="bulk write",
        path=f"{BULK}/write",
    ),
)
