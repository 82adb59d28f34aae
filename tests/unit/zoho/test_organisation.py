"""The calls that tell what an organisation is made of, without HTTP."""

from __future__ import annotations

from datetime import datetime

import pytest

from crmbridge._steps import Reply
from crmbridge.errors import InvalidInputError, MalformedReplyError
from crmbridge.zoho import _organisation
from tests.unit.zoho.script import CONFIG, NOW, Script, answer


def test_all_pages_of_users_are_read() -> None:
    def users(user_id: str, *, more: bool) -> Reply:
        return answer({"users": [{"id": user_id}], "info": {"more_records": more}})

    script = Script([users("1", more=True), users("2", more=False)])

    found = script.run(_organisation.users(CONFIG, kind="AllUsers"))

    assert [user.id for user in found] == ["1", "2"]
    assert [request.query["page"] for request in script.requests] == ["1", "2"]
    assert script.requests[0].query["type"] == "AllUsers"


def test_the_fields_of_a_module_are_read() -> None:
    rows = [{"api_name": "Email", "data_type": "email", "length": 100}]
    script = Script([answer({"fields": rows})])

    (found,) = script.run(_organisation.fields(CONFIG, "Leads"))

    assert (found.api_name, found.length) == ("Email", 100)
    assert script.requests[0].url.endswith("/crm/v8/settings/fields")
    assert script.requests[0].query == {"module": "Leads"}


def test_users_are_asked_for_since_a_time() -> None:
    script = Script([Reply(304)])

    found = script.run(_organisation.users(CONFIG, modified_since=NOW))

    (request,) = script.requests
    assert found == ()
    assert request.headers["If-Modified-Since"] == NOW.isoformat()
    assert (request.query["type"], request.credits) == ("ActiveUsers", 1)


def test_users_are_not_asked_for_since_a_time_without_a_zone() -> None:
    naive = datetime(2026, 1, 5)  # noqa: DTZ001 - that is the case

    with pytest.raises(InvalidInputError):
        Script([]).run(_organisation.users(CONFIG, modified_since=naive))


def test_the_user_of_the_token_is_read() -> None:
    script = Script([answer({"users": [{"id": "1"}], "info": {}})])

    assert script.run(_organisation.current_user(CONFIG)).id == "1"
    assert script.requests[0].query["type"] == "CurrentUser"


def test_an_answer_without_the_current_user_is_malformed() -> None:
    with pytest.raises(MalformedReplyError, match="current user"):
        Script([Reply(204)]).run(_organisation.current_user(CONFIG))


def test_unused_fields_are_read_when_asked_for() -> None:
    script = Script([Reply(204)])

    found = script.run(_organisation.fields(CONFIG, "Leads", kind="unused"))

    assert found == ()
    assert script.requests[0].query == {"module": "Leads", "type": "unused"}


def test_the_modules_are_read() -> None:
    script = Script([answer({"modules": [{"api_name": "Leads", "id": "7"}]})])

    (found,) = script.run(_organisation.modules(CONFIG))

    assert (found.api_name, found.id) == ("Leads", "7")
    assert script.requests[0].url.endswith("/crm/v8/settings/modules")


def test_the_organisation_is_read() -> None:
    script = Script([answer({"org": [{"id": "1", "zgid": "20"}]})])

    assert script.run(_organisation.organization(CONFIG)).zgid == "20"
    assert script.requests[0].url.endswith("/crm/v8/org")


def test_an_answer_without_an_organisation_is_malformed() -> None:
    with pytest.raises(MalformedReplyError, match="organisation"):
        Script([answer({"org": []})]).run(_organisation.organization(CONFIG))
