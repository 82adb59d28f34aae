"""Programs that hear of changes by hooks, with client and fake."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from crmbridge.salesmanago import ContactDetails, read_opt_callback, read_rule_hook
from crmbridge.testing import SentCallback
from tests.salesmanago.conftest import World

pytestmark = pytest.mark.salesmanago_row(39)

RULE_URL = "https://example.com/rule"
OUT_URL = "https://example.com/out?email=$email$&key=sha1($email$hush)"
IN_URL = "https://example.com/in?email=$email$&key=sha1($email$hush)"
ANN = "ann@example.com"
EMAILS = [f"p{number}@example.com" for number in range(12)]


class Program:
    """Keeps contacts as another system has them: reads on hints, writes differences.

    ``companies`` is what the other system knows; the permission is the
    contact's own business and is only taken over.
    """

    def __init__(self, world: World, companies: dict[str, str]) -> None:
        self.client = world.client()
        self.fake = world.fake
        self.companies = companies
        self.is_careful = True
        self.ids: set[str] = set()
        self.emails: set[str] = set()
        self.opted_out: dict[str, bool] = {}
        self.fake.hooks.add_rule(RULE_URL)
        self.fake.hooks.set_callbacks(opt_in=IN_URL, opt_out=OUT_URL)
        self.fake.hooks.receive(self._rule, at=RULE_URL)
        for url in (IN_URL, OUT_URL):
            self.fake.hooks.receive(self._callback, at=url)

    def _rule(self, sent: SentCallback) -> int:
        self.ids.add(read_rule_hook(sent.body, login=None).contact_id)
        return 204

    def _callback(self, sent: SentCallback) -> int:
        query = urlsplit(sent.url).query
        self.emails.add(read_opt_callback(query, secret="hush").email)
        return 204

    def work(self) -> None:
        """Read what was hinted at, and write what differs."""
        contacts = [
            *self.client.list_all_by_id(sorted(self.ids)),
            *self.client.list_all(sorted(self.emails)),
        ]
        self.ids.clear()
        self.emails.clear()
        for email, contact in {contact.email: contact for contact in contacts}.items():
            self.opted_out[email] = contact.opted_out
            wanted = self.companies[email]
            if contact.company != wanted or not self.is_careful:
                self.client.upsert(ContactDetails(email, {"company": wanted}))

    def rounds_until_quiet(self, most: int) -> int:
        """Deliver and work until nothing is told any more; give how often."""
        for count in range(most):
            if not self.fake.hooks.waiting:
                return count
            self.fake.hooks.deliver()
            self.work()
        return most


@pytest.mark.question(20)
@pytest.mark.parametrize("fires", [True, False])
@pytest.mark.parametrize("fires_unchanged", [True, False])
def test_a_program_that_writes_only_differences_never_loops(
    world: World, *, fires: bool, fires_unchanged: bool
) -> None:
    world.switch(api_fires_hooks=fires, fires_unchanged=fires_unchanged)
    program = Program(world, {ANN: "Acme"})

    world.fake.people.add(ANN, company="Other")
    rounds = program.rounds_until_quiet(most=10)

    assert world.fake.people.get(ANN)["company"] == "Acme"
    assert world.fake.writes == 1
    assert rounds == (2 if fires else 1)


@pytest.mark.question(20)
@pytest.mark.parametrize("fires", [True, False])
def test_a_program_that_always_writes_loops_where_requests_are_told(
    world: World, *, fires: bool
) -> None:
    world.switch(api_fires_hooks=fires)
    program = Program(world, {ANN: "Acme"})
    program.is_careful = False

    world.fake.people.add(ANN)

    assert program.rounds_until_quiet(most=10) == (10 if fires else 1)


@pytest.mark.question(20)
@pytest.mark.parametrize("fires", [True, False])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_hooks_twice_and_out_of_order_end_in_the_same_state(
    world: World, seed: int, *, fires: bool
) -> None:
    world.switch(
        api_fires_hooks=fires,
        doubles_hooks=0.5,
        shuffles_hooks=True,
        hook_seed=seed,
    )
    program = Program(world, dict.fromkeys(EMAILS, "Acme"))
    for email in EMAILS:
        world.fake.people.add(email)

    for email in EMAILS:
        world.fake.people.opt_out(email)
        world.fake.people.opt_in(email)
    world.fake.people.opt_out(EMAILS[0])
    program.rounds_until_quiet(most=10)

    companies = {card["company"] for card in world.fake.people.contacts()}
    assert (companies, world.fake.contacts_written) == ({"Acme"}, len(EMAILS))
    out = [email for email, is_out in program.opted_out.items() if is_out]
    assert out == [EMAILS[0]]


def test_a_hook_that_comes_before_the_change_is_seen_is_made_up_for_by_a_poll(
    world: World,
) -> None:
    program = Program(world, {ANN: "Acme"})
    world.fake.people.add(ANN, company="Acme")
    program.rounds_until_quiet(most=10)
    world.switch(visible_after_seconds=30.0)

    world.fake.people.edit(ANN, company="Other")
    program.rounds_until_quiet(most=10)
    early = world.fake.writes
    world.clock.advance(60)
    program.emails.add(ANN)  # the next poll finds it
    program.work()

    assert (early, world.fake.writes) == (0, 1)
