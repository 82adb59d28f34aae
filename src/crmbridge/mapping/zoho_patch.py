"""How the smallest change to a Zoho record is put together.

Floor 2: values only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from attrs import define, field, frozen

from crmbridge.contact import (
    NOT_OBSERVED,
    Birthday,
    Consent,
    FieldValue,
    Loss,
    LossReason,
)
from crmbridge.mapping.birthdays import birthday_text
from crmbridge.mapping.forms import NormalForms, line, user
from crmbridge.mapping.layout import CONTACTS, Layout, Slot
from crmbridge.mapping.lens import Text, stripped
from crmbridge.mapping.names import splits

__all__ = ["Draft", "ZohoPatch"]


@frozen
class ZohoPatch:
    """The smallest change that makes a record show a contact.

    Attributes:
        module: the module it is for.
        values: the values to send by API name; ``None`` clears.
        company: for ``Contacts``, the name of the wanted account or ``None``
            for no account; it has to be looked up or made, and its id sent as
            ``Account_Name``. `NOT_OBSERVED` leaves the account alone.
        losses: what Zoho cannot hold; it is in no other part.
        fields: the names of the contact's fields that change on the wire. A
            filler alone is a change of none.
    """

    module: str
    values: Mapping[str, object] = field(factory=dict[str, object], repr=False)
    company: Text = field(default=NOT_OBSERVED, repr=False)
    losses: tuple[Loss, ...] = ()
    fields: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Nothing has to be written."""
        return not self.values and self.company is NOT_OBSERVED


