"""The settings of both services: frozen values, checked at birth.

Floor 1: reads no file and no environment.
"""

from __future__ import annotations

from datetime import date

from attrs import field, frozen
from attrs.validators import optional

from crmbridge._checks import (
    base_url,
    optional_base_url,
    require_between,
    require_no_less_than_zero,
    require_one_of,
    require_positive,
    require_text,
)
from crmbridge._data_centres import (
    DATA_CENTRES,
    ENVIRONMENTS,
    DataCentre,
    Environment,
)
from crmbridge.errors import AuthtokenRetiredError, ConfigError

__all__ = [
    "DATA_CENTRES",
    "DataCentre",
    "Environment",
    "Limits",
    "RetryPolicy",
    "SalesmanagoConfig",
    "ZohoConfig",
]


@frozen(kw_only=True)
class RetryPolicy:
    """How often and how long something safe to repeat is tried.

    Waits grow by doubling and are drawn between zero and the bound ("full
    jitter"); a ``Retry-After`` of the service comes first.

    Attributes:
        attempts: how many times in all, at least 1.
        first_delay_seconds: the bound of the first wait.
        longest_delay_seconds: the bound of every wait. A service that asks
            for more gets a `ThrottledError` instead.
        total_seconds: no attempt starts later than this after the first.

    >>> RetryPolicy(first_delay_seconds=2.0).delay_seconds(3, draw=0.5)
    4.0
    """

    attempts: int = field(default=5, validator=require_positive)
    first_delay_seconds: float = 0.5
    longest_delay_seconds: float = 60.0
    total_seconds: float = field(default=300.0, validator=require_positive)

    def delay_seconds(self, failures: int, draw: float) -> float:
        """Give the wait after so many failures, ``draw`` being in [0, 1)."""
        bound = self.first_delay_seconds * 2.0 ** max(0, failures - 1)
        return draw * min(bound, self.longest_delay_seconds)


@frozen(kw_only=True)
class Limits:
    """How fast one account may be asked, and how much of its credits may be used.

    Attributes:
        max_in_flight: requests under way at one time.
        max_complex_in_flight: how many of them may be of the kinds that Zoho
            calls complex: queries, searches, sorted lists, conversions and
            writes of more than 10 records. Zoho takes 10 in every edition.
        requests_per_second: the steady rate, or ``None`` for no bound.
        credits_per_day: the credits that may be used in any 24 hours, or
            ``None`` for as many as the service gives.
        credits_reserve: the credits that are left for other programs, of those
            that the service says remain.
        first_pause_seconds: the bound of the pause after the first HTTP 429;
            it doubles with each further one.
        longest_pause_seconds: the bound of every pause. A service that asks
            for more gets no requests until then, but a `ThrottledError`.
        max_reply_bytes: a larger answer is refused.

    >>> Limits(requests_per_second=2.5).max_in_flight
    5
    """

    max_in_flight: int = field(default=5, validator=require_positive)
    max_complex_in_flight: int = field(default=10, validator=require_positive)
    requests_per_second: float | None = field(
        default=None, validator=optional(require_positive)
    )
    credits_per_day: int | None = field(
        default=None, validator=optional(require_positive)
    )
    credits_reserve: int = field(default=0, validator=require_no_less_than_zero)
    first_pause_seconds: float = field(default=2.0, validator=require_positive)
    longest_pause_seconds: float = field(default=60.0, validator=require_positive)
    max_reply_bytes: int = field(default=64 * 1024 * 1024, validator=require_positive)


def _salesmanago_url(address: str) -> str:
    if not address.strip():
        raise ConfigError(
            "endpoint is required: SALESmanago shows it under Integration Center > "
            "API > API v2"
        )
    bare = address.strip()
    if all(sign not in bare for sign in "./:"):
        bare = f"{bare}.salesmanago.com"
    return base_url(bare, setting="endpoint")


@frozen(kw_only=True)
class SalesmanagoConfig:
    """Everything needed to talk to one SALESmanago account.

    Attributes:
        endpoint: the account's server: a name (``"app2"``), a host or an
            address. It is required, because asking the wrong server may send
            the credentials astray.
            Source: SALESmanago, Integration Center > API > API v2.
        client_id: the account's client id.
        api_secret: the secret that requests are signed with; it never
            travels.
        owner: the e-mail of the SALESmanago user in whose name contacts are
            read and created: the main user.
        history_start: the day before which no contact was made; a first run
            reads from here.
        feed_window_days: the longest from-to window asked of the change
            feed, 1 to 30. Unverified: windows of 30 days were seen to work.
        page_size: ids asked per page of the change feed, up to 1000.
        batch_size: records sent per batch, up to 200.
        timeout_seconds: the limit of one request.
        retry: how failures are repeated.
        limits: how fast the account is asked; by default 5 times in a second,
            3 at one time. Unverified: SALESmanago publishes no limit, so these
            are careful ones.

    Raises:
        ConfigError: a setting is missing or wrong.

    >>> SalesmanagoConfig(
    ...     endpoint="app2", client_id="c", api_secret="s", owner="ann@example.com"
    ... ).endpoint
    'https://app2.salesmanago.com'
    """

    endpoint: str = field(converter=_salesmanago_url)
    client_id: str = field(validator=require_text, repr=False)
    api_secret: str = field(validator=require_text, repr=False)
    owner: str = field(validator=require_text, repr=False)
    history_start: date = date(2011, 1, 1)
    feed_window_days: int = field(default=30, validator=require_between(1, 30))
    page_size: int = field(default=1000, validator=require_between(1, 1000))
    batch_size: int = field(default=200, validator=require_between(1, 200))
    timeout_seconds: float = field(default=120.0, validator=require_positive)
    retry: RetryPolicy = RetryPolicy()
    limits: Limits = Limits(max_in_flight=3, requests_per_second=5.0)


