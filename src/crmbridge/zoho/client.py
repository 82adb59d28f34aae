"""The client of Zoho CRM.

Floor 6: each method is one line; the work is in `_calls` and `_writes`.
`AsyncZohoClient` is its twin in `async_client`.
"""

from __future__ import annotations

from crmbridge.zoho._converting import ZohoConverting
from crmbridge.zoho._finding import ZohoFinding
from crmbridge.zoho._reading import ZohoReading
from crmbridge.zoho._settings import ZohoSettings
from crmbridge.zoho._tagging import ZohoTagging
from crmbridge.zoho._writing import ZohoWriting
from crmbridge.zoho.bulk import ZohoBulk
from crmbridge.zoho.notifications import ZohoNotifications

__all__ = ["ZohoClient"]


class ZohoClient(
    ZohoReading,
    ZohoFinding,
    ZohoWriting,
    ZohoSettings,
    ZohoConverting,
    ZohoTagging,
):
    """Reads and writes one organisation of Zoho CRM (API v8).

    It is safe to use from several threads.
    Close it, or use it in a ``with`` block.
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

    >>> from crmbridge import ZohoClient, ZohoConfig
    >>> config = ZohoConfig(client_id="c", client_secret="s", refresh_token="r")
    >>> with ZohoClient(config) as client:
    ...     client.config.api_base
    'https://www.zohoapis.com'
    """

    @property
    def bulk(self) -> ZohoBulk:
        """Bulk reads and bulk writes: very many records, by files."""
        return ZohoBulk(self._config, self._runtime)

    @property
    def notifications(self) -> ZohoNotifications:
        """Callbacks when records change: set, list, renew and end watches."""
        return ZohoNotifications(self._config, self._runtime)
