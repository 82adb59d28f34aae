"""Examples of the Zoho lens; the records imitate "Get Records" of API v8."""

from __future__ import annotations

from collections.abc import Mapping
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
from crmbridge.errors import ConfigError, InvalidInputError
from crmbridge.mapping import FILLER, ZohoMapper, ZohoPatch
from crmbridge.zoho.metadata import ZohoField
from crmbridge.zoho.records import ZohoRecord, read_record
from tests.strategies import CLASSIC, COMPOSITE, USERS

mapper = ZohoMapper(fields=CLASSIC, users=USERS)
composite = ZohoMapper(fields=COMPOSITE, users=USERS)


def spoilt(module: str, name: str, **changes: Any) -> Mapping[str, Any]:
    fields = CLASSIC[module]
    return {**CLASSIC, module: {**fields, name: evolve(fields[name], **changes)}}


def lead(**changes: Any) -> ZohoRecord:
    return read_record(
        "Leads",
        {
            "id": "7",
            "First_Name": "Jan",
            "Last_Name": "Kowalski",
            "Email": "jan@example.com",
            "Phone": "+48 600 100 200",
            "Fax": None,
            "Company": "Acme",
            "Street": "Main 1",
            "City": "Bielsko",
            "State": "śląskie",
            "Zip_Code": "43-305",
            "Country": "Poland",
            "Email_Opt_Out": False,
            "Owner": {"id": "102", "name": "Ola", "email": "ola@example.com"},
            **changes,
        },
    )


def person(**changes: Any) -> ZohoRecord:
    return read_record(
        "Contacts",
        {
            "id": "8",
            "First_Name": "Jan",
            "Last_Name": "Kowalski",
            "Email": "jan@example.com",
            "Account_Name": {"id": "55", "name": "Acme"},
            "Mailing_Street": "Main 1",
            "Mailing_City": "Bielsko",
            "Mailing_State": "śląskie",
            "Mailing_Zip": "43-305",
            "Mailing_Country": "Poland",
            "Date_of_Birth": "1980-10-17",
            "Email_Opt_Out": True,
            "Owner": {"id": "102", "name": "Ola"},
            **changes,
        },
    )


def patch(contact: Contact, **changes: Any) -> ZohoPatch:
    return mapper.patch(contact, lead(**changes))


ADDRESS = Address("Main 1", "43-305", "Bielsko", "śląskie", "Poland")


# --- reading ------------------------------------------------------------------


def test_a_lead_is_read_whole() -> None:
    assert mapper.to_contact(lead()) == Contact(
        email="jan@example.com",
        name="Jan Kowalski",
        phone="+48 600 100 200",
        fax=None,
        company="Acme",
        address=ADDRESS,
        birthday=NOT_OBSERVED,
        state=ContactState.PROSPECT,
        owner_email="ola@example.com",
        email_consent=Consent.OPTED_IN,
    )


def test_a_contact_is_read_whole() -> None:
    assert mapper.to_contact(person()) == Contact(
        email="jan@example.com",
        name="Jan Kowalski",
        company="Acme",
        address=ADDRESS,
        birthday=Birthday(10, 17, 1980),
        state=ContactState.CLIENT,
        owner_email="ola@example.com",
        email_consent=Consent.OPTED_OUT,
    )


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        ("Jan", "Kos", "Jan Kos"),
        (None, "Kos", "Kos"),
        ("Jan", FILLER, "Jan"),
        (None, FILLER, None),
        (None, f" {FILLER} ", None),
        (FILLER, None, None),
        ("", " ", None),
    ],
)
def test_names_are_read_without_fillers(
    first: str | None, last: str | None, name: str | None
) -> None:
    assert mapper.to_contact(lead(First_Name=first, Last_Name=last)).name == name


def test_a_name_of_which_a_part_was_not_asked_for_is_not_observed() -> None:
    raw = {"id": "7", "Last_Name": "Kowalski"}

    assert mapper.to_contact(read_record("Leads", raw)).name is NOT_OBSERVED


def test_a_filler_for_the_company_reads_as_none() -> None:
    assert mapper.to_contact(lead(Company=FILLER)).company is None


@pytest.mark.parametrize(
    ("wire", "birthday"),
    [
        ("1980-10-17", Birthday(10, 17, 1980)),
        ("2000-02-29", Birthday(2, 29, 2000)),
        ("1900-01-01", Birthday(1, 1, 1900)),
        (None, None),
        ("1900-02-29", NOT_OBSERVED),
        ("17.10.1980", NOT_OBSERVED),
        ("1980-W01-1", NOT_OBSERVED),
        (19801017, NOT_OBSERVED),
    ],
)
def test_birthdays_are_read_or_not_observed(wire: object, birthday: object) -> None:
    assert mapper.to_contact(person(Date_of_Birth=wire)).birthday == birthday


