"""Consents become refresh tokens: both flows, both twins, against the fake."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from crmbridge._steps import Reply, Request
from crmbridge.errors import (
    AuthenticationError,
    ConfigError,
    ConnectionFailedError,
    CrmbridgeError,
    InvalidInputError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RefusedError,
    ServiceError,
    ThrottledError,
)
from crmbridge.testing import (
    AsyncFakeTransport,
    FakeTransport,
    Fault,
    ZohoFake,
    ZohoSwitches,
)
from crmbridge.zoho import AsyncZohoOAuth, MemoryTokenStore, ZohoApp, ZohoOAuth
from crmbridge.zoho.scopes import SYNCHRONISING
from tests.twins import AsSync
from tests.zoho.conftest import World

BACK = "https://app.example.com/zoho"
EU = "https://accounts.zoho.eu"


def _app(fake: ZohoFake, **changes: Any) -> ZohoApp:
    account = fake.account()
    return ZohoApp(
        **{
            "client_id": account["client_id"],
            "client_secret": account["client_secret"],
            "accounts_url": account.get("accounts_url"),
            **changes,
        }
    )


def _oauth(world: World, fake: ZohoFake | None = None, **changes: Any) -> Any:
    """Make either twin for the world's fake, or for another one."""
    options = {
        name: changes.pop(name) for name in ("token_store",) if name in changes
    } | {"clock": world.clock}
    service = fake or world.fake
    app = _app(service, **changes)
    if world.twin == "sync":
        return ZohoOAuth(app, transport=FakeTransport(service), **options)
    twin = AsyncZohoOAuth(app, transport=AsyncFakeTransport(service), **options)
    return AsSync(twin, world.runner)


def _without_host(fake: ZohoFake) -> set[str]:
    return {urlsplit(request.url).netloc for request in fake.recorded}


# --- the self client ---------------------------------------------------------


def test_a_grant_token_becomes_a_configuration_that_works(world: World) -> None:
    with _oauth(world) as oauth:
        grant = oauth.exchange(f" {world.fake.grant_code('ZohoCRM.users.READ')}\n")
    config = grant.config(owner="ann@example.com")

    with world.client(**_settings(config)) as client:
        users = client.users()

    assert len(users) == 1
    assert grant.scopes == ("ZohoCRM.users.READ",)
    assert (grant.api_domain, grant.data_centre) == (world.fake.api_domain, "us")
    assert config.owner == "ann@example.com"


def _settings(config: Any) -> dict[str, Any]:
    return {
        name: getattr(config, name)
        for name in ("client_id", "client_secret", "refresh_token", "accounts_url")
    }


def test_the_access_token_of_a_grant_goes_to_the_store(world: World) -> None:
    store = MemoryTokenStore()
    with _oauth(world, token_store=store) as oauth:
        grant = oauth.exchange(world.fake.grant_code())

    with world.client(
        options={"token_store": store}, **_settings(grant.config())
    ) as client:
        client.users()

    assert world.fake.requests == {"token": 1, "users": 1}


def test_a_grant_token_is_good_for_one_exchange(world: World) -> None:
    code = world.fake.grant_code()
    with _oauth(world) as oauth:
        oauth.exchange(code)

        with pytest.raises(AuthenticationError, match="make a new one") as caught:
            oauth.exchange(code)

    assert caught.value.code == "invalid_code"


def test_a_grant_token_that_ended_says_how_long_it_lives(world: World) -> None:
    code = world.fake.grant_code()
    world.clock.advance(180)

    with _oauth(world) as oauth, pytest.raises(AuthenticationError, match="3 minutes"):
        oauth.exchange(code)


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("setting", ["client_id", "client_secret"])
def test_wrong_credentials_name_the_setting(
    world: World, setting: str, status: Any
) -> None:
    world.switch(token_refusal_status=status)
    wrong: dict[str, Any] = {setting: "wrong"}
    with (
        _oauth(world, **wrong) as oauth,
        pytest.raises(AuthenticationError, match=setting),
    ):
        oauth.exchange(world.fake.grant_code())


