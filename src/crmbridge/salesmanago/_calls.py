"""The reading calls of SALESmanago, one generator per endpoint.

Floor 4.

Source, where nothing else is said: public client code that uses API v2; the
vendor's reference of the single endpoints could not be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeVar, cast
from urllib.parse import urlsplit

from attrs import evolve

from crmbridge._exchange import exchange
from crmbridge._steps import Call, Reply, Request, gather
from crmbridge.errors import (
    InvalidInputError,
    MalformedReplyError,
    OutcomeUnknownError,
    ServiceError,
)
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago._replies import Answer, answer_of, array_in, throttling_in
from crmbridge.salesmanago.records import SalesmanagoContact, read_contact
from crmbridge.salesmanago.results import ChangesPage, ContactId

__all__ = [
    "LIST_LIMIT",
    "ask",
    "created_contacts",
    "cut",
    "has_contact",
    "list_all",
    "list_all_by_id",
    "milliseconds",
    "modified_contacts",
    "send_any",
    "users",
]

T = TypeVar("T")

LIST_LIMIT: Final = 50
"""Contacts in one reading request. Source: doc comments of a C# client."""

_SERVICE: Final = "salesmanago"


def ask(
    account: Account,
    path: str,
    body: Mapping[str, Any],
    *,
    is_repeatable: bool = True,
) -> Call[Answer]:
    """Send one signed request and read its answer.

    Each attempt is signed with the time at which it is sent.

    Args:
        account: settings and signature.
        path: the path below ``/api/``.
        body: what is sent beside the signature.
        is_repeatable: whether carrying it out twice does no harm.

    Raises:
        OutcomeUnknownError: something that must not be repeated may have been
            carried out: the answer is lost, or says nothing.
        CrmbridgeError: as `exchange` and `answer_of` do.
    """
    request = Request(
        _SERVICE,
        "POST",
        f"{account.config.endpoint}/api/{path}",
        name=path,
        json=dict(body),
        prepare=account.signer.sign,
        throttling=partial(throttling_in, what=path),
    )
    reply = yield from exchange(
        request, policy=account.config.retry, is_repeatable=is_repeatable
    )
    try:
        return answer_of(reply, path)
    except (MalformedReplyError, ServiceError) as error:
        if is_repeatable:
            raise
        raise OutcomeUnknownError(
            f"{path}: the answer does not say whether it was carried out, and "
            "repeating is not safe; read the contact before writing again",
            service=_SERVICE,
            status=error.status,
        ) from error


def send_any(account: Account, request: Request) -> Call[Reply]:
    """Sign and send any request; see `SalesmanagoClient.send`."""
    is_path = request.url.startswith("/") and not urlsplit(request.url).netloc
    if not is_path:
        raise InvalidInputError(
            "url must be a path such as /api/contact/basic: the signature goes to "
            "no other host",
            service=_SERVICE,
            field="url",
        )
    signed = evolve(
        request,
        url=f"{account.config.endpoint}{request.url}",
        prepare=account.signer.sign,
        throttling=partial(throttling_in, what=request.name or request.url),
    )
    return (
        yield from exchange(signed, policy=account.config.retry, is_repeatable=False)
    )


def users(account: Account) -> Call[tuple[str, ...]]:
    """Read the account's users; see `SalesmanagoClient.users`."""
    answer = yield from ask(account, "user/listByClient", {})
    rows = array_in(answer, "users", "user/listByClient")
    emails = (_user_email(row) for row in rows)
    return tuple(email for email in emails if email)


def _user_email(row: object) -> str:
    # One live client was prepared for objects in place of texts.
    if isinstance(row, dict):
        entry = cast("dict[str, Any]", row)
        row = entry.get("email") or entry.get("owner") or entry.get("login")
    return row.strip() if isinstance(row, str) else ""


def has_contact(
    account: Account, email: str, *, owner: str | None = None
) -> Call[str | None]:
    """Look one address up; see `SalesmanagoClient.has_contact`."""
    what = "contact/hasContact"
    body = {"owner": owner or account.config.owner, "email": email.strip()}
    answer = yield from ask(account, what, body)
    if answer.payload.get("result") is not True:
        return None
    return _text(answer.payload, "contactId", what)


