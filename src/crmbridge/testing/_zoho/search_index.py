"""What the search of the fake Zoho knows: the records as they were a while ago.

Floor 9.
Source: Zoho CRM API v7, "Search Records": a record is found some time after it was
written; COQL has no such lag.
"""

from __future__ import annotations

from datetime import datetime

from crmbridge.testing._zoho.answers import Json
from crmbridge.testing._zoho.shelf import Record

__all__ = ["SearchIndex"]


class SearchIndex:
    """Remembers for a while what records held before they were written.

    >>> from datetime import UTC, timedelta
    >>> at, second = datetime(2026, 1, 5, tzinfo=UTC), timedelta(seconds=1)
    >>> lead = Record("Leads", "7", "1", at, at, {"City": "Ustka"})
    >>> index = SearchIndex()
    >>> index.note("7", {"City": "Gdynia"}, at=at, since=at - second)
    >>> index.values(lead, since=at - second), index.values(lead, since=at)
    ({'City': 'Gdynia'}, {'City': 'Ustka'})
    """

    def __init__(self) -> None:
        self._past: dict[str, list[tuple[datetime, Json | None]]] = {}

    def note(
        self, record_id: str, before: Json | None, *, at: datetime, since: datetime
    ) -> None:
        """Remember what a record held before a write.

        Args:
            record_id: the record.
            before: its values, ``None`` for a new record.
            at: when it is written.
            since: what was written until then is known to the search.
        """
        past = [entry for entry in self._past.get(record_id, ()) if entry[0] > since]
        if not past or past[-1][0] < at:
            past.append((at, None if before is None else dict(before)))
        self._past[record_id] = past

    def values(self, record: Record, *, since: datetime) -> Json | None:
        """Give what the search knows of a record; ``None`` for nothing yet."""
        for at, before in self._past.get(record.id, ()):
            if at > since:
                return before
        return record.values