def test_the_wrong_region_is_told_with_the_credentials(world: World) -> None:
    fake = ZohoFake(data_centre="eu", clock=world.clock)

    with (
        _oauth(world, fake, data_centre="us") as oauth,
        pytest.raises(AuthenticationError, match="data_centre"),
    ):
        oauth.exchange(fake.grant_code())


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.unreachable(), ConnectionFailedError),
        (Fault.cut(), OutcomeUnknownError),
        (Fault.failed_after(502), OutcomeUnknownError),
        (Fault.json({"error": "Access Denied"}, status=400), ThrottledError),
        (Fault.json({"error": "general_error"}), ServiceError),
        (Fault.json({"access_token": "1000.x"}), AuthenticationError),
    ],
)
def test_an_exchange_that_failed_is_not_repeated(
    world: World, fault: Fault, kind: type[CrmbridgeError]
) -> None:
    world.fake.fail_next(fault)
    code = world.fake.grant_code()

    with _oauth(world) as oauth, pytest.raises(CrmbridgeError) as caught:
        oauth.exchange(code)

    assert type(caught.value) is kind
    assert world.fake.requests["token"] == 1


def test_an_empty_grant_token_is_not_sent(world: World) -> None:
    with _oauth(world) as oauth, pytest.raises(InvalidInputError, match="API console"):
        oauth.exchange(" ")

    assert not world.fake.recorded


# --- the consent in the browser ----------------------------------------------


def test_a_person_who_comes_back_brings_a_grant(world: World) -> None:
    with _oauth(world) as oauth:
        asked = oauth.authorisation(redirect_uri=BACK)
        callback = world.fake.consent(asked.url)
        grant = oauth.exchange_callback(callback, state=asked.state, redirect_uri=BACK)

    assert grant.refresh_token
    assert grant.scopes == SYNCHRONISING


def test_the_address_for_the_person_asks_for_all_that_is_needed(world: World) -> None:
    with _oauth(world) as oauth:
        asked = oauth.authorisation(
            redirect_uri=f"{BACK}?a=b&c", scopes=["x.y.READ", "x.z.ALL", "x.y.READ"]
        )

    parts = urlsplit(asked.url)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == (
        "https://accounts.zoho.example.com/oauth/v2/auth"
    )
    assert dict(parse_qsl(parts.query)) == {
        "response_type": "code",
        "client_id": "1000.FAKECLIENT",
        "scope": "x.y.READ,x.z.ALL",
        "redirect_uri": f"{BACK}?a=b&c",
        "access_type": "offline",
        "state": asked.state,
        "prompt": "consent",
    }


def test_each_person_gets_a_state_that_cannot_be_guessed(world: World) -> None:
    with _oauth(world) as oauth:
        states = {oauth.authorisation(redirect_uri=BACK).state for _ in range(100)}
        own = oauth.authorisation(redirect_uri=BACK, state="mine", prompt=None)

    assert len(states) == 100
    assert min(map(len, states)) >= 43
    assert own.state == "mine"
    assert "prompt" not in own.url


@pytest.mark.parametrize(
    "scopes", [[], ["a.b.READ,c.d.READ"], ["a.b.READ c.d.READ"], [""]]
)
def test_scopes_that_are_none_are_refused(world: World, scopes: list[str]) -> None:
    with _oauth(world) as oauth, pytest.raises(InvalidInputError, match="scopes"):
        oauth.authorisation(redirect_uri=BACK, scopes=scopes)


@pytest.mark.parametrize("uri", ["", "/zoho", "ftp://x/y", "https://", f"{BACK}#top"])
def test_an_address_to_come_back_to_is_whole(world: World, uri: str) -> None:
    with _oauth(world) as oauth, pytest.raises(InvalidInputError, match="redirect_uri"):
        oauth.authorisation(redirect_uri=uri)


@pytest.mark.parametrize("data_centre", ["us", "in"])
def test_a_person_of_another_region_is_followed_there(
    world: World, data_centre: str
) -> None:
    fake = ZohoFake(data_centre="eu", clock=world.clock)
    with _oauth(world, fake, data_centre=data_centre) as oauth:
        asked = oauth.authorisation(redirect_uri=BACK)
        callback = fake.consent(asked.url)
        fake.reset_counters()
        grant = oauth.exchange_callback(callback, state=asked.state, redirect_uri=BACK)

    assert _without_host(fake) == {"accounts.zoho.eu"}
    assert grant.config().data_centre == "eu"
    assert grant.config().accounts_base == EU


def _callback(fake: ZohoFake, **told: str) -> str:
    """Make a callback with a code that works; ``_`` stands for ``-``."""
    pairs = {"code": fake.grant_code(), "state": "s", **told}
    query = {name.replace("_", "-"): value for name, value in pairs.items()}
    return f"{BACK}?{urlencode(query)}"


