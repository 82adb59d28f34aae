"""The reading of contacts and users, as methods of the client.

Floor 6: each method is one line; the work is in the calls.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from crmbridge.salesmanago import _calls, _windows
from crmbridge.salesmanago._connection import SalesmanagoConnection
from crmbridge.salesmanago.basics import SalesmanagoBasic
from crmbridge.salesmanago.records import SalesmanagoContact
from crmbridge.salesmanago.results import ChangesPage

__all__ = ["SalesmanagoReading"]


class SalesmanagoReading(SalesmanagoConnection):
    """The part of `SalesmanagoClient` for the reading of contacts and users."""

    def users(self) -> tuple[str, ...]:
        """Read the e-mails of the account's users.

        Costs one request; a cheap check of the credentials.
        Unverified: whether deactivated users are listed; contacts of one who
        is not are in no feed but those of users who see everybody.
        Source: ``user/listByClient`` in the vendor's PHP SDK.
        """
        return self._runtime.run(_calls.users(self._account))

    def has_contact(self, email: str, *, owner: str | None = None) -> str | None:
        """Look one address up and return the contact's id, or ``None``.

        Costs one request.
        Source: ``contact/hasContact`` in tests of a PHP client.

        Args:
            email: the address.
            owner: the user who asks; by default the configured one.
        """
        return self._runtime.run(_calls.has_contact(self._account, email, owner=owner))

    def basic(
        self, emails: Iterable[str], *, owner: str | None = None
    ) -> tuple[SalesmanagoBasic, ...]:
        """Read basic data of contacts by e-mail: score and last visit too.

        Costs one request for every 50 addresses, several at once.
        Unverified: how many are taken at once, 50 being the limit of the
        lists, and whether contacts of other users are shown.
        Source: ``contact/basic``, doc comments of a C# client and the vendor's
        PHP SDK.

        Args:
            emails: any number of addresses.
            owner: the user who asks; by default the configured one.

        Returns:
            The contacts found, in no order, each once; match them by e-mail,
            without regard to case.
        """
        return self._runtime.run(_calls.basic(self._account, emails, owner=owner))

    def basic_by_id(
        self, ids: Iterable[str], *, owner: str | None = None
    ) -> tuple[SalesmanagoBasic, ...]:
        """Read basic data of contacts by id: score and last visit too.

        Costs one request for every 50 ids, several at once.
        Source and what is not known: as of `basic`, ``contact/basicById``.

        Args:
            ids: any number of ids.
            owner: the user who asks; by default the configured one.

        Returns:
            The contacts found, in the order asked for, each once.
        """
        return self._runtime.run(_calls.basic_by_id(self._account, ids, owner=owner))

    def list_all(self, emails: Iterable[str]) -> tuple[SalesmanagoContact, ...]:
        """Read contacts by e-mail, whoever owns them.

        Costs one request for every 50 addresses, several at once.
        Source: ``contact/listAll``, doc comments of a C# client.

        Args:
            emails: any number of addresses.

        Returns:
            The contacts found, in no order, each once; match them by e-mail,
            without regard to case.
        """
        return self._runtime.run(_calls.list_all(self._account, emails))

    def list_all_by_id(self, ids: Iterable[str]) -> tuple[SalesmanagoContact, ...]:
        """Read contacts by id, whoever owns them.

        Costs one request for every 50 ids, several at once.
        Source: ``contact/listAllById``, doc comments of a C# client.

        Args:
            ids: any number of ids.

        Returns:
            The contacts found, in the order asked for, each once.
        """
        return self._runtime.run(_calls.list_all_by_id(self._account, ids))

    def list_owned(
        self, emails: Iterable[str], *, owner: str | None = None
    ) -> tuple[SalesmanagoContact, ...]:
        """Read contacts by e-mail, as far as one user sees them.

        Costs one request for every 50 addresses, several at once.
        Users who are administrators or managers may see everybody.
        Source: ``contact/list``, doc comments of a C# client; SALESmanago help
        centre, "Creating and managing user accounts".

        Args:
            emails: any number of addresses.
            owner: the user; by default the configured one.

        Returns:
            The contacts found, in no order, each once; match them by e-mail,
            without regard to case.
        """
        return self._runtime.run(_calls.list_owned(self._account, emails, owner=owner))

    def list_owned_by_id(
        self, ids: Iterable[str], *, owner: str | None = None
    ) -> tuple[SalesmanagoContact, ...]:
        """Read contacts by id, as far as one user sees them.

        Costs one request for every 50 ids, several at once.
        Source: as of `list_owned`, ``contact/listById``.

        Args:
            ids: any number of ids.
            owner: the user; by default the configured one.

        Returns:
            The contacts found, in the order asked for, each once.
        """
        return self._runtime.run(
            _calls.list_owned_by_id(self._account, ids, owner=owner)
        )

    def created_contacts(
        self, *, start: datetime, end: datetime, owner: str | None = None
    ) -> ChangesPage:
        """Read which contacts of a user were created in a time.

        Costs one request.
        Unverified: the longest window and whether its bounds belong to it.
        Source: ``contact/createdContacts``, doc comments of a C# client.

        Args:
            start: from when, aware.
            end: until when, aware.
            owner: whose contacts; by default the configured user's.

        Raises:
            InvalidInputError: a time has no zone.
        """
        return self._runtime.run(
            _windows.created_contacts(self._account, start=start, end=end, owner=owner)
        )

    def modified_contacts(
        self, *, start: datetime, end: datetime, owner: str | None = None
    ) -> ChangesPage:
        """Read which contacts of a user were modified in a time, at once.

        Costs one request. The answer has no pages and so no bound; for more
        than a short time ask `modified_contacts_page`.
        Unverified: which changes count as modifications, the longest window,
        and whether its bounds belong to it.
        Source: ``contact/modifiedContacts``, doc comments of a C# client.

        Args:
            start: from when, aware.
            end: until when, aware.
            owner: whose contacts; by default the configured user's.

        Raises:
            InvalidInputError: a time has no zone.
        """
        return self._runtime.run(
            _windows.modified_contacts(self._account, start=start, end=end, owner=owner)
        )

    def modified_contacts_page(
        self,
        *,
        start: datetime,
        end: datetime,
        page: int = 1,
        owner: str | None = None,
    ) -> ChangesPage:
        """Read one page of a user's contacts that were modified in a time.

        Costs one request; a page holds ``config.page_size`` contacts.
        Pages may repeat or pass over a contact when others change meanwhile;
        `changed_ids` reads them so that nobody is lost.
        Unverified: which changes count as modifications; windows of up to 30
        days were seen to work.
        Source: ``contact/paginatedModifiedContacts`` in live client code.

        Args:
            start: from when, aware.
            end: until when, aware.
            page: counts from 1.
            owner: whose contacts; by default the configured user's.

        Raises:
            InvalidInputError: a time has no zone, or the page is below 1.
        """
        return self._runtime.run(
            _windows.modified_contacts_page(
                self._account, start=start, end=end, page=page, owner=owner
            )
        )
