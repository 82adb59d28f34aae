"""Conversions through the client, against the fake."""

from __future__ import annotations

from typing import Any

import pytest

from crmbridge.errors import (
    AlreadyConvertedError,
    DuplicateError,
    NotFoundError,
    OutcomeUnknownError,
    RecordLockedError,
    RefusedError,
    UnfinishedError,
)
from crmbridge.testing import Fault
from crmbridge.zoho import ConvertInto, MassConversionStatus
from tests.zoho.conftest import World

EMAIL = "nowak@example.com"
DEAL = {
    "Deal_Name": "One",
    "Stage": "Closed Won",
    "Closing_Date": "2026-06-30",
    "Pipeline": "Standard (Standard)",
}


# --- one lead ----------------------------------------------------------------


@pytest.mark.fake_row("Convert")
def test_a_lead_becomes_what_the_choices_say(world: World) -> None:
    people = world.fake.people
    bob = people.add_user("bob@example.com")
    account = people.add_account(Account_Name="Acme")
    lead = people.add_lead(Last_Name="Nowak", Company="Other", Tag=["vip"])
    into = ConvertInto(
        account_id=account,
        assign_to=bob,
        deal=DEAL,
        carry_over_tags={"Contacts": ["vip"]},
        move_attachments_to="Contacts",
        notify_new_owner=True,
    )

    with world.client() as client:
        result = client.convert(lead, into)
        (shown,) = client.by_ids(
            "Leads", [lead], fields=["Converted__s", "Converted_Deal"], converted="both"
        )

    contact = people.record(result.contact_id)
    assert result.account_id == account
    assert contact["Owner"]["id"] == bob
    assert [tag["name"] for tag in contact["Tag"]] == ["vip"]
    assert people.record(result.deal_id)["Contact_Name"]["id"] == result.contact_id
    assert (shown.is_converted, shown.converted_deal_id) == (True, result.deal_id)


@pytest.mark.fake_row("Convert")
@pytest.mark.parametrize("is_named", [True, False])
def test_a_contact_in_the_way_is_named_or_can_be_looked_up(
    world: World, *, is_named: bool
) -> None:
    world.switch(names_conversion_duplicate=is_named)
    contact = world.fake.people.add_contact(Last_Name="x", Email=EMAIL)
    lead = world.fake.people.add_lead(Last_Name="x", Email=EMAIL)

    with world.client() as client:
        with pytest.raises(DuplicateError) as caught:
            client.convert(lead)
        (match,) = client.conversion_options(lead).contacts
        result = client.convert(lead, ConvertInto(contact_id=match.id))

    assert caught.value.existing_id == (contact if is_named else None)
    assert result.contact_id == contact


@pytest.mark.fake_row("Convert")
def test_a_lead_that_was_converted_tells_its_contact(world: World) -> None:
    lead = world.fake.people.add_lead(Last_Name="x")
    contact = world.fake.people.convert(lead)

    with world.client() as client:
        with pytest.raises(AlreadyConvertedError) as caught:
            client.convert(lead)
        became = client.converted_contacts([caught.value.lead_id])

    assert became == {lead: contact}


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"Stage": None}, "MANDATORY_NOT_FOUND", "Stage"),
        ({"Stage": "Renewal Due"}, "MAPPING_MISMATCH", "Stage"),
        ({"Closing_Date": "soon"}, "INVALID_DATA", "Closing_Date"),
    ],
)
def test_a_deal_that_zoho_does_not_take_is_refused(
    world: World, change: dict[str, Any], code: str, field: str
) -> None:
    lead = world.fake.people.add_lead(Last_Name="x")

    with world.client() as client, pytest.raises(RefusedError) as caught:
        client.convert(lead, ConvertInto(deal={**DEAL, **change}))

    assert (caught.value.code, caught.value.field) == (code, field)


@pytest.mark.parametrize("hold", ["locked", "in_approval", "in_review"])
def test_a_held_lead_can_be_converted_later(world: World, hold: str) -> None:
    lead = world.fake.people.add_lead(Last_Name="x")
    held = getattr(world.fake, hold)
    held.add(lead)

    with world.client() as client:
        with pytest.raises(RecordLockedError):
            client.convert(lead)
        held.remove(lead)

        assert client.convert(lead).contact_id


@pytest.mark.parametrize("is_applied", [True, False])
def test_after_a_lost_answer_the_lead_tells_what_became_of_it(
    world: World, *, is_applied: bool
) -> None:
    lead = world.fake.people.add_lead(Last_Name="x")
    world.fake.fail_next(Fault.cut(is_applied=is_applied), "*convert")

    with world.client() as client:
        with pytest.raises(OutcomeUnknownError):
            client.convert(lead)
        became = client.converted_contacts([lead])

    assert world.fake.requests["Leads convert"] == 1
    assert (lead in became) is is_applied


# --- later -------------------------------------------------------------------


