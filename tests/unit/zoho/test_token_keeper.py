"""One token for all who share a store: clients, threads, tasks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from crmbridge._steps import Reply, Request
from crmbridge.config import ZohoConfig
from crmbridge.errors import StoreError
from crmbridge.testing import AsyncFakeTransport, FakeTransport, ZohoFake
from crmbridge.zoho import AsyncZohoClient, MemoryTokenStore, ZohoClient
from crmbridge.zoho._auth import token_key
from crmbridge.zoho._token_keeper import AsyncTokenKeeper
from crmbridge.zoho.tokens import AccessToken, LockToken, SaveToken
from tests.unit.zoho.script import TOKEN

CROWD = 50


class SlowTokens(FakeTransport):
    """A way to a fake on which tokens take a while, so that others come by."""

    def __init__(self, fake: ZohoFake, others_wait: threading.Event) -> None:
        super().__init__(fake)
        self._others_wait = others_wait

    def send(self, request: Request) -> Reply:
        if request.name == "token":
            assert self._others_wait.wait(10)
        return super().send(request)


class CountingStore(MemoryTokenStore):
    """Tells when everybody of a crowd has looked for a token."""

    def __init__(self, crowd: int) -> None:
        super().__init__()
        self.all_looked = threading.Event()
        self.in_thread: list[bool] = []
        self._left = crowd
        self._counting = threading.Lock()

    def load(self, key: str) -> AccessToken | None:
        with self._counting:
            self._left -= 1
            if self._left == 0:
                self.all_looked.set()
        return super().load(key)

    def lock(self, key: str) -> AbstractContextManager[object]:
        self.in_thread.append(threading.current_thread() is threading.main_thread())
        return super().lock(key)


def _client(fake: ZohoFake, **options: Any) -> ZohoClient:
    return ZohoClient(ZohoConfig(**fake.account()), clock=fake.clock, **options)


def _async_client(fake: ZohoFake, **options: Any) -> AsyncZohoClient:
    return AsyncZohoClient(ZohoConfig(**fake.account()), clock=fake.clock, **options)


def test_fifty_threads_with_a_client_each_make_one_token() -> None:
    fake = ZohoFake()
    store = CountingStore(CROWD)

    def read(_: int) -> int:
        transport = SlowTokens(fake, store.all_looked)
        with _client(fake, transport=transport, token_store=store) as client:
            return len(client.users())

    with ThreadPoolExecutor(CROWD) as pool:
        counts = list(pool.map(read, range(CROWD)))

    assert counts == [1] * CROWD
    assert fake.requests == {"token": 1, "users": CROWD}


def test_fifty_tasks_with_a_client_each_make_one_token() -> None:
    fake = ZohoFake()
    store = CountingStore(CROWD)

    async def read() -> int:
        transport = AsyncFakeTransport(fake)
        async with _async_client(
            fake, transport=transport, token_store=store
        ) as client:
            return len(await client.users())

    async def main() -> list[int]:
        return await asyncio.gather(*(read() for _ in range(CROWD)))

    counts = asyncio.run(main())

    assert counts == [1] * CROWD
    assert fake.requests == {"token": 1, "users": CROWD}


def test_fifty_tasks_of_one_client_ask_for_the_stores_lock_once() -> None:
    fake = ZohoFake()
    store = CountingStore(CROWD)

    async def main() -> None:
        async with _async_client(
            fake, transport=AsyncFakeTransport(fake), token_store=store
        ) as client:
            await asyncio.gather(*(client.users() for _ in range(CROWD)))

    asyncio.run(main())

    assert store.in_thread == [False]
    assert fake.requests == {"token": 1, "users": CROWD}


def test_a_held_lock_stops_neither_the_event_loop_nor_its_workers() -> None:
    fake = ZohoFake()
    store = MemoryTokenStore()
    config = ZohoConfig(**fake.account())
    key = _key(fake)

    async def main() -> int:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(1))
        with store.lock(key):
            clients = [
                AsyncZohoClient(
                    config,
                    transport=AsyncFakeTransport(fake),
                    token_store=store,
                    clock=fake.clock,
                )
                for _ in range(CROWD)
            ]
            reads = [asyncio.ensure_future(client.users()) for client in clients]
            await asyncio.sleep(0)
            free_worker = await asyncio.to_thread(lambda: "free")
            assert (free_worker, fake.requests["token"]) == ("free", 0)
        return len(await asyncio.gather(*reads))

    assert asyncio.run(main()) == CROWD
    assert fake.requests["token"] == 1


class Watched(MemoryTokenStore):
    """Tells an event loop that somebody asks for the lock."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()
        self.loop: asyncio.AbstractEventLoop | None = None

    def lock(self, key: str) -> AbstractContextManager[object]:
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self.asked.set)
        return super().lock(key)


