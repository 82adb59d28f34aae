"""Questions in COQL without a service: what is sent, and answers that go wrong."""

from __future__ import annotations

from typing import Any

import pytest

from crmbridge._steps import Call, Reply, Request
from crmbridge.errors import InvalidInputError, MalformedReplyError, RefusedError
from crmbridge.zoho._learned import LARGE, SMALL, Learned
from crmbridge.zoho._queries import find_by, query_page, rows_page
from crmbridge.zoho.coql import Condition, Select, equals
from crmbridge.zoho.results import QueryPage
from tests.unit.zoho.script import CONFIG, Script, answer, fault

NOON, ONE = "2026-01-05T12:00:00+01:00", "2026-01-05T13:00:00+01:00"


def rows(*some: dict[str, Any], has_more: bool = False) -> Reply:
    """Make the answer to a question."""
    info = {"count": len(some), "more_records": has_more}
    return answer({"data": list(some), "info": info})


def texts(script: Script) -> list[str]:
    """Give the questions that were sent."""
    return [request.json["select_query"] for request in script.requests]


def page(*names: str, learned: Learned | None = None) -> Call[QueryPage]:
    """Read the first page above 10."""
    return rows_page(
        CONFIG,
        "Leads",
        fields=names,
        where=None,
        above="10",
        learned=learned or Learned(),
    )


def test_a_question_is_sent_as_one_complex_request() -> None:
    script = Script([rows({"id": "7"})])

    found = script.run(query_page(CONFIG, Select("Leads", ["Email"], limit=1001)))

    request = script.requests[0]
    assert [record.id for record in found.records] == ["7"]
    assert (request.method, request.url) == (
        "POST",
        "https://www.zohoapis.eu/crm/v8/coql",
    )
    assert request.json == {
        "select_query": "select id, Email from Leads where id is not null limit 1001"
    }
    assert (request.credits, request.is_complex) == (3, True)


def test_a_question_is_repeated_after_a_failure() -> None:
    script = Script([Reply(503), rows({"id": "7"})])

    found = script.run(query_page(CONFIG, Select("Leads", ["Email"])))

    assert len(found.records) == 1


def test_a_reading_asks_above_the_last_id() -> None:
    script = Script([rows({"id": "11"}, {"id": "100"}, has_more=True)])

    found = script.run(page("Email"))

    assert texts(script) == [
        "select id, Email from Leads where id > '10' order by id asc limit 2000"
    ]
    assert found.next_id == "100"


@pytest.mark.parametrize(
    "ids", [("12", "11"), ("11", "11"), ("10",), ("9",), ("11", None), ("11", "x")]
)
def test_rows_that_do_not_rise_end_the_reading(ids: tuple[str | None, ...]) -> None:
    script = Script([rows(*({"id": record_id} for record_id in ids), has_more=True)])

    with pytest.raises(MalformedReplyError, match="order of their ids"):
        script.run(page("Email"))


NAMES = [f"F{number}" for number in range(60)]


def in_groups(*, first: list[Any], second: list[Reply]) -> Script:
    """Answer a reading of 60 fields within the small limits."""
    return Script([rows(*first), *second])


def test_groups_of_fields_are_joined_by_id() -> None:
    script = in_groups(
        first=[
            {"id": "11", "F0": "a", "Modified_Time": NOON},
            {"id": "12", "F0": "b", "Modified_Time": NOON},
        ],
        second=[
            rows(
                {"id": "11", "F59": "c", "Modified_Time": NOON},
                {"id": "12", "F59": "d", "Modified_Time": ONE},
            )
        ],
    )

    found = script.run(page(*NAMES, learned=Learned(SMALL)))

    first, second = texts(script)
    assert (first.count(","), second.count(",")) == (49, 13)
    assert "id between '11' and '12'" in second
    assert [r.fields["F0"] for r in found.records] == ["a", "b"]
    assert [r.fields["F59"] for r in found.records] == ["c", "d"]
    # The second one was changed between the answers: the earlier time is told.
    assert [r.modified_time for r in found.records] == [NOON, NOON]


def test_a_record_that_went_away_between_the_groups_is_left_out() -> None:
    script = in_groups(
        first=[{"id": "11"}, {"id": "12"}], second=[rows({"id": "12", "F59": "d"})]
    )

    found = script.run(page(*NAMES, learned=Learned(SMALL)))

    assert [record.id for record in found.records] == ["12"]


