"""What the organisation is made of, as methods of the async client.

Floor 6: each method is one line; the work is in the calls.
"""

from __future__ import annotations

from crmbridge.zoho import _organisation
from crmbridge.zoho._connection import AsyncZohoConnection
from crmbridge.zoho.metadata import ZohoField, ZohoUser

__all__ = ["AsyncZohoSettings"]


class AsyncZohoSettings(AsyncZohoConnection):
    """The part of `AsyncZohoClient` for what the organisation is made of."""

    async def users(self, *, kind: str = "ActiveUsers") -> tuple[ZohoUser, ...]:
        """Read the organisation's users.

        Costs one request and one credit per 200 users.

        Args:
            kind: ``"ActiveUsers"``, ``"AllUsers"``, ``"CurrentUser"``,
                ``"ActiveConfirmedUsers"``, or another of Zoho's types.

        Raises:
            RefusedError: there is no such kind.

        Source: Zoho CRM API v8, "Get Users".
        """
        return await self._runtime.run(_organisation.users(self._config, kind=kind))

    async def fields(self, module: str) -> tuple[ZohoField, ...]:
        """Read what a module's fields take: types, lengths, lists, uniqueness.

        Costs one request and one credit.

        Source: Zoho CRM API v8, "Fields Metadata".
        """
        return await self._runtime.run(_organisation.fields(self._config, module))
