"""The writing calls of SALESmanago, one generator per endpoint.

Floor 4.
Source as in `crmbridge.salesmanago._calls`.

The rule: a write that may send a confirmation mail, raise a score or rename is
never repeated on its own; every other one may be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from crmbridge._steps import Call
from crmbridge.errors import (
    MalformedReplyError,
    OutcomeUnknownError,
)
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago._calls import ask
from crmbridge.salesmanago._replies import Answer
from crmbridge.salesmanago._texts import language_code
from crmbridge.salesmanago.details import ContactDetails

__all__ = [
    "insert",
    "is_harmless_twice",
    "set_main_owner",
    "shared_body",
    "update",
    "upsert",
]


def upsert(
    account: Account,
    details: ContactDetails,
    *,
    owner: str | None = None,
    double_opt_in: bool = False,
    language: str | None = None,
    is_async: bool = False,
) -> Call[str]:
    """Add or change one contact; see `SalesmanagoClient.upsert`."""
    body = {
        **shared_body(
            account, owner=owner, double_opt_in=double_opt_in, language=language
        ),
        **details.body(),
        "async": is_async,
    }
    is_repeatable = is_harmless_twice([details], double_opt_in=double_opt_in)
    return (
        yield from _written(
            account, "contact/upsert", body, is_repeatable=is_repeatable
        )
    )


def insert(
    account: Account,
    details: ContactDetails,
    *,
    owner: str | None = None,
    double_opt_in: bool = False,
    language: str | None = None,
) -> Call[str]:
    """Add one contact; see `SalesmanagoClient.insert`."""
    body = {
        **shared_body(
            account, owner=owner, double_opt_in=double_opt_in, language=language
        ),
        **details.as_new().body(),
    }
    return (yield from _written(account, "contact/insert", body, is_repeatable=False))


def update(
    account: Account,
    details: ContactDetails,
    *,
    contact_id: str | None = None,
    owner: str | None = None,
    double_opt_in: bool = False,
    language: str | None = None,
) -> Call[str]:
    """Change one contact; see `SalesmanagoClient.update`."""
    wire = details.body()
    email = wire["contact"].pop("email")
    body = {
        **shared_body(
            account, owner=owner, double_opt_in=double_opt_in, language=language
        ),
        **wire,
        **({"email": email} if contact_id is None else {"contactId": contact_id}),
    }
    is_repeatable = is_harmless_twice([details], double_opt_in=double_opt_in)
    return (
        yield from _written(
            account, "contact/update", body, is_repeatable=is_repeatable
        )
    )


def shared_body(
    account: Account, *, owner: str | None, double_opt_in: bool, language: str | None
) -> dict[str, Any]:
    """Give what a write says beside the details of contacts."""
    body: dict[str, Any] = {
        "owner": owner or account.config.owner,
        "useApiDoubleOptIn": double_opt_in,
    }
    if language is not None:
        body["lang"] = language_code(language)
    return body


def is_harmless_twice(
    details: Iterable[ContactDetails], *, double_opt_in: bool
) -> bool:
    """Tell whether writing them again leaves what writing them once does.

    A confirmation mail would go out again, a score be raised again.
    After a rename the old address would be nobody's, and a new contact would
    be made of it.
    """
    return not double_opt_in and not any(
        row.tag_scoring or row.new_email for row in details
    )


def _written(
    account: Account, path: str, body: Mapping[str, Any], *, is_repeatable: bool
) -> Call[str]:
    """Write one contact and give its id."""
    answer = yield from ask(account, path, body, is_repeatable=is_repeatable)
    try:
        return _contact_id(answer, path)
    except MalformedReplyError as error:
        if is_repeatable:
            raise
        raise OutcomeUnknownError(
            f"{path}: the answer names no contact, and repeating is not safe; read "
            "the contact before writing again",
            service="salesmanago",
            status=error.status,
        ) from error


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
