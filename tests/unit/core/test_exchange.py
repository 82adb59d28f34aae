"""Only what is safe to repeat is repeated, and never for ever."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import evolve

from crmbridge._exchange import exchange
from crmbridge._steps import (
    Clock,
    Draw,
    Moment,
    Pause,
    Reply,
    Request,
    Step,
    drive,
)
from crmbridge.config import RetryPolicy
from crmbridge.errors import (
    ConnectionFailedError,
    ConnectionLostError,
    CreditsExhaustedError,
    OutcomeUnknownError,
    ServiceError,
    ThrottledError,
)

REQUEST = Request("zoho", "GET", "https://example.com", "records")
POLICY = RetryPolicy(attempts=3, first_delay_seconds=2.0, longest_delay_seconds=30.0)


class World:
    """A service that answers as told, and a clock that pauses move on."""

    def __init__(self, *answers: Reply | Exception) -> None:
        self.answers = list(answers)
        self.ticks_seconds = 0.0
        self.sent: list[Request] = []
        self.pauses: list[float] = []

    def perform(self, step: Step[Any]) -> Any:
        match step:
            case Clock():
                return Moment(datetime(2026, 1, 1, tzinfo=UTC), self.ticks_seconds)
            case Draw():
                return 0.5
            case Pause(seconds):
                self.ticks_seconds += seconds
                self.pauses.append(seconds)
                return None
            case Request():
                self.sent.append(step)
                answer = self.answers.pop(0)
                if isinstance(answer, Exception):
                    raise answer
                return answer
            case _:
                raise AssertionError(step)

    def ask(self, *, is_repeatable: bool = True, policy: RetryPolicy = POLICY) -> Reply:
        return drive(
            exchange(REQUEST, policy=policy, is_repeatable=is_repeatable), self.perform
        )


def test_a_good_reply_takes_one_request() -> None:
    world = World(Reply(200))

    assert world.ask().status == 200
    assert (len(world.sent), world.pauses) == (1, [])


@pytest.mark.parametrize("status", [204, 304, 400, 401, 404])
def test_what_repeating_cannot_mend_is_returned(status: int) -> None:
    assert World(Reply(status)).ask().status == status


def test_a_429_pauses_for_retry_after() -> None:
    world = World(Reply(429, {"retry-after": "7"}), Reply(200))

    assert world.ask(is_repeatable=False).status == 200
    assert world.pauses == [7.0]


def test_a_429_without_retry_after_backs_off_with_jitter() -> None:
    world = World(Reply(429), Reply(429), Reply(200))

    assert world.ask().status == 200
    assert world.pauses == [1.0, 2.0]


def test_a_service_that_goes_on_throttling_is_a_typed_error() -> None:
    world = World(*[Reply(429, {"retry-after": "1"})] * 3)

    with pytest.raises(ThrottledError) as caught:
        world.ask()
    assert caught.value.retry_after_seconds == 1.0
    assert len(world.sent) == 3


def test_a_longer_wait_than_the_policy_allows_is_left_to_the_caller() -> None:
    world = World(Reply(429, {"retry-after": "86400"}))

    with pytest.raises(ThrottledError):
        world.ask()
    assert world.pauses == []


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_fault_is_repeated_where_that_is_safe(status: int) -> None:
    assert World(Reply(status), Reply(200)).ask().status == 200


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_fault_of_a_plain_write_leaves_the_outcome_unknown(
    status: int,
) -> None:
    world = World(Reply(status))

    with pytest.raises(OutcomeUnknownError):
        world.ask(is_repeatable=False)
    assert len(world.sent) == 1


def test_a_lost_answer_of_a_plain_write_is_never_repeated() -> None:
    world = World(ConnectionLostError("cut"))

    with pytest.raises(OutcomeUnknownError):
        world.ask(is_repeatable=False)
    assert len(world.sent) == 1


def test_a_lost_answer_of_a_read_is_asked_for_again() -> None:
    assert World(ConnectionLostError("cut"), Reply(200)).ask().status == 200


def test_what_was_never_sent_is_always_safe_to_send() -> None:
    world = World(ConnectionFailedError("refused"), Reply(201))

    assert world.ask(is_repeatable=False).status == 201


def test_a_service_that_stays_down_is_a_typed_error() -> None:
    with pytest.raises(ServiceError) as caught:
        World(*[Reply(503)] * 3).ask()
    assert caught.value.status == 503


def test_no_attempt_starts_after_the_total_time() -> None:
    world = World(*[Reply(429, {"retry-after": "20"})] * 9)

    with pytest.raises(ThrottledError):
        world.ask(policy=evolve(POLICY, attempts=9, total_seconds=50.0))
    assert len(world.sent) == 3


def test_a_reply_after_a_lost_one_says_so() -> None:
    assert not World(ConnectionFailedError("refused"), Reply(200)).ask().was_repeated
    assert not World(Reply(429), Reply(200)).ask().was_repeated
    assert World(Reply(502), Reply(429), Reply(200)).ask().was_repeated
    assert World(ConnectionLostError("cut"), Reply(404)).ask().was_repeated


def test_a_lost_attempt_is_not_passed_over_for_one_that_was_never_sent() -> None:
    world = World(ConnectionLostError("cut"), *[ConnectionFailedError("down")] * 2)

    with pytest.raises(ConnectionLostError):
        world.ask()


def test_a_lost_attempt_is_the_cause_of_what_is_raised_after_it() -> None:
    world = World(Reply(500), *[Reply(429, {"retry-after": "1"})] * 2)

    with pytest.raises(ThrottledError) as caught:
        world.ask()
    assert isinstance(caught.value.__cause__, ServiceError)


def test_a_request_that_was_not_sent_for_its_credits_is_not_tried_again() -> None:
    world = World(Reply(500), CreditsExhaustedError("no credits left", needed=10))

    with pytest.raises(CreditsExhaustedError) as caught:
        world.ask()
    assert len(world.sent) == 2
    assert isinstance(caught.value.__cause__, ServiceError)


@pytest.mark.parametrize("status", [408, 520])
def test_what_a_gateway_gave_up_is_lost_like_a_server_fault(status: int) -> None:
    assert World(Reply(status), Reply(200)).ask().was_repeated
    with pytest.raises(OutcomeUnknownError):
        World(Reply(status)).ask(is_repeatable=False)


def _busy(reply: Reply) -> ThrottledError | None:
    return ThrottledError("busy", messages=("x",)) if reply.body == b"busy" else None


def _ask_busy(world: World, *, is_repeatable: bool = False) -> Reply:
    request = evolve(REQUEST, throttling=_busy)
    call = exchange(request, policy=POLICY, is_repeatable=is_repeatable)
    return drive(call, world.perform)


def test_an_answer_that_asks_to_slow_down_in_its_own_way_is_waited_for() -> None:
    world = World(Reply(200, {"retry-after": "7"}, b"busy"), Reply(200, {}, b"done"))

    assert _ask_busy(world).body == b"done"
    assert world.pauses == [7.0]


def test_a_service_that_goes_on_in_its_own_way_keeps_its_words() -> None:
    world = World(*[Reply(200, {}, b"busy")] * 3)

    with pytest.raises(ThrottledError) as caught:
        _ask_busy(world)
    assert caught.value.messages == ("x",)


def test_a_server_fault_that_asks_to_slow_down_leaves_the_outcome_unknown() -> None:
    with pytest.raises(OutcomeUnknownError):
        _ask_busy(World(Reply(503, {}, b"busy")))
