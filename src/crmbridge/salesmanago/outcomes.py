"""What became of a contact of SALESmanago: where it is, and what was changed.

Floor 1: values only.
"""

from __future__ import annotations

from enum import Enum

from attrs import field, frozen

from crmbridge.salesmanago.records import SalesmanagoContact

__all__ = ["Cleared", "Presence", "PresenceState", "Renamed"]


class PresenceState(Enum):
    """Whether a contact is there."""

    ALIVE = "alive"
    DELETED = "deleted"
    ABSENT = "absent"
    UNCLEAR = "unclear"


@frozen
class Presence:
    """Whether a contact is there, as the service shows it.

    A contact that was deleted softly lies in the bin until the coming night,
    and any write to its address brings it back.
    Unverified: that reads show such a contact, with ``deleted``; where they do
    not, it looks absent until it is.

    Attributes:
        state: ``ALIVE``; ``DELETED``, which is softly; ``ABSENT``, where two
            different reads did not find it; ``UNCLEAR``, where reads contradict
            each other, so that nothing should be written.
        id: its id, ``None`` where it is not known.
        contact: the card, ``None`` where none is shown.
    """

    state: PresenceState
    id: str | None = None
    contact: SalesmanagoContact | None = None

    @property
    def is_alive(self) -> bool:
        """A write to it changes it, and brings nothing back."""
        return self.state is PresenceState.ALIVE


@frozen
class Renamed:
    """A contact that has its new address.

    Attributes:
        id: its id, which stayed.
        email: the address, as the service spells it.
        was_before: it had it before; nothing was written. Where the old address
            is nobody's and no ``contact_id`` was given, that is what an earlier
            attempt left, or another person: only the id can tell.
    """

    id: str
    email: str = field(repr=False)
    was_before: bool = False


@frozen
class Cleared:
    """A contact of which fields were to be emptied.

    Attributes:
        id: its id.
        cleared: the fields that are empty now, also those that were before.
        kept: the fields that the service did not empty. Do not repeat it: empty
            them by hand, or leave them.
    """

    id: str
    cleared: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
