"""What Zoho answers about watches: results by position, and the list.

Floor 3.

Zoho lists a channel once for each module that it watches, and answers the end of
a channel in the same way.

Source: Zoho CRM API v7, "Enable Notifications", "Get Notification Details",
"Disable Notifications".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

from attrs import evolve

from crmbridge._steps import Reply
from crmbridge.errors import MalformedReplyError
from crmbridge.zoho._faults import (
    BY_STATUS,
    ZOHO,
    Json,
    details_of,
    error_of,
    raise_fault,
    read_fault,
    safe_word,
)
from crmbridge.zoho._replies import body_of, time_of
from crmbridge.zoho.notices import Watch, WatchResult
from crmbridge.zoho.results import WriteStatus

__all__ = ["Row", "ended", "read_watch", "results", "together"]

Row: TypeAlias = Watch
"""One line of Zoho's list: one channel and one module."""

_STATUSES: Final = frozenset({"success", "error"})


def results(
    reply: Reply, channels: Sequence[str], what: str
) -> tuple[WatchResult, ...]:
    """Read what became of each watch of a request, by position.

    Raises:
        MalformedReplyError: there are not as many results as watches.
        CrmbridgeError: the request was refused as a whole.
    """
    rows = _rows(reply, what)
    if len(rows) != len(channels):
        raise _malformed(f"holds {len(rows)} results of {len(channels)}", what, reply)
    return tuple(
        _result(row, channel, reply.status, what)
        for row, channel in zip(rows, channels, strict=True)
    )


def ended(reply: Reply, channels: Sequence[str], what: str) -> tuple[WatchResult, ...]:
    """Read which channels were ended.

    Zoho answers a line for each module of each channel; a refusal names no
    channel, so refusals are given to the channels that have no success, in
    order.
    Unverified: what Zoho says of a channel that it does not know. One of which
    it says nothing is ``UNKNOWN``.

    Raises:
        CrmbridgeError: the request was refused as a whole.
    """
    rows = _rows(reply, what)
    done: dict[str, list[Json]] = {}
    refused: list[Json] = []
    for row in rows:
        if row.get("status") == "success":
            done.setdefault(str(details_of(row).get("channel_id")), []).append(row)
        else:
            refused.append(row)
    refusals = iter(refused)
    return tuple(
        _refused(next(refusals, None), channel, reply.status, what)
        if channel not in done
        else _end(channel, done[channel])
        for channel in channels
    )


def _end(channel: str, rows: Sequence[Json]) -> WatchResult:
    addresses = [str(details_of(row).get("resource_uri", "")) for row in rows]
    return WatchResult(
        channel,
        WriteStatus.SUCCESS,
        safe_word(rows[0].get("code")),
        modules=tuple(safe_word(address.rpartition("/")[2]) for address in addresses),
    )


def _refused(row: Json | None, channel: str, status: int, what: str) -> WatchResult:
    if row is None:
        return WatchResult(channel, WriteStatus.UNKNOWN)
    fault = read_fault(row, status)
    return WatchResult(
        channel,
        WriteStatus.REFUSED,
        fault.code,
        field=fault.field,
        error=error_of(fault, what),
    )


def _rows(reply: Reply, what: str) -> list[Json]:
    body = body_of(reply, what)
    if body is None:
        return []
    rows = _objects(body.get("watch"))
    if rows is None or reply.status in BY_STATUS:
        raise_fault(reply, body, what)
    if rows is None or any(str(row.get("status")) not in _STATUSES for row in rows):
        raise _malformed("has no list 'watch' of results", what, reply)
    return rows


def _objects(value: object) -> list[Json] | None:
    if not isinstance(value, list):
        return None
    items = cast("list[object]", value)
    return cast("list[Json]", items) if {*map(type, items)} <= {dict} else None


def _malformed(problem: str, what: str, reply: Reply) -> MalformedReplyError:
    return MalformedReplyError(
        f"{what}: the answer {problem}", service=ZOHO, status=reply.status
    )


def _result(row: Json, channel: str, status: int, what: str) -> WatchResult:
    if row.get("status") != "success":
        return _refused(row, channel, status, what)
    events = _objects(details_of(row).get("events")) or []
    times = [at for event in events if (at := time_of(event.get("channel_expiry")))]
    return WatchResult(
        channel,
        WriteStatus.SUCCESS,
        safe_word(row.get("code")),
        modules=tuple(safe_word(event.get("resource_name")) for event in events),
        expires_at=min(times, default=None),
    )


# --- the list ----------------------------------------------------------------


def read_watch(row: Mapping[str, Any]) -> Row:
    """Read one line of the list: one channel and one module.

    Raises:
        MalformedReplyError: it names no channel.
    """
    channel = row.get("channel_id")
    if not isinstance(channel, str | int) or not str(channel).isdigit():
        raise MalformedReplyError("watches: a line has no channel_id", service=ZOHO)
    token, conditions = row.get("token"), row.get("notification_condition")
    return Watch(
        str(channel),
        _texts(row.get("events")),
        str(row.get("notify_url") or ""),
        token if isinstance(token, str) and token else None,
        expires_at=time_of(row.get("channel_expiry")),
        tells_related=row.get("notify_on_related_action") is True,
        sends_values=row.get("return_affected_field_values") is True,
        conditions=tuple(_objects(conditions) or ()),
    )


def _texts(value: object) -> tuple[str, ...]:
    items = cast("list[object]", value) if isinstance(value, list) else []
    return tuple(item for item in items if isinstance(item, str))


def together(rows: Iterable[Row]) -> tuple[Watch, ...]:
    """Join the lines of one channel that differ in nothing but their modules.

    The end is the earliest of them, so that no module falls silent unseen.
    """
    found: dict[tuple[object, ...], Watch] = {}
    for row in rows:
        key = (
            row.channel_id,
            row.notify_url,
            row.token,
            row.tells_related,
            row.sends_values,
        )
        other = found.get(key)
        found[key] = row if other is None else _joined(other, row)
    return tuple(found.values())


def _joined(one: Watch, other: Watch) -> Watch:
    ends = [at for at in (one.expires_at, other.expires_at) if at is not None]
    return evolve(
        one,
        events=(*one.events, *other.events),
        expires_at=min(ends, default=None),
        conditions=(*one.conditions, *other.conditions),
    )
