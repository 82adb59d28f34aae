"""Opt-outs through a whole run: first, everywhere, and never lost."""

from __future__ import annotations

from contextlib import suppress

from crmbridge import ConsentPolicy
from crmbridge.errors import CrmbridgeError
from crmbridge.reconcile import ReviewReason
from crmbridge.testing import Fault

from .conftest import World


def test_an_opt_out_in_salesmanago_reaches_zoho(world: World) -> None:
    lead = world.linked()
    world.cards.opt_out("ann@example.com")

    world.run()

    assert world.lead(lead)["Email_Opt_Out"]
    assert world.run().writes == 0


def test_an_opt_out_in_zoho_reaches_salesmanago(world: World) -> None:
    lead = world.linked()
    world.records.edit(lead, Email_Opt_Out=True)

    world.run()

    assert world.card()["optedOut"]
    assert world.run().writes == 0


def test_an_opt_out_goes_before_every_other_write(world: World) -> None:
    leads = [world.add_pair(f"p{n}@example.com") for n in range(3)]
    world.settle()
    for number in range(3):
        world.cards.edit(f"p{number}@example.com", phone=f"60{number}")
    world.cards.opt_out("p2@example.com")
    world.zoho.reset_counters()

    world.run()

    bodies = [r.json["data"] for r in world.zoho.recorded if r.json is not None]
    assert bodies[0] == [{"id": leads[2], "Email_Opt_Out": True}]
    assert len(bodies) == 2


def test_an_opt_out_goes_through_although_another_field_is_refused(
    world: World,
) -> None:
    lead = world.linked()
    world.cards.edit("ann@example.com", name="x" * 200)
    world.cards.opt_out("ann@example.com")

    report = world.run()

    assert world.lead(lead)["Email_Opt_Out"]
    assert [item.loss.field for item in report.losses] == ["name"]


def test_who_is_opted_out_is_created_opted_out_in_the_same_call(world: World) -> None:
    world.records.add_lead(Last_Name="Out", Email="out@example.com", Email_Opt_Out=True)
    world.records.add_lead(Last_Name="In", Email="in@example.com")
    world.cards.add("card@example.com", name="A Card", opted_out=True)

    world.run()

    details = world.sent("/batchupsert")[0]["upsertDetails"]
    flags = {d["contact"]["email"]: d["forceOptOut"] for d in details}
    assert flags == {"out@example.com": True, "in@example.com": False}
    assert world.card("out@example.com")["optedOut"]
    assert not world.card("in@example.com")["optedOut"]
    created = [r for r in world.zoho.recorded if r.url.endswith("/upsert")]
    assert created[0].json["data"][0]["Email_Opt_Out"] is True


def test_at_first_sight_out_wins_whichever_side_it_is_on(world: World) -> None:
    lead = world.add_pair("a@example.com", Email_Opt_Out=True)
    other = world.add_pair("b@example.com")
    world.cards.opt_out("b@example.com")

    world.run()

    assert world.card("a@example.com")["optedOut"]
    assert world.lead(lead)["Email_Opt_Out"]
    assert world.lead(other)["Email_Opt_Out"]


def test_all_records_of_an_address_follow_an_opt_out(world: World) -> None:
    world.cards.add("ann@example.com", name="Ann")
    leads = [
        world.records.add_lead(Last_Name="Ann", Email="ann@example.com", Phone=phone)
        for phone in ("1", "2")
    ]
    world.cards.opt_out("ann@example.com")

    world.run()

    assert all(world.lead(lead)["Email_Opt_Out"] for lead in leads)
    assert [world.lead(lead)["Phone"] for lead in leads] == ["1", "2"]


def test_an_opt_in_on_one_side_goes_over_as_the_mission_says(world: World) -> None:
    lead = world.linked()
    world.cards.opt_out("ann@example.com")
    world.settle()
    world.records.edit(lead, Email_Opt_Out=False)

    world.settle()

    assert not world.card()["optedOut"]
    assert not world.lead(lead)["Email_Opt_Out"]


def test_the_protective_policy_lists_an_opt_in(world: World) -> None:
    world.options["consent"] = ConsentPolicy.PROTECTIVE
    lead = world.linked()
    world.cards.opt_out("ann@example.com")
    world.settle()
    world.records.edit(lead, Email_Opt_Out=False)

    report = world.run()
    world.records.edit(lead, Phone="600")
    again = world.run()

    assert [r.reason for r in report.reviews] == [ReviewReason.OPTED_IN_AGAIN]
    assert [r.reason for r in again.reviews] == [ReviewReason.OPTED_IN_AGAIN]
    assert world.card()["optedOut"]
    assert world.card()["phone"] == "600"


def test_a_phone_edit_later_than_the_opt_out_brings_nobody_back(world: World) -> None:
    lead = world.linked()
    world.cards.opt_out("ann@example.com")
    world.services.clock.advance(300)
    world.records.edit(lead, Phone="600")

    world.run()

    assert world.card()["optedOut"]
    assert world.lead(lead)["Email_Opt_Out"]


def test_who_was_deleted_and_comes_again_is_still_opted_out(world: World) -> None:
    world.records.add_lead(Last_Name="Out", Email="out@example.com", Email_Opt_Out=True)
    world.settle()
    world.cards.delete("out@example.com", permanently=True)
    world.cards.add("out@example.com", name="Comes Again")

    world.settle()

    assert world.card("out@example.com")["optedOut"]


def test_an_opt_out_that_zoho_does_not_take_is_tried_again(world: World) -> None:
    lead = world.linked()
    world.cards.opt_out("ann@example.com")
    world.zoho.locked.add(lead)

    world.run()
    world.zoho.locked.clear()
    world.run()

    assert world.lead(lead)["Email_Opt_Out"]
    assert world.card()["optedOut"]


def test_an_opt_out_whose_answer_is_lost_stays(world: World) -> None:
    lead = world.linked()
    world.records.edit(lead, Email_Opt_Out=True)
    world.salesmanago.fail_next(Fault.cut(is_applied=False), "*batchupsert", times=50)

    with suppress(CrmbridgeError):
        world.run()
    world.salesmanago.faults.clear()
    world.settle()

    assert world.card()["optedOut"]
    assert world.lead(lead)["Email_Opt_Out"]


def test_no_write_asks_for_a_confirmation_mail(world: World) -> None:
    world.records.add_lead(Last_Name="In", Email="in@example.com")
    world.linked()
    world.cards.edit("ann@example.com", phone="1")
    world.settle()

    assert world.salesmanago.confirmation_mails == ()
    assert all(body["useApiDoubleOptIn"] is False for body in world.sent("upsert"))


def test_an_old_address_is_still_opted_out_when_somebody_new_has_it(
    world: World,
) -> None:
    lead = world.linked()
    world.cards.opt_out("ann@example.com")
    world.settle()
    world.records.edit(lead, Email="new@example.com")
    world.settle()

    world.records.add_lead(Last_Name="Other", Email="ann@example.com")
    world.run()

    assert world.card("new@example.com")["optedOut"]
    assert world.card("ann@example.com")["optedOut"]
