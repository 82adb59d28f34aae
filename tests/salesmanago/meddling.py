"""A way to the fake on which something happens before a request arrives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, field

from crmbridge import AsyncSalesmanagoClient, SalesmanagoClient
from crmbridge._steps import Reply, Request
from crmbridge.testing import AsyncFakeTransport, FakeTransport
from tests.salesmanago.conftest import World

PAGES = "contact/paginatedModifiedContacts"


@define
class Meddler:
    """Does something before each page of the feed; counts them.

    Attributes:
        meddle: is told how many pages were asked for before.
        asked: the numbers of the pages, as asked for.
    """

    meddle: Callable[[int], Any]
    asked: list[int] = field(factory=list)

    def before(self, request: Request) -> None:
        """Meddle, if it is a page."""
        if request.name == PAGES:
            self.meddle(len(self.asked))
            self.asked.append(request.json["page"])


class MeddledTransport(FakeTransport):
    """The way for sync clients."""

    def __init__(self, world: World, meddler: Meddler) -> None:
        super().__init__(world.fake)
        self._meddler = meddler

    def send(self, request: Request) -> Reply:
        self._meddler.before(request)
        return super().send(request)


class AsyncMeddledTransport(AsyncFakeTransport):
    """The way for async clients."""

    def __init__(self, world: World, meddler: Meddler) -> None:
        super().__init__(world.fake)
        self._meddler = meddler

    async def send(self, request: Request) -> Reply:
        self._meddler.before(request)
        return await super().send(request)


def meddled_client(world: World, meddler: Meddler, **settings: Any) -> Any:
    """Make a client whose pages are meddled with."""
    kind = {"sync": MeddledTransport, "async": AsyncMeddledTransport}[world.twin]
    client: SalesmanagoClient | AsyncSalesmanagoClient = world.client(
        options={"transport": kind(world, meddler)}, **settings
    )
    return client
