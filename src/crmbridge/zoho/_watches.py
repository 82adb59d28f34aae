"""The calls for notifications of Zoho CRM: set, list, change and end watches.

Floor 4.

Source: Zoho CRM API v7 and v8, "Notification APIs"; Zoho's post "Kaizen #170",
which says that a watch is renewed by setting it again.
Unverified, from client code: a ``channel_expiry`` with parts of a second is
refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from attrs import evolve

from crmbridge._callbacks import is_on_loopback
from crmbridge._steps import Call, Reply, Request, clock
from crmbridge.config import ZohoConfig
from crmbridge.errors import CrmbridgeError, InvalidInputError
from crmbridge.zoho._auth import authorised
from crmbridge.zoho._batches import Batch, in_batches, unanswered
from crmbridge.zoho._calls import API, PAGE_SIZE, cut, module_path
from crmbridge.zoho._faults import ZOHO
from crmbridge.zoho._replies import listing_of
from crmbridge.zoho._watch_replies import Row, ended, read_watch, results, together
from crmbridge.zoho.credits import CALL
from crmbridge.zoho.notices import (
    LONGEST_WATCH,
    MAX_TOKEN,
    Watch,
    WatchResult,
)

__all__ = ["change", "delete", "drop_events", "renew", "replace", "watch", "watches"]

PATH: Final = f"{API}/actions/watch"
# Source: Zoho's own API schemas, notifications.json, for both and for the URL.
MAX_WATCHES: Final = 50
MAX_DELETED: Final = 25  # ids of 19 digits, of which 512 characters are taken
_MAX_URL: Final = 255
_MIN_TOKEN: Final = 16
_SAFE_LIFE: Final = LONGEST_WATCH - timedelta(hours=1)  # our clock may be ahead
_CHANNEL: Final = re.compile(r"[1-9][0-9]{0,18}")
_EVENT: Final = re.compile(r"[A-Za-z]\w*\.(create|edit|delete|all)", re.ASCII)


def watch(config: ZohoConfig, wanted: Sequence[Watch]) -> Call[tuple[WatchResult, ...]]:
    """Set watches; see `ZohoNotifications.watch`."""
    return (yield from _set_anew(config, "POST", "watch", wanted))


def replace(
    config: ZohoConfig, wanted: Sequence[Watch]
) -> Call[tuple[WatchResult, ...]]:
    """Replace all of what channels do; see `ZohoNotifications.replace`."""
    return (yield from _set_anew(config, "PUT", "watch replace", wanted))


def change(
    config: ZohoConfig, wanted: Sequence[Watch]
) -> Call[tuple[WatchResult, ...]]:
    """Change what channels do; see `ZohoNotifications.change`."""
    return (yield from _set_anew(config, "PATCH", "watch change", wanted))


def renew(
    config: ZohoConfig,
    kept: Sequence[Watch],
    *,
    expires_at: datetime | None = None,
) -> Call[tuple[WatchResult, ...]]:
    """Make watches last longer; see `ZohoNotifications.renew`."""
    longer = [evolve(one, expires_at=expires_at) for one in kept]
    return (yield from _set(config, "POST", "watch renew", longer))


def drop_events(
    config: ZohoConfig, channel_id: str, events: Iterable[str]
) -> Call[WatchResult]:
    """End some events of a channel; see `ZohoNotifications.drop_events`."""
    named = tuple(events)
    _check_channel(channel_id)
    _check_events(named)
    element = {
        "channel_id": channel_id,
        "events": list(named),
        "_delete_events": True,
    }
    batch = _batch("PATCH", "watch drop events", [channel_id], [element])
    (result,) = yield from in_batches(config, [batch], is_repeatable=True)
    return result


def delete(
    config: ZohoConfig, channel_ids: Sequence[str]
) -> Call[tuple[WatchResult, ...]]:
    """End channels; see `ZohoNotifications.delete`."""
    for channel_id in channel_ids:
        _check_channel(channel_id)
    _check_unique(channel_ids)
    batches = [
        Batch(
            _request("DELETE", "watch delete", query={"channel_ids": ",".join(part)}),
            _reader(ended, part, "watch delete"),
            _silence(part),
        )
        for part in cut(channel_ids, MAX_DELETED)
    ]
    return (yield from in_batches(config, batches, is_repeatable=True))


def watches(
    config: ZohoConfig, *, channel_id: str | None = None, module: str | None = None
) -> Call[tuple[Watch, ...]]:
    """List what is watched; see `ZohoNotifications.watches`."""
    query = {"per_page": str(PAGE_SIZE)}
    if channel_id is not None:
        _check_channel(channel_id)
        query["channel_id"] = channel_id
    if module is not None:
        module_path(module)
        query["module"] = module
    rows: list[Row] = []
    page = 1
    while True:
        request = _request("GET", "watches", query={**query, "page": str(page)})
        reply = yield from authorised(request, config, is_repeatable=True)
        listing = listing_of(reply, "watch", request.name)
        rows.extend(map(read_watch, listing.rows))
        if not (listing.has_more and listing.rows):
            return together(rows)
        page += 1


# --- requests ----------------------------------------------------------------


def _set_anew(
    config: ZohoConfig, method: str, name: str, wanted: Sequence[Watch]
) -> Call[tuple[WatchResult, ...]]:
    """Set watches of the caller's own making, which must be good ones."""
    _check_unique([one.channel_id for one in wanted])
    for one in wanted:
        _check_url(one.notify_url)
        _check_token(one.token or "")
    return (yield from _set(config, method, name, wanted))


