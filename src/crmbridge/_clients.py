"""What every client is: something with a transport, which has to be closed.

Floor 5.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

from crmbridge.transport import AsyncTransport, Transport

__all__ = ["AsyncClosing", "Closing"]


class Closing:
    """Ends its transport at the end of a ``with`` block, or by `close`.

    Args:
        transport: how requests are sent.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give up all connections."""
        self._transport.close()


class AsyncClosing:
    """The async twin of `Closing`.

    Args:
        transport: how requests are sent.
    """

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Give up all connections."""
        await self._transport.aclose()
