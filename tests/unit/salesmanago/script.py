"""Carries calls out without HTTP: scripted replies in, requests and pauses out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar

from crmbridge._steps import (
    Call,
    Clock,
    Draw,
    Gather,
    Moment,
    Pause,
    Reply,
    Request,
    Step,
    drive,
)
from crmbridge.config import SalesmanagoConfig
from crmbridge.errors import CrmbridgeError
from crmbridge.salesmanago._auth import Account

T = TypeVar("T")

CONFIG = SalesmanagoConfig(
    endpoint="app2",
    client_id="client-1",
    api_secret="s3cret",
    owner="admin@example.com",
)
ACCOUNT = Account.of(CONFIG, "key-1")
NOW = Moment(datetime(2026, 1, 5, 12, 0, tzinfo=UTC), 100.0)


def ok(**payload: Any) -> Reply:
    """Give a successful answer."""
    body = {"success": True, "message": [], **payload}
    return Reply(
        200, {"date": "Mon, 05 Jan 2026 12:00:00 GMT"}, json.dumps(body).encode()
    )


def refused(*messages: str, **more: Any) -> Reply:
    """Give a refusal."""
    body = {"success": False, "message": list(messages), **more}
    return Reply(200, {}, json.dumps(body).encode())


class Script:
    """Answers requests with the replies given, in order."""

    def __init__(self, replies: Iterable[Reply | CrmbridgeError]) -> None:
        self.replies = list(replies)
        self.requests: list[Request] = []
        self.pauses: list[float] = []

    def run(self, call: Call[T]) -> T:
        """Carry a call out."""
        return drive(call, self.perform)

    def perform(self, step: Step[Any]) -> Any:
        """Carry one step out."""
        if isinstance(step, Request):
            self.requests.append(step.prepared(NOW))
            reply = self.replies.pop(0)
            if isinstance(reply, CrmbridgeError):
                raise reply
            return reply
        if isinstance(step, Gather):
            return tuple(self.run(call) for call in step.calls)
        if isinstance(step, Pause):
            self.pauses.append(step.seconds)
            return None
        plain: dict[type[Step[Any]], Any] = {Clock: NOW, Draw: 0.5}
        return plain[type(step)]

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """What was sent, without the signature."""
        signature = {"clientId", "apiKey", "requestTime", "sha"}
        return [
            {
                name: value
                for name, value in (request.json or {}).items()
                if name not in signature
            }
            for request in self.requests
        ]

    @property
    def paths(self) -> list[str]:
        """Where it was sent."""
        start = f"{CONFIG.endpoint}/api/"
        return [request.url.removeprefix(start) for request in self.requests]
