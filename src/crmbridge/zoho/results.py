"""What the calls of Zoho CRM answer: pages and written records.

Floor 1: values only.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from attrs import field as attribute
from attrs import frozen

from crmbridge.errors import CrmbridgeError, Problem, RefusedError
from crmbridge.zoho.cursors import RecordsCursor
from crmbridge.zoho.records import ZohoRecord

__all__ = [
    "DeletedPage",
    "DeletedRecord",
    "QueryPage",
    "RecordsPage",
    "SearchPage",
    "WriteResult",
    "WriteStatus",
]


@frozen
class RecordsPage:
    """One page of a module's records.

    Attributes:
        records: in the order of the service, newest id first.
        next_page_token: of a page of `ZohoClient.records_page`, opens the next
            one for 24 hours, when asked with the very same arguments; ``None``
            after the last page.
        server_time: Zoho's clock when it answered, or ``None``.
        cursor: of a page of `ZohoClient.record_pages`, where these go on;
            ``None`` after the last page.
    """

    records: tuple[ZohoRecord, ...] = attribute(default=(), repr=False)
    next_page_token: str | None = attribute(default=None, repr=False)
    server_time: datetime | None = None
    cursor: RecordsCursor | None = None

    @property
    def has_more(self) -> bool:
        """Tell whether another page follows."""
        return self.next_page_token is not None or self.cursor is not None


@frozen
class QueryPage:
    """The rows that answer one question in COQL.

    Attributes:
        records: in the order asked for; by id, upwards, where none was asked.
            Of a lookup they hold the id only.
        has_more: more rows fit than were asked for.
        server_time: Zoho's clock when it answered, or ``None``.
        next_id: a reading by id goes on above this one; ``None`` at its end.
    """

    records: tuple[ZohoRecord, ...] = attribute(default=(), repr=False)
    has_more: bool = False
    server_time: datetime | None = None
    next_id: str | None = None


@frozen
class SearchPage:
    """One page of what a search found.

    Attributes:
        records: what was found; perhaps more than was searched for, and not
            what was written a moment ago.
        next_page: the number of the next page, or ``None`` after the last.
        server_time: Zoho's clock when it answered, or ``None``.
    """

    records: tuple[ZohoRecord, ...] = attribute(default=(), repr=False)
    next_page: int | None = None
    server_time: datetime | None = None

    @property
    def has_more(self) -> bool:
        """Tell whether another page follows."""
        return self.next_page is not None


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
            nothing of it reached Zoho. All but the first come with ``error``.
        code: Zoho's code, such as ``SUCCESS`` or ``DUPLICATE_DATA``; see
            `ZOHO_CODES`.
        id: the record written, or ``None``.
        action: ``"insert"`` or ``"update"`` after an upsert. When the answer
            was lost and the upsert repeated, it is that of the last attempt.
        duplicate_field: by which field an upsert knew the record again.
        modified_time: the record's new modified time (UTC), to know the echo
            of the write by.
        field: Zoho's name of the field at fault, of several the first.
        existing_id: the record in the way, where nothing but
            ``DUPLICATE_DATA`` is wrong.
        error: why it was not written, as the error that a call for this
            record alone would raise. It does not count in comparisons.

    >>> from crmbridge.errors import RecordLockedError
    >>> locked = WriteResult(
    ...     WriteStatus.REFUSED, "RECORD_LOCKED", error=RecordLockedError("locked")
    ... )
    >>> isinstance(locked.error, RecordLockedError)
    True
    """

    status: WriteStatus
    code: str = ""
    id: str | None = None
    action: str | None = None
    modified_time: datetime | None = None
    field: str | None = None
    existing_id: str | None = None
    error: CrmbridgeError | None = attribute(default=None, eq=False)
    duplicate_field: str | None = None

    @property
    def is_success(self) -> bool:
        """Tell whether the record was written."""
        return self.status is WriteStatus.SUCCESS

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong with a refused record, one by one."""
        return self.error.problems if isinstance(self.error, RefusedError) else ()
