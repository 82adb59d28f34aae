"""Bulk reads as the fake Zoho answers them, without this library's client."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import pytest
from attrs import evolve

from crmbridge._steps import Reply, Request
from crmbridge.testing import FakeClock, ZohoFake
from tests.zoho.asking import Api, code_of, new_token

pytestmark = pytest.mark.fake_row("Bulk read/write")

JSON = {"content-type": "application/json"}


class Bulk(Api):
    """Asks the bulk addresses of a fake."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        super().__init__(ZohoFake(clock=self.clock))

    def bulk(
        self, method: str, path: str, body: Any = None, headers: Any = None
    ) -> Reply:
        url = f"https://www.zohoapis.example.com/crm/bulk/v8/{path}"
        own = {"authorization": f"Zoho-oauthtoken {self.token}", **(headers or {})}
        return self.fake.handle(Request("zoho", method, url, headers=own, json=body))

    def read(self, **query: Any) -> Reply:
        whole = {"module": {"api_name": "Leads"}, **query}
        return self.bulk("POST", "read", {"query": whole}, JSON)

    def started(self, **query: Any) -> str:
        reply = self.read(**query)
        assert reply.status == 201, reply.body
        return str(reply.json()["data"][0]["details"]["id"])

    def job(self, job_id: str) -> Any:
        return self.bulk("GET", f"read/{job_id}").json()["data"][0]

    def finished(self, **query: Any) -> Any:
        job_id = self.started(**query)
        self.clock.advance(30)
        return self.job(job_id)

    def rows(self, job: Any) -> list[list[str]]:
        reply = self.bulk("GET", f"read/{job['id']}/result")
        with zipfile.ZipFile(io.BytesIO(reply.body)) as archive:
            (name,) = archive.namelist()
            assert name == f"{job['id']}.csv"
            return list(csv.reader(io.StringIO(archive.read(name).decode())))

    def switch(self, **switches: Any) -> None:
        self.fake.switches = evolve(self.fake.switches, **switches)


@pytest.fixture
def bulk() -> Bulk:
    return Bulk()


def test_a_file_has_the_columns_in_the_order_asked_and_the_id(bulk: Bulk) -> None:
    people = bulk.fake.people
    lead = people.add_lead(Last_Name="Nowak", Email_Opt_Out=True)
    fields = ["Email_Opt_Out", "Modified_Time", "Email", "Owner", "Last_Name"]

    header, row = bulk.rows(bulk.finished(fields=fields))

    assert header == ["id", *fields]
    owner = people.record(lead)["Owner"]["id"]
    assert row == [lead, "true", "2026-01-05T13:00:00+01:00", "", owner, "Nowak"]


def test_a_start_answers_as_the_vendors_sample(bulk: Bulk) -> None:
    reply = bulk.read(fields=["Email"])

    assert reply.status == 201
    assert reply.json()["info"] == {}
    (element,) = reply.json()["data"]
    assert (element["code"], element["status"]) == ("ADDED_SUCCESSFULLY", "success")
    assert element["details"]["state"] == "ADDED"


def test_states_follow_each_other_and_a_space_is_in_one(bulk: Bulk) -> None:
    job_id = bulk.started()
    states = []
    for _ in range(4):
        states.append(bulk.job(job_id)["state"])
        bulk.clock.advance(10)

    assert states == ["ADDED", "QUEUED", "IN PROGRESS", "COMPLETED"]


@pytest.mark.parametrize("is_early", [True, False])
def test_the_result_may_show_before_the_end(bulk: Bulk, is_early: bool) -> None:
    bulk.switch(shows_bulk_result_early=is_early)

    job = bulk.job(bulk.started())

    assert job["state"] == "ADDED"
    assert ("result" in job) == is_early


