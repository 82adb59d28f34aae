"""The calls that turn a person's consent into tokens, and take it back.

Floor 4.
Each of them sends one request and repeats none: a grant token is used up by its
first use, whether the answer arrives or not.

Source: Zoho, "OAuth 2.0", "Self client", "Multi DC"; Zoho's Python SDK for v8,
``OAuthToken``, for the form of a revocation.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from attrs import evolve, frozen

from crmbridge._data_centres import DATA_CENTRES, centre_at
from crmbridge._steps import Call, Reply, Request, clock, do, send
from crmbridge.errors import (
    AuthenticationError,
    ConnectionLostError,
    InvalidInputError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RefusedError,
)
from crmbridge.zoho._faults import ZOHO
from crmbridge.zoho._renewal import token_key
from crmbridge.zoho._token_replies import (
    WaysOut,
    body_of,
    refusal_of,
    token_of,
    token_request,
)
from crmbridge.zoho.grants import ZohoApp, ZohoAuthorisation, ZohoGrant
from crmbridge.zoho.scopes import read_scopes
from crmbridge.zoho.tokens import SaveToken

__all__ = ["authorisation", "exchange_callback", "exchange_code", "revoke"]

_AUTH_PATH: Final = "/oauth/v2/auth"
_REVOKE_PATH: Final = "/oauth/v2/token/revoke"
_SERVER_FAULT: Final = 500
_OF_CODES: Final[WaysOut] = {
    "invalid_code": (
        "the grant token was used before, has ended (it lives for 3 minutes, or up "
        "to 10 if you chose so), or belongs to another client or data centre; make "
        "a new one"
    ),
    "invalid_redirect_uri": (
        "redirect_uri has to be, letter by letter, the one that the person was sent "
        "to and that the API console lists for the client"
    ),
}
_OF_REVOKING: Final[WaysOut] = {
    "invalid_code": "Zoho does not know it; it was revoked before, or never was one",
}
_CALLBACK: Final = frozenset({"code", "state", "location", "accounts-server", "error"})


@frozen
class _Consent:
    """What a callback says: the code, and who exchanges it."""

    app: ZohoApp
    code: str


def authorisation(
    app: ZohoApp,
    *,
    redirect_uri: str,
    scopes: Iterable[str],
    state: str,
    prompt: str | None,
) -> ZohoAuthorisation:
    """Make the address for a person's consent; see `ZohoOAuth.authorisation`."""
    wanted = tuple(dict.fromkeys(scopes))
    if not wanted or any(read_scopes(scope) != (scope,) for scope in wanted):
        raise InvalidInputError(
            "scopes must be such as ZohoCRM.users.READ, at least one",
            service=ZOHO,
            field="scopes",
        )
    parts = urlsplit(redirect_uri)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.fragment:
        raise InvalidInputError(
            "redirect_uri must be a whole address, as the API console lists it",
            service=ZOHO,
            field="redirect_uri",
        )
    query = {
        "response_type": "code",
        "client_id": app.client_id,
        "scope": ",".join(wanted),
        "redirect_uri": redirect_uri,
        "access_type": "offline",
        "state": state,
    }
    if prompt is not None:
        query["prompt"] = prompt
    url = f"{app.accounts_base}{_AUTH_PATH}?{urlencode(query)}"
    return ZohoAuthorisation(url, state, redirect_uri)


def exchange_callback(
    app: ZohoApp, callback: str, *, state: str, redirect_uri: str
) -> Call[ZohoGrant]:
    """Exchange a consent that came back; see `ZohoOAuth.exchange_callback`."""
    consent = _read_callback(app, callback, state)
    form = {"code": consent.code, "redirect_uri": redirect_uri}
    return (yield from _exchanged(consent.app, form))


def exchange_code(app: ZohoApp, grant_token: str) -> Call[ZohoGrant]:
    """Exchange a self client's grant token; see `ZohoOAuth.exchange`."""
    if not grant_token.strip():
        raise InvalidInputError(
            "grant_token is required: generate one in the API console",
            service=ZOHO,
            field="grant_token",
        )
    return (yield from _exchanged(app, {"code": grant_token.strip()}))


