"""The signature that SALESmanago wants in every body.

Floor 3.

Source: SALESmanago, "API documentation", API v2, authentication: the body
holds ``clientId``, any ``apiKey``, ``requestTime`` in milliseconds and ``sha``,
the hexadecimal SHA-1 of key, client id and secret put together.
Key and hash together are as good as the secret, so they never leave the body.
"""

from __future__ import annotations

import hashlib
from typing import Any

from attrs import evolve, field, frozen

from crmbridge._steps import Moment, Request
from crmbridge.config import SalesmanagoConfig

__all__ = ["Account", "Signer"]


@frozen
class Signer:
    """Signs requests of one account; ``repr`` hides all of it.

    Attributes:
        client_id: the account's client id.
        api_key: a random text, made once for a client.
        sha: the hash over both and the secret.
    """

    client_id: str = field(repr=False)
    api_key: str = field(repr=False)
    sha: str = field(repr=False)

    @classmethod
    def of(cls, config: SalesmanagoConfig, api_key: str) -> Signer:
        """Make the signer of an account with a key drawn by the caller."""
        text = f"{api_key}{config.client_id}{config.api_secret}"
        sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        return cls(config.client_id, api_key, sha)

    def sign(self, request: Request, now: Moment) -> Request:
        """Put the signature into a request's body."""
        body: dict[str, Any] = {
            "clientId": self.client_id,
            "apiKey": self.api_key,
            "requestTime": int(now.at.timestamp() * 1000),
            "sha": self.sha,
        }
        return evolve(request, json={**(request.json or {}), **body})


@frozen
class Account:
    """What every call needs: the settings and the signature."""

    config: SalesmanagoConfig
    signer: Signer

    @classmethod
    def of(cls, config: SalesmanagoConfig, api_key: str) -> Account:
        """Make the account of a configuration with a key drawn by the caller."""
        return cls(config, Signer.of(config, api_key))
