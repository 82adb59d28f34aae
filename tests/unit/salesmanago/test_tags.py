"""Tags: one form for all spellings."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crmbridge.contact import NOT_OBSERVED
from crmbridge.errors import InvalidInputError, MalformedReplyError, TooLongError
from crmbridge.mapping import NormalForms
from crmbridge.salesmanago import (
    ContactDetails,
    ContactTag,
    normal_tags,
    read_contact,
)

normal = NormalForms()


@pytest.mark.parametrize(
    ("spelt", "stored"),
    [
        ("vip", ("VIP",)),
        ("Żółw", ("ZOLW",)),
        ("Straße", ("STRASSE",)),
        ("smørrebrød", ("SMORREBROD",)),
        ("  a  b ", ("A__B",)),
        ("a!b#c$d&e*f\"g'h", ("A_B_C_D_E_F_G_H",)),
        ("a-(b)[c]{d}_", ("A-(B)[C]{D}_",)),
        ("a, b,,A", ("A", "B")),
        (" , ", ()),
        ("ª", ("A",)),
        ("a.b@c", ("A.B@C",)),
    ],
)
def test_a_tag_has_one_form(spelt: str, stored: tuple[str, ...]) -> None:
    assert normal_tags([spelt]) == stored


@given(st.lists(st.text()))
@example(["ŉ", "ǰ", "ﬃ", "İ", "ẖ̣"])
def test_the_form_of_a_tag_is_its_own_form(tags: list[str]) -> None:
    stored = normal_tags(tags)

    assert normal_tags(stored) == stored
    assert len(set(stored)) == len(stored)


@given(st.text("aąłÉß #!.x-_,", min_size=1))
def test_spellings_of_a_tag_compare_as_the_same(tag: str) -> None:
    assert normal("tag", tag) == normal("tag", tag.upper())
    assert normal("tag", tag) == normal("tag", f" {tag.swapcase()} ")
    assert normal("tag", tag) == normal("tag", normal("tag", tag) or "")


@given(st.lists(st.text(min_size=1), max_size=3))
def test_what_is_sent_is_only_what_a_tag_may_hold(tags: list[str]) -> None:
    try:
        sent = ContactDetails("a@x.pl", tags=tuple(tags)).body().get("tags", [])
    except InvalidInputError:
        return

    assert all(sign.isalnum() or sign in "-([{)]}_" for tag in sent for sign in tag)


@pytest.mark.parametrize("added", [("a.b",), ("@",), (" ",), (",",), ("x" * 256,)])
def test_a_tag_that_cannot_be_stored_is_refused(added: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        ContactDetails("a@x.pl", tags=added)

    assert "tags" in str(caught.value.field)


def test_a_tag_with_any_sign_can_be_removed() -> None:
    body = ContactDetails("a@x.pl", remove_tags=("Old.News",)).body()

    assert body["removeTags"] == ["OLD.NEWS"]


@pytest.mark.parametrize("removed", ["vip", "VIP ", "x,Vip"])
def test_a_tag_is_never_added_and_removed_at_once(removed: str) -> None:
    with pytest.raises(InvalidInputError, match="at once") as caught:
        ContactDetails("a@x.pl", tags=("Víp",), remove_tags=(removed,))

    assert caught.value.field == "remove_tags"


def test_a_removed_tag_is_checked_too() -> None:
    with pytest.raises(TooLongError) as caught:
        ContactDetails("a@x.pl", remove_tags=("x" * 256,))

    assert caught.value.limit == 255
    assert "remove_tags" in str(caught.value)


def test_tags_of_a_contact_are_read() -> None:
    row = {"tag": "VIP", "tagName": "VIP", "score": 2, "createdOn": 1487842731000}
    card = read_contact({"id": "i", "contactTags": [row, {"tagName": "OLD"}]})

    assert card.tags == (
        ContactTag("VIP", score=2, created_on=1487842731000),
        ContactTag("OLD"),
    )


@pytest.mark.parametrize(
    ("raw", "read"),
    [({}, NOT_OBSERVED), ({"contactTags": None}, None), ({"contactTags": []}, ())],
)
def test_tags_that_are_not_told_are_not_observed(
    raw: dict[str, Any], read: object
) -> None:
    assert read_contact({"id": "i", **raw}).tags == read


@pytest.mark.parametrize("rows", ["VIP", ["VIP"], [{"tag": 1}], [None]])
def test_tags_of_another_shape_are_malformed(rows: object) -> None:
    card = read_contact({"id": "i", "contactTags": rows})

    with pytest.raises(MalformedReplyError, match="contactTags"):
        _ = card.tags
