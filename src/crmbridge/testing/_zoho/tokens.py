"""The tokens of the fake Zoho: who got which, and until when they live.

Floor 9.
Source: Zoho, "Token validity": a grant token is used once and within minutes,
an access token lives for an hour, 15 live at one time for one refresh token, 10
are made in 10 minutes, and 20 refresh tokens live for one user and client.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from attrs import define, field, frozen

__all__ = [
    "EVERYTHING",
    "GRANT_LIFE_SECONDS",
    "Access",
    "Credentials",
    "Grant",
    "Tokens",
]

GRANT_LIFE_SECONDS: Final = 180.0
EVERYTHING: Final = (
    "ZohoCRM.modules.ALL",
    "ZohoCRM.settings.ALL",
    "ZohoCRM.users.ALL",
    "ZohoCRM.org.ALL",
    "ZohoCRM.bulk.ALL",
    "ZohoCRM.notifications.ALL",
    "ZohoCRM.coql.READ",
    "ZohoCRM.mass_convert.leads.ALL",
    "ZohoSearch.securesearch.READ",
    "ZohoFiles.files.ALL",
)
_WINDOW: Final = timedelta(minutes=10)
_PER_WINDOW: Final = 10
_LIVE: Final = 15
_LIVE_REFRESH: Final = 20
LIFE: Final = timedelta(hours=1)


@frozen
class Credentials:
    """What a client has to know; all of it is made up."""

    client_id: str = "1000.FAKECLIENT"
    client_secret: str = "fake-client-secret"
    refresh_token: str = "1000.fake-refresh-token"


@frozen
class Grant:
    """A person's consent, to be exchanged once.

    Attributes:
        scopes: what was granted.
        ends_at: until when it can be exchanged.
        redirect_uri: where the person was sent back to; ``None`` for a self
            client.
        is_offline: whether it gives a refresh token.
    """

    scopes: tuple[str, ...]
    ends_at: datetime
    redirect_uri: str | None = None
    is_offline: bool = True


@frozen
class Access:
    """A live access token.

    Attributes:
        scopes: what was granted.
        ends_at: when it ends.
    """

    scopes: tuple[str, ...]
    ends_at: datetime


@define
class _Refresh:
    """A refresh token, and what was made of it."""

    scopes: tuple[str, ...]
    made_at: list[datetime] = field(factory=list[datetime])
    live: dict[str, Access] = field(factory=dict[str, Access])


class Tokens:
    """All tokens of one user and client."""

    def __init__(self, credentials: Credentials) -> None:
        self.credentials = credentials
        self._grants: dict[str, Grant] = {}
        self._refresh = {credentials.refresh_token: _Refresh(EVERYTHING)}
        self._online: dict[str, Access] = {}
        self._count = 0

    def grant(self, grant: Grant) -> str:
        """Make the code that stands for a consent."""
        code = self._named("grant-code")
        self._grants[code] = grant
        return code

    def redeem(self, code: str, redirect_uri: str | None, now: datetime) -> Grant | str:
        """Give what a code stands for, or the word for what is wrong with it.

        A code that was shown once is used up, whatever came of it.
        """
        grant = self._grants.pop(code, None)
        if grant is None or grant.ends_at <= now:
            return "invalid_code"
        if grant.redirect_uri not in (None, redirect_uri):
            return "invalid_redirect_uri"
        return grant

    def new_refresh(self, scopes: tuple[str, ...]) -> str:
        """Make a refresh token; the first one ends when there are too many."""
        value = self._named("refresh-token")
        self._refresh[value] = _Refresh(scopes)
        while len(self._refresh) > _LIVE_REFRESH:
            del self._refresh[next(iter(self._refresh))]
        return value

    def scopes_of(self, refresh_token: str) -> tuple[str, ...] | None:
        """Give what a refresh token may do, or ``None`` if there is no such."""
        kept = self._refresh.get(refresh_token)
        return None if kept is None else kept.scopes

    def may_make(self, refresh_token: str, now: datetime) -> bool:
        """Tell whether a refresh token has not made too many already."""
        kept = self._refresh[refresh_token]
        kept.made_at = [at for at in kept.made_at if now - at < _WINDOW]
        return len(kept.made_at) < _PER_WINDOW

    def new_access(
        self, refresh_token: str | None, scopes: tuple[str, ...], now: datetime
    ) -> str:
        """Make an access token; the oldest one ends when there are too many."""
        value = self._named("access-token")
        live = self._online
        if refresh_token is not None:
            kept = self._refresh[refresh_token]
            kept.made_at.append(now)
            live = kept.live
        live[value] = Access(scopes, now + LIFE)
        while len(live) > _LIVE:
            del live[next(iter(live))]
        return value

    def access(self, value: str, now: datetime) -> Access | None:
        """Give a live access token, or ``None``."""
        for live in (self._online, *(kept.live for kept in self._refresh.values())):
            found = live.get(value)
            if found is not None:
                return found if found.ends_at > now else None
        return None

    def revoke(self, token: str) -> bool:
        """End one token of any kind; a refresh token's access tokens with it."""
        found = self._refresh.pop(token, None) or self._online.pop(token, None)
        for kept in self._refresh.values():
            found = found or kept.live.pop(token, None)
        return found is not None

    def revoke_access(self) -> None:
        """End all access tokens at once."""
        self._online.clear()
        for kept in self._refresh.values():
            kept.live.clear()

    def _named(self, kind: str) -> str:
        self._count += 1
        return f"1000.fake-{kind}-{self._count}"
