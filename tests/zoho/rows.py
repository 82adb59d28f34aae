"""The rows that tests of the fake Zoho and of its client have to cover.

A test says which row it proves: ``@pytest.mark.fake_row(...)`` for what a
faithful fake must do, ``@pytest.mark.unknown(...)`` for what nobody outside of
Zoho knows; such a test runs under each position of the switch.
`test_rows` fails for a row without a test.
"""

from __future__ import annotations

from typing import Final

FAKE_ROWS: Final = (
    "Token endpoint",
    "Auth",
    "Unknown path/module/verb",
    "List",
    "Paging",
    "If-Modified-Since",
    "Empty",
    "Converted leads",
    "Writes",
    "Modified_Time",
    "If-Unmodified-Since",
    "Upsert",
    "Deleted",
    "Convert",
    "Search",
    "COQL",
    "Users, fields, modules",
    "Bulk read/write",
    "Notifications",
    "Limits",
    "Faults",
    "Opt-out",
    "Ids",
)
UNKNOWNS: Final = (
    "If-Modified-Since: inclusive, clock, bound to the token",
    "412 with batches",
    "An update without a change moves Modified_Time",
    "204 or 400 for an unknown id",
    "Absent from the list and not among the deleted",
    "Several upsert matches",
    "Modified_Time of a restored record",
    "Credits of 304, 204, search, deleted, mass convert",
    "COQL 2000/500 or 200/50",
    "Picklist refusing new values",
    "Bulk read and converted leads",
    "Field lengths of Contacts",
    "Opt-out by API propagates",
    "Status of failed single writes",
    "UK upload host and API host",
    "Timeout after a write",
)
