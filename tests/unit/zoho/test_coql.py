"""Questions in COQL as text: what is written, what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmbridge.errors import InvalidInputError
from crmbridge.testing._zoho.answers import Refused
from crmbridge.testing._zoho.coql_grammar import Both, Escapes, Test, Where, parse
from crmbridge.zoho.coql import (
    Backslash,
    Comparison,
    Condition,
    Pair,
    Select,
    at_least,
    at_most,
    between,
    contains,
    descending,
    ends_with,
    equals,
    greater,
    is_not_null,
    is_null,
    less,
    none_of,
    not_equals,
    one_of,
    starts_with,
)

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=timezone(timedelta(hours=1)))


def where(condition: Condition | None, **more: Any) -> str:
    """Write a question with a condition; give what follows ``where``."""
    text = Select("Leads", ["id"], where=condition, **more).text()
    return text.partition(" where ")[2]


# --- what is written ---------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (equals("City", "Ustka"), "City = 'Ustka'"),
        (equals("City", "it's"), "City = 'it''s'"),
        (equals("City", "a+b\nc"), "City = 'a+b\nc'"),
        (equals("Converted__s", value=False), "Converted__s = false"),
        (not_equals("Amount", 5), "Amount != 5"),
        (less("Amount", -1.5), "Amount < -1.5"),
        (at_most("Amount", 1e-7), "Amount <= 0.0000001"),
        (greater("Birth", date(2026, 1, 5)), "Birth > '2026-01-05'"),
        (at_least("Created_Time", NOON), "Created_Time >= '2026-01-05T12:00:00+01:00'"),
        (between("Amount", 1, 2), "Amount between 1 and 2"),
        (one_of("City", ["a", "b"]), "City in ('a', 'b')"),
        (none_of("City", ["a"]), "City not in ('a')"),
        (starts_with("City", "a"), "City like 'a%'"),
        (ends_with("City", "a"), "City like '%a'"),
        (contains("City", "a"), "City like '%a%'"),
        (is_null("City"), "City is null"),
        (is_not_null("Owner.email"), "Owner.email is not null"),
        (equals("External", "x"), "'External' = 'x'"),
        (equals("Owner.Order", "x"), "'Owner.Order' = 'x'"),
        (None, "id is not null"),
    ],
)
def test_a_condition_is_written_as_coql_wants_it(
    condition: Condition | None, text: str
) -> None:
    assert where(condition) == f"{text} limit 200"


def test_conditions_are_bracketed_in_pairs() -> None:
    a, b, c = is_null("A"), is_null("B"), is_null("C")

    text = where(a & b & c | (a | b))

    assert text == (
        "(((A is null and B is null) and C is null) or (A is null or B is null)) "
        "limit 200"
    )


def test_the_rest_of_a_question_follows() -> None:
    text = Select(
        "Leads",
        ["Email", "id"],
        order_by=["City", descending("id")],
        limit=10,
        offset=20,
    ).text()

    assert text == (
        "select id, Email from Leads where id is not null "
        "order by City asc, id desc limit 10 offset 20"
    )


def test_a_backslash_is_written_as_it_is_said_to_be_read() -> None:
    select = Select("Leads", ["id"], where=equals("City", "a\\b"))

    plain = select.text(Backslash.PLAIN)
    escaped = select.text(Backslash.ESCAPES)

    assert "'a\\b'" in plain
    assert "'a\\\\b'" in escaped


def test_a_backslash_that_nobody_explains_is_refused() -> None:
    select = Select("Leads", ["id"], where=one_of("City", ["a", "\\"]))

    assert select.field_with_backslash == "City"
    with pytest.raises(InvalidInputError, match="backslash"):
        select.text()


def test_values_stay_out_of_what_is_logged() -> None:
    select = Select("Leads", ["id"], where=equals("Email", "ann@example.com"))

    assert "ann@" not in repr(select)


# --- what is refused ---------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: equals("A", datetime(2026, 1, 5)), "A"),  # noqa: DTZ001 - the point
        (lambda: equals("A", NOON.replace(microsecond=1)), "A"),
        (lambda: equals("A", float("nan")), "A"),
        (lambda: equals("A", float("inf")), "A"),
        (lambda: equals("A", "\ud800"), "A"),
        (lambda: equals("A", None), "A"),  # type: ignore[arg-type]  # the point
        (lambda: equals("A", b"x"), "A"),  # type: ignore[arg-type]  # the point
        (lambda: equals("A b", 1), "field"),
        (lambda: equals("A'", 1), "field"),
        (lambda: equals("A\n", 1), "field"),
        (lambda: equals("Ä", 1), "field"),
        (lambda: equals("A.", 1), "field"),
        (lambda: equals("", 1), "field"),
        (lambda: one_of("A", []), "values"),
        (lambda: one_of("A", range(101)), "values"),
        (lambda: one_of("A", "text"), "values"),
        (lambda: contains("A", ""), "text"),
        (lambda: starts_with("A", "50%"), "text"),
        (lambda: Select("Leads; x", ["id"]), "module"),
        (lambda: Select("Leads\n", ["id"]), "module"),
        (lambda: Select("Leads", "Email"), "fields"),
        (lambda: Select("Leads", []), "fields"),
        (lambda: Select("Leads", ["A", "A"]), "fields"),
        (lambda: Select("Leads", ["A b"]), "field"),
        (lambda: Select("Leads", [f"F{n}" for n in range(500)]), "fields"),
        (lambda: Select("Leads", ["A"], order_by="A"), "order_by"),
        (lambda: Select("Leads", ["A"], order_by=["A", descending("A")]), "order_by"),
        (lambda: Select("Leads", ["A"], limit=0), "limit"),
        (lambda: Select("Leads", ["A"], limit=2001), "limit"),
        (lambda: Select("Leads", ["A"], offset=-1), "offset"),
        (lambda: Select("Leads", ["A"], limit=1, offset=100_000), "offset"),
        (lambda: Select("Leads", ["A"], where=many(26)), "where"),
        (lambda: Select("Leads", ["A"], where=many(5000)), "where"),
        (lambda: Select("Leads", ["A"], where=Condition()), "where"),
    ],
)
def test_what_has_no_form_is_refused(make: Any, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        make()

    assert caught.value.field == field


def many(count: int) -> Condition:
    """Join so many conditions."""
    joined: Condition = is_null("A")
    for _ in range(count - 1):
        joined &= is_null("A")
    return joined


def test_as_much_as_zoho_takes_is_taken() -> None:
    fields = [f"F{n}" for n in range(499)]

    select = Select("Leads", fields, where=many(25), limit=2000, offset=98_000)

    assert parse(select.text()).names == ("id", *fields)


# --- what the other side reads -----------------------------------------------

NAMES = st.sampled_from(["City", "Owner.email", "External", "Order", "Value", "Z9"])
# Signs that mean something to COQL come often.
TEXTS = st.text(
    st.one_of(
        st.sampled_from("'\"\\%(),+\n\t ="),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=12,
)
TIMES = st.datetimes(
    min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1),  # noqa: DTZ001 - st adds a zone
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-3, minutes=-30))]),
).map(lambda at: at.replace(microsecond=0))  # fmt: skip
VALUES = st.one_of(
    TEXTS,
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.dates(),
    TIMES,
)
TESTS = st.one_of(
    st.builds(equals, NAMES, VALUES),
    st.builds(not_equals, NAMES, VALUES),
    st.builds(less, NAMES, VALUES),
    st.builds(at_most, NAMES, VALUES),
    st.builds(greater, NAMES, VALUES),
    st.builds(at_least, NAMES, VALUES),
    st.builds(between, NAMES, VALUES, VALUES),
    st.builds(one_of, NAMES, st.lists(VALUES, min_size=1, max_size=4)),
    st.builds(none_of, NAMES, st.lists(VALUES, min_size=1, max_size=4)),
    st.builds(is_null, NAMES),
    st.builds(is_not_null, NAMES),
)
CONDITIONS = st.recursive(
    TESTS,
    lambda inner: st.builds(Pair, inner, st.sampled_from(["and", "or"]), inner),
    max_leaves=8,
)


def read(value: object) -> object:
    """Give what the other side should read of a value."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


