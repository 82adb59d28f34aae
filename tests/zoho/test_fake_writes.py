"""The writes of the fake Zoho: what is taken, what is refused, and how it says so."""

from __future__ import annotations

from typing import Any

import pytest

from crmbridge._steps import Request
from crmbridge.testing import FakeClock, ZohoFake, ZohoSwitches
from tests.zoho.asking import Api, code_of

EMAIL = "nowak@example.com"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def api(clock: FakeClock) -> Api:
    return Api(ZohoFake(users=("admin@example.com", "bob@example.com"), clock=clock))


# --- unknown path, module, verb -----------------------------------------------


@pytest.mark.fake_row("Unknown path/module/verb")
def test_unknown_paths_modules_and_verbs_differ(api: Api) -> None:
    assert code_of(api.ask("GET", "Leads/1/2/3")) == (404, "INVALID_URL_PATTERN")
    assert code_of(api.ask("GET", "leads", fields="Email")) == (400, "INVALID_MODULE")
    assert code_of(api.ask("PATCH", "Leads")) == (400, "INVALID_REQUEST_METHOD")
    assert code_of(api.ask("PUT", "Leads/upsert")) == (400, "INVALID_REQUEST_METHOD")


@pytest.mark.fake_row("Unknown path/module/verb")
def test_another_version_of_the_api_is_no_path(api: Api) -> None:
    headers = {"authorization": f"Zoho-oauthtoken {api.token}"}
    url = "https://www.zohoapis.example.com/crm/v99/Leads"

    reply = api.fake.handle(Request("zoho", "GET", url, headers=headers))

    assert code_of(reply) == (404, "INVALID_URL_PATTERN")


# --- records ------------------------------------------------------------------


@pytest.mark.fake_row("Writes")
def test_an_insert_answers_201_with_ids_of_18_digits(api: Api) -> None:
    status, rows = api.write("insert", "Leads", {"Last_Name": "x"}, {"Last_Name": "y"})

    assert status == 201
    ids = [row["details"]["id"] for row in rows]
    assert len(set(ids)) == 2
    assert all(len(record_id) == 18 and record_id.isdigit() for record_id in ids)
    assert rows[0]["details"]["Modified_Time"] == "2026-01-05T13:00:00+01:00"
    assert rows[0]["details"]["$approval_state"] == "approved"


@pytest.mark.fake_row("Writes")
def test_mixed_results_are_a_207_by_position(api: Api) -> None:
    status, rows = api.write("insert", "Leads", {"Last_Name": "x"}, {}, 7)

    assert status == 207
    assert [row["status"] for row in rows] == ["success", "error", "error"]
    assert rows[1]["code"] == "MANDATORY_NOT_FOUND"
    assert rows[1]["details"]["api_name"] == "Last_Name"


@pytest.mark.fake_row("Writes")
def test_a_batch_that_failed_whole_is_a_400_with_results(api: Api) -> None:
    status, rows = api.write("insert", "Leads", {}, {})

    assert (status, len(rows)) == (400, 2)


@pytest.mark.fake_row("Writes")
def test_a_batch_holds_a_hundred_records(api: Api) -> None:
    reply = api.ask("POST", "Leads", {"data": [{"Last_Name": "x"}] * 101})

    assert code_of(reply) == (400, "LIMIT_EXCEEDED")
    assert reply.json()["details"]["maximum_length"] == 100


@pytest.mark.fake_row("Writes")
@pytest.mark.parametrize("body", [None, {}, {"data": []}, {"data": {}}, []])
def test_a_body_without_data_is_refused(api: Api, body: Any) -> None:
    assert code_of(api.ask("POST", "Leads", body)) == (400, "INVALID_DATA")


@pytest.mark.fake_row("Writes")
@pytest.mark.parametrize(
    ("field", "value", "detail"),
    [
        ("Last_Name", "x" * 81, {"maximum_length": 80}),
        ("Phone", "1" * 31, {"maximum_length": 30}),
        ("Phone", "-12", {"expected_data_type": "phone"}),
        ("Phone", "1  2", {"expected_data_type": "phone"}),
        ("Email", "nowak", {"expected_data_type": "email"}),
        ("Email", ".nowak@example.com", {"expected_data_type": "email"}),
        ("Email_Opt_Out", "yes", {"expected_data_type": "boolean"}),
        ("City", 7, {"expected_data_type": "string"}),
        ("Tag", "vip", {"expected_data_type": "jsonarray"}),
        ("Owner", 7, {"expected_data_type": "jsonobject"}),
        ("Owner", {"id": "1"}, {}),
    ],
)
def test_a_value_that_does_not_fit_is_refused_whole(
    api: Api, field: str, value: Any, detail: dict[str, Any]
) -> None:
    record = {"Last_Name": "x", field: value}

    _, (result,) = api.write("insert", "Leads", record)

    assert result["code"] == "INVALID_DATA"
    assert result["details"]["api_name"] == field
    assert result["details"].items() >= detail.items()
    assert api.fake.people.records("Leads") == ()


