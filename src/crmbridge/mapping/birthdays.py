"""Birthdays as text and numbers: always dates on the wall, never instants.

Floor 2: values only.

A birthday that no calendar has reads as not observed, so that one odd record
neither stops a run nor clears anything.
"""

from __future__ import annotations

import re
from calendar import isleap
from typing import Final

from crmbridge.contact import NOT_OBSERVED, Birthday, NotObserved

__all__ = ["birthday_of", "birthday_text", "read_iso_date"]

_ISO_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_DAYS: Final = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DECEMBER: Final = 12
_MAX_YEAR: Final = 9999


def birthday_text(birthday: Birthday) -> str:
    """Give ``yyyy-mm-dd``, or ``--mm-dd`` where the year is not known.

    >>> birthday_text(Birthday(2, 29))
    '--02-29'
    """
    day = f"-{birthday.month:02}-{birthday.day:02}"
    return f"-{day}" if birthday.year is None else f"{birthday.year:04}{day}"


def birthday_of(month: int, day: int, year: int | None) -> Birthday | NotObserved:
    """Give the birthday, or `NOT_OBSERVED` where there is no such day.

    >>> birthday_of(2, 29, 1900)
    NOT_OBSERVED
    """
    if not (1 <= month <= _DECEMBER and 1 <= day <= _DAYS[month]):
        return NOT_OBSERVED
    if year is not None:
        if not 1 <= year <= _MAX_YEAR:
            return NOT_OBSERVED
        if (month, day) == (2, 29) and not isleap(year):
            return NOT_OBSERVED
    return Birthday(month, day, year)


def read_iso_date(text: str) -> Birthday | NotObserved:
    """Read ``yyyy-mm-dd``.

    >>> read_iso_date("1984-08-04")
    Birthday(month=8, day=4, year=1984)
    """
    match = _ISO_DATE.fullmatch(text)
    if match is None:
        return NOT_OBSERVED
    year, month, day = map(int, match.groups())
    return birthday_of(month, day, year)
