"""The fake's watches and callbacks: what is sent, and how it goes wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from crmbridge._steps import Reply, Request
from crmbridge.testing import FakeClock, FakeTransport, ZohoFake, ZohoSwitches

pytestmark = pytest.mark.fake_row("Notifications")

URL = "https://example.com/zoho?tenant=7&empty="
PATH = "/crm/v8/actions/watch"
ELEMENT: dict[str, Any] = {
    "channel_id": "1001",
    "events": ["Leads.all"],
    "notify_url": URL,
    "token": "p3nZ1lV2hb0qkE5t7xWcYg",
    "channel_expiry": "2026-01-10T12:00:00+00:00",
}


class Case:
    """A fake that is asked without a client."""

    def __init__(self, **switches: Any) -> None:
        self.clock = FakeClock()
        self.fake = ZohoFake(clock=self.clock, switches=ZohoSwitches(**switches))
        self.bodies: list[dict[str, Any]] = []
        self.status: int | None = None
        self.fake.notifications.receive(self._take, at=URL)

    def _take(self, body: bytes) -> int | None:
        self.bodies.append(json.loads(body))
        return self.status

    def _send(self, request: Request) -> Reply:
        return FakeTransport(self.fake).send(request)

    def _access_token(self) -> str:
        account = self.fake.account()
        form = {"grant_type": "refresh_token"}
        for name in ("client_id", "client_secret", "refresh_token"):
            form[name] = account[name]
        url = f"{account['accounts_url']}/oauth/v2/token"
        answer = self._send(Request("zoho", "POST", url, form=form))
        return str(answer.json()["access_token"])

    def ask(self, method: str, body: Any = None, **query: str) -> Reply:
        return self._send(
            Request(
                "zoho",
                method,
                f"{self.fake.api_domain}{PATH}",
                query=query,
                headers={"Authorization": f"Zoho-oauthtoken {self._access_token()}"},
                json=body,
            )
        )

    def watch(self, method: str = "POST", **changes: Any) -> dict[str, Any]:
        """Send one element, and give its result."""
        element = {**ELEMENT, **changes}
        given = {name: value for name, value in element.items() if value is not ...}
        body = self.ask(method, {"watch": [given]}).json()
        (result,) = body["watch"]
        return dict(result)

    def end_of(self, result: dict[str, Any]) -> datetime:
        (event,) = result["details"]["events"]
        return datetime.fromisoformat(event["channel_expiry"]).astimezone(UTC)

    def leads(self, count: int) -> list[str]:
        return [
            self.fake.people.add_lead(Last_Name=f"Nowak {number}")
            for number in range(count)
        ]

    def ids(self) -> list[str]:
        return [record_id for body in self.bodies for record_id in body["ids"]]


def test_a_callback_is_the_documented_body() -> None:
    case = Case()
    case.watch()

    (lead,) = case.leads(1)
    (delivery,) = case.fake.notifications.deliver()

    assert delivery.is_success
    assert case.bodies == [
        {
            "server_time": 1767614400000,
            "query_params": {"tenant": "7", "empty": ""},
            "module": "Leads",
            "resource_uri": "https://www.zohoapis.example.com/crm/v2/Leads",
            "ids": [lead],
            "affected_fields": [],
            "operation": "insert",
            "channel_id": "1001",
            "token": "p3nZ1lV2hb0qkE5t7xWcYg",
        }
    ]


def test_an_update_names_its_fields_and_no_values() -> None:
    case = Case()
    case.watch()
    lead = case.fake.people.add_lead(Last_Name="Nowak", Phone="600")

    case.fake.people.edit(lead, Last_Name="Nowak", Phone="601")
    case.fake.notifications.deliver()

    assert case.bodies[1]["affected_fields"] == [{lead: ["Phone"]}]
    assert "affected_values" not in case.bodies[1]


def test_values_travel_only_where_they_are_asked_for() -> None:
    case = Case()
    case.watch(return_affected_field_values=True)
    lead = case.fake.people.add_lead(Last_Name="Nowak")

    case.fake.people.edit(lead, Phone="601")
    case.fake.notifications.deliver()

    assert "affected_values" not in case.bodies[0]
    assert case.bodies[1]["affected_values"] == [
        {"record_id": lead, "values": {"Phone": "601"}}
    ]


def test_nothing_is_sent_before_it_is_told_to() -> None:
    case = Case()
    case.watch()

    case.leads(2)

    assert (case.fake.notifications.waiting, case.bodies) == (2, [])


def test_a_request_that_was_refused_is_not_told() -> None:
    case = Case()
    case.watch()

    url = f"{case.fake.api_domain}/crm/v8/Leads"
    reply = case.fake.handle(
        Request("zoho", "POST", url, json={"data": [{"Last_Name": "Nowak"}]})
    )

    assert (reply.status, case.fake.notifications.waiting) == (401, 0)


def test_a_record_that_the_user_may_not_see_is_not_told() -> None:
    case = Case()
    lead = case.fake.people.add_lead(Last_Name="Nowak")
    case.fake.people.hide(lead)
    case.watch()

    case.fake.people.edit(lead, Phone="1")

    assert case.fake.notifications.waiting == 0


def test_an_account_is_told_of_its_contact_unless_it_is_switched_off() -> None:
    case = Case()
    case.watch(events=["Accounts.edit"])
    contact = case.fake.people.add_contact(Last_Name="Nowak", Account_Name="Acme")
    account = case.fake.people.record(contact)["Account_Name"]["id"]

    case.fake.people.edit(contact, Phone="1")
    case.watch(events=["Accounts.edit"], notify_on_related_action=False)
    case.fake.people.edit(contact, Phone="2")
    case.fake.notifications.deliver()

    assert [(body["module"], body["ids"]) for body in case.bodies] == [
        ("Accounts", [account])
    ]


# --- expiry ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "hours"),
    [
        (..., 1),
        ("2026-01-05T14:00:00+00:00", 2),
        ("2026-01-12T12:00:00+00:00", 7 * 24),
        ("2026-01-12T12:00:01+00:00", 1),
        ("2027-01-05T12:00:00+00:00", 1),
    ],
)
def test_an_end_too_far_away_becomes_one_hour(asked: Any, hours: int) -> None:
    case = Case()

    result = case.watch(channel_expiry=asked)

    ends = case.end_of(result)
    assert (ends - case.clock.now()).total_seconds() == hours * 3600


@pytest.mark.parametrize("counts_once", [True, False])
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_change_may_not_begin_a_new_week(method: str, *, counts_once: bool) -> None:
    case = Case(counts_watches_once=counts_once)
    case.watch()
    case.clock.advance(4 * 24 * 3600)

    result = case.watch(method, channel_expiry="2026-01-15T12:00:00+00:00")

    days = (case.end_of(result) - case.clock.now()).total_seconds() / 86400
    assert days == (1 / 24 if counts_once else 6)


def test_setting_a_watch_again_begins_a_new_week() -> None:
    case = Case()
    case.watch()
    case.clock.advance(4 * 24 * 3600)

    result = case.watch(channel_expiry="2026-01-15T12:00:00+00:00")

    assert (case.end_of(result) - case.clock.now()).days == 6


# --- requests ----------------------------------------------------------------


def test_a_channel_is_listed_once_for_each_module() -> None:
    case = Case()
    case.watch(events=["Contacts.edit", "Leads.all", "Contacts.create"])

    body = case.ask("GET").json()

    assert body["info"] == {
        "per_page": 200,
        "count": 2,
        "page": 1,
        "more_records": False,
    }
    assert [line["events"] for line in body["watch"]] == [
        ["Contacts.edit", "Contacts.create"],
        ["Leads.edit", "Leads.create", "Leads.delete"],
    ]
    assert body["watch"][1]["channel_expiry"] == "2026-01-10T13:00:00+01:00"


def test_nothing_watched_is_an_empty_answer() -> None:
    assert Case().ask("GET").status == 204


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"channel_id": ...}, "MANDATORY_NOT_FOUND", "channel_id"),
        ({"events": []}, "MANDATORY_NOT_FOUND", "events"),
        ({"notify_url": ...}, "MANDATORY_NOT_FOUND", "notify_url"),
        ({"channel_id": "ten"}, "INVALID_DATA", "channel_id"),
        ({"events": "Leads.all"}, "INVALID_DATA", "events"),
        ({"events": ["leads.all"]}, "INVALID_DATA", "events"),
        ({"events": ["Leads.update"]}, "INVALID_DATA", "events"),
        ({"notify_url": "example.com"}, "INVALID_DATA", "notify_url"),
        ({"notify_url": "http://[::1"}, "INVALID_DATA", "notify_url"),
        ({"notify_url": "http://127.0.0.1:99999"}, "INVALID_DATA", "notify_url"),
        ({"token": 7}, "INVALID_DATA", "token"),
        ({"token": "t" * 51}, "INVALID_DATA", "token"),
        (
            {"channel_expiry": "2026-01-10T12:00:00.5+00:00"},
            "INVALID_DATA",
            "channel_expiry",
        ),
        ({"channel_expiry": "2026-01-10"}, "INVALID_DATA", "channel_expiry"),
        (
            {"channel_expiry": "2026-13-10T12:00:00Z"},
            "INVALID_DATA",
            "channel_expiry",
        ),
        (
            {"notify_on_related_action": "no"},
            "INVALID_DATA",
            "notify_on_related_action",
        ),
        ({"notification_condition": {}}, "INVALID_DATA", "notification_condition"),
        ({"notification_condition": [{"type": "x"}]}, "INVALID_DATA", "type"),
    ],
)
def test_a_bad_element_is_refused_with_its_place(
    changes: dict[str, Any], code: str, field: str
) -> None:
    result = Case().watch(**changes)

    assert (result["status"], result["code"]) == ("error", code)
    assert result["details"]["api_name"] == field
    assert result["details"]["json_path"] == f"$.watch[0].{field}"


@pytest.mark.parametrize("body", [None, [], {}, {"watch": {}}, {"watch": []}])
def test_a_body_without_elements_is_refused(body: Any) -> None:
    reply = Case().ask("POST", body)

    assert (reply.status, reply.json()["code"]) == (400, "INVALID_DATA")


def test_mixed_results_are_207() -> None:
    bad = {**ELEMENT, "events": ["Cats.all"]}

    reply = Case().ask("POST", {"watch": [ELEMENT, bad]})

    assert reply.status == 207
    assert [row["status"] for row in reply.json()["watch"]] == ["success", "error"]


def test_what_a_patch_does_not_name_stays() -> None:
    case = Case()
    case.watch(return_affected_field_values=True)

    case.watch("PATCH", token=...)

    (line,) = case.ask("GET").json()["watch"]
    assert line["token"] == ELEMENT["token"]
    assert line["return_affected_field_values"] is True


def test_what_a_put_does_not_name_is_removed() -> None:
    case = Case()
    case.watch(return_affected_field_values=True)

    case.watch("PUT", token=...)

    (line,) = case.ask("GET").json()["watch"]
    assert (line["token"], line["return_affected_field_values"]) == (None, False)


def test_ending_no_channel_is_refused() -> None:
    reply = Case().ask("DELETE")

    assert (reply.status, reply.json()["code"]) == (400, "REQUIRED_PARAM_MISSING")


def _condition(operator: str, *fields: Any) -> list[dict[str, Any]]:
    group = [
        {"field": {"api_name": field}} if isinstance(field, str) else field
        for field in fields
    ]
    return [
        {
            "type": "field_selection",
            "module": {"api_name": "Leads"},
            "field_selection": {"group_operator": operator, "group": group},
        }
    ]


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        (_condition("or", "Phone", "Fax"), 2),
        (_condition("and", "Phone", "Fax"), 1),
        (_condition("and", "Phone", "Mobile"), 0),
        (
            _condition(
                "or",
                "Mobile",
                _condition("and", "Phone", "Fax")[0]["field_selection"],
            ),
            1,
        ),
    ],
)
def test_a_condition_holds_for_its_fields(condition: Any, told: int) -> None:
    case = Case()
    lead = case.fake.people.add_lead(Last_Name="Nowak")
    case.watch(events=["Leads.edit"], notification_condition=condition)

    case.fake.people.edit(lead, Phone="1")
    case.fake.people.edit(lead, Phone="2", Fax="2")
    case.fake.people.edit(lead, City="Berlin")
    case.fake.notifications.deliver()

    assert len(case.bodies) == told


@pytest.mark.parametrize(
    ("condition", "field"),
    [
        ({"type": "field_selection"}, "module"),
        (_condition("xor", "Phone")[0], "group_operator"),
        (_condition("or")[0], "group"),
        (_condition("or", {"field": {"id": "1"}})[0], "api_name"),
        (_condition("or", {"field": None})[0], "field"),
    ],
)
def test_a_condition_that_says_nothing_is_refused(condition: Any, field: str) -> None:
    result = Case().watch(notification_condition=[condition])

    assert (result["code"], result["details"]["api_name"]) == ("INVALID_DATA", field)


def test_a_condition_stays_where_a_patch_names_none() -> None:
    case = Case()
    case.watch(notification_condition=_condition("or", "Phone"))

    case.watch("PATCH")

    (line,) = case.ask("GET").json()["watch"]
    assert line["notification_condition"] == _condition("or", "Phone")


def test_a_condition_has_ten_fields_at_most() -> None:
    many = _condition("or", *[f"F{number}" for number in range(11)])

    result = Case().watch(notification_condition=many)

    assert result["details"]["maximum_length"] == 10


# --- deliveries that go wrong -----------------------------------------------


def test_callbacks_get_lost_and_come_twice_as_the_seed_has_it() -> None:
    def told(seed: int) -> list[str]:
        case = Case(
            loses_notifications=0.3, doubles_notifications=0.3, notification_seed=seed
        )
        case.watch()
        leads = case.leads(40)
        case.fake.notifications.deliver()
        return [str(leads.index(one)) for one in case.ids()]

    first = told(1)

    assert first == told(1)
    assert first != told(2)
    assert len(set(first)) < 40
    assert len(set(first)) < len(first)


def test_callbacks_overtake_each_other() -> None:
    case = Case(shuffles_notifications=True)
    case.watch()

    leads = case.leads(20)
    case.fake.notifications.deliver()

    assert case.ids() != leads
    assert sorted(case.ids()) == leads


def test_callbacks_come_later() -> None:
    case = Case(notification_delay_seconds=90)
    case.watch()
    case.leads(1)

    early = case.fake.notifications.deliver()
    case.clock.advance(90)
    late = case.fake.notifications.deliver()

    assert (len(early), len(late)) == (0, 1)
    assert case.bodies[0]["server_time"] == 1767614490000


@pytest.mark.parametrize("groups", [True, False])
def test_one_callback_may_name_several_records(*, groups: bool) -> None:
    case = Case(groups_notifications=groups)
    case.watch()

    leads = case.leads(3)
    case.fake.people.edit(leads[0], Phone="1")
    case.clock.advance(1)
    case.fake.people.edit(leads[1], Phone="1")
    case.fake.notifications.deliver()

    by_one = [[lead] for lead in leads]
    edits = [[leads[0]], [leads[1]]]
    told = [body["ids"] for body in case.bodies]
    assert told == ([leads, *edits] if groups else [*by_one, *edits])


def test_a_refused_callback_is_lost_by_default() -> None:
    case = Case()
    case.watch()
    case.leads(1)
    case.status = 500

    (delivery,) = case.fake.notifications.deliver()

    assert (delivery.is_success, delivery.status) == (False, 500)
    assert case.fake.notifications.waiting == 0


def test_a_refused_callback_is_sent_again_where_that_is_switched_on() -> None:
    case = Case(notification_retries=2)
    case.watch()
    case.leads(1)
    case.status = 503
    sent: list[int] = []

    for seconds in (0, 59, 1, 119, 1, 10_000):
        case.clock.advance(seconds)
        sent.append(len(case.fake.notifications.deliver()))

    assert sent == [1, 0, 1, 0, 1, 0]
    assert case.fake.notifications.waiting == 0


def test_a_callback_that_is_taken_is_not_sent_again() -> None:
    case = Case(notification_retries=2)
    case.watch()
    case.leads(1)

    case.fake.notifications.deliver()

    assert case.fake.notifications.waiting == 0


def test_nothing_is_sent_to_another_machine() -> None:
    case = Case()
    case.watch(notify_url="http://192.0.2.1/zoho")
    case.leads(1)

    (delivery,) = case.fake.notifications.deliver()

    assert (delivery.status, delivery.is_success) == (None, False)
    assert "loopback" in delivery.problem


def test_a_receiver_may_ask_the_fake() -> None:
    case = Case()
    case.watch(notify_url="https://example.com/asks")
    found: list[int] = []

    def ask(_: bytes) -> None:
        found.append(case.ask("GET").status)

    case.fake.notifications.receive(ask, at="https://example.com/asks")
    case.leads(1)

    case.fake.notifications.deliver()

    assert found == [200]


def test_a_delivery_shows_neither_body_nor_address() -> None:
    case = Case()
    case.watch()
    case.leads(1)

    (delivery,) = case.fake.notifications.deliver()

    assert "p3nZ" not in repr(delivery)
    assert "example.com" not in repr(delivery)
