"""Tags of the account and notes on contacts, as methods of the client.

Floor 6: each method is one line; the work is in the calls.
"""

from __future__ import annotations

from crmbridge.salesmanago import _notes, _tags
from crmbridge.salesmanago._connection import SalesmanagoConnection
from crmbridge.salesmanago.tags import AccountTag

__all__ = ["SalesmanagoOrganising"]


class SalesmanagoOrganising(SalesmanagoConnection):
    """The part of `SalesmanagoClient` for the account's tags and notes."""

    def tags(
        self, *, with_system: bool = False, owner: str | None = None
    ) -> tuple[AccountTag, ...]:
        """Read the tags of the account, each with the number of its contacts.

        Costs one request.
        A contact gets and loses tags by `upsert`.
        Unverified: whether a user who sees only some contacts sees all tags.
        Source: ``contact/tags``, doc comments of a C# client and a PHP client.

        Args:
            with_system: also those that SALESmanago gives by itself.
            owner: the user who asks; by default the configured one.
        """
        return self._runtime.run(
            _tags.tags(self._account, with_system=with_system, owner=owner)
        )

    def add_note(self, email: str, text: str, *, is_private: bool = False) -> None:
        """Write a note on a contact.

        Costs one request, and is never repeated once it may have arrived.
        Unverified: how long a note may be; none is cut here.
        Source: ``contact/addNote``, doc comments of a C# client.

        Args:
            email: the contact's address.
            text: the note.
            is_private: the ``priv`` of the wire; who then sees the note is
                unverified.

        Raises:
            InvalidInputError: the note is blank; nothing was sent.
            OutcomeUnknownError: the note may have been written; look at the
                contact before writing it again.
        """
        return self._runtime.run(
            _notes.add_note(self._account, email, text, is_private=is_private)
        )
