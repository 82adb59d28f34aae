"""Another address for a contact of SALESmanago, or another owner.

Floor 4.

The rule: look, change, look again by id. Nothing is done where the new address
is somebody's, and no success is believed that is not seen.
"""

from __future__ import annotations

from typing import Final

from crmbridge._steps import Call
from crmbridge.errors import (
    ConnectionLostError,
    CrmbridgeError,
    DuplicateError,
    IgnoredError,
    InvalidInputError,
    MalformedReplyError,
    NotFoundError,
    OutcomeUnknownError,
    RefusedError,
    ServiceError,
    StaleError,
)
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago._calls import users
from crmbridge.salesmanago._presence import (
    alive,
    is_same_text,
    named,
    owner_of,
    presence,
    presences,
    seen_again,
)
from crmbridge.salesmanago._writes import set_main_owner, upsert
from crmbridge.salesmanago.details import ContactDetails
from crmbridge.salesmanago.outcomes import Presence, PresenceState, Renamed
from crmbridge.salesmanago.records import SalesmanagoContact

__all__ = ["move_owner", "rename"]

_SERVICE: Final = "salesmanago"
_UNCERTAIN: Final = (
    ConnectionLostError,
    MalformedReplyError,
    OutcomeUnknownError,
    RefusedError,
    ServiceError,
)


def rename(
    account: Account, old: str, new: str, *, contact_id: str | None = None
) -> Call[Renamed]:
    """Give a contact another address; see `SalesmanagoClient.rename`."""
    old, new = named(old, "old"), named(new, "new")
    at_old, at_new = yield from presences(account, (old, new))
    if at_old.state is PresenceState.ABSENT:
        return _renamed_before(at_new, new, contact_id)
    card = alive(at_old, "rename")
    if contact_id not in (None, card.id):
        raise StaleError(
            "rename: nothing was written, for the old address belongs to another "
            "contact than the one you named; read again",
            service=_SERVICE,
        )
    _refuse_taken(at_new, card.id)
    if card.email == new:
        return Renamed(card.id, new, was_before=True)
    answer = yield from _ask_to_rename(account, card, new)
    seen = yield from seen_again(
        account, card.id, lambda now: is_same_text(now.email, new)
    )
    if seen is not None and is_same_text(seen.email, new):
        return Renamed(card.id, str(seen.email))
    raise (yield from _reason(account, card, new, answer, seen))


def _renamed_before(at_new: Presence, new: str, contact_id: str | None) -> Renamed:
    """Judge a rename of an address that is nobody's."""
    if at_new.state is PresenceState.ABSENT:
        raise NotFoundError(
            "rename: neither address is there; look for the contact by its id",
            service=_SERVICE,
        )
    card = alive(at_new, "rename")
    if contact_id is not None:
        _refuse_taken(at_new, contact_id)
    return Renamed(card.id, str(card.email or new), was_before=True)


def _refuse_taken(at_new: Presence, contact_id: str) -> None:
    if at_new.state is not PresenceState.ABSENT and at_new.id != contact_id:
        raise _taken(at_new)


def _taken(at_new: Presence) -> DuplicateError:
    error = DuplicateError(
        "rename: another contact has the new address, and nothing was renamed; "
        "decide which of the two is to stay",
        service=_SERVICE,
        field="newEmail",
    )
    error.existing_id = at_new.id
    return error


def _ask_to_rename(
    account: Account, card: SalesmanagoContact, new: str
) -> Call[str | CrmbridgeError]:
    """Give the id that was answered, or what went wrong; never repeated."""
    details = ContactDetails(str(card.email), new_email=new)
    try:
        return (yield from upsert(account, details, owner=owner_of(account, card)))
    except _UNCERTAIN as error:
        return error


def _reason(
    account: Account,
    card: SalesmanagoContact,
    new: str,
    answer: str | CrmbridgeError,
    seen: SalesmanagoContact | None,
) -> Call[CrmbridgeError]:
    """Tell why a contact has not got its new address."""
    if seen is None:
        cause = answer if isinstance(answer, CrmbridgeError) else None
        return _unknown("the contact is not shown any more", cause)
    at_new = yield from presence(account, new)
    if at_new.id not in (None, card.id):
        error = _taken(at_new)
        error.__cause__ = answer if isinstance(answer, CrmbridgeError) else None
        return error
    if isinstance(answer, RefusedError):
        return answer
    if isinstance(answer, CrmbridgeError):
        return _unknown("the answer does not say whether it was done", answer)
    if answer != card.id:
        return StaleError(
            "rename: the contact left its old address meanwhile, and another one was "
            "written there; read both again",
            service=_SERVICE,
        )
    return _ignored("rename", "address")


def _unknown(why: str, cause: CrmbridgeError | None) -> OutcomeUnknownError:
    error = OutcomeUnknownError(
        f"rename: {why}; call it again, for it looks before it writes",
        service=_SERVICE,
        status=None if cause is None else cause.status,
    )
    error.__cause__ = cause
    return error


def _ignored(what: str, name: str) -> IgnoredError:
    return IgnoredError(
        f"{what}: SALESmanago says that it was done, and 7 seconds later still shows "
        f"another {name}; do not repeat it, but look into SALESmanago",
        service=_SERVICE,
    )


def move_owner(account: Account, email: str, *, to: str) -> Call[str]:
    """Give a contact to another user; see `SalesmanagoClient.move_owner`."""
    email = named(email, "email")
    known = yield from users(account)
    wanted = next((one for one in known if is_same_text(one, to)), None)
    if wanted is None:
        raise InvalidInputError(
            "move_owner: the new owner is no user of the account; see users()",
            service=_SERVICE,
            field="to",
        )
    card = alive((yield from presence(account, email)), "move_owner")
    if is_same_text(card.main_contact_owner, wanted):
        return card.id
    answer = yield from _ask_to_move(account, card, wanted, known)
    seen = yield from seen_again(
        account, card.id, lambda now: is_same_text(now.main_contact_owner, wanted)
    )
    if seen is not None and is_same_text(seen.main_contact_owner, wanted):
        return card.id
    if answer is not None:
        raise answer
    raise _ignored("move_owner", "owner")


def _ask_to_move(
    account: Account, card: SalesmanagoContact, wanted: str, known: tuple[str, ...]
) -> Call[CrmbridgeError | None]:
    """Give what went wrong; it is repeated, for twice does no harm."""
    present = owner_of(account, card)
    # In the name of a user who has left nothing can be asked.
    owner = next((one for one in known if is_same_text(one, present)), None)
    try:
        yield from set_main_owner(
            account, str(card.email), new_owner=wanted, owner=owner
        )
    except _UNCERTAIN as error:
        return error
    return None
