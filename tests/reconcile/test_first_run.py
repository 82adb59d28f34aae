"""The first run: who belongs together, what is filled, what is created."""

from __future__ import annotations

from crmbridge.reconcile import ReviewReason

from .conftest import World


def test_records_of_one_address_are_paired_whatever_its_case(world: World) -> None:
    world.cards.add("Ann@Example.com", name="Ann Example")
    world.records.add_lead(
        Last_Name="Example", First_Name="Ann", Email="ann@example.COM"
    )

    report = world.run()

    assert report.counts() == {"linked": 2}
    assert len(world.records.records("Leads")) == len(world.cards) == 1


def test_blanks_are_filled_on_both_sides(world: World) -> None:
    lead = world.add_pair(Phone="+48600100200")
    world.cards.edit("ann@example.com", fax="+4811", city="Bielsko")

    world.run()

    assert world.card()["phone"] == "+48600100200"
    assert world.lead(lead)["Fax"] == "+4811"
    assert world.lead(lead)["City"] == "Bielsko"


def test_a_prospect_alone_becomes_a_lead(world: World) -> None:
    world.cards.add("ann@example.com", name="Ann de Example", company="Acme")

    world.run()

    (lead,) = world.records.records("Leads")
    assert (lead["First_Name"], lead["Last_Name"]) == ("Ann de", "Example")
    assert (lead["Email"], lead["Company"]) == ("ann@example.com", "Acme")


def test_a_client_alone_becomes_a_contact_with_its_account(world: World) -> None:
    world.records.add_account(Account_Name="Acme")
    world.cards.add("ann@example.com", name="A B", state="CUSTOMER", company="Acme")

    world.run()

    (contact,) = world.records.records("Contacts")
    assert contact["Account_Name"]["name"] == "Acme"
    assert len(world.records.records("Accounts")) == 1


def test_leads_and_contacts_alone_become_prospects_and_clients(world: World) -> None:
    world.records.add_lead(Last_Name="Lead", Email="lead@example.com")
    world.records.add_contact(Last_Name="Contact", Email="contact@example.com")

    world.run()

    assert world.card("lead@example.com")["state"] == "PROSPECT"
    assert world.card("contact@example.com")["state"] == "CUSTOMER"


def test_a_second_run_writes_nothing(world: World) -> None:
    world.add_pair(Phone="1")
    world.cards.add("only@example.com", name="Only Here", phone="600 100 200")
    world.records.add_contact(Last_Name="There", Email="there@example.com")
    world.run()
    before = world.services.writes

    report = world.run()

    assert world.services.writes == before
    assert report.writes == 0
    assert set(report.counts()) == {"in step"}


def test_the_filler_of_a_missing_name_never_comes_back(world: World) -> None:
    world.cards.add("ann@example.com")

    world.settle()
    world.run()

    (lead,) = world.records.records("Leads")
    assert lead["Last_Name"]
    assert not world.card()["name"]


def test_a_record_without_address_is_reported_and_left_alone(world: World) -> None:
    world.records.add_lead(Last_Name="Nameless")

    report = world.run()

    assert [outcome.reason for outcome in report.outcomes] == ["no_email"]
    assert len(world.cards) == 0


def test_two_records_of_one_address_wait_for_a_person(world: World) -> None:
    world.cards.add("ann@example.com", name="Ann")
    for phone in ("1", "2"):
        world.records.add_lead(Last_Name="Ann", Email="ann@example.com", Phone=phone)

    report = world.run()

    assert [review.reason for review in report.reviews] == [ReviewReason.AMBIGUOUS]
    assert len(report.reviews[0].refs) == 3
    assert world.services.writes == 0


def test_an_ambiguity_ends_when_one_of_the_records_is_deleted(world: World) -> None:
    world.cards.add("ann@example.com", name="Ann")
    first = world.records.add_lead(Last_Name="Ann", Email="ann@example.com")
    second = world.records.add_lead(Last_Name="Ann", Email="ann@example.com", Fax="7")
    world.run()

    world.records.delete(first)
    world.records.edit(second, Phone="8")
    world.run()

    assert (world.card()["phone"], world.card()["fax"]) == ("8", "7")


def test_a_new_record_of_a_linked_address_is_not_copied(world: World) -> None:
    world.linked()
    world.records.add_contact(Last_Name="Twin", Email="ann@example.com")

    report = world.run()

    assert [review.reason for review in report.reviews] == [ReviewReason.AMBIGUOUS]
    assert len(world.cards) == 1


def test_what_zoho_holds_as_duplicate_is_linked_and_not_created(world: World) -> None:
    world.cards.add("ann@example.com", name="Ann Example", phone="1")
    world.run()
    (lead,) = world.records.records("Leads")

    assert lead["Phone"] == "1"
    assert world.run().writes == 0


def test_the_main_user_gets_those_without_owner_across(world: World) -> None:
    world.salesmanago.users = ("admin@example.com", "here@example.com")
    world.records.add_user("there@example.com")
    world.cards.add("ann@example.com", name="A A", owner="here@example.com")
    world.records.add_lead(
        Last_Name="B", Email="b@example.com", Owner="there@example.com"
    )

    report = world.run()

    assert world.card("b@example.com")["mainContactOwner"] == "admin@example.com"
    owners = {r["Email"]: r["Owner"]["email"] for r in world.records.records("Leads")}
    assert owners["ann@example.com"] == "admin@example.com"
    lost = [item for item in report.losses if item.loss.field == "owner_email"]
    assert len(lost) == 2


def test_the_owner_of_the_same_address_is_taken_across(world: World) -> None:
    world.salesmanago.users = ("admin@example.com", "Both@example.com")
    world.records.add_user("both@EXAMPLE.com")
    world.cards.add("ann@example.com", name="A A", owner="Both@example.com")
    world.records.add_lead(
        Last_Name="B", Email="b@example.com", Owner="both@EXAMPLE.com"
    )

    world.run()

    assert world.card("b@example.com")["mainContactOwner"] == "Both@example.com"
    owners = {r["Email"]: r["Owner"]["email"] for r in world.records.records("Leads")}
    assert owners["ann@example.com"] == "both@EXAMPLE.com"