@pytest.mark.fake_row("Writes")
def test_a_birthday_is_a_date(api: Api) -> None:
    _, rows = api.write(
        "insert",
        "Contacts",
        {"Last_Name": "x", "Date_of_Birth": "1980-02-30"},
        {"Last_Name": "x", "Date_of_Birth": "1980-02-29"},
    )

    assert [row["status"] for row in rows] == ["error", "success"]


@pytest.mark.fake_row("Writes")
def test_several_errors_come_together(api: Api) -> None:
    _, (result,) = api.write("insert", "Leads", {"Phone": "-", "Email": "x"})

    assert result["code"] == "MULTIPLE_OR_MULTI_ERRORS"
    assert [error["code"] for error in result["details"]["errors"]] == [
        "INVALID_DATA",
        "INVALID_DATA",
        "MANDATORY_NOT_FOUND",
    ]


@pytest.mark.fake_row("Writes")
def test_company_is_demanded_by_the_layout_or_the_organisation(api: Api) -> None:
    plain = api.write("insert", "Leads", {"Last_Name": "x"})[0]
    layout = api.write("insert", "Leads", {"Last_Name": "x", "Layout": {"id": "1"}})
    api.fake.switches = ZohoSwitches(has_mandatory_company=True)
    strict = api.write("insert", "Leads", {"Last_Name": "x"})

    assert plain == 201
    for status, (result,) in (layout, strict):
        assert (status, result["code"]) == (400, "MANDATORY_NOT_FOUND")
        assert result["details"]["api_name"] == "Company"


