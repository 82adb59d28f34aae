"""Hypothesis strategies for contacts, and for the records of both services.

The values are drawn from what people write, from what goes wrong, and from
anything that Unicode allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from attrs import evolve
from hypothesis import strategies as st

from crmbridge.contact import (
    NOT_OBSERVED,
    Address,
    Birthday,
    Consent,
    Contact,
    ContactState,
    NotObserved,
)
from crmbridge.salesmanago.records import SalesmanagoContact, read_contact
from crmbridge.zoho.metadata import ZohoField
from crmbridge.zoho.records import ZohoRecord, read_record

Json: TypeAlias = dict[str, Any]
Metadata: TypeAlias = Mapping[str, Mapping[str, ZohoField]]

FILLER = "(unknown)"
USERS = {"admin@example.com": "101", "ola@example.com": "102"}

_BLANKS = ("", " ", "\t", "\r\n", "\N{NO-BREAK SPACE}")
_NAMES = (
    "Anna",
    "Anna Maria",
    "Jan Kowalski",
    "jan kowalski",
    "Jan  Kowalski ",
    "Anna Maria van der Berg",
    "Żaneta Śliwińska",
    "Z\N{COMBINING DOT ABOVE}aneta Śliwińska",
    "Ludwig van Beethoven",
    "Émile Zola-Dupont",
    FILLER,
    f"Anna {FILLER}",
    "0",
    "X" * 81,
    "Y" * 41 + " Nowak",
    "n" * 300,
)
_EMAILS = (
    "ann@example.com",
    "Ann@Example.COM",
    " ann@example.com ",
    "ann+crm@example.com",
    "a.n.n@example.com",
    "jan@żółw.pl",
    "jan@ŻÓŁW.PL",
    "jan@xn--w-uga1v8h.pl",
    "no address",
    "ann@example",
    ".ann@example.com",
    f"{'a' * 65}@example.com",
    f"{'a' * 60}@{'b' * 60}.example.com",
    f"a@{'b' * 300}.com",
)
_PHONES = (
    "+48 600 100 200",
    "0048600100200",
    "600-100-200",
    "600 100 200",
    "22/123 45 67",
    "22  123  45 67",
    "+44 (0)20 7946 0000",
    "123 ext. 5",
    "123#5",
    "-1",
    ".5",
    "0",
    "00",
    "n/a",
    "+48 600 100 200 600 100 200 600 100 200",
)
_LINES = (
    "Acme",
    "ACME",
    "Acme  Sp. z o.o.",
    "0",
    FILLER,
    "Bielsko-Biała",
    "43-305",
    "śląskie",
    "Śląskie",
    "Main 1\nflat 2",
    "Main 1\r\nflat 2\r\n",
    "x" * 101,
    "x" * 256,
)
COUNTRIES = ("PL", "pl", "POL", "Poland", "Polska", "DE", "Germany", "Atlantis", "US")
_DATES = (
    Birthday(10, 17, 1980),
    Birthday(10, 17),
    Birthday(2, 29),
    Birthday(2, 29, 2000),
    Birthday(1, 1, 1900),
    Birthday(12, 31, 1),
    Birthday(12, 31, 9999),
)


def _often(*values: str, max_size: int = 20) -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from(values), st.text(max_size=max_size))


names = _often(*_NAMES)
emails = _often(*_EMAILS)
phones = _often(*_PHONES)
lines = _often(*_LINES)
countries = _often(*COUNTRIES, max_size=5)
anything = _often(*_BLANKS, *_NAMES, *_EMAILS, *_PHONES, *_LINES, *COUNTRIES)
owners = st.sampled_from((*USERS, "OLA@example.com", "nobody@example.com", " "))
birthdays = st.one_of(
    st.sampled_from(_DATES),
    st.dates().map(lambda date: Birthday(date.month, date.day, date.year)),
)
consents = st.sampled_from(Consent)


def _held(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Give a value, empty, blank or not observed."""
    gaps = st.sampled_from((None, NOT_OBSERVED, NOT_OBSERVED))
    return st.one_of(values, values, values, gaps)


