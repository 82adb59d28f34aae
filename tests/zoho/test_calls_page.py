"""The page of Zoho's calls says what each method really asks, and what it costs."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from attrs import frozen

import crmbridge.zoho
from crmbridge import Usage
from crmbridge._steps import Request
from crmbridge.errors import OutcomeUnknownError, PermissionDeniedError
from tests.zoho.calls import EXAMPLES
from tests.zoho.conftest import World

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "zoho-calls.md"
CLASSES = ("ZohoClient", "ZohoBulk", "ZohoNotifications", "ZohoOAuth")
API = "/crm/v8"
SOME_OTHER = "ZohoCRM.settings.layouts.READ"


@frozen
class Row:
    """One method as the page shows it."""

    kind: str
    method: str
    endpoint: str
    requests: str
    credits: str
    complex: str
    scopes: str
    source: str

    @property
    def endpoints(self) -> list[tuple[str, re.Pattern[str]]]:
        """The verbs and paths that it may ask."""
        found = re.findall(r"`([A-Z]+) (/[^`]*)`", self.endpoint)
        return [(verb, _pattern(path)) for verb, path in found]

    @property
    def needed(self) -> list[str]:
        """The scopes of its example, which is about leads."""
        return [
            scope.replace("…", "ZohoCRM").replace("{module}", "leads")
            for scope in re.findall(r"`([^`]*)`", self.scopes)
        ]

    @property
    def cost(self) -> tuple[int, int]:
        """The requests and credits of one unit: the first numbers."""
        return _first_number(self.requests), _first_number(self.credits)


def _first_number(cell: str) -> int:
    found = re.match(r"\d+", cell)
    assert found is not None, f"begins with no number: {cell}"
    return int(found[0])


def _pattern(path: str) -> re.Pattern[str]:
    whole = path if path.startswith(("/crm/", "/v8/", "/oauth/")) else API + path
    return re.compile(re.sub(r"\\{\w+\\}", r"[^/]+", re.escape(whole)))


def _rows() -> Iterator[Row]:
    kind = ""
    for line in PAGE.read_text("utf-8").splitlines():
        if line.startswith("## "):
            kind = line.removeprefix("## ").partition(":")[0]
        elif line.startswith("| `"):
            method, *cells = [cell.strip() for cell in line.strip("|").split("|")]
            yield Row(kind, method.strip("`"), *cells)


ROWS = tuple(_rows())
ASKING = [row for row in ROWS if row.kind in EXAMPLES]


def _methods(kind: str) -> set[str]:
    found = getattr(crmbridge.zoho, kind, None)
    return {
        name
        for name, value in inspect.getmembers(found, inspect.isfunction)
        if not name.startswith("_") and name != "close"
    }


@pytest.mark.parametrize("kind", CLASSES)
def test_every_method_stands_on_the_page_once(kind: str) -> None:
    listed = [row.method for row in ROWS if row.kind == kind]

    assert sorted(listed) == sorted(_methods(kind)), f"put it into {PAGE.name}"


@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_every_method_has_an_example_here(kind: str) -> None:
    assert set(EXAMPLES[kind]) == _methods(kind), "put it into tests/zoho/calls.py"


def _asked(world: World) -> list[Request]:
    """Give what was asked of the API."""
    return [request for request in world.fake.recorded if "/oauth/" not in request.url]


def _run(world: World, row: Row, **changes: Any) -> Usage:
    """Run the example."""
    with world.client(**changes) as client:
        EXAMPLES[row.kind][row.method](world, client)
        usage: Usage = client.usage
        return usage


def _named(row: Row, request: Request) -> bool:
    path = urlsplit(request.url).path
    return any(
        verb == request.method and pattern.fullmatch(path)
        for verb, pattern in row.endpoints
    )


@pytest.mark.parametrize("row", ASKING, ids=lambda row: f"{row.kind}.{row.method}")
def test_a_row_says_what_is_asked_and_what_it_costs(world: World, row: Row) -> None:
    usage = _run(world, row)

    asked = _asked(world)
    assert (len(asked), world.fake.credits) == row.cost
    assert usage.credits_used == world.fake.credits
    assert row.method == "send" or all(_named(row, request) for request in asked)
    assert world.fake.allowance.most_complex_in_flight == (row.complex == "yes")
    assert not any(re.search(r"\d", kind) for kind in usage.requests), (
        "ids are no kinds"
    )


def _refresh_token(world: World, scopes: list[str]) -> str:
    """Give a token that was granted these scopes and no others."""
    account = world.fake.account()
    form = {
        "grant_type": "authorization_code",
        "client_id": account["client_id"],
        "client_secret": account["client_secret"],
        "code": world.fake.grant_code(*scopes),
    }
    url = f"{account['accounts_url']}/oauth/v2/token"
    reply = world.fake.handle(Request("zoho", "POST", url, form=form))
    return str(reply.json()["refresh_token"])


@pytest.mark.parametrize(
    "row",
    [row for row in ASKING if row.needed],
    ids=lambda row: f"{row.kind}.{row.method}",
)
def test_the_scopes_of_a_row_are_enough_and_none_is_too_many(
    world: World, row: Row
) -> None:
    _run(world, row, refresh_token=_refresh_token(world, row.needed))

    for scope in row.needed:
        others = [other for other in (*row.needed, SOME_OTHER) if other != scope]
        # A job that was started without the right to look at it is not forgotten.
        with pytest.raises((PermissionDeniedError, OutcomeUnknownError)) as caught:
            _run(world, row, refresh_token=_refresh_token(world, others))
        refusals = (caught.value, caught.value.__cause__)
        assert any(isinstance(error, PermissionDeniedError) for error in refusals)
