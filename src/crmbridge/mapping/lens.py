"""What both lenses share: which fields differ, and how texts are held.

Floor 2: values only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from crmbridge.contact import NOT_OBSERVED, Address, Contact, FieldValue, NotObserved
from crmbridge.mapping.forms import NormalForms

__all__ = ["BLANK", "Text", "changes", "held", "stripped"]

Text: TypeAlias = str | NotObserved | None

BLANK: Final = Contact(
    email=None,
    name=None,
    phone=None,
    fax=None,
    company=None,
    address=Address(),
    birthday=None,
    owner_email=None,
)
"""What a record shows before anything was written to it."""


def changes(
    wanted: Contact, shown: Contact, normal: NormalForms
) -> Iterator[tuple[str, FieldValue]]:
    """Give the fields that are wanted other than they are shown.

    Equal in normal form is equal.
    A field that is not shown at all differs from everything.
    """
    present = shown.observed()
    for name, value in wanted.observed().items():
        if name not in present:
            yield name, value
            continue
        held_value = present[name]
        if held_value != value and normal(name, held_value) != normal(name, value):
            yield name, value


def held(text: Text) -> Text:
    """Give a text as it is held; one of blanks only is empty."""
    if not text:
        return text if text is NOT_OBSERVED else None
    return None if text.isspace() else text


def stripped(value: FieldValue) -> str | None:
    """Give a text as it is written: without blanks around it, or ``None``."""
    return (value.strip() or None) if isinstance(value, str) else None
