"""What both Zoho clients rest on: a transport, a token store, a runtime.

Floor 6.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from crmbridge._clients import AsyncClosing, Closing
from crmbridge._limiter import Limiter
from crmbridge._meter import Usage
from crmbridge._ports import AsyncPort, Port
from crmbridge._runtime import AsyncRuntime, Runtime, read_clock
from crmbridge._steps import Moment, Reply, Request
from crmbridge.config import ZohoConfig
from crmbridge.transport import (
    AsyncHttpTransport,
    AsyncTransport,
    HttpTransport,
    Transport,
)
from crmbridge.zoho import _calls
from crmbridge.zoho._learned import Learned
from crmbridge.zoho._token_keeper import AsyncTokenKeeper, TokenKeeper
from crmbridge.zoho.token_stores import MemoryTokenStore
from crmbridge.zoho.tokens import TokenStore

__all__ = ["AsyncZohoConnection", "ZohoConnection"]


class ZohoConnection(Closing):
    """The part of `ZohoClient` that knows no endpoint."""

    def __init__(
        self,
        config: ZohoConfig,
        *,
        transport: Transport | None = None,
        limiter: Limiter | None = None,
        token_store: TokenStore | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], Moment] = read_clock,
    ) -> None:
        self._config = config
        self._learned = Learned()
        limiter = limiter or Limiter(config.limits)
        transport = transport or HttpTransport(
            timeout_seconds=config.timeout_seconds,
            max_in_flight=limiter.limits.max_in_flight,
            max_reply_bytes=config.limits.max_reply_bytes,
        )
        super().__init__(transport)
        tokens = TokenKeeper(
            token_store or MemoryTokenStore(),
            lambda call: self._runtime.run(call),  # noqa: PLW0108 - it is made below
        )
        self._runtime = Runtime(
            {"zoho": Port(transport, limiter)},
            handlers=tokens.handlers,
            sleep=sleep,
            clock=clock,
        )

    @property
    def config(self) -> ZohoConfig:
        """The configuration it was made with."""
        return self._config

    @property
    def runtime(self) -> Runtime:
        """What carries out this client's calls; the reconciler joins two."""
        return self._runtime

    @property
    def usage(self) -> Usage:
        """What its limiter has counted until now, for metrics; costs nothing."""
        return self._runtime.usage("zoho")

    def send(self, request: Request) -> Reply:
        """Send any request with a valid token: the way to other endpoints.

        Costs one request.
        Only ``GET`` and ``HEAD`` are repeated after a failure.

        Args:
            request: its ``service`` is ``"zoho"`` and its ``url`` a path, such
                as ``/crm/v8/org``; the token goes to no other host.

        Returns:
            The reply, also for HTTP 4xx other than 429.

        Raises:
            InvalidInputError: ``url`` is no path.
            OutcomeUnknownError: a write may or may not have been carried out.
        """
        return self._runtime.run(_calls.send_any(self._config, request))


class AsyncZohoConnection(AsyncClosing):
    """The part of `AsyncZohoClient` that knows no endpoint."""

    def __init__(
        self,
        config: ZohoConfig,
        *,
        transport: AsyncTransport | None = None,
        limiter: Limiter | None = None,
        token_store: TokenStore | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], Moment] = read_clock,
    ) -> None:
        self._config = config
        self._learned = Learned()
        limiter = limiter or Limiter(config.limits)
        transport = transport or AsyncHttpTransport(
            timeout_seconds=config.timeout_seconds,
            max_in_flight=limiter.limits.max_in_flight,
            max_reply_bytes=config.limits.max_reply_bytes,
        )
        super().__init__(transport)
        tokens = AsyncTokenKeeper(
            token_store or MemoryTokenStore(),
            lambda call: self._runtime.run(call),  # noqa: PLW0108 - it is made below
        )
        self._runtime = AsyncRuntime(
            {"zoho": AsyncPort(transport, limiter)},
            handlers=tokens.handlers,
            sleep=sleep,
            clock=clock,
        )

    @property
    def config(self) -> ZohoConfig:
        """The configuration it was made with."""
        return self._config

    @property
    def runtime(self) -> AsyncRuntime:
        """What carries out this client's calls; the reconciler joins two."""
        return self._runtime

    @property
    def usage(self) -> Usage:
        """What its limiter has counted until now, for metrics; costs nothing."""
        return self._runtime.usage("zoho")

    async def send(self, request: Request) -> Reply:
        """Send any request with a valid token: the way to other endpoints.

        Costs one request.
        Only ``GET`` and ``HEAD`` are repeated after a failure.

        Args:
            request: its ``service`` is ``"zoho"`` and its ``url`` a path, such
                as ``/crm/v8/org``; the token goes to no other host.

        Returns:
            The reply, also for HTTP 4xx other than 429.

        Raises:
            InvalidInputError: ``url`` is no path.
            OutcomeUnknownError: a write may or may not have been carried out.
        """
        return await self._runtime.run(_calls.send_any(self._config, request))
