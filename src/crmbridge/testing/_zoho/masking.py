"""What the fake Zoho remembers of a request: everything but secrets.

Floor 9.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import evolve

from crmbridge._steps import Request

__all__ = ["masked"]

_SECRET: Final = frozenset(
    {"client_secret", "refresh_token", "code", "authorization", "token"}
)


def masked(request: Request) -> Request:
    """Give a request without its secrets."""
    return evolve(
        request,
        url=request.url.partition("?")[0],
        query=_hidden(request.query),
        headers=_hidden(request.headers),
        form=request.form and _hidden(request.form),
    )


def _hidden(pairs: Mapping[str, str]) -> dict[str, str]:
    return {
        name: "***" if name.lower() in _SECRET else value
        for name, value in pairs.items()
    }
