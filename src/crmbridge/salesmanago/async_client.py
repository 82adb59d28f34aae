"""The async client of SALESmanago.

Floor 6: the twin of `SalesmanagoClient`, with its docstrings.
"""

from __future__ import annotations

from crmbridge.salesmanago._async_changes import AsyncSalesmanagoChanges
from crmbridge.salesmanago._async_changing import AsyncSalesmanagoChanging
from crmbridge.salesmanago._async_consenting import AsyncSalesmanagoConsenting
from crmbridge.salesmanago._async_organising import AsyncSalesmanagoOrganising
from crmbridge.salesmanago._async_reading import AsyncSalesmanagoReading
from crmbridge.salesmanago._async_upserting import AsyncSalesmanagoUpserting
from crmbridge.salesmanago.async_exports import AsyncSalesmanagoExports

__all__ = ["AsyncSalesmanagoClient"]


class AsyncSalesmanagoClient(
    AsyncSalesmanagoReading,
    AsyncSalesmanagoChanges,
    AsyncSalesmanagoUpserting,
    AsyncSalesmanagoConsenting,
    AsyncSalesmanagoOrganising,
    AsyncSalesmanagoChanging,
):
    """Reads and writes the contacts of one SALESmanago account (API v2).

    It is safe to use from several tasks of one event loop.
    Close it, or use it in an ``async with`` block.

    Every method raises `AuthenticationError` (client id or secret are not
    accepted), `AccountInactiveError` (the account is probably switched off),
    `ConfigError` (the server redirects: the endpoint is wrong),
    `PermissionDeniedError` (HTTP 403), `NotFoundError` (the server has no such
    path: the endpoint is wrong), `ThrottledError`, `ServiceError`,
    `ConnectionFailedError`, `ConnectionLostError`, `RefusedError` (``success``
    is false) and `MalformedReplyError` (the answer cannot be read); what it
    raises beside is said there.
    The service's own words stand in the error's ``messages`` and ``values``.

    Args:
        config: which account, and how to ask it.
        transport: how requests are sent; by default over HTTP.
        limiter: share one between clients of one account.
        sleep: what waits.
        clock: what reads the clocks; requests carry its time.

    >>> from crmbridge import AsyncSalesmanagoClient, SalesmanagoConfig
    >>> config = SalesmanagoConfig(
    ...     endpoint="app2", client_id="c", api_secret="s", owner="ann@example.com"
    ... )
    >>> client = AsyncSalesmanagoClient(config)
    >>> client.config.endpoint
    'https://app2.salesmanago.com'
    """

    @property
    def exports(self) -> AsyncSalesmanagoExports:
        """Exports: all contacts, or all data of some, by files."""
        return AsyncSalesmanagoExports(self._account, self._runtime)
