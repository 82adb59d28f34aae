"""Bulk writes: what goes into the file, what comes out, and what goes wrong."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from crmbridge._steps import Reply, Request
from crmbridge.errors import (
    ConfigError,
    ConnectionLostError,
    DuplicateError,
    InvalidInputError,
    MalformedReplyError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RefusedError,
    UnfinishedError,
)
from crmbridge.testing import Fault
from crmbridge.zoho import JobState, WriteResult, WriteStatus
from tests.zoho.conftest import World

LEAD = {"operation": "insert", "fields": ["Last_Name", "Email"]}


def _rows(count: int, start: int = 0) -> Iterator[dict[str, object]]:
    for number in range(start, start + count):
        yield {"Last_Name": f"Nowak {number}", "Email": f"n{number}@example.com"}


def _sent(world: World, name: str) -> list[Request]:
    return [
        request
        for request in world.fake.recorded
        if request.method == "POST" and request.url.endswith(name)
    ]


def _zip(*rows: list[str]) -> Fault:
    """Answer a file of results instead of the fake's."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("Leads-records.csv", text.getvalue())
    return Fault(Reply(200, {"content-type": "application/zip"}, file.getvalue()))


RESULTS = "/v8/crm/org*"


@pytest.mark.fake_row("Bulk read/write")
def test_an_insert_makes_records(world: World) -> None:
    rows = list(_rows(3))

    with world.client() as client:
        results = client.bulk.write("Leads", rows, **LEAD)

    records = world.fake.people.records("Leads")
    assert [result.id for result in results] == [record["id"] for record in records]
    assert {result.action for result in results} == {"insert"}
    assert [{n: r[n] for n in rows[0]} for r in records] == rows


def test_the_costs_are_those_of_the_docstring(world: World) -> None:
    with world.client() as client:
        client.bulk.write("Leads", _rows(3), **LEAD)

    assert world.fake.requests == {
        "token": 1,
        "fields": 1,
        "org": 1,
        "bulk upload": 1,
        "bulk write": 1,
        "bulk write job": 5,
        "bulk write result": 1,
    }
    assert world.fake.credits == 1 + 1 + 1 + 500 + 5 + 1


def test_nothing_to_write_asks_for_types_only(world: World) -> None:
    with world.client() as client:
        assert client.bulk.write("Leads", [], **LEAD) == ()

    assert world.fake.requests == {"token": 1, "fields": 1}


def test_an_update_changes_what_is_named_and_nothing_else(world: World) -> None:
    people = world.fake.people
    ids = [
        people.add_lead(Last_Name=f"Nowak {n}", Phone="1", Fax="2") for n in range(2)
    ]
    rows = [{"Phone": "+48 7", "id": ids[0]}, {"id": ids[1], "Fax": "=1+1"}]

    with world.client() as client:
        results = client.bulk.write(
            "Leads", rows, operation="update", fields=["Phone", "Fax", "id"]
        )

    assert [(r.id, r.action, r.code) for r in results] == [
        (ids[0], "update", "UPDATED"),
        (ids[1], "update", "UPDATED"),
    ]
    first, second = (people.record(record_id) for record_id in ids)
    assert (first["Phone"], first["Fax"]) == ("+48 7", "2")
    assert (second["Phone"], second["Fax"]) == ("1", "=1+1")


def test_an_upsert_knows_records_by_a_field(world: World) -> None:
    old = world.fake.people.add_contact(Last_Name="Old", Email="a@example.com")
    rows = [
        {"Last_Name": "New", "Email": "b@example.com"},
        {"Last_Name": "Changed", "Email": "A@example.com"},
    ]

    with world.client() as client:
        made, changed = client.bulk.write(
            "Contacts",
            rows,
            operation="upsert",
            fields=["Last_Name", "Email"],
            find_by="Email",
        )

    assert (made.action, changed.action) == ("insert", "update")
    assert changed.id == old
    assert world.fake.people.record(old)["Last_Name"] == "Changed"


def test_an_insert_skips_what_is_there_already(world: World) -> None:
    world.fake.people.add_lead(Last_Name="Old", Email="n0@example.com")

    with world.client() as client:
        first, second = client.bulk.write("Leads", _rows(2), **LEAD, find_by="Email")

    assert first.status is WriteStatus.REFUSED
    assert second.is_success


