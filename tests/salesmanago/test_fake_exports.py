"""The fake SALESmanago's exports: jobs, links, files, and each of their switches.

Asked by hand, without the client, so that the fake is held against its
description and not against our own reading of it.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from attrs import evolve

from crmbridge._steps import Reply, Request
from crmbridge.testing import FakeClock, SalesmanagoFake

ADMIN = "admin@example.com"
BOB = "bob@example.com"
HOST = "https://salesmanago.example.com"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def fake(clock: FakeClock) -> SalesmanagoFake:
    return SalesmanagoFake(users=(ADMIN, BOB), clock=clock)


def _switch(fake: SalesmanagoFake, **switches: Any) -> None:
    fake.switches = evolve(fake.switches, **switches)


def _ask(fake: SalesmanagoFake, path: str, **body: Any) -> dict[str, Any]:
    sha = hashlib.sha1(b"keyfake-clientfake-secret").hexdigest()  # noqa: S324 - as the service wants it
    signed = {"clientId": "fake-client", "apiKey": "key", "requestTime": 1, "sha": sha}
    json_body = {"owner": ADMIN, **signed, **body}
    request = Request("salesmanago", "POST", f"{HOST}/api/{path}", json=json_body)
    answer: dict[str, Any] = fake.handle(request).json()
    return answer


def _start(fake: SalesmanagoFake, page: int = 1, size: int = 1000, **body: Any) -> int:
    answer = _ask(
        fake, "contact/paginatedContactList/export", page=page, size=size, **body
    )
    assert answer["success"], answer
    number: int = answer["requestId"]
    return number


def _start_data(fake: SalesmanagoFake, contacts: Any, *kinds: str) -> int:
    data = [{"dataType": kind} for kind in kinds]
    answer = _ask(fake, "contact/export/data", contacts=contacts, data=data)
    number: int = answer["requestId"]
    return number


def _look(fake: SalesmanagoFake, job: object) -> dict[str, Any]:
    return _ask(fake, "job/status", requestId=job)


def _link(fake: SalesmanagoFake, job: int) -> str:
    while not _look(fake, job).get("fileUrl"):
        pass
    link: str = _look(fake, job)["fileUrl"]
    return link


def _get(fake: SalesmanagoFake, link: str, **more: Any) -> Reply:
    return fake.handle(Request("salesmanago", "GET", link, **more))


def _file(fake: SalesmanagoFake, job: int) -> Any:
    return json.loads(_get(fake, _link(fake, job)).body)


# --- jobs ---


@pytest.mark.salesmanago_row(33)
def test_a_page_is_a_job_then_a_link_then_a_file(fake: SalesmanagoFake) -> None:
    ann = fake.people.add("ann@example.com", name="Ann", phone="+48 1", country="PL")

    job = _start(fake)
    running, done = _look(fake, job), _look(fake, job)
    reply = _get(fake, done["fileUrl"])

    assert isinstance(job, int)
    assert running == {
        "success": False,
        "message": ["Job is in progress"],
        "fileUrl": None,
    }
    assert done["success"] is True
    assert done["message"] == []
    assert done["fileUrl"].startswith(f"{HOST}/files/")
    assert json.loads(reply.body) == {
        "contacts": [
            {
                "success": True,
                "email": "ann@example.com",
                "exists": True,
                "id": ann,
                "name": "Ann",
                "country": "PL",
                "phone": "+48 1",
            }
        ]
    }


@pytest.mark.salesmanago_row(33)
def test_a_page_behind_the_last_is_empty(fake: SalesmanagoFake) -> None:
    for number in range(3):
        fake.people.add(f"{number}@example.com")

    sizes = [len(_file(fake, _start(fake, page, 2))["contacts"]) for page in (1, 2, 3)]

    assert sizes == [2, 1, 0]


def test_the_list_behind_the_last_page_may_be_null(fake: SalesmanagoFake) -> None:
    _switch(fake, empty_export="null")

    assert _file(fake, _start(fake)) == {"contacts": None}


@pytest.mark.parametrize(("page", "size"), [(0, 10), (1, 0), (1, 1001)])
def test_a_page_out_of_range_is_refused(
    fake: SalesmanagoFake, page: int, size: int
) -> None:
    path = "contact/paginatedContactList/export"

    assert not _ask(fake, path, page=page, size=size)["success"]


def test_a_page_holds_what_its_user_sees(fake: SalesmanagoFake) -> None:
    fake.people.add("ann@example.com")
    fake.people.add("bea@example.com", owner=BOB)

    mine, his = (_file(fake, _start(fake, owner=owner)) for owner in (ADMIN, BOB))

    assert [row["email"] for row in mine["contacts"]] == ["ann@example.com"]
    assert [row["email"] for row in his["contacts"]] == ["bea@example.com"]


@pytest.mark.parametrize("is_deleted", [True, False])
@pytest.mark.parametrize("is_opted_out", [True, False])
def test_an_export_holds_the_deleted_and_the_opted_out_or_not(
    fake: SalesmanagoFake, is_deleted: bool, is_opted_out: bool
) -> None:
    _switch(fake, exports_deleted=is_deleted, exports_opted_out=is_opted_out)
    for name in ("ann", "bea", "cid"):
        fake.people.add(f"{name}@example.com")
    fake.people.opt_out("bea@example.com")
    fake.people.delete("cid@example.com")

    rows = _file(fake, _start(fake))["contacts"]

    emails = {row["email"] for row in rows}
    assert ("bea@example.com" in emails, "cid@example.com" in emails) == (
        is_opted_out,
        is_deleted,
    )


def test_a_page_shows_writes_as_late_as_reads_do(
    fake: SalesmanagoFake, clock: FakeClock
) -> None:
    _switch(fake, visible_after_seconds=30)
    fake.people.add("ann@example.com")

    early = _file(fake, _start(fake))
    clock.advance(31)
    late = _file(fake, _start(fake))

    assert (len(early["contacts"]), len(late["contacts"])) == (0, 1)


@pytest.mark.salesmanago_row(33)
@pytest.mark.parametrize("looks", [0, 1, 3])
def test_a_job_is_running_for_some_looks(fake: SalesmanagoFake, looks: int) -> None:
    _switch(fake, job_looks=looks)
    job = _start(fake)

    links = [_look(fake, job).get("fileUrl") for _ in range(looks + 1)]

    assert [bool(link) for link in links] == [False] * looks + [True]


def test_a_job_is_running_for_some_seconds(
    fake: SalesmanagoFake, clock: FakeClock
) -> None:
    _switch(fake, job_looks=0, job_seconds=60)
    job = _start(fake)

    early = _look(fake, job)
    clock.advance(61)

    assert not early["fileUrl"]
    assert _look(fake, job)["fileUrl"]


@pytest.mark.parametrize(
    ("position", "found"),
    [("missing", {}), ("null", {"fileUrl": None}), ("empty", {"fileUrl": ""})],
)
@pytest.mark.parametrize("is_success", [True, False])
def test_a_running_job_looks_as_switched(
    fake: SalesmanagoFake, position: str, found: dict[str, Any], is_success: bool
) -> None:
    _switch(
        fake,
        unfinished_link=position,
        is_running_job_success=is_success,
        job_messages=("In progress: 12 %", "Please wait"),
    )

    assert _look(fake, _start(fake)) == {
        "success": is_success,
        "message": ["In progress: 12 %", "Please wait"],
        **found,
    }


@pytest.mark.parametrize(
    ("position", "success", "message"),
    [("refused", False, ["..."]), ("message", True, ["..."]), ("silent", True, [])],
)
@pytest.mark.parametrize("switch", ["failed_jobs", "unknown_job"])
def test_a_failed_or_unknown_job_has_no_file(
    fake: SalesmanagoFake,
    switch: str,
    position: str,
    success: bool,
    message: list[str],
) -> None:
    _switch(fake, job_looks=0, **{switch: position})
    job = _start(fake) if switch == "failed_jobs" else 7

    answer = _look(fake, job)

    assert answer["success"] is success
    assert len(answer["message"]) == len(message)
    assert not answer["fileUrl"]


@pytest.mark.salesmanago_row(25)
def test_a_job_without_a_file_says_nothing_when_it_is_done(
    fake: SalesmanagoFake,
) -> None:
    job = fake._book.jobs.start()

    running, done = _look(fake, job), _look(fake, job)

    assert running["message"]
    assert done == {"success": True, "message": []}


def test_very_old_jobs_are_forgotten(fake: SalesmanagoFake) -> None:
    first = _start(fake)
    for _ in range(100):
        _start(fake)

    assert _look(fake, first)["message"] == ["Job does not exist"]


# --- links ---


@pytest.mark.salesmanago_row(33)
@pytest.mark.parametrize("status", [403, 404])
def test_a_link_ends_after_its_uses(fake: SalesmanagoFake, status: int) -> None:
    _switch(fake, link_uses=2, ended_link_status=status)
    link = _link(fake, _start(fake))

    assert [_get(fake, link).status for _ in range(3)] == [200, 200, status]


@pytest.mark.salesmanago_row(33)
def test_a_link_ends_after_its_time(fake: SalesmanagoFake, clock: FakeClock) -> None:
    _switch(fake, link_uses=None, link_seconds=60)
    link = _link(fake, _start(fake))

    early = _get(fake, link)
    clock.advance(60)

    assert (early.status, _get(fake, link).status) == (200, 404)


def test_a_link_that_was_never_told_leads_nowhere(fake: SalesmanagoFake) -> None:
    _start(fake)

    assert _get(fake, f"{HOST}/files/export/0").status == 404


@pytest.mark.parametrize(
    "more",
    [{"json": {"sha": "x"}}, {"headers": {"authorization": "Basic eDp5"}}],
)
def test_who_sends_credentials_to_a_link_gets_no_file(
    fake: SalesmanagoFake, more: dict[str, Any]
) -> None:
    link = _link(fake, _start(fake))

    assert _get(fake, link, **more).status == 400


def test_a_file_is_fetched_by_get(fake: SalesmanagoFake) -> None:
    link = _link(fake, _start(fake))

    assert fake.handle(Request("salesmanago", "POST", link)).status == 405


def test_fetched_files_are_counted_without_their_links(fake: SalesmanagoFake) -> None:
    _file(fake, _start(fake))

    assert fake.requests["/files/export/"] == 1


# --- all data of some contacts ---


def _one(fake: SalesmanagoFake, *kinds: str) -> dict[str, Any]:
    asked = [{"addresseeType": "email", "value": "Ann@Example.com"}]
    (row,) = _file(fake, _start_data(fake, asked, *kinds))
    ((_, parts),) = row.items()
    found: dict[str, Any] = parts
    return found


def test_an_export_of_data_holds_the_parts_that_were_asked_for(
    fake: SalesmanagoFake,
) -> None:
    fake.people.add("ann@example.com", tags=["vip"], properties={"size": "L"})

    parts = _one(fake, "TAG", "PROPERTIES")

    assert [tag["tagName"] for tag in parts["tagData"]] == ["VIP"]
    assert parts["contactPropertiesData"] == [{"name": "size", "value": "L"}]
    assert parts["contactData"] is None


def test_an_empty_part_is_null_or_an_empty_array(fake: SalesmanagoFake) -> None:
    fake.people.add("ann@example.com")

    as_null = _one(fake, "TAG")
    _switch(fake, empty_parts="empty")

    assert as_null["tagData"] is None
    assert _one(fake, "TAG")["tagData"] == []


@pytest.mark.parametrize(
    ("position", "key"),
    [("plain", "consentsData"), ("contact", "contactConsentsData")],
)
def test_the_parts_that_nobody_saw_are_called_as_switched(
    fake: SalesmanagoFake, position: str, key: str
) -> None:
    _switch(fake, part_keys=position)
    fake.people.add("ann@example.com")

    parts = _one(fake, "CONSENTS")

    assert {key, "contactData", "tagData", "contactPropertiesData"} <= parts.keys()
    assert len(parts) == 13


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        ("tag", "VIP", True),
        ("tag", "OTHER", False),
        ("email", "ann@example.com", True),
        ("contactId", "nobody", False),
        ("funnel", "VIP", False),
        ("segment", "VIP", False),
    ],
)
def test_contacts_are_named_by_tag_email_or_id(
    fake: SalesmanagoFake, kind: str, value: str, found: bool
) -> None:
    fake.people.add("ann@example.com", tags=["vip"])
    asked = [{"addresseeType": kind, "value": value}]

    assert bool(_file(fake, _start_data(fake, asked, "CONTACT"))) is found


@pytest.mark.parametrize(
    ("contacts", "data"),
    [
        ([], [{"dataType": "TAG"}]),
        ([{"addresseeType": "planet", "value": "x"}], [{"dataType": "TAG"}]),
        ([{"addresseeType": "tag", "value": "x"}], []),
        ([{"addresseeType": "tag", "value": "x"}], [{"dataType": "PLANET"}]),
        (["tag"], [{"dataType": "TAG"}]),
    ],
)
def test_an_export_of_unknown_things_is_refused(
    fake: SalesmanagoFake, contacts: Any, data: Any
) -> None:
    answer = _ask(fake, "contact/export/data", contacts=contacts, data=data)

    assert answer["success"] is False


def test_a_file_is_plain_ascii_or_not(fake: SalesmanagoFake) -> None:
    fake.people.add("ann@example.com", name="Żaneta")

    escaped = _get(fake, _link(fake, _start(fake))).body
    _switch(fake, is_export_escaped=False)
    plain = _get(fake, _link(fake, _start(fake))).body

    assert escaped.isascii()
    assert "Żaneta".encode() in plain
