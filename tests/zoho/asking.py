"""A program that asks a fake Zoho without this library's client."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from crmbridge._steps import Reply, Request
from crmbridge.testing import ZohoFake


def refresh(fake: ZohoFake, **form: str) -> Reply:
    """Ask for an access token."""
    account = fake.account()
    whole = {
        "grant_type": "refresh_token",
        "client_id": account["client_id"],
        "client_secret": account["client_secret"],
        "refresh_token": account["refresh_token"],
        **form,
    }
    url = f"{account['accounts_url']}/oauth/v2/token"
    return fake.handle(Request("zoho", "POST", url, form=whole))


def new_token(fake: ZohoFake) -> str:
    """Give a new access token."""
    return str(refresh(fake).json()["access_token"])


class Api:
    """Asks a fake with one token."""

    def __init__(self, fake: ZohoFake) -> None:
        self.fake = fake
        self.token = new_token(fake)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        **query: str,
    ) -> Reply:
        return self.fake.handle(self._request(method, path, body, headers, query))

    def start(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        **query: str,
    ) -> Callable[[], Reply]:
        """Let a request come in, and give what answers it."""
        return self.fake.receive(self._request(method, path, body, headers, query))

    def _request(
        self,
        method: str,
        path: str,
        body: Any,
        headers: dict[str, str] | None,
        query: dict[str, str],
    ) -> Request:
        own = {"authorization": f"Zoho-oauthtoken {self.token}", **(headers or {})}
        url = f"https://www.zohoapis.example.com/crm/v8/{path}"
        return Request("zoho", method, url, query=query, headers=own, json=body)

    def page(
        self, module: str = "Leads", since: datetime | None = None, **query: str
    ) -> Reply:
        headers = {} if since is None else {"if-modified-since": since.isoformat()}
        return self.ask("GET", module, None, headers, **{"fields": "Email", **query})

    def ids(self, module: str = "Leads", **query: Any) -> list[str]:
        reply = self.page(module, **query)
        return (
            [] if reply.status == 204 else [row["id"] for row in reply.json()["data"]]
        )

    def write(
        self, verb: str, module: str, *records: Any, headers: Any = None, **more: Any
    ) -> tuple[int, list[Any]]:
        method = {"insert": "POST", "update": "PUT", "upsert": "POST"}[verb]
        path = f"{module}/upsert" if verb == "upsert" else module
        reply = self.ask(method, path, {"data": list(records), **more}, headers)
        return reply.status, reply.json()["data"]


def code_of(reply: Reply) -> tuple[int, str]:
    """Give the status and the code of a refusal."""
    body = reply.json()
    return reply.status, body.get("code") or body["data"][0]["code"]
