"""The files of bulk jobs in the fake Zoho: one CSV in a ZIP, both ways.

Floor 9.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, Final, cast

from crmbridge.testing._zoho.answers import Json

__all__ = ["cell", "packed", "read_time", "unpacked"]


def packed(name: str, rows: Iterable[Sequence[str]]) -> bytes:
    """Write rows as a CSV in a ZIP; none gives an empty CSV.

    >>> unpacked(packed("1.csv", [["id"], ["7"]]))
    [['id'], ['7']]
    """
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(name, "w") as member,
        io.TextIOWrapper(member, "utf-8", newline="") as text,
    ):
        csv.writer(text).writerows(rows)
    return file.getvalue()


def unpacked(content: bytes) -> list[list[str]]:
    """Read the rows of the one CSV in a ZIP.

    Raises:
        ValueError: it is no such file.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            (name,) = archive.namelist()
            text = archive.read(name).decode("utf-8-sig")
    except zipfile.BadZipFile as error:
        raise ValueError("no ZIP file") from error
    return list(csv.reader(io.StringIO(text, newline="")))


def cell(value: Any) -> str:
    """Write a value as bulk reads do: lookups as ids, nothing for null.

    >>> cell({"id": "7", "name": "Acme"}), cell(True), cell(None)
    ('7', 'true', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return str(cast("Json", value).get("id", ""))
    if isinstance(value, list):
        return ";".join(map(_listed, cast("list[object]", value)))
    return str(value)


def _listed(value: object) -> str:
    return (
        str(cast("Json", value).get("name")) if isinstance(value, dict) else str(value)
    )


# --- times by their formats --------------------------------------------------

_DIRECTIVES: Final = {
    "yyyy": "%Y",
    "MM": "%m",
    "dd": "%d",
    "HH": "%H",
    "mm": "%M",
    "ss": "%S",
    "XXX": "%z",
    "'T'": "T",
}
_DEFAULTS: Final = {"date": "MM/dd/yyyy", "datetime": "MM/dd/yyyy HH:mm:ss"}


def read_time(kind: str, text: str, form: str | None, zone: tzinfo) -> str:
    """Read a date or time by a mapping's format, and write it as records do.

    Raises:
        ValueError: it has another form.

    >>> from zoneinfo import ZoneInfo
    >>> read_time("date", "01/05/2026", None, ZoneInfo("Europe/Warsaw"))
    '2026-01-05'
    """
    pattern = form or _DEFAULTS[kind]
    for word, directive in _DIRECTIVES.items():
        pattern = pattern.replace(word, directive)
    at = datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone follows
    if kind == "date":
        return at.date().isoformat()
    aware = at.replace(tzinfo=zone) if at.tzinfo is None else at
    return aware.astimezone(zone).isoformat()
