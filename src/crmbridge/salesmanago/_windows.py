"""The change feeds of SALESmanago: one user, one window, one generator each.

Floor 4.
Source as in `crmbridge.salesmanago._calls`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from crmbridge._steps import Call
from crmbridge.errors import InvalidInputError
from crmbridge.salesmanago._auth import Account
from crmbridge.salesmanago._calls import ask, milliseconds, text_in
from crmbridge.salesmanago._replies import array_in
from crmbridge.salesmanago.results import ChangesPage, ContactId

__all__ = ["created_contacts", "modified_contacts", "modified_contacts_page"]


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
    account: Account, *, start: datetime, end: datetime, owner: str | None = None
) -> Call[ChangesPage]:
    """Read who was modified; see `SalesmanagoClient.modified_contacts`."""
    path = "contact/modifiedContacts"
    body = _window(account, start, end, owner)
    answer = yield from ask(account, path, body)
    rows = array_in(answer, "modifiedContacts", path)
    return ChangesPage(_contact_ids(rows, path), server_time=answer.server_time)


def modified_contacts_page(
    account: Account,
    *,
    start: datetime,
    end: datetime,
    page: int = 1,
    owner: str | None = None,
) -> Call[ChangesPage]:
    """Read who was modified; see `SalesmanagoClient.modified_contacts_page`."""
    if page < 1:
        raise InvalidInputError(
            "page counts from 1", service="salesmanago", field="page"
        )
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
    found, email = entry.get("id"), entry.get("email")
    if isinstance(found, str) and isinstance(email, str) and found:
        return ContactId(found, email)  # as nearly all are
    key = "id" if entry.get("id") else "contactId"
    return ContactId(text_in(entry, key, what), email if isinstance(email, str) else "")