def test_who_gives_up_waiting_for_the_lock_leaves_it_free() -> None:
    fake = ZohoFake()
    store = Watched()
    held = store.lock(_key(fake))

    async def main() -> None:
        store.loop = asyncio.get_running_loop()
        async with _async_client(
            fake, transport=AsyncFakeTransport(fake), token_store=store
        ) as client:
            with held:
                read = asyncio.ensure_future(client.users())
                await store.asked.wait()
                read.cancel()
                await asyncio.wait([read])
            await client.users()

    asyncio.run(main())

    assert fake.requests == {"token": 1, "users": 1}


def test_who_is_cancelled_while_it_makes_a_token_leaves_the_lock_free() -> None:
    fake = ZohoFake()
    store = MemoryTokenStore()

    class Stuck(AsyncFakeTransport):
        async def send(self, request: Request) -> Reply:
            asked.set()
            await asyncio.Event().wait()
            raise AssertionError

    async def main() -> None:
        async with _async_client(
            fake, transport=Stuck(fake), token_store=store
        ) as client:
            read = asyncio.ensure_future(client.users())
            await asked.wait()
            read.cancel()
            await asyncio.wait([read])
        async with _async_client(
            fake, transport=AsyncFakeTransport(fake), token_store=store
        ) as client:
            await client.users()

    asked = asyncio.Event()
    asyncio.run(main())

    assert fake.requests == {"token": 1, "users": 1}


def test_who_waits_longer_than_the_event_loop_lives_leaves_the_lock_free() -> None:
    fake = ZohoFake()
    store = Watched()

    async def main() -> None:
        store.loop = asyncio.get_running_loop()
        client = _async_client(
            fake, transport=AsyncFakeTransport(fake), token_store=store
        )
        read = asyncio.ensure_future(client.users())
        await store.asked.wait()
        read.cancel()
        await asyncio.wait([read])

    held = store.lock(_key(fake))
    with held:
        asyncio.run(main())
        (waiting,) = (t for t in threading.enumerate() if t.name == "crmbridge-token")
    waiting.join(10)

    with held:
        assert not waiting.is_alive()


class BrokenLock(MemoryTokenStore):
    """A store whose lock cannot be had."""

    @contextmanager
    def lock(self, key: str) -> Iterator[None]:
        raise StoreError("no lock")
        yield


def test_a_lock_that_fails_is_a_store_error() -> None:
    fake = ZohoFake()
    transport = FakeTransport(fake)

    with (
        _client(fake, transport=transport, token_store=BrokenLock()) as client,
        pytest.raises(StoreError, match="no lock"),
    ):
        client.users()

    assert fake.requests["token"] == 0


def test_a_lock_that_fails_in_its_thread_is_a_store_error() -> None:
    fake = ZohoFake()

    async def read() -> None:
        async with _async_client(
            fake, transport=AsyncFakeTransport(fake), token_store=BrokenLock()
        ) as client:
            await client.users()

    with pytest.raises(StoreError, match="no lock"):
        asyncio.run(read())

    assert fake.requests["token"] == 0


def test_a_token_is_kept_before_a_cancelled_task_gives_the_lock_back() -> None:
    order: list[str] = []
    may_save = threading.Event()
    saving = asyncio.Event()
    loop: asyncio.AbstractEventLoop

    class SlowStore(MemoryTokenStore):
        def save(self, key: str, token: AccessToken) -> None:
            loop.call_soon_threadsafe(saving.set)
            assert may_save.wait(10)
            super().save(key, token)
            order.append("saved")

        @contextmanager
        def lock(self, key: str) -> Iterator[None]:
            yield
            order.append("left")

    async def main() -> None:
        nonlocal loop
        loop = asyncio.get_running_loop()
        save = SaveToken("key", TOKEN)

        async def run(call: Any) -> None:
            await keeper.handlers[SaveToken](save)

        def nothing() -> Any:
            yield

        keeper = AsyncTokenKeeper(SlowStore(), run)
        step = LockToken("key", nothing())
        work = asyncio.ensure_future(keeper.handlers[LockToken](step))
        await saving.wait()
        work.cancel()
        await asyncio.sleep(0)
        may_save.set()
        await asyncio.wait([work])

    asyncio.run(main())

    assert order == ["saved", "left"]


def _key(fake: ZohoFake) -> str:
    return token_key(ZohoConfig(**fake.account()))
