"""The conversation that connects an organisation of Zoho CRM.

Floor 9.
A person brings a client id, its secret and a grant token, and leaves with a file
that `load_zoho_config` reads.
What is secret is read and never shown; a failure is told in plain words, with the
next step.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from attrs import evolve, field, frozen

from crmbridge.config import DATA_CENTRES, Environment, RetryPolicy, ZohoConfig
from crmbridge.errors import (
    AuthenticationError,
    ConfigError,
    ConnectionFailedError,
    CrmbridgeError,
    OutcomeUnknownError,
    PermissionDeniedError,
    ServiceError,
    StoreError,
    ThrottledError,
    TransportError,
)
from crmbridge.zoho.client import ZohoClient
from crmbridge.zoho.files import save_zoho_config
from crmbridge.zoho.grants import ZohoApp, ZohoGrant
from crmbridge.zoho.oauth import ZohoOAuth
from crmbridge.zoho.organisation import ZohoOrganization
from crmbridge.zoho.scopes import missing_scopes
from crmbridge.zoho.token_stores import MemoryTokenStore

__all__ = ["Console", "Wishes", "connect"]

CONNECTED: Final = 0
FAILED: Final = 1
NOT_CHECKED: Final = 3

_MAY_PASS: Final = (TransportError, ServiceError, ThrottledError)


class Console(Protocol):
    """How to talk with a person, or with the program in its place."""

    def say(self, text: str) -> None:
        """Show a text."""
        ...

    def warn(self, text: str) -> None:
        """Show a text of something that went wrong."""
        ...

    def ask(self, question: str) -> str:
        """Ask for something that may be seen.

        Raises:
            ConfigError: there is nobody to ask.
        """
        ...

    def ask_secret(self, question: str) -> str:
        """Ask for something that is shown nowhere.

        Raises:
            ConfigError: there is no answer.
        """
        ...


@frozen(kw_only=True)
class Wishes:
    """What was given beforehand; what is ``None`` is asked for.

    Attributes:
        scopes: what the grant token has to be made with.
        output: the file that the account goes to.
        replaces: whether a file that is there may be replaced.
        environment: which copy of the organisation.
        data_centre: where the organisation lives.
        client_id: the client's id.
        accounts_url: an accounts host other than the data centre's.
    """

    scopes: Sequence[str]
    output: Path
    replaces: bool = False
    environment: Environment = "production"
    data_centre: str | None = None
    client_id: str | None = field(default=None, repr=False)
    accounts_url: str | None = None


def connect(wishes: Wishes, console: Console) -> int:
    """Lead from a grant token to a file with the account.

    Returns:
        0 when it is stored and works, 3 when it is stored and could not be
        checked, 1 when nothing is stored.
    """
    try:
        _check_output(wishes)
        grant, checked = _granted(wishes, console)
    except CrmbridgeError as error:
        console.warn(_told(error))
        return FAILED
    _tell_scopes(wishes, grant, console)
    console.say(
        f"\nStored in {wishes.output}, which only you can read. Use it like this:\n\n"
        "    from crmbridge import ZohoClient\n"
        "    from crmbridge.zoho import load_zoho_config\n\n"
        f'    client = ZohoClient(load_zoho_config("{wishes.output}"))'
    )
    if isinstance(checked, CrmbridgeError):
        console.warn(
            f"It could not be checked yet, for a reason that may pass: {checked}"
        )
        return NOT_CHECKED
    console.say(f"\nConnected to {checked.name or 'the organisation'}.")
    return CONNECTED


def _check_output(wishes: Wishes) -> None:
    """Find out before the grant token is used up that the file can be written."""
    folder = wishes.output.resolve().parent
    if wishes.output.exists() and not wishes.replaces:
        raise ConfigError(
            f"{wishes.output} is there already: name another file with --output, or "
            "give --replace"
        )
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise ConfigError(
            f"{wishes.output} cannot be written: name a folder with --output that "
            "exists and is yours"
        )


def _granted(
    wishes: Wishes, console: Console
) -> tuple[ZohoGrant, ZohoOrganization | CrmbridgeError]:
    app = _app(wishes, console)
    grant_token = _grant_token(wishes, app, console)
    store = MemoryTokenStore()
    with ZohoOAuth(app, token_store=store) as oauth:
        grant = oauth.exchange(grant_token)
        config = grant.config()
        try:
            checked = _checked(config, store)
            save_zoho_config(config, wishes.output)
        except CrmbridgeError:
            # Nobody else knows this refresh token, so it would live for ever.
            with suppress(CrmbridgeError):
                oauth.revoke(grant.refresh_token)
            raise
    return grant, checked


def _app(wishes: Wishes, console: Console) -> ZohoApp:
    data_centre = wishes.data_centre
    if data_centre is None:
        data_centre = console.ask(
            "Where do you work in Zoho CRM? In Europe, for one, the address is "
            f"crm.zoho.eu, and the data centre eu.\nOne of {', '.join(DATA_CENTRES)}: "
        )
    known = ZohoApp(
        client_id="?",
        client_secret="?",  # noqa: S106 - not known yet
        data_centre=data_centre.strip().lower(),
        environment=wishes.environment,
        accounts_url=wishes.accounts_url,
    )
    console.say(
        f"\n1. Open {known.console_url} and log in.\n"
        "2. Choose Self Client (once: Get Started, Self Client, Create).\n"
        "3. The page Client Secret shows the client id and the client secret.\n"
    )
    client_id = wishes.client_id or console.ask("Client id: ")
    secret = console.ask_secret("Client secret (it is not shown): ")
    return ZohoApp(
        client_id=client_id.strip(),
        client_secret=secret.strip(),
        data_centre=known.data_centre,
        environment=wishes.environment,
        accounts_url=wishes.accounts_url,
    )


def _grant_token(wishes: Wishes, app: ZohoApp, console: Console) -> str:
    portal = "" if app.environment == "production" else f" the {app.environment} of"
    console.say(
        "\n4. The page Generate Code asks for scopes. Paste these:\n\n"
        f"   {','.join(wishes.scopes)}\n\n"
        "   Choose 10 minutes, write any description, press Create, and choose"
        f"{portal} your organisation.\n"
        "5. Copy the code. It works once, for 3 to 10 minutes.\n"
    )
    return console.ask_secret("Code (it is not shown): ")


def _checked(
    config: ZohoConfig, store: MemoryTokenStore
) -> ZohoOrganization | CrmbridgeError:
    """Ask Zoho for the organisation; give the error if that may pass.

    Raises:
        CrmbridgeError: the account does not work.
    """
    brief = evolve(config, retry=RetryPolicy(attempts=2))
    with ZohoClient(brief, token_store=store) as client:
        try:
            found = client.organization()
        except _MAY_PASS as error:
            return error
    if found.kind and found.kind != config.environment:
        raise ConfigError(
            f"the code was made for the {found.kind} of the organisation, not for its "
            f"{config.environment}: choose the right one when you press Create, or "
            f"give --environment {found.kind}"
        )
    return found


def _tell_scopes(wishes: Wishes, grant: ZohoGrant, console: Console) -> None:
    missing = missing_scopes(wishes.scopes, grant.scopes) if grant.scopes else ()
    if missing:
        console.warn(
            "These scopes were not granted, so some calls will be refused: "
            f"{', '.join(missing)}. To add them, connect again with --replace."
        )


# --- plain words -------------------------------------------------------------


def _told(error: CrmbridgeError) -> str:
    if isinstance(error, ConfigError):
        return f"\nNot connected: {error}."
    what, then = _words(error)
    return f"\nNot connected: {what}\nWhat to do: {then}\n(In detail: {error})"


def _words(error: CrmbridgeError) -> tuple[str, str]:
    """Say what went wrong, and what helps."""
    if isinstance(error, AuthenticationError):
        return _OF_CREDENTIALS.get(error.code or "", _ELSE)
    return _OF_KINDS.get(type(error), _ELSE)


_ELSE: Final = ("Zoho did not agree.", "make a new code and try again.")
_OF_CREDENTIALS: Final = {
    "invalid_code": (
        "Zoho does not take this code.",
        """\