def test_values_of_every_type_arrive(world: World) -> None:
    account = world.fake.people.add_account(Account_Name="Acme")
    owner = world.fake.people.add_user("boss@example.com")
    row = {
        "Last_Name": 'Zażółć, "G"\r\ngęślą',
        "Date_of_Birth": date(1990, 2, 28),
        "Email_Opt_Out": True,
        "Account_Name": {"id": account, "name": "ignored"},
        "Owner": owner,
        "Description": "=HYPERLINK(0)",
        "Title": 7,
        "Department": Decimal("1.50"),
    }
    other = {"Last_Name": "B", "Date_of_Birth": "1990-12-01", "Email_Opt_Out": False}

    with world.client() as client:
        results = client.bulk.write(
            "Contacts", [row, other], operation="insert", fields=list(row)
        )

    first, second = (world.fake.people.record(result.id) for result in results)
    assert first["Last_Name"] == row["Last_Name"]
    assert first["Date_of_Birth"] == "1990-02-28"
    assert first["Email_Opt_Out"] is True
    assert first["Account_Name"]["id"] == account
    assert first["Owner"]["id"] == owner
    assert first["Description"] == "=HYPERLINK(0)"
    assert (first["Title"], first["Department"]) == ("7", "1.50")
    assert (second["Date_of_Birth"], second["Email_Opt_Out"]) == ("1990-12-01", False)
    (job,) = _sent(world, "/write")
    mappings = {m["api_name"]: m for m in job.json["resource"][0]["field_mappings"]}
    assert mappings["Date_of_Birth"]["format"] == "yyyy-MM-dd"
    assert mappings["Account_Name"]["find_by"] == "id"


@pytest.mark.parametrize("ignore_empty", [True, False])
def test_an_empty_cell_does_what_was_chosen(world: World, ignore_empty: bool) -> None:
    lead = world.fake.people.add_lead(Last_Name="Nowak", Phone="1")
    row: dict[str, object] = {"id": lead}
    if not ignore_empty:
        row["Phone"] = None

    with world.client() as client:
        client.bulk.write(
            "Leads",
            [row],
            operation="update",
            fields=["id", "Phone"],
            ignore_empty=ignore_empty,
        )

    phone = world.fake.people.record(lead)["Phone"]
    assert phone == ("1" if ignore_empty else None)


@pytest.mark.parametrize(
    ("row", "ignore_empty", "problem"),
    [
        ({"id": "7", "Phone": None}, True, "pass ignore_empty=False"),
        ({"id": "7", "Phone": ""}, True, "pass ignore_empty=False"),
        ({"id": "7"}, False, "pass ignore_empty=True"),
        ({"Phone": "1"}, True, "id: the record cannot be found"),
        ({"id": "x"}, True, "id: wants an id"),
        ({"id": "7", "Fax": "1"}, True, "Fax: not among the fields"),
        ({"id": "7", "Phone": object()}, True, "Phone: wants a text"),
        ({"id": "7", "Phone": float("nan")}, True, "Phone: wants a text"),
        ({"id": "7", "Phone": "\ud800"}, True, "Phone: is no text"),
    ],
)
def test_a_row_that_would_not_do_what_it_says_is_refused(
    world: World, row: dict[str, object], ignore_empty: bool, problem: str
) -> None:
    good = {"id": "7", "Phone": "secret"}

    with world.client() as client, pytest.raises(InvalidInputError) as caught:
        client.bulk.write(
            "Leads",
            [good, row],
            operation="update",
            fields=["id", "Phone"],
            ignore_empty=ignore_empty,
        )

    assert problem in str(caught.value)
    assert str(caught.value).startswith("row 1: ")
    assert "secret" not in str(caught.value)
    assert world.fake.requests == {"token": 1, "fields": 1}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Date_of_Birth", "28.02.1990"),
        ("Date_of_Birth", datetime(1990, 2, 28, tzinfo=UTC)),
        ("Account_Name", "Acme"),
        ("Account_Name", {"name": "Acme"}),
        ("Owner", "boss@example.com"),
    ],
)
def test_a_value_of_the_wrong_type_is_not_sent(
    world: World, name: str, value: object
) -> None:
    with world.client() as client, pytest.raises(InvalidInputError) as caught:
        client.bulk.write(
            "Contacts",
            [{"Last_Name": "x", name: value}],
            operation="insert",
            fields=["Last_Name", name],
        )

    assert f"{name}: wants" in str(caught.value)
    assert "Acme" not in str(caught.value)
    assert "1990" not in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"operation": "merge"},
        {"fields": []},
        {"fields": ["Email", "Email"]},
        {"fields": [f"F{number}" for number in range(201)]},
        {"fields": ["Shoe_Size"]},
        {"operation": "upsert"},
        {"operation": "update"},
        {"find_by": "Phone"},
        {"rows_per_job": 0},
        {"rows_per_job": 25_001},
    ],
)
def test_what_cannot_be_is_not_sent(world: World, wrong: dict[str, Any]) -> None:
    with world.client() as client, pytest.raises(InvalidInputError):
        client.bulk.write("Leads", _rows(1), **{**LEAD, **wrong})

    assert world.fake.requests["bulk upload"] == 0


