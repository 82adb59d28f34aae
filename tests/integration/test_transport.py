"""What every transport keeps to over real HTTP: no cookies, quiet logs, bounds."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from crmbridge._steps import Reply, Request
from crmbridge.errors import ConnectionFailedError, MalformedReplyError
from crmbridge.testing import LoopbackServer
from crmbridge.transport import AsyncHttpTransport, HttpTransport

SECRET = "very-secret"


class _Echo:
    """Answers with a body of some size, sets a cookie, and remembers what came."""

    def __init__(self) -> None:
        self.headers: list[dict[str, str]] = []

    def handle(self, request: Request) -> Reply:
        self.headers.append(dict(request.headers))
        return Reply(200, {"set-cookie": "session=1; Path=/"}, b"x" * 1000)


@pytest.fixture
def echo() -> _Echo:
    return _Echo()


@pytest.fixture
def url(echo: _Echo) -> Iterator[str]:
    with LoopbackServer(echo) as server:
        yield server.url


def _send(twin: str, *requests: Request) -> list[Reply]:
    if twin == "sync":
        transport = HttpTransport(timeout_seconds=5)
        try:
            return [transport.send(request) for request in requests]
        finally:
            transport.close()

    async def sent() -> list[Reply]:
        transport = AsyncHttpTransport(timeout_seconds=5)
        try:
            return [await transport.send(request) for request in requests]
        finally:
            await transport.aclose()

    return asyncio.run(sent())


def _get(url: str, **more: Any) -> Request:
    return Request("salesmanago", "GET", url, name="file", **more)


@pytest.mark.parametrize("twin", ["sync", "async"])
def test_no_cookie_is_kept(twin: str, url: str, echo: _Echo) -> None:
    _send(twin, _get(url), _get(url))

    assert len(echo.headers) == 2
    assert all("cookie" not in headers for headers in echo.headers)


@pytest.mark.parametrize("twin", ["sync", "async"])
def test_logs_show_the_host_alone(
    twin: str, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    _send(twin, _get(f"{url}/{SECRET}", query={"email": SECRET}))

    assert "HTTP Request: GET http://127.0.0.1" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize("twin", ["sync", "async"])
@pytest.mark.parametrize(
    "address",
    [
        "https://999.1.1.1/secret",
        "https://xn--/secret",
        "https://xn--zz.com/secret",
        "https://example.com:x/secret",
        "https://example.com/\x00secret",
    ],
)
def test_an_address_that_cannot_be_is_an_error_that_hides_it(
    twin: str, address: str
) -> None:
    with pytest.raises(ConnectionFailedError) as caught:
        _send(twin, _get(address))

    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("twin", ["sync", "async"])
def test_a_file_is_written_up_to_its_bound(twin: str, url: str) -> None:
    file = io.BytesIO(b"earlier content" * 1000)

    (reply,) = _send(twin, _get(url, into=file, max_bytes=1000))

    assert (reply.body, len(file.getvalue())) == (b"", 1000)


@pytest.mark.parametrize("twin", ["sync", "async"])
def test_a_file_above_its_bound_is_refused(twin: str, url: str) -> None:
    file = io.BytesIO()

    with pytest.raises(MalformedReplyError, match="larger than 999 bytes"):
        _send(twin, _get(url, into=file, max_bytes=999))

    assert len(file.getvalue()) < 1000
