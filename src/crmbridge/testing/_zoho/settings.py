"""The users and fields of the fake Zoho, as their endpoints show them.

Floor 9.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crmbridge.testing._zoho.answers import Json, Refused
from crmbridge.testing._zoho.book import Book, User
from crmbridge.testing._zoho.fields import metadata
from crmbridge.testing._zoho.params import (
    Query,
    invalid_param,
    missing_param,
    page_size,
    whole_number,
)
from crmbridge.testing._zoho.routes import API, Answer, Route

__all__ = ["Settings"]

_USER_TYPES: Final = frozenset(
    {
        "ActiveConfirmedUsers",
        "ActiveUsers",
        "AllUsers",
        "ConfirmedUsers",
        "CurrentUser",
        "DeactiveUsers",
    }
)


class Settings:
    """Answers what the organisation is made of."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def routes(self) -> Iterator[Route]:
        """Name the addresses of this part."""
        yield Route(
            "GET",
            f"{API}/users",
            "users",
            lambda asked: self.users(asked.query),
            scope="users",
        )
        yield Route(
            "GET",
            f"{API}/settings/fields",
            "fields",
            lambda asked: self.fields(asked.query),
            scope="settings",
        )

    def users(self, query: Query) -> Answer:
        """Answer the users of a type."""
        kind = query.get("type", "AllUsers")
        if kind not in _USER_TYPES:
            raise invalid_param("type")
        everyone = list(self._book.users.values())
        if kind == "CurrentUser":
            everyone = [self._book.current_user]
        elif kind.startswith("Active"):
            everyone = [user for user in everyone if user.is_active]
        elif kind.startswith("Deactive"):
            everyone = [user for user in everyone if not user.is_active]
        size = page_size(self._book, query)
        page = whole_number(query, "page", 1)
        shown = everyone[(page - 1) * size : page * size]
        if not shown:
            return 204, None
        rows = [_show_user(user) for user in shown]
        info = {
            "per_page": size,
            "count": len(shown),
            "page": page,
            "more_records": page * size < len(everyone),
        }
        return 200, {"users": rows, "info": info}

    def fields(self, query: Query) -> Answer:
        """Answer a module's fields."""
        module = query.get("module")
        if module is None:
            raise missing_param("module")
        table = self._book.tables.get(module)
        if table is None:
            raise Refused(400, "INVALID_MODULE", "the module name given seems invalid")
        first = 487_687_600_000_000_000
        return 200, {
            "fields": [
                metadata(spec, str(first + place))
                for place, spec in enumerate(table.values())
            ]
        }


def _show_user(user: User) -> Json:
    first, _, last = user.full_name.partition(" ")
    return {
        "id": user.id,
        "email": user.email,
        "full_name": user.full_name,
        "first_name": first,
        "last_name": last or first,
        "status": "active" if user.is_active else "inactive",
        "confirm": True,
        "type__s": "Regular User",
        "time_zone": "Europe/Warsaw",
    }
