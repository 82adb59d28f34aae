"""Fakes on loopback: real HTTP on 127.0.0.1, for any program to talk to.

Floor 9.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Final, Self, cast
from urllib.parse import urlsplit

from crmbridge._steps import Reply, Request
from crmbridge.errors import CrmbridgeError
from crmbridge.testing._bodies import BadBodyError, body_of, pairs, read_body
from crmbridge.testing._faults import SilentError
from crmbridge.testing._transports import Fake

__all__ = ["LoopbackServer"]

_HOST: Final = "127.0.0.1"
_POLL_SECONDS: Final = 0.02
_DRAIN_SECONDS: Final = 0.5
_DRAIN_BYTES: Final = 65_536
_DRAIN_PARTS: Final = 16
_COUNTERS: Final = (
    "requests",
    "writes",
    "contacts_written",
    "records_written",
    "credits",
)


class LoopbackServer:
    """Lets a fake answer over HTTP/1.1 on 127.0.0.1, each connection in a thread.

    Where the fake plays an unreachable service or a broken connection, the
    connection is closed without an answer; where it plays a silent one, it
    stays open until the client gives up.
    ``GET /__counters__`` answers what the fake has counted, as JSON with
    ``requests`` (by path) and ``writes``; it is not counted itself.

    Args:
        fake: what answers.
        port: where to listen; 0 takes a free one.

    Attributes:
        fake: what answers.

    >>> from crmbridge.testing import SalesmanagoFake
    >>> with LoopbackServer(SalesmanagoFake()) as server:
    ...     server.url.startswith("http://127.0.0.1:")
    True
    """

    def __init__(self, fake: Fake, *, port: int = 0) -> None:
        self.fake = fake
        self._server = _Server((_HOST, port), _handler_of(fake))
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            args=(_POLL_SECONDS,),
            name=f"loopback-{self.port}",
            daemon=True,
        )
        self._thread.start()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Its address, without a path."""
        return f"http://{_HOST}:{self.port}"

    def close(self) -> None:
        """Close all connections and stop; closing twice does no harm."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    """A threading server that closes its open connections when it closes."""

    daemon_threads = False  # so that closing waits for them
    block_on_close = True
    request_queue_size = 64

    def __init__(
        self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]
    ) -> None:
        self.connections: set[socket.socket] = set()
        super().__init__(address, handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that went away; a killed one does so."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def server_close(self) -> None:
        """Stop, also where a client keeps its connection alive."""
        for connection in tuple(self.connections):
            _hang_up(connection)
        super().server_close()


class _Handler(BaseHTTPRequestHandler):
    """Turns HTTP into a `Request` and a `Reply` into HTTP."""

    protocol_version = "HTTP/1.1"
    server_version = "crmbridge-fake"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024  # head and body go out together
    fake: ClassVar[Fake]

    def setup(self) -> None:
        """Note the connection, so that the server can end it."""
        super().setup()
        cast("_Server", self.server).connections.add(self.connection)

    def finish(self) -> None:
        """Forget the connection."""
        cast("_Server", self.server).connections.discard(self.connection)
        super().finish()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name above
        """Say nothing."""

    def handle_expect_100(self) -> bool:
        """Give leave to send the body, at once and not with the answer."""
        is_given = super().handle_expect_100()
        self.wfile.flush()
        return is_given

    def answer(self) -> None:
        """Answer one request, or hang up where the fake does."""
        try:
            request = self._request()
        except BadBodyError:
            self._refuse()
            return
        if urlsplit(self.path).path == "/__counters__":
            self._send(_counters(self.fake))
            return
        try:
            reply = self.fake.handle(request)
        except CrmbridgeError as error:
            self.close_connection = True
            if isinstance(error, SilentError):
                _wait_for_the_end(self.connection)
            _hang_up(self.connection)
            return
        self._send(reply)

    # The names are http.server's.
    do_GET = do_HEAD = do_OPTIONS = answer  # noqa: N815
    do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815

    def _request(self) -> Request:
        parts = urlsplit(self.path)
        headers = _joined(self.headers.items())
        body = body_of(read_body(self.rfile, headers), headers)
        return Request(
            service="fake",
            method=self.command,
            url=f"http://{headers.get('host', _HOST)}{parts.path}",
            query=pairs(parts.query),
            headers=headers,
            json=body.json,
            form=body.form,
            upload=body.upload,
        )

    def _refuse(self) -> None:
        """Answer HTTP 400 and hang up: where the next request begins is unknown."""
        self.close_connection = True
        self._send(Reply(HTTPStatus.BAD_REQUEST, {"connection": "close"}))
        self.wfile.flush()
        # What is left unread would let the system throw the answer away.
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(_DRAIN_SECONDS)
        with suppress(OSError):
            for _ in range(_DRAIN_PARTS):
                if not self.rfile.read1(_DRAIN_BYTES):
                    break

    def _send(self, reply: Reply) -> None:
        self.send_response_only(reply.status)
        headers = {"date": self.date_time_string(), **reply.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        has_body = reply.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
        if has_body:
            self.send_header("content-length", str(len(reply.body)))
        self.end_headers()
        if has_body and self.command != "HEAD":
            self.wfile.write(reply.body)


def _handler_of(fake: Fake) -> type[_Handler]:
    return type("_HandlerOfFake", (_Handler,), {"fake": fake})


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the client was faster


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Give headers by their names in lower case, repeated ones as one."""
    found: dict[str, str] = {}
    for name, value in pairs:
        key = name.lower()
        found[key] = f"{found[key]}, {value}" if key in found else value
    return found


def _wait_for_the_end(connection: socket.socket) -> None:
    """Wait until the client, or this server, gives the connection up."""
    try:
        while connection.recv(1024):
            pass
    except OSError:
        return


def _counters(fake: Fake) -> Reply:
    counted: dict[str, Any] = {}
    for name in _COUNTERS:
        value = getattr(fake, name, None)
        if isinstance(value, Mapping | int):
            counted[name] = value
    body = json.dumps(counted).encode()
    return Reply(200, {"content-type": "application/json"}, body)
