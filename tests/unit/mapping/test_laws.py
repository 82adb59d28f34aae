"""The laws of the lenses, over thousands of records and contacts."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmbridge.contact import FIELDS, Contact, ContactState, FieldValue
from crmbridge.mapping import (
    NormalForms,
    SalesmanagoMapper,
    SalesmanagoPatch,
    ZohoMapper,
    ZohoPatch,
)
from crmbridge.salesmanago.records import (
    ConsentChange,
    SalesmanagoContact,
    read_contact,
)
from crmbridge.zoho.records import ZohoRecord, read_record
from tests import strategies
from tests.strategies import FILLER, USERS

law = settings(
    max_examples=2000, suppress_health_check=[HealthCheck.too_slow], deadline=None
)

pytestmark = pytest.mark.slow

NORMALS = (NormalForms(), NormalForms(calling_code="48"))
MAPPERS = tuple(
    SalesmanagoMapper(normal=normal, users={email: email for email in USERS})
    for normal in NORMALS
)
salesmanago_mappers = st.sampled_from(MAPPERS)


@st.composite
def zoho_mappers(draw: st.DrawFn) -> ZohoMapper:
    return ZohoMapper(
        fields=draw(strategies.metadata()),
        users=USERS,
        birthday_fields={"Leads": "Birthday"},
        phone_opt_out_fields={"Leads": "Phone_Opt_Out", "Contacts": "Phone_Opt_Out"},
        normal=draw(st.sampled_from(NORMALS)),
    )


def view(contact: Contact, normal: NormalForms) -> dict[str, str | None]:
    return {name: normal(name, value) for name, value in contact.observed().items()}


# --- what the services do with a patch ------------------------------------------

_PARTS = ("birthdayYear", "birthdayMonth", "birthdayDay")
_CARD = ("name", "phone", "fax", "company", "province", "address", *_PARTS)
_ADDRESS = ("streetAddress", "zipCode", "city", "country")
_OPTED_OUT = {ConsentChange.IN: False, ConsentChange.OUT: True}


def salesmanago_applied(
    patch: SalesmanagoPatch, record: SalesmanagoContact | None
) -> SalesmanagoContact:
    """Do as SALESmanago does, if empty strings clear."""
    raw: dict[str, Any] = {"id": "new", **dict.fromkeys(_CARD)}
    if record is not None:
        raw = dict(record.raw)
    detail: dict[str, Any] = dict(patch.detail)
    card: dict[str, Any] = dict(detail.pop("contact", {}))
    assert "email" not in card
    sent = {**detail, **card, **card.get("address", {})}
    assert all(len(text) <= 255 for text in sent.values() if isinstance(text, str))
    if "address" in card:
        held = raw.get("address", {})
        nulls: dict[str, Any] = dict.fromkeys(_ADDRESS) if held is None else held
        raw["address"] = {**nulls, **card.pop("address")}
    raw.update(card)
    if "birthday" in detail:
        raw.update(_birthday_parts(detail.pop("birthday")))
    raw.update(detail)
    email = patch.email if record is None else patch.new_email
    if email is not None:
        raw["email"] = email
    if patch.new_owner is not None:
        raw["mainContactOwner"] = patch.new_owner
    for key, change in (
        ("optedOut", patch.email_consent),
        ("optedOutPhone", patch.phone_consent),
    ):
        if change is not ConsentChange.KEEP:
            raw[key] = _OPTED_OUT[change]
    return read_contact(raw)


def _birthday_parts(text: str) -> dict[str, str | None]:
    if not text:
        return dict.fromkeys(_PARTS)
    year, day = (text[:4], text[4:]) if len(text) == len("yyyymmdd") else ("", text)
    parts = (year, day[:2], day[2:])
    return {
        key: part.lstrip("0") or None for key, part in zip(_PARTS, parts, strict=True)
    }


def zoho_applied(
    patch: ZohoPatch, record: ZohoRecord | None, mapper: ZohoMapper
) -> ZohoRecord:
    """Do as Zoho does, and refuse what Zoho refuses."""
    known = mapper.fields[patch.module]
    raw: dict[str, Any] = {"id": "1", **dict.fromkeys(known)}
    if record is not None:
        raw = dict(record.fields)
    for name, value in patch.values.items():
        if name != "Owner" or name in known:
            _check(mapper, known[name], value, is_new=record is None)
        raw[name] = value
    if "Owner" in patch.values:
        user_id = raw["Owner"]["id"]
        (email,) = (email for email, one in USERS.items() if one == user_id)
        raw["Owner"] = {"id": user_id, "name": "A user", "email": email}
    if patch.company is None:
        raw["Account_Name"] = None
    elif patch.company:
        raw["Account_Name"] = {"id": "77", "name": patch.company}
    return read_record(patch.module, raw)


def _check(mapper: ZohoMapper, field: Any, value: object, *, is_new: bool) -> None:
    assert not field.is_read_only
    assert field.can_create if is_new else field.can_update
    if field.is_mandatory:
        assert value is not None
    if isinstance(value, str):
        if field.picklist:
            assert value in field.picklist
        else:
            assert field.length is None or len(value) <= field.length


# --- SALESmanago -----------------------------------------------------------------


@law
@given(salesmanago_mappers, strategies.salesmanago_contacts)
def test_salesmanago_get_put(
    mapper: SalesmanagoMapper, record: SalesmanagoContact
) -> None:
    patch = mapper.patch(mapper.to_contact(record), record)

    assert patch == SalesmanagoPatch(email=patch.email)
    assert patch.is_empty


@law
@given(
    salesmanago_mappers,
    strategies.contacts,
    st.none() | strategies.salesmanago_contacts,
)
def test_salesmanago_put_get(
    mapper: SalesmanagoMapper, wanted: Contact, record: SalesmanagoContact | None
) -> None:
    patch = mapper.patch(wanted, record)

    written = salesmanago_applied(patch, record)
    after = mapper.to_contact(written)
    before = None if record is None else mapper.to_contact(record)
    check_put(
        wanted, before, after, lost={loss.field for loss in patch.losses}, mapper=mapper
    )
    assert mapper.patch(wanted, written).is_empty, "nothing is written twice"


@law
@given(
    salesmanago_mappers,
    strategies.contacts,
    strategies.contacts,
    strategies.salesmanago_contacts,
)
def test_salesmanago_put_put(
    mapper: SalesmanagoMapper,
    first: Contact,
    last: Contact,
    record: SalesmanagoContact,
) -> None:
    between = salesmanago_applied(mapper.patch(first, record), record)
    twice, once = mapper.patch(last, between), mapper.patch(last, record)

    check_same(
        last,
        mapper.to_contact(salesmanago_applied(twice, between)),
        mapper.to_contact(salesmanago_applied(once, record)),
        lost={loss.field for loss in (*twice.losses, *once.losses)},
        normal=mapper.normal,
    )


# --- Zoho --------------------------------------------------------------------------


@law
@given(zoho_mappers(), strategies.zoho_records)
def test_zoho_get_put(mapper: ZohoMapper, record: ZohoRecord) -> None:
    patch = mapper.patch(mapper.to_contact(record), record)

    assert patch == ZohoPatch(record.module)
    assert patch.is_empty


@law
@given(zoho_mappers(), strategies.contacts, st.none() | strategies.zoho_records)
def test_zoho_put_get(
    mapper: ZohoMapper, wanted: Contact, record: ZohoRecord | None
) -> None:
    patch = mapper.patch(wanted, record)

    written = zoho_applied(patch, record, mapper)
    after = mapper.to_contact(written)
    before = None if record is None else mapper.to_contact(record)
    lost = {loss.field for loss in patch.losses}
    check_put(wanted, before, after, lost={*lost, "state"}, mapper=mapper)
    if record is not None:  # what a new record refuses, a present one may take
        assert mapper.patch(wanted, written).is_empty, "nothing is written twice"


@law
@given(
    zoho_mappers(), strategies.contacts, strategies.contacts, strategies.zoho_records
)
def test_zoho_put_put(
    mapper: ZohoMapper, first: Contact, last: Contact, record: ZohoRecord
) -> None:
    between = zoho_applied(mapper.patch(first, record), record, mapper)
    twice, once = mapper.patch(last, between), mapper.patch(last, record)

    check_same(
        last,
        mapper.to_contact(zoho_applied(twice, between, mapper)),
        mapper.to_contact(zoho_applied(once, record, mapper)),
        lost={loss.field for loss in (*twice.losses, *once.losses)},
        normal=mapper.normal,
    )


@law
@given(zoho_mappers(), strategies.contacts, st.sampled_from(ContactState))
def test_zoho_fillers_never_come_back(
    mapper: ZohoMapper, wanted: Contact, state: ContactState
) -> None:
    nameless = evolve(wanted, name=None, company=None, state=state)

    patch = mapper.patch(nameless)
    shown = mapper.to_contact(zoho_applied(patch, None, mapper))

    assert patch.values["Last_Name"] == FILLER
    assert not shown.name
    assert not shown.company
    assert not {"name", "company"} & patch.fields


@law
@given(
    salesmanago_mappers,
    zoho_mappers(),
    strategies.zoho_records,
    strategies.salesmanago_contacts,
)
def test_a_filler_never_reaches_salesmanago(
    salesmanago: SalesmanagoMapper,
    zoho: ZohoMapper,
    record: ZohoRecord,
    card: SalesmanagoContact,
) -> None:
    shown = zoho.to_contact(record)

    patch = salesmanago.patch(shown, card)

    sent = patch.detail.get("contact", {})
    assert isinstance(sent, dict)
    assert sent.get("name") != FILLER
    assert sent.get("company") != FILLER


# --- what the laws say ---------------------------------------------------------------


def check_put(
    wanted: Contact,
    before: Contact | None,
    after: Contact,
    *,
    lost: set[str],
    mapper: SalesmanagoMapper | ZohoMapper,
) -> None:
    """Check that what was wanted is shown, and that all else is as it was."""
    shown = view(after, mapper.normal)
    asked = view(wanted, mapper.normal)
    for name, form in asked.items():
        if name not in lost:
            assert shown.get(name) == form, name
    if before is None:
        return
    present: dict[str, FieldValue] = before.observed()
    now = after.observed()
    for name in FIELDS:
        if name in lost or name not in asked:
            assert now.get(name) == present.get(name), name
            assert (name in now) == (name in present), name


def check_same(
    wanted: Contact,
    one: Contact,
    other: Contact,
    *,
    lost: set[str],
    normal: NormalForms,
) -> None:
    """Check that two ways led to the same."""
    here, there = view(one, normal), view(other, normal)
    for name in set(wanted.observed()) - lost:
        assert here.get(name) == there.get(name), name
