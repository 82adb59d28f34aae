"""Asking for tokens without HTTP: never too often, whatever the answers are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from crmbridge._steps import Reply, Request
from crmbridge.config import RetryPolicy
from crmbridge.errors import (
    AuthenticationError,
    ConnectionFailedError,
    ConnectionLostError,
    CrmbridgeError,
    ServiceError,
    StoreError,
    ThrottledError,
)
from crmbridge.zoho._auth import access_token
from crmbridge.zoho.tokens import AccessToken
from tests.unit.zoho.script import CONFIG, NOW, TOKEN, Answer, Script, answer

FRESH: dict[str, Any] = {"access_token": "1000.new", "expires_in": 3600}
LOST: Answer = ConnectionLostError("no answer")
UNREACHED: Answer = ConnectionFailedError("no way")
BROKEN = answer({"error": "general_error"}, 200)


def _fail(script: Script) -> CrmbridgeError:
    with pytest.raises(CrmbridgeError) as caught:
        script.run(access_token(CONFIG))
    return caught.value


def _ended(script: Script) -> AccessToken:
    """Let the kept token end, and leave what was noted beside it."""
    assert script.token is not None
    script.token = evolve(script.token, expires_at=script.now)
    return script.token


def test_ten_tokens_in_ten_minutes_are_asked_for_and_not_one_more() -> None:
    script = Script([answer(FRESH)] * 11, token=None)
    for _ in range(10):
        script.run(access_token(CONFIG))
        _ended(script)
        script.now += timedelta(seconds=30)

    error = _fail(script)

    assert isinstance(error, ThrottledError)
    assert error.retry_after_seconds == 300
    assert len(script.requests) == 10


def test_a_token_is_asked_for_again_when_the_first_attempt_is_old_enough() -> None:
    script = Script([answer(FRESH)] * 11, token=None)
    for _ in range(10):
        script.run(access_token(CONFIG))
        _ended(script)
        script.now += timedelta(seconds=30)
    script.now += timedelta(seconds=300)

    token = script.run(access_token(CONFIG))

    assert token.value == "1000.new"
    assert len(token.asked_at) == 10


@pytest.mark.parametrize("outcome", [LOST, BROKEN, answer({}, 503), Reply(200)])
def test_an_attempt_that_failed_counts_as_well(outcome: Answer) -> None:
    script = Script([outcome] * 99, token=None)
    errors = [type(_fail(script)) for _ in range(11)]

    assert errors[-1] is ThrottledError
    assert len(script.requests) == 10


def test_an_attempt_is_noted_before_it_is_sent() -> None:
    noted: list[Any] = []

    def died(request: Request) -> Reply:
        noted.append(script.token)
        raise SystemExit

    script = Script([died], token=None)
    with pytest.raises(SystemExit):
        script.run(access_token(CONFIG))

    assert [token.asked_at for token in noted] == [(NOW,)]


def test_an_attempt_counts_from_its_answer_for_it_may_have_travelled_long() -> None:
    def slow(request: Request) -> Reply:
        script.now += timedelta(seconds=40)
        return answer(FRESH)

    script = Script([slow], token=None)

    token = script.run(access_token(CONFIG))

    assert token.asked_at == (NOW + timedelta(seconds=40),)
    assert token.expires_at == NOW + timedelta(hours=1)


def test_what_was_never_sent_does_not_count() -> None:
    script = Script([UNREACHED] * 20, token=None)
    for _ in range(4):
        assert isinstance(_fail(script), ConnectionFailedError)

    assert len(script.requests) == 20
    assert script.token is not None
    assert script.token.asked_at == ()


def test_what_the_limiter_held_back_does_not_count() -> None:
    held: Answer = ThrottledError("not sent", retry_after_seconds=3600)
    script = Script([held] * 12, token=None)

    for _ in range(12):
        assert isinstance(_fail(script), ThrottledError)

    assert len(script.requests) == 12


def test_attempts_that_lie_ahead_were_noted_before_the_clock_was_set_back() -> None:
    ahead = tuple(NOW + timedelta(days=1, seconds=place) for place in range(10))
    script = Script([answer(FRESH)], token=AccessToken("", None, NOW, ahead))

    assert script.run(access_token(CONFIG)).value == "1000.new"


def test_a_silence_that_ends_too_late_was_noted_before_the_clock_was_set_back() -> None:
    mark = AccessToken("", None, NOW + timedelta(hours=1))
    script = Script([answer(FRESH)], token=mark)

    assert script.run(access_token(CONFIG)).value == "1000.new"


def test_a_silence_that_ended_too_late_does_not_come_back() -> None:
    mark = AccessToken("", None, NOW + timedelta(hours=1))
    script = Script([BROKEN, answer(FRESH)], token=mark)
    _fail(script)
    script.now += timedelta(minutes=55)

    assert script.run(access_token(CONFIG)).value == "1000.new"


def test_a_failure_keeps_the_token_that_still_lives() -> None:
    script = Script([BROKEN], token=TOKEN)
    script.now = TOKEN.expires_at - timedelta(seconds=30)

    _fail(script)

    assert script.token == TOKEN


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"error": "Access Denied"}, 400),
        ({"error": "ACCESS_DENIED"}, 200),
        ({"error": "access denied", "status": "failure"}, 429),
        ({"error": "Access Denied", "status": "failure"}, 503),
        ({"error": "Zugriff verweigert", "status": "failure"}, 400),
        ({"error": "アクセス拒否", "status": "failure"}, 200),
    ],
)
def test_a_throttle_is_known_by_any_status_and_in_any_words(
    body: Any, status: int
) -> None:
    script = Script([answer(body, status)], token=None)

    first, second = _fail(script), _fail(script)

    assert isinstance(first, ThrottledError)
    assert (first.status, first.retry_after_seconds) == (status, 600)
    assert isinstance(second, ThrottledError)
    assert len(script.requests) == 1


def test_a_429_that_says_nothing_of_tokens_may_pass() -> None:
    page = Reply(429, {"retry-after": "7"}, b"<html>")
    script = Script([page, answer({"access_token": "new"})], token=None)

    token = script.run(access_token(CONFIG))

    assert token.value == "new"


def test_a_429_that_does_not_pass_is_a_throttle() -> None:
    script = Script([Reply(429, {}, b"<html>")] * CONFIG.retry.attempts, token=None)

    error = _fail(script)

    assert isinstance(error, ThrottledError)
    assert error.status == 429


@pytest.mark.parametrize(
    "code",
    [
        "invalid_grant",
        "invalid_redirect_uri",
        "unauthorized_client",
        "unsupported_grant_type",
    ],
)
def test_what_only_a_person_can_mend_is_no_service_error(code: str) -> None:
    script = Script([answer({"error": code})], token=None)

    error = _fail(script)

    assert type(error) is AuthenticationError
    assert (error.code, code in str(error)) == (code, True)
    assert len(script.requests) == 1


@pytest.mark.parametrize("outcome", [answer({}, 500), Reply(502, {}, b"<html>"), LOST])
def test_what_may_pass_is_asked_again(outcome: Answer) -> None:
    script = Script([outcome, outcome, answer(FRESH)], token=None)

    token = script.run(access_token(CONFIG))

    assert token.value == "1000.new"
    assert len(token.asked_at) == 3


def test_a_service_that_names_a_time_is_asked_after_it() -> None:
    busy = answer({}, 503, **{"retry-after": "7"})
    script = Script([busy, answer(FRESH)], token=None)

    script.run(access_token(CONFIG))

    assert script.now == NOW + timedelta(seconds=7)


def test_what_does_not_pass_is_given_up_by_the_policy() -> None:
    config = evolve(CONFIG, retry=RetryPolicy(attempts=3))
    script = Script([answer({}, 500)] * 9, token=None)

    with pytest.raises(ServiceError):
        script.run(access_token(config))

    assert len(script.requests) == 3


def test_no_secret_is_in_what_is_raised() -> None:
    echo = {"error": "invalid_code 1000.refresh hush-hush"}
    script = Script([answer(echo)], token=None)

    error = _fail(script)

    assert "hush" not in f"{error}{error!r}{error.code}"


def test_a_token_written_down_is_read_again_with_all_it_holds() -> None:
    token = evolve(TOKEN, asked_at=(NOW,))

    again = AccessToken.from_json(token.to_json())

    assert (again, again.asked_at) == (token, (NOW,))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"value": 1, "api_domain": null, "expires_at": "2026-01-05T12:00:00+00:00"}',
        TOKEN.to_json().replace("+00:00", ""),
        TOKEN.to_json()[:-9],
        b"\xff",
    ],
)
def test_what_is_no_token_is_a_store_error_that_says_what_to_do(
    text: str | bytes,
) -> None:
    with pytest.raises(StoreError, match="delete it"):
        AccessToken.from_json(text)
