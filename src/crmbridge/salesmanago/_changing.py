"""What changes who a contact is, as methods of the client: address, owner, end.

Floor 6: each method is one line; the work is in the calls.
"""

from __future__ import annotations

from collections.abc import Iterable

from crmbridge.salesmanago import _deletions, _guarded, _presence, _renames, _writes
from crmbridge.salesmanago._connection import SalesmanagoConnection
from crmbridge.salesmanago.details import ContactDetails
from crmbridge.salesmanago.outcomes import Cleared, Presence, Renamed

__all__ = ["SalesmanagoChanging"]


class SalesmanagoChanging(SalesmanagoConnection):
    """The part of `SalesmanagoClient` for renames, owners and deletes."""

    def presence(self, email: str) -> Presence:
        """Tell whether an address is alive, softly deleted, or absent.

        Costs one request, and one or two more where the first shows nothing.
        A contact that was written a moment ago may not be shown yet.
        Source: ``contact/listAll`` and ``contact/hasContact`` in client code.

        Raises:
            InvalidInputError: the address is blank.
        """
        return self._runtime.run(_presence.presence(self._account, email))

    def presences_by_id(self, ids: Iterable[str]) -> tuple[Presence, ...]:
        """Tell whether contacts are alive, softly deleted, or absent, by position.

        Ask before you write to contacts that you know from earlier: a write to
        one that is softly deleted brings it back.
        Costs one request for every 50 ids, and one more for every 50 that are
        not shown.
        Source: ``contact/listAllById`` and ``contact/basicById`` in client code.

        Raises:
            InvalidInputError: an id is blank.
        """
        return self._runtime.run(_presence.presences_by_id(self._account, ids))

    def upsert_if_alive(self, contact_id: str, details: ContactDetails) -> str:
        """Change a known contact, unless that would bring it back; return its id.

        Costs two requests, and one more where the contact is not shown.
        It is written in the name of its present owner.
        Unverified: nothing keeps it from being deleted between the two.
        Source: SALESmanago help centre, "Deleting contacts from the database".

        Args:
            contact_id: the contact.
            details: what to write, to the address that the contact has.

        Raises:
            DeletedError: it is softly deleted; nothing was written.
            NotFoundError: it is not there, or not clearly; nothing was written.
            StaleError: it has another address, or had one when it was written;
                in the second case another contact may have been made.
            InvalidInputError: the details rename; see `rename`.
            OutcomeUnknownError: it may have been carried out, and is not safe
                to repeat.
        """
        return self._runtime.run(
            _guarded.upsert_if_alive(self._account, contact_id, details)
        )

    def clear(self, email: str, fields: Iterable[str]) -> Cleared:
        """Empty fields of a contact, and tell which the service did not empty.

        Costs one request to look, and two to write and read back; up to three
        more, in 7 seconds, while a field is not seen empty.
        It is written once: where the service keeps a value, repeating does not
        help.
        Unverified: that ``""`` empties a field; client code suggests it.

        Args:
            email: the contact's address.
            fields: some of ``name``, ``phone``, ``fax``, ``company``,
                ``external_id``, ``street_address``, ``zip_code``, ``city``,
                ``country``, ``province`` and ``birthday``.

        Raises:
            InvalidInputError: there is no such field; nothing was sent.
            DeletedError: the contact is softly deleted; nothing was written.
            NotFoundError: it is not there, or not clearly; nothing was written.
            RefusedError: the service takes no empty values; nothing was emptied.
            OutcomeUnknownError: the contact was not shown any more.
        """
        return self._runtime.run(_guarded.clear(self._account, email, fields))

    def rename(self, old: str, new: str, *, contact_id: str | None = None) -> Renamed:
        """Give a contact another e-mail address; its id stays.

        Both addresses are looked up first, and the contact is read back by its
        id, so it may be called again after whatever went wrong.
        Costs four requests where all goes well, and up to five more.
        Source: ``newEmail`` of ``contact/upsert`` in client code.
        Unverified: what the service does with an address that is taken; so a
        taken one changes nothing.

        Args:
            old: the address that the contact has; its case does not matter.
            new: the address that it gets.
            contact_id: the contact, where you know it: without it, an old
                address that is nobody's and a new one that is somebody's are
                taken for a rename that was done before.

        Raises:
            DuplicateError: another contact has the new address, alive or softly
                deleted; ``existing_id`` names it.
            NotFoundError: neither address is there, or not clearly.
            DeletedError: the contact is softly deleted; nothing was written.
            StaleError: another contact than ``contact_id`` has the old address,
                or the contact left it meanwhile.
            IgnoredError: the service says that it renamed, and did not.
            OutcomeUnknownError: the answer was lost, and the new address is not
                seen; call it again later.
            InvalidInputError: an address is blank; nothing was sent.
        """
        return self._runtime.run(
            _renames.rename(self._account, old, new, contact_id=contact_id)
        )

    def move_owner(self, email: str, *, to: str) -> str:
        """Give a contact to another user, see it done, and return the id.

        It is asked for in the name of the present owner.
        Costs four requests, and up to three more while the owner is not seen;
        two where the user has the contact already.
        Source: ``contact/setMainOwner``, doc comments of a C# client.

        Args:
            email: the contact's address.
            to: the user who gets it; case does not matter.

        Raises:
            InvalidInputError: ``to`` is no user; nothing was written.
            DeletedError: the contact is softly deleted; nothing was written.
            NotFoundError: it is not there, or not clearly; nothing was written.
            IgnoredError: the service says that it moved, and it did not.
        """
        return self._runtime.run(_renames.move_owner(self._account, email, to=to))

    def set_main_owner(
        self, email: str, *, new_owner: str, owner: str | None = None
    ) -> None:
        """Give a contact to another user, without looking whether it was done.

        Costs one request. After a lost answer it is asked for again, and then
        a refusal may mean that it was done before; `move_owner` looks.
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

    def delete(
        self, email: str, *, permanently: bool = False, owner: str | None = None
    ) -> None:
        """Delete a contact; one that is not there is no error.

        Costs one request; where the answer is a refusal or cannot be read, up
        to eight more to see whether it was done.
        Without ``permanently`` it stays until the night, and any write to its
        address brings it back.
        Source: SALESmanago help centre, "Deleting contacts from the database".

        Args:
            email: the contact's address.
            permanently: remove it at once and for ever.
            owner: the user who asks; by default the configured one.

        Raises:
            InvalidInputError: the address is blank; nothing was sent.
        """
        return self._runtime.run(
            _deletions.delete(
                self._account, email, permanently=permanently, owner=owner
            )
        )

    def delete_many(self, emails: Iterable[str]) -> tuple[Presence, ...]:
        """Delete contacts by e-mail and tell where each is then, by position.

        Costs two requests for every 50, one more for each that is not shown
        any more, and while one is seen alive up to three times what reading
        costs. What is refused is halved until it is known who is refused.
        Unverified: whether it deletes softly; the answer says what was seen.
        Source: ``contact/batchDelete``, doc comments of a C# client.

        Returns:
            What was seen in the end: one that is ``ALIVE`` was not deleted;
            `delete` it alone to learn the reason.

        Raises:
            InvalidInputError: an address is blank; nothing was sent.
        """
        return self._runtime.run(_deletions.delete_many(self._account, emails))

    def delete_many_by_id(self, ids: Iterable[str]) -> tuple[Presence, ...]:
        """Delete contacts by id and tell where each is then, by position.

        Costs two requests for every 50, one more for every 50 that are not
        shown any more, and repeats and halves as `delete_many` does.
        Source: ``contact/batchDelete``, doc comments of a C# client.

        Raises:
            InvalidInputError: an id is blank; nothing was sent.
        """
        return self._runtime.run(_deletions.delete_many_by_id(self._account, ids))
