"""Reading contact cards; the answers imitate ``contact/list`` and ``basic``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from crmbridge.contact import NOT_OBSERVED
from crmbridge.errors import MalformedReplyError
from crmbridge.salesmanago.records import (
    SalesmanagoAddress,
    SalesmanagoContact,
    read_contact,
)

BASIC: dict[str, Any] = {
    "name": "Jan",
    "email": "jan@example.com",
    "phone": "+48123123123",
    "fax": None,
    "score": 90,
    "state": "PROSPECT",
    "optedOut": False,
    "optedOutPhone": False,
    "deleted": False,
    "invalid": False,
    "company": None,
    "externalId": "152631",
    "address": None,
    "contactId": "0b7c5a52-0000-11f0-8000-000000000001",
    "birthdayYear": "1984",
    "birthdayMonth": "8",
    "birthdayDay": 4,
    "modifiedOn": 1672327453000,
    "createdOn": 1672133817000,
    "lastVisit": None,
}


def test_basic_data_are_read() -> None:
    contact = read_contact(BASIC)

    assert contact == SalesmanagoContact(
        id="0b7c5a52-0000-11f0-8000-000000000001",
        raw=BASIC,
        address=None,
        email="jan@example.com",
        name="Jan",
        phone="+48123123123",
        fax=None,
        company=None,
        external_id="152631",
        state="PROSPECT",
        opted_out=False,
        opted_out_phone=False,
        is_deleted=False,
        is_invalid=False,
        birthday_year="1984",
        birthday_month="8",
        birthday_day=4,
        modified_on=1672327453000,
        created_on=1672133817000,
    )


def test_missing_keys_are_not_observed() -> None:
    contact = read_contact({"id": "1"})

    assert contact == SalesmanagoContact("1", {"id": "1"})
    assert contact.province is NOT_OBSERVED
    assert contact.modified_at is None


def test_unknown_keys_are_kept() -> None:
    assert read_contact(BASIC).extra == {"score": 90, "lastVisit": None}


def test_an_address_may_hold_some_parts() -> None:
    contact = read_contact({"id": "1", "address": {"city": "Bielsko", "country": None}})

    assert contact.address == SalesmanagoAddress(city="Bielsko", country=None)


def test_times_are_instants_in_utc() -> None:
    contact = read_contact(BASIC)

    assert contact.modified_at == datetime(2022, 12, 29, 15, 24, 13, tzinfo=UTC)
    assert contact.created_at == datetime(2022, 12, 27, 9, 36, 57, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"contactId": None}, "id"),
        ({"contactId": 7}, "id"),
        ({"email": 7}, "email"),
        ({"phone": {"secret": "x"}}, "phone"),
        ({"optedOut": "false"}, "optedOut"),
        ({"optedOut": 0}, "optedOut"),
        ({"modifiedOn": "2022"}, "modifiedOn"),
        ({"modifiedOn": True}, "modifiedOn"),
        ({"birthdayDay": 4.5}, "birthdayDay"),
        ({"address": "Main 1"}, "address"),
        ({"address": {"zipCode": 43305}}, "zipCode"),
    ],
)
def test_a_wrong_type_is_named_and_never_shown(
    changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(MalformedReplyError, match=f"whose {field} has") as caught:
        read_contact({**BASIC, **changes})

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("raw", [None, [], "contact"])
def test_what_is_no_object_is_refused(raw: object) -> None:
    with pytest.raises(MalformedReplyError):
        read_contact(raw)


def test_a_time_outside_the_calendar_is_refused() -> None:
    contact = read_contact({"id": "1", "modifiedOn": 10**20})

    with pytest.raises(MalformedReplyError):
        _ = contact.modified_at


def test_repr_shows_no_personal_datum() -> None:
    assert repr(read_contact(BASIC)) == (
        "SalesmanagoContact(id='0b7c5a52-0000-11f0-8000-000000000001')"
    )
