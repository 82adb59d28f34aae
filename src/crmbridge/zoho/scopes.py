"""The OAuth scopes of Zoho CRM, by what they are needed for.

Floor 1: texts only.
A scope is a service, a group, perhaps a part of it, and an operation:
``ZohoCRM.modules.leads.READ``.
``ALL`` stands for every operation, and a group without a part for all parts:
``ZohoCRM.modules.ALL`` holds ``ZohoCRM.modules.leads.READ``.

Source: Zoho CRM API v8, "Scopes", and the scopes that each endpoint's page names.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from crmbridge.errors import InvalidInputError

__all__ = [
    "SCOPES",
    "SYNCHRONISING",
    "is_granted",
    "missing_scopes",
    "read_scopes",
    "scopes_for",
]

SCOPES: Final = MappingProxyType(
    {
        "records": ("ZohoCRM.modules.leads.ALL", "ZohoCRM.modules.contacts.ALL"),
        "conversion": (
            "ZohoCRM.modules.accounts.READ",
            "ZohoCRM.modules.accounts.CREATE",
        ),
        "search": ("ZohoSearch.securesearch.READ",),
        "queries": ("ZohoCRM.coql.READ", "ZohoCRM.settings.fields.READ"),
        "users": ("ZohoCRM.users.READ",),
        "metadata": ("ZohoCRM.settings.modules.READ", "ZohoCRM.settings.fields.READ"),
        "organisation": ("ZohoCRM.org.READ",),
        "tags": ("ZohoCRM.settings.tags.ALL",),
        "bulk read": ("ZohoCRM.bulk.READ",),
        "bulk write": (
            "ZohoCRM.bulk.CREATE",
            "ZohoCRM.bulk.READ",
            "ZohoCRM.org.READ",
            "ZohoFiles.files.ALL",
        ),
        "notifications": ("ZohoCRM.notifications.ALL",),
        "mass conversion": (
            "ZohoCRM.mass_convert.leads.CREATE",
            "ZohoCRM.mass_convert.leads.READ",
        ),
    }
)
"""The scopes by need; a need beside ``"records"`` comes on top of the records'.

A query (COQL) needs a scope of its own: ``ZohoCRM.modules.ALL`` is not enough.
``"conversion"`` is what turning a lead into a contact needs for its account,
``"tags"`` what defining tags needs; tagging a record needs the record's alone.
"""

_WRITES: Final = frozenset({"create", "update", "delete", "write"})


def scopes_for(*needs: str) -> tuple[str, ...]:
    """Give the scopes that these needs take together, each once.

    Args:
        needs: keys of `SCOPES`.

    Raises:
        InvalidInputError: there is no such need.

    >>> scopes_for("users", "search")
    ('ZohoCRM.users.READ', 'ZohoSearch.securesearch.READ')
    """
    for need in needs:
        if need not in SCOPES:
            raise InvalidInputError(
                f"needs are among {', '.join(SCOPES)}", service="zoho", field="needs"
            )
    return tuple(dict.fromkeys(scope for need in needs for scope in SCOPES[need]))


SYNCHRONISING: Final = scopes_for(
    "records",
    "conversion",
    "search",
    "queries",
    "users",
    "metadata",
    "organisation",
    "bulk read",
)
"""What keeping the contacts of two services equal needs, and no more."""


def is_granted(scope: str, granted: Iterable[str]) -> bool:
    """Tell whether one scope is among those that were granted, or inside one.

    Zoho writes the names of modules in any case.

    >>> is_granted("ZohoCRM.modules.leads.READ", ["ZohoCRM.modules.ALL"])
    True
    >>> is_granted("ZohoCRM.coql.READ", ["ZohoCRM.modules.ALL"])
    False
    """
    return any(_holds(given, scope) for given in granted)


def missing_scopes(wanted: Iterable[str], granted: Iterable[str]) -> tuple[str, ...]:
    """Give the wanted scopes that were not granted, in order.

    >>> missing_scopes(["ZohoCRM.users.READ"], ["ZohoCRM.users.ALL"])
    ()
    """
    have = tuple(granted)
    return tuple(scope for scope in wanted if not is_granted(scope, have))


def read_scopes(text: str) -> tuple[str, ...]:
    """Read the scopes of a text that parts them with commas or blanks.

    >>> read_scopes("ZohoCRM.users.READ ZohoCRM.org.READ,AaaServer.profile.READ")
    ('ZohoCRM.users.READ', 'ZohoCRM.org.READ', 'AaaServer.profile.READ')
    """
    return tuple(dict.fromkeys(text.replace(",", " ").split()))


def _holds(given: str, scope: str) -> bool:
    *outer, allowed = given.lower().split(".")
    *inner, asked = scope.lower().split(".")
    if inner[: len(outer)] != outer:
        return False
    if allowed == "write":
        # Unverified: what it holds; the three operations that write are taken.
        return asked in _WRITES
    return allowed in (asked, "all")
