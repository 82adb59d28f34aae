"""Tags, details, consents and forms: sent, stored and read again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from crmbridge import Address, Contact, ContactState
from crmbridge._steps import Request
from crmbridge.errors import RefusedError, TooLongError
from crmbridge.mapping import NormalForms, SalesmanagoMapper
from crmbridge.salesmanago import (
    Addressee,
    ContactDetails,
    DictionaryDetail,
    ExportPart,
    NamedConsent,
)
from tests.salesmanago.conftest import World

ANN = "ann@example.com"
UPSERT = "/api/contact/upsert"
AT = datetime(2025, 10, 9, 12, 0, tzinfo=UTC)
AT_MS = 1760011200000


def _write(world: World, **details: Any) -> None:
    world.client().upsert(ContactDetails(ANN, **details))


def _card(world: World) -> Any:
    (card,) = world.client().list_all([ANN])
    return card


def _raw(world: World, path: str, **body: Any) -> dict[str, Any]:
    request = Request("salesmanago", "POST", f"/api/{path}", json=body)
    answer: dict[str, Any] = world.client().send(request).json()
    return answer


def _tags(world: World) -> dict[str, int]:
    return {tag.name: tag.score for tag in _card(world).tags}


# --- province and address ---


@pytest.mark.salesmanago_row(15)
def test_a_province_is_sent_at_the_top_and_shown_in_lists_only(world: World) -> None:
    _write(world, province="Slask")

    owner = world.fake.users[0]
    (basic,) = _raw(world, "contact/basic", owner=owner, email=[ANN])["contacts"]
    assert world.fake.recorded[0].body["province"] == "Slask"
    assert _card(world).province == "Slask"
    assert "province" not in basic


@pytest.mark.salesmanago_row(16)
@pytest.mark.parametrize("shown", ["null", "object"])
def test_an_address_of_nothing_is_shown_in_two_ways(world: World, shown: str) -> None:
    world.switch(empty_address=shown)
    _write(world, contact={"name": "Ann"})

    card = _card(world)

    assert (card.address is None) == (shown == "null")
    assert SalesmanagoMapper().to_contact(card).address == Address()


@pytest.mark.salesmanago_row(16)
def test_a_part_of_an_address_is_shown_beside_nulls(world: World) -> None:
    _write(world, contact={"address": {"city": "New York"}})

    assert _card(world).raw["address"] == {
        "streetAddress": None,
        "zipCode": None,
        "city": "New York",
        "country": None,
    }


# --- tags ---

SPELLINGS = ["vip", "Vip", "VÍP", " vip ", "V\N{COMBINING ACUTE ACCENT}ip"]


@pytest.mark.salesmanago_row(17)
@pytest.mark.parametrize("spelt", SPELLINGS)
@pytest.mark.parametrize("odd_tags", ["reject", "keep", "drop"])
def test_a_tag_comes_back_as_it_was_sent_however_it_is_spelt(
    world: World, spelt: str, odd_tags: str
) -> None:
    world.switch(odd_tags=odd_tags)
    _write(world, tags=(spelt, "żółw #1, news"))

    sent = world.fake.recorded[0].body["tags"]
    assert [*_tags(world)] == sent == ["VIP", "ZOLW__1", "NEWS"]


@pytest.mark.salesmanago_row(17)
@pytest.mark.parametrize("spelt", SPELLINGS)
def test_a_tag_is_removed_however_it_is_spelt(world: World, spelt: str) -> None:
    _write(world, tags=("vip", "news"))

    _write(world, remove_tags=(spelt,))

    assert [*_tags(world)] == ["NEWS"]


@pytest.mark.salesmanago_row(17)
@pytest.mark.parametrize(("is_scoring", "score"), [(False, 1), (True, 2)])
def test_a_tag_that_is_given_again_scores_only_when_asked(
    world: World,
    is_scoring: bool,
    score: int,
) -> None:
    _write(world, tags=("vip",))

    _write(world, tags=("vip",), tag_scoring=is_scoring)

    (row,) = world.fake.people.get(ANN)["contactTags"]
    assert _tags(world) == {"VIP": score}
    assert row["tagWithScore"] == f"VIP ({score})"


@pytest.mark.salesmanago_row(17)
@pytest.mark.parametrize(
    ("both", "left"), [("reject", None), ("add", ["VIP"]), ("remove", [])]
)
def test_the_fake_has_three_answers_to_a_tag_both_added_and_removed(
    world: World, both: str, left: list[str] | None
) -> None:
    world.switch(both_tags=both)
    body = {"tags": ["vip"], "removeTags": ["VIP"], "contact": {"email": ANN}}

    answer = _raw(world, "contact/upsert", owner=world.fake.users[0], **body)

    assert answer["success"] == (left is not None)
    assert left is None or [*_tags(world)] == left


@pytest.mark.salesmanago_row(17)
@pytest.mark.parametrize(
    ("odd", "left"), [("reject", None), ("keep", ["A.B"]), ("drop", ["AB"])]
)
def test_the_fake_has_three_answers_to_a_sign_that_tags_cannot_have(
    world: World, odd: str, left: list[str] | None
) -> None:
    world.switch(odd_tags=odd)
    body = {"tags": ["a.b"], "contact": {"email": ANN}}

    answer = _raw(world, "contact/upsert", owner=world.fake.users[0], **body)

    assert answer["success"] == (left is not None)
    assert left is None or [*_tags(world)] == left


# --- details ---


@pytest.mark.salesmanago_row(18)
def test_details_are_merged_by_name_and_read_as_rows(world: World) -> None:
    _write(world, properties={"source": "crm", "size": "XL"})

    _write(world, properties={"size": "M", "colour": "red"})

    card = _card(world)
    assert card.properties == {"source": "crm", "size": "M", "colour": "red"}
    assert {"name": "size", "value": "M"} in card.raw["properties"]


@pytest.mark.salesmanago_row(18)
@pytest.mark.parametrize("empty", ["keep", "clear", "reject"])
def test_an_empty_text_may_remove_a_detail(world: World, empty: str) -> None:
    _write(world, properties={"source": "crm", "size": "XL"})
    world.switch(empty_values=empty)

    if empty == "reject":
        with pytest.raises(RefusedError) as caught:
            _write(world, properties={"size": ""})
        assert caught.value.field == "properties"
    else:
        _write(world, properties={"size": ""})

    assert ("size" in _card(world).properties) == (empty != "clear")
    assert _card(world).properties["source"] == "crm"


@pytest.mark.salesmanago_row(19)
def test_a_dictionary_detail_keeps_its_type_for_the_whole_account(world: World) -> None:
    _write(world, dictionary=(DictionaryDetail("orders", 7),))
    other = ContactDetails(
        "bob@example.com", dictionary=(DictionaryDetail("orders", AT),)
    )

    with pytest.raises(RefusedError) as caught:
        world.client().upsert(other)

    assert caught.value.field == "dictionaryProperties"
    assert "bob@example.com" not in world.fake.people


@pytest.mark.question(19)
@pytest.mark.salesmanago_row(19)
@pytest.mark.parametrize("is_listed", [False, True])
def test_dictionary_details_are_written_whether_lists_show_them_or_not(
    world: World,
    is_listed: bool,
) -> None:
    world.switch(lists_dictionary=is_listed)
    details = (DictionaryDetail("orders", 7), DictionaryDetail("last", AT))
    _write(world, dictionary=details)

    _write(world, dictionary=(DictionaryDetail("orders", 8),))

    card = _card(world)
    assert world.fake.people.dictionary(ANN) == (
        {"name": "orders", "type": "NUMBER", "value": "8"},
        {"name": "last", "type": "DATE", "value": str(AT_MS)},
    )
    assert ("dictionaryProperties" in card.extra) == is_listed
    assert card.properties == {}


@pytest.mark.question(19)
@pytest.mark.parametrize("is_listed", [False, True])
@pytest.mark.parametrize("part_keys", ["plain", "contact"])
def test_an_export_holds_dictionary_details_and_consents(
    world: World,
    is_listed: bool,
    part_keys: str,
) -> None:
    world.switch(
        lists_dictionary=is_listed, part_keys=part_keys, exports_opted_out=True
    )
    world.fake.people.define_consents("news")
    _write(
        world,
        dictionary=(DictionaryDetail("orders", 7), DictionaryDetail("last", AT)),
        consents=(NamedConsent("news", is_accepted=True, at=AT),),
    )

    parts = [ExportPart.DICTIONARY_PROPERTIES, ExportPart.CONSENTS]
    (found,) = world.client().exports.data([Addressee.email(ANN)], parts)

    (consent,) = found.consents
    rows = [(row.name, row.type, row.value) for row in found.dictionary_properties]
    assert rows == [("orders", "NUMBER", "7"), ("last", "DATE", str(AT_MS))]
    assert (consent.name, consent.is_accepted, consent.is_withdrawn) == (
        "news",
        True,
        False,
    )
    assert consent.agreed_on == AT_MS


# --- consents ---


@pytest.mark.salesmanago_row(20)
def test_a_consent_is_stored_with_its_time(world: World) -> None:
    world.fake.people.define_consents("news", "calls")
    _write(
        world,
        consents=(
            NamedConsent("news", is_accepted=True, at=AT, ip="192.0.2.1"),
            NamedConsent("calls", is_accepted=False, description_id=3),
        ),
    )

    news, calls = world.fake.people.consents(ANN)

    now_ms = int(world.clock().at.timestamp()) * 1000
    assert (news["agreementDate"], news["ip"]) == (AT_MS, "192.0.2.1")
    assert (news["consentAccept"], news["optOut"]) == (True, False)
    assert (calls["consentAccept"], calls["optOut"]) == (False, True)
    assert (calls["agreementDate"], calls["consentDescriptionId"]) == (now_ms, 3)


@pytest.mark.salesmanago_row(20)
@pytest.mark.parametrize("unknown", ["reject", "ignore"])
def test_a_consent_that_nobody_defined_is_refused_or_ignored(
    world: World, unknown: str
) -> None:
    world.switch(unknown_consents=unknown)
    consents = (NamedConsent("news", is_accepted=True),)

    if unknown == "reject":
        with pytest.raises(RefusedError) as caught:
            _write(world, consents=consents)
        assert caught.value.field == "consentDetails"
        assert ANN not in world.fake.people
    else:
        _write(world, consents=consents)
        assert world.fake.people.consents(ANN) == ()


# --- forms ---

WANTED = Contact(
    email=ANN,
    phone="+48 600-100-200",
    fax="(22) 123 45 67",
    address=Address(country="Polska"),
)


@pytest.mark.question(21)
@pytest.mark.parametrize("phone_form", ["kept", "compact", "zeros"])
@pytest.mark.parametrize("country_form", ["kept", "code", "upper"])
def test_a_value_that_is_stored_in_another_form_is_not_written_again(
    world: World, phone_form: str, country_form: str
) -> None:
    world.switch(phone_form=phone_form, country_form=country_form)
    mapper = SalesmanagoMapper(normal=NormalForms(calling_code="48"))
    _write(world, contact=mapper.patch(WANTED).detail["contact"])

    stored = _card(world)

    assert mapper.patch(WANTED, stored).is_empty
    assert (stored.phone == WANTED.phone) == (phone_form == "kept")
    assert (stored.address.country == "Polska") == (country_form == "kept")


@pytest.mark.question(23)
@pytest.mark.parametrize("longest", [None, 255, 100])
@pytest.mark.parametrize("field", ["name", "properties", "tags"])
def test_a_text_is_written_whole_or_refused(
    world: World, longest: int | None, field: str
) -> None:
    world.switch(longest_value=longest)
    text = "N" * 200
    details: dict[str, dict[str, Any]] = {
        "name": {"contact": {"name": text}},
        "properties": {"properties": {"note": text}},
        "tags": {"tags": (text,)},
    }

    if longest == 100:
        with pytest.raises(RefusedError) as caught:
            _write(world, **details[field])
        assert caught.value.field == field
        assert text not in str(caught.value)
        assert ANN not in world.fake.people
    else:
        _write(world, **details[field])
        assert text in json.dumps(dict(world.fake.people.get(ANN)))


@pytest.mark.question(23)
@pytest.mark.parametrize("longest", [None, 255, 100])
def test_a_text_above_the_limit_is_never_sent(
    world: World, longest: int | None
) -> None:
    world.switch(longest_value=longest)

    with pytest.raises(TooLongError) as caught:
        _write(world, properties={"note": "n" * 256})

    assert (caught.value.field, caught.value.limit) == ("properties", 255)
    assert not world.fake.requests


@pytest.mark.question(25)
@pytest.mark.parametrize("bad", ["reject", "ignore"])
def test_a_language_is_sent_in_upper_case_or_not_at_all(world: World, bad: str) -> None:
    world.switch(bad_languages=bad)
    client, details = world.client(), ContactDetails(ANN)

    client.upsert(details, language="pl")
    client.batch_upsert([details], language=" en ")
    client.upsert(details)

    sent = [request.body.get("lang") for request in world.fake.recorded]
    assert sent == ["PL", "EN", None]


@pytest.mark.question(25)
@pytest.mark.parametrize(("bad", "is_taken"), [("reject", False), ("ignore", True)])
def test_the_fake_refuses_or_ignores_other_languages(
    world: World,
    bad: str,
    is_taken: bool,
) -> None:
    world.switch(bad_languages=bad)
    row = {"contact": {"email": ANN}}
    shared = {"lang": "pl", "owner": world.fake.users[0]}

    one = _raw(world, "contact/upsert", **shared, **row)
    many = _raw(world, "contact/batchupsert", **shared, upsertDetails=[row])

    assert (one["success"], many["success"]) == (is_taken, is_taken)


@pytest.mark.question(26)
@pytest.mark.parametrize("shown", ["CUSTOMER", "CLIENT"])
@pytest.mark.parametrize("given", ["CUSTOMER", "CLIENT", "client"])
def test_a_client_is_sent_as_customer_and_read_under_both_names(
    world: World, shown: str, given: str
) -> None:
    world.switch(shows_clients_as=shown)
    mapper = SalesmanagoMapper()
    _write(world, contact={"state": given})

    card = _card(world)

    assert world.fake.people.get(ANN)["state"] == "CUSTOMER"
    assert (card.state, card.known_state) == (shown, "CUSTOMER")
    assert mapper.to_contact(card).state is ContactState.CLIENT
    assert mapper.patch(Contact(state=ContactState.CLIENT), card).is_empty
