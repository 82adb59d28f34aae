"""What Zoho answers to conversions; the answers imitate Zoho CRM API v8."""

from __future__ import annotations

from typing import Any

import pytest

from crmbridge._steps import Reply
from crmbridge.errors import MalformedReplyError, RecordLockedError, RefusedError
from crmbridge.zoho._conversion_replies import (
    conversion_options_in,
    converted,
    job_id_in,
    mass_conversion_in,
)
from crmbridge.zoho.conversions import (
    ConversionMatch,
    ConversionOptions,
    MassConversion,
    MassConversionStatus,
)
from tests.unit.zoho.script import answer, done, fault


def test_a_conversion_names_what_was_made() -> None:
    details = {"Contacts": {"name": "x", "id": "2"}, "Deals": None, "Accounts": None}

    result = converted(answer({"data": [{**done("1"), "details": details}]}), "convert")

    assert (result.contact_id, result.account_id, result.deal_id) == ("2", None, None)
    assert not result.is_scheduled


def test_a_scheduled_conversion_names_its_job() -> None:
    row = {**done("1"), "code": "SCHEDULED", "details": {"job_id": "9"}}

    result = converted(answer({"data": [row]}, 202), "convert")

    assert result.is_scheduled
    assert result.contact_id is None


def test_a_conversion_that_names_nothing_is_malformed() -> None:
    with pytest.raises(MalformedReplyError, match="no contact"):
        converted(answer({"data": [{**done("1"), "details": {}}]}), "convert")


def test_a_conversion_of_an_old_form_names_plain_ids() -> None:
    details = {"Contacts": "2", "Deals": "3", "Accounts": "4"}

    result = converted(answer({"data": [{**done("1"), "details": details}]}), "convert")

    assert (result.contact_id, result.deal_id, result.account_id) == ("2", "3", "4")


@pytest.mark.parametrize("status", [202, 400])
def test_a_conversion_that_is_refused_says_which_field(status: int) -> None:
    said = fault("MAPPING_MISMATCH", api_name="Stage", mapped_field="Pipeline")

    with pytest.raises(RefusedError) as caught:
        converted(answer({"data": [said]}, status), "convert")

    assert (caught.value.code, caught.value.field) == ("MAPPING_MISMATCH", "Stage")


def test_a_mass_conversion_names_its_job() -> None:
    body = {"code": "SCHEDULED", "status": "success", "details": {"job_id": "9"}}

    assert job_id_in(answer(body, 202), "mass convert") == "9"


@pytest.mark.parametrize("reply", [Reply(204), answer({"status": "success"}, 202)])
def test_a_mass_conversion_without_a_job_is_malformed(reply: Reply) -> None:
    with pytest.raises(MalformedReplyError, match="no job"):
        job_id_in(reply, "mass convert")


def _progress(**changed: Any) -> Reply:
    row = {
        "Status": "COMPLETED",
        "Total_Count": 50,
        "Converted_Count": 44,
        "Not_Converted_Count": 0,
        "Failed_Count": 6,
    }
    return answer({"data": [{**row, **changed}]})


def test_the_progress_of_a_mass_conversion_is_read() -> None:
    found = mass_conversion_in(_progress(), "job")

    assert found == MassConversion(MassConversionStatus.COMPLETED, 50, 44, 0, 6)
    assert found.is_finished


@pytest.mark.parametrize(
    ("word", "status", "is_finished"),
    [
        ("scheduled", MassConversionStatus.SCHEDULED, False),
        ("in progress", MassConversionStatus.IN_PROGRESS, False),
        ("IN_PROGRESS", MassConversionStatus.IN_PROGRESS, False),
        ("Completed", MassConversionStatus.COMPLETED, True),
        ("failed", MassConversionStatus.FAILED, True),
    ],
)
def test_the_case_of_a_status_does_not_matter(
    word: str, status: MassConversionStatus, *, is_finished: bool
) -> None:
    found = mass_conversion_in(_progress(Status=word), "job")

    assert found.status is status
    assert found.is_finished is is_finished


@pytest.mark.parametrize(
    "changed", [{"Status": "odd"}, {"Status": None}, {"Failed_Count": "6"}]
)
def test_progress_of_another_form_is_malformed(changed: dict[str, Any]) -> None:
    with pytest.raises(MalformedReplyError):
        mass_conversion_in(_progress(**changed), "job")


def _options(**told: Any) -> Reply:
    nothing = {
        "module_preference": None,
        "Contacts": None,
        "Accounts": None,
        "preference_field_matched_value": None,
        "modules_with_multiple_layouts": None,
    }
    return answer({"__conversion_options": {**nothing, **told}})


def test_no_answer_is_no_match() -> None:
    assert conversion_options_in(Reply(204), "options") == ConversionOptions()
    assert conversion_options_in(_options(), "options") == ConversionOptions()


def test_matches_are_read() -> None:
    contact = {
        "id": "2",
        "Full_Name": "Jan Nowak",
        "Email": "jan@example.com",
        "Account_Name": {"id": "3", "name": "Acme", "Locked__s": False},
        "$editable": True,
        "Locked__s": True,
    }
    account = {"id": "3", "Account_Name": "Acme", "$editable": False}
    by_name = {"field": {"api_name": "Full_Name"}, "matched_lead_value": "Jan Nowak"}

    found = conversion_options_in(
        _options(
            module_preference={"api_name": "Contacts", "id": "9"},
            Contacts=[contact],
            Accounts=[account],
            preference_field_matched_value={"Contacts": [by_name], "Accounts": None},
        ),
        "options",
    )

    assert found.contacts == (
        ConversionMatch("2", "Jan Nowak", "jan@example.com", "3", is_locked=True),
    )
    assert found.accounts == (ConversionMatch("3", "Acme", is_editable=False),)
    assert found.preferred_module == "Contacts"
    assert found.matched_by == {"Contacts": ("Full_Name",)}
    assert "jan@example.com" not in repr(found)


@pytest.mark.parametrize(
    "reply", [answer({}), _options(Contacts=[{"Full_Name": "x"}]), answer([])]
)
def test_options_of_another_form_are_malformed(reply: Reply) -> None:
    with pytest.raises(MalformedReplyError):
        conversion_options_in(reply, "options")


def test_the_options_of_a_locked_lead_are_refused() -> None:
    said = fault("RECORD_LOCKED", resource_path_index=1)

    with pytest.raises(RecordLockedError):
        conversion_options_in(answer(said, 400), "options")
