"""The fake finds the cards of a window without looking at all of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmbridge.salesmanago import SalesmanagoClient
from crmbridge.testing import FakeServices, SalesmanagoFake, SalesmanagoSwitches

USERS = ("admin@example.com", "bob@example.com")
EMAILS = [f"p{number}@example.com" for number in range(8)]

EDITS = st.one_of(
    st.tuples(st.just("add"), st.sampled_from(EMAILS), st.sampled_from(USERS)),
    st.tuples(st.just("edit"), st.sampled_from(EMAILS), st.text("ab", max_size=3)),
    st.tuples(st.just("give"), st.sampled_from(EMAILS), st.sampled_from(USERS)),
    st.tuples(st.just("delete"), st.sampled_from(EMAILS), st.booleans()),
    st.tuples(st.just("look"), st.sampled_from(USERS), st.just(None)),
)


def _edit(fake: SalesmanagoFake, what: str, email: str, value: Any) -> None:
    people = fake.people
    if what == "add" and email not in people:
        people.add(email, owner=value)
    elif what != "add" and email in people:
        if what == "edit":
            people.edit(email, name=value)
        elif what == "give":
            people.edit(email, owner=value)
        else:
            people.delete(email, permanently=value)


def _in_window(fake: SalesmanagoFake, key: str, owner: str, first_ms: int) -> list[str]:
    """Look at all cards, as the fake does not."""
    return [
        card["id"]
        for card in sorted(fake.people.contacts(), key=lambda card: card[key])
        if card["mainContactOwner"] == owner and card[key] >= first_ms
    ]


@given(st.lists(EDITS, max_size=40), st.integers(0, 40))
def test_a_window_holds_what_it_should(edits: list[Any], first: int) -> None:
    services = FakeServices()
    fake, begin = services.salesmanago, services.clock.now()
    fake.users = USERS
    fake.switches = SalesmanagoSwitches(bumps_unchanged=False)

    with services.salesmanago_client() as client:
        for what, *arguments in edits:
            services.clock.advance(1)
            if what == "look":
                _compare(client, fake, int(begin.timestamp() + first) * 1000)
            else:
                _edit(fake, what, *arguments)
        _compare(client, fake, int(begin.timestamp() + first) * 1000)


def _compare(client: SalesmanagoClient, fake: SalesmanagoFake, first_ms: int) -> None:
    start = datetime.fromtimestamp(first_ms // 1000, UTC)
    for owner in USERS:
        end = start + timedelta(days=1)
        created = client.created_contacts(start=start, end=end, owner=owner)
        modified = client.modified_contacts(start=start, end=end, owner=owner)

        for found, key in ((created, "createdOn"), (modified, "modifiedOn")):
            ids = [one.id for one in found.contacts]
            assert ids == _in_window(fake, key, owner, first_ms)


@pytest.mark.parametrize("shows_deleted", [True, False])
def test_many_that_move_at_once_are_found_in_order(shows_deleted: bool) -> None:
    services = FakeServices()
    fake = services.salesmanago
    fake.switches = SalesmanagoSwitches(shows_deleted=shows_deleted)
    fake.people.fill(1500, every=timedelta(seconds=1))
    start = services.clock.now() - timedelta(days=1)
    end = services.clock.now() + timedelta(days=1)

    with services.salesmanago_client() as client:
        first = client.modified_contacts(start=start, end=end)
        for number in range(1, 1301):
            fake.people.edit(f"filled-{number}@example.com", name="New")
        fake.people.delete("filled-9@example.com")
        second = client.modified_contacts(start=start, end=end)

    order = [one.email.removesuffix("@example.com") for one in second.contacts]
    assert len(first.contacts) == 1500
    assert order[0] == "filled-1301"
    assert len(order) == 1499 + shows_deleted
