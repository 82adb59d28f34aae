"""What was once wrong, each in the smallest world that shows it."""

from __future__ import annotations

from crmbridge.errors import LeaseHeldError
from crmbridge.reconcile import ActionKind, Progress, ReviewReason
from crmbridge.testing import SalesmanagoSwitches

from .conftest import World

ANN = "ann@example.com"
BOB = "bob@example.com"


def test_a_double_of_a_linked_lead_follows_the_opt_out_of_the_card(
    world: World,
) -> None:
    lead = world.linked()
    double = world.records.add_lead(Last_Name="Ann", Email=ANN)
    world.settle()
    world.cards.opt_out(ANN)

    world.settle()

    assert world.lead(lead)["Email_Opt_Out"]
    assert world.lead(double)["Email_Opt_Out"]


def test_an_opted_out_double_keeps_the_pair_from_being_opted_in(world: World) -> None:
    lead = world.linked()
    world.cards.opt_out(ANN)
    world.settle()
    double = world.records.add_lead(Last_Name="Ann", Email=ANN, Email_Opt_Out=True)
    world.settle()
    world.records.edit(lead, Email_Opt_Out=False)

    world.settle()

    assert world.card()["optedOut"]
    assert world.lead(lead)["Email_Opt_Out"]
    assert world.lead(double)["Email_Opt_Out"]


def test_the_opt_out_of_a_survivor_meets_a_new_record(world: World) -> None:
    world.records.delete(world.linked())
    world.settle()
    world.cards.opt_out(ANN)
    world.settle()
    new = world.records.add_lead(Last_Name="Ann", Email=ANN)

    world.settle()

    assert world.lead(new)["Email_Opt_Out"]


def test_a_new_record_follows_the_opt_out_of_a_survivor(world: World) -> None:
    world.records.delete(world.linked())
    world.settle()
    new = world.records.add_lead(Last_Name="Ann", Email=ANN)
    world.settle()
    world.cards.opt_out(ANN)

    world.settle()

    assert world.lead(new)["Email_Opt_Out"]


def test_an_opt_out_is_remembered_although_the_pair_ends_at_once(
    world: World,
) -> None:
    lead = world.linked()
    world.cards.opt_out(ANN)
    world.records.delete(lead)
    world.settle()
    new = world.records.add_lead(Last_Name="Ann", Email=ANN)

    world.settle()

    assert world.lead(new)["Email_Opt_Out"]


def test_an_opt_out_is_remembered_although_the_other_record_is_not_visible(
    world: World,
) -> None:
    lead = world.linked()
    world.cards.opt_out(ANN)
    world.records.delete(lead, is_permanent=True)
    world.settle()
    new = world.records.add_lead(Last_Name="Ann", Email=ANN)

    world.settle()

    assert world.lead(new)["Email_Opt_Out"]


def test_who_opts_out_and_is_deleted_is_opted_out_across(world: World) -> None:
    lead = world.linked()
    world.cards.opt_out(ANN)
    world.cards.delete(ANN)

    world.settle()

    assert world.lead(lead)["Email_Opt_Out"]


def test_a_survivor_that_could_not_be_opted_out_is_tried_again(world: World) -> None:
    lead = world.linked()
    world.cards.opt_out(ANN)
    world.zoho.locked.add(lead)
    world.run()
    world.cards.delete(ANN, permanently=True)
    world.run()
    world.zoho.locked.clear()

    world.settle()

    assert world.lead(lead)["Email_Opt_Out"]


def test_a_survivor_that_is_opted_in_again_is_left_alone(world: World) -> None:
    world.records.delete(world.linked())
    world.settle()
    world.cards.opt_out(ANN)
    world.settle()
    world.cards.opt_in(ANN)

    world.settle()

    assert not world.card()["optedOut"]


def test_a_deleted_card_passes_its_opt_out_on(world: World) -> None:
    world.cards.add(ANN, name="Ann", opted_out=True)
    world.cards.delete(ANN)
    lead = world.records.add_lead(Last_Name="Ann", Email=ANN)

    world.settle()

    assert world.lead(lead)["Email_Opt_Out"]


def test_an_opt_out_that_a_double_did_not_take_is_tried_again(world: World) -> None:
    world.cards.add(ANN, name="Ann")
    doubles = [
        world.records.add_lead(Last_Name="Ann", Email=ANN, Phone=phone)
        for phone in ("1", "2")
    ]
    world.settle()
    world.cards.opt_out(ANN)
    world.zoho.locked.add(doubles[1])
    world.run()
    world.zoho.locked.clear()

    world.run()

    assert all(world.lead(double)["Email_Opt_Out"] for double in doubles)


def test_an_address_that_an_unlinked_record_has_is_not_written(world: World) -> None:
    world.linked()
    world.cards.edit(ANN, email=BOB)
    other = world.records.add_lead(Last_Name="Bob", Email=BOB, Company="Acme")

    world.settle()
    world.cards.opt_out(BOB)
    world.settle()

    leads = world.records.records("Leads")
    assert sorted(lead["Email"] for lead in leads) == [ANN, BOB]
    assert world.lead(other)["Email_Opt_Out"]