@pytest.mark.fake_row("Convert")
def test_a_scheduled_conversion_is_waited_for(world: World) -> None:
    world.switch(schedules_conversions=True)
    lead = world.fake.people.add_lead(Last_Name="x", Company="Acme")

    with world.client() as client:
        result = client.convert(lead)
        done = client.wait_for_conversion(lead)

    assert result.is_scheduled
    assert world.fake.people.record(done.contact_id)["Account_Name"]["id"] == (
        done.account_id
    )
    assert world.fake.requests["Leads list"] == 5


def test_a_scheduled_conversion_that_zoho_gave_up_is_not_waited_for_forever(
    world: World,
) -> None:
    world.switch(schedules_conversions=True)
    lead = world.fake.people.add_lead(Last_Name="x")

    with world.client() as client:
        client.convert(lead)
        world.fake.locked.add(lead)
        with pytest.raises(UnfinishedError) as caught:
            client.wait_for_conversion(lead, timeout_seconds=120)

    assert caught.value.waited_seconds == 120


def test_a_lead_that_is_deleted_is_not_waited_for(world: World) -> None:
    lead = world.fake.people.add_lead(Last_Name="x")
    world.fake.people.delete(lead)

    with world.client() as client, pytest.raises(NotFoundError):
        client.wait_for_conversion(lead)


def test_a_contact_that_was_deleted_is_not_told(world: World) -> None:
    lead = world.fake.people.add_lead(Last_Name="x")
    world.fake.people.delete(world.fake.people.convert(lead))

    with world.client() as client:
        assert client.converted_contacts([lead]) == {}
        with pytest.raises(NotFoundError):
            client.wait_for_conversion(lead)


# --- many leads --------------------------------------------------------------


@pytest.mark.fake_row("Convert")
def test_many_leads_are_converted_and_then_tell_their_contacts(world: World) -> None:
    people = world.fake.people
    people.add_contact(Last_Name="x", Email=EMAIL)
    leads = [people.add_lead(Last_Name=f"x{n}", Tag=["vip"]) for n in range(119)]
    taken = people.add_lead(Last_Name="x", Email=EMAIL)

    with world.client() as client:
        modules = {module.api_name: module for module in client.modules()}
        jobs = client.mass_convert(
            [*leads, taken], carry_over_tags=[modules["Contacts"]]
        )
        ends = [client.wait_for_mass_conversion(job.job_id) for job in jobs]
        became = client.converted_contacts([*leads, taken])

    assert [len(job.lead_ids) for job in jobs] == [50, 50, 20]
    assert [end.failed for end in ends] == [0, 0, 1]
    assert {end.status for end in ends} == {MassConversionStatus.COMPLETED}
    assert set(became) == set(leads)
    assert people.record(became[leads[0]])["Tag"][0]["name"] == "vip"
    assert world.fake.requests["Leads mass convert"] == 3


@pytest.mark.parametrize("needs_user", [False, True])
def test_a_mass_conversion_with_a_user_is_taken_either_way(
    world: World, *, needs_user: bool
) -> None:
    world.switch(mass_conversion_needs_user=needs_user)
    lead = world.fake.people.add_lead(Last_Name="x")

    with world.client() as client:
        me = client.current_user()
        (job,) = client.mass_convert([lead], assign_to=me.id)

    assert job.job_id is not None


def test_a_part_whose_answer_is_lost_is_told(world: World) -> None:
    leads = [world.fake.people.add_lead(Last_Name=f"x{n}") for n in range(60)]
    world.fake.fail_next(Fault.cut(is_applied=True), "*mass_convert")

    with world.client() as client:
        first, second = client.mass_convert(leads)
        world.clock.advance(120)
        became = client.converted_contacts(leads)

    assert isinstance(first.error or second.error, OutcomeUnknownError)
    assert set(became) == set(leads)


def test_a_job_that_takes_longer_is_asked_again_later(world: World) -> None:
    lead = world.fake.people.add_lead(Last_Name="x")

    with world.client() as client:
        (job,) = client.mass_convert([lead])
        with pytest.raises(UnfinishedError) as caught:
            client.wait_for_mass_conversion(job.job_id, timeout_seconds=5)
        end = client.wait_for_mass_conversion(caught.value.job_id)

    assert end.converted == 1


def test_a_job_that_is_not_there_is_refused(world: World) -> None:
    with world.client() as client, pytest.raises(RefusedError):
        client.mass_conversion("1")


# --- what a lead matches -----------------------------------------------------


@pytest.mark.fake_row("Convert")
def test_a_lead_tells_what_it_matches(world: World) -> None:
    account = world.fake.people.add_account(Account_Name="Acme")
    lead = world.fake.people.add_lead(Last_Name="x", Company="Acme")
    alone = world.fake.people.add_lead(Last_Name="y")

    with world.client() as client:
        found = client.conversion_options(lead)
        nothing = client.conversion_options(alone)

    assert [match.id for match in found.accounts] == [account]
    assert found.matched_by == {"Accounts": ("Account_Name",)}
    assert (nothing.contacts, nothing.accounts) == ((), ())
