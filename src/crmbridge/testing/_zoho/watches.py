"""The watches of the fake Zoho: set, shown, changed and ended.

Floor 9.
A channel that watches several modules is kept, shown and ended as one line for
each module, as Zoho does.

Source: Zoho CRM API v7, "Notification APIs", and examples of v8 answers.
Unverified, and chosen here: what is answered for a channel that is not there
(``NOT_SUBSCRIBED``, a code of Zoho's schemas).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar, cast

from attrs import evolve, frozen

from crmbridge.testing._zoho.answers import Json, Refused, success
from crmbridge.testing._zoho.book import Book
from crmbridge.testing._zoho.fields import MODULES
from crmbridge.testing._zoho.params import missing_param, page_size, whole_number
from crmbridge.testing._zoho.routes import API, Answer, Asked, Route
from crmbridge.testing._zoho.watch_elements import Wanted, read_element

__all__ = ["Watched", "Watches"]

T = TypeVar("T")

_PATH: Final = f"{API}/actions/watch"
_MAX_ELEMENTS: Final = 50
_HOUR: Final = timedelta(hours=1)
_WEEK: Final = timedelta(days=7)
_FIRST_MODULE_ID: Final = 487_687_600_000_002_173
_MODULES: Final = (*MODULES, "users")
_SUBSCRIBED: Final = "Successfully subscribed for actions-watch of the given module"
_UPDATED: Final = "Successfully updated the subscribe details"
_REMOVED: Final = "Successfully removed the subscribe details"
_ENDED: Final = "Successfully un-subscribed from actions-watch"


@frozen
class Watched:
    """What one channel watches in one module."""

    channel_id: str
    module: str
    operations: tuple[str, ...]
    notify_url: str
    expires_at: datetime
    enabled_at: datetime
    token: str | None = None
    tells_related: bool = True
    sends_values: bool = False
    conditions: tuple[Json, ...] = ()


class Watches:
    """Keeps what is watched, and answers requests about it.

    Args:
        book: the records and the clock.
        api_domain: gives the API's address, for the addresses of modules.
    """

    def __init__(self, book: Book, api_domain: Callable[[], str]) -> None:
        self._book = book
        self._api_domain = api_domain
        self._kept: dict[tuple[str, str], Watched] = {}

    def routes(self) -> Iterator[Route]:
        """Name the addresses of this part."""
        for method, verb, do in (
            ("POST", "watch", self._enable),
            ("PUT", "watch replace", self._replace),
            ("PATCH", "watch change", self._change),
            ("DELETE", "watch delete", self._disable),
        ):
            yield Route(method, _PATH, verb, do, scope="notifications", is_write=True)
        yield Route("GET", _PATH, "watches", self._list, scope="notifications")

    def live(self) -> list[Watched]:
        """Give what is watched now, and forget what has ended."""
        now = self._book.now()
        for key, one in tuple(self._kept.items()):
            if one.expires_at <= now:
                del self._kept[key]
        return list(self._kept.values())

    def address_of(self, module: str) -> str:
        """Give a module's address; Zoho shows that of v2 in all versions."""
        return f"{self._api_domain()}/crm/v2/{module}"

    # --- requests ---

    def _enable(self, asked: Asked) -> Answer:
        def enable(wanted: Wanted) -> Json:
            return self._set(wanted, _SUBSCRIBED, {}, self._book.now())

        return self._each(asked.body, 201, enable)

    def _replace(self, asked: Asked) -> Answer:
        def replace(wanted: Wanted) -> Json:
            old = self._there(wanted.channel_id)
            for one in old.values():
                del self._kept[one.channel_id, one.module]
            return self._set(wanted, _SUBSCRIBED, {}, _first_enabled(old))

        return self._each(asked.body, 200, replace)

    def _change(self, asked: Asked) -> Answer:
        def change(wanted: Wanted) -> Json:
            old = self._there(wanted.channel_id)
            if wanted.drops_events:
                return self._drop(wanted, old)
            return self._set(wanted, _UPDATED, old, _first_enabled(old))

        return self._each(asked.body, 200, change)

    def _disable(self, asked: Asked) -> Answer:
        named = asked.query.get("channel_ids")
        if not named:
            raise missing_param("channel_ids")
        rows: list[Json] = []
        for channel_id in named.split(","):
            try:
                gone = self._there(channel_id).values()
            except Refused as refused:
                rows.append(refused.body)
                continue
            for one in gone:
                del self._kept[one.channel_id, one.module]
                event = self._event(one, "resource_uri", "resource_id", "channel_id")
                rows.append(success(_ENDED, event))
        return _by_statuses(rows, 200)

    def _list(self, asked: Asked) -> Answer:
        channel, module = asked.query.get("channel_id"), asked.query.get("module")
        found = [
            one
            for one in self.live()
            if channel in {None, one.channel_id} and module in {None, one.module}
        ]
        size = page_size(self._book, asked.query)
        page = whole_number(asked.query, "page", 1)
        shown = found[(page - 1) * size : page * size]
        if not shown:
            return 204, None
        info = {
            "per_page": size,
            "count": len(shown),
            "page": page,
            "more_records": page * size < len(found),
        }
        return 200, {"watch": [self._show(one) for one in shown], "info": info}

    # --- one element ---

    def _each(self, body: object, status: int, do: Callable[[Wanted], Json]) -> Answer:
        rows: list[Json] = []
        for place, element in enumerate(_elements_of(body)):
            try:
                rows.append(do(read_element(element, place, _MODULES)))
            except Refused as refused:
                rows.append(refused.body)
        return _by_statuses(rows, status)

    def _set(
        self,
        wanted: Wanted,
        message: str,
        old: Mapping[str, Watched],
        enabled_at: datetime,
    ) -> Json:
        """Set what is wanted; what is not named stays as in ``old``, by module."""
        ends = self._end(wanted.expires_at, enabled_at)
        events: list[Json] = []
        for module, operations in wanted.operations.items():
            fresh = Watched(
                wanted.channel_id,
                module,
                operations,
                wanted.notify_url,
                ends,
                enabled_at,
            )
            was = old.get(module, fresh)
            made = evolve(
                fresh,
                token=_first(wanted.token, was.token),
                tells_related=_first(wanted.tells_related, was.tells_related),
                sends_values=_first(wanted.sends_values, was.sends_values),
                conditions=_first(self._conditions(wanted, module), was.conditions),
            )
            self._kept[made.channel_id, made.module] = made
            events.append(self._event(made))
        return success(message, {"events": events})

    def _end(self, asked: datetime | None, enabled_at: datetime) -> datetime:
        """Give the end: as asked, or in an hour where that is too far away."""
        now = self._book.now()
        start = enabled_at if self._book.switches.counts_watches_once else now
        if asked is None or asked > start + _WEEK:
            return now + _HOUR
        return asked

    def _conditions(self, wanted: Wanted, module: str) -> tuple[Json, ...] | None:
        if wanted.conditions is None:
            return None
        mine = {module, self._resource(module)["resource_id"]}
        return tuple(
            one
            for one in wanted.conditions
            if mine & {one["module"].get("api_name"), one["module"].get("id")}
        )

    def _drop(self, wanted: Wanted, old: Mapping[str, Watched]) -> Json:
        events: list[Json] = []
        for module in wanted.operations.keys() & old:
            one = old[module]
            gone = wanted.operations[module]
            left = tuple(name for name in one.operations if name not in gone)
            if left:
                self._kept[one.channel_id, module] = evolve(one, operations=left)
            else:
                del self._kept[one.channel_id, module]
            event = self._event(one)
            del event["channel_expiry"]
            events.append(event)
        if not events:
            raise _not_there()
        return success(_REMOVED, {"events": events})

    # --- looking ---

    def _there(self, channel_id: str) -> dict[str, Watched]:
        """Give what a channel watches, by module.

        Raises:
            Refused: there is no such channel.
        """
        found = {one.module: one for one in self.live() if one.channel_id == channel_id}
        if not found:
            raise _not_there()
        return found

    def _event(self, one: Watched, *names: str) -> Json:
        """Show one line of a result: the named parts, or all."""
        event = {
            "channel_expiry": self._book.stamp(one.expires_at),
            **self._resource(one.module),
            "channel_id": one.channel_id,
        }
        return {name: event[name] for name in names or event}

    def _resource(self, module: str) -> Json:
        return {
            "resource_uri": self.address_of(module),
            "resource_id": str(_FIRST_MODULE_ID + 2 * _MODULES.index(module)),
            "resource_name": module,
        }

    def _show(self, one: Watched) -> Json:
        return {
            "notify_on_related_action": one.tells_related,
            "return_affected_field_values": one.sends_values,
            **self._event(one),
            "notify_url": one.notify_url,
            "fields": None,
            "notification_condition": list(one.conditions) or None,
            "events": [f"{one.module}.{name}" for name in one.operations],
            "token": one.token,
        }


def _first(wanted: T | None, otherwise: T) -> T:
    return otherwise if wanted is None else wanted


def _first_enabled(old: Mapping[str, Watched]) -> datetime:
    return min(one.enabled_at for one in old.values())


def _not_there() -> Refused:
    return Refused(400, "NOT_SUBSCRIBED", "the channel is not subscribed")


def _elements_of(body: object) -> list[object]:
    given = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
    found = given.get("watch")
    elements = cast("list[object]", found) if isinstance(found, list) else []
    if not 1 <= len(elements) <= _MAX_ELEMENTS:
        raise Refused(
            400,
            "INVALID_DATA",
            "invalid data",
            {"api_name": "watch", "expected_data_type": "jsonarray"},
        )
    return elements


def _by_statuses(rows: list[Json], good: int) -> Answer:
    bad = sum(row["status"] != "success" for row in rows)
    if not bad:
        return good, {"watch": rows}
    return (400 if bad == len(rows) else 207), {"watch": rows}
