"""The reading calls of SALESmanago, one generator per endpoint.

Floor 4.

Source, where nothing else is said: public client code that uses API v2; the
vendor's reference of the single endpoints could not be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final, Generic, Protocol, TypeVar, cast
from urllib.parse import urlsplit

from attrs import evolve, field, frozen

from crmbridge._exchange import exchange
from crmbridge._steps import Call, Reply, Request, gather
from crmbridge.errors import (
    InvalidInputError,
    MalformedReplyError,
    OutcomeUnknownError,
)
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago._replies import Answer, answer_of, array_in, throttling_in
from crmbridge.salesmanago.basics import SalesmanagoBasic, read_basic
from crmbridge.salesmanago.records import SalesmanagoContact, read_contact

__all__ = [
    "LIST_LIMIT",
    "ask",
    "basic",
    "basic_by_id",
    "cut",
    "has_contact",
    "list_all",
    "list_all_by_id",
    "list_owned",
    "list_owned_by_id",
    "milliseconds",
    "send_any",
    "text_in",
    "users",
    "users_at",
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
    except MalformedReplyError as error:
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
    found, _ = yield from users_at(account)
    return found


def users_at(account: Account) -> Call[tuple[tuple[str, ...], datetime | None]]:
    """Read the account's users, and the service's clock."""
    answer = yield from ask(account, "user/listByClient", {})
    rows = array_in(answer, "users", "user/listByClient")
    emails = (_user_email(row) for row in rows)
    found = dict.fromkeys(email for email in emails if email)
    return tuple(found), answer.server_time


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
    return text_in(answer.payload, "contactId", what)


def list_all(
    account: Account, emails: Iterable[str]
) -> Call[tuple[SalesmanagoContact, ...]]:
    """Read contacts by e-mail; see `SalesmanagoClient.list_all`."""
    many = _Many("contact/listAll", "email", account.config.owner, read_contact)
    return (yield from many.by_email(account, emails))


def list_all_by_id(
    account: Account, ids: Iterable[str]
) -> Call[tuple[SalesmanagoContact, ...]]:
    """Read contacts by id; see `SalesmanagoClient.list_all_by_id`."""
    owner = account.config.owner
    many = _Many("contact/listAllById", "contactId", owner, read_contact)
    return (yield from many.by_id(account, ids))


def list_owned(
    account: Account, emails: Iterable[str], *, owner: str | None = None
) -> Call[tuple[SalesmanagoContact, ...]]:
    """Read a user's contacts by e-mail; see `SalesmanagoClient.list_owned`."""
    owner = owner or account.config.owner
    many = _Many("contact/list", "email", owner, read_contact)
    return (yield from many.by_email(account, emails))


def list_owned_by_id(
    account: Account, ids: Iterable[str], *, owner: str | None = None
) -> Call[tuple[SalesmanagoContact, ...]]:
    """Read a user's contacts by id; see `SalesmanagoClient.list_owned_by_id`."""
    owner = owner or account.config.owner
    many = _Many("contact/listById", "contactId", owner, read_contact)
    return (yield from many.by_id(account, ids))


def basic(
    account: Account, emails: Iterable[str], *, owner: str | None = None
) -> Call[tuple[SalesmanagoBasic, ...]]:
    """Read basic data by e-mail; see `SalesmanagoClient.basic`."""
    owner = owner or account.config.owner
    many = _Many("contact/basic", "email", owner, read_basic)
    return (yield from many.by_email(account, emails))


def basic_by_id(
    account: Account, ids: Iterable[str], *, owner: str | None = None
) -> Call[tuple[SalesmanagoBasic, ...]]:
    """Read basic data by id; see `SalesmanagoClient.basic_by_id`."""
    owner = owner or account.config.owner
    many = _Many("contact/basicById", "id", owner, read_basic)
    return (yield from many.by_id(account, ids))


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


Card = TypeVar("Card", bound=_HasId)


@frozen
class _Many(Generic[Card]):
    """An endpoint that takes many e-mails or ids, and how it is asked.

    Answers come in any order and leave out whom they do not know, so contacts
    are matched by id, never by position.

    Attributes:
        path: the endpoint.
        key: where the e-mails or ids stand in the body.
        owner: who asks.
        read: reads one element of ``contacts``.
    """

    path: str
    key: str
    owner: str = field(repr=False)
    read: Callable[[object], Card]

    def by_email(
        self, account: Account, emails: Iterable[str]
    ) -> Call[tuple[Card, ...]]:
        """Read those with these addresses, in no order, each once."""
        asked = tuple(dict.fromkeys(email.strip() for email in emails))
        found = yield from self._parts(account, asked)
        return tuple(found.values())

    def by_id(self, account: Account, ids: Iterable[str]) -> Call[tuple[Card, ...]]:
        """Read those with these ids, in the order asked for, each once."""
        asked = tuple(dict.fromkeys(ids))
        found = yield from self._parts(account, asked)
        return tuple([found[card_id] for card_id in asked if card_id in found])

    def _parts(self, account: Account, asked: Sequence[str]) -> Call[dict[str, Card]]:
        parts = yield from gather(
            [self._part(account, part) for part in cut(asked, LIST_LIMIT)],
            account.config.limits.max_in_flight,
        )
        return {card.id: card for part in parts for card in part}

    def _part(self, account: Account, part: Sequence[str]) -> Call[tuple[Card, ...]]:
        body = {"owner": self.owner, self.key: list(part)}
        answer = yield from ask(account, self.path, body)
        rows = array_in(answer, "contacts", self.path)
        return tuple([self.read(row) for row in rows])


def text_in(entry: Mapping[str, Any], key: str, what: str) -> str:
    """Give a text of a payload that is never empty.

    Raises:
        MalformedReplyError: it is missing, or no text.
    """
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
