"""What the calls of Zoho CRM answer: pages and written records.

Floor 1: values only.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from attrs import field, frozen

from crmbridge.errors import CrmbridgeError
from crmbridge.zoho.records import ZohoRecord

__all__ = [
    "DeletedPage",
    "DeletedRecord",
    "RecordsPage",
    "WriteResult",
    "WriteStatus",
]


@frozen
class RecordsPage:
    """One page of a module's records.

    Attributes:
        records: in the order of the service, newest id first.
        next_page_token: opens the next page for 24 hours, when asked with
            the very same arguments; ``None`` after the last page.
        server_time: Zoho's clock when it answered, or ``None``.
    """

    records: tuple[ZohoRecord, ...] = field(default=(), repr=False)
    next_page_token: str | None = field(default=None, repr=False)
    server_time: datetime | None = None

    @property
    def has_more(self) -> bool:
        """Tell whether another page follows."""
        return self.next_page_token is not None


@frozen
class DeletedRecord:
    """A record that was deleted, as the service remembers it.

    Attributes:
        id: the record's id.
        deleted_time: when (UTC), or ``None`` where Zoho did not say.
        is_permanent: it has left the recycle bin too.
    """

    id: str
    deleted_time: datetime | None = None
    is_permanent: bool = False


@frozen
class DeletedPage:
    """One page of a module's deleted records.

    Attributes:
        records: in no promised order; one id may come twice.
        next_page: the number of the next page, or ``None`` after the last.
        server_time: Zoho's clock when it answered, or ``None``.
    """

    records: tuple[DeletedRecord, ...] = ()
    next_page: int | None = None
    server_time: datetime | None = None

    @property
    def has_more(self) -> bool:
        """Tell whether another page follows."""
        return self.next_page is not None


class WriteStatus(Enum):
    """What became of one record of a write."""

    SUCCESS = "success"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    UNSENT = "unsent"


@frozen
class WriteResult:
    """What became of one record of a write, by position.

    Attributes:
        status: ``SUCCESS``; ``REFUSED`` with Zoho's ``code``; ``UNKNOWN`` when
            the record may or may not have been written; ``UNSENT`` when
            nothing of it reached Zoho. The last two come with ``error``.
        code: Zoho's code, such as ``SUCCESS`` or ``DUPLICATE_DATA``.
        id: the record written, or ``None``.
        action: ``"insert"`` or ``"update"`` after an upsert.
        modified_time: the record's new modified time (UTC), to know the echo
            of the write by.
        field: Zoho's name of the field at fault.
        existing_id: the record in the way of a ``DUPLICATE_DATA``.
        error: why the record's batch as a whole was not answered.
    """

    status: WriteStatus
    code: str = ""
    id: str | None = None
    action: str | None = None
    modified_time: datetime | None = None
    field: str | None = None
    existing_id: str | None = None
    error: CrmbridgeError | None = None

    @property
    def is_success(self) -> bool:
        """Tell whether the record was written."""
        return self.status is WriteStatus.SUCCESS
