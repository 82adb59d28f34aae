"""How an application gets a person's consent to work in Zoho CRM.

Floor 6: each method is one line; the work is in `_oauth`.
`AsyncZohoOAuth` is its twin in `async_oauth`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable

from crmbridge._clients import Closing
from crmbridge._limiter import Limiter
from crmbridge._ports import Port
from crmbridge._runtime import Runtime, read_clock
from crmbridge._steps import Moment
from crmbridge.config import Limits
from crmbridge.transport import HttpTransport, Transport
from crmbridge.zoho import _oauth
from crmbridge.zoho._token_keeper import TokenKeeper
from crmbridge.zoho.grants import ZohoApp, ZohoAuthorisation, ZohoGrant
from crmbridge.zoho.scopes import SYNCHRONISING
from crmbridge.zoho.token_stores import MemoryTokenStore
from crmbridge.zoho.tokens import TokenStore

__all__ = ["ZohoOAuth"]


class ZohoOAuth(Closing):
    """Turns consents into refresh tokens, and takes them back.

    Two ways lead to a `ZohoGrant`: a person generates a grant token for a
    *self client* in Zoho's API console (``exchange``), or is sent to Zoho by
    a web application and comes back (``authorisation``, then
    ``exchange_callback``).

    Nothing here is repeated after a failure.
    It is safe to use from several threads.
    Close it, or use it in a ``with`` block.

    Args:
        app: the OAuth client.
        transport: how requests are sent; by default over HTTP.
        token_store: where the access token of a new grant is put, so that
            clients that share the store need not ask for one.
        clock: what reads the clocks.

    >>> from crmbridge import ZohoClient
    >>> from crmbridge.testing import FakeTransport, ZohoFake
    >>> from crmbridge.zoho import ZohoApp, ZohoOAuth
    >>> fake = ZohoFake(data_centre="eu")
    >>> app = ZohoApp(
    ...     client_id=fake.account()["client_id"],
    ...     client_secret=fake.account()["client_secret"],
    ...     data_centre="eu",
    ... )
    >>> with ZohoOAuth(app, transport=FakeTransport(fake)) as oauth:
    ...     grant = oauth.exchange(fake.grant_code())
    >>> with ZohoClient(grant.config(), transport=FakeTransport(fake)) as client:
    ...     len(client.users())
    1
    """

    def __init__(
        self,
        app: ZohoApp,
        *,
        transport: Transport | None = None,
        token_store: TokenStore | None = None,
        clock: Callable[[], Moment] = read_clock,
    ) -> None:
        self._app = app
        transport = transport or HttpTransport(timeout_seconds=app.timeout_seconds)
        super().__init__(transport)
        tokens = TokenKeeper(
            token_store or MemoryTokenStore(),
            lambda call: self._runtime.run(call),  # noqa: PLW0108 - it is made below
        )
        self._runtime = Runtime(
            {"zoho": Port(transport, Limiter(Limits()))},
            handlers=tokens.handlers,
            clock=clock,
        )

    @property
    def app(self) -> ZohoApp:
        """The OAuth client it was made with."""
        return self._app

    def exchange(self, grant_token: str) -> ZohoGrant:
        """Exchange the grant token of a self client for a refresh token.

        Costs one request and no credits.
        The grant token works once, and for 3 minutes unless the person chose
        longer, up to 10.

        Args:
            grant_token: what the API console shows under "Generate Code".

        Raises:
            InvalidInputError: it is empty.
            AuthenticationError: it was used, has ended or is another
                client's, or the client's id or secret is wrong; also when
                Zoho gives no refresh token.
            ThrottledError: too many tokens; leave Zoho alone for a while.
            OutcomeUnknownError: the answer was lost and the grant token may
                be used up; make a new one.
            ConnectionFailedError: nothing was sent; the grant token still
                works.
            ServiceError: Zoho refuses for a reason that may pass.
            StoreError: the token store fails; the grant token is used up.

        Source: Zoho, "OAuth 2.0 > Self client" and "Token validity".
        """
        return self._runtime.run(_oauth.exchange_code(self._app, grant_token))

    def authorisation(
        self,
        *,
        redirect_uri: str,
        scopes: Iterable[str] = SYNCHRONISING,
        state: str | None = None,
        prompt: str | None = "consent",
    ) -> ZohoAuthorisation:
        """Make the address where a person consents; sends nothing.

        Args:
            redirect_uri: where Zoho sends the person back to; the API
                console has to list it for the client.
            scopes: what to ask for; see `crmbridge.zoho.scopes`.
            state: what comes back with the consent, hard to guess; by
                default 32 random bytes.
            prompt: ``"consent"`` asks the person each time, and only then
                does Zoho give a refresh token each time; ``None`` lets a
                person through who has consented before.

        Returns:
            The address, and what `exchange_callback` has to be given; keep
            it with the person's session.

        Raises:
            InvalidInputError: ``scopes`` or ``redirect_uri`` cannot work.

        Source: Zoho, "OAuth 2.0 > Authorization request".
        """
        return _oauth.authorisation(
            self._app,
            redirect_uri=redirect_uri,
            scopes=scopes,
            state=secrets.token_urlsafe(32) if state is None else state,
            prompt=prompt,
        )

    def exchange_callback(
        self, callback: str, *, state: str, redirect_uri: str
    ) -> ZohoGrant:
        """Exchange the consent that a person brought back.

        Costs one request and no credits.
        The request goes to the region where the person lives, as the
        callback names it, and to no host that is not Zoho's.

        Args:
            callback: the address that the browser was sent to, or its query.
            state: what `authorisation` gave for this person's session.
            redirect_uri: the same as for `authorisation`.

        Raises:
            InvalidInputError: the state is not the one of this session, or
                the callback names a host that is not Zoho's; nothing was
                sent.
            PermissionDeniedError: the person did not consent.
            RefusedError: Zoho did not even ask the person.
            AuthenticationError: the code was used, has ended or is another
                client's, or the client's id or secret is wrong; also when
                Zoho gives no refresh token.
            ThrottledError: too many tokens; leave Zoho alone for a while.
            OutcomeUnknownError: the answer was lost and the code may be used
                up; ask for consent again.
            ConnectionFailedError: nothing was sent.
            ServiceError: Zoho refuses for a reason that may pass.
            StoreError: the token store fails; the code is used up.

        Source: Zoho, "OAuth 2.0 > Authorization request" and "Multi DC".
        """
        return self._runtime.run(
            _oauth.exchange_callback(
                self._app, callback, state=state, redirect_uri=redirect_uri
            )
        )

    def revoke(self, token: str) -> None:
        """End a refresh token with all access tokens that were made of it.

        Costs one request and no credits.
        The request goes to the client's own region: for a person of another
        one, use ``ZohoOAuth(grant.app)``.

        Args:
            token: a refresh token, or an access token that ends alone.

        Raises:
            AuthenticationError: Zoho does not know it, or not any more.
            ConnectionLostError: the answer was lost; do it again.
            ServiceError: Zoho refuses for a reason that may pass.

        Source: Zoho, "OAuth 2.0 > Revoke"; Zoho's Python SDK for v8, which
            sends the token in the body, where no log of addresses sees it.
        """
        self._runtime.run(_oauth.revoke(self._app, token))
