"""Nothing secret or personal in a log, or in the text of an error: every test asks.

A plugin of the whole run, named by ``conftest.py`` at the root; a test that makes a
leak fails. It reads

- each record of the logger ``crmbridge`` and its children, down to ``DEBUG``;
- the text and the ``repr`` of each `CrmbridgeError` that is made, also of those that
  the library catches itself;
- what stands behind an error that ``pytest.raises`` caught, for a traceback in a
  caller's log shows it too.

It looks for what the fakes and the tests hold: secrets and tokens, signatures,
addresses, telephone numbers and the names of made-up people.
The service's own words (``messages``, ``values``) may quote what was sent; they are
attributes, and stand in neither text.
"""

from __future__ import annotations

import functools
import logging
import random
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any, Final

import pytest

from crmbridge.errors import CrmbridgeError
from crmbridge.testing._persons import person

__all__ = ["Leaks", "found_in"]

_SEEDED: Final = random.Random(1)  # noqa: S311 - draws made-up people
_PEOPLE: Final = [person(number, _SEEDED) for number in range(500)]
_NAMES: Final = sorted(
    {"Ann", "Nowak", "Kowalski", "Kowalska", "Żółć"}
    | {name for one in _PEOPLE for name in (one.first_name, one.last_name) if name}
)
_LOOKED_FOR: Final[Mapping[str, re.Pattern[str]]] = {
    "a secret or token": re.compile(
        r"fake-(?:secret|client-secret|refresh|access|grant)|\b1000\.[\w-]{6}"
    ),
    "a signature": re.compile(r"\b[0-9a-fA-F]{40}\b"),
    "an e-mail": re.compile(r"[^\s'\"<>(=]+(?:@|%40)[\w.-]*example\b", re.IGNORECASE),
    "a telephone number": re.compile(r"(?:\+|%2B|(?<![\d.])00)48[ \d()-]{6,}\d"),
    "a name": re.compile(rf"\b(?:{'|'.join(map(re.escape, _NAMES))})\b"),
}


def found_in(text: str) -> Iterator[str]:
    """Say what a text gives away, a line for each kind."""
    for kind, pattern in _LOOKED_FOR.items():
        match = pattern.search(text)
        if match is not None:
            yield f"{kind}: {match[0]!r} in {text!r}"


class Leaks(logging.Handler):
    """What was given away since it was asked last."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))
        self._found: dict[str, None] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Read a log record: its text, its arguments and its traceback's errors."""
        self.read("log", self.format(record).partition("\nTraceback")[0])
        for argument in record.args or ():
            if isinstance(argument, str):
                self.read("argument of a log record", argument)
        if record.exc_info and record.exc_info[1] is not None:
            self.read_error(record.exc_info[1])

    def read_error(self, error: BaseException) -> None:
        """Read an error and what stands behind it."""
        seen: set[int] = set()
        behind: BaseException | None = error
        while behind is not None and id(behind) not in seen:
            seen.add(id(behind))
            self.read("error", str(behind))
            self.read("error", repr(behind))
            is_shown = not behind.__suppress_context__
            behind = behind.__cause__ or (behind.__context__ if is_shown else None)

    def read(self, where: str, text: str) -> None:
        """Read a text."""
        self._found.update(dict.fromkeys(f"{where}: {one}" for one in found_in(text)))

    def fail_if_any(self) -> None:
        """Fail the test if it gave something away."""
        found, self._found = list(self._found), {}
        if found:
            pytest.fail("\n".join(["something was given away", *found]), pytrace=False)


def pytest_configure(config: pytest.Config) -> None:
    """Listen for the whole run."""
    leaks = Leaks()
    config.stash[_LEAKS] = leaks
    log = logging.getLogger("crmbridge")
    log.addHandler(leaks)
    log.setLevel(logging.DEBUG)
    config.add_cleanup(lambda: log.removeHandler(leaks))
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    # An error that the library catches is seen nowhere but at its birth.
    patch.setattr(CrmbridgeError, "__init__", _read_at_birth(leaks))
    patch.setattr(pytest.ExceptionInfo, "fill_unfilled", _read_when_caught(leaks))


_LEAKS: Final = pytest.StashKey[Leaks]()


def _read_at_birth(leaks: Leaks) -> Callable[..., None]:
    make = CrmbridgeError.__init__

    @functools.wraps(make)
    def read(self: CrmbridgeError, *arguments: Any, **facts: Any) -> None:
        make(self, *arguments, **facts)
        leaks.read("error", str(self))
        leaks.read("error", repr(self))

    return read


def _read_when_caught(leaks: Leaks) -> Callable[..., None]:
    fill = pytest.ExceptionInfo.fill_unfilled

    @functools.wraps(fill)
    def read(self: Any, caught: Any) -> None:
        fill(self, caught)
        if isinstance(caught[1], CrmbridgeError):
            leaks.read_error(caught[1])

    return read


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    """Ask after the setting up."""
    yield
    item.config.stash[_LEAKS].fail_if_any()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Ask after the test."""
    yield
    item.config.stash[_LEAKS].fail_if_any()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    """Ask after the tearing down."""
    yield
    item.config.stash[_LEAKS].fail_if_any()
