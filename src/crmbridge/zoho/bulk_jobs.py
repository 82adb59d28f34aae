"""Bulk jobs of Zoho CRM, their files, and what is asked of them.

Floor 1: values only.
A job is Zoho's; its id may be kept, and any process may take it up by the id.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Final, Literal, TypeAlias

from attrs import field, frozen

from crmbridge.zoho.bulk_criteria import BulkCriteria

__all__ = [
    "BULK_PAGE",
    "ArchiveBounds",
    "BulkOperation",
    "Converted",
    "JobState",
    "ReadJob",
    "ReadQuery",
    "WriteJob",
]

BULK_PAGE: Final = 200_000
"""How many records one bulk read holds at most."""

BulkOperation: TypeAlias = Literal["insert", "update", "upsert"]
Converted: TypeAlias = Literal["false", "true", "both"]


class JobState(Enum):
    """How far a job is; Zoho's words differ a little between reads and writes."""

    ADDED = "ADDED"
    QUEUED = "QUEUED"
    IN_PROGRESS = "IN PROGRESS"
    COMPLETED = "COMPLETED"
    FAILED = "FAILURE"

    @property
    def is_final(self) -> bool:
        """Tell whether it stays like this."""
        return self in {JobState.COMPLETED, JobState.FAILED}


@frozen
class ReadQuery:
    """What a bulk read asks for.

    Attributes:
        module: the module's API name.
        fields: API names; Zoho adds ``id``. None means all fields.
        criteria: which records; ``None`` means all.
        page: which 200,000 records, from 1 on.
        page_token: the same, from the job before; it goes before ``page``.
    """

    module: str
    fields: tuple[str, ...] = ()
    criteria: BulkCriteria | None = None
    page: int = 1
    page_token: str | None = field(default=None, repr=False)


@frozen
class ReadJob:
    """A bulk read, as Zoho last told it.

    Attributes:
        id: keep it to take the job up again; Zoho keeps the file for a day.
            Unverified: the day is documented for a sister product.
        state: how far it is.
        module: the module's API name.
        fields: the fields that were asked for.
        page: which 200,000 records.
        count: how many records the file holds; ``None`` until completed.
        next_page_token: opens the next page for 24 hours.
        has_more: whether more records follow in another job.
        created_time: when it was started (UTC), where Zoho told it.
    """

    id: str
    state: JobState
    module: str = ""
    fields: tuple[str, ...] = ()
    page: int = 1
    count: int | None = None
    has_more: bool = False
    next_page_token: str | None = field(default=None, repr=False)
    created_time: datetime | None = None


@frozen
class WriteJob:
    """A bulk write, as Zoho last told it.

    Attributes:
        id: keep it to take the job up again.
        state: how far it is.
        module: the module's API name, where Zoho told it.
        operation: ``"insert"``, ``"update"`` or ``"upsert"``.
        added: how many records were made.
        updated: how many were changed.
        skipped: how many were not written; the results say why.
        total: how many the file holds.
        download_url: where the results are; ``None`` until completed.
    """

    id: str
    state: JobState
    module: str = ""
    operation: str = ""
    added: int = 0
    updated: int = 0
    skipped: int = 0
    total: int = 0
    download_url: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class ArchiveBounds:
    """How much a downloaded ZIP file may unpack to; more is refused.

    They keep a broken or forged file from filling the memory or the time of
    the process.

    Attributes:
        unpacked_bytes: the size of the CSV file.
        ratio: how many times its packed size that may be; small files are
            not measured.
        row_characters: the length of one row.

    >>> ArchiveBounds(row_characters=1000).ratio
    300.0
    """

    unpacked_bytes: int = 4 * 1024**3
    ratio: float = 300.0
    row_characters: int = 4 * 1024**2
