"""What the engine passes around: references, observations, edits, outcomes.

Floor 1: values only, with no word of either CRM beyond the sides' names.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any, Final, Literal, TypeAlias

from attrs import field, frozen

from crmbridge.contact import Contact, Loss

__all__ = [
    "SALESMANAGO",
    "SIDES",
    "ZOHO",
    "Edit",
    "EditKind",
    "FeedPage",
    "Fit",
    "Outcome",
    "OutcomeStatus",
    "Position",
    "Ref",
    "Seen",
    "SideFacts",
    "SideName",
    "other_side",
]

SideName: TypeAlias = Literal["salesmanago", "zoho"]
SALESMANAGO: Final = "salesmanago"
ZOHO: Final = "zoho"
SIDES: Final[tuple[SideName, SideName]] = (SALESMANAGO, ZOHO)
"""Both sides, in the order in which they are always named."""

Position: TypeAlias = Mapping[str, Any]
"""Where a feed stands: JSON values only, so that it can be stored."""


def other_side(side: SideName) -> SideName:
    """Name the side across."""
    return ZOHO if side == SALESMANAGO else SALESMANAGO


@frozen(order=True)
class Ref:
    """One record of one side, by its own id.

    Attributes:
        side: whose record it is.
        kind: the side's word for what it is: ``"contact"`` in SALESmanago,
            the module (``"Leads"``, ``"Contacts"``) in Zoho.
        id: the side's id.
    """

    side: SideName
    kind: str
    id: str

    def text(self) -> str:
        """Give the reference as one string, for storage and reports."""
        return f"{self.side}/{self.kind}/{self.id}"

    @classmethod
    def parse(cls, text: str) -> Ref:
        """Read what `text` gave.

        >>> Ref.parse("zoho/Leads/7").id
        '7'
        """
        side, kind, record_id = text.split("/", 2)
        return cls(ZOHO if side == ZOHO else SALESMANAGO, kind, record_id)


@frozen
class Seen:
    """A record as it was read.

    Attributes:
        ref: which record.
        contact: what it says, in our words.
        payload: the wire form, as JSON values, kept so that the side can make
            the smallest change to it.
        version: the side's mark of this state (its modified time), or ``None``.
        is_deleted: it lies in the side's recycle bin.
        became: the record it was turned into (a converted lead's contact).
    """

    ref: Ref
    contact: Contact
    payload: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)
    version: str | None = None
    is_deleted: bool = False
    became: Ref | None = None


@frozen
class FeedPage:
    """One page of a side's change feed.

    Attributes:
        seen: records that came whole.
        touched: records that have to be read.
        gone: records that the side says were deleted.
        following: where the next page starts, or ``None`` after the last.
        server_time: the side's clock when it answered, or ``None``.
    """

    seen: tuple[Seen, ...] = ()
    touched: tuple[Ref, ...] = ()
    gone: tuple[Ref, ...] = ()
    following: Position | None = None
    server_time: datetime | None = None


@frozen
class SideFacts:
    """What has to be known of a side before anything is decided.

    Attributes:
        users: the active users' e-mails, trimmed and casefolded.
        main_owner: the e-mail of the user who gets contacts without an owner
            of their own, trimmed and casefolded.
        account: a mark that differs between accounts and holds no secret.
    """

    users: frozenset[str] = field(repr=False)
    main_owner: str = field(repr=False)
    account: str = ""


class EditKind(Enum):
    """What a write does."""

    CREATE = "create"
    UPDATE = "update"
    CONVERT = "convert"


@frozen
class Edit:
    """One record to be written on one side.

    Attributes:
        kind: what to do. ``CONVERT`` turns a lead into a contact and writes
            nothing else.
        contact: the fields to be written and no others. On a create its
            ``state`` tells the side what to make.
        seen: the record as last read; ``None`` on a create.
        into: on a conversion, the existing record to convert into.
    """

    kind: EditKind
    contact: Contact
    seen: Seen | None = None
    into: Ref | None = None


@frozen
class Fit:
    """How much of an edit a side can hold.

    Attributes:
        fields: names of the fields that would really change on the wire.
        losses: the values that the side cannot hold; they are not written.
    """

    fields: frozenset[str] = frozenset()
    losses: tuple[Loss, ...] = ()


class OutcomeStatus(Enum):
    """How the write of one record ended."""

    OK = "ok"
    STALE = "stale"
    INVALID = "invalid"
    RETRY = "retry"
    UNKNOWN = "unknown"
    GONE = "gone"
    DUPLICATE = "duplicate"


@frozen
class Outcome:
    """What a side says of one edit, by position.

    Attributes:
        status: how it ended.
        ref: the record written, created, converted into or, for
            ``DUPLICATE``, found in the way.
        written: names of the fields that the side acknowledged.
        losses: the values that were not written because the side cannot
            hold them.
        version: the record's new version, if the side told it.
        reason: the side's code for a failure, without personal data.
    """

    status: OutcomeStatus
    ref: Ref | None = None
    written: frozenset[str] = frozenset()
    losses: tuple[Loss, ...] = ()
    version: str | None = None
    reason: str = ""
