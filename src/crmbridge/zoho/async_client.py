"""The async client of Zoho CRM.

Floor 6: each method is one line; the work is in `_calls` and `_writes`.
`ZohoClient` is its twin in `client`.
"""

from __future__ import annotations

from crmbridge.zoho._async_converting import AsyncZohoConverting
from crmbridge.zoho._async_finding import AsyncZohoFinding
from crmbridge.zoho._async_reading import AsyncZohoReading
from crmbridge.zoho._async_settings import AsyncZohoSettings
from crmbridge.zoho._async_tagging import AsyncZohoTagging
from crmbridge.zoho._async_writing import AsyncZohoWriting
from crmbridge.zoho.async_bulk import AsyncZohoBulk
from crmbridge.zoho.async_notifications import AsyncZohoNotifications

__all__ = ["AsyncZohoClient"]


class AsyncZohoClient(
    AsyncZohoReading,
    AsyncZohoFinding,
    AsyncZohoWriting,
    AsyncZohoSettings,
    AsyncZohoConverting,
    AsyncZohoTagging,
):
    """Reads and writes one organisation of Zoho CRM (API v8).

    It is used from one event loop.
    Close it, or use it in a ``async with`` block.
    Every method may also make one request for an access token, once an hour.

    Every method raises `AuthenticationError` (the credentials are not
    accepted), `PermissionDeniedError` (a right or an OAuth scope is missing),
    `ThrottledError`, `ServiceError`, `ConnectionFailedError`,
    `ConnectionLostError`, `MalformedReplyError` (an answer cannot be read) and
    `NotFoundError` (there is no such module); what it raises beside is said
    there.

    A ``module`` is an API name, such as ``"Leads"``; ``fields`` are API names.
    A ``trigger`` names what Zoho does besides writing: ``"workflow"``,
    ``"approval"``, ``"blueprint"``...; nothing by default. Cadences run all the
    same unless ``skip_features`` names ``"cadences"``.

    Args:
        config: which organisation, and how to ask it.
        transport: how requests are sent; by default over HTTP.
        limiter: share one between clients of one organisation.
        token_store: share one between clients of one organisation; Zoho
            makes only 10 tokens in 10 minutes.
        sleep: what waits.
        clock: what reads the clocks.

    >>> import asyncio
    >>> from crmbridge import AsyncZohoClient, ZohoConfig
    >>> config = ZohoConfig(client_id="c", client_secret="s", refresh_token="r")
    >>> async def main() -> str:
    ...     async with AsyncZohoClient(config) as client:
    ...         return client.config.api_base
    >>> asyncio.run(main())
    'https://www.zohoapis.com'
    """

    @property
    def bulk(self) -> AsyncZohoBulk:
        """Bulk reads and bulk writes: very many records, by files."""
        return AsyncZohoBulk(self._config, self._runtime)

    @property
    def notifications(self) -> AsyncZohoNotifications:
        """Callbacks when records change: set, list, renew and end watches."""
        return AsyncZohoNotifications(self._config, self._runtime)
