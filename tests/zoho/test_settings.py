"""What a client reads of the organisation, and what the sides do without it."""

from __future__ import annotations

from typing import Any

import pytest

from crmbridge.contact import Address, Contact, Loss, LossReason
from crmbridge.errors import (
    ConfigError,
    MalformedReplyError,
    PermissionDeniedError,
    RefusedError,
    ServiceError,
)
from crmbridge.mapping import ZohoMapper
from crmbridge.reconcile.records import ZOHO, Edit, EditKind, OutcomeStatus, Ref
from crmbridge.sides import ZohoSide
from crmbridge.sides._zoho_known import check_told
from crmbridge.testing import Fault
from crmbridge.zoho import ZohoField
from tests.zoho.conftest import World

# --- users, modules, the organisation ----------------------------------------


@pytest.mark.fake_row("Users, fields, modules")
def test_all_users_are_read_page_by_page(world: World) -> None:
    for number in range(300):
        world.fake.people.add_user(f"u{number}@example.com")

    with world.client() as client:
        found = client.users()

    assert len(found) == 301
    assert world.fake.requests["users"] == 2


def test_users_are_read_since_a_time(world: World) -> None:
    world.fake.people.add_user("bob@example.com")
    since = world.clock().at
    world.clock.advance(60)

    with world.client() as client:
        before = client.users(modified_since=since)
        world.fake.people.change_user("bob@example.com", status="inactive")
        (after,) = client.users(kind="AllUsers", modified_since=since)

    assert before == ()
    assert (after.email, after.status, after.can_own) == (
        "bob@example.com",
        "inactive",
        False,
    )


def test_the_current_user_is_the_one_of_the_token(world: World) -> None:
    world.fake.people.add_user("bob@example.com")
    world.fake.people.log_in("bob@example.com")

    with world.client() as client:
        assert client.current_user().email == "bob@example.com"


def test_a_type_of_users_that_zoho_does_not_know_is_refused(world: World) -> None:
    with world.client() as client, pytest.raises(RefusedError):
        client.users(kind="Everybody")


@pytest.mark.fake_row("Users, fields, modules")
def test_modules_are_read(world: World) -> None:
    with world.client() as client:
        modules = {module.api_name: module for module in client.modules()}

    assert modules["Leads"].is_convertible
    assert modules["Deals"].can_create
    assert not modules["Deals"].is_custom


def test_the_organisation_is_read(world: World) -> None:
    world.switch(has_privacy_settings=True)

    with world.client() as client:
        found = client.organization()

    assert found.zgid
    assert (found.time_zone, found.has_privacy_settings) == ("Europe/Warsaw", True)


@pytest.mark.fake_row("Users, fields, modules")
def test_fields_are_read_with_all_that_is_told(world: World) -> None:
    world.switch(personal_fields={"Contacts": frozenset({"Phone"})})

    with world.client() as client:
        fields = {field.api_name: field for field in client.fields("Contacts")}
        unused = client.fields("Contacts", kind="unused")

    assert (fields["Email"].is_unique, fields["Email"].is_case_sensitive) == (
        True,
        False,
    )
    assert fields["Account_Name"].lookup_module == "Accounts"
    assert fields["Phone"].is_personal
    assert not fields["Full_Name"].can_update
    assert [field.is_visible for field in unused] == [False]


# --- unknown: what a picklist takes ------------------------------------------


def _contact(world: World, client: Any, side: ZohoSide, **fields: Any) -> Edit:
    contact_id = world.fake.people.add_contact(Last_Name="Kos", **fields)
    run = client.runtime.run
    (seen,) = run(side.read([Ref(ZOHO, "Contacts", contact_id)]))
    new = Contact(address=Address(country="Atlantis"), phone="123")
    return Edit(EditKind.UPDATE, new, seen)


@pytest.mark.unknown("Picklist refusing new values")
@pytest.mark.parametrize("takes_new", [True, False])
def test_a_value_beside_the_list_is_a_loss_and_never_sent(
    world: World, *, takes_new: bool
) -> None:
    world.switch(address_layout="composite", takes_new_picklist_values=takes_new)
    with world.client() as client:
        side = ZohoSide(client.config)
        client.runtime.run(side.connect())
        edit = _contact(world, client, side, Mailing_Country="Poland")

        (outcome,) = client.runtime.run(side.write([edit]))

    assert edit.seen is not None
    shown = world.fake.people.record(edit.seen.ref.id)
    assert outcome.status is OutcomeStatus.OK
    assert outcome.losses == (Loss("country", LossReason.NOT_IN_LIST),)
    assert (shown["Mailing_Country"], shown["Phone"]) == ("Poland", "123")


# --- unknown: how long the fields of contacts are ----------------------------


@pytest.mark.unknown("Field lengths of Contacts")
@pytest.mark.parametrize(("lengths", "limit"), [("as leads", 100), ("halved", 50)])
def test_the_lengths_of_contacts_are_those_that_are_told(
    world: World, lengths: str, limit: int
) -> None:
    world.switch(contact_lengths=lengths)
    with world.client() as client:
        side = ZohoSide(client.config)
        client.runtime.run(side.connect())
        edit = _contact(world, client, side)
        long = Edit(
            EditKind.UPDATE, Contact(address=Address(city="x" * (limit + 1))), edit.seen
        )
        short = Edit(
            EditKind.UPDATE, Contact(address=Address(city="x" * limit)), edit.seen
        )

        too_long = side.fit(long)
        (outcome,) = client.runtime.run(side.write([short]))

    assert too_long.losses == (Loss("city", LossReason.TOO_LONG, limit),)
    assert outcome.status is OutcomeStatus.OK


@pytest.mark.unknown("Field lengths of Contacts")
def test_nothing_starts_where_the_lengths_are_untold(world: World) -> None:
    world.switch(contact_lengths="untold")
    with world.client() as client:
        side = ZohoSide(client.config)

        with pytest.raises(MalformedReplyError, match="Mailing_City") as caught:
            client.runtime.run(side.connect())

    assert "how long" in str(caught.value)
    assert world.fake.writes == 0


@pytest.mark.unknown("Field lengths of Contacts")
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.json({"fields": []}), ConfigError),
        (Fault.status(204), ConfigError),
        (Fault.status(500), ServiceError),
        (Fault.json({}), MalformedReplyError),
    ],
)
def test_nothing_starts_where_the_metadata_cannot_be_read(
    world: World, fault: Fault, error: type[Exception]
) -> None:
    world.fake.fail_next(fault, "*fields*", times=99)
    with world.client() as client:
        side = ZohoSide(client.config)

        with pytest.raises(error):
            client.runtime.run(side.connect())

    assert world.fake.writes == 0


def test_nothing_starts_without_the_right_to_read_metadata(world: World) -> None:
    world.switch(missing_scopes=frozenset({"settings"}))
    with world.client() as client:
        side = ZohoSide(client.config)

        with pytest.raises(PermissionDeniedError):
            client.runtime.run(side.connect())


def test_the_length_of_a_company_is_that_of_its_account() -> None:
    names = ("Email", "Last_Name", "Account_Name")
    contacts = {name: ZohoField(name, length=100) for name in names}
    accounts = {"Account_Name": ZohoField("Account_Name")}
    untold = ZohoMapper(fields={"Contacts": contacts, "Accounts": accounts})

    with pytest.raises(MalformedReplyError, match="Account_Name"):
        check_told(untold.layout("Contacts"))
