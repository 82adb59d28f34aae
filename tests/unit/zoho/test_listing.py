"""Reading a module whole, without HTTP: what a strange service may answer."""

from __future__ import annotations

from typing import Any

import pytest

from crmbridge._steps import Reply, Request
from crmbridge.errors import (
    InvalidInputError,
    MalformedReplyError,
    OutOfReachError,
    RefusedError,
)
from crmbridge.zoho._calls import by_ids, count
from crmbridge.zoho._columns import Column
from crmbridge.zoho._field_groups import field_groups, joined
from crmbridge.zoho._listing import Pager
from crmbridge.zoho.cursors import Reading, RecordsCursor
from crmbridge.zoho.results import RecordsPage
from tests.unit.zoho.script import CONFIG, NOW, Script, answer, fault

LEADS = Reading(module="Leads")


def _page(*ids: str, token: str | None = None, **info: Any) -> Reply:
    rows = [{"id": record_id} for record_id in ids]
    more = {"more_records": token is not None, "next_page_token": token, **info}
    return answer({"data": rows, "info": more})


def _read_all(script: Script, pager: Pager) -> list[RecordsPage]:
    pages = []
    while pager.has_more:
        pages.append(script.run(pager.next_page()))
    return pages


def _ids(pages: list[RecordsPage]) -> list[list[str]]:
    return [[record.id for record in page.records] for page in pages]


def _queries(script: Script) -> list[str]:
    return [
        request.json["select_query"]
        for request in script.requests
        if request.name == "Leads query"
    ]


def test_a_token_that_leads_to_itself_is_no_circle() -> None:
    script = Script(
        [
            _page("9", "8", token="t"),
            _page("7", "6", token="t"),
            answer({"data": [{"id": "5"}], "info": {"more_records": False}}),
            _page("5"),
        ]
    )

    pages = _read_all(script, Pager(CONFIG, LEADS, ["Fax"]))

    assert _ids(pages) == [["9", "8"], ["7", "6"], ["5"]]
    (query,) = _queries(script)
    assert "id < '6'" in query
    assert "order by id desc" in query


def test_a_page_with_nothing_new_ends_what_tokens_can_do() -> None:
    script = Script(
        [
            _page("9", "8", token="t"),
            _page("9", "8", token="u"),
            Reply(204),
        ]
    )

    pages = _read_all(script, Pager(CONFIG, LEADS, ["Fax"]))

    assert _ids(pages) == [["9", "8"], [], []]
    assert "id < '8'" in _queries(script)[0]
    assert pages[-1].cursor is None


def test_ids_that_do_not_fall_are_all_given() -> None:
    script = Script([_page("7", "9", token="t"), _page("8", "6")])

    pages = _read_all(script, Pager(CONFIG, LEADS, ["Fax"]))

    assert _ids(pages) == [["7", "9"], ["8", "6"]]
    assert pages[0].cursor is not None
    assert pages[0].cursor.last_id is None


def test_where_ids_do_not_fall_there_is_no_going_on_by_them() -> None:
    script = Script(
        [_page("7", "9", token="t"), answer(fault("PAGINATION_LIMIT_EXCEEDED"), 400)]
    )
    pager = Pager(CONFIG, LEADS, ["Fax"])
    script.run(pager.next_page())

    with pytest.raises(OutOfReachError) as caught:
        script.run(pager.next_page())

    assert isinstance(caught.value.__cause__, RefusedError)


def test_a_question_that_is_answered_without_progress_is_no_circle() -> None:
    again = answer({"data": [{"id": "8"}], "info": {"more_records": True}})
    script = Script([_page("9", "8", more_records=True), again])
    pager = Pager(CONFIG, LEADS, ["Fax"])
    script.run(pager.next_page())

    with pytest.raises(MalformedReplyError):
        script.run(pager.next_page())


@pytest.mark.parametrize(
    ("code", "details"),
    [("INVALID_DATA", {"param_name": "fields"}), ("LIMIT_EXCEEDED", {})],
)
def test_a_refusal_of_something_else_is_raised(
    code: str, details: dict[str, Any]
) -> None:
    script = Script([_page("9", token="t"), answer(fault(code, **details), 400)])
    pager = Pager(CONFIG, LEADS, ["Fax"])
    script.run(pager.next_page())

    with pytest.raises(RefusedError) as caught:
        script.run(pager.next_page())

    assert caught.value.code == code


def test_a_first_page_that_is_refused_is_an_error() -> None:
    script = Script([answer(fault("INVALID_DATA"), 400)])

    with pytest.raises(RefusedError):
        script.run(Pager(CONFIG, LEADS, ["Fax"]).next_page())


def test_records_read_by_ids_come_in_the_order_of_the_list() -> None:
    rows = [{"id": record_id} for record_id in "876"]
    script = Script([answer({"data": rows, "info": {}}), _page("6", "8", "7")])
    cursor = RecordsCursor(module="Leads", last_id="9")

    pages = _read_all(script, Pager(CONFIG, LEADS, ["Fax"], cursor))

    assert _ids(pages) == [["8", "7", "6"]]


def test_a_query_tells_the_time_and_whether_leads_are_converted() -> None:
    what = Reading(module="Leads", modified_since=NOW)
    script = Script([Reply(204)])
    cursor = RecordsCursor(module="Leads", modified_since=NOW, last_id="9")

    script.run(Pager(CONFIG, what, ["Fax"], cursor).next_page())

    (query,) = _queries(script)
    assert query.startswith("select id, Converted__s from Leads where (id < '9' and ")
    assert "Modified_Time >= '2026-01-05T12:00:00+00:00'" in query
    assert script.requests[0].credits == 3


