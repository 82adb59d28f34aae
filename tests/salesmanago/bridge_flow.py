"""The story of the main example, in small, with both fakes in memory.

A first run, a run right after it, edits on both sides with opt-outs and a delete,
a second run, and more until nothing is left to do.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from attrs import define, evolve, field

from crmbridge import MemoryStore, Reconciler
from crmbridge.errors import CrmbridgeError
from crmbridge.testing import FakeServices

__all__ = ["BridgeFlow"]

PROSPECTS: Final = tuple(f"prospect{number}@example.com" for number in range(5))
CLIENTS: Final = tuple(f"client{number}@example.com" for number in range(3))
ONLY_CARD: Final = "only-card@example.com"
ONLY_LEAD: Final = "only-lead@example.com"
OUT_CARD: Final = "out-card@example.com"
OUT_LEAD: Final = "out-lead@example.com"
GONE: Final = "gone@example.com"
USERS: Final = ("admin@example.com", "anna@example.com")


@define
class BridgeFlow:
    """Two services with the same people, and a bridge between them.

    Attributes:
        services: both fakes and the clients that reach them.
        store: what the bridge remembers.
        errors: which runs raised an error of ours, by name.
        out_cards: the addresses of cards that were ever opted out.
        out_records: of the records, likewise.
        gone: the addresses of deleted cards.
        last_writes: how much the last run wrote.
    """

    services: FakeServices = field(factory=FakeServices)
    store: MemoryStore = field(factory=MemoryStore)
    errors: dict[str, str] = field(factory=dict[str, str])
    out_cards: set[str] = field(factory=set[str])
    out_records: set[str] = field(factory=set[str])
    gone: set[str] = field(factory=set[str])
    last_writes: int = -1

    @classmethod
    def under(cls, switches: dict[str, Any]) -> BridgeFlow:
        """Give two filled services, under these positions from the beginning."""
        flow = cls()
        fake = flow.services.salesmanago
        fake.switches = evolve(fake.switches, **switches)
        flow._fill()
        return flow

    def _fill(self) -> None:
        services = self.services
        services.salesmanago.users = USERS
        services.zoho.people.add_user(USERS[1])
        for number, email in enumerate((*PROSPECTS, OUT_CARD, OUT_LEAD, GONE)):
            self._card(email, "PROSPECT", number, opted_out=email == OUT_CARD)
            self._lead(email.title(), Email_Opt_Out=email == OUT_LEAD)
        for number, email in enumerate(CLIENTS):
            self._card(email, "CUSTOMER", number)
            self._contact(email)
        self._card(ONLY_CARD, "PROSPECT", 0)
        self._lead(ONLY_LEAD)

    def _card(self, email: str, state: str, number: int, **fields: Any) -> None:
        owner = USERS[number % len(USERS)]
        self.services.salesmanago.people.add(
            email, name="Ann Nowak", state=state, owner=owner, city="Łódź", **fields
        )

    def _lead(self, email: str, **fields: Any) -> None:
        self.services.zoho.people.add_lead(
            Email=email, First_Name="Ann", Last_Name="Nowak", Phone="600", **fields
        )

    def _contact(self, email: str) -> None:
        self.services.zoho.people.add_contact(
            Email=email, First_Name="Ann", Last_Name="Nowak", Phone="600"
        )

    # --- the story ---

    def play(self) -> None:
        """Tell it: runs, edits, runs."""
        self._run("first")
        self._run("right after")
        self._edit()
        for name in ("second", "third", "fourth"):
            self._run(name)

    def _run(self, name: str) -> None:
        self._remember()
        self.services.clock.advance(3600.0)
        with (
            self.services.salesmanago_client() as salesmanago,
            self.services.zoho_client() as zoho,
        ):
            bridge = Reconciler(salesmanago, zoho, store=self.store)
            try:
                self.last_writes = bridge.run().writes
            except CrmbridgeError as error:
                self.errors[name] = type(error).__name__
        self.check()

    def _edit(self) -> None:
        cards, zoho = self.services.salesmanago.people, self.services.zoho.people
        cards.edit(CLIENTS[0], phone="+48 33 811 22 33")
        zoho.edit(self._record(CLIENTS[1])["id"], Fax="+48 33 844 55 66")
        cards.edit(PROSPECTS[0], company="Written in SALESmanago")
        zoho.edit(self._record(PROSPECTS[0])["id"], Company="Written in Zoho")
        cards.edit(PROSPECTS[1], state="CUSTOMER")
        zoho.convert(self._record(PROSPECTS[2])["id"])
        cards.opt_out(PROSPECTS[3])
        zoho.unsubscribe(CLIENTS[2])
        cards.delete(GONE)
        self.gone.add(GONE)
        zoho.edit(self._record(GONE)["id"], Phone="601")

    def _record(self, email: str) -> Any:
        return next(one for one in self._records() if one["Email"].lower() == email)

    def _records(self) -> list[Any]:
        people = self.services.zoho.people
        return [*people.records("Leads"), *people.records("Contacts")]

    def _remember(self) -> None:
        for card in self.services.salesmanago.people.contacts():
            if card["optedOut"]:
                self.out_cards.add(card["email"].lower())
        for record in self._records():
            if record["Email_Opt_Out"]:
                self.out_records.add(record["Email"].lower())

    # --- what may never happen ---

    def check(self) -> None:
        """Ask whether anything happened that never may."""
        fake = self.services.salesmanago
        cards, records = fake.people.contacts(), self._records()
        assert fake.confirmation_mails == (), "a confirmation mail went out"
        for held in (
            Counter(card["email"].lower() for card in cards),
            Counter(record["Email"].lower() for record in records),
        ):
            assert set(held.values()) == {1}, "somebody was made twice"
        alive = {card["email"].lower() for card in cards if not card["deleted"]}
        assert not self.gone & alive, "somebody came back"
        assert not self.out_cards & alive - _out(cards, "email", "optedOut")
        assert not self.out_records - _out(records, "Email", "Email_Opt_Out")

    def check_arrived(self) -> None:
        """Ask whether every opt-out of Zoho is one of SALESmanago in the end."""
        cards = self.services.salesmanago.people.contacts()
        there = _out(cards, "email", "optedOut") | self.gone
        assert self.out_records <= there, "an opt-out did not arrive"


def _out(held: Any, email: str, flag: str) -> set[str]:
    return {one[email].lower() for one in held if one[flag]}
