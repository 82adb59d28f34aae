"""What nobody outside of Zoho knows makes no difference in the end.

Each case runs under every position of the switch that stands for the unknown.
"""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from crmbridge import ConsentPolicy
from crmbridge.reconcile.report import Result

from .conftest import World

EMAIL = "ann@example.com"
BOTH = pytest.mark.parametrize("is_on", [False, True], ids=["off", "on"])


def _switch(world: World, **switches: Any) -> None:
    world.zoho.switches = evolve(world.zoho.switches, **switches)


def _opted_out(world: World, *record_ids: str) -> list[bool]:
    return [bool(world.lead(one)["Email_Opt_Out"]) for one in record_ids]


def _is_quiet(world: World) -> bool:
    return world.run().writes == 0


# --- opt-outs -----------------------------------------------------------------


@pytest.mark.unknown("Opt-out by API propagates")
@BOTH
def test_an_opt_out_reaches_every_record_of_the_address(
    world: World, *, is_on: bool
) -> None:
    _switch(world, propagates_opt_out=is_on)
    linked = world.linked()
    others = [
        world.records.add_lead(Last_Name="Ann", Email=EMAIL),
        world.records.add_contact(Last_Name="Ann", Email=EMAIL.upper()),
    ]
    world.settle()

    world.cards.opt_out(EMAIL)
    world.settle()

    assert _opted_out(world, linked, *others) == [True] * 3
    assert _is_quiet(world)


@pytest.mark.unknown("Opt-out by API propagates")
@BOTH
def test_an_opt_out_by_another_program_in_zoho_reaches_the_card(
    world: World, *, is_on: bool
) -> None:
    _switch(world, propagates_opt_out=is_on)
    linked = world.linked()
    other = world.records.add_contact(Last_Name="Ann", Email=EMAIL)
    world.settle()

    with world.services.zoho_client() as program:
        program.update("Contacts", [{"id": other, "Email_Opt_Out": True}])
    world.settle()

    assert world.card()["optedOut"]
    assert _opted_out(world, linked, other) == [True, True]
    assert _is_quiet(world)


@pytest.mark.unknown("Opt-out by API propagates")
@BOTH
@pytest.mark.parametrize("policy", list(ConsentPolicy))
def test_nobody_is_opted_in_again_among_several_records(
    world: World, policy: ConsentPolicy, *, is_on: bool
) -> None:
    _switch(world, propagates_opt_out=is_on)
    world.options["consent"] = policy
    linked = world.linked()
    other = world.records.add_contact(Last_Name="Ann", Email=EMAIL)
    world.settle()
    world.cards.opt_out(EMAIL)
    world.settle()

    world.cards.opt_in(EMAIL)
    world.settle()

    assert _opted_out(world, linked, other) == [True, True]
    assert world.card()["optedOut"]


@pytest.mark.unknown("Opt-out by API propagates")
@BOTH
def test_an_opt_in_of_a_single_pair_goes_over(world: World, *, is_on: bool) -> None:
    _switch(world, propagates_opt_out=is_on)
    linked = world.linked()
    world.cards.opt_out(EMAIL)
    world.settle()

    world.cards.opt_in(EMAIL)
    world.settle()

    assert _opted_out(world, linked) == [False]
    assert not world.card()["optedOut"]
    assert _is_quiet(world)


# --- modified times -----------------------------------------------------------


@pytest.mark.unknown("An update without a change moves Modified_Time")
@BOTH
def test_what_has_not_changed_is_not_written(world: World, *, is_on: bool) -> None:
    _switch(world, moves_time_always=is_on)
    lead = world.linked()
    before = world.lead(lead)["Modified_Time"]
    world.cards.edit(EMAIL, phone="+48 600 100 200")
    world.settle()
    written = world.lead(lead)["Modified_Time"]

    world.cards.edit(EMAIL, phone="0048 600100200")
    world.settle()

    assert before != written == world.lead(lead)["Modified_Time"]
    assert _is_quiet(world)


# --- upserts ------------------------------------------------------------------


@pytest.mark.parametrize("choice", ["oldest", "newest", "refuse"])
def test_a_crowd_of_leads_gets_no_further_one(world: World, choice: Any) -> None:
    _switch(world, upsert_choice=choice)
    leads = [world.records.add_lead(Last_Name="Ann", Email=EMAIL) for _ in "abc"]
    world.cards.add(EMAIL, name="Ann", phone="600")

    world.settle()

    assert {one["id"] for one in world.records.records("Leads")} == set(leads)


@pytest.mark.parametrize("status", [200, 202, 400])
def test_a_refused_record_is_reported_whatever_the_status(
    world: World, status: Any
) -> None:
    _switch(world, refused_status=status)
    lead = world.linked()
    world.zoho.locked.add(lead)
    world.cards.edit(EMAIL, phone="600")

    report = world.run()
    world.zoho.locked.clear()
    world.settle()

    assert report.writes == 0
    assert world.lead(lead)["Phone"] == "600"


@pytest.mark.parametrize("meets", ["converted", "deleted"])
def test_who_meets_a_record_out_of_sight_is_told_and_never_made_twice(
    world: World, meets: Any
) -> None:
    _switch(world, upsert_meets=frozenset({meets}))
    lead = world.records.add_lead(Last_Name="Ann", Email=EMAIL)
    if meets == "deleted":
        world.records.delete(lead)
    else:
        world.records.delete(world.records.convert(lead))
    world.cards.add(EMAIL, name="Ann")

    world.run()
    report = world.run()

    told = {(one.result, one.reason) for one in report.outcomes}
    assert told <= {
        (Result.RETRY, "ID_ALREADY_CONVERTED"),
        (Result.LEFT_OUT, "not_visible"),
    }
    assert told
    assert report.writes == 0
    assert world.records.records("Leads") == ()
