"""After a 429 everybody slows down together, and recovers step by step."""

from __future__ import annotations

import pytest

from crmbridge._pace import Pace
from crmbridge.config import Limits


def _throttle(
    pace: Pace, now: float = 0.0, *, retry_after: float | None = None, draw: float = 0.5
) -> None:
    pace.was_throttled(
        pace.turn, now_seconds=now, retry_after_seconds=retry_after, draw=draw
    )


def test_without_a_rate_nothing_waits() -> None:
    pace = Pace(Limits())

    pace.take(5.0)

    assert pace.wait_seconds(5.0) == 0.0


def test_places_of_the_rate_are_spread_over_time() -> None:
    pace = Pace(Limits(requests_per_second=10.0))
    waits = []

    for _ in range(3):
        waits.append(pace.wait_seconds(5.0))
        pace.take(5.0)

    assert waits == pytest.approx([0.0, 0.1, 0.2])
    assert pace.wait_seconds(20.0) == 0.0


def test_a_429_closes_the_door_for_a_drawn_part_of_two_seconds() -> None:
    pace = Pace(Limits())

    _throttle(pace, 100.0, draw=0.75)

    assert pace.pause_seconds(100.0) == 1.5
    assert pace.wait_seconds(101.0) == 0.5
    assert pace.wait_seconds(101.5) == 0.0


def test_the_bound_doubles_with_each_429_up_to_the_longest_pause() -> None:
    pace = Pace(Limits(longest_pause_seconds=20.0))
    bounds = []

    for now in range(0, 6000, 1000):
        _throttle(pace, now, draw=1.0)
        bounds.append(pace.pause_seconds(now))

    assert bounds == [2.0, 4.0, 8.0, 16.0, 20.0, 20.0]


def test_answers_to_what_was_under_way_make_nothing_slower() -> None:
    pace = Pace(Limits(max_in_flight=8))
    turn = pace.turn

    for _ in range(8):
        pace.was_throttled(turn, now_seconds=0.0, retry_after_seconds=None, draw=1.0)

    assert (pace.pause_seconds(0.0), pace.places, pace.throttled) == (2.0, 4, 8)


def test_retry_after_comes_before_the_own_pause() -> None:
    pace = Pace(Limits())

    _throttle(pace, retry_after=30.0)

    assert pace.pause_seconds(0.0) == 30.0


def test_the_longest_retry_after_of_one_turn_counts() -> None:
    pace = Pace(Limits())
    turn = pace.turn

    for seconds in (5.0, 30.0, 7.0):
        pace.was_throttled(turn, now_seconds=0.0, retry_after_seconds=seconds, draw=0.5)

    assert pace.pause_seconds(0.0) == 30.0


def test_places_are_halved_and_come_back_one_by_one() -> None:
    pace = Pace(Limits(max_in_flight=8))
    _throttle(pace)
    seen = [pace.places]

    for _ in range(4 + 5 + 6 + 7):
        pace.went_well(pace.turn)
        seen.append(pace.places)

    assert seen[:5] == [4, 4, 4, 4, 5]
    assert seen[-1] == 8


def test_one_place_is_always_left() -> None:
    pace = Pace(Limits(max_in_flight=2))

    for _ in range(5):
        _throttle(pace)

    assert pace.places == 1


def test_good_answers_from_before_the_pause_give_no_place_back() -> None:
    pace = Pace(Limits(max_in_flight=2))
    turn = pace.turn
    _throttle(pace)

    for _ in range(5):
        pace.went_well(turn)

    assert pace.places == 1


def test_after_the_recovery_the_first_pause_is_short_again() -> None:
    pace = Pace(Limits(max_in_flight=4))
    for _ in range(4):
        _throttle(pace)

    for _ in range(20):
        pace.went_well(pace.turn)
    _throttle(pace, 1000.0, draw=1.0)

    assert pace.pause_seconds(1000.0) == 2.0
