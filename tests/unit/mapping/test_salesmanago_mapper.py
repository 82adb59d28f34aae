"""Examples of the SALESmanago lens; the answers imitate ``contact/list``."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from crmbridge.contact import (
    NOT_OBSERVED,
    Address,
    Birthday,
    Consent,
    Contact,
    ContactState,
    Loss,
    LossReason,
)
from crmbridge.mapping import SalesmanagoMapper, SalesmanagoPatch
from crmbridge.salesmanago.records import ConsentChange, read_contact

mapper = SalesmanagoMapper()


def card(**changes: Any) -> dict[str, Any]:
    return {
        "id": "0b7c5a52-0000-11f0-8000-000000000001",
        "name": "Jan Kowalski",
        "email": "jan@example.com",
        "phone": "+48 600 100 200",
        "fax": None,
        "company": "Acme",
        "externalId": None,
        "state": "PROSPECT",
        "optedOut": False,
        "optedOutPhone": True,
        "address": {
            "streetAddress": "Main 1",
            "zipCode": "43-305",
            "city": "Bielsko",
            "country": "PL",
        },
        "birthdayYear": "1984",
        "birthdayMonth": "8",
        "birthdayDay": "4",
        "province": "śląskie",
        "mainContactOwner": "ola@example.com",
        **changes,
    }


def read(**changes: Any) -> Contact:
    return mapper.to_contact(read_contact(card(**changes)))


def patch(contact: Contact, **changes: Any) -> SalesmanagoPatch:
    return mapper.patch(contact, read_contact(card(**changes)))


WHOLE = Contact(
    email="jan@example.com",
    name="Jan Kowalski",
    phone="+48 600 100 200",
    fax=None,
    company="Acme",
    address=Address("Main 1", "43-305", "Bielsko", "śląskie", "PL"),
    birthday=Birthday(8, 4, 1984),
    state=ContactState.PROSPECT,
    owner_email="ola@example.com",
    email_consent=Consent.OPTED_IN,
    phone_consent=Consent.OPTED_OUT,
)


def test_a_card_of_a_list_is_read_whole() -> None:
    assert read() == WHOLE


def test_basic_data_show_neither_province_nor_owner() -> None:
    raw = card(contactId="0b7c")
    for key in ("id", "province", "mainContactOwner"):
        del raw[key]

    contact = mapper.to_contact(read_contact(raw))

    assert contact.owner_email is NOT_OBSERVED
    assert contact.address == Address("Main 1", "43-305", "Bielsko", NOT_OBSERVED, "PL")


def test_a_null_address_is_empty() -> None:
    assert read(address=None, province=None).address == Address()


@pytest.mark.parametrize(
    ("parts", "birthday"),
    [
        (("1984", "8", "4"), Birthday(8, 4, 1984)),
        ((1984, 8, 4), Birthday(8, 4, 1984)),
        ((None, "2", "29"), Birthday(2, 29)),
        (("", "2", "29"), Birthday(2, 29)),
        (("2000", "2", "29"), Birthday(2, 29, 2000)),
        (("1900", "1", "1"), Birthday(1, 1, 1900)),
        ((None, None, None), None),
        (("1900", "2", "29"), NOT_OBSERVED),
        (("1984", None, None), NOT_OBSERVED),
        (("1984", "8", None), NOT_OBSERVED),
        ((None, "13", "1"), NOT_OBSERVED),
        (("1984", "x", "4"), NOT_OBSERVED),
    ],
)
def test_birthdays_are_read_or_not_observed(
    parts: tuple[Any, Any, Any], birthday: object
) -> None:
    year, month, day = parts

    contact = read(birthdayYear=year, birthdayMonth=month, birthdayDay=day)

    assert contact.birthday == birthday


@pytest.mark.parametrize(
    ("birthday", "wire"),
    [
        (Birthday(10, 17, 1980), "19801017"),
        (Birthday(2, 29), "0229"),
        (Birthday(1, 1, 1900), "19000101"),
        (None, ""),
    ],
)
def test_birthdays_are_written(birthday: Birthday | None, wire: str) -> None:
    assert patch(Contact(birthday=birthday)).detail == {"birthday": wire}


@pytest.mark.parametrize(
    ("state", "read_as"),
    [
        ("CUSTOMER", ContactState.CLIENT),
        ("CLIENT", ContactState.CLIENT),
        ("PARTNER", ContactState.CLIENT),
        ("customer", ContactState.CLIENT),
        ("PROSPECT", ContactState.PROSPECT),
        ("OTHER", ContactState.PROSPECT),
        ("UNKNOWN", ContactState.PROSPECT),
        ("new word", ContactState.PROSPECT),
        (None, NOT_OBSERVED),
    ],
)
def test_states_are_read_by_the_table(state: str | None, read_as: object) -> None:
    assert read(state=state).state is read_as


def test_a_partner_stays_a_partner_while_it_is_a_client() -> None:
    assert patch(Contact(state=ContactState.CLIENT), state="PARTNER").is_empty


def test_a_partner_who_became_a_prospect_is_written() -> None:
    assert patch(Contact(state=ContactState.PROSPECT), state="PARTNER").detail == {
        "contact": {"state": "PROSPECT"}
    }


def test_only_what_differs_is_written() -> None:
    wanted = evolve(WHOLE, phone="0048 600-100-200", fax="22 1", birthday=NOT_OBSERVED)

    result = patch(wanted)

    assert result.detail == {"contact": {"fax": "22 1"}}
    assert result.fields == {"fax"}


def test_a_country_by_name_is_the_same_as_its_code() -> None:
    wanted = Contact(
        address=Address("Main 1", "43-305", "Bielsko", "Śląskie", "Poland")
    )

    assert patch(wanted).is_empty


def test_only_the_changed_part_of_an_address_is_written() -> None:
    wanted = evolve(
        WHOLE, address=Address("Main 1", "43-305", "Żywiec", "małopolskie", "PL")
    )

    assert patch(wanted).detail == {
        "contact": {"address": {"city": "Żywiec"}},
        "province": "małopolskie",
    }


def test_a_cleared_field_is_sent_as_an_empty_string() -> None:
    assert patch(Contact(phone=None)).detail == {"contact": {"phone": ""}}


def test_clearing_is_a_loss_where_it_is_not_wanted() -> None:
    cautious = SalesmanagoMapper(can_clear=False)

    result = cautious.patch(Contact(phone=None, fax=None), read_contact(card()))

    assert result.is_empty
    assert result.losses == (Loss("phone", LossReason.NOT_CLEARED),)


def test_a_new_address_is_sent_beside_the_old_one() -> None:
    result = patch(Contact(email=" Eva@Example.com "))

    assert (result.email, result.new_email) == ("jan@example.com", "Eva@Example.com")


def test_another_case_is_no_new_address() -> None:
    assert patch(Contact(email="JAN@example.com")).new_email is None


@pytest.mark.parametrize(
    ("email", "loss"),
    [
        (None, Loss("email", LossReason.REQUIRED)),
        ("no address", Loss("email", LossReason.BAD_FORM)),
        ("a@b@example.com", Loss("email", LossReason.BAD_FORM)),
        (f"{'a' * 65}@example.com", Loss("email", LossReason.TOO_LONG, 64)),
        (f"a@{'b' * 250}.com", Loss("email", LossReason.TOO_LONG, 254)),
    ],
)
def test_addresses_it_cannot_hold_are_losses(email: str | None, loss: Loss) -> None:
    result = patch(Contact(email=email))

    assert result.is_empty
    assert result.losses == (loss,)


def test_a_text_is_never_cut() -> None:
    result = patch(Contact(name="n" * 256, company="c" * 255))

    assert result.losses == (Loss("name", LossReason.TOO_LONG, 255),)
    assert result.detail == {"contact": {"company": "c" * 255}}


def test_consent_goes_in_one_direction_or_none() -> None:
    out = patch(Contact(email_consent=Consent.OPTED_OUT, phone_consent=Consent.UNKNOWN))
    back = patch(Contact(phone_consent=Consent.OPTED_IN))

    assert (out.email_consent, out.phone_consent) == (
        ConsentChange.OUT,
        ConsentChange.KEEP,
    )
    assert (back.email_consent, back.phone_consent) == (
        ConsentChange.KEEP,
        ConsentChange.IN,
    )
    assert out.detail == {}


@pytest.mark.parametrize("flag", [None, "missing"])
def test_a_missing_flag_is_no_consent(flag: str | None) -> None:
    raw = card(optedOut=None)
    if flag == "missing":
        del raw["optedOut"]

    assert mapper.to_contact(read_contact(raw)).email_consent is Consent.UNKNOWN


def test_an_owner_is_written_as_the_service_spells_it() -> None:
    knowing = SalesmanagoMapper(users={"admin@example.com": "Admin@Example.com"})

    result = knowing.patch(
        Contact(owner_email="ADMIN@example.com"), read_contact(card())
    )

    assert result.new_owner == "Admin@Example.com"


@pytest.mark.parametrize(
    ("owner", "reason"),
    [("x@example.com", LossReason.NO_SUCH_USER), (None, LossReason.REQUIRED)],
)
def test_an_owner_that_cannot_be_is_a_loss(
    owner: str | None, reason: LossReason
) -> None:
    knowing = SalesmanagoMapper(users={})

    result = knowing.patch(Contact(owner_email=owner), read_contact(card()))

    assert result.losses == (Loss("owner_email", reason),)


def test_a_new_card_gets_everything_but_what_is_empty() -> None:
    result = mapper.patch(WHOLE)

    assert result.losses == ()
    assert result.email == "jan@example.com"
    assert result.new_email is None
    assert result.email_consent is ConsentChange.IN
    assert result.phone_consent is ConsentChange.OUT
    assert result.new_owner == "ola@example.com"
    assert result.detail == {
        "contact": {
            "name": "Jan Kowalski",
            "phone": "+48 600 100 200",
            "company": "Acme",
            "state": "PROSPECT",
            "address": {
                "streetAddress": "Main 1",
                "zipCode": "43-305",
                "city": "Bielsko",
                "country": "PL",
            },
        },
        "birthday": "19840804",
        "province": "śląskie",
    }


def test_a_new_card_needs_an_address() -> None:
    assert mapper.patch(Contact(name="Jan")).losses == (
        Loss("email", LossReason.REQUIRED),
    )
    assert mapper.patch(Contact(email="x")).losses == (
        Loss("email", LossReason.BAD_FORM),
    )
