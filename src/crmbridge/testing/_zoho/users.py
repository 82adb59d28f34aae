"""The users of the fake Zoho: who there is, which are asked for, how they look.

Floor 9.
Source: Zoho CRM API v8, "Get Users".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Final, Literal, TypeAlias

from attrs import frozen

from crmbridge.testing._zoho.answers import Json

__all__ = ["USER_TYPES", "User", "UserStatus", "show_user"]

UserStatus: TypeAlias = Literal["active", "inactive", "deleted", "disabled"]


@frozen
class User:
    """A user of the organisation.

    Attributes:
        id: a text of 18 digits.
        email: the e-mail.
        full_name: the name shown.
        status: whether the user works here.
        is_confirmed: the invitation was accepted.
        is_admin: the profile is that of an administrator.
        kind: ``type__s``.
        modified: when the user was changed last.
    """

    id: str
    email: str
    full_name: str
    status: UserStatus = "active"
    is_confirmed: bool = True
    is_admin: bool = False
    kind: str = "Regular User"
    modified: datetime | None = None

    @property
    def is_active(self) -> bool:
        """Tell whether the user works here."""
        return self.status == "active"

    @property
    def can_own(self) -> bool:
        """Tell whether records may be given to the user."""
        return self.is_active and self.is_confirmed

    def reference(self) -> Json:
        """Show the user as the owner of a record."""
        return {**self.signature(), "email": self.email}

    def signature(self) -> Json:
        """Show the user as the one who made or changed a record."""
        return {"id": self.id, "name": self.full_name}


USER_TYPES: Final[Mapping[str, Callable[[User], bool]]] = {
    "ActiveConfirmedAdmins": lambda user: user.can_own and user.is_admin,
    "ActiveConfirmedUsers": lambda user: user.can_own,
    "ActiveLiteUser": lambda user: user.is_active and user.kind == "Lite User",
    "ActiveUsers": lambda user: user.is_active,
    "AdminUsers": lambda user: user.is_admin and user.status != "deleted",
    "AllActiveUsers": lambda user: user.is_active,
    "AllUsers": lambda user: user.status != "deleted",
    "ConfirmedUsers": lambda user: user.is_confirmed and user.status != "deleted",
    "DeactiveUsers": lambda user: user.status in {"inactive", "disabled"},
    "DeletedUsers": lambda user: user.status == "deleted",
    "DeveloperUsers": lambda user: user.kind == "Sandbox Developer User",
    "NotConfirmedUsers": (
        lambda user: not user.is_confirmed and user.status != "deleted"
    ),
}
"""By type, which users it names; ``CurrentUser`` is that of the token.

Unverified: whether a type beside ``DeletedUsers`` names deleted users; none does.
"""


def show_user(user: User, zone: tzinfo) -> Json:
    """Show a user as ``/users`` does."""
    first, _, last = user.full_name.partition(" ")
    kind = "Administrator" if user.is_admin else "Standard"
    modified = user.modified and user.modified.astimezone(zone).isoformat()
    return {
        "id": user.id,
        "email": user.email,
        "full_name": user.full_name,
        "first_name": first,
        "last_name": last or first,
        "alias": None,
        "status": user.status,
        "confirm": user.is_confirmed,
        "type__s": user.kind,
        "profile": {"name": kind, "id": f"48768760000002{len(kind):04}"},
        "role": {"name": "CEO", "id": "487687600000025001"},
        "zuid": user.id[-9:] if user.is_confirmed else None,
        "locale": "en_US",
        "time_zone": "Europe/Warsaw",
        "created_time": modified,
        "Modified_Time": modified,
        "Modified_By": user.signature(),
        "created_by": user.signature(),
        "Reporting_To": None,
        "microsoft": False,
        "sandboxDeveloper": False,
        "phone": None,
        "mobile": None,
    }
