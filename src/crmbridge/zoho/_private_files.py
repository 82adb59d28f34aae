"""Files that nobody but their owner can read, and locks between processes.

Floor 6.
A file is private from its first byte: it is made with mode 0600 under another
name, written, flushed to the disk, and then put in the place of the old one, so
that a reader sees the old or the new content and never a part.

Unverified: on Windows, where modes of files say nothing, who can read a file is
what its folder says, and locks are those of ``msvcrt``; no test runs there.
"""

from __future__ import annotations

import os
import stat
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from crmbridge.errors import CrmbridgeError, StoreError

__all__ = ["held_file", "read_private", "signature", "write_private"]

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_IS_WINDOWS: Final = sys.platform == "win32"
_FIRST_WAIT_SECONDS: Final = 0.005
_LONGEST_WAIT_SECONDS: Final = 0.1

Signature = tuple[int, ...]
"""What changes whenever a file is replaced, rewritten or opened to others."""


def signature(path: Path) -> Signature | None:
    """Tell one state of a file from another; ``None`` where there is none."""
    try:
        return _signature(path.stat())
    except OSError:
        return None


def read_private(path: Path, error: type[CrmbridgeError]) -> tuple[bytes, Signature]:
    """Read a file that only its owner can read.

    Args:
        path: which file.
        error: what is raised where others can read it, or nobody can.

    Raises:
        FileNotFoundError: there is no such file.
    """
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            if not _IS_WINDOWS and found.st_mode & _OTHERS:
                raise error(
                    f"other users of this machine can read or change {path}, which "
                    f"holds secrets: run `chmod 600 {path}`, and if somebody may "
                    "have read it, revoke the refresh token and make a new one"
                )
            return file.read(), _signature(found)
    except FileNotFoundError:
        raise
    except OSError as failure:
        raise error(f"{path} cannot be read ({_reason(failure)})") from failure


def write_private(path: Path, content: bytes) -> None:
    """Put a file that only its owner can read in the place of the one before.

    Raises:
        StoreError: it cannot be written; the one before is whole.
    """
    try:
        descriptor, name = tempfile.mkstemp(
            prefix=f".{path.name}.", suffix=".new", dir=path.parent
        )
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)  # noqa: PTH105 - a name, not yet a path
        except BaseException:
            with suppress(OSError):
                os.unlink(name)  # noqa: PTH108 - as above
            raise
        _flush_folder(path.parent)
    except OSError as failure:
        raise StoreError(
            f"{path} cannot be written ({_reason(failure)}): give it a folder that "
            "exists, that is yours, and that has room"
        ) from failure


@contextmanager
def held_file(path: Path, *, deadline: float) -> Generator[None]:
    """Hold a lock that all processes of this machine respect.

    The file stays when the lock is given back; the lock ends with its holder,
    however that ends.

    Args:
        path: a file beside what is guarded; it is made where there is none.
        deadline: until when to try, on the clock of ``time.monotonic``.

    Raises:
        StoreError: another process still holds it, or it cannot be made.
    """
    wait = _FIRST_WAIT_SECONDS
    while (descriptor := _taken(path)) is None:
        if time.monotonic() >= deadline:
            raise StoreError(
                f"another process has held {path} for too long: see whether it hangs "
                "while it asks Zoho for a token, and end it"
            )
        time.sleep(wait)
        wait = min(2 * wait, _LONGEST_WAIT_SECONDS)
    try:
        yield
    finally:
        _release(descriptor)
        os.close(descriptor)


def _taken(path: Path) -> int | None:
    """Try to take a lock; give the open file that holds it, or ``None``."""
    try:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(path, flags, 0o600)
    except OSError as failure:
        raise StoreError(
            f"{path} cannot be made ({_reason(failure)}): give it a folder that "
            "exists and that is yours"
        ) from failure
    if _is_locked(descriptor):
        return descriptor
    os.close(descriptor)
    return None


if sys.platform == "win32":
    import msvcrt

    def _is_locked(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _release(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

    def _flush_folder(folder: Path) -> None:
        """Do nothing: Windows opens no folder as a file."""

else:
    import fcntl

    def _is_locked(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as failure:
            os.close(descriptor)
            raise StoreError(
                f"this file system has no locks ({_reason(failure)}): keep the file "
                "on a local disk"
            ) from failure
        return True

    def _release(descriptor: int) -> None:
        # Closing alone would leave it to a child that was forked meanwhile.
        fcntl.flock(descriptor, fcntl.LOCK_UN)

    def _flush_folder(folder: Path) -> None:
        """Let the new name of a file survive a loss of power."""
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _signature(found: os.stat_result) -> Signature:
    return (
        found.st_dev,
        found.st_ino,
        found.st_size,
        found.st_mtime_ns,
        found.st_ctime_ns,
    )


def _reason(failure: OSError) -> str:
    return failure.strerror or type(failure).__name__
