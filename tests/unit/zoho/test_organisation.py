"""The calls that tell what an organisation is made of, without HTTP."""

from __future__ import annotations

from crmbridge._steps import Reply
from crmbridge.zoho import _organisation
from tests.unit.zoho.script import CONFIG, Script, answer


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
