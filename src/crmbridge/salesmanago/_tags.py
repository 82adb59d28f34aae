"""The tags of the whole account.

Floor 4.
Source as in `crmbridge.salesmanago._calls`.
"""

from __future__ import annotations

from typing import cast

from crmbridge._steps import Call
from crmbridge.errors import MalformedReplyError
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago._calls import ask
from crmbridge.salesmanago._replies import array_in
from crmbridge.salesmanago.tags import AccountTag

__all__ = ["tags"]


def tags(
    account: Account, *, with_system: bool = False, owner: str | None = None
) -> Call[tuple[AccountTag, ...]]:
    """Read the account's tags; see `SalesmanagoClient.tags`."""
    path = "contact/tags"
    body = {"owner": owner or account.config.owner, "showSystemTags": with_system}
    answer = yield from ask(account, path, body)
    return tuple(_tag(row, path) for row in array_in(answer, "tags", path))


def _tag(row: object, what: str) -> AccountTag:
    entry = cast("dict[str, object]", row) if isinstance(row, dict) else {}
    name, contacts = entry.get("tag"), entry.get("numberOfTagged")
    if not isinstance(name, str):
        raise MalformedReplyError(
            f"{what}: the answer holds a tag without a name",
            service="salesmanago",
            status=200,
        )
    # A truth value counts as no number, though Python takes it for one.
    return AccountTag(name, contacts if type(contacts) is int else None)
