"""Birthdays as text and numbers: always dates on the wall, never instants.

Floor 2: values only.

A birthday that no calendar has reads as not observed, so that one odd record
neither stops a run nor clears anything.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from crmbridge.contact import NOT_OBSERVED, Birthday, NotObserved

__all__ = ["birthday_text", "read_iso_date"]

_ISO_LENGTH: Final = len("yyyy-mm-dd")


def birthday_text(birthday: Birthday) -> str:
    """Give ``yyyy-mm-dd``, or ``--mm-dd`` where the year is not known.

    >>> birthday_text(Birthday(2, 29))
    '--02-29'
    """
    day = f"-{birthday.month:02}-{birthday.day:02}"
    return f"-{day}" if birthday.year is None else f"{birthday.year:04}{day}"


def read_iso_date(text: str) -> Birthday | NotObserved:
    """Read ``yyyy-mm-dd``.

    >>> read_iso_date("1984-08-04")
    Birthday(month=8, day=4, year=1984)
    """
    if len(text) != _ISO_LENGTH or text[4] != "-" or text[7] != "-":
        return NOT_OBSERVED
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return NOT_OBSERVED
    return Birthday(day.month, day.day, day.year)
