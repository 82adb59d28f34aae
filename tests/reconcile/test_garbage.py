"""Answers that are torn, mistyped or nonsense end in typed errors, never others."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final, cast

import pytest
from attrs import evolve

from crmbridge import MemoryStore, Reconciler, SalesmanagoClient, ZohoClient
from crmbridge._steps import Reply, Request
from crmbridge.errors import CrmbridgeError
from crmbridge.testing import Fake, FakeServices, FakeTransport

_RUNS = 60
_STATUSES: Final = (200, 204, 301, 400, 401, 403, 404, 409, 412, 500)
_NONSENSE: Final[tuple[Any, ...]] = (
    *(None, True, "", "x", "ż" * 300, [], {}, [1], {"id": 1}),
    *(1, -1, 2**70, 1.5, float("nan"), "2026-13-45T99:00:00+01:00"),
)


class Garbler:
    """A service some of whose answers are spoilt on their way."""

    def __init__(self, fake: Fake, draw: random.Random) -> None:
        self._fake = fake
        self._draw = draw

    def handle(self, request: Request) -> Reply:
        reply = self._fake.handle(request)
        if self._draw.random() > 0.1:
            return reply
        spoil = self._draw.choice((self._bytes, self._values, self._values))
        return spoil(reply)

    def _bytes(self, reply: Reply) -> Reply:
        draw = self._draw
        body = bytearray(reply.body)
        for _ in range(draw.randint(1, 5) if body else 0):
            body[draw.randrange(len(body))] = draw.randrange(256)
        return evolve(reply, status=draw.choice(_STATUSES), body=bytes(body))

    def _values(self, reply: Reply) -> Reply:
        if not reply.body:
            return reply
        value = json.loads(reply.body)
        places = list(_places(value))
        if places:
            holder, place = self._draw.choice(places)
            holder[place] = self._draw.choice(_NONSENSE)
        return evolve(reply, body=json.dumps(value).encode())


def _places(value: object) -> Iterator[tuple[Any, Any]]:
    """Give every place of a JSON value, as what holds it and where."""
    items: list[tuple[Any, object]] = []
    if isinstance(value, dict):
        items = list(cast("dict[str, object]", value).items())
    elif isinstance(value, list):
        items = list(enumerate(cast("list[object]", value)))
    for place, inner in items:
        yield value, place
        yield from _places(inner)


@pytest.mark.parametrize("seed", range(_RUNS))
def test_garbage_ends_in_typed_errors(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - seeded garbage
    services, store = FakeServices(people=24, seed=seed % 5), MemoryStore()
    clock: dict[str, Any] = {"sleep": services.clock.sleep, "clock": services.clock}

    for _ in range(2):
        services.clock.advance(3600)
        with (
            SalesmanagoClient(
                services.salesmanago_config(),
                transport=FakeTransport(Garbler(services.salesmanago, draw)),
                **clock,
            ) as salesmanago,
            ZohoClient(
                services.zoho_config(),
                transport=FakeTransport(Garbler(services.zoho, draw)),
                **clock,
            ) as zoho,
            suppress(CrmbridgeError),
        ):
            Reconciler(salesmanago, zoho, store=store).run()
