"""An OAuth client of Zoho, and what a person's consent gives it.

Floor 1: values only.
"""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from crmbridge._checks import (
    optional_base_url,
    require_one_of,
    require_positive,
    require_text,
)
from crmbridge._data_centres import DATA_CENTRES, ENVIRONMENTS, Environment
from crmbridge.config import ZohoConfig
from crmbridge.zoho.tokens import AccessToken

__all__ = ["ZohoApp", "ZohoAuthorisation", "ZohoGrant"]


@frozen(kw_only=True)
class ZohoApp:
    """An OAuth client as Zoho's API console shows it.

    Attributes:
        client_id: its id.
        client_secret: its secret.
        data_centre: one of `DATA_CENTRES`: where it was made.
        environment: ``"production"``, ``"sandbox"`` or ``"developer"``: which
            copy of the organisation consents are given for.
        accounts_url: an accounts host other than the data centre's.
        timeout_seconds: the limit of one request.

    Raises:
        ConfigError: a setting is missing or wrong.

    >>> ZohoApp(client_id="1000.X", client_secret="...", data_centre="eu").console_url
    'https://api-console.zoho.eu'
    """

    client_id: str = field(validator=require_text, repr=False)
    client_secret: str = field(validator=require_text, repr=False)
    data_centre: str = field(default="us", validator=require_one_of(DATA_CENTRES))
    environment: Environment = field(
        default="production", validator=require_one_of(ENVIRONMENTS)
    )
    accounts_url: str | None = field(default=None, converter=optional_base_url)
    timeout_seconds: float = field(default=60.0, validator=require_positive)

    @property
    def accounts_base(self) -> str:
        """The address where consents and tokens are given."""
        return self.accounts_url or DATA_CENTRES[self.data_centre].accounts_url

    @property
    def console_url(self) -> str:
        """The address where a person finds the client and makes grant tokens.

        Unverified: for the regions that Zoho's pages do not name; the console
        was seen beside the accounts server everywhere else.
        """
        return DATA_CENTRES[self.data_centre].accounts_url.replace(
            "//accounts.", "//api-console.", 1
        )


@frozen
class ZohoAuthorisation:
    """Where to send a person for consent, and what to keep until it comes back.

    Attributes:
        url: the address for the person's browser.
        state: comes back with the consent; keep it with the person's session,
            so that nobody can hand over the consent of somebody else.
        redirect_uri: where the person is sent back to.
    """

    url: str = field(repr=False)
    state: str = field(repr=False)
    redirect_uri: str


@frozen
class ZohoGrant:
    """What a consent gave: everything that a `ZohoConfig` needs.

    Attributes:
        app: the client; its ``data_centre`` is where the person lives.
        refresh_token: lives until it is revoked; keep it as you keep a
            password.
        access_token: the first one, good for an hour.
        scopes: what was granted, as Zoho said it; empty where it did not.

    >>> from datetime import UTC, datetime
    >>> app = ZohoApp(client_id="1000.X", client_secret="hush", data_centre="in")
    >>> token = AccessToken("hush", "https://www.zohoapis.in", datetime.now(UTC))
    >>> grant = ZohoGrant(app, "hush", token)
    >>> grant.config(owner="ann@example.com").api_base
    'https://www.zohoapis.in'
    >>> "hush" in repr(grant)
    False
    """

    app: ZohoApp
    refresh_token: str = field(repr=False)
    access_token: AccessToken
    scopes: tuple[str, ...] = ()

    @property
    def data_centre(self) -> str:
        """Where the organisation lives, one of `DATA_CENTRES`."""
        return self.app.data_centre

    @property
    def api_domain(self) -> str | None:
        """The API's address as Zoho said it; each later token says it again."""
        return self.access_token.api_domain

    def config(self, **settings: Any) -> ZohoConfig:
        """Make the configuration of a client.

        Args:
            settings: further settings of `ZohoConfig`, such as ``owner``.

        Raises:
            ConfigError: one of them is wrong.
        """
        mine: dict[str, Any] = {
            "client_id": self.app.client_id,
            "client_secret": self.app.client_secret,
            "refresh_token": self.refresh_token,
            "data_centre": self.app.data_centre,
            "environment": self.app.environment,
            "accounts_url": self.app.accounts_url,
        }
        return ZohoConfig(**{**mine, **settings})
