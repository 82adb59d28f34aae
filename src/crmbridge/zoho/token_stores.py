"""Token stores: one in the memory of the process, one in a file.

Floor 6.
"""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager

from crmbridge.zoho.tokens import AccessToken

__all__ = ["MemoryTokenStore"]


class MemoryTokenStore:
    """Keeps access tokens as long as the process lives; safe for threads.

    Clients of one organisation in one process should share one.

    >>> MemoryTokenStore().load("key") is None
    True
    """

    def __init__(self) -> None:
        # One read or write of a dict is atomic, so these need no lock.
        self._tokens: dict[str, AccessToken] = {}
        self._locks: dict[str, threading.Lock] = {}

    def load(self, key: str) -> AccessToken | None:
        """Give the token kept under ``key``, expired or not, or ``None``."""
        return self._tokens.get(key)

    def save(self, key: str, token: AccessToken) -> None:
        """Keep a token under ``key`` in place of the one before."""
        self._tokens[key] = token

    def lock(self, key: str) -> AbstractContextManager[object]:
        """Keep everybody else out who wants this lock, until the block ends."""
        return self._locks.setdefault(key, threading.Lock())
