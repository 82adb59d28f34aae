"""Connect an organisation of Zoho CRM: ``python -m crmbridge.zoho connect``.

Floor 9.
At a terminal it asks for what is missing.
Elsewhere it reads two lines from its standard input: the client secret and the
grant token; neither is ever an argument, for arguments are seen by everybody on
the machine.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from crmbridge._data_centres import DATA_CENTRES, ENVIRONMENTS
from crmbridge.errors import ConfigError
from crmbridge.zoho._connect import Console, Wishes, connect
from crmbridge.zoho.scopes import SCOPES, SYNCHRONISING, scopes_for

__all__ = ["main"]

_STOPPED: Final = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Connect an organisation, and return the status to exit with."""
    parser = _parser()
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        # They may be secrets, so they are not repeated.
        parser.error("unknown arguments; secrets are read from standard input")
    wishes = Wishes(
        scopes=tuple(dict.fromkeys((*SYNCHRONISING, *scopes_for(*options.needs)))),
        output=Path(options.output),
        replaces=options.replace,
        environment=options.environment,
        data_centre=options.data_centre,
        client_id=options.client_id,
        accounts_url=options.accounts_url,
    )
    console: Console = _Terminal() if sys.stdin.isatty() else _Pipe()
    try:
        return connect(wishes, console)
    except (EOFError, KeyboardInterrupt):
        console.warn("\nStopped; nothing was stored.")
        return _STOPPED


class _Pipe:
    """Talks with a program: secrets come as lines, the rest as options."""

    def say(self, text: str) -> None:
        """Show nothing: nobody follows the steps."""
        del text

    def warn(self, text: str) -> None:
        """Write to the standard error."""
        sys.stderr.write(f"{text.strip()}\n")

    def ask(self, question: str) -> str:
        """Refuse: only secrets are read from here."""
        del question
        raise ConfigError(
            "give --data-centre and --client-id; the standard input, which is no "
            "terminal, holds the client secret and the grant token, a line each"
        )

    def ask_secret(self, question: str) -> str:
        """Read the next line."""
        del question
        line = sys.stdin.readline().strip()
        if not line:
            raise ConfigError(
                "the standard input ends too early: it has to hold the client secret "
                "and the grant token, a line each"
            )
        return line


class _Terminal(_Pipe):
    """Talks with a person."""

    def say(self, text: str) -> None:
        """Show a text."""
        sys.stdout.write(f"{text}\n")

    def ask(self, question: str) -> str:
        """Ask, and show the answer as it is typed."""
        return input(question)

    def ask_secret(self, question: str) -> str:
        """Ask, and show nothing of the answer."""
        return getpass.getpass(question)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m crmbridge.zoho",
        description="Connect an organisation of Zoho CRM.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(required=True, metavar="connect")
    command = commands.add_parser(
        "connect",
        help="lead from a client id and a grant token to a stored refresh token",
        description=(
            "Lead from a self client of Zoho's API console to a file with the "
            "account. At a terminal it asks for what is missing; elsewhere the "
            "standard input holds the client secret and the grant token, a line each."
        ),
        epilog=(
            "Exit status: 0 connected, 1 not connected, 3 stored but not checked, "
            "because Zoho could not be reached a second time."
        ),
        allow_abbrev=False,
    )
    add = command.add_argument
    add("--data-centre", choices=tuple(DATA_CENTRES), help="where you log in to Zoho")
    add("--client-id", help="the id of the self client")
    add("--output", default="zoho.json", help="the file to make; default zoho.json")
    add("--replace", action="store_true", help="replace the file if it is there")
    add("--environment", choices=ENVIRONMENTS, default="production")
    add(
        "--needs",
        choices=tuple(SCOPES),
        action="append",
        default=[],
        help="ask for these scopes too; may be given several times",
    )
    add("--accounts-url", help="an accounts host other than the data centre's")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
