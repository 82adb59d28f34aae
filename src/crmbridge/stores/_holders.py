"""Tells whether the process that holds a lease still lives.

Floor 7.
A process that is killed cannot give its lease back, and a worker that is
started again should not have to wait for the lease to end.
So whoever takes a lease also locks a small file, and the operating system
unlocks it when the process ends, however that happens.
The lock only ever shortens a wait: what keeps two workers apart is the fence.
"""

from __future__ import annotations

import os
from hashlib import blake2b
from typing import Final

try:
    import fcntl
except ImportError:  # Windows has none; there a dead worker's lease has to end
    fcntl = None  # type: ignore[assignment]  # the name stays, the module is missing

__all__ = ["Holders"]

_NAME_BYTES: Final = 6


class Holders:
    """The leases that were taken through one store object.

    Args:
        path: the store's file; the locked files lie beside it.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = os.fspath(path)
        self._files: dict[str, int] = {}

    def is_dead(self, bridge: str) -> bool:
        """Tell whether nobody on this machine holds the bridge's lock.

        Where that cannot be known the answer is no.
        """
        if bridge in self._files or not self._lock(bridge):
            return False
        self.drop(bridge)
        return True

    def take(self, bridge: str) -> None:
        """Show from now on that this process lives."""
        if bridge not in self._files:
            self._lock(bridge)

    def drop(self, bridge: str) -> None:
        """Show it no longer."""
        file = self._files.pop(bridge, None)
        if file is not None:
            os.close(file)

    def close(self) -> None:
        """Show it no longer for any bridge."""
        for bridge in tuple(self._files):
            self.drop(bridge)

    def _lock(self, bridge: str) -> bool:
        if fcntl is None:
            return False
        name = blake2b(bridge.encode(), digest_size=_NAME_BYTES).hexdigest()
        try:
            file = os.open(f"{self._path}-{name}.lease", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            # Without the file a dead worker's lease just has to end by itself.
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            return False
        self._files[bridge] = file
        return True
