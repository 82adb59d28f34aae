"""A run may stop at any effect, before or after it; the next one ends alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from attrs import define

from crmbridge import (
    MemoryStore,
    Reconciler,
    Report,
    SalesmanagoClient,
    ZohoClient,
)
from crmbridge._steps import Reply, Request
from crmbridge.reconcile import Lease, StoreOp
from crmbridge.testing import Fake, FakeServices, FakeTransport

_CARD_FIELDS = (
    *("email", "name", "phone", "fax", "company", "address", "state"),
    *("optedOut", "mainContactOwner", "deleted"),
)
_ZOHO_FIELDS = (
    *("Email", "Full_Name", "Phone", "Fax", "Company", "City", "Mailing_City"),
    *("Email_Opt_Out", "Account_Name"),
)


class CrashError(BaseException):
    """The process ends here."""


@define
class Bomb:
    """Counts the moments before and after each effect; ends one of them."""

    goes_off_at: int = -1
    moments: int = 0

    def tick(self) -> None:
        self.moments += 1
        if self.moments == self.goes_off_at:
            raise CrashError


class BombFake:
    """A service during whose requests the process may end."""

    def __init__(self, fake: Fake, bomb: Bomb) -> None:
        self._fake = fake
        self._bomb = bomb

    def handle(self, request: Request) -> Reply:
        self._bomb.tick()
        reply = self._fake.handle(request)
        self._bomb.tick()
        return reply


class BombStore(MemoryStore):
    """A store during whose commits the process may end."""

    def __init__(self) -> None:
        super().__init__()
        self.bomb = Bomb()

    def commit(self, lease: Lease, ops: Sequence[StoreOp]) -> None:
        self.bomb.tick()
        super().commit(lease, ops)
        self.bomb.tick()


@define
class Stage:
    """Two services and a store that outlives every crash."""

    services: FakeServices
    store: BombStore

    def run(self, bomb: Bomb) -> Report:
        """Run once as a fresh process, an hour later."""
        self.services.clock.advance(3600)
        self.store.bomb = bomb
        services = self.services
        clock: dict[str, Any] = {"sleep": services.clock.sleep, "clock": services.clock}
        with (
            SalesmanagoClient(
                services.salesmanago_config(),
                transport=FakeTransport(BombFake(services.salesmanago, bomb)),
                **clock,
            ) as salesmanago,
            ZohoClient(
                services.zoho_config(),
                transport=FakeTransport(BombFake(services.zoho, bomb)),
                **clock,
            ) as zoho,
        ):
            return Reconciler(salesmanago, zoho, store=self.store).run()

    def settle(self) -> None:
        """Run until nothing is written any more."""
        for _ in range(4):
            if self.run(Bomb()).writes == 0:
                return
        message = "four runs were not enough"
        raise AssertionError(message)

    def final(self) -> tuple[list[str], list[str]]:
        """Show both sides as they are, without ids and times."""
        cards = self.services.salesmanago.people.contacts()
        records = [
            {"module": module, **record}
            for module in ("Leads", "Contacts")
            for record in self.services.zoho.people.records(module)
        ]
        return (
            sorted(repr([card.get(name) for name in _CARD_FIELDS]) for card in cards),
            sorted(
                repr([record["module"], *map(_plain(record), _ZOHO_FIELDS)])
                for record in records
            ),
        )


def _plain(record: dict[str, Any]) -> Callable[[str], Any]:
    def value(name: str) -> Any:
        held: Any = record.get(name)
        return held.get("name") if hasattr(held, "get") else held

    return value


def _first_run() -> Stage:
    """Everything that a first run meets."""
    services = FakeServices()
    cards, records = services.salesmanago.people, services.zoho.people
    cards.add("pair@example.com", name="Pair One", phone="600", city="Bielsko")
    records.add_lead(
        Last_Name="One", First_Name="Pair", Email="PAIR@example.com", Fax="7"
    )
    cards.add("card@example.com", name="Card Only", company="Acme", state="CUSTOMER")
    cards.add("out@example.com", name="Card Out", opted_out=True)
    records.add_lead(Last_Name="Lead", Email="lead@example.com", Email_Opt_Out=True)
    records.add_contact(Last_Name="Client", Email="client@example.com", Phone="1")
    cards.add("twin@example.com", name="Twin")
    records.add_lead(Last_Name="Twin", Email="twin@example.com", Email_Opt_Out=True)
    records.add_lead(Last_Name="Twin", Email="twin@example.com")
    return Stage(services, BombStore())


def _later_run() -> Stage:
    """Everything that happens between two runs."""
    services = FakeServices()
    cards, records = services.salesmanago.people, services.zoho.people
    leads: dict[str, str] = {}
    for name in ("edit", "win", "won", "out", "gone", "back"):
        email = f"{name}@example.com"
        cards.add(email, name=f"{name} Person", company="Acme")
        leads[name] = records.add_lead(
            First_Name=name, Last_Name="Person", Email=email, Company="Acme"
        )
    stage = Stage(services, BombStore())
    stage.settle()
    cards.edit("edit@example.com", phone="600")
    records.edit(leads["edit"], City="Bielsko")
    cards.edit("win@example.com", state="CUSTOMER", phone="700")
    records.convert(leads["won"])
    cards.opt_out("out@example.com")
    records.edit(leads["back"], Email_Opt_Out=True, Email="new@example.com")
    records.delete(leads["gone"])
    return stage


@pytest.mark.parametrize("stage", [_first_run, _later_run])
def test_a_crash_at_any_moment_changes_nothing_in_the_end(
    stage: Callable[[], Stage],
) -> None:
    whole = stage()
    bomb = Bomb()
    whole.run(bomb)
    whole.settle()
    expected = whole.final()

    for moment in range(1, bomb.moments + 1):
        crashed = stage()
        with pytest.raises(CrashError):
            crashed.run(Bomb(moment))
        crashed.settle()

        assert crashed.final() == expected, f"crashed at moment {moment}"
    assert bomb.moments > 40
