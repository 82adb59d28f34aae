"""The writing calls of SALESmanago, one generator per endpoint.

Floor 4.
Source as in `crmbridge.salesmanago._calls`.

The rule: a write that may send a confirmation mail, raise a score or rename is
never repeated on its own; every other one may be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from crmbridge._steps import Call, gather
from crmbridge.errors import (
    InvalidInputError,
    MalformedReplyError,
)
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago._calls import ask, cut
from crmbridge.salesmanago._replies import Answer
from crmbridge.salesmanago._texts import language_code
from crmbridge.salesmanago.details import ContactDetails

__all__ = [
    "batch_upsert",
    "opt_in",
    "opt_out",
    "phone_opt_in",
    "phone_opt_out",
    "set_main_owner",
    "upsert",
]


def upsert(
    account: Account,
    details: ContactDetails,
    *,
    owner: str | None = None,
    double_opt_in: bool = False,
    language: str | None = None,
) -> Call[str]:
    """Add or change one contact; see `SalesmanagoClient.upsert`."""
    body = {
        "owner": owner or account.config.owner,
        **details.body(),
        "useApiDoubleOptIn": double_opt_in,
        **_language(language),
    }
    is_repeatable = not double_opt_in and _is_harmless_twice(details)
    answer = yield from ask(
        account, "contact/upsert", body, is_repeatable=is_repeatable
    )
    return _contact_id(answer, "contact/upsert")


def batch_upsert(
    account: Account,
    details: Iterable[ContactDetails],
    *,
    owner: str | None = None,
    double_opt_in: bool = False,
    language: str | None = None,
) -> Call[tuple[str | None, ...]]:
    """Add or change contacts; see `SalesmanagoClient.batch_upsert`."""
    rows = tuple(details)
    _refuse_repeated(rows)
    shared: dict[str, Any] = {
        "owner": owner or account.config.owner,
        "useApiDoubleOptIn": double_opt_in,
        **_language(language),
    }
    parts = yield from gather(
        (_upsert_part(account, part, shared) for part in _batches(account, rows)),
        account.config.limits.max_in_flight,
    )
    return tuple(contact_id for part in parts for contact_id in part)


def _language(code: str | None) -> dict[str, str]:
    return {} if code is None else {"lang": language_code(code)}


def _batches(
    account: Account, rows: Sequence[ContactDetails]
) -> Iterable[Sequence[ContactDetails]]:
    return cut(rows, account.config.batch_size)


def _refuse_repeated(rows: Sequence[ContactDetails]) -> None:
    emails = {row.email.strip().lower() for row in rows}
    if len(emails) != len(rows):
        raise InvalidInputError(
            "two records of a batch have the same e-mail; merge them first",
            service="salesmanago",
            field="email",
        )


def _upsert_part(
    account: Account, rows: Sequence[ContactDetails], shared: Mapping[str, Any]
) -> Call[tuple[str | None, ...]]:
    path = "contact/batchupsert"
    body = {**shared, "upsertDetails": [row.body() for row in rows]}
    is_repeatable = not shared["useApiDoubleOptIn"]
    is_repeatable = is_repeatable and all(map(_is_harmless_twice, rows))
    answer = yield from ask(account, path, body, is_repeatable=is_repeatable)
    ids = answer.payload.get("contactIds")
    if not isinstance(ids, dict):
        raise MalformedReplyError(
            f"{path}: the answer holds no contactIds", service="salesmanago", status=200
        )
    by_email = {
        email.strip().lower(): contact_id
        for email, contact_id in cast("dict[str, Any]", ids).items()
    }
    return tuple(_id_of(row, by_email) for row in rows)


def _id_of(row: ContactDetails, by_email: Mapping[str, Any]) -> str | None:
    found = by_email.get(row.email.strip().lower())
    if found is None and row.new_email:
        # Unverified: under which address the answer names a renamed contact.
        found = by_email.get(row.new_email.strip().lower())
    return found if isinstance(found, str) else None


def _is_harmless_twice(details: ContactDetails) -> bool:
    """Tell whether writing it again leaves what writing it once does.

    A rename does not: the old address would be nobody's by then, and a new
    contact would be made of it.
    """
    return not details.tag_scoring and not details.new_email


def opt_in(account: Account, email: str) -> Call[str]:
    """Allow e-mails to a contact; see `SalesmanagoClient.opt_in`."""
    return (yield from _consent(account, "contact/optin", email))


def opt_out(account: Account, email: str) -> Call[str]:
    """Forbid e-mails to a contact; see `SalesmanagoClient.opt_out`."""
    return (yield from _consent(account, "contact/optout", email))


def phone_opt_in(account: Account, email: str) -> Call[str]:
    """Allow texts to a contact; see `SalesmanagoClient.phone_opt_in`."""
    return (yield from _consent(account, "contact/phoneoptin", email))


def phone_opt_out(account: Account, email: str) -> Call[str]:
    """Forbid texts to a contact; see `SalesmanagoClient.phone_opt_out`."""
    return (yield from _consent(account, "contact/phoneoptout", email))


def _consent(account: Account, path: str, email: str) -> Call[str]:
    body = {"owner": account.config.owner, "email": email.strip()}
    answer = yield from ask(account, path, body)
    return _contact_id(answer, path)


def _contact_id(answer: Answer, path: str) -> str:
    contact_id = answer.payload.get("contactId")
    if not isinstance(contact_id, str):
        raise MalformedReplyError(
            f"{path}: the answer holds no contactId", service="salesmanago", status=200
        )
    return contact_id


def set_main_owner(
    account: Account, email: str, *, new_owner: str, owner: str | None = None
) -> Call[None]:
    """Give a contact to another user; see `SalesmanagoClient.set_main_owner`."""
    body = {
        "owner": owner or account.config.owner,
        "newOwner": new_owner,
        "contact": email.strip(),
    }
    yield from ask(account, "contact/setMainOwner", body)
