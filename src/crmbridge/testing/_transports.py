"""Transports that end in a fake instead of the network.

Floor 9.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Protocol, runtime_checkable

from attrs import evolve

from crmbridge._steps import Reply, Request
from crmbridge.transport import check_size

__all__ = ["AsyncFakeTransport", "Fake", "FakeTransport"]


class Fake(Protocol):
    """A service in memory: answers requests."""

    def handle(self, request: Request) -> Reply:
        """Answer one request.

        Raises:
            ConnectionFailedError: the service plays unreachable.
            ConnectionLostError: the service plays a broken connection.
        """
        ...


@runtime_checkable
class _Receiving(Protocol):
    """A service in memory that can have several requests in flight."""

    def receive(self, request: Request) -> Callable[[], Reply]:
        """Let one request come in, and give what answers it."""
        ...


class FakeTransport:
    """The way to a fake for sync clients.

    Args:
        fake: `SalesmanagoFake`, `ZohoFake` or any other that answers.
    """

    def __init__(self, fake: Fake) -> None:
        self._fake = fake
        self.is_closed = False

    def send(self, request: Request) -> Reply:
        """Send one request and return the whole answer.

        Raises:
            ConnectionFailedError: the fake plays unreachable.
            ConnectionLostError: the fake plays a broken connection.
        """
        return _as_received(self._fake.handle(_as_sent(request)), request)

    def close(self) -> None:
        """Remember that the client gave up its connections."""
        self.is_closed = True


class AsyncFakeTransport:
    """The way to a fake for async clients.

    Requests of several tasks are in flight at one time, where the fake takes
    that; they are answered in the order they came.

    Args:
        fake: `SalesmanagoFake`, `ZohoFake` or any other that answers.
    """

    def __init__(self, fake: Fake) -> None:
        self._fake = fake
        self.is_closed = False

    async def send(self, request: Request) -> Reply:
        """Send one request and return the whole answer.

        Raises:
            ConnectionFailedError: the fake plays unreachable.
            ConnectionLostError: the fake plays a broken connection.
        """
        if not isinstance(self._fake, _Receiving):
            return _as_received(self._fake.handle(_as_sent(request)), request)
        answer = self._fake.receive(_as_sent(request))
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            answer()  # a service does not see that nobody waits any more
            raise
        return _as_received(answer(), request)

    async def aclose(self) -> None:
        """Remember that the client gave up its connections."""
        self.is_closed = True


def _as_sent(request: Request) -> Request:
    """Give a request as it arrives: JSON by value, header names in lower case."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    kind = _media_type(request)
    if kind:
        headers["content-type"] = kind
    body = None if request.json is None else json.loads(json.dumps(request.json))
    return evolve(request, headers=headers, json=body)


def _media_type(request: Request) -> str:
    """Name what `HttpTransport` would send."""
    if request.json is not None:
        return "application/json;charset=UTF-8"
    if request.upload is not None:
        return "multipart/form-data"
    return "" if request.form is None else "application/x-www-form-urlencoded"


def _as_received(reply: Reply, request: Request) -> Reply:
    """Put the body where the request wants it."""
    if request.into is None or reply.status != HTTPStatus.OK:
        return reply
    check_size(request, len(reply.body))
    request.into.seek(0)
    request.into.truncate()
    request.into.write(reply.body)
    return evolve(reply, body=b"")