def test_a_list_costs_one_credit_and_a_custom_view_three() -> None:
    script = Script([_page("9"), _page("9")])

    _read_all(script, Pager(CONFIG, LEADS, ["Fax"]))
    _read_all(script, Pager(CONFIG, Reading(module="Leads", cvid="1"), ["Fax"]))

    asked = [(request.credits, request.is_complex) for request in script.requests]
    assert asked == [(1, False), (3, True)]


MANY = [f"f{number}" for number in range(60)]


def _two_groups(first: Reply, second: Reply, by_id: Reply) -> Script:
    """Answer a page of each group of fields, and reads by id."""

    def answered(request: Request) -> Reply:
        if "ids" in request.query:
            return by_id
        return first if request.query["fields"].startswith("f0,") else second

    return Script([answered] * 3)


@pytest.mark.parametrize(
    ("by_id", "found"), [(Reply(204), ["9", "7"]), (_page("8"), ["9", "8", "7"])]
)
def test_a_record_that_one_group_of_fields_lacks_is_read_by_id(
    by_id: Reply, found: list[str]
) -> None:
    script = _two_groups(_page("9", "8", "7"), _page("9", "7"), by_id)

    pages = _read_all(script, Pager(CONFIG, LEADS, MANY))

    assert _ids(pages) == [found]
    assert script.requests[2].query["ids"] == "8"


def test_a_group_of_fields_that_leads_nowhere_is_no_circle() -> None:
    tokens = iter("abcdefgh")

    def stuck(request: Request) -> Reply:
        is_by_id = "ids" in request.query
        return _page("8") if is_by_id else _page("9", token=next(tokens))

    script = Script([stuck] * 8)

    rows = script.run(Column(LEADS, ["Fax"]).take(CONFIG, ["9", "8"], is_by_id=True))

    assert set(rows) == {"9", "8"}
    assert len(script.requests) == 3


def test_a_group_of_fields_that_is_read_to_its_end_is_not_begun_again() -> None:
    def answered(request: Request) -> Reply:
        if not request.query["fields"].startswith("f0,"):
            return _page("9", "8", "7")
        return _page("7") if "page_token" in request.query else _page("9", token="t")

    script = Script([answered] * 3)

    pages = _read_all(script, Pager(CONFIG, LEADS, MANY))

    assert _ids(pages) == [["9"], ["7"]]


def test_a_group_of_fields_keeps_only_what_comes_next() -> None:
    column = Column(LEADS, ["Fax"])
    script = Script([_page("9", "8", "7", "6")])

    script.run(column.take(CONFIG, ["9", "7"], is_by_id=True))

    assert set(column.take_below(None)) == {"6"}


# --- by ids, counts ----------------------------------------------------------


def test_a_wrong_parameter_is_not_taken_for_an_unknown_id() -> None:
    refusal = answer(fault("INVALID_DATA", param_name="converted"), 400)

    with pytest.raises(RefusedError):
        Script([refusal]).run(
            by_ids(CONFIG, "Leads", ["1", "2"], fields=["Fax"], converted="yes")
        )


def test_a_record_that_goes_between_two_groups_of_fields_is_absent() -> None:
    script = Script([_page("9", "8"), _page("9")])

    found = script.run(by_ids(CONFIG, "Leads", ["8", "9"], fields=MANY))

    assert [record and record.id for record in found] == [None, "9"]


@pytest.mark.parametrize("body", [{"count": "7"}, {"count": True}, {}])
def test_a_count_is_a_number(body: Any) -> None:
    with pytest.raises(MalformedReplyError):
        Script([answer(body)]).run(count(CONFIG, "Leads"))


def test_an_empty_count_is_none() -> None:
    assert Script([Reply(204)]).run(count(CONFIG, "Leads")) == 0


# --- groups of fields --------------------------------------------------------


@pytest.mark.parametrize("names", ["Fax", [], [""], ["a,b"], [7]])
def test_fields_are_names(names: Any) -> None:
    with pytest.raises(InvalidInputError) as caught:
        field_groups(names)

    assert caught.value.field == "fields"


@pytest.mark.parametrize(("asked", "groups"), [(50, 1), (51, 2), (98, 2), (99, 3)])
def test_fields_are_parted_into_as_few_groups_as_may_be(
    asked: int, groups: int
) -> None:
    names = [f"f{number}" for number in range(asked)]

    parted = field_groups(["id", *names] if asked > 50 else names)

    assert len(parted) == groups
    assert all(len(group) <= 50 for group in parted)
    assert {name for group in parted for name in group} - {"Modified_Time"} == set(
        names
    )
    assert groups == 1 or all("Modified_Time" in group for group in parted)


def test_times_are_compared_as_instants() -> None:
    rows = [
        {"id": "7", "Modified_Time": "2026-01-05T13:00:00+02:00"},
        {"id": "7", "Modified_Time": "2026-01-05T12:30:00+01:00"},
    ]

    assert joined(rows)["Modified_Time"] == "2026-01-05T13:00:00+02:00"


# --- cursors -----------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "[]",
        "{}",
        '{"version":2,"module":"Leads"}',
        '{"version":1,"module":"Leads","page_tokens":7,"modified_since":null}',
        '{"version":1,"page_tokens":[],"modified_since":null,"other":1}',
        '{"version":1,"module":"Leads","page_tokens":[],"modified_since":"x"}',
    ],
)
def test_garbage_is_no_cursor(text: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        RecordsCursor.from_text(text)

    assert caught.value.field == "start_at"


def test_a_cursor_survives_as_text() -> None:
    cursor = RecordsCursor(
        module="Leads",
        modified_since=NOW,
        converted="both",
        page_tokens=("t", None),
        last_id="7",
    )

    assert RecordsCursor.from_text(cursor.to_text()) == cursor
    assert "page_tokens" not in repr(cursor)
