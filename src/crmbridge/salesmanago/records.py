"""The records of SALESmanago as they come over the wire, typed.

Floor 1: values and their readers.

The rule of this module: a key that the payload lacks reads as
`crmbridge.contact.NOT_OBSERVED`, a null reads as ``None``, and keys that we do
not know are kept.
An answer of the wrong shape raises an error that names the field and never
shows its value.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final, TypeAlias, cast

from attrs import field, frozen

from crmbridge._wire import WHOLE, from_key, known_keys, wire, wire_converter
from crmbridge.contact import NOT_OBSERVED, NotObserved
from crmbridge.errors import MalformedReplyError
from crmbridge.salesmanago._texts import known_state
from crmbridge.salesmanago.tags import ContactTag, tags_in

__all__ = [
    "ConsentChange",
    "SalesmanagoAddress",
    "SalesmanagoContact",
    "instant",
    "read_contact",
]

Text: TypeAlias = str | NotObserved | None
Flag: TypeAlias = bool | NotObserved | None
Milliseconds: TypeAlias = int | NotObserved | None
DatePart: TypeAlias = str | int | NotObserved | None


class ConsentChange(Enum):
    """What a write does to the permission on one channel.

    Both directions at once cannot be said.
    """

    KEEP = "keep"
    IN = "in"
    OUT = "out"


# Unslotted, both of them: attrs then builds one in half the time, and a sweep
# builds hundreds of thousands.
@frozen(slots=False)
class SalesmanagoAddress:
    """The address object inside a contact; it holds no province.

    Attributes:
        street_address: ``streetAddress``.
        zip_code: ``zipCode``.
        city: ``city``.
        country: ``country``, an ISO two-letter code in all examples seen.
    """

    street_address: Text = wire("streetAddress")
    zip_code: Text = wire("zipCode")
    city: Text = wire("city")
    country: Text = wire("country")


@frozen(slots=False)
class SalesmanagoContact:
    """A contact card as SALESmanago shows it.

    ``repr`` shows the id and no personal data.

    Attributes:
        id: ``id`` (in lists) or ``contactId`` (in basic data), a UUID that
            stays when the e-mail changes.
        raw: the whole payload as it was received.
        address: ``address``; null when nothing is stored.
        email: ``email``.
        name: ``name``, the full name.
        phone: ``phone``.
        fax: ``fax``.
        company: ``company``.
        external_id: ``externalId``, a free string.
        state: ``state``; any string is kept.
        opted_out: ``optedOut``; false means that mails may be sent.
        opted_out_phone: ``optedOutPhone``; false means that texts may be sent.
        is_deleted: ``deleted``, the card is to be removed in the coming night.
        is_invalid: ``invalid``.
        province: ``province``, beside the address and only in lists.
        birthday_year: ``birthdayYear``, without leading zeros.
        birthday_month: ``birthdayMonth``, without leading zeros.
        birthday_day: ``birthdayDay``, without leading zeros.
        main_contact_owner: ``mainContactOwner``, an e-mail, only in lists.
        modified_on: ``modifiedOn``, milliseconds since 1970 in UTC.
        created_on: ``createdOn``, milliseconds since 1970 in UTC.

    Source: answers of ``contact/list`` and ``contact/basic`` seen in client
    code; the vendor publishes no reference of API v2.
    """

    id: str = field(metadata=from_key("id", "contactId"))
    raw: Mapping[str, object] = field(
        factory=dict[str, object], repr=False, metadata=WHOLE
    )
    address: SalesmanagoAddress | NotObserved | None = wire("address")
    email: Text = wire("email")
    name: Text = wire("name")
    phone: Text = wire("phone")
    fax: Text = wire("fax")
    company: Text = wire("company")
    external_id: Text = wire("externalId")
    state: Text = wire("state")
    opted_out: Flag = wire("optedOut")
    opted_out_phone: Flag = wire("optedOutPhone")
    is_deleted: Flag = wire("deleted")
    is_invalid: Flag = wire("invalid")
    province: Text = wire("province")
    birthday_year: DatePart = wire("birthdayYear")
    birthday_month: DatePart = wire("birthdayMonth")
    birthday_day: DatePart = wire("birthdayDay")
    main_contact_owner: Text = wire("mainContactOwner")
    modified_on: Milliseconds = wire("modifiedOn")
    created_on: Milliseconds = wire("createdOn")

    @property
    def extra(self) -> dict[str, object]:
        """The keys of the payload that have no attribute here."""
        return {key: self.raw[key] for key in self.raw if key not in _KNOWN}

    @property
    def known_state(self) -> Text:
        """The state as it is sent: ``CUSTOMER`` for a ``CLIENT``, others kept."""
        return known_state(self.state) if isinstance(self.state, str) else self.state

    @property
    def tags(self) -> tuple[ContactTag, ...] | NotObserved | None:
        """The tags, only in lists.

        Raises:
            MalformedReplyError: they cannot be read.
        """
        return tags_in(self.raw)

    @property
    def properties(self) -> Mapping[str, str] | NotObserved | None:
        """The details by name, only in lists; the last of a name counts.

        Raises:
            MalformedReplyError: they cannot be read.
        """
        return _properties(self.raw.get("properties", NOT_OBSERVED))

    @property
    def modified_at(self) -> datetime | None:
        """The time of the last change (UTC), or ``None`` where it is not told."""
        return instant(self.modified_on)

    @property
    def created_at(self) -> datetime | None:
        """The time of creation (UTC), or ``None`` where it is not told."""
        return instant(self.created_on)


def read_contact(raw: object) -> SalesmanagoContact:
    """Read one element of ``contacts``.

    Raises:
        MalformedReplyError: it is no object, has no id, or holds a value of
            the wrong type. The message names the field.

    >>> read_contact({"id": "0b7c", "email": "ann@example.com"}).phone
    NOT_OBSERVED
    """
    contact: SalesmanagoContact = _structure(raw, SalesmanagoContact)
    if not contact.id:
        raise MalformedReplyError(
            "SALESmanago sent a contact whose id is empty", service="salesmanago"
        )
    return contact


def instant(milliseconds: Milliseconds) -> datetime | None:
    """Give a time of the wire in UTC, ``None`` where there is none.

    Raises:
        MalformedReplyError: it lies outside the calendar.
    """
    if milliseconds is None or milliseconds is NOT_OBSERVED:
        return None
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError as error:
        raise MalformedReplyError(
            "SALESmanago sent a time outside the calendar", service="salesmanago"
        ) from error


def _properties(rows: object) -> Mapping[str, str] | NotObserved | None:
    if rows is None or rows is NOT_OBSERVED:
        return rows
    read: dict[str, str] = {}
    for row in cast("list[object]", rows) if isinstance(rows, list) else [None]:
        entry = cast("dict[str, object]", row) if isinstance(row, dict) else {}
        name, value = entry.get("name"), entry.get("value", "")
        if not isinstance(name, str):
            raise MalformedReplyError(
                "SALESmanago sent a contact whose properties has an unexpected type",
                service="salesmanago",
            )
        read[name] = "" if value is None else str(value)
    return read


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_KNOWN: Final = known_keys(SalesmanagoContact)
_structure: Final = wire_converter(
    "SALESmanago",
    {
        SalesmanagoContact: "a contact",
        SalesmanagoAddress: "a contact whose address is an object",
    },
).get_structure_hook(SalesmanagoContact)