def test_a_lead_holds_a_birthday_in_the_field_that_was_named() -> None:
    knowing = ZohoMapper(fields=CLASSIC, birthday_fields={"Leads": "Birthday"})
    record = lead(Birthday="1980-10-17")

    assert knowing.to_contact(record).birthday == Birthday(10, 17, 1980)
    assert knowing.patch(Contact(birthday=Birthday(1, 2, 1990)), record).values == {
        "Birthday": "1990-01-02"
    }


def test_phone_consent_lies_in_the_field_that_was_named() -> None:
    knowing = ZohoMapper(
        fields=CLASSIC, phone_opt_out_fields={"Leads": "Phone_Opt_Out"}
    )
    record = lead(Phone_Opt_Out=True)

    assert knowing.to_contact(record).phone_consent is Consent.OPTED_OUT
    assert knowing.patch(Contact(phone_consent=Consent.OPTED_IN), record).values == {
        "Phone_Opt_Out": False
    }


@pytest.mark.parametrize("flag", [None, "yes"])
def test_a_flag_that_says_nothing_is_no_consent(flag: object) -> None:
    contact = mapper.to_contact(lead(Email_Opt_Out=flag))

    assert contact.email_consent is Consent.UNKNOWN


def test_a_field_that_is_no_text_is_not_observed() -> None:
    assert mapper.to_contact(lead(City={"id": "1"})).address == evolve(
        ADDRESS, city=NOT_OBSERVED
    )


def test_an_owner_without_an_email_is_found_by_id() -> None:
    assert mapper.to_contact(person()).owner_email == "ola@example.com"
    assert mapper.to_contact(person(Owner={"id": "9"})).owner_email is NOT_OBSERVED


def test_other_modules_are_refused() -> None:
    with pytest.raises(InvalidInputError):
        mapper.to_contact(read_record("Deals", {"id": "1"}))


def test_the_fields_to_ask_for_are_those_that_exist() -> None:
    small = ZohoMapper(fields={"Leads": {"Email": ZohoField("Email")}})

    assert small.wire_names("Leads") == (
        "Email",
        "Owner",
        "Created_Time",
        "Modified_Time",
        "Converted__s",
        "Converted_Contact",
        "Converted_Account",
    )
    assert "Date_of_Birth" in mapper.wire_names("Contacts")


@pytest.mark.parametrize("filler", ["", " ", "not  known"])
def test_odd_fillers_are_refused(filler: str) -> None:
    with pytest.raises(ConfigError):
        ZohoMapper(fields={}, last_name_filler=filler)


# --- names --------------------------------------------------------------------


def test_the_split_of_a_name_is_left_alone_while_the_name_is_equal() -> None:
    record = lead(First_Name="Anna", Last_Name="Maria Nowak")

    assert mapper.patch(Contact(name="Anna  Maria Nowak"), record).is_empty


def test_only_the_part_of_a_name_that_differs_is_written() -> None:
    assert patch(Contact(name="Ewa Kowalski")).values == {"First_Name": "Ewa"}


def test_a_last_name_of_several_words_stays_whole() -> None:
    record = lead(First_Name="Anna", Last_Name="van der Berg")

    result = mapper.patch(Contact(name="Eva van der Berg"), record)

    assert result.values == {"First_Name": "Eva"}


def test_a_real_name_replaces_the_filler() -> None:
    record = lead(First_Name=None, Last_Name=FILLER)

    result = mapper.patch(Contact(name="Jan Kos"), record)

    assert result.values == {"First_Name": "Jan", "Last_Name": "Kos"}


def test_words_move_to_where_they_fit() -> None:
    result = patch(Contact(name=f"Jan {'x' * 41} Kos"))

    # The first name is there already.
    assert result.values == {"Last_Name": f"{'x' * 41} Kos"}


def test_a_name_that_fits_nowhere_is_a_loss() -> None:
    result = patch(Contact(name="x" * 81))

    assert result.is_empty
    assert result.losses == (Loss("name", LossReason.TOO_LONG, 121),)


def test_a_name_that_would_read_as_the_filler_is_a_loss() -> None:
    assert patch(Contact(name=FILLER)).losses == (Loss("name", LossReason.BAD_FORM),)


