"""Single permissions of contacts, as methods of the client.

Floor 6: each method is one line; the work is in the calls.
"""

from __future__ import annotations

from collections.abc import Iterable

from crmbridge.salesmanago import _consents
from crmbridge.salesmanago._connection import SalesmanagoConnection

__all__ = ["SalesmanagoConsenting"]


class SalesmanagoConsenting(SalesmanagoConnection):
    """The part of `SalesmanagoClient` for single permissions."""

    def opt_in(self, email: str) -> str:
        """Allow e-mails to a contact and return its id.

        Costs one request, and touches nothing else.
        Source: ``contact/optin``, doc comments of a C# client.

        Raises:
            InvalidInputError: the address is blank; nothing was sent.
            RefusedError: there is no such contact.
        """
        return self._runtime.run(_consents.change(self._account, "optin", email))

    def opt_out(self, email: str) -> str:
        """Forbid e-mails to a contact and return its id.

        Costs one request, and touches nothing else.
        Source: ``contact/optout``, doc comments of a C# client.

        Raises:
            InvalidInputError: the address is blank; nothing was sent.
            RefusedError: there is no such contact.
        """
        return self._runtime.run(_consents.change(self._account, "optout", email))

    def phone_opt_in(self, email: str) -> str:
        """Allow calls and texts to a contact and return its id.

        Costs one request, and touches nothing else.
        Source: ``contact/phoneoptin``, doc comments of a C# client.

        Raises:
            InvalidInputError: the address is blank; nothing was sent.
            RefusedError: there is no such contact.
        """
        return self._runtime.run(_consents.change(self._account, "phoneoptin", email))

    def phone_opt_out(self, email: str) -> str:
        """Forbid calls and texts to a contact and return its id.

        Costs one request, and touches nothing else.
        Source: ``contact/phoneoptout``, doc comments of a C# client.

        Raises:
            InvalidInputError: the address is blank; nothing was sent.
            RefusedError: there is no such contact.
        """
        return self._runtime.run(_consents.change(self._account, "phoneoptout", email))

    def opt_in_by_id(self, contact_id: str) -> str:
        """Allow e-mails to a contact by its id, and return the id.

        See `opt_in`; the address may have changed meanwhile.
        """
        return self._runtime.run(
            _consents.change_by_id(self._account, "optin", contact_id)
        )

    def opt_out_by_id(self, contact_id: str) -> str:
        """Forbid e-mails to a contact by its id, and return the id.

        See `opt_out`; the address may have changed meanwhile.
        """
        return self._runtime.run(
            _consents.change_by_id(self._account, "optout", contact_id)
        )

    def phone_opt_in_by_id(self, contact_id: str) -> str:
        """Allow calls and texts to a contact by its id, and return the id.

        See `phone_opt_in`; the address may have changed meanwhile.
        """
        return self._runtime.run(
            _consents.change_by_id(self._account, "phoneoptin", contact_id)
        )

    def phone_opt_out_by_id(self, contact_id: str) -> str:
        """Forbid calls and texts to a contact by its id, and return the id.

        See `phone_opt_out`; the address may have changed meanwhile.
        """
        return self._runtime.run(
            _consents.change_by_id(self._account, "phoneoptout", contact_id)
        )

    def opt_in_many(self, emails: Iterable[str]) -> tuple[str | None, ...]:
        """Allow e-mails to contacts and return their ids by position.

        Costs one request for every ``config.batch_size`` addresses, several at
        once, and touches nothing else.
        Unverified: how many addresses it takes at most, and that an address of
        nobody stops no other.
        Source: ``contact/batchoptin``, doc comments of a C# client; live client
        code.

        Returns:
            The ids; ``None`` where there is no such contact.

        Raises:
            InvalidInputError: an address is blank; nothing was sent.
        """
        return self._runtime.run(_consents.change_many(self._account, "optin", emails))

    def opt_out_many(self, emails: Iterable[str]) -> tuple[str | None, ...]:
        """Forbid e-mails to contacts and return their ids by position.

        Costs one request for every ``config.batch_size`` addresses, several at
        once, and touches nothing else.
        Unverified: how many addresses it takes at most, and that an address of
        nobody stops no other.
        Source: ``contact/batchoptout``, doc comments of a C# client; live client
        code.

        Returns:
            The ids; ``None`` where there is no such contact.

        Raises:
            InvalidInputError: an address is blank; nothing was sent.
        """
        return self._runtime.run(_consents.change_many(self._account, "optout", emails))
