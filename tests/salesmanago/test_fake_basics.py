"""The fake SALESmanago's door: signature, envelope, broken answers, counters.

Asked by hand, without the client, so that the fake is held against its
description and not against our own reading of it.
"""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from attrs import evolve

from crmbridge._steps import Request
from crmbridge.errors import ConnectionLostError
from crmbridge.testing import FakeClock, Fault, SalesmanagoFake
from tests.salesmanago.asking import ADMIN, HOST, ask, reply_to, signed, switch

ANN = "ann@example.com"
BOB = "bob@example.com"
USERS = "user/listByClient"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def fake(clock: FakeClock) -> SalesmanagoFake:
    return SalesmanagoFake(users=(ADMIN, BOB), clock=clock)


def _upsert(fake: SalesmanagoFake, email: str = ANN, **body: Any) -> dict[str, Any]:
    return ask(
        fake,
        "contact/upsert",
        contact={"email": email},
        forceOptIn=False,
        useApiDoubleOptIn=False,
        **body,
    )


# --- what is taken at all ---

WRONG = [
    (signed("contact/nothing"), 404),
    (evolve(signed(USERS), url=f"{HOST}/other"), 404),
    (evolve(signed(USERS), method="GET"), 405),
    (evolve(signed(USERS), json=None), 415),
    (evolve(signed(USERS), json=[1]), 415),
    (evolve(signed(USERS), headers={"content-type": "text/plain"}), 415),
]


@pytest.mark.salesmanago_row(1)
@pytest.mark.parametrize(("request_", "status"), WRONG)
def test_what_no_endpoint_takes_is_answered_with_html(
    fake: SalesmanagoFake, request_: Request, status: int
) -> None:
    reply = fake.handle(request_)

    assert (reply.status, reply.headers["content-type"]) == (status, "text/html")
    assert b"<html>" in reply.body
    assert reply.headers.get("allow") == ("POST" if status == 405 else None)


@pytest.mark.salesmanago_row(1)
@pytest.mark.parametrize(("request_", "status"), WRONG)
@pytest.mark.parametrize("position", ["html", "refusal"])
def test_what_no_endpoint_takes_may_hide_behind_http_200(
    fake: SalesmanagoFake, request_: Request, status: int, position: str
) -> None:
    switch(fake, wrong_calls=position)

    reply = fake.handle(request_)

    assert status != reply.status == 200
    if position == "refusal":
        assert reply.json()["success"] is False
    else:
        assert b"<html>" in reply.body


@pytest.mark.salesmanago_row(1)
def test_json_may_name_its_characters(fake: SalesmanagoFake) -> None:
    headers = {"content-type": "Application/JSON; charset=UTF-8"}

    assert fake.handle(evolve(signed(USERS), headers=headers)).json()["success"]


# --- authentication ---


