"""Writes of the client against the fake: results, refusals, guards."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from crmbridge._steps import Reply, Request
from crmbridge.errors import (
    ConnectionLostError,
    DuplicateError,
    NotFoundError,
    OutcomeUnknownError,
    Problem,
    RecordLockedError,
    RefusedError,
    StaleError,
)
from crmbridge.testing import AsyncFakeTransport, FakeTransport, Fault, ZohoFake
from crmbridge.zoho import WriteStatus
from tests.zoho.conftest import World

EMAIL = "ann@example.com"
READ_AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


def _lead(world: World, **fields: Any) -> str:
    return world.fake.people.add_lead(
        **{"Last_Name": "Ann", "Created_Time": READ_AT, **fields}
    )


def _phone(world: World, lead: str) -> object:
    return world.fake.people.record(lead)["Phone"]


# --- results ------------------------------------------------------------------


@pytest.mark.unknown("Status of failed single writes")
@pytest.mark.parametrize("status", [200, 202, 400])
def test_a_refused_record_is_refused_whatever_the_status(
    world: World, status: Any
) -> None:
    world.switch(refused_status=status)
    contact = world.fake.people.add_contact(Last_Name="Ann", Email=EMAIL)
    taken = {"Last_Name": "Bob", "Email": EMAIL}

    with world.client() as client:
        results = (
            *client.insert("Contacts", [taken]),
            *client.update("Contacts", [{"id": contact, "Phone": "1" * 31}]),
            *client.upsert("Contacts", [{"Email": EMAIL, "Phone": "-"}]),
            *client.delete("Contacts", ["1"]),
        )
        with pytest.raises(NotFoundError):
            client.update_if_unmodified(
                "Contacts", {"id": "1", "Phone": "1"}, unmodified_since=READ_AT
            )

    assert {result.status for result in results} == {WriteStatus.REFUSED}
    assert isinstance(results[0].error, DuplicateError)
    assert results[0].existing_id == results[0].error.existing_id == contact
    assert results[1].problems == (
        Problem("INVALID_DATA", "Phone", "$.data[0].Phone", maximum_length=30),
    )
    assert results[2].problems[0].expected_type == "phone"


@pytest.mark.parametrize("form", ["v8", "nested", "v2"])
def test_the_record_in_the_way_is_found_in_every_form(world: World, form: Any) -> None:
    world.switch(details_form=form)
    contact = world.fake.people.add_contact(Last_Name="Ann", Email=EMAIL)
    record = {"Last_Name": "Bob", "Email": EMAIL}

    with world.client() as client:
        alone, among_others = (
            client.insert("Contacts", [record | more])[0]
            for more in ({}, {"Phone": "-"})
        )

    assert alone.existing_id == contact
    assert among_others.existing_id is None
    assert [problem.existing_id for problem in among_others.problems] == [None, contact]


@pytest.mark.parametrize(
    ("hold", "code"),
    [
        ("locked", "RECORD_LOCKED"),
        ("in_approval", "NOT_APPROVED"),
        ("in_review", "NOT_REVIEWED"),
    ],
)
def test_a_record_that_is_held_is_to_be_written_later(
    world: World, hold: str, code: str
) -> None:
    held, free = _lead(world), _lead(world)
    getattr(world.fake, hold).add(held)
    rows = [{"id": held, "Phone": "1"}, {"id": free, "Phone": "1"}]

    with world.client() as client:
        results = client.update("Leads", rows)
        deleted = client.delete("Leads", [held])
        with pytest.raises(RecordLockedError):
            client.update_if_unmodified("Leads", rows[0], unmodified_since=READ_AT)

    assert [result.code for result in results] == [code, "SUCCESS"]
    assert isinstance(results[0].error, RecordLockedError)
    assert isinstance(deleted[0].error, RecordLockedError)


def test_results_of_batches_come_in_order_with_the_refused_among_them(
    world: World,
) -> None:
    records = [
        {"Last_Name": f"n{number}", "Phone": "-" if number % 100 == 7 else "1"}
        for number in range(250)
    ]

    with world.client() as client:
        results = client.insert("Leads", records)

    refused = [place for place, one in enumerate(results) if not one.is_success]
    names = {
        lead["id"]: lead["Last_Name"] for lead in world.fake.people.records("Leads")
    }
    assert refused == [7, 107, 207]
    assert all(
        names[one.id] == f"n{place}"
        for place, one in enumerate(results)
        if one.is_success
    )


def test_an_upsert_tells_by_which_field_it_knew_the_record(world: World) -> None:
    lead = _lead(world, Email=EMAIL)

    with world.client() as client:
        known, new = client.upsert(
            "Leads", [{"Email": EMAIL.upper(), "Phone": "1"}, {"Last_Name": "New"}]
        )

    assert (known.id, known.action, known.duplicate_field) == (lead, "update", "Email")
    assert (new.action, new.duplicate_field) == ("insert", None)


def test_nothing_is_set_off_unless_it_is_named(world: World) -> None:
    with world.client() as client:
        client.insert("Leads", [{"Last_Name": "x"}], skip_features=["cadences"])
        nothing = dict(world.fake.fired)
        client.upsert("Leads", [{"Last_Name": "x"}], trigger=["workflow"])

    assert nothing == {}
    assert world.fake.fired == {"workflow": 1, "cadences": 1}


def test_a_refusal_holds_nothing_personal_in_words_and_repr(world: World) -> None:
    world.fake.people.add_contact(Last_Name="Nowak", Email=EMAIL)
    record = {"Last_Name": "Kowalska", "Email": EMAIL, "Phone": "+48 7331 ?"}

    with world.client() as client:
        (result,) = client.insert("Contacts", [record])

    shown = f"{result!r} {result.error!s} {result.problems!r}"
    assert "Email" in shown
    for secret in (EMAIL, "Nowak", "Kowalska", "7331"):
        assert secret not in shown


# --- guards -------------------------------------------------------------------


@pytest.mark.unknown("412 with batches")
@pytest.mark.parametrize("rule", ["whole", "elements"])
def test_a_guard_is_sent_for_one_record_and_never_for_a_batch(
    world: World, rule: Any
) -> None:
    world.switch(guards_batches=rule)
    fresh, stale = _lead(world), _lead(world)
    world.fake.people.edit(stale, Phone="700")

    with world.client() as client:
        written = client.update_if_unmodified(
            "Leads", {"id": fresh, "Phone": "1"}, unmodified_since=READ_AT
        )
        with pytest.raises(StaleError) as caught:
            client.update_if_unmodified(
                "Leads", {"id": stale, "Phone": "1"}, unmodified_since=READ_AT
            )
        client.update("Leads", [{"id": lead, "Fax": "2"} for lead in (fresh, stale)])
        client.upsert("Leads", [{"id": lead, "Fax": "2"} for lead in (fresh, stale)])

    assert written.modified_time == caught.value.modified_time == world.clock.now()
    assert (_phone(world, fresh), _phone(world, stale)) == ("1", "700")
    guarded = [
        len(request.json["data"])
        for request in world.fake.recorded
        if "if-unmodified-since" in request.headers
    ]
    assert guarded == [1, 1]


@pytest.mark.unknown("Timeout after a write")
@pytest.mark.parametrize("is_applied", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("moves_always", [False, True])
def test_a_guarded_update_whose_answer_is_lost_is_done_once(
    world: World, *, is_applied: bool, moves_always: bool
) -> None:
    world.switch(moves_time_always=moves_always)
    lead = _lead(world)
    record = {"id": lead, "Phone": "600"}

    with world.client() as client:
        client.users()
        world.fake.fail_next(Fault.cut(is_applied=is_applied), f"*/Leads/{lead}")
        result = client.update_if_unmodified("Leads", record, unmodified_since=READ_AT)

    assert result.is_success
    assert _phone(world, lead) == "600"
    assert world.fake.requests["Leads update"] == (1 if is_applied else 2)


class _Meddled:
    """A fake whose record somebody changes just after an answer was lost."""

    def __init__(self, fake: ZohoFake, lead: str, **fields: Any) -> None:
        self.fake = fake
        self.meddle = partial(fake.people.edit, lead, **fields)

    def handle(self, request: Request) -> Reply:
        try:
            return self.fake.handle(request)
        except ConnectionLostError:
            self.meddle()
            raise


def _meddled(world: World, lead: str, *, is_applied: bool, **fields: Any) -> Any:
    kinds: dict[str, Any] = {"sync": FakeTransport, "async": AsyncFakeTransport}
    way = kinds[world.twin](_Meddled(world.fake, lead, **fields))
    world.fake.fail_next(Fault.cut(is_applied=is_applied), f"*/Leads/{lead}")
    return world.client(options={"transport": way})


@pytest.mark.parametrize("is_applied", [False, True], ids=["before", "after"])
def test_what_somebody_wrote_meanwhile_is_never_written_over(
    world: World, *, is_applied: bool
) -> None:
    lead = _lead(world)
    record = {"id": lead, "Phone": "600"}

    with (
        _meddled(world, lead, is_applied=is_applied, Phone="700") as client,
        pytest.raises(OutcomeUnknownError),
    ):
        client.update_if_unmodified("Leads", record, unmodified_since=READ_AT)

    assert _phone(world, lead) == "700"
    assert world.fake.requests["Leads update"] == 1


def test_a_write_that_shows_beside_another_ones_tells_no_time(world: World) -> None:
    lead = _lead(world)
    record = {"id": lead, "Phone": "600"}

    with _meddled(world, lead, is_applied=True, Fax="7") as client:
        result = client.update_if_unmodified("Leads", record, unmodified_since=READ_AT)

    # With the time of somebody else's write, that one would pass for our echo.
    assert (result.is_success, result.modified_time) == (True, None)


@pytest.mark.unknown("Timeout after a write")
@pytest.mark.parametrize("is_applied", [False, True], ids=["before", "after"])
def test_an_insert_of_unknown_outcome_is_looked_for_and_not_made_twice(
    world: World, *, is_applied: bool
) -> None:
    record = {"Last_Name": "Ann", "Email": EMAIL}

    with world.client() as client:
        client.users()
        world.fake.fail_next(Fault.cut(is_applied=is_applied), "*/Leads")
        with pytest.raises(OutcomeUnknownError):
            client.insert("Leads", [record])
        found = client.find_by("Leads", "Email", [EMAIL], fields=["Last_Name"])
        if not found[EMAIL]:
            client.insert("Leads", [record])

    assert len(found[EMAIL]) == int(is_applied)
    assert len(world.fake.people.records("Leads")) == 1


def test_a_record_may_be_gone(world: World) -> None:
    lead = _lead(world)
    world.fake.people.delete(lead)

    with world.client() as client, pytest.raises(NotFoundError):
        client.update_if_unmodified(
            "Leads", {"id": lead, "Phone": "1"}, unmodified_since=READ_AT
        )


def test_a_batch_that_is_too_big_is_no_batch(world: World) -> None:
    with world.client() as client:
        world.fake.fail_next(
            Fault.zoho("LIMIT_EXCEEDED", limit=100, api_name="data"), "*/Leads"
        )
        with pytest.raises(RefusedError) as caught:
            client.insert("Leads", [{"Last_Name": "x"}])

    assert caught.value.problems == (
        Problem("LIMIT_EXCEEDED", "data", maximum_length=100),
    )


# --- deletions ----------------------------------------------------------------


@pytest.mark.unknown("Timeout after a write")
@pytest.mark.parametrize("is_applied", [False, True], ids=["before", "after"])
def test_a_deletion_whose_answer_is_lost_tells_what_is_gone(
    world: World, *, is_applied: bool
) -> None:
    gone, held = _lead(world), _lead(world)
    world.fake.locked.add(held)

    with world.client() as client:
        client.users()
        world.fake.fail_next(Fault.cut(is_applied=is_applied), "*/Leads")
        results = client.delete("Leads", [gone, held])

    assert [result.is_success for result in results] == [True, False]
    assert [lead["id"] for lead in world.fake.people.records("Leads")] == [held]
