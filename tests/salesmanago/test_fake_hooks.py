"""The fake's hooks and callbacks: what is sent, and how it goes wrong."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from crmbridge.errors import InvalidInputError, NotFoundError
from crmbridge.salesmanago import HookLogin, read_opt_callback, read_rule_hook
from crmbridge.testing import (
    FakeClock,
    SalesmanagoFake,
    SalesmanagoSwitches,
    SentCallback,
)
from tests.salesmanago.asking import ask

pytestmark = pytest.mark.salesmanago_row(39)

RULE_URL = "https://example.com/rule?tenant=7"
SECRET = "hush"
IN_URL = f"https://example.com/in?email=$email$&key=sha1($email${SECRET})"
OUT_URL = f"https://example.com/out?email=$email$&key=sha1($email${SECRET})"
ANN = "ann+news@example.com"


class Case:
    """A fake with a rule and both callbacks, and what they sent."""

    def __init__(self, **switches: Any) -> None:
        self.clock = FakeClock()
        self.fake = SalesmanagoFake(
            clock=self.clock, switches=SalesmanagoSwitches(**switches)
        )
        self.hooks = self.fake.hooks
        self.came: list[SentCallback] = []
        self.status: int | None = None
        self.ann = self.fake.people.add(ANN, name="Ann", phone="600")
        self.rule = self.hooks.add_rule(RULE_URL, name="Changed")
        self.hooks.set_callbacks(opt_in=IN_URL, opt_out=OUT_URL)
        for url in (RULE_URL, IN_URL, OUT_URL):
            self.hooks.receive(self._take, at=url)

    def _take(self, sent: SentCallback) -> int | None:
        self.came.append(sent)
        return self.status

    def sent(self) -> list[str]:
        """Deliver, and give the paths that something came to."""
        self.came.clear()
        self.hooks.deliver()
        return [urlsplit(sent.url).path for sent in self.came]


def test_a_rule_sends_the_documented_body() -> None:
    case = Case()

    case.fake.people.edit(ANN, company="Acme")
    (delivery,) = case.hooks.deliver()

    assert delivery.is_success
    (sent,) = case.came
    assert (sent.method, sent.url) == ("POST", RULE_URL)
    assert dict(sent.headers) == {"content-type": "application/json"}
    assert json.loads(sent.body) == {
        "id": case.rule,
        "name": "Changed",
        "contactId": case.ann,
        "description": "",
        "email": ANN,
        "phone": "600",
        "company": "Acme",
    }
    assert read_rule_hook(sent.body, login=None).contact_id == case.ann


def test_a_rule_sends_its_login() -> None:
    case, login = Case(), HookLogin("crm", "password")
    case.hooks.add_rule("https://example.com/closed", login=login)
    case.hooks.receive(case._take, at="https://example.com/closed")

    case.hooks.execute_rules(ANN)
    case.hooks.deliver()

    head = case.came[-1].headers["authorization"]
    hook = read_rule_hook(case.came[-1].body, login=login, authorization=head)
    assert hook.contact_id == case.ann


@pytest.mark.parametrize("is_encoded", [True, False])
@pytest.mark.parametrize("email", [ANN, "żółw@example.com"])
def test_a_callback_is_called_as_its_address_says(
    email: str, *, is_encoded: bool
) -> None:
    case = Case(encodes_callbacks=is_encoded)
    if email != ANN:
        case.fake.people.add(email)

    case.hooks.call_back(email, "out")
    case.hooks.deliver()

    sent = case.came[-1]
    assert (sent.method, sent.body) == ("GET", b"")
    assert sent.url.isascii()
    assert ("+" in sent.url) is (email == ANN and not is_encoded)
    key = hashlib.sha1(f"{email}{SECRET}".encode()).hexdigest()  # noqa: S324 - as the service does it
    assert sent.url.endswith(f"&key={key}")
    query = urlsplit(sent.url).query
    assert read_opt_callback(query, secret=SECRET).email == email


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_callback_is_sent_by_either_method(method: Any) -> None:
    case = Case(callback_method=method)

    case.fake.people.opt_out(ANN)
    case.sent()

    assert [sent.method for sent in case.came] == [method]


def test_what_people_do_is_told() -> None:
    case = Case()

    case.fake.people.edit(ANN, phone="601")
    assert case.sent() == ["/rule"]
    case.fake.people.edit(ANN, tags=["VIP"])
    assert case.sent() == ["/rule"]
    case.fake.people.opt_out(ANN)
    assert case.sent() == ["/out"]
    case.fake.people.opt_in(ANN)
    assert case.sent() == ["/in"]
    case.fake.people.edit(ANN, phone="602", opted_out=True)
    assert case.sent() == ["/rule", "/out"]
    case.fake.people.add("new@example.com")
    assert case.sent() == ["/rule"]


def test_what_changes_nothing_and_what_nobody_asked_for_is_not_told() -> None:
    case = Case()

    case.fake.people.edit(ANN, phone="600")
    case.fake.people.opt_in(ANN)
    case.fake.people.edit(ANN, score=7, phone_opted_out=True)
    case.fake.people.delete(ANN)

    assert case.hooks.waiting == 0


def test_a_rule_hears_of_what_it_names() -> None:
    case = Case()
    case.hooks.add_rule("https://example.com/score", events=["score", "consent"])
    case.hooks.receive(case._take, at="https://example.com/score")

    case.fake.people.edit(ANN, score=7)
    case.fake.people.opt_out(ANN)

    assert case.sent() == ["/score", "/score", "/out"]
    with pytest.raises(InvalidInputError):
        case.hooks.add_rule(RULE_URL, events=["weather"])


def test_a_rule_hears_of_a_new_owner_whoever_made_it() -> None:
    case = Case()
    case.fake.users = ("admin@example.com", "eve@example.com")
    case.hooks.add_rule("https://example.com/owner", events=["owner"])
    case.hooks.receive(case._take, at="https://example.com/owner")

    case.fake.people.edit(ANN, owner="eve@example.com")
    by_hand = case.sent()
    body = {"owner": "eve@example.com", "newOwner": "admin@example.com"}
    ask(case.fake, "contact/setMainOwner", contact=ANN, **body)

    assert (by_hand, case.sent()) == (["/owner"], ["/owner"])


def test_a_confirmation_by_link_is_told_whoever_asked_for_it() -> None:
    case = Case(api_fires_hooks=False)
    case.fake.people.edit(ANN, opted_out=True)
    case.sent()
    contact = {"email": ANN}
    ask(case.fake, "contact/upsert", contact=contact, forceOptIn=True)
    assert case.sent() == []

    case.fake.people.confirm(ANN)

    assert case.sent() == ["/in"]


KEPT = {
    "forceOptIn": False,
    "forceOptOut": False,
    "forcePhoneOptIn": False,
    "forcePhoneOptOut": False,
}


@pytest.mark.question(20)
@pytest.mark.parametrize("fires", [True, False])
def test_what_requests_do_is_told_where_that_is_switched_on(*, fires: bool) -> None:
    case = Case(api_fires_hooks=fires)
    expected: list[str] = []

    contact = {"email": ANN, "company": "Acme"}
    ask(case.fake, "contact/upsert", contact=contact, **KEPT)
    expected += ["/rule"]
    ask(case.fake, "contact/optout", email=ANN)
    expected += ["/out"]
    ask(case.fake, "contact/batchoptin", emails=[ANN])
    expected += ["/in"]
    rows = [{"contact": {"email": "new@example.com"}, **KEPT}]
    ask(case.fake, "contact/batchupsert", upsertDetails=rows)
    expected += ["/rule"]

    assert case.sent() == (expected if fires else [])


@pytest.mark.parametrize("fires", [True, False])
def test_a_batch_that_is_written_later_is_told_later(*, fires: bool) -> None:
    case = Case()
    rows = [{"contact": {"email": ANN, "company": "Acme"}, **KEPT}]
    ask(case.fake, "contact/batchupsertv2", upsertDetails=rows, fireEvents=fires)
    before = case.sent()

    case.clock.advance(60)
    ask(case.fake, "contact/hasContact", email=ANN)

    assert (before, case.sent()) == ([], ["/rule"] if fires else [])


@pytest.mark.parametrize("fires", [True, False])
def test_a_write_that_changes_nothing_may_be_told(*, fires: bool) -> None:
    case = Case(fires_unchanged=fires)

    ask(case.fake, "contact/upsert", contact={"email": ANN}, **KEPT)

    assert case.sent() == (["/rule"] if fires else [])


def test_a_refused_request_is_not_told() -> None:
    case = Case()

    ask(case.fake, "contact/upsert", contact={"email": ANN, "state": "?"}, **KEPT)

    assert case.hooks.waiting == 0


def test_nothing_is_told_where_nothing_is_set() -> None:
    fake = SalesmanagoFake()
    fake.people.add(ANN)

    fake.people.edit(ANN, phone="1", opted_out=True)
    fake.hooks.execute_rules(ANN)
    fake.hooks.call_back(ANN, "in")

    assert fake.hooks.waiting == 0


def test_hooks_on_demand_are_of_contacts_that_are_there() -> None:
    case = Case()

    case.hooks.execute_rules(ANN)
    case.hooks.call_back(ANN, "in")

    assert case.sent() == ["/rule", "/in"]
    with pytest.raises(NotFoundError):
        case.hooks.execute_rules("nobody@example.com")


# --- deliveries that go wrong ------------------------------------------------


def _told(seed: int) -> list[str]:
    case = Case(loses_hooks=0.3, doubles_hooks=0.3, shuffles_hooks=True, hook_seed=seed)
    for number in range(40):
        case.fake.people.add(f"p{number}@example.com")
    case.sent()
    return [json.loads(sent.body)["email"] for sent in case.came]


def test_hooks_get_lost_and_come_twice_and_overtake_as_the_seed_has_it() -> None:
    first = _told(1)

    assert first == _told(1)
    assert first != _told(2)
    assert len(set(first)) < 40
    assert len(set(first)) < len(first)
    assert sorted(first, key=lambda email: int(email[1:-12])) != first


def test_hooks_come_later() -> None:
    case = Case(hook_delay_seconds=90)
    case.fake.people.edit(ANN, phone="1")

    early = case.sent()
    case.clock.advance(90)

    assert (early, case.sent()) == ([], ["/rule"])


def test_a_refused_hook_is_sent_again_where_that_is_switched_on() -> None:
    case = Case(hook_retries=1)
    case.fake.people.edit(ANN, phone="1")
    case.status = 503
    sent: list[int] = []

    for seconds in (0, 59, 1, 10_000):
        case.clock.advance(seconds)
        sent.append(len(case.sent()))

    assert sent == [1, 0, 1, 0]


def test_nothing_is_sent_to_another_machine() -> None:
    fake = SalesmanagoFake()
    fake.hooks.add_rule("http://192.0.2.1/rule")
    fake.people.add(ANN)

    (delivery,) = fake.hooks.deliver()

    assert (delivery.status, delivery.is_success) == (None, False)
    assert "loopback" in delivery.problem


def test_what_is_sent_shows_neither_body_nor_address() -> None:
    case = Case()
    case.hooks.call_back(ANN, "in")

    (delivery,) = case.hooks.deliver()

    for shown in (repr(delivery), repr(case.came[0])):
        assert "ann" not in shown
        assert "key" not in shown
