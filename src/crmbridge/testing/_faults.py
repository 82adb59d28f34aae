"""What can go wrong between a client and a service, to be ordered by a test.

Floor 9.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any, Final, TypeAlias

from attrs import evolve, field, frozen

from crmbridge._steps import Reply, Request
from crmbridge.errors import (
    ConnectionFailedError,
    ConnectionLostError,
    CrmbridgeError,
)
from crmbridge.testing._clock import ServiceClock

__all__ = ["Fault", "Faults", "SilentError"]

Answering: TypeAlias = Callable[[], Reply]
_WORDS: Final = {"INTERNAL_ERROR": "Internal Server Error"}
_HTML: Final = b"<html><head><title>Error</title></head><body>Sorry</body></html>"


class SilentError(ConnectionLostError):
    """The service took the request and never answers; a server says nothing."""


@frozen
class Fault:
    """One thing that goes wrong; made by one of the class methods.

    Attributes:
        reply: what is answered instead of the service's own answer.
        is_applied: whether the service carries the request out all the same.
        is_unreachable: whether no connection can be made.
        is_cut: whether the connection breaks before any answer.
        is_silent: whether the service takes the request and never answers. In
            memory that is a broken connection; over HTTP the client waits.
        is_truncated: whether the service's own answer ends half-way.
        delay_seconds: how much time passes before the answer.
    """

    reply: Reply | None = None
    is_applied: bool = field(default=False, kw_only=True)
    is_unreachable: bool = field(default=False, kw_only=True)
    is_cut: bool = field(default=False, kw_only=True)
    is_silent: bool = field(default=False, kw_only=True)
    is_truncated: bool = field(default=False, kw_only=True)
    delay_seconds: float = field(default=0.0, kw_only=True)

    @classmethod
    def status(cls, status: int, *, retry_after_seconds: float | None = None) -> Fault:
        """Answer a bare HTTP status with a page of HTML; nothing is applied."""
        headers = {"content-type": "text/html"}
        if retry_after_seconds is not None:
            headers["retry-after"] = f"{retry_after_seconds:g}"
        return cls(Reply(status, headers, _HTML))

    @classmethod
    def html(cls, status: int = 200) -> Fault:
        """Answer HTML where JSON is expected; nothing is applied."""
        return cls(Reply(status, {"content-type": "text/html"}, _HTML))

    @classmethod
    def text(cls, text: str = "Internal error", *, status: int = 200) -> Fault:
        """Answer plain text, or nothing for ``""``; nothing is applied."""
        return cls(Reply(status, {"content-type": "text/plain"}, text.encode()))

    @classmethod
    def json(cls, body: Any, *, status: int = 200, is_applied: bool = False) -> Fault:
        """Answer this JSON, such as a refusal; by default nothing is applied."""
        headers = {"content-type": "application/json;charset=UTF-8"}
        reply = Reply(status, headers, json.dumps(body).encode())
        return cls(reply, is_applied=is_applied)

    @classmethod
    def salesmanago(
        cls, *messages: str, status: int = 200, is_applied: bool = False, **more: Any
    ) -> Fault:
        """Answer a refusal as SALESmanago does: ``success`` is false."""
        body = {"success": False, "message": list(messages), **more}
        return cls.json(body, status=status, is_applied=is_applied)

    @classmethod
    def zoho(
        cls, code: str, *, status: int = 400, is_applied: bool = False, **details: Any
    ) -> Fault:
        """Answer an error in Zoho's own words, such as ``INTERNAL_ERROR``."""
        body = {
            "code": code,
            "details": details,
            "message": _WORDS.get(code, "refused by a fault"),
            "status": "error",
        }
        return cls.json(body, status=status, is_applied=is_applied)

    @classmethod
    def unreachable(cls) -> Fault:
        """Let no connection be made; nothing is sent."""
        return cls(is_unreachable=True)

    @classmethod
    def cut(cls, *, is_applied: bool = True) -> Fault:
        """Break the connection before the answer, by default after applying."""
        return cls(is_cut=True, is_applied=is_applied)

    @classmethod
    def silent(cls, *, is_applied: bool = True) -> Fault:
        """Take the request and never answer, by default after applying it."""
        return cls(is_silent=True, is_applied=is_applied)

    @classmethod
    def truncated(cls) -> Fault:
        """Apply the request and answer only half of the body."""
        return cls(is_applied=True, is_truncated=True)

    @classmethod
    def failed_after(cls, status: int = 500) -> Fault:
        """Apply the request, and answer an error all the same."""
        return evolve(cls.status(status), is_applied=True)

    @classmethod
    def slow(cls, seconds: float) -> Fault:
        """Answer properly, but so much later."""
        return cls(is_applied=True, delay_seconds=seconds)


