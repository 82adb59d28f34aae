"""Made-up people in Polish and English, the same ones for the same seed.

Floor 9.
All addresses end in names that are reserved for examples (RFC 2606), and all
telephone numbers are made up.
"""

from __future__ import annotations

import random
import unicodedata
from typing import Final

from attrs import evolve, frozen

from crmbridge.contact import Birthday

__all__ = ["Person", "fold", "person", "seen_elsewhere"]

_POLISH: Final = (
    ("Anna", "Nowak"),
    ("Łukasz", "Żak"),
    ("Małgorzata", "Wiśniewska-Dąbek"),
    ("Piotr", "Wójcik"),
    ("Katarzyna", "Kowalczyk"),
    ("Tomasz", "Zieliński"),
    ("Agnieszka", "Szymańska"),
    ("Paweł", "Woźniak"),
    ("Zofia", "Jankowska"),
    ("Grzegorz", "Brzęczyszczykiewicz"),
    ("Jan Maria", "Krawczyk"),
    ("Elżbieta", "Mazur"),
    ("Michał", "Sikora"),
    ("Barbara", "Baran"),
    ("Święcisława", "Gęś"),
    ("Jakub", "Olszewski"),
)
_ENGLISH: Final = (
    ("Emma", "Clarke"),
    ("Oliver", "O'Brien"),
    ("Grace", "Hughes"),
    ("Harry", "van der Berg"),
    ("Mary Jane", "Watts"),
    ("George", "Fletcher"),
    ("Sophie", "St. John"),
    ("Jack", "Li"),
    ("Charlotte", "Lloyd-Jones"),
    ("Noah", "McAllister"),
)
_DOMAINS: Final = ("example.com", "example.org", "example.net", "poczta.example")
_TOWNS: Final = (
    ("Bielsko-Biała", "43-300", "śląskie", "Poland"),
    ("Kraków", "31-005", "małopolskie", "Poland"),
    ("Łódź", "90-001", "łódzkie", "Poland"),
    ("Warszawa", "00-950", "mazowieckie", "Poland"),
    ("Gdańsk", "80-830", "pomorskie", "Poland"),
    ("Wrocław", "50-101", "dolnośląskie", "Poland"),
)
_ENGLISH_TOWNS: Final = (
    ("Leeds", "LS1 4AP", "West Yorkshire", "United Kingdom"),
    ("Bristol", "BS1 5TR", "Bristol", "United Kingdom"),
    ("Norwich", "NR2 1NR", "Norfolk", "United Kingdom"),
)
_STREETS: Final = ("ul. Cieszyńska", "al. Jana Pawła II", "ul. 3 Maja", "os. Złote")
_ENGLISH_STREETS: Final = ("High Street", "Station Road", "Mill Lane")
_COMPANIES: Final = (
    "Młyn Górski sp. z o.o.",
    "Tkalnia Beskid S.A.",
    "Piekarnia Pod Zegarem",
    "Harbour & Sons Ltd",
    "Northfield Dairy",
    "Zakład Ślusarski Żelazko",
    "Blue Kettle Tea",
    "Drukarnia „Akapit”",
)
_SHORT: Final = {"Poland": ("PL", "POLSKA", "poland"), "United Kingdom": ("GB",)}
_LEAP_DAYS: Final = (Birthday(2, 29, 1996), Birthday(2, 29), Birthday(2, 29, 2000))


@frozen
class Person:
    """One made-up person, in no CRM's words; ``None`` is unknown."""

    first_name: str | None
    last_name: str
    email: str
    phone: str | None = None
    fax: str | None = None
    company: str | None = None
    street: str | None = None
    postal_code: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None
    birthday: Birthday | None = None

    @property
    def name(self) -> str:
        """The full name."""
        return " ".join(filter(None, (self.first_name, self.last_name)))


