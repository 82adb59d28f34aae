"""The client, sync and async, before the fake: calls, faults, switches, logs."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crmbridge._steps import Request
from crmbridge.config import Limits, SalesmanagoConfig
from crmbridge.errors import (
    AuthenticationError,
    ConfigError,
    ConnectionFailedError,
    ConnectionLostError,
    CrmbridgeError,
    MalformedReplyError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RefusedError,
    ServiceError,
    ThrottledError,
)
from crmbridge.salesmanago import (
    AsyncSalesmanagoClient,
    ConsentChange,
    ContactDetails,
    SalesmanagoClient,
)
from crmbridge.testing import (
    AsyncFakeTransport,
    FakeClock,
    FakeTransport,
    Fault,
    SalesmanagoFake,
    SalesmanagoSwitches,
)
from tests.unit.salesmanago.conftest import Ask

ANN = "ann@example.com"
BOB = "bob@example.com"
START = datetime(2026, 1, 5, tzinfo=UTC)
END = START + timedelta(days=1)


# --- the calls ---


def test_it_reads_the_users(ask: Ask, fake: SalesmanagoFake) -> None:
    assert ask("users") == fake.users


def test_requests_carry_the_time_of_the_clock(ask: Ask, fake: SalesmanagoFake) -> None:
    fake.switches = SalesmanagoSwitches(is_time_checked=True)

    assert ask("users") == fake.users


def test_it_finds_a_contact(ask: Ask, fake: SalesmanagoFake) -> None:
    card = fake.people.add(ANN)

    assert ask("has_contact", ANN) == card
    assert ask("has_contact", BOB) is None


def test_it_reads_contacts_whoever_owns_them(ask: Ask, fake: SalesmanagoFake) -> None:
    ids = [
        fake.people.add(f"p{number}@example.com", owner=fake.users[number % 2])
        for number in range(60)
    ]

    found = ask("list_all_by_id", [*ids, "absent"])

    assert [contact.id for contact in found] == ids
    assert fake.requests == {"/api/contact/listAllById": 2}
    assert len(ask("list_all", ["P1@example.com", "p2@example.com"])) == 2


def test_it_reads_the_feeds_of_a_user(ask: Ask, fake: SalesmanagoFake) -> None:
    card = fake.people.add(ANN, owner=BOB)

    created = ask("created_contacts", start=START, end=END, owner=BOB)
    modified = ask("modified_contacts", start=START, end=END, owner=BOB)

    assert [contact.id for contact in created.contacts] == [card]
    assert [contact.id for contact in modified.contacts] == [card]
    assert not modified.has_more
    assert modified.server_time == fake.clock().at.replace(microsecond=0)


def test_it_adds_and_changes_a_contact(ask: Ask, fake: SalesmanagoFake) -> None:
    details = ContactDetails(
        ANN, {"name": "Ann"}, birthday="1017", email_consent=ConsentChange.IN
    )

    first = ask("upsert", details, owner=BOB)
    second = ask("upsert", ContactDetails(ANN, {"phone": "1"}, new_email="b@x.pl"))

    card = fake.people.get("b@x.pl")
    assert first == second == card["id"]
    assert (card["name"], card["phone"], card["mainContactOwner"]) == ("Ann", "1", BOB)
    assert (card["optedOut"], card["optedOutPhone"]) == (False, True)
    assert fake.confirmation_mails == ()


def test_a_mail_of_confirmation_goes_out_only_when_asked(
    ask: Ask, fake: SalesmanagoFake
) -> None:
    details = ContactDetails(ANN, email_consent=ConsentChange.IN)

    ask("upsert", details, double_opt_in=True)

    assert fake.confirmation_mails == (ANN,)
    assert fake.people.get(ANN)["optedOut"]


@pytest.mark.parametrize("map_keys", ["sent", "lower"])
def test_a_batch_gives_ids_by_position(
    ask: Ask, fake: SalesmanagoFake, map_keys: Any
) -> None:
    fake.switches = SalesmanagoSwitches(map_keys=map_keys)

    results = ask(
        "batch_upsert", [ContactDetails(text) for text in ("Ann@x.pl", "bad")]
    )

    ids = [result.id for result in results]
    assert ids == [fake.people.get("ann@x.pl")["id"], None]
    assert fake.writes == 2


@pytest.mark.parametrize(
    ("method", "key", "is_out"),
    [
        ("opt_in", "optedOut", False),
        ("opt_out", "optedOut", True),
        ("phone_opt_in", "optedOutPhone", False),
        ("phone_opt_out", "optedOutPhone", True),
    ],
)
def test_it_changes_one_permission(
    ask: Ask, fake: SalesmanagoFake, method: str, key: str, is_out: bool
) -> None:
    card = fake.people.add(ANN, opted_out=not is_out, phone_opted_out=not is_out)
    before = dict(fake.people.get(ANN))

    assert ask(method, ANN) == card
    assert fake.people.get(ANN) == {**before, key: is_out}


def test_it_moves_a_contact(ask: Ask, fake: SalesmanagoFake) -> None:
    fake.people.add(ANN)

    ask("set_main_owner", ANN, new_owner=BOB, owner="admin@example.com")

    assert fake.people.get(ANN)["mainContactOwner"] == BOB


@pytest.mark.parametrize("answer", ["null", "text", "unreadable"])
def test_it_deletes_whatever_the_answer_is(
    ask: Ask, fake: SalesmanagoFake, answer: Any
) -> None:
    fake.people.add(ANN)
    fake.people.add(BOB)
    fake.switches = SalesmanagoSwitches(delete_answer=answer)

    ask("delete", ANN)
    ask("delete", BOB, permanently=True)
    ask("delete", "nobody@example.com")

    assert fake.people.get(ANN)["deleted"]
    assert BOB not in fake.people


def test_other_endpoints_are_reached_signed(ask: Ask, fake: SalesmanagoFake) -> None:
    fake.people.add(ANN)
    body = {"owner": BOB, "email": [ANN]}

    reply = ask("send", Request("salesmanago", "POST", "/api/contact/list", json=body))

    assert reply.json() == {"success": True, "message": [], "contacts": []}


# --- what can go wrong ---


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.html(), MalformedReplyError),
        (Fault.text(""), MalformedReplyError),
        (Fault.text("Internal"), MalformedReplyError),
        (Fault.truncated(), MalformedReplyError),
        (Fault.status(301), ConfigError),
        (Fault.status(400), RefusedError),
        (Fault.status(401), AuthenticationError),
        (Fault.status(403), PermissionDeniedError),
        (Fault.status(404), NotFoundError),
        (Fault.json({"success": False, "message": ["no"]}), RefusedError),
        (Fault.json({"success": False, "message": "no"}), RefusedError),
    ],
)
def test_a_fault_becomes_a_typed_error(
    ask: Ask, fake: SalesmanagoFake, fault: Fault, kind: type[CrmbridgeError]
) -> None:
    fake.fail_next(fault)

    with pytest.raises(kind):
        ask("users")

    assert sum(fake.requests.values()) == 1


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.status(500), ServiceError),
        (Fault.status(503), ServiceError),
        (Fault.status(429), ThrottledError),
        (Fault.json({"success": False, "message": ["rate limit"]}), ThrottledError),
        (Fault.unreachable(), ConnectionFailedError),
        (Fault.cut(), ConnectionLostError),
    ],
)
def test_a_passing_fault_is_survived_and_a_lasting_one_raised(
    ask: Ask, fake: SalesmanagoFake, fault: Fault, kind: type[CrmbridgeError]
) -> None:
    fake.fail_next(fault, times=2)
    assert ask("users") == fake.users

    fake.fail_next(fault, times=5)
    with pytest.raises(kind):
        ask("users")


def test_retry_after_is_waited_for(
    ask: Ask, fake: SalesmanagoFake, clock: FakeClock
) -> None:
    fake.fail_next(Fault.status(429, retry_after_seconds=7))
    started = clock.now()

    ask("users")

    assert clock.now() - started >= timedelta(seconds=7)


def test_a_write_whose_answer_is_lost_is_repeated_once_it_is_harmless(
    ask: Ask, fake: SalesmanagoFake
) -> None:
    fake.fail_next(Fault.cut(is_applied=True))

    assert ask("upsert", ContactDetails(ANN)) == fake.people.get(ANN)["id"]
    assert len(fake.people) == 1


@pytest.mark.parametrize("fault", [Fault.cut(), Fault.failed_after(500)])
def test_no_second_confirmation_mail_is_risked(
    ask: Ask, fake: SalesmanagoFake, fault: Fault
) -> None:
    fake.fail_next(fault)
    details = ContactDetails(ANN, email_consent=ConsentChange.IN)

    with pytest.raises(OutcomeUnknownError):
        ask("upsert", details, double_opt_in=True)

    assert fake.confirmation_mails == (ANN,)


def test_an_inactive_account_is_an_authentication_error(
    ask: Ask, fake: SalesmanagoFake
) -> None:
    fake.switches = SalesmanagoSwitches(is_inactive=True)

    with pytest.raises(AuthenticationError):
        ask("users")


@pytest.mark.parametrize("form", ["array", "string", "values"])
def test_a_refusal_keeps_its_words(ask: Ask, fake: SalesmanagoFake, form: Any) -> None:
    fake.switches = SalesmanagoSwitches(refusals=form)

    with pytest.raises(RefusedError) as caught:
        ask("upsert", ContactDetails("bad"))

    assert caught.value.messages == ("Email address is not valid",)
    assert caught.value.field == ("email" if form == "values" else None)


# --- secrets ---


def _wrong_secret(config: SalesmanagoConfig) -> SalesmanagoConfig:
    return SalesmanagoConfig(
        endpoint=config.endpoint,
        client_id=config.client_id,
        api_secret="wr0ng-secret",
        owner=config.owner,
    )


def test_nothing_secret_or_personal_is_logged_or_raised(
    ask: Ask,
    fake: SalesmanagoFake,
    config: SalesmanagoConfig,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    texts: list[str] = []
    details = ContactDetails(ANN, {"name": "Ann Secretive", "phone": "+48111222333"})
    for fault in (None, Fault.status(500), Fault.html(), Fault.cut(), Fault.text("x")):
        if fault is not None:
            fake.fail_next(fault, times=9)
        for method, argument in (("upsert", details), ("list_all", [ANN])):
            try:
                texts.append(repr(ask(method, argument)))
            except CrmbridgeError as error:
                texts.append(f"{error} {error!r}")
        fake.faults.clear()
    with (
        SalesmanagoClient(
            _wrong_secret(config), transport=FakeTransport(fake)
        ) as wrong,
        pytest.raises(AuthenticationError) as caught,
    ):
        wrong.users()
    texts.append(str(caught.value))

    shown = caplog.text + "".join(texts)

    assert "contact/upsert" in caplog.text
    keys = {json.dumps(recorded.body) for recorded in fake.recorded}
    assert keys
    for secret in (
        config.api_secret,
        config.client_id,
        "wr0ng-secret",
        ANN,
        "Secretive",
        "111222333",
        "admin@example.com",
        "apiKey",
        "sha",
    ):
        assert secret not in shown


def test_each_client_draws_its_own_key(
    config: SalesmanagoConfig, fake: SalesmanagoFake
) -> None:
    clients = [SalesmanagoClient(config, transport=FakeTransport(fake)) for _ in "ab"]

    keys = {client._account.signer.api_key for client in clients}

    assert len(keys) == 2
    assert all(len(key) == 32 for key in keys)


# --- life ---


def test_a_client_closes_its_transport(
    config: SalesmanagoConfig, fake: SalesmanagoFake
) -> None:
    transport = FakeTransport(fake)

    with SalesmanagoClient(config, transport=transport) as client:
        assert client.config is config

    assert transport.is_closed


def test_an_async_client_closes_its_transport(
    config: SalesmanagoConfig, fake: SalesmanagoFake
) -> None:
    transport = AsyncFakeTransport(fake)

    async def use() -> tuple[str, ...]:
        async with AsyncSalesmanagoClient(config, transport=transport) as client:
            return await client.users()

    assert asyncio.run(use()) == fake.users
    assert transport.is_closed


def test_clients_without_a_transport_speak_http(config: SalesmanagoConfig) -> None:
    client, twin = SalesmanagoClient(config), AsyncSalesmanagoClient(config)

    client.close()
    asyncio.run(twin.aclose())

    assert client.config.limits == Limits(max_in_flight=3, requests_per_second=5.0)
