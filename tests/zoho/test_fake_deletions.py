"""The deletions of the fake Zoho: the bin, what leaves it, merges."""

from __future__ import annotations

import pytest

from crmbridge.errors import InvalidInputError
from crmbridge.testing import FakeClock, ZohoFake, ZohoSwitches
from tests.zoho.asking import Api, code_of, new_token

EMAIL = "nowak@example.com"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def api(clock: FakeClock) -> Api:
    return Api(ZohoFake(users=("admin@example.com", "bob@example.com"), clock=clock))


@pytest.mark.fake_row("Deleted")
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


@pytest.mark.fake_row("Deleted")
def test_a_permanent_deletion_tells_less(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="Nowak")
    api.fake.people.delete(lead, is_permanent=True)

    (row,) = api.ask("GET", "Leads/deleted", type="permanent").json()["data"]

    assert (row["display_name"], row["deleted_by"], row["created_by"]) == (None,) * 3
    assert api.ask("GET", "Leads/deleted", type="recycle").status == 204


@pytest.mark.fake_row("Deleted")
def test_deletions_are_forgotten_after_60_and_120_days(
    api: Api, clock: FakeClock
) -> None:
    for is_permanent in (False, True):
        lead = api.fake.people.add_lead(Last_Name="x")
        api.fake.people.delete(lead, is_permanent=is_permanent)

    listed: list[int] = []
    for days in (60, 1, 59, 1):
        clock.advance(days * 86400)
        api.token = new_token(api.fake)
        reply = api.ask("GET", "Leads/deleted")
        listed.append(0 if reply.status == 204 else len(reply.json()["data"]))

    assert listed == [2, 1, 1, 0]


@pytest.mark.fake_row("Deleted")
def test_deletions_are_listed_since_a_time_and_by_type(
    api: Api, clock: FakeClock
) -> None:
    api.fake.people.delete(api.fake.people.add_lead(Last_Name="x"))
    headers = {"if-modified-since": clock.now().isoformat()}

    assert api.ask("GET", "Leads/deleted", None, headers).status == 304
    assert code_of(api.ask("GET", "Leads/deleted", type="x")) == (
        400,
        "PATTERN_NOT_MATCHED",
    )


@pytest.mark.fake_row("Deleted")
def test_a_converted_lead_is_not_deleted(api: Api) -> None:
    api.fake.people.convert(api.fake.people.add_lead(Last_Name="x"))

    assert api.ask("GET", "Leads/deleted").status == 204


@pytest.mark.fake_row("Deleted")
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


@pytest.mark.fake_row("Deleted")
def test_restoring_moves_the_time_where_it_is_switched_on(
    api: Api, clock: FakeClock
) -> None:
    api.fake.switches = ZohoSwitches(restoring_moves_time=True)
    lead = api.fake.people.add_lead(Last_Name="x")
    api.fake.people.delete(lead)
    clock.advance(5)

    api.fake.people.restore(lead)

    assert api.fake.people.record(lead)["Modified_Time"] == "2026-01-05T13:00:05+01:00"


