"""What is written about one contact of SALESmanago.

Floor 1: values only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen

from crmbridge.salesmanago.records import ConsentChange

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
    opted out, so say ``IN`` or ``OUT`` for a new one.
    Source: comments in the vendor's PHP SDK (``Options.php``); that the server
    behaves so is inferred.

    Attributes:
        email: whom it is about; a contact is found by its e-mail.
        contact: fields of the wire object ``contact`` beside ``email``:
            ``name``, ``phone``, ``fax``, ``company``, ``externalId``,
            ``state``, ``address`` (``streetAddress``, ``zipCode``, ``city``,
            ``country``). ``""`` may empty a field. Unverified: client code
            suggests it; read the contact to be sure.
        province: stands beside the address on the wire.
        birthday: ``yyyyMMdd`` or ``MMdd``.
        new_email: renames the contact. Unverified: what happens when another
            contact has this address; ask `SalesmanagoClient.has_contact`
            before.
        email_consent: the permission for e-mails.
        phone_consent: the permission for calls and texts.
        tags: tags to be added.
        remove_tags: tags to be removed.
        tag_scoring: raise the score of tags that are there already.
        properties: details by name, all texts.

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

    def __repr__(self) -> str:
        return "ContactDetails(...)"

    def body(self) -> dict[str, Any]:
        """Give the wire form, with all four flags of permission."""
        opt_in, opt_out = _FLAGS[self.email_consent]
        phone_in, phone_out = _FLAGS[self.phone_consent]
        return {
            "contact": {"email": self.email.strip(), **self.contact},
            "forceOptIn": opt_in,
            "forceOptOut": opt_out,
            "forcePhoneOptIn": phone_in,
            "forcePhoneOptOut": phone_out,
            **self._optional(),
        }

    def _optional(self) -> dict[str, Any]:
        optional: dict[str, Any] = {
            "province": self.province,
            "birthday": self.birthday,
            "newEmail": self.new_email or None,
            "tags": list(self.tags) or None,
            "removeTags": list(self.remove_tags) or None,
            "tagScoring": self.tag_scoring or None,
            "properties": dict(self.properties) or None,
        }
        return {name: value for name, value in optional.items() if value is not None}
