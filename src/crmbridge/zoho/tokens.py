"""Access tokens, and what keeps them between requests.

Floor 1: values, a protocol, and the steps that use it.

Zoho makes at most 10 access tokens in 10 minutes for one refresh token, so a
token is kept and shared by everything that uses the same refresh token, and is
made under a lock that all of them respect.
"""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar, cast

from attrs import field, frozen

from crmbridge._steps import Call, Step
from crmbridge.errors import StoreError

__all__ = ["AccessToken", "LoadToken", "LockToken", "SaveToken", "TokenStore"]

T = TypeVar("T")


@frozen
class AccessToken:
    """A token that opens the API for an hour, or the mark that there is none.

    Attributes:
        value: the token itself; it stays out of ``repr``. It is empty where
            there is none yet, or where Zoho makes none for a while, so that
            nobody asks meanwhile.
        api_domain: the API's address that came with it, if any.
        expires_at: when it ends (UTC).
        asked_at: when tokens were asked for lately (UTC), oldest first, also
            where no answer came: Zoho counts them. Two tokens that differ in
            nothing else are equal.

    >>> from datetime import UTC, datetime
    >>> token = AccessToken("secret", None, datetime(2026, 1, 5, 13, tzinfo=UTC))
    >>> "secret" in repr(token)
    False
    >>> AccessToken.from_json(token.to_json()) == token
    True
    """

    value: str = field(repr=False)
    api_domain: str | None
    expires_at: datetime
    asked_at: tuple[datetime, ...] = field(default=(), eq=False)

    def to_json(self) -> str:
        """Write it down for a store; the text is a secret."""
        return json.dumps(
            {
                "value": self.value,
                "api_domain": self.api_domain,
                "expires_at": self.expires_at.isoformat(),
                "asked_at": [at.isoformat() for at in self.asked_at],
            }
        )

    @classmethod
    def from_json(cls, text: str | bytes) -> AccessToken:
        """Read what `to_json` wrote.

        Raises:
            StoreError: it is something else.
        """
        try:
            given = cast("dict[str, Any]", json.loads(text))
            return cls(
                _text(given["value"]),
                None if given["api_domain"] is None else _text(given["api_domain"]),
                _instant(given["expires_at"]),
                tuple(map(_instant, given["asked_at"])),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise StoreError(
                "what the token store holds is no access token: delete it, and a new "
                "one is made",
                service="zoho",
            ) from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _instant(value: object) -> datetime:
    at = datetime.fromisoformat(_text(value))
    if at.tzinfo is None:
        raise ValueError
    return at.astimezone(UTC)


class TokenStore(Protocol):
    """Keeps access tokens; a caller may bring one that several processes share.

    `crmbridge.testing.TokenStoreContract` tells whether one is right.

    ``load`` is called before every request, by `AsyncZohoClient` on the event
    loop, and has to be quick.
    ``lock`` and ``save`` are called once an hour; `AsyncZohoClient` waits for
    them in a thread, and not always in the same one.
    All of them raise `StoreError` where the storage fails.
    """

    def load(self, key: str) -> AccessToken | None:
        """Give the token kept under ``key``, expired or not, or ``None``."""
        ...

    def save(self, key: str, token: AccessToken) -> None:
        """Keep a token under ``key`` in place of the one before.

        Args:
            key: stands for one refresh token; it tells nothing of it.
            token: what to keep, all of it; it is a secret.
        """
        ...

    def lock(self, key: str) -> AbstractContextManager[object]:
        """Keep everybody else out who wants this lock, until the block ends.

        It holds between all users of the store, in threads and, where the
        store is shared by processes, in all of those.
        It is entered while a token is made, which can take minutes when Zoho
        does not answer; ``load`` and ``save`` are called inside.
        Whoever entered it may leave it in another thread.
        """
        ...


@frozen
class LoadToken(Step[AccessToken | None]):
    """Ask the client's token store for a token."""

    key: str


@frozen
class SaveToken(Step[None]):
    """Give a token to the client's token store."""

    key: str
    token: AccessToken


@frozen
class LockToken(Step[T]):
    """Carry a call out under the lock of the client's token store."""

    key: str
    call: Call[T]
