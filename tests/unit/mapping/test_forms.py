"""Normal forms: what counts as the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmbridge.contact import (
    FIELDS,
    Birthday,
    Consent,
    ContactState,
    FieldValue,
)
from crmbridge.mapping import NormalForms
from crmbridge.mapping.countries import COUNTRY_CODES, country_code
from tests import strategies

normal = NormalForms()
polish = NormalForms(calling_code="48")


@pytest.mark.slow
@settings(max_examples=2000)
@given(
    st.sampled_from((*FIELDS, "tag", "custom")),
    st.one_of(st.text(), strategies.anything),
    st.sampled_from((normal, polish)),
)
def test_every_text_has_a_normal_form_that_is_its_own(
    field: str, text: str, forms: NormalForms
) -> None:
    form = forms(field, text)

    assert form is None or (forms(field, form) == form and form.strip())


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("email", "Ann@X.PL", "ann@x.pl"),
        ("email", " ann@x.pl\n", "ann@x.pl"),
        ("email", "jan@żółw.pl", "jan@xn--w-uga1v8h.pl"),
        ("email", "jan@ŻÓŁW.PL", "jan@z\N{COMBINING DOT ABOVE}ółw.pl"),
        ("email", "STRASSE@x.de", "straße@x.de"),
        ("owner_email", " Ola@Example.com", "ola@example.com"),
        ("phone", "+48 600 100 200", "0048600100200"),
        ("phone", "+48 (0)22 123-45-67", "+48.22.1234567"),
        ("phone", "123 # 5", "123;5"),
        ("fax", "(22) 123/45", "22 12345"),
        ("name", "Jan  Kowalski ", "Jan Kowalski"),
        ("name", "Z\N{COMBINING DOT ABOVE}aneta", "Żaneta"),
        ("name", "Jan\N{NO-BREAK SPACE}Kos", "Jan Kos"),
        ("street", "Main 1\r\nflat 2", "Main 1\nflat 2\n"),
        ("street", "Main 1\r\rflat 2", " Main  1\nflat 2"),
        ("region", "ŚLĄSKIE", "śląskie"),
        ("country", "PL", "Polska"),
        ("country", "poland", "POL"),
        ("country", "Côte d’Ivoire", "cote d'ivoire"),
        ("country", "The Netherlands", "NL"),
        ("country", "Bosnia & Herzegovina", "Bosnia and Herzegovina"),
        ("country", "Atlantis", " ATLANTIS "),
    ],
)
def test_forms_that_say_the_same_are_equal(field: str, one: str, other: str) -> None:
    assert normal(field, one) == normal(field, other)


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("email", "ann+crm@x.pl", "ann@x.pl"),
        ("email", "a.nn@x.pl", "ann@x.pl"),
        ("phone", "+48 600", "48 600"),
        ("phone", "123 ext 45", "12345"),
        ("name", "jan", "Jan"),
        ("name", "0", ""),
        ("street", "Main 1\nflat 2", "Main 1 flat 2"),
        ("country", "Niger", "Nigeria"),
        ("country", "Congo (Kinshasa)", "Congo (Brazzaville)"),
        ("postal_code", "043", "43"),
    ],
)
def test_forms_that_say_something_else_are_not(
    field: str, one: str, other: str
) -> None:
    assert normal(field, one) != normal(field, other)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("blank", [None, "", " ", "\t\r\n", "\N{NO-BREAK SPACE}"])
def test_blanks_are_empty(field: str, blank: str | None) -> None:
    assert normal(field, blank) is None


@pytest.mark.parametrize(
    ("field", "value", "form"),
    [
        ("birthday", Birthday(2, 29), "--02-29"),
        ("birthday", Birthday(1, 1, 1900), "1900-01-01"),
        ("birthday", Birthday(8, 4, 984), "0984-08-04"),
        ("state", ContactState.CLIENT, "client"),
        ("email_consent", Consent.OPTED_OUT, "opted out"),
    ],
)
def test_other_values_have_a_text(field: str, value: FieldValue, form: str) -> None:
    assert normal(field, value) == form


def test_a_calling_code_completes_national_numbers() -> None:
    assert polish("phone", "600 100 200") == "+48600100200"
    assert polish("phone", "0 600 100 200") == "+48600100200"
    assert polish("phone", "+49 30 1") == "+49301"
    assert normal("phone", "600 100 200") == "600100200"


def test_digits_of_other_scripts_are_digits() -> None:
    assert normal("phone", "\N{ARABIC-INDIC DIGIT THREE}4") == "34"


def test_a_phone_without_any_digit_is_not_empty() -> None:
    assert normal("phone", "n/a") == "na"
    assert normal("phone", "нет") == "нет"


def test_all_countries_of_iso_3166_are_there() -> None:
    assert len(COUNTRY_CODES) == 249
    assert all(country_code(code) == code for code in COUNTRY_CODES)
