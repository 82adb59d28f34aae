"""Whether a contact reads as it was written."""

from __future__ import annotations

from typing import Any

import pytest

from crmbridge.salesmanago import ConsentChange, ContactDetails, read_contact
from crmbridge.salesmanago._readback import reads_as, written_contact

CARD: dict[str, Any] = {
    "id": "i",
    "email": "ann@x.pl",
    "name": "Ann",
    "phone": "+48123",
    "state": "CUSTOMER",
    "externalId": None,
    "address": {"city": "Kielce", "country": "pl", "zipCode": None},
    "province": "Slask",
    "birthdayYear": "1984",
    "birthdayMonth": "8",
    "birthdayDay": 4,
    "optedOut": True,
    "optedOutPhone": False,
    "deleted": False,
    "contactTags": [{"tag": "VIP"}],
    "properties": [{"name": "a", "value": "1"}],
}


def details(contact: dict[str, object] | None = None, **more: Any) -> ContactDetails:
    """Give what was to be written about Ann."""
    return ContactDetails("Ann@x.pl", contact or {}, **more)


AS_WRITTEN = [
    details(),
    details({"name": "Ann ", "phone": "+48 123", "state": "CLIENT"}),
    details({"externalId": "", "address": {"country": "PL", "zipCode": ""}}),
    details(province="Slask", birthday="19840804"),
    details(tags=("vip",), remove_tags=("old",)),
    details(properties={"a": "1", "b": ""}),
    details(email_consent=ConsentChange.OUT, phone_consent=ConsentChange.IN),
]
OTHERWISE = [
    details({"name": "ann"}),
    details({"phone": "+48124"}),
    details({"name": ""}),
    details({"address": {"city": "Lublin"}}),
    details({"unheard": "of"}),
    details(province=""),
    details(birthday="0804"),
    details(birthday="19840805"),
    details(tags=("vip", "new")),
    details(remove_tags=("vip",)),
    details(properties={"a": "2"}),
    details(properties={"b": "1"}),
    details(email_consent=ConsentChange.IN),
    details(phone_consent=ConsentChange.OUT),
]


@pytest.mark.parametrize("said", AS_WRITTEN)
def test_what_reads_as_said_is_written(said: ContactDetails) -> None:
    assert reads_as(read_contact(CARD), said, double_opt_in=False)


@pytest.mark.parametrize("said", OTHERWISE)
def test_what_reads_otherwise_is_not_written(said: ContactDetails) -> None:
    assert not reads_as(read_contact(CARD), said, double_opt_in=False)


def test_what_a_read_does_not_show_is_not_written() -> None:
    card = read_contact({"id": "i", "email": "ann@x.pl"})

    assert not any(
        reads_as(card, said, double_opt_in=False)
        for said in AS_WRITTEN[1:]
        if said != AS_WRITTEN[2]
    )


def test_a_deleted_contact_is_not_written() -> None:
    card = read_contact({**CARD, "deleted": True})

    assert not reads_as(card, details(), double_opt_in=False)


def test_an_opt_in_that_waits_for_a_click_is_not_compared() -> None:
    said = details(email_consent=ConsentChange.IN)

    assert reads_as(read_contact(CARD), said, double_opt_in=True)


def test_a_rename_is_done_when_nobody_has_the_old_address() -> None:
    said = ContactDetails("old@x.pl", new_email="ann@x.pl")
    new = read_contact(CARD)
    old = read_contact({"id": "o", "email": "Old@x.pl"})

    assert written_contact(said, [new], double_opt_in=False) == new
    assert written_contact(said, [new, old], double_opt_in=False) is None
    assert written_contact(said, [old], double_opt_in=False) is None
