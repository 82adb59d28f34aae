"""How requests reach a service: the protocols, and httpx behind them.

Floor 5, and the only module that imports httpx: no type of httpx appears in a
public argument, attribute or error.

A transport sends one request and gives the whole answer, or raises
`ConnectionFailedError` (nothing was sent) or `ConnectionLostError` (the answer
never came).
It repeats nothing, follows no redirect, keeps no cookies, and refuses answers
above its bound.
httpx logs the address of each request; here that is the host alone, for paths
and queries hold links and e-mails.
"""

from __future__ import annotations

import json
from contextlib import aclosing, closing
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final, Protocol, cast

import httpx

from crmbridge._steps import Reply, Request
from crmbridge.errors import (
    ConnectionFailedError,
    ConnectionLostError,
    MalformedReplyError,
    TransportError,
)

__all__ = [
    "AsyncHttpTransport",
    "AsyncTransport",
    "HttpTransport",
    "Transport",
    "check_size",
]

_USER_AGENT: Final = "crmbridge/python"
_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_BAD_ADDRESS: Final = (httpx.InvalidURL, UnicodeError)


class Transport(Protocol):
    """Sends requests; a caller may bring another than `HttpTransport`."""

    def send(self, request: Request) -> Reply:
        """Send one request and return the whole answer.

        Raises:
            ConnectionFailedError: no connection could be made.
            ConnectionLostError: the answer did not come, or not whole.
            MalformedReplyError: the answer is larger than the bound.
        """
        ...

    def close(self) -> None:
        """Give up all connections."""
        ...


class AsyncTransport(Protocol):
    """The async twin of `Transport`."""

    async def send(self, request: Request) -> Reply:
        """Send one request and return the whole answer.

        Raises:
            ConnectionFailedError: no connection could be made.
            ConnectionLostError: the answer did not come, or not whole.
            MalformedReplyError: the answer is larger than the bound.
        """
        ...

    async def aclose(self) -> None:
        """Give up all connections."""
        ...


class HttpTransport:
    """One kept-alive HTTP client for one service.

    Args:
        timeout_seconds: the limit of each phase of a request.
        max_in_flight: connections at one time.
        max_reply_bytes: a larger answer is refused while it arrives.
    """

    def __init__(
        self,
        *,
        timeout_seconds: float = 60.0,
        max_in_flight: int = 5,
        max_reply_bytes: int = 64 * 1024 * 1024,
    ) -> None:
        self._bound = max_reply_bytes
        self._client = httpx.Client(
            timeout=timeout_seconds,
            limits=_connection_limits(max_in_flight),
            headers={"User-Agent": _USER_AGENT},
            cookies=_no_cookies(),
            trust_env=False,
        )

    def send(self, request: Request) -> Reply:
        """Send one request and return the whole answer.

        Raises:
            ConnectionFailedError: no connection could be made.
            ConnectionLostError: the answer did not come, or not whole.
            MalformedReplyError: the answer is larger than the bound.
        """
        try:
            with closing(self._send(request)) as response:
                sink = _Sink(request, response.status_code, self._bound)
                for part in response.iter_bytes():
                    sink.write(part)
                return _reply(response, sink.body())
        except httpx.HTTPError as error:
            raise _our_error(error, request) from error

    def close(self) -> None:
        """Give up all connections."""
        self._client.close()

    def _send(self, request: Request) -> httpx.Response:
        try:
            built = _quiet(self._client.build_request(**_arguments(request)))
            return self._client.send(built, stream=True)
        except _BAD_ADDRESS:
            raise _unsendable(request) from None


class AsyncHttpTransport:
    """The async twin of `HttpTransport`.

    Args:
        timeout_seconds: the limit of each phase of a request.
        max_in_flight: connections at one time.
        max_reply_bytes: a larger answer is refused while it arrives.
    """

    def __init__(
        self,
        *,
        timeout_seconds: float = 60.0,
        max_in_flight: int = 5,
        max_reply_bytes: int = 64 * 1024 * 1024,
    ) -> None:
        self._bound = max_reply_bytes
        self._client = httpx.AsyncClient(
            timeout=timeout_seconds,
            limits=_connection_limits(max_in_flight),
            headers={"User-Agent": _USER_AGENT},
            cookies=_no_cookies(),
            trust_env=False,
        )

    async def send(self, request: Request) -> Reply:
        """Send one request and return the whole answer.

        Raises:
            ConnectionFailedError: no connection could be made.
            ConnectionLostError: the answer did not come, or not whole.
            MalformedReplyError: the answer is larger than the bound.
        """
        try:
            async with aclosing(await self._send(request)) as response:
                sink = _Sink(request, response.status_code, self._bound)
                async for part in response.aiter_bytes():
                    sink.write(part)
                return _reply(response, sink.body())
        except httpx.HTTPError as error:
            raise _our_error(error, request) from error

    async def aclose(self) -> None:
        """Give up all connections."""
        await self._client.aclose()

    async def _send(self, request: Request) -> httpx.Response:
        try:
            built = _quiet(self._client.build_request(**_arguments(request)))
            return await self._client.send(built, stream=True)
        except _BAD_ADDRESS:
            raise _unsendable(request) from None


