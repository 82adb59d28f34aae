"""What is written about a contact: details, consents, states, limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmbridge.contact import NOT_OBSERVED
from crmbridge.errors import InvalidInputError, MalformedReplyError, TooLongError
from crmbridge.salesmanago import (
    ContactDetails,
    DictionaryDetail,
    NamedConsent,
    read_contact,
)
from crmbridge.salesmanago._texts import language_code

ANN = "ann@example.com"
LONG = "n" * 256
NOON = datetime(2025, 10, 9, 12, 0, tzinfo=timezone(timedelta(hours=2)))
NOON_MS = 1760004000000


def _details(**changes: Any) -> Callable[[], object]:
    return lambda: ContactDetails(ANN, **changes)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (_details(contact={"name": LONG}), "name"),
        (_details(contact={"address": {"city": LONG}}), "city"),
        (_details(province=LONG), "province"),
        (_details(properties={LONG: "v"}), "properties"),
        (_details(properties={"n": LONG}), "properties"),
        (lambda: DictionaryDetail(LONG, 1), "dictionary"),
        (lambda: DictionaryDetail("n", 10**300), "dictionary"),
        (lambda: NamedConsent(LONG, is_accepted=True), "consents"),
        (lambda: NamedConsent("n", is_accepted=True, ip=LONG), "consents"),
    ],
)
def test_what_is_too_long_names_its_field_and_the_limit(
    make: Callable[[], object], field: str
) -> None:
    with pytest.raises(TooLongError) as caught:
        make()

    assert (caught.value.field, caught.value.limit) == (field, 255)
    assert LONG not in str(caught.value)


def test_a_text_at_the_limit_is_sent_whole() -> None:
    text = "n" * 255
    body = ContactDetails(ANN, {"name": text}, properties={text: text}).body()

    assert (body["contact"]["name"], body["properties"]) == (text, {text: text})


@pytest.mark.parametrize(
    "make",
    [
        _details(properties={" ": "v"}),
        _details(dictionary=(DictionaryDetail("n", 1), DictionaryDetail("n", NOON))),
        lambda: DictionaryDetail("", 1),
        lambda: DictionaryDetail("Points", 1),
        lambda: DictionaryDetail("tier", 1),
        lambda: DictionaryDetail("n", float("nan")),
        lambda: DictionaryDetail("n", Decimal("Infinity")),
        lambda: DictionaryDetail("n", value=True),
        lambda: DictionaryDetail("n", datetime(2026, 1, 1)),  # noqa: DTZ001 - the fault
        lambda: NamedConsent(" ", is_accepted=True),
        lambda: NamedConsent("n", is_accepted=True, at=datetime(2026, 1, 1)),  # noqa: DTZ001 - the fault
    ],
)
def test_what_cannot_be_right_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        make()

    assert caught.value.field in {"properties", "dictionary", "consents"}


@pytest.mark.parametrize(
    ("value", "kind", "sent"),
    [
        (7, "NUMBER", "7"),
        (0.1, "NUMBER", "0.1"),
        (1.2e21, "NUMBER", "1200000000000000000000"),
        (Decimal("1E-7"), "NUMBER", "0.0000001"),
        (-3, "NUMBER", "-3"),
        (NOON, "DATE", str(NOON_MS)),
        (datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), "DATE", "-1000"),
    ],
)
def test_a_dictionary_detail_is_sent_with_its_type(
    value: Any, kind: str, sent: str
) -> None:
    body = ContactDetails(ANN, dictionary=(DictionaryDetail("n", value),)).body()

    assert body["dictionaryProperties"] == [{"name": "n", "type": kind, "value": sent}]


@given(st.floats(-1e200, 1e200).filter(lambda value: not 0 < abs(value) < 1e-200))
def test_a_number_is_sent_exactly(value: float) -> None:
    assert float(DictionaryDetail("n", value).body()["value"]) == value


def test_a_consent_is_accepted_or_withdrawn() -> None:
    accepted = NamedConsent("news", is_accepted=True, at=NOON, ip="::1")
    withdrawn = NamedConsent("calls", is_accepted=False, description_id=3)

    body = ContactDetails(ANN, consents=(accepted, withdrawn)).body()

    assert body["consentDetails"] == [
        {
            "consentName": "news",
            "consentAccept": True,
            "optOut": False,
            "agreementDate": NOON_MS,
            "ip": "::1",
        },
        {
            "consentName": "calls",
            "consentAccept": False,
            "optOut": True,
            "consentDescriptionId": 3,
        },
    ]


def test_values_about_people_stay_out_of_what_is_shown() -> None:
    shown = repr((DictionaryDetail("n", 4711), NamedConsent("n", is_accepted=True)))

    assert "4711" not in shown


def test_the_address_is_the_one_that_was_given() -> None:
    body = ContactDetails(ANN, {"email": "eve@example.com"}).body()

    assert body["contact"] == {"email": ANN}


@pytest.mark.parametrize(
    ("state", "sent"),
    [
        ("CLIENT", "CUSTOMER"),
        ("client", "CUSTOMER"),
        ("customer", "CUSTOMER"),
        ("PARTNER", "PARTNER"),
        ("Vip", "Vip"),
    ],
)
def test_a_client_is_sent_and_read_as_a_customer(state: str, sent: str) -> None:
    assert ContactDetails(ANN, {"state": state}).body()["contact"]["state"] == sent
    assert read_contact({"id": "i", "state": state}).known_state == sent


@pytest.mark.parametrize("code", ["pl", " PL", "Pl"])
def test_a_language_is_two_letters_in_upper_case(code: str) -> None:
    assert language_code(code) == "PL"


@pytest.mark.parametrize("code", ["", "pol", "p", "12", "pl-PL"])
def test_a_language_in_another_form_is_refused(code: str) -> None:
    with pytest.raises(InvalidInputError, match="two letters"):
        language_code(code)


def test_details_are_read_by_name() -> None:
    rows = [{"name": "a", "value": "1"}, {"name": "b", "value": None}, {"name": "c"}]

    card = read_contact({"id": "i", "properties": rows})

    assert card.properties == {"a": "1", "b": "", "c": ""}


def test_details_that_are_not_told_are_not_observed() -> None:
    assert read_contact({"id": "i"}).properties is NOT_OBSERVED
    assert read_contact({"id": "i", "properties": None}).properties is None


@pytest.mark.parametrize("rows", [{"a": "1"}, ["a"], [{"value": "1"}]])
def test_details_of_another_shape_are_malformed(rows: object) -> None:
    card = read_contact({"id": "i", "properties": rows})

    with pytest.raises(MalformedReplyError, match="properties"):
        _ = card.properties
