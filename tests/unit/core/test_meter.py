"""Credits are counted by kind over a rolling day, in a bounded memory."""

from __future__ import annotations

import pytest

from crmbridge._meter import Bill, Meter
from crmbridge.config import Limits

DAY = 86_400.0
BUCKET = 900.0


def _meter(per_day: int | None = None, reserve: int = 0) -> Meter:
    return Meter(Limits(credits_per_day=per_day, credits_reserve=reserve))


def _spend(meter: Meter, credits_: int, now: float = 0.0, name: str = "list") -> Bill:
    bill = meter.spend(name, credits_, now)
    meter.settle(bill, is_paid=True)
    return bill


def test_credits_are_counted_by_kind() -> None:
    meter = _meter()

    for name, cost in (("list", 1), ("list", 1), ("insert", 10), ("token", 0)):
        _spend(meter, cost, name=name)

    assert meter.credits(0.0) == {"list": 2, "insert": 10}
    assert meter.requests == {"list": 2, "insert": 1, "token": 1}


def test_credits_come_back_after_a_day() -> None:
    meter = _meter()
    _spend(meter, 5, 0.0)
    _spend(meter, 7, 3600.0)

    later = meter.credits(DAY + BUCKET), meter.credits(DAY + 3600.0 + BUCKET)

    assert later == ({"list": 7}, {})


def test_a_request_beyond_the_budget_is_short_until_credits_come_back() -> None:
    meter = _meter(per_day=10)
    _spend(meter, 4, 0.0)
    _spend(meter, 4, 5000.0)

    one, three, seven = (meter.shortage(cost, 6000.0) for cost in (1, 3, 7))

    assert one is None
    assert three is not None
    assert three.seconds == DAY + BUCKET - 6000.0
    assert seven is not None
    assert seven.seconds == 5000.0 + DAY + BUCKET - 6000.0


def test_the_last_credit_may_be_used() -> None:
    meter = _meter(per_day=10)
    _spend(meter, 9)

    assert meter.shortage(1, 0.0) is None
    assert meter.shortage(2, 0.0) is not None


def test_what_costs_more_than_the_whole_budget_never_fits() -> None:
    shortage = _meter(per_day=10).shortage(11, 0.0)

    assert shortage is not None
    assert shortage.seconds is None


def test_what_costs_nothing_always_fits() -> None:
    meter = _meter(per_day=1, reserve=100)
    _spend(meter, 1)
    meter.learn(0, 0.0)

    assert meter.shortage(0, 0.0) is None


def test_what_was_turned_away_costs_nothing() -> None:
    meter = _meter(per_day=10)
    bill = meter.spend("insert", 10, 0.0)

    meter.settle(bill, is_paid=False)

    assert meter.credits(0.0) == {}
    assert meter.shortage(10, 0.0) is None


def test_the_service_is_believed_more_than_the_own_count() -> None:
    meter = _meter(per_day=1000)
    _spend(meter, 1)

    meter.learn(2, 0.0)

    assert meter.shortage(2, 0.0) is None
    assert meter.shortage(3, 0.0) is not None


def test_what_is_sent_afterwards_is_taken_off() -> None:
    meter = _meter()
    meter.learn(12, 0.0)

    _spend(meter, 10, 1.0)

    assert meter.shortage(2, 2.0) is None
    assert meter.shortage(3, 2.0) is not None


def test_what_is_under_way_is_in_doubt_until_its_answer_comes() -> None:
    meter = _meter()
    bill = meter.spend("insert", 10, 0.0)
    meter.learn(12, 0.0)

    in_doubt, too_much = meter.shortage(12, 0.0), meter.shortage(13, 0.0)
    meter.settle(bill, is_paid=True)
    meter.learn(12, 0.0)

    assert in_doubt is not None
    assert in_doubt.seconds == 0.0
    assert too_much is not None
    assert too_much.seconds == BUCKET
    assert meter.shortage(12, 0.0) is None


@pytest.mark.parametrize("late", [30, None])
def test_an_answer_that_was_overtaken_gives_nothing_back(late: int | None) -> None:
    meter = _meter()
    first, second = meter.spend("insert", 10, 0.0), meter.spend("insert", 10, 0.0)

    meter.settle(second, is_paid=True)
    meter.learn(20, 0.0)
    meter.settle(first, is_paid=True)
    meter.learn(late, 0.0)

    assert meter.shortage(20, 0.0) is None
    assert meter.shortage(21, 0.0) is not None


def test_credits_that_came_back_are_seen_when_nothing_is_under_way() -> None:
    meter = _meter()
    meter.settle(meter.spend("insert", 10, 0.0), is_paid=True)
    meter.learn(20, 0.0)

    meter.settle(meter.spend("insert", 10, 0.0), is_paid=True)
    meter.learn(500, 0.0)

    assert meter.shortage(500, 0.0) is None


def test_the_reserve_is_left_to_others() -> None:
    meter = _meter(reserve=100)
    meter.learn(105, 0.0)

    assert meter.shortage(5, 0.0) is None
    assert meter.shortage(6, 0.0) is not None


def test_one_request_in_15_minutes_may_ask_whether_credits_came_back() -> None:
    meter = _meter(reserve=100)
    meter.learn(3, 0.0)

    early = meter.shortage(1, BUCKET - 10)
    first, second = meter.shortage(1, BUCKET), meter.shortage(1, BUCKET)

    assert early is not None
    assert early.seconds == 10.0
    assert first is None
    assert second is not None
    assert second.seconds == BUCKET


def test_own_credits_of_yesterday_are_added_to_what_is_left() -> None:
    meter = _meter()
    _spend(meter, 50, 0.0)
    meter.learn(3, DAY)

    assert meter.shortage(53, DAY + BUCKET) is None


def test_a_service_that_says_no_more_is_no_more_believed() -> None:
    meter = _meter()
    meter.learn(0, 0.0)

    meter.learn(None, 0.0)

    assert meter.remaining is None
    assert meter.shortage(1, 0.0) is None


@pytest.mark.parametrize("days", [2, 6])
def test_memory_stays_bounded(days: int) -> None:
    meter = _meter(per_day=10**9)
    step = 20.0

    for number in range(int(days * DAY / step)):
        now = number * step
        assert meter.shortage(1, now) is None
        _spend(meter, 1, now, name=f"call {number}")

    assert len(meter.requests) <= 201
    assert len(meter._buckets) <= (DAY + BUCKET) / BUCKET + 1
    assert sum(meter.credits(days * DAY).values()) <= (DAY + BUCKET) / step
