"""Exports through the client: pages, data, jobs, links, under every switch."""

from __future__ import annotations

import io
import json
import logging
from itertools import product
from typing import Any

import pytest

from crmbridge._steps import Reply
from crmbridge.errors import (
    ConnectionLostError,
    CrmbridgeError,
    FileGoneError,
    InvalidInputError,
    MalformedReplyError,
    RefusedError,
    UnfinishedError,
)
from crmbridge.salesmanago import (
    Addressee,
    ConsentChange,
    ContactDetails,
    DictionaryDetail,
    ExportBounds,
    ExportPart,
    NamedConsent,
)
from crmbridge.testing import Fault
from tests.salesmanago.conftest import World

PAGE = "/api/contact/paginatedContactList/export"
DATA = "/api/contact/export/data"
STATUS = "/api/job/status"
FILES = "/files/export/"
BOB = "bob@example.com"
EVERY_PART = tuple(ExportPart)


def _add(world: World, count: int, **fields: Any) -> list[str]:
    people = world.fake.people
    return [people.add(f"p{number}@example.com", **fields) for number in range(count)]


def _reply(content: object) -> Fault:
    return Fault.json(content)


def _file(text: str | bytes) -> Fault:
    body = text if isinstance(text, bytes) else text.encode()
    return Fault(Reply(200, {"content-type": "application/json"}, body))


# --- all contacts ---


@pytest.mark.salesmanago_row(33)
def test_all_contacts_are_read_page_by_page(world: World) -> None:
    ids = _add(world, 5, name="Ann", phone="+48 1", country="PL")

    found = list(world.client().exports.contacts(size=2))

    assert [contact.id for contact in found] == ids
    first = found[0]
    assert (first.email, first.name) == ("p0@example.com", "Ann")
    assert (first.phone, first.country) == ("+48 1", "PL")
    assert (first.exists, first.success, first.extra) == (True, True, {})
    # Three pages hold contacts, and one more is empty.
    assert (world.fake.requests[PAGE], world.fake.requests[FILES]) == (4, 4)


def test_contacts_of_all_users_are_read_each_once(world: World) -> None:
    admin = world.fake.users[0]
    world.fake.users = (admin, BOB)
    world.switch(sees_all=frozenset({admin}))
    _add(world, 3)
    world.fake.people.add("his@example.com", owner=BOB)

    found = [contact.email for contact in world.client().exports.contacts()]

    assert len(found) == len(set(found)) == 4


def test_contacts_of_some_users_are_read(world: World) -> None:
    world.fake.users = (world.fake.users[0], BOB)
    _add(world, 1)
    his = world.fake.people.add("his@example.com", owner=BOB)

    found = list(world.client().exports.contacts(owners=[BOB, BOB]))

    assert [contact.id for contact in found] == [his]
    assert world.fake.requests["/api/user/listByClient"] == 0


def test_a_contact_that_slides_to_the_next_page_is_given_once(world: World) -> None:
    rows = [{"id": str(number), "email": "x"} for number in range(3)]
    pages = [{"contacts": rows[:2]}, {"contacts": rows[1:]}, {"contacts": []}]
    for page in pages:
        world.fake.fail_next(_reply(page), f"{FILES}*")

    found = list(world.client().exports.contacts(size=2))

    assert [contact.id for contact in found] == ["0", "1", "2"]


def test_a_page_that_comes_for_ever_is_noticed(world: World) -> None:
    world.fake.fail_next(_reply({"contacts": [{"id": "1"}]}), f"{FILES}*", times=99)

    with pytest.raises(MalformedReplyError, match="is the same as those before it"):
        list(world.client().exports.contacts())

    assert world.fake.requests[PAGE] == 4


def test_what_came_before_an_error_is_given(world: World) -> None:
    ids = _add(world, 4)
    contacts = world.client().exports.contacts(size=2)

    found = [next(contacts).id, next(contacts).id]
    world.fake.fail_next(_file('{"contacts": ['), f"{FILES}*")

    assert found == ids[:2]
    with pytest.raises(MalformedReplyError):
        next(contacts)


