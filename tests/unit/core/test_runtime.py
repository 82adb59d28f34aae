"""Both runtimes carry out steps alike: order, bounds, locks, errors."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest

from crmbridge._limiter import Limiter
from crmbridge._ports import AsyncPort, Port
from crmbridge._runtime import AsyncRuntime, Runtime
from crmbridge._steps import (
    Call,
    Reply,
    Request,
    draw,
    exclusive,
    gather,
    pause,
    send,
    work,
)
from crmbridge.config import Limits
from crmbridge.errors import CrmbridgeError, ServiceError
from crmbridge.testing import FakeClock


class Echo:
    """Answers with the number in the request's name, and counts."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.in_flight = self.most_in_flight = self.count = 0
        self._lock = threading.Lock()

    def enter(self) -> None:
        with self._lock:
            self.count += 1
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)

    def reply(self, request: Request) -> Reply:
        with self._lock:
            self.in_flight -= 1
        if request.name.startswith("bad"):
            raise ServiceError(request.name)
        return Reply(int(request.name))

    def send(self, request: Request) -> Reply:
        self.enter()
        time.sleep(self.seconds)
        return self.reply(request)

    def close(self) -> None:
        """Nothing to give up."""


class AsyncEcho:
    """The same, awaited."""

    def __init__(self, echo: Echo) -> None:
        self.echo = echo

    async def send(self, request: Request) -> Reply:
        self.echo.enter()
        await asyncio.sleep(self.echo.seconds)
        return self.echo.reply(request)

    async def aclose(self) -> None:
        """Nothing to give up."""


class Worlds:
    """Runs a call on either runtime."""

    def __init__(self, *, is_async: bool, limits: Limits, seconds: float) -> None:
        self.is_async = is_async
        self.limiter = Limiter(limits)
        self.echo = Echo(seconds)

    def run(self, call: Call[Any]) -> Any:
        if not self.is_async:
            ports = {"zoho": Port(self.echo, self.limiter)}
            return Runtime(ports, clock=FakeClock()).run(call)

        async def main() -> Any:
            port = AsyncPort(AsyncEcho(self.echo), self.limiter)
            runtime = AsyncRuntime({"zoho": port}, clock=FakeClock())
            return await runtime.run(call)

        return asyncio.run(main())


@pytest.fixture(params=["sync", "async"])
def world(request: pytest.FixtureRequest) -> Worlds:
    return Worlds(
        is_async=request.param == "async", limits=Limits(max_in_flight=4), seconds=0.01
    )


def _ask(name: str) -> Call[int]:
    return (yield from send(Request("zoho", "GET", "https://x", name))).status


def test_answers_of_a_gather_come_back_by_position(world: Worlds) -> None:
    names = [str(number) for number in range(200, 212)]

    answers = world.run(gather((_ask(name) for name in names), 3))

    assert answers == tuple(range(200, 212))


def test_a_gather_keeps_its_bound(world: Worlds) -> None:
    world.run(gather((_ask("200") for _ in range(12)), 3))

    assert 1 < world.echo.most_in_flight <= 3


def test_a_port_keeps_the_accounts_bound(world: Worlds) -> None:
    world.run(gather((_ask("200") for _ in range(12)), 12))

    assert 1 < world.echo.most_in_flight <= 4


def test_the_first_error_by_position_is_raised(world: Worlds) -> None:
    names = ["200", "bad-1", "bad-2"]

    with pytest.raises(CrmbridgeError, match="bad-1"):
        world.run(gather((_ask(name) for name in names), 3))


def test_an_error_that_a_call_answers_with_is_an_answer(world: Worlds) -> None:
    def call() -> Call[CrmbridgeError | None]:
        try:
            yield from _ask("bad")
        except CrmbridgeError as error:
            return error
        return None

    answers = world.run(gather((call() for _ in range(3)), 2))

    assert [type(answer) for answer in answers] == [ServiceError] * 3


def test_no_further_call_is_started_after_an_error(world: Worlds) -> None:
    names = ["bad"] + ["200"] * 50

    with pytest.raises(CrmbridgeError):
        world.run(gather((_ask(name) for name in names), 2))
    assert world.echo.count < len(names)


def test_exclusive_calls_of_one_name_never_meet(world: Worlds) -> None:
    world.run(gather((exclusive("zoho", "token", _ask("200")) for _ in range(6)), 6))

    assert world.echo.most_in_flight == 1


def test_an_error_frees_the_lock(world: Worlds) -> None:
    def call() -> Call[int]:
        try:
            yield from exclusive("zoho", "token", _ask("bad"))
        except ServiceError:
            return (yield from exclusive("zoho", "token", _ask("200")))
        return 0

    assert world.run(call()) == 200


def test_random_numbers_and_pauses_are_had(world: Worlds) -> None:
    def call() -> Call[float]:
        yield from pause(0.001)
        return (yield from draw())

    assert 0 <= world.run(call()) < 1


def test_work_is_done_and_its_errors_come_into_the_call(world: Worlds) -> None:
    def fails() -> int:
        raise ServiceError("a damaged file")

    def call() -> Call[tuple[int, str]]:
        done = yield from work(lambda: 7)
        try:
            yield from work(fails)
        except ServiceError as error:
            return done, str(error)
        raise AssertionError

    assert world.run(call()) == (7, "a damaged file")


def test_async_work_holds_nobody_up() -> None:
    may_end = threading.Event()

    async def main() -> int:
        runtime = AsyncRuntime({})
        doing = asyncio.create_task(runtime.run(work(lambda: may_end.wait(10))))
        await asyncio.sleep(0)
        may_end.set()
        return await doing

    assert asyncio.run(main())


def test_work_comes_to_its_end_before_a_cancelled_call_does() -> None:
    has_begun, may_end = threading.Event(), threading.Event()
    has_ended = []

    def wait() -> None:
        has_begun.set()
        may_end.wait(10)
        has_ended.append(True)

    async def main() -> None:
        task = asyncio.create_task(AsyncRuntime({}).run(work(wait)))
        await asyncio.to_thread(has_begun.wait, 10)
        task.cancel()
        asyncio.get_running_loop().call_soon(may_end.set)
        with pytest.raises(asyncio.CancelledError):
            await task
        assert has_ended

    asyncio.run(main())