def test_a_name_that_ends_like_the_filler_stays_whole() -> None:
    result = mapper.patch(Contact(name=f"Jan {FILLER}"))

    assert result.values == {"Last_Name": f"Jan {FILLER}"}


def test_a_cleared_name_leaves_the_filler() -> None:
    assert patch(Contact(name=None)).values == {
        "First_Name": None,
        "Last_Name": FILLER,
    }


def test_a_cleared_name_leaves_nothing_where_nothing_is_demanded() -> None:
    easy = ZohoMapper(fields=spoilt("Leads", "Last_Name", is_mandatory=False))

    assert easy.patch(Contact(name=None), lead()).values == {
        "First_Name": None,
        "Last_Name": None,
    }


# --- companies ----------------------------------------------------------------


def test_the_company_of_a_lead_is_a_text() -> None:
    assert patch(Contact(company="Emca")).values == {"Company": "Emca"}


def test_the_company_of_a_contact_is_an_account_to_be_looked_up() -> None:
    result = mapper.patch(Contact(company="Emca"), person())

    assert result.values == {}
    assert result.company == "Emca"
    assert result.fields == {"company"}
    assert not result.is_empty


def test_a_contact_loses_its_account() -> None:
    assert mapper.patch(Contact(company=None), person()).company is None


def test_an_account_left_alone_is_not_observed() -> None:
    assert mapper.patch(Contact(name="Ewa"), person()).company is NOT_OBSERVED


def test_the_length_of_a_company_is_that_of_the_accounts_name() -> None:
    assert mapper.patch(Contact(company="x" * 201), person()).losses == (
        Loss("company", LossReason.TOO_LONG, 200),
    )


def test_a_demanded_company_is_filled() -> None:
    demanding = ZohoMapper(fields=spoilt("Leads", "Company", is_mandatory=True))

    assert demanding.patch(Contact(company=None), lead()).values == {"Company": FILLER}
    assert demanding.patch(Contact(name="Kos")).values == {
        "Last_Name": "Kos",
        "Company": FILLER,
    }


# --- other fields -------------------------------------------------------------


def test_the_state_is_never_written() -> None:
    assert patch(Contact(state=ContactState.CLIENT)).is_empty


def test_only_what_differs_is_written() -> None:
    wanted = evolve(mapper.to_contact(lead()), phone="0048600100200", fax="22 1")

    assert patch(wanted).values == {"Fax": "22 1"}


def test_a_cleared_field_is_null() -> None:
    assert patch(Contact(phone=None)).values == {"Phone": None}


def test_a_mandatory_field_is_not_cleared() -> None:
    strict = ZohoMapper(fields=spoilt("Leads", "Email", is_mandatory=True))

    assert strict.patch(Contact(email=None), lead()).losses == (
        Loss("email", LossReason.REQUIRED),
    )


def test_a_birthday_without_its_year_does_not_blank_the_one_there() -> None:
    result = mapper.patch(Contact(birthday=Birthday(10, 17)), person())

    assert result.is_empty
    assert result.losses == (Loss("birthday", LossReason.NO_YEAR),)


def test_a_lead_has_no_place_for_a_birthday() -> None:
    assert patch(Contact(birthday=Birthday(10, 17, 1980))).losses == (
        Loss("birthday", LossReason.NO_SUCH_FIELD),
    )
    assert patch(Contact(birthday=None)) == ZohoPatch("Leads")


def test_an_opt_out_is_written_and_an_unknown_consent_is_not() -> None:
    assert patch(Contact(email_consent=Consent.OPTED_OUT)).values == {
        "Email_Opt_Out": True
    }
    assert patch(Contact(email_consent=Consent.UNKNOWN)).is_empty


def test_an_owner_is_written_by_id() -> None:
    assert patch(Contact(owner_email="ADMIN@example.com")).values == {
        "Owner": {"id": "101"}
    }


@pytest.mark.parametrize(
    ("owner", "reason"),
    [("x@example.com", LossReason.NO_SUCH_USER), (None, LossReason.REQUIRED)],
)
def test_an_owner_that_cannot_be_is_a_loss(
    owner: str | None, reason: LossReason
) -> None:
    assert patch(Contact(owner_email=owner)).losses == (Loss("owner_email", reason),)


