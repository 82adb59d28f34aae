"""What a caller who connects Zoho may rely on; read by the checkers, never run."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import assert_type

from crmbridge import ZohoClient, ZohoConfig
from crmbridge.zoho import (
    AccessToken,
    AsyncZohoOAuth,
    FileTokenStore,
    MemoryTokenStore,
    TokenStore,
    ZohoApp,
    ZohoAuthorisation,
    ZohoGrant,
    ZohoOAuth,
    load_zoho_config,
)


class OwnStore:
    """A caller's own token store needs no base class."""

    def load(self, key: str) -> AccessToken | None:
        return None

    def save(self, key: str, token: AccessToken) -> None: ...

    @contextmanager
    def lock(self, key: str) -> Generator[None]:
        yield


def stores() -> tuple[TokenStore, ...]:
    return OwnStore(), MemoryTokenStore(), FileTokenStore("tokens.json")


def connect(app: ZohoApp) -> ZohoConfig:
    with ZohoOAuth(app, token_store=OwnStore()) as oauth:
        asked = assert_type(
            oauth.authorisation(redirect_uri="https://app.example.com"),
            ZohoAuthorisation,
        )
        grant = assert_type(
            oauth.exchange_callback("?", state=asked.state, redirect_uri="https://x"),
            ZohoGrant,
        )
        assert_type(grant.scopes, tuple[str, ...])
    return assert_type(grant.config(owner="ann@example.com"), ZohoConfig)


async def connect_with_tasks(app: ZohoApp) -> ZohoGrant:
    async with AsyncZohoOAuth(app) as oauth:
        return assert_type(await oauth.exchange("1000.x"), ZohoGrant)


def client() -> ZohoClient:
    config = assert_type(load_zoho_config("zoho.json"), ZohoConfig)
    return ZohoClient(config, token_store=OwnStore())