_addresses: st.SearchStrategy[Address | NotObserved] = st.one_of(
    st.just(NOT_OBSERVED),
    st.builds(
        Address,
        street=_held(lines),
        postal_code=_held(lines),
        city=_held(lines),
        region=_held(lines),
        country=_held(countries),
    ),
)

contacts: st.SearchStrategy[Contact] = st.builds(
    Contact,
    email=_held(emails),
    name=_held(names),
    phone=_held(phones),
    fax=_held(phones),
    company=_held(lines),
    address=_addresses,
    birthday=_held(birthdays),
    state=st.sampled_from((*ContactState, NOT_OBSERVED)),
    owner_email=_held(owners),
    email_consent=consents,
    phone_consent=consents,
)
"""Contacts with every field present, empty or not observed."""


# --- SALESmanago --------------------------------------------------------------

_flags = st.sampled_from((True, False, None))
_parts = st.sampled_from((None, "", "0", "2", "29", "31", "10", 8, "x", "1980", "1900"))


def _wire(values: st.SearchStrategy[str]) -> st.SearchStrategy[str | None]:
    return st.one_of(values, st.sampled_from((None, "", " ")))


_salesmanago_payloads: st.SearchStrategy[Json] = st.fixed_dictionaries(
    {"id": st.just("0b7c5a52-0000-11f0-8000-000000000001")},
    optional={
        "email": _wire(emails),
        "name": _wire(names),
        "phone": _wire(phones),
        "fax": _wire(phones),
        "company": _wire(lines),
        "externalId": _wire(lines),
        "state": st.sampled_from(
            ("CUSTOMER", "PROSPECT", "PARTNER", "OTHER", "CLIENT", "new", None, "")
        ),
        "optedOut": _flags,
        "optedOutPhone": _flags,
        "deleted": _flags,
        "province": _wire(lines),
        "birthdayYear": _parts,
        "birthdayMonth": _parts,
        "birthdayDay": _parts,
        "mainContactOwner": _wire(owners),
        "modifiedOn": st.just(1487842709000),
        "address": st.one_of(
            st.none(),
            st.fixed_dictionaries(
                {},
                optional={
                    "streetAddress": _wire(lines),
                    "zipCode": _wire(lines),
                    "city": _wire(lines),
                    "country": _wire(countries),
                },
            ),
        ),
    },
)
salesmanago_contacts: st.SearchStrategy[SalesmanagoContact] = _salesmanago_payloads.map(
    read_contact
)
"""Contact cards with any keys missing, null, blank or filled."""


# --- Zoho ---------------------------------------------------------------------


def _text(name: str, length: int, *, data_type: str = "text") -> ZohoField:
    return ZohoField(name, data_type, length)


def _picklist(name: str, *values: str) -> ZohoField:
    return ZohoField(name, "picklist", 120, picklist=("-None-", *values))


def _module(*fields: ZohoField) -> dict[str, ZohoField]:
    return {field.api_name: field for field in fields}


_PEOPLE = (
    _text("First_Name", 40),
    evolve(_text("Last_Name", 80), is_mandatory=True),
    _text("Email", 100, data_type="email"),
    _text("Phone", 30, data_type="phone"),
    _text("Fax", 30),
    ZohoField("Email_Opt_Out", "boolean"),
    ZohoField("Phone_Opt_Out", "boolean", is_custom=True),
    ZohoField("Owner", "ownerlookup"),
)
CLASSIC: Metadata = {
    "Leads": _module(
        *_PEOPLE,
        _text("Company", 200),
        _text("Street", 250),
        _text("City", 100),
        _text("State", 100),
        _text("Zip_Code", 30),
        _text("Country", 100),
        ZohoField("Birthday", "date", is_custom=True),
    ),
    "Contacts": _module(
        *_PEOPLE,
        ZohoField("Account_Name", "lookup"),
        _text("Mailing_Street", 250),
        _text("Mailing_City", 100),
        _text("Mailing_State", 100),
        _text("Mailing_Zip", 30),
        _text("Mailing_Country", 100),
        ZohoField("Date_of_Birth", "date"),
    ),
    "Accounts": _module(_text("Account_Name", 200)),
}
"""Standard fields with an address of plain texts, as older organisations have."""

