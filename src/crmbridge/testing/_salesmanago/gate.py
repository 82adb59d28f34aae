"""Who may ask the fake SALESmanago, and how fast.

Floor 9.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Mapping
from typing import Any, Final

from crmbridge.testing._clock import ServiceClock
from crmbridge.testing._salesmanago.book import Book, RefusalError
from crmbridge.testing._salesmanago.envelopes import INACTIVE, NOT_AUTHENTICATED
from crmbridge.testing._salesmanago.parts import Endpoint

__all__ = ["Gate"]

_TIME_TOLERANCE_MS: Final = 15 * 60 * 1000
# Fractions of a second do not add up to whole ones to the last digit.
_SECOND: Final = 1 - 1e-6


class Gate:
    """Checks what every request has to bring.

    Args:
        client_id: the account's client id.
        api_secret: the account's secret.
        clock: the service's clock.
    """

    def __init__(self, client_id: str, api_secret: str, clock: ServiceClock) -> None:
        self.client_id = client_id
        self.api_secret = api_secret
        self._clock = clock
        self._let_in: deque[float] = deque()

    def is_too_fast(self, most_per_second: int | None) -> bool:
        """Tell whether a request comes too fast; count it where it does not."""
        if most_per_second is None:
            return False
        now_seconds = self._clock().ticks_seconds
        while self._let_in and self._let_in[0] <= now_seconds - _SECOND:
            self._let_in.popleft()
        if len(self._let_in) >= most_per_second:
            return True
        self._let_in.append(now_seconds)
        return False

    def check(self, book: Book, endpoint: Endpoint, body: Mapping[str, Any]) -> None:
        """Check signature, account, time and owner.

        Raises:
            RefusalError: one of them is not taken.
        """
        signed = f"{body.get('apiKey')}{self.client_id}{self.api_secret}"
        sha = hashlib.sha1(signed.encode(), usedforsecurity=False).hexdigest()
        if body.get("clientId") != self.client_id or body.get("sha") != sha:
            raise RefusalError(NOT_AUTHENTICATED)
        if book.switches.is_inactive:
            raise RefusalError(INACTIVE)
        self._check_time(body.get("requestTime"), book.switches.is_time_checked)
        is_known = book.is_owner(body.get("owner"))
        if endpoint.needs_owner and not is_known and book.switches.is_owner_checked:
            raise RefusalError("Owner does not exist", "owner")

    def _check_time(self, request_time: object, is_strict: bool) -> None:  # noqa: FBT001 - a switch's position
        if not isinstance(request_time, int) or isinstance(request_time, bool):
            raise RefusalError("Request time is not valid", "requestTime")
        off_ms = abs(self._clock().at.timestamp() * 1000 - request_time)
        if is_strict and off_ms > _TIME_TOLERANCE_MS:
            raise RefusalError("Request time is not valid", "requestTime")