@pytest.mark.parametrize(
    ("changes", "loss"),
    [
        ({"is_read_only": True}, Loss("fax", LossReason.NOT_WRITABLE)),
        ({"can_update": False}, Loss("fax", LossReason.NOT_WRITABLE)),
        ({"length": 3}, Loss("fax", LossReason.TOO_LONG, 3)),
    ],
)
def test_the_metadata_limit_what_is_written(changes: Any, loss: Loss) -> None:
    limited = ZohoMapper(fields=spoilt("Leads", "Fax", **changes))

    assert limited.patch(Contact(fax="22 1"), lead()).losses == (loss,)


@pytest.mark.parametrize(
    ("phone", "wire"),
    [
        ("22 123 45 67", "22 123 45 67"),
        ("22  123", "22 123"),
        ("22/123 45", "2212345"),
        ("+48 600 100 200 " + " " * 30 + "1", "+48 600 100 200 1"),
        ("1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6", "1234567890123456"),
    ],
)
def test_signs_that_say_nothing_give_way_to_zohos_form(phone: str, wire: str) -> None:
    assert patch(Contact(phone=phone)).values == {"Phone": wire}


@pytest.mark.parametrize(
    ("phone", "loss"),
    [
        ("нет", Loss("phone", LossReason.BAD_FORM)),
        ("1" * 31, Loss("phone", LossReason.TOO_LONG, 30)),
    ],
)
def test_a_number_that_zoho_does_not_take_is_a_loss(phone: str, loss: Loss) -> None:
    assert patch(Contact(phone=phone)).losses == (loss,)


@pytest.mark.parametrize(
    "email",
    ["no address", ".a@example.com", "a@example", "a,b@example.com", "a@b.żółw"],
)
def test_an_address_that_zoho_does_not_take_is_a_loss(email: str) -> None:
    assert patch(Contact(email=email)).losses == (Loss("email", LossReason.BAD_FORM),)


def test_a_long_address_is_a_loss() -> None:
    assert patch(Contact(email=f"{'a' * 90}@example.com")).losses == (
        Loss("email", LossReason.TOO_LONG, 100),
    )


# --- the two layouts of addresses ---------------------------------------------


def test_an_address_of_texts_takes_any_country() -> None:
    assert patch(Contact(address=evolve(ADDRESS, country="Atlantis"))).values == {
        "Country": "Atlantis"
    }


@pytest.mark.parametrize(
    ("country", "choice"), [("DE", "Germany"), ("Niemcy", "Germany"), ("USA", None)]
)
def test_an_address_of_choices_takes_the_choice(
    country: str, choice: str | None
) -> None:
    wanted = Contact(address=evolve(ADDRESS, country=country))

    assert composite.patch(wanted, lead()).values == {
        "Country": choice or "United States"
    }


def test_a_country_that_is_no_choice_is_a_loss() -> None:
    wanted = Contact(address=evolve(ADDRESS, country="FR"))

    assert composite.patch(wanted, lead()).losses == (
        Loss("country", LossReason.NOT_IN_LIST),
    )


def test_no_choice_is_never_chosen() -> None:
    wanted = Contact(address=evolve(ADDRESS, region="-None-"))

    assert composite.patch(wanted, lead()).losses == (
        Loss("region", LossReason.NOT_IN_LIST),
    )


def test_a_code_and_a_choice_are_the_same_country() -> None:
    wanted = Contact(address=evolve(ADDRESS, country="PL", region="ŚLĄSKIE"))

    assert composite.patch(wanted, lead()).is_empty


def test_the_address_of_a_contact_is_the_mailing_address() -> None:
    wanted = Contact(address=evolve(ADDRESS, city="Żywiec"))

    assert mapper.patch(wanted, person()).values == {"Mailing_City": "Żywiec"}


# --- new records --------------------------------------------------------------


def test_a_prospect_becomes_a_lead_and_a_client_a_contact() -> None:
    assert mapper.patch(Contact(state=ContactState.CLIENT)).module == "Contacts"
    assert mapper.patch(Contact(state=ContactState.PROSPECT)).module == "Leads"
    assert mapper.patch(Contact(), module="Contacts").module == "Contacts"


def test_a_new_record_gets_everything_but_what_is_empty() -> None:
    result = mapper.patch(mapper.to_contact(person()))

    assert result.losses == ()
    assert result.company == "Acme"
    assert result.values == {
        "First_Name": "Jan",
        "Last_Name": "Kowalski",
        "Email": "jan@example.com",
        "Mailing_Street": "Main 1",
        "Mailing_City": "Bielsko",
        "Mailing_State": "śląskie",
        "Mailing_Zip": "43-305",
        "Mailing_Country": "Poland",
        "Date_of_Birth": "1980-10-17",
        "Email_Opt_Out": True,
        "Owner": {"id": "102"},
    }


