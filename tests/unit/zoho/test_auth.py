"""The life of an access token, without HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from crmbridge._steps import Reply, Request
from crmbridge.errors import (
    AuthenticationError,
    ConnectionFailedError,
    CrmbridgeError,
    InvalidInputError,
    MalformedReplyError,
    ServiceError,
    ThrottledError,
)
from crmbridge.zoho._auth import access_token, authorised, token_key
from crmbridge.zoho.token_stores import MemoryTokenStore
from crmbridge.zoho.tokens import AccessToken
from tests.unit.zoho.script import CONFIG, NOW, TOKEN, Answer, Script, answer, fault

FRESH: dict[str, Any] = {
    "access_token": "1000.new",
    "api_domain": "https://www.zohoapis.in",
    "token_type": "Bearer",
    "expires_in": 3600,
}
LEADS = Request("zoho", "GET", "/crm/v8/Leads", name="Leads list")
INVALID_TOKEN = answer(fault("INVALID_TOKEN"), 401)


def _send(script: Script) -> Reply:
    return script.run(authorised(LEADS, CONFIG, is_repeatable=True))


def _bearer(request: Request) -> str:
    return request.headers["Authorization"]


def test_a_kept_token_is_used_without_a_request_for_one() -> None:
    script = Script([answer({})])

    _send(script)

    assert [_bearer(request) for request in script.requests] == [
        "Zoho-oauthtoken 1000.access"
    ]
    assert script.locked == []


def test_without_a_token_one_is_made_and_kept() -> None:
    script = Script([answer(FRESH), answer({})], token=None)

    _send(script)

    token_request, api_request = script.requests
    assert token_request.url == "https://accounts.zoho.eu/oauth/v2/token"
    assert token_request.form == {
        "grant_type": "refresh_token",
        "refresh_token": "1000.refresh",
        "client_id": "1000.CLIENT",
        "client_secret": "hush-hush",
    }
    assert _bearer(api_request) == "Zoho-oauthtoken 1000.new"
    assert script.token == AccessToken(
        "1000.new", "https://www.zohoapis.in", NOW + timedelta(hours=1)
    )


def test_the_request_follows_the_api_domain_of_the_token() -> None:
    script = Script([answer(FRESH), answer({})], token=None)

    _send(script)

    assert script.requests[1].url == "https://www.zohoapis.in/crm/v8/Leads"


def test_a_configured_api_domain_wins() -> None:
    config = evolve(CONFIG, api_domain="https://proxy.example.com")
    script = Script([answer(FRESH), answer({})], token=None)

    script.run(authorised(LEADS, config, is_repeatable=True))

    assert script.requests[1].url == "https://proxy.example.com/crm/v8/Leads"


def test_a_token_is_renewed_a_minute_before_it_ends() -> None:
    script = Script([answer(FRESH)], token=TOKEN)
    script.now = TOKEN.expires_at - timedelta(seconds=60)

    assert script.run(access_token(CONFIG)).value == "1000.new"


def test_a_token_is_used_until_a_minute_before_it_ends() -> None:
    script = Script([], token=TOKEN)
    script.now = TOKEN.expires_at - timedelta(seconds=61)

    assert script.run(access_token(CONFIG)) == TOKEN


def test_a_token_is_made_under_a_lock() -> None:
    script = Script([answer(FRESH)], token=None)

    script.run(access_token(CONFIG))

    assert script.locked == ["token"]


def test_after_the_lock_the_token_of_another_is_taken() -> None:
    script = Script([], token=None)
    call = access_token(CONFIG)
    script.perform(next(call))

    locked = call.send(None)  # asks for the lock; meanwhile another one made it
    script.token = TOKEN

    assert script.perform(locked) == TOKEN
    assert script.requests == []


def test_a_token_that_is_refused_is_renewed_once() -> None:
    script = Script([INVALID_TOKEN, answer(FRESH), answer({"data": []})])

    reply = _send(script)

    assert reply.status == 200
    assert [request.name for request in script.requests] == [
        "Leads list",
        "token",
        "Leads list",
    ]
    assert _bearer(script.requests[2]) == "Zoho-oauthtoken 1000.new"


def test_a_token_that_is_refused_twice_is_given_up() -> None:
    script = Script([INVALID_TOKEN, answer(FRESH), INVALID_TOKEN])

    assert _send(script).status == 401
    assert len(script.requests) == 3


def test_a_refused_token_that_another_has_renewed_is_not_renewed_again() -> None:
    newer = evolve(TOKEN, value="1000.newer")
    script = Script([], token=newer)

    assert script.run(access_token(CONFIG, refused=TOKEN)) == newer
    assert script.requests == []


def test_a_401_for_another_reason_renews_nothing() -> None:
    script = Script([answer(fault("OAUTH_SCOPE_MISMATCH"), 401)])

    _send(script)

    assert len(script.requests) == 1


def test_a_write_is_repeated_after_an_invalid_token_for_it_was_not_done() -> None:
    script = Script([INVALID_TOKEN, answer(FRESH), answer({})])

    reply = script.run(authorised(LEADS, CONFIG, is_repeatable=False))

    assert reply.status == 200


@pytest.mark.parametrize(
    ("body", "status", "kind", "words"),
    [
        ({"error": "invalid_code"}, 200, AuthenticationError, "refresh token"),
        ({"error": "Invalid_Client"}, 200, AuthenticationError, "client_id"),
        ({"error": "invalid_client_secret"}, 200, AuthenticationError, "secret"),
        ({"error": "Access Denied"}, 400, ThrottledError, "10 tokens"),
        ({"error": "access_denied"}, 200, ThrottledError, "10 tokens"),
        ({"error": "general_error"}, 200, ServiceError, "general_error"),
        ({"access_token": ""}, 200, ServiceError, "no error code"),
        ([], 200, ServiceError, "no error code"),
    ],
)
def test_the_body_of_the_token_endpoint_decides(
    body: Any, status: int, kind: type[CrmbridgeError], words: str
) -> None:
    script = Script([answer(body, status)], token=None)

    with pytest.raises(kind, match=words) as caught:
        script.run(access_token(CONFIG))

    assert type(caught.value) is kind
    assert len(script.requests) == 1


def test_after_too_many_tokens_nobody_asks_for_ten_minutes() -> None:
    script = Script(
        [answer({"error": "Access Denied"}, 400), answer(FRESH)], token=None
    )
    with pytest.raises(ThrottledError):
        script.run(access_token(CONFIG))

    script.now += timedelta(minutes=9)
    with pytest.raises(ThrottledError) as caught:
        script.run(access_token(CONFIG))
    asked = len(script.requests)
    script.now += timedelta(minutes=1)
    token = script.run(access_token(CONFIG))

    assert caught.value.retry_after_seconds == 60
    assert asked == 1
    assert token.value == "1000.new"


def test_html_from_the_token_endpoint_is_a_malformed_reply() -> None:
    script = Script([Reply(200, {}, b"<html>")], token=None)

    with pytest.raises(MalformedReplyError):
        script.run(access_token(CONFIG))


def test_an_unreachable_token_endpoint_is_asked_again() -> None:
    lost: Answer = ConnectionFailedError("no way")
    script = Script([lost, answer(FRESH)], token=None)

    assert script.run(access_token(CONFIG)).value == "1000.new"


@pytest.mark.parametrize(
    ("life", "seconds"),
    [
        ({"expires_in": 3600}, 3600),
        ({"expires_in": 3_600_000, "expires_in_sec": 3600}, 3600),
        ({"expires_in": 3_600_000}, 3600),
        ({"expires_in": "soon"}, 3600),
        ({"expires_in": None}, 3600),
        ({"expires_in": 2**70}, 3600),
        ({"expires_in": -1}, 3600),
    ],
)
def test_the_life_of_a_token_is_read_in_all_its_forms(
    life: dict[str, Any], seconds: int
) -> None:
    script = Script([answer({**FRESH, **life})], token=None)

    token = script.run(access_token(CONFIG))

    assert token.expires_at == NOW + timedelta(seconds=seconds)


def test_an_api_domain_without_encryption_is_refused() -> None:
    body = {**FRESH, "api_domain": "http://www.zohoapis.example.com"}
    script = Script([answer(body)], token=None)

    with pytest.raises(MalformedReplyError, match="api_domain"):
        script.run(access_token(CONFIG))


@pytest.mark.parametrize(
    "url",
    [
        "https://content.zohoapis.eu/crm/v8/upload",
        "https://download-accl.zoho.eu/v2/crm/1/bulk-write/2/2.zip",
        "https://www.zohoapis.eu/crm/v8/Leads",
    ],
)
def test_the_token_goes_to_zohos_hosts_for_files(url: str) -> None:
    script = Script([answer({})])

    script.run(authorised(evolve(LEADS, url=url), CONFIG, is_repeatable=True))

    assert script.requests[0].url == url
    assert _bearer(script.requests[0]) == f"Zoho-oauthtoken {TOKEN.value}"


@pytest.mark.parametrize(
    "url",
    [
        "http://content.zohoapis.eu/crm/v8/upload",
        "https://content.zohoapis.com/crm/v8/upload",
        "https://content.zohoapis.eu.evil.example/crm/v8/upload",
        "https://content.zohoapis.eu@evil.example/crm/v8/upload",
        "https://content.zohoapis.eu:444/crm/v8/upload",
        "https://content.zohoapis.eu",
        "https://download-accl.zoho.com/x",
    ],
)
def test_the_token_goes_to_no_host_that_is_nearly_zohos(url: str) -> None:
    script = Script()

    with pytest.raises(InvalidInputError):
        script.run(authorised(evolve(LEADS, url=url), CONFIG, is_repeatable=True))

    assert script.requests == []


def test_a_road_without_encryption_is_for_fakes_only() -> None:
    script = Script([answer({})])
    local = evolve(
        CONFIG,
        accounts_url="http://127.0.0.1:1",
        upload_url="http://127.0.0.1:2",
    )
    url = "http://127.0.0.1:2/crm/v8/upload"

    script.run(authorised(evolve(LEADS, url=url), local, is_repeatable=True))
    secure = evolve(local, accounts_url="https://accounts.zoho.eu")
    with pytest.raises(InvalidInputError):
        script.run(authorised(evolve(LEADS, url=url), secure, is_repeatable=True))

    assert len(script.requests) == 1


@pytest.mark.parametrize("url", ["https://evil.example.com/crm", "//evil", "crm/v8"])
def test_the_token_goes_to_no_other_host(url: str) -> None:
    script = Script([])

    with pytest.raises(InvalidInputError, match="path"):
        script.run(authorised(evolve(LEADS, url=url), CONFIG, is_repeatable=True))

    assert script.requests == []


def test_the_key_of_a_token_tells_nothing_and_differs_by_refresh_token() -> None:
    key = token_key(CONFIG)

    assert "refresh" not in key
    assert key != token_key(evolve(CONFIG, refresh_token="1000.other"))


def test_a_token_keeps_its_value_out_of_repr() -> None:
    assert "1000.access" not in repr(TOKEN)


def test_a_memory_store_gives_back_what_it_was_given() -> None:
    store = MemoryTokenStore()

    store.save("key", TOKEN)

    assert store.load("key") == TOKEN
    assert store.load("other") is None
