"""The records of SALESmanago as they come over the wire, typed.

Floor 1: values and their readers.

The rule of this module: a key that the payload lacks reads as
`crmbridge.contact.NOT_OBSERVED`, a null reads as ``None``, and keys that we do
not know are kept.
An answer of the wrong shape raises an error that names the field and never
shows its value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from operator import contains, itemgetter
from typing import Any, Final, NoReturn, TypeAlias, cast

from attrs import field, frozen

from crmbridge.contact import NOT_OBSERVED, NotObserved
from crmbridge.errors import MalformedReplyError

__all__ = [
    "ConsentChange",
    "SalesmanagoAddress",
    "SalesmanagoContact",
    "read_contact",
]

Text: TypeAlias = str | NotObserved | None
Flag: TypeAlias = bool | NotObserved | None
Milliseconds: TypeAlias = int | NotObserved | None
Types: TypeAlias = frozenset[type[object]]
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

    street_address: Text = field(default=NOT_OBSERVED, repr=False)
    zip_code: Text = field(default=NOT_OBSERVED, repr=False)
    city: Text = field(default=NOT_OBSERVED, repr=False)
    country: Text = field(default=NOT_OBSERVED, repr=False)


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

    id: str
    raw: Mapping[str, object] = field(factory=dict[str, object], repr=False)
    address: SalesmanagoAddress | NotObserved | None = field(
        default=NOT_OBSERVED, repr=False
    )
    email: Text = field(default=NOT_OBSERVED, repr=False)
    name: Text = field(default=NOT_OBSERVED, repr=False)
    phone: Text = field(default=NOT_OBSERVED, repr=False)
    fax: Text = field(default=NOT_OBSERVED, repr=False)
    company: Text = field(default=NOT_OBSERVED, repr=False)
    external_id: Text = field(default=NOT_OBSERVED, repr=False)
    state: Text = field(default=NOT_OBSERVED, repr=False)
    opted_out: Flag = field(default=NOT_OBSERVED, repr=False)
    opted_out_phone: Flag = field(default=NOT_OBSERVED, repr=False)
    is_deleted: Flag = field(default=NOT_OBSERVED, repr=False)
    is_invalid: Flag = field(default=NOT_OBSERVED, repr=False)
    province: Text = field(default=NOT_OBSERVED, repr=False)
    birthday_year: DatePart = field(default=NOT_OBSERVED, repr=False)
    birthday_month: DatePart = field(default=NOT_OBSERVED, repr=False)
    birthday_day: DatePart = field(default=NOT_OBSERVED, repr=False)
    main_contact_owner: Text = field(default=NOT_OBSERVED, repr=False)
    modified_on: Milliseconds = field(default=NOT_OBSERVED, repr=False)
    created_on: Milliseconds = field(default=NOT_OBSERVED, repr=False)

    @property
    def extra(self) -> dict[str, object]:
        """The keys of the payload that have no attribute here."""
        return {key: self.raw[key] for key in self.raw if key not in _KNOWN}

    @property
    def modified_at(self) -> datetime | None:
        """The time of the last change (UTC), or ``None`` where it is not told."""
        return _instant(self.modified_on)

    @property
    def created_at(self) -> datetime | None:
        """The time of creation (UTC), or ``None`` where it is not told."""
        return _instant(self.created_on)


def read_contact(raw: object) -> SalesmanagoContact:
    """Read one element of ``contacts``.

    Raises:
        MalformedReplyError: it is no object, has no id, or holds a value of
            the wrong type. The message names the field.

    >>> read_contact({"id": "0b7c", "email": "ann@example.com"}).phone
    NOT_OBSERVED
    """
    if type(raw) is not dict:
        _refuse("contact")
    payload = cast("dict[str, Any]", raw)
    contact_id = payload.get("id") or payload.get("contactId")
    if type(contact_id) is not str:
        _refuse("id")
    try:
        values = _ALL_VALUES(payload)
    except KeyError:
        values = tuple([payload.get(key, NOT_OBSERVED) for key in _WIRE])
    if not all(map(contains, _ALLOWED, map(type, values))):
        _refuse(_first_wrong(values, _WIRE, _ALLOWED))
    address = payload.get("address", NOT_OBSERVED)
    if address is not None and address is not NOT_OBSERVED:
        address = _read_address(address)
    return SalesmanagoContact(contact_id, payload, address, *values)


def _read_address(raw: object) -> SalesmanagoAddress:
    if type(raw) is not dict:
        _refuse("address")
    get = cast("dict[str, Any]", raw).get
    street = get("streetAddress", NOT_OBSERVED)
    zip_code = get("zipCode", NOT_OBSERVED)
    city = get("city", NOT_OBSERVED)
    country = get("country", NOT_OBSERVED)
    if not (
        type(street) in _TEXT
        and type(zip_code) in _TEXT
        and type(city) in _TEXT
        and type(country) in _TEXT
    ):
        values = (street, zip_code, city, country)
        _refuse(_first_wrong(values, _ADDRESS_WIRE, (_TEXT,) * len(values)))
    return SalesmanagoAddress(street, zip_code, city, country)


def _refuse(name: str) -> NoReturn:
    raise MalformedReplyError(
        f"SALESmanago sent a contact whose {name} has an unexpected type",
        service="salesmanago",
    )


def _first_wrong(
    values: tuple[object, ...],
    names: tuple[str, ...],
    allowed: tuple[Types, ...],
) -> str:
    return next(
        name
        for name, value, types in zip(names, values, allowed, strict=True)
        if type(value) not in types
    )


def _instant(milliseconds: Milliseconds) -> datetime | None:
    if milliseconds is None or milliseconds is NOT_OBSERVED:
        return None
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError as error:
        raise MalformedReplyError(
            "SALESmanago sent a time outside the calendar", service="salesmanago"
        ) from error


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NONE: Final[tuple[type[object], ...]] = (type(None), NotObserved)
_TEXT: Final[Types] = frozenset({str, *_NONE})
_FLAG: Final[Types] = frozenset({bool, *_NONE})
_INSTANT: Final[Types] = frozenset({int, *_NONE})
_PART: Final[Types] = frozenset({str, int, *_NONE})

# In the order of the attributes of SalesmanagoContact.
_TABLE: Final[tuple[tuple[str, Types], ...]] = (
    ("email", _TEXT),
    ("name", _TEXT),
    ("phone", _TEXT),
    ("fax", _TEXT),
    ("company", _TEXT),
    ("externalId", _TEXT),
    ("state", _TEXT),
    ("optedOut", _FLAG),
    ("optedOutPhone", _FLAG),
    ("deleted", _FLAG),
    ("invalid", _FLAG),
    ("province", _TEXT),
    ("birthdayYear", _PART),
    ("birthdayMonth", _PART),
    ("birthdayDay", _PART),
    ("mainContactOwner", _TEXT),
    ("modifiedOn", _INSTANT),
    ("createdOn", _INSTANT),
)
_WIRE: Final = tuple(wire for wire, _ in _TABLE)
_ALLOWED: Final = tuple(types for _, types in _TABLE)
_ALL_VALUES: Final = cast(
    "Callable[[Mapping[str, Any]], tuple[Any, ...]]", itemgetter(*_WIRE)
)
_ADDRESS_WIRE: Final = ("streetAddress", "zipCode", "city", "country")
_KNOWN: Final = frozenset({"id", "contactId", "address", *_WIRE})
