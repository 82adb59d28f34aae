"""The made-up people: the same for the same seed, and with every difficulty."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from crmbridge.testing import SalesmanagoFake, ZohoFake, populate

PEOPLE = 200


@pytest.fixture
def salesmanago() -> SalesmanagoFake:
    return SalesmanagoFake()


@pytest.fixture
def zoho() -> ZohoFake:
    return ZohoFake()


@pytest.fixture
def kinds(salesmanago: SalesmanagoFake, zoho: ZohoFake) -> dict[str, tuple[str, ...]]:
    return populate(salesmanago, zoho, people=PEOPLE, seed=3)


def _zoho_emails(zoho: ZohoFake, module: str) -> Counter[str]:
    records = zoho.people.records(module)
    return Counter((record["Email"] or "").lower() for record in records)


def test_one_seed_makes_the_same_people(
    salesmanago: SalesmanagoFake, zoho: ZohoFake, kinds: dict[str, tuple[str, ...]]
) -> None:
    again, zoho_again = SalesmanagoFake(), ZohoFake()

    assert populate(again, zoho_again, people=PEOPLE, seed=3) == kinds
    assert again.people.contacts() == salesmanago.people.contacts()
    for module in ("Leads", "Contacts"):
        assert zoho_again.people.records(module) == zoho.people.records(module)


def test_another_seed_makes_other_people(
    salesmanago: SalesmanagoFake, kinds: dict[str, tuple[str, ...]]
) -> None:
    other = SalesmanagoFake()
    populate(other, ZohoFake(), people=PEOPLE, seed=4)

    assert other.people.contacts() != salesmanago.people.contacts()


def test_everybody_has_a_kind_and_an_address_of_their_own(
    kinds: dict[str, tuple[str, ...]],
) -> None:
    emails = [email for some in kinds.values() for email in some]

    assert (len(emails), len(set(emails))) == (PEOPLE, PEOPLE)


def test_twelve_people_show_every_kind() -> None:
    kinds = populate(SalesmanagoFake(), ZohoFake(), people=12)

    assert {len(emails) for emails in kinds.values()} == {1}
    assert len(kinds) == 12


def test_those_on_both_sides_are_on_both_sides(
    salesmanago: SalesmanagoFake, zoho: ZohoFake, kinds: dict[str, tuple[str, ...]]
) -> None:
    leads, contacts = _zoho_emails(zoho, "Leads"), _zoho_emails(zoho, "Contacts")

    assert all(leads[email] == 1 for email in kinds["both_prospects"])
    assert all(contacts[email] == 1 for email in kinds["both_clients"])
    for kind in ("both_prospects", "both_clients"):
        assert all(email in salesmanago.people for email in kinds[kind])


def test_duplicates_are_there(
    zoho: ZohoFake, kinds: dict[str, tuple[str, ...]]
) -> None:
    leads, contacts = _zoho_emails(zoho, "Leads"), _zoho_emails(zoho, "Contacts")

    assert all(leads[email] == 2 for email in kinds["two_leads"])
    assert all(
        leads[email] == contacts[email] == 1 for email in kinds["lead_and_contact"]
    )
    assert leads[""] == len(kinds["no_email_in_zoho"])


def test_owners_have_and_lack_counterparts(
    salesmanago: SalesmanagoFake, zoho: ZohoFake, kinds: dict[str, tuple[str, ...]]
) -> None:
    first, second = set(salesmanago.users), set(zoho.users)

    assert first & second
    assert first - second
    assert second - first


def test_everybody_was_made_in_the_last_six_months(
    salesmanago: SalesmanagoFake, kinds: dict[str, tuple[str, ...]]
) -> None:
    now = salesmanago.clock().at
    oldest = now - timedelta(days=181)

    for card in salesmanago.people.contacts():
        assert oldest.timestamp() < card["createdOn"] / 1000 < now.timestamp()


def test_filling_counts_as_no_request(
    salesmanago: SalesmanagoFake, zoho: ZohoFake, kinds: dict[str, tuple[str, ...]]
) -> None:
    assert (salesmanago.writes, zoho.writes) == (0, 0)
    assert not salesmanago.requests
    assert not zoho.requests
