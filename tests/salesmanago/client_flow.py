"""All that a client of SALESmanago does, against a small account, step by step.

Under some positions of the switches a step is refused; it must then raise an error
of ours. What may never happen, whatever the position, is asked at the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, Final

from attrs import define, field

from crmbridge.errors import CrmbridgeError
from crmbridge.salesmanago import (
    Addressee,
    ConsentChange,
    ContactDetails,
    DictionaryDetail,
    ExportPart,
    NamedConsent,
)
from tests.salesmanago.conftest import World

__all__ = ["ClientFlow"]

USERS: Final = ("admin@example.com", "anna@example.com", "bart@example.com")
OUT: Final = ("out0@example.com", "out1@example.com", "out2@example.com")
KEPT: Final = tuple(f"kept{number}@example.com" for number in range(4))
GONE: Final = "gone@example.com"
NEW_IN, NEW_OUT, NEW_KEEP = (f"new-{one}@example.com" for one in ("in", "out", "keep"))
BATCH: Final = tuple(f"batch{number}@example.com" for number in range(4))
LATER: Final = tuple(f"later{number}@example.com" for number in range(4))
INSERTED: Final = "inserted@example.com"
RENAMED: Final = "renamed@example.com"


@define
class ClientFlow:
    """One account and what was done to it.

    Attributes:
        world: the fake and the way to it.
        errors: what was refused, by step.
    """

    world: World
    errors: dict[str, str] = field(factory=dict[str, str])
    _gone_id: str = ""

    def fill(self) -> None:
        """Put people into the account, and one into its bin."""
        fake = self.world.fake
        fake.users = USERS
        people = fake.people
        people.define_consents("Newsletter")
        for number, email in enumerate([*OUT, *KEPT, GONE]):
            owner = USERS[number % len(USERS)]
            is_out = email in OUT
            people.add(email, name="Ann", phone="600", owner=owner, opted_out=is_out)
        self._gone_id = people.get(GONE)["id"]
        people.delete(GONE)

    def play(self) -> None:
        """Do it all, a while between the steps."""
        with self.world.client(batch_size=3, page_size=2) as client:
            for step in (
                self._users,
                self._upserts,
                self._singles,
                self._batch,
                self._later,
                self._consents,
                self._rename,
                self._move,
                self._organise,
                self._feeds,
                self._lists,
                self._delete,
                self._exports,
            ):
                step(client)
                self.world.clock.advance(700.0)

    def _try(self, what: str, act: Callable[[], Any]) -> Any:
        """Carry a step out, which may be refused by an error of ours only."""
        try:
            return act()
        except CrmbridgeError as error:
            self.errors[what] = type(error).__name__
            return None

    # --- the steps ---

    def _users(self, client: Any) -> None:
        self._try("users", client.users)

    def _upserts(self, client: Any) -> None:
        changes = {
            NEW_IN: ConsentChange.IN,
            NEW_OUT: ConsentChange.OUT,
            NEW_KEEP: ConsentChange.KEEP,
            OUT[0]: ConsentChange.KEEP,
        }
        for email, consent in changes.items():
            details = ContactDetails(
                email,
                {"name": "Ann Example", "fax": "7", "address": {"city": "Łódź"}},
                province="Slask",
                birthday="19801017",
                email_consent=consent,
                phone_consent=consent,
                tags=("vip",),
                properties={"source": "crm"},
                dictionary=(DictionaryDetail("rank", 7),),
                consents=(NamedConsent("Newsletter", is_accepted=True),),
            )
            self._try(f"upsert {email}", partial(client.upsert, details))

    def _singles(self, client: Any) -> None:
        new = ContactDetails(INSERTED, {"phone": "600"})
        known = ContactDetails(OUT[0], {"phone": "601"})
        nobody = ContactDetails("nobody@example.com", {"phone": "602"})
        self._try("insert", lambda: client.insert(new))
        self._try("insert known", lambda: client.insert(known))
        self._try("update", lambda: client.update(known))
        self._try("update nobody", lambda: client.update(nobody))

    def _later(self, client: Any) -> None:
        rows = [ContactDetails(one, {"fax": "12"}) for one in (*LATER, OUT[1], KEPT[0])]
        self._try("batch_upsert_later", lambda: client.batch_upsert_later(rows))
        self._try("wait_for_upserts", lambda: client.wait_for_upserts(rows))
        self._try("check_upserts", lambda: client.check_upserts(rows))

    def _batch(self, client: Any) -> None:
        emails = (*BATCH, OUT[1], "no address", KEPT[0])
        rows = [
            ContactDetails(email, {"phone": "+48 33 811 22 33"}) for email in emails
        ]
        self._try("batch_upsert", lambda: client.batch_upsert(rows))

    def _consents(self, client: Any) -> None:
        self._try("opt_out", lambda: client.opt_out(KEPT[1]))
        self._try("phone_opt_out", lambda: client.phone_opt_out(KEPT[1]))
        self._try("phone_opt_in", lambda: client.phone_opt_in(KEPT[2]))
        self._try("opt_in", lambda: client.opt_in(KEPT[2]))

    def _rename(self, client: Any) -> None:
        self._try("rename", lambda: client.rename(OUT[2], RENAMED))

    def _move(self, client: Any) -> None:
        self._try("move", lambda: client.move_owner(KEPT[0], to=USERS[1]))
        self._try("clear", lambda: client.clear(KEPT[1], ["phone"]))

    def _organise(self, client: Any) -> None:
        self._try("tags", client.tags)
        self._try("note", lambda: client.add_note(KEPT[0], "called"))

    def _feeds(self, client: Any) -> None:
        now = self.world.clock().at
        window = {"start": now - timedelta(days=1), "end": now}
        self._try("created", lambda: client.created_contacts(**window))
        self._try("modified", lambda: client.modified_contacts(**window))
        self._try("page", lambda: client.modified_contacts_page(**window))
        since = now - timedelta(days=40)
        self._try("changed ids", lambda: list(client.changed_ids(since=since)))
        found = self._try(
            "changed contacts", lambda: list(client.changed_contacts(since=since))
        )
        ids = [one.id for one in found or ()]
        assert len(ids) == len(set(ids)), "a feed gave somebody twice"

    def _lists(self, client: Any) -> None:
        emails = [*KEPT, *OUT, *BATCH, GONE]
        ids = [card["id"] for card in self.world.fake.people.contacts()]
        for name, asked in (
            ("list_all", emails),
            ("list_owned", emails),
            ("basic", emails),
            ("list_all_by_id", ids),
            ("list_owned_by_id", ids),
            ("basic_by_id", ids),
        ):
            self._try(name, partial(getattr(client, name), asked))
        self._try("has_contact", lambda: client.has_contact(KEPT[0]))

    def _delete(self, client: Any) -> None:
        self._try("delete", lambda: client.delete(KEPT[3]))
        self._try("delete for good", lambda: client.delete(BATCH[0], permanently=True))
        self._try("delete many", lambda: client.delete_many(BATCH[1:3]))
        self._try("presence", lambda: client.presence(KEPT[3]))
        # It lies in the bin, or has gone: it must not come back.
        details = ContactDetails(GONE, {"phone": "601"})
        self._try("alive", lambda: client.upsert_if_alive(self._gone_id, details))

    def _exports(self, client: Any) -> None:
        exports = client.exports
        self._try("export", lambda: list(exports.contacts(size=5)))
        whom = [Addressee.email(KEPT[0]), Addressee.tag("VIP")]
        parts = list(ExportPart)
        self._try("export data", lambda: list(exports.data(whom, parts)))

    # --- what may never happen ---

    def check(self) -> None:
        """Ask whether anything happened that never may."""
        fake = self.world.fake
        cards = {card["email"]: card for card in fake.people.contacts()}
        held = Counter(card["email"].lower() for card in fake.people.contacts())
        assert fake.confirmation_mails == (), "a confirmation mail went out"
        assert set(held.values()) <= {1}, "somebody was made twice"
        expected = {*OUT, *KEPT, GONE, NEW_IN, NEW_OUT, NEW_KEEP, INSERTED, RENAMED}
        expected |= {*BATCH, *LATER}
        if fake.switches.update_missing == "create":
            expected.add("nobody@example.com")
        assert set(cards) <= expected, "somebody was made whom nobody named"
        assert not {OUT[2], RENAMED} <= set(cards), "a rename made a second card"
        assert GONE not in cards or cards[GONE]["deleted"], "somebody came back"
        if "delete" not in self.errors:
            assert KEPT[3] not in cards or cards[KEPT[3]]["deleted"]
        self._check_consents(cards)

    def _check_consents(self, cards: dict[str, Any]) -> None:
        outs = {*OUT, RENAMED}
        if "opt_out" not in self.errors:
            outs.add(KEPT[1])
        if f"upsert {NEW_OUT}" not in self.errors:
            outs.add(NEW_OUT)
        lost = {one for one in outs if one in cards and not cards[one]["optedOut"]}
        assert not lost, "an opt-out was lost"
