"""Two fakes filled with the people of one made-up company.

Floor 9.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from attrs import evolve

from crmbridge.contact import Birthday
from crmbridge.testing._persons import Person, person, seen_elsewhere
from crmbridge.testing._salesmanago import SalesmanagoFake
from crmbridge.testing._zoho import ZohoFake

__all__ = ["populate"]

_SHARED_USERS: Final = ("anna.opiekun@example.com", "bartek.opiekun@example.com")
_SALESMANAGO_USER: Final = "celina.opiekun@example.com"
_ZOHO_USER: Final = "daniel.opiekun@example.com"
_DAYS: Final = 180


def populate(
    salesmanago: SalesmanagoFake, zoho: ZohoFake, *, people: int, seed: int = 1
) -> dict[str, tuple[str, ...]]:
    """Fill two empty fakes with people, the same ones for the same seed.

    Of 40 people 19 are on both sides, with gaps and values that differ; the
    others are on one side, or show what makes synchronisation hard.
    All were made in the six months before the fakes' present.

    Args:
        salesmanago: gets cards and users.
        zoho: gets leads, contacts, accounts and users.
        people: how many persons; some have several records.
        seed: chooses names and values.

    Returns:
        The e-mail addresses by kind: ``"both_prospects"``, ``"both_clients"``,
        ``"zoho_lead"``, ``"zoho_contact"``, ``"salesmanago_prospect"``,
        ``"salesmanago_client"``, ``"prospect_is_contact"``, ``"two_leads"``,
        ``"lead_and_contact"``, ``"no_email_in_zoho"``,
        ``"opted_out_in_salesmanago"``, ``"opted_out_in_zoho"``.

    >>> from crmbridge.testing import SalesmanagoFake, ZohoFake
    >>> salesmanago, zoho = SalesmanagoFake(), ZohoFake()
    >>> kinds = populate(salesmanago, zoho, people=40)
    >>> len(kinds["both_prospects"]), len(salesmanago.people)
    (9, 30)
    """
    draw = random.Random(seed)
    town = _Town(salesmanago, zoho, draw)
    kinds: dict[str, tuple[str, ...]] = {}
    for number in range(people):
        kind = _KINDS[number % len(_KINDS)]
        someone = person(number, draw)
        _PLACE[kind](town, someone)
        kinds[kind] = (*kinds.get(kind, ()), someone.email)
    return kinds


class _Town:
    """Puts one person after the other into the two fakes."""

    def __init__(
        self, salesmanago: SalesmanagoFake, zoho: ZohoFake, draw: random.Random
    ) -> None:
        self._salesmanago = salesmanago
        self._zoho = zoho
        self._draw = draw
        self._now = salesmanago.clock().at
        main = salesmanago.users[0]
        self._zoho_main = zoho.users[0]
        salesmanago.users = (main, *_SHARED_USERS, _SALESMANAGO_USER)
        for email in (*_SHARED_USERS, _ZOHO_USER):
            zoho.people.add_user(email)

    def elsewhere(self, one: Person) -> Person:
        """Give the person as the other system holds them."""
        return seen_elsewhere(one, self._draw)

    def card(
        self, one: Person, state: str, *, is_opted_out: bool | None = None
    ) -> None:
        """Put a person into SALESmanago."""
        owners = (self._salesmanago.users[0], *_SHARED_USERS, _SALESMANAGO_USER)
        self._salesmanago.people.add(
            one.email,
            created_at=self._some_day(),
            name=one.name,
            phone=one.phone,
            fax=one.fax,
            company=one.company,
            street=one.street,
            postal_code=one.postal_code,
            city=one.city,
            province=one.region,
            country=one.country,
            birthday=_wire_birthday(one.birthday),
            state=state,
            owner=self._draw.choice(owners),
            opted_out=self._or_sometimes(is_opted_out),
            phone_opted_out=False,
        )

    def lead(self, one: Person, *, is_opted_out: bool | None = None) -> None:
        """Put a person into Zoho as a lead."""
        values = _zoho_values(one, "", "Zip_Code")
        values["Company"] = one.company
        values |= self._common(is_opted_out=is_opted_out)
        self._zoho.people.add_lead(**values)

    def contact(self, one: Person, *, is_opted_out: bool | None = None) -> None:
        """Put a person into Zoho as a contact."""
        values = _zoho_values(one, "Mailing_", "Mailing_Zip")
        if one.company is not None:
            values["Account_Name"] = one.company
        if one.birthday is not None and one.birthday.year is not None:
            values["Date_of_Birth"] = str(one.birthday.as_date())
        values |= self._common(is_opted_out=is_opted_out)
        self._zoho.people.add_contact(**values)

    def _common(self, *, is_opted_out: bool | None) -> dict[str, Any]:
        return {
            "Email_Opt_Out": self._or_sometimes(is_opted_out),
            "Owner": self._draw.choice((self._zoho_main, *_SHARED_USERS, _ZOHO_USER)),
            "Created_Time": self._some_day(),
        }

    def _some_day(self) -> datetime:
        return self._now - timedelta(seconds=self._draw.uniform(60, _DAYS * 86_400))

    def _or_sometimes(self, is_opted_out: bool | None) -> bool:  # noqa: FBT001 - a value, no switch
        return self._draw.randrange(10) == 0 if is_opted_out is None else is_opted_out


def _zoho_values(one: Person, prefix: str, code: str) -> dict[str, Any]:
    return {
        "First_Name": one.first_name,
        "Last_Name": one.last_name,
        "Email": one.email,
        "Phone": one.phone,
        "Fax": one.fax,
        f"{prefix}Street": one.street,
        code: one.postal_code,
        f"{prefix}City": one.city,
        f"{prefix}State": one.region,
        f"{prefix}Country": one.country,
    }


def _wire_birthday(day: Birthday | None) -> str | None:
    if day is None:
        return None
    year = "" if day.year is None else f"{day.year:04}"
    return f"{year}{day.month:02}{day.day:02}"


# --- the kinds -----------------------------------------------------------------

_Place: TypeAlias = Callable[[_Town, Person], None]


def _both_prospects(town: _Town, one: Person) -> None:
    town.card(one, "PROSPECT")
    town.lead(town.elsewhere(one))


def _both_clients(town: _Town, one: Person) -> None:
    town.card(one, "CUSTOMER")
    town.contact(town.elsewhere(one))


def _prospect_is_contact(town: _Town, one: Person) -> None:
    town.card(one, "PROSPECT")
    town.contact(town.elsewhere(one))


def _two_leads(town: _Town, one: Person) -> None:
    town.card(one, "PROSPECT")
    town.lead(one)
    town.lead(town.elsewhere(one))


def _lead_and_contact(town: _Town, one: Person) -> None:
    town.card(one, "CUSTOMER")
    town.lead(town.elsewhere(one))
    town.contact(one)


def _no_email_in_zoho(town: _Town, one: Person) -> None:
    town.lead(evolve(one, email=""))


def _opted_out_in_salesmanago(town: _Town, one: Person) -> None:
    town.card(one, "PROSPECT", is_opted_out=True)
    town.lead(one, is_opted_out=False)


def _opted_out_in_zoho(town: _Town, one: Person) -> None:
    town.card(one, "CUSTOMER", is_opted_out=False)
    town.contact(one, is_opted_out=True)


_PLACE: Final[Mapping[str, _Place]] = {
    "both_prospects": _both_prospects,
    "both_clients": _both_clients,
    "zoho_lead": lambda town, one: town.lead(one),
    "zoho_contact": lambda town, one: town.contact(one),
    "salesmanago_prospect": lambda town, one: town.card(one, "PROSPECT"),
    "salesmanago_client": lambda town, one: town.card(one, "CUSTOMER"),
    "prospect_is_contact": _prospect_is_contact,
    "two_leads": _two_leads,
    "lead_and_contact": _lead_and_contact,
    "no_email_in_zoho": _no_email_in_zoho,
    "opted_out_in_salesmanago": _opted_out_in_salesmanago,
    "opted_out_in_zoho": _opted_out_in_zoho,
}
_MORE: Final = {
    "both_prospects": 8,
    "both_clients": 7,
    "zoho_lead": 4,
    "zoho_contact": 3,
    "salesmanago_prospect": 4,
    "salesmanago_client": 2,
}
# One of each kind first, so that a small company shows them all.
_KINDS: Final = (
    *_PLACE,
    *(kind for kind, more in _MORE.items() for _ in range(more)),
)