def test_a_group_is_read_to_its_end_when_records_came_between() -> None:
    script = in_groups(
        first=[{"id": "11"}, {"id": "15"}],
        second=[
            rows({"id": "11", "F59": "c"}, {"id": "12", "F59": "x"}, has_more=True),
            rows({"id": "15", "F59": "d"}),
        ],
    )

    found = script.run(page(*NAMES, learned=Learned(SMALL)))

    assert [r.fields["F59"] for r in found.records] == ["c", "d"]
    assert "id between '13' and '15'" in texts(script)[2]


def test_a_refusal_that_small_limits_do_not_help_teaches_nothing() -> None:
    learned = Learned()
    script = Script([answer(fault("LIMIT_EXCEEDED"), 400)] * 2)

    with pytest.raises(RefusedError):
        script.run(page("Email", learned=learned))

    assert learned.limits == LARGE


def test_limits_that_helped_are_kept() -> None:
    learned = Learned()
    script = Script([answer(fault("LIMIT_EXCEEDED"), 400), rows({"id": "11"})])

    script.run(page("Email", learned=learned))

    assert learned.limits == SMALL
    assert [text.rpartition(" ")[2] for text in texts(script)] == ["2000", "200"]


def test_another_refusal_is_not_tried_again() -> None:
    script = Script([answer(fault("INVALID_QUERY"), 400)])

    with pytest.raises(RefusedError):
        script.run(page("Email"))


def test_what_is_found_is_compared_again() -> None:
    def fuzzy(_: Request) -> Reply:
        emails = ["ann@x.com", "Ann@X.com", "joann@x.com", " ann@x.com", None]
        return rows(*({"id": str(n), "Email": e} for n, e in enumerate(emails, 1)))

    script = Script([fuzzy])
    found = script.run(
        find_by(CONFIG, "Leads", "Email", ["ANN@x.com"], fields=[], learned=Learned())
    )

    assert [record.id for record in found["ANN@x.com"]] == ["1", "2"]
    assert "Email in ('ANN@x.com', 'ann@x.com')" in texts(script)[0]


def test_sharp_s_is_not_taken_for_two() -> None:
    script = Script([rows({"id": "1", "City": "Strasse"})])

    found = script.run(
        find_by(CONFIG, "Leads", "City", ["Straße"], fields=[], learned=Learned())
    )

    assert found == {"Straße": ()}


def test_values_stay_out_of_errors() -> None:
    script = Script([answer(fault("SYNTAX_ERROR", near="ann@x.com"), 400)])
    select = Select("Leads", ["Email"], where=equals("Email", "ann@x.com"))

    with pytest.raises(RefusedError) as caught:
        script.run(query_page(CONFIG, select))

    assert "ann@" not in f"{caught.value!s} {caught.value!r}"
    assert "ann@" not in repr(script.requests[0])


def test_what_a_backslash_means_is_asked_before_all_values() -> None:
    values = [*map(str, range(100)), "a\\b"]
    script = Script([rows({"id": "1"}), rows(), rows({"id": "7", "City": "a\\b"})])

    found = script.run(
        find_by(CONFIG, "Leads", "City", values, fields=[], learned=Learned())
    )

    assert texts(script)[0] == "select id from Leads where City = '\\' limit 1"
    assert [record.id for record in found["a\\b"]] == ["7"]


def test_records_of_several_answers_come_in_the_order_of_their_ids() -> None:
    values = ["x", *(f"A{number}" for number in range(50))]
    split = "A49"  # asked for as it is in the first question, in small in the second
    script = Script(
        [rows({"id": "100", "City": split}), rows({"id": "99", "City": split.lower()})]
    )

    found = script.run(
        find_by(CONFIG, "Leads", "City", values, fields=[], learned=Learned())
    )

    assert [record.id for record in found[split]] == ["99", "100"]


def test_a_reading_takes_as_many_conditions_as_fit_with_its_own() -> None:
    where = equals("City", "Ustka")
    for _ in range(23):
        where |= equals("City", "Ustka")
    script = Script([rows({"id": "11"})])

    def reading(condition: Condition) -> Call[QueryPage]:
        return rows_page(
            CONFIG,
            "Leads",
            fields=["City"],
            where=condition,
            above="0",
            learned=Learned(),
        )

    script.run(reading(where))
    with pytest.raises(InvalidInputError, match="25 conditions"):
        script.run(reading(where | equals("City", "Ustka")))

    assert len(script.requests) == 1
