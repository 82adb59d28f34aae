"""What the fake SALESmanago does with writes, under each of its switches."""

from __future__ import annotations

from typing import Any

import pytest

from crmbridge._steps import Request
from tests.salesmanago.conftest import World

ANN = "ann@example.com"
BOB = "bob@example.com"
FLAGS = ("forceOptIn", "forceOptOut", "forcePhoneOptIn", "forcePhoneOptOut")
KEEP: dict[str, Any] = {**dict.fromkeys(FLAGS, False), "useApiDoubleOptIn": False}


def ask(world: World, path: str, **body: Any) -> dict[str, Any]:
    """Send any body to an endpoint, as no method of the client would."""
    json = {"owner": "admin@example.com", **body}
    request = Request("salesmanago", "POST", f"/api/{path}", json=json)
    answer: dict[str, Any] = world.client().send(request).json()
    return answer


def upsert(world: World, email: str = ANN, **body: Any) -> dict[str, Any]:
    """Upsert one contact, by default without any change of permission."""
    contact = {"email": email, **body.pop("contact", {})}
    return ask(world, "contact/upsert", contact=contact, **{**KEEP, **body})


# --- texts ---


@pytest.mark.salesmanago_row(9)
@pytest.mark.parametrize(
    ("switch", "value"), [("empty_values", ""), ("null_values", None)]
)
@pytest.mark.parametrize(
    ("position", "left"), [("keep", "1"), ("clear", None), ("reject", "1")]
)
def test_an_empty_text_or_null_keeps_clears_or_is_refused(
    world: World, switch: str, value: str | None, position: str, left: str | None
) -> None:
    world.fake.people.add(ANN, phone="1", province="1", city="1", birthday="0804")
    world.switch(**{switch: position})

    answer = upsert(
        world,
        contact={"phone": value, "address": {"city": value}},
        province=value,
        birthday=value,
    )

    card = world.fake.people.get(ANN)
    city = (card["address"] or {}).get("city")
    assert answer["success"] is (position != "reject")
    assert (card["phone"], card["province"], city) == (left, left, left)
    assert (card["birthdayMonth"] is None) is (left is None)


@pytest.mark.salesmanago_row(9)
def test_a_field_that_is_omitted_stays(world: World) -> None:
    world.fake.people.add(ANN, phone="1", city="Kielce")

    upsert(world, contact={"fax": "2", "address": {"country": "PL"}})

    card = world.fake.people.get(ANN)
    assert (card["phone"], card["fax"]) == ("1", "2")
    assert (card["address"]["city"], card["address"]["country"]) == ("Kielce", "PL")


@pytest.mark.salesmanago_row(11)
@pytest.mark.parametrize(
    ("said", "state"), [({}, "PROSPECT"), ({"state": "OTHER"}, "OTHER")]
)
def test_a_new_contact_starts_with_its_defaults(
    world: World, said: dict[str, str], state: str
) -> None:
    world.clock.sleep(0.7)

    upsert(world, contact=said)

    card = world.fake.people.get(ANN)
    assert card["state"] == state
    assert (card["score"], card["deleted"], card["invalid"]) == (0, False, False)
    assert card["createdOn"] == card["modifiedOn"]
    assert card["createdOn"] == int(world.clock().at.timestamp()) * 1000


@pytest.mark.salesmanago_row(14)
@pytest.mark.parametrize(
    ("sent", "parts"),
    [("19840804", ("1984", "8", "4")), ("1231", (None, "12", "31"))],
)
def test_a_birthday_comes_back_in_unpadded_parts(
    world: World, sent: str, parts: tuple[str | None, str, str]
) -> None:
    upsert(world, birthday=sent)

    card = world.fake.people.get(ANN)
    names = ("birthdayYear", "birthdayMonth", "birthdayDay")
    assert tuple(card[name] for name in names) == parts


