"""A contact tells a value, an empty one and an unknown one apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmbridge import NOT_OBSERVED, Address, Birthday, Consent, Contact, ContactState
from crmbridge.contact import FIELDS, FieldValue
from crmbridge.errors import InvalidInputError


def test_what_is_left_out_is_not_observed() -> None:
    contact = Contact(email="ann@example.com", phone=None)

    assert contact.observed() == {"email": "ann@example.com", "phone": None}
    assert contact.name is NOT_OBSERVED
    assert not contact.name


def test_unknown_consent_is_not_observed() -> None:
    assert Contact(email_consent=Consent.UNKNOWN).observed() == {}


def test_parts_of_an_address_may_be_unknown() -> None:
    contact = Contact.of({"city": "Bielsko", "street": None})

    assert contact.address == Address(
        street=None,
        city="Bielsko",
        postal_code=NOT_OBSERVED,
        region=NOT_OBSERVED,
        country=NOT_OBSERVED,
    )


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="mobile"):
        Contact.of({"mobile": "1"})


def test_repr_names_fields_and_shows_no_value() -> None:
    contact = Contact(email="ann@example.com", address=Address(city="Bielsko"))

    assert "ann@" not in repr(contact)
    assert "Bielsko" not in repr(contact)
    assert "city" in repr(contact)


_VALUES = {
    "birthday": st.sampled_from([None, Birthday(2, 29), Birthday(1, 1, 1900)]),
    "state": st.sampled_from(ContactState),
    "email_consent": st.sampled_from([Consent.OPTED_IN, Consent.OPTED_OUT]),
    "phone_consent": st.sampled_from([Consent.OPTED_IN, Consent.OPTED_OUT]),
}


@given(
    st.fixed_dictionaries(
        {}, optional={name: _VALUES.get(name, st.none() | st.text()) for name in FIELDS}
    )
)
def test_fields_by_name_and_a_contact_are_the_same(
    values: dict[str, FieldValue],
) -> None:
    assert Contact.of(values).observed() == values


@pytest.mark.parametrize(
    "day", [(2, 30, None), (2, 29, 1900), (13, 1, None), (4, 31, 2000), (0, 1, None)]
)
def test_days_that_no_calendar_has_are_refused(
    day: tuple[int, int, int | None],
) -> None:
    with pytest.raises(InvalidInputError, match="calendar"):
        Birthday(*day)


@pytest.mark.parametrize("day", [(2, 29, None), (2, 29, 2000), (12, 31, 1900)])
def test_days_of_the_calendar_are_taken(day: tuple[int, int, int | None]) -> None:
    assert Birthday(*day).day == day[1]


def test_a_birthday_without_year_is_no_date() -> None:
    assert Birthday(2, 29).as_date() is None
