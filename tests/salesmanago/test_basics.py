"""How the client asks: signature, pace, refusals, hosts, whatever the answer is."""

from __future__ import annotations

import logging
from itertools import product
from typing import Any

import pytest

from crmbridge import Limiter, Limits, Request, RetryPolicy
from crmbridge.errors import (
    AccountInactiveError,
    AuthenticationError,
    ConfigError,
    CrmbridgeError,
    MalformedReplyError,
    NotFoundError,
    OutcomeUnknownError,
    RefusedError,
    ServiceError,
    ThrottledError,
)
from crmbridge.salesmanago import ConsentChange, ContactDetails, WriteStatus
from crmbridge.testing import Fault
from tests.salesmanago.conftest import World

ANN = "ann@example.com"
ONCE = RetryPolicy(attempts=1)
REFUSALS = ("array", "string", "error", "none", "values")
FORMS = tuple(product(REFUSALS, (True, False)))


def _sent(world: World) -> list[Any]:
    """Give what was recorded of each request's body."""
    return [dict(recorded.body) for recorded in world.fake.recorded]


# --- permission ---


@pytest.mark.question(3)
@pytest.mark.parametrize("both_flags", ["in", "out", "reject"])
@pytest.mark.parametrize("change", ConsentChange)
@pytest.mark.parametrize("was_out", [True, False])
def test_in_and_out_are_never_said_at_once(
    world: World, both_flags: str, change: ConsentChange, *, was_out: bool
) -> None:
    world.switch(both_flags=both_flags)
    world.fake.people.add(ANN, opted_out=was_out, phone_opted_out=was_out)
    details = ContactDetails(ANN, email_consent=change, phone_consent=change)

    with world.client() as client:
        client.upsert(details)
        client.batch_upsert([details])

    kept = {ConsentChange.IN: False, ConsentChange.OUT: True}.get(change, was_out)
    card = world.fake.people.get(ANN)
    assert (card["optedOut"], card["optedOutPhone"]) == (kept, kept)
    single, batch = _sent(world)
    for body in (single, *batch["upsertDetails"]):
        assert not (body["forceOptIn"] and body["forceOptOut"])
        assert not (body["forcePhoneOptIn"] and body["forcePhoneOptOut"])


# --- the pace ---

LIMIT_ANSWERS = ("status", "retry_after", "unavailable", "message")


@pytest.mark.question(14)
@pytest.mark.parametrize("limit_answer", LIMIT_ANSWERS)
@pytest.mark.parametrize("most_per_second", [None, 2, 1])
def test_more_requests_than_are_taken_are_slowed_down_and_none_is_lost(
    world: World, limit_answer: str, most_per_second: int | None
) -> None:
    world.switch(limit_answer=limit_answer, most_per_second=most_per_second)
    people = world.fake.people
    ids = [people.add(f"p{number}@example.com") for number in range(1000)]

    with world.client(retry=RetryPolicy(attempts=20)) as client:
        found = client.list_all_by_id(ids)
        usage = client.usage

    assert [contact.id for contact in found] == ids
    assert (usage.throttled > 0) is (most_per_second is not None)
    assert world.fake.requests["/api/contact/listAllById"] == 20 + usage.throttled


@pytest.mark.question(14)
@pytest.mark.parametrize("limit_answer", LIMIT_ANSWERS)
def test_all_who_share_an_account_slow_down_together(
    world: World, limit_answer: str
) -> None:
    limiter = Limiter(Limits(max_in_flight=4), draw=lambda: 1.0)
    world.switch(most_per_second=1, limit_answer=limit_answer)
    options = {"limiter": limiter}

    with (
        world.client(options=options, retry=ONCE) as one,
        world.client(options=options, retry=ONCE) as other,
    ):
        one.users()
        with pytest.raises((ThrottledError, ServiceError)):
            one.users()
        places, pause_seconds = other.usage.places, other.usage.pause_seconds
        other.users()

    assert (places, pause_seconds) == (2, 2.0)
    assert world.clock().ticks_seconds == 2.0
    assert world.fake.requests["/api/user/listByClient"] == 3


@pytest.mark.question(14)
@pytest.mark.parametrize(
    ("limit_answer", "kind"),
    [
        ("status", ThrottledError),
        ("retry_after", ThrottledError),
        ("unavailable", ServiceError),
        ("message", ThrottledError),
    ],
)
def test_a_limit_that_never_ends_is_a_typed_error(
    world: World, limit_answer: str, kind: type[CrmbridgeError]
) -> None:
    world.switch(most_per_second=0, limit_answer=limit_answer)

    with world.client() as client, pytest.raises(kind) as caught:
        client.upsert(ContactDetails(ANN))

    is_told = limit_answer == "message"
    assert caught.value.messages == (("Request limit exceeded",) if is_told else ())
    assert ANN not in world.fake.people


def test_a_write_that_must_not_be_repeated_is_when_it_was_turned_away(
    world: World,
) -> None:
    world.fake.fail_next(Fault.salesmanago("You have reached your API limit"))
    details = ContactDetails(ANN, email_consent=ConsentChange.IN)

    with world.client() as client:
        client.upsert(details, double_opt_in=True)

    assert world.fake.confirmation_mails == (ANN,)