@pytest.mark.salesmanago_row(14)
@pytest.mark.parametrize("position", ["ignore", "reject"])
@pytest.mark.parametrize("sent", ["1984.08.04", "1984-08-04", "840804"])
def test_another_form_of_birthday_is_ignored_or_refused(
    world: World, position: str, sent: str
) -> None:
    world.fake.people.add(ANN, birthday="0101")
    world.switch(bad_birthdays=position)

    answer = upsert(world, birthday=sent)

    assert answer["success"] is (position == "ignore")
    assert world.fake.people.get(ANN)["birthdayDay"] == "1"


# --- the answer, and when reads see the write ---


@pytest.mark.salesmanago_row(10)
@pytest.mark.parametrize("is_async", [False, True])
def test_an_upsert_answers_both_ids(world: World, is_async: bool) -> None:
    body: dict[str, Any] = {"contact": {"externalId": "Z1"}, "async": is_async}

    answer = upsert(world, **body)

    card = world.fake.people.get(ANN)
    assert (answer["contactId"], answer["externalId"]) == (card["id"], "Z1")


@pytest.mark.salesmanago_row(10)
@pytest.mark.parametrize(("is_async", "name"), [(False, "New"), (True, "Old")])
def test_an_async_upsert_is_seen_later(world: World, is_async: bool, name: str) -> None:
    world.fake.people.add(ANN, name="Old")
    world.switch(async_seconds=3.0)

    body: dict[str, Any] = {"contact": {"name": "New"}, "async": is_async}
    upsert(world, **body)

    (card,) = world.client().list_all([ANN])
    assert card.name == name
    world.clock.sleep(3)
    (card,) = world.client().list_all([ANN])
    assert card.name == "New"


# --- permission ---


@pytest.mark.salesmanago_row(12)
@pytest.mark.parametrize("position", ["out", "in"])
def test_a_new_contact_with_all_flags_false_follows_its_switch(
    world: World, position: str
) -> None:
    world.switch(new_contacts=position)

    upsert(world)

    assert world.fake.people.get(ANN)["optedOut"] is (position == "out")


@pytest.mark.salesmanago_row(12)
@pytest.mark.parametrize("is_out", [True, False])
def test_all_flags_false_keep_the_permission_of_a_contact(
    world: World, is_out: bool
) -> None:
    world.fake.people.add(ANN, opted_out=is_out)

    upsert(world, contact={"name": "Ann"})

    assert world.fake.people.get(ANN)["optedOut"] is is_out


@pytest.mark.salesmanago_row(12)
@pytest.mark.parametrize("position", ["keep", "in", "out"])
@pytest.mark.parametrize("was_out", [True, False])
def test_omitted_flags_follow_their_switch(
    world: World, position: str, was_out: bool
) -> None:
    world.fake.people.add(ANN, opted_out=was_out)
    world.switch(omitted_flags=position)

    ask(world, "contact/upsert", contact={"email": ANN}, useApiDoubleOptIn=False)

    expected = {"keep": was_out, "in": False, "out": True}[position]
    assert world.fake.people.get(ANN)["optedOut"] is expected


@pytest.mark.salesmanago_row(12)
@pytest.mark.parametrize(
    ("position", "is_out"), [("in", False), ("out", True), ("reject", None)]
)
def test_both_flags_follow_their_switch(
    world: World, position: str, is_out: bool | None
) -> None:
    world.switch(both_flags=position)

    answer = upsert(world, forceOptIn=True, forceOptOut=True)

    assert answer["success"] is (is_out is not None)
    assert (ANN in world.fake.people) is (is_out is not None)
    if is_out is not None:
        assert world.fake.people.get(ANN)["optedOut"] is is_out


@pytest.mark.salesmanago_row(12)
@pytest.mark.parametrize(("position", "mails"), [(True, (ANN,)), (False, ())])
@pytest.mark.parametrize("path", ["contact/upsert", "contact/batchupsert"])
def test_double_opt_in_is_on_where_it_is_left_out(
    world: World, path: str, position: bool, mails: tuple[str, ...]
) -> None:
    world.switch(is_double_opt_in_default=position)
    details = {"contact": {"email": ANN}, "forceOptIn": True}
    body = {"upsertDetails": [details]} if "batch" in path else details

    ask(world, path, **body)

    assert world.fake.confirmation_mails == mails
    assert world.fake.people.get(ANN)["optedOut"] is position


