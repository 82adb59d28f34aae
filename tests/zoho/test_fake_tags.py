"""The tags of the fake Zoho."""

from __future__ import annotations

from typing import Any

import pytest

from crmbridge._steps import Reply
from crmbridge.testing import FakeClock, ZohoFake, ZohoSwitches
from tests.zoho.asking import Api, code_of


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def api(clock: FakeClock) -> Api:
    return Api(ZohoFake(clock=clock))


def _names(api: Api, record_id: str) -> list[str]:
    return [tag["name"] for tag in api.fake.people.record(record_id)["Tag"]]


def _tag(api: Api, action: str, ids: Any, *names: str, **more: Any) -> Reply:
    body = {"ids": ids, "tags": [{"name": name} for name in names], **more}
    return api.ask("POST", f"Leads/actions/{action}_tags", body)


def test_a_tag_has_one_id_in_a_module(api: Api) -> None:
    first = api.fake.people.add_lead(Last_Name="x", Tag=["vip"])
    _, (written,) = api.write(
        "insert", "Leads", {"Last_Name": "y", "Tag": [{"name": "VIP"}]}
    )
    other = api.fake.people.add_contact(Last_Name="x", Tag=["vip"])

    def tags(record_id: str) -> Any:
        return api.fake.people.record(record_id)["Tag"]

    assert tags(first) == tags(written["details"]["id"])
    assert tags(first) != tags(other)


def test_tags_are_listed_by_module(api: Api) -> None:
    api.fake.people.add_lead(Last_Name="x", Tag=["vip", "new"])

    leads = api.ask("GET", "settings/tags", module="Leads").json()
    contacts = api.ask("GET", "settings/tags", module="Contacts").json()

    assert [tag["name"] for tag in leads["tags"]] == ["vip", "new"]
    assert (leads["info"]["count"], contacts["tags"]) == (2, [])


@pytest.mark.parametrize(
    ("query", "code"),
    [({}, "REQUIRED_PARAM_MISSING"), ({"module": "Leeds"}, "INVALID_MODULE")],
)
def test_tags_need_a_module(api: Api, query: dict[str, Any], code: str) -> None:
    assert code_of(api.ask("GET", "settings/tags", **query)) == (400, code)


def test_tags_are_made_and_a_name_once(api: Api) -> None:
    def make(*names: str) -> Reply:
        body = {"tags": [{"name": name} for name in names]}
        return api.ask("POST", "settings/tags", body, module="Leads")

    made, mixed, there = make("vip"), make("VIP", "new"), make("new")

    tag_id = made.json()["tags"][0]["details"]["id"]
    assert [reply.status for reply in (made, mixed, there)] == [201, 207, 400]
    duplicate = mixed.json()["tags"][0]
    assert (duplicate["code"], duplicate["details"]["id"]) == ("DUPLICATE_DATA", tag_id)


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ({}, "MANDATORY_NOT_FOUND"),
        ({"name": ""}, "MANDATORY_NOT_FOUND"),
        ({"name": 7}, "INVALID_DATA"),
        ({"name": "x" * 26}, "INVALID_DATA"),
        ({"name": "x", "color_code": "#1234567"}, "INVALID_DATA"),
    ],
)
def test_a_tag_in_another_form_is_refused(api: Api, tag: Any, code: str) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")

    made = api.ask("POST", "settings/tags", {"tags": [tag]}, module="Leads")
    given = api.ask("POST", f"Leads/{lead}/actions/add_tags", {"tags": [tag]})

    assert made.json()["tags"][0]["code"] == code
    assert (given.status, given.json()["tags"][0]["code"]) == (400, code)


def test_tags_are_added_beside_the_others_or_instead(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x", Tag=["old"])

    beside = _tag(api, "add", [lead], "vip", "VIP").json()["data"][0]["details"]
    first = _names(api, lead)
    _tag(api, "add", [lead], "new", over_write=True)

    assert [tag["name"] for tag in beside["tags"]] == first == ["old", "vip"]
    assert _names(api, lead) == ["new"]


def test_tags_are_taken_away(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x", Tag=["vip", "new"])

    reply = _tag(api, "remove", [lead], "VIP", "other")

    assert reply.json()["data"][0]["status"] == "success"
    assert _names(api, lead) == ["new"]


def test_a_record_that_cannot_be_tagged_hinders_no_other(api: Api) -> None:
    free, locked, gone = (
        api.fake.people.add_lead(Last_Name="x"),
        api.fake.people.add_lead(Last_Name="x"),
        api.fake.people.add_lead(Last_Name="x"),
    )
    api.fake.locked.add(locked)
    api.fake.people.delete(gone)

    reply = _tag(api, "add", [locked, gone, free], "vip")

    codes = [row["code"] for row in reply.json()["data"]]
    assert codes == ["RECORD_LOCKED", "INVALID_DATA", "SUCCESS"]
    assert (reply.status, reply.json()["locked_count"]) == (200, "1")


def test_a_converted_lead_cannot_be_tagged(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    api.fake.people.convert(lead)

    assert _tag(api, "add", [lead], "vip").status == 400


def test_one_record_is_tagged_by_its_path(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    body = {"tags": [{"name": "vip"}]}
    path = f"Leads/{lead}/actions/add_tags"

    tagged = api.ask("POST", path, body)
    api.fake.locked.add(lead)
    locked = api.ask("POST", path, body)

    assert tagged.json()["data"][0]["code"] == "SUCCESS"
    assert (locked.status, locked.json()["code"]) == (400, "RECORD_LOCKED")


def test_ids_may_come_as_a_text_as_in_a_sample_of_zohos(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")

    assert _tag(api, "add", f'["{lead}"]', "vip").status == 200


@pytest.mark.parametrize("ids", [None, [], "x", ["1"] * 501])
def test_a_request_takes_up_to_five_hundred_ids(api: Api, ids: Any) -> None:
    assert code_of(_tag(api, "add", ids, "vip")) == (400, "INVALID_DATA")


def test_tagging_costs_one_credit_for_fifty_records(api: Api) -> None:
    leads = [api.fake.people.add_lead(Last_Name="x") for _ in range(51)]
    api.fake.reset_counters()

    _tag(api, "add", leads, "vip")

    assert (api.fake.credits, api.fake.writes) == (2, 1)


@pytest.mark.parametrize("moves", [False, True])
def test_tagging_moves_the_modified_time_where_it_is_switched_on(
    api: Api, clock: FakeClock, *, moves: bool
) -> None:
    api.fake.switches = ZohoSwitches(tagging_moves_time=moves)
    lead = api.fake.people.add_lead(Last_Name="x")
    before = api.fake.people.record(lead)["Modified_Time"]
    clock.advance(60)

    _tag(api, "add", [lead], "vip")

    assert (api.fake.people.record(lead)["Modified_Time"] != before) is moves
