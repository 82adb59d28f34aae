"""Hooks of the fake SALESmanago over real HTTP on loopback."""

from __future__ import annotations

import queue
from collections.abc import Iterator

import pytest

from crmbridge._steps import Reply, Request
from crmbridge.errors import ConnectionLostError
from crmbridge.salesmanago import HookLogin, read_opt_callback
from crmbridge.testing import LoopbackServer, SalesmanagoFake, SystemClock

pytestmark = pytest.mark.salesmanago_row(39)

ANN = "żółw+news@example.com"


class Receiver:
    """An application that takes hooks, and answers as told."""

    def __init__(self) -> None:
        self.came: queue.Queue[Request] = queue.Queue()
        self.answer = Reply(200)
        self.hangs_up = False

    def handle(self, request: Request) -> Reply:
        self.came.put(request)
        if self.hangs_up:
            raise ConnectionLostError("the application breaks the connection")
        return self.answer


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def address(receiver: Receiver) -> Iterator[str]:
    with LoopbackServer(receiver) as server:
        yield server.url


@pytest.fixture
def fake() -> SalesmanagoFake:
    return SalesmanagoFake(clock=SystemClock())


def test_a_web_hook_comes_over_http(
    fake: SalesmanagoFake, receiver: Receiver, address: str
) -> None:
    login = HookLogin("crm", "password")
    fake.hooks.add_rule(f"{address}/rule?tenant=7", login=login)

    contact = fake.people.add(ANN)
    (delivery,) = fake.hooks.deliver()

    assert delivery.status == 200
    sent = receiver.came.get_nowait()
    assert (sent.method, sent.url, sent.query) == (
        "POST",
        f"{address}/rule",
        {"tenant": "7"},
    )
    assert sent.headers["authorization"] == "Basic Y3JtOnBhc3N3b3Jk"
    assert sent.headers["content-type"] == "application/json"
    assert (sent.json or {})["contactId"] == contact


def test_a_callback_comes_over_http(
    fake: SalesmanagoFake, receiver: Receiver, address: str
) -> None:
    template = f"{address}/out?email=$email$&key=sha1($email$hush)"
    fake.hooks.set_callbacks(opt_out=template)
    fake.people.add(ANN)

    fake.people.opt_out(ANN)
    (delivery,) = fake.hooks.deliver()

    sent = receiver.came.get_nowait()
    assert (sent.method, sent.url) == ("GET", f"{address}/out")
    query = delivery.notify_url.partition("?")[2]
    assert read_opt_callback(query, secret="hush").email == ANN


def test_an_application_that_fails_is_no_error(
    fake: SalesmanagoFake, receiver: Receiver, address: str
) -> None:
    fake.hooks.add_rule(address)
    fake.people.add(ANN)
    receiver.answer = Reply(500)
    (refused,) = fake.hooks.deliver()

    receiver.hangs_up = True
    fake.hooks.execute_rules(ANN)
    (broken,) = fake.hooks.deliver()

    assert (refused.status, broken.status) == (500, None)
    assert broken.problem


def test_hooks_come_by_themselves_where_that_is_asked_for(
    fake: SalesmanagoFake, receiver: Receiver, address: str
) -> None:
    fake.hooks.add_rule(address)

    with fake.hooks.delivering():
        contact = fake.people.add(ANN)
        sent = receiver.came.get(timeout=5)

    assert (sent.json or {})["contactId"] == contact
