"""The lens between a contact card of SALESmanago and a `Contact`.

Floor 2: values only.

The laws of this module, checked over generated cards and contacts:

- *GetPut*: a patch that makes a card show what it shows already is empty.
- *PutGet*: a card that got a patch shows the contact, as far as the service
  can hold it.
- *PutPut*: of two patches in a row, the last one counts.
- What the service cannot hold is a listed loss: never cut, never blanked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from attrs import field, frozen

from crmbridge.contact import (
    NOT_OBSERVED,
    Address,
    Birthday,
    Consent,
    Contact,
    ContactState,
    FieldValue,
    Loss,
    LossReason,
    NotObserved,
)
from crmbridge.mapping.forms import NormalForms, user
from crmbridge.mapping.lens import BLANK, changes, stripped
from crmbridge.mapping.limits import salesmanago_email_loss
from crmbridge.salesmanago._texts import LONGEST_TEXT
from crmbridge.salesmanago.records import (
    ConsentChange,
    SalesmanagoAddress,
    SalesmanagoContact,
)

__all__ = [
    "SALESMANAGO_STATES",
    "SalesmanagoMapper",
    "SalesmanagoPatch",
]

SALESMANAGO_STATES: Final[Mapping[str, ContactState]] = MappingProxyType(
    {
        "CUSTOMER": ContactState.CLIENT,
        "CLIENT": ContactState.CLIENT,
        "PARTNER": ContactState.CLIENT,
        "PROSPECT": ContactState.PROSPECT,
        "OTHER": ContactState.PROSPECT,
        "UNKNOWN": ContactState.PROSPECT,
    }
)
"""How the states of SALESmanago are read unless the caller says otherwise.

Source: the wire values seen in client code; ``CLIENT`` in one comment only.
"""


@frozen
class SalesmanagoPatch:
    """The smallest change that makes a card show a contact.

    Attributes:
        detail: the parts of an upsert request that differ: ``contact`` without
            its e-mail, ``birthday``, ``province``. Empty strings clear.
        email: the address that names the card: the one it has, or on a create
            the one it gets. ``None`` where there is none to be used.
        new_email: the address it shall have instead, or ``None``.
        email_consent: what happens to the permission to mail.
        phone_consent: what happens to the permission to call and text.
        new_owner: the e-mail of the user who shall look after it, or ``None``.
        losses: what the service cannot hold; it is in no other part.
        fields: the names of the contact's fields that change on the wire.
    """

    detail: Mapping[str, object] = field(factory=dict[str, object], repr=False)
    email: str | None = field(default=None, repr=False)
    new_email: str | None = field(default=None, repr=False)
    email_consent: ConsentChange = ConsentChange.KEEP
    phone_consent: ConsentChange = ConsentChange.KEEP
    new_owner: str | None = field(default=None, repr=False)
    losses: tuple[Loss, ...] = ()
    fields: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Nothing has to be written."""
        return not self.fields


