"""Calls of Zoho driven without HTTP: canned replies, recorded requests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from crmbridge._steps import (
    Call,
    Clock,
    Draw,
    Exclusive,
    Gather,
    Moment,
    Pause,
    Reply,
    Request,
    Step,
    Work,
    drive,
)
from crmbridge.config import ZohoConfig
from crmbridge.errors import CrmbridgeError
from crmbridge.zoho.tokens import AccessToken, LoadToken, LockToken, SaveToken

T = TypeVar("T")

CONFIG = ZohoConfig(
    client_id="1000.CLIENT",
    client_secret="hush-hush",
    refresh_token="1000.refresh",
    data_centre="eu",
)
NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
TOKEN = AccessToken("1000.access", "https://www.zohoapis.eu", NOW + timedelta(hours=1))

Answer = Reply | CrmbridgeError | Callable[[Request], Reply]


def answer(body: Any, status: int = 200, **headers: str) -> Reply:
    """Make a reply of JSON."""
    return Reply(status, headers, json.dumps(body).encode())


def fault(code: str, status: int = 400, **details: Any) -> dict[str, Any]:
    """Make the object that says what is wrong."""
    return {"code": code, "details": details, "message": "words", "status": "error"}


def done(record_id: str, **more: Any) -> dict[str, Any]:
    """Make the object that says that a record was written."""
    details = {"id": record_id, "Modified_Time": "2026-01-05T13:00:00+01:00"}
    return {"code": "SUCCESS", "details": details, "status": "success", **more}


class Script:
    """Answers steps; requests from a list, the token from a store of one."""

    def __init__(
        self, answers: Iterable[Answer] = (), *, token: AccessToken | None = TOKEN
    ) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []
        self.token = token
        self.now = NOW
        self.locked: list[str] = []
        self.draw = 0.0

    def run(self, call: Call[T]) -> T:
        """Carry a call out."""
        return drive(call, self.perform)

    def perform(self, step: Step[Any]) -> Any:  # noqa: C901, PLR0911 - one line a step
        """Carry a step out."""
        match step:
            case Request():
                self.requests.append(step)
                found = self.answers.pop(0)
                if isinstance(found, CrmbridgeError):
                    raise found
                return found if isinstance(found, Reply) else found(step)
            case LoadToken():
                return self.token
            case SaveToken():
                self.token = step.token
            case Clock():
                return Moment(self.now, self.now.timestamp())
            case Pause():
                self.now += timedelta(seconds=step.seconds)
            case Draw():
                return self.draw
            case Exclusive():
                self.locked.append(step.name)
                return self.run(step.call)
            case LockToken():
                return self.run(step.call)
            case Work():
                return step.function()
            case Gather():
                return tuple(self.run(call) for call in step.calls)
            case _:
                raise AssertionError(step)
        return None
