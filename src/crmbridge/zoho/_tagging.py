"""Tags, as methods of the client.

Floor 6: each method is one line; the work is in the calls.
"""

from __future__ import annotations

from collections.abc import Sequence

from crmbridge.zoho import _tags
from crmbridge.zoho._connection import ZohoConnection
from crmbridge.zoho.metadata import ZohoTag
from crmbridge.zoho.results import WriteResult

__all__ = ["ZohoTagging"]


class ZohoTagging(ZohoConnection):
    """The part of `ZohoClient` for tags."""

    def tags(self, module: str) -> tuple[ZohoTag, ...]:
        """Read the tags that records of a module can have.

        Costs one request and one credit.

        Source: Zoho CRM API v8, "Get Tags".
        """
        return self._runtime.run(_tags.tags(self._config, module))

    def create_tags(self, module: str, names: Sequence[str]) -> tuple[WriteResult, ...]:
        """Make tags that records of a module can have; results by position.

        Costs one request and one credit per 50 tags.
        It need not be called before `add_tags`, which makes what is missing.
        Unverified: how many tags one request takes.

        Args:
            names: 1 to 25 characters each.

        Returns:
            Results with the tags' ids; a name that is there already gives
            ``DUPLICATE_DATA`` and the tag's ``existing_id``.

        Raises:
            InvalidInputError: there are no names, or one is too long.
            RefusedError: the request as a whole was refused.

        Source: Zoho CRM API v8, "Create Tags".
        """
        return self._runtime.run(_tags.create_tags(self._config, module, names))

    def add_tags(
        self,
        module: str,
        ids: Sequence[str],
        names: Sequence[str],
        *,
        over_write: bool = False,
    ) -> tuple[WriteResult, ...]:
        """Give tags to records; results by position.

        Costs one request per 500 records, and one credit per 50.
        Tags that do not exist yet are made.
        Unverified: whether it moves ``Modified_Time``, and how many tags one
        request takes.

        Args:
            ids: any number of ids, each once.
            names: the tags, 1 to 25 characters each.
            over_write: whether the records lose all their other tags.

        Raises:
            InvalidInputError: an id is none or comes twice, or a name is too
                long.
            RefusedError: the request as a whole was refused.

        Source: Zoho CRM API v5 and v8, "Add Tags".
        """
        return self._runtime.run(
            _tags.add_tags(self._config, module, ids, names, over_write=over_write)
        )

    def remove_tags(
        self, module: str, ids: Sequence[str], names: Sequence[str]
    ) -> tuple[WriteResult, ...]:
        """Take tags away from records; results by position.

        Costs one request per 500 records, and one credit per 50.
        A record that has not the tag is a success as well.
        Unverified: how many tags one request takes; a sample of Zoho's says 1.

        Args:
            ids: any number of ids, each once.
            names: the tags.

        Raises:
            InvalidInputError: an id is none or comes twice.
            RefusedError: the request as a whole was refused.

        Source: Zoho CRM API v8, "Remove Tags".
        """
        return self._runtime.run(_tags.remove_tags(self._config, module, ids, names))
