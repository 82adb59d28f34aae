"""The calls that change one permission and nothing else, one generator each.

Floor 4.
Source as in `crmbridge.salesmanago._calls`.

The rule: they may all be repeated, for a permission that is given twice is
given once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias, cast

from crmbridge._steps import Call, gather
from crmbridge.errors import MalformedReplyError
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago._calls import ask, cut
from crmbridge.salesmanago._presence import named

__all__ = ["Path", "change", "change_by_id", "change_many"]

Path: TypeAlias = Literal["optin", "optout", "phoneoptin", "phoneoptout"]
"""Which permission, and whether it is given or taken."""

_SERVICE: Final = "salesmanago"


def change(account: Account, path: Path, email: str) -> Call[str]:
    """Change a permission of an address; see `SalesmanagoClient.opt_in`."""
    return (yield from _change(account, path, "email", email))


def change_by_id(account: Account, path: Path, contact_id: str) -> Call[str]:
    """Change a permission of a contact; see `SalesmanagoClient.opt_in_by_id`."""
    return (yield from _change(account, path, "contactId", contact_id))


def _change(account: Account, path: Path, key: str, value: str) -> Call[str]:
    what = f"contact/{path}"
    body = {"owner": account.config.owner, key: named(value, key)}
    answer = yield from ask(account, what, body)
    contact_id = answer.payload.get("contactId")
    if not isinstance(contact_id, str):
        raise _without(what, "contactId")
    return contact_id


def change_many(
    account: Account, path: Literal["optin", "optout"], emails: Iterable[str]
) -> Call[tuple[str | None, ...]]:
    """Change a permission of addresses; see `SalesmanagoClient.opt_in_many`."""
    asked = [named(email, "email") for email in emails]
    parts = yield from gather(
        (
            _change_part(account, f"contact/batch{path}", part)
            for part in cut(tuple(dict.fromkeys(asked)), account.config.batch_size)
        ),
        account.config.limits.max_in_flight,
    )
    ids = {email: contact_id for part in parts for email, contact_id in part.items()}
    return tuple([ids.get(email.lower()) for email in asked])


def _change_part(
    account: Account, what: str, emails: Sequence[str]
) -> Call[Mapping[str, str]]:
    body = {"owner": account.config.owner, "emails": list(emails)}
    answer = yield from ask(account, what, body)
    ids: object = answer.payload.get("contactIds")
    if not isinstance(ids, dict):
        raise _without(what, "contactIds")
    return {
        email.strip().lower(): contact_id
        for email, contact_id in cast("dict[str, Any]", ids).items()
        if isinstance(contact_id, str)
    }


def _without(what: str, key: str) -> MalformedReplyError:
    return MalformedReplyError(
        f"{what}: the answer holds no {key}", service=_SERVICE, status=200
    )
