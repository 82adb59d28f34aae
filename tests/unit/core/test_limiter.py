"""The queue before an account: order, places, pauses, credits, for whoever asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crmbridge._limiter import UNTIL_SIGNALLED, Limiter, Ticket
from crmbridge._steps import Moment, Reply, Request
from crmbridge.config import Limits
from crmbridge.errors import (
    ConnectionFailedError,
    ConnectionLostError,
    CreditsExhaustedError,
    ThrottledError,
)

START = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def _at(seconds: float = 0.0) -> Moment:
    return Moment(START + timedelta(seconds=seconds), seconds)


def _ticket(name: str = "list", *, cost: int = 1, is_complex: bool = False) -> Ticket:
    return Ticket(
        Request("zoho", "GET", "/x", name, credits=cost, is_complex=is_complex)
    )


def _limiter(**limits: float) -> Limiter:
    return Limiter(Limits(**limits), draw=lambda: 0.5)  # type: ignore[arg-type]  # numbers of either kind


def _left(remaining: int, status: int = 200) -> Reply:
    return Reply(status, {"x-api-credits-remaining": str(remaining)})


class Queue:
    """Tickets that note who is signalled."""

    def __init__(self, limiter: Limiter) -> None:
        self.limiter = limiter
        self.signalled: list[str] = []

    def ask(self, ticket: Ticket, seconds: float = 0.0) -> float | None:
        name = ticket.request.name
        ticket.signal = lambda: self.signalled.append(name)
        return self.limiter.advance(ticket, _at(seconds))


def test_places_are_given_until_none_is_left() -> None:
    queue = Queue(_limiter(max_in_flight=2))

    answers = [queue.ask(_ticket()) for _ in range(3)]

    assert answers == [None, None, UNTIL_SIGNALLED]


def test_a_free_place_goes_to_the_one_that_came_first() -> None:
    queue = Queue(_limiter(max_in_flight=1))
    holder, first, second = _ticket("a"), _ticket("b"), _ticket("c")
    for ticket in (holder, first, second):
        queue.ask(ticket)

    queue.limiter.leave(holder, _at(), Reply(200))

    assert queue.signalled == ["b"]
    assert queue.ask(second) == UNTIL_SIGNALLED
    assert queue.ask(first) is None


def test_nobody_overtakes_in_the_moment_a_place_is_free() -> None:
    queue = Queue(_limiter(max_in_flight=1))
    holder, waiting = _ticket("a"), _ticket("b")
    queue.ask(holder)
    queue.ask(waiting)

    queue.limiter.leave(holder, _at(), Reply(200))

    assert queue.ask(_ticket("late")) == UNTIL_SIGNALLED


def test_complex_requests_have_places_of_their_own_bound() -> None:
    queue = Queue(_limiter(max_in_flight=5, max_complex_in_flight=2))

    answers = [queue.ask(_ticket(is_complex=True)) for _ in range(3)]

    assert answers == [None, None, UNTIL_SIGNALLED]


def test_ordinary_requests_pass_a_complex_one_that_cannot_go() -> None:
    queue = Queue(_limiter(max_in_flight=5, max_complex_in_flight=1))
    queue.ask(_ticket(is_complex=True))
    queue.ask(_ticket(is_complex=True))

    assert queue.ask(_ticket()) is None


def test_a_complex_request_goes_first_as_soon_as_it_can() -> None:
    queue = Queue(_limiter(max_in_flight=1, max_complex_in_flight=1))
    holder = _ticket("a", is_complex=True)
    queue.ask(holder)
    queue.ask(_ticket("complex", is_complex=True))
    queue.ask(_ticket("ordinary"))

    queue.limiter.leave(holder, _at(), Reply(200))

    assert queue.signalled == ["complex"]


def test_who_gives_up_is_passed_over() -> None:
    queue = Queue(_limiter(max_in_flight=1))
    holder, quitter, last = _ticket("a"), _ticket("b"), _ticket("c")
    for ticket in (holder, quitter, last):
        queue.ask(ticket)

    queue.limiter.abandon(quitter, _at())
    queue.limiter.leave(holder, _at(), Reply(200))

    assert queue.signalled == ["c"]
    assert queue.limiter.usage(_at()).waiting == 0


def test_who_gives_up_after_the_turn_came_gives_the_place_back() -> None:
    queue = Queue(_limiter(max_in_flight=1))
    holder, quitter, last = _ticket("a"), _ticket("b", cost=7), _ticket("c")
    for ticket in (holder, quitter, last):
        queue.ask(ticket)
    queue.limiter.leave(holder, _at(), Reply(200))

    queue.limiter.abandon(quitter, _at())

    assert queue.signalled == ["b", "c"]
    assert "b" not in queue.limiter.usage(_at()).credits


def test_the_first_of_the_queue_waits_for_the_clock_and_the_others_for_it() -> None:
    queue = Queue(_limiter(requests_per_second=2.0))
    queue.ask(_ticket("a"))
    first, second = _ticket("b"), _ticket("c")

    assert queue.ask(first) == 0.5
    assert queue.ask(second) == UNTIL_SIGNALLED
    queue.signalled.clear()
    assert queue.ask(first, 0.5) is None
    assert queue.signalled == ["c"]
    assert queue.ask(second, 0.5) == 0.5


def test_when_the_first_gives_up_the_next_waits_for_the_clock() -> None:
    queue = Queue(_limiter(requests_per_second=2.0))
    queue.ask(_ticket("a"))
    first, second = _ticket("b"), _ticket("c")
    queue.ask(first)
    queue.ask(second)
    queue.signalled.clear()

    queue.limiter.abandon(first, _at(0.1))

    assert queue.signalled == ["c"]
    assert queue.ask(second, 0.1) == pytest.approx(0.4)


def test_a_429_makes_everybody_wait() -> None:
    queue = Queue(_limiter())
    ticket = _ticket()
    queue.ask(ticket)

    queue.limiter.leave(ticket, _at(), Reply(429))

    assert queue.ask(_ticket()) == 1.0
    assert queue.ask(_ticket()) == UNTIL_SIGNALLED


def test_after_a_429_half_as_many_go_at_one_time() -> None:
    queue = Queue(_limiter(max_in_flight=4))
    tickets = [_ticket() for _ in range(4)]
    for ticket in tickets:
        queue.ask(ticket)
    for ticket in tickets:
        queue.limiter.leave(ticket, _at(), Reply(429))

    answers = [queue.ask(_ticket(), 60.0) for _ in range(3)]

    assert answers == [None, None, UNTIL_SIGNALLED]
    assert queue.limiter.usage(_at(60.0)).throttled == 4


def test_a_long_retry_after_sends_everybody_home() -> None:
    queue = Queue(_limiter(max_in_flight=1))
    holder, waiting = _ticket("a"), _ticket("b")
    queue.ask(holder)
    queue.ask(waiting)
    queue.limiter.leave(holder, _at(), Reply(429, {"retry-after": "3600"}))

    with pytest.raises(ThrottledError) as early:
        queue.ask(waiting, 10.0)
    with pytest.raises(ThrottledError):
        queue.ask(_ticket(), 10.0)
    assert early.value.retry_after_seconds == 3600.0
    assert early.value.status is None
    assert queue.ask(_ticket(), 3590.0) == 10.0


def test_what_the_budget_does_not_hold_is_not_sent() -> None:
    queue = Queue(_limiter(credits_per_day=10))
    queue.ask(_ticket(cost=8))

    with pytest.raises(CreditsExhaustedError) as caught:
        queue.ask(_ticket("Leads insert", cost=3))

    error = caught.value
    assert error.needed == 3
    assert error.retry_after_seconds == 86_400.0 + 900.0
    assert error.available_at == START + timedelta(days=1, minutes=15)
    assert queue.ask(_ticket(cost=2)) is None


def test_a_request_larger_than_the_budget_is_told_so() -> None:
    with pytest.raises(CreditsExhaustedError, match="larger budget") as caught:
        Queue(_limiter(credits_per_day=10)).ask(_ticket(cost=11))
    assert caught.value.available_at is None


def test_what_the_service_says_is_left_is_believed() -> None:
    queue = Queue(_limiter(credits_reserve=100))
    ticket = _ticket()
    queue.ask(ticket)

    queue.limiter.leave(ticket, _at(), _left(104))

    assert queue.limiter.usage(_at()).credits_remaining == 104
    assert queue.ask(_ticket(cost=4)) is None
    with pytest.raises(CreditsExhaustedError):
        queue.ask(_ticket(cost=5))


def test_a_request_waits_while_what_is_left_is_in_doubt() -> None:
    queue = Queue(_limiter())
    first, second, third = _ticket("a", cost=10), _ticket("b"), _ticket("c", cost=5)
    queue.ask(first)
    queue.ask(second)
    queue.limiter.leave(second, _at(), _left(6))

    before = queue.ask(third)
    queue.limiter.leave(first, _at(), _left(6))

    assert before == UNTIL_SIGNALLED
    assert queue.signalled == ["c"]
    assert queue.ask(third) is None


def test_a_429_tells_what_is_left_too() -> None:
    queue = Queue(_limiter())
    ticket = _ticket()
    queue.ask(ticket)

    queue.limiter.leave(ticket, _at(), _left(0, status=429))

    with pytest.raises(CreditsExhaustedError):
        queue.ask(_ticket(), 60.0)


def test_an_answer_of_the_token_endpoint_says_nothing_of_credits() -> None:
    queue = Queue(_limiter())
    ticket, token = _ticket(), _ticket("token", cost=0)
    queue.ask(ticket)
    queue.limiter.leave(ticket, _at(), _left(0))

    queue.ask(token)
    queue.limiter.leave(token, _at(), Reply(200))

    with pytest.raises(CreditsExhaustedError):
        queue.ask(_ticket())


@pytest.mark.parametrize(
    ("outcome", "credits_used"),
    [
        (Reply(200), 5),
        (Reply(204), 5),
        (Reply(304), 5),
        (Reply(400), 5),
        (Reply(500), 5),
        (Reply(429), 0),
        (ConnectionFailedError("never sent"), 0),
        (ConnectionLostError("perhaps done"), 5),
    ],
)
def test_what_may_have_been_carried_out_is_counted(
    outcome: Reply | Exception, credits_used: int
) -> None:
    queue = Queue(_limiter())
    ticket = _ticket(cost=5)
    queue.ask(ticket)

    queue.limiter.leave(ticket, _at(), outcome)

    assert queue.limiter.usage(_at()).credits_used == credits_used


def test_the_usage_tells_the_state_of_the_moment() -> None:
    queue = Queue(_limiter(max_in_flight=2))
    first = _ticket("Leads list", cost=1)
    for ticket in (first, _ticket("Leads insert", cost=10), _ticket()):
        queue.ask(ticket)
    before = queue.limiter.usage(_at())

    queue.limiter.leave(first, _at(), Reply(429, {"retry-after": "9"}))
    usage = queue.limiter.usage(_at(2.0))

    assert (before.in_flight, before.waiting, before.places) == (2, 1, 2)
    assert before.requests == {"Leads list": 1, "Leads insert": 1}
    assert before.credits == {"Leads list": 1, "Leads insert": 10}
    assert (usage.in_flight, usage.places, usage.throttled) == (1, 1, 1)
    assert usage.pause_seconds == 7.0
    assert usage.credits == {"Leads insert": 10}


def test_an_answer_may_ask_to_slow_down_in_its_own_way() -> None:
    limiter = _limiter(max_in_flight=4)
    ticket = Ticket(
        Request("salesmanago", "POST", "/x", throttling=lambda _: ThrottledError("x"))
    )
    limiter.advance(ticket, _at())

    limiter.leave(ticket, _at(), Reply(200, {"retry-after": "9"}))

    usage = limiter.usage(_at())
    assert (usage.throttled, usage.places, usage.pause_seconds) == (1, 2, 9.0)
