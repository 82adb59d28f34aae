"""Callbacks of the fake Zoho over real HTTP on loopback."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
from collections.abc import Iterator

import pytest

from crmbridge import ZohoClient, ZohoConfig
from crmbridge._steps import Reply, Request
from crmbridge.errors import ConnectionLostError
from crmbridge.testing import LoopbackServer, SystemClock, ZohoFake
from crmbridge.zoho import Watch, read_notification

pytestmark = pytest.mark.fake_row("Notifications")

TOKEN = "p3nZ1lV2hb0qkE5t7xWcYg"


class Receiver:
    """An application that takes callbacks, and answers as told."""

    def __init__(self) -> None:
        self.came: queue.Queue[Request] = queue.Queue()
        self.answer = Reply(200)
        self.hangs_up = False

    def handle(self, request: Request) -> Reply:
        self.came.put(request)
        if self.hangs_up:
            raise ConnectionLostError("the application breaks the connection")
        return self.answer

    def hint(self) -> tuple[str, str, tuple[str, ...]]:
        body = json.dumps(self.came.get(timeout=5).json)
        read = read_notification(body, token=TOKEN)
        return read.module, read.operation, read.ids


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def address(receiver: Receiver) -> Iterator[str]:
    with LoopbackServer(receiver) as server:
        yield f"{server.url}/zoho"


@pytest.fixture
def zoho() -> Iterator[ZohoFake]:
    fake = ZohoFake(clock=SystemClock())
    with LoopbackServer(fake) as server:
        fake.api_domain = server.url
        yield fake


def _watch(config: ZohoConfig, address: str) -> None:
    with ZohoClient(config) as client:
        mine = Watch("1001", ["Leads.all"], address, TOKEN)
        (result,) = client.notifications.watch([mine])
    assert result.is_success


def test_a_callback_comes_over_http(
    zoho: ZohoFake, receiver: Receiver, address: str
) -> None:
    _watch(ZohoConfig(**zoho.account(zoho.api_domain)), f"{address}?tenant=7")

    lead = zoho.people.add_lead(Last_Name="Żółć")
    (delivery,) = zoho.notifications.deliver()

    assert (delivery.status, delivery.is_success) == (200, True)
    sent = receiver.came.get_nowait()
    assert (sent.method, sent.url, sent.query) == ("POST", address, {"tenant": "7"})
    assert sent.headers["content-type"].startswith("application/json")
    assert json.loads(delivery.body) == sent.json
    assert sent.json["ids"] == [lead]


def test_an_application_that_fails_is_no_error(
    zoho: ZohoFake, receiver: Receiver, address: str
) -> None:
    _watch(ZohoConfig(**zoho.account(zoho.api_domain)), address)
    receiver.answer = Reply(500)
    zoho.people.add_lead(Last_Name="Nowak")
    (refused,) = zoho.notifications.deliver()

    receiver.hangs_up = True
    zoho.people.add_lead(Last_Name="Nowak")
    (broken,) = zoho.notifications.deliver()

    assert (refused.status, broken.status) == (500, None)
    assert broken.problem


def test_nobody_there_is_no_error(zoho: ZohoFake) -> None:
    with LoopbackServer(Receiver()) as gone:
        address = gone.url
    _watch(ZohoConfig(**zoho.account(zoho.api_domain)), address)
    zoho.people.add_lead(Last_Name="Nowak")

    (delivery,) = zoho.notifications.deliver()

    assert delivery.status is None


def test_callbacks_come_by_themselves_where_that_is_asked_for(
    zoho: ZohoFake, receiver: Receiver, address: str
) -> None:
    _watch(ZohoConfig(**zoho.account(zoho.api_domain)), address)

    with zoho.notifications.delivering():
        lead = zoho.people.add_lead(Last_Name="Nowak")
        told = receiver.hint()

    assert told == ("Leads", "insert", (lead,))


def test_the_program_of_fakes_sends_callbacks(receiver: Receiver, address: str) -> None:
    command = [sys.executable, "-W", "error", "-m", "crmbridge.testing"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            config = ZohoConfig(**json.loads(process.stdout.readline())["zoho"])
            _watch(config, address)
            with ZohoClient(config) as client:
                (made,) = client.insert("Leads", [{"Last_Name": "Nowak"}])
            told = receiver.hint()
        finally:
            process.kill()

    assert told == ("Leads", "insert", (made.id,))
