"""The conversion of leads, without HTTP."""

from __future__ import annotations

import pytest

from crmbridge._steps import Reply
from crmbridge.errors import (
    ConnectionLostError,
    DuplicateError,
    InvalidInputError,
    OutcomeUnknownError,
    RefusedError,
)
from crmbridge.zoho import _leads
from tests.unit.zoho.script import CONFIG, Script, answer, done, fault


def _converted(contact_id: str = "9") -> Reply:
    details = {"Contacts": {"id": contact_id}, "Accounts": None, "Deals": None}
    return answer({"data": [{**done("1"), "details": details}]})


def test_a_conversion_names_only_what_it_was_told() -> None:
    script = Script([_converted()])

    result = script.run(_leads.convert(CONFIG, "1"))

    (request,) = script.requests
    assert request.url.endswith("/crm/v8/Leads/1/actions/convert")
    assert request.json == {"data": [{}]}
    assert result.contact_id == "9"


def test_a_conversion_names_records_as_objects() -> None:
    script = Script([_converted()])

    script.run(
        _leads.convert(
            CONFIG, "1", contact_id="2", account_id="3", assign_to="4", overwrite=True
        )
    )

    assert script.requests[0].json == {
        "data": [
            {
                "Contacts": {"id": "2"},
                "Accounts": {"id": "3"},
                "assign_to": {"id": "4"},
                "overwrite": True,
            }
        ]
    }


def test_a_conversion_whose_answer_is_lost_is_never_repeated() -> None:
    script = Script([ConnectionLostError("gone")])

    with pytest.raises(OutcomeUnknownError):
        script.run(_leads.convert(CONFIG, "1"))


def test_a_conversion_with_an_unreadable_answer_has_an_unknown_outcome() -> None:
    script = Script([Reply(200, {}, b"<html>")])

    with pytest.raises(OutcomeUnknownError):
        script.run(_leads.convert(CONFIG, "1"))


def test_a_conversion_in_whose_way_a_contact_is_names_it() -> None:
    said = fault("DUPLICATE_DATA", api_name="Email", id="7")
    script = Script([answer({"data": [said]}, 400)])

    with pytest.raises(DuplicateError) as caught:
        script.run(_leads.convert(CONFIG, "1"))

    assert caught.value.existing_id == "7"


def test_a_lead_that_is_converted_already_is_refused() -> None:
    said = fault("ID_ALREADY_CONVERTED", resource_path_index=1)

    with pytest.raises(RefusedError) as caught:
        Script([answer(said, 400)]).run(_leads.convert(CONFIG, "1"))

    assert caught.value.code == "ID_ALREADY_CONVERTED"


@pytest.mark.parametrize("lead_id", ["", "x", "1/actions", "1,2"])
def test_a_lead_is_named_by_an_id(lead_id: str) -> None:
    with pytest.raises(InvalidInputError):
        Script([]).run(_leads.convert(CONFIG, lead_id))
