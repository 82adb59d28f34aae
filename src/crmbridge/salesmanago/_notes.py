"""Notes on contacts.

Floor 4.
Source as in `crmbridge.salesmanago._calls`.

The rule: a note that may have been written is never written again, since
nothing would tell the two apart.
"""

from __future__ import annotations

from crmbridge._steps import Call
from crmbridge.errors import InvalidInputError
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago._calls import ask

__all__ = ["add_note"]


def add_note(
    account: Account, email: str, text: str, *, is_private: bool = False
) -> Call[None]:
    """Write a note on a contact; see `SalesmanagoClient.add_note`."""
    if not text.strip():
        raise InvalidInputError("a note is blank", service="salesmanago", field="text")
    body = {
        "owner": account.config.owner,
        "email": email.strip(),
        "note": text,
        "priv": is_private,
    }
    yield from ask(account, "contact/addNote", body, is_repeatable=False)
