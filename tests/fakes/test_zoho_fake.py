"""The fake Zoho: what it answers, and each of its switches.

Each section is a row of the table of what a faithful fake has to do.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from attrs import evolve

from crmbridge._steps import Reply, Request
from crmbridge.errors import (
    ConnectionFailedError,
    ConnectionLostError,
    InvalidInputError,
)
from crmbridge.testing import FakeClock, Fault, ZohoFake, ZohoSwitches

EMAIL = "nowak@example.com"
ADMIN = "admin@example.com"
BOB = "bob@example.com"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def fake(clock: FakeClock) -> ZohoFake:
    return ZohoFake(users=(ADMIN, BOB), clock=clock)


def _refresh(fake: ZohoFake, **form: str) -> Reply:
    account = fake.account()
    whole = {
        "grant_type": "refresh_token",
        "client_id": account["client_id"],
        "client_secret": account["client_secret"],
        "refresh_token": account["refresh_token"],
        **form,
    }
    url = f"{account['accounts_url']}/oauth/v2/token"
    return fake.handle(Request("zoho", "POST", url, form=whole))


def _token(fake: ZohoFake) -> str:
    return str(_refresh(fake).json()["access_token"])


class Api:
    """Asks a fake with one token."""

    def __init__(self, fake: ZohoFake) -> None:
        self.fake = fake
        self.token = _token(fake)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        **query: str,
    ) -> Reply:
        own = {"authorization": f"Zoho-oauthtoken {self.token}", **(headers or {})}
        url = f"https://www.zohoapis.example.com/crm/v8/{path}"
        return self.fake.handle(
            Request("zoho", method, url, query=query, headers=own, json=body)
        )

    def page(
        self, module: str = "Leads", since: datetime | None = None, **query: str
    ) -> Reply:
        headers = {} if since is None else {"if-modified-since": since.isoformat()}
        return self.ask("GET", module, None, headers, **{"fields": "Email", **query})

    def ids(self, module: str = "Leads", **query: Any) -> list[str]:
        reply = self.page(module, **query)
        return (
            [] if reply.status == 204 else [row["id"] for row in reply.json()["data"]]
        )

    def write(
        self, verb: str, module: str, *records: Any, headers: Any = None, **more: Any
    ) -> tuple[int, list[Any]]:
        method = {"insert": "POST", "update": "PUT", "upsert": "POST"}[verb]
        path = f"{module}/upsert" if verb == "upsert" else module
        reply = self.ask(method, path, {"data": list(records), **more}, headers)
        return reply.status, reply.json()["data"]


@pytest.fixture
def api(fake: ZohoFake) -> Api:
    return Api(fake)


def _code(reply: Reply) -> tuple[int, str]:
    body = reply.json()
    return reply.status, body.get("code") or body["data"][0]["code"]


# --- token endpoint ----------------------------------------------------------


def test_a_token_comes_with_the_apis_address_and_no_refresh_token(
    fake: ZohoFake,
) -> None:
    fake.api_domain = "http://127.0.0.1:1"

    body = _refresh(fake).json()

    assert body["api_domain"] == "http://127.0.0.1:1"
    assert body["expires_in"] == 3600
    assert "refresh_token" not in body


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_id": "x"}, "invalid_client"),
        ({"client_secret": "x"}, "invalid_client_secret"),
        ({"refresh_token": "x"}, "invalid_code"),
    ],
)
def test_bad_credentials_are_answered_with_200(
    fake: ZohoFake, form: dict[str, str], error: str
) -> None:
    reply = _refresh(fake, **form)

    assert reply.status == 200
    assert reply.json() == {"error": error}


def test_the_eleventh_token_in_ten_minutes_is_refused(
    fake: ZohoFake, clock: FakeClock
) -> None:
    for _ in range(10):
        assert _refresh(fake).status == 200

    refused = _refresh(fake)
    clock.advance(600)

    assert (refused.status, refused.json()["error"]) == (400, "Access Denied")
    assert _refresh(fake).status == 200


def test_the_sixteenth_token_ends_the_oldest(fake: ZohoFake, clock: FakeClock) -> None:
    api = Api(fake)
    for _ in range(14):
        clock.advance(120)
        _refresh(fake)
    before = api.page().status

    clock.advance(120)
    _refresh(fake)

    assert before == 204
    assert _code(api.page()) == (401, "INVALID_TOKEN")


# --- auth --------------------------------------------------------------------


@pytest.mark.parametrize(
    "header", ["", "Bearer x", "Zoho-authtoken x", "Zoho-oauthtoken"]
)
def test_only_zohos_own_scheme_is_taken(api: Api, header: str) -> None:
    reply = api.ask("GET", "Leads", None, {"authorization": header}, fields="Email")

    assert _code(reply) == (401, "AUTHENTICATION_FAILURE")


def test_a_token_ends_after_an_hour(api: Api, clock: FakeClock) -> None:
    clock.advance(3600)

    assert _code(api.page()) == (401, "INVALID_TOKEN")


def test_a_foreign_token_is_invalid(api: Api) -> None:
    api.token = "1000.other"

    assert _code(api.page()) == (401, "INVALID_TOKEN")


def test_a_missing_scope_and_a_missing_right_differ(api: Api) -> None:
    api.fake.switches = ZohoSwitches(missing_scopes=frozenset({"Leads", "users"}))
    scope, users = _code(api.page()), _code(api.ask("GET", "users"))
    api.fake.switches = ZohoSwitches(denied_modules=frozenset({"Leads"}))

    assert scope == users == (401, "OAUTH_SCOPE_MISMATCH")
    assert _code(api.page()) == (403, "NO_PERMISSION")


# --- unknown path, module, verb ----------------------------------------------


def test_unknown_paths_modules_and_verbs_differ(api: Api) -> None:
    assert _code(api.ask("GET", "Leads/1/2/3")) == (404, "INVALID_URL_PATTERN")
    assert _code(api.ask("GET", "leads", fields="Email")) == (400, "INVALID_MODULE")
    assert _code(api.ask("PATCH", "Leads")) == (400, "INVALID_REQUEST_METHOD")


# --- list --------------------------------------------------------------------


def test_a_list_needs_its_fields(api: Api) -> None:
    reply = api.ask("GET", "Leads")

    assert _code(reply) == (400, "REQUIRED_PARAM_MISSING")
    assert reply.json()["details"] == {"param_name": "fields"}


def test_a_list_takes_fifty_fields(api: Api) -> None:
    many = ",".join(f"f{number}" for number in range(51))

    assert _code(api.page(fields=many)) == (400, "LIMIT_EXCEEDED")


def test_a_list_shows_nulls_and_leaves_unknown_fields_out(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")

    (row,) = api.page(fields="Email,Nonsense,$converted").json()["data"]

    assert row == {"id": lead, "Email": None, "$converted": False}


def test_a_list_begins_with_the_newest_id(api: Api) -> None:
    ids = [api.fake.people.add_lead(Last_Name="x") for _ in range(3)]

    assert api.ids() == ids[::-1]
    assert api.ids(sort_order="asc") == ids


def test_a_list_can_be_sorted_by_modified_time(api: Api, clock: FakeClock) -> None:
    first = api.fake.people.add_lead(Last_Name="x")
    second = api.fake.people.add_lead(Last_Name="x")
    clock.advance(1)
    api.fake.people.edit(first, Phone="1")

    assert api.ids(sort_by="Modified_Time") == [first, second]


def test_pages_above_two_hundred_are_cut_or_refused(api: Api) -> None:
    for _ in range(201):
        api.fake.people.add_lead(Last_Name="x")

    cut = api.page(per_page="500").json()["info"]
    api.fake.switches = ZohoSwitches(large_pages="refuse")

    assert (cut["per_page"], cut["more_records"]) == (200, True)
    assert _code(api.page(per_page="500")) == (400, "INVALID_DATA")


@pytest.mark.parametrize(
    "query", [{"per_page": "0"}, {"per_page": "x"}, {"sort_by": "Fax"}]
)
def test_a_senseless_parameter_is_refused(api: Api, query: dict[str, Any]) -> None:
    assert _code(api.page(**query)) == (400, "INVALID_DATA")


# --- paging ------------------------------------------------------------------


def _token_of(reply: Reply) -> str:
    return str(reply.json()["info"]["next_page_token"])


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


def test_a_new_record_moves_no_page(api: Api) -> None:
    ids = [api.fake.people.add_lead(Last_Name="x") for _ in range(4)]
    first = api.page(per_page="2")

    api.fake.people.add_lead(Last_Name="new")

    assert api.ids(per_page="2", page_token=_token_of(first)) == ids[1::-1]


def test_without_tokens_there_is_a_wall(api: Api) -> None:
    api.fake.switches = ZohoSwitches(page_wall=4)
    for _ in range(6):
        api.fake.people.add_lead(Last_Name="x")

    inside = api.page(per_page="2", page="2").status
    reply = api.page(per_page="2", page="3")

    assert inside == 200
    assert _code(reply) == (400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED")
    assert reply.json()["details"] == {"limit": 4}


def test_with_tokens_the_wall_is_farther(api: Api) -> None:
    api.fake.switches = ZohoSwitches(token_wall=4)
    for _ in range(6):
        api.fake.people.add_lead(Last_Name="x")
    reply = api.page(per_page="2")
    reply = api.page(per_page="2", page_token=_token_of(reply))

    reply = api.page(per_page="2", page_token=_token_of(reply))

    assert _code(reply) == (400, "PAGINATION_LIMIT_EXCEEDED")


@pytest.mark.parametrize(
    "change", [{"fields": "Phone"}, {"per_page": "3"}, {"converted": "both"}]
)
def test_a_token_is_bound_to_its_parameters(api: Api, change: dict[str, Any]) -> None:
    for _ in range(6):
        api.fake.people.add_lead(Last_Name="x")
    token = _token_of(api.page(per_page="2"))

    reply = api.page(**{"per_page": "2", "page_token": token, **change})

    assert _code(reply) == (400, "TOKEN_BOUND_DATA_MISMATCH")


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

    assert _code(mismatch) == (400, "TOKEN_BOUND_DATA_MISMATCH")
    assert api.page(per_page="2", page_token=_token_of(loose)).status == 200


def test_a_page_token_ends_after_a_day(api: Api, clock: FakeClock) -> None:
    for _ in range(3):
        api.fake.people.add_lead(Last_Name="x")
    token = _token_of(api.page(per_page="2"))

    clock.advance(24 * 3600)
    api.token = _token(api.fake)

    assert _code(api.page(per_page="2", page_token=token)) == (400, "EXPIRED_VALUE")


@pytest.mark.parametrize(
    "query", [{"page": "1", "page_token": "t"}, {"cvid": "1", "sort_by": "id"}]
)
def test_two_ways_at_once_are_ambiguous(api: Api, query: dict[str, Any]) -> None:
    assert _code(api.page(**query)) == (400, "AMBIGUITY_DURING_PROCESSING")


# --- If-Modified-Since and empty results -------------------------------------


def test_nothing_new_is_a_304_without_a_body(api: Api, clock: FakeClock) -> None:
    api.fake.people.add_lead(Last_Name="x")

    reply = api.page(since=clock.now())
    api.fake.switches = ZohoSwitches(nothing_new_status=204)

    assert (reply.status, reply.body) == (304, b"")
    assert api.page(since=clock.now()).status == 204
    assert api.ask("GET", "Leads/deleted").status == 204


def test_the_second_itself_counts_where_it_is_switched_on(
    api: Api, clock: FakeClock
) -> None:
    api.fake.people.add_lead(Last_Name="x")
    before = api.page(since=clock.now()).status

    api.fake.switches = ZohoSwitches(is_since_inclusive=True)

    assert (before, api.page(since=clock.now()).status) == (304, 200)


def test_since_is_compared_as_an_instant(api: Api, clock: FakeClock) -> None:
    api.fake.people.add_lead(Last_Name="x")
    earlier = (clock.now() - timedelta(seconds=1)).astimezone(
        timezone(timedelta(hours=-9))
    )

    assert api.page(since=earlier).status == 200


def test_since_has_to_be_a_time_with_an_offset(api: Api) -> None:
    for text in ("yesterday", "2026-01-05T12:00:00"):
        headers = {"if-modified-since": text}
        reply = api.ask("GET", "Leads", None, headers, fields="Email")

        assert _code(reply) == (400, "INVALID_DATA")


def test_every_empty_result_is_a_204(api: Api) -> None:
    replies = [
        api.page(),
        api.ask("GET", "Leads/1"),
        api.page(ids="1,2"),
        api.ask("GET", "Leads/deleted"),
        api.ask("GET", "users", type="DeactiveUsers"),
    ]

    assert [(reply.status, reply.body) for reply in replies] == [(204, b"")] * 5


def test_an_unknown_id_may_be_refused_instead(api: Api) -> None:
    api.fake.switches = ZohoSwitches(unknown_ids="refuse")

    assert _code(api.page(ids="1,2")) == (400, "INVALID_DATA")
    assert _code(api.ask("GET", "Leads/1")) == (400, "INVALID_DATA")


def test_the_date_is_that_of_the_clock(api: Api) -> None:
    assert api.page().headers["date"] == "Mon, 05 Jan 2026 12:00:00 GMT"
    assert api.page().date == datetime(2026, 1, 5, 12, tzinfo=UTC)


# --- converted leads ---------------------------------------------------------


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


def test_a_converted_lead_tells_its_system_keys_when_asked(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    contact = api.fake.people.convert(lead)

    reply = api.page(fields="$converted,$converted_detail", ids=lead, converted="both")

    (row,) = reply.json()["data"]
    assert row["$converted_detail"] == {"contact": contact}


def test_a_converted_lead_cannot_be_changed(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    api.fake.people.convert(lead)

    status, (result,) = api.write("update", "Leads", {"id": lead, "Phone": "1"})

    assert (status, result["code"]) == (400, "ID_ALREADY_CONVERTED")


# --- writes ------------------------------------------------------------------


def test_an_insert_answers_201_with_ids_of_18_digits(api: Api) -> None:
    status, rows = api.write("insert", "Leads", {"Last_Name": "x"}, {"Last_Name": "y"})

    assert status == 201
    ids = [row["details"]["id"] for row in rows]
    assert len(set(ids)) == 2
    assert all(len(record_id) == 18 and record_id.isdigit() for record_id in ids)
    assert rows[0]["details"]["Modified_Time"] == "2026-01-05T13:00:00+01:00"
    assert rows[0]["details"]["$approval_state"] == "approved"


def test_mixed_results_are_a_207_by_position(api: Api) -> None:
    status, rows = api.write("insert", "Leads", {"Last_Name": "x"}, {}, 7)

    assert status == 207
    assert [row["status"] for row in rows] == ["success", "error", "error"]
    assert rows[1]["code"] == "MANDATORY_NOT_FOUND"
    assert rows[1]["details"]["api_name"] == "Last_Name"


def test_a_batch_that_failed_whole_is_a_400_with_results(api: Api) -> None:
    status, rows = api.write("insert", "Leads", {}, {})

    assert (status, len(rows)) == (400, 2)


def test_a_batch_holds_a_hundred_records(api: Api) -> None:
    reply = api.ask("POST", "Leads", {"data": [{"Last_Name": "x"}] * 101})

    assert _code(reply) == (400, "LIMIT_EXCEEDED")
    assert reply.json()["details"]["maximum_length"] == 100


@pytest.mark.parametrize("body", [None, {}, {"data": []}, {"data": {}}, []])
def test_a_body_without_data_is_refused(api: Api, body: Any) -> None:
    assert _code(api.ask("POST", "Leads", body)) == (400, "INVALID_DATA")


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


def test_a_birthday_is_a_date(api: Api) -> None:
    _, rows = api.write(
        "insert",
        "Contacts",
        {"Last_Name": "x", "Date_of_Birth": "1980-02-30"},
        {"Last_Name": "x", "Date_of_Birth": "1980-02-29"},
    )

    assert [row["status"] for row in rows] == ["error", "success"]


def test_several_errors_come_together(api: Api) -> None:
    _, (result,) = api.write("insert", "Leads", {"Phone": "-", "Email": "x"})

    assert result["code"] == "MULTIPLE_OR_MULTI_ERRORS"
    assert [error["code"] for error in result["details"]["errors"]] == [
        "INVALID_DATA",
        "INVALID_DATA",
        "MANDATORY_NOT_FOUND",
    ]


def test_company_is_demanded_by_the_layout_or_the_organisation(api: Api) -> None:
    plain = api.write("insert", "Leads", {"Last_Name": "x"})[0]
    layout = api.write("insert", "Leads", {"Last_Name": "x", "Layout": {"id": "1"}})
    api.fake.switches = ZohoSwitches(has_mandatory_company=True)
    strict = api.write("insert", "Leads", {"Last_Name": "x"})

    assert plain == 201
    for status, (result,) in (layout, strict):
        assert (status, result["code"]) == (400, "MANDATORY_NOT_FOUND")
        assert result["details"]["api_name"] == "Company"


def test_null_clears_and_a_missing_key_leaves_alone(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x", Phone="1", Fax="2", City="3")

    api.write("update", "Leads", {"id": lead, "Phone": None, "Fax": ""})

    shown = api.fake.people.record(lead)
    assert (shown["Phone"], shown["Fax"], shown["City"]) == (None, None, "3")


def test_a_mandatory_field_cannot_be_cleared(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")

    _, (result,) = api.write("update", "Leads", {"id": lead, "Last_Name": None})

    assert result["code"] == "MANDATORY_NOT_FOUND"


def test_read_only_fields_are_ignored(api: Api) -> None:
    record = {"Last_Name": "x", "Full_Name": "y", "Created_Time": "z", "id": "1"}

    status, (result,) = api.write("insert", "Leads", record)

    assert status == 201
    assert api.fake.people.record(result["details"]["id"])["Full_Name"] == "x"


def test_unknown_fields_are_ignored_or_refused(api: Api) -> None:
    ignored = api.write("insert", "Leads", {"Last_Name": "x", "Nonsense": 1})[0]
    api.fake.switches = ZohoSwitches(unknown_fields="refuse")

    status, (result,) = api.write("insert", "Leads", {"Last_Name": "x", "Nonsense": 1})

    assert ignored == 201
    assert (status, result["details"]["api_name"]) == (400, "Nonsense")


def test_tags_are_written_by_name(api: Api) -> None:
    _, (result,) = api.write(
        "insert", "Leads", {"Last_Name": "x", "Tag": [{"name": "vip"}]}
    )

    (tag,) = api.fake.people.record(result["details"]["id"])["Tag"]
    assert tag["name"] == "vip"


def test_an_update_needs_a_known_id(api: Api) -> None:
    status, rows = api.write(
        "update", "Leads", {"Phone": "1"}, {"id": "1", "Phone": "1"}
    )

    assert status == 400
    assert [(row["code"], row["details"]["api_name"]) for row in rows] == [
        ("MANDATORY_NOT_FOUND", "id"),
        ("INVALID_DATA", "id"),
    ]


def test_one_record_can_be_updated_by_its_path(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")

    reply = api.ask("PUT", f"Leads/{lead}", {"data": [{"Phone": "1"}]})

    assert reply.status == 200
    assert api.fake.people.record(lead)["Phone"] == "1"


def test_a_locked_record_is_refused(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    api.fake.locked.add(lead)

    _, (result,) = api.write("update", "Leads", {"id": lead, "Phone": "1"})

    assert result["code"] == "RECORD_LOCKED"


def test_an_inactive_user_can_own_nothing(api: Api) -> None:
    user = api.fake.people.add_user("left@example.com", is_active=False)

    _, (result,) = api.write(
        "insert", "Leads", {"Last_Name": "x", "Owner": {"id": user}}
    )

    assert (result["code"], result["details"]["api_name"]) == ("INVALID_DATA", "Owner")


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


# --- uniqueness --------------------------------------------------------------


def test_a_unique_address_is_compared_without_case(api: Api) -> None:
    contact = api.fake.people.add_contact(Last_Name="x", Email=EMAIL)

    status, (result,) = api.write(
        "insert", "Contacts", {"Last_Name": "y", "Email": EMAIL.upper()}
    )

    assert (status, result["code"]) == (400, "DUPLICATE_DATA")
    assert result["details"]["id"] == contact
    assert result["details"]["duplicate_record"]["id"] == contact
    assert result["details"]["api_name"] == "Email"


def test_leads_may_share_an_address_unless_switched(api: Api) -> None:
    record = {"Last_Name": "x", "Email": EMAIL}
    twice = [api.write("insert", "Leads", record)[0] for _ in range(2)]
    api.fake.switches = ZohoSwitches(unique={"Leads": frozenset({"Email", "Phone"})})

    third = api.write("insert", "Leads", record)[1][0]["code"]
    api.write("insert", "Leads", {"Last_Name": "x", "Phone": "1"})
    phone = api.write("insert", "Leads", {"Last_Name": "x", "Phone": "1"})[1][0]

    assert twice == [201, 201]
    assert third == "DUPLICATE_DATA"
    assert phone["details"]["api_name"] == "Phone"


def test_a_lead_and_a_contact_do_not_meet(api: Api) -> None:
    api.fake.people.add_lead(Last_Name="x", Email=EMAIL)

    assert api.write("insert", "Contacts", {"Last_Name": "x", "Email": EMAIL})[0] == 201


def test_a_record_does_not_clash_with_itself(api: Api) -> None:
    contact = api.fake.people.add_contact(Last_Name="x", Email=EMAIL)

    assert api.write("update", "Contacts", {"id": contact, "Email": EMAIL})[0] == 200


def test_a_deleted_record_holds_no_address(api: Api) -> None:
    contact = api.fake.people.add_contact(Last_Name="x", Email=EMAIL)
    api.fake.people.delete(contact)

    assert api.write("insert", "Contacts", {"Last_Name": "x", "Email": EMAIL})[0] == 201


# --- Modified_Time and If-Unmodified-Since -----------------------------------


def test_times_are_whole_seconds_in_the_users_zone(clock: FakeClock) -> None:
    clock.advance(0.75)
    fake = ZohoFake(clock=clock, zone=timezone(timedelta(hours=-5)))
    lead = fake.people.add_lead(Last_Name="x")

    assert fake.people.record(lead)["Modified_Time"] == "2026-01-05T07:00:00-05:00"


def test_an_update_without_a_change_moves_the_time_unless_switched(
    api: Api, clock: FakeClock
) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    clock.advance(5)
    api.write("update", "Leads", {"id": lead, "Last_Name": "x"})
    moved = api.fake.people.record(lead)["Modified_Time"]
    api.fake.switches = ZohoSwitches(moves_time_always=False)
    clock.advance(5)
    api.write("update", "Leads", {"id": lead, "Last_Name": "x", "Phone": None})

    assert moved == "2026-01-05T13:00:05+01:00"
    assert api.fake.people.record(lead)["Modified_Time"] == moved


def test_the_time_never_moves_back(api: Api, clock: FakeClock) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    before = api.fake.people.record(lead)["Modified_Time"]

    clock.set(clock.now() - timedelta(minutes=1))
    api.write("update", "Leads", {"id": lead, "Phone": "1"})

    assert api.fake.people.record(lead)["Modified_Time"] == before


@pytest.mark.parametrize("verb", ["update", "upsert"])
def test_a_record_that_changed_meanwhile_is_a_412(
    api: Api, clock: FakeClock, verb: str
) -> None:
    contact = api.fake.people.add_contact(Last_Name="x", Email=EMAIL)
    read = clock.now().isoformat()
    clock.advance(5)
    api.fake.people.edit(contact, Phone="1")
    record = {"id": contact, "Email": EMAIL, "Phone": "2"}

    status, (result,) = api.write(
        verb, "Contacts", record, headers={"if-unmodified-since": read}
    )

    assert (status, result["code"]) == (412, "ALREADY_MODIFIED")
    assert api.fake.people.record(contact)["Phone"] == "1"


# --- upsert ------------------------------------------------------------------


def test_an_upsert_looks_for_the_address_first(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x", Email=EMAIL)

    status, rows = api.write(
        "upsert", "Leads", {"Last_Name": "y", "Email": EMAIL}, {"Last_Name": "z"}
    )

    assert status == 200
    assert [(row["action"], row["duplicate_field"]) for row in rows] == [
        ("update", "Email"),
        ("insert", None),
    ]
    assert rows[0]["details"]["id"] == lead


def test_an_upsert_looks_by_the_named_fields_before_other_unique_ones(api: Api) -> None:
    api.fake.switches = ZohoSwitches(unique={"Leads": frozenset({"Phone"})})
    by_phone = api.fake.people.add_lead(Last_Name="x", Phone="1")
    api.fake.people.add_lead(Last_Name="y", Email=EMAIL)
    record = {"Email": EMAIL, "Phone": "1"}

    _, (result,) = api.write(
        "upsert", "Leads", record, duplicate_check_fields=["Phone"]
    )

    assert result["details"]["id"] == by_phone
    assert result["duplicate_field"] == "Phone"


def test_an_upsert_looks_by_unique_fields_only(api: Api) -> None:
    reply = api.ask(
        "POST",
        "Leads/upsert",
        {"data": [{"Last_Name": "x"}], "duplicate_check_fields": ["City"]},
    )

    assert _code(reply) == (400, "INVALID_DATA")


def test_an_upsert_follows_an_id(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")

    _, (result,) = api.write("upsert", "Leads", {"id": lead, "Phone": "1"})

    assert (result["action"], result["details"]["id"]) == ("update", lead)


# --- deleted -----------------------------------------------------------------


def test_a_deleted_record_lies_in_the_bin(api: Api, clock: FakeClock) -> None:
    lead = api.fake.people.add_lead(Last_Name="Nowak")
    clock.advance(5)

    deletion = api.ask("DELETE", "Leads", ids=f"{lead},1")

    (row,) = api.ask("GET", "Leads/deleted").json()["data"]
    assert deletion.status == 207
    assert deletion.json()["data"][1]["details"] == {"id": "1"}
    assert (row["id"], row["type"], row["display_name"]) == (lead, "recycle", "Nowak")
    assert row["deleted_time"] == "2026-01-05T13:00:05+01:00"
    assert api.ids() == []


def test_a_permanent_deletion_tells_less(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="Nowak")
    api.fake.people.delete(lead, is_permanent=True)

    (row,) = api.ask("GET", "Leads/deleted", type="permanent").json()["data"]

    assert (row["display_name"], row["deleted_by"], row["created_by"]) == (None,) * 3
    assert api.ask("GET", "Leads/deleted", type="recycle").status == 204


def test_deletions_are_forgotten_after_60_and_120_days(
    api: Api, clock: FakeClock
) -> None:
    for is_permanent in (False, True):
        lead = api.fake.people.add_lead(Last_Name="x")
        api.fake.people.delete(lead, is_permanent=is_permanent)

    listed: list[int] = []
    for days in (60, 1, 59, 1):
        clock.advance(days * 86400)
        api.token = _token(api.fake)
        reply = api.ask("GET", "Leads/deleted")
        listed.append(0 if reply.status == 204 else len(reply.json()["data"]))

    assert listed == [2, 1, 1, 0]


def test_deletions_are_listed_since_a_time_and_by_type(
    api: Api, clock: FakeClock
) -> None:
    api.fake.people.delete(api.fake.people.add_lead(Last_Name="x"))
    headers = {"if-modified-since": clock.now().isoformat()}

    assert api.ask("GET", "Leads/deleted", None, headers).status == 304
    assert _code(api.ask("GET", "Leads/deleted", type="x")) == (
        400,
        "PATTERN_NOT_MATCHED",
    )


def test_a_converted_lead_is_not_deleted(api: Api) -> None:
    api.fake.people.convert(api.fake.people.add_lead(Last_Name="x"))

    assert api.ask("GET", "Leads/deleted").status == 204


def test_a_record_can_be_taken_out_of_the_bin(api: Api, clock: FakeClock) -> None:
    contact = api.fake.people.add_contact(Last_Name="x", Email=EMAIL)
    api.fake.people.delete(contact)
    clock.advance(5)

    api.fake.people.restore(contact)

    assert api.ids("Contacts") == [contact]
    assert api.ask("GET", "Contacts/deleted").status == 204
    assert api.fake.people.record(contact)["Modified_Time"].startswith(
        "2026-01-05T13:00:00"
    )
    assert api.write("upsert", "Contacts", {"Email": EMAIL})[1][0]["action"] == "update"


def test_restoring_moves_the_time_where_it_is_switched_on(
    api: Api, clock: FakeClock
) -> None:
    api.fake.switches = ZohoSwitches(restoring_moves_time=True)
    lead = api.fake.people.add_lead(Last_Name="x")
    api.fake.people.delete(lead)
    clock.advance(5)

    api.fake.people.restore(lead)

    assert api.fake.people.record(lead)["Modified_Time"] == "2026-01-05T13:00:05+01:00"


def test_what_left_the_bin_cannot_be_restored(fake: ZohoFake) -> None:
    lead = fake.people.add_lead(Last_Name="x")
    fake.people.delete(lead, is_permanent=True)

    with pytest.raises(InvalidInputError):
        fake.people.restore(lead)


def test_a_merge_deletes_the_loser_and_fills_blanks(api: Api) -> None:
    winner = api.fake.people.add_contact(Last_Name="x", Phone="1")
    loser = api.fake.people.add_contact(Last_Name="y", Phone="2", Fax="3")

    api.fake.people.merge(winner, loser)

    shown = api.fake.people.record(winner)
    (row,) = api.ask("GET", "Contacts/deleted").json()["data"]
    assert (shown["Last_Name"], shown["Phone"], shown["Fax"]) == ("x", "1", "3")
    assert row["id"] == loser


def test_one_record_can_be_deleted_by_its_path(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")

    assert api.ask("DELETE", f"Leads/{lead}").status == 200
    assert _code(api.ask("DELETE", "Leads")) == (400, "REQUIRED_PARAM_MISSING")
    assert _code(api.ask("DELETE", "Leads", ids=",".join("1" * 101))) == (
        400,
        "LIMIT_EXCEEDED",
    )


# --- convert -----------------------------------------------------------------


def _convert(api: Api, lead: str, element: Any = None) -> Reply:
    body = {"data": [{} if element is None else element]}
    return api.ask("POST", f"Leads/{lead}/actions/convert", body)


def test_a_conversion_makes_a_contact_and_an_account(api: Api) -> None:
    lead = api.fake.people.add_lead(
        First_Name="Jan",
        Last_Name="Nowak",
        Email=EMAIL,
        Company="Acme",
        Street="Main 1",
        Zip_Code="43-300",
        Email_Opt_Out=True,
        Owner=BOB,
    )

    reply = _convert(api, lead)

    details = reply.json()["data"][0]["details"]
    contact = api.fake.people.record(details["Contacts"]["id"])
    assert reply.status == 200
    assert details["Contacts"]["name"] == "Jan Nowak"
    assert details["Deals"] is None
    assert contact["id"] != lead
    assert contact["Account_Name"] == details["Accounts"]
    assert contact["Mailing_Street"] == "Main 1"
    assert contact["Mailing_Zip"] == "43-300"
    assert contact["Email_Opt_Out"] is True
    assert contact["Owner"]["email"] == BOB


def test_a_conversion_without_company_makes_no_account(api: Api) -> None:
    reply = _convert(api, api.fake.people.add_lead(Last_Name="x"))

    assert reply.json()["data"][0]["details"]["Accounts"] is None


def test_a_conversion_into_a_contact_fills_its_blanks(api: Api) -> None:
    contact = api.fake.people.add_contact(Last_Name="y", Phone="1")
    lead = api.fake.people.add_lead(Last_Name="x", Phone="2", Fax="3")

    _convert(api, lead, {"Contacts": {"id": contact}})

    shown = api.fake.people.record(contact)
    assert (shown["Last_Name"], shown["Phone"], shown["Fax"]) == ("y", "1", "3")


def test_a_conversion_may_overwrite_or_drop_where_it_is_switched_on(api: Api) -> None:
    api.fake.switches = ZohoSwitches(
        conversion_overwrites=True, conversion_drops=frozenset({"Fax"})
    )
    contact = api.fake.people.add_contact(Last_Name="y", Phone="1")
    lead = api.fake.people.add_lead(Last_Name="x", Phone="2", Fax="3")

    _convert(api, lead, {"Contacts": {"id": contact}})

    shown = api.fake.people.record(contact)
    assert (shown["Last_Name"], shown["Phone"], shown["Fax"]) == ("x", "2", None)


def test_a_conversion_uses_a_named_account_and_user(api: Api) -> None:
    account = api.fake.people.add_account(Account_Name="Acme")
    user = api.fake.people.add_user("new@example.com")
    lead = api.fake.people.add_lead(Last_Name="x", Company="Other")

    reply = _convert(
        api, lead, {"Accounts": {"id": account}, "assign_to": {"id": user}}
    )

    contact = api.fake.people.record(
        reply.json()["data"][0]["details"]["Contacts"]["id"]
    )
    assert contact["Account_Name"]["id"] == account
    assert contact["Owner"]["id"] == user
    assert len(api.fake.people.records("Accounts")) == 1


def test_a_conversion_meets_a_unique_address(api: Api) -> None:
    contact = api.fake.people.add_contact(Last_Name="x", Email=EMAIL)
    lead = api.fake.people.add_lead(Last_Name="x", Email=EMAIL)

    named = _convert(api, lead).json()["data"][0]
    api.fake.switches = ZohoSwitches(names_conversion_duplicate=False)
    silent = _convert(api, lead).json()["data"][0]

    assert (named["code"], named["details"]["id"]) == ("DUPLICATE_DATA", contact)
    assert "id" not in silent["details"]


def test_a_lead_is_converted_once(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    _convert(api, lead)

    reply = _convert(api, lead)

    assert _code(reply) == (400, "ID_ALREADY_CONVERTED")
    assert reply.json()["details"] == {"resource_path_index": 1}


def test_a_conversion_may_be_scheduled(api: Api, clock: FakeClock) -> None:
    api.fake.switches = ZohoSwitches(schedules_conversions=True)
    lead = api.fake.people.add_lead(Last_Name="x")

    reply = _convert(api, lead)
    before = api.ids()
    clock.advance(30)

    row = reply.json()["data"][0]
    assert (reply.status, row["code"]) == (202, "SCHEDULED")
    assert row["details"]["job_id"]
    assert before == [lead]
    assert api.ids() == []
    assert len(api.ids("Contacts")) == 1


@pytest.mark.parametrize(
    ("element", "code"),
    [
        ({"Contacts": "1"}, "INVALID_DATA"),
        ({"Contacts": {"id": "1"}}, "INVALID_DATA"),
        ({"Accounts": {}}, "MANDATORY_NOT_FOUND"),
        ({"assign_to": {"id": "1"}}, "INVALID_DATA"),
        (7, "INVALID_DATA"),
    ],
)
def test_a_conversion_in_another_form_is_refused(
    api: Api, element: Any, code: str
) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")

    assert _code(_convert(api, lead, element)) == (400, code)


def test_an_unknown_lead_is_not_converted(api: Api) -> None:
    assert _code(_convert(api, "1")) == (400, "INVALID_DATA")


# --- users, fields -----------------------------------------------------------


def test_users_are_listed_by_type(api: Api) -> None:
    api.fake.people.add_user("left@example.com", is_active=False)

    def emails(kind: str) -> list[str]:
        return [
            row["email"] for row in api.ask("GET", "users", type=kind).json()["users"]
        ]

    assert emails("ActiveUsers") == [ADMIN, BOB]
    assert emails("AllUsers") == [ADMIN, BOB, "left@example.com"]
    assert emails("DeactiveUsers") == ["left@example.com"]
    assert emails("CurrentUser") == [ADMIN]
    assert _code(api.ask("GET", "users", type="x")) == (400, "INVALID_DATA")


def _fields(api: Api, module: str) -> dict[str, Any]:
    rows = api.ask("GET", "settings/fields", module=module).json()["fields"]
    return {row["api_name"]: row for row in rows}


def test_fields_tell_lengths_rights_and_uniqueness(api: Api) -> None:
    fields = _fields(api, "Contacts")

    assert fields["Last_Name"]["system_mandatory"] is True
    assert fields["Last_Name"]["length"] == 80
    assert fields["Email"]["unique"] == {"case_sensitive": False}
    assert fields["Full_Name"]["operation_type"]["api_update"] is False
    assert fields["Account_Name"]["lookup"]["module"]["api_name"] == "Accounts"
    assert _fields(api, "Leads")["Email"]["unique"] == {}


def test_both_address_layouts_are_there(api: Api) -> None:
    classic = _fields(api, "Leads")
    api.fake.switches = ZohoSwitches(address_layout="composite", has_birthday=False)
    composite = _fields(api, "Leads")
    contacts = _fields(api, "Contacts")

    assert (classic["Country"]["data_type"], classic["Street"]["length"]) == (
        "text",
        250,
    )
    assert composite["Country"]["data_type"] == "picklist"
    assert "Poland" in [
        v["actual_value"] for v in composite["Country"]["pick_list_values"]
    ]
    assert composite["Street"]["length"] == 255
    assert contacts["Mailing_Country"]["data_type"] == "picklist"
    assert "Date_of_Birth" not in contacts


def test_a_picklist_takes_new_values_unless_switched(api: Api) -> None:
    record = {"Last_Name": "x", "Lead_Source": "New"}
    taken = api.write("insert", "Leads", record)[0]
    api.fake.switches = ZohoSwitches(takes_new_picklist_values=False)

    assert (taken, api.write("insert", "Leads", record)[0]) == (201, 400)


def test_fields_need_a_known_module(api: Api) -> None:
    assert _code(api.ask("GET", "settings/fields")) == (400, "REQUIRED_PARAM_MISSING")
    assert _code(api.ask("GET", "settings/fields", module="x")) == (
        400,
        "INVALID_MODULE",
    )


# --- opt-out -----------------------------------------------------------------


def test_an_opt_out_stays_with_its_record_unless_switched(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x", Email=EMAIL)
    contact = api.fake.people.add_contact(Last_Name="x", Email=EMAIL.upper())

    api.write("update", "Leads", {"id": lead, "Email_Opt_Out": True})
    alone = api.fake.people.record(contact)["Email_Opt_Out"]
    api.fake.switches = ZohoSwitches(propagates_opt_out=True)
    api.write("update", "Leads", {"id": lead, "Email_Opt_Out": True})

    assert alone is False
    assert api.fake.people.record(contact)["Email_Opt_Out"] is True


def test_the_unsubscribe_link_reaches_all_records_of_the_address(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x", Email=EMAIL)
    contact = api.fake.people.add_contact(Last_Name="x", Email=EMAIL)

    api.fake.people.unsubscribe(EMAIL)

    for record_id in (lead, contact):
        shown = api.fake.people.record(record_id)
        assert shown["Email_Opt_Out"] is True
        assert shown["Unsubscribed_Time"] is not None


# --- faults, counters, people ------------------------------------------------


def test_a_fault_may_strike_before_or_after_the_write(api: Api) -> None:
    body = {"data": [{"Last_Name": "x"}]}
    api.fake.fail_next(Fault.unreachable(), "/crm/v8/Leads")
    with pytest.raises(ConnectionFailedError):
        api.ask("POST", "Leads", body)
    before = len(api.fake.people.records("Leads"))
    api.fake.fail_next(Fault.cut(is_applied=True), "/crm/v8/Leads")

    with pytest.raises(ConnectionLostError):
        api.ask("POST", "Leads", body)

    assert before == 0
    assert len(api.fake.people.records("Leads")) == 1


def test_requests_writes_records_and_credits_are_counted(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    api.fake.reset_counters()

    api.page()
    api.write("insert", "Leads", *[{"Last_Name": "x"}] * 25)
    _convert(api, lead)
    api.ask("GET", "nowhere/at/all")

    assert api.fake.requests == {
        "Leads list": 1,
        "Leads insert": 1,
        "Leads convert": 1,
        "unknown": 1,
    }
    assert api.fake.writes == 2
    assert api.fake.records_written == 26
    assert api.fake.credits == 1 + 3 + 5


def test_recorded_requests_hold_no_secret(api: Api) -> None:
    api.page()

    said = str([(r.headers, r.form) for r in api.fake.recorded])
    account = api.fake.account()
    assert len(api.fake.recorded) == 2
    for secret in (account["client_secret"], account["refresh_token"], api.token):
        assert secret not in said


def test_people_know_their_records_and_users(fake: ZohoFake) -> None:
    with pytest.raises(InvalidInputError):
        fake.people.record("1")
    with pytest.raises(InvalidInputError):
        fake.people.add_lead(Last_Name="x", Owner="nobody@example.com")


def test_contacts_of_one_company_share_its_account(fake: ZohoFake) -> None:
    first = fake.people.add_contact(Last_Name="x", Account_Name="Acme")
    second = fake.people.add_contact(Last_Name="y", Account_Name="ACME")

    accounts = [fake.people.record(i)["Account_Name"]["id"] for i in (first, second)]

    assert accounts[0] == accounts[1]


def test_a_query_in_the_address_counts_too(api: Api) -> None:
    request = Request(
        "zoho",
        "GET",
        "http://127.0.0.1:1/crm/v8/Leads?fields=Email",
        headers={"authorization": f"Zoho-oauthtoken {api.token}"},
    )

    assert api.fake.handle(request).status == 204
    assert api.fake.handle(evolve(request, method="DELETE")).status == 400
