"""What both lenses share: which fields differ, and how texts are held.

Floor 2: values only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias, cast

from crmbridge.contact import (
    NOT_OBSERVED,
    Address,
    Contact,
    FieldValue,
    NotObserved,
)
from crmbridge.mapping.forms import NormalForms

__all__ = ["BLANK", "Text", "changes", "held_texts", "stripped"]

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


def held_texts(values: Iterable[object]) -> list[Text]:
    """Give texts as they are held; those of blanks only are empty.

    A lookup is held by the name of the record that it leads to.
    What else is no text is not observed, so that it never counts as cleared.
    One loop for a whole record: a call for each text costs as much again.
    """
    return [
        (value if value and not value.isspace() else None)
        if type(value) is str  # as JSON gives it, and quicker than isinstance
        else (None if value is None else _name_of(value))
        for value in values
    ]


def _name_of(value: object) -> Text:
    """Give the name of the record that a lookup leads to."""
    if not isinstance(value, dict):
        return NOT_OBSERVED
    name = cast("dict[str, object]", value).get("name", NOT_OBSERVED)
    if isinstance(name, str):
        return name if name and not name.isspace() else None
    return None if name is None else NOT_OBSERVED


def stripped(value: FieldValue) -> str | None:
    """Give a text as it is written: without blanks around it, or ``None``."""
    return (value.strip() or None) if isinstance(value, str) else None
