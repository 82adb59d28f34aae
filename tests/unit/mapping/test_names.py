"""How a full name becomes two parts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmbridge.mapping.names import joined, splits


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Kowalski", (None, "Kowalski")),
        ("Jan Kowalski", ("Jan", "Kowalski")),
        ("Anna Maria Nowak", ("Anna Maria", "Nowak")),
        (" Jan   Kowalski ", ("Jan", "Kowalski")),
    ],
)
def test_the_last_word_is_the_last_name(
    name: str, parts: tuple[str | None, str]
) -> None:
    assert next(splits(name)) == parts


def test_a_present_last_name_stays_whole() -> None:
    split = next(splits("Eva van der Berg", first="Anna", last="van der Berg"))

    assert split == ("Eva", "van der Berg")


def test_a_present_first_name_stays_whole() -> None:
    split = next(splits("Anna Maria de Souza", first="Anna Maria", last="Nowak"))

    assert split == ("Anna Maria", "de Souza")


def test_a_present_first_name_never_takes_all() -> None:
    assert next(splits("Anna Maria", first="Anna Maria", last="Nowak")) == (
        "Anna",
        "Maria",
    )


words = st.text(alphabet="abc ", max_size=8)


@pytest.mark.slow
@settings(max_examples=2000)
@given(words.filter(str.strip), st.none() | words, st.none() | words)
def test_every_split_joins_to_the_name(
    name: str, first: str | None, last: str | None
) -> None:
    for one, other in splits(name, first=first, last=last):
        assert other
        assert joined(one, other) == " ".join(name.split())


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        ("Jan", "Kos", "Jan Kos"),
        (None, "Kos", "Kos"),
        ("Jan", None, "Jan"),
        (None, None, None),
    ],
)
def test_two_parts_join_by_one_blank(
    first: str | None, last: str | None, name: str | None
) -> None:
    assert joined(first, last) == name
