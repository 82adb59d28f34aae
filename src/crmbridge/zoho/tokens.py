"""Access tokens, and where they are kept between requests.

Floor 1: values and one small store in memory.

Zoho makes at most 10 access tokens in 10 minutes for one refresh token, so a
token is kept and shared by everything that uses the same refresh token.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from attrs import field, frozen

from crmbridge._steps import Step

__all__ = ["AccessToken", "LoadToken", "MemoryTokenStore", "SaveToken", "TokenStore"]


@frozen
class AccessToken:
    """A token that opens the API for an hour, or the mark that there is none.

    Attributes:
        value: the token itself; it stays out of ``repr``. It is empty where
            Zoho makes no token for a while, so that nobody asks meanwhile.
        api_domain: the API's address that came with it, if any.
        expires_at: when it ends (UTC).

    >>> from datetime import UTC, datetime
    >>> token = AccessToken("secret", None, datetime(2026, 1, 5, 13, tzinfo=UTC))
    >>> "secret" in repr(token)
    False
    """

    value: str = field(repr=False)
    api_domain: str | None
    expires_at: datetime


class TokenStore(Protocol):
    """Keeps access tokens; a caller may bring one that several processes share.

    Both functions are called often and have to be quick; `AsyncZohoClient`
    calls them on the event loop.
    """

    def load(self, key: str) -> AccessToken | None:
        """Give the token kept under ``key``, expired or not, or ``None``."""
        ...

    def save(self, key: str, token: AccessToken) -> None:
        """Keep a token under ``key`` in place of the one before.

        Args:
            key: stands for one refresh token; it tells nothing of it.
            token: what to keep; it is a secret.
        """
        ...


class MemoryTokenStore:
    """Keeps access tokens as long as the process lives; safe for threads.

    Clients of one organisation in one process should share one.

    >>> MemoryTokenStore().load("key") is None
    True
    """

    def __init__(self) -> None:
        # One read or write of a dict is atomic, so no lock is needed.
        self._tokens: dict[str, AccessToken] = {}

    def load(self, key: str) -> AccessToken | None:
        """Give the token kept under ``key``, expired or not, or ``None``."""
        return self._tokens.get(key)

    def save(self, key: str, token: AccessToken) -> None:
        """Keep a token under ``key`` in place of the one before."""
        self._tokens[key] = token


@frozen
class LoadToken(Step[AccessToken | None]):
    """Ask the client's token store for a token."""

    key: str


@frozen
class SaveToken(Step[None]):
    """Give a token to the client's token store."""

    key: str
    token: AccessToken
