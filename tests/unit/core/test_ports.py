"""Many threads and tasks behind one limiter: bounds hold, and nobody is lost."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from attrs import define, evolve, field

from crmbridge._limiter import Limiter
from crmbridge._ports import AsyncPort, Port
from crmbridge._runtime import AsyncRuntime, Runtime
from crmbridge._steps import Call, Moment, Reply, Request, gather, send
from crmbridge.config import Limits
from crmbridge.errors import CreditsExhaustedError, CrmbridgeError
from crmbridge.testing import FakeClock

Answer = Callable[[Request], Reply]
THREADS = 24
PATIENCE_SECONDS = 30.0


@define
class Service:
    """Answers as told, and knows how many requests were under way at once."""

    answer: Answer = lambda _: Reply(200)
    in_flight: int = 0
    most: int = 0
    complex_in_flight: int = 0
    most_complex: int = 0
    sent: list[str] = field(factory=list)
    lock: threading.Lock = field(factory=threading.Lock)

    def enter(self, request: Request) -> None:
        with self.lock:
            self.sent.append(request.name)
            self.in_flight += 1
            self.complex_in_flight += request.is_complex
            self.most = max(self.most, self.in_flight)
            self.most_complex = max(self.most_complex, self.complex_in_flight)

    def exit(self, request: Request) -> Reply:
        with self.lock:
            self.in_flight -= 1
            self.complex_in_flight -= request.is_complex
        return self.answer(request)

    def send(self, request: Request) -> Reply:
        self.enter(request)
        threading.Event().wait(0.0005)  # lets other threads in
        return self.exit(request)

    def close(self) -> None:
        """Nothing to give up."""


@define
class AsyncService:
    """The same, awaited."""

    service: Service

    async def send(self, request: Request) -> Reply:
        self.service.enter(request)
        await asyncio.sleep(0)
        return self.service.exit(request)

    async def aclose(self) -> None:
        """Nothing to give up."""


def _request(name: str = "list", *, cost: int = 1, is_complex: bool = False) -> Request:
    return Request("zoho", "GET", "/x", name, credits=cost, is_complex=is_complex)


def _runtime(service: Service, limiter: Limiter, clock: FakeClock) -> Runtime:
    port = Port(service, limiter)
    return Runtime({"zoho": port}, sleep=clock.sleep, clock=clock)


def _async_runtime(
    service: Service, limiter: Limiter, clock: FakeClock
) -> AsyncRuntime:
    port = AsyncPort(AsyncService(service), limiter)
    return AsyncRuntime({"zoho": port}, sleep=clock.asleep, clock=clock)


def _together(work: Callable[[int], Any], count: int = THREADS) -> list[Any]:
    """Run work in many threads at once; fail instead of waiting for ever."""
    with ThreadPoolExecutor(count) as pool:
        futures = [pool.submit(work, number) for number in range(count)]
        return [future.result(PATIENCE_SECONDS) for future in futures]


def test_many_threads_keep_all_places_and_all_are_served() -> None:
    service, clock = Service(), FakeClock()
    limiter = Limiter(Limits(max_in_flight=6, max_complex_in_flight=2))
    runtime = _runtime(service, limiter, clock)

    def work(number: int) -> None:
        for turn in range(40):
            request = _request(is_complex=(number + turn) % 3 == 0)
            runtime.run(send(request))

    _together(work)

    assert len(service.sent) == THREADS * 40
    assert 1 < service.most <= 6
    assert 1 <= service.most_complex <= 2
    usage = limiter.usage(clock())
    assert (usage.in_flight, usage.waiting) == (0, 0)
    assert usage.credits == {"list": THREADS * 40}


def test_threads_and_tasks_of_several_clients_share_the_places() -> None:
    service, clock = Service(), FakeClock()
    limiter = Limiter(Limits(max_in_flight=3))

    async def tasks() -> None:
        runtime = _async_runtime(service, limiter, clock)
        await asyncio.gather(*(runtime.run(send(_request())) for _ in range(200)))

    def work(number: int) -> None:
        if number % 2:
            asyncio.run(asyncio.wait_for(tasks(), PATIENCE_SECONDS))
            return
        runtime = _runtime(service, limiter, clock)
        for _ in range(200):
            runtime.run(send(_request()))

    _together(work, 6)

    assert len(service.sent) == 6 * 200
    assert 1 < service.most <= 3
    assert limiter.usage(clock()).in_flight == 0


def test_a_budget_is_never_overdrawn_by_many_threads() -> None:
    service, clock = Service(), FakeClock()
    runtime = _runtime(service, Limiter(Limits(credits_per_day=100)), clock)

    def work(_: int) -> int:
        refused = 0
        for _ in range(10):
            try:
                runtime.run(send(_request(cost=3)))
            except CreditsExhaustedError:
                refused += 1
        return refused

    refused = _together(work)

    assert len(service.sent) == 33
    assert sum(refused) == THREADS * 10 - 33
    assert runtime.usage("zoho").credits_used == 99


def test_after_a_429_no_thread_sends_before_the_pause_is_over() -> None:
    clock, seen, lock = FakeClock(), list[tuple[float, int]](), threading.Lock()
    limiter = Limiter(Limits(max_in_flight=4), draw=lambda: 0.5)

    def answer(_: Request) -> Reply:
        with lock:
            now = clock().ticks_seconds
            status = 429 if now < 1.0 else 200
            seen.append((now, status))
        return Reply(status)

    service = Service(answer)
    runtime = _runtime(service, limiter, clock)

    def work(_: int) -> None:
        while runtime.run(send(_request())).status == 429:
            pass

    _together(work)

    turned_away = [now for now, status in seen if status == 429]
    assert set(turned_away) == {0.0}
    assert len(turned_away) <= 4
    assert limiter.usage(clock()).places == 4


def _nested(depth: int) -> Call[int]:
    if depth == 0:
        return (yield from send(_request())).status
    answers = yield from gather([_nested(depth - 1) for _ in range(4)], 4)
    return sum(answers)


def test_nested_gathers_with_more_calls_than_places_come_to_their_end() -> None:
    service, clock = Service(), FakeClock()
    runtime = _runtime(service, Limiter(Limits(max_in_flight=2)), clock)

    answers = _together(lambda _: runtime.run(_nested(3)), 2)

    assert answers == [64 * 200] * 2
    assert service.most <= 2


def test_nested_gathers_of_tasks_come_to_their_end() -> None:
    service, clock = Service(), FakeClock()

    async def main() -> int:
        limiter = Limiter(Limits(max_in_flight=2))
        runtime = _async_runtime(service, limiter, clock)
        return await asyncio.wait_for(runtime.run(_nested(4)), PATIENCE_SECONDS)

    assert asyncio.run(main()) == 256 * 200
    assert service.most == 2


def test_tasks_are_served_in_the_order_they_came() -> None:
    service, clock = Service(), FakeClock()

    async def main() -> None:
        limiter = Limiter(Limits(max_in_flight=2))
        runtime = _async_runtime(service, limiter, clock)
        calls = [runtime.run(send(_request(str(number)))) for number in range(50)]
        await asyncio.gather(*calls)

    asyncio.run(main())

    assert service.sent == [str(number) for number in range(50)]


def test_a_cancelled_task_loses_no_place() -> None:
    service, clock = Service(), FakeClock()
    limiter = Limiter(Limits(max_in_flight=1))

    async def main() -> int:
        runtime = _async_runtime(service, limiter, clock)
        tasks = [
            asyncio.create_task(runtime.run(send(_request(str(number)))))
            for number in range(20)
        ]
        await asyncio.sleep(0)
        for task in tasks[:19]:
            task.cancel()
        return (await asyncio.wait_for(tasks[19], PATIENCE_SECONDS)).status

    assert asyncio.run(main()) == 200
    usage = limiter.usage(clock())
    assert (usage.in_flight, usage.waiting) == (0, 0)


def test_a_closed_loop_holds_no_place() -> None:
    service, clock = Service(), FakeClock()
    limiter = Limiter(Limits(max_in_flight=1))
    entered, finish = threading.Event(), threading.Event()

    def slow(_: Request) -> Reply:
        entered.set()
        finish.wait(PATIENCE_SECONDS)
        return Reply(200)

    holder = threading.Thread(
        target=_runtime(Service(slow), limiter, clock).run, args=[send(_request())]
    )
    holder.start()
    entered.wait(PATIENCE_SECONDS)
    loop = asyncio.new_event_loop()
    waiting = _async_runtime(service, limiter, clock).run(send(_request()))
    task = loop.create_task(waiting)
    task._log_destroy_pending = False  # type: ignore[attr-defined]  # left on purpose
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()

    finish.set()
    holder.join(PATIENCE_SECONDS)

    assert limiter.usage(clock()).in_flight == 0
    assert service.sent == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, CrmbridgeError])
def test_a_failed_transport_gives_the_place_back(error: type[BaseException]) -> None:
    clock, limiter = FakeClock(), Limiter(Limits(max_in_flight=1))

    def fail(_: Request) -> Reply:
        raise error("stop")

    runtime = _runtime(Service(fail), limiter, clock)

    for _ in range(2):
        with pytest.raises(error):
            runtime.run(send(_request()))
    assert limiter.usage(clock()).in_flight == 0


def test_who_slept_is_believed_though_the_clock_stands_still() -> None:
    clock, slept = FakeClock(), list[float]()
    limiter = Limiter(Limits(requests_per_second=2.0))
    port = Port(Service(), limiter)
    runtime = Runtime({"zoho": port}, sleep=slept.append, clock=clock)

    for _ in range(3):
        runtime.run(send(_request()))

    assert slept == [0.5, 1.0]


def _stamped(request: Request, now: Moment) -> Request:
    return evolve(request, name=f"at {now.ticks_seconds:g}")


def test_a_request_is_prepared_when_its_turn_has_come() -> None:
    service, clock = Service(), FakeClock()
    limiter = Limiter(Limits(requests_per_second=0.1))
    runtime = _runtime(service, limiter, clock)
    request = evolve(_request(), prepare=_stamped)

    runtime.run(send(request))
    runtime.run(send(request))

    assert service.sent == ["at 0", "at 10"]


def test_an_async_request_is_prepared_when_its_turn_has_come() -> None:
    service, clock = Service(), FakeClock()
    limiter = Limiter(Limits(requests_per_second=0.1))
    runtime = _async_runtime(service, limiter, clock)
    request = evolve(_request(), prepare=_stamped)

    asyncio.run(runtime.run(gather([send(request), send(request)], 2)))

    assert service.sent == ["at 0", "at 10"]
