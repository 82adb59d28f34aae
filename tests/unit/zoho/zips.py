"""ZIP files as Zoho makes them, and as nobody should."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from attrs import evolve

from crmbridge.zoho._rows import Expected
from crmbridge.zoho.metadata import ZohoField

TYPES = {
    name: ZohoField(name, kind)
    for name, kind in {
        "Last_Name": "text",
        "Email_Opt_Out": "boolean",
        "Age": "integer",
        "Annual_Revenue": "currency",
        "Owner": "ownerlookup",
        "Account_Name": "lookup",
        "Colours": "multiselectpicklist",
        "Modified_Time": "datetime",
    }.items()
}


def zipped(content: bytes | str, name: str = "1.csv", **info: Any) -> io.BytesIO:
    """Put one file into a ZIP; ``info`` sets what the ZIP says of it."""
    file = io.BytesIO()
    entry = zipfile.ZipInfo(name)
    entry.compress_type = info.pop("compress_type", zipfile.ZIP_DEFLATED)
    for key, value in info.items():
        setattr(entry, key, value)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(entry, content)
    return file


def expected(*columns: str, **changes: Any) -> Expected:
    """Tell what a file of leads is to be."""
    return evolve(Expected("bulk read 1 result", "Leads", columns, TYPES), **changes)