def person(number: int, draw: random.Random) -> Person:
    """Make up a person; the number keeps the address unique."""
    is_polish = _chance(draw, 0.7)
    first, last = draw.choice(_POLISH if is_polish else _ENGLISH)
    city, code, region, country = draw.choice(_TOWNS if is_polish else _ENGLISH_TOWNS)
    street = draw.choice(_STREETS if is_polish else _ENGLISH_STREETS)
    local = f"{fold(first)}.{fold(last)}{number}".replace(" ", ".")
    someone = Person(
        first_name=first,
        last_name=last,
        email=f"{local}@{draw.choice(_DOMAINS)}",
        phone=_phone(draw) if _chance(draw, 0.85) else None,
        fax=_phone(draw) if _chance(draw, 0.15) else None,
        company=draw.choice(_COMPANIES) if _chance(draw, 0.6) else None,
        street=f"{street} {draw.randint(1, 199)}",
        postal_code=code,
        city=city,
        region=region,
        country=country,
        birthday=_birthday(draw),
    )
    return someone if _chance(draw, 0.8) else _without_address(someone)


def seen_elsewhere(one: Person, draw: random.Random) -> Person:
    """Give a person as another system holds it: gaps, other forms, other values."""
    changes = (
        _as_it_is,
        _in_another_form,
        _with_a_gap,
        _without_address,
        _with_another_value,
    )
    (change,) = draw.choices(changes, weights=(20, 30, 25, 10, 15))
    return change(one, draw)


def fold(text: str) -> str:
    """Give a name in the letters of an e-mail address.

    >>> fold("Święcisława")
    'swiecislawa'
    """
    plain = unicodedata.normalize("NFKD", text.lower().replace("ł", "l"))
    return "".join(sign for sign in plain if sign.isascii() and sign not in "'.")


def _chance(draw: random.Random, share: float) -> bool:
    return draw.random() < share


def _as_it_is(one: Person, _: random.Random) -> Person:
    return one


def _in_another_form(one: Person, draw: random.Random) -> Person:
    """Write the same facts otherwise: equal in normal form."""
    local, _, domain = one.email.partition("@")
    forms = _SHORT.get(one.country or "", (one.country,))
    return evolve(
        one,
        email=f"{local.title()}@{domain.title()}",
        phone=None if one.phone is None else "".join(one.phone.split()),
        country=draw.choice(forms),
    )


def _with_a_gap(one: Person, draw: random.Random) -> Person:
    gap = draw.randrange(4)
    return evolve(
        one,
        phone=None if gap == 0 else one.phone,
        fax=None if gap == 1 else one.fax,
        company=None if gap == 2 else one.company,  # noqa: PLR2004 - one of four
        birthday=None if gap == 3 else one.birthday,  # noqa: PLR2004 - one of four
    )


def _without_address(one: Person, _: random.Random | None = None) -> Person:
    return evolve(
        one, street=None, postal_code=None, city=None, region=None, country=None
    )


def _with_another_value(one: Person, draw: random.Random) -> Person:
    """Let one fact differ, so that a rule has to choose."""
    others = (
        evolve(one, phone=_phone(draw)),
        evolve(one, company=draw.choice(_COMPANIES)),
        evolve(one, first_name=draw.choice(_ENGLISH)[0]),
        evolve(one, street=one.street and f"{one.street}/{draw.randint(1, 40)}"),
    )
    return draw.choice(others)


def _phone(draw: random.Random) -> str:
    one, two, three = (f"{draw.randint(100, 999)}" for _ in range(3))
    forms = (
        f"+48 {one} {two} {three}",
        f"+48{one}{two}{three}",
        f"+48-{one}-{two}-{three}",
        f"(33) 8{one[1:]}-{two[1:]}-{three[1:]}",
    )
    return draw.choice(forms)


def _birthday(draw: random.Random) -> Birthday | None:
    day = Birthday(draw.randint(1, 12), draw.randint(1, 28), draw.randint(1940, 2007))
    days = (None, day, evolve(day, year=None), draw.choice(_LEAP_DAYS))
    return draw.choices(days, weights=(50, 42, 5, 3))[0]