@pytest.mark.fake_row("Deleted")
def test_what_left_the_bin_cannot_be_restored(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    api.fake.people.delete(lead, is_permanent=True)

    with pytest.raises(InvalidInputError):
        api.fake.people.restore(lead)


@pytest.mark.fake_row("Deleted")
def test_a_merge_deletes_the_loser_and_fills_blanks(api: Api) -> None:
    winner = api.fake.people.add_contact(Last_Name="x", Phone="1")
    loser = api.fake.people.add_contact(Last_Name="y", Phone="2", Fax="3")

    api.fake.people.merge(winner, loser)

    shown = api.fake.people.record(winner)
    (row,) = api.ask("GET", "Contacts/deleted").json()["data"]
    assert (shown["Last_Name"], shown["Phone"], shown["Fax"]) == ("x", "1", "3")
    assert row["id"] == loser


@pytest.mark.fake_row("Deleted")
def test_one_record_can_be_deleted_by_its_path(api: Api) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")

    assert api.ask("DELETE", f"Leads/{lead}").status == 200
    assert code_of(api.ask("DELETE", "Leads")) == (400, "REQUIRED_PARAM_MISSING")
    assert code_of(api.ask("DELETE", "Leads", ids=",".join("1" * 101))) == (
        400,
        "LIMIT_EXCEEDED",
    )


@pytest.mark.fake_row("Deleted")
def test_the_bin_keeps_a_record_for_sixty_days(api: Api, clock: FakeClock) -> None:
    lead = api.fake.people.add_lead(Last_Name="x")
    api.fake.people.delete(lead)

    clock.advance(60 * 86400 + 1)

    with pytest.raises(InvalidInputError):
        api.fake.people.restore(lead)


@pytest.mark.fake_row("Deleted")
@pytest.mark.parametrize(
    ("is_twice", "listed"),
    [(True, ["permanent", "recycle"]), (False, ["permanent"])],
)
def test_what_leaves_the_bin_may_be_listed_twice(
    api: Api, clock: FakeClock, is_twice: bool, listed: list[str]
) -> None:
    api.fake.switches = ZohoSwitches(lists_purged_twice=is_twice)
    lead = api.fake.people.add_lead(Last_Name="x")
    api.fake.people.delete(lead)
    clock.advance(5)

    api.fake.people.purge(lead)

    rows = api.ask("GET", "Leads/deleted").json()["data"]
    assert [row["type"] for row in rows] == listed
    assert {row["id"] for row in rows} == {lead}
    assert rows[0]["deleted_time"] == "2026-01-05T13:00:05+01:00"
    with pytest.raises(InvalidInputError):
        api.fake.people.restore(lead)


@pytest.mark.fake_row("Deleted")
def test_the_loser_of_a_merge_may_not_be_listed(api: Api) -> None:
    api.fake.switches = ZohoSwitches(lists_merged_as_deleted=False)
    winner = api.fake.people.add_contact(Last_Name="x")
    loser = api.fake.people.add_contact(Last_Name="y")

    api.fake.people.merge(winner, loser)

    assert api.ask("GET", "Contacts/deleted").status == 204
    assert api.ids("Contacts") == [winner]


def _delete_three(api: Api) -> list[str]:
    ids = [api.fake.people.add_lead(Last_Name="x") for _ in range(3)]
    for record_id in ids:
        api.fake.people.delete(record_id)
    return ids


@pytest.mark.fake_row("Deleted")
def test_deletions_come_in_pages_without_tokens(api: Api) -> None:
    ids = _delete_three(api)

    replies = [
        api.ask("GET", "Leads/deleted", per_page="2", page=page) for page in "123"
    ]

    assert [row["id"] for row in replies[0].json()["data"]] == ids[:0:-1]
    assert replies[0].json()["info"] == {
        "per_page": 2,
        "count": 2,
        "page": 1,
        "more_records": True,
    }
    assert replies[1].json()["info"]["more_records"] is False
    assert replies[2].status == 204


@pytest.mark.fake_row("Deleted")
def test_deletions_may_come_oldest_first(api: Api) -> None:
    ids = _delete_three(api)
    api.fake.switches = ZohoSwitches(deleted_order="oldest")

    rows = api.ask("GET", "Leads/deleted").json()["data"]

    assert [row["id"] for row in rows] == ids


@pytest.mark.fake_row("Deleted")
def test_deletions_may_have_a_wall_of_two_kinds(api: Api) -> None:
    _delete_three(api)
    api.fake.switches = ZohoSwitches(deleted_wall=2)
    first = api.ask("GET", "Leads/deleted", per_page="2")
    refused = api.ask("GET", "Leads/deleted", per_page="2", page="2")
    api.fake.switches = ZohoSwitches(deleted_wall=2, deleted_wall_answer="nothing")
    empty = api.ask("GET", "Leads/deleted", per_page="2", page="2")

    assert first.json()["info"]["more_records"] is True
    assert code_of(refused) == (400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED")
    assert empty.status == 204


@pytest.mark.fake_row("Deleted")
def test_a_list_of_deletions_costs_two_credits(api: Api) -> None:
    api.fake.reset_counters()

    api.ask("GET", "Leads/deleted")

    assert api.fake.credits == 2
