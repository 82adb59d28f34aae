"""What calls of SALESmanago answer beside whole contacts.

Floor 1: values only.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from attrs import field, frozen

from crmbridge.errors import CrmbridgeError
from crmbridge.salesmanago.cursors import FeedCursor
from crmbridge.salesmanago.records import SalesmanagoContact

__all__ = [
    "ChangedContactsPage",
    "ChangedIdsPage",
    "ChangesPage",
    "ContactId",
    "WriteResult",
    "WriteStatus",
]


# Unslotted: attrs then builds one in half the time, and a feed names very many.
@frozen(slots=False)
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


class WriteStatus(Enum):
    """What became of one contact of a write."""

    SUCCESS = "success"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    UNSENT = "unsent"


@frozen
class WriteResult:
    """What became of one contact of a write, by position.

    Attributes:
        status: ``SUCCESS``; ``ACCEPTED`` when it is to be written later, which
            nobody has seen yet; ``REFUSED`` when SALESmanago refused this very
            contact; ``UNKNOWN`` when it may or may not have been written;
            ``UNSENT`` when nothing of it reached SALESmanago.
        id: the contact written, or ``None``.
        error: why it was not written, as the error that a call for this
            contact alone would raise; ``None`` after the first two. It does
            not count in comparisons.
        request_id: of an accepted one, the number of the request for
            SALESmanago's support. It proves nothing.

    >>> WriteResult(WriteStatus.ACCEPTED, request_id="4001").is_success
    False
    """

    status: WriteStatus
    id: str | None = None
    error: CrmbridgeError | None = field(default=None, eq=False)
    request_id: str | None = None

    @property
    def is_success(self) -> bool:
        """Tell whether the contact was written."""
        return self.status is WriteStatus.SUCCESS