def _sha(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()  # noqa: S324 - as the service wants it


@pytest.mark.salesmanago_row(2)
@pytest.mark.parametrize("key", ["k", "źdźbło", "0" * 500])
def test_any_key_is_taken_with_the_right_signature(
    fake: SalesmanagoFake, key: str
) -> None:
    sha = _sha(f"{key}fake-clientfake-secret")

    assert ask(fake, USERS, apiKey=key, sha=sha)["success"]


@pytest.mark.salesmanago_row(2)
@pytest.mark.parametrize(
    "wrong",
    [
        {"sha": "0"},
        {"sha": _sha("keyfake-clientfake-secret").upper()},
        {"sha": None},
        {"clientId": "x"},
        {"clientId": "x", "sha": _sha("keyxfake-secret")},
        {"apiKey": "other"},
    ],
)
def test_a_wrong_signature_is_refused_inside_http_200(
    fake: SalesmanagoFake, wrong: dict[str, Any]
) -> None:
    reply = reply_to(fake, USERS, **wrong)

    assert reply.status == 200
    assert reply.json() == {"success": False, "message": ["User not authenticated"]}


@pytest.mark.salesmanago_row(2, 3)
@pytest.mark.parametrize("refusals", ["array", "string", "error", "none", "values"])
@pytest.mark.parametrize("says_why", [True, False])
def test_the_texts_of_authentication_are_told_in_every_form(
    fake: SalesmanagoFake, refusals: str, *, says_why: bool
) -> None:
    switch(fake, refusals=refusals, says_why=says_why)

    unknown = ask(fake, USERS, sha="0")
    switch(fake, is_inactive=True)
    inactive = ask(fake, USERS)

    assert "User not authenticated" in str(unknown)
    assert "'Not authenticated'" in str(inactive)


@pytest.mark.salesmanago_row(3)
def test_an_inactive_account_is_refused_once_it_is_known(fake: SalesmanagoFake) -> None:
    switch(fake, is_inactive=True)

    assert ask(fake, USERS) == {"success": False, "message": ["Not authenticated"]}
    assert ask(fake, USERS, sha="0")["message"] == ["User not authenticated"]


@pytest.mark.salesmanago_row(4)
@pytest.mark.parametrize("time", [None, "1760000000000", 1.5, True])
def test_a_time_is_required_and_a_whole_number(
    fake: SalesmanagoFake, time: object
) -> None:
    assert ask(fake, USERS, requestTime=time)["values"].keys() == {"requestTime"}


@pytest.mark.salesmanago_row(4)
@pytest.mark.parametrize("unit_ms", [1, 1000])
@pytest.mark.parametrize("off_ms", [0, 899_000, 901_000, -901_000, 10**12])
@pytest.mark.parametrize("is_checked", [True, False])
def test_a_time_that_is_off_is_refused_only_when_switched(
    fake: SalesmanagoFake, unit_ms: int, off_ms: int, *, is_checked: bool
) -> None:
    switch(fake, is_time_checked=is_checked)
    now_ms = int(fake.clock().at.timestamp() * 1000)

    answer = ask(fake, USERS, requestTime=(now_ms + off_ms) // unit_ms)

    is_near = unit_ms == 1 and abs(off_ms) <= 900_000
    assert answer["success"] is (is_near or not is_checked)


@pytest.mark.salesmanago_row(7)
@pytest.mark.parametrize("owner", ["nobody@example.com", "", None])
def test_an_unknown_owner_is_refused_unless_switched(
    fake: SalesmanagoFake, owner: object
) -> None:
    assert _upsert(fake, owner=owner)["values"].keys() == {"owner"}
    assert ask(fake, USERS, owner=owner)["success"]

    switch(fake, is_owner_checked=False)

    assert _upsert(fake, owner=owner)["success"]


@pytest.mark.salesmanago_row(7)
def test_every_user_may_be_the_owner(fake: SalesmanagoFake) -> None:
    assert _upsert(fake, owner=BOB)["success"]
    assert fake.people.get(ANN)["mainContactOwner"] == BOB


# --- the envelope ---


@pytest.mark.salesmanago_row(5)
@pytest.mark.parametrize(
    "path", [USERS, "contact/hasContact", "contact/basic", "contact/upsert"]
)
def test_a_success_has_the_envelope(fake: SalesmanagoFake, path: str) -> None:
    email: Any = [ANN] if path == "contact/basic" else ANN
    answer = ask(fake, path, email=email, contact={"email": ANN})

    assert answer["success"] is True
    assert answer["message"] == []


@pytest.mark.salesmanago_row(5, 6)
@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("array", {"message": ["Email address is not valid"]}),
        ("string", {"message": "Email address is not valid"}),
        ("error", {"error": "Email address is not valid"}),
        ("none", {"message": []}),
        (
            "values",
            {
                "message": ["Email address is not valid"],
                "values": {"email": ["Email address is not valid"]},
            },
        ),
    ],
)
def test_a_refusal_comes_inside_http_200_in_any_form(
    fake: SalesmanagoFake, form: str, words: dict[str, Any]
) -> None:
    switch(fake, refusals=form)

    reply = reply_to(fake, "contact/upsert", contact={"email": "bad"})

    assert reply.status == 200
    assert reply.json() == {"success": False, **words}


@pytest.mark.salesmanago_row(5)
def test_a_refusal_need_not_say_why(fake: SalesmanagoFake) -> None:
    switch(fake, says_why=False)

    assert _upsert(fake, "bad") == {
        "success": False,
        "message": ["It did not work"],
        "values": {"email": ["It did not work"]},
    }


@pytest.mark.salesmanago_row(6)
@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        (Fault.text(""), 200, b""),
        (Fault.text("Internal error"), 200, b"Internal error"),
        (Fault.html(), 200, b"<html>"),
        (Fault.status(502), 502, b"<html>"),
        (Fault.status(503), 503, b"<html>"),
        (Fault.status(504), 504, b"<html>"),
        (Fault.status(429), 429, b"<html>"),
        (Fault.salesmanago("no"), 200, b'{"success": false, "message": ["no"]}'),
        (Fault.salesmanago("no", status=400), 400, b'"success": false'),
        (Fault.salesmanago(values={"name": "no"}), 200, b'"values": {"name": "no"}'),
    ],
)
def test_an_answer_may_be_broken_and_nothing_done(
    fake: SalesmanagoFake, fault: Fault, status: int, body: bytes
) -> None:
    fake.fail_next(fault)

    reply = reply_to(fake, "contact/upsert", contact={"email": ANN})

    assert reply.status == status
    assert reply.body.startswith(body) or body in reply.body
    assert "retry-after" not in reply.headers
    assert ANN not in fake.people


