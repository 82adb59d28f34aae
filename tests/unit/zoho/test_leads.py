"""The conversion of leads, without HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crmbridge._steps import Reply, Request
from crmbridge.errors import (
    AlreadyConvertedError,
    ConnectionLostError,
    DuplicateError,
    InvalidInputError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RefusedError,
    UnfinishedError,
)
from crmbridge.zoho import _leads
from crmbridge.zoho.conversions import ConvertInto, MassConversionStatus
from crmbridge.zoho.metadata import ZohoModule
from tests.unit.zoho.script import CONFIG, NOW, Script, answer, done, fault

CONTACTS = ZohoModule("Contacts", "77")


def _converted(contact_id: str = "9") -> Reply:
    details = {"Contacts": {"id": contact_id}, "Accounts": None, "Deals": None}
    return answer({"data": [{**done("1"), "details": details}]})


# --- one lead ----------------------------------------------------------------


def test_a_conversion_names_only_what_it_was_told() -> None:
    script = Script([_converted()])

    result = script.run(_leads.convert(CONFIG, "1"))

    (request,) = script.requests
    assert request.url.endswith("/crm/v8/Leads/1/actions/convert")
    assert request.json == {"data": [{}]}
    assert (request.credits, request.is_complex) == (5, True)
    assert result.contact_id == "9"


def test_a_conversion_names_all_choices_as_zoho_does() -> None:
    script = Script([_converted()])
    into = ConvertInto(
        contact_id="2",
        account_id="3",
        assign_to="4",
        overwrite=True,
        deal={"Deal_Name": "One", "Amount": 10},
        carry_over_tags={"Contacts": ("vip",)},
        move_attachments_to="Deals",
        notify_lead_owner=True,
        notify_new_owner=True,
    )

    script.run(_leads.convert(CONFIG, "1", into))

    assert script.requests[0].json == {
        "data": [
            {
                "Contacts": {"id": "2"},
                "Accounts": {"id": "3"},
                "assign_to": {"id": "4"},
                "overwrite": True,
                "notify_lead_owner": True,
                "notify_new_entity_owner": True,
                "move_attachments_to": {"api_name": "Deals"},
                "Deals": {"Deal_Name": "One", "Amount": 10},
                "carry_over_tags": {"Contacts": ["vip"]},
            }
        ]
    }


def test_choices_show_no_deal() -> None:
    into = ConvertInto(deal={"Deal_Name": "Jan's"}, carry_over_tags={"Deals": ["t"]})

    assert "Jan" not in repr(into)


def test_a_conversion_whose_answer_is_lost_is_never_repeated() -> None:
    script = Script([ConnectionLostError("gone")])

    with pytest.raises(OutcomeUnknownError):
        script.run(_leads.convert(CONFIG, "1"))


@pytest.mark.parametrize(
    "said",
    [
        Reply(200, {}, b"<html>"),
        answer({"data": [fault("INTERNAL_ERROR")]}, 400),
        answer(fault("INTERNAL_ERROR"), 501),
    ],
)
def test_a_conversion_with_an_unreadable_answer_has_an_unknown_outcome(
    said: Reply,
) -> None:
    script = Script([said])

    with pytest.raises(OutcomeUnknownError):
        script.run(_leads.convert(CONFIG, "1"))


@pytest.mark.parametrize(("details", "existing_id"), [({"id": "7"}, "7"), ({}, None)])
def test_a_conversion_in_whose_way_a_contact_is_names_it_if_told(
    details: dict[str, Any], existing_id: str | None
) -> None:
    said = fault("DUPLICATE_DATA", api_name="Email", **details)
    script = Script([answer({"data": [said]}, 400)])

    with pytest.raises(DuplicateError) as caught:
        script.run(_leads.convert(CONFIG, "1"))

    assert caught.value.existing_id == existing_id


def test_a_lead_that_is_converted_already_is_named() -> None:
    said = fault("ID_ALREADY_CONVERTED", resource_path_index=1)

    with pytest.raises(AlreadyConvertedError) as caught:
        Script([answer(said, 400)]).run(_leads.convert(CONFIG, "1"))

    assert caught.value.lead_id == "1"


@pytest.mark.parametrize("lead_id", ["", "x", "1/actions", "1,2"])
def test_a_lead_is_named_by_an_id(lead_id: str) -> None:
    with pytest.raises(InvalidInputError):
        Script([]).run(_leads.convert(CONFIG, lead_id))


@pytest.mark.parametrize(
    "into",
    [
        ConvertInto(contact_id="x"),
        ConvertInto(account_id=""),
        ConvertInto(assign_to="ola@example.com"),
        ConvertInto(move_attachments_to="Leads"),
        ConvertInto(carry_over_tags={"contacts": ["vip"]}),
    ],
)
def test_a_choice_that_zoho_cannot_know_is_not_sent(into: ConvertInto) -> None:
    with pytest.raises(InvalidInputError):
        Script([]).run(_leads.convert(CONFIG, "1", into))


# --- what leads became -------------------------------------------------------


def _lead(lead_id: str, contact_id: str | None = None) -> dict[str, Any]:
    contact = contact_id and {"id": contact_id, "name": "x"}
    return {
        "id": lead_id,
        "Converted__s": contact_id is not None,
        "Converted_Contact": contact,
        "Converted_Account": None,
        "Converted_Deal": None,
    }


def _leads_answer(*rows: dict[str, Any]) -> Reply:
    return answer({"data": list(rows), "info": {}})


def test_a_scheduled_conversion_is_waited_for_ever_longer() -> None:
    script = Script([_leads_answer(_lead("1"))] * 3 + [_leads_answer(_lead("1", "9"))])

    result = script.run(_leads.wait_for_conversion(CONFIG, "1", timeout_seconds=60))

    assert result.contact_id == "9"
    assert script.now - NOW == timedelta(seconds=2 + 4 + 8)
    assert script.requests[0].query["converted"] == "both"


def test_looks_are_at_most_half_a_minute_apart() -> None:
    script = Script([_leads_answer(_lead("1"))] * 9)

    with pytest.raises(UnfinishedError):
        script.run(_leads.wait_for_conversion(CONFIG, "1", timeout_seconds=150))

    # After 0, 2, 6, 14, 30, 60, 90, 120 and 150 seconds.
    assert len(script.requests) == 9


def test_waiting_for_a_conversion_ends() -> None:
    script = Script([_leads_answer(_lead("1"))] * 9)

    with pytest.raises(UnfinishedError) as caught:
        script.run(_leads.wait_for_conversion(CONFIG, "1", timeout_seconds=10))

    assert caught.value.waited_seconds == 10
    assert script.now - NOW == timedelta(seconds=10)
    assert len(script.requests) == 4


def test_a_wait_of_no_time_looks_once() -> None:
    script = Script([_leads_answer(_lead("1"))])

    with pytest.raises(UnfinishedError):
        script.run(_leads.wait_for_conversion(CONFIG, "1", timeout_seconds=0))

    assert len(script.requests) == 1


def test_a_lead_that_is_gone_is_not_waited_for() -> None:
    with pytest.raises(NotFoundError, match="not visible"):
        Script([Reply(204)]).run(
            _leads.wait_for_conversion(CONFIG, "1", timeout_seconds=60)
        )


def test_a_contact_that_is_gone_is_not_waited_for() -> None:
    row = {**_lead("1"), "Converted__s": True}

    with pytest.raises(NotFoundError, match="contact is gone"):
        Script([_leads_answer(row)]).run(
            _leads.wait_for_conversion(CONFIG, "1", timeout_seconds=60)
        )


def test_leads_are_told_with_their_contacts() -> None:
    script = Script([_leads_answer(_lead("1", "9"), _lead("2"))])

    found = script.run(_leads.converted_contacts(CONFIG, ["1", "2", "3", "1"]))

    assert found == {"1": "9"}
    assert script.requests[0].query["ids"] == "1,2,3"


def test_the_options_of_a_lead_are_asked_for() -> None:
    script = Script([Reply(204)])

    found = script.run(_leads.conversion_options(CONFIG, "1"))

    (request,) = script.requests
    assert request.url.endswith("/crm/v8/Leads/1/__conversion_options")
    assert found.contacts == ()


# --- many leads --------------------------------------------------------------


def _scheduled(request: Request) -> Reply:
    job = f"9{request.json['ids'][0]}"
    body = {"code": "SCHEDULED", "status": "success", "details": {"job_id": job}}
    return answer(body, 202)


def _ids(count: int) -> list[str]:
    return [str(number) for number in range(1, count + 1)]


def test_leads_are_mass_converted_by_fifty() -> None:
    script = Script([_scheduled] * 3)

    jobs = script.run(_leads.mass_convert(CONFIG, _ids(120)))

    assert [len(job.lead_ids) for job in jobs] == [50, 50, 20]
    assert [job.job_id for job in jobs] == ["91", "951", "9101"]
    assert script.requests[0].json == {"ids": _ids(50)}


def test_a_mass_conversion_names_modules_by_name_and_id() -> None:
    script = Script([_scheduled])
    reference = {"api_name": "Contacts", "id": "77"}

    script.run(
        _leads.mass_convert(
            CONFIG,
            ["1"],
            assign_to="4",
            deal={"Deal_Name": "One"},
            carry_over_tags=[CONTACTS],
            move_attachments_to=CONTACTS,
            related_modules=[CONTACTS],
        )
    )

    assert script.requests[0].json == {
        "ids": ["1"],
        "assign_to": {"id": "4"},
        "Deals": {"Deal_Name": "One"},
        "carry_over_tags": [reference],
        "move_attachments_to": reference,
        "related_modules": [reference],
    }


def test_a_part_whose_answer_is_lost_hides_no_other() -> None:
    script = Script([_scheduled, ConnectionLostError("gone"), _scheduled])

    jobs = script.run(_leads.mass_convert(CONFIG, _ids(150)))

    assert [job.job_id for job in jobs] == ["91", None, "9101"]
    assert isinstance(jobs[1].error, OutcomeUnknownError)
    assert len(script.requests) == 3


def test_nothing_more_is_sent_after_a_missing_right() -> None:
    denied = answer(fault("NO_PERMISSION"), 403)
    script = Script([_scheduled, denied])

    jobs = script.run(_leads.mass_convert(CONFIG, _ids(200)))

    assert [type(job.error) for job in jobs[1:]] == [PermissionDeniedError] * 3
    assert len(script.requests) == 2


def test_a_mass_conversion_that_is_refused_raises() -> None:
    said = answer(fault("INVALID_DATA", api_name="ids"), 400)

    with pytest.raises(RefusedError):
        Script([said]).run(_leads.mass_convert(CONFIG, ["1"]))


@pytest.mark.parametrize(
    ("lead_ids", "assign_to"), [(["1", "1"], None), (["x"], None), (["1"], "x")]
)
def test_a_mass_conversion_needs_ids(
    lead_ids: list[str], assign_to: str | None
) -> None:
    with pytest.raises(InvalidInputError):
        Script([]).run(_leads.mass_convert(CONFIG, lead_ids, assign_to=assign_to))


def _progress(status: str, converted: int = 0) -> Reply:
    row = {
        "Status": status,
        "Total_Count": 2,
        "Converted_Count": converted,
        "Not_Converted_Count": 2 - converted,
        "Failed_Count": 0,
    }
    return answer({"data": [row]})


def test_a_job_is_waited_for() -> None:
    script = Script(
        [_progress("scheduled"), _progress("in progress", 1), _progress("completed", 2)]
    )

    found = script.run(_leads.wait_for_mass_conversion(CONFIG, "9", timeout_seconds=60))

    assert (found.status, found.converted) == (MassConversionStatus.COMPLETED, 2)
    assert script.now - NOW == timedelta(seconds=6)
    assert script.requests[0].query == {"job_id": "9"}


def test_waiting_for_a_job_ends() -> None:
    script = Script([_progress("scheduled")] * 9)

    with pytest.raises(UnfinishedError) as caught:
        script.run(_leads.wait_for_mass_conversion(CONFIG, "9", timeout_seconds=7))

    assert caught.value.job_id == "9"
