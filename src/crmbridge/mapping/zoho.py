"""The lens between a lead or contact of Zoho CRM and a `Contact`.

Floor 2: values only.

The laws of this module, checked over generated records and contacts:

- *GetPut*: a patch that makes a record show what it shows already is empty.
- *PutGet*: a record that got a patch shows the contact, as far as Zoho can
  hold it.
- *PutPut*: of two patches in a row, the last one counts.
- What Zoho cannot hold is a listed loss: never cut, never blanked.
- Fillers of mandatory fields are written and never read.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from attrs import Factory, evolve, field, frozen

from crmbridge.contact import (
    NOT_OBSERVED,
    Address,
    Birthday,
    Consent,
    Contact,
    ContactState,
    NotObserved,
)
from crmbridge.errors import ConfigError, InvalidInputError
from crmbridge.mapping.birthdays import read_iso_date
from crmbridge.mapping.forms import NormalForms
from crmbridge.mapping.layout import CONTACTS, LEADS, Layout, layout_of
from crmbridge.mapping.lens import BLANK, Text, changes, held_texts
from crmbridge.mapping.names import joined
from crmbridge.mapping.zoho_patch import Draft, ZohoPatch
from crmbridge.zoho.metadata import ZohoField
from crmbridge.zoho.records import UserRef, ZohoRecord

__all__ = ["FILLER", "ZohoMapper"]

FILLER: Final = "(unknown)"
"""What is written into mandatory fields that the other side has nothing for."""


@frozen
class ZohoMapper:
    """Reads leads and contacts and writes the smallest change to them.

    Attributes:
        fields: the organisation's metadata: fields by module and API name.
            The length of an account's name is taken from ``Accounts``, where
            that is given too.
        users: the ids of the users who may own records, by casefolded e-mail.
        birthday_fields: by module, a custom field that holds the birthday.
            Without one ``Contacts`` use ``Date_of_Birth``, and ``Leads`` hold
            no birthday.
        phone_opt_out_fields: by module, a custom boolean field that is true
            where a person must not be called. Without one no phone consent is
            held.
        last_name_filler: written where ``Last_Name`` is mandatory and there
            is no name. It reads back as no name.
        company_filler: the same for ``Company``.
        normal: how values are compared.

    Raises:
        ConfigError: a filler is blank or holds blanks that are not single.

    >>> from crmbridge.zoho.records import read_record
    >>> names = ("First_Name", "Last_Name", "Phone")
    >>> mapper = ZohoMapper(fields={"Leads": {name: ZohoField(name) for name in names}})
    >>> raw = {"id": "7", "First_Name": "Jan", "Last_Name": "Kos"}
    >>> lead = read_record("Leads", raw)
    >>> mapper.to_contact(lead).name
    'Jan Kos'
    >>> mapper.patch(Contact(name="Jan  Kos", phone="123"), lead).values
    {'Phone': '123'}
    """

    fields: Mapping[str, Mapping[str, ZohoField]]
    users: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    birthday_fields: Mapping[str, str] = field(factory=dict[str, str])
    phone_opt_out_fields: Mapping[str, str] = field(factory=dict[str, str])
    last_name_filler: str = FILLER
    company_filler: str = FILLER
    normal: NormalForms = field(factory=NormalForms)
    _layouts: Mapping[str, Layout] = field(
        init=False,
        repr=False,
        eq=False,
        default=Factory(lambda self: self.layouts(), takes_self=True),
    )
    _emails: Mapping[str, str] = field(
        init=False,
        repr=False,
        eq=False,
        default=Factory(
            lambda self: {id_: email for email, id_ in self.users.items()},
            takes_self=True,
        ),
    )

    def __attrs_post_init__(self) -> None:
        """Refuse fillers that could not be told from an empty field."""
        for filler in (self.last_name_filler, self.company_filler):
            if not filler or filler != " ".join(filler.split()):
                raise ConfigError("a filler must not be blank nor hold odd blanks")

    def layouts(self) -> Mapping[str, Layout]:
        """Compile the fields of both modules; done once, at birth."""
        return MappingProxyType(
            {
                module: layout_of(
                    module, self._metadata(module), self.normal, self._extra(module)
                )
                for module in (LEADS, CONTACTS)
            }
        )

    def _metadata(self, module: str) -> Mapping[str, ZohoField]:
        """Give the fields of a module, a lookup with the length of its target."""
        metadata = dict(self.fields.get(module, {}))
        if module == CONTACTS and "Account_Name" in metadata:
            account = self.fields.get("Accounts", {}).get("Account_Name")
            length = None if account is None else account.length
            metadata["Account_Name"] = evolve(metadata["Account_Name"], length=length)
        return metadata

    def _extra(self, module: str) -> dict[str, str]:
        wanted = {
            "birthday": self.birthday_fields.get(module),
            "phone_consent": self.phone_opt_out_fields.get(module),
        }
        return {name: api for name, api in wanted.items() if api is not None}

    def wire_names(self, module: str) -> tuple[str, ...]:
        """Give the fields to ask for when records of a module are read.

        What the mapper itself needs, the owner and the times; and of leads
        what they were converted into. ``id`` comes by itself.
        """
        converted = ("Converted__s", "Converted_Contact", "Converted_Account")
        return (
            *self.layout(module).api_names(),
            "Owner",
            "Created_Time",
            "Modified_Time",
            *(converted if module == LEADS else ()),
        )

    def layout(self, module: str) -> Layout:
        """Give the compiled fields of a module.

        Raises:
            InvalidInputError: people are kept in ``Leads`` and ``Contacts``
                only.
        """
        try:
            return self._layouts[module]
        except KeyError as error:
            raise InvalidInputError(
                "only records of Leads and Contacts are mapped", field="module"
            ) from error

    def to_contact(self, record: ZohoRecord) -> Contact:
        """Read a record; what it does not hold is not observed.

        Raises:
            InvalidInputError: it is of another module.
        """
        layout = self.layout(record.module)
        get = record.fields.get
        (
            email,
            phone,
            fax,
            first,
            last,
            street,
            postal_code,
            city,
            region,
            country,
            company,
        ) = held_texts(layout.pick(record.fields))
        address: Address | NotObserved = NOT_OBSERVED
        if not (street is postal_code is city is region is country is NOT_OBSERVED):
            address = Address(street, postal_code, city, region, country)
        if not layout.has_first_name:
            first = None
        return Contact(
            email=email,
            name=self._name(first, last),
            phone=phone,
            fax=fax,
            company=None if _is(self.company_filler, company) else company,
            address=address,
            birthday=_birthday(get(layout.birthday, NOT_OBSERVED)),
            state=_STATES[record.module],
            owner_email=self._owner(record.owner),
            email_consent=_consent(get(layout.email_opt_out)),
            phone_consent=_consent(get(layout.phone_opt_out)),
        )

    def patch(
        self,
        contact: Contact,
        record: ZohoRecord | None = None,
        *,
        module: str | None = None,
    ) -> ZohoPatch:
        """Give the smallest change that makes ``record`` show ``contact``.

        The state is left alone: it is the module, and a lead is made a contact
        by conversion.

        Args:
            contact: what is wanted; fields not observed are left alone.
            record: the record as it stands, or ``None`` to make a new one.
            module: where to make a new one; by default ``Contacts`` for a
                client and ``Leads`` for everybody else.

        Raises:
            InvalidInputError: the module is neither of the two.
        """
        if record is not None:
            module = record.module
        elif module is None:
            module = CONTACTS if contact.state is ContactState.CLIENT else LEADS
        shown = BLANK if record is None else self.to_contact(record)
        draft = Draft(
            layout=self.layout(module),
            users=self.users,
            last_name_filler=self.last_name_filler,
            company_filler=self.company_filler,
            normal=self.normal,
            present=None if record is None else record.fields,
        )
        for name, wanted in changes(contact, shown, self.normal):
            draft.write(name, wanted)
        return draft.patch()

    def _name(self, first: Text, last: Text) -> Text:
        if first is NOT_OBSERVED or last is NOT_OBSERVED:
            return NOT_OBSERVED
        filler = self.last_name_filler
        name = joined(first, last)
        if not name or filler not in name:  # nearly all
            return name
        name = joined(first, None if _is(filler, last) else last)
        # A filler in the other part was moved there by a person.
        return None if _is(filler, name) else name

    def _owner(self, owner: UserRef | NotObserved | None) -> Text:
        if owner is None or owner is NOT_OBSERVED:
            return owner
        return owner.email or self._emails.get(owner.id, NOT_OBSERVED)


# Looking up a member of an enum takes longer than all the rest of its reading.
_OPTED_IN, _OPTED_OUT, _UNKNOWN = Consent
_STATES: Final = {LEADS: ContactState.PROSPECT, CONTACTS: ContactState.CLIENT}


def _is(filler: str, text: Text) -> bool:
    return bool(text and filler in text and text.strip() == filler)


def _birthday(value: object) -> Birthday | NotObserved | None:
    if not value:
        return NOT_OBSERVED if value is NOT_OBSERVED else None
    return read_iso_date(value) if isinstance(value, str) else NOT_OBSERVED


def _consent(is_out: object) -> Consent:
    if is_out is False:
        return _OPTED_IN
    return _OPTED_OUT if is_out is True else _UNKNOWN
