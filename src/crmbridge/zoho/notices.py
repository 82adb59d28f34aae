"""What Zoho is asked to watch, and how much of a callback may be trusted.

Floor 1: values and pure functions.

A callback has no signature: the only proof that Zoho sent it is the token that
it was given when the watch was set.
Deliveries get lost, come twice and out of order, so a callback is never more
than a hint to look sooner; what changed is read from the API.

Source: Zoho CRM API v7 and v8, "Notification APIs"; Zoho's posts "Kaizen #14"
and "Kaizen #170".
Unverified, from client code: what is said of deliveries.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from attrs import field as attribute
from attrs import frozen

from crmbridge._callbacks import bounded, is_same_text, json_object, refusal
from crmbridge.errors import CrmbridgeError, InvalidInputError, NotificationError
from crmbridge.zoho.results import WriteStatus

__all__ = [
    "LONGEST_WATCH",
    "MAX_TOKEN",
    "Notification",
    "Watch",
    "WatchResult",
    "due_watches",
    "read_notification",
]

LONGEST_WATCH: Final = timedelta(days=7)
MAX_TOKEN: Final = 50

_ZOHO: Final = "zoho"
_MAX_BYTES: Final = 1024 * 1024
_ID: Final = re.compile(r"[0-9]{1,19}")
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
_DAY: Final = timedelta(days=1)


@frozen
class Watch:
    """What one channel tells, to whom, and until when.

    Attributes:
        channel_id: a number of your own choice, as a text of digits; it comes
            back with every callback.
        events: such as ``"Leads.create"``, ``"Contacts.edit"``,
            ``"Contacts.delete"`` and ``"Leads.all"``.
        notify_url: where Zoho posts the callbacks. It stays out of ``repr``,
            for it may hold secrets of its own.
        token: comes back with every callback, and is the only proof that Zoho
            sent it: make it by ``secrets.token_urlsafe(32)``. At most 50
            characters.
        expires_at: when Zoho falls silent. ``None`` in a new watch takes the
            longest time that is safe.
        tells_related: whether an event of a record that belongs to a watched
            one is told as well.
        sends_values: whether callbacks carry the changed values, which means
            personal data; `read_notification` ignores them.
        conditions: Zoho's ``notification_condition``, as it stands in JSON:
            callbacks only where certain fields change.

    >>> Watch("1001", ["Leads.all"], "https://example.com/zoho", "hush").modules
    ('Leads',)
    """

    channel_id: str
    events: tuple[str, ...] = attribute(converter=tuple[str, ...])
    notify_url: str = attribute(repr=False)
    token: str | None = attribute(default=None, repr=False)
    expires_at: datetime | None = attribute(default=None, kw_only=True)
    tells_related: bool = attribute(default=False, kw_only=True)
    sends_values: bool = attribute(default=False, kw_only=True)
    conditions: tuple[Mapping[str, Any], ...] = attribute(
        default=(), converter=tuple[Mapping[str, Any], ...], kw_only=True, repr=False
    )

    @property
    def modules(self) -> tuple[str, ...]:
        """The modules that it watches, in order."""
        return tuple(dict.fromkeys(event.partition(".")[0] for event in self.events))


@frozen
class WatchResult:
    """What became of one watch of a call, by position.

    Attributes:
        channel_id: whose it is.
        status: ``SUCCESS``; ``REFUSED`` with Zoho's ``code``; ``UNKNOWN`` when
            Zoho did not say; ``UNSENT`` when nothing reached Zoho.
        code: Zoho's code, such as ``SUCCESS`` or ``INVALID_DATA``; see
            `ZOHO_CODES`.
        modules: the modules that Zoho names.
        expires_at: when Zoho falls silent (UTC), the earliest of all modules.
            Zoho shortens what it finds too long without a word, so look here.
        field: Zoho's name of what is at fault.
        error: why it was not done, as the error that a call for this watch
            alone would raise. It does not count in comparisons.

    >>> WatchResult("1001", WriteStatus.SUCCESS, "SUCCESS").is_success
    True
    """

    channel_id: str
    status: WriteStatus
    code: str = ""
    modules: tuple[str, ...] = ()
    expires_at: datetime | None = None
    field: str | None = None
    error: CrmbridgeError | None = attribute(default=None, eq=False)

    @property
    def is_success(self) -> bool:
        """Tell whether Zoho did it."""
        return self.status is WriteStatus.SUCCESS


@frozen
class Notification:
    """One callback whose token is right: a hint, and not a fact.

    Attributes:
        channel_id: the channel that tells it.
        module: where something happened, such as ``"Leads"``.
        operation: ``"insert"``, ``"update"``, ``"delete"``, or another word of
            Zoho's.
        ids: the records; it may be several.
        server_time: when Zoho sent it (UTC, Zoho's clock), or ``None``. It
            orders nothing: callbacks overtake each other.
    """

    channel_id: str
    module: str
    operation: str
    ids: tuple[str, ...]
    server_time: datetime | None = None


def read_notification(
    body: bytes | str, *, token: str, max_bytes: int = _MAX_BYTES
) -> Notification:
    """Read the body of a callback, if its token proves that Zoho sent it.

    The same callback may come twice, late, or never; that is the normal case.
    Names and values of changed fields are not read, even where they come.

    Args:
        body: as it came. Read no more than ``max_bytes`` from the network.
        token: what the watch was set with; it is compared in constant time.
        max_bytes: a longer body is refused.

    Raises:
        NotificationError: do nothing but answer with an HTTP error; ``code``
            says why.
        InvalidInputError: ``token`` is empty, which would let everyone in.

    >>> body = b'{"module": "Leads", "operation": "update", "ids": ["487"],'
    >>> body += b' "channel_id": "1001", "token": "hush"}'
    >>> read_notification(body, token="hush").ids
    ('487',)

    Source: Zoho CRM API v7, "Enable Notifications".
    """
    if not token:
        raise InvalidInputError(
            "token must be the one that the watch was set with",
            service=_ZOHO,
            field="token",
        )
    raw = bounded(body, max_bytes=max_bytes, service=_ZOHO)
    told = json_object(raw, service=_ZOHO)
    if not is_same_text(told.get("token"), token):
        raise _refusal("token", "does not carry the token of the watch")
    return Notification(
        channel_id=_id(told.get("channel_id"), "channel_id"),
        module=_word(told.get("module"), "module"),
        operation=_word(told.get("operation"), "operation"),
        ids=_ids(told.get("ids")),
        server_time=_time(told.get("server_time")),
    )


def due_watches(
    watches: Iterable[Watch], *, now: datetime, margin: timedelta = _DAY
) -> tuple[Watch, ...]:
    """Give the watches to be renewed now, in order.

    Args:
        watches: as `ZohoNotifications.watches` gives them, or your own.
        now: the time, aware.
        margin: how long before its end a watch is due; longer than the time
            between two looks. One without an end is always due.

    Raises:
        InvalidInputError: ``now`` has no time zone.

    >>> ends = datetime(2026, 1, 5, tzinfo=UTC)
    >>> watch = Watch("1", ["Leads.all"], "https://example.com", expires_at=ends)
    >>> len(due_watches([watch], now=ends - timedelta(days=2)))
    0
    >>> len(due_watches([watch], now=ends - timedelta(hours=2)))
    1
    """
    if now.tzinfo is None:
        raise InvalidInputError("now must be aware, with a time zone", field="now")
    return tuple(
        watch
        for watch in watches
        if watch.expires_at is None or watch.expires_at - now <= margin
    )


# --- the parts of a callback -------------------------------------------------


def _refusal(code: str, problem: str) -> NotificationError:
    return refusal(code, problem, service=_ZOHO)


def _id(value: object, name: str) -> str:
    """Read an id; a channel's is a number in some versions."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    text = str(value) if is_number else value
    if not isinstance(text, str) or not _ID.fullmatch(text):
        raise _refusal("body", f"holds no id in {name!r}")
    return text


def _ids(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise _refusal("body", "holds no list 'ids'")
    found = [_id(one, "ids") for one in cast("list[object]", value)]
    return tuple(dict.fromkeys(found))


def _word(value: object, name: str) -> str:
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        raise _refusal("body", f"holds no word in {name!r}")
    return value


def _time(value: object) -> datetime | None:
    """Read milliseconds; nothing depends on them, so nothing is refused."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return None
