"""The accounts server of the fake Zoho: consents, tokens, revocation.

Floor 9.
Its answers are not those of the API: a refusal is an ``error`` in JSON, with an
HTTP status that says nothing.
Source: Zoho, "OAuth 2.0", "Token validity", "Multi DC"; Zoho's Python SDK for v8,
``OAuthToken``; client code for the bodies of errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode, urlsplit

from crmbridge._data_centres import DATA_CENTRES
from crmbridge._steps import Reply, Request
from crmbridge.testing._zoho.answers import Json, Refused, answer
from crmbridge.testing._zoho.book import Book
from crmbridge.testing._zoho.routes import Asked
from crmbridge.testing._zoho.tokens import EVERYTHING, LIFE, Grant, Tokens
from crmbridge.zoho.scopes import read_scopes

__all__ = ["Accounts"]

_NAMES: Final = {
    "/oauth/v2/auth": "auth",
    "/oauth/v2/token": "token",
    "/oauth/v2/token/revoke": "revoke",
}
_API_HOSTS: Final = frozenset(
    urlsplit(centre.api_domain).netloc.replace("www", copy)
    for centre in DATA_CENTRES.values()
    for copy in ("www", "sandbox", "developer")
)
_REDIRECT: Final = 302
_CODE_LIFE_SECONDS: Final = 120.0
_THROTTLED: Final[Mapping[str, Json]] = {
    "english": {
        "error_description": (
            "You have made too many requests continuously. "
            "Please try again after some time."
        ),
        "error": "Access Denied",
        "status": "failure",
    },
    "local": {
        "error_description": "Zu viele Anfragen. Bitte versuchen Sie es später.",
        "error": "Zugriff verweigert",
        "status": "failure",
    },
}


class Accounts:
    """Answers what a client asks of ``accounts.zoho...``.

    Args:
        book: holds the switches.
        tokens: what was granted so far.
        data_centre: the region it plays; ``None`` plays at any address.
    """

    def __init__(self, book: Book, tokens: Tokens, data_centre: str | None) -> None:
        self._book = book
        self._tokens = tokens
        self._data_centre = data_centre

    @property
    def api_domain(self) -> str:
        """The API's address in its region, or a made-up one."""
        if self._data_centre is None:
            return "https://www.zohoapis.example.com"
        if self._data_centre == "uk":
            return self._book.switches.uk_api_domain
        return DATA_CENTRES[self._data_centre].api_domain

    def scopes(self, asked: Asked, host: str, api_domain: str) -> tuple[str, ...]:
        """Give what the token of a request may do.

        Args:
            asked: the request.
            host: where it was sent.
            api_domain: where the API of this organisation is.

        Raises:
            Refused: the header is missing or unusable, or the token not
                valid, or not so in that region.
        """
        scheme, _, value = asked.headers.get("authorization", "").partition(" ")
        if scheme != "Zoho-oauthtoken" or not value:
            raise Refused(401, "AUTHENTICATION_FAILURE", "Authentication failed")
        access = self._tokens.access(value, self._book.now())
        if access is None or _is_elsewhere(host, api_domain):
            raise Refused(401, "INVALID_TOKEN", "invalid oauth token")
        return access.scopes

    @staticmethod
    def name_of(path: str) -> str | None:
        """Give what counters call a path, or ``None`` where it is another's."""
        return _NAMES.get(path)

    def grant_code(self, scopes: tuple[str, ...], seconds: float) -> str:
        """Do as a person who generates a code for a self client."""
        ends_at = self._book.now() + timedelta(seconds=seconds)
        return self._tokens.grant(Grant(scopes or EVERYTHING, ends_at))

    def answer(
        self, name: str, query: Mapping[str, str], request: Request, api_domain: str
    ) -> Reply:
        """Answer one request."""
        now = self._book.now()
        if name == "auth":
            return self._consent(query, request, now)
        form = request.form or {}
        if request.method != "POST":
            return answer(400, {"error": "invalid_request"}, now)
        if name == "revoke":
            # Zoho's page sends the token in the query, its SDK in the form.
            return self._revoke(form.get("token") or query.get("token", ""), now)
        status, body = self._token(form, request.url, now)
        if "access_token" in body:
            body = {**body, "api_domain": api_domain, **self._life()}
        return answer(status, body, now)

    # --- consent ---

    def _consent(
        self, query: Mapping[str, str], request: Request, now: datetime
    ) -> Reply:
        """Send the browser of a person who consents at once back to the caller."""
        back = query.get("redirect_uri", "")
        wrong = self._wrong_consent(query, back)
        if wrong is not None:
            return answer(400, {"error": wrong}, now)
        grant = Grant(
            read_scopes(query["scope"]),
            now + timedelta(seconds=_CODE_LIFE_SECONDS),
            back,
            is_offline=query.get("access_type") == "offline",
        )
        told = {
            "code": self._tokens.grant(grant),
            "location": self._data_centre or "us",
            "accounts-server": self._own_url(request.url),
        }
        if "state" in query:
            told["state"] = query["state"]
        joint = "&" if "?" in back else "?"
        reply = answer(_REDIRECT, None, now)
        return Reply(
            reply.status,
            {**reply.headers, "location": f"{back}{joint}{urlencode(told)}"},
        )

    def _wrong_consent(self, query: Mapping[str, str], back: str) -> str | None:
        if query.get("client_id") != self._tokens.credentials.client_id:
            return "invalid_client"
        if query.get("response_type") != "code":
            return "invalid_response_type"
        if not back.startswith(("https://", "http://")):
            return "invalid_redirect_uri"
        return None if query.get("scope") else "invalid_scope"

    def _own_url(self, asked_at: str) -> str:
        if self._data_centre is not None:
            return DATA_CENTRES[self._data_centre].accounts_url
        parts = urlsplit(asked_at)
        return f"{parts.scheme}://{parts.netloc}"

    # --- tokens ---

    def _token(
        self, form: Mapping[str, str], url: str, now: datetime
    ) -> tuple[int, Json]:
        mine = self._tokens.credentials
        if form.get("client_id") != mine.client_id or self._is_elsewhere(url):
            return self._refused("invalid_client")
        if form.get("client_secret") != mine.client_secret:
            return self._refused("invalid_client_secret")
        match form.get("grant_type"):
            case "authorization_code":
                return self._exchanged(form, now)
            case "refresh_token":
                return self._refreshed(form.get("refresh_token", ""), now)
            case _:
                return self._refused("unsupported_grant_type")

    def _is_elsewhere(self, url: str) -> bool:
        """Tell whether a client of this region asks that of another one."""
        if self._data_centre is None:
            return False
        asked = urlsplit(url).netloc
        hosts = {urlsplit(c.accounts_url).netloc for c in DATA_CENTRES.values()}
        return asked in hosts and f"https://{asked}" != self._own_url(url)

    def _exchanged(self, form: Mapping[str, str], now: datetime) -> tuple[int, Json]:
        code = form.get("code", "")
        grant = self._tokens.redeem(code, form.get("redirect_uri"), now)
        if isinstance(grant, str):
            return self._refused(grant)
        if not grant.is_offline:
            return self._made(None, grant.scopes, now)
        refresh_token = self._tokens.new_refresh(grant.scopes)
        status, body = self._made(refresh_token, grant.scopes, now)
        return status, {**body, "refresh_token": refresh_token}

    def _refreshed(self, refresh_token: str, now: datetime) -> tuple[int, Json]:
        scopes = self._tokens.scopes_of(refresh_token)
        if scopes is None:
            return self._refused("invalid_code")
        if not self._tokens.may_make(refresh_token, now):
            switches = self._book.switches
            return switches.throttle_status, _THROTTLED[switches.throttle_words]
        return self._made(refresh_token, scopes, now)

    def _made(
        self, refresh_token: str | None, scopes: tuple[str, ...], now: datetime
    ) -> tuple[int, Json]:
        return 200, {
            "access_token": self._tokens.new_access(refresh_token, scopes, now),
            "scope": " ".join(scopes),
            "token_type": "Bearer",
        }

    def _life(self) -> Json:
        seconds = int(LIFE.total_seconds())
        if self._book.switches.token_life_in == "seconds":
            return {"expires_in": seconds}
        return {"expires_in": seconds * 1000, "expires_in_sec": seconds}

    def _revoke(self, token: str, now: datetime) -> Reply:
        if self._tokens.revoke(token):
            return answer(200, {"status": "success"}, now)
        return answer(*self._refused("invalid_code"), now)

    def _refused(self, word: str) -> tuple[int, Json]:
        return self._book.switches.token_refusal_status, {"error": word}


def _is_elsewhere(host: str, api_domain: str) -> bool:
    """Tell whether an address is the API of another region or environment."""
    return host in _API_HOSTS and host != urlsplit(api_domain).netloc