def test_a_job_without_a_content_type_is_refused(bulk: Bulk) -> None:
    body = {"query": {"module": {"api_name": "Leads"}}}

    assert code_of(bulk.bulk("POST", "read", body)) == (415, "MEDIA_TYPE_NOT_SUPPORTED")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"module": {"api_name": "leads"}}, "MODULE_NOT_AVAILABLE"),
        ({"fields": ["Shoe_Size"]}, "FIELD_NOT_AVAILABLE"),
        ({"page": 501}, "PAGE_RANGE_EXCEEDED"),
        ({"page_token": "x"}, "INVALID_DATA"),
        ({"page_token": "x", "page": 1}, "INVALID_REQUEST"),
        ({"criteria": []}, "INVALID_CRITERIA"),
        (
            {"criteria": {"group_operator": "xor", "group": [{}, {}]}},
            "GROUP_OPERATOR_NOT_SUPPORTED",
        ),
        (
            {"criteria": {"group_operator": "and", "group": [{}]}},
            "AMBIGUOUS_GROUP_IN_CRITERIA",
        ),
        (
            {
                "criteria": {
                    "field": {"api_name": "Email"},
                    "comparator": "like",
                    "value": "x",
                }
            },
            "FIELD_COMPARATOR_IN_CRITERIA_NOT_SUPPORTED",
        ),
        (
            {
                "criteria": {
                    "field": {"api_name": "Modified_Time"},
                    "comparator": "between",
                    "value": ["2026-01-05T13:00:00+01:00"],
                }
            },
            "COMPARATOR_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE",
        ),
        (
            {
                "criteria": {
                    "field": {"api_name": "Modified_Time"},
                    "comparator": "equal",
                    "value": "yesterday",
                }
            },
            "VALUE_TYPE_NOT_SUPPORTED",
        ),
    ],
)
def test_a_wrong_query_is_refused(bulk: Bulk, query: Any, code: str) -> None:
    assert code_of(bulk.read(**query)) == (400, code)


def test_pages_follow_by_number_and_by_token(bulk: Bulk) -> None:
    bulk.switch(bulk_page_size=2)
    ids = [bulk.fake.people.add_lead(Last_Name=f"N{n}") for n in range(5)]

    first = bulk.finished(fields=["Email"])
    second = bulk.finished(fields=["Email"], page=2)
    token = second["result"]["next_page_token"]
    third = bulk.finished(fields=["Email"], page_token=token)

    pages = [[row[0] for row in bulk.rows(job)[1:]] for job in (first, second, third)]
    assert pages == [ids[:2], ids[2:4], ids[4:]]
    assert [job["result"]["more_records"] for job in (first, second, third)] == [
        True,
        True,
        False,
    ]
    assert third["result"]["page"] == 3
    assert "next_page_token" not in third["result"]


def test_a_page_token_is_for_its_query(bulk: Bulk) -> None:
    bulk.switch(bulk_page_size=1)
    for number in range(2):
        bulk.fake.people.add_lead(Last_Name=f"N{number}")
    token = bulk.finished(fields=["Email"])["result"]["next_page_token"]

    reply = bulk.read(fields=["Phone"], page_token=token)

    assert code_of(reply) == (400, "INVALID_DATA")


def test_a_file_shows_who_was_there_when_the_job_was_made(bulk: Bulk) -> None:
    gone = bulk.fake.people.add_lead(Last_Name="Gone")
    job_id = bulk.started(fields=["Last_Name"])
    bulk.fake.people.add_lead(Last_Name="Late")
    bulk.fake.people.delete(gone)
    bulk.clock.advance(30)

    assert bulk.rows(bulk.job(job_id))[1:] == [[gone, "Gone"]]


def test_the_eleventh_download_of_a_minute_is_refused(bulk: Bulk) -> None:
    path = f"read/{bulk.finished()['id']}/result"
    statuses = [bulk.bulk("GET", path).status for _ in range(11)]
    bulk.clock.advance(60)

    assert statuses == [200] * 10 + [429]
    assert bulk.bulk("GET", path).status == 200


def test_there_is_no_file_before_the_end_nor_after_a_day(bulk: Bulk) -> None:
    job_id = bulk.started()
    path = f"read/{job_id}/result"
    early = bulk.bulk("GET", path)
    bulk.clock.advance(24 * 3600 - 1)
    bulk.token = new_token(bulk.fake)
    last = bulk.bulk("GET", path)
    bulk.clock.advance(1)

    assert code_of(early) == (404, "RESOURCE_NOT_FOUND")
    assert last.status == 200
    assert code_of(bulk.bulk("GET", path)) == (404, "RESOURCE_NOT_FOUND")
    assert code_of(bulk.bulk("GET", f"read/{job_id}")) == (404, "RESOURCE_NOT_FOUND")


def test_a_hidden_record_is_in_no_file(bulk: Bulk) -> None:
    hidden = bulk.fake.people.add_lead(Last_Name="Hidden")
    bulk.fake.people.hide(hidden)

    assert bulk.rows(bulk.finished(fields=["Last_Name"])) == [["id", "Last_Name"]]


def test_a_right_that_is_missing_is_named(bulk: Bulk) -> None:
    bulk.switch(denied_modules=frozenset({"Leads"}))

    assert code_of(bulk.read()) == (403, "NO_PERMISSION")


def test_a_job_costs_fifty_credits(bulk: Bulk) -> None:
    before = bulk.fake.credits

    bulk.started()

    assert bulk.fake.credits == before + 50