def test_a_refused_record_tells_everything(world: World) -> None:
    world.fake.people.add_contact(Last_Name="Old", Email="a@example.com")
    rows = [
        {"Last_Name": "Good", "Email": "b@example.com"},
        {"Last_Name": "x" * 81, "Email": "a@example.com"},
        {"Last_Name": "Twice", "Email": "a@example.com"},
    ]

    with world.client() as client:
        good, several, twice = client.bulk.write(
            "Contacts", rows, operation="insert", fields=["Last_Name", "Email"]
        )

    assert good.is_success
    assert several.status is WriteStatus.REFUSED
    assert {(p.code, p.field) for p in several.problems} == {
        ("INVALID_DATA", "Last_Name"),
        ("DUPLICATE_DATA", "Email"),
    }
    assert isinstance(several.error, RefusedError)
    assert (twice.code, twice.field) == ("DUPLICATE_DATA", "Email")
    assert isinstance(twice.error, DuplicateError)
    assert "a@example.com" not in repr(twice)


def test_several_jobs_follow_each_other(world: World) -> None:
    with world.client() as client:
        results = client.bulk.write("Leads", _rows(8), **LEAD, rows_per_job=3)

    names = [world.fake.people.record(r.id)["Last_Name"] for r in results]
    assert names == [f"Nowak {number}" for number in range(8)]
    assert world.fake.requests["bulk write"] == 3


def test_an_upload_names_the_feature_and_the_organisation(world: World) -> None:
    with world.client() as client:
        organisation = client.organization()
        client.bulk.write("Leads", _rows(1), **LEAD)

    (upload,) = _sent(world, "/upload")
    assert upload.url == "https://content.zohoapis.example.com/crm/v8/upload"
    assert upload.headers["feature"] == "bulk-write"
    assert upload.headers["x-crm-org"] == organisation.zgid
    assert upload.upload is not None
    assert upload.upload.file_name == "Leads.zip"


def test_nobody_knows_the_upload_host_of_the_uk(world: World) -> None:
    client = world.client(data_centre="uk", upload_url=None)

    with client, pytest.raises(ConfigError, match="upload_url"):
        client.bulk.write("Leads", _rows(1), **LEAD)


def test_a_job_is_taken_up_by_another_client(world: World) -> None:
    with world.client() as client:
        started = client.bulk.start_write("Leads", _rows(2), **LEAD)
    with world.client() as client:
        early = client.bulk.write_job(started.id)
        job = client.bulk.wait_write(started.id)
        results = list(client.bulk.write_results(started.id))

    assert (started.state, early.state) == (JobState.ADDED, JobState.ADDED)
    assert (job.state, job.added, job.total) == (JobState.COMPLETED, 2, 2)
    assert (job.module, job.operation) == ("Leads", "insert")
    assert [result.action for result in results] == ["insert", "insert"]


@pytest.mark.parametrize("count", [0, 25_001])
def test_one_job_takes_what_one_file_holds(world: World, count: int) -> None:
    with world.client() as client, pytest.raises(InvalidInputError):
        client.bulk.start_write("Leads", _rows(count), **LEAD)

    assert world.fake.requests["bulk upload"] == 0


def test_a_lost_answer_starts_no_second_job(world: World) -> None:
    world.fake.fail_next(Fault.cut(), "/crm/bulk/v8/write")

    with world.client() as client, pytest.raises(OutcomeUnknownError):
        client.bulk.write("Leads", _rows(2), **LEAD)

    assert world.fake.requests["bulk write"] == 1


@pytest.mark.parametrize(
    "fault", [Fault.truncated(), Fault.failed_after(), Fault.json({}, status=201)]
)
def test_an_answer_that_names_no_job_starts_no_second_one(
    world: World, fault: Fault
) -> None:
    world.fake.fail_next(fault, "/crm/bulk/v8/write")

    with world.client() as client, pytest.raises(OutcomeUnknownError):
        client.bulk.start_write("Leads", _rows(2), **LEAD)

    assert world.fake.requests["bulk write"] == 1


