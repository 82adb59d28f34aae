"""Questions in COQL: what comes back, what it costs, what is refused."""

from __future__ import annotations

import pytest

from crmbridge.zoho import coql
from tests.zoho.conftest import World

pytestmark = pytest.mark.fake_row("COQL")


def test_a_page_goes_on_by_id_above_the_last(world: World) -> None:
    made = [world.fake.people.add_lead(Last_Name=f"Nowak {n}") for n in range(5)]

    with world.client() as client:
        page = client.query(coql.Select("Leads", ["Last_Name"], limit=3))
        last = page.records[-1].id
        rest = client.query(
            coql.Select("Leads", ["Last_Name"], where=coql.greater("id", last), limit=3)
        )

    assert [record.id for record in page.records + rest.records] == made
    assert (page.has_more, rest.has_more) == (True, False)