def revoke(app: ZohoApp, token: str) -> Call[None]:
    """End a token; see `ZohoOAuth.revoke`."""
    request = Request(
        ZOHO,
        "POST",
        f"{app.accounts_base}{_REVOKE_PATH}",
        name="revoke",
        form={"token": token},
        timeout_seconds=app.timeout_seconds,
    )
    reply = yield from send(request)
    if body_of(reply).get("status") == "success":
        return
    refusal = refusal_of(reply, _OF_REVOKING)
    raise refusal or AuthenticationError(
        f"Zoho did not revoke the token (HTTP {reply.status})",
        service=ZOHO,
        status=reply.status,
    )


# --- the exchange ------------------------------------------------------------


def _exchanged(app: ZohoApp, form: Mapping[str, str]) -> Call[ZohoGrant]:
    asked = yield from clock()
    request = token_request(
        app.accounts_base,
        {
            "grant_type": "authorization_code",
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            **form,
        },
    )
    try:
        reply = yield from send(evolve(request, timeout_seconds=app.timeout_seconds))
    except ConnectionLostError as error:
        raise _maybe_used(None) from error
    refusal = refusal_of(reply, _OF_CODES)
    if refusal is not None:
        raise _maybe_used(reply.status) if reply.status >= _SERVER_FAULT else refusal
    token = token_of(reply, accounts=app.accounts_base, at=asked.at)
    token = evolve(token, asked_at=(asked.at,))
    grant = ZohoGrant(app, _refresh_token(reply), token, _scopes(reply))
    yield from do(SaveToken(token_key(grant.config()), token))
    return grant


def _maybe_used(status: int | None) -> OutcomeUnknownError:
    return OutcomeUnknownError(
        "the answer to the grant token was lost, and it may be used up: make a new "
        "one, and exchange that",
        service=ZOHO,
        status=status,
    )


def _refresh_token(reply: Reply) -> str:
    value = body_of(reply).get("refresh_token")
    if not isinstance(value, str) or not value:
        raise AuthenticationError(
            "Zoho gave an access token but no refresh token: the consent was not "
            'asked with access_type=offline, or was given before; ask with prompt="'
            'consent"',
            service=ZOHO,
            status=reply.status,
        )
    return value


def _scopes(reply: Reply) -> tuple[str, ...]:
    said: Any = body_of(reply).get("scope")
    return read_scopes(said) if isinstance(said, str) else ()


# --- the callback ------------------------------------------------------------


def _read_callback(app: ZohoApp, callback: str, state: str) -> _Consent:
    told = _told(callback)
    if not state or not hmac.compare_digest(
        told.get("state", "").encode(), state.encode()
    ):
        raise InvalidInputError(
            "the callback's state is not the one that was sent out: it belongs to "
            "another session or was forged; ask for consent again",
            service=ZOHO,
            field="state",
        )
    if "error" in told:
        if told["error"] == "access_denied":
            raise PermissionDeniedError(
                "the person did not consent", service=ZOHO, code="access_denied"
            )
        raise RefusedError(
            "Zoho refused to ask for consent: check client_id, scopes and "
            "redirect_uri in the API console",
            service=ZOHO,
        )
    if not told.get("code"):
        raise InvalidInputError(
            "the callback holds no code", service=ZOHO, field="callback"
        )
    return _Consent(_followed(app, told), told["code"])


def _told(callback: str) -> Mapping[str, str]:
    """Read the parameters of a callback; two of one name are a forgery."""
    query = urlsplit(callback).query if "?" in callback else callback
    pairs = [
        (name, value)
        for name, value in parse_qsl(query, keep_blank_values=True)
        if name in _CALLBACK
    ]
    told = dict(pairs)
    if len(told) != len(pairs):
        raise InvalidInputError(
            "the callback says something twice", service=ZOHO, field="callback"
        )
    return told


def _followed(app: ZohoApp, told: Mapping[str, str]) -> ZohoApp:
    """Go to the region where the person lives, if it is one of Zoho's.

    The client's secret goes where this says, and anybody can write a callback:
    so it names one of the known hosts, and is never taken for an address.
    """
    server, location = told.get("accounts-server"), told.get("location")
    if server is None and (location is None or app.accounts_url is not None):
        return app
    if server is not None and server.rstrip("/") == app.accounts_base:
        return app
    name = centre_at(server) if server is not None else location
    if name is None or name not in DATA_CENTRES:
        raise InvalidInputError(
            "the callback names an accounts server that is not Zoho's; the client's "
            "secret was not sent there",
            service=ZOHO,
            field="accounts-server" if server is not None else "location",
        )
    return evolve(app, data_centre=name, accounts_url=None)
