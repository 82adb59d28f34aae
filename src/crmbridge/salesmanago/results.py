"""What calls of SALESmanago answer beside whole contacts.

Floor 1: values only.
"""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from crmbridge.salesmanago.cursors import FeedCursor
from crmbridge.salesmanago.records import SalesmanagoContact

__all__ = ["ChangedContactsPage", "ChangedIdsPage", "ChangesPage", "ContactId"]


@frozen
class ContactId:
    """A contact as a change feed names it.

    Attributes:
        id: its id, which stays when the e-mail changes.
        email: its e-mail, ``""`` where the feed does not tell it.
    """

    id: str
    email: str = field(default="", repr=False)


@frozen
class ChangesPage:
    """One page of a feed of created or modified contacts.

    Attributes:
        contacts: in the service's order; pages may overlap.
        has_more: whether another page follows.
        server_time: the service's clock when it answered, or ``None``.
    """

    contacts: tuple[ContactId, ...]
    has_more: bool = False
    server_time: datetime | None = None


@frozen
class ChangedIdsPage:
    """Some of the contacts that changed, over all users of the account.

    Attributes:
        ids: whom the feeds name; may be empty where nobody changed.
        until: where the whole reading ends: minus an overlap, the ``since`` of
            the next one.
        server_time: the service's clock before anything was read.
        cursor: where to go on after this page, ``None`` at the end.
    """

    ids: tuple[ContactId, ...] = field(repr=False)
    until: datetime
    server_time: datetime
    cursor: FeedCursor | None = None


@frozen
class ChangedContactsPage:
    """Some of the contacts that changed, as they are now.

    Attributes:
        contacts: whole contacts, in the order of the feeds.
        missing: ids that the feeds name and that reading by id did not find:
            they were deleted meanwhile, or the answer was not whole.
        until: where the whole reading ends: minus an overlap, the ``since`` of
            the next one.
        server_time: the service's clock before anything was read.
        cursor: where to go on after this page, ``None`` at the end. Some of
            the contacts of this page may come again from there.
    """

    contacts: tuple[SalesmanagoContact, ...] = field(repr=False)
    missing: tuple[str, ...]
    until: datetime
    server_time: datetime
    cursor: FeedCursor | None = None
