"""The finding of records by what they hold, as methods of the client.

Floor 6: each method is one line; the work is in the calls.
"""

from __future__ import annotations

from crmbridge.zoho import _queries
from crmbridge.zoho._connection import ZohoConnection
from crmbridge.zoho.coql import Select
from crmbridge.zoho.results import QueryPage

__all__ = ["ZohoFinding"]


class ZohoFinding(ZohoConnection):
    """The part of `ZohoClient` for questions in COQL and the search."""

    def query(self, select: Select) -> QueryPage:
        """Ask one question in COQL; see `crmbridge.zoho.coql`.

        Costs one request and 1 credit up to a ``limit`` of 200 rows, 2 up to
        1,000, 3 above.
        The rows hold the id and the fields that were asked for; of a lookup
        only ``{"id"}``, so an owner has no name here.
        Unlike the search, COQL sees each write at once.
        Unverified: whether it hides converted leads; ask for ``Converted__s``.

        Raises:
            InvalidInputError: a text holds a backslash.
            RefusedError: ``INVALID_QUERY`` for an unknown field or an operator
                that its type does not know; ``LIMIT_EXCEEDED``.

        Source: Zoho CRM API v7, "Get Records through COQL Query"; v8, "COQL
        limitations"; v5, "COQL overview" for the credits.
        """
        return self._runtime.run(_queries.query_page(self._config, select))
