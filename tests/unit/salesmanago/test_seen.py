"""What was given already, remembered exactly and in bounded memory."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmbridge.salesmanago._seen import SeenIds

TEXTS = st.one_of(
    st.uuids().map(str),
    st.integers(0, 40).map(lambda number: str(uuid.UUID(int=number))),
    st.integers(0, 40).map(lambda number: str(uuid.UUID(int=number << 64))),
    st.text(max_size=3),
)


@given(st.lists(TEXTS, max_size=200))
def test_it_knows_exactly_what_was_added(texts: list[str]) -> None:
    seen, known = SeenIds(), set[str]()

    for text in texts:
        assert seen.add(text) is (text not in known)
        known.add(text)


def test_it_forgets_only_what_was_added_long_ago() -> None:
    texts = [str(uuid.UUID(int=number * 7919 << 40)) for number in range(60_000)]
    seen = SeenIds(tables=2)

    added = [seen.add(text) for text in texts]

    assert all(added)
    assert not any(map(seen.add, texts[-25_000:]))
    assert seen.add(texts[0])


@pytest.mark.parametrize("text", ["", "x" * 32, "ż" * 32, "1_2" + "0" * 29, "-" * 40])
def test_an_id_of_another_form_is_kept_as_it_is(text: str) -> None:
    seen = SeenIds()

    assert seen.add(text)
    assert not seen.add(text)
    assert seen.add(text + "!")