def told(condition: Condition) -> Where:
    """Give what the other side should read of a condition."""
    if isinstance(condition, Pair):
        return Both(told(condition.left), condition.word, told(condition.right))
    assert isinstance(condition, Comparison)
    values: Any = tuple(map(read, condition.values))
    return Test(condition.name, condition.operator, values)


def texts_of(condition: Condition) -> str:
    """Give all texts of a condition."""
    if isinstance(condition, Pair):
        return texts_of(condition.left) + texts_of(condition.right)
    assert isinstance(condition, Comparison)
    return "".join(value for value in condition.values if isinstance(value, str))


@given(CONDITIONS)
def test_every_value_is_read_back_as_it_was_put_in(condition: Condition) -> None:
    select = Select("Leads", ["Email"], where=condition, order_by=["id"], limit=7)

    asking = parse(select.text(Backslash.PLAIN), "doubled")

    assert asking.where == told(condition)
    assert (asking.names, asking.module) == (("id", "Email"), "Leads")
    assert (asking.order, asking.limit, asking.offset) == ((("id", False),), 7, 0)


@given(CONDITIONS, st.sampled_from(["backslash", "both"]))
def test_no_value_is_read_otherwise_where_a_backslash_escapes(
    condition: Condition, escapes: Escapes
) -> None:
    text = Select("Leads", ["id"], where=condition).text(Backslash.ESCAPES)
    has_quote = "'" in texts_of(condition)

    try:
        found: object = parse(text, escapes).where
    except Refused as refused:
        found = refused.body["code"]

    if escapes == "backslash" and has_quote:
        assert found == "SYNTAX_ERROR"
    else:
        assert found == told(condition)


@given(CONDITIONS, st.sampled_from(["doubled", "backslash", "both"]))
def test_without_a_backslash_no_reader_is_misled(
    condition: Condition, escapes: Escapes
) -> None:
    if "\\" in texts_of(condition):
        return
    text = Select("Leads", ["id"], where=condition).text()

    try:
        found: object = parse(text, escapes).where
    except Refused as refused:
        found = refused.body["code"]

    assert found == told(condition) or (
        found == "SYNTAX_ERROR" and escapes == "backslash"
    )
