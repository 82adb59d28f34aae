"""Bulk writes as the fake Zoho answers them, without this library's client."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import pytest
from attrs import evolve

from crmbridge._steps import Reply, Request, Upload
from crmbridge.testing import FakeClock, ZohoFake
from tests.zoho.asking import Api, code_of, new_token

pytestmark = pytest.mark.fake_row("Bulk read/write")

CONTENT = "https://content.zohoapis.example.com"
API = "https://www.zohoapis.example.com"


def _zip(*rows: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Leads.csv", text.getvalue())
    return file.getvalue()


class Bulk(Api):
    """Asks the bulk addresses of a fake."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        super().__init__(ZohoFake(clock=self.clock))
        self.org = self.ask("GET", "org").json()["org"][0]["zgid"]

    def sent(self, method: str, url: str, **parts: Any) -> Reply:
        headers = {
            "authorization": f"Zoho-oauthtoken {self.token}",
            **parts.pop("headers", {}),
        }
        return self.fake.handle(Request("zoho", method, url, headers=headers, **parts))

    def upload(self, content: bytes, base: str = CONTENT, **headers: str) -> Reply:
        own = {"feature": "bulk-write", "x-crm-org": self.org, **headers}
        return self.sent(
            "POST",
            f"{base}/crm/v8/upload",
            headers=own,
            upload=Upload(io.BytesIO(content), "Leads.zip"),
        )

    def file(self, *rows: list[str]) -> str:
        return str(self.upload(_zip(*rows)).json()["details"]["file_id"])

    def begin(self, file_id: str, operation: str = "insert", **more: Any) -> Reply:
        whole = {
            "ignore_empty": more.pop("ignore_empty", None),
            "operation": operation,
            "resource": [
                {
                    "type": "data",
                    "module": {"api_name": "Leads"},
                    "file_id": file_id,
                    **more,
                }
            ],
        }
        return self.sent("POST", f"{API}/crm/bulk/v8/write", json=whole)

    def job(self, job_id: str) -> Any:
        return self.sent("GET", f"{API}/crm/bulk/v8/write/{job_id}").json()

    def results(
        self, rows: list[list[str]], operation: str = "insert", **more: Any
    ) -> list[list[str]]:
        """Write rows, the header first, and give the file of results."""
        started = self.begin(self.file(*rows), operation, **more)
        assert started.status == 201, started.body
        self.clock.advance(30)
        job = self.job(started.json()["details"]["id"])
        assert job["status"] == "COMPLETED"
        reply = self.sent("GET", API + job["result"]["download_url"])
        with zipfile.ZipFile(io.BytesIO(reply.body)) as archive:
            (name,) = archive.namelist()
            return list(csv.reader(io.StringIO(archive.read(name).decode())))

    def switch(self, **switches: Any) -> None:
        self.fake.switches = evolve(self.fake.switches, **switches)


@pytest.fixture
def bulk() -> Bulk:
    return Bulk()


def test_a_file_is_taken_at_the_host_for_files_only(bulk: Bulk) -> None:
    good, wrong = bulk.upload(_zip(["Email"])), bulk.upload(_zip(["Email"]), API)

    assert good.json()["code"] == "FILE_UPLOAD_SUCCESS"
    assert code_of(wrong) == (404, "INVALID_URL_PATTERN")


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"feature": "mass-mail"}, "NOT_SUPPORTED_FEATURE"),
        ({"feature": ""}, "NOT_SUPPORTED_FEATURE"),
        ({"x-crm-org": "1"}, "INVALID_DATA"),
    ],
)
def test_an_upload_needs_its_headers(
    bulk: Bulk, headers: dict[str, str], code: str
) -> None:
    assert code_of(bulk.upload(_zip(["Email"]), **headers)) == (400, code)


def test_what_is_no_zip_is_refused_with_http_200(bulk: Bulk) -> None:
    assert code_of(bulk.upload(b"Last_Name\nNowak\n")) == (200, "INVALID_FILE_FORMAT")


def test_a_file_above_25_megabytes_is_refused(bulk: Bulk) -> None:
    assert code_of(bulk.upload(bytes(25 * 1024 * 1024 + 1))) == (413, "FILE_TOO_LARGE")


def test_a_file_of_too_many_rows_or_columns_is_refused(bulk: Bulk) -> None:
    rows = bulk.file(["Last_Name"], *[["x"]] * 25_001)
    columns = bulk.file([f"F{number}" for number in range(201)])

    assert code_of(bulk.begin(rows)) == (400, "FILE_NOT_SUPPORTED")
    assert code_of(bulk.begin(columns)) == (400, "HEADER_LIMIT_EXCEEDED")


@pytest.mark.parametrize(
    ("operation", "more", "code"),
    [
        ("merge", {}, "MISSING_REQUIRED_KEY"),
        ("update", {}, "MANDATORY_NOT_FOUND"),
        ("insert", {"module": {"api_name": "Cats"}}, "MODULE_NOT_AVAILABLE"),
        (
            "insert",
            {"field_mappings": [{"api_name": "Shoe_Size", "index": 0}]},
            "INVALID_FIELD",
        ),
        (
            "insert",
            {"field_mappings": [{"api_name": "Last_Name", "index": 2}]},
            "COLUMN_INDEX_NOT_FOUND",
        ),
        (
            "insert",
            {"field_mappings": [{"api_name": "Email", "index": 1}]},
            "MANDATORY_FIELDS_NOT_MAPPED",
        ),
        ("insert", {"find_by": "Phone"}, "INVALID_REQUEST"),
    ],
)
def test_a_job_that_cannot_be_is_refused(
    bulk: Bulk, operation: str, more: Any, code: str
) -> None:
    file_id = bulk.file(["Last_Name", "Email"], ["Nowak", ""])

    assert code_of(bulk.begin(file_id, operation, **more)) == (400, code)


