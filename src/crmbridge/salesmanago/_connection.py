"""What the client of SALESmanago rests on: transport, runtime, signature.

Floor 6.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from crmbridge._clients import Closing
from crmbridge._limiter import Limiter
from crmbridge._meter import Usage
from crmbridge._ports import Port
from crmbridge._runtime import Runtime, read_clock
from crmbridge._steps import Moment, Reply, Request
from crmbridge.config import SalesmanagoConfig
from crmbridge.salesmanago import _calls
from crmbridge.salesmanago._auth import Account
from crmbridge.transport import HttpTransport, Transport

__all__ = ["SalesmanagoConnection"]


class SalesmanagoConnection(Closing):
    """The part of `SalesmanagoClient` that knows no endpoint."""

    def __init__(
        self,
        config: SalesmanagoConfig,
        *,
        transport: Transport | None = None,
        limiter: Limiter | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], Moment] = read_clock,
    ) -> None:
        self._config = config
        self._account = Account.of(config, secrets.token_hex(16))
        limiter = limiter or Limiter(config.limits)
        transport = transport or HttpTransport(
            timeout_seconds=config.timeout_seconds,
            max_in_flight=limiter.limits.max_in_flight,
            max_reply_bytes=config.limits.max_reply_bytes,
        )
        super().__init__(transport)
        port = Port(transport, limiter)
        self._runtime = Runtime({"salesmanago": port}, sleep=sleep, clock=clock)

    @property
    def config(self) -> SalesmanagoConfig:
        """The configuration it was made with."""
        return self._config

    @property
    def runtime(self) -> Runtime:
        """What carries out this client's calls; the reconciler joins two."""
        return self._runtime

    @property
    def usage(self) -> Usage:
        """What its limiter has counted until now, for metrics; costs nothing."""
        return self._runtime.usage("salesmanago")

    def send(self, request: Request) -> Reply:
        """Send any request, signed: the way to other endpoints.

        Costs one request.
        It is repeated only if it was never sent or was answered by HTTP 429.

        Args:
            request: its ``service`` is ``"salesmanago"``, its ``url`` a path
                such as ``/api/contact/basic`` and its ``json`` the body
                without the signature; the signature goes to no other host.

        Returns:
            The reply, whatever its ``success`` says.

        Raises:
            InvalidInputError: ``url`` is no path.
            OutcomeUnknownError: it may or may not have been carried out.
        """
        return self._runtime.run(_calls.send_any(self._account, request))