@frozen
class _Order:
    pattern: str
    fault: Fault
    times: int


class Faults:
    """The faults that wait for their requests, first ordered first served.

    Args:
        clock: what a slow answer moves.

    >>> from crmbridge.testing._clock import FakeClock
    >>> faults = Faults(FakeClock())
    >>> faults.fail_next(Fault.status(503), "/api/contact/*", times=2)
    >>> faults.waiting
    2
    """

    def __init__(self, clock: ServiceClock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._orders: list[_Order] = []

    @property
    def waiting(self) -> int:
        """How many requests will still fail."""
        with self._lock:
            return sum(order.times for order in self._orders)

    def fail_next(self, fault: Fault, path: str = "*", *, times: int = 1) -> None:
        """Let the next requests fail.

        Args:
            fault: how.
            path: a shell pattern of the request's path or of its endpoint's
                name, such as ``"/api/contact/*"``.
            times: how many matching requests.
        """
        with self._lock:
            self._orders.append(_Order(path, fault, times))

    def clear(self) -> None:
        """Forget all faults that have not come up."""
        with self._lock:
            self._orders.clear()

    def around(self, request: Request, path: str, answer: Answering) -> Reply:
        """Give the answer to a request, or what goes wrong instead.

        Raises:
            ConnectionFailedError: the fault is an unreachable service.
            ConnectionLostError: the fault is a broken connection.
        """
        return self.meet(request, path)(answer)

    def meet(self, request: Request, path: str) -> Callable[[Answering], Reply]:
        """Take the fault that waits for a request; give what plays it.

        A slow answer waits here, so that whoever holds a lock while it answers
        holds up no other.
        """
        fault = self._take(path, request.name) or _NO_FAULT
        if fault.delay_seconds:
            self._clock.sleep(fault.delay_seconds)
        return lambda answer: _played(fault, request, answer)

    def _take(self, path: str, name: str) -> Fault | None:
        with self._lock:
            for place, order in enumerate(self._orders):
                if fnmatchcase(path, order.pattern) or name == order.pattern:
                    if order.times > 1:
                        self._orders[place] = evolve(order, times=order.times - 1)
                    else:
                        del self._orders[place]
                    return order.fault
            return None


_NO_FAULT: Final = Fault(is_applied=True)


def _played(fault: Fault, request: Request, answer: Answering) -> Reply:
    reply = answer() if fault.is_applied else None
    if fault.is_unreachable or fault.is_cut or fault.is_silent:
        raise _broken(fault, request.service)
    if fault.reply is not None:
        return fault.reply
    assert reply is not None
    if fault.is_truncated:
        return evolve(reply, body=reply.body[: len(reply.body) // 2])
    return reply


def _broken(fault: Fault, service: str) -> CrmbridgeError:
    if fault.is_unreachable:
        return ConnectionFailedError("the fake is unreachable", service=service)
    if fault.is_silent:
        return SilentError("the fake says nothing", service=service)
    return ConnectionLostError("the fake broke the connection", service=service)