@pytest.mark.parametrize(
    "told",
    [
        {"location": "eu"},
        {"accounts_server": EU},
        {"accounts_server": f"{EU}/", "location": "eu"},
        {"accounts_server": "HTTPS://Accounts.Zoho.EU"},
        {},
    ],
)
def test_a_region_is_known_by_its_server_or_its_name(
    world: World, told: dict[str, str]
) -> None:
    fake = ZohoFake(data_centre="eu", clock=world.clock)
    with _oauth(world, fake, data_centre="eu") as oauth:
        grant = oauth.exchange_callback(
            _callback(fake, **told), state="s", redirect_uri=BACK
        )

    assert grant.data_centre == "eu"
    assert _without_host(fake) == {"accounts.zoho.eu"}


@pytest.mark.parametrize(
    "told",
    [
        {"accounts_server": "https://evil.example.com"},
        {"accounts_server": "https://accounts.zoho.eu.evil.example.com"},
        {"accounts_server": "https://accounts.zoho.eu@evil.example.com"},
        {"accounts_server": "https://evil.example.com#https://accounts.zoho.eu"},
        {"accounts_server": "https://evil.example.com\\@accounts.zoho.eu"},
        {"accounts_server": "https://accounts.zoho.eu:8443"},
        {"accounts_server": "https://accounts.zoho.eu/x"},
        {"accounts_server": "http://accounts.zoho.eu"},
        {"accounts_server": "//accounts.zoho.eu"},
        {"accounts_server": "accounts.zoho.eu"},
        {"accounts_server": "http://127.0.0.1:1"},
        {"accounts_server": ""},
        {"accounts_server": "https://evil.example.com", "location": "eu"},
        {"location": "mars"},
        {"location": ""},
        {"location": "evil.example.com"},
    ],
)
def test_the_secret_goes_to_no_host_that_is_not_zohos(
    world: World, told: dict[str, str]
) -> None:
    fake = ZohoFake(data_centre="us", clock=world.clock)

    with _oauth(world, fake) as oauth, pytest.raises(InvalidInputError) as caught:
        oauth.exchange_callback(_callback(fake, **told), state="s", redirect_uri=BACK)

    assert "not Zoho's" in str(caught.value)
    assert "evil" not in str(caught.value)
    assert not fake.recorded


def test_a_configured_accounts_server_is_followed_too(world: World) -> None:
    url = "http://127.0.0.1:8080"
    callback = _callback(world.fake, accounts_server=url, location="us")

    with _oauth(world, accounts_url=url) as oauth:
        grant = oauth.exchange_callback(callback, state="s", redirect_uri=BACK)

    assert grant.config().accounts_base == url


def test_zohos_own_server_comes_before_a_configured_one(world: World) -> None:
    fake = ZohoFake(data_centre="eu", clock=world.clock)
    callback = _callback(fake, accounts_server=EU)

    with _oauth(world, fake, accounts_url="http://127.0.0.1:8080") as oauth:
        grant = oauth.exchange_callback(callback, state="s", redirect_uri=BACK)

    assert _without_host(fake) == {"accounts.zoho.eu"}
    assert grant.config().accounts_base == EU


@pytest.mark.parametrize("given", ["", "S", "st", "ß", "s s"])
def test_a_state_of_another_session_is_refused(world: World, given: str) -> None:
    callback = _callback(world.fake, state=given)

    with _oauth(world) as oauth, pytest.raises(InvalidInputError, match="state"):
        oauth.exchange_callback(callback, state="s", redirect_uri=BACK)

    assert not world.fake.recorded


def test_an_empty_state_guards_nothing_and_is_refused(world: World) -> None:
    callback = _callback(world.fake, state="")

    with _oauth(world) as oauth, pytest.raises(InvalidInputError, match="state"):
        oauth.exchange_callback(callback, state="", redirect_uri=BACK)


@pytest.mark.parametrize("name", ["state", "code", "accounts-server"])
def test_a_callback_that_says_something_twice_is_refused(
    world: World, name: str
) -> None:
    callback = _callback(world.fake, accounts_server=EU) + f"&{name}=s"

    with _oauth(world) as oauth, pytest.raises(InvalidInputError, match="twice"):
        oauth.exchange_callback(callback, state="s", redirect_uri=BACK)

    assert not world.fake.recorded


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("error=access_denied&state=s", PermissionDeniedError),
        ("error=invalid_scope&state=s", RefusedError),
        ("state=s", InvalidInputError),
        ("code=&state=s", InvalidInputError),
        ("error=access_denied", InvalidInputError),
        ("", InvalidInputError),
    ],
)
def test_a_callback_without_a_consent_is_told_apart(
    world: World, query: str, kind: type[CrmbridgeError]
) -> None:
    with _oauth(world) as oauth, pytest.raises(CrmbridgeError) as caught:
        oauth.exchange_callback(query, state="s", redirect_uri=BACK)

    assert type(caught.value) is kind
    assert not world.fake.recorded


