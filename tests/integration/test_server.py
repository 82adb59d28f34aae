"""A fake on loopback: what arrives, what goes back, how it hangs up and stops."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from crmbridge._steps import Reply, Request
from crmbridge.errors import ConnectionFailedError, ConnectionLostError
from crmbridge.testing import Fake, LoopbackServer, SalesmanagoFake
from crmbridge.transport import HttpTransport


class Recorder:
    """Remembers what it was asked, and answers as told."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.answer: Callable[[], Reply] = lambda: Reply(200, {}, b"{}")

    def handle(self, request: Request) -> Reply:
        self.asked.append(request)
        return self.answer()


@pytest.fixture
def fake() -> Recorder:
    return Recorder()


@pytest.fixture
def server(fake: Recorder) -> Iterator[LoopbackServer]:
    with LoopbackServer(fake) as server:
        yield server


@pytest.fixture
def transport() -> Iterator[HttpTransport]:
    transport = HttpTransport(timeout_seconds=5)
    yield transport
    transport.close()


def _request(server: LoopbackServer, path: str = "/a", **options: object) -> Request:
    arguments: dict[str, object] = {"service": "s", "method": "POST", **options}
    return Request(url=server.url + path, **arguments)  # type: ignore[arg-type] # by name


def test_a_request_arrives_whole(
    server: LoopbackServer, fake: Recorder, transport: HttpTransport
) -> None:
    sent = _request(
        server,
        "/api/contact/list",
        query={"page": "2", "q": "ż&=", "empty": ""},
        headers={"X-Mark": "7"},
        json={"name": "Zażółć", "list": [1, None]},
    )

    transport.send(sent)

    (came,) = fake.asked
    assert (came.method, came.url) == (sent.method, sent.url)
    assert (came.query, came.json) == (sent.query, sent.json)
    assert came.headers["x-mark"] == "7"
    assert came.form is None


def test_a_form_arrives_as_a_form(
    server: LoopbackServer, fake: Recorder, transport: HttpTransport
) -> None:
    form = {"grant_type": "refresh_token", "scope": "a b", "empty": ""}

    transport.send(_request(server, form=form))

    assert (fake.asked[0].form, fake.asked[0].json) == (form, None)


def test_a_reply_goes_back_whole(
    server: LoopbackServer, fake: Recorder, transport: HttpTransport
) -> None:
    fake.answer = lambda: Reply(
        429, {"retry-after": "3", "date": "Mon, 05 Jan 2026 12:00:00 GMT"}, b"\x00ab"
    )

    reply = transport.send(_request(server))

    assert (reply.status, reply.body, reply.retry_after_seconds) == (429, b"\x00ab", 3)
    assert reply.headers["date"] == "Mon, 05 Jan 2026 12:00:00 GMT"


@pytest.mark.parametrize("status", [204, 304])
def test_a_reply_without_a_body_leaves_the_connection_usable(
    server: LoopbackServer, fake: Recorder, transport: HttpTransport, status: int
) -> None:
    fake.answer = lambda: Reply(status)

    replies = [transport.send(_request(server, method="GET")) for _ in range(3)]

    assert [(reply.status, reply.body) for reply in replies] == [(status, b"")] * 3


def test_one_connection_serves_many_requests(
    server: LoopbackServer, transport: HttpTransport
) -> None:
    before = threading.active_count()

    for _ in range(20):
        transport.send(_request(server))

    assert threading.active_count() <= before + 1


def test_requests_are_answered_at_one_time(
    server: LoopbackServer, fake: Recorder, transport: HttpTransport
) -> None:
    all_here = threading.Barrier(4)

    def answer() -> Reply:
        all_here.wait(5)
        return Reply(200)

    fake.answer = answer
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(transport.send, [_request(server)] * 4))

    assert [reply.status for reply in replies] == [200] * 4


def test_a_broken_connection_is_a_lost_one(
    server: LoopbackServer, fake: Recorder, transport: HttpTransport
) -> None:
    def broken() -> Reply:
        raise ConnectionLostError("the fake broke the connection")

    fake.answer = broken
    with pytest.raises(ConnectionLostError):
        transport.send(_request(server))

    fake.answer = lambda: Reply(200)
    assert transport.send(_request(server)).status == 200


def test_a_closed_server_is_not_reached(fake: Recorder) -> None:
    transport = HttpTransport(timeout_seconds=5)
    server = LoopbackServer(fake)
    transport.send(_request(server))

    server.close()
    server.close()

    with pytest.raises((ConnectionFailedError, ConnectionLostError)):
        transport.send(_request(server))
    transport.close()


def test_counters_are_read_over_http(transport: HttpTransport) -> None:
    salesmanago: Fake = SalesmanagoFake()
    with LoopbackServer(salesmanago) as server:
        transport.send(_request(server, "/api/contact/list", json={}))
        reply = transport.send(_request(server, "/__counters__", method="GET"))

    counted = json.loads(reply.body)
    assert counted["requests"] == {"/api/contact/list": 1}
    assert counted["writes"] == 0
