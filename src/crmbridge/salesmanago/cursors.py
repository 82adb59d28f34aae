"""Where a long reading of changes stands, as a value that can be stored.

Floor 1: values only.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from attrs import field, frozen

from crmbridge.errors import InvalidInputError

__all__ = ["FeedCursor"]

_VERSION: Final = 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def _in_milliseconds(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise InvalidInputError(
            "a time must be aware of its zone", service="salesmanago"
        )
    return at.astimezone(UTC).replace(microsecond=at.microsecond // 1000 * 1000)


@frozen(kw_only=True)
class FeedCursor:
    """Where `SalesmanagoClient.changed_id_pages` and its like go on.

    It may be stored as text and used by another process, at any later time.
    It holds times only, no id and no address.

    Attributes:
        since: everything before was read, of every user.
        until: where the reading ends.
        server_time: the service's clock before anything was read.

    Raises:
        InvalidInputError: a time has no zone.

    >>> day = datetime(2026, 1, 5, tzinfo=UTC)
    >>> cursor = FeedCursor(since=day, until=day, server_time=day)
    >>> FeedCursor.from_text(cursor.to_text()) == cursor
    True
    """

    since: datetime = field(converter=_in_milliseconds)
    until: datetime = field(converter=_in_milliseconds)
    server_time: datetime = field(converter=_in_milliseconds)

    def to_text(self) -> str:
        """Write it as one line of text, to be stored."""
        return json.dumps(
            {
                "version": _VERSION,
                "since": (self.since - _EPOCH) // _MILLISECOND,
                "until": (self.until - _EPOCH) // _MILLISECOND,
                "server_time": (self.server_time - _EPOCH) // _MILLISECOND,
            },
            separators=(",", ":"),
        )

    @classmethod
    def from_text(cls, text: str) -> FeedCursor:
        """Read what `to_text` wrote.

        Raises:
            InvalidInputError: it is something else.
        """
        try:
            stored = cast("dict[str, Any]", json.loads(text))
            if stored["version"] != _VERSION:
                raise ValueError  # noqa: TRY301 - one way out of all that is wrong
            since, until, at = (
                _EPOCH + stored[name] * _MILLISECOND
                for name in ("since", "until", "server_time")
            )
            return cls(since=since, until=until, server_time=at)
        except (KeyError, OverflowError, TypeError, ValueError) as error:
            raise InvalidInputError(
                "this text is no cursor of this version; begin the reading again",
                service="salesmanago",
                field="start_at",
            ) from error