@frozen
class SalesmanagoMapper:
    """Reads contact cards and writes the smallest change to them.

    Attributes:
        states: how each state is read; one that is not in it reads as a
            prospect. The state of a card is left alone while it reads as what
            is wanted, so a partner stays a partner.
        can_clear: send an empty string for a cleared field. Where false, such
            a field is a loss instead.
            Unverified: whether an empty string clears; read the card again.
        users: the users who may own cards: from the casefolded e-mail to the
            e-mail as the service spells it. ``None`` takes every owner.
        normal: how values are compared.

    >>> from crmbridge.salesmanago.records import read_contact
    >>> mapper = SalesmanagoMapper()
    >>> card = read_contact({"id": "0b7c", "phone": "+48 123", "state": "PARTNER"})
    >>> mapper.to_contact(card).state
    <ContactState.CLIENT: 'client'>
    >>> mapper.patch(Contact(phone="0048123", fax="48 5"), card).detail
    {'contact': {'fax': '48 5'}}
    """

    states: Mapping[str, ContactState] = field(default=SALESMANAGO_STATES)
    can_clear: bool = True
    users: Mapping[str, str] | None = field(default=None, repr=False)
    normal: NormalForms = field(factory=NormalForms)

    def to_contact(self, record: SalesmanagoContact) -> Contact:
        """Read a card; what it does not hold is not observed."""
        wire, state = record.address or _NO_ADDRESS, record.state
        (
            email,
            name,
            phone,
            fax,
            company,
            owner,
            street,
            zip_code,
            city,
            region,
            country,
        ) = [
            # In the order of likelihood; a call for each costs twice as much.
            text
            if text and not text.isspace()
            else (NOT_OBSERVED if text is NOT_OBSERVED else None)
            for text in (
                record.email,
                record.name,
                record.phone,
                record.fax,
                record.company,
                record.main_contact_owner,
                wire.street_address,
                wire.zip_code,
                wire.city,
                record.province,
                wire.country,
            )
        ]
        address: Address | NotObserved = NOT_OBSERVED
        if record.address is None:
            address = Address(region=region)
        elif record.address is not NOT_OBSERVED or region is not NOT_OBSERVED:
            address = Address(street, zip_code, city, region, country)
        return Contact(
            email=email,
            name=name,
            phone=phone,
            fax=fax,
            company=company,
            address=address,
            birthday=_read_birthday(record),
            state=(
                self.states.get(state.upper(), _PROSPECT) if state else NOT_OBSERVED
            ),
            owner_email=owner,
            email_consent=_read_consent(record.opted_out),
            phone_consent=_read_consent(record.opted_out_phone),
        )

    def patch(
        self, contact: Contact, record: SalesmanagoContact | None = None
    ) -> SalesmanagoPatch:
        """Give the smallest change that makes ``record`` show ``contact``.

        Args:
            contact: what is wanted; fields not observed are left alone.
            record: the card as it stands, or ``None`` to make a new one.
        """
        shown = BLANK if record is None else self.to_contact(record)
        draft = _Draft(self, present_email=shown.email or None, is_new=record is None)
        for name, wanted in changes(contact, shown, self.normal):
            _WRITERS[name](draft, name, wanted)
        if record is None and draft.email is None:
            draft.lose_once("email", LossReason.REQUIRED)
        return draft.patch()