def _set(
    config: ZohoConfig, method: str, name: str, wanted: Sequence[Watch]
) -> Call[tuple[WatchResult, ...]]:
    now = (yield from clock()).at
    for one in wanted:
        _check_channel(one.channel_id)
        _check_events(one.events)
        _check_end(one.expires_at, now)
    batches = [
        _batch(
            method,
            name,
            [one.channel_id for one in part],
            [_element(one, now) for one in part],
        )
        for part in cut(wanted, MAX_WATCHES)
    ]
    return (yield from in_batches(config, batches, is_repeatable=True))


def _batch(
    method: str, name: str, channels: Sequence[str], elements: Sequence[object]
) -> Batch[WatchResult]:
    return Batch(
        _request(method, name, json={"watch": list(elements)}),
        _reader(results, channels, name),
        _silence(channels),
    )


def _request(method: str, name: str, **more: Any) -> Request:
    return Request(ZOHO, method, PATH, name=name, credits=CALL, **more)


def _reader(
    read: Callable[[Reply, Sequence[str], str], tuple[WatchResult, ...]],
    channels: Sequence[str],
    name: str,
) -> Callable[[Reply], tuple[WatchResult, ...]]:
    return lambda reply: read(reply, channels, name)


def _silence(
    channels: Sequence[str],
) -> Callable[[CrmbridgeError], tuple[WatchResult, ...]]:
    """Give what says that the batch of these channels was not answered."""

    def silent(error: CrmbridgeError) -> tuple[WatchResult, ...]:
        (why,) = unanswered(error, 1)
        return tuple(
            WatchResult(channel, why.status, why.code, error=error)
            for channel in channels
        )

    return silent


def _element(one: Watch, now: datetime) -> dict[str, Any]:
    ends = one.expires_at or now + _SAFE_LIFE
    element: dict[str, Any] = {
        "channel_id": one.channel_id,
        "events": list(one.events),
        "notify_url": one.notify_url,
        "channel_expiry": ends.isoformat(timespec="seconds"),
        "notify_on_related_action": one.tells_related,
        "return_affected_field_values": one.sends_values,
    }
    if one.token is not None:
        element["token"] = one.token
    if one.conditions:
        element["notification_condition"] = [dict(each) for each in one.conditions]
    return element


# --- checks ------------------------------------------------------------------


def _check_channel(channel_id: str) -> None:
    if not _CHANNEL.fullmatch(channel_id):
        raise _bad(
            "channel_id must be a text of 1 to 19 digits, without a zero in front",
            "channel_id",
        )


def _check_unique(channel_ids: Sequence[str]) -> None:
    if len(set(channel_ids)) != len(channel_ids):
        raise _bad("one channel comes twice; name all its events at once", "channel_id")


def _check_token(token: str) -> None:
    if not _MIN_TOKEN <= len(token) <= MAX_TOKEN:
        raise _bad(
            f"token must have {_MIN_TOKEN} to {MAX_TOKEN} characters; make it by "
            "secrets.token_urlsafe(32), for it is all that proves a callback",
            "token",
        )


def _check_end(ends: datetime | None, now: datetime) -> None:
    if ends is None:
        return
    if ends.tzinfo is None:
        raise _bad("expires_at must be aware, with a time zone", "expires_at")
    if not now < ends <= now + LONGEST_WATCH:
        raise _bad(
            "expires_at must lie in the coming 7 days; Zoho would make one hour of "
            "anything longer. Leave it out for the longest that is safe",
            "expires_at",
        )


def _check_events(events: Sequence[str]) -> None:
    if not events or not all(_EVENT.fullmatch(event) for event in events):
        raise _bad(
            "events must name a module and create, edit, delete or all, such as "
            "Leads.create",
            "events",
        )


def _check_url(url: str) -> None:
    if len(url) > _MAX_URL or not url.isprintable() or not url.isascii():
        raise _bad(
            f"notify_url must have at most {_MAX_URL} characters, all printable ASCII",
            "notify_url",
        )
    if not _is_good_address(url):
        raise _bad(
            "notify_url must be an https address without a user name; http is for "
            "loopback only, because the token travels with every callback",
            "notify_url",
        )


def _is_good_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    is_private = parts.scheme == "http" and is_on_loopback(url)
    return has_host and not parts.username and (parts.scheme == "https" or is_private)


def _bad(problem: str, field: str) -> InvalidInputError:
    return InvalidInputError(problem, service=ZOHO, field=field)
