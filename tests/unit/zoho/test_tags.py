"""The calls about tags, without HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from crmbridge._steps import Reply, Request
from crmbridge.errors import (
    ConnectionLostError,
    InvalidInputError,
    MalformedReplyError,
    RecordLockedError,
)
from crmbridge.zoho import _tags
from crmbridge.zoho.metadata import ZohoTag
from crmbridge.zoho.results import WriteStatus
from tests.unit.zoho.script import CONFIG, Script, answer, done, fault


def _echo(request: Request) -> Reply:
    return answer({"data": [_tagged(one) for one in request.json["ids"]]})


def _tagged(record_id: str) -> dict[str, Any]:
    details = {"id": record_id, "tags": [{"name": "vip", "id": "7"}]}
    return {"code": "SUCCESS", "details": details, "status": "success"}


def _ids(count: int) -> list[str]:
    return [str(number) for number in range(1, count + 1)]


def test_the_tags_of_a_module_are_read() -> None:
    row = {"id": "7", "name": "vip", "color_code": None}
    script = Script([answer({"tags": [row], "info": {"count": 1}})])

    found = script.run(_tags.tags(CONFIG, "Leads"))

    assert found == (ZohoTag("7", "vip"),)
    assert script.requests[0].query == {"module": "Leads"}
    assert script.requests[0].credits == 1


def test_a_tag_that_is_there_is_told_with_its_id() -> None:
    rows = [fault("DUPLICATE_DATA", api_name="name", id="7"), done("8")]
    script = Script([answer({"tags": rows}, 207)])

    there, made = script.run(_tags.create_tags(CONFIG, "Leads", ["vip", "new"]))

    assert (there.status, there.existing_id) == (WriteStatus.REFUSED, "7")
    assert (made.is_success, made.id) == (True, "8")
    assert script.requests[0].json == {"tags": [{"name": "vip"}, {"name": "new"}]}


def test_tags_are_added_beside_the_others() -> None:
    script = Script([_echo])

    results = script.run(_tags.add_tags(CONFIG, "Leads", ["1", "2"], ["vip"]))

    (request,) = script.requests
    assert request.url.endswith("/crm/v8/Leads/actions/add_tags")
    assert request.json == {
        "tags": [{"name": "vip"}],
        "over_write": False,
        "ids": ["1", "2"],
    }
    assert [result.id for result in results] == ["1", "2"]


def test_tags_are_taken_away() -> None:
    script = Script([_echo])

    script.run(_tags.remove_tags(CONFIG, "Leads", ["1"], ["vip"]))

    (request,) = script.requests
    assert request.url.endswith("/crm/v8/Leads/actions/remove_tags")
    assert request.json == {"tags": [{"name": "vip"}], "ids": ["1"]}


def test_records_are_tagged_by_five_hundred() -> None:
    script = Script([_echo] * 3)

    results = script.run(_tags.add_tags(CONFIG, "Leads", _ids(1001), ["vip"]))

    assert [len(one.json["ids"]) for one in script.requests] == [500, 500, 1]
    assert [one.credits for one in script.requests] == [10, 10, 1]
    assert [result.id for result in results] == _ids(1001)


def test_results_of_other_records_are_not_trusted() -> None:
    script = Script([answer({"data": [_tagged("2"), _tagged("1")]})])

    with pytest.raises(MalformedReplyError):
        script.run(_tags.add_tags(CONFIG, "Leads", ["1", "2"], ["vip"]))


def test_tags_are_made_by_fifty() -> None:
    def made(request: Request) -> Reply:
        return answer({"tags": [done("8") for _ in request.json["tags"]]}, 201)

    script = Script([made, made])
    names = [f"tag {number}" for number in range(51)]

    results = script.run(_tags.create_tags(CONFIG, "Leads", names))

    assert [len(one.json["tags"]) for one in script.requests] == [50, 1]
    assert len(results) == 51


def test_tagging_is_repeated_when_its_answer_is_lost() -> None:
    script = Script([ConnectionLostError("gone"), _echo])

    (result,) = script.run(_tags.add_tags(CONFIG, "Leads", ["1"], ["vip"]))

    assert result.is_success


def test_a_locked_record_is_a_result() -> None:
    locked = fault("RECORD_LOCKED", action="record_locking", id="2")
    body = {"data": [_tagged("1"), locked], "locked_count": "1"}
    script = Script([answer(body)])

    tagged, refused = script.run(
        _tags.remove_tags(CONFIG, "Leads", ["1", "2"], ["vip"])
    )

    assert tagged.is_success
    assert isinstance(refused.error, RecordLockedError)


def test_a_locked_record_is_a_result_at_the_top_too() -> None:
    locked = fault("RECORD_LOCKED", action="record_locking", id="1")

    (result,) = Script([answer(locked, 400)]).run(
        _tags.add_tags(CONFIG, "Leads", ["1"], ["vip"])
    )

    assert isinstance(result.error, RecordLockedError)


@pytest.mark.parametrize("names", [[], "vip", [""], ["vip", " "], ["x" * 26]])
def test_a_tag_needs_a_name_that_zoho_takes(names: Any) -> None:
    with pytest.raises(InvalidInputError):
        Script([]).run(_tags.add_tags(CONFIG, "Leads", ["1"], names))
    with pytest.raises(InvalidInputError):
        Script([]).run(_tags.create_tags(CONFIG, "Leads", names))


def test_a_record_is_tagged_once() -> None:
    with pytest.raises(InvalidInputError):
        Script([]).run(_tags.add_tags(CONFIG, "Leads", ["1", "1"], ["vip"]))