@pytest.mark.fake_row("Writes")
def test_null_clears_and_a_missing_key_leaves_alone(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x", Phone="1", Fax="2", City="3")

    api.write("update", "Leads", {"id": lead, "Phone": None, "Fax": ""})

    shown = api.fake.people.record(lead)
    assert (shown["Phone"], shown["Fax"], shown["City"]) == (None, None, "3")


@pytest.mark.fake_row("Writes")
def test_a_mandatory_field_cannot_be_cleared(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")

    _, (result,) = api.write("update", "Leads", {"id": lead, "Last_Name": None})

    assert result["code"] == "MANDATORY_NOT_FOUND"


@pytest.mark.fake_row("Writes")
def test_read_only_fields_are_ignored(api: Api) -> None:
    record = {"Last_Name": "x", "Full_Name": "y", "Created_Time": "z", "id": "1"}

    status, (result,) = api.write("insert", "Leads", record)

    assert status == 201
    assert api.fake.people.record(result["details"]["id"])["Full_Name"] == "x"


@pytest.mark.fake_row("Writes")
def test_unknown_fields_are_ignored_or_refused(api: Api) -> None:
    ignored = api.write("insert", "Leads", {"Last_Name": "x", "Nonsense": 1})[0]
    api.fake.switches = ZohoSwitches(unknown_fields="refuse")

    status, (result,) = api.write("insert", "Leads", {"Last_Name": "x", "Nonsense": 1})

    assert ignored == 201
    assert (status, result["details"]["api_name"]) == (400, "Nonsense")


@pytest.mark.fake_row("Writes")
def test_tags_are_written_by_name(api: Api) -> None:
    _, (result,) = api.write(
        "insert", "Leads", {"Last_Name": "x", "Tag": [{"name": "vip"}]}
    )

    (tag,) = api.fake.people.record(result["details"]["id"])["Tag"]
    assert tag["name"] == "vip"


@pytest.mark.fake_row("Writes")
def test_an_update_needs_a_known_id(api: Api) -> None:
    status, rows = api.write(
        "update", "Leads", {"Phone": "1"}, {"id": "1", "Phone": "1"}
    )

    assert status == 400
    assert [(row["code"], row["details"]["api_name"]) for row in rows] == [
        ("MANDATORY_NOT_FOUND", "id"),
        ("INVALID_DATA", "id"),
    ]


@pytest.mark.fake_row("Writes")
def test_one_record_can_be_updated_by_its_path(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")

    reply = api.ask("PUT", f"Leads/{lead}", {"data": [{"Phone": "1"}]})

    assert reply.status == 200
    assert api.fake.people.record(lead)["Phone"] == "1"


@pytest.mark.fake_row("Writes")
def test_a_locked_record_is_refused(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    api.fake.locked.add(lead)

    _, (result,) = api.write("update", "Leads", {"id": lead, "Phone": "1"})

    assert result["code"] == "RECORD_LOCKED"


@pytest.mark.fake_row("Writes")
def test_an_inactive_user_can_own_nothing(api: Api) -> None:
    user = api.fake.people.add_user("left@example.com", is_active=False)

    _, (result,) = api.write(
        "insert", "Leads", {"Last_Name": "x", "Owner": {"id": user}}
    )

    assert (result["code"], result["details"]["api_name"]) == ("INVALID_DATA", "Owner")


@pytest.mark.fake_row("Writes")
def test_an_account_is_named_by_a_live_id(api: Api) -> None:
    account = api.fake.people.add_account(Account_Name="Acme")

    _, rows = api.write(
        "insert",
        "Contacts",
        {"Last_Name": "x", "Account_Name": {"id": account}},
        {"Last_Name": "x", "Account_Name": account},
        {"Last_Name": "x", "Account_Name": {"id": "1"}},
    )

    assert [row["status"] for row in rows] == ["success", "success", "error"]
    shown = api.fake.people.record(rows[0]["details"]["id"])
    assert shown["Account_Name"] == {"id": account, "name": "Acme"}


@pytest.mark.fake_row("Writes")
@pytest.mark.parametrize("status", [200, 202, 400])
def test_what_failed_whole_has_the_status_that_is_switched(
    api: Api, status: Any
) -> None:
    api.fake.switches = ZohoSwitches(refused_status=status)

    answered = api.write("insert", "Leads", {}, {})

    assert answered[0] == status
    assert [row["status"] for row in answered[1]] == ["error", "error"]
    assert api.ask("DELETE", "Leads", ids="1").status == status


@pytest.mark.fake_row("Writes")
def test_read_only_fields_may_be_refused(api: Api) -> None:
    api.fake.switches = ZohoSwitches(read_only_fields="refuse")
    record = {"Last_Name": "x", "Modified_Time": "z", "$approved": False, "id": "1"}

    _, (result,) = api.write("insert", "Leads", record)

    assert (result["code"], result["details"]["api_name"]) == (
        "INVALID_DATA",
        "Modified_Time",
    )


@pytest.mark.fake_row("Writes")
@pytest.mark.parametrize(
    ("hold", "code"),
    [
        ("locked", "RECORD_LOCKED"),
        ("in_approval", "NOT_APPROVED"),
        ("in_review", "NOT_REVIEWED"),
    ],
)
def test_a_record_that_is_held_is_refused_alone(api: Api, hold: str, code: str) -> None:
    held, free = (api.fake.people.add_lead(Last_Name="x", Email=EMAIL) for _ in "ab")
    getattr(api.fake, hold).add(held)

    status, rows = api.write(
        "update", "Leads", {"id": held, "Phone": "1"}, {"id": free, "Phone": "1"}
    )
    deletion = api.ask("DELETE", "Leads", ids=held)
    upserted = api.write("upsert", "Leads", {"id": held, "Phone": "1"})[1][0]

    assert status == 207
    assert [row["code"] for row in rows] == [code, "SUCCESS"]
    assert rows[0]["details"] == {"id": held}
    assert code_of(deletion) == (400, code)
    assert upserted["code"] == code


@pytest.mark.fake_row("Writes")
def test_a_record_that_the_user_cannot_see_cannot_be_written(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    api.fake.people.hide(lead)

    _, (result,) = api.write("update", "Leads", {"id": lead, "Phone": "1"})

    assert (result["code"], result["details"]["api_name"]) == ("INVALID_DATA", "id")
    assert code_of(api.ask("DELETE", "Leads", ids=lead)) == (400, "INVALID_DATA")


@pytest.mark.fake_row("Writes")
def test_ids_to_be_deleted_are_named_and_a_hundred(api: Api) -> None:
    assert code_of(api.ask("DELETE", "Leads")) == (400, "REQUIRED_PARAM_MISSING")
    many = api.ask("DELETE", "Leads", ids=",".join(map(str, range(101))))
    assert code_of(many) == (400, "LIMIT_EXCEEDED")


@pytest.mark.fake_row("Writes")
@pytest.mark.parametrize(
    ("form", "duplicate", "wrong", "has_approval"),
    [
        (
            "v8",
            {"api_name", "json_path", "id", "duplicate_record", "more_records"},
            {"api_name", "json_path", "maximum_length"},
            True,
        ),
        (
            "nested",
            {"api_name", "json_path", "duplicate_record", "more_records"},
            {"api_name", "json_path", "maximum_length"},
            True,
        ),
        ("v2", {"api_name", "id"}, {"api_name", "maximum_length"}, False),
    ],
)
def test_details_have_the_form_that_is_switched(
    api: Api, form: Any, duplicate: set[str], wrong: set[str], *, has_approval: bool
) -> None:
    api.fake.people.add_contact(Last_Name="x", Email=EMAIL)
    api.fake.switches = ZohoSwitches(details_form=form)

    _, rows = api.write(
        "insert",
        "Contacts",
        {"Last_Name": "y", "Email": EMAIL, "Phone": "1" * 31},
        {"Last_Name": "y"},
    )

    inner = {error["code"]: error for error in rows[0]["details"]["errors"]}
    assert inner["DUPLICATE_DATA"]["details"].keys() == duplicate
    assert inner["INVALID_DATA"]["details"].keys() == wrong
    assert ("$approval_state" in rows[1]["details"]) is has_approval


# --- what is set off ----------------------------------------------------------


@pytest.mark.fake_row("Writes")
def test_without_a_word_everything_is_set_off(api: Api) -> None:
    api.write("insert", "Leads", {"Last_Name": "x"}, {"Last_Name": "y"}, {})

    assert api.fake.fired == {
        "workflow": 2,
        "approval": 2,
        "blueprint": 2,
        "pathfinder": 2,
        "orchestration": 2,
        "cadences": 2,
    }


@pytest.mark.fake_row("Writes")
def test_only_what_is_named_is_set_off(api: Api) -> None:
    skip = [{"name": "cadences"}]
    record = {"Last_Name": "x"}

    api.write("insert", "Leads", record, trigger=[], skip_feature_execution=skip)
    nothing = dict(api.fake.fired)
    api.write("insert", "Leads", record, trigger=["workflow"])

    assert nothing == {}
    assert api.fake.fired == {"workflow": 1, "cadences": 1}


@pytest.mark.fake_row("Writes")
def test_a_deletion_sets_off_workflows_unless_told(api: Api) -> None:
    first, second = (api.fake.people.add_lead(Last_Name="x") for _ in "ab")

    api.ask("DELETE", "Leads", ids=first, wf_trigger="false")
    nothing = dict(api.fake.fired)
    api.ask("DELETE", f"Leads/{second}")

    assert nothing == {}
    assert api.fake.fired == {"workflow": 1}


@pytest.mark.fake_row("Writes")
@pytest.mark.parametrize("trigger", ["workflow", ["mail"]])
def test_what_cannot_be_set_off_is_refused(api: Api, trigger: Any) -> None:
    reply = api.ask("POST", "Leads", {"data": [{"Last_Name": "x"}], "trigger": trigger})

    assert code_of(reply) == (400, "INVALID_DATA")


# --- ids ----------------------------------------------------------------------


@pytest.mark.fake_row("Ids")
def test_ids_are_texts_of_18_or_19_digits_that_no_module_shares(api: Api) -> None:
    ids: list[str] = []
    for digits in (18, 19, 18):
        api.fake.switches = ZohoSwitches(id_digits=digits)
        for module in ("Leads", "Contacts"):
            _, rows = api.write("insert", module, {"Last_Name": "x"})
            ids.append(rows[0]["details"]["id"])

    assert [len(record_id) for record_id in ids] == [18, 18, 19, 19, 18, 18]
    assert all(record_id.isdigit() for record_id in ids)
    assert len(set(ids)) == 6
    assert api.ids("Leads", sort_order="asc") == [ids[0], ids[4], ids[2]]