@pytest.mark.salesmanago_row(6)
def test_a_429_may_say_how_long_to_wait(fake: SalesmanagoFake) -> None:
    fake.fail_next(Fault.status(429, retry_after_seconds=7))

    assert reply_to(fake, USERS).retry_after_seconds == 7.0


@pytest.mark.salesmanago_row(6)
@pytest.mark.parametrize("fault", [Fault.cut(), Fault.silent()])
def test_a_write_may_be_applied_though_no_answer_comes(
    fake: SalesmanagoFake, fault: Fault
) -> None:
    fake.fail_next(fault)

    with pytest.raises(ConnectionLostError):
        _upsert(fake)

    assert ANN in fake.people


@pytest.mark.salesmanago_row(6)
def test_an_answer_may_be_slow(fake: SalesmanagoFake, clock: FakeClock) -> None:
    fake.fail_next(Fault.slow(40))

    assert _upsert(fake)["success"]
    assert clock().ticks_seconds == 40


@pytest.mark.salesmanago_row(6)
@pytest.mark.parametrize(
    ("position", "status", "words"),
    [
        ("status", 429, b""),
        ("retry_after", 429, b""),
        ("unavailable", 503, b""),
        ("message", 200, b"limit"),
    ],
)
def test_too_many_requests_in_a_second_are_turned_away(
    fake: SalesmanagoFake, clock: FakeClock, position: str, status: int, words: bytes
) -> None:
    switch(fake, most_per_second=2, limit_answer=position)

    replies = [reply_to(fake, USERS) for _ in range(3)]
    clock.advance(1)
    replies += [reply_to(fake, USERS) for _ in range(2)]

    away = replies.pop(2)
    assert (away.status, words in away.body) == (status, True)
    assert (away.retry_after_seconds is not None) == (position == "retry_after")
    assert all(reply.json()["success"] for reply in replies)


@pytest.mark.salesmanago_row(6)
def test_a_request_that_was_turned_away_does_nothing(fake: SalesmanagoFake) -> None:
    switch(fake, most_per_second=1, limit_answer="message")

    answers = [_upsert(fake, email)["success"] for email in (ANN, BOB)]

    assert answers == [True, False]
    assert BOB not in fake.people


@pytest.mark.salesmanago_row(6)
@pytest.mark.parametrize(
    ("position", "status", "is_there"),
    [("redirect", 307, False), ("reject", 200, False), ("answer", 200, True)],
)
def test_another_server_does_what_its_switch_says(
    position: str, status: int, is_there: bool
) -> None:
    fake = SalesmanagoFake(home="https://app3.salesmanago.com")
    switch(fake, wrong_host=position)

    reply = reply_to(fake, "contact/upsert", contact={"email": ANN})

    assert reply.status == status
    assert (ANN in fake.people) is is_there
    if position == "redirect":
        place = "https://app3.salesmanago.com/api/contact/upsert"
        assert reply.headers["location"] == place
    else:
        assert reply.json()["success"] is is_there


@pytest.mark.salesmanago_row(6)
def test_the_accounts_own_server_serves(fake: SalesmanagoFake) -> None:
    fake.home = HOST

    assert _upsert(fake)["success"]


# --- one card per e-mail ---


@pytest.mark.salesmanago_row(8)
@pytest.mark.parametrize("is_case_kept", [True, False])
def test_addresses_that_differ_in_case_are_one_person_unless_switched(
    fake: SalesmanagoFake, *, is_case_kept: bool
) -> None:
    switch(fake, is_case_kept=is_case_kept)

    ids = {_upsert(fake, email)["contactId"] for email in (ANN, "Ann@Example.com")}

    assert len(ids) == len(fake.people) == (2 if is_case_kept else 1)


@pytest.mark.salesmanago_row(8)
def test_a_card_is_found_by_its_address_and_by_its_id(fake: SalesmanagoFake) -> None:
    card = _upsert(fake)["contactId"]

    by_email = ask(fake, "contact/listAll", email=["ANN@example.com"])["contacts"]
    by_id = ask(fake, "contact/listAllById", contactId=[card])["contacts"]

    assert by_email == by_id
    assert by_email[0]["id"] == card


@pytest.mark.salesmanago_row(8)
def test_a_card_keeps_the_spelling_it_was_made_with(fake: SalesmanagoFake) -> None:
    _upsert(fake, "Ann@Example.com")
    _upsert(fake)

    (card,) = fake.people.contacts()
    assert card["email"] == "Ann@Example.com"


# --- permission calls ---

CALLS = [
    ("optin", "optedOut", False),
    ("optout", "optedOut", True),
    ("phoneoptin", "optedOutPhone", False),
    ("phoneoptout", "optedOutPhone", True),
]


