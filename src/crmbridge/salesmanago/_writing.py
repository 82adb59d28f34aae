"""The writing of contacts, as methods of the client.

Floor 6: each method is one line; the work is in the calls.
"""

from __future__ import annotations

from collections.abc import Iterable

from crmbridge.salesmanago import _writes
from crmbridge.salesmanago._connection import SalesmanagoConnection
from crmbridge.salesmanago.details import ContactDetails

__all__ = ["SalesmanagoWriting"]


class SalesmanagoWriting(SalesmanagoConnection):
    """The part of `SalesmanagoClient` for the writing of contacts."""

    def upsert(
        self,
        details: ContactDetails,
        *,
        owner: str | None = None,
        double_opt_in: bool = False,
        language: str | None = None,
    ) -> str:
        """Add or change one contact by its e-mail and return its id.

        Costs one request.
        It is repeated on failure unless it may send a mail, raise a score or
        rename.
        Unverified: what writing under another owner than the contact's does.
        Source: ``contact/upsert`` in client code.

        Args:
            details: what to write; what it leaves out stays as it is.
            owner: who writes, and who gets a new contact; by default the
                configured user.
            double_opt_in: let an opt-in be confirmed by mail.
            language: the language of that mail, two letters.

        Raises:
            InvalidInputError: the language is no code of two letters.
            OutcomeUnknownError: it may have been carried out, and is not safe
                to repeat.
        """
        return self._runtime.run(
            _writes.upsert(
                self._account,
                details,
                owner=owner,
                double_opt_in=double_opt_in,
                language=language,
            )
        )

    def batch_upsert(
        self,
        details: Iterable[ContactDetails],
        *,
        owner: str | None = None,
        double_opt_in: bool = False,
        language: str | None = None,
    ) -> tuple[str | None, ...]:
        """Add or change many contacts and return their ids by position.

        Costs one request for every ``config.batch_size`` contacts, several at
        once; repeated on failure as `upsert` is.
        Source: ``contact/batchupsert`` in client code; it answers an id map.

        Args:
            details: what to write, no e-mail twice.
            owner: who writes, and who gets new contacts; by default the
                configured user.
            double_opt_in: let an opt-in be confirmed by mail.
            language: the language of that mail, two letters.

        Returns:
            The ids; ``None`` where the contact was refused. Send that one
            alone by `upsert` to learn the reason.

        Raises:
            InvalidInputError: an e-mail occurs twice; nothing was sent.
            OutcomeUnknownError: it may have been carried out, and is not safe
                to repeat.
        """
        return self._runtime.run(
            _writes.batch_upsert(
                self._account,
                details,
                owner=owner,
                double_opt_in=double_opt_in,
                language=language,
            )
        )

    def opt_in(self, email: str) -> str:
        """Allow e-mails to a contact and return its id.

        Costs one request, and touches nothing else.
        Source: ``contact/optin``, doc comments of a C# client.
        """
        return self._runtime.run(_writes.opt_in(self._account, email))

    def opt_out(self, email: str) -> str:
        """Forbid e-mails to a contact and return its id.

        Costs one request, and touches nothing else.
        Source: ``contact/optout``, doc comments of a C# client.
        """
        return self._runtime.run(_writes.opt_out(self._account, email))

    def phone_opt_in(self, email: str) -> str:
        """Allow calls and texts to a contact and return its id.

        Costs one request, and touches nothing else.
        Source: ``contact/phoneoptin``, doc comments of a C# client.
        """
        return self._runtime.run(_writes.phone_opt_in(self._account, email))

    def phone_opt_out(self, email: str) -> str:
        """Forbid calls and texts to a contact and return its id.

        Costs one request, and touches nothing else.
        Source: ``contact/phoneoptout``, doc comments of a C# client.
        """
        return self._runtime.run(_writes.phone_opt_out(self._account, email))

    def set_main_owner(
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
        return self._runtime.run(
            _writes.set_main_owner(
                self._account, email, new_owner=new_owner, owner=owner
            )
        )
