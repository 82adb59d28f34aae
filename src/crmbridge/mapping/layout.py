"""Which fields of an organisation's Zoho hold which fields of a contact.

Floor 2: values only.

The names are Zoho's standard ones; whether a field is there, its length, its
list of values and whether it can be written or left empty comes from the
organisation's own metadata, never from this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from types import MappingProxyType
from typing import Final, cast

from attrs import field, frozen

from crmbridge.contact import ADDRESS_FIELDS, NOT_OBSERVED, Loss, LossReason
from crmbridge.mapping.forms import NormalForms
from crmbridge.mapping.limits import zoho_email_fits, zoho_phone_fits
from crmbridge.zoho.metadata import ZohoField

__all__ = ["CONTACTS", "LEADS", "Layout", "Slot", "layout_of"]

LEADS: Final = "Leads"
CONTACTS: Final = "Contacts"

_SHARED: Final = {
    "email": "Email",
    "first_name": "First_Name",
    "last_name": "Last_Name",
    "phone": "Phone",
    "fax": "Fax",
    "email_consent": "Email_Opt_Out",
}
_NAMES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        LEADS: {
            **_SHARED,
            "company": "Company",
            "street": "Street",
            "postal_code": "Zip_Code",
            "city": "City",
            "region": "State",
            "country": "Country",
        },
        CONTACTS: {
            **_SHARED,
            "company": "Account_Name",
            "street": "Mailing_Street",
            "postal_code": "Mailing_Zip",
            "city": "Mailing_City",
            "region": "Mailing_State",
            "country": "Mailing_Country",
            "birthday": "Date_of_Birth",
        },
    }
)
_NAME_PARTS: Final = frozenset({"first_name", "last_name"})
_NO_CHOICE: Final = "-None-"
_ABSENT: Final = "\0"
"""A name that no payload holds: reads as not observed."""


@frozen
class Slot:
    """One field of Zoho that holds one field of a contact.

    Attributes:
        name: the field of the contact.
        meta: what the metadata says of Zoho's field.
        choices: the values of a picklist by normal form; empty for others.
    """

    name: str
    meta: ZohoField
    choices: Mapping[str, str] = field(factory=dict[str, str], repr=False)

    def refusal(self, *, is_new: bool) -> Loss | None:
        """Tell why nothing can be written here; ``None`` if it can."""
        meta = self.meta
        may_write = meta.can_create if is_new else meta.can_update
        if meta.is_read_only or not may_write:
            return Loss(self.name, LossReason.NOT_WRITABLE)
        return None

    @property
    def field_name(self) -> str:
        """The field of the contact that the slot is a part of."""
        return "name" if self.name in _NAME_PARTS else self.name

    def takes(self, text: str) -> bool:
        """Tell whether a text is short enough."""
        return self.meta.length is None or len(text) <= self.meta.length

    def fitted(self, text: str, normal: NormalForms) -> str | Loss:
        """Give the text as the field takes it, or why it does not.

        What is given is equal to ``text`` in normal form.
        """
        if self.choices:
            choice = self.choices.get(normal(self.name, text) or "")
            return choice or Loss(self.name, LossReason.NOT_IN_LIST)
        if self.meta.data_type == "email" and not zoho_email_fits(text):
            return Loss(self.name, LossReason.BAD_FORM)
        if self.meta.data_type == "phone":
            return self._fitted_phone(text, normal)
        return self._measured(text)

    def _measured(self, text: str) -> str | Loss:
        if self.takes(text):
            return text
        return Loss(self.name, LossReason.TOO_LONG, self.meta.length)

    def _fitted_phone(self, text: str, normal: NormalForms) -> str | Loss:
        """Leave out blanks and signs that say nothing, where Zoho refuses them."""
        form = normal(self.name, text)
        tries = (text, " ".join(text.split()), form or text)
        fitting = [one for one in tries if zoho_phone_fits(one)]
        if not fitting:
            return Loss(self.name, LossReason.BAD_FORM)
        for one in fitting:
            if self.takes(one) and normal(self.name, one) == form:
                return one
        return self._measured(fitting[0])


@frozen
class Layout:
    """The fields of one module, compiled once.

    The API names below are of a form that no payload holds where the
    organisation has no such field.

    Attributes:
        module: the API name of the module.
        slots: by field of the contact; the two parts of the name are called
            ``first_name`` and ``last_name``.
        owner: the metadata of ``Owner``, where it is told.
        texts: the API names of email, phone, fax, first and last name, of the
            parts of the address and of the company, in this order.
        pick: gives the values of ``texts`` out of a payload; `NOT_OBSERVED`
            for each that is not there.
        has_first_name: the first name is held apart from the last.
        birthday: the API name of the birthday.
        email_opt_out: the API name of the flag against mails.
        phone_opt_out: the API name of the flag against calls.
    """

    module: str
    slots: Mapping[str, Slot]
    owner: ZohoField | None
    texts: tuple[str, ...]
    pick: Callable[[Mapping[str, object]], Iterable[object]]
    has_first_name: bool
    birthday: str
    email_opt_out: str
    phone_opt_out: str

    def api_names(self) -> tuple[str, ...]:
        """Give all names of Zoho's fields that are read, sorted."""
        return tuple(sorted(slot.meta.api_name for slot in self.slots.values()))


_TEXTS: Final = (
    "email",
    "phone",
    "fax",
    "first_name",
    "last_name",
    *ADDRESS_FIELDS,
    "company",
)


def layout_of(
    module: str,
    metadata: Mapping[str, ZohoField],
    normal: NormalForms,
    extra: Mapping[str, str],
) -> Layout:
    """Compile the layout of a module from its metadata.

    Args:
        module: ``"Leads"`` or ``"Contacts"``.
        metadata: its fields by API name.
        normal: how values are compared with those of a list.
        extra: custom fields: API names by field of the contact.
    """
    names = {**_NAMES[module], **extra}
    slots = {
        name: Slot(name, metadata[api], _choices(name, metadata[api], normal))
        for name, api in names.items()
        if api in metadata
    }
    apis = {name: slot.meta.api_name for name, slot in slots.items()}
    texts = tuple(apis.get(name, _ABSENT) for name in _TEXTS)
    return Layout(
        module=module,
        slots=MappingProxyType(slots),
        owner=metadata.get("Owner"),
        texts=texts,
        pick=_picker(texts),
        has_first_name="first_name" in slots,
        birthday=apis.get("birthday", _ABSENT),
        email_opt_out=apis.get("email_consent", _ABSENT),
        phone_opt_out=apis.get("phone_consent", _ABSENT),
    )


def _picker(
    names: tuple[str, ...],
) -> Callable[[Mapping[str, object]], Iterable[object]]:
    whole = cast(
        "Callable[[Mapping[str, object]], tuple[object, ...]]", itemgetter(*names)
    )

    def pick(payload: Mapping[str, object]) -> Iterable[object]:
        try:
            return whole(payload)
        except KeyError:
            return [payload.get(name, NOT_OBSERVED) for name in names]

    return pick


def _choices(name: str, meta: ZohoField, normal: NormalForms) -> dict[str, str]:
    choices: dict[str, str] = {}
    if meta.data_type == "picklist":
        for value in meta.picklist:
            form = normal(name, value)
            if form is not None and value != _NO_CHOICE:
                choices.setdefault(form, value)
    return choices
