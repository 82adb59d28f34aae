"""JSON read off a file value by value, so that the whole is never held.

Floor 3.
One value at a time is in memory, and no value may be longer than a bound.
Whatever is wrong with a file is a `MalformedReplyError` that shows nothing of
what the file holds.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from crmbridge.errors import MalformedReplyError

__all__ = ["JsonStream"]

_SERVICE: Final = "salesmanago"
_CHUNK_BYTES: Final = 64 * 1024
_SPACE: Final = re.compile(r"[ \t\n\r]*")


def _no_number(_: str) -> float:
    raise ValueError  # NaN and Infinity are no JSON


_DECODE: Final = json.JSONDecoder(parse_constant=_no_number).raw_decode


class JsonStream:
    """A place in a file of JSON that moves on as values are read.

    Args:
        file: open for reading; it is read from its start.
        bound: how many characters one value may have.
        what: names the file, for the errors.

    Attributes:
        consumed: how many characters of values were read until now.
    """

    def __init__(self, file: BinaryIO, bound: int, what: str) -> None:
        file.seek(0)
        self.consumed = 0
        self._file = file
        self._bound = bound
        self._what = what
        # A mark of the byte order is no part of the first value.
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._at = 0
        self._is_read = False

    def peek(self) -> str:
        """Give the next character that is no space, ``""`` at the end."""
        while True:
            self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]  # it matches nothing, too
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read_more():
                return ""

    def take(self, signs: str) -> str:
        """Step over one of some characters, and give it.

        Raises:
            MalformedReplyError: another one stands there.
        """
        sign = self.peek()
        if not sign or sign not in signs:
            raise self.broken("it ends too early" if not sign else "it is no JSON")
        self._at += 1
        return sign

    def value(self) -> Any:
        """Read the value that stands here, whole.

        Raises:
            MalformedReplyError: there is none, or it is too long or too deep.
        """
        self.peek()
        while True:
            try:
                found, end = _DECODE(self._text, self._at)
            except RecursionError:
                raise self.broken("it is nested too deeply") from None
            except ValueError:
                if self._read_more():
                    continue
                raise self.broken("it ends too early, or is no JSON") from None
            # A number may go on behind what was read.
            if end < len(self._text) or not self._read_more():
                break
        self._check_length(end - self._at)
        self.consumed += end - self._at
        self._at = end
        return found

    def elements(self) -> Iterator[Any]:
        """Read the array that stands here, one element after the other."""
        self.take("[")
        if self.peek() == "]":
            self.take("]")
            return
        while True:
            yield self.value()
            if self.take(",]") == "]":
                return

    def names(self) -> Iterator[str]:
        """Read the object that stands here; whoever gets a name reads its value."""
        self.take("{")
        if self.peek() == "}":
            self.take("}")
            return
        while True:
            if self.peek() != '"':
                raise self.broken("it is no JSON")
            name: str = self.value()
            self.take(":")
            yield name
            if self.take(",}") == "}":
                return

    def skip(self) -> None:
        """Step over the value that stands here; an array may have any length."""
        if self.peek() == "[":
            for _ in self.elements():
                pass
        else:
            self.value()

    def end(self) -> None:
        """Make sure that nothing follows.

        Raises:
            MalformedReplyError: something does.
        """
        if self.peek():
            raise self.broken("something follows behind its end")

    def broken(self, problem: str) -> MalformedReplyError:
        """Give the error of a file that is not what it should be."""
        return MalformedReplyError(
            f"{self._what}: the file cannot be read: {problem}", service=_SERVICE
        )

    def _check_length(self, characters: int) -> None:
        if characters > self._bound:
            raise self.broken(
                "a value is longer than ExportBounds.element_characters "
                f"({self._bound})"
            )

    def _read_more(self) -> bool:
        """Put more of the file behind what is not read yet; false at its end."""
        if self._is_read:
            return False
        pending = self._text[self._at :]
        self._check_length(len(pending))
        # Twice as much each time, for the value that stands here is tried again.
        part = self._file.read(max(_CHUNK_BYTES, len(pending)))
        self._is_read = not part
        try:
            self._text = pending + self._decoder.decode(part, final=not part)
        except UnicodeDecodeError:
            raise self.broken("it is not in UTF-8") from None
        self._at = 0
        return True
