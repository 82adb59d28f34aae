"""What a bridge remembers between runs, and how it is kept in rows.

Floor 3: pure.

A link holds one *base* per side: for each field a keyed digest of what that
side last showed or acknowledged, in normal form.
A side has changed where it differs from its own base; two servers' clocks are
never compared.
Digests rather than values: the store then holds hardly any personal data.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from attrs import evolve, field, frozen

from crmbridge.contact import FIELDS
from crmbridge.errors import StoreError
from crmbridge.reconcile.digests import DIGEST_BYTES, Base
from crmbridge.reconcile.ports import Row
from crmbridge.reconcile.records import (
    SALESMANAGO,
    Position,
    Ref,
    Seen,
    SideName,
)

__all__ = [
    "Ambiguity",
    "FeedState",
    "InboxEntry",
    "Link",
    "Suppression",
]


_SAME_AS_FIRST: Final = 255
_NUMBER_OF_FIELD: Final = {name: number for number, name in enumerate(FIELDS)}


@frozen
class Link:
    """Two records that are one person.

    Attributes:
        salesmanago: the record there.
        zoho: the record there.
        person: the mark of the person's address, see `Digester.person`.
        bases: what each side last showed or acknowledged.
        is_tombstone: one of the two was deleted; nothing is written any more
            and nothing is made anew.
        is_followed: the Zoho record is the contact that the linked lead was
            turned into, and has not been compared since. What Zoho did not
            carry over must not pass for cleared.
    """

    salesmanago: Ref
    zoho: Ref
    person: str
    bases: Mapping[SideName, Base] = field(repr=False)
    is_tombstone: bool = False
    is_followed: bool = False

    @property
    def key(self) -> str:
        """The link's key; it stays when the Zoho record changes its module."""
        return self.salesmanago.id

    def ref(self, side: SideName) -> Ref:
        """Give the record of one side."""
        return self.salesmanago if side == SALESMANAGO else self.zoho

    def row(self) -> Row:
        """Give the form in which it is kept."""
        first, second = self.bases["salesmanago"], self.bases["zoho"]
        flags = self.is_tombstone | self.is_followed << 1
        data = bytes([1, flags]) + _pack(first)
        data += bytes([_SAME_AS_FIRST]) if first == second else _pack(second)
        indexes = {
            "salesmanago": self.salesmanago.text(),
            "zoho": self.zoho.text(),
            "person": self.person,
        }
        return Row("link", self.key, data, indexes)

    @classmethod
    def parse(cls, row: Row) -> Link:
        """Read what `row` gave.

        Raises:
            StoreError: a newer version of this library wrote it.
        """
        data = row.data
        if data[0] != 1:
            raise StoreError(
                f"link rows of version {data[0]} are unknown; use the version of "
                "crmbridge that wrote them, or a newer one"
            )
        first, end = _unpack(data, 2)
        second = first if data[end] == _SAME_AS_FIRST else _unpack(data, end)[0]
        return cls(
            Ref.parse(row.indexes["salesmanago"]),
            Ref.parse(row.indexes["zoho"]),
            row.indexes["person"],
            {"salesmanago": first, "zoho": second},
            bool(data[1] & 1),
            bool(data[1] & 2),
        )


def _pack(base: Base) -> bytes:
    parts = [bytes([len(base)])]
    parts += [bytes([_NUMBER_OF_FIELD[name]]) + base[name] for name in sorted(base)]
    return b"".join(parts)


def _unpack(data: bytes, start: int) -> tuple[dict[str, bytes], int]:
    base: dict[str, bytes] = {}
    at = start + 1
    for _ in range(data[start]):
        base[FIELDS[data[at]]] = data[at + 1 : at + 1 + DIGEST_BYTES]
        at += 1 + DIGEST_BYTES
    return base, at


