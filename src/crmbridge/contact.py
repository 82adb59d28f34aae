"""The contact as both sides understand it, with no word of either CRM.

Floor 1: values only.

Three things are told apart in every field: *a value*, *empty* (``None``) and
*not observed* (`NOT_OBSERVED`).
A field that a payload does not hold, or that a side cannot hold, is not
observed: it never counts as cleared, and it is never written.
``NOT_OBSERVED`` is false in a condition, so ``if contact.phone:`` asks whether
there is a phone number, whatever the reason that there is none.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable, Mapping
from datetime import date
from enum import Enum
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias, cast

from attrs import field, fields, frozen

from crmbridge.errors import InvalidInputError

__all__ = [
    "ADDRESS_FIELDS",
    "FIELDS",
    "NOT_OBSERVED",
    "Address",
    "Birthday",
    "Consent",
    "Contact",
    "ContactState",
    "FieldValue",
    "Loss",
    "LossReason",
    "NotObserved",
]


class NotObserved(Enum):
    """The type of `NOT_OBSERVED`: nothing is known of the field.

    >>> from crmbridge import NOT_OBSERVED, Contact
    >>> Contact(email="ann@example.com").phone is NOT_OBSERVED
    True
    >>> bool(NOT_OBSERVED)
    False
    """

    NOT_OBSERVED = "not observed"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "NOT_OBSERVED"


NOT_OBSERVED: Final = NotObserved.NOT_OBSERVED
"""Nothing is known of the field: it is neither compared nor written."""

Text: TypeAlias = str | NotObserved | None


class ContactState(Enum):
    """Where a person stands: still to be won, or won.

    >>> Contact(state=ContactState.CLIENT).state
    <ContactState.CLIENT: 'client'>
    """

    PROSPECT = "prospect"
    CLIENT = "client"


class Consent(Enum):
    """Whether a person may be written to on one channel.

    ``UNKNOWN`` is not observed: it is never read as consent, and never
    written.

    >>> Contact(email_consent=Consent.OPTED_OUT).phone_consent
    <Consent.UNKNOWN: 'unknown'>
    """

    OPTED_IN = "opted in"
    OPTED_OUT = "opted out"
    UNKNOWN = "unknown"


_DAYS_IN_MONTH: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAYS_IN_ALL_MONTHS: Final = 28
_MONTHS: Final = 12
_MAX_YEAR: Final = date.max.year
_FEBRUARY: Final = 2
_LEAP_DAY: Final = 29


# Unslotted, as the two below: attrs then builds one in half the time, and a sweep
# builds hundreds of thousands.
@frozen(order=True, slots=False)
class Birthday:
    """A day of birth as a date on the wall, never a point in time.

    Attributes:
        month: 1 to 12.
        day: 1 to 31, as the month allows.
        year: four digits, or ``None`` where only the day is known.

    Raises:
        InvalidInputError: there is no such day.

    >>> Birthday(2, 29).year is None
    True
    >>> Birthday(10, 17, 1980).as_date()
    datetime.date(1980, 10, 17)
    """

    month: int
    day: int
    year: int | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse days that no calendar has."""
        if (
            1 <= self.month <= _MONTHS
            and 1 <= self.day <= _DAYS_IN_ALL_MONTHS
            and (self.year is None or 1 <= self.year <= _MAX_YEAR)
        ):
            return  # nearly all days; a sweep makes hundreds of thousands
        exists = (
            1 <= self.month <= _MONTHS
            and 1 <= self.day <= _DAYS_IN_MONTH[self.month - 1]
            and (self.year is None or 1 <= self.year <= _MAX_YEAR)
        )
        if exists and (self.month, self.day) == (_FEBRUARY, _LEAP_DAY):
            exists = self.year is None or isleap(self.year)
        if not exists:
            raise InvalidInputError(
                "a birthday must be a day of the calendar", field="birthday"
            )

    def as_date(self) -> date | None:
        """Give the date, or ``None`` when the year is not known."""
        return None if self.year is None else date(self.year, self.month, self.day)


@frozen(slots=False)
class Address:
    """A postal address; merged as one unit, so that no two are mixed.

    Attributes:
        street: street and number, possibly in several lines.
        postal_code: the code as written locally.
        city: the town.
        region: the state, province or voivodeship.
        country: a name or an ISO 3166 code, as the side holds it.

    >>> Contact(address=Address(city="Bielsko", country="PL"))
    Contact(street, postal_code, city, region, country)
    """

    street: Text = None
    postal_code: Text = None
    city: Text = None
    region: Text = None
    country: Text = None


FieldValue: TypeAlias = str | Birthday | ContactState | Consent | None
"""What one field may hold once it is observed."""


