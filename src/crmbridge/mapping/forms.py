"""Normal forms: the forms in which two values of a field are compared.

Floor 2: values only.

*Equal in normal form* means *the same*: no write, no conflict.
The stored forms are left alone; a normal form is never written anywhere.

The rules of this module: every string has a normal form (nothing is raised),
a normal form is its own normal form, and what holds nothing but blanks is
empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias
from unicodedata import decimal, normalize

from attrs import Factory, field, frozen

from crmbridge.contact import Birthday, FieldValue
from crmbridge.mapping.birthdays import birthday_text
from crmbridge.mapping.countries import country_code
from crmbridge.salesmanago.tags import normal_tags

__all__ = ["NormalForms"]

Form: TypeAlias = Callable[[str], str | None]

_ROUNDS: Final = 4


def line(text: str) -> str | None:
    """Give one line: composed letters, single blanks, case kept.

    >>> line("  Anna   Maria ")
    'Anna Maria'
    """
    if not text.isascii():
        text = normalize("NFC", text)
    return " ".join(text.split()) or None


def folded_line(text: str) -> str | None:
    """Give one line in which case makes no difference."""
    one = line(text)
    if one is None or one.isascii():
        return None if one is None else one.lower()
    return line(_fold(one))


def lines(text: str) -> str | None:
    r"""Give several lines, each like `line`, without empty ones.

    >>> lines("Main 1\r\n flat  2\r\n")
    'Main 1\nflat 2'
    """
    if "\n" not in text and "\r" not in text:
        return line(text)
    kept = (line(one) for one in text.replace("\r", "\n").split("\n"))
    return "\n".join(one for one in kept if one) or None


def email(text: str) -> str | None:
    """Give an e-mail address without case, its domain in ASCII.

    Plus signs and dots are kept: what they mean is the domain's own affair.

    >>> email(" Ann@Żółw.PL ")
    'ann@xn--w-uga1v8h.pl'
    """
    text = text.strip()
    if text.isascii():
        return text.lower() or None
    folded = _fold(text).strip()
    local, at, domain = folded.rpartition("@")
    return f"{local}{at}{_ascii_domain(domain)}" if at else folded


def user(text: str) -> str | None:
    """Give the e-mail of a user: trimmed and casefolded, nothing else."""
    return text.casefold().strip() or None


def country(text: str) -> str | None:
    """Give the code of a country, or the text itself where it is none.

    >>> country("Polska")
    'PL'
    """
    one = line(text)
    if one is None:
        return None
    return country_code(one) or folded_line(one)


def tag(text: str) -> str | None:
    """Give a tag as SALESmanago stores it; a comma divides two.

    >>> tag("Żółw #1")
    'ZOLW__1'
    """
    return ",".join(normal_tags([text])) or None


def _fold(text: str) -> str:
    # Folding may leave letters to be composed anew, and composing letters to
    # be folded anew: Unicode settles after few rounds.
    for _ in range(_ROUNDS):
        folded = normalize("NFC", normalize("NFD", text).casefold())
        if folded == text:
            break
        text = folded
    return text


def _ascii_domain(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return domain  # no domain at all: compared as it stands


def _ascii_digits(text: str) -> str:
    digits = (str(decimal(character, character)) for character in text)
    return _fold(normalize("NFKC", _fold("".join(digits))))


_PAUSES: Final = re.compile(r"[#;,]")
_NO_PHONE_CHARACTER: Final = re.compile(r"[^0-9a-z]+")


@frozen
class NormalForms:
    """Gives the normal form of any value of any field.

    Attributes:
        calling_code: the country calling code, such as ``"48"``, that is
            meant by telephone numbers without one; ``None`` leaves them as
            they are.

    >>> normal = NormalForms(calling_code="48")
    >>> normal("phone", "600 100 200") == normal("phone", "0048 600-100-200")
    True
    >>> normal("country", "Poland")
    'PL'
    >>> normal("name", " ") is None
    True
    """

    calling_code: str | None = None
    _forms: Mapping[str, Form] = field(
        init=False,
        repr=False,
        eq=False,
        default=Factory(lambda self: self.forms(), takes_self=True),
    )

    def forms(self) -> Mapping[str, Form]:
        """Give the forms by field; all other fields are lines of text."""
        forms: dict[str, Form] = {
            "email": email,
            "owner_email": user,
            "phone": self._phone,
            "fax": self._phone,
            "street": lines,
            "region": folded_line,
            "country": country,
            "tag": tag,
        }
        return MappingProxyType(forms)

    def __call__(self, field: str, value: FieldValue, /) -> str | None:
        """Give the normal form, or ``None`` for an empty value.

        Args:
            field: one of `crmbridge.contact.FIELDS`, or ``"tag"``; any other is
                compared as a line of text.
            value: what the field holds.
        """
        if value is None:
            return None
        if isinstance(value, str):
            return self._forms.get(field, line)(value)
        if isinstance(value, Birthday):
            return birthday_text(value)
        return str(value.value)

    def _phone(self, text: str) -> str | None:
        """Give letters and digits, with a plus before the country's code."""
        plain = (text if text.isascii() else _ascii_digits(text)).strip().lower()
        is_international = plain.startswith("+")
        if is_international:
            plain = plain.replace("(0)", "")
        kept = _NO_PHONE_CHARACTER.sub("", _PAUSES.sub("x", plain))
        if not kept:
            # No number that we understand, but perhaps something all the same.
            return "".join(filter(str.isalnum, plain)) or None
        if is_international:
            return f"+{kept}"
        if kept.startswith("00") and len(kept) > len("00"):
            return f"+{kept[2:]}"
        return self._national(kept)

    def _national(self, digits: str) -> str:
        significant = digits.lstrip("0")
        if self.calling_code is None or not significant[:1].isdigit():
            return digits
        return f"+{self.calling_code}{significant}"
