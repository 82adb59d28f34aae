"""Requests of the client and answers of the fake fit Zoho's own schemas."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from crmbridge import Request
from crmbridge.errors import CrmbridgeError
from crmbridge.testing import AsyncFakeTransport, FakeTransport
from crmbridge.zoho import BulkCriterion, BulkGroup, ConvertInto, Watch, coql
from tests.zoho.conftest import World


@pytest.fixture(scope="module")
def schemas() -> Any:
    """Give the module that needs openapi-core, which `make lowest` lacks."""
    pytest.importorskip("openapi_core")
    return import_module("tests.oas.schemas")


@pytest.fixture(scope="module")
def oas(schemas: Any, zoho_oas: Path) -> Any:
    return schemas.Oas(zoho_oas)


@pytest.fixture(scope="module")
def seen() -> Counter[str]:
    """Give what counts the operations that the tests of this module asked for."""
    return Counter()


@pytest.fixture
def checked(schemas: Any, oas: Any, world: World, seen: Counter[str]) -> Iterator[Any]:
    checked = schemas.CheckedFake(world.fake, oas)
    yield checked
    seen.update(checked.seen)


def _client(world: World, checked: Any) -> Any:
    kinds = {"sync": FakeTransport, "async": AsyncFakeTransport}
    return world.client(options={"transport": kinds[world.twin](checked)})


def test_records_fit(world: World, checked: Any) -> None:
    people = world.fake.people
    for number in range(450):
        people.add_lead(Last_Name=f"Nowak {number}", Email=f"n{number}@example.com")
    gone = people.add_lead(Last_Name="Gone")
    people.delete(gone)

    with _client(world, checked) as client:
        made = client.insert("Leads", [{"Last_Name": "A"}, {"Fax": "1" * 31}])
        lead_id = made[0].id
        client.update("Leads", [{"id": lead_id, "Fax": "1"}])
        client.upsert("Contacts", [{"Last_Name": "B", "Email": "b@example.com"}])
        client.upsert("Contacts", [{"Last_Name": "C", "Email": "b@example.com"}])
        list(client.records("Leads", fields=["Last_Name", "Owner", "Modified_Time"]))
        list(client.records("Leads", fields=["Email"], converted="both"))
        client.by_ids("Leads", [lead_id, gone], fields=["Last_Name"])
        client.count("Leads", converted="both")
        list(client.deleted("Leads"))
        client.convert(lead_id)
        client.delete(
            "Contacts", [client.insert("Contacts", [{"Last_Name": "D"}])[0].id]
        )
        client.users()

    assert not checked.faults, "\n".join(checked.faults)


def test_refusals_of_writes_fit(world: World, checked: Any) -> None:
    people = world.fake.people
    world.switch(unique={"Contacts": frozenset({"Email", "Phone"})})
    people.add_contact(Last_Name="A", Email="a@example.com")
    people.add_contact(Last_Name="B", Phone="1")
    lead, held = people.add_lead(Last_Name="C"), people.add_lead(Last_Name="D")
    world.fake.locked.add(held)
    read_at = world.clock.now()
    world.clock.advance(60)

    with _client(world, checked) as client:
        client.update_if_unmodified(
            "Leads", {"id": lead, "Fax": "1"}, unmodified_since=read_at
        )
        with contextlib.suppress(CrmbridgeError):
            client.update_if_unmodified(
                "Leads", {"id": lead, "Fax": "2"}, unmodified_since=read_at
            )
        client.insert("Contacts", [{"Last_Name": "E", "Email": "a@example.com"}])
        client.insert("Contacts", [{"Email": "a@example.com", "Phone": "1"}])
        client.insert("Leads", [{"Last_Name": "F"}, {"Fax": "1" * 31}])
        client.update(
            "Leads",
            [{"id": held, "Fax": "1"}, {"id": "1", "Fax": "1"}],
            skip_features=["cadences"],
        )
        client.upsert("Leads", [{"id": held, "Fax": "1"}])
        client.delete("Leads", [lead, "1"])
        client.delete("Leads", [held])

    assert not checked.faults, "\n".join(checked.faults)


def test_notifications_fit(world: World, checked: Any) -> None:
    token = "p3nZ1lV2hb0qkE5t7xWcYg"
    events = ["Leads.all", "Contacts.edit"]
    mine = Watch("1001", events, "https://example.com/zoho", token)
    unknown = evolve(mine, channel_id="1002", events=["Cats.all"])

    with _client(world, checked) as client:
        client.notifications.watches()
        client.notifications.watch([mine, unknown])
        client.notifications.watch([unknown])
        (found,) = client.notifications.watches(channel_id="1001")
        client.notifications.renew([found])
        client.notifications.change([mine, unknown])
        client.notifications.replace([mine])
        client.notifications.drop_events("1001", ["Leads.create"])
        client.notifications.delete(["1001", "1002"])

    assert len(checked.seen) == 5
    assert not checked.faults, "\n".join(checked.faults)


def test_settings_fit(world: World, checked: Any) -> None:
    people = world.fake.people
    people.add_user("new@example.com", is_confirmed=False)
    people.change_user("new@example.com", status="deleted")
    world.switch(address_layout="composite", has_privacy_settings=True)

    with _client(world, checked) as client:
        client.users(kind="AllUsers")
        client.users(kind="DeletedUsers")
        client.current_user()
        client.modules()
        for module in ("Leads", "Contacts", "Accounts", "Deals"):
            client.fields(module, kind="all")
        client.organization()

    assert not checked.faults, "\n".join(checked.faults)


def test_questions_and_searches_fit(world: World, checked: Any) -> None:
    people = world.fake.people
    for number in range(3):
        people.add_lead(Last_Name=f"Nowak {number}", City="Ustka, (PL)")
    people.convert(people.add_lead(Last_Name="Zima"))
    world.switch(search_lag_seconds=0, search_wall=200)
    city = coql.equals("City", "Ustka, (PL)")
    columns = ["Last_Name", "Owner", "Owner.email", "Converted__s"]
    refused = [
        coql.Select("Leads", ["Nonsense"]),
        coql.Select("Nonsense", ["id"]),
        coql.Select("Leads", ["id"], where=coql.greater("City", 1)),
        coql.Select("Leads", ["id"], limit=2000, offset=10),
    ]

    with _client(world, checked) as client:
        list(client.query_records("Leads", fields=columns, where=city))
        client.find_by("Leads", "City", ["Ustka, (PL)", "Gdynia\\"], fields=columns)
        world.switch(coql_wall=2000, coql_escapes="both")
        for select in refused:
            with contextlib.suppress(CrmbridgeError):
                client.query(select)
        client.search_page("Leads", criteria=city, fields=["City"], converted="both")
        client.search_page("Leads", phone="555", fields=["City"])
        with contextlib.suppress(CrmbridgeError):
            client.search_page("Leads", word="Nowak", fields=["City"], page=2)
        with contextlib.suppress(CrmbridgeError):
            client.search_page("Leads", criteria=coql.equals("No", 1), fields=["City"])

    assert len(checked.seen) == 2
    assert not checked.faults, "\n".join(checked.faults)


def test_conversions_fit(world: World, checked: Any) -> None:
    people = world.fake.people
    account = people.add_account(Account_Name="Acme")
    leads = [
        people.add_lead(Last_Name=f"x{number}", Company="Acme", Tag=["vip"])
        for number in range(4)
    ]
    into = ConvertInto(
        account_id=account,
        overwrite=True,
        deal={
            "Deal_Name": "One",
            "Stage": "Closed Won",
            "Closing_Date": "2026-06-30",
            "Pipeline": "Standard (Standard)",
        },
        carry_over_tags={"Contacts": ["vip"]},
        move_attachments_to="Contacts",
        notify_lead_owner=True,
    )

    with _client(world, checked) as client:
        client.conversion_options(leads[0])
        client.convert(leads[0], into)
        world.switch(schedules_conversions=True)
        client.convert(leads[1])
        modules = {module.api_name: module for module in client.modules()}
        (job,) = client.mass_convert(
            leads[2:],
            assign_to=client.current_user().id,
            deal={"Deal_Name": "Two"},
            carry_over_tags=[modules["Contacts"]],
            move_attachments_to=modules["Contacts"],
        )
        client.wait_for_mass_conversion(job.job_id)

    assert not checked.faults, "\n".join(checked.faults)


def test_tags_fit(world: World, checked: Any) -> None:
    leads = [world.fake.people.add_lead(Last_Name=f"x{n}") for n in range(3)]
    world.fake.locked.add(leads[0])

    with _client(world, checked) as client:
        client.create_tags("Leads", ["vip"])
        client.add_tags("Leads", leads, ["vip", "new"])
        client.remove_tags("Leads", leads, ["vip"])
        client.tags("Leads")

    assert not checked.faults, "\n".join(checked.faults)


def test_bulk_jobs_fit(world: World, checked: Any) -> None:
    rows = [{"Last_Name": f"Nowak {number}", "Fax": None} for number in range(3)]
    one = BulkCriterion("Last_Name", "starts_with", "Nowak")
    other = BulkCriterion("Fax", "not_equal", "1")

    with _client(world, checked) as client:
        client.bulk.write(
            "Leads", rows, operation="insert", fields=["Last_Name", "Fax"]
        )
        list(client.bulk.records("Leads", fields=["Last_Name"], criteria=one))
        both = BulkGroup("and", (one, other))
        list(client.bulk.records("Leads", fields=["Last_Name"], criteria=both))
        list(client.bulk.records("Accounts"))

    assert not checked.faults, "\n".join(checked.faults)


def test_single_records_fit(world: World, checked: Any) -> None:
    lead = world.fake.people.add_lead(Last_Name="Nowak", Email="n@example.com")
    past = world.clock.now() - timedelta(days=1)

    with _client(world, checked) as client:
        client.count("Leads")
        client.update_if_unmodified(
            "Leads", {"id": lead, "Fax": "1"}, unmodified_since=world.clock.now()
        )
        with contextlib.suppress(CrmbridgeError):
            client.update_if_unmodified(
                "Leads", {"id": lead, "Fax": "2"}, unmodified_since=past
            )
        for path in (f"Leads/{lead}", f"Leads/{lead}0"):
            client.send(Request("zoho", "GET", f"/crm/v8/{path}"))
        client.send(Request("zoho", "DELETE", f"/crm/v8/Leads/{lead}"))

    assert not checked.faults, "\n".join(checked.faults)


# All that the schemas describe and the client asks for; the others are for what
# people set up by hand, or do to one record what a call here does to many.
OURS = [
    "bulk_read.createBulkReadJob",
    "bulk_read.downloadResult",
    "bulk_read.getBulkReadJobDetails",
    "bulk_write.createBulkWriteJob",
    "bulk_write.getJobDetails",
    "conversion_option.getLeadConversionOptions",
    "convert.convertLead",
    "coql.executeCOQLQuery",
    "fields.getFields",
    "mass_convert.getJobStatus",
    "mass_convert.massConvert",
    "module_search.searchRecords",
    "modules.getModules",
    "notifications.createNotifications",
    "notifications.disableNotifications",
    "notifications.getNotifications",
    "notifications.updateNotificationDetails",
    "notifications.updateNotificationInfo",
    "org.getOrganization",
    "record.createRecords",
    "record.deleteRecord",
    "record.deleteRecords",
    "record.getDeletedRecords",
    "record.getRecord",
    "record.getRecords",
    "record.updateRecord",
    "record.updateRecords",
    "record.upsertRecords",
    "record_count.getCount",
    "tags.getTags",
    "tags.postTags",
    "tags_actions.postAddTags",
    "tags_actions.postRemoveTags",
    "upload.uploadFile",
    "users.getUsers",
]


def test_every_operation_of_the_client_was_checked(
    request: pytest.FixtureRequest, oas: Any, seen: Counter[str]
) -> None:
    chosen = {item.name.partition("[")[0] for item in request.session.items}
    if not chosen.issuperset(name for name in globals() if name.endswith("_fit")):
        pytest.skip("only some of the tests of this module were chosen")

    assert sorted(seen) == OURS
