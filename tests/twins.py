"""Both twins of a client behind one face, so that a case is written once.

`AsSync` makes the async twin look like the sync one: its coroutines are run to
their end, its async iterators are read one by one.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from types import MethodType, TracebackType
from typing import Any, Self


class AsSync:
    """An object of an ``Async`` class that is used as its sync twin is.

    Args:
        twin: the object; what it holds of its own kind is wrapped as well.
        runner: the event loop that everything runs on.
    """

    def __init__(self, twin: Any, runner: asyncio.Runner) -> None:
        self._twin = twin
        self._runner = runner

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._twin, "aclose" if name == "close" else name)
        if isinstance(found, MethodType):
            return self._method(found)
        if type(found).__name__.startswith("Async"):
            return AsSync(found, self._runner)
        return found

    def __enter__(self) -> Self:
        self._runner.run(self._twin.__aenter__())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._runner.run(self._twin.__aexit__(kind, error, traceback))

    def _method(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            answer = method(*arguments, **options)
            if inspect.iscoroutine(answer):
                answer = self._runner.run(answer)
            if isinstance(answer, AsyncIterator):
                return self._read(answer)
            return answer

        return call

    def _read(self, items: AsyncIterator[Any]) -> Iterator[Any]:
        async def following() -> tuple[Any, ...]:
            return tuple([item async for item in _one(items)])

        try:
            while found := self._runner.run(following()):
                yield found[0]
        finally:
            close = getattr(items, "aclose", None)
            if close is not None:
                self._runner.run(close())


async def _one(items: AsyncIterator[Any]) -> AsyncIterator[Any]:
    try:
        yield await anext(items)
    except StopAsyncIteration:
        return