@frozen(slots=False)
class Contact:
    """A person, as one side shows it or should show it.

    Every field left out is `NOT_OBSERVED`.
    ``repr`` shows which fields are observed and none of their values.

    Attributes:
        email: the address; a matching key once, afterwards a field like others.
        name: the full name.
        phone: a telephone number, as the side holds it.
        fax: a fax number.
        company: the name of the company.
        address: the postal address.
        birthday: the day of birth.
        state: prospect or client.
        owner_email: the e-mail of the user who looks after the person.
        email_consent: whether e-mails may be sent.
        phone_consent: whether calls and texts may be made.

    >>> contact = Contact(email="ann@example.com", phone=None)
    >>> contact
    Contact(email, phone)
    >>> contact.name
    NOT_OBSERVED
    """

    email: Text = field(default=NOT_OBSERVED, kw_only=True)
    name: Text = field(default=NOT_OBSERVED, kw_only=True)
    phone: Text = field(default=NOT_OBSERVED, kw_only=True)
    fax: Text = field(default=NOT_OBSERVED, kw_only=True)
    company: Text = field(default=NOT_OBSERVED, kw_only=True)
    address: Address | NotObserved = field(default=NOT_OBSERVED, kw_only=True)
    birthday: Birthday | NotObserved | None = field(default=NOT_OBSERVED, kw_only=True)
    state: ContactState | NotObserved = field(default=NOT_OBSERVED, kw_only=True)
    owner_email: Text = field(default=NOT_OBSERVED, kw_only=True)
    email_consent: Consent = field(default=Consent.UNKNOWN, kw_only=True)
    phone_consent: Consent = field(default=Consent.UNKNOWN, kw_only=True)

    def __repr__(self) -> str:
        return f"Contact({', '.join(self.observed())})"

    def observed(self) -> dict[str, FieldValue]:
        """Give the observed fields by name, the address part by part.

        >>> Contact(email="a@example.com", address=Address(city="Bielsko")).observed()[
        ...     "city"
        ... ]
        'Bielsko'
        """
        flat: dict[str, FieldValue] = {
            name: value
            for name, value in zip(_WHOLE_FIELDS, _whole_values(self), strict=True)
            if value is not NOT_OBSERVED and value is not _UNKNOWN
        }
        if self.address is not NOT_OBSERVED:
            parts = _address_values(self.address)
            flat |= {
                name: value
                for name, value in zip(ADDRESS_FIELDS, parts, strict=True)
                if value is not NOT_OBSERVED
            }
        return flat

    @classmethod
    def of(cls, values: Mapping[str, FieldValue]) -> Contact:
        """Build a contact from fields by name, the inverse of `observed`.

        Raises:
            InvalidInputError: a name is none of `FIELDS`.

        >>> Contact.of({"city": "Bielsko"}).observed()
        {'city': 'Bielsko'}
        """
        whole: dict[str, Any] = {}
        parts: dict[str, Any] = {}
        for name, value in values.items():
            if name in _WHOLE_SET:
                whole[name] = value
            elif name in ADDRESS_FIELDS:
                parts[name] = value
            else:
                raise InvalidInputError(
                    f"{name!r} is not a field of a contact; see contact.FIELDS",
                    field=name,
                )
        if parts:
            whole["address"] = Address(**{**_NO_ADDRESS, **parts})
        return cls(**whole)


class LossReason(Enum):
    """Why a side cannot hold a value."""

    TOO_LONG = "too long"
    NOT_IN_LIST = "not in the list of allowed values"
    BAD_FORM = "not in a form the service takes"
    NO_YEAR = "a birthday without its year"
    REQUIRED = "the service does not let it be empty"
    NO_SUCH_USER = "no active user with this e-mail"
    NO_SUCH_FIELD = "no field there to hold it"
    NOT_WRITABLE = "the field cannot be written"
    NOT_CLEARED = "the service has no proven way to empty it"


@frozen
class Loss:
    """A value that a side cannot hold, so it was not written at all.

    Attributes:
        field: one of `FIELDS`.
        reason: why not.
        limit: the bound that was passed, such as a length, or ``None``.

    >>> loss = Loss("name", LossReason.TOO_LONG, limit=80)
    >>> f"{loss.field} is {loss.reason.value}"
    'name is too long'
    """

    field: str
    reason: LossReason
    limit: int | None = None


ADDRESS_FIELDS: Final = tuple(attribute.name for attribute in fields(Address))
"""The parts of an address, in order."""

_WHOLE_FIELDS: Final = tuple(
    attribute.name for attribute in fields(Contact) if attribute.name != "address"
)
_whole_values: Final = cast(
    "Callable[[Contact], tuple[Any, ...]]", attrgetter(*_WHOLE_FIELDS)
)
_address_values: Final = cast(
    "Callable[[Address], tuple[Any, ...]]", attrgetter(*ADDRESS_FIELDS)
)
_UNKNOWN: Final = Consent.UNKNOWN  # looking up a member of an enum takes a while
_WHOLE_SET: Final = frozenset(_WHOLE_FIELDS)
_NO_ADDRESS: Final = MappingProxyType(dict.fromkeys(ADDRESS_FIELDS, NOT_OBSERVED))

FIELDS: Final = (*_WHOLE_FIELDS, *ADDRESS_FIELDS)
"""The names of all fields that are compared and merged, address part by part."""
