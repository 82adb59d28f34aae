"""What the fake SALESmanago remembers of a request: everything but credentials.

Floor 9.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen

__all__ = ["RecordedRequest"]

_SECRET: Final = frozenset(
    {"clientId", "apiKey", "sha", "apiSecret", "token", "password"}
)


@frozen
class RecordedRequest:
    """One request that reached the fake, without its credentials.

    Attributes:
        path: the endpoint's path.
        body: what was sent, credentials masked.
    """

    path: str
    body: Mapping[str, Any] = field(repr=False)

    @classmethod
    def of(cls, path: str, body: Mapping[str, Any]) -> RecordedRequest:
        """Remember a request."""
        masked = {
            name: "***" if name in _SECRET else value for name, value in body.items()
        }
        return cls(path, masked)