def test_a_client_asks_five_times_a_second_unless_it_is_told_otherwise(
    world: World,
) -> None:
    with world.client() as client:
        for _ in range(11):
            client.users()
        limits = client.config.limits

    assert (limits.max_in_flight, limits.requests_per_second) == (3, 5.0)
    assert world.clock().ticks_seconds == pytest.approx(2.0)


# --- lost answers ---

LOST = [
    Fault.cut(),
    Fault.silent(),
    Fault.failed_after(500),
    Fault.failed_after(504),
    Fault.failed_after(520),
    Fault.failed_after(408),
]
UNREADABLE = [Fault.truncated(), Fault.text(""), Fault.html(), Fault.status(202)]


@pytest.mark.question(15)
@pytest.mark.parametrize("fault", LOST)
def test_what_is_harmless_twice_is_written_again(world: World, fault: Fault) -> None:
    world.fake.fail_next(fault)

    with world.client() as client:
        card = client.upsert(ContactDetails(ANN, {"name": "Ann"}))

    assert card == world.fake.people.get(ANN)["id"]
    assert world.fake.writes == 2
    assert len(world.fake.people) == 1


@pytest.mark.question(15)
@pytest.mark.parametrize("fault", LOST + UNREADABLE)
@pytest.mark.parametrize(
    ("details", "options"),
    [
        (ContactDetails(ANN, email_consent=ConsentChange.IN), {"double_opt_in": True}),
        (ContactDetails(ANN, tags=("VIP",), tag_scoring=True), {}),
        (ContactDetails(ANN, new_email="new@example.com"), {}),
    ],
    ids=["mail", "score", "rename"],
)
@pytest.mark.parametrize("is_batch", [False, True])
def test_what_is_not_harmless_twice_is_never_written_again(
    world: World,
    details: ContactDetails,
    options: dict[str, Any],
    fault: Fault,
    *,
    is_batch: bool,
) -> None:
    world.fake.people.add(ANN, tags=("VIP",))
    world.fake.fail_next(fault)

    with world.client() as client:
        write = client.batch_upsert if is_batch else client.upsert
        with pytest.raises(OutcomeUnknownError):
            write([details] if is_batch else details, **options)

    assert world.fake.writes == 1
    assert len(world.fake.people) == 1
    assert len(world.fake.confirmation_mails) <= 1


@pytest.mark.question(15)
@pytest.mark.parametrize("fault", LOST)
def test_what_is_sent_as_it_is_is_never_sent_again(world: World, fault: Fault) -> None:
    note = Request("salesmanago", "POST", "/api/contact/addNote", json={"note": "x"})
    world.fake.fail_next(fault)

    with world.client() as client, pytest.raises(OutcomeUnknownError):
        client.send(note)

    assert world.fake.requests["/api/contact/addNote"] == 1


# --- the signature ---


@pytest.mark.question(16)
@pytest.mark.parametrize("is_time_checked", [True, False])
def test_a_request_that_waited_long_carries_the_time_of_its_sending(
    world: World, *, is_time_checked: bool
) -> None:
    world.switch(is_time_checked=is_time_checked)
    limiter = Limiter(Limits(longest_pause_seconds=3600))
    options = {"limiter": limiter}

    with (
        world.client(options=options, retry=ONCE) as one,
        world.client(options=options) as other,
    ):
        world.fake.fail_next(Fault.status(429, retry_after_seconds=1800))
        with pytest.raises(ThrottledError):
            one.users()
        users = other.users()

    now_ms = int(world.clock.now().timestamp() * 1000)
    assert users == world.fake.users
    assert world.clock().ticks_seconds == 1800
    assert [body["requestTime"] for body in _sent(world)] == [now_ms - 1800_000, now_ms]


@pytest.mark.question(16)
@pytest.mark.parametrize("is_time_checked", [True, False])
def test_every_attempt_is_signed_anew(world: World, *, is_time_checked: bool) -> None:
    world.switch(is_time_checked=is_time_checked)
    patient = RetryPolicy(longest_delay_seconds=3600, total_seconds=7200)
    limits = Limits(longest_pause_seconds=3600)
    world.fake.fail_next(Fault.status(429, retry_after_seconds=1800))

    with world.client(retry=patient, limits=limits) as client:
        client.users()

    first, second = (body["requestTime"] for body in _sent(world))
    assert second - first == 1800_000


def test_a_clock_that_is_wrong_is_a_refusal_where_it_is_checked(world: World) -> None:
    world.switch(is_time_checked=True)
    started = world.clock()
    world.clock.advance(1000)

    with (
        world.client(options={"clock": lambda: started}) as client,
        pytest.raises(RefusedError) as caught,
    ):
        client.users()

    assert caught.value.field == "requestTime"


# --- refusals ---


