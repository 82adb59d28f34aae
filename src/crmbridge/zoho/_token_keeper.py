"""How the steps that keep tokens are carried out, with threads and with tasks.

Floor 6.
A token store's lock may block for minutes, for it can be held by another
process.
With tasks it is held by a thread of its own, which neither blocks the event loop
nor takes a place among the loop's workers: those may all be busy with what only
ends when the lock is given back.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any, TypeAlias, TypeVar

from crmbridge._runtime import AsyncHandler, Handler
from crmbridge._steps import Call, Step
from crmbridge.zoho.tokens import (
    AccessToken,
    LoadToken,
    LockToken,
    SaveToken,
    TokenStore,
)

__all__ = ["AsyncTokenKeeper", "TokenKeeper"]

T = TypeVar("T")
_Run: TypeAlias = Callable[[Call[Any]], Any]
_AsyncRun: TypeAlias = Callable[[Call[Any]], Awaitable[Any]]
_Lock: TypeAlias = Callable[[], AbstractContextManager[object]]


class TokenKeeper:
    """Answers the steps of a token store on the calling thread.

    Args:
        store: where tokens are kept.
        run: carries out the call that a lock is held for.
    """

    def __init__(self, store: TokenStore, run: _Run) -> None:
        self._store = store
        self._run = run

    @property
    def handlers(self) -> Mapping[type[Step[Any]], Handler]:
        """What a runtime answers the steps with."""
        return {LoadToken: self._load, SaveToken: self._save, LockToken: self._locked}

    def _load(self, step: LoadToken) -> AccessToken | None:
        return self._store.load(step.key)

    def _save(self, step: SaveToken) -> None:
        self._store.save(step.key, step.token)

    def _locked(self, step: LockToken[Any]) -> Any:
        with self._store.lock(step.key):
            return self._run(step.call)


class AsyncTokenKeeper:
    """Answers the steps of a token store without blocking the event loop.

    Args:
        store: where tokens are kept.
        run: carries out the call that a lock is held for.
    """

    def __init__(self, store: TokenStore, run: _AsyncRun) -> None:
        self._store = store
        self._run = run

    @property
    def handlers(self) -> Mapping[type[Step[Any]], AsyncHandler]:
        """What a runtime answers the steps with."""
        return {LoadToken: self._load, SaveToken: self._save, LockToken: self._locked}

    async def _load(self, step: LoadToken) -> AccessToken | None:
        return self._store.load(step.key)

    async def _save(self, step: SaveToken) -> None:
        saved = _started(lambda: self._store.save(step.key, step.token))
        try:
            await asyncio.shield(saved)
        except asyncio.CancelledError:
            # The lock is given back next, and not before the token is kept.
            await asyncio.wait([saved])
            raise

    async def _locked(self, step: LockToken[Any]) -> Any:
        async with _held(lambda: self._store.lock(step.key)):
            return await self._run(step.call)


@asynccontextmanager
async def _held(lock: _Lock) -> AsyncGenerator[None]:
    """Hold a lock by a thread; who gives up waiting leaves it free."""
    loop = asyncio.get_running_loop()
    entered: asyncio.Future[None] = loop.create_future()
    leave = threading.Event()

    def hold() -> None:
        with lock():
            _tell(loop, _settle, entered, None)
            leave.wait()

    left = _started(hold)
    try:
        await asyncio.wait((entered, left), return_when=asyncio.FIRST_COMPLETED)
        if left.done():
            left.result()
        yield
    finally:
        leave.set()
        if entered.done():
            await asyncio.shield(left)


def _started(work: Callable[[], T]) -> asyncio.Future[T]:
    """Begin work in a new thread; its result comes to the running loop."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - it is raised in the loop
            _tell(loop, _fail, done, error)
        else:
            _tell(loop, _settle, done, result)

    # Who was cancelled meanwhile asks for no result.
    done.add_done_callback(lambda _: done.cancelled() or done.exception())
    threading.Thread(target=run, name="crmbridge-token", daemon=True).start()
    return done


def _tell(
    loop: asyncio.AbstractEventLoop, news: Callable[..., object], *given: object
) -> None:
    try:
        loop.call_soon_threadsafe(news, *given)
    except RuntimeError:
        return  # the loop was closed, so nobody waits any more


def _settle(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
