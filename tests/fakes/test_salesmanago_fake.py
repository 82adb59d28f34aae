"""The fake SALESmanago: what it answers, and each of its switches."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from crmbridge._steps import Reply, Request
from crmbridge.errors import (
    ConnectionFailedError,
    ConnectionLostError,
    InvalidInputError,
    NotFoundError,
)
from crmbridge.testing import Fault, SalesmanagoFake, SalesmanagoSwitches
from crmbridge.testing._clock import FakeClock

ANN = "ann@example.com"
ADMIN = "admin@example.com"
BOB = "bob@example.com"


@pytest.fixture
def fake() -> SalesmanagoFake:
    return SalesmanagoFake(users=(ADMIN, BOB))


def _request(path: str, body: dict[str, Any] | None = None, **auth: Any) -> Request:
    sha = hashlib.sha1(b"keyfake-clientfake-secret").hexdigest()  # noqa: S324 - as the service wants it
    signed = {"clientId": "fake-client", "apiKey": "key", "requestTime": 1, "sha": sha}
    json = {"owner": ADMIN, **signed, **(body or {}), **auth}
    url = f"https://salesmanago.example.com/api/{path}"
    return Request("salesmanago", "POST", url, json=json)


def _ask(fake: SalesmanagoFake, path: str, **body: Any) -> dict[str, Any]:
    answer: dict[str, Any] = fake.handle(_request(path, body)).json()
    return answer


def _switch(fake: SalesmanagoFake, **switches: Any) -> None:
    fake.switches = SalesmanagoSwitches(**switches)


def _upsert(fake: SalesmanagoFake, email: str = ANN, **body: Any) -> dict[str, Any]:
    contact = {"email": email, **body.pop("contact", {})}
    body.setdefault("forceOptIn", False)
    body.setdefault("useApiDoubleOptIn", False)
    return _ask(fake, "contact/upsert", contact=contact, **body)


def _list(fake: SalesmanagoFake, *emails: str) -> list[dict[str, Any]]:
    contacts: list[dict[str, Any]] = _ask(fake, "contact/listAll", email=[*emails])[
        "contacts"
    ]
    return contacts


# --- the envelope ---


def test_answers_carry_the_fakes_clock(fake: SalesmanagoFake) -> None:
    assert isinstance(fake.clock, FakeClock)
    fake.clock.advance(90)

    assert fake.handle(_request("user/listByClient")).date == fake.clock.now()


# --- upsert ---


def test_a_new_contact_is_a_prospect(fake: SalesmanagoFake) -> None:
    fake.clock.sleep(0.7)
    answer = _upsert(fake, contact={"name": "Ann", "externalId": "Z1"})

    card = fake.people.get(ANN)
    assert answer["contactId"] == card["id"]
    assert answer["externalId"] == "Z1"
    assert (card["state"], card["score"], card["deleted"]) == ("PROSPECT", 0, False)
    assert card["createdOn"] == card["modifiedOn"] == 1767614400000
    assert card["mainContactOwner"] == ADMIN
    assert card["address"] is None


def test_what_is_omitted_stays(fake: SalesmanagoFake) -> None:
    _upsert(fake, contact={"name": "Ann", "address": {"city": "Kielce"}})
    _upsert(fake, contact={"fax": "1"}, province="Slask")

    card = fake.people.get(ANN)
    assert (card["name"], card["fax"], card["province"]) == ("Ann", "1", "Slask")
    assert card["address"]["city"] == "Kielce"
    assert card["address"]["country"] is None


@pytest.mark.parametrize(
    ("name", "value"), [("empty_values", ""), ("null_values", None)]
)
@pytest.mark.parametrize(
    ("position", "left"), [("keep", "1"), ("clear", None), ("reject", "1")]
)
def test_empty_values_follow_their_switch(
    fake: SalesmanagoFake, name: str, value: str | None, position: str, left: str | None
) -> None:
    fake.people.add(ANN, phone="1", province="1", birthday="0804")
    _switch(fake, **{name: position})

    answer = _upsert(
        fake, contact={"phone": value}, province=value, properties={"p": value}
    )

    assert answer["success"] is (position != "reject")
    card = fake.people.get(ANN)
    assert (card["phone"], card["province"]) == (left, left)


@pytest.mark.parametrize(
    ("flags", "switches", "is_out"),
    [
        ({"forceOptIn": False}, {}, True),
        ({"forceOptIn": False}, {"new_contacts": "in"}, False),
        ({"forceOptIn": None}, {}, False),
        ({"forceOptIn": None}, {"omitted_flags": "out"}, True),
        ({"forceOptIn": None}, {"omitted_flags": "keep"}, True),
        ({"forceOptIn": True}, {}, False),
        ({"forceOptOut": True}, {"new_contacts": "in"}, True),
        ({"forceOptIn": True, "forceOptOut": True}, {}, False),
        ({"forceOptIn": True, "forceOptOut": True}, {"both_flags": "out"}, True),
    ],
)
def test_permission_of_a_new_contact(
    fake: SalesmanagoFake, flags: dict[str, Any], switches: dict[str, Any], is_out: bool
) -> None:
    _switch(fake, **switches)
    sent = {name: value for name, value in flags.items() if value is not None}

    body = {"contact": {"email": ANN}, "useApiDoubleOptIn": False, **sent}
    _ask(fake, "contact/upsert", **body)

    assert fake.people.get(ANN)["optedOut"] is is_out


def test_contradictory_flags_may_be_refused(fake: SalesmanagoFake) -> None:
    _switch(fake, both_flags="reject")

    assert not _upsert(fake, forceOptIn=True, forceOptOut=True)["success"]
    assert ANN not in fake.people


def test_flags_all_false_keep_a_permission(fake: SalesmanagoFake) -> None:
    fake.people.add(ANN)

    _upsert(fake, forcePhoneOptOut=True)

    card = fake.people.get(ANN)
    assert (card["optedOut"], card["optedOutPhone"]) == (False, True)


def test_a_double_opt_in_waits_for_the_click(fake: SalesmanagoFake) -> None:
    _ask(fake, "contact/upsert", contact={"email": ANN}, forceOptIn=True)

    assert fake.people.get(ANN)["optedOut"]
    assert fake.confirmation_mails == (ANN,)
    fake.people.confirm(ANN)
    assert not fake.people.get(ANN)["optedOut"]
    with pytest.raises(NotFoundError):
        fake.people.confirm(ANN)


def test_opted_out_is_never_taken_as_input(fake: SalesmanagoFake) -> None:
    fake.people.add(ANN)

    _upsert(fake, contact={"optedOut": True}, optedOut=True)

    assert not fake.people.get(ANN)["optedOut"]


@pytest.mark.parametrize(
    ("sent", "parts"),
    [("19840804", ("1984", "8", "4")), ("1231", (None, "12", "31"))],
)
def test_a_birthday_comes_back_in_unpadded_parts(
    fake: SalesmanagoFake, sent: str, parts: tuple[str | None, str, str]
) -> None:
    _upsert(fake, birthday=sent)

    card = fake.people.get(ANN)
    names = ("birthdayYear", "birthdayMonth", "birthdayDay")
    assert tuple(card[name] for name in names) == parts


@pytest.mark.parametrize("position", ["ignore", "reject"])
def test_another_form_of_birthday(fake: SalesmanagoFake, position: str) -> None:
    fake.people.add(ANN, birthday="0804")
    _switch(fake, bad_birthdays=position)

    answer = _upsert(fake, birthday="1984-08-04")

    assert answer["success"] is (position == "ignore")
    assert fake.people.get(ANN)["birthdayDay"] == "4"


def test_too_long_a_value_is_refused_by_field(fake: SalesmanagoFake) -> None:
    answer = _upsert(fake, contact={"name": "n" * 256})

    assert list(answer["values"]) == ["name"]


def test_tags_are_normalised_added_and_removed(fake: SalesmanagoFake) -> None:
    _upsert(fake, tags=["vip, gość", "a b"])
    _upsert(fake, tags=["VIP"], removeTags=["a b"])
    _upsert(fake, tags=["VIP"], tagScoring=True)

    tags = [tag["tagWithScore"] for tag in fake.people.get(ANN)["contactTags"]]
    assert tags == ["VIP (2)", "GOSC (1)"]


def test_properties_are_merged_by_name(fake: SalesmanagoFake) -> None:
    _upsert(fake, properties={"a": "1", "b": "2"})
    _upsert(fake, properties={"a": "3"})

    properties = fake.people.get(ANN)["properties"]
    assert {row["name"]: row["value"] for row in properties} == {"a": "3", "b": "2"}


def test_a_rename_keeps_the_id(fake: SalesmanagoFake) -> None:
    card_id = fake.people.add(ANN)

    _upsert(fake, newEmail="new@example.com")
    _upsert(fake, "new@example.com", newEmail="")

    assert fake.people.get("new@example.com")["id"] == card_id
    assert ANN not in fake.people


@pytest.mark.parametrize(
    ("position", "left"), [("reject", 2), ("ignore", 2), ("merge", 1)]
)
def test_a_taken_address_follows_its_switch(
    fake: SalesmanagoFake, position: str, left: int
) -> None:
    fake.people.add(ANN)
    fake.people.add(BOB)
    _switch(fake, taken_email=position)

    assert _upsert(fake, newEmail=BOB)["success"] is (position != "reject")
    assert len(fake.people) == left


@pytest.mark.parametrize(("moves", "owner"), [(False, ADMIN), (True, BOB)])
def test_writing_under_another_owner(
    fake: SalesmanagoFake, moves: bool, owner: str
) -> None:
    fake.people.add(ANN)
    _switch(fake, moves_owner=moves)

    _upsert(fake, owner=BOB)

    assert fake.people.get(ANN)["mainContactOwner"] == owner


def test_a_write_is_seen_by_reads_after_its_delay(fake: SalesmanagoFake) -> None:
    fake.people.add(ANN, name="Old")
    _switch(fake, visible_after_seconds=5.0)

    _upsert(fake, contact={"name": "New"})
    _upsert(fake, BOB)

    assert [card["name"] for card in _list(fake, ANN, BOB)] == ["Old"]
    fake.clock.sleep(5)
    assert len(_list(fake, ANN, BOB)) == 2
    assert _list(fake, ANN)[0]["name"] == "New"


# --- batches ---


def _batch(fake: SalesmanagoFake, *emails: str) -> dict[str, Any]:
    details = [{"contact": {"email": email}} for email in emails]
    return _ask(fake, "contact/batchupsert", upsertDetails=details)


def test_a_bad_record_is_missing_from_the_map(fake: SalesmanagoFake) -> None:
    answer = _batch(fake, "Ann@example.com", "bad")

    assert answer["contactIds"] == {ANN: fake.people.get(ANN)["id"]}
    assert fake.contacts_written == 1


def test_a_map_may_keep_the_spelling(fake: SalesmanagoFake) -> None:
    _switch(fake, map_keys="sent")

    assert list(_batch(fake, "Ann@example.com")["contactIds"]) == ["Ann@example.com"]


def test_a_bad_record_may_refuse_the_batch(fake: SalesmanagoFake) -> None:
    _switch(fake, bad_record="whole")

    assert not _batch(fake, ANN, "bad")["success"]
    assert ANN not in fake.people


def test_too_long_a_batch_is_refused(fake: SalesmanagoFake) -> None:
    _switch(fake, longest_batch=1)

    assert not _batch(fake, ANN, BOB)["success"]


def test_double_opt_in_is_the_default_of_batches(fake: SalesmanagoFake) -> None:
    detail = {"contact": {"email": ANN}, "forceOptIn": True}

    _ask(fake, "contact/batchupsert", upsertDetails=[detail])

    assert fake.confirmation_mails == (ANN,)


# --- reads ---


def test_has_contact_of_a_stranger_is_a_success(fake: SalesmanagoFake) -> None:
    answer = _ask(fake, "contact/hasContact", email=ANN)

    assert answer == {
        "success": True,
        "message": [],
        "result": False,
        "contactId": None,
    }


def test_basic_and_list_name_the_id_differently(fake: SalesmanagoFake) -> None:
    card_id = fake.people.add(ANN)

    basic = _ask(fake, "contact/basicById", id=[card_id])["contacts"][0]
    listed = _ask(fake, "contact/listById", contactId=[card_id])["contacts"][0]

    assert (basic["contactId"], listed["id"]) == (card_id, card_id)
    assert "id" not in basic
    assert {"province", "mainContactOwner", "contactTags"} & basic.keys() == set()


def test_owner_bound_reads_show_only_their_own(fake: SalesmanagoFake) -> None:
    fake.people.add(ANN, owner=BOB)

    assert _ask(fake, "contact/list", email=[ANN])["contacts"] == []
    assert len(_list(fake, ANN)) == 1
    _switch(fake, sees_all=frozenset({ADMIN}))
    assert len(_ask(fake, "contact/list", email=[ANN])["contacts"]) == 1


def test_missing_ones_are_left_out(fake: SalesmanagoFake) -> None:
    fake.people.add(ANN)

    assert [card["email"] for card in _list(fake, ANN, BOB, ANN)] == [ANN]


def test_reads_are_shuffled_unless_switched(fake: SalesmanagoFake) -> None:
    emails = [f"p{number}@example.com" for number in range(50)]
    for email in emails:
        fake.people.add(email)

    shuffled = [card["email"] for card in _list(fake, *emails)]
    _switch(fake, is_shuffled=False)

    assert shuffled != emails
    assert [card["email"] for card in _list(fake, *emails)] == emails


@pytest.mark.parametrize(("position", "found"), [("reject", None), ("truncate", 50)])
def test_more_than_fifty(
    fake: SalesmanagoFake, position: str, found: int | None
) -> None:
    emails = [f"p{number}@example.com" for number in range(51)]
    for email in emails:
        fake.people.add(email)
    _switch(fake, long_lists=position)

    contacts = _ask(fake, "contact/listAll", email=emails).get("contacts")

    assert (None if contacts is None else len(contacts)) == found


def test_answers_are_escaped(fake: SalesmanagoFake) -> None:
    fake.people.add(ANN, name="Żółć")

    body = fake.handle(_request("contact/listAll", {"email": [ANN]})).body

    assert body.isascii()
    assert json.loads(body)["contacts"][0]["name"] == "Żółć"


# --- feeds ---


def _feed(fake: SalesmanagoFake, **body: Any) -> dict[str, Any]:
    window = {"from": 1767614400000, "to": 1767614500000, "page": 1, "size": 1000}
    return _ask(fake, "contact/paginatedModifiedContacts", **{**window, **body})


def _ids(fake: SalesmanagoFake, **body: Any) -> list[str]:
    return [row["email"] for row in _feed(fake, **body)["modifiedContacts"]]


def test_a_feed_is_bound_to_its_owner(fake: SalesmanagoFake) -> None:
    card_id = fake.people.add(ANN, owner=BOB)

    assert _ids(fake) == []
    rows = _feed(fake, owner=BOB)["modifiedContacts"]
    assert rows == [{"id": card_id, "email": ANN}]


@pytest.mark.parametrize(("is_inclusive", "found"), [(True, [ANN]), (False, [])])
def test_the_end_of_a_window(
    fake: SalesmanagoFake, is_inclusive: bool, found: list[str]
) -> None:
    fake.people.add(ANN)
    _switch(fake, is_end_inclusive=is_inclusive)

    assert _ids(fake, to=1767614400000) == found


def test_pages_count_from_one(fake: SalesmanagoFake) -> None:
    for number in range(3):
        fake.people.add(f"p{number}@example.com")

    first, second = _feed(fake, size=2), _feed(fake, size=2, page=2)

    assert (len(first["modifiedContacts"]), first["hasMore"]) == (2, True)
    assert (len(second["modifiedContacts"]), second["hasMore"]) == (1, False)


@pytest.mark.parametrize(("position", "is_taken"), [("refuse", False), ("first", True)])
def test_page_zero(fake: SalesmanagoFake, position: str, is_taken: bool) -> None:
    _switch(fake, page_zero=position)

    assert _feed(fake, page=0)["success"] is is_taken


def test_a_page_has_at_most_a_thousand(fake: SalesmanagoFake) -> None:
    assert not _feed(fake, size=1001)["success"]


@pytest.mark.parametrize("kind", ["data", "consent", "owner", "tags"])
@pytest.mark.parametrize("is_bumping", [True, False])
def test_what_moves_the_modified_time(
    fake: SalesmanagoFake, kind: str, is_bumping: bool
) -> None:
    edits: dict[str, dict[str, Any]] = {
        "data": {"name": "New"},
        "consent": {"opted_out": True},
        "owner": {"owner": BOB},
        "tags": {"tags": ["X"]},
    }
    fake.people.add(ANN)
    _switch(fake, bumps=frozenset({kind} if is_bumping else ()))
    fake.clock.sleep(10)

    fake.people.edit(ANN, **edits[kind])

    card = fake.people.get(ANN)
    assert (card["modifiedOn"] > card["createdOn"]) is is_bumping


@pytest.mark.parametrize("is_bumping", [True, False])
def test_a_write_without_change(fake: SalesmanagoFake, is_bumping: bool) -> None:
    fake.people.add(ANN, name="Ann")
    _switch(fake, bumps_unchanged=is_bumping)
    fake.clock.sleep(10)

    _upsert(fake, contact={"name": "Ann"})

    card = fake.people.get(ANN)
    assert (card["modifiedOn"] > card["createdOn"]) is is_bumping


def test_who_is_in_the_feeds_follows_switches(fake: SalesmanagoFake) -> None:
    fake.people.add(ANN)
    fake.people.add("out@example.com", opted_out=True)
    fake.people.add("gone@example.com")
    fake.people.delete("gone@example.com")

    assert len(_ids(fake)) == 3
    _switch(fake, shows_opted_out=False, shows_deleted=False)
    assert _ids(fake) == [ANN]
    _switch(fake, shows_created_as_modified=False)
    assert _ids(fake) == []
    created = _ask(fake, "contact/createdContacts", **{"from": 0, "to": 1767614500000})
    assert len(created["createdContacts"]) == 3


# --- permission, owner, delete ---


@pytest.mark.parametrize("needs_present", [True, False])
def test_moving_to_another_owner(fake: SalesmanagoFake, needs_present: bool) -> None:
    fake.people.add(ANN, owner=BOB)
    _switch(fake, needs_present_owner=needs_present)

    answer = _ask(fake, "contact/setMainOwner", contact=ANN, newOwner=ADMIN)

    assert answer["success"] is not needs_present
    assert _ask(fake, "contact/setMainOwner", contact=ANN, newOwner=BOB, owner=BOB)


def test_a_soft_delete_lasts_until_a_write_or_the_night(fake: SalesmanagoFake) -> None:
    fake.people.add(ANN)
    fake.people.add(BOB)

    for email in (ANN, BOB):
        assert _ask(fake, "contact/delete", email=email)["result"] is None
    _upsert(fake)

    assert _list(fake, BOB)[0]["deleted"]
    fake.people.purge()
    assert ANN in fake.people
    assert BOB not in fake.people


def test_a_permanent_delete_is_at_once(fake: SalesmanagoFake) -> None:
    fake.people.add(ANN)
    _switch(fake, delete_answer="text")

    answer = _ask(fake, "contact/delete", email=ANN, permanently=True)

    assert answer["result"] == "Contact deleted"
    assert not _ask(fake, "contact/hasContact", email=ANN)["result"]


def test_a_delete_may_answer_no_json(fake: SalesmanagoFake) -> None:
    fake.people.add(ANN)
    _switch(fake, delete_answer="unreadable")

    reply = fake.handle(_request("contact/delete", {"email": ANN}))

    assert (reply.status, reply.body) == (200, b"OK")


# --- counters, people, faults ---


def test_people_are_edited_as_in_the_web_pages(fake: SalesmanagoFake) -> None:
    fake.people.add(ANN, name="Ann", city="Kielce", properties={"a": "1"})

    fake.people.edit(ANN, city=None, birthday="19840804", email="new@example.com")
    fake.people.opt_out("new@example.com")

    (card,) = fake.people.contacts()
    assert (card["address"], card["birthdayYear"], card["optedOut"]) == (
        None,
        "1984",
        True,
    )
    fake.people.opt_in("new@example.com")
    assert not fake.people.get("new@example.com")["optedOut"]
    assert (fake.writes, fake.contacts_written) == (0, 0)


def test_people_refuse_what_is_not_there(fake: SalesmanagoFake) -> None:
    fake.people.add(ANN)

    with pytest.raises(InvalidInputError):
        fake.people.add("ANN@example.com")
    with pytest.raises(InvalidInputError):
        fake.people.edit(ANN, nickname="A")
    with pytest.raises(NotFoundError):
        fake.people.edit(BOB, name="B")


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        (Fault.html(), 200, b"<html"),
        (Fault.text(""), 200, b""),
        (Fault.text("Internal"), 200, b"Internal"),
        (Fault.status(503), 503, b"<html"),
        (Fault.json({"success": False, "message": ["no"]}), 200, b'{"success": false'),
    ],
)
def test_a_fault_answers_instead(
    fake: SalesmanagoFake, fault: Fault, status: int, body: bytes
) -> None:
    fake.fail_next(fault, "/api/contact/*")

    reply = fake.handle(_request("contact/upsert", {"contact": {"email": ANN}}))

    assert reply.status == status
    assert reply.body.startswith(body)
    assert ANN not in fake.people
    assert _upsert(fake)["success"]


@pytest.mark.parametrize("wait", [None, 7.0])
def test_a_429_may_say_when_to_come_back(
    fake: SalesmanagoFake, wait: float | None
) -> None:
    fake.fail_next(Fault.status(429, retry_after_seconds=wait))

    reply = fake.handle(_request("user/listByClient"))

    assert (reply.status, reply.retry_after_seconds) == (429, wait)


def test_a_connection_may_be_cut_after_the_write(fake: SalesmanagoFake) -> None:
    fake.fail_next(Fault.cut())

    with pytest.raises(ConnectionLostError):
        _upsert(fake)

    assert ANN in fake.people


def test_a_service_may_be_unreachable(fake: SalesmanagoFake) -> None:
    fake.fail_next(Fault.unreachable(), times=2)

    for _ in range(2):
        with pytest.raises(ConnectionFailedError):
            _upsert(fake)
    assert ANN not in fake.people
    assert _upsert(fake)["success"]


def test_an_answer_may_be_truncated_or_late(fake: SalesmanagoFake) -> None:
    started = fake.clock().at
    fake.fail_next(Fault.truncated())
    fake.fail_next(Fault.slow(30))
    request = _request("contact/upsert", {"contact": {"email": ANN}})

    short, late = fake.handle(request), fake.handle(request)

    assert len(short.body) < len(late.body)
    assert fake.clock().at - started == timedelta(seconds=30)
    assert isinstance(late, Reply)
    assert fake.faults.waiting == 0


def test_it_is_safe_to_use_from_several_threads(fake: SalesmanagoFake) -> None:
    def work(worker: int) -> None:
        for number in range(50):
            _upsert(fake, f"p{number}@example.com", tags=[f"w{worker}"])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))

    assert len(fake.people) == 50
    assert fake.writes == fake.contacts_written == 400
    assert {len(card["contactTags"]) for card in fake.people.contacts()} == {8}
