"""Prospect and Lead, client and Contact: the first rows of the table."""

from __future__ import annotations

from crmbridge.reconcile import ActionKind, ReviewReason

from .conftest import World


def test_a_prospect_that_became_a_client_has_its_lead_converted(world: World) -> None:
    lead = world.linked(Phone="600")
    world.cards.edit("ann@example.com", state="CUSTOMER")

    report = world.run()

    assert world.lead(lead)["Converted__s"]
    (contact,) = world.records.records("Contacts")
    assert (contact["Email"], contact["Phone"]) == ("ann@example.com", "600")
    assert ActionKind.CONVERT in {action.kind for action in report.actions}
    assert world.run().writes == 0


def test_the_pair_goes_on_with_the_new_contact(world: World) -> None:
    world.linked()
    world.cards.edit("ann@example.com", state="CUSTOMER", phone="600")
    world.run()
    (contact,) = world.records.records("Contacts")
    assert contact["Phone"] == "600"

    world.records.edit(contact["id"], Phone="700")
    world.run()

    assert world.card()["phone"] == "700"


def test_an_opt_out_survives_the_conversion(world: World) -> None:
    world.linked()
    world.cards.opt_out("ann@example.com")
    world.cards.edit("ann@example.com", state="CUSTOMER")

    world.settle()

    (contact,) = world.records.records("Contacts")
    assert contact["Email_Opt_Out"]
    assert world.card()["optedOut"]


def test_a_lead_that_a_person_converted_makes_a_client(world: World) -> None:
    lead = world.linked()
    contact = world.records.convert(lead)

    world.run()

    assert world.card()["state"] == "CUSTOMER"
    world.cards.edit("ann@example.com", phone="600")
    world.run()
    assert world.lead(contact)["Phone"] == "600"
    assert len(world.cards) == 1


def test_a_conversion_on_both_sides_is_agreed_without_a_write(world: World) -> None:
    lead = world.linked()
    world.records.convert(lead)
    world.cards.edit("ann@example.com", state="CUSTOMER")

    assert world.run().writes == 0


def test_a_conversion_into_an_existing_contact_goes_on_with_it(world: World) -> None:
    lead = world.linked()
    other = world.records.add_contact(Last_Name="Example", Email="ann@example.com")
    world.records.convert(lead, into=other)

    world.settle()

    world.cards.edit("ann@example.com", phone="600")
    world.run()
    assert world.lead(other)["Phone"] == "600"


def test_a_prospect_that_is_a_contact_becomes_a_client_at_first_sight(
    world: World,
) -> None:
    world.cards.add("ann@example.com", name="Ann Example", state="PROSPECT")
    world.records.add_contact(
        First_Name="Ann", Last_Name="Example", Email="ann@example.com"
    )

    report = world.run()

    assert world.card()["state"] == "CUSTOMER"
    assert [item.field for item in report.conflicts] == ["state"]


def test_a_partner_stays_a_partner_while_zoho_does_not_change(world: World) -> None:
    world.cards.add("ann@example.com", name="Ann Example", state="PARTNER")
    world.records.add_contact(
        First_Name="Ann", Last_Name="Example", Email="ann@example.com", Phone="600"
    )

    world.run()

    assert (world.card()["state"], world.card()["phone"]) == ("PARTNER", "600")


def test_a_client_that_became_a_prospect_waits_for_a_person(world: World) -> None:
    contact = world.linked(is_client=True)
    world.cards.edit("ann@example.com", state="PROSPECT", phone="600")

    report = world.run()

    assert [review.reason for review in report.reviews] == [ReviewReason.DEMOTED]
    assert world.lead(contact)["Phone"] == "600"
    assert world.card()["state"] == "PROSPECT"


def test_what_a_conversion_did_not_carry_over_is_not_taken_for_cleared(
    world: World,
) -> None:
    lead = world.linked(Phone="600", Email_Opt_Out=True)
    contact = world.records.convert(lead)
    world.records.edit(contact, Phone=None, Email_Opt_Out=False)

    world.settle()

    assert world.card()["phone"] == world.lead(contact)["Phone"] == "600"
    assert world.card()["optedOut"]
    assert world.lead(contact)["Email_Opt_Out"]


def test_what_an_existing_contact_held_before_is_a_listed_conflict(
    world: World,
) -> None:
    lead = world.linked(Phone="600")
    other = world.records.add_contact(
        Last_Name="Example", Email="ann@example.com", Phone="700"
    )
    world.records.convert(lead, into=other)
    world.records.edit(other, Phone="700")

    reports = [world.run(), world.run()]

    conflicts = {item.field for report in reports for item in report.conflicts}
    assert "phone" in conflicts
    assert world.card()["phone"] == world.lead(other)["Phone"] == "700"