def test_a_file_that_was_never_sent_is_refused(bulk: Bulk) -> None:
    assert code_of(bulk.begin("4711")) == (400, "INVALID_FILE_ID")


def test_the_header_names_the_fields_where_no_mapping_does(bulk: Bulk) -> None:
    rows = [["Email", "Last_Name"], ["n@example.com", "Nowak"], ["", ""]]

    header, good, bad = bulk.results(rows)

    (record,) = bulk.fake.people.records("Leads")
    assert (record["Last_Name"], record["Email"]) == ("Nowak", "n@example.com")
    assert header == ["Email", "Last_Name", "STATUS", "RECORD_ID", "ERRORS"]
    assert good == ["n@example.com", "Nowak", "ADDED", record["id"], ""]
    assert bad == ["", "", "SKIPPED", "", "MANDATORY_NOT_FOUND-Last_Name"]


def test_results_repeat_the_first_three_mapped_columns(bulk: Bulk) -> None:
    mappings = [
        {"api_name": name, "index": place}
        for name, place in (("City", 3), ("Last_Name", 0), ("Fax", 2), ("Phone", 1))
    ]

    header, row = bulk.results(
        [["a", "b", "c", "d"], ["Nowak", "1", "2", "Ustka"]], field_mappings=mappings
    )

    assert header[:3] == ["d", "a", "c"]
    assert row[:3] == ["Ustka", "Nowak", "2"]
    assert row[3] == "ADDED"


def test_several_errors_of_a_record_are_told_in_one_cell(bulk: Bulk) -> None:
    bulk.switch(unique={"Leads": frozenset({"Email"})})
    bulk.fake.people.add_lead(Last_Name="Old", Email="a@example.com")

    _, row = bulk.results(
        [["Fax", "Email"], ["1" * 31, "a@example.com"]],
        "upsert",
        find_by="Fax",
        field_mappings=[
            {"api_name": "Fax", "index": 0},
            {"api_name": "Email", "index": 1},
        ],
    )

    assert row[2] == "SKIPPED"
    assert set(row[4].split(":")) >= {"INVALID_DATA-Fax", "DUPLICATE_DATA-Email"}


@pytest.mark.parametrize("ignore_empty", [None, False, True])
def test_an_empty_cell_empties_its_field_unless_ignored(
    bulk: Bulk, ignore_empty: bool | None
) -> None:
    lead = bulk.fake.people.add_lead(Last_Name="Nowak", Phone="1")

    bulk.results(
        [["id", "Phone"], [lead, ""]],
        "update",
        find_by="id",
        ignore_empty=ignore_empty,
    )

    phone = bulk.fake.people.record(lead)["Phone"]
    assert phone == ("1" if ignore_empty else None)


@pytest.mark.parametrize(
    ("form", "cell", "status"),
    [
        (None, "02/28/1990", "ADDED"),
        (None, "1990-02-28", "SKIPPED"),
        ("yyyy-MM-dd", "1990-02-28", "ADDED"),
        ("dd.MM.yyyy", "28.02.1990", "ADDED"),
    ],
)
def test_a_date_is_read_by_its_format(
    bulk: Bulk, form: str | None, cell: str, status: str
) -> None:
    _, row = bulk.results(
        [["Last_Name", "Date_of_Birth"], ["Nowak", cell]],
        module={"api_name": "Contacts"},
        field_mappings=[
            {"api_name": "Last_Name", "index": 0},
            {"api_name": "Date_of_Birth", "index": 1, "format": form},
        ],
    )

    assert row[2] == status
    if status == "ADDED":
        (contact,) = bulk.fake.people.records("Contacts")
        assert contact["Date_of_Birth"] == "1990-02-28"


def test_states_follow_each_other_without_a_space(bulk: Bulk) -> None:
    job_id = bulk.begin(bulk.file(["Last_Name"], ["x"])).json()["details"]["id"]
    jobs = []
    for _ in range(3):
        jobs.append(bulk.job(job_id))
        bulk.clock.advance(15)

    assert [job["status"] for job in jobs] == ["ADDED", "INPROGRESS", "COMPLETED"]
    assert ["result" in job for job in jobs] == [False, False, True]
    assert jobs[2]["resource"][0]["file"]["added_count"] == 1


def test_a_job_is_gone_after_a_day(bulk: Bulk) -> None:
    job_id = bulk.begin(bulk.file(["Last_Name"], ["x"])).json()["details"]["id"]
    bulk.clock.advance(24 * 3600)
    bulk.token = new_token(bulk.fake)

    reply = bulk.sent("GET", f"{API}/crm/bulk/v8/write/{job_id}")

    assert code_of(reply) == (404, "RESOURCE_NOT_FOUND")


def test_a_job_costs_five_hundred_credits(bulk: Bulk) -> None:
    file_id = bulk.file(["Last_Name"], ["x"])
    before = bulk.fake.credits

    bulk.begin(file_id)

    assert bulk.fake.credits == before + 500
