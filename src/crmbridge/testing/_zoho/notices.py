"""The callbacks of the fake Zoho: queued when something happens, sent when told.

Floor 9.
Nothing is sent by itself, and nothing ever leaves this machine.

Source: Zoho CRM API v7, "Enable Notifications", for the body of a callback.
Unverified, and therefore switches of `ZohoSwitches`: losses, repeats, order,
delay, further attempts, and whether one callback names several records.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from attrs import evolve, frozen

from crmbridge.testing._deliveries import Deliveries, Habits, SentCallback
from crmbridge.testing._zoho.answers import Json
from crmbridge.testing._zoho.book import Book, Operation, Record
from crmbridge.testing._zoho.watch_conditions import holds
from crmbridge.testing._zoho.watches import Watched, Watches

__all__ = ["ZohoNotices"]

_EVENTS: Final = {"insert": "create", "update": "edit", "delete": "delete"}


@frozen
class _Told:
    """What one callback tells, and to whom."""

    notify_url: str
    body: Json


class ZohoNotices(Deliveries[_Told]):
    """The callbacks of a `ZohoFake`: who gets them, and when.

    What people and requests do is queued at once, for every watch that is not
    over; `deliver` sends it.
    A callback goes over HTTP to an address on loopback, or to a function that
    `receive` names for its address; to no other place.
    How deliveries go wrong is said by the switches of `ZohoSwitches`.

    >>> from crmbridge.testing import ZohoFake
    >>> ZohoFake().notifications.deliver()
    ()
    """

    def __init__(self, book: Book, watches: Watches, lock: threading.RLock) -> None:
        super().__init__(lock)
        self._book = book
        self._watches = watches
        book.listeners.append(self._heard)

    def receive(self, receiver: Callable[[bytes], int | None], *, at: str) -> None:
        """Let a function take the callbacks to an address, instead of HTTP.

        Args:
            receiver: takes the body; gives an HTTP status, or ``None`` for 200.
            at: the ``notify_url``, exactly as the watch names it.
        """
        with self._lock:
            self._receivers[at] = lambda callback: receiver(callback.body)

    # --- what happens ---

    def _heard(
        self, operation: Operation, record: Record, names: Collection[str]
    ) -> None:
        if record.is_hidden:
            return
        account = str(record.values.get("Account_Name"))
        for one in self._watches.live():
            if one.module == record.module:
                if _is_wanted(one, operation, names):
                    body = self._body(one, operation, record, names)
                    self._queue(_Told(one.notify_url, body))
            elif _is_related(one, operation, record) and account in self._accounts():
                body = self._plain_body(one, "update", account)
                self._queue(_Told(one.notify_url, body))

    def _accounts(self) -> Collection[str]:
        return self._book.modules["Accounts"]

    def _body(
        self,
        one: Watched,
        operation: Operation,
        record: Record,
        names: Collection[str],
    ) -> Json:
        body = self._plain_body(one, operation, record.id)
        if operation != "update":
            return body
        body["affected_fields"] = [{record.id: list(names)}]
        if one.sends_values:
            shown = self._book.show(record, names)
            del shown["id"]
            body["affected_values"] = [{"record_id": record.id, "values": shown}]
        return body

    def _plain_body(self, one: Watched, operation: Operation, record_id: str) -> Json:
        query = urlsplit(one.notify_url).query
        return {
            "query_params": dict(parse_qsl(query, keep_blank_values=True)),
            "module": one.module,
            "resource_uri": self._watches.address_of(one.module),
            "ids": [record_id],
            "affected_fields": [],
            "operation": operation,
            "channel_id": one.channel_id,
            "token": one.token,
        }

    # --- the sending ---

    def _now(self) -> datetime:
        return self._book.now()

    def _habits(self) -> Habits:
        switches = self._book.switches
        return Habits(
            loses=switches.loses_notifications,
            doubles=switches.doubles_notifications,
            shuffles=switches.shuffles_notifications,
            delay_seconds=switches.notification_delay_seconds,
            retries=switches.notification_retries,
            seed=switches.notification_seed,
        )

    def _place(self, told: _Told) -> str:
        return told.notify_url

    def _written(self, told: _Told) -> SentCallback:
        milliseconds = int(self._book.clock().at.timestamp() * 1000)
        body = {"server_time": milliseconds, **told.body}
        return SentCallback(
            told.notify_url,
            json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(),
            headers={"content-type": "application/json;charset=UTF-8"},
        )

    def _joined(self, last: _Told, new: _Told) -> _Told | None:
        if not self._book.switches.groups_notifications or not _go_together(last, new):
            return None
        lists = ("ids", "affected_fields", "affected_values")
        both = {
            name: [*last.body[name], *new.body[name]]
            for name in lists
            if name in new.body
        }
        return evolve(last, body={**last.body, **both})


def _is_wanted(one: Watched, operation: Operation, names: Collection[str]) -> bool:
    if _EVENTS[operation] not in one.operations:
        return False
    if operation == "delete" or not one.conditions:
        return True
    return any(holds(condition, names) for condition in one.conditions)


def _is_related(one: Watched, operation: Operation, record: Record) -> bool:
    """Tell whether a contact's update is told to who watches its account.

    Source: Zoho's post "Kaizen #170".
    """
    return (
        (one.module, record.module, operation) == ("Accounts", "Contacts", "update")
        and one.tells_related
        and "edit" in one.operations
    )


def _go_together(last: _Told, new: _Told) -> bool:
    names = ("channel_id", "module", "operation")
    return last.notify_url == new.notify_url and all(
        last.body[name] == new.body[name] for name in names
    )