@define(kw_only=True)
class Draft:
    """A patch while it is made: one method for each kind of field.

    Attributes:
        layout: the fields of the module.
        users: the ids of users by casefolded e-mail.
        last_name_filler: written where a last name must be and there is none.
        company_filler: the same for the company.
        normal: how values are compared.
        present: the payload of the record; ``None`` for a new one.
    """

    layout: Layout
    users: Mapping[str, str]
    last_name_filler: str
    company_filler: str
    normal: NormalForms
    present: Mapping[str, object] | None
    values: dict[str, object] = field(factory=dict[str, object], init=False)
    company: Text = field(default=NOT_OBSERVED, init=False)
    fields: list[str] = field(factory=list[str], init=False)
    losses: list[Loss] = field(factory=list[Loss], init=False)

    def write(self, name: str, value: FieldValue) -> None:
        """Write one field of the contact, or list it as a loss."""
        _WRITERS.get(name, Draft.write_text)(self, name, value)

    def patch(self) -> ZohoPatch:
        """Give what was put together."""
        if self.present is None:
            self._fill_mandatory()
        return ZohoPatch(
            module=self.layout.module,
            values=self.values,
            company=self.company,
            losses=tuple(self.losses),
            fields=frozenset(self.fields),
        )

    def _lose(self, name: str, reason: LossReason, limit: int | None = None) -> None:
        self.losses.append(Loss(name, reason, limit))

    def _open_slot(self, name: str, value: FieldValue) -> Slot | None:
        """Give the slot of a field if it can be written; a loss if not."""
        slot = self.layout.slots.get(name)
        if slot is None:
            if value is not None:  # nothing is lost where nothing is held
                self._lose(name, LossReason.NO_SUCH_FIELD)
            return None
        refusal = slot.refusal(is_new=self.present is None)
        if refusal is not None:
            self.losses.append(refusal)
            return None
        return slot

    def _fitted(self, slot: Slot, text: str | None) -> str | Loss | None:
        if text is not None:
            return slot.fitted(text, self.normal)
        if slot.meta.is_mandatory:
            return Loss(slot.name, LossReason.REQUIRED)
        return None

    def _put(self, slot: Slot, fitted: object) -> None:
        if isinstance(fitted, Loss):
            self.losses.append(fitted)
        else:
            self.values[slot.meta.api_name] = fitted
            self.fields.append(slot.name)

    def write_text(self, name: str, value: FieldValue) -> None:
        """Write a text, or list it as a loss."""
        slot = self._open_slot(name, value)
        if slot is not None:
            self._put(slot, self._fitted(slot, stripped(value)))

    def write_birthday(self, name: str, value: FieldValue) -> None:
        """Write a date, which has to have its year."""
        slot = self._open_slot(name, value)
        if slot is None:
            return
        if isinstance(value, Birthday) and value.year is None:
            self._lose(name, LossReason.NO_YEAR)
            return
        text = birthday_text(value) if isinstance(value, Birthday) else None
        self._put(slot, self._fitted(slot, text))

    def write_consent(self, name: str, value: FieldValue) -> None:
        """Write the flag that is true where a person opted out."""
        slot = self._open_slot(name, value)
        if slot is not None:
            self._put(slot, value is Consent.OPTED_OUT)

    def write_owner(self, name: str, value: FieldValue) -> None:
        """Write the id of the user who looks after the person."""
        text, meta = stripped(value), self.layout.owner
        user_id = None if text is None else self.users.get(user(text) or "")
        refusal = meta and Slot(name, meta).refusal(is_new=self.present is None)
        if text is None:
            self._lose(name, LossReason.REQUIRED)
        elif user_id is None:
            self._lose(name, LossReason.NO_SUCH_USER)
        elif refusal:
            self.losses.append(refusal)
        else:
            self.values["Owner"] = {"id": user_id}
            self.fields.append(name)

    def write_company(self, name: str, value: FieldValue) -> None:
        """Write the company: a text of a lead, an account of a contact."""
        slot = self._open_slot(name, value)
        if slot is None:
            return
        text = stripped(value)
        if text == self.company_filler:
            self._lose(name, LossReason.BAD_FORM)
            return
        if text is None and slot.meta.is_mandatory:
            text = self.company_filler
        self._put_company(slot, self._fitted(slot, text))

    def _put_company(self, slot: Slot, fitted: str | Loss | None) -> None:
        if self.layout.module != CONTACTS or isinstance(fitted, Loss):
            self._put(slot, fitted)
        else:
            self.company = fitted
            self.fields.append(slot.name)

    def write_name(self, name: str, value: FieldValue) -> None:
        """Write the parts of the name that differ."""
        last = self.layout.slots.get("last_name")
        if last is None:
            if value is not None:
                self._lose(name, LossReason.NO_SUCH_FIELD)
            return
        text = line(value) if isinstance(value, str) else None
        split = self._split(last, text)
        if isinstance(split, Loss):
            self.losses.append(split)
            return
        parts = self._changed_parts(split)
        if any(slot.refusal(is_new=self.present is None) for slot, _ in parts):
            self._lose(name, LossReason.NOT_WRITABLE)
            return
        for slot, part in parts:
            self.values[slot.meta.api_name] = part
        self.fields.append(name)

    def _split(
        self, last: Slot, name: str | None
    ) -> tuple[str | None, str | None] | Loss:
        """Give the first and last name to be held, or why they cannot be."""
        first = self.layout.slots.get("first_name")
        if name is None:
            filler = self.last_name_filler if last.meta.is_mandatory else None
            if not _takes(first, None) or not last.takes(filler or ""):
                return Loss("name", LossReason.REQUIRED)
            return None, filler
        filler = self.last_name_filler
        present_last = self._present(last)
        is_filler = False
        for one, other in splits(
            name,
            first=None if first is None else self._present(first),
            last=None if present_last == filler else present_last,
        ):
            is_filler = is_filler or other == filler
            if other != filler and last.takes(other) and _takes(first, one):
                return one, other
        if is_filler:
            return Loss("name", LossReason.BAD_FORM)
        if last.takes(name):
            return Loss("name", LossReason.REQUIRED)
        return Loss("name", LossReason.TOO_LONG, _name_limit(first, last))

    def _changed_parts(
        self, split: tuple[str | None, str | None]
    ) -> list[tuple[Slot, str | None]]:
        slots = (self.layout.slots.get("first_name"), self.layout.slots["last_name"])
        return [
            (slot, part)
            for slot, part in zip(slots, split, strict=True)
            if slot is not None and self._differs(slot, part)
        ]

    def _differs(self, slot: Slot, part: str | None) -> bool:
        if self.present is None:
            return part is not None
        value = self.present.get(slot.meta.api_name, NOT_OBSERVED)
        return self._present(slot) != part or not isinstance(value, str | None)

    def _present(self, slot: Slot) -> str | None:
        value = None if self.present is None else self.present.get(slot.meta.api_name)
        return stripped(value) if isinstance(value, str) else None

    def _fill_mandatory(self) -> None:
        """Give a new record what Zoho demands of it, or list what is missing."""
        fillers = {"last_name": self.last_name_filler, "company": self.company_filler}
        for name, slot in self.layout.slots.items():
            if not slot.meta.is_mandatory or self._is_filled(slot):
                continue
            if slot.refusal(is_new=True) is not None:
                continue  # Zoho cannot demand what it does not take
            filler = fillers.get(name)
            if filler is not None and slot.takes(filler):
                self._fill(slot, filler)
            elif all(loss.field != slot.field_name for loss in self.losses):
                self._lose(slot.field_name, LossReason.REQUIRED)

    def _is_filled(self, slot: Slot) -> bool:
        if slot.name == "company" and self.company is not NOT_OBSERVED:
            return True
        return slot.meta.api_name in self.values or slot.meta.data_type == "boolean"

    def _fill(self, slot: Slot, filler: str) -> None:
        if slot.name == "company" and self.layout.module == CONTACTS:
            self.company = filler
        else:
            self.values[slot.meta.api_name] = filler


def _takes(first: Slot | None, part: str | None) -> bool:
    if part is None:
        return first is None or not first.meta.is_mandatory
    return first is not None and first.takes(part)


def _name_limit(first: Slot | None, last: Slot) -> int | None:
    if first is None or first.meta.length is None or last.meta.length is None:
        return last.meta.length
    return first.meta.length + 1 + last.meta.length


def _ignore(_draft: Draft, _name: str, _value: FieldValue) -> None:
    """Leave the state alone: it is the module."""


_WRITERS: Final[Mapping[str, Callable[[Draft, str, FieldValue], None]]] = {
    "name": Draft.write_name,
    "company": Draft.write_company,
    "birthday": Draft.write_birthday,
    "state": _ignore,
    "owner_email": Draft.write_owner,
    "email_consent": Draft.write_consent,
    "phone_consent": Draft.write_consent,
}