make a new one, choose 10 minutes, and paste it at once, for each works once.
It has to be made by the same client, in the same data centre.""",
    ),
    "invalid_client": (
        "Zoho does not know this client id.",
        """\
compare it with the page Client Secret, and the data centre with the address that
you log in to.""",
    ),
    "invalid_client_secret": (
        "the client secret is wrong.",
        "copy it from the page Client Secret, and make a new code.",
    ),
}
_OF_KINDS: Final[Mapping[type[CrmbridgeError], tuple[str, str]]] = {
    PermissionDeniedError: (
        "the code does not allow to look at the organisation.",
        "paste all scopes of step 4 when you make the next code.",
    ),
    ThrottledError: (
        "Zoho was asked for too many tokens and wants to be left alone.",
        """\
stop everything that asks for tokens of this client, wait for half an hour, and
make a new code.""",
    ),
    ConnectionFailedError: (
        "there is no way to Zoho from this machine.",
        """\
check the network and the data centre; the code works until it ends, for nothing
was sent.""",
    ),
    OutcomeUnknownError: (
        "Zoho's answer was lost on its way.",
        "make a new code; this one may be used up.",
    ),
    StoreError: (
        "the file could not be written, and what Zoho gave was taken back.",
        "name another file with --output, and make a new code.",
    ),
}
