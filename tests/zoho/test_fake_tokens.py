"""The accounts server of the fake Zoho: consents, tokens, scopes, regions."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from crmbridge._steps import Reply, Request
from crmbridge.errors import InvalidInputError
from crmbridge.testing import FakeClock, ZohoFake, ZohoSwitches
from crmbridge.zoho.scopes import SYNCHRONISING
from tests.zoho.asking import Api, code_of, new_token, refresh

BACK = "https://app.example.com/zoho?tenant=7"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def fake(clock: FakeClock) -> ZohoFake:
    return ZohoFake(clock=clock)


@pytest.fixture
def api(fake: ZohoFake) -> Api:
    return Api(fake)


def _exchange(fake: ZohoFake, code: str, **form: str) -> dict[str, Any]:
    reply = refresh(fake, grant_type="authorization_code", code=code, **form)
    body: dict[str, Any] = reply.json()
    return body


def _consent(
    fake: ZohoFake, accounts: str = "https://accounts.zoho.example.com", **query: str
) -> Reply:
    account = fake.account()
    asked = {
        "response_type": "code",
        "client_id": account["client_id"],
        "scope": "ZohoCRM.users.READ",
        "redirect_uri": BACK,
        "access_type": "offline",
        "state": "s t&a",
        **query,
    }
    return fake.handle(Request("zoho", "GET", f"{accounts}/oauth/v2/auth", query=asked))


def _told(reply: Reply) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(reply.headers["location"]).query))


def _users(fake: ZohoFake, token: str, host: str = "www.zohoapis.example.com") -> Reply:
    headers = {"authorization": f"Zoho-oauthtoken {token}"}
    url = f"https://{host}/crm/v8/users"
    query = {"type": "ActiveUsers"}
    return fake.handle(Request("zoho", "GET", url, query=query, headers=headers))


# --- grants ------------------------------------------------------------------


@pytest.mark.fake_row("Token endpoint")
def test_a_code_is_exchanged_for_both_tokens_once(fake: ZohoFake) -> None:
    code = fake.grant_code("ZohoCRM.users.READ", "ZohoCRM.org.READ")

    first, second = _exchange(fake, code), _exchange(fake, code)

    assert first["scope"] == "ZohoCRM.users.READ ZohoCRM.org.READ"
    assert first["api_domain"] == fake.api_domain
    assert second == {"error": "invalid_code"}
    assert refresh(fake, refresh_token=first["refresh_token"]).status == 200
    assert _users(fake, first["access_token"]).status == 200


@pytest.mark.fake_row("Token endpoint")
def test_a_code_lives_for_three_minutes_or_as_long_as_was_chosen(
    fake: ZohoFake, clock: FakeClock
) -> None:
    short, long = fake.grant_code(), fake.grant_code(lifetime_seconds=600)
    clock.advance(180)

    assert _exchange(fake, short) == {"error": "invalid_code"}
    assert "refresh_token" in _exchange(fake, long)


@pytest.mark.fake_row("Token endpoint")
def test_a_consent_sends_back_a_code_a_region_and_the_state(fake: ZohoFake) -> None:
    reply = _consent(fake)

    told = _told(reply)
    assert reply.status == 302
    assert told.pop("code")
    assert told == {
        "tenant": "7",
        "location": "us",
        "accounts-server": "https://accounts.zoho.example.com",
        "state": "s t&a",
    }


@pytest.mark.fake_row("Token endpoint")
def test_a_code_is_bound_to_where_the_person_was_sent_back(fake: ZohoFake) -> None:
    wrong, right = (_told(_consent(fake))["code"] for _ in range(2))

    assert _exchange(fake, wrong, redirect_uri="https://evil.example.com") == {
        "error": "invalid_redirect_uri"
    }
    assert "refresh_token" in _exchange(fake, right, redirect_uri=BACK)


@pytest.mark.fake_row("Token endpoint")
def test_only_offline_access_gives_a_refresh_token(fake: ZohoFake) -> None:
    code = _told(_consent(fake, access_type="online"))["code"]

    body = _exchange(fake, code, redirect_uri=BACK)

    assert "refresh_token" not in body
    assert _users(fake, body["access_token"]).status == 200


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"client_id": "x"}, "invalid_client"),
        ({"response_type": "token"}, "invalid_response_type"),
        ({"redirect_uri": ""}, "invalid_redirect_uri"),
        ({"scope": ""}, "invalid_scope"),
    ],
)
def test_a_wrong_question_for_consent_is_refused(
    fake: ZohoFake, query: dict[str, str], error: str
) -> None:
    assert _consent(fake, **query).json() == {"error": error}


def test_a_person_who_cannot_be_asked_does_not_come_back(fake: ZohoFake) -> None:
    with pytest.raises(InvalidInputError, match="refuses"):
        fake.consent("https://accounts.zoho.example.com/oauth/v2/auth?client_id=x")


# --- the endpoint's answers -------------------------------------------------


@pytest.mark.fake_row("Token endpoint")
def test_a_token_comes_with_the_apis_address_and_no_refresh_token(
    fake: ZohoFake,
) -> None:
    fake.api_domain = "http://127.0.0.1:1"

    body = refresh(fake).json()

    assert body["api_domain"] == "http://127.0.0.1:1"
    assert body["expires_in"] == 3600
    assert "refresh_token" not in body


@pytest.mark.fake_row("Token endpoint")
@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_id": "x"}, "invalid_client"),
        ({"client_secret": "x"}, "invalid_client_secret"),
        ({"refresh_token": "x"}, "invalid_code"),
    ],
)
def test_bad_credentials_are_answered_with_200(
    fake: ZohoFake, form: dict[str, str], error: str
) -> None:
    reply = refresh(fake, **form)

    assert reply.status == 200
    assert reply.json() == {"error": error}


@pytest.mark.fake_row("Token endpoint")
def test_the_eleventh_token_in_ten_minutes_is_refused(
    fake: ZohoFake, clock: FakeClock
) -> None:
    for _ in range(10):
        assert refresh(fake).status == 200

    refused = refresh(fake)
    clock.advance(600)

    assert (refused.status, refused.json()["error"]) == (400, "Access Denied")
    assert refresh(fake).status == 200


@pytest.mark.fake_row("Token endpoint")
def test_the_sixteenth_token_ends_the_oldest(fake: ZohoFake, clock: FakeClock) -> None:
    api = Api(fake)
    for _ in range(14):
        clock.advance(120)
        refresh(fake)
    before = api.page().status

    clock.advance(120)
    refresh(fake)

    assert before == 204
    assert code_of(api.page()) == (401, "INVALID_TOKEN")


# --- limits ------------------------------------------------------------------


@pytest.mark.fake_row("Token endpoint")
@pytest.mark.parametrize("status", [400, 200])
@pytest.mark.parametrize(
    ("words", "error"),
    [("english", "Access Denied"), ("local", "Zugriff verweigert")],
)
def test_too_many_tokens_are_refused_with_any_status_and_in_any_language(
    fake: ZohoFake, status: Any, words: Any, error: str
) -> None:
    fake.switches = ZohoSwitches(throttle_status=status, throttle_words=words)
    for _ in range(10):
        new_token(fake)

    reply = refresh(fake)

    assert reply.status == status
    assert (reply.json()["error"], reply.json()["status"]) == (error, "failure")


@pytest.mark.fake_row("Token endpoint")
def test_each_refresh_token_has_its_own_ten(fake: ZohoFake) -> None:
    other = _exchange(fake, fake.grant_code())["refresh_token"]
    for _ in range(10):
        new_token(fake)

    assert refresh(fake).status == 400
    assert refresh(fake, refresh_token=other).status == 200


@pytest.mark.fake_row("Token endpoint")
def test_the_token_of_an_exchange_is_one_of_the_ten(fake: ZohoFake) -> None:
    mine = _exchange(fake, fake.grant_code())["refresh_token"]
    answers = [refresh(fake, refresh_token=mine).status for _ in range(10)]

    assert answers == [200] * 9 + [400]


@pytest.mark.fake_row("Token endpoint")
def test_the_twenty_first_refresh_token_ends_the_first_and_its_tokens(
    fake: ZohoFake,
) -> None:
    old = new_token(fake)
    for _ in range(19):
        _exchange(fake, fake.grant_code())
    before = _users(fake, old).status

    _exchange(fake, fake.grant_code())

    assert before == 200
    assert code_of(_users(fake, old)) == (401, "INVALID_TOKEN")
    assert refresh(fake).json() == {"error": "invalid_code"}


@pytest.mark.parametrize("life_in", ["seconds", "milliseconds"])
def test_old_answers_give_the_life_in_milliseconds(
    fake: ZohoFake, life_in: Any
) -> None:
    fake.switches = ZohoSwitches(token_life_in=life_in)

    body = refresh(fake).json()

    assert (body["expires_in"], body.get("expires_in_sec")) == {
        "seconds": (3600, None),
        "milliseconds": (3_600_000, 3600),
    }[life_in]


@pytest.mark.parametrize("status", [200, 400])
def test_a_refusal_comes_with_a_status_that_says_nothing(
    fake: ZohoFake, status: Any
) -> None:
    fake.switches = ZohoSwitches(token_refusal_status=status)

    reply = refresh(fake, client_secret="x")

    assert (reply.status, reply.json()) == (status, {"error": "invalid_client_secret"})


# --- revocation --------------------------------------------------------------


def _revoke(fake: ZohoFake, token: str, *, in_query: bool = False) -> Any:
    pairs = {"token": token}
    url = f"{fake.account()['accounts_url']}/oauth/v2/token/revoke"
    where: dict[str, Any] = {"query": pairs} if in_query else {"form": pairs}
    return fake.handle(Request("zoho", "POST", url, **where)).json()


@pytest.mark.fake_row("Token endpoint")
@pytest.mark.parametrize("in_query", [True, False])
def test_a_revoked_refresh_token_ends_with_its_access_tokens(
    fake: ZohoFake, in_query: bool
) -> None:
    token = new_token(fake)

    said = _revoke(fake, fake.account()["refresh_token"], in_query=in_query)

    assert said == {"status": "success"}
    assert code_of(_users(fake, token)) == (401, "INVALID_TOKEN")
    assert refresh(fake).json() == {"error": "invalid_code"}


def test_a_revoked_access_token_ends_alone(fake: ZohoFake) -> None:
    first, second = new_token(fake), new_token(fake)

    _revoke(fake, first)

    assert code_of(_users(fake, first)) == (401, "INVALID_TOKEN")
    assert _users(fake, second).status == 200


def test_what_is_no_token_cannot_be_revoked(fake: ZohoFake) -> None:
    assert _revoke(fake, "x") == {"error": "invalid_code"}


def test_no_secret_is_recorded(fake: ZohoFake) -> None:
    code = fake.grant_code()
    _exchange(fake, code)
    _revoke(fake, fake.account()["refresh_token"], in_query=True)
    secrets = (fake.account()["client_secret"], fake.account()["refresh_token"], code)

    kept = [f"{r.url} {r.query} {r.form} {r.headers}" for r in fake.recorded]

    assert not [secret for secret in secrets if secret in "".join(kept)]


# --- the header -------------------------------------------------------------


@pytest.mark.fake_row("Auth")
@pytest.mark.parametrize(
    "header", ["", "Bearer x", "Zoho-authtoken x", "Zoho-oauthtoken"]
)
def test_only_zohos_own_scheme_is_taken(api: Api, header: str) -> None:
    reply = api.ask("GET", "Leads", None, {"authorization": header}, fields="Email")

    assert code_of(reply) == (401, "AUTHENTICATION_FAILURE")


@pytest.mark.fake_row("Auth")
def test_a_token_ends_after_an_hour(api: Api, clock: FakeClock) -> None:
    clock.advance(3600)

    assert code_of(api.page()) == (401, "INVALID_TOKEN")


@pytest.mark.fake_row("Auth")
def test_a_foreign_token_is_invalid(api: Api) -> None:
    api.token = "1000.other"

    assert code_of(api.page()) == (401, "INVALID_TOKEN")


@pytest.mark.fake_row("Auth")
def test_a_missing_scope_and_a_missing_right_differ(api: Api) -> None:
    api.fake.switches = ZohoSwitches(missing_scopes=frozenset({"Leads", "users"}))
    scope, users = code_of(api.page()), code_of(api.ask("GET", "users"))
    api.fake.switches = ZohoSwitches(denied_modules=frozenset({"Leads"}))

    assert scope == users == (401, "OAUTH_SCOPE_MISMATCH")
    assert code_of(api.page()) == (403, "NO_PERMISSION")


# --- scopes ------------------------------------------------------------------


@pytest.mark.fake_row("Auth")
@pytest.mark.parametrize(
    ("scope", "method", "path", "is_allowed"),
    [
        ("ZohoCRM.users.READ", "GET", "users", True),
        ("ZohoCRM.users.READ", "GET", "Leads", False),
        ("ZohoCRM.modules.leads.READ", "GET", "Leads", True),
        ("ZohoCRM.modules.leads.READ", "POST", "Leads", False),
        ("ZohoCRM.modules.leads.READ", "GET", "Contacts", False),
        ("ZohoCRM.modules.leads.DELETE", "DELETE", "Leads", True),
        ("ZohoCRM.modules.ALL", "PUT", "Contacts", True),
        ("ZohoCRM.modules.ALL", "POST", "coql", False),
        ("ZohoCRM.settings.fields.READ", "GET", "settings/fields", True),
        ("ZohoCRM.settings.modules.READ", "GET", "settings/fields", False),
    ],
)
def test_a_token_opens_what_was_granted_and_no_more(
    fake: ZohoFake, scope: str, method: str, path: str, is_allowed: bool
) -> None:
    api = Api(fake)
    api.token = _exchange(fake, fake.grant_code(scope))["access_token"]

    reply = api.ask(method, path)

    assert (reply.status != 401) == is_allowed
    assert is_allowed or code_of(reply) == (401, "OAUTH_SCOPE_MISMATCH")


@pytest.mark.fake_row("Auth")
def test_a_query_needs_the_scope_of_its_module_too(fake: ZohoFake) -> None:
    api = Api(fake)
    api.token = _exchange(fake, fake.grant_code("ZohoCRM.coql.READ"))["access_token"]
    body = {"select_query": "select Email from Leads where id > 1"}

    assert code_of(api.ask("POST", "coql", body)) == (401, "OAUTH_SCOPE_MISMATCH")


@pytest.mark.fake_row("Auth")
def test_the_scopes_of_synchronising_are_enough_to_look_around(fake: ZohoFake) -> None:
    api = Api(fake)
    api.token = _exchange(fake, fake.grant_code(*SYNCHRONISING))["access_token"]
    body = {"select_query": "select Email from Leads where id > 1"}

    answers = [
        api.ask("GET", "users").status,
        api.page().status,
        api.ask("POST", "coql", body).status,
        api.ask("GET", "settings/fields", module="Leads").status,
    ]

    assert answers == [200, 204, 204, 200]


# --- regions -----------------------------------------------------------------


@pytest.mark.fake_row("Auth")
@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("www.zohoapis.eu", 200),
        ("www.zohoapis.com", 401),
        ("sandbox.zohoapis.eu", 401),
        ("127.0.0.1:8080", 200),
    ],
)
def test_a_token_is_bound_to_its_region_and_environment(host: str, status: int) -> None:
    fake = ZohoFake(data_centre="eu")
    token = _exchange_at(fake, "https://accounts.zoho.eu")["access_token"]

    reply = _users(fake, token, host)

    assert reply.status == status
    assert status == 200 or code_of(reply) == (401, "INVALID_TOKEN")


def _exchange_at(fake: ZohoFake, accounts: str) -> dict[str, Any]:
    account = fake.account()
    form = {
        "grant_type": "authorization_code",
        "client_id": account["client_id"],
        "client_secret": account["client_secret"],
        "code": fake.grant_code(),
    }
    url = f"{accounts}/oauth/v2/token"
    body: dict[str, Any] = fake.handle(Request("zoho", "POST", url, form=form)).json()
    return body


@pytest.mark.fake_row("Token endpoint")
def test_another_regions_accounts_server_does_not_know_the_client() -> None:
    fake = ZohoFake(data_centre="eu")

    assert _exchange_at(fake, "https://accounts.zoho.com") == {
        "error": "invalid_client"
    }


@pytest.mark.fake_row("Token endpoint")
def test_a_consent_names_the_region_of_the_organisation() -> None:
    fake = ZohoFake(data_centre="eu")

    told = _told(_consent(fake, "https://accounts.zoho.com"))

    assert told["location"] == "eu"
    assert told["accounts-server"] == "https://accounts.zoho.eu"


def test_a_region_of_its_own_is_all_that_an_account_names() -> None:
    assert set(ZohoFake(data_centre="in").account()) == {
        "data_centre",
        "client_id",
        "client_secret",
        "refresh_token",
    }


def test_the_token_endpoint_takes_posts_only(fake: ZohoFake) -> None:
    url = f"{fake.account()['accounts_url']}/oauth/v2/token"

    reply = fake.handle(Request("zoho", "GET", url))

    assert (reply.status, reply.json()) == (400, {"error": "invalid_request"})