@pytest.mark.salesmanago_row(12)
def test_a_double_opt_in_waits_for_the_click_and_mails_are_counted(
    world: World,
) -> None:
    for _ in range(2):
        upsert(world, forceOptIn=True, useApiDoubleOptIn=True)

    assert world.fake.people.get(ANN)["optedOut"]
    assert world.fake.confirmation_mails == (ANN, ANN)
    world.fake.people.confirm(ANN)
    assert not world.fake.people.get(ANN)["optedOut"]


@pytest.mark.salesmanago_row(13)
@pytest.mark.parametrize("was_out", [True, False])
def test_opted_out_is_never_input(world: World, was_out: bool) -> None:
    world.fake.people.add(ANN, opted_out=was_out, phone_opted_out=was_out)
    wrong = {"optedOut": not was_out, "optedOutPhone": not was_out}

    upsert(world, contact=dict(wrong), **dict[str, Any](wrong))

    card = world.fake.people.get(ANN)
    assert (card["optedOut"], card["optedOutPhone"]) == (was_out, was_out)


# --- insert and update ---


@pytest.mark.salesmanago_row(22)
@pytest.mark.parametrize(("position", "name"), [("reject", "Old"), ("update", "New")])
def test_an_insert_of_an_existing_contact_follows_its_switch(
    world: World, position: str, name: str
) -> None:
    card_id = world.fake.people.add(ANN, name="Old")
    world.switch(insert_existing=position)

    answer = ask(world, "contact/insert", contact={"email": ANN, "name": "New"}, **KEEP)

    assert answer["success"] is (position == "update")
    assert answer.get("contactId") == (card_id if position == "update" else None)
    assert (len(world.fake.people), world.fake.people.get(ANN)["name"]) == (1, name)


@pytest.mark.salesmanago_row(22)
def test_an_insert_makes_a_contact(world: World) -> None:
    answer = ask(world, "contact/insert", contact={"email": ANN}, **KEEP)

    assert answer["contactId"] == world.fake.people.get(ANN)["id"]


@pytest.mark.salesmanago_row(23)
@pytest.mark.parametrize(
    ("position", "is_success", "is_there"),
    [("reject", False, False), ("ignore", True, False), ("create", True, True)],
)
def test_an_update_of_a_missing_contact_follows_its_switch(
    world: World, position: str, is_success: bool, is_there: bool
) -> None:
    world.switch(update_missing=position)

    answer = ask(world, "contact/update", email=ANN, contact={"name": "Ann"}, **KEEP)

    assert (answer["success"], ANN in world.fake.people) == (is_success, is_there)


@pytest.mark.salesmanago_row(23)
@pytest.mark.parametrize("key", ["email", "contactId"])
def test_an_update_names_the_contact_by_email_or_id(world: World, key: str) -> None:
    card_id = world.fake.people.add(ANN, name="Old", fax="1")
    named = {key: ANN if key == "email" else card_id}

    answer = ask(world, "contact/update", contact={"name": "New"}, **named, **KEEP)

    card = world.fake.people.get(ANN)
    assert (answer["contactId"], card["name"], card["fax"]) == (card_id, "New", "1")


# --- batches ---


def batch(world: World, *emails: str, path: str = "batchupsert") -> dict[str, Any]:
    """Upsert contacts in one batch."""
    rows = [{"contact": {"email": email}, **KEEP} for email in emails]
    body = {"upsertDetails": rows, "useApiDoubleOptIn": False}
    return ask(world, f"contact/{path}", **body)


@pytest.mark.salesmanago_row(24)
@pytest.mark.parametrize(
    ("position", "is_success", "written"),
    [("missing", True, {ANN, BOB}), ("whole", False, set()), ("cut", False, {ANN})],
)
def test_a_bad_record_of_a_batch_follows_its_switch(
    world: World, position: str, is_success: bool, written: set[str]
) -> None:
    world.switch(bad_record=position)

    answer = batch(world, ANN, "bad", BOB)

    assert answer["success"] is is_success
    assert {row["email"] for row in world.fake.people.contacts()} == written
    if is_success:
        assert set(answer["contactIds"]) == written


