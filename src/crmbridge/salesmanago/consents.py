"""Named consents of SALESmanago, beside the permission to mail and to call.

Floor 1: values only.
Source: doc comments of a C# client and the vendor's PHP SDK.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from attrs import field, frozen

from crmbridge.errors import InvalidInputError
from crmbridge.salesmanago._texts import require_fit, require_name

__all__ = ["NamedConsent"]

_FIELD: Final = "consents"


@frozen
class NamedConsent:
    """What a contact said to a consent, accepted or withdrawn.

    Unverified: that ``consentAccept`` false with ``optOut`` true is how a
    withdrawal is sent; both say so, and neither contradicts the other.

    Attributes:
        name: the consent's name. It must be there in SALESmanago; whether
            another one is refused or ignored is unverified.
        is_accepted: accepted, or else withdrawn.
        at: when, aware; ``None`` is the moment in which the service gets it.
        ip: the address from which it was said.
        description_id: which wording was shown, by its number.

    Raises:
        InvalidInputError: the name is blank, or the time has no zone.
        TooLongError: the name or the address is too long.
    """

    name: str
    is_accepted: bool = field(kw_only=True)
    at: datetime | None = field(default=None, kw_only=True)
    ip: str | None = field(default=None, kw_only=True, repr=False)
    description_id: int | None = field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        require_name(self.name, field=_FIELD)
        require_fit(self.ip, field=_FIELD, what="the ip of a consent")
        if self.at is not None and self.at.tzinfo is None:
            raise InvalidInputError(
                "the time of a consent must be aware of its zone",
                service="salesmanago",
                field=_FIELD,
            )

    def body(self) -> dict[str, Any]:
        """Give the wire form."""
        optional = {
            "agreementDate": self.at and int(self.at.timestamp() * 1000),
            "ip": self.ip,
            "consentDescriptionId": self.description_id,
        }
        return {
            "consentName": self.name,
            "consentAccept": self.is_accepted,
            "optOut": not self.is_accepted,
            **{name: value for name, value in optional.items() if value is not None},
        }
