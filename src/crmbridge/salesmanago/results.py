"""What calls of SALESmanago answer beside whole contacts.

Floor 1: values only.
"""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

__all__ = ["ChangesPage", "ContactId"]


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