@pytest.mark.salesmanago_row(24)
@pytest.mark.parametrize(("position", "key"), [("sent", "Ann@X.pl"), ("lower", None)])
def test_the_spelling_of_an_id_map_follows_its_switch(
    world: World, position: str, key: str | None
) -> None:
    world.switch(map_keys=position)

    assert list(batch(world, "Ann@X.pl")["contactIds"]) == [key or "ann@x.pl"]


@pytest.mark.salesmanago_row(25)
def test_a_later_batch_answers_a_number_and_is_carried_out_later(world: World) -> None:
    world.switch(later_seconds=60.0)

    answer = batch(world, ANN, path="batchupsertv2")

    assert isinstance(answer["requestId"], int)
    assert ANN not in world.fake.people
    world.clock.sleep(60)
    assert ANN in world.fake.people


@pytest.mark.salesmanago_row(25)
@pytest.mark.parametrize(
    ("position", "is_success", "written"),
    [("missing", True, {ANN, BOB}), ("whole", False, set()), ("cut", True, {ANN})],
)
def test_a_bad_record_of_a_later_batch_follows_its_switch(
    world: World, position: str, is_success: bool, written: set[str]
) -> None:
    world.switch(later_bad_record=position)

    answer = batch(world, ANN, "bad", BOB, path="batchupsertv2")
    world.clock.sleep(60)

    assert answer["success"] is is_success
    assert {row["email"] for row in world.fake.people.contacts()} == written


@pytest.mark.salesmanago_row(25)
@pytest.mark.parametrize(
    ("fires", "default", "fired"),
    [
        (True, False, (ANN,)),
        (False, True, ()),
        (None, True, (ANN,)),
        (None, False, ()),
    ],
)
def test_a_later_batch_records_whether_automations_start(
    world: World, fires: bool | None, default: bool, fired: tuple[str, ...]
) -> None:
    world.switch(fires_events_default=default)
    said = {} if fires is None else {"fireEvents": fires}
    rows = [{"contact": {"email": ANN}, **KEEP}]

    ask(world, "contact/batchupsertv2", upsertDetails=rows, **said)
    world.clock.sleep(60)

    assert ANN in world.fake.people
    assert world.fake.events_fired == fired
    assert world.fake.recorded[-1].body.get("fireEvents") is fires


@pytest.mark.salesmanago_row(25)
def test_the_job_of_a_later_batch_ends_without_a_file(world: World) -> None:
    request_id = batch(world, ANN, path="batchupsertv2")["requestId"]

    while_running = ask(world, "job/status", requestId=request_id)
    when_done = ask(world, "job/status", requestId=request_id)

    assert while_running["message"]
    assert not while_running.get("fileUrl")
    assert when_done == {"success": True, "message": []}


@pytest.mark.salesmanago_row(26)
@pytest.mark.parametrize("longest", [400, 600, 1000])
@pytest.mark.parametrize("path", ["batchupsert", "batchupsertv2"])
def test_a_batch_beyond_the_limit_is_refused(
    world: World, path: str, longest: int
) -> None:
    world.switch(longest_batch=longest)
    emails = [f"p{number}@example.com" for number in range(longest + 1)]

    assert not batch(world, *emails, path=path)["success"]
    assert batch(world, *emails[:-1], path=path)["success"]


@pytest.mark.salesmanago_row(26)
@pytest.mark.parametrize(("position", "found"), [("reject", None), ("truncate", 50)])
def test_a_list_of_more_than_fifty_follows_its_switch(
    world: World, position: str, found: int | None
) -> None:
    emails = [f"p{number}@example.com" for number in range(51)]
    for email in emails:
        world.fake.people.add(email)
    world.switch(long_lists=position)

    contacts = ask(world, "contact/listAll", email=emails).get("contacts")

    assert (None if contacts is None else len(contacts)) == found