def test_an_upload_is_repeated(world: World) -> None:
    world.fake.fail_next(Fault.status(503), "/crm/v8/upload")
    world.fake.fail_next(Fault.cut(), "/crm/v8/upload")

    with world.client() as client:
        results = client.bulk.write("Leads", _rows(2), **LEAD)

    assert all(result.is_success for result in results)
    assert len(world.fake.people.records("Leads")) == 2


def test_what_is_known_survives_a_later_error(world: World) -> None:
    lost = _Lost(world, 2)

    with world.client(options={"transport": lost.transport}) as client:
        results = client.bulk.write("Leads", _rows(6), **LEAD, rows_per_job=2)

    assert [result.status for result in results] == [
        WriteStatus.SUCCESS,
        WriteStatus.SUCCESS,
        WriteStatus.UNKNOWN,
        WriteStatus.UNKNOWN,
        WriteStatus.UNSENT,
        WriteStatus.UNSENT,
    ]
    assert isinstance(results[2].error, OutcomeUnknownError)
    assert world.fake.requests["bulk write"] == 2


class _Lost:
    """Loses the answer to the start of one job, after it was carried out."""

    def __init__(self, world: World, number: int) -> None:
        self._world = world
        self._left = number

    @property
    def transport(self) -> Any:
        return self if self._world.twin == "sync" else _AsyncLost(self)

    def send(self, request: Request) -> Reply:
        headers = {name.lower(): value for name, value in request.headers.items()}
        reply = self._world.fake.handle(evolve(request, headers=headers))
        if request.url.endswith("/bulk/v8/write"):
            self._left -= 1
            if self._left == 0:
                raise ConnectionLostError("lost", service="zoho")
        if request.into is not None and reply.status == 200:
            request.into.write(reply.body)
        return reply

    def close(self) -> None:
        pass


class _AsyncLost:
    def __init__(self, lost: _Lost) -> None:
        self._lost = lost

    async def send(self, request: Request) -> Reply:
        return self._lost.send(request)

    async def aclose(self) -> None:
        pass


def test_a_refused_upload_leaves_the_rest_unsent(world: World) -> None:
    world.switch(missing_scopes=frozenset({"files"}))

    with world.client() as client, pytest.raises(PermissionDeniedError):
        client.bulk.write("Leads", _rows(4), **LEAD, rows_per_job=2)

    assert world.fake.requests["bulk upload"] == 1
    assert world.fake.requests["bulk write"] == 0


def test_a_refusal_with_http_200_is_a_refusal(world: World) -> None:
    body = {"code": "INVALID_FILE_FORMAT", "status": "error", "details": {}}
    world.fake.fail_next(Fault.json(body), "/crm/v8/upload")

    with world.client() as client, pytest.raises(RefusedError) as caught:
        client.bulk.write("Leads", _rows(1), **LEAD)

    assert caught.value.code == "INVALID_FILE_FORMAT"


def test_a_job_that_failed_may_have_written(world: World) -> None:
    world.switch(bulk_jobs_fail=True)

    with world.client() as client:
        with pytest.raises(OutcomeUnknownError, match="look before"):
            client.bulk.write("Leads", _rows(1), **LEAD)
        job = client.bulk.start_write("Leads", _rows(1), **LEAD)
        world.clock.advance(60)
        with pytest.raises(OutcomeUnknownError):
            list(client.bulk.write_results(job.id))


def test_a_job_that_does_not_end_can_be_taken_up_later(world: World) -> None:
    world.switch(bulk_seconds=1000)

    with world.client() as client:
        with pytest.raises(UnfinishedError) as caught:
            client.bulk.write("Leads", _rows(1), **LEAD, timeout_seconds=60)
        job_id = caught.value.job_id
        with pytest.raises(UnfinishedError):
            list(client.bulk.write_results(job_id))
        world.clock.advance(1000)

        (result,) = client.bulk.write_results(job_id)

    assert result.is_success


def test_an_unknown_job_is_not_found(world: World) -> None:
    with world.client() as client:
        for ask in (client.bulk.write_job, client.bulk.wait_write):
            with pytest.raises(NotFoundError):
                ask("4711")


def _added(number: int) -> list[str]:
    return [f"Nowak {number}", f"n{number}@example.com", "ADDED", "7", ""]