@frozen
class InboxEntry:
    """A record that has to be looked at: the durable dirty set.

    Attributes:
        ref: which record.
        fence: the run that read it; an entry of an earlier run is read again.
        payload: its wire form, or ``None`` until it is read.
        person: the mark of its address.
        is_gone: its side says that it was deleted.
        waits: the run in which it failed; it is not tried again in that run.
    """

    ref: Ref
    fence: int = 0
    payload: Mapping[str, Any] | None = field(default=None, repr=False)
    person: str | None = None
    is_gone: bool = False
    waits: int = 0

    @property
    def is_unread(self) -> bool:
        """Whether it still has to be read from its side."""
        return self.payload is None and not self.is_gone

    def row(self) -> Row:
        """Give the form in which it is kept."""
        data = {"f": self.fence, "p": self.payload, "g": self.is_gone, "w": self.waits}
        indexes = {"person": self.person} if self.person else {}
        if self.is_unread:
            indexes["unread"] = self.ref.side
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        return Row("inbox", self.ref.text(), text.encode(), indexes)

    @classmethod
    def parse(cls, row: Row) -> InboxEntry:
        """Read what `row` gave."""
        data = json.loads(row.data)
        return cls(
            Ref.parse(row.key),
            data["f"],
            data["p"],
            row.indexes.get("person"),
            data["g"],
            data["w"],
        )

    @classmethod
    def of(cls, seen: Seen, fence: int, person: str | None) -> InboxEntry:
        """Make the entry of a record just read."""
        return cls(seen.ref, fence, seen.payload, person)

    def unread(self) -> InboxEntry:
        """Give the same entry, to be read once more."""
        return evolve(self, payload=None, is_gone=False)


@frozen
class FeedState:
    """How far a change feed has been read.

    Attributes:
        side: whose feed.
        feed: its name.
        watermark: every change before this lies in the inbox or behind it.
        until: the server's clock when the present window was begun.
        position: where the present window goes on; ``None`` between windows.
    """

    side: SideName
    feed: str
    watermark: datetime | None = None
    until: datetime | None = None
    position: Position | None = None

    @property
    def key(self) -> str:
        """The key it is kept under."""
        return f"{self.side}/{self.feed}"

    def row(self) -> Row:
        """Give the form in which it is kept."""
        data = {
            "watermark": _iso(self.watermark),
            "until": _iso(self.until),
            "position": self.position,
        }
        return Row("feed", self.key, json.dumps(data).encode())

    @classmethod
    def parse(cls, side: SideName, feed: str, row: Row) -> FeedState:
        """Read what `row` gave."""
        data = json.loads(row.data)
        return cls(
            side,
            feed,
            _instant(data["watermark"]),
            _instant(data["until"]),
            data["position"],
        )


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


@frozen
class Suppression:
    """An address that was opted out on one channel, whatever becomes of it.

    Attributes:
        person: the mark of the address.
        channel: the field's name, ``"email_consent"`` or ``"phone_consent"``.
        fence: the run that saw the opt-out.
        at: when it was seen.
        source: the side that showed it.
        released_at: when an opt-in act was seen that came after it.
        written_at: when a record was opted out because of it, last.
    """

    person: str
    channel: str
    fence: int
    at: datetime
    source: SideName
    released_at: datetime | None = None
    written_at: datetime | None = None

    @property
    def key(self) -> str:
        """The key it is kept under."""
        return self.key_of(self.person, self.channel)

    @staticmethod
    def key_of(person: str, channel: str) -> str:
        """Give the key of an address and channel."""
        return f"{person}/{channel}"

    def row(self) -> Row:
        """Give the form in which it is kept."""
        data = {
            "fence": self.fence,
            "at": _iso(self.at),
            "source": self.source,
            "released": _iso(self.released_at),
            "written": _iso(self.written_at),
        }
        return Row("suppression", self.key, json.dumps(data).encode())

    @classmethod
    def parse(cls, row: Row) -> Suppression:
        """Read what `row` gave."""
        data = json.loads(row.data)
        person, channel = row.key.split("/")
        return cls(
            person,
            channel,
            data["fence"],
            datetime.fromisoformat(data["at"]),
            data["source"],
            _instant(data["released"]),
            _instant(data.get("written")),
        )


@frozen
class Ambiguity:
    """Records of one address that cannot be paired without a person's word.

    Attributes:
        person: the mark of the address.
        refs: all of them, on both sides.
    """

    person: str
    refs: tuple[Ref, ...]

    def row(self) -> Row:
        """Give the form in which it is kept."""
        data = [ref.text() for ref in self.refs]
        return Row("ambiguity", self.person, json.dumps(data).encode())

    @classmethod
    def parse(cls, row: Row) -> Ambiguity:
        """Read what `row` gave."""
        return cls(row.key, tuple(Ref.parse(text) for text in json.loads(row.data)))