def list_all(
    account: Account, emails: Iterable[str]
) -> Call[tuple[SalesmanagoContact, ...]]:
    """Read contacts by e-mail; see `SalesmanagoClient.list_all`."""
    asked = dict.fromkeys(email.strip() for email in emails)
    return (yield from _listed(account, "contact/listAll", "email", tuple(asked)))


def list_all_by_id(
    account: Account, ids: Iterable[str]
) -> Call[tuple[SalesmanagoContact, ...]]:
    """Read contacts by id; see `SalesmanagoClient.list_all_by_id`."""
    asked = tuple(dict.fromkeys(ids))
    found = yield from _listed(account, "contact/listAllById", "contactId", asked)
    by_id = {contact.id: contact for contact in found}
    return tuple(by_id[contact_id] for contact_id in asked if contact_id in by_id)


def _listed(
    account: Account, path: str, key: str, asked: tuple[str, ...]
) -> Call[tuple[SalesmanagoContact, ...]]:
    parts = yield from gather(
        (_list_part(account, path, key, part) for part in cut(asked, LIST_LIMIT)),
        account.config.limits.max_in_flight,
    )
    found = {contact.id: contact for part in parts for contact in part}
    return tuple(found.values())


def _list_part(
    account: Account, path: str, key: str, part: Sequence[str]
) -> Call[tuple[SalesmanagoContact, ...]]:
    body = {"owner": account.config.owner, key: list(part)}
    answer = yield from ask(account, path, body)
    return tuple([read_contact(row) for row in array_in(answer, "contacts", path)])


def created_contacts(
    account: Account, *, start: datetime, end: datetime, owner: str | None = None
) -> Call[ChangesPage]:
    """Read who was created; see `SalesmanagoClient.created_contacts`."""
    path = "contact/createdContacts"
    body = _window(account, start, end, owner)
    answer = yield from ask(account, path, body)
    rows = array_in(answer, "createdContacts", path)
    return ChangesPage(_contact_ids(rows, path), server_time=answer.server_time)


def modified_contacts(
    account: Account,
    *,
    start: datetime,
    end: datetime,
    page: int = 1,
    owner: str | None = None,
) -> Call[ChangesPage]:
    """Read who was modified; see `SalesmanagoClient.modified_contacts`."""
    if page < 1:
        raise InvalidInputError("page counts from 1", service=_SERVICE, field="page")
    path = "contact/paginatedModifiedContacts"
    body = _window(account, start, end, owner)
    body |= {"page": page, "size": account.config.page_size}
    answer = yield from ask(account, path, body)
    rows = array_in(answer, "modifiedContacts", path)
    has_more = answer.payload.get("hasMore") is True
    return ChangesPage(_contact_ids(rows, path), has_more, answer.server_time)


def _window(
    account: Account, start: datetime, end: datetime, owner: str | None
) -> dict[str, Any]:
    return {
        "owner": owner or account.config.owner,
        "from": milliseconds(start),
        "to": milliseconds(end),
    }


def _contact_ids(rows: Iterable[object], what: str) -> tuple[ContactId, ...]:
    return tuple([_contact_id(row, what) for row in rows])


def _contact_id(row: object, what: str) -> ContactId:
    entry = cast("dict[str, Any]", row) if isinstance(row, dict) else {}
    key = "id" if entry.get("id") else "contactId"
    email = entry.get("email")
    return ContactId(_text(entry, key, what), email if isinstance(email, str) else "")


def _text(entry: Mapping[str, Any], key: str, what: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value:
        raise MalformedReplyError(
            f"{what}: the answer holds no {key}", service=_SERVICE, status=200
        )
    return value


def milliseconds(at: datetime) -> int:
    """Give a time as the service counts it.

    Raises:
        InvalidInputError: the time has no zone.
    """
    if at.tzinfo is None:
        raise InvalidInputError("a time must be aware of its zone", service=_SERVICE)
    return int(at.timestamp() * 1000)


def cut(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Cut rows into parts of at most ``size``, in order."""
    return (rows[start : start + size] for start in range(0, len(rows), size))
