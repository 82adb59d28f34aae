"""Asks a fake SALESmanago by hand, as a program without our client does."""

from __future__ import annotations

import hashlib
from typing import Any

from attrs import evolve

from crmbridge._steps import Reply, Request
from crmbridge.testing import SalesmanagoFake

ADMIN = "admin@example.com"
HOST = "https://salesmanago.example.com"


def signed(path: str, *, host: str = HOST, **body: Any) -> Request:
    """Make a request for a fake with its own account, signed on our own."""
    sha = hashlib.sha1(b"keyfake-clientfake-secret").hexdigest()  # noqa: S324 - as the service wants it
    auth = {"clientId": "fake-client", "apiKey": "key", "requestTime": 1, "sha": sha}
    return Request(
        "salesmanago",
        "POST",
        f"{host}/api/{path}",
        json={"owner": ADMIN, **auth, **body},
    )


def reply_to(fake: SalesmanagoFake, path: str, **body: Any) -> Reply:
    """Ask, and give the answer as it comes."""
    return fake.handle(signed(path, **body))


def ask(fake: SalesmanagoFake, path: str, **body: Any) -> dict[str, Any]:
    """Ask, and give the JSON of the answer."""
    answer: dict[str, Any] = reply_to(fake, path, **body).json()
    return answer


def switch(fake: SalesmanagoFake, **switches: Any) -> None:
    """Set switches; those that are not named stay."""
    fake.switches = evolve(fake.switches, **switches)
