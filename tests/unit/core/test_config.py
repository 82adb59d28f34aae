"""Settings are checked at birth, and say what to do."""

from __future__ import annotations

from typing import Any

import pytest

from crmbridge import SalesmanagoConfig, ZohoConfig
from crmbridge.config import DATA_CENTRES, Environment, Limits, RetryPolicy
from crmbridge.errors import AuthtokenRetiredError, ConfigError

SALESMANAGO: dict[str, Any] = {
    "endpoint": "app2",
    "client_id": "c",
    "api_secret": "s3cret",
    "owner": "ann@example.com",
}
ZOHO: dict[str, Any] = {
    "client_id": "c",
    "client_secret": "s3cret",
    "refresh_token": "t0ken",
}


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("app2", "https://app2.salesmanago.com"),
        ("app2.salesmanago.pl", "https://app2.salesmanago.pl"),
        (" https://APP3.salesmanago.com/api/ ", "https://app3.salesmanago.com"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
    ],
)
def test_an_endpoint_may_be_a_name_a_host_or_an_address(given: str, base: str) -> None:
    assert SalesmanagoConfig(**SALESMANAGO | {"endpoint": given}).endpoint == base


@pytest.mark.parametrize("given", ["", " ", "ftp://host", "https://user:pw@host"])
def test_a_wrong_endpoint_is_refused(given: str) -> None:
    with pytest.raises(ConfigError, match="endpoint"):
        SalesmanagoConfig(**SALESMANAGO | {"endpoint": given})


@pytest.mark.parametrize("name", ["client_id", "api_secret", "owner"])
def test_salesmanago_needs_each_credential(name: str) -> None:
    with pytest.raises(ConfigError, match=name):
        SalesmanagoConfig(**SALESMANAGO | {name: " "})


@pytest.mark.parametrize(
    ("name", "value"), [("feed_window_days", 31), ("page_size", 0), ("batch_size", 201)]
)
def test_sizes_beyond_the_service_are_refused(name: str, value: int) -> None:
    with pytest.raises(ConfigError, match=name):
        SalesmanagoConfig(**SALESMANAGO | {name: value})


@pytest.mark.parametrize("name", ["client_id", "client_secret", "refresh_token"])
def test_zoho_needs_each_credential(name: str) -> None:
    with pytest.raises(ConfigError, match=name):
        ZohoConfig(**ZOHO | {name: ""})


def test_an_old_authtoken_is_refused_with_the_way_out() -> None:
    with pytest.raises(AuthtokenRetiredError, match="self client"):
        ZohoConfig(authtoken="0123456789abcdef")


def test_an_unknown_data_centre_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="eu"):
        ZohoConfig(**ZOHO, data_centre="mars")


@pytest.mark.parametrize("name", DATA_CENTRES)
def test_every_data_centre_has_its_hosts(name: str) -> None:
    config = ZohoConfig(**ZOHO, data_centre=name)

    assert config.accounts_base.startswith("https://accounts.zoho")
    assert config.api_base.startswith("https://www.zohoapis.")


def test_hosts_can_be_overridden() -> None:
    config = ZohoConfig(
        **ZOHO,
        accounts_url="http://127.0.0.1:1/",
        api_domain="127.0.0.1:2",
        upload_url="https://content.example.com",
    )

    assert config.accounts_base == "http://127.0.0.1:1"
    assert config.api_base == "https://127.0.0.1:2"
    assert config.api_base_for("https://www.zohoapis.eu") == "https://127.0.0.1:2"
    assert config.upload_base == "https://content.example.com"


@pytest.mark.parametrize(
    "address", ["ftp://h", "https://me@host", "https://:pw@host", "https://@host", "//"]
)
def test_an_address_that_holds_more_than_a_host_is_refused(address: str) -> None:
    with pytest.raises(ConfigError, match="address"):
        ZohoConfig(**ZOHO, accounts_url=address)


@pytest.mark.parametrize("name", sorted(set(DATA_CENTRES) - {"uk"}))
def test_every_data_centre_but_one_has_an_upload_host(name: str) -> None:
    base = ZohoConfig(**ZOHO, data_centre=name).upload_base

    assert base == DATA_CENTRES[name].upload_url


@pytest.mark.parametrize("environment", ["sandbox", "developer"])
def test_an_environment_takes_the_place_of_www(environment: Environment) -> None:
    config = ZohoConfig(**ZOHO, data_centre="eu", environment=environment)

    assert config.api_base == f"https://{environment}.zohoapis.eu"
    assert config.api_base_for("https://www.zohoapis.in") == (
        f"https://{environment}.zohoapis.in"
    )
    assert config.api_base_for(f"https://{environment}.zohoapis.in") == (
        f"https://{environment}.zohoapis.in"
    )
    assert config.upload_base == "https://content.zohoapis.eu"


def test_a_sandbox_is_never_taken_for_the_production() -> None:
    config = ZohoConfig(**ZOHO, environment="sandbox")

    with pytest.raises(ConfigError, match="api_domain"):
        config.api_base_for("https://zohoapis.com")


@pytest.mark.parametrize("given", ["test", "", None, ["sandbox"]])
def test_an_unknown_environment_is_refused(given: Any) -> None:
    with pytest.raises(ConfigError, match="sandbox"):
        ZohoConfig(**ZOHO, environment=given)


def test_no_secret_is_shown() -> None:
    shown = repr(SalesmanagoConfig(**SALESMANAGO)) + repr(ZohoConfig(**ZOHO))

    assert "s3cret" not in shown
    assert "t0ken" not in shown
    assert "ann@" not in shown


def test_waits_double_up_to_their_bound() -> None:
    policy = RetryPolicy(first_delay_seconds=1.0, longest_delay_seconds=5.0)

    assert [policy.delay_seconds(n, 1.0) for n in (1, 2, 3, 4)] == [1.0, 2.0, 4.0, 5.0]
    assert policy.delay_seconds(3, 0.0) == 0.0


def test_bounds_must_leave_room_for_one() -> None:
    with pytest.raises(ConfigError, match="max_in_flight"):
        Limits(max_in_flight=0)
    with pytest.raises(ConfigError, match="attempts"):
        RetryPolicy(attempts=0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_complex_in_flight": 0},
        {"requests_per_second": 0},
        {"credits_per_day": 0},
        {"credits_reserve": -1},
        {"first_pause_seconds": 0},
        {"longest_pause_seconds": -1},
    ],
)
def test_a_limit_that_lets_nothing_through_is_named(wrong: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        Limits(**wrong)