@pytest.mark.salesmanago_row(36)
@pytest.mark.parametrize("key", ["email", "contactId"])
@pytest.mark.parametrize("owner", [None, "nobody@example.com", ADMIN])
@pytest.mark.parametrize(("path", "field", "is_out"), CALLS)
def test_one_permission_is_changed_by_address_or_id_whoever_asks(
    fake: SalesmanagoFake, path: str, field: str, is_out: bool, owner: Any, key: str
) -> None:
    card = fake.people.add(
        ANN, owner=BOB, opted_out=not is_out, phone_opted_out=not is_out
    )
    before = dict(fake.people.get(ANN))
    named = {"email": ANN, "contactId": card}

    answer = ask(fake, f"contact/{path}", owner=owner, **{key: named[key]})

    assert answer == {"success": True, "message": [], "contactId": card}
    assert fake.people.get(ANN) == {**before, field: is_out}
    assert fake.writes == 1


@pytest.mark.salesmanago_row(36)
@pytest.mark.parametrize(("path", "field", "is_out"), CALLS)
@pytest.mark.parametrize("named", [{"email": ANN}, {"contactId": "x"}, {}])
def test_the_permission_of_nobody_is_refused(
    fake: SalesmanagoFake, path: str, field: str, is_out: bool, named: dict[str, str]
) -> None:
    answer = ask(fake, f"contact/{path}", owner=None, **named)

    assert answer["success"] is False
    assert len(fake.people) == 0


@pytest.mark.salesmanago_row(36)
@pytest.mark.parametrize(("path", "is_out"), [("in", False), ("out", True)])
def test_a_batch_of_permissions_answers_the_ids_of_those_that_are_there(
    fake: SalesmanagoFake, path: str, is_out: bool
) -> None:
    cards = {
        email: fake.people.add(email, opted_out=not is_out) for email in (ANN, BOB)
    }

    answer = ask(fake, f"contact/batchopt{path}", emails=[ANN, "x@example.com", BOB])

    assert answer["contactIds"] == cards
    assert all(card["optedOut"] is is_out for card in fake.people.contacts())


@pytest.mark.salesmanago_row(36)
def test_a_batch_of_permissions_needs_an_owner(fake: SalesmanagoFake) -> None:
    fake.people.add(ANN)

    answer = ask(fake, "contact/batchoptout", owner=None, emails=[ANN])

    assert answer["success"] is False


# --- counters ---


@pytest.mark.salesmanago_row(40)
def test_requests_are_counted_by_path_and_writes_as_such(fake: SalesmanagoFake) -> None:
    _upsert(fake)
    ask(fake, "contact/hasContact", email=ANN)
    ask(fake, "contact/hasContact", email=ANN)
    fake.handle(signed("contact/nothing"))

    assert fake.requests == {
        "/api/contact/upsert": 1,
        "/api/contact/hasContact": 2,
        "/api/contact/nothing": 1,
    }
    assert (fake.writes, fake.contacts_written) == (1, 1)


@pytest.mark.salesmanago_row(40)
def test_broken_requests_are_counted_too(fake: SalesmanagoFake) -> None:
    fake.fail_next(Fault.status(500), times=2)

    _ = [reply_to(fake, "contact/upsert", contact={"email": ANN}) for _ in range(3)]

    assert fake.requests["/api/contact/upsert"] == fake.writes == 3
    assert fake.contacts_written == 1


@pytest.mark.salesmanago_row(40)
def test_bodies_are_recorded_without_credentials(fake: SalesmanagoFake) -> None:
    secret = {"apiSecret": "fake-secret", "token": "t0ken", "password": "pa55"}
    _upsert(fake, **secret)

    (recorded,) = fake.recorded
    masked = {"clientId", "apiKey", "sha", *secret}
    assert recorded.path == "/api/contact/upsert"
    assert {name for name, value in recorded.body.items() if value == "***"} == masked
    assert recorded.body["contact"] == {"email": ANN}
    assert recorded.body["forceOptIn"] is False
    shown = str(recorded.body)
    for text in (_sha("keyfake-clientfake-secret"), "fake-", "t0ken", "pa55"):
        assert text not in shown


@pytest.mark.salesmanago_row(40)
def test_a_record_shows_no_person(fake: SalesmanagoFake) -> None:
    _upsert(fake)

    assert ANN not in repr(fake.recorded)


@pytest.mark.salesmanago_row(40)
def test_counting_begins_again_when_asked(fake: SalesmanagoFake) -> None:
    _upsert(fake)

    fake.reset_counters()

    assert (fake.writes, fake.contacts_written, len(fake.recorded)) == (0, 0, 0)
    assert sum(fake.requests.values()) == 0
    assert ANN in fake.people
