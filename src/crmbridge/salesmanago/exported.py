"""What exports of SALESmanago hold, typed.

Floor 1: values and their readers.

As in `crmbridge.salesmanago.records`, a key that is missing reads as
`crmbridge.contact.NOT_OBSERVED`, a null as ``None``, and keys that we do not
know are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias, TypeVar, cast

from attrs import AttrsInstance, field, frozen

from crmbridge._wire import WHOLE, from_key, known_keys, wire, wire_converter
from crmbridge.contact import NotObserved
from crmbridge.errors import MalformedReplyError
from crmbridge.salesmanago.export_jobs import ExportPart
from crmbridge.salesmanago.records import (
    Flag,
    Milliseconds,
    SalesmanagoContact,
    Text,
    read_contact,
)
from crmbridge.salesmanago.tags import ContactTag, tags_in

__all__ = [
    "ExportedConsent",
    "ExportedContact",
    "ExportedData",
    "ExportedDetail",
    "read_exported_contact",
    "read_exported_data",
]

Row: TypeAlias = Mapping[str, object]
Scalar: TypeAlias = str | int | float | bool | NotObserved | None
Wire = TypeVar("Wire", bound=AttrsInstance)


@frozen(slots=False)
class ExportedContact:
    """A contact as the export of all contacts shows it, in few words.

    Attributes:
        id: its id, ``None`` where the entry has none.
        raw: the whole entry as it was received.
        email: ``email``.
        name: ``name``, the full name.
        country: ``country``.
        phone: ``phone``.
        exists: ``exists``.
        success: ``success``. Unverified: what it and ``exists`` say when they
            are false; such entries are given like all others.

    Source: the reading of such files in public client code.
    """

    id: str | None = field(default=None, metadata=from_key("id", "contactId"))
    raw: Row = field(factory=dict[str, object], repr=False, metadata=WHOLE)
    email: Text = wire("email")
    name: Text = wire("name")
    country: Text = wire("country")
    phone: Text = wire("phone")
    exists: Flag = wire("exists")
    success: Flag = wire("success")

    @property
    def extra(self) -> dict[str, object]:
        """The keys of the entry that have no attribute here."""
        return {key: self.raw[key] for key in self.raw if key not in _KNOWN}


@frozen(slots=False)
class ExportedDetail:
    """A dictionary detail of an exported contact: a number or a date.

    Unverified: the keys, which are those of writing.

    Attributes:
        name: ``name``.
        raw: the whole row as it was received.
        type: ``type``, ``"NUMBER"`` or ``"DATE"``.
        value: ``value``; a date in milliseconds since 1970 in UTC.
    """

    name: Text = wire("name")
    raw: Row = field(factory=dict[str, object], repr=False, metadata=WHOLE)
    type: Text = wire("type")
    value: Scalar = wire("value")


@frozen(slots=False)
class ExportedConsent:
    """A consent of an exported contact.

    Unverified: the keys, which are those of writing; ``raw`` has what came.

    Attributes:
        name: ``consentName``.
        raw: the whole row as it was received.
        is_accepted: ``consentAccept``.
        is_withdrawn: ``optOut``.
        agreed_on: ``agreementDate``, milliseconds since 1970 in UTC.
        description_id: ``consentDescriptionId``.
    """

    name: Text = wire("consentName")
    raw: Row = field(factory=dict[str, object], repr=False, metadata=WHOLE)
    is_accepted: Flag = wire("consentAccept")
    is_withdrawn: Flag = wire("optOut")
    agreed_on: Milliseconds = wire("agreementDate")
    description_id: Scalar = wire("consentDescriptionId")


@frozen(slots=False)
class ExportedData:
    """A contact with the parts that were asked for.

    A part is ``None`` where it is null or missing, which may also mean that it
    is empty; an empty array is an empty tuple.
    A part of another shape than expected raises `MalformedReplyError` when it is
    looked at, and does not keep the others from being read.

    Source: ``contactData``, ``tagData`` and ``contactPropertiesData`` in public
    client code.
    Unverified: how the other parts are called; they are known by a word in
    their names, and `raw` has everything.

    Attributes:
        id: the contact's id.
        raw: all parts as they were received, by their names on the wire.

    >>> read_exported_data("0b7c", {"tagData": [{"tagName": "VIP"}]}).tags[0].name
    'VIP'
    """

    id: str
    raw: Row = field(repr=False)

    @property
    def contact(self) -> SalesmanagoContact | None:
        """The card, with what the export shows of it."""
        part = self.part(ExportPart.CONTACT)
        if part is None:
            return None
        if not isinstance(part, dict):
            raise _misshapen(ExportPart.CONTACT)
        return read_contact({**cast("dict[str, object]", part), "id": self.id})

    @property
    def tags(self) -> tuple[ContactTag, ...] | None:
        """The tags."""
        found = tags_in({"contactTags": self.part(ExportPart.TAGS)})
        return None if isinstance(found, NotObserved) else found

    @property
    def properties(self) -> Mapping[str, Scalar] | None:
        """The standard details by name."""
        rows = self._typed(ExportPart.PROPERTIES, _read_detail, ExportedDetail)
        if rows is None:
            return None
        return {row.name: row.value for row in rows if isinstance(row.name, str)}

    @property
    def dictionary_properties(self) -> tuple[ExportedDetail, ...] | None:
        """The dictionary details."""
        kind = ExportPart.DICTIONARY_PROPERTIES
        return self._typed(kind, _read_detail, ExportedDetail)

    @property
    def consents(self) -> tuple[ExportedConsent, ...] | None:
        """The consents."""
        return self._typed(ExportPart.CONSENTS, _read_consent, ExportedConsent)

    @property
    def extra(self) -> dict[str, object]:
        """The parts that have names in which nothing is known again."""
        return {key: self.raw[key] for key in self.raw if _part_of(key) is None}

    def part(self, kind: ExportPart) -> object:
        """Give a part as it was received, ``None`` where it is null or missing."""
        found = (self.raw[key] for key in self.raw if _part_of(key) is kind)
        return next((part for part in found if part is not None), None)

    def rows(self, kind: ExportPart) -> tuple[Row, ...] | None:
        """Give the rows of a part, such as notes, as they were received.

        Raises:
            MalformedReplyError: the part is no array of objects.
        """
        part = self.part(kind)
        if part is None:
            return None
        if not isinstance(part, list):
            raise _misshapen(kind)
        rows = cast("list[object]", part)
        if not all(isinstance(row, dict) for row in rows):
            raise _misshapen(kind)
        return tuple(cast("list[Row]", rows))

    def _typed(
        self, kind: ExportPart, read: Callable[..., Any], wire_class: type[Wire]
    ) -> tuple[Wire, ...] | None:
        rows = self.rows(kind)
        return None if rows is None else tuple([read(row, wire_class) for row in rows])


def read_exported_contact(raw: object) -> ExportedContact:
    """Read one entry of the export of all contacts.

    Raises:
        MalformedReplyError: it is no object, has neither id nor e-mail, or
            holds a value of the wrong type. The message names the field.
    """
    contact: ExportedContact = _read_contact(raw, ExportedContact)
    if not contact.id and not isinstance(contact.email, str):
        raise MalformedReplyError(
            "SALESmanago exported a contact with neither id nor email",
            service="salesmanago",
        )
    return contact


def read_exported_data(contact_id: str, raw: object) -> ExportedData:
    """Read one contact of an export of data.

    Raises:
        MalformedReplyError: its parts are no object.
    """
    parts: object = {} if raw is None else raw
    if not isinstance(parts, dict):
        raise MalformedReplyError(
            "SALESmanago exported a contact whose parts are no object",
            service="salesmanago",
        )
    return ExportedData(contact_id, cast("dict[str, object]", parts))


def _misshapen(kind: ExportPart) -> MalformedReplyError:
    return MalformedReplyError(
        f"SALESmanago exported {kind.value} in a form that is not known",
        service="salesmanago",
    )


_WORDS: Final[Mapping[str, ExportPart]] = {
    "dictionar": ExportPart.DICTIONARY_PROPERTIES,  # first, for both are properties
    "propert": ExportPart.PROPERTIES,
    "consent": ExportPart.CONSENTS,
    "event": ExportPart.EVENTS,
    "visit": ExportPart.VISITS,
    "email": ExportPart.EMAILS,
    "funnel": ExportPart.FUNNELS,
    "note": ExportPart.NOTES,
    "task": ExportPart.TASKS,
    "coupon": ExportPart.COUPONS,
    "sms": ExportPart.SMS,
    "tag": ExportPart.TAGS,
}


@lru_cache(maxsize=256)
def _part_of(key: str) -> ExportPart | None:
    """Tell which part a key of the wire names."""
    name = key.lower()
    if name in {"contact", "contactdata"}:
        return ExportPart.CONTACT
    return next((part for word, part in _WORDS.items() if word in name), None)


_KNOWN: Final = known_keys(ExportedContact)
_CONVERTER: Final = wire_converter(
    "SALESmanago",
    {
        ExportedContact: "an exported contact",
        ExportedDetail: "an exported detail",
        ExportedConsent: "an exported consent",
    },
)
_read_contact: Final = _CONVERTER.get_structure_hook(ExportedContact)
_read_detail: Final = _CONVERTER.get_structure_hook(ExportedDetail)
_read_consent: Final = _CONVERTER.get_structure_hook(ExportedConsent)
