"""The addresses of the fake Zoho, what is done at them and what it costs.

Floor 9.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from crmbridge._steps import Request
from crmbridge.testing._zoho_answers import Refused, records_of

__all__ = ["TOKEN_PATH", "WRITES", "Asked", "asked_for", "credits_of"]

TOKEN_PATH: Final = "/oauth/v2/token"
_RECORDS_PER_CREDIT: Final = 10
_CONVERSION_CREDITS: Final = 5


@frozen
class _Route:
    """One address: what it is called, and what each verb does there."""

    pattern: re.Pattern[str]
    verbs: Mapping[str, str]


def _route(pattern: str, **verbs: str) -> _Route:
    return _Route(re.compile(f"/crm/v8{pattern}"), verbs)


_MODULE: Final = r"/(?P<module>\w+)"
_ROUTES: Final = (
    _route("/users", GET="users"),
    _route("/settings/fields", GET="fields"),
    _route(r"/Leads/(?P<id>\d+)/actions/convert", POST="convert"),
    _route(f"{_MODULE}/upsert", POST="upsert"),
    _route(f"{_MODULE}/deleted", GET="deleted"),
    _route(rf"{_MODULE}/(?P<id>\d+)", GET="one", PUT="update", DELETE="delete"),
    _route(_MODULE, GET="list", POST="insert", PUT="update", DELETE="delete"),
)
WRITES: Final = frozenset({"insert", "update", "upsert", "delete", "convert"})


@frozen
class Asked:
    """A request, taken apart.

    Attributes:
        verb: what is done; empty where the address does not take the method.
        module: the module, or ``""``.
        id: the record in the path.
        query: the parameters.
        headers: names in lower case.
        body: the JSON that was sent.
    """

    verb: str
    module: str
    id: str | None
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


def asked_for(path: str, query: Mapping[str, str], request: Request) -> Asked | None:
    """Take a request apart; ``None`` for an address that there is not."""
    for route in _ROUTES:
        match = route.pattern.fullmatch(path)
        if match is not None:
            found = match.groupdict()
            verb = route.verbs.get(request.method, "")
            module = found.get("module") or ("Leads" if verb == "convert" else "")
            return Asked(
                verb, module, found.get("id"), query, request.headers, request.json
            )
    return None


def credits_of(asked: Asked) -> int:
    """Give what a request costs, as far as it is known."""
    if asked.verb == "convert":
        return _CONVERSION_CREDITS
    if asked.verb not in {"insert", "update", "upsert"}:
        return 1
    try:
        return -(-len(records_of(asked.body)) // _RECORDS_PER_CREDIT)
    except Refused:
        return 1
