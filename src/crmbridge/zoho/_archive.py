"""The one CSV file of a downloaded ZIP, checked before it is read.

Floor 3.
The rule of this module: nothing of a file is believed that was not checked, and
whatever is wrong with it becomes a `MalformedReplyError` that names the problem
and shows nothing of the content.
Memory stays small whatever the file says of itself.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from typing import IO, BinaryIO, Final

from crmbridge.errors import MalformedReplyError
from crmbridge.zoho._faults import ZOHO
from crmbridge.zoho.bulk_jobs import ArchiveBounds

__all__ = ["damaged", "sole_csv"]

_PART: Final = 64 * 1024
_SMALL_BYTES: Final = 16 * 1024**2
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_NOT_PLAIN: Final = 0x1 | 0x20 | 0x40 | 0x2000  # encrypted, patched, masked

_END: Final = struct.Struct("<4s4H2LH")
_END_SIGN: Final = b"PK\x05\x06"
_END_64: Final = struct.Struct("<4sQ2H2L4Q")
_END_64_SIGN: Final = b"PK\x06\x06"
_LOCATOR_BYTES: Final = 20
_LONGEST_END: Final = _END_64.size + _LOCATOR_BYTES + _END.size + 0xFFFF
_LONGEST_DIRECTORY: Final = 4 * 0xFFFF

# Not OSError, which is a matter of this machine's disk.
_DAMAGES: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    ValueError,
    OverflowError,
)


@contextmanager
def sole_csv(
    file: BinaryIO, bounds: ArchiveBounds, what: str
) -> Generator[IO[bytes], None, None]:
    """Open the one CSV file of a ZIP, whose whole content was checked.

    It is unpacked twice: once for its checksum, so that nothing of a damaged
    file is given out, and once to be read.

    Args:
        file: the ZIP, open for reading and seeking.
        bounds: what it may unpack to.
        what: names the download, for the errors.

    Raises:
        MalformedReplyError: it is no ZIP, holds anything but one plain CSV
            file, unpacks to more than the bounds, or is damaged.
    """
    try:
        size = _checked_size(file, what)
        with zipfile.ZipFile(file) as archive:
            member = _sole_member(archive, what)
            _check_unpacked(member.file_size, size, bounds, what)
            with archive.open(member) as content:
                while content.read(_PART):
                    pass
            with archive.open(member) as content:
                yield content
    except _DAMAGES as error:
        problem = f"the ZIP file is damaged ({type(error).__name__})"
        raise damaged(what, problem) from error


def damaged(what: str, problem: str) -> MalformedReplyError:
    """Make the error of a file that cannot be believed."""
    return MalformedReplyError(f"{what}: {problem}", service=ZOHO)


def _checked_size(file: BinaryIO, what: str) -> int:
    """Give the size of a ZIP whose list of contents is short.

    `zipfile` reads the whole list before anything can be asked of it, and a long
    one would itself fill the memory.
    """
    size = file.seek(0, 2)
    tail_size = min(size, _LONGEST_END)
    file.seek(size - tail_size)
    tail = file.read(tail_size)
    last = tail_size - _END.size
    place = tail.rfind(_END_SIGN, 0, last + len(_END_SIGN)) if last >= 0 else -1
    if place < 0:
        raise damaged(what, "the file is no ZIP file, or its end is missing")
    _, _, _, _, entries, length, _, _ = _END.unpack_from(tail, place)
    if place >= _LOCATOR_BYTES + _END_64.size:
        at = place - _LOCATOR_BYTES - _END_64.size
        if tail.startswith(_END_64_SIGN, at):
            entries, length = _END_64.unpack_from(tail, at)[7:9]
    if entries != 1:
        raise damaged(what, f"the ZIP file holds {entries} files instead of one")
    if length > _LONGEST_DIRECTORY:
        raise damaged(what, "the ZIP file's list of contents is too long")
    return size


def _sole_member(archive: zipfile.ZipFile, what: str) -> zipfile.ZipInfo:
    members = archive.infolist()
    if len(members) != 1:
        raise damaged(what, f"the ZIP file holds {len(members)} files instead of one")
    (member,) = members
    if not _is_plain_name(member.orig_filename):
        raise damaged(
            what, "the ZIP file holds a file whose name is not that of a CSV file"
        )
    if member.is_dir() or stat.S_ISLNK(member.external_attr >> 16):
        raise damaged(what, "the ZIP file holds a folder or a link")
    if member.flag_bits & _NOT_PLAIN:
        raise damaged(what, "the ZIP file is encrypted")
    if member.compress_type not in _METHODS:
        raise damaged(what, "the ZIP file is packed in an unusual way")
    return member


def _is_plain_name(name: str) -> bool:
    # The name is used for nothing; one that leads elsewhere shows a forged file.
    return (
        name.lower().endswith(".csv")
        and name.isprintable()
        and not name.startswith(".")
        and not any(sign in name for sign in '/\\:*?"<>|')
    )


def _check_unpacked(
    unpacked: int, packed: int, bounds: ArchiveBounds, what: str
) -> None:
    """Refuse a bomb, by the size that the file says and never unpacks beyond."""
    if unpacked > bounds.unpacked_bytes:
        raise damaged(
            what,
            f"the ZIP file unpacks to {unpacked} bytes, more than "
            f"ArchiveBounds.unpacked_bytes ({bounds.unpacked_bytes})",
        )
    if unpacked > max(_SMALL_BYTES, bounds.ratio * packed):
        raise damaged(
            what,
            f"the ZIP file unpacks to more than {bounds.ratio:g} times its size; "
            "raise ArchiveBounds.ratio if that is right",
        )
