"""What is written about one contact of SALESmanago.

Floor 1: values only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from attrs import evolve, field, frozen

from crmbridge.salesmanago._texts import known_state, require_fit, require_name
from crmbridge.salesmanago.consents import NamedConsent
from crmbridge.salesmanago.dictionary import DictionaryDetail, require_single_names
from crmbridge.salesmanago.records import ConsentChange
from crmbridge.salesmanago.tags import (
    normal_tags,
    require_distinct,
    require_storable,
    require_tags,
)

__all__ = ["ContactDetails"]

_FLAGS: Final[Mapping[ConsentChange, tuple[bool, bool]]] = {
    ConsentChange.KEEP: (False, False),
    ConsentChange.IN: (True, False),
    ConsentChange.OUT: (False, True),
}


@frozen
class ContactDetails:
    """What an upsert adds or changes; what is left out stays as it is.

    All four flags of permission are always sent.
    With ``KEEP`` an existing contact keeps its permission, and a new one is
    opted out, so say ``IN`` or ``OUT`` for a new one, or take `as_new`.
    Source: comments in the vendor's PHP SDK (``Options.php``); that the server
    behaves so is inferred.

    Attributes:
        email: whom it is about; a contact is found by its e-mail.
        contact: fields of the wire object ``contact`` beside ``email``:
            ``name``, ``phone``, ``fax``, ``company``, ``externalId``,
            ``state``, ``address`` (``streetAddress``, ``zipCode``, ``city``,
            ``country``). A state ``CLIENT`` is sent as ``CUSTOMER``.
            ``""`` may empty a field. Unverified: client code suggests it;
            read the contact to be sure.
        province: stands beside the address on the wire.
        birthday: ``yyyyMMdd`` or ``MMdd``.
        new_email: renames the contact. Unverified: what happens when another
            contact has this address; ask `SalesmanagoClient.has_contact`
            before.
        email_consent: the permission for e-mails.
        phone_consent: the permission for calls and texts.
        tags: tags to be added, sent as `normal_tags` gives them.
        remove_tags: tags to be removed, sent likewise; none of them is in
            ``tags``.
        tag_scoring: raise the score of tags that are there already.
        properties: details by name, all texts, added or changed one by one;
            those that are not named stay. ``""`` may remove one. Unverified.
        dictionary: details that are numbers or times, no name twice.
        consents: answers to named consents.

    A text longer than 255 characters is refused and never cut.
    Unverified: that this is the limit; the vendor publishes others for events
    only.

    Raises:
        InvalidInputError: a name or a tag is blank, a tag holds a sign that
            tags cannot have, is both added and removed, or a name is twice in
            ``dictionary``.
        TooLongError: a text is too long; it names field and limit.

    >>> ContactDetails("ann@example.com", {"name": "Ann"}, province="Slask")
    ContactDetails(...)
    """

    email: str
    contact: Mapping[str, object] = field(factory=dict[str, object])
    province: str | None = field(default=None, kw_only=True)
    birthday: str | None = field(default=None, kw_only=True)
    new_email: str | None = field(default=None, kw_only=True)
    email_consent: ConsentChange = field(default=ConsentChange.KEEP, kw_only=True)
    phone_consent: ConsentChange = field(default=ConsentChange.KEEP, kw_only=True)
    tags: tuple[str, ...] = field(default=(), kw_only=True)
    remove_tags: tuple[str, ...] = field(default=(), kw_only=True)
    tag_scoring: bool = field(default=False, kw_only=True)
    properties: Mapping[str, str] = field(factory=dict[str, str], kw_only=True)
    dictionary: tuple[DictionaryDetail, ...] = field(default=(), kw_only=True)
    consents: tuple[NamedConsent, ...] = field(default=(), kw_only=True)

    def __attrs_post_init__(self) -> None:
        _require_fit(self.contact)
        require_fit(self.province, field="province")
        for name, value in self.properties.items():
            require_name(name, field="properties")
            require_fit(value, field="properties", what="a value in properties")
        # Most contacts are written without either, and there are many.
        if self.tags or self.remove_tags:
            require_tags(self.tags, field="tags")
            require_storable(self.tags)
            require_tags(self.remove_tags, field="remove_tags")
            require_distinct(self.tags, self.remove_tags)
        if self.dictionary:
            require_single_names(self.dictionary)

    def __repr__(self) -> str:
        return "ContactDetails(...)"

    def as_new(self) -> ContactDetails:
        """Give the same for a contact that does not exist yet.

        Nobody knows for sure what ``KEEP`` does to one, so it becomes ``OUT``
        on either channel: a permission is never made up.

        >>> ContactDetails("ann@example.com").as_new().email_consent
        <ConsentChange.OUT: 'out'>
        """
        return evolve(
            self,
            email_consent=_or_out(self.email_consent),
            phone_consent=_or_out(self.phone_consent),
        )

    def body(self) -> dict[str, Any]:
        """Give the wire form, with all four flags of permission."""
        opt_in, opt_out = _FLAGS[self.email_consent]
        phone_in, phone_out = _FLAGS[self.phone_consent]
        return {
            "contact": self._contact(),
            "forceOptIn": opt_in,
            "forceOptOut": opt_out,
            "forcePhoneOptIn": phone_in,
            "forcePhoneOptOut": phone_out,
            **self._optional(),
        }

    def _contact(self) -> dict[str, object]:
        contact = {**self.contact, "email": self.email.strip()}
        state = contact.get("state")
        if isinstance(state, str):
            contact["state"] = known_state(state)
        return contact

    def _optional(self) -> dict[str, Any]:
        optional: dict[str, Any] = {
            "province": self.province,
            "birthday": self.birthday,
            "newEmail": self.new_email or None,
            "tagScoring": self.tag_scoring or None,
        }
        if self.tags:
            optional["tags"] = list(normal_tags(self.tags))
        if self.remove_tags:
            optional["removeTags"] = list(normal_tags(self.remove_tags))
        if self.properties:
            optional["properties"] = dict(self.properties)
        if self.dictionary:
            optional["dictionaryProperties"] = [one.body() for one in self.dictionary]
        if self.consents:
            optional["consentDetails"] = [one.body() for one in self.consents]
        return {name: value for name, value in optional.items() if value is not None}


def _or_out(change: ConsentChange) -> ConsentChange:
    return ConsentChange.OUT if change is ConsentChange.KEEP else change


def _require_fit(contact: Mapping[str, object]) -> None:
    for name, value in contact.items():
        if isinstance(value, str):
            require_fit(value, field=name)
        elif isinstance(value, Mapping):
            _require_fit(cast("Mapping[str, object]", value))
