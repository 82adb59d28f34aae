"""The face of both twins: what it reads and raises is the same."""

from __future__ import annotations

import pytest

from crmbridge.errors import NotFoundError
from tests.zoho.conftest import World


def test_an_iterator_gives_all_records(world: World) -> None:
    for number in range(450):
        world.fake.people.add_lead(Last_Name=f"Nowak {number}")

    with world.client() as client:
        found = [
            record.fields["Last_Name"]
            for record in client.records("Leads", fields=["Last_Name"])
        ]

    assert sorted(found) == sorted(f"Nowak {number}" for number in range(450))


def test_an_error_comes_through(world: World) -> None:
    with world.client() as client, pytest.raises(NotFoundError):
        list(client.records("Leeds", fields=["Last_Name"]))
