"""Where a long reading of records stands, as a value that can be stored.

Floor 1: values only.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final, cast

from attrs import field, frozen

from crmbridge.errors import InvalidInputError

__all__ = ["Reading", "RecordsCursor"]

_VERSION: Final = 1


def _in_whole_seconds(at: datetime | None) -> datetime | None:
    """Give the instant as it is asked for: every page has the same header."""
    if at is None:
        return None
    if at.tzinfo is None:
        raise InvalidInputError(
            "modified_since must be aware, with a time zone",
            service="zoho",
            field="modified_since",
        )
    return at.astimezone(UTC).replace(microsecond=0)


@frozen(kw_only=True)
class Reading:
    """What is read of a module; the same on every page.

    Attributes:
        module: whose records.
        modified_since: only what changed after this; in whole seconds of UTC.
        converted: ``"true"`` or ``"both"`` shows converted leads.
        cvid: the custom view that chooses and sorts.

    Raises:
        InvalidInputError: the time has no zone.
    """

    module: str
    modified_since: datetime | None = field(default=None, converter=_in_whole_seconds)
    converted: str | None = None
    cvid: str | None = None


@frozen(kw_only=True)
class RecordsCursor(Reading):
    """Where `ZohoClient.record_pages` goes on.

    It may be stored as text and used by another process, at any later time:
    when its page tokens have ended, after 24 hours, the reading goes on by
    record ids.

    Attributes:
        page_tokens: one for each group of fields, ``None`` for one that is
            read to its end; empty where the reading goes on by ids. They are
            of use to the same Zoho user only.
        last_id: the last record that was given; ``None`` where the order is
            not that of the ids, as in a custom view.

    >>> cursor = RecordsCursor(module="Leads", page_tokens=("t",), last_id="7")
    >>> RecordsCursor.from_text(cursor.to_text()) == cursor
    True
    """

    page_tokens: tuple[str | None, ...] = field(default=(), repr=False)
    last_id: str | None = None

    def to_text(self) -> str:
        """Write it as one line of text, to be stored."""
        since = self.modified_since
        return json.dumps(
            {
                "version": _VERSION,
                "module": self.module,
                "page_tokens": self.page_tokens,
                "last_id": self.last_id,
                "modified_since": None if since is None else since.isoformat(),
                "converted": self.converted,
                "cvid": self.cvid,
            },
            separators=(",", ":"),
        )

    @classmethod
    def from_text(cls, text: str) -> RecordsCursor:
        """Read what `to_text` wrote.

        Raises:
            InvalidInputError: it is something else.
        """
        try:
            stored = cast("dict[str, Any]", json.loads(text))
            if stored.pop("version") != _VERSION:
                raise ValueError  # noqa: TRY301 - one way out of all that is wrong
            since = stored.pop("modified_since")
            return cls(
                page_tokens=tuple(stored.pop("page_tokens")),
                modified_since=None if since is None else datetime.fromisoformat(since),
                **stored,
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InvalidInputError(
                "this text is no cursor of this version; begin the reading again",
                service="zoho",
                field="start_at",
            ) from error
