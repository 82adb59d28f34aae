"""Which scopes a request to the fake Zoho needs, and whether its token has them.

Floor 9.
Source: Zoho CRM API v8, "Scopes" and the scopes that each endpoint's page names;
Zoho's OpenAPI files.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crmbridge.testing._zoho.answers import Refused
from crmbridge.testing._zoho.routes import Asked
from crmbridge.testing._zoho.tokens import EVERYTHING
from crmbridge.zoho.scopes import missing_scopes

__all__ = ["check_reading", "check_scopes", "check_writing"]

_OPERATIONS: Final = {
    "GET": "READ",
    "POST": "CREATE",
    "PUT": "UPDATE",
    "PATCH": "UPDATE",
    "DELETE": "DELETE",
}
# Starting a bulk read is reading; mass conversion has a scope instead of the module's.
_READS: Final = frozenset({"bulk read"})
_WITHOUT_MODULE: Final = frozenset({"mass_convert"})
_OF_ROUTES: Final = {
    "coql": "ZohoCRM.coql.READ",
    "files": "ZohoFiles.files.CREATE",
    "mass_convert": "ZohoCRM.mass_convert.leads.{operation}",
    "search": "ZohoSearch.securesearch.READ",
    "settings": "ZohoCRM.settings.{part}.{operation}",
}


def check_scopes(asked: Asked) -> None:
    """Refuse a request whose address needs a scope that its token lacks.

    Raises:
        Refused: a scope is missing.
    """
    _check(asked, *_needed(asked))


def check_reading(asked: Asked, module: str) -> None:
    """Refuse to read a module that a request names elsewhere than in its path.

    Raises:
        Refused: the module's scope is missing.
    """
    _check(asked, f"ZohoCRM.modules.{module}.READ")


def check_writing(asked: Asked, module: str, operation: str) -> None:
    """Refuse to write into a module that a request names elsewhere than in its path.

    Raises:
        Refused: the module's scope is missing.
    """
    allowed = "UPDATE" if operation == "update" else "CREATE"
    _check(asked, f"ZohoCRM.modules.{module}.{allowed}")


def _check(asked: Asked, *needed: str) -> None:
    # A token that may do everything may also do what has no scope in here.
    if asked.granted != EVERYTHING and missing_scopes(needed, asked.granted):
        raise Refused(401, "OAUTH_SCOPE_MISMATCH", "invalid oauth scope")


def _needed(asked: Asked) -> Iterator[str]:
    route = asked.route
    operation = _OPERATIONS.get(route.method, "READ")
    if route.verb in _READS:
        operation = "READ"
    if route.scope:
        form = _OF_ROUTES.get(route.scope, f"ZohoCRM.{route.scope}.{{operation}}")
        part = route.path.rpartition("/settings/")[2].partition("/")[0]
        yield form.format(operation=operation, part=part)
    if asked.module and route.scope not in _WITHOUT_MODULE:
        yield f"ZohoCRM.modules.{asked.module}.{operation}"
