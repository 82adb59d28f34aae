"""A fake on loopback: what arrives, what goes back, how it hangs up and stops."""

from __future__ import annotations

import io
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from crmbridge._steps import Reply, Request, Upload
from crmbridge.errors import ConnectionFailedError, ConnectionLostError
from crmbridge.testing import (
    Fake,
    FakeTransport,
    Fault,
    LoopbackServer,
    SalesmanagoFake,
)
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


@pytest.mark.parametrize(
    "body",
    [
        {"json": {"a": [1]}},
        {"form": {"a": "1 2"}},
        {"upload": Upload(io.BytesIO(b"PK"), "a.zip")},
        {},
    ],
)
def test_a_request_in_memory_arrives_as_over_http(
    server: LoopbackServer,
    fake: Recorder,
    transport: HttpTransport,
    body: dict[str, Any],
) -> None:
    request = _request(server, query={"q": "a+b"}, headers={"X-Mark": "7"}, **body)

    transport.send(request)
    FakeTransport(fake).send(request)

    near, far = fake.asked
    kinds = [one.headers.get("content-type", "").split(";")[0] for one in (near, far)]
    assert kinds[0] == kinds[1]
    assert (near.json, near.form, near.query) == (far.json, far.form, far.query)
    assert (near.upload is None) == (far.upload is None)


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


# --- other programs: the bytes of curl, of python-requests, and of none ---------