@frozen(kw_only=True)
class ZohoConfig:
    """Everything needed to talk to one Zoho CRM organisation.

    Attributes:
        client_id: the OAuth client made in Zoho's API console.
        client_secret: its secret.
        refresh_token: the token that a person's consent gave; see
            `ZohoOAuth`, or ``python -m crmbridge.zoho connect``.
        data_centre: one of `DATA_CENTRES`: where the organisation and its
            OAuth client live.
        environment: ``"production"``, ``"sandbox"`` or ``"developer"``; the
            consent has to be given for the same one.
        owner: the e-mail of the Zoho user who gets contacts without an owner
            of their own: the main user. ``None`` takes the user who gave the
            consent.
        accounts_url: an accounts host other than the data centre's.
        api_domain: an API host other than the one that the token names.
        upload_url: an upload host other than the data centre's; the ``uk``
            needs one for bulk writes.
        timeout_seconds: the limit of one request.
        retry: how failures are repeated.
        limits: how fast the organisation is asked.
        authtoken: refused with an explanation; Zoho ended authtokens.

    Raises:
        ConfigError: a setting is missing or wrong.
        AuthtokenRetiredError: an ``authtoken`` was given.

    >>> ZohoConfig(
    ...     data_centre="eu", client_id="c", client_secret="s", refresh_token="r"
    ... ).accounts_base
    'https://accounts.zoho.eu'
    """

    client_id: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    data_centre: str = field(default="us", validator=require_one_of(DATA_CENTRES))
    environment: Environment = field(
        default="production", validator=require_one_of(ENVIRONMENTS)
    )
    owner: str | None = field(default=None, repr=False)
    accounts_url: str | None = field(default=None, converter=optional_base_url)
    api_domain: str | None = field(default=None, converter=optional_base_url)
    upload_url: str | None = field(default=None, converter=optional_base_url)
    timeout_seconds: float = field(default=60.0, validator=require_positive)
    retry: RetryPolicy = RetryPolicy()
    limits: Limits = Limits()
    authtoken: str | None = field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        """Refuse what cannot work, with the way out."""
        if self.authtoken is not None:
            raise AuthtokenRetiredError(
                "Zoho ended authtokens in May 2021: make a self client in Zoho's API "
                "console, exchange its grant token for a refresh token, and configure "
                "client_id, client_secret and refresh_token",
                service="zoho",
            )
        for name in ("client_id", "client_secret", "refresh_token"):
            if not getattr(self, name).strip():
                raise ConfigError(f"{name} is required", service="zoho")

    @property
    def accounts_base(self) -> str:
        """The address where tokens are made."""
        return self.accounts_url or DATA_CENTRES[self.data_centre].accounts_url

    @property
    def api_base(self) -> str:
        """The address of the API unless the token's answer names another."""
        return self.api_base_for(None)

    @property
    def upload_base(self) -> str:
        """The address that takes the files of bulk writes.

        Raises:
            ConfigError: it is not known for this data centre.

        Source: Zoho's Python SDK for v8, package ``dc``: all environments of
        a region have one.
        """
        base = self.upload_url or DATA_CENTRES[self.data_centre].upload_url
        if base is None:
            raise ConfigError(
                f"upload_url is required for bulk writes in the data centre "
                f"{self.data_centre}, whose upload host nobody has written down: ask "
                "Zoho's support for it, or write without bulk",
                service="zoho",
            )
        return base

    def api_base_for(self, token_domain: str | None) -> str:
        """Give the address of the API for a token.

        A configured ``api_domain`` comes first and is taken as it is, then
        the token's, then the data centre's; an environment other than
        production replaces the ``www.`` of the latter two.

        Args:
            token_domain: the address that came with the token, if any.

        Raises:
            ConfigError: the token's address has no ``www.`` to replace.

        >>> config = ZohoConfig(
        ...     client_id="c", client_secret="s", refresh_token="r",
        ...     environment="sandbox",
        ... )
        >>> config.api_base_for("https://www.zohoapis.eu")
        'https://sandbox.zohoapis.eu'

        Source: Zoho's Python SDK for v8, package ``dc``.
        """
        if self.api_domain is not None:
            return self.api_domain
        domain = token_domain or DATA_CENTRES[self.data_centre].api_domain
        if self.environment == "production":
            return domain
        host = domain.replace("://www.", f"://{self.environment}.", 1)
        if f"://{self.environment}." not in host:
            # Falling back to the address as it is would write to production.
            raise ConfigError(
                f"api_domain is required: the token names no address that can be "
                f"turned into that of the {self.environment}",
                service="zoho",
            )
        return host
