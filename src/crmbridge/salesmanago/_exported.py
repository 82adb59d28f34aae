"""The files of exports, read contact by contact.

Floor 3.
A file is read in parts: some contacts, or one that is large.

Source: public client code: the export of all contacts is an object that holds
the array ``contacts``; an export of data is an array of objects, in each of
which a contact's parts stand behind its id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Final, TypeVar, cast

from crmbridge.salesmanago._json_stream import JsonStream
from crmbridge.salesmanago.export_jobs import ExportBounds
from crmbridge.salesmanago.exported import (
    ExportedContact,
    ExportedData,
    read_exported_contact,
    read_exported_data,
)

__all__ = ["contacts_in", "data_in"]

T = TypeVar("T")

_CONTACTS: Final = "contacts"
_PART_ENTRIES: Final = 500
_PART_CHARACTERS: Final = 256 * 1024


def contacts_in(
    file: BinaryIO, bounds: ExportBounds, what: str
) -> Iterator[tuple[ExportedContact, ...]]:
    """Give the entries of an export of all contacts, in parts.

    Raises:
        MalformedReplyError: the file is not such an export, or not whole.
    """
    stream = JsonStream(file, bounds.element_characters, what)
    return _parts(stream, map(read_exported_contact, _contacts(stream)))


def data_in(
    file: BinaryIO, bounds: ExportBounds, what: str
) -> Iterator[tuple[ExportedData, ...]]:
    """Give the contacts of an export of data, in parts.

    Raises:
        MalformedReplyError: the file is not such an export, or not whole.
    """
    stream = JsonStream(file, bounds.element_characters, what)
    return _parts(stream, _data(stream))


def _contacts(stream: JsonStream) -> Iterator[Any]:
    is_found = False
    for key in stream.names():
        if key != _CONTACTS:
            stream.skip()
        elif is_found:
            raise stream.broken(f"it holds {_CONTACTS} twice")
        else:
            is_found = True
            if stream.peek() != "n":
                yield from stream.elements()
            elif stream.value() is not None:
                raise stream.broken("it is no JSON")
    stream.end()
    if not is_found:
        raise stream.broken(f"it holds no {_CONTACTS}")


def _data(stream: JsonStream) -> Iterator[ExportedData]:
    for element in stream.elements():
        if not isinstance(element, dict):
            raise stream.broken("an element is no object")
        for contact_id, parts in cast("dict[str, object]", element).items():
            if not contact_id:
                raise stream.broken("a contact has no id")
            yield read_exported_data(contact_id, parts)
    stream.end()


def _parts(stream: JsonStream, entries: Iterable[T]) -> Iterator[tuple[T, ...]]:
    """Put entries together as long as they are few and small."""
    part: list[T] = []
    begun = stream.consumed
    for entry in entries:
        part.append(entry)
        read = stream.consumed - begun
        if len(part) >= _PART_ENTRIES or read >= _PART_CHARACTERS:
            yield tuple(part)
            part.clear()
            begun = stream.consumed
    if part:
        yield tuple(part)
