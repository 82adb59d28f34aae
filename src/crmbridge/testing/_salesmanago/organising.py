"""The account's tags and the notes of the fake SALESmanago.

Floor 9.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from crmbridge.testing._salesmanago.book import Book, RefusalError
from crmbridge.testing._salesmanago.parts import Body, Endpoint, Payload

__all__ = ["ORGANISING"]


def _tags(book: Book, body: Body) -> Payload:
    if not isinstance(body.get("showSystemTags", False), bool):
        raise RefusalError("showSystemTags is not a boolean", "showSystemTags")
    # The fake gives no tags by itself, so there are no system tags to show.
    counted = Counter(tag for card in book.shown() for tag in card.tags)
    return {
        "tags": [
            {"tag": tag, "numberOfTagged": number} for tag, number in counted.items()
        ]
    }


def _add_note(book: Book, body: Body) -> Payload:
    contact_id, email = body.get("contactId"), body.get("email")
    card = book.by_id(str(contact_id)) if contact_id else book.by_email(str(email))
    if card is None:
        raise RefusalError("Contact does not exist")
    note = body.get("note")
    if not isinstance(note, str) or not note.strip():
        raise RefusalError("Note cannot be empty", "note")
    card.notes.append((note, body.get("priv") is True))
    return {}


ORGANISING: Final[Mapping[str, Endpoint]] = MappingProxyType(
    {
        "/api/contact/tags": Endpoint(_tags),
        "/api/contact/addNote": Endpoint(_add_note, needs_owner=False, is_write=True),
    }
)
"""What this part of the fake answers, by path."""
