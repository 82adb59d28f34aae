"""Notifications of Zoho CRM, as `ZohoClient.notifications` gives them.

Floor 6: each method is one line; the work is in `_watches`.
`AsyncZohoNotifications` is its twin in `async_notifications`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from crmbridge._runtime import Runtime
from crmbridge.config import ZohoConfig
from crmbridge.zoho import _watches
from crmbridge.zoho.notices import Watch, WatchResult

__all__ = ["ZohoNotifications"]


class ZohoNotifications:
    """Lets Zoho call an address of yours when records change.

    Get it from `ZohoClient.notifications`.
    What arrives at the address is read by `read_notification`.
    A channel falls silent at its end without a word: renew it in time, and go
    on polling, for callbacks also get lost.

    The OAuth scope is ``ZohoCRM.notifications.ALL``.
    Every call may be repeated without harm, and is, after a failure.
    The errors are those of the client's methods.

    Args:
        config: whose organisation.
        runtime: what carries out the client's calls.

    >>> from crmbridge.testing import FakeServices
    >>> from crmbridge.zoho import Watch
    >>> token = "p3nZ1lV2hb0qkE5t7xWcYg"
    >>> mine = Watch("1001", ["Leads.all"], "https://example.com/zoho", token)
    >>> with FakeServices().zoho_client() as client:
    ...     (result,) = client.notifications.watch([mine])
    >>> result.is_success
    True
    """

    def __init__(self, config: ZohoConfig, runtime: Runtime) -> None:
        self._config = config
        self._runtime = runtime

    def watch(self, watches: Sequence[Watch]) -> tuple[WatchResult, ...]:
        """Set watches, by position; one that exists gets these details.

        Costs one request and one credit per 50 watches.
        One without an end lasts for 7 days less an hour, because Zoho makes
        one hour of what it finds too long, and clocks differ.

        Args:
            watches: each channel once; the token has 16 to 50 characters, the
                address is https, or on loopback.

        Raises:
            InvalidInputError: a watch is outside its bounds.
            RefusedError: Zoho refused all of them in one word.

        Source: Zoho CRM API v7 and v8, "Enable Notifications".
        Unverified: whether modules that a channel watched before, and that
        are not named now, stay; name all of them.
        """
        return self._runtime.run(_watches.watch(self._config, watches))

    def watches(
        self, *, channel_id: str | None = None, module: str | None = None
    ) -> tuple[Watch, ...]:
        """List what the user of the token watches, all pages.

        Costs one request and one credit per 200 channels and modules.
        The modules of one channel are joined, where nothing else differs;
        the end is the earliest of them.

        Args:
            channel_id: only this channel.
            module: only this module, such as ``"Leads"``.

        Raises:
            InvalidInputError: an argument is outside its bounds.

        Source: Zoho CRM API v7, "Get Notification Details".
        """
        return self._runtime.run(
            _watches.watches(self._config, channel_id=channel_id, module=module)
        )

    def renew(
        self, watches: Sequence[Watch], *, expires_at: datetime | None = None
    ) -> tuple[WatchResult, ...]:
        """Make watches last longer, by position; those that ended begin again.

        Costs one request and one credit per 50 watches.
        Choose them by `due_watches`, for example once a day.

        Args:
            watches: as `watches` gives them, or as they were set.
            expires_at: the new end, at most 7 days from now; ``None`` takes
                the longest time that is safe.

        Raises:
            InvalidInputError: a watch is outside its bounds.
            RefusedError: Zoho refused all of them in one word.

        Source: Zoho's post "Kaizen #170": a watch is renewed by setting it
        again.
        """
        return self._runtime.run(
            _watches.renew(self._config, watches, expires_at=expires_at)
        )

    def change(self, watches: Sequence[Watch]) -> tuple[WatchResult, ...]:
        """Change what channels do, by position; modules not named stay.

        Costs one request and one credit per 50 watches.
        All details of a `Watch` are sent; see `watch` for their bounds.

        Raises:
            InvalidInputError: a watch is outside its bounds.
            RefusedError: Zoho refused all of them in one word.
            NotFoundError: Zoho says in one word that there is no such channel.

        Source: Zoho CRM API v7 and v8, "Update Specific Information of a
        Notification".
        """
        return self._runtime.run(_watches.change(self._config, watches))

    def replace(self, watches: Sequence[Watch]) -> tuple[WatchResult, ...]:
        """Replace all that channels do, by position; modules not named end.

        Costs one request and one credit per 50 watches.
        See `watch` for the bounds.

        Raises:
            InvalidInputError: a watch is outside its bounds.
            RefusedError: Zoho refused all of them in one word.
            NotFoundError: Zoho says in one word that there is no such channel.

        Source: Zoho CRM API v7 and v8, "Update Details of a Notification".
        """
        return self._runtime.run(_watches.replace(self._config, watches))

    def drop_events(self, channel_id: str, events: Iterable[str]) -> WatchResult:
        """End some events of a channel, such as ``"Contacts.delete"``.

        Costs one request and one credit.

        Raises:
            InvalidInputError: an argument is outside its bounds.
            RefusedError: Zoho refused it.
            NotFoundError: Zoho says in one word that there is no such channel.

        Source: Zoho CRM API v7, "Disable Specific Notifications".
        """
        return self._runtime.run(_watches.drop_events(self._config, channel_id, events))

    def delete(self, channel_ids: Sequence[str]) -> tuple[WatchResult, ...]:
        """End channels, by position.

        Costs one request and one credit per 25 channels.
        Callbacks that are under way may still come.

        Raises:
            InvalidInputError: an id is no channel's, or comes twice.
            RefusedError: Zoho refused all of them in one word.

        Source: Zoho CRM API v7, "Disable Notifications".
        Unverified: what Zoho says of a channel that it does not know; the
        result is ``REFUSED``, ``UNKNOWN`` where nothing was said, or
        `NotFoundError` is raised for all.
        """
        return self._runtime.run(_watches.delete(self._config, channel_ids))