@pytest.mark.parametrize("position", ["empty", "null"])
def test_the_last_page_may_hold_an_empty_array_or_null(
    world: World, position: str
) -> None:
    world.switch(empty_export=position)
    _add(world, 1)

    assert len(list(world.client().exports.contacts())) == 1


@pytest.mark.parametrize(
    ("arguments", "field"),
    [({"size": 0}, "size"), ({"size": 1001}, "size"), ({"owners": []}, "owners")],
)
def test_contacts_out_of_range_are_refused_unasked(
    world: World, arguments: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        list(world.client().exports.contacts(**arguments))

    assert caught.value.field == field
    assert not world.fake.requests


def test_one_page_is_read(world: World) -> None:
    ids = _add(world, 3)
    exports = world.client().exports

    assert [c.id for c in exports.contacts_page(2, size=2)] == ids[2:]
    assert exports.contacts_page(3, size=2) == ()
    with pytest.raises(InvalidInputError, match="page counts from 1"):
        exports.contacts_page(0)


def test_a_page_with_more_contacts_than_asked_for_is_refused(world: World) -> None:
    rows = [{"id": str(number)} for number in range(3)]
    world.fake.fail_next(_reply({"contacts": rows}), f"{FILES}*")

    with pytest.raises(MalformedReplyError, match="more contacts than were asked for"):
        world.client().exports.contacts_page(1, size=2)


# --- all data of some contacts ---


def test_chosen_data_of_tagged_contacts_is_read(world: World) -> None:
    ann = world.fake.people.add(
        "ann@example.com",
        name="Ann",
        tags=["vip"],
        properties={"size": "L"},
        country="PL",
    )
    world.fake.people.add("bea@example.com")

    parts = [ExportPart.CONTACT, ExportPart.TAGS, ExportPart.PROPERTIES]
    (found,) = world.client().exports.data([Addressee.tag("VIP")], parts)

    assert found.id == ann
    assert (found.contact.id, found.contact.name) == (ann, "Ann")
    assert found.contact.address.country == "PL"
    assert [(tag.name, tag.score) for tag in found.tags] == [("VIP", 1)]
    assert found.properties == {"size": "L"}
    assert found.rows(ExportPart.NOTES) is None
    assert found.consents is None


@pytest.mark.parametrize("kind", ["email", "contact"])
def test_data_of_one_contact_is_read(world: World, kind: str) -> None:
    ann, _ = _add(world, 2)
    value = ann if kind == "contact" else " P0@example.com "

    addressee = getattr(Addressee, kind)(value)
    found = list(world.client().exports.data([addressee], EVERY_PART))

    assert [contact.id for contact in found] == [ann]


def test_nobody_with_a_tag_is_nothing(world: World) -> None:
    assert list(world.client().exports.data([Addressee.tag("X")], EVERY_PART)) == []


@pytest.mark.parametrize(
    ("addressees", "parts", "field"),
    [([], EVERY_PART, "addressees"), ([Addressee.tag("X")], [], "parts")],
)
def test_data_of_nobody_or_nothing_is_refused_unasked(
    world: World, addressees: Any, parts: Any, field: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        list(world.client().exports.data(addressees, parts))

    assert caught.value.field == field
    assert not world.fake.requests


def test_a_kind_of_addressee_that_is_not_known_is_a_refusal(world: World) -> None:
    addressee = Addressee("planet", "Earth")

    with pytest.raises(RefusedError):
        list(world.client().exports.data([addressee], EVERY_PART))


@pytest.mark.question(19)
@pytest.mark.salesmanago_row(19)
@pytest.mark.parametrize("part_keys", ["plain", "contact"])
@pytest.mark.parametrize("is_listed", [True, False])
def test_dictionary_details_and_consents_are_read_by_the_export(
    world: World, is_listed: bool, part_keys: str
) -> None:
    world.switch(lists_dictionary=is_listed, part_keys=part_keys)
    world.fake.people.define_consents("news")
    at = world.clock.now()
    client = world.client()
    client.upsert(
        ContactDetails(
            "ann@example.com",
            email_consent=ConsentChange.IN,
            dictionary=(DictionaryDetail("orders", 7), DictionaryDetail("last", at)),
            consents=(NamedConsent("news", is_accepted=True, at=at),),
        )
    )

    (found,) = client.exports.data([Addressee.email("ann@example.com")], EVERY_PART)

    at_ms = int(at.timestamp() * 1000)
    details = [(row.name, row.type, row.value) for row in found.dictionary_properties]
    assert details == [("orders", "NUMBER", "7"), ("last", "DATE", str(at_ms))]
    (consent,) = found.consents
    assert (consent.name, consent.is_accepted) == ("news", True)
    assert (consent.is_withdrawn, consent.agreed_on) == (False, at_ms)
    assert found.extra == {}


# --- jobs, whatever they look like ---

RUNNING = [
    {"is_running_job_success": success, "unfinished_link": link, "job_messages": words}
    for success, link, words in product(
        [True, False],
        ["missing", "null", "empty"],
        [(), ("W trakcie: 12 %",), ("Done", "ok", "")],
    )
]


@pytest.mark.question(9)
@pytest.mark.parametrize("switches", RUNNING, ids=str)
def test_a_job_is_done_when_there_is_a_link(
    world: World, switches: dict[str, Any]
) -> None:
    world.switch(job_looks=3, **switches)
    ids = _add(world, 1)

    found = world.client().exports.contacts_page(1)

    assert [contact.id for contact in found] == ids
    assert world.fake.requests[STATUS] == 4


@pytest.mark.question(9)
@pytest.mark.parametrize("switches", RUNNING, ids=str)
def test_a_job_that_runs_too_long_is_unfinished_and_goes_on(
    world: World, switches: dict[str, Any]
) -> None:
    world.switch(job_seconds=3600, **switches)
    ids = _add(world, 1)
    exports = world.client().exports

    with pytest.raises(UnfinishedError) as caught:
        exports.contacts_page(1)
    late = list(exports.contacts_of(caught.value.job_id, timeout_seconds=3600))

    assert caught.value.messages == switches["job_messages"]
    assert caught.value.waited_seconds >= 1800
    for words in filter(None, switches["job_messages"]):
        assert words not in f"{caught.value} {caught.value!r}"
    assert [contact.id for contact in late] == ids


@pytest.mark.question(9)
@pytest.mark.parametrize("switch", ["failed_jobs", "unknown_job"])
@pytest.mark.parametrize("position", ["refused", "message", "silent"])
def test_a_failed_or_unknown_job_is_waited_for_no_longer_than_the_bound(
    world: World, switch: str, position: str
) -> None:
    world.switch(**{switch: position})
    exports = world.client().exports
    job = exports.start_contacts_page(1) if switch == "failed_jobs" else 7

    begin = world.clock().ticks_seconds
    with pytest.raises(UnfinishedError) as caught:
        exports.wait(job, timeout_seconds=300)

    assert 300 <= world.clock().ticks_seconds - begin < 301
    assert caught.value.job_id == str(job)
    assert bool(caught.value.messages) is (position != "silent")
    # After 0, 2, 6, 14 seconds and so on, every 30 at last.
    assert world.fake.requests[STATUS] < 16


@pytest.mark.question(9)
@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize("seconds", [None, 60.0])
@pytest.mark.parametrize("uses", [1, 2, None])
def test_a_file_is_fetched_once_and_in_time(
    world: World, uses: int | None, seconds: float | None, status: int
) -> None:
    world.switch(link_uses=uses, link_seconds=seconds, ended_link_status=status)
    ids = _add(world, 1)

    found = world.client().exports.contacts_page(1)

    assert [contact.id for contact in found] == ids
    assert world.fake.requests[FILES] == 1


@pytest.mark.question(9)
@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_link_that_has_ended_makes_the_export_once_more(
    world: World, status: int
) -> None:
    ids = _add(world, 1)
    world.fake.fail_next(Fault.status(status), f"{FILES}*")

    found = world.client().exports.contacts_page(1)

    assert [contact.id for contact in found] == ids
    assert world.fake.requests[PAGE] == 2


@pytest.mark.question(9)
@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize("switches", [{"link_uses": 0}, {"link_seconds": 0.0}])
def test_links_that_always_end_too_early_are_an_error(
    world: World, switches: dict[str, Any], status: int
) -> None:
    world.switch(ended_link_status=status, **switches)

    with pytest.raises(FileGoneError) as caught:
        list(world.client().exports.data([Addressee.tag("X")], EVERY_PART))

    assert caught.value.status == status
    assert world.fake.requests[DATA] == 2


def test_a_cut_download_is_repeated_and_an_ended_link_renewed(world: World) -> None:
    ids = _add(world, 1)
    world.fake.fail_next(Fault.cut(), f"{FILES}*")

    found = world.client().exports.contacts_page(1)

    # The link served once, and that answer was lost.
    assert [contact.id for contact in found] == ids
    assert (world.fake.requests[FILES], world.fake.requests[PAGE]) == (3, 2)


def test_a_start_without_an_answer_is_repeated(world: World) -> None:
    ids = _add(world, 1)
    world.fake.fail_next(Fault.cut(), PAGE)

    found = world.client().exports.contacts_page(1)

    assert [contact.id for contact in found] == ids


def test_a_connection_that_stays_broken_is_an_error_of_ours(world: World) -> None:
    world.fake.fail_next(Fault.cut(), f"{FILES}*", times=99)

    with pytest.raises(ConnectionLostError):
        world.client().exports.contacts_page(1)


# --- one process starts, another takes up ---


@pytest.mark.question(9)
@pytest.mark.parametrize("is_success", [True, False])
def test_a_job_is_taken_up_by_its_number(world: World, is_success: bool) -> None:
    world.switch(is_running_job_success=is_success)
    ids = _add(world, 1, tags=["vip"])
    first, second = world.client().exports, world.client().exports

    page = first.start_contacts_page(1)
    data = first.start_data([Addressee.tag("VIP")], [ExportPart.TAGS])

    assert isinstance(page, int)
    assert [contact.id for contact in second.contacts_of(page)] == ids
    assert [contact.id for contact in second.data_of(str(data))] == ids


def test_a_job_tells_how_far_it_is(world: World) -> None:
    exports = world.client().exports
    job = exports.start_contacts_page(1)

    running, done = exports.job(job), exports.job(job)

    assert (running.has_file, running.is_refused) == (False, True)
    assert running.messages == ("Job is in progress",)
    assert (done.has_file, done.is_refused, done.messages) == (True, False, ())


@pytest.mark.salesmanago_row(25)
@pytest.mark.parametrize("is_success", [True, False])
def test_a_job_that_makes_no_file_never_has_one(world: World, is_success: bool) -> None:
    world.switch(is_running_job_success=is_success)
    job = world.fake._book.jobs.start()
    exports = world.client().exports

    running, done = exports.job(job), exports.job(job)

    assert (running.has_file, running.is_refused) == (False, not is_success)
    assert (done.has_file, done.is_refused, done.messages) == (False, False, ())


def test_a_taken_up_job_whose_link_has_ended_is_an_error(world: World) -> None:
    exports = world.client().exports
    job = exports.start_contacts_page(1)
    list(exports.contacts_of(job))

    with pytest.raises(FileGoneError, match="start another"):
        list(exports.contacts_of(job))


def test_a_file_is_downloaded_unread(world: World) -> None:
    _add(world, 1)
    exports = world.client().exports
    file = io.BytesIO(b"x" * 10_000)

    exports.download(exports.start_contacts_page(1), file)

    assert len(json.loads(file.getvalue())["contacts"]) == 1


@pytest.mark.parametrize("job_id", ["", "x", "-1", "1.5", "١"])
def test_what_is_no_number_is_no_job(world: World, job_id: str) -> None:
    with pytest.raises(InvalidInputError):
        world.client().exports.job(job_id)

    assert not world.fake.requests


# --- the link and the file ---


HOST = "files.example.com"
LINKS = [
    f"http://{HOST}/x",
    f"ftp://{HOST}/x",
    f"//{HOST}/x",
    "/files/x",
    "https:///x",
    f"https://user:pass@{HOST}/x",
    f"https://{HOST}/a b",
    f"https://{HOST}/a\nb",
    f"https://{HOST}/ż",
    f"https://{HOST}:99999/x",
    "https://[::1/x",
    f"https://{HOST}/{'x' * 9000}",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("link", LINKS)
def test_a_link_that_is_not_followed_is_not_shown(world: World, link: str) -> None:
    exports = world.client().exports
    job = exports.start_contacts_page(1)
    world.fake.fail_next(
        _reply({"success": True, "message": [], "fileUrl": link}), STATUS
    )

    with pytest.raises(MalformedReplyError) as caught:
        list(exports.contacts_of(job))

    assert link not in f"{caught.value} {caught.value!r}"
    assert world.fake.requests[FILES] == 0


def test_a_link_may_lie_on_another_host(world: World) -> None:
    ids = _add(world, 1)
    exports = world.client().exports
    job = exports.start_contacts_page(1)
    exports.job(job)
    link = exports.job(job).link.replace("salesmanago.example", "files.example")
    world.fake.fail_next(
        _reply({"success": True, "message": [], "fileUrl": link}), STATUS
    )

    assert [contact.id for contact in exports.contacts_of(job)] == ids


def test_http_is_followed_where_the_endpoint_is_http(world: World) -> None:
    ids = _add(world, 1)

    client = world.client(endpoint="http://127.0.0.1:8080")

    assert [contact.id for contact in client.exports.contacts_page(1)] == ids


@pytest.mark.parametrize("status", [204, 206, 301, 302, 307, 400])
def test_anything_but_a_file_is_malformed(world: World, status: int) -> None:
    headers = {"location": "https://elsewhere.example.com/secret"}
    world.fake.fail_next(Fault(Reply(status, headers)), f"{FILES}*")

    with pytest.raises(MalformedReplyError) as caught:
        world.client().exports.contacts_page(1)

    assert caught.value.status == status
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        "",
        " ",
        "<html></html>",
        "null",
        "[]",
        "{}",
        '{"contacts": [',
        '{"contacts": [{"id": "1"}]',
        '{"contacts": [{"id": "1"}]}x',
        '{"contacts": {}}',
        '{"contacts": [1]}',
        '{"contacts": [{"id": 1}]}',
        '{"contacts": [{}]}',
        '{"contacts": [], "contacts": []}',
        '{"success": false, "message": ["Sorry"]}',
        b'{"contacts": [{"id": "\xff"}]}',
        b"\x1f\x8b\x08\x00",
    ],
)
def test_a_page_that_is_not_what_it_should_be_is_malformed(
    world: World, content: str | bytes
) -> None:
    world.fake.fail_next(_file(content), f"{FILES}*")

    with pytest.raises(MalformedReplyError):
        world.client().exports.contacts_page(1)


@pytest.mark.parametrize(
    "content", ["", "{}", "[", "[1]", '[{"a": 1}]', '[{"": {}}]', "[{}]]", "[{},]"]
)
def test_data_that_is_not_what_it_should_be_is_malformed(
    world: World, content: str
) -> None:
    world.fake.fail_next(_file(content), f"{FILES}*")

    with pytest.raises(MalformedReplyError):
        list(world.client().exports.data([Addressee.tag("X")], EVERY_PART))


def test_a_file_above_its_bound_is_refused(world: World) -> None:
    _add(world, 3)
    bounds = ExportBounds(file_bytes=100)

    with pytest.raises(MalformedReplyError, match="larger than 100 bytes"):
        world.client().exports.contacts_page(1, bounds=bounds)


def test_a_contact_above_its_bound_is_refused(world: World) -> None:
    _add(world, 1, name="x" * 2000)
    bounds = ExportBounds(element_characters=1000)

    with pytest.raises(MalformedReplyError, match=r"element_characters \(1000\)"):
        world.client().exports.contacts_page(1, bounds=bounds)


def test_links_stay_out_of_logs_and_of_repr(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    exports = world.client().exports
    job = exports.start_contacts_page(1)
    exports.job(job)

    status = exports.job(job)
    list(exports.contacts_of(job))

    token = status.link.rpartition("/")[2]
    assert token not in repr(status)
    assert token not in caplog.text


def test_files_are_fetched_without_credentials(world: World) -> None:
    world.client().exports.contacts_page(1)

    # The fake refuses a file to who sends a body or an Authorization header.
    assert world.fake.requests[FILES] == 1
    assert all(not one.path.startswith(FILES) for one in world.fake.recorded)


# --- what nobody knows ---


@pytest.mark.question(28)
@pytest.mark.parametrize("is_deleted", [True, False])
@pytest.mark.parametrize("is_opted_out", [True, False])
def test_who_is_missing_in_an_export_is_found_by_id(
    world: World, is_opted_out: bool, is_deleted: bool
) -> None:
    world.switch(exports_deleted=is_deleted, exports_opted_out=is_opted_out)
    known = _add(world, 3)
    world.fake.people.opt_out("p1@example.com")
    world.fake.people.delete("p2@example.com")
    client = world.client()

    exported = {contact.id for contact in client.exports.contacts()}
    missing = set(known) - exported
    found = {contact.id: contact for contact in client.list_all_by_id(missing)}

    assert exported <= set(known)
    assert missing == {
        contact_id
        for contact_id, is_held in zip(
            known, (True, is_opted_out, is_deleted), strict=True
        )
        if not is_held
    }
    assert set(found) == missing
    assert is_opted_out or found[known[1]].opted_out is True
    assert is_deleted or found[known[2]].is_deleted is True


@pytest.mark.question(22)
@pytest.mark.parametrize("page_zero", ["refuse", "first"])
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_everything_is_read_without_the_paginated_list(
    world: World, size: int, page_zero: str
) -> None:
    world.switch(page_zero=page_zero)
    ids = _add(world, 3)

    found = [contact.id for contact in world.client().exports.contacts(size=size)]

    assert found == ids
    asked = {one.body["page"] for one in world.fake.recorded if one.path == PAGE}
    assert min(asked) == 1
    assert "/api/contact/paginatedListById" not in world.fake.requests


@pytest.mark.parametrize(
    "fault",
    [
        Fault.html(),
        Fault.text(""),
        Fault.text("Internal error"),
        Fault.json([]),
        Fault.json({"success": True, "message": []}),
        Fault.json({"success": True, "message": [], "requestId": "x"}),
        Fault.json({"success": True, "message": [], "requestId": True}),
        Fault.json({"success": True, "message": [], "requestId": -1}),
    ],
    ids=str,
)
def test_a_start_that_cannot_be_read_is_malformed(world: World, fault: Fault) -> None:
    world.fake.fail_next(fault, PAGE)

    with pytest.raises(MalformedReplyError):
        world.client().exports.start_contacts_page(1)


@pytest.mark.parametrize("path", [PAGE, STATUS, f"{FILES}*"])
@pytest.mark.parametrize(
    "fault",
    [
        Fault.status(429, retry_after_seconds=1),
        Fault.status(503),
        Fault.unreachable(),
        Fault.cut(is_applied=False),
        Fault.json({"success": False, "message": ["API limit reached"]}),
    ],
    ids=str,
)
def test_a_passing_failure_is_survived(world: World, path: str, fault: Fault) -> None:
    ids = _add(world, 1)
    if not (fault.reply and fault.reply.status == 200 and path.startswith(FILES)):
        world.fake.fail_next(fault, path)

    found = world.client().exports.contacts_page(1)

    assert [contact.id for contact in found] == ids


def test_half_a_file_is_an_error_of_ours(world: World) -> None:
    _add(world, 3)
    world.fake.fail_next(Fault.truncated(), f"{FILES}*")

    with pytest.raises(CrmbridgeError):
        world.client().exports.contacts_page(1)
