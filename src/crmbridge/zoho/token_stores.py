"""Token stores: one in the memory of the process, one in a file.

Floor 6.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final, cast

from crmbridge.errors import StoreError
from crmbridge.zoho._private_files import (
    Signature,
    held_file,
    read_private,
    signature,
    write_private,
)
from crmbridge.zoho.tokens import AccessToken

__all__ = ["FileTokenStore", "MemoryTokenStore"]

_KIND: Final = "crmbridge zoho tokens, version 1"
_KEPT: Final = 100
_WRITE_SECONDS: Final = 60.0


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


class FileTokenStore:
    """Keeps access tokens in a file that all processes of a machine share.

    The file has mode 0600 from its first byte and is only ever replaced as a
    whole; beside it stand ``<file>.lock`` and one ``<file>.<key>.lock`` for
    each refresh token, which are empty.
    A file that is damaged, or that others can read, is an error at each use
    and is never written over: nothing is asked of Zoho meanwhile.
    Keep it on a local disk; a network's file system may have no locks.

    Args:
        path: the file; its folder exists, the file need not.
        lock_timeout_seconds: how long to wait for another process that makes
            a token, before that is an error. Making one takes at most as long
            as the `RetryPolicy` says, which is 5 minutes and one request.

    >>> from datetime import UTC, datetime
    >>> from tempfile import TemporaryDirectory
    >>> token = AccessToken("secret", None, datetime(2026, 1, 5, 13, tzinfo=UTC))
    >>> with TemporaryDirectory() as folder:
    ...     FileTokenStore(f"{folder}/tokens.json").save("key", token)
    ...     FileTokenStore(f"{folder}/tokens.json").load("key") == token
    True
    """

    def __init__(
        self, path: str | os.PathLike[str], *, lock_timeout_seconds: float = 600.0
    ) -> None:
        self._path = Path(path).resolve()
        self._timeout_seconds = lock_timeout_seconds
        self._threads: dict[str, threading.Lock] = {}
        self._read: tuple[Signature | None, Mapping[str, Any]] = (None, {})

    def load(self, key: str) -> AccessToken | None:
        """Give the token kept under ``key``, expired or not, or ``None``.

        Reads the file only when it has changed.

        Raises:
            StoreError: others can read the file, or it is damaged.
        """
        kept, now = self._read, signature(self._path)
        if kept[0] != now or now is None:
            kept = self._read = self._read_file()
        found = kept[1].get(key)
        return None if found is None else AccessToken.from_json(json.dumps(found))

    def save(self, key: str, token: AccessToken) -> None:
        """Keep a token under ``key`` in place of the one before.

        Of the tokens of other refresh tokens the 100 that end last are kept.

        Raises:
            StoreError: the file cannot be written, or is damaged, or is
                another one.
        """
        with self._held(f"{self._path}.lock", _WRITE_SECONDS):
            _, tokens = self._read_file()
            others = sorted(
                (item for item in tokens.items() if item[0] != key),
                key=lambda item: str(item[1].get("expires_at", "")),
            )[-_KEPT:]
            kept = {**dict(others), key: json.loads(token.to_json())}
            content = json.dumps({"kind": _KIND, "tokens": kept}, indent=1)
            write_private(self._path, content.encode())

    def lock(self, key: str) -> AbstractContextManager[object]:
        """Keep every thread and process out that wants this lock.

        Raises:
            StoreError: another process has held it for too long.
        """
        return self._held(f"{self._path}.{key[:16]}.lock", self._timeout_seconds)

    @contextmanager
    def _held(self, name: str, timeout_seconds: float) -> Generator[None]:
        deadline = time.monotonic() + timeout_seconds
        # Threads wait here, so that one of them at most asks for the file.
        thread = self._threads.setdefault(name, threading.Lock())
        if not thread.acquire(timeout=timeout_seconds):
            raise StoreError(f"another thread has held {name} for too long")
        try:
            with held_file(Path(name), deadline=deadline):
                yield
        finally:
            thread.release()

    def _read_file(self) -> tuple[Signature | None, Mapping[str, Any]]:
        try:
            content, state = read_private(self._path, StoreError)
        except FileNotFoundError:
            return None, {}
        return state, self._tokens_of(content)

    def _tokens_of(self, content: bytes) -> Mapping[str, Any]:
        if not content:
            return {}  # made by somebody who chose its mode, and not written yet
        try:
            found = cast("dict[str, Any]", json.loads(content))
            is_ours = found["kind"] == _KIND
            tokens = cast("dict[str, Any]", found["tokens"])
            is_ours = is_ours and all(isinstance(t, dict) for t in tokens.values())
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
            is_ours, tokens = False, {}
        if not is_ours:
            raise StoreError(
                f"{self._path} is damaged, or is no token store: if it is one, delete "
                "it, and a new token is made; else name another file. It was not "
                "changed, and Zoho was not asked"
            )
        return tokens
