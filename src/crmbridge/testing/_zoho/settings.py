"""What the fake Zoho's organisation is made of, as its endpoints show it.

Floor 9.
"""

from __future__ import annotations

from collections.abc import Iterator

from crmbridge.testing._zoho.answers import Json, Refused
from crmbridge.testing._zoho.book import Book
from crmbridge.testing._zoho.fields import MODULES, field_table, unused_fields
from crmbridge.testing._zoho.metadata import show_field, show_module, show_org
from crmbridge.testing._zoho.params import (
    Query,
    invalid_param,
    missing_param,
    page_size,
    since_of,
    whole_number,
    word,
)
from crmbridge.testing._zoho.routes import API, Answer, Asked, Route
from crmbridge.testing._zoho.users import USER_TYPES, User, show_user

__all__ = ["Settings"]

_FIRST_FIELD = 487_687_600_000_000_000
_IDS_PER_MODULE = 1000


class Settings:
    """Answers what the organisation is made of."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def routes(self) -> Iterator[Route]:
        """Name the addresses of this part."""
        settings = f"{API}/settings"
        for path, verb, do, scope in (
            (f"{API}/users", "users", self._users, "users"),
            (f"{API}/users/{{id}}", "user", self._user, "users"),
            (f"{API}/org", "org", self._org, "org"),
            (f"{settings}/modules", "modules", self._modules, "settings"),
            (f"{settings}/fields", "fields", self._fields, "settings"),
            (f"{settings}/fields/{{id}}", "field", self._field, "settings"),
        ):
            yield Route("GET", path, verb, do, scope=scope)
        for module in MODULES:
            path = f"{settings}/modules/{module}"
            yield Route("GET", path, f"{module} module", self._module, scope="settings")

    # --- users ---

    def _users(self, asked: Asked) -> Answer:
        users = self._chosen(asked.query)
        since = asked.headers.get("if-modified-since")
        if since is not None:
            after = since_of(since)
            users = [user for user in users if user.modified and user.modified > after]
            if not users:
                return self._book.switches.nothing_new_status, None
        size = page_size(self._book, asked.query)
        page = whole_number(asked.query, "page", 1)
        shown = users[(page - 1) * size : page * size]
        if not shown:
            return 204, None
        info = {
            "per_page": size,
            "count": len(shown),
            "page": page,
            "more_records": page * size < len(users),
        }
        return 200, {"users": self._show(shown), "info": info}

    def _chosen(self, query: Query) -> list[User]:
        kind = query.get("type", "AllUsers")
        if kind == "CurrentUser":
            return [self._book.current_user]
        if kind not in USER_TYPES:
            raise invalid_param("type")
        users = [user for user in self._book.users.values() if USER_TYPES[kind](user)]
        if "ids" in query:
            wanted = query["ids"].split(",")
            users = [user for user in users if user.id in wanted]
        return users

    def _user(self, asked: Asked) -> Answer:
        user = self._book.users.get(asked.id or "")
        return (204, None) if user is None else (200, {"users": self._show([user])})

    def _show(self, users: list[User]) -> list[Json]:
        return [show_user(user, self._book.zone) for user in users]

    # --- modules, fields, the organisation ---

    def _modules(self, asked: Asked) -> Answer:
        status = word(
            asked.query,
            "status",
            "visible",
            "user_hidden",
            "system_hidden",
            "scheduled_for_deletion",
        )
        if status != "visible":
            return 204, None
        return 200, {"modules": [show_module(module) for module in MODULES]}

    def _module(self, asked: Asked) -> Answer:
        module = asked.route.path.rpartition("/")[2]
        return 200, {"modules": [show_module(module)]}

    def _fields(self, asked: Asked) -> Answer:
        module = self._module_of(asked.query)
        kind = word(asked.query, "type", "used", "unused", "all")
        shown = [
            field
            for field in self._shown_fields(module)
            if kind in {"all", field["type"]}
        ]
        return (200, {"fields": shown}) if shown else (204, None)

    def _field(self, asked: Asked) -> Answer:
        module = self._module_of(asked.query)
        shown = [one for one in self._shown_fields(module) if one["id"] == asked.id]
        return (200, {"fields": shown}) if shown else (204, None)

    def _module_of(self, query: Query) -> str:
        module = query.get("module")
        if module is None:
            raise missing_param("module")
        if module not in MODULES:
            raise Refused(
                400, "INVALID_MODULE", "the module name given seems to be invalid"
            )
        return module

    def _shown_fields(self, module: str) -> list[Json]:
        first = _FIRST_FIELD + MODULES.index(module) * _IDS_PER_MODULE
        table = field_table(module, self._book.switches)
        specs = (*table.values(), *unused_fields(module))
        shown = [
            show_field(module, spec, str(first + place))
            for place, spec in enumerate(specs)
        ]
        if module == "Contacts" and self._book.switches.contact_lengths == "untold":
            for field in shown:
                del field["length"]
        return shown

    def _org(self, _: Asked) -> Answer:
        switches = self._book.switches
        oldest = self._book.current_user.modified
        return 200, {
            "org": [
                show_org(
                    switches.edition,
                    self._book.stamp(oldest),
                    privacy_settings=switches.has_privacy_settings,
                )
            ]
        }