def test_an_opted_out_record_opts_out_who_takes_its_address(world: World) -> None:
    lead = world.linked()
    world.cards.edit(ANN, email=BOB)
    world.records.add_lead(Last_Name="Bob", Email=BOB, Email_Opt_Out=True)

    world.settle()

    assert world.card(BOB)["optedOut"]
    assert world.lead(lead)["Email_Opt_Out"]


def test_an_address_is_taken_over_as_soon_as_it_is_free(world: World) -> None:
    first, second = world.linked(), world.linked(BOB)
    world.records.edit(second, Email="new@example.com")
    world.records.edit(first, Email=BOB)

    report = world.run()
    world.settle()

    assert [r.reason for r in report.reviews] == [ReviewReason.ADDRESS_TAKEN]
    emails = sorted(card["email"] for card in world.cards.contacts())
    assert emails == [BOB, "new@example.com"]


def test_an_opt_out_follows_an_address_that_two_pairs_swapped(world: World) -> None:
    first, second = world.linked(), world.linked(BOB)
    world.records.edit(second, Email=ANN)
    world.records.edit(first, Email=BOB)
    world.settle()
    world.cards.opt_out(ANN)

    world.settle()

    assert world.lead(second)["Email_Opt_Out"]


def test_a_service_that_shows_old_consent_for_a_while_opts_nobody_in(
    world: World,
) -> None:
    lead = world.linked()
    world.salesmanago.switches = SalesmanagoSwitches(visible_after_seconds=120)
    world.records.edit(lead, Email_Opt_Out=True)
    world.run()
    world.hour_seconds = 10.0
    world.records.edit(lead, Phone="600")

    report = world.run()

    assert not any(action.kind is ActionKind.OPT_IN for action in report.actions)
    assert world.card()["optedOut"]
    assert world.lead(lead)["Email_Opt_Out"]


def test_a_lead_is_not_converted_into_the_contact_of_another_pair(
    world: World,
) -> None:
    lead, contact = world.linked(), world.linked(BOB, is_client=True)
    world.records.edit(lead, Email=BOB)
    world.run()
    world.cards.edit(ANN, state="CUSTOMER")

    report = world.run()

    assert {review.reason for review in report.reviews} == {ReviewReason.ADDRESS_TAKEN}
    assert [r["id"] for r in world.records.records("Leads")] == [lead]
    assert [r["id"] for r in world.records.records("Contacts")] == [contact]


def test_the_opt_out_of_a_new_double_reaches_a_pair_just_written(world: World) -> None:
    lead = world.linked()
    world.records.edit(lead, Phone="600")
    world.run()
    world.hour_seconds = 60.0
    double = world.records.add_lead(Last_Name="Ann", Email=ANN, Email_Opt_Out=True)

    world.run()

    assert world.card()["optedOut"]
    assert world.lead(lead)["Email_Opt_Out"]
    assert world.lead(double)["Email_Opt_Out"]


def test_a_plan_overwrites_nothing_that_it_did_not_see(world: World) -> None:
    world.options["prefer"] = "salesmanago"
    lead = world.linked()
    world.cards.edit(ANN, phone="600")
    plan = world.plan()
    world.records.edit(lead, Phone="700")

    report = world.apply(plan)

    assert report.stale == plan.actions
    assert world.lead(lead)["Phone"] == "700"


def test_no_other_worker_takes_over_while_a_run_reads(world: World) -> None:
    world.add_pair()
    answers: list[type[Exception] | None] = []

    def steal(_: Progress) -> None:
        world.services.clock.advance(40)
        now = world.services.clock.now()
        try:
            world.store.acquire("default", "thief", now=now, ttl_seconds=60)
        except LeaseHeldError as error:
            answers.append(type(error))
        else:
            answers.append(None)

    world.options["on_progress"] = steal
    world.run()

    assert set(answers) == {LeaseHeldError}


def test_a_record_read_for_old_doubles_is_judged_with_its_new_ones(
    world: World,
) -> None:
    first = world.records.add_lead(Last_Name="A", Email="one@example.com")
    world.records.add_lead(Last_Name="B", Email="one@example.com")
    for name in ("C", "D"):
        world.records.add_lead(Last_Name=name, Email="two@example.com")
    world.run()
    world.records.edit(first, Email="two@example.com")
    world.run()

    world.records.add_lead(Last_Name="E", Email="one@example.com")
    world.run()

    assert len(world.cards) == 0


def test_what_is_left_of_an_ended_pair_counts_under_its_new_address(
    world: World,
) -> None:
    lead = world.linked("old@example.com")
    world.cards.delete("old@example.com")
    world.records.edit(lead, Email="new@example.com")
    world.run()

    world.records.add_lead(Last_Name="Out", Email="new@example.com", Email_Opt_Out=True)
    world.run()
    world.run()

    assert world.lead(lead)["Email_Opt_Out"]


def test_no_address_is_given_that_a_record_without_its_counterpart_has(
    world: World,
) -> None:
    lost = world.linked("lost@example.com")
    other = world.linked("other@example.com")
    world.cards.delete("lost@example.com", permanently=True)
    world.records.edit(lost, Email="new@example.com")
    world.run()

    world.cards.edit("other@example.com", email="new@example.com")
    report = world.run()

    assert world.lead(other)["Email"] == "other@example.com"
    assert ReviewReason.ADDRESS_TAKEN in {review.reason for review in report.reviews}