class _Draft:
    """A patch while it is made: one method for each kind of field."""

    def __init__(
        self, mapper: SalesmanagoMapper, *, present_email: str | None, is_new: bool
    ) -> None:
        self.mapper = mapper
        self.present_email = present_email
        self.is_new = is_new
        self.card: dict[str, object] = {}
        self.address: dict[str, object] = {}
        self.top: dict[str, object] = {}
        self.email: str | None = None
        self.owner: str | None = None
        self.consents: dict[str, ConsentChange] = {}
        self.fields: list[str] = []
        self.losses: list[Loss] = []

    def patch(self) -> SalesmanagoPatch:
        if self.address:
            self.card["address"] = self.address
        return SalesmanagoPatch(
            detail={"contact": self.card, **self.top} if self.card else self.top,
            email=self.email if self.is_new else self.present_email,
            new_email=None if self.is_new else self.email,
            email_consent=self.consents.get("email_consent", ConsentChange.KEEP),
            phone_consent=self.consents.get("phone_consent", ConsentChange.KEEP),
            new_owner=self.owner,
            losses=tuple(self.losses),
            fields=frozenset(self.fields),
        )

    def lose(self, name: str, reason: LossReason, limit: int | None = None) -> None:
        self.losses.append(Loss(name, reason, limit))

    def lose_once(self, name: str, reason: LossReason) -> None:
        if all(loss.field != name for loss in self.losses):
            self.lose(name, reason)

    def write_email(self, name: str, value: FieldValue) -> None:
        text = stripped(value)
        if text is None:
            self.lose(name, LossReason.REQUIRED)
        elif loss := salesmanago_email_loss(text):
            self.losses.append(loss)
        else:
            self.email = text
            self.fields.append(name)

    def write_card(self, name: str, value: FieldValue) -> None:
        self._write_text(self.card, name, name, value)

    def write_address(self, name: str, value: FieldValue) -> None:
        self._write_text(self.address, _ADDRESS_KEYS[name], name, value)

    def write_region(self, name: str, value: FieldValue) -> None:
        self._write_text(self.top, "province", name, value)

    def _write_text(
        self, part: dict[str, object], key: str, name: str, value: FieldValue
    ) -> None:
        text = stripped(value)
        if text is not None and len(text) > LONGEST_TEXT:
            self.lose(name, LossReason.TOO_LONG, LONGEST_TEXT)
        else:
            self._write(part, key, name, text)

    def write_birthday(self, name: str, value: FieldValue) -> None:
        text = None
        if isinstance(value, Birthday):
            year = "" if value.year is None else f"{value.year:04}"
            text = f"{year}{value.month:02}{value.day:02}"
        self._write(self.top, "birthday", name, text)

    def _write(
        self, part: dict[str, object], key: str, name: str, text: str | None
    ) -> None:
        if text is None and not self.mapper.can_clear:
            self.lose(name, LossReason.NOT_CLEARED)
            return
        part[key] = text or ""
        self.fields.append(name)

    def write_state(self, name: str, value: FieldValue) -> None:
        is_client = value is ContactState.CLIENT
        self.card["state"] = "CUSTOMER" if is_client else "PROSPECT"
        self.fields.append(name)

    def write_owner(self, name: str, value: FieldValue) -> None:
        text, users = stripped(value), self.mapper.users
        if text is None:
            self.lose(name, LossReason.REQUIRED)
            return
        owner = text if users is None else users.get(user(text) or "")
        if owner is None:
            self.lose(name, LossReason.NO_SUCH_USER)
            return
        self.owner = owner
        self.fields.append(name)

    def write_consent(self, name: str, value: FieldValue) -> None:
        is_out = value is Consent.OPTED_OUT
        self.consents[name] = ConsentChange.OUT if is_out else ConsentChange.IN
        self.fields.append(name)


# Looking up a member of an enum takes longer than all the rest of its reading.
_OPTED_IN, _OPTED_OUT, _UNKNOWN = Consent
_PROSPECT: Final = ContactState.PROSPECT
_NO_ADDRESS: Final = SalesmanagoAddress()
_ADDRESS_KEYS: Final = {
    "street": "streetAddress",
    "postal_code": "zipCode",
    "city": "city",
    "country": "country",
}
_WRITERS: Final[Mapping[str, Callable[[_Draft, str, FieldValue], None]]] = {
    "email": _Draft.write_email,
    "name": _Draft.write_card,
    "phone": _Draft.write_card,
    "fax": _Draft.write_card,
    "company": _Draft.write_card,
    "birthday": _Draft.write_birthday,
    "state": _Draft.write_state,
    "owner_email": _Draft.write_owner,
    "email_consent": _Draft.write_consent,
    "phone_consent": _Draft.write_consent,
    "region": _Draft.write_region,
    **dict.fromkeys(_ADDRESS_KEYS, _Draft.write_address),
}


def _read_consent(is_out: bool | NotObserved | None) -> Consent:  # noqa: FBT001 - a wire value
    if is_out is False:
        return _OPTED_IN
    return _OPTED_OUT if is_out is True else _UNKNOWN


def _read_birthday(record: SalesmanagoContact) -> Birthday | NotObserved | None:
    month, day, year = record.birthday_month, record.birthday_day, record.birthday_year
    try:
        if month and day and year:  # nearly all
            return Birthday(int(month), int(day), int(year))
        if not month and not day and not year:
            is_known = NOT_OBSERVED not in (month, day, year)
            return None if is_known else NOT_OBSERVED
        if year is NOT_OBSERVED:
            return NOT_OBSERVED
        return Birthday(int(month or 0), int(day or 0), int(year) if year else None)
    except ValueError:  # no numbers, or no day of the calendar
        return NOT_OBSERVED
