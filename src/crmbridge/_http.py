"""What a service answers, when, and which file it is sent: plain values.

Floor 0: no clock, no network.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO

from attrs import field, frozen

from crmbridge.errors import MalformedReplyError

__all__ = ["Moment", "Reply", "Upload"]


@frozen
class Moment:
    """One reading of the clocks.

    Attributes:
        at: the wall clock, aware, in UTC.
        ticks_seconds: a clock that never jumps, for measuring durations.
    """

    at: datetime
    ticks_seconds: float


@frozen
class Reply:
    """An HTTP answer, whole.

    Attributes:
        status: the HTTP status.
        headers: names in lower case.
        body: the bytes after decompression. They stay out of ``repr``, for
            they hold personal data.
        was_repeated: an earlier attempt of the same request was lost, and may
            have been carried out as well.

    >>> Reply(200, {"content-type": "application/json"}, b'{"count": 7}').json()
    {'count': 7}
    """

    status: int
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    body: bytes = field(default=b"", repr=False)
    was_repeated: bool = False

    def json(self, service: str | None = None) -> Any:
        """Read the body as JSON.

        Args:
            service: who answered, for the error.

        Raises:
            MalformedReplyError: the body is not JSON in UTF-8.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:  # too deep to be meant
            message = (
                f"the answer of {service or 'the service'} "
                f"(HTTP {self.status}, {len(self.body)} bytes, "
                f"{self.headers.get('content-type', 'no content type')}) is not JSON"
            )
            raise MalformedReplyError(
                message, service=service, status=self.status
            ) from error

    @property
    def date(self) -> datetime | None:
        """The server's clock as its ``Date`` header shows it, or ``None``."""
        return _http_date(self.headers.get("date", ""))

    @property
    def retry_after_seconds(self) -> float | None:
        """How long the server asks to wait, or ``None`` where it does not say.

        A date is counted from the server's own clock.
        """
        text = self.headers.get("retry-after", "")
        try:
            seconds = float(text)
        except ValueError:
            until, now = _http_date(text), self.date
            if until is None or now is None:
                return None
            seconds = (until - now).total_seconds()
        return max(0.0, seconds) if math.isfinite(seconds) else None


def _http_date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    # Such a date is in UTC, though "-0000" makes it one without a zone.
    return at if at.tzinfo else at.replace(tzinfo=UTC)


@frozen
class Upload:
    """A file to be sent as a form.

    Attributes:
        file: open for reading from any place; each attempt reads it from its
            start.
        file_name: what the service is told that it is called.
        field_name: the form's field that holds it.
        content_type: the media type.
    """

    file: BinaryIO = field(repr=False, eq=False)
    file_name: str
    field_name: str = "file"
    content_type: str = "application/zip"

    def read(self) -> bytes:
        """Read all of it, from the start."""
        self.file.seek(0)
        return self.file.read()
