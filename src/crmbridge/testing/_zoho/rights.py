"""Which modules the fake Zoho has, and what its user may do.

Floor 9.
"""

from __future__ import annotations

from crmbridge.testing._zoho.answers import Refused
from crmbridge.testing._zoho.switches import ZohoSwitches

__all__ = ["check_rights"]


def check_rights(what: str, switches: ZohoSwitches) -> None:
    """Refuse what the token's scopes or the user's profile do not allow.

    Args:
        what: a module, or the name that `ZohoSwitches.missing_scopes` knows.
        switches: what is not allowed.

    Raises:
        Refused: the scope or the right is missing.
    """
    if what in switches.missing_scopes:
        raise Refused(401, "OAUTH_SCOPE_MISMATCH", "invalid oauth scope")
    if what in switches.denied_modules:
        needed = {"permissions": [f"Crm_Implied_View_{what}"]}
        raise Refused(403, "NO_PERMISSION", "permission denied", needed)
