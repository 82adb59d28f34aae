"""What is remembered is read back as it was, and holds no values."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from crmbridge.contact import FIELDS
from crmbridge.errors import StoreError
from crmbridge.mapping import NormalForms
from crmbridge.reconcile.digests import Base, Digester
from crmbridge.reconcile.memory import (
    Ambiguity,
    FeedState,
    InboxEntry,
    Link,
    Suppression,
)
from crmbridge.reconcile.records import Ref, SideName

DIGESTER = Digester(NormalForms(), b"k" * 16)
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
CARD = Ref("salesmanago", "contact", "0b7c")
LEAD = Ref("zoho", "Leads", "123/4 ł")

_BASES = st.dictionaries(
    st.sampled_from(FIELDS), st.binary(min_size=8, max_size=8), max_size=len(FIELDS)
)


@given(_BASES, _BASES, st.booleans(), st.booleans())
def test_a_link_is_read_back_as_it_was(
    ours: dict[str, bytes],
    theirs: dict[str, bytes],
    is_tombstone: bool,
    is_followed: bool,
) -> None:
    bases: dict[SideName, Base] = {"salesmanago": ours, "zoho": theirs}
    link = Link(CARD, LEAD, "person", bases, is_tombstone, is_followed)

    assert Link.parse(link.row()) == link


def test_equal_bases_are_kept_once_and_a_link_is_small() -> None:
    base = DIGESTER.base(dict.fromkeys(FIELDS, "value"))
    equal = Link(CARD, LEAD, "person", {"salesmanago": base, "zoho": base})
    other = Link(
        CARD,
        LEAD,
        "person",
        {"salesmanago": base, "zoho": dict(base, city=b"12345678")},
    )

    assert len(equal.row().data) <= 140
    assert len(other.row().data) <= 280


def test_a_row_of_a_newer_version_is_a_typed_error() -> None:
    row = Link(CARD, LEAD, "person", {"salesmanago": {}, "zoho": {}}).row()

    with pytest.raises(StoreError, match="version 9"):
        Link.parse(evolve(row, data=b"\x09" + row.data[1:]))


@pytest.mark.parametrize(
    "entry",
    [
        InboxEntry(CARD),
        InboxEntry(LEAD, 3, {"Email": "ż"}, "person", waits=3),
        InboxEntry(LEAD, 3, is_gone=True),
    ],
)
def test_an_inbox_entry_is_read_back_as_it_was(entry: InboxEntry) -> None:
    assert InboxEntry.parse(entry.row()) == entry


def test_only_an_entry_to_be_read_is_found_as_unread() -> None:
    assert InboxEntry(CARD).row().indexes == {"unread": "salesmanago"}
    assert "unread" not in InboxEntry(CARD, 1, {"id": "x"}).row().indexes
    assert "unread" not in InboxEntry(CARD, 1, is_gone=True).row().indexes


def test_feeds_suppressions_and_ambiguities_are_read_back_as_they_were() -> None:
    feed = FeedState("zoho", "Leads", NOW, NOW, {"page_token": "x"})
    entry = Suppression("p", "email_consent", 4, NOW, "zoho", NOW)
    crowd = Ambiguity("p", (CARD, LEAD))

    assert FeedState.parse("zoho", "Leads", feed.row()) == feed
    assert Suppression.parse(entry.row()) == entry
    assert Ambiguity.parse(crowd.row()) == crowd


def test_digests_depend_on_the_bridges_own_key() -> None:
    other = Digester(NormalForms(), b"x" * 16)

    assert DIGESTER.of("phone", "1") != other.of("phone", "1")
    assert DIGESTER.person("a@b.pl") != other.person("a@b.pl")


def test_all_empty_values_are_one_and_differ_from_any_value() -> None:
    assert DIGESTER.of("phone", None) == DIGESTER.of("phone", " ")
    assert DIGESTER.of("phone", None) != DIGESTER.of("phone", "0")


def test_one_person_has_one_mark_however_the_address_is_written() -> None:
    assert DIGESTER.person("Ann@X.PL ") == DIGESTER.person("ann@x.pl")
    assert DIGESTER.person("a+1@x.pl") != DIGESTER.person("a@x.pl")
    assert DIGESTER.person(None) is None
