"""The life of an access token, and requests that carry it.

Floor 3.
A token is made once for all threads, tasks and processes that share a token
store: under a lock, with another look after the lock, a minute before it ends,
and once more when the API says that it is not valid.

Source: Zoho, "OAuth 2.0 > Refresh access tokens" and "Token validity": a token
lives for an hour, at most 10 are made in 10 minutes, 15 live at one time.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from attrs import evolve, frozen

from crmbridge._exchange import exchange
from crmbridge._steps import Call, Reply, Request, clock, do, exclusive
from crmbridge.config import DATA_CENTRES, ZohoConfig
from crmbridge.errors import ConnectionLostError, CrmbridgeError, InvalidInputError
from crmbridge.zoho._faults import ZOHO, fault_of
from crmbridge.zoho._renewal import renewed, token_key
from crmbridge.zoho._token_replies import SILENCE, too_many_tokens
from crmbridge.zoho.tokens import AccessToken, LoadToken, LockToken

__all__ = [
    "NoToken",
    "access_token",
    "attempt",
    "authorised",
    "lost_attempt",
    "token_key",
]

_EARLY: Final = timedelta(seconds=60)


@frozen
class NoToken:
    """No token could be had, so the request itself was not carried out.

    Attributes:
        error: why.
    """

    error: CrmbridgeError


def authorised(
    request: Request, config: ZohoConfig, *, is_repeatable: bool
) -> Call[Reply]:
    """Send a request with a valid token to the API's address; give the reply.

    A reply that says the token is not valid is followed by one new token and
    one more attempt, also for writes: such a request was not carried out.

    Args:
        request: its ``url`` is a path, such as ``/crm/v8/Leads``, or an
            address at Zoho's hosts for uploads and downloads.
        config: whose organisation.
        is_repeatable: whether carrying it out twice does no harm.

    Raises:
        InvalidInputError: ``url`` is neither.
        AuthenticationError: Zoho does not accept the credentials.
        ThrottledError: too many tokens or requests.
        OutcomeUnknownError: a request that is not repeatable may have been
            carried out.
    """
    answer = yield from attempt(request, config, is_repeatable=is_repeatable)
    if isinstance(answer, NoToken):
        raise answer.error
    return answer


def attempt(
    request: Request, config: ZohoConfig, *, is_repeatable: bool
) -> Call[Reply | NoToken]:
    """Do as `authorised`, but tell the want of a token from a failed request.

    Raises:
        InvalidInputError: ``url`` is neither a path nor Zoho's.
        CrmbridgeError: the request failed, as `authorised` says.
    """
    if not _is_path(request.url) and not _is_trusted(request.url, config):
        raise InvalidInputError(
            "url must be a path such as /crm/v8/Leads; the token goes nowhere else",
            service=ZOHO,
            field="url",
        )
    try:
        token = yield from access_token(config)
    except CrmbridgeError as error:
        return NoToken(error)
    reply = yield from _send(request, config, token, is_repeatable=is_repeatable)
    if not _says_invalid_token(reply):
        return reply
    again = _attempt_anew(request, config, token, is_repeatable=is_repeatable)
    if not reply.was_repeated:
        return (yield from again)
    return (yield from _after_loss(again, request.name))


def _attempt_anew(
    request: Request, config: ZohoConfig, refused: AccessToken, *, is_repeatable: bool
) -> Call[Reply | NoToken]:
    try:
        token = yield from access_token(config, refused=refused)
    except CrmbridgeError as error:
        return NoToken(error)
    return (yield from _send(request, config, token, is_repeatable=is_repeatable))


def _after_loss(call: Call[Reply | NoToken], what: str) -> Call[Reply]:
    """Let what follows a lost attempt tell of it."""
    try:
        answer = yield from call
    except CrmbridgeError as error:
        raise error from lost_attempt(what)
    if isinstance(answer, NoToken):
        raise answer.error from lost_attempt(what)
    return evolve(answer, was_repeated=True)


def lost_attempt(what: str) -> ConnectionLostError:
    """Make the cause of an error that came after a lost attempt."""
    return ConnectionLostError(f"{what}: an earlier attempt was lost", service=ZOHO)


def access_token(
    config: ZohoConfig, *, refused: AccessToken | None = None
) -> Call[AccessToken]:
    """Give a token that lives for a while, kept or new; costs 0 or 1 requests.

    Args:
        config: whose token.
        refused: a token that the API has just refused.

    Raises:
        AuthenticationError: Zoho does not accept the credentials.
        ThrottledError: 10 tokens were asked for in 10 minutes.
        ServiceError: the token endpoint answers something else.
        StoreError: the token store fails.
    """
    token = yield from _kept(config, refused)
    if token is None:
        token = yield from exclusive(ZOHO, "token", _renewed(config, refused))
    return token


def _kept(config: ZohoConfig, refused: AccessToken | None) -> Call[AccessToken | None]:
    """Give the kept token if it can be used.

    Raises:
        ThrottledError: it is the mark that Zoho wants to be left alone.
    """
    token = yield from do(LoadToken(token_key(config)))
    if token is None or (refused is not None and token.value == refused.value):
        return None
    now = yield from clock()
    left = token.expires_at - now.at
    # A mark that ends later was made before the clock was set back.
    if not token.value and timedelta(0) < left <= SILENCE:
        raise too_many_tokens(retry_after_seconds=left.total_seconds())
    return token if token.value and left > _EARLY else None


def _renewed(config: ZohoConfig, refused: AccessToken | None) -> Call[AccessToken]:
    # The second look: another thread or task may have made one meanwhile, and
    # the store's lock, which may be a file, need not be asked for.
    token = yield from _kept(config, refused)
    if token is not None:
        return token
    made = _made(config, refused)
    return (yield from do(LockToken(token_key(config), made)))


def _made(config: ZohoConfig, refused: AccessToken | None) -> Call[AccessToken]:
    # The third look: another client or process may have made one meanwhile.
    token = yield from _kept(config, refused)
    return token if token is not None else (yield from renewed(config))


def _send(
    request: Request, config: ZohoConfig, token: AccessToken, *, is_repeatable: bool
) -> Call[Reply]:
    base = config.api_base_for(token.api_domain) if _is_path(request.url) else ""
    ready = evolve(
        request,
        url=base + request.url,
        headers={
            **request.headers,
            "Authorization": f"Zoho-oauthtoken {token.value}",
        },
    )
    return (
        yield from exchange(ready, policy=config.retry, is_repeatable=is_repeatable)
    )


def _is_path(url: str) -> bool:
    return url.startswith("/") and not url.startswith("//")


def _is_trusted(url: str, config: ZohoConfig) -> bool:
    """Tell whether an address lies at one of Zoho's hosts, on an encrypted road.

    Source: samples of Zoho's SDKs, where results of bulk writes lie at
    ``download-accl.zoho.com``; for other regions that is inferred.
    """
    accounts = config.accounts_base
    uploads = config.upload_url or DATA_CENTRES[config.data_centre].upload_url
    downloads = accounts.replace("://accounts.", "://download-accl.", 1)
    return any(
        url.startswith(f"{base}/")
        for base in (config.api_base, uploads, downloads)
        if base and (base.startswith("https://") or accounts.startswith("http://"))
    )


def _says_invalid_token(reply: Reply) -> bool:
    fault = fault_of(reply) if reply.status == 401 else None  # noqa: PLR2004 - HTTP
    return fault is not None and fault.code == "INVALID_TOKEN"
