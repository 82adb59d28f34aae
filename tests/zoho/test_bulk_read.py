"""Bulk reads: everything, typed, page after page, and what goes wrong on the way."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from crmbridge._steps import Reply
from crmbridge.config import Limits
from crmbridge.errors import (
    InvalidInputError,
    MalformedReplyError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RefusedError,
    ServiceError,
    ThrottledError,
    UnfinishedError,
)
from crmbridge.testing import Fault
from crmbridge.zoho import ArchiveBounds, BulkCriterion, BulkGroup, JobState
from tests.zoho.conftest import World

FIELDS = ["Last_Name", "Email"]
NO_PERMISSION = {"code": "NO_PERMISSION", "status": "error"}


def _fill(world: World, count: int) -> list[str]:
    return [
        world.fake.people.add_lead(
            Last_Name=f"Nowak {number}", Email=f"n{number}@example.com"
        )
        for number in range(count)
    ]


def _ids(records: Any) -> list[str]:
    return [record.id for record in records]


def _instead(body: bytes, kind: str = "application/zip", status: int = 200) -> Fault:
    return Fault(Reply(status, {"content-type": kind}, body))


@pytest.mark.fake_row("Bulk read/write")
def test_all_records_come_as_lists_show_them(world: World) -> None:
    account = world.fake.people.add_account(Account_Name="Acme")
    world.fake.people.add_contact(
        Last_Name='Zażółć, "G"\r\ngęślą',
        Email="z@example.com",
        Account_Name="Acme",
        Email_Opt_Out=True,
        Date_of_Birth="1990-02-28",
    )
    world.fake.people.add_contact(Last_Name="Empty")
    fields = [
        "Last_Name",
        "Email",
        "Account_Name",
        "Email_Opt_Out",
        "Date_of_Birth",
        "Owner",
        "Modified_Time",
    ]

    with world.client() as client:
        bulk = list(client.bulk.records("Contacts", fields=fields))
        listed = list(client.records("Contacts", fields=fields))

    first, second = bulk
    assert first.fields["Account_Name"] == {"id": account}
    for record, shown in zip(bulk, reversed(listed), strict=True):
        lookups = {"Account_Name", "Owner"}
        assert {k: v for k, v in record.fields.items() if k not in lookups} == {
            k: v for k, v in shown.fields.items() if k not in lookups
        }
        assert record.owner.id == shown.owner.id
        assert record.modified_at == shown.modified_at
    assert second.fields["Account_Name"] is None


def test_the_costs_are_those_of_the_docstring(world: World) -> None:
    _fill(world, 3)

    with world.client() as client:
        list(client.bulk.records("Leads", fields=FIELDS))

    assert world.fake.requests == {
        "token": 1,
        "fields": 1,
        "bulk read": 1,
        "bulk read job": 5,
        "bulk read result": 1,
    }
    assert world.fake.credits == 1 + 50 + 5 + 1


@pytest.mark.parametrize("gives_bulk_page_tokens", [True, False])
def test_several_jobs_follow_each_other(
    world: World, gives_bulk_page_tokens: bool
) -> None:
    world.switch(bulk_page_size=3, gives_bulk_page_tokens=gives_bulk_page_tokens)
    ids = _fill(world, 8)

    with world.client() as client:
        found = _ids(client.bulk.records("Leads", fields=FIELDS))

    assert found == ids
    assert world.fake.requests["bulk read"] == 3


@pytest.mark.parametrize("empty_bulk_file", ["header", "no header", "no zip"])
def test_nothing_is_no_error(world: World, empty_bulk_file: str) -> None:
    world.switch(empty_bulk_file=empty_bulk_file)

    with world.client() as client:
        assert list(client.bulk.records("Leads", fields=FIELDS)) == []


def test_all_fields_come_when_none_is_named(world: World) -> None:
    _fill(world, 1)

    with world.client() as client:
        (record,) = client.bulk.records("Leads")

    assert record.fields["Last_Name"] == "Nowak 0"
    assert record.fields["Converted__s"] is False


def test_a_lookups_record_is_read_by_a_dotted_name(world: World) -> None:
    world.fake.people.add_contact(Last_Name="Nowak", Account_Name="Acme")

    with world.client() as client:
        (record,) = client.bulk.records(
            "Contacts", fields=["Owner.last_name", "Account_Name.Account_Name"]
        )

    assert record.fields["Owner.last_name"] == "Admin"
    assert record.fields["Account_Name.Account_Name"] == "Acme"


@pytest.mark.unknown("Bulk read and converted leads")
@pytest.mark.parametrize("bulk_includes_converted", [True, False])
@pytest.mark.parametrize("fields", [FIELDS, [*FIELDS, "$converted"], []])
def test_converted_leads_are_left_out_unless_asked_for(
    world: World, bulk_includes_converted: bool, fields: list[str]
) -> None:
    world.switch(bulk_includes_converted=bulk_includes_converted)
    lead, converted, other = _fill(world, 3)
    world.fake.people.convert(converted)

    with world.client() as client:
        read = client.bulk.records
        found = {
            word: _ids(read("Leads", fields=fields, converted=word))
            for word in ("false", "true", "both")
        }

    held = [converted] if bulk_includes_converted else []
    assert found["false"] == [lead, other]
    assert found["true"] == held
    assert found["both"] == sorted([lead, other, *held])


def test_only_leads_are_converted(world: World) -> None:
    with world.client() as client, pytest.raises(InvalidInputError) as caught:
        list(client.bulk.records("Contacts", fields=FIELDS, converted="both"))

    assert caught.value.field == "converted"


def test_criteria_choose_records(world: World) -> None:
    people = world.fake.people
    people.add_lead(Last_Name="Old", Company="Acme")
    start = world.clock.now() + timedelta(seconds=10)
    world.clock.advance(20)
    wanted = people.add_lead(Last_Name="New", Company="Acme", Lead_Source="Cold Call")
    people.add_lead(Last_Name="Other", Company="Bolt", Email="o@example.com")
    recent = BulkCriterion.between("Modified_Time", start, start + timedelta(hours=1))
    company = BulkCriterion("Company", "equal", "Acme")
    nameless = BulkCriterion.empty("Email")

    with world.client() as client:
        read = client.bulk.records
        both = read(
            "Leads", fields=FIELDS, criteria=BulkGroup.all_of(recent, company, nameless)
        )
        one = read(
            "Leads",
            fields=FIELDS,
            criteria=BulkCriterion("Lead_Source", "in", ("Cold Call", "Web")),
        )
        either = read(
            "Leads",
            fields=FIELDS,
            criteria=BulkGroup.any_of(
                BulkGroup.all_of(company, nameless), BulkCriterion("id", "equal", "7")
            ),
        )

        assert _ids(both) == [wanted]
        assert _ids(one) == [wanted]
        assert len(list(either)) == 2


@pytest.mark.parametrize("shows_bulk_result_early", [True, False])
def test_the_state_decides_and_not_the_result(
    world: World, shows_bulk_result_early: bool
) -> None:
    world.switch(shows_bulk_result_early=shows_bulk_result_early)
    _fill(world, 1)
    states = []

    with world.client() as client:
        job = client.bulk.start_read("Leads", fields=FIELDS)
        for _ in range(4):
            states.append(client.bulk.read_job(job.id))
            world.clock.advance(10)

    assert [job.state for job in states] == [
        JobState.ADDED,
        JobState.QUEUED,
        JobState.IN_PROGRESS,
        JobState.COMPLETED,
    ]
    assert [job.count for job in states] == [None, None, None, 1]
    assert [job.state.is_final for job in states] == [False, False, False, True]


def test_a_job_is_taken_up_by_another_client(world: World) -> None:
    world.switch(bulk_page_size=2)
    ids = _fill(world, 3)

    with world.client() as client:
        started = client.bulk.start_read("Leads", fields=FIELDS)
    with world.client() as client:
        job = client.bulk.wait_read(started.id)
        first = list(client.bulk.records_of(started.id))
        more = client.bulk.start_read(
            "Leads", fields=FIELDS, page_token=job.next_page_token
        )
        client.bulk.wait_read(more.id)
        rest = list(client.bulk.records_of(more.id))

    assert started.module == "Leads"
    assert job.has_more
    assert _ids(first) == ids[:2]
    assert set(first[0].fields) == {"id", *FIELDS}
    assert _ids(rest) == ids[2:]


def test_a_file_may_be_kept_as_it_is(world: World) -> None:
    _fill(world, 1)
    file = io.BytesIO(b"what was here before, and is longer than the file" * 100)

    with world.client() as client:
        job = client.bulk.start_read("Leads", fields=FIELDS)
        client.bulk.wait_read(job.id)
        client.bulk.download(job.id, file)

    with zipfile.ZipFile(file) as archive:
        assert archive.namelist() == [f"{job.id}.csv"]


def test_a_job_that_does_not_end_can_be_taken_up_later(world: World) -> None:
    world.switch(bulk_seconds=1000)
    ids = _fill(world, 1)

    with world.client() as client:
        with pytest.raises(UnfinishedError) as caught:
            list(client.bulk.records("Leads", fields=FIELDS, timeout_seconds=100))
        job_id = caught.value.job_id
        with pytest.raises(UnfinishedError) as again:
            list(client.bulk.records_of(job_id))
        world.clock.advance(1000)

        assert _ids(client.bulk.records_of(job_id)) == ids

    assert again.value.job_id == job_id
    assert world.fake.requests["bulk read"] == 1


def test_a_job_that_failed_says_so(world: World) -> None:
    world.switch(bulk_jobs_fail=True)

    with world.client() as client:
        with pytest.raises(ServiceError, match="start another"):
            list(client.bulk.records("Leads", fields=FIELDS))
        job = client.bulk.start_read("Leads", fields=FIELDS)
        world.clock.advance(60)
        with pytest.raises(ServiceError):
            list(client.bulk.records_of(job.id))


def test_an_unknown_job_is_not_found(world: World) -> None:
    with world.client() as client:
        with pytest.raises(NotFoundError):
            client.bulk.read_job("4711")
        with pytest.raises(NotFoundError):
            client.bulk.download("4711", io.BytesIO())


def test_a_job_is_gone_after_a_day(world: World) -> None:
    with world.client() as client:
        job = client.bulk.start_read("Leads", fields=FIELDS)
        world.clock.advance(24 * 3600)

        with pytest.raises(NotFoundError):
            client.bulk.read_job(job.id)


def test_a_page_token_is_gone_after_a_day(world: World) -> None:
    world.switch(bulk_page_size=1)
    _fill(world, 2)

    with world.client() as client:
        job = client.bulk.start_read("Leads", fields=FIELDS)
        token = client.bulk.wait_read(job.id).next_page_token
        world.clock.advance(24 * 3600)

        with pytest.raises(RefusedError) as caught:
            client.bulk.start_read("Leads", fields=FIELDS, page_token=token)

    assert caught.value.code == "EXPIRED_VALUE"


def test_the_eleventh_file_of_a_minute_is_waited_for(world: World) -> None:
    hasty = Limits(first_pause_seconds=0.1, longest_pause_seconds=0.1)

    with world.client(limits=hasty) as client:
        job = client.bulk.start_read("Leads", fields=FIELDS)
        client.bulk.wait_read(job.id)
        for _ in range(10):
            client.bulk.download(job.id, io.BytesIO())
        before = world.clock.now()
        client.bulk.download(job.id, io.BytesIO())

    assert world.clock.now() - before >= timedelta(seconds=50)


def test_files_that_never_come_are_given_up(world: World) -> None:
    body = {"code": "TOO_MANY_REQUESTS", "status": "error", "details": {}}
    with world.client() as client:
        job = client.bulk.start_read("Leads", fields=FIELDS)
        client.bulk.wait_read(job.id)
        path = f"*/read/{job.id}/result"
        world.fake.fail_next(Fault.json(body, status=429), path, times=10_000)

        with pytest.raises(ThrottledError):
            client.bulk.download(job.id, io.BytesIO())


def test_an_answer_that_was_lost_starts_no_second_job(world: World) -> None:
    _fill(world, 1)
    world.fake.fail_next(Fault.cut(), "/crm/bulk/v8/read")

    with world.client() as client, pytest.raises(OutcomeUnknownError):
        list(client.bulk.records("Leads", fields=FIELDS))

    assert world.fake.requests["bulk read"] == 1


@pytest.mark.parametrize(
    "fault", [Fault.truncated(), Fault.html(201), Fault.json({"data": []}, status=201)]
)
def test_an_answer_that_names_no_job_starts_no_second_one(
    world: World, fault: Fault
) -> None:
    world.fake.fail_next(fault, "/crm/bulk/v8/read")

    with world.client() as client, pytest.raises(OutcomeUnknownError):
        client.bulk.start_read("Leads", fields=FIELDS)

    assert world.fake.requests["bulk read"] == 1


def test_looks_and_downloads_are_repeated(world: World) -> None:
    ids = _fill(world, 1)
    world.fake.fail_next(Fault.status(503), "/crm/bulk/v8/read/*", times=2)
    world.fake.fail_next(Fault.cut(), "/crm/bulk/v8/read/*/result")

    with world.client() as client:
        assert _ids(client.bulk.records("Leads", fields=FIELDS)) == ids


@pytest.mark.parametrize(
    ("fault", "error", "problem"),
    [
        (_instead(b"PK\x05\x06"), MalformedReplyError, "no ZIP file"),
        (_instead(b"<html>Nowak</html>", "text/html"), MalformedReplyError, "no ZIP"),
        (Fault.truncated(), MalformedReplyError, "no ZIP file"),
        (_instead(b"", status=204), MalformedReplyError, "no ZIP file"),
        (_instead(b'{"data": []}', "application/json"), MalformedReplyError, "instead"),
        (Fault.json(NO_PERMISSION, status=403), PermissionDeniedError, "NO_PERMISSION"),
        (Fault.json(NO_PERMISSION), PermissionDeniedError, "NO_PERMISSION"),
    ],
)
def test_what_is_no_file_is_no_records(
    world: World, fault: Fault, error: type[Exception], problem: str
) -> None:
    _fill(world, 1)
    world.fake.fail_next(fault, "/crm/bulk/v8/read/*/result")

    with world.client() as client, pytest.raises(error) as caught:
        list(client.bulk.records("Leads", fields=FIELDS))

    assert problem in str(caught.value)
    assert "Nowak" not in str(caught.value)


def test_the_bounds_are_the_callers(world: World) -> None:
    _fill(world, 100)

    with world.client() as client, pytest.raises(MalformedReplyError, match="unpacks"):
        list(
            client.bulk.records(
                "Leads", fields=FIELDS, bounds=ArchiveBounds(unpacked_bytes=100)
            )
        )


def test_a_refusal_of_fields_names_one(world: World) -> None:
    with world.client() as client, pytest.raises(RefusedError) as caught:
        client.bulk.start_read("Leads", fields=["Shoe_Size"])

    assert caught.value.code == "FIELD_NOT_AVAILABLE"
    assert caught.value.field == "Shoe_Size"


def test_a_missing_scope_is_named(world: World) -> None:
    world.switch(missing_scopes=frozenset({"bulk"}))

    with world.client() as client, pytest.raises(PermissionDeniedError):
        client.bulk.start_read("Leads", fields=FIELDS)


@pytest.mark.parametrize(
    "wrong",
    [
        {"module": "Leads/../x"},
        {"page": 0},
        {"page": 501},
        {"fields": ["Email", "Email"]},
        {"criteria": BulkCriterion("Email", "between", ("a",))},
        {"criteria": BulkGroup("and", (BulkCriterion.empty("Email"),))},
        {"criteria": BulkGroup.all_of(*[BulkCriterion.empty("Email")] * 26)},
    ],
)
def test_what_cannot_be_is_not_sent(world: World, wrong: dict[str, Any]) -> None:
    given = {"module": "Leads", "fields": FIELDS, **wrong}

    with world.client() as client, pytest.raises(InvalidInputError):
        client.bulk.start_read(given.pop("module"), **given)

    assert not world.fake.requests


@pytest.mark.parametrize("job_id", ["", "../../org", "7/result", "７"])
def test_an_id_is_an_id(world: World, job_id: str) -> None:
    with world.client() as client:
        for ask in (client.bulk.read_job, client.bulk.wait_read):
            with pytest.raises(InvalidInputError):
                ask(job_id)
        with pytest.raises(InvalidInputError):
            client.bulk.download(job_id, io.BytesIO())

    assert not world.fake.requests


def test_reading_may_stop_half_way(world: World) -> None:
    world.switch(bulk_page_size=2)
    ids = _fill(world, 4)

    with world.client() as client:
        records = client.bulk.records("Leads", fields=FIELDS)
        first = next(records)
        records.close()

    assert first.id == ids[0]
    assert world.fake.requests["bulk read"] == 1
