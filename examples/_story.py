"""What the people of the example do with their own hands, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from attrs import frozen

import _show as show
from crmbridge.testing import SalesmanagoFake, ZohoFake

Kinds: TypeAlias = Mapping[str, tuple[str, ...]]
"""The addresses of the made-up people by kind, as `populate` gives them."""


@frozen
class Scene:
    """One edit of the story.

    Attributes:
        what: what somebody does, and where.
        email: to whom.
        act: does it.
        shown: reads from both sides what should now be equal.
    """

    what: str
    email: str
    act: Callable[[], object]
    shown: Callable[[], tuple[str, str]]


class Story:
    """The two fakes, and the hands that edit them."""

    def __init__(
        self, salesmanago: SalesmanagoFake, zoho: ZohoFake, kinds: Kinds
    ) -> None:
        self._salesmanago = salesmanago
        self._zoho = zoho
        self._scenes = self._write(kinds)

    def edit_both_sides(self) -> None:
        """Play all scenes."""
        for scene in self._scenes:
            scene.act()
            show.text(f"  {scene.what}")

    def show_endings(self) -> None:
        """Print what both sides hold now; stop where they differ."""
        rows = [(scene.what, *scene.shown()) for scene in self._scenes]
        show.table("", ("what was done", "SALESmanago", "Zoho CRM"), rows)
        differing = [what for what, first, second in rows if first != second]
        if differing:
            message = f"the sides differ: {'; '.join(differing)}"
            raise SystemExit(message)

    def reset_counters(self) -> None:
        """Let both fakes count from zero."""
        self._salesmanago.reset_counters()
        self._zoho.reset_counters()

    def expect_no_writes(self, when: str) -> None:
        """Ask both fakes' own counters; stop if anything was written."""
        writes = self._salesmanago.writes, self._zoho.writes
        show.text(
            f"Writes counted by SALESmanago and Zoho: {writes[0]} and {writes[1]}"
        )
        if any(writes):
            message = f"{when} wrote to a service"
            raise SystemExit(message)

    # --- the scenes ---

    def _write(self, kinds: Kinds) -> tuple[Scene, ...]:
        prospects = iter(kinds["both_prospects"])
        clients = iter(kinds["both_clients"])
        return (
            self._phone_in_salesmanago(next(clients)),
            self._fax_in_zoho(next(clients)),
            self._company_in_both(next(prospects)),
            self._won_in_salesmanago(next(prospects)),
            self._converted_in_zoho(next(prospects)),
            self._won_in_both(next(prospects)),
            self._unsubscribed_in_salesmanago(next(prospects)),
            self._unsubscribed_in_zoho(next(clients)),
        )

    def _phone_in_salesmanago(self, email: str) -> Scene:
        return Scene(
            "a new telephone number in SALESmanago",
            email,
            lambda: self._salesmanago.people.edit(email, phone="+48 33 811 22 33"),
            lambda: (self._card(email)["phone"], self._record(email)["Phone"]),
        )

    def _fax_in_zoho(self, email: str) -> Scene:
        return Scene(
            "a new fax number in Zoho",
            email,
            lambda: self._edit_record(email, Fax="+48 33 844 55 66"),
            lambda: (self._card(email)["fax"], self._record(email)["Fax"]),
        )

    def _company_in_both(self, email: str) -> Scene:
        def act() -> None:
            self._salesmanago.people.edit(email, company="Written in SALESmanago")
            self._edit_record(email, Company="Written in Zoho")

        return Scene(
            "two companies for one person, one on each side (Zoho is preferred)",
            email,
            act,
            lambda: (self._card(email)["company"], self._record(email)["Company"]),
        )

    def _won_in_salesmanago(self, email: str) -> Scene:
        return Scene(
            "a prospect becomes a client in SALESmanago",
            email,
            lambda: self._salesmanago.people.edit(email, state="CUSTOMER"),
            lambda: self._states(email),
        )

    def _converted_in_zoho(self, email: str) -> Scene:
        return Scene(
            "somebody converts a lead in Zoho",
            email,
            lambda: self._zoho.people.convert(self._record(email)["id"]),
            lambda: self._states(email),
        )

    def _won_in_both(self, email: str) -> Scene:
        def act() -> None:
            self._salesmanago.people.edit(email, state="CUSTOMER")
            self._zoho.people.convert(self._record(email)["id"])

        return Scene("both at once", email, act, lambda: self._states(email))

    def _unsubscribed_in_salesmanago(self, email: str) -> Scene:
        return Scene(
            "a click on the unsubscribe link of SALESmanago",
            email,
            lambda: self._salesmanago.people.opt_out(email),
            lambda: self._consents(email),
        )

    def _unsubscribed_in_zoho(self, email: str) -> Scene:
        return Scene(
            "a click on the unsubscribe link of Zoho",
            email,
            lambda: self._zoho.people.unsubscribe(email),
            lambda: self._consents(email),
        )

    # --- looking at the fakes ---

    def _card(self, email: str) -> Mapping[str, Any]:
        return self._salesmanago.people.get(email)

    def _record(self, email: str) -> Mapping[str, Any]:
        """Find the one live record with an address, and say of which module."""
        found = [
            {**record, "module": module}
            for module in ("Leads", "Contacts")
            for record in self._zoho.people.records(module)
            if (record["Email"] or "").casefold() == email.casefold()
        ]
        (record,) = found
        return record

    def _edit_record(self, email: str, **fields: Any) -> None:
        self._zoho.people.edit(self._record(email)["id"], **fields)

    def _states(self, email: str) -> tuple[str, str]:
        in_zoho = {"Leads": "prospect", "Contacts": "client"}
        in_salesmanago = {"PROSPECT": "prospect", "CUSTOMER": "client"}
        return (
            in_salesmanago[self._card(email)["state"]],
            in_zoho[self._record(email)["module"]],
        )

    def _consents(self, email: str) -> tuple[str, str]:
        is_out = self._card(email)["optedOut"], self._record(email)["Email_Opt_Out"]
        words = {True: "opted out", False: "opted in"}
        return words[is_out[0]], words[is_out[1]]
