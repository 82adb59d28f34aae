"""Adding and changing contacts, and the questions that nobody answers."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from crmbridge.errors import (
    CrmbridgeError,
    MalformedReplyError,
    OutcomeUnknownError,
    RefusedError,
    UnfinishedError,
)
from crmbridge.salesmanago import ConsentChange, ContactDetails, WriteStatus
from crmbridge.testing import Fault
from tests.salesmanago.conftest import World

ANN = "ann@example.com"
BOB = "bob@example.com"
EVE = "Eve@Example.com"
FLAGS = ("forceOptIn", "forceOptOut", "forcePhoneOptIn", "forcePhoneOptOut")
BATCH, SINGLE = "/api/contact/batchupsert", "/api/contact/upsert"
LATER = "/api/contact/batchupsertv2"
Status = WriteStatus


def people(number: int) -> list[ContactDetails]:
    """Give so many new contacts."""
    return [ContactDetails(f"p{place}@x.pl").as_new() for place in range(number)]


def sent(world: World) -> list[dict[str, Any]]:
    """Give what was written, record by record."""
    rows: list[dict[str, Any]] = []
    for request in world.fake.recorded:
        details = request.body.get("upsertDetails")
        rows += [dict(request.body)] if details is None else details
    return rows


# --- what is always said ---


WAYS = ["upsert", "insert", "update", "batch_upsert", "batch_upsert_later"]


@pytest.mark.parametrize("way", WAYS)
def test_every_write_says_all_flags_and_no_double_opt_in(
    world: World, way: str
) -> None:
    details = ContactDetails(ANN)
    world.fake.people.add(ANN)
    world.switch(insert_existing="update")

    getattr(world.client(), way)([details] if "batch" in way else details)

    (row,) = sent(world)
    assert all(isinstance(row[name], bool) for name in FLAGS)
    assert world.fake.recorded[0].body["useApiDoubleOptIn"] is False


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.question(2)
@pytest.mark.parametrize("omitted", ["keep", "in", "out"])
@pytest.mark.parametrize("new", ["out", "in"])
@pytest.mark.parametrize("is_double", [True, False])
def test_nobody_new_is_opted_in_unasked_or_mailed(
    world: World, way: str, omitted: str, new: str, is_double: bool
) -> None:
    world.switch(
        omitted_flags=omitted,
        new_contacts=new,
        is_double_opt_in_default=is_double,
        update_missing="create",
    )
    details = ContactDetails(ANN, {"name": "Ann"}).as_new()

    getattr(world.client(), way)([details] if "batch" in way else details)
    world.clock.sleep(60)

    card = world.fake.people.get(ANN)
    assert (card["optedOut"], card["optedOutPhone"]) == (True, True)
    assert world.fake.confirmation_mails == ()
    assert len(world.fake.people) == 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.question(2)
@pytest.mark.parametrize("omitted", ["keep", "in", "out"])
@pytest.mark.parametrize("new", ["out", "in"])
@pytest.mark.parametrize("is_double", [True, False])
def test_nobody_known_loses_an_opt_out_by_a_write(
    world: World, way: str, omitted: str, new: str, is_double: bool
) -> None:
    world.fake.people.add(ANN, opted_out=True, phone_opted_out=True)
    world.switch(
        omitted_flags=omitted,
        new_contacts=new,
        is_double_opt_in_default=is_double,
        insert_existing="update",
    )
    details = ContactDetails(ANN, {"name": "Ann"})

    getattr(world.client(), way)([details] if "batch" in way else details)
    world.clock.sleep(60)

    card = world.fake.people.get(ANN)
    assert (card["name"], card["optedOut"], card["optedOutPhone"]) == (
        "Ann",
        True,
        True,
    )
    assert world.fake.confirmation_mails == ()


@pytest.mark.question(4)
@pytest.mark.parametrize("fires", [True, False])
@pytest.mark.parametrize("bumps", [True, False])
@pytest.mark.parametrize("is_out", [True, False])
def test_a_write_that_changes_nothing_touches_no_permission(
    world: World, fires: bool, bumps: bool, is_out: bool
) -> None:
    world.fake.people.add(ANN, name="Ann", opted_out=is_out, phone_opted_out=is_out)
    world.switch(fires_unchanged=fires, bumps_unchanged=bumps)
    details = ContactDetails(ANN, {"name": "Ann"})

    world.client().batch_upsert_later([details])
    world.clock.sleep(60)
    after_later = world.fake.events_fired
    world.client().upsert(details)

    card = world.fake.people.get(ANN)
    assert (card["optedOut"], card["optedOutPhone"]) == (is_out, is_out)
    assert after_later == ()
    assert world.fake.events_fired == ((ANN,) if fires else ())
    assert world.fake.confirmation_mails == ()


@pytest.mark.question(4)
@pytest.mark.parametrize("fires", [True, False])
@pytest.mark.parametrize("default", [True, False])
def test_a_later_batch_starts_automations_only_when_told(
    world: World, fires: bool, default: bool
) -> None:
    world.switch(fires_unchanged=fires, fires_events_default=default)
    client = world.client()

    client.batch_upsert_later([ContactDetails(ANN).as_new()])
    client.batch_upsert_later([ContactDetails(BOB).as_new()], fire_events=True)
    world.clock.sleep(60)

    assert world.fake.events_fired == (BOB,)


# --- batches ---


@pytest.mark.question(7)
@pytest.mark.parametrize("bad_record", ["missing", "whole", "cut"])
@pytest.mark.parametrize("map_keys", ["sent", "lower"])
@pytest.mark.parametrize("longest", [1, 3, 400, 600, 1000])
def test_one_bad_record_never_hides_the_others(
    world: World, bad_record: str, map_keys: str, longest: int
) -> None:
    world.switch(bad_record=bad_record, map_keys=map_keys, longest_batch=longest)
    details = [ContactDetails(EVE).as_new(), *people(6)]
    details.insert(3, ContactDetails("bad").as_new())

    results = world.client(batch_size=5).batch_upsert(details)

    assert [result.status for result in results].count(Status.SUCCESS) == 7
    assert results[3].status is Status.REFUSED
    assert isinstance(results[3].error, RefusedError)
    assert results[0].id == world.fake.people.get(EVE)["id"]
    assert len(world.fake.people) == 7
    assert all(card["optedOut"] for card in world.fake.people.contacts())
    assert world.fake.confirmation_mails == ()


@pytest.mark.question(7)
@pytest.mark.parametrize("bad_record", ["missing", "whole", "cut"])
def test_nobody_gets_a_second_confirmation_mail(world: World, bad_record: str) -> None:
    world.switch(bad_record=bad_record)
    details = [
        ContactDetails(email, email_consent=ConsentChange.IN)
        for email in (ANN, "bad", BOB)
    ]

    results = world.client().batch_upsert(details, double_opt_in=True)

    mails = world.fake.confirmation_mails
    assert len(set(mails)) == len(mails)
    assert results[1].status is Status.UNKNOWN
    assert isinstance(results[1].error, OutcomeUnknownError)
    for email, result in ((ANN, results[0]), (BOB, results[2])):
        assert not result.is_success or email in world.fake.people


@pytest.mark.question(7)
@pytest.mark.parametrize("bad_record", ["missing", "whole", "cut"])
def test_reasons_can_be_left_out(world: World, bad_record: str) -> None:
    world.switch(bad_record=bad_record)
    details = [*people(2), ContactDetails("bad")]

    results = world.client().batch_upsert(details, extra_requests=0)

    assert results[2].status is Status.UNKNOWN
    assert world.fake.requests == {BATCH: 1}


def test_two_hundred_records_are_one_request(world: World) -> None:
    results = world.client().batch_upsert(people(201))

    assert all(result.is_success for result in results)
    assert world.fake.requests == {BATCH: 2}


def test_two_records_for_one_address_are_refused_before_sending(
    world: World,
) -> None:
    details = [ContactDetails(EVE), ContactDetails(EVE.lower())]

    for method in ("batch_upsert", "batch_upsert_later"):
        with pytest.raises(CrmbridgeError, match="same e-mail"):
            getattr(world.client(), method)(details)

    assert world.fake.writes == 0


# --- lost answers ---


LOST = [Fault.cut(), Fault.silent(), Fault.failed_after(500), Fault.truncated()]


@pytest.mark.parametrize("fault", LOST[:3])
@pytest.mark.parametrize("way", ["upsert", "update", "batch_upsert"])
def test_a_lost_answer_to_a_harmless_write_is_asked_for_again(
    world: World, fault: Fault, way: str
) -> None:
    world.fake.people.add(ANN, opted_out=True)
    details = ContactDetails(ANN, {"fax": "1"}, tags=("VIP",))
    world.fake.fail_next(fault)

    getattr(world.client(), way)([details] if "batch" in way else details)

    card = world.fake.people.get(ANN)
    assert (card["fax"], card["optedOut"]) == ("1", True)
    assert [tag["score"] for tag in card["contactTags"]] == [1]
    assert len(world.fake.people) == 1


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("way", ["upsert", "update", "batch_upsert"])
def test_a_lost_answer_to_a_mail_is_an_unknown_outcome(
    world: World, fault: Fault, way: str
) -> None:
    world.fake.people.add(ANN, opted_out=True)
    details = ContactDetails(ANN, email_consent=ConsentChange.IN)
    world.fake.fail_next(fault)

    with pytest.raises(OutcomeUnknownError):
        getattr(world.client(), way)(
            [details] if "batch" in way else details, double_opt_in=True
        )

    assert world.fake.confirmation_mails == (ANN,)


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("way", ["upsert", "batch_upsert"])
def test_a_lost_answer_to_a_scored_tag_is_an_unknown_outcome(
    world: World, fault: Fault, way: str
) -> None:
    world.fake.people.add(ANN, tags=["VIP"])
    details = ContactDetails(ANN, tags=("VIP",), tag_scoring=True)
    world.fake.fail_next(fault)

    with pytest.raises(OutcomeUnknownError):
        getattr(world.client(), way)([details] if "batch" in way else details)

    (tag,) = world.fake.people.get(ANN)["contactTags"]
    assert tag["score"] == 2


@pytest.mark.parametrize("fault", LOST)
def test_an_insert_is_sent_once(world: World, fault: Fault) -> None:
    world.fake.fail_next(fault)

    with pytest.raises(OutcomeUnknownError):
        world.client().insert(ContactDetails(ANN))

    assert world.fake.requests == {"/api/contact/insert": 1}


# --- insert and update ---


@pytest.mark.question(18)
@pytest.mark.parametrize("position", ["reject", "update"])
def test_an_insert_of_a_known_contact_never_makes_two_or_opts_in(
    world: World, position: str
) -> None:
    world.fake.people.add(ANN, opted_out=True, phone_opted_out=True)
    world.switch(insert_existing=position)

    if position == "reject":
        with pytest.raises(RefusedError):
            world.client().insert(ContactDetails(ANN))
    else:
        world.client().insert(ContactDetails(ANN))

    (card,) = world.fake.people.contacts()
    assert (card["optedOut"], card["optedOutPhone"]) == (True, True)
    assert world.fake.confirmation_mails == ()


@pytest.mark.question(18)
@pytest.mark.parametrize("position", ["reject", "ignore", "create"])
@pytest.mark.parametrize("key", ["email", "id"])
def test_an_update_of_nobody_is_an_error_or_makes_one_who_is_out(
    world: World, position: str, key: str
) -> None:
    world.switch(update_missing=position)
    details = ContactDetails(ANN, {"name": "Ann"}).as_new()
    client = world.client()
    contact_id = None if key == "email" else "nobody"

    if position == "create" and key == "email":
        client.update(details, contact_id=contact_id)
        client.update(details, contact_id=contact_id)
    else:
        with pytest.raises((RefusedError, MalformedReplyError)):
            client.update(details, contact_id=contact_id)

    cards = world.fake.people.contacts()
    assert len(cards) <= 1
    assert all(card["optedOut"] for card in cards)
    assert world.fake.confirmation_mails == ()


def test_an_update_changes_only_what_it_says(world: World) -> None:
    card_id = world.fake.people.add(ANN, name="Ann", fax="1", opted_out=True)
    details = ContactDetails(ANN, {"fax": "2"})

    assert world.client().update(details) == card_id
    assert world.client().update(details, contact_id=card_id) == card_id

    card = world.fake.people.get(ANN)
    assert (card["name"], card["fax"], card["optedOut"]) == ("Ann", "2", True)


# --- later ---


@pytest.mark.question(8)
@pytest.mark.parametrize("seconds", [0.0, 5.0, 600.0])
@pytest.mark.parametrize("visible", [0.0, 30.0])
def test_a_later_batch_is_done_when_it_is_read(
    world: World, seconds: float, visible: float
) -> None:
    world.switch(later_seconds=seconds, visible_after_seconds=visible)
    client = world.client()
    world.fake.people.add(ANN, name="Old")
    world.clock.sleep(60)
    details = [ContactDetails(ANN, {"name": "New"}), *people(60)]

    accepted = client.batch_upsert_later(details)
    first_look = client.check_upserts(details)
    done = client.wait_for_upserts(details)

    assert {result.status for result in accepted} == {Status.ACCEPTED}
    is_done_at_once = not seconds and not visible
    assert all(result.is_success for result in first_look) is is_done_at_once
    assert [result.id for result in done] == [
        world.fake.people.get(row.email)["id"] for row in details
    ]
    assert world.fake.people.get(ANN)["name"] == "New"


@pytest.mark.question(8)
@pytest.mark.parametrize("position", ["missing", "whole", "cut"])
def test_what_is_refused_later_is_never_called_done(
    world: World, position: str
) -> None:
    world.switch(later_bad_record=position)
    client = world.client()
    details = [ContactDetails(ANN).as_new(), ContactDetails("bad"), *people(1)]

    accepted = client.batch_upsert_later(details)
    with pytest.raises(UnfinishedError) as caught:
        client.wait_for_upserts(details, timeout_seconds=120)

    results = client.check_upserts(details)
    assert not any(result.is_success for result in accepted)
    assert (accepted[1].status is Status.REFUSED) is (position == "whole")
    assert [result.is_success for result in results] == [
        row.email in world.fake.people for row in details
    ]
    assert results[0].is_success
    assert caught.value.waited_seconds == 120
    assert world.fake.confirmation_mails == ()


@pytest.mark.question(8)
@pytest.mark.parametrize("seconds", [0.0, 5.0, 600.0])
def test_a_later_batch_takes_no_opt_out_back(world: World, seconds: float) -> None:
    world.fake.people.add(ANN, name="Old")
    world.switch(later_seconds=seconds)
    details = ContactDetails(ANN, {"name": "New"})

    world.client().batch_upsert_later([details])
    world.fake.people.opt_out(ANN)
    world.clock.sleep(600)

    card = world.fake.people.get(ANN)
    assert (card["name"], card["optedOut"]) == ("New", True)
    assert len(world.fake.people) == 1


@pytest.mark.question(8)
@pytest.mark.parametrize("failed_jobs", ["never", "refused", "message", "silent"])
@pytest.mark.parametrize("unknown_job", ["refused", "message", "silent"])
def test_whatever_a_job_says_only_reading_proves(
    world: World, failed_jobs: str, unknown_job: str
) -> None:
    world.switch(failed_jobs=failed_jobs, unknown_job=unknown_job)
    client = world.client()

    client.batch_upsert_later(people(1))
    (done,) = client.wait_for_upserts(people(1))

    assert done.id == world.fake.people.get("p0@x.pl")["id"]
    assert world.fake.requests["/api/job/status"] == 0


def test_waiting_ends_at_its_bound_and_asks_ever_less_often(world: World) -> None:
    world.switch(later_seconds=3600.0)
    client = world.client()
    client.batch_upsert_later(people(1))
    world.fake.reset_counters()

    with pytest.raises(UnfinishedError):
        client.wait_for_upserts(people(1), timeout_seconds=600)

    assert 20 <= world.fake.requests["/api/contact/listAll"] <= 26


def test_a_look_without_waiting_is_one_request(world: World) -> None:
    with pytest.raises(UnfinishedError):
        world.client().wait_for_upserts(people(1), timeout_seconds=0)

    assert world.fake.requests == {"/api/contact/listAll": 1}


def test_an_opt_in_by_mail_is_done_though_the_click_is_missing(world: World) -> None:
    details = [ContactDetails(ANN, email_consent=ConsentChange.IN)]
    client = world.client()

    client.batch_upsert_later(details, double_opt_in=True)
    (done,) = client.wait_for_upserts(details, double_opt_in=True)

    assert done.is_success
    assert world.fake.confirmation_mails == (ANN,)
    assert not client.check_upserts(details)[0].is_success


def test_a_lost_answer_of_a_later_batch_writes_the_same_twice(world: World) -> None:
    world.fake.fail_next(Fault.cut(), LATER)
    client = world.client()

    client.batch_upsert_later(people(1))
    client.wait_for_upserts(people(1))

    assert len(world.fake.people) == 1
    assert world.fake.requests[LATER] == 2


def test_an_async_upsert_gives_the_id_before_it_is_seen(world: World) -> None:
    client = world.client()
    details = ContactDetails(ANN, {"name": "Ann"}).as_new()

    card_id = client.upsert(details, is_async=True)

    assert not client.check_upserts([details])[0].is_success
    (done,) = client.wait_for_upserts([details])
    assert done.id == card_id


def test_results_show_nothing_personal(world: World) -> None:
    results = world.client().batch_upsert(
        [evolve(people(1)[0], contact={"name": "Ann"}), ContactDetails("bad@nodot")]
    )

    assert "p0" not in repr(results)
    assert "nodot" not in repr(results)
    assert "nodot" not in str(results[1].error)
