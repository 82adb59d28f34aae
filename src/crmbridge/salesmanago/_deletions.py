"""The deleting calls of SALESmanago.

Floor 4.

The rules: an answer that cannot be read is settled by reading the contact; and
an addressee is an e-mail or an id, for the service also takes a tag, and then
deletes everybody who has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Literal, TypeAlias

from crmbridge._steps import Call, gather
from crmbridge.errors import (
    ConnectionLostError,
    MalformedReplyError,
    RefusedError,
    ServiceError,
)
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago._calls import LIST_LIMIT, ask, cut
from crmbridge.salesmanago._presence import (
    named,
    presence,
    presences,
    presences_by_id,
    until_seen,
)
from crmbridge.salesmanago.outcomes import Presence, PresenceState

__all__ = ["delete", "delete_many", "delete_many_by_id"]

_UNREADABLE: Final = (ConnectionLostError, MalformedReplyError, ServiceError)

Addressee: TypeAlias = Literal["EMAIL", "CONTACT_ID"]
Look: TypeAlias = Callable[[], Call[tuple[Presence, ...]]]


def delete(
    account: Account,
    email: str,
    *,
    permanently: bool = False,
    owner: str | None = None,
) -> Call[None]:
    """Delete a contact; see `SalesmanagoClient.delete`."""
    email = named(email, "email")
    body: dict[str, Any] = {
        "owner": owner or account.config.owner,
        "email": email,
        "permanently": permanently,
    }
    gone = {PresenceState.ABSENT}
    if not permanently:
        gone.add(PresenceState.DELETED)
    try:
        yield from ask(account, "contact/delete", body)
    except (*_UNREADABLE, RefusedError):
        # Client code: this endpoint may answer no JSON though it worked; and a
        # repeated delete finds nothing any more.
        found = yield from until_seen(
            lambda: presence(account, email), lambda now: now.state in gone
        )
        if found.state not in gone:
            raise


def delete_many(account: Account, emails: Iterable[str]) -> Call[tuple[Presence, ...]]:
    """Delete contacts by e-mail; see `SalesmanagoClient.delete_many`."""
    asked = [named(email, "email") for email in emails]
    yield from _delete_all(account, "EMAIL", asked)
    return (yield from _settled(lambda: presences(account, asked)))


def delete_many_by_id(
    account: Account, ids: Iterable[str]
) -> Call[tuple[Presence, ...]]:
    """Delete contacts by id; see `SalesmanagoClient.delete_many_by_id`."""
    asked = [named(contact_id, "id") for contact_id in ids]
    yield from _delete_all(account, "CONTACT_ID", asked)
    return (yield from _settled(lambda: presences_by_id(account, asked)))


def _settled(look: Look) -> Call[tuple[Presence, ...]]:
    """Look until all have gone, for 7 seconds at most."""
    return (
        yield from until_seen(
            look, lambda found: not any(one.is_alive for one in found)
        )
    )


def _delete_all(account: Account, kind: Addressee, names: Sequence[str]) -> Call[None]:
    asked = tuple(dict.fromkeys(names))
    yield from gather(
        [_delete_part(account, kind, part) for part in cut(asked, LIST_LIMIT)],
        account.config.limits.max_in_flight,
    )


def _delete_part(account: Account, kind: Addressee, names: Sequence[str]) -> Call[None]:
    contacts = [{"addresseeType": kind, "value": name} for name in names]
    try:
        yield from ask(account, "contact/batchDelete", {"contacts": contacts})
    except RefusedError:
        # Unverified: whether one that is not there lets all be refused.
        middle = len(names) // 2
        if middle:
            yield from _delete_part(account, kind, names[:middle])
            yield from _delete_part(account, kind, names[middle:])
    except _UNREADABLE:
        return  # what became of them is read