HEADER = ["Last_Name", "Email", "STATUS", "RECORD_ID", "ERRORS"]


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([], "holds 0 results of 2"),
        ([HEADER], "holds 0 results of 2"),
        ([HEADER, _added(0)], "1 results of 2"),
        (
            [
                HEADER,
                _added(1),
                _added(0),
            ],
            "row 0 is not the one that was sent",
        ),
        (
            [
                HEADER,
                *[
                    [f"Nowak {n}", f"n{n}@example.com", "ADDED", "7", ""]
                    for n in range(3)
                ],
            ],
            "row 2 is not the one that was sent",
        ),
        ([HEADER, ["Nowak 0", "n0@example.com", "EATEN", "", ""]], "status: EATEN"),
        ([["Last_Name", "Email", "STATUS"]], "the header lacks 'RECORD_ID'"),
    ],
)
def test_results_that_are_not_those_of_the_rows_are_none(
    world: World, rows: list[list[str]], problem: str
) -> None:
    world.fake.fail_next(_zip(*rows), RESULTS)

    with world.client() as client:
        with pytest.raises(OutcomeUnknownError) as caught:
            client.bulk.write("Leads", _rows(2), **LEAD)
        again = list(client.bulk.write_results(caught.value.job_id))

    reason = caught.value.__cause__
    assert isinstance(reason, MalformedReplyError)
    assert problem in str(reason)
    assert "n0@example.com" not in str(reason)
    assert [result.is_success for result in again] == [True, True]


@pytest.mark.parametrize(
    "fault", [Fault.unreachable(), Fault.cut(), Fault.status(503), Fault.html(404)]
)
@pytest.mark.parametrize("path", ["/crm/bulk/v8/write/*", RESULTS])
def test_the_id_of_a_job_that_runs_is_not_lost(
    world: World, fault: Fault, path: str
) -> None:
    world.fake.fail_next(fault, path, times=50)

    with world.client() as client:
        with pytest.raises(OutcomeUnknownError) as caught:
            client.bulk.write("Leads", _rows(2), **LEAD)
        world.fake.faults.clear()
        client.bulk.wait_write(caught.value.job_id)
        results = list(client.bulk.write_results(caught.value.job_id))

    assert [result.is_success for result in results] == [True, True]
    assert world.fake.requests["bulk write"] == 1


def test_records_whose_results_cannot_be_read_are_unknown(world: World) -> None:
    good = _zip(HEADER, _added(0))
    world.fake.fail_next(good, RESULTS)
    world.fake.fail_next(_zip(HEADER), RESULTS)

    with world.client() as client:
        first, second, third = client.bulk.write(
            "Leads", _rows(3), **LEAD, rows_per_job=1
        )

    assert first == WriteResult(WriteStatus.SUCCESS, "ADDED", id="7", action="insert")
    assert second.status is WriteStatus.UNKNOWN
    assert isinstance(second.error, OutcomeUnknownError)
    assert second.error.job_id
    assert third.status is WriteStatus.UNSENT


def test_zoho_may_leave_a_record_unprocessed(world: World) -> None:
    unprocessed = _zip(HEADER, ["Nowak 0", "n0@example.com", "UNPROCESSED", "", ""])
    world.fake.fail_next(unprocessed, RESULTS)

    with world.client() as client:
        (result,) = client.bulk.write("Leads", _rows(1), **LEAD)

    assert (result.status, result.code) == (WriteStatus.REFUSED, "UNPROCESSED")


@pytest.mark.parametrize(
    ("address", "is_followed"),
    [
        ("", True),
        ("https://content.zohoapis.example.com", True),
        ("https://download-accl.zoho.example.com", True),
        ("https://www.zohoapis.example.com", True),
        ("http://download-accl.zoho.example.com", False),
        ("https://download-accl.zoho.example.com.evil.example", False),
        ("https://evil.example", False),
        ("https://content.zohoapis.example.com@evil.example", False),
        ("//evil.example", False),
    ],
)
def test_the_token_follows_no_address_that_is_not_zohos(
    world: World, address: str, is_followed: bool
) -> None:
    world.switch(bulk_results_at=address)

    with world.client() as client:
        job = client.bulk.start_write("Leads", _rows(1), **LEAD)
        client.bulk.wait_write(job.id)
        if is_followed:
            assert len(list(client.bulk.write_results(job.id))) == 1
        else:
            with pytest.raises(MalformedReplyError, match="not of Zoho's"):
                list(client.bulk.write_results(job.id))

    assert world.fake.requests["bulk write result"] == is_followed
