"""The client of SALESmanago.

Floor 6: each method is one line; the work is in ``_calls`` and ``_writes``.
`AsyncSalesmanagoClient` is its twin in ``async_client``.
"""

from __future__ import annotations

from crmbridge.salesmanago._changes import SalesmanagoChanges
from crmbridge.salesmanago._changing import SalesmanagoChanging
from crmbridge.salesmanago._consenting import SalesmanagoConsenting
from crmbridge.salesmanago._organising import SalesmanagoOrganising
from crmbridge.salesmanago._reading import SalesmanagoReading
from crmbridge.salesmanago._upserting import SalesmanagoUpserting
from crmbridge.salesmanago.exports import SalesmanagoExports

__all__ = ["SalesmanagoClient"]


class SalesmanagoClient(
    SalesmanagoReading,
    SalesmanagoChanges,
    SalesmanagoUpserting,
    SalesmanagoConsenting,
    SalesmanagoOrganising,
    SalesmanagoChanging,
):
    """Reads and writes the contacts of one SALESmanago account (API v2).

    It is safe to use from several threads.
    Close it, or use it in a ``with`` block.

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

    >>> from crmbridge import SalesmanagoClient, SalesmanagoConfig
    >>> config = SalesmanagoConfig(
    ...     endpoint="app2", client_id="c", api_secret="s", owner="ann@example.com"
    ... )
    >>> with SalesmanagoClient(config) as client:
    ...     client.config.endpoint
    'https://app2.salesmanago.com'
    """

    @property
    def exports(self) -> SalesmanagoExports:
        """Exports: all contacts, or all data of some, by files."""
        return SalesmanagoExports(self._account, self._runtime)
