"""The token endpoint of the fake Zoho.

Floor 9.
Source: Zoho, "Token validity"; client code for the bodies of errors, which come
with HTTP 200.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from crmbridge.testing._zoho.answers import Json, Refused

__all__ = ["Credentials", "Tokens"]

_WINDOW: Final = timedelta(minutes=10)
_PER_WINDOW: Final = 10
_LIVE: Final = 15
_LIFE: Final = timedelta(hours=1)


@frozen
class Credentials:
    """What a client has to know; all of it is made up."""

    client_id: str = "1000.FAKECLIENT"
    client_secret: str = "fake-client-secret"
    refresh_token: str = "1000.fake-refresh-token"


class Tokens:
    """The live access tokens of one refresh token."""

    def __init__(self, credentials: Credentials) -> None:
        self.credentials = credentials
        self._made_at: list[datetime] = []
        self._live: dict[str, datetime] = {}
        self._count = 0

    def refresh(
        self, form: Mapping[str, str], now: datetime, api_domain: str
    ) -> tuple[int, Json]:
        """Answer a request for a token."""
        wrong = self._refusal(form)
        if wrong is not None:
            return 200, {"error": wrong}
        self._made_at = [at for at in self._made_at if now - at < _WINDOW]
        if len(self._made_at) >= _PER_WINDOW:
            return 400, _ACCESS_DENIED
        self._made_at.append(now)
        return 200, {
            "access_token": self._new(now),
            "scope": "ZohoCRM.modules.ALL ZohoCRM.users.READ ZohoCRM.settings.ALL",
            "api_domain": api_domain,
            "token_type": "Bearer",
            "expires_in": int(_LIFE.total_seconds()),
        }

    def check(self, authorization: str, now: datetime) -> str:
        """Give the token that a request carries.

        Raises:
            Refused: the header is missing or unusable, or the token not valid.
        """
        scheme, _, value = authorization.partition(" ")
        if scheme != "Zoho-oauthtoken" or not value:
            raise Refused(401, "AUTHENTICATION_FAILURE", "Authentication failed")
        if self._live.get(value, now) <= now:
            raise Refused(401, "INVALID_TOKEN", "invalid oauth token")
        return value

    def revoke(self) -> None:
        """Let all access tokens end at once."""
        self._live.clear()

    def _refusal(self, form: Mapping[str, str]) -> str | None:
        mine = self.credentials
        if form.get("client_id") != mine.client_id:
            return "invalid_client"
        if form.get("client_secret") != mine.client_secret:
            return "invalid_client_secret"
        if form.get("grant_type") != "refresh_token":
            return "unsupported_grant_type"
        return (
            None if form.get("refresh_token") == mine.refresh_token else "invalid_code"
        )

    def _new(self, now: datetime) -> str:
        self._count += 1
        value = f"1000.fake-access-token-{self._count}"
        self._live[value] = now + _LIFE
        while len(self._live) > _LIVE:
            del self._live[next(iter(self._live))]
        return value


_ACCESS_DENIED: Final[Json] = {
    "error_description": (
        "You have made too many requests continuously. "
        "Please try again after some time."
    ),
    "error": "Access Denied",
    "status": "failure",
}
