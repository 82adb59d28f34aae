"""Edits between two runs: field by field, against each side's own base."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from attrs import evolve

from crmbridge.errors import CrmbridgeError
from crmbridge.reconcile import ReviewReason
from crmbridge.testing import Fault

from .conftest import World


def test_different_fields_edited_on_both_sides_all_survive(world: World) -> None:
    lead = world.linked()
    world.cards.edit("ann@example.com", phone="600")
    world.records.edit(lead, Street="Main 1", City="Bielsko")

    world.run()

    assert world.lead(lead)["Phone"] == "600"
    assert world.card()["address"]["streetAddress"] == "Main 1"
    assert world.lead(lead)["Street"] == "Main 1"
    assert world.card()["phone"] == "600"


def test_only_the_changed_field_is_sent(world: World) -> None:
    lead = world.linked()
    world.cards.edit("ann@example.com", phone="600")
    world.run()
    update = world.zoho.recorded[-1]
    assert update.json["data"] == [{"id": lead, "Phone": "600"}]

    world.records.edit(lead, Fax="700")
    world.run()

    detail = world.sent("/batchupsert")[-1]["upsertDetails"][0]
    assert detail["contact"] == {"email": "ann@example.com", "fax": "700"}


def test_the_same_field_edited_on_both_sides_is_a_listed_conflict(
    world: World,
) -> None:
    lead = world.linked()
    world.cards.edit("ann@example.com", phone="600")
    world.records.edit(lead, Phone="700")

    report = world.run()

    assert world.card()["phone"] == "700"
    assert [(c.field, c.winner) for c in report.conflicts] == [("phone", "zoho")]


def test_the_caller_may_prefer_salesmanago(world: World) -> None:
    world.options["prefer"] = "salesmanago"
    lead = world.linked()
    world.cards.edit("ann@example.com", phone="600")
    world.records.edit(lead, Phone="700")

    world.run()

    assert world.lead(lead)["Phone"] == "600"


def test_the_same_edit_on_both_sides_writes_nothing(world: World) -> None:
    lead = world.linked()
    world.cards.edit("ann@example.com", phone="+48 600")
    world.records.edit(lead, Phone="0048600")

    assert world.run().writes == 0


def test_clearing_a_field_goes_over(world: World) -> None:
    lead = world.linked(Phone="600", Fax="700")
    world.cards.edit("ann@example.com", phone="")
    world.records.edit(lead, Fax=None)

    world.run()

    assert not world.lead(lead)["Phone"]
    assert not world.card()["fax"]


def test_the_crms_own_split_of_a_name_stays(world: World) -> None:
    world.cards.add("ann@example.com", name="Ann de la Example")
    lead = world.records.add_lead(
        First_Name="Ann", Last_Name="de la Example", Email="ann@example.com"
    )
    world.settle()
    world.cards.edit("ann@example.com", phone="1")

    world.run()

    assert world.lead(lead)["Last_Name"] == "de la Example"


def test_a_changed_address_keeps_the_pair(world: World) -> None:
    lead = world.linked()
    world.records.edit(lead, Email="new@example.com")

    world.run()

    assert world.card("new@example.com")["name"] == "Ann Example"
    assert len(world.cards) == len(world.records.records("Leads")) == 1
    world.cards.edit("new@example.com", phone="9")
    world.run()
    assert world.lead(lead)["Phone"] == "9"


def test_an_address_changed_in_salesmanago_keeps_the_pair(world: World) -> None:
    lead = world.linked()
    world.cards.edit("ann@example.com", email="new@example.com")

    world.run()

    assert world.lead(lead)["Email"] == "new@example.com"
    assert len(world.records.records("Leads")) == 1


def test_an_address_that_belongs_to_another_pair_waits_for_a_person(
    world: World,
) -> None:
    world.linked("bob@example.com")
    lead = world.linked("ann@example.com")
    world.records.edit(lead, Email="bob@example.com", Phone="600")

    report = world.run()

    assert ReviewReason.ADDRESS_TAKEN in {r.reason for r in report.reviews}
    assert world.card("ann@example.com")["phone"] == "600"


def test_a_value_that_a_side_cannot_hold_is_a_loss_and_blanks_nothing(
    world: World,
) -> None:
    contact = world.linked(is_client=True)
    world.cards.edit("ann@example.com", birthday="0229", phone="600")

    report = world.run()

    assert [item.loss.field for item in report.losses] == ["birthday"]
    assert world.lead(contact)["Phone"] == "600"
    assert world.run().writes == 0


def test_a_record_that_zoho_refuses_does_not_hold_back_the_others(
    world: World,
) -> None:
    leads = [world.add_pair(f"p{n}@example.com") for n in range(5)]
    world.settle()
    world.zoho.locked.add(leads[2])
    for number in range(5):
        world.cards.edit(f"p{number}@example.com", phone=f"60{number}")

    report = world.run()

    phones = [world.lead(lead)["Phone"] for lead in leads]
    assert phones == ["600", "601", None, "603", "604"]
    refused = [o for o in report.outcomes if o.reason == "RECORD_LOCKED"]
    assert len(refused) == 2


def test_an_edit_made_while_zoho_is_down_arrives_in_the_next_run(
    world: World,
) -> None:
    lead = world.linked()
    world.cards.edit("ann@example.com", phone="600")
    world.zoho.fail_next(Fault.status(503), "/crm/v8/Leads", times=50)

    with suppress(CrmbridgeError):
        world.run()
    assert world.lead(lead)["Phone"] is None
    world.zoho.faults.clear()
    world.run()

    assert world.lead(lead)["Phone"] == "600"


def test_an_answer_lost_after_the_write_duplicates_nobody(world: World) -> None:
    world.cards.add("ann@example.com", name="Ann Example")
    world.zoho.fail_next(Fault.cut(is_applied=True), "/crm/v8/Leads/upsert")

    world.run()
    world.settle()

    assert len(world.records.records("Leads")) == 1


def test_a_deleted_lead_ends_the_pair_and_is_not_made_again(world: World) -> None:
    lead = world.linked()
    world.records.delete(lead)

    report = world.run()
    world.cards.edit("ann@example.com", phone="600")
    world.run()

    assert [action.kind.value for action in report.actions] == ["unlink"]
    assert world.records.records("Leads") == ()
    assert world.card()["phone"] == "600"


def test_a_deleted_card_ends_the_pair_and_is_not_brought_back(world: World) -> None:
    lead = world.linked()
    world.cards.delete("ann@example.com")
    world.records.edit(lead, Phone="600")

    world.run()
    world.run()

    assert world.card()["deleted"]
    assert world.lead(lead)["Phone"] == "600"


def test_an_owner_that_changed_goes_over(world: World) -> None:
    world.salesmanago.users = ("admin@example.com", "both@example.com")
    world.records.add_user("both@example.com")
    lead = world.linked()

    world.records.edit(lead, Owner="both@example.com")
    world.run()
    assert world.card()["mainContactOwner"] == "both@example.com"

    world.cards.edit("ann@example.com", owner="admin@example.com")
    world.run()
    assert world.lead(lead)["Owner"]["email"] == "admin@example.com"


def test_an_owner_changed_to_a_stranger_falls_to_the_main_user(world: World) -> None:
    world.salesmanago.users = ("admin@example.com", "both@example.com")
    world.records.add_user("both@example.com")
    world.records.add_user("stranger@example.com")
    lead = world.linked(Owner="both@example.com")
    assert world.card()["mainContactOwner"] == "both@example.com"

    world.records.edit(lead, Owner="stranger@example.com")
    report = world.run()

    assert world.card()["mainContactOwner"] == "admin@example.com"
    assert [item.loss.field for item in report.losses] == ["owner_email"]
    assert world.run().writes == 0


def test_a_field_that_salesmanago_does_not_clear_comes_back_to_nobody(
    world: World,
) -> None:
    lead = world.linked(Phone="600")
    world.salesmanago.switches = evolve(world.salesmanago.switches, empty_values="keep")
    world.records.edit(lead, Phone=None)

    report = world.run()
    world.cards.edit("ann@example.com", fax="700")
    again = world.run()

    assert [item.loss.reason.name for item in report.losses] == ["NOT_CLEARED"]
    assert again.losses == ()
    assert world.lead(lead)["Phone"] is None
    assert world.lead(lead)["Fax"] == "700"


def test_a_card_that_the_feed_does_not_show_is_adopted_and_not_overwritten(
    world: World,
) -> None:
    long_ago = world.services.clock().at - timedelta(days=3000)
    world.cards.add(
        "ann@example.com", name="Ann Old", opted_out=True, created_at=long_ago
    )
    lead = world.records.add_lead(
        First_Name="Ann", Last_Name="Old", Email="ann@example.com", Phone="600"
    )

    world.run()

    assert world.card()["optedOut"]
    assert world.lead(lead)["Email_Opt_Out"]
    assert world.card()["phone"] == "600"


def test_a_new_record_of_a_deleted_ones_address_waits_for_a_person(
    world: World,
) -> None:
    lead = world.linked()
    world.records.delete(lead)
    world.run()

    again = world.records.add_lead(
        Last_Name="Again", Email="ann@example.com", Phone="600"
    )
    report = world.run()

    assert [review.reason for review in report.reviews] == [ReviewReason.WAS_DELETED]
    assert world.card()["name"] == "Ann Example"
    assert world.lead(again)["Last_Name"] == "Again"
