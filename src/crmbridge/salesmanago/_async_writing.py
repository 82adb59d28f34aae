"""The writing of contacts, as methods of the async client.

Floor 6: each method is one line; the work is in the calls.
"""

from __future__ import annotations

from crmbridge.salesmanago import _writes
from crmbridge.salesmanago._async_connection import AsyncSalesmanagoConnection

__all__ = ["AsyncSalesmanagoWriting"]


class AsyncSalesmanagoWriting(AsyncSalesmanagoConnection):
    """The part of `AsyncSalesmanagoClient` for the writing of contacts."""

    async def opt_in(self, email: str) -> str:
        """Allow e-mails to a contact and return its id.

        Costs one request, and touches nothing else.
        Source: ``contact/optin``, doc comments of a C# client.
        """
        return await self._runtime.run(_writes.opt_in(self._account, email))

    async def opt_out(self, email: str) -> str:
        """Forbid e-mails to a contact and return its id.

        Costs one request, and touches nothing else.
        Source: ``contact/optout``, doc comments of a C# client.
        """
        return await self._runtime.run(_writes.opt_out(self._account, email))

    async def phone_opt_in(self, email: str) -> str:
        """Allow calls and texts to a contact and return its id.

        Costs one request, and touches nothing else.
        Source: ``contact/phoneoptin``, doc comments of a C# client.
        """
        return await self._runtime.run(_writes.phone_opt_in(self._account, email))

    async def phone_opt_out(self, email: str) -> str:
        """Forbid calls and texts to a contact and return its id.

        Costs one request, and touches nothing else.
        Source: ``contact/phoneoptout``, doc comments of a C# client.
        """
        return await self._runtime.run(_writes.phone_opt_out(self._account, email))

    async def set_main_owner(
        self, email: str, *, new_owner: str, owner: str | None = None
    ) -> None:
        """Give a contact to another user.

        Costs one request.
        Unverified: whether ``owner`` must be the present owner; so name it.
        Source: ``contact/setMainOwner``, doc comments of a C# client.

        Args:
            email: the contact's address.
            new_owner: the user who gets it.
            owner: the user who has it; by default the configured one.
        """
        return await self._runtime.run(
            _writes.set_main_owner(
                self._account, email, new_owner=new_owner, owner=owner
            )
        )
