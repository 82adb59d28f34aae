"""The lists of the fake Zoho: pages, tokens, times, converted leads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from crmbridge._steps import Reply
from crmbridge.testing import FakeClock, ZohoFake, ZohoSwitches
from tests.zoho.asking import Api, code_of, new_token

EMAIL = "nowak@example.com"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def api(clock: FakeClock) -> Api:
    return Api(ZohoFake(users=("admin@example.com", "bob@example.com"), clock=clock))


# --- list --------------------------------------------------------------------


@pytest.mark.fake_row("List")
def test_a_list_needs_its_fields(api: Api) -> None:
    reply = api.ask("GET", "Leads")

    assert code_of(reply) == (400, "REQUIRED_PARAM_MISSING")
    assert reply.json()["details"] == {"param_name": "fields"}


@pytest.mark.fake_row("List")
def test_a_list_takes_fifty_fields(api: Api) -> None:
    many = ",".join(f"f{number}" for number in range(51))

    assert code_of(api.page(fields=many)) == (400, "LIMIT_EXCEEDED")


@pytest.mark.fake_row("List")
def test_a_list_shows_nulls_and_leaves_unknown_fields_out(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")

    (row,) = api.page(fields="Email,Nonsense,$converted").json()["data"]

    assert row == {"id": lead, "Email": None, "$converted": False}


@pytest.mark.fake_row("List")
def test_a_list_begins_with_the_newest_id(api: Api) -> None:
    ids = [api.fake.people.add_lead(Last_Name="x") for _ in range(3)]

    assert api.ids() == ids[::-1]
    assert api.ids(sort_order="asc") == ids


@pytest.mark.fake_row("List")
def test_a_list_can_be_sorted_by_modified_time(api: Api, clock: FakeClock) -> None:
    first = api.fake.people.add_lead(Last_Name="x")
    second = api.fake.people.add_lead(Last_Name="x")
    clock.advance(1)
    api.fake.people.edit(first, Phone="1")

    assert api.ids(sort_by="Modified_Time") == [first, second]


@pytest.mark.fake_row("List")
def test_pages_above_two_hundred_are_cut_or_refused(api: Api) -> None:
    for _ in range(201):
        api.fake.people.add_lead(Last_Name="x")

    cut = api.page(per_page="500").json()["info"]
    api.fake.switches = ZohoSwitches(large_pages="refuse")

    assert (cut["per_page"], cut["more_records"]) == (200, True)
    assert code_of(api.page(per_page="500")) == (400, "INVALID_DATA")


@pytest.mark.fake_row("List")
@pytest.mark.parametrize(
    "query", [{"per_page": "0"}, {"per_page": "x"}, {"sort_by": "Fax"}]
)
def test_a_senseless_parameter_is_refused(api: Api, query: dict[str, Any]) -> None:
    assert code_of(api.page(**query)) == (400, "INVALID_DATA")


@pytest.mark.fake_row("List")
def test_a_list_of_nothing_but_ids_is_refused_unless_switched_off(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    refused = api.page(fields="id")
    api.fake.switches = ZohoSwitches(refuses_only_id=False)

    assert code_of(refused) == (400, "INVALID_DATA")
    assert refused.json()["details"] == {"param_name": "fields"}
    assert api.page(fields="id").json()["data"] == [{"id": lead}]


@pytest.mark.fake_row("List")
def test_system_keys_come_only_when_they_are_asked_for(api: Api) -> None:
    api.fake.people.add_lead(Last_Name="x")
    asked = "$approval_state,$editable,$locked_for_me,$in_merge,Last_Name"

    (plain,) = api.page(fields="Last_Name").json()["data"]
    (row,) = api.page(fields=asked).json()["data"]

    assert set(plain) == {"id", "Last_Name"}
    assert set(row) == {"id", *asked.split(",")}
    assert row["$approval_state"] == "approved"


@pytest.mark.fake_row("List")
def test_a_custom_view_chooses_and_sorts(api: Api, clock: FakeClock) -> None:
    ids = []
    for city in ("Łódź", "Oslo", "Łódź"):
        ids.append(api.fake.people.add_lead(Last_Name="x", City=city))
        clock.advance(1)
    view = api.fake.people.add_view(
        "Leads",
        lambda row: row["City"] == "Łódź",
        sort_by="Created_Time",
        sort_order="asc",
    )

    reply = api.page(cvid=view)

    info = reply.json()["info"]
    assert [row["id"] for row in reply.json()["data"]] == [ids[0], ids[2]]
    assert (info["sort_by"], info["sort_order"]) == ("Created_Time", "asc")
    assert code_of(api.page("Contacts", cvid=view)) == (400, "INVALID_DATA")
    assert code_of(api.page(cvid="1")) == (400, "INVALID_DATA")


@pytest.mark.fake_row("List")
def test_a_custom_view_costs_three_credits(api: Api) -> None:
    view = api.fake.people.add_view("Leads", lambda _: True)
    api.fake.reset_counters()

    api.page(cvid=view)
    api.page()

    assert api.fake.credits == 4


@pytest.mark.fake_row("List")
def test_a_record_hidden_from_the_user_is_not_shown(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    api.fake.people.hide(lead)
    hidden = [api.page().status, api.page(ids=lead).status]

    api.fake.people.unhide(lead)

    assert hidden == [204, 204]
    assert api.ids() == api.ids(ids=lead) == [lead]


@pytest.mark.fake_row("List")
def test_records_are_counted(api: Api) -> None:
    for number in range(3):
        api.fake.people.add_lead(Last_Name="x", Fax=str(number))
    api.fake.people.convert(api.ids()[0])
    view = api.fake.people.add_view("Leads", lambda row: row["Fax"] == "1")

    counts = [
        api.ask("GET", "Leads/actions/count", None, None, **query).json()
        for query in ({}, {"converted": "both"}, {"cvid": view})
    ]
    api.fake.switches = ZohoSwitches(search_lag_seconds=0)
    found = api.ask("GET", "Leads/actions/count", criteria="(Fax:equals:1)")
    reply = api.ask("GET", "Leads/actions/count", cvid=view, word="x")

    assert found.json() == {"count": 1}
    assert counts == [{"count": 2}, {"count": 3}, {"count": 1}]
    assert code_of(reply) == (400, "AMBIGUITY_DURING_PROCESSING")


# --- paging ------------------------------------------------------------------


def _token_of(reply: Reply) -> str:
    return str(reply.json()["info"]["next_page_token"])


@pytest.mark.fake_row("Paging")
def test_tokens_lead_through_all_pages(api: Api) -> None:
    ids = [api.fake.people.add_lead(Last_Name="x") for _ in range(5)]

    first = api.page(per_page="2")
    second = api.page(per_page="2", page_token=_token_of(first))
    third = api.page(per_page="2", page_token=_token_of(second))

    replies = (first, second, third)
    found = [row["id"] for reply in replies for row in reply.json()["data"]]
    assert found == ids[::-1]
    assert first.json()["info"]["previous_page_token"] is None
    assert third.json()["info"]["next_page_token"] is None
    assert not third.json()["info"]["more_records"]


@pytest.mark.fake_row("Paging")
def test_a_new_record_moves_no_page(api: Api) -> None:
    ids = [api.fake.people.add_lead(Last_Name="x") for _ in range(4)]
    first = api.page(per_page="2")

    api.fake.people.add_lead(Last_Name="new")

    assert api.ids(per_page="2", page_token=_token_of(first)) == ids[1::-1]


@pytest.mark.fake_row("Paging")
def test_without_tokens_there_is_a_wall(api: Api) -> None:
    api.fake.switches = ZohoSwitches(page_wall=4)
    for _ in range(6):
        api.fake.people.add_lead(Last_Name="x")

    inside = api.page(per_page="2", page="2").status
    reply = api.page(per_page="2", page="3")

    assert inside == 200
    assert code_of(reply) == (400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED")
    assert reply.json()["details"] == {"limit": 4}


@pytest.mark.fake_row("Paging")
def test_with_tokens_the_wall_is_farther(api: Api) -> None:
    api.fake.switches = ZohoSwitches(token_wall=4)
    for _ in range(6):
        api.fake.people.add_lead(Last_Name="x")
    reply = api.page(per_page="2")
    reply = api.page(per_page="2", page_token=_token_of(reply))

    reply = api.page(per_page="2", page_token=_token_of(reply))

    assert code_of(reply) == (400, "PAGINATION_LIMIT_EXCEEDED")


@pytest.mark.fake_row("Paging")
@pytest.mark.parametrize(
    "change", [{"fields": "Phone"}, {"per_page": "3"}, {"converted": "both"}]
)
def test_a_token_is_bound_to_its_parameters(api: Api, change: dict[str, Any]) -> None:
    for _ in range(6):
        api.fake.people.add_lead(Last_Name="x")
    token = _token_of(api.page(per_page="2"))

    reply = api.page(**{"per_page": "2", "page_token": token, **change})

    assert code_of(reply) == (400, "TOKEN_BOUND_DATA_MISMATCH")


@pytest.mark.fake_row("Paging")
def test_a_token_is_bound_to_its_time_unless_switched_off(
    api: Api, clock: FakeClock
) -> None:
    since = clock.now() - timedelta(days=1)
    for _ in range(3):
        api.fake.people.add_lead(Last_Name="x")
    bound = api.page(since=since, per_page="2")
    mismatch = api.page(per_page="2", page_token=_token_of(bound))
    api.fake.switches = ZohoSwitches(binds_since=False)
    loose = api.page(since=since, per_page="2")

    assert code_of(mismatch) == (400, "TOKEN_BOUND_DATA_MISMATCH")
    assert api.page(per_page="2", page_token=_token_of(loose)).status == 200


@pytest.mark.fake_row("Paging")
def test_a_page_token_ends_after_a_day(api: Api, clock: FakeClock) -> None:
    for _ in range(3):
        api.fake.people.add_lead(Last_Name="x")
    token = _token_of(api.page(per_page="2"))

    clock.advance(24 * 3600)
    api.token = new_token(api.fake)

    assert code_of(api.page(per_page="2", page_token=token)) == (400, "EXPIRED_VALUE")


@pytest.mark.fake_row("Paging")
@pytest.mark.parametrize(
    "query", [{"page": "1", "page_token": "t"}, {"cvid": "1", "sort_by": "id"}]
)
def test_two_ways_at_once_are_ambiguous(api: Api, query: dict[str, Any]) -> None:
    assert code_of(api.page(**query)) == (400, "AMBIGUITY_DURING_PROCESSING")


@pytest.mark.fake_row("Paging")
def test_the_page_stays_one_and_the_way_back_is_told(api: Api) -> None:
    for _ in range(6):
        api.fake.people.add_lead(Last_Name="x")
    first = api.page(per_page="2")
    second = api.page(per_page="2", page_token=_token_of(first))
    third = api.page(per_page="2", page_token=_token_of(second))

    back = [reply.json()["info"]["previous_page_token"] for reply in (second, third)]

    pages = [api.page(per_page="2", page_token=token) for token in back]
    assert [reply.json()["info"]["page"] for reply in (first, second, third)] == [1] * 3
    assert [reply.json()["data"] for reply in pages] == [
        reply.json()["data"] for reply in (first, second)
    ]


@pytest.mark.fake_row("Paging")
def test_an_info_holds_what_is_documented_and_no_more(api: Api) -> None:
    for _ in range(3):
        api.fake.people.add_lead(Last_Name="x")

    info = api.page(per_page="2").json()["info"]

    assert {k: v for k, v in info.items() if "token" not in k} == {
        "per_page": 2,
        "count": 2,
        "page": 1,
        "more_records": True,
        "sort_by": "id",
        "sort_order": "desc",
        "call": False,
        "email": False,
    }
    assert info["page_token_expiry"] == "2026-01-06T13:00:00+01:00"


@pytest.mark.fake_row("Paging")
def test_positional_tokens_lose_and_double_records(api: Api) -> None:
    api.fake.switches = ZohoSwitches(page_tokens="positional")
    ids = [api.fake.people.add_lead(Last_Name="x") for _ in range(6)]
    first = api.page(per_page="2")
    api.fake.people.delete(ids[5])
    second = api.page(per_page="2", page_token=_token_of(first))

    api.fake.people.add_lead(Last_Name="new")

    third = api.page(per_page="2", page_token=_token_of(second))
    shown = [[row["id"] for row in reply.json()["data"]] for reply in (second, third)]
    assert shown == [[ids[2], ids[1]], [ids[1], ids[0]]]


@pytest.mark.fake_row("Paging")
@pytest.mark.parametrize("code", ["TOKEN_BOUND_DATA_MISMATCH", "INVALID_DATA"])
def test_a_token_is_bound_to_its_user(api: Api, code: Any) -> None:
    api.fake.switches = ZohoSwitches(foreign_token_code=code)
    for _ in range(3):
        api.fake.people.add_lead(Last_Name="x")
    token = _token_of(api.page(per_page="2"))

    api.fake.people.log_in("bob@example.com")

    reply = api.page(per_page="2", page_token=token)
    assert code_of(reply) == (400, code)
    assert reply.json()["details"] == {"param_name": "page_token"}


@pytest.mark.fake_row("Paging")
def test_the_wall_may_come_without_a_token(api: Api) -> None:
    api.fake.switches = ZohoSwitches(token_wall=4, gives_token_at_wall=False)
    for _ in range(6):
        api.fake.people.add_lead(Last_Name="x")

    info = api.page(per_page="2", page_token=_token_of(api.page(per_page="2"))).json()[
        "info"
    ]

    assert (info["more_records"], info["next_page_token"]) == (True, None)


@pytest.mark.fake_row("Paging")
def test_tokens_go_on_in_every_order(api: Api, clock: FakeClock) -> None:
    ids = []
    for _ in range(5):
        ids.append(api.fake.people.add_lead(Last_Name="x"))
        clock.advance(1)
    order: dict[str, Any] = {
        "sort_by": "Modified_Time",
        "sort_order": "asc",
        "per_page": "2",
    }
    first = api.page(**order)

    api.fake.people.edit(ids[0], Phone="1")

    token = _token_of(first)
    assert api.ids(**order, page_token=token) == ids[2:4]


@pytest.mark.fake_row("Paging")
def test_more_ids_than_a_hundred_are_refused(api: Api) -> None:
    assert code_of(api.page(ids=",".join(["1"] * 101))) == (400, "LIMIT_EXCEEDED")


# --- If-Modified-Since and empty results -------------------------------------


@pytest.mark.fake_row("If-Modified-Since")
def test_nothing_new_is_a_304_without_a_body(api: Api, clock: FakeClock) -> None:
    api.fake.people.add_lead(Last_Name="x")

    reply = api.page(since=clock.now())
    api.fake.switches = ZohoSwitches(nothing_new_status=204)

    assert (reply.status, reply.body) == (304, b"")
    assert api.page(since=clock.now()).status == 204
    assert api.ask("GET", "Leads/deleted").status == 204


@pytest.mark.fake_row("If-Modified-Since")
def test_the_second_itself_counts_where_it_is_switched_on(
    api: Api, clock: FakeClock
) -> None:
    api.fake.people.add_lead(Last_Name="x")
    before = api.page(since=clock.now()).status

    api.fake.switches = ZohoSwitches(is_since_inclusive=True)

    assert (before, api.page(since=clock.now()).status) == (304, 200)


@pytest.mark.fake_row("If-Modified-Since")
def test_since_is_compared_as_an_instant(api: Api, clock: FakeClock) -> None:
    api.fake.people.add_lead(Last_Name="x")
    earlier = (clock.now() - timedelta(seconds=1)).astimezone(
        timezone(timedelta(hours=-9))
    )

    assert api.page(since=earlier).status == 200


@pytest.mark.fake_row("If-Modified-Since")
def test_since_has_to_be_a_time_with_an_offset(api: Api) -> None:
    for text in ("yesterday", "2026-01-05T12:00:00"):
        headers = {"if-modified-since": text}
        reply = api.ask("GET", "Leads", None, headers, fields="Email")

        assert code_of(reply) == (400, "INVALID_DATA")


@pytest.mark.fake_row("Empty")
def test_every_empty_result_is_a_204(api: Api) -> None:
    replies = [
        api.page(),
        api.ask("GET", "Leads/1"),
        api.page(ids="1,2"),
        api.ask("GET", "Leads/deleted"),
        api.ask("GET", "users", type="DeactiveUsers"),
    ]

    assert [(reply.status, reply.body) for reply in replies] == [(204, b"")] * 5


@pytest.mark.fake_row("If-Modified-Since")
def test_an_unknown_id_may_be_refused_instead(api: Api) -> None:
    api.fake.switches = ZohoSwitches(unknown_ids="refuse")

    assert code_of(api.page(ids="1,2")) == (400, "INVALID_DATA")
    assert code_of(api.ask("GET", "Leads/1")) == (400, "INVALID_DATA")


@pytest.mark.fake_row("If-Modified-Since")
def test_the_date_is_that_of_the_clock(api: Api) -> None:
    assert api.page().headers["date"] == "Mon, 05 Jan 2026 12:00:00 GMT"
    assert api.page().date == datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.mark.fake_row("If-Modified-Since")
def test_records_may_be_stamped_by_a_clock_that_is_behind(
    api: Api, clock: FakeClock
) -> None:
    api.fake.switches = ZohoSwitches(stamps_behind_seconds=90)
    date = api.page().date

    lead = api.fake.people.add_lead(Last_Name="x")

    assert api.page(since=date).status == 304
    assert api.ids(since=clock.now() - timedelta(seconds=91)) == [lead]


# --- converted leads ---------------------------------------------------------


@pytest.mark.fake_row("Converted leads")
def test_a_converted_lead_is_hidden_unless_asked_for(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    api.fake.people.convert(lead)
    live = api.fake.people.add_lead(Last_Name="y")

    assert api.ids() == [live]
    assert api.ids(converted="true") == [lead]
    assert api.ids(converted="both") == [live, lead]
    assert api.ids(ids=lead) == []
    assert api.ids(ids=lead, converted="both") == [lead]
    assert api.ask("GET", f"Leads/{lead}").status == 204


@pytest.mark.fake_row("Converted leads")
def test_a_converted_lead_names_what_it_became(api: Api, clock: FakeClock) -> None:
    lead = api.fake.people.add_lead(Last_Name="x", Company="Acme")
    clock.advance(7)
    contact = api.fake.people.convert(lead)

    row = api.ask("GET", f"Leads/{lead}", converted="true").json()["data"][0]

    assert row["Converted__s"] is True
    assert row["Converted_Contact"] == {"id": contact, "name": "x"}
    assert row["Converted_Account"]["name"] == "Acme"
    assert (
        row["Converted_Date_Time"]
        == row["Modified_Time"]
        == "2026-01-05T13:00:07+01:00"
    )


@pytest.mark.fake_row("Converted leads")
def test_a_converted_lead_tells_its_system_keys_when_asked(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    contact = api.fake.people.convert(lead)

    reply = api.page(fields="$converted,$converted_detail", ids=lead, converted="both")

    (row,) = reply.json()["data"]
    assert row["$converted_detail"] == {"contact": contact}


@pytest.mark.fake_row("Converted leads")
def test_a_converted_lead_cannot_be_changed(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    api.fake.people.convert(lead)

    status, (result,) = api.write("update", "Leads", {"id": lead, "Phone": "1"})

    assert (status, result["code"]) == (400, "ID_ALREADY_CONVERTED")


@pytest.mark.fake_row("Converted leads")
def test_converted_takes_three_words(api: Api) -> None:
    assert code_of(api.page(converted="yes")) == (400, "INVALID_DATA")
