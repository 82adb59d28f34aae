"""What exports hold, typed: any part may be null, unknown keys are kept."""

from __future__ import annotations

import pytest

from crmbridge.contact import NOT_OBSERVED
from crmbridge.errors import MalformedReplyError
from crmbridge.salesmanago import ExportPart
from crmbridge.salesmanago.exported import (
    read_exported_contact,
    read_exported_data,
)


def test_an_entry_keeps_what_it_holds_beside() -> None:
    contact = read_exported_contact({"id": "0b7c", "email": None, "score": 7})

    assert (contact.id, contact.email, contact.name) == ("0b7c", None, NOT_OBSERVED)
    assert contact.extra == {"score": 7}


def test_an_entry_without_an_id_is_known_by_its_email() -> None:
    contact = read_exported_contact({"email": "ann@example.com", "exists": False})

    assert (contact.id, contact.exists) == (None, False)


@pytest.mark.parametrize(
    "raw", [{}, {"id": None}, {"id": ""}, {"email": None}, [], None, {"id": 7}]
)
def test_an_entry_that_names_nobody_is_malformed(raw: object) -> None:
    with pytest.raises(MalformedReplyError):
        read_exported_contact(raw)


def test_nothing_of_a_person_is_shown() -> None:
    raw = {"id": "0b7c", "email": "ann@example.com", "name": "Ann"}
    contact = read_exported_contact(raw)
    data = read_exported_data("0b7c", {"contactData": raw, "tagData": []})

    for shown in (repr(contact), repr(data), repr(data.contact)):
        assert "0b7c" in shown
        assert "ann" not in shown.lower()


def test_a_part_that_is_null_or_missing_is_none() -> None:
    data = read_exported_data("0b7c", {"contactData": None})

    assert data.contact is None
    assert data.tags is None
    assert data.properties is None
    assert data.dictionary_properties is None
    assert data.consents is None


def test_an_empty_part_is_an_empty_tuple() -> None:
    assert read_exported_data("0b7c", {"tagData": []}).tags == ()


def test_a_contact_without_parts_has_none() -> None:
    assert read_exported_data("0b7c", None).raw == {}


@pytest.mark.parametrize("prefix", ["", "contact"])
@pytest.mark.parametrize("suffix", ["Data", "s", "sData", ""])
def test_a_part_is_known_by_a_word_in_its_name(prefix: str, suffix: str) -> None:
    words = {
        ExportPart.TAGS: "Tag",
        ExportPart.EVENTS: "ExtEvent",
        ExportPart.VISITS: "Visit",
        ExportPart.EMAILS: "Email",
        ExportPart.FUNNELS: "Funnel",
        ExportPart.NOTES: "Note",
        ExportPart.TASKS: "Task",
        ExportPart.COUPONS: "Coupon",
        ExportPart.SMS: "Sms",
        ExportPart.CONSENTS: "Consent",
        ExportPart.PROPERTIES: "Propertie",
        ExportPart.DICTIONARY_PROPERTIES: "DictionaryPropertie",
    }
    raw = {
        f"{prefix}{word}{suffix}": [{"is": kind.value}] for kind, word in words.items()
    }
    data = read_exported_data("0b7c", {**raw, "contactData": {"name": "Ann"}})

    assert {kind: data.rows(kind) for kind in words} == {
        kind: ({"is": kind.value},) for kind in words
    }
    assert data.contact is not None
    assert data.contact.name == "Ann"
    assert data.extra == {}


def test_a_part_in_which_nothing_is_known_again_is_kept() -> None:
    data = read_exported_data("0b7c", {"loyaltyData": [1], "tagData": None})

    assert data.extra == {"loyaltyData": [1]}


def test_details_and_consents_are_typed() -> None:
    data = read_exported_data(
        "0b7c",
        {
            "dictionaryPropertiesData": [
                {"name": "visits", "type": "NUMBER", "value": 42},
                {"name": "since", "type": "DATE", "value": 1488927600000},
            ],
            "contactPropertiesData": [{"name": "size", "value": "L"}, {"name": None}],
            "consentsData": [
                {
                    "consentName": "news",
                    "consentAccept": True,
                    "optOut": False,
                    "agreementDate": 1488927600000,
                    "consentDescriptionId": 3,
                    "channel": "web",
                }
            ],
        },
    )

    assert data.dictionary_properties is not None
    assert [(row.name, row.value) for row in data.dictionary_properties] == [
        ("visits", 42),
        ("since", 1488927600000),
    ]
    assert data.properties == {"size": "L"}
    assert data.consents is not None
    (consent,) = data.consents
    assert (consent.name, consent.is_accepted, consent.is_withdrawn) == (
        "news",
        True,
        False,
    )
    assert (consent.agreed_on, consent.description_id) == (1488927600000, 3)
    assert consent.raw["channel"] == "web"


@pytest.mark.parametrize("part", [{}, "x", 7, True, [1], [{"tagName": 7}]])
def test_a_part_of_another_form_does_not_hide_the_others(part: object) -> None:
    data = read_exported_data("0b7c", {"tagData": part, "contactData": {}})

    with pytest.raises(MalformedReplyError, match="contactTags"):
        _ = data.tags
    assert data.contact is not None


def test_a_card_of_another_form_is_malformed() -> None:
    with pytest.raises(MalformedReplyError, match="CONTACT"):
        _ = read_exported_data("0b7c", {"contactData": []}).contact


@pytest.mark.parametrize("raw", [[], "x", 7])
def test_parts_that_are_no_object_are_malformed(raw: object) -> None:
    with pytest.raises(MalformedReplyError):
        read_exported_data("0b7c", raw)
