"""The basic data of a contact as it comes over the wire, typed.

Floor 1: values and their readers; the rule is that of
`crmbridge.salesmanago.records`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from attrs import field, frozen

from crmbridge._wire import WHOLE, from_key, known_keys, wire, wire_converter
from crmbridge.contact import NotObserved
from crmbridge.errors import MalformedReplyError
from crmbridge.salesmanago.records import (
    DatePart,
    Flag,
    Milliseconds,
    SalesmanagoAddress,
    Text,
    instant,
)

__all__ = ["SalesmanagoBasic", "read_basic"]


@frozen(slots=False)
class SalesmanagoBasic:
    """What ``contact/basic`` shows of a contact card.

    It knows the score and the last visit, but no province, owner, tags,
    details or consents: a `SalesmanagoContact` has these.
    ``repr`` shows the id and no personal data.

    Attributes:
        id: ``contactId`` (here) or ``id`` (as lists call it), a UUID.
        raw: the whole payload as it was received.
        address: ``address``; null when nothing is stored.
        email: ``email``.
        name: ``name``, the full name.
        phone: ``phone``.
        fax: ``fax``.
        company: ``company``.
        external_id: ``externalId``, a free string.
        state: ``state``; any string is kept.
        score: ``score``, the points of the contact.
        opted_out: ``optedOut``; false means that mails may be sent.
        opted_out_phone: ``optedOutPhone``; false means that texts may be sent.
        is_deleted: ``deleted``, the card is to be removed in the coming night.
        is_invalid: ``invalid``.
        birthday_year: ``birthdayYear``, without leading zeros.
        birthday_month: ``birthdayMonth``, without leading zeros.
        birthday_day: ``birthdayDay``, without leading zeros.
        modified_on: ``modifiedOn``, milliseconds since 1970 in UTC.
        created_on: ``createdOn``, milliseconds since 1970 in UTC.
        last_visit: ``lastVisit``, milliseconds since 1970 in UTC. Unverified:
            its form; only null was seen.

    Source: answers of ``contact/basic`` in tests of client code, and the
    vendor's PHP SDK, ``ContactModel.php``.
    """

    id: str = field(metadata=from_key("contactId", "id"))
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
    score: int | NotObserved | None = wire("score")
    opted_out: Flag = wire("optedOut")
    opted_out_phone: Flag = wire("optedOutPhone")
    is_deleted: Flag = wire("deleted")
    is_invalid: Flag = wire("invalid")
    birthday_year: DatePart = wire("birthdayYear")
    birthday_month: DatePart = wire("birthdayMonth")
    birthday_day: DatePart = wire("birthdayDay")
    modified_on: Milliseconds = wire("modifiedOn")
    created_on: Milliseconds = wire("createdOn")
    last_visit: Milliseconds = wire("lastVisit")

    @property
    def extra(self) -> dict[str, object]:
        """The keys of the payload that have no attribute here."""
        return {key: self.raw[key] for key in self.raw if key not in _KNOWN}

    @property
    def modified_at(self) -> datetime | None:
        """The time of the last change (UTC), or ``None`` where it is not told."""
        return instant(self.modified_on)

    @property
    def created_at(self) -> datetime | None:
        """The time of creation (UTC), or ``None`` where it is not told."""
        return instant(self.created_on)

    @property
    def last_visit_at(self) -> datetime | None:
        """The time of the last visit to the website (UTC), or ``None``."""
        return instant(self.last_visit)


def read_basic(raw: object) -> SalesmanagoBasic:
    """Read one element of ``contacts`` of ``contact/basic``.

    Raises:
        MalformedReplyError: it is no object, has no id, or holds a value of
            the wrong type. The message names the field.

    >>> read_basic({"contactId": "0b7c", "score": 90}).score
    90
    """
    contact: SalesmanagoBasic = _structure(raw, SalesmanagoBasic)
    if not contact.id:
        raise MalformedReplyError(
            "SALESmanago sent basic data whose id is empty", service="salesmanago"
        )
    return contact


_KNOWN: Final = known_keys(SalesmanagoBasic)
_structure: Final = wire_converter(
    "SALESmanago",
    {
        SalesmanagoBasic: "basic data",
        SalesmanagoAddress: "basic data whose address is an object",
    },
).get_structure_hook(SalesmanagoBasic)
