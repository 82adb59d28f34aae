"""What holds for every test: documents are run, and nothing leaves this machine.

Code blocks of README.md, examples/README.md and docs/ run with sybil, each
document in one namespace and in an empty folder; so do the examples in
docstrings.
Every test is also asked whether it gave something secret or personal away, see
``tests/leaks.py``.
A document shows its reader made-up accounts, with ``"..."`` for what is secret.
They are filled in as a reader would do it, with the accounts of fakes on
loopback, see `Filled`.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sybil import Document, Sybil
from sybil.parsers.myst import (
    DocTestDirectiveParser,
    PythonCodeBlockParser,
    SkipParser,
)
from sybil.parsers.rest import DocTestParser

from crmbridge import Limits
from crmbridge.testing import FakeServices, LoopbackServer

pytest_plugins = ["pytester", "tests.leaks"]

# --- documents are run -------------------------------------------------------

_ACCOUNT = re.compile(
    r"\b(SalesmanagoConfig|ZohoConfig)\((?=[^()]*\"\.\.\.\")[^()]*\)", re.DOTALL
)


class Filled(Document):
    """A document whose ``XConfig(... "..." ...)`` takes the account of a fake."""

    def __init__(self, text: str, path: str) -> None:
        super().__init__(_ACCOUNT.sub(_fill, text), path)


def _fill(match: re.Match[str]) -> str:
    name = match[1]
    lines = "\n" * match[0].count("\n")  # an error names the line of the document
    return f"{name}(**fake_accounts[{name!r}]{lines})"


@pytest.fixture
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make an empty folder the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def document_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Make one empty folder the current one for a whole document."""
    folder = tmp_path_factory.mktemp("document")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield folder


@pytest.fixture(scope="module")
def fake_accounts() -> Iterator[Mapping[str, Mapping[str, Any]]]:
    """Give the accounts of two fakes on loopback, by the name of their config."""
    services = FakeServices(people=20)
    with (
        LoopbackServer(services.salesmanago) as salesmanago,
        LoopbackServer(services.zoho) as zoho,
    ):
        services.zoho.api_domain = zoho.url
        start = services.clock().at.date().replace(month=1, day=1)
        yield {
            "SalesmanagoConfig": {
                **services.salesmanago.account(salesmanago.url),
                "history_start": start.replace(year=start.year - 1),
                "limits": Limits(),  # a fake need not be spared
            },
            "ZohoConfig": services.zoho.account(zoho.url),
        }


_markdown = Sybil(
    parsers=[PythonCodeBlockParser(), DocTestDirectiveParser(), SkipParser()],
    patterns=["README.md", "docs/*.md", "docs/*/*.md"],
    excludes=["docs/_build/*"],
    fixtures=["document_folder", "fake_accounts"],
    document_types={".md": Filled},
    name="documents",
)
_docstrings = Sybil(
    parsers=[DocTestParser()],
    path="src",
    pattern="*.py",
    fixtures=["empty_folder"],
    name="docstrings",
)

pytest_collect_file = (_markdown + _docstrings).pytest()


# --- nothing leaves this machine ---------------------------------------------


class OutsideNetworkError(AssertionError):
    """A test asked for a host other than this machine."""


def pytest_configure(config: pytest.Config) -> None:
    """Let sockets and names reach loopback only, for the whole run."""
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    for name in ("connect", "connect_ex"):
        patch.setattr(socket.socket, name, _to_loopback(getattr(socket.socket, name)))
    patch.setattr(socket, "getaddrinfo", _of_loopback(socket.getaddrinfo))


def _to_loopback(connect: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _demand_loopback(address[0])
        return connect(self, address)

    return guarded


def _of_loopback(getaddrinfo: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(host: Any, *arguments: Any, **options: Any) -> Any:
        _demand_loopback(host)
        return getaddrinfo(host, *arguments, **options)

    return guarded


def _demand_loopback(host: str | bytes | None) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "", "localhost"}:
        return
    try:
        is_loopback = ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        message = "A test may speak to this machine only."
        raise OutsideNetworkError(message)
