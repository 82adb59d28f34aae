"""What one record costs: from wire to contact, and back into a patch."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from typing import Any

from attrs import evolve, frozen

from bench.figures import Figure
from crmbridge.contact import (
    NOT_OBSERVED,
    Address,
    Birthday,
    Consent,
    Contact,
    ContactState,
)
from crmbridge.mapping import SalesmanagoMapper, ZohoMapper
from crmbridge.salesmanago.records import read_contact
from crmbridge.zoho.metadata import ZohoField
from crmbridge.zoho.records import read_record

_ROUNDS = 7
_RECORDS = 5_000
_READ_GOAL_US = 6.0
_PATCH_GOAL_US = 15.0

Json = dict[str, Any]


def main() -> Iterator[Figure]:
    """Read and patch thousands of different people of both services."""
    yield from _salesmanago()
    yield from _zoho()


def _salesmanago() -> Iterator[Figure]:
    raws = [_card(number) for number in range(_RECORDS)]
    mapper = SalesmanagoMapper()
    yield Figure(
        "SALESmanago wire -> record -> Contact",
        _best_us(lambda raw: mapper.to_contact(read_contact(raw)), raws),
        "us",
        _READ_GOAL_US,
        reference=_best_us(_card_by_hand, raws),
    )
    cards = [read_contact(raw) for raw in raws]
    same = [(mapper.to_contact(card), card) for card in cards]
    edited = [(evolve(contact, phone="+48 1", name="Eva"), c) for contact, c in same]
    for what, pairs in (("unchanged", same), ("two fields", edited)):
        yield Figure(
            f"SALESmanago patch, {what}",
            _best_us(lambda pair: mapper.patch(*pair), pairs),
            "us",
            _PATCH_GOAL_US,
        )


def _zoho() -> Iterator[Figure]:
    raws = [_person(number) for number in range(_RECORDS)]
    fields = {name: ZohoField(name) for name in _person(0)}
    mapper = ZohoMapper(fields={"Contacts": fields})
    yield Figure(
        "Zoho wire -> record -> Contact",
        _best_us(lambda raw: mapper.to_contact(read_record("Contacts", raw)), raws),
        "us",
        _READ_GOAL_US,
        reference=_best_us(_person_by_hand, raws),
    )
    records = [read_record("Contacts", raw) for raw in raws]
    same = [(mapper.to_contact(record), record) for record in records]
    edited = [(evolve(contact, phone="+48 1", name="Eva"), r) for contact, r in same]
    for what, pairs in (("unchanged", same), ("two fields", edited)):
        yield Figure(
            f"Zoho patch, {what}",
            _best_us(lambda pair: mapper.patch(*pair), pairs),
            "us",
            _PATCH_GOAL_US,
        )


def _best_us(work: Callable[[Any], object], items: list[Any]) -> float:
    gc.collect()
    gc.disable()
    try:
        return min(_run_us(work, items) for _ in range(_ROUNDS))
    finally:
        gc.enable()


def _run_us(work: Callable[[Any], object], items: list[Any]) -> float:
    start = time.perf_counter()
    for item in items:
        work(item)
    return (time.perf_counter() - start) / len(items) * 1_000_000


def _card(number: int) -> Json:
    return {
        "id": f"0b7c5a52-0000-11f0-8000-{number:012}",
        "name": f"Jan Kowalski {number}",
        "email": f"jan{number}@example.com",
        "phone": f"+48600{number:06}",
        "fax": None,
        "score": 0,
        "state": "PROSPECT",
        "optedOut": False,
        "optedOutPhone": False,
        "deleted": False,
        "invalid": False,
        "company": "Acme",
        "externalId": None,
        "address": {
            "streetAddress": f"Main {number}",
            "zipCode": "43-305",
            "city": "Bielsko",
            "country": "PL",
        },
        "birthdayYear": "1980",
        "birthdayMonth": "10",
        "birthdayDay": "17",
        "province": None,
        "mainContactOwner": "owner@example.com",
        "contactVisits": [],
        "contactTags": [],
        "properties": [],
        "modifiedOn": 1487842709000 + number,
        "createdOn": 1487842709000,
    }


def _person(number: int) -> Json:
    return {
        "id": f"{5725767000000000000 + number}",
        "First_Name": "Jan",
        "Last_Name": f"Kowalski {number}",
        "Email": f"jan{number}@example.com",
        "Phone": f"+48600{number:06}",
        "Fax": None,
        "Account_Name": {"id": "55", "name": "Acme"},
        "Mailing_Street": f"Main {number}",
        "Mailing_City": "Bielsko",
        "Mailing_State": None,
        "Mailing_Zip": "43-305",
        "Mailing_Country": "Poland",
        "Date_of_Birth": "1980-10-17",
        "Email_Opt_Out": False,
        "Owner": {"id": "1", "name": "Ola", "email": "owner@example.com"},
        "Modified_Time": "2026-01-01T00:00:00+01:00",
        "Created_Time": "2026-01-01T00:00:00+01:00",
    }


# --- the same by hand: no checks of types, no missing keys, one layout ----------


@frozen
class _Card:
    id: str
    raw: Json
    modified_on: int


def _card_by_hand(raw: Json) -> Contact:
    card = _Card(raw["id"], raw, raw["modifiedOn"])
    address = raw["address"] or {}
    month = raw["birthdayMonth"]
    return Contact(
        email=raw["email"] or None,
        name=raw["name"] or None,
        phone=raw["phone"] or None,
        fax=raw["fax"] or None,
        company=raw["company"] or None,
        address=Address(
            address["streetAddress"] or None,
            address["zipCode"] or None,
            address["city"] or None,
            raw["province"] or None,
            address["country"] or None,
        ),
        birthday=Birthday(int(month), int(raw["birthdayDay"]), int(raw["birthdayYear"]))
        if month
        else None,
        state=ContactState.CLIENT
        if card.raw["state"] == "CUSTOMER"
        else ContactState.PROSPECT,
        owner_email=raw["mainContactOwner"],
        email_consent=Consent.OPTED_OUT if raw["optedOut"] else Consent.OPTED_IN,
        phone_consent=Consent.OPTED_OUT if raw["optedOutPhone"] else Consent.OPTED_IN,
    )


def _person_by_hand(raw: Json) -> Contact:
    record = _Card(raw["id"], raw, 0)
    birthday = record.raw["Date_of_Birth"]
    account = raw["Account_Name"]
    return Contact(
        email=raw["Email"] or None,
        name=f"{raw['First_Name']} {raw['Last_Name']}",
        phone=raw["Phone"] or None,
        fax=raw["Fax"] or None,
        company=account["name"] if account else None,
        address=Address(
            raw["Mailing_Street"] or None,
            raw["Mailing_Zip"] or None,
            raw["Mailing_City"] or None,
            raw["Mailing_State"] or None,
            raw["Mailing_Country"] or None,
        ),
        birthday=Birthday(int(birthday[5:7]), int(birthday[8:]), int(birthday[:4]))
        if birthday
        else NOT_OBSERVED,
        state=ContactState.CLIENT,
        owner_email=raw["Owner"]["email"],
        email_consent=Consent.OPTED_OUT if raw["Email_Opt_Out"] else Consent.OPTED_IN,
    )