@pytest.mark.question(17)
@pytest.mark.parametrize(("refusals", "says_why"), FORMS)
def test_a_refusal_is_a_typed_error_whatever_its_words_are(
    world: World, refusals: str, *, says_why: bool
) -> None:
    world.switch(refusals=refusals, says_why=says_why)

    with world.client() as client, pytest.raises(RefusedError) as caught:
        client.upsert(ContactDetails("bad"))

    error = caught.value
    text = "Email address is not valid" if says_why else "It did not work"
    assert error.messages == (() if refusals == "none" else (text,))
    assert error.values == ({"email": (text,)} if refusals == "values" else {})
    assert error.field == ("email" if refusals == "values" else None)
    assert text not in str(error) + repr(error)
    assert world.fake.writes == 1


@pytest.mark.question(17)
@pytest.mark.parametrize(("refusals", "says_why"), FORMS)
def test_wrong_credentials_and_an_inactive_account_are_told_apart(
    world: World, refusals: str, *, says_why: bool
) -> None:
    world.switch(refusals=refusals, says_why=says_why)

    with (
        world.client(api_secret="wr0ng") as client,
        pytest.raises(AuthenticationError) as unknown,
    ):
        client.users()
    world.switch(is_inactive=True)
    with world.client() as client, pytest.raises(AccountInactiveError) as inactive:
        client.users()

    assert type(unknown.value) is AuthenticationError
    assert "check client_id, api_secret and endpoint" in str(unknown.value)
    assert "log in to SALESmanago, or ask its support" in str(inactive.value)
    assert sum(world.fake.requests.values()) == 2


@pytest.mark.question(17)
@pytest.mark.parametrize(("refusals", "says_why"), FORMS)
def test_a_refused_record_of_a_batch_is_told_by_its_place(
    world: World, refusals: str, *, says_why: bool
) -> None:
    world.switch(refusals=refusals, says_why=says_why)

    with world.client() as client:
        results = client.batch_upsert([ContactDetails("bad"), ContactDetails(ANN)])

    ids = [result.id for result in results]
    assert ids == [None, world.fake.people.get(ANN)["id"]]
    assert results[0].status is WriteStatus.REFUSED


# --- wrong hosts and paths ---

CALLS = ("status", "html", "refusal")
HOSTS = {
    "redirect": ConfigError,
    "reject": AuthenticationError,
    "answer": None,
}


@pytest.mark.question(27)
@pytest.mark.parametrize("wrong_calls", CALLS)
@pytest.mark.parametrize(("wrong_host", "kind"), HOSTS.items())
def test_a_wrong_host_is_a_typed_error_or_serves(
    world: World,
    wrong_host: str,
    wrong_calls: str,
    kind: type[CrmbridgeError] | None,
) -> None:
    world.fake.home = "https://app3.salesmanago.com"
    world.switch(wrong_host=wrong_host, wrong_calls=wrong_calls)
    raised: CrmbridgeError | None = None

    with world.client() as client:
        try:
            client.upsert(ContactDetails(ANN))
        except CrmbridgeError as error:
            raised = error

    assert type(raised) is (kind or type(None))
    assert "endpoint" in str(raised) or raised is None
    assert (ANN in world.fake.people) is (raised is None)
    assert sum(world.fake.requests.values()) == 1


@pytest.mark.question(27)
@pytest.mark.parametrize("wrong_calls", CALLS)
def test_a_path_that_is_not_there_is_answered_as_it_is(
    world: World, wrong_calls: str
) -> None:
    world.switch(wrong_calls=wrong_calls)

    with world.client() as client:
        reply = client.send(Request("salesmanago", "POST", "/api/contact/nothing"))

    assert reply.status == (404 if wrong_calls == "status" else 200)


@pytest.mark.salesmanago_row(1)
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.status(404), NotFoundError),
        (Fault.status(405), RefusedError),
        (Fault.status(415), RefusedError),
        (Fault.html(), MalformedReplyError),
        (Fault.salesmanago("Not Found"), RefusedError),
    ],
)
def test_a_call_that_no_endpoint_takes_is_a_typed_error(
    world: World, fault: Fault, kind: type[CrmbridgeError]
) -> None:
    world.fake.fail_next(fault)

    with world.client() as client, pytest.raises(kind):
        client.users()


# --- secrets ---


def test_no_error_record_or_log_shows_a_secret_or_a_person(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shown: list[str] = []
    quoting = Fault.salesmanago(ANN, values={"email": [ANN]})
    faults = [quoting, Fault.salesmanago(ANN, status=400), *LOST, *UNREADABLE]

    with world.client(retry=RetryPolicy(attempts=2)) as client:
        for fault in faults:
            world.fake.fail_next(fault, times=2)
            with pytest.raises(CrmbridgeError) as caught:
                client.upsert(ContactDetails(ANN, {"name": "Secretive"}))
            world.fake.faults.clear()
            shown += [str(caught.value), repr(caught.value)]
        shown += [repr(client.config), repr(client.usage)]

    text = caplog.text + "".join(shown)
    assert "contact/upsert" in text
    for secret in ("fake-secret", "fake-client", ANN, "Secretive", "admin@", "apiKey"):
        assert secret not in text
