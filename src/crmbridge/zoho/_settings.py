"""What the organisation is made of, as methods of the client.

Floor 6: each method is one line; the work is in the calls.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from crmbridge.zoho import _organisation
from crmbridge.zoho._connection import ZohoConnection
from crmbridge.zoho.metadata import ZohoField, ZohoModule
from crmbridge.zoho.organisation import UserKind, ZohoOrganization, ZohoUser

__all__ = ["ZohoSettings"]


class ZohoSettings(ZohoConnection):
    """The part of `ZohoClient` for what the organisation is made of."""

    def users(
        self,
        *,
        kind: UserKind = "ActiveUsers",
        modified_since: datetime | None = None,
    ) -> tuple[ZohoUser, ...]:
        """Read the organisation's users.

        Costs one request and one credit per 200 users.
        Only active and confirmed ones can own records.

        Args:
            kind: which users, by Zoho's word.
            modified_since: only those who were changed after it (aware); none
                of them gives an empty tuple.

        Raises:
            InvalidInputError: ``modified_since`` has no time zone.
            RefusedError: there is no such kind.

        Source: Zoho CRM API v8, "Get Users".
        """
        return self._runtime.run(
            _organisation.users(self._config, kind=kind, modified_since=modified_since)
        )

    def current_user(self) -> ZohoUser:
        """Read the user whose token it is.

        Costs one request and one credit.
        All times come in this user's time zone, and page tokens are this
        user's.

        Source: Zoho CRM API v8, "Get Users" (``CurrentUser``).
        """
        return self._runtime.run(_organisation.current_user(self._config))

    def modules(self) -> tuple[ZohoModule, ...]:
        """Read the organisation's modules, and what the user may do in them.

        Costs one request and one credit.

        Source: Zoho CRM API v8, "Modules Metadata".
        """
        return self._runtime.run(_organisation.modules(self._config))

    def fields(
        self, module: str, *, kind: Literal["all", "unused"] | None = None
    ) -> tuple[ZohoField, ...]:
        """Read what a module's fields take: types, lengths, lists, uniqueness.

        Costs one request and one credit.

        Args:
            module: its API name.
            kind: ``"unused"`` for the fields that are in no layout, ``"all"``
                for these as well; by default those that are in use.

        Source: Zoho CRM API v8, "Fields Metadata".
        """
        return self._runtime.run(_organisation.fields(self._config, module, kind=kind))

    def organization(self) -> ZohoOrganization:
        """Read what the organisation is: ids, edition, privacy settings.

        Costs one request and one credit.

        Source: Zoho CRM API v8, "Get Organization Data".
        """
        return self._runtime.run(_organisation.organization(self._config))
