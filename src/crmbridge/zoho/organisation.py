"""Who works in an organisation of Zoho CRM, and what it is.

Floor 1: values and their readers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from attrs import field, frozen

from crmbridge.zoho._payload import inner, needed, object_in, refuse, text

__all__ = [
    "UserKind",
    "ZohoOrganization",
    "ZohoUser",
    "read_organization",
    "read_user",
]

UserKind: TypeAlias = Literal[
    "ActiveConfirmedAdmins",
    "ActiveConfirmedUsers",
    "ActiveLiteUser",
    "ActiveUsers",
    "AdminUsers",
    "AllActiveUsers",
    "AllUsers",
    "ConfirmedUsers",
    "CurrentUser",
    "DeactiveUsers",
    "DeletedUsers",
    "DeveloperUsers",
    "NotConfirmedUsers",
]
"""Which users are asked for; the words are Zoho's."""


@frozen
class ZohoUser:
    """A user of the organisation.

    Attributes:
        id: the user's id.
        email: the e-mail, or ``None``.
        full_name: the name shown.
        is_active: ``status`` is ``"active"``.
        is_confirmed: ``confirm``, the invitation was accepted.
        status: ``"active"``, ``"inactive"``, ``"deleted"`` or ``"disabled"``.
        kind: ``type__s``, such as ``"Regular User"``.
        time_zone: in whose offset records show their times to this user.
        role: the name of the role.
        profile: the name of the profile, which holds the rights.
        raw: the whole payload as it was received.

    Source: Zoho CRM API v8, "Users".
    """

    id: str
    email: str | None = field(default=None, repr=False)
    full_name: str = field(default="", repr=False)
    is_active: bool = True
    is_confirmed: bool = True
    status: str = "active"
    kind: str = ""
    time_zone: str = ""
    role: str = ""
    profile: str = ""
    raw: Mapping[str, object] = field(factory=dict[str, object], repr=False, eq=False)

    @property
    def can_own(self) -> bool:
        """Tell whether records may be given to the user."""
        return self.is_active and self.is_confirmed


def read_user(raw: object) -> ZohoUser:
    """Read one element of ``users``.

    Raises:
        MalformedReplyError: it is no object, has no id, or its e-mail is no text.

    >>> read_user({"id": "1", "status": "active", "confirm": True}).can_own
    True
    """
    payload = object_in(raw, "user")
    email = payload.get("email")
    if email is not None and not isinstance(email, str):
        refuse("user", "email")
    return ZohoUser(
        id=needed(payload, "id", "user"),
        email=email or None,
        full_name=text(payload, "full_name"),
        is_active=payload.get("status") == "active",
        is_confirmed=payload.get("confirm") is True,
        status=text(payload, "status"),
        kind=text(payload, "type__s"),
        time_zone=text(payload, "time_zone"),
        role=text(inner(payload, "role"), "name"),
        profile=text(inner(payload, "profile"), "name"),
        raw=payload,
    )


@frozen
class ZohoOrganization:
    """The organisation that the token is for.

    Attributes:
        id: its id in the CRM.
        zgid: its id in all of Zoho: what the upload of a file for bulk write
            asks for as ``X-CRM-ORG``.
        name: the company's name.
        time_zone: the organisation's own, such as ``"Europe/Warsaw"``; times
            come in that of the token's user.
        currency: the currency's code, such as ``"PLN"``.
        edition: ``paid_type``, such as ``"free"`` or ``"enterprise"``; it
            decides on the credits of a day.
        kind: ``"production"``, ``"sandbox"``, ``"developer"`` or ``"bigin"``.
        has_privacy_settings: the GDPR settings are on: records have
            ``Data_Processing_Basis``, and marked fields may be hidden.
        has_hipaa_settings: the same for health data.
        raw: the whole payload as it was received.

    Source: Zoho CRM API v8, "Get Organization Data".
    """

    id: str
    zgid: str
    name: str = ""
    time_zone: str = ""
    currency: str = ""
    edition: str = ""
    kind: str = ""
    has_privacy_settings: bool = False
    has_hipaa_settings: bool = False
    raw: Mapping[str, object] = field(factory=dict[str, object], repr=False, eq=False)


def read_organization(raw: object) -> ZohoOrganization:
    """Read one element of ``org``.

    Raises:
        MalformedReplyError: it is no object, or has no id or ``zgid``.

    >>> read_organization({"id": "1", "zgid": "2", "iso_code": "PLN"}).currency
    'PLN'
    """
    payload = object_in(raw, "organisation")
    return ZohoOrganization(
        id=needed(payload, "id", "organisation"),
        zgid=needed(payload, "zgid", "organisation"),
        name=text(payload, "company_name"),
        time_zone=text(payload, "time_zone"),
        currency=text(payload, "iso_code"),
        edition=text(inner(payload, "license_details"), "paid_type"),
        kind=text(payload, "type"),
        has_privacy_settings=payload.get("privacy_settings") is True,
        has_hipaa_settings=payload.get("hipaa_compliance_enabled") is True,
        raw=payload,
    )
