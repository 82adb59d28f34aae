"""Who may enter the fake Zoho: its account, consents, grant tokens.

Floor 9.
"""

from __future__ import annotations

import threading
from typing import Any, Final

from crmbridge._steps import Reply, Request
from crmbridge.errors import InvalidInputError
from crmbridge.testing._zoho.accounts import Accounts
from crmbridge.testing._zoho.book import Book
from crmbridge.testing._zoho.tokens import GRANT_LIFE_SECONDS, Credentials, Tokens

__all__ = ["ZohoConsents"]

_UPLOADS: Final = "https://content.zohoapis.example.com"


class ZohoConsents:
    """The part of `ZohoFake` for who may enter.

    Args:
        book: the organisation.
        lock: held while something changes.
        data_centre: the region that it plays, or ``None``.
    """

    def __init__(
        self, book: Book, lock: threading.RLock, data_centre: str | None
    ) -> None:
        self._lock = lock
        self._tokens = Tokens(Credentials())
        self._accounts = Accounts(book, self._tokens, data_centre)
        self.data_centre = data_centre
        self.api_domain = self._accounts.api_domain

    def handle(self, request: Request) -> Reply:
        """Answer one request."""
        raise NotImplementedError

    def account(self, accounts_url: str | None = None) -> dict[str, Any]:
        """Give the settings of a `ZohoConfig` that reaches this fake.

        Args:
            accounts_url: where it is served, if not at an address that
                nobody but a `FakeTransport` reaches.
        """
        mine = self._tokens.credentials
        account = {
            "client_id": mine.client_id,
            "client_secret": mine.client_secret,
            "refresh_token": mine.refresh_token,
        }
        if self.data_centre is not None and accounts_url is None:
            return {"data_centre": self.data_centre, **account}
        return {
            "accounts_url": accounts_url or "https://accounts.zoho.example.com",
            "api_domain": self.api_domain,
            "upload_url": accounts_url or _UPLOADS,
            **account,
        }

    def grant_code(
        self, *scopes: str, lifetime_seconds: float = GRANT_LIFE_SECONDS
    ) -> str:
        """Do as a person who generates a code for a self client.

        Args:
            scopes: what it may be used for; none means everything.
            lifetime_seconds: how long it can be exchanged.

        Returns:
            The grant token, to be exchanged once.
        """
        with self._lock:
            return self._accounts.grant_code(scopes, lifetime_seconds)

    def consent(self, url: str) -> str:
        """Do as a person who opens the address of an authorisation and consents.

        Returns:
            The address that the person's browser comes back to.

        Raises:
            InvalidInputError: Zoho would show an error instead.
        """
        reply = self.handle(Request("fake", "GET", url))
        if "location" not in reply.headers:
            raise InvalidInputError("Zoho refuses to ask the person", field="url")
        return reply.headers["location"]

    def revoke_access_tokens(self) -> None:
        """Let all access tokens end at once; the refresh token stays."""
        with self._lock:
            self._tokens.revoke_access()