def test_another_address_to_come_back_to_is_named(world: World) -> None:
    with _oauth(world) as oauth:
        asked = oauth.authorisation(redirect_uri=BACK)
        callback = world.fake.consent(asked.url)

        with pytest.raises(AuthenticationError, match="letter by letter"):
            oauth.exchange_callback(
                callback, state=asked.state, redirect_uri=f"{BACK}/"
            )


def test_a_consent_that_gives_no_refresh_token_says_why(world: World) -> None:
    with _oauth(world) as oauth:
        asked = oauth.authorisation(redirect_uri=BACK)
        online = asked.url.replace("offline", "online")
        callback = world.fake.consent(online)

        with pytest.raises(AuthenticationError, match="prompt"):
            oauth.exchange_callback(callback, state=asked.state, redirect_uri=BACK)


# --- revocation --------------------------------------------------------------


def test_a_revoked_refresh_token_gives_no_more_tokens(world: World) -> None:
    refresh_token = world.fake.account()["refresh_token"]
    with _oauth(world) as oauth:
        oauth.revoke(refresh_token)

        with pytest.raises(AuthenticationError, match="revoked before"):
            oauth.revoke(refresh_token)

    with world.client() as client, pytest.raises(AuthenticationError):
        client.users()


def test_a_revoked_token_is_in_no_address(world: World) -> None:
    seen: list[Request] = []

    class Watched:
        def handle(self, request: Request) -> Reply:
            seen.append(request)
            return world.fake.handle(request)

    with ZohoOAuth(_app(world.fake), transport=FakeTransport(Watched())) as oauth:
        oauth.revoke(world.fake.account()["refresh_token"])

    assert [(request.query, "token" in (request.form or {})) for request in seen] == [
        ({}, True)
    ]


def test_a_revocation_that_is_not_understood_is_a_service_error(world: World) -> None:
    world.fake.fail_next(Fault.json({"status": "failed"}))

    with _oauth(world) as oauth, pytest.raises(ServiceError):
        oauth.revoke("1000.x")


# --- values ------------------------------------------------------------------


def test_nothing_of_a_grant_shows_a_secret(world: World) -> None:
    with _oauth(world) as oauth:
        grant = oauth.exchange(world.fake.grant_code())
        asked = oauth.authorisation(redirect_uri=BACK)
    shown = f"{grant!r} {grant.app!r} {grant.config()!r} {asked!r}"

    for secret in (
        grant.refresh_token,
        grant.access_token.value,
        grant.app.client_secret,
        grant.app.client_id,
        asked.state,
    ):
        assert secret not in shown


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": " "},
        {"client_secret": ""},
        {"data_centre": "mars"},
        {"environment": "test"},
        {"accounts_url": "ftp://x"},
        {"timeout_seconds": 0},
    ],
)
def test_an_app_that_cannot_work_is_refused(
    world: World, changes: dict[str, Any]
) -> None:
    with pytest.raises(ConfigError):
        _app(world.fake, **changes)


@pytest.mark.unknown("UK upload host and API host")
@pytest.mark.parametrize(
    "api_domain", ["https://www.zohoapis.uk", "https://www.zohoapis.co.uk"]
)
def test_the_uk_is_reached_where_its_token_says(world: World, api_domain: str) -> None:
    fake = ZohoFake(
        data_centre="uk",
        clock=world.clock,
        switches=ZohoSwitches(uk_api_domain=api_domain),
    )
    with _oauth(world, fake, data_centre="uk") as oauth:
        grant = oauth.exchange(fake.grant_code())
    options = {
        "transport": FakeTransport(fake)
        if world.twin == "sync"
        else AsyncFakeTransport(fake)
    }

    with world.client(
        options=options,
        **{**_settings(grant.config()), "data_centre": "uk", "api_domain": None},
    ) as client:
        client.users()

    assert urlsplit(api_domain).netloc in _without_host(fake)


@pytest.mark.unknown("UK upload host and API host")
@pytest.mark.parametrize("upload_url", [None, "https://upload.zoho.example.uk"])
def test_the_uks_upload_host_has_to_be_configured(
    world: World, upload_url: str | None
) -> None:
    config = world.config(data_centre="uk", upload_url=upload_url)

    if upload_url is None:
        with pytest.raises(ConfigError, match="upload_url"):
            _ = config.upload_base
    else:
        assert config.upload_base == upload_url