COMPOSITE: Metadata = {
    "Leads": {
        **CLASSIC["Leads"],
        **_module(
            evolve(_text("Company", 200), is_mandatory=True),
            _text("Street", 255),
            _text("City", 255),
            _text("Zip_Code", 255),
            _picklist("State", "Śląskie", "Bayern", "California"),
            _picklist("Country", "Poland", "Germany", "United States"),
        ),
    },
    "Contacts": {
        **CLASSIC["Contacts"],
        **_module(
            _text("Mailing_Street", 255),
            _picklist("Mailing_State", "Śląskie", "Bayern", "California"),
            _picklist("Mailing_Country", "Poland", "Germany", "United States"),
        ),
    },
    "Accounts": CLASSIC["Accounts"],
}
"""The same with states and countries to choose from, as new organisations have."""

_SPOILS: tuple[dict[str, Any], ...] = (
    {"is_read_only": True},
    {"can_update": False},
    {"can_create": False},
    {"is_mandatory": True},
    {"length": 5},
)


@st.composite
def metadata(draw: st.DrawFn) -> Metadata:
    """Give an organisation's fields, some of them missing or restricted."""
    whole = draw(st.sampled_from((CLASSIC, COMPOSITE)))
    missing = draw(st.sets(st.sampled_from(_SPOILABLE), max_size=3))
    spoilt = draw(
        st.dictionaries(
            st.sampled_from(_SPOILABLE), st.sampled_from(_SPOILS), max_size=3
        )
    )
    return {
        module: {
            name: evolve(field, **spoilt[name]) if name in spoilt else field
            for name, field in fields.items()
            if name not in missing
        }
        for module, fields in whole.items()
    }


_SPOILABLE = sorted({*CLASSIC["Leads"], *CLASSIC["Contacts"]} - {"Last_Name"})

_zoho_values: Mapping[str, st.SearchStrategy[Any]] = {
    "First_Name": _wire(names),
    "Last_Name": _wire(names),
    "Email": _wire(emails),
    "Phone": _wire(phones),
    "Fax": _wire(phones),
    "Email_Opt_Out": _flags,
    "Phone_Opt_Out": _flags,
    "Owner": st.sampled_from(
        (
            {"id": "101", "name": "Admin", "email": "admin@example.com"},
            {"id": "102", "name": "Ola"},
            {"id": "999", "name": "Gone"},
            None,
        )
    ),
    "Company": _wire(lines),
    "Street": _wire(lines),
    "City": _wire(lines),
    "State": _wire(lines),
    "Zip_Code": _wire(lines),
    "Country": _wire(countries),
    "Birthday": st.sampled_from((None, "1980-10-17", "2000-02-29", "1900-02-29", "x")),
}
_CONTACT_NAMES = {
    "Street": "Mailing_Street",
    "City": "Mailing_City",
    "State": "Mailing_State",
    "Zip_Code": "Mailing_Zip",
    "Country": "Mailing_Country",
    "Birthday": "Date_of_Birth",
}
_LEADS: st.SearchStrategy[Json] = st.fixed_dictionaries(
    {"id": st.just("7")}, optional={**_zoho_values}
)
_CONTACTS: st.SearchStrategy[Json] = st.fixed_dictionaries(
    {"id": st.just("8")},
    optional={
        **{_CONTACT_NAMES.get(key, key): value for key, value in _zoho_values.items()},
        "Account_Name": st.one_of(
            st.none(), lines.map(lambda name: {"id": "55", "name": name})
        ),
    },
)
zoho_records: st.SearchStrategy[ZohoRecord] = st.one_of(
    _LEADS.map(lambda raw: read_record("Leads", raw)),
    _CONTACTS.map(lambda raw: read_record("Contacts", raw)),
)
"""Leads and contacts with any keys missing, null, blank or filled."""
