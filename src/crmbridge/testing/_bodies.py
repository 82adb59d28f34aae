"""What the body of an HTTP request holds: JSON, a form, or a file.

Floor 9.

The media type says little: curl sends JSON as a form unless it is told
otherwise, and Zoho's own SDK names no type at all.
So a body that looks like JSON is read as JSON, whatever it is called, except
within a form of several parts.
"""

from __future__ import annotations

import email
import io
import json
import re
from collections.abc import Iterator, Mapping
from email.message import Message
from io import BufferedIOBase
from typing import Any, Final
from urllib.parse import parse_qsl

from attrs import field, frozen

from crmbridge._steps import Upload

__all__ = ["BadBodyError", "Body", "body_of", "pairs", "read_body"]

_SIZE: Final = re.compile(rb"[0-9a-fA-F]{1,15}")
_LENGTH: Final = re.compile(r"[0-9]{1,18}")
_LONGEST_LINE: Final = 65_536


class BadBodyError(Exception):
    """The request does not say how long its body is, or ends before."""


@frozen
class Body:
    """The body of a request, read; at most one of them is not ``None``."""

    json: Any = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    upload: Upload | None = field(default=None, repr=False)


def read_body(source: BufferedIOBase, headers: Mapping[str, str]) -> bytes:
    """Read the bytes of a body: of a known length, or in chunks.

    Args:
        source: what the client sends.
        headers: names in lower case.

    Raises:
        BadBodyError: the length is none, or the body ends before.
    """
    coding = headers.get("transfer-encoding", "").strip().lower()
    if coding:
        if coding != "chunked":
            raise BadBodyError
        return b"".join(_chunks(source))
    length = headers.get("content-length", "0").strip()
    if not _LENGTH.fullmatch(length):
        raise BadBodyError
    return _exactly(source, int(length))


def _chunks(source: BufferedIOBase) -> Iterator[bytes]:
    while True:
        size = source.readline(_LONGEST_LINE).partition(b";")[0].strip()
        if not _SIZE.fullmatch(size):
            raise BadBodyError
        if int(size, 16) == 0:
            break
        yield _exactly(source, int(size, 16))
        if source.readline(_LONGEST_LINE) != b"\r\n":
            raise BadBodyError
    while source.readline(_LONGEST_LINE) not in {b"\r\n", b"\n", b""}:
        pass  # trailers


def _exactly(source: BufferedIOBase, size: int) -> bytes:
    part = source.read(size)
    if len(part) != size:
        raise BadBodyError
    return part


def body_of(raw: bytes, headers: Mapping[str, str]) -> Body:
    """Tell what a body holds."""
    header = headers.get("content-type", "")
    kind = header.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return Body(upload=_upload(raw, header))
    found = _json(raw)
    if found is None and kind == "application/x-www-form-urlencoded":
        return Body(form=pairs(raw.decode("utf-8", "replace")))
    return Body(json=found)


def pairs(text: str) -> dict[str, str]:
    """Read a query or a form; of a repeated name the last value counts.

    >>> pairs("a=1%2B2&b=x+y&c=")
    {'a': '1+2', 'b': 'x y', 'c': ''}
    """
    return dict(parse_qsl(text, keep_blank_values=True))


def _json(raw: bytes) -> Any:
    """Read an object or a list; ``None`` for anything else.

    The fake then answers as the service does.
    """
    if raw.lstrip()[:1] not in {b"{", b"["}:
        return None
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _upload(raw: bytes, header: str) -> Upload | None:
    """Give the first file of a form; its bytes are not looked at."""
    boundary = _message(f"content-type: {header}".encode()).get_boundary()
    if not boundary:
        return None
    mark = b"\r\n--" + boundary.encode()
    for part in (b"\r\n" + raw).split(mark)[1:]:
        if part.startswith(b"--"):
            break
        head, _, content = part.partition(b"\r\n\r\n")
        message = _message(head.lstrip())
        file_name = message.get_filename()
        if file_name:
            name = message.get_param("name", "file", "content-disposition")
            kind = message.get_content_type()
            return Upload(io.BytesIO(content), file_name, str(name), kind)
    return None


def _message(head: bytes) -> Message:
    return email.message_from_bytes(head + b"\r\n\r\n")