def _spoken(server: LoopbackServer, *parts: bytes) -> bytes:
    """Send bytes as they are, and give all that is answered."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as line:
        for part in parts:
            line.sendall(part)
        line.shutdown(socket.SHUT_WR)
        answered = b""
        while part := line.recv(65536):
            answered += part
    return answered


def _said(method: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"{method} /a HTTP/1.1", "Host: 127.0.0.1", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    "kind",
    [
        (),  # python-requests, as Zoho's own SDK calls it
        ("Content-Type: application/x-www-form-urlencoded",),  # curl -d
        ("Content-Type: text/plain",),
        ("Content-Type: Application/JSON; charset=utf-8",),
    ],
)
def test_json_is_known_by_its_look(
    server: LoopbackServer, fake: Recorder, kind: tuple[str, ...]
) -> None:
    _spoken(server, _said("POST", b' {"data": [{"Last_Name": "Nowak"}]}', *kind))

    (came,) = fake.asked
    assert came.json == {"data": [{"Last_Name": "Nowak"}]}
    assert came.form is None


def test_a_form_is_no_json(server: LoopbackServer, fake: Recorder) -> None:
    kind = "Content-Type: application/x-www-form-urlencoded"

    _spoken(server, _said("POST", b"grant_type=refresh_token&a=%2B+", kind))

    assert fake.asked[0].form == {"grant_type": "refresh_token", "a": "+ "}
    assert fake.asked[0].json is None


@pytest.mark.parametrize("body", [b"{", b"[" * 200_000, b"\xff", b"text"])
def test_what_is_no_json_is_none(
    server: LoopbackServer, fake: Recorder, body: bytes
) -> None:
    answered = _spoken(server, _said("POST", body, "Content-Type: application/json"))

    assert answered.startswith(b"HTTP/1.1 200")
    assert fake.asked[0].json is None


def test_a_plus_in_a_query_is_a_space_unless_it_is_encoded(
    server: LoopbackServer, fake: Recorder
) -> None:
    _spoken(server, b"GET /a?x=1+2&y=1%2B2&z=%C5%BB HTTP/1.1\r\nHost: h\r\n\r\n")

    assert fake.asked[0].query == {"x": "1 2", "y": "1+2", "z": "Ż"}


def test_a_body_in_chunks_arrives_whole(server: LoopbackServer, fake: Recorder) -> None:
    chunks = b'6;name="value"\r\n{"a": \r\n8\r\n[1, 2]} \r\n0\r\nX-Trailer: 1\r\n\r\n'
    head = _said("POST", b"", "Transfer-Encoding: chunked")

    answered = _spoken(server, head, chunks[:9], chunks[9:], _said("GET"))

    assert answered.count(b"HTTP/1.1 200") == 2
    assert fake.asked[0].json == {"a": [1, 2]}
    assert fake.asked[1].method == "GET"


@pytest.mark.parametrize(
    "said",
    [
        _said("POST", b"", "Content-Length: many"),
        _said("POST", b"", "Content-Length: -1"),
        _said("POST", b"", "Transfer-Encoding: chunked") + b"x\r\n\r\n",
        _said("POST", b"", "Transfer-Encoding: chunked") + b"-1\r\n\r\n",
        _said("POST", b"", "Transfer-Encoding: chunked") + b"1\r\nabc\r\n",
        _said("POST", b"", "Transfer-Encoding: gzip"),
        _said("POST", b"", "Content-Length: 5") + b"abc",
        _said("POST", b"", "Transfer-Encoding: chunked") + b"5\r\nabc",
    ],
)
def test_a_body_without_a_good_length_is_refused(
    server: LoopbackServer, fake: Recorder, said: bytes
) -> None:
    answered = _spoken(server, said)

    assert answered.startswith(b"HTTP/1.1 400")
    assert b"connection: close" in answered.lower()
    assert not fake.asked


def test_who_waits_for_leave_to_send_gets_it_at_once(
    server: LoopbackServer, fake: Recorder
) -> None:
    body = b'{"a": 1}'
    head = _said("POST", body, "Expect: 100-continue").removesuffix(body)
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as line:
        line.sendall(head)
        leave = line.recv(65536)
        line.sendall(body)
        answered = line.recv(65536)

    assert leave == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert answered.startswith(b"HTTP/1.1 200")
    assert fake.asked[0].json == {"a": 1}


def test_a_head_has_no_body_and_leaves_the_connection_usable(
    server: LoopbackServer, fake: Recorder
) -> None:
    answered = _spoken(server, _said("HEAD"), _said("GET"))

    first, second = answered.split(b"HTTP/1.1 200 OK\r\n")[1:]
    assert first.endswith(b"content-length: 2\r\n\r\n")
    assert second.endswith(b"\r\n\r\n{}")
    assert [request.method for request in fake.asked] == ["HEAD", "GET"]


def test_names_of_headers_come_in_lower_case_and_repeated_ones_joined(
    server: LoopbackServer, fake: Recorder
) -> None:
    _spoken(server, _said("GET", b"", "X-Mark: 1", "x-mark: 2", "AUTHORIZATION: me"))

    assert fake.asked[0].headers["x-mark"] == "1, 2"
    assert fake.asked[0].headers["authorization"] == "me"


def test_who_asks_for_the_end_of_the_connection_gets_it(
    server: LoopbackServer, fake: Recorder
) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as line:
        line.sendall(_said("GET", b"", "Connection: close"))
        answered = b""
        while part := line.recv(65536):
            answered += part

    assert answered.startswith(b"HTTP/1.1 200")


def test_an_old_client_is_answered_and_left(
    server: LoopbackServer, fake: Recorder
) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as line:
        line.sendall(b"GET /a HTTP/1.0\r\n\r\n")
        answered = b""
        while part := line.recv(65536):
            answered += part

    assert answered.endswith(b"\r\n\r\n{}")


def test_the_counters_leave_the_connection_usable_whatever_is_sent(
    server: LoopbackServer, fake: Recorder
) -> None:
    said = _said("POST", b"a" * 10).replace(b"/a", b"/__counters__", 1)

    answered = _spoken(server, said, _said("GET"))

    assert answered.count(b"HTTP/1.1 200") == 2


def test_a_file_of_any_bytes_arrives_whole(
    server: LoopbackServer, fake: Recorder, transport: HttpTransport
) -> None:
    content = b"\r\n--\r\n\n\r\x00\xff--\r\n\r\n" + os.urandom(4096) + b"\r\n"
    upload = Upload(io.BytesIO(content), "żółć 1.zip", "content", "application/zip")

    transport.send(_request(server, upload=upload))

    came = fake.asked[0].upload
    assert came is not None
    assert came.read() == content
    assert (came.field_name, came.content_type) == ("content", "application/zip")
    assert came.file_name


def test_a_file_behind_other_fields_is_found(
    server: LoopbackServer, fake: Recorder
) -> None:
    body = (
        b"preamble\r\n--b\r\n"
        b'Content-Disposition: form-data; name="feature"\r\n\r\nbulk-write\r\n'
        b"--b  \r\ncontent-disposition: form-data; "
        b'name="file"; filename="a.zip"\r\n\r\nPK\r\n--b--\r\nepilogue'
    )

    _spoken(
        server, _said("POST", body, 'Content-Type: multipart/form-data; boundary="b"')
    )

    came = fake.asked[0].upload
    assert came is not None
    assert (came.file_name, came.read()) == ("a.zip", b"PK")


@pytest.mark.parametrize("kind", ["", "; boundary=", "; boundary=other"])
def test_a_form_without_a_file_has_none(
    server: LoopbackServer, fake: Recorder, kind: str
) -> None:
    header = f"Content-Type: multipart/form-data{kind}"

    answered = _spoken(server, _said("POST", b"--b\r\n\r\nPK\r\n--b--", header))

    assert answered.startswith(b"HTTP/1.1 200")
    assert fake.asked[0].upload is None


@pytest.mark.slow
def test_a_big_file_takes_no_time(
    server: LoopbackServer, fake: Recorder, transport: HttpTransport
) -> None:
    content = os.urandom(25 * 1024 * 1024)
    started = time.monotonic()

    transport.send(_request(server, upload=Upload(io.BytesIO(content), "a.zip")))

    came = fake.asked[0].upload
    assert came is not None
    assert came.read() == content
    assert time.monotonic() - started < 2


def test_a_silent_service_takes_the_request_and_keeps_the_line_open() -> None:
    fake = SalesmanagoFake()
    fake.fail_next(Fault.silent())
    transport = HttpTransport(timeout_seconds=0.2)

    with LoopbackServer(fake) as server:
        request = Request("salesmanago", "POST", f"{server.url}/api/user/listByClient")
        with pytest.raises(ConnectionLostError, match="ReadTimeout"):
            transport.send(request)
        transport.close()