def _connection_limits(max_in_flight: int) -> httpx.Limits:
    return httpx.Limits(
        max_connections=max_in_flight, max_keepalive_connections=max_in_flight
    )


def _no_cookies() -> CookieJar:
    """Give a jar that stays empty: credentials are only those that a call sends."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


class _QuietURL(httpx.URL):
    """An address whose path and query stay out of logs."""

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc.decode()}/..."


def _quiet(request: httpx.Request) -> httpx.Request:
    request.url = _QuietURL(request.url)
    return request


def _arguments(request: Request) -> dict[str, Any]:
    """Give httpx's words for a request of ours."""
    arguments: dict[str, Any] = {
        "method": request.method,
        "url": request.url,
        "headers": {"Accept": "application/json", **request.headers},
    }
    if request.query:
        arguments["params"] = dict(request.query)
    if request.json is not None:
        arguments["content"] = json.dumps(
            request.json, ensure_ascii=False, separators=(",", ":")
        ).encode()
        arguments["headers"]["Content-Type"] = "application/json;charset=UTF-8"
    elif request.upload is not None:
        upload = request.upload
        upload.file.seek(0)
        content = (upload.file_name, upload.file, upload.content_type)
        arguments["files"] = {upload.field_name: content}
    elif request.form is not None:
        arguments["data"] = dict(request.form)
    if request.timeout_seconds is not None:
        arguments["timeout"] = request.timeout_seconds
    return arguments


def _reply(response: httpx.Response, body: bytes) -> Reply:
    # httpx gives names in lower case already, and joins repeated headers.
    return Reply(response.status_code, cast("Any", dict(response.headers)), body)


def check_size(request: Request, size_bytes: int) -> None:
    """Refuse what is more than a request's ``into`` takes.

    Raises:
        MalformedReplyError: it is more.
    """
    if request.max_bytes is not None and size_bytes > request.max_bytes:
        raise MalformedReplyError(
            f"{request.name or request.method}: the file is larger than "
            f"{request.max_bytes} bytes; allow more, or ask for less",
            service=request.service,
        )


class _Sink:
    """Where the body of one answer goes: into memory, bounded, or into a file."""

    def __init__(self, request: Request, status: int, bound: int) -> None:
        self._request = request
        self._bound = bound
        self._memory = bytearray()
        self._written = 0
        self._file = request.into if status == HTTPStatus.OK else None
        if self._file is not None:
            self._file.seek(0)
            self._file.truncate()

    def write(self, part: bytes) -> None:
        if self._file is not None:
            self._written += len(part)
            check_size(self._request, self._written)
            self._file.write(part)
            return
        self._memory += part
        if len(self._memory) > self._bound:
            raise MalformedReplyError(
                f"the answer to {self._request.name or self._request.method} is larger "
                f"than {self._bound} bytes; ask for smaller pages or raise "
                "Limits.max_reply_bytes",
                service=self._request.service,
            )

    def body(self) -> bytes:
        return bytes(self._memory)


def _unsendable(request: Request) -> ConnectionFailedError:
    return ConnectionFailedError(
        f"{request.name or request.method}: the address of {request.service} cannot "
        "be used",
        service=request.service,
    )


def _our_error(error: httpx.HTTPError, request: Request) -> TransportError:
    what = request.name or request.method
    if isinstance(error, _NEVER_SENT):
        return ConnectionFailedError(
            f"{what}: no connection to {request.service} ({type(error).__name__}); "
            "check the address and the network",
            service=request.service,
        )
    return ConnectionLostError(
        f"{what}: {request.service} gave no whole answer ({type(error).__name__})",
        service=request.service,
    )
