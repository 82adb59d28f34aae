"""Notifications, from the watch to the callback, with both twins."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from crmbridge.errors import PermissionDeniedError
from crmbridge.zoho import (
    Notification,
    Watch,
    WriteStatus,
    due_watches,
    read_notification,
)
from tests.zoho.conftest import World

pytestmark = pytest.mark.fake_row("Notifications")

URL = "https://example.com/zoho?tenant=7"
TOKEN = "p3nZ1lV2hb0qkE5t7xWcYg"
WATCH = Watch("1001", ["Leads.all", "Contacts.edit"], URL, TOKEN)


class Mailbox:
    """Takes callbacks in memory, and answers as told."""

    def __init__(self, world: World, url: str = URL) -> None:
        self.bodies: list[bytes] = []
        self.status = 200
        world.fake.notifications.receive(self.take, at=url)

    def take(self, body: bytes) -> int:
        self.bodies.append(body)
        return self.status

    def hints(self) -> list[Notification]:
        return [read_notification(body, token=TOKEN) for body in self.bodies]

    def told(self) -> list[tuple[str, str, tuple[str, ...]]]:
        return [(hint.module, hint.operation, hint.ids) for hint in self.hints()]


def _watch(world: World, *watches: Watch) -> tuple[Any, ...]:
    with world.client() as client:
        results: tuple[Any, ...] = client.notifications.watch(watches or (WATCH,))
    return results


def test_what_people_do_is_told(world: World) -> None:
    mailbox = Mailbox(world)
    _watch(world)
    people = world.fake.people

    lead = people.add_lead(Last_Name="Nowak", Phone="600")
    people.edit(lead, Phone="601")
    people.delete(lead)
    world.fake.notifications.deliver()

    assert mailbox.told() == [
        ("Leads", "insert", (lead,)),
        ("Leads", "update", (lead,)),
        ("Leads", "delete", (lead,)),
    ]
    assert mailbox.hints()[0].server_time == world.clock.now()


def test_what_requests_do_is_told(world: World) -> None:
    mailbox = Mailbox(world)
    _watch(world)

    with world.client() as client:
        (made,) = client.insert("Leads", [{"Last_Name": "Nowak"}])
        client.update("Leads", [{"id": made.id, "Phone": "601"}])
        client.delete("Leads", [made.id])
    world.fake.notifications.deliver()

    assert [operation for _, operation, _ in mailbox.told()] == [
        "insert",
        "update",
        "delete",
    ]


def test_only_what_is_watched_is_told(world: World) -> None:
    mailbox = Mailbox(world)
    _watch(world)

    contact = world.fake.people.add_contact(Last_Name="Nowak")
    world.fake.people.edit(contact, Phone="601")
    world.fake.notifications.deliver()

    assert mailbox.told() == [("Contacts", "update", (contact,))]


def test_a_conversion_is_told_as_a_new_contact_only(world: World) -> None:
    mailbox = Mailbox(world)
    lead = world.fake.people.add_lead(Last_Name="Nowak")
    _watch(world, evolve(WATCH, events=("Leads.all", "Contacts.all")))

    with world.client() as client:
        made = client.convert(lead)
    world.fake.notifications.deliver()

    assert mailbox.told() == [("Contacts", "insert", (made.contact_id,))]


def test_an_expired_channel_is_silent(world: World) -> None:
    mailbox = Mailbox(world)
    ends = world.clock.now() + timedelta(hours=2)
    (result,) = _watch(world, evolve(WATCH, expires_at=ends))

    world.clock.advance(2 * 3600)
    world.fake.people.add_lead(Last_Name="Nowak")

    assert result.expires_at == ends
    assert (world.fake.notifications.deliver(), mailbox.bodies) == ((), [])
    with world.client() as client:
        assert client.notifications.watches() == ()


def test_a_watch_is_listed_as_it_was_set(world: World) -> None:
    _watch(world, evolve(WATCH, events=("Leads.edit", "Contacts.create")))

    with world.client() as client:
        (found,) = client.notifications.watches()

    ends = world.clock.now() + timedelta(days=7, hours=-1)
    assert found == evolve(
        WATCH, events=("Leads.edit", "Contacts.create"), expires_at=ends
    )


def test_watches_are_listed_by_channel_and_module(world: World) -> None:
    _watch(world, WATCH, evolve(WATCH, channel_id="1002", events=("Leads.edit",)))

    with world.client() as client:
        by_channel = client.notifications.watches(channel_id="1002")
        by_module = client.notifications.watches(module="Contacts")

    assert [one.channel_id for one in by_channel] == ["1002"]
    assert [(one.channel_id, one.events) for one in by_module] == [
        ("1001", ("Contacts.edit",))
    ]


def test_all_pages_of_watches_are_read(world: World) -> None:
    many = [
        evolve(WATCH, channel_id=str(number), events=("Leads.edit",))
        for number in range(1, 252)
    ]
    _watch(world, *many)

    with world.client() as client:
        found = client.notifications.watches()

    assert len(found) == 251
    assert world.fake.requests["watches"] == 2


def test_a_due_watch_is_renewed_and_goes_on(world: World) -> None:
    mailbox = Mailbox(world)
    _watch(world)
    world.clock.advance(6.5 * 24 * 3600)

    with world.client() as client:
        kept = client.notifications.watches()
        due = due_watches(kept, now=world.clock.now())
        (result,) = client.notifications.renew(due)
    world.clock.advance(3 * 24 * 3600)
    world.fake.people.add_lead(Last_Name="Nowak")
    world.fake.notifications.deliver()

    assert result.expires_at == world.clock.now() + timedelta(days=4, hours=-1)
    assert len(mailbox.bodies) == 1


def test_an_ended_watch_begins_again_when_it_is_renewed(world: World) -> None:
    mailbox = Mailbox(world)
    _watch(world)
    world.clock.advance(8 * 24 * 3600)

    with world.client() as client:
        (result,) = client.notifications.renew([WATCH])
    world.fake.people.add_lead(Last_Name="Nowak")
    world.fake.notifications.deliver()

    assert result.is_success
    assert len(mailbox.bodies) == 1


def test_a_change_leaves_other_modules_alone(world: World) -> None:
    _watch(world)

    with world.client() as client:
        (result,) = client.notifications.change(
            [evolve(WATCH, events=("Leads.create",))]
        )
        (found,) = client.notifications.watches()

    assert result.is_success
    assert found.events == ("Leads.create", "Contacts.edit")


def test_a_replacement_ends_other_modules(world: World) -> None:
    _watch(world)

    with world.client() as client:
        client.notifications.replace([evolve(WATCH, events=("Accounts.edit",))])
        (found,) = client.notifications.watches()

    assert found.events == ("Accounts.edit",)


@pytest.mark.parametrize("method", ["change", "replace"])
def test_what_is_not_there_cannot_be_changed(world: World, method: str) -> None:
    with world.client() as client:
        (result,) = getattr(client.notifications, method)([WATCH])

    assert (result.status, result.code) == (WriteStatus.REFUSED, "NOT_SUBSCRIBED")


def test_single_events_end(world: World) -> None:
    mailbox = Mailbox(world)
    _watch(world)

    with world.client() as client:
        result = client.notifications.drop_events("1001", ["Leads.create"])
        (found,) = client.notifications.watches()
    world.fake.people.add_lead(Last_Name="Nowak")
    world.fake.notifications.deliver()

    assert result.is_success
    assert found.events == ("Leads.edit", "Leads.delete", "Contacts.edit")
    assert mailbox.bodies == []


def test_a_channel_ends_and_another_was_not_there(world: World) -> None:
    mailbox = Mailbox(world)
    _watch(world)

    with world.client() as client:
        gone, absent = client.notifications.delete(["1001", "9"])
    world.fake.people.add_lead(Last_Name="Nowak")
    world.fake.notifications.deliver()

    assert (gone.is_success, set(gone.modules)) == (True, {"Leads", "Contacts"})
    assert (absent.status, absent.code) == (WriteStatus.REFUSED, "NOT_SUBSCRIBED")
    assert mailbox.bodies == []


def test_results_of_several_watches_come_by_position(world: World) -> None:
    unknown = evolve(WATCH, channel_id="1002", events=("Cats.all",))

    good, bad = _watch(world, WATCH, unknown)

    assert good.is_success
    assert (bad.status, bad.code, bad.field) == (
        WriteStatus.REFUSED,
        "INVALID_DATA",
        "events",
    )


def test_a_missing_scope_is_an_error(world: World) -> None:
    world.switch(missing_scopes=frozenset({"notifications"}))

    with pytest.raises(PermissionDeniedError):
        _watch(world)


def test_a_call_costs_one_credit(world: World) -> None:
    with world.client() as client:
        client.notifications.watch([WATCH])
        client.notifications.watches()
        client.notifications.delete(["1001"])

    assert world.fake.credits == 3
