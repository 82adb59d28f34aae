"""Calls are carried out by two loops that treat them alike."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Any

import pytest

from crmbridge._steps import (
    Call,
    Clock,
    Pause,
    Reply,
    Request,
    Step,
    adrive,
    clock,
    drive,
    gather,
    pause,
    send,
)
from crmbridge.errors import (
    ConnectionFailedError,
    CrmbridgeError,
    MalformedReplyError,
)

REQUEST = Request("zoho", "GET", "https://example.com", "name")


def _fetch_twice() -> Call[list[int]]:
    statuses: list[int] = []
    for _ in range(2):
        try:
            statuses.append((yield from send(REQUEST)).status)
        except ConnectionFailedError:
            yield from pause(1.5)
            statuses.append(0)
    return statuses


class _Script:
    """Answers steps in turn, and keeps what was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.steps: list[Step[Any]] = []

    def __call__(self, step: Step[Any]) -> Any:
        self.steps.append(step)
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def later(self, step: Step[Any]) -> Awaitable[Any]:
        async def answer() -> Any:
            return self(step)

        return answer()


def test_an_error_of_ours_is_thrown_into_the_call() -> None:
    script = _Script(ConnectionFailedError("no"), None, Reply(200))

    assert drive(_fetch_twice(), script) == [0, 200]
    assert script.steps == [REQUEST, Pause(1.5), REQUEST]


def test_the_async_loop_does_the_same() -> None:
    script = _Script(ConnectionFailedError("no"), None, Reply(200))

    assert asyncio.run(adrive(_fetch_twice(), script.later)) == [0, 200]
    assert script.steps == [REQUEST, Pause(1.5), REQUEST]


def test_an_error_that_the_call_lets_pass_reaches_the_caller() -> None:
    with pytest.raises(CrmbridgeError, match="broken"):
        drive(_fetch_twice(), _Script(CrmbridgeError("broken")))


def test_another_error_ends_the_call_and_closes_it() -> None:
    closed: list[bool] = []

    def call() -> Call[None]:
        try:
            yield from send(REQUEST)
        finally:
            closed.append(True)

    with pytest.raises(KeyboardInterrupt):
        drive(call(), _Script(KeyboardInterrupt()))
    assert closed == [True]


def test_there_is_no_pause_of_nothing() -> None:
    assert list(pause(0.0)) == []


def test_gathering_nothing_asks_for_nothing() -> None:
    nothing: list[Call[int]] = []

    assert drive(gather(nothing, 3), _Script()) == ()


def test_the_clock_is_a_step() -> None:
    assert next(clock()) == Clock()


def test_a_reply_reads_its_body_as_json() -> None:
    assert Reply(200, {}, b'{"a": 1}').json() == {"a": 1}


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a": ', b"\xff"])
def test_a_body_that_is_not_json_is_a_typed_error(body: bytes) -> None:
    with pytest.raises(MalformedReplyError) as caught:
        Reply(502, {"content-type": "text/html"}, body).json()
    assert caught.value.status == 502


def test_a_reply_knows_the_servers_clock() -> None:
    reply = Reply(200, {"date": "Mon, 23 Nov 2026 11:50:46 GMT"})

    assert reply.date == datetime(2026, 11, 23, 11, 50, 46, tzinfo=UTC)
    assert Reply(200, {"date": "yesterday"}).date is None
    assert Reply(200).date is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        ("-1", 0.0),
        ("soon", None),
        ("", None),
        ("inf", None),
        ("nan", None),
        ("Mon, 23 Nov 2026 11:51:46 GMT", 60.0),
        ("Mon, 23 Nov 2026 11:51:46 -0000", 60.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
    ],
)
def test_retry_after_is_a_number_or_a_date_by_the_servers_clock(
    text: str, seconds: float | None
) -> None:
    headers = {"retry-after": text, "date": "Mon, 23 Nov 2026 11:50:46 GMT"}

    assert Reply(429, headers).retry_after_seconds == seconds


def test_a_date_without_the_servers_clock_is_no_wait() -> None:
    headers = {"retry-after": "Mon, 23 Nov 2026 11:51:46 GMT"}

    assert Reply(429, headers).retry_after_seconds is None


def test_repr_shows_no_body_address_or_header() -> None:
    request = Request(
        "zoho", "POST", "https://h/secret", "x", {"q": "secret"}, {}, {"p": "secret"}
    )

    assert "secret" not in repr(request)
    assert "secret" not in repr(Reply(200, {"x": "secret"}, b"secret"))