def test_a_new_record_without_a_name_gets_the_filler() -> None:
    result = mapper.patch(Contact(email="jan@example.com", name=None))

    assert result.values == {"Email": "jan@example.com", "Last_Name": FILLER}
    assert result.fields == {"email"}


def test_a_new_record_lists_what_zoho_demands() -> None:
    strict = ZohoMapper(fields=spoilt("Leads", "Email", is_mandatory=True))

    assert strict.patch(Contact(name="Kos")).losses == (
        Loss("email", LossReason.REQUIRED),
    )


def test_without_metadata_nothing_is_read_and_nothing_written() -> None:
    blind = ZohoMapper(fields={})

    assert blind.to_contact(lead()).observed() == {
        "state": ContactState.PROSPECT,
        "owner_email": "ola@example.com",
    }
    assert blind.patch(Contact(name="Kos", fax="1")).losses == (
        Loss("name", LossReason.NO_SUCH_FIELD),
        Loss("fax", LossReason.NO_SUCH_FIELD),
    )


# --- what an organisation demands or forbids ----------------------------------


@pytest.mark.parametrize(
    ("name", "wanted", "field"),
    [
        ("Last_Name", Contact(name="Ewa Kos"), "name"),
        ("First_Name", Contact(name="Ewa Kowalski"), "name"),
        ("Owner", Contact(owner_email="admin@example.com"), "owner_email"),
        ("Company", Contact(company="Emca"), "company"),
        ("Email_Opt_Out", Contact(email_consent=Consent.OPTED_OUT), "email_consent"),
    ],
)
def test_what_is_read_only_is_a_loss(name: str, wanted: Contact, field: str) -> None:
    limited = ZohoMapper(
        fields=spoilt("Leads", name, is_read_only=True), users=mapper.users
    )

    result = limited.patch(wanted, lead())

    assert result == ZohoPatch("Leads", losses=(Loss(field, LossReason.NOT_WRITABLE),))


def test_a_read_only_part_of_a_name_does_not_hold_up_the_other() -> None:
    limited = ZohoMapper(fields=spoilt("Leads", "Last_Name", is_read_only=True))

    assert limited.patch(Contact(name="Ewa Kowalski"), lead()).values == {
        "First_Name": "Ewa"
    }


@pytest.mark.parametrize("name", ["Kos", None])
def test_a_demanded_first_name_is_a_loss_where_there_is_none(name: str | None) -> None:
    strict = ZohoMapper(fields=spoilt("Leads", "First_Name", is_mandatory=True))

    assert strict.patch(Contact(name=name), lead()).losses == (
        Loss("name", LossReason.REQUIRED),
    )


def test_without_a_first_name_all_goes_into_the_last() -> None:
    fields = {name: CLASSIC["Leads"][name] for name in ("Last_Name",)}
    small = ZohoMapper(fields={"Leads": fields})

    assert small.patch(Contact(name="Jan Kos")).values == {"Last_Name": "Jan Kos"}
    assert small.patch(Contact(name="x" * 81)).losses == (
        Loss("name", LossReason.TOO_LONG, 80),
    )


def test_a_company_that_equals_the_filler_is_a_loss() -> None:
    assert patch(Contact(company=FILLER)).losses == (
        Loss("company", LossReason.BAD_FORM),
    )


def test_a_demanded_account_is_filled() -> None:
    demanding = ZohoMapper(fields=spoilt("Contacts", "Account_Name", is_mandatory=True))

    assert demanding.patch(Contact(name="Kos"), module="Contacts").company == FILLER
    assert demanding.patch(Contact(company=None), person()).company == FILLER
    assert mapper.to_contact(person(Account_Name={"name": FILLER})).company is None


def test_a_filler_that_does_not_fit_is_a_loss() -> None:
    narrow = ZohoMapper(fields=spoilt("Leads", "Last_Name", length=3))

    result = narrow.patch(Contact(email="jan@example.com"))

    assert result.values == {"Email": "jan@example.com"}
    assert result.losses == (Loss("name", LossReason.REQUIRED),)
    assert narrow.patch(Contact(name=None), lead()).losses == result.losses


def test_what_is_demanded_and_forbidden_is_left_to_zoho() -> None:
    odd = ZohoMapper(
        fields=spoilt("Leads", "Company", is_mandatory=True, is_read_only=True)
    )

    assert odd.patch(Contact(name="Kos")).values == {"Last_Name": "Kos"}
