"""Zoho as a side, against the fake and with the real mapper."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from attrs import evolve

from crmbridge._steps import Call
from crmbridge.config import Limits, RetryPolicy, ZohoConfig
from crmbridge.contact import (
    Birthday,
    Consent,
    Contact,
    ContactState,
    Loss,
    LossReason,
)
from crmbridge.errors import (
    AuthenticationError,
    ConfigError,
    InvalidInputError,
    PermissionDeniedError,
    RefusedError,
    ThrottledError,
)
from crmbridge.reconcile.records import (
    ZOHO,
    Edit,
    EditKind,
    FeedPage,
    Outcome,
    OutcomeStatus,
    Ref,
    Seen,
)
from crmbridge.sides import ZohoSide
from crmbridge.testing import FakeClock, FakeTransport, Fault, ZohoFake, ZohoSwitches
from crmbridge.zoho import ZohoClient

T = TypeVar("T")

ADMIN = "admin@example.com"
BOB = "bob@example.com"
EMAIL = "nowak@example.com"
PROSPECT, CLIENT = ContactState.PROSPECT, ContactState.CLIENT


class World:
    """A fake, and a side that reaches it."""

    def __init__(self, config: dict[str, Any] | None = None, **side: Any) -> None:
        self.fake = ZohoFake(users=(ADMIN, BOB), clock=FakeClock())
        settings: dict[str, Any] = {
            "retry": RetryPolicy(attempts=2),
            "limits": Limits(max_in_flight=3),
            **self.fake.account(),
            **(config or {}),
        }
        self.client = ZohoClient(
            ZohoConfig(**settings),
            transport=FakeTransport(self.fake),
            clock=self.fake.clock,
            sleep=self.fake.clock.sleep,
        )
        self.side = ZohoSide(self.client.config, **side)
        self.people = self.fake.people

    def run(self, call: Call[T]) -> T:
        return self.client.runtime.run(call)

    def page(self, feed: str, **arguments: Any) -> FeedPage:
        asked: dict[str, Any] = {"since": None, "position": None, **arguments}
        return self.run(self.side.page(feed, **asked))

    def feed(self, feed: str, **arguments: Any) -> list[FeedPage]:
        """Read a feed to its end; positions go through JSON, as in a store."""
        pages = [self.page(feed, **arguments)]
        while pages[-1].following is not None:
            position = json.loads(json.dumps(pages[-1].following))
            pages.append(self.page(feed, **{**arguments, "position": position}))
        return pages

    def seen(self, kind: str, record_id: str) -> Seen:
        (found,) = self.run(self.side.read([Ref(ZOHO, kind, record_id)]))
        assert found is not None
        return found

    def write(self, *edits: Edit) -> tuple[Outcome, ...]:
        return self.run(self.side.write(edits))


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    world.run(world.side.connect())
    world.fake.reset_counters()
    yield world
    world.client.close()


def _create(email: str | None = EMAIL, **fields: Any) -> Edit:
    values: dict[str, Any] = {
        "email": email,
        "name": "Jan Nowak",
        "state": PROSPECT,
        **fields,
    }
    return Edit(EditKind.CREATE, Contact(**values))


def _update(seen: Seen, **fields: Any) -> Edit:
    return Edit(EditKind.UPDATE, Contact(**fields), seen)


def _convert(seen: Seen, into: Ref | None = None) -> Edit:
    return Edit(EditKind.CONVERT, Contact(state=CLIENT), seen, into)


# --- connecting --------------------------------------------------------------


def test_users_and_the_current_user_are_learnt() -> None:
    world = World()
    world.people.add_user("left@example.com", is_active=False)

    facts = world.run(world.side.connect())

    assert facts.users == {ADMIN, BOB}
    assert facts.main_owner == ADMIN


def test_a_configured_owner_is_the_main_user() -> None:
    world = World({"owner": " BOB@example.com "})

    assert world.run(world.side.connect()).main_owner == BOB


@pytest.mark.parametrize("owner", ["nobody@example.com", "left@example.com"])
def test_an_owner_that_cannot_own_is_a_mistake(owner: str) -> None:
    world = World({"owner": owner})
    world.people.add_user("left@example.com", is_active=False)

    with pytest.raises(ConfigError, match="active") as caught:
        world.run(world.side.connect())

    assert owner not in str(caught.value)


def test_what_was_learnt_is_remembered_for_a_day() -> None:
    world = World()
    world.run(world.side.connect())
    world.fake.reset_counters()
    world.run(world.side.connect())
    at_once = sum(world.fake.requests.values())

    world.fake.clock.sleep(24 * 3600)
    world.run(world.side.connect())

    assert at_once == 0
    assert world.fake.requests == {"users": 2, "fields": 3, "token": 1}


def test_two_organisations_have_two_marks() -> None:
    first, second = World(), World({"api_domain": "https://other.example.com"})

    marks = [world.run(world.side.connect()).account for world in (first, second)]

    assert marks[0] != marks[1]


def test_a_side_has_to_be_connected_before_it_is_used() -> None:
    side = World().side

    with pytest.raises(InvalidInputError, match="connect"):
        side.fit(_create())


def test_the_new_address_layout_is_understood() -> None:
    world = World()
    world.fake.switches = ZohoSwitches(address_layout="composite")
    lead = world.people.add_lead(Last_Name="x", Country="Poland", City="Bielsko")
    world.run(world.side.connect())

    contact = world.seen("Leads", lead).contact

    assert contact.observed()["country"] == "Poland"


# --- feeds -------------------------------------------------------------------


def test_a_first_read_gives_everything_in_pages_of_200(world: World) -> None:
    ids = {world.people.add_lead(Last_Name="x") for _ in range(401)}

    pages = world.feed("Leads")

    assert [len(page.seen) for page in pages] == [200, 200, 1]
    assert {seen.ref.id for page in pages for seen in page.seen} == ids
    assert world.fake.requests == {"Leads list": 3}
    assert pages[0].server_time == world.fake.clock().at


def test_only_what_changed_is_read_with_the_same_time_on_all_pages(
    world: World,
) -> None:
    world.people.add_lead(Last_Name="old")
    since = world.fake.clock().at
    world.fake.clock.sleep(5)
    for _ in range(201):
        world.people.add_lead(Last_Name="new")
    world.fake.recorded.clear()

    pages = world.feed("Leads", since=since)

    headers = [r.headers["if-modified-since"] for r in world.fake.recorded]
    assert sum(len(page.seen) for page in pages) == 201
    assert headers == [since.isoformat()] * 2


def test_the_time_of_a_position_wins_over_a_later_one(world: World) -> None:
    since = world.fake.clock().at - timedelta(days=1)
    for _ in range(201):
        world.people.add_lead(Last_Name="x")
    first = world.page("Leads", since=since)

    later = world.page("Leads", since=world.fake.clock().at, position=first.following)

    assert len(later.seen) == 1


def test_nothing_new_is_an_empty_page(world: World) -> None:
    for feed in world.side.feeds:
        page = world.page(feed, since=world.fake.clock().at)

        assert (page.seen, page.gone, page.following) == ((), (), None)
        assert page.server_time == world.fake.clock().at


def test_a_record_is_seen_in_our_words_with_its_payload(world: World) -> None:
    contact = world.people.add_contact(
        First_Name="Jan",
        Last_Name="Nowak",
        Email=EMAIL,
        Account_Name="Acme",
        Date_of_Birth="1980-10-17",
        Email_Opt_Out=True,
        Owner=BOB,
        Mailing_City="Bielsko",
    )

    (seen,) = world.page("Contacts").seen

    assert seen.ref == Ref(ZOHO, "Contacts", contact)
    assert seen.version == "2026-01-05T12:00:00+00:00"
    assert seen.became is None
    found = seen.contact.observed()
    assert found["name"] == "Jan Nowak"
    assert found["company"] == "Acme"
    assert found["birthday"] == Birthday(10, 17, 1980)
    assert found["email_consent"] is Consent.OPTED_OUT
    assert found["owner_email"] == BOB
    assert found["state"] is CLIENT
    assert json.loads(json.dumps(seen.payload)) == seen.payload


def test_a_record_is_recalled_from_its_payload(world: World) -> None:
    world.people.add_lead(Last_Name="x", Email=EMAIL)
    (seen,) = world.page("Leads").seen

    again = world.side.recall(seen.ref, json.loads(json.dumps(seen.payload)))

    assert again == seen


def test_a_converted_lead_became_its_contact(world: World) -> None:
    lead = world.people.add_lead(Last_Name="x")
    contact = world.people.convert(lead)

    (seen,) = world.page("Leads").seen

    assert seen.became == Ref(ZOHO, "Contacts", contact)


def test_a_converted_lead_without_its_contact_is_gone(world: World) -> None:
    lead = world.people.add_lead(Last_Name="x")
    world.people.delete(world.people.convert(lead))

    page = world.page("Leads")

    assert page.seen == ()
    assert page.gone == (Ref(ZOHO, "Leads", lead),)


def test_deletions_are_told_page_by_page(world: World) -> None:
    leads = [world.people.add_lead(Last_Name="x") for _ in range(201)]
    for lead in leads:
        world.people.delete(lead)

    pages = world.feed("Leads/deleted")

    gone = [ref for page in pages for ref in page.gone]
    assert {ref.id for ref in gone} == set(leads)
    assert {ref.kind for ref in gone} == {"Leads"}
    assert world.feed("Contacts/deleted")[0].gone == ()


@pytest.mark.parametrize("way", ["expired", "mismatch"])
def test_a_position_that_zoho_takes_no_more_begins_again(
    world: World, way: str
) -> None:
    for _ in range(201):
        world.people.add_lead(Last_Name="x")
    position = world.page("Leads").following
    assert position is not None
    if way == "expired":
        world.fake.clock.sleep(25 * 3600)
    else:
        position = {**position, "token": "of another user"}

    page = world.page("Leads", position=position)

    assert len(page.seen) == 200


def test_another_refusal_of_a_position_is_raised(world: World) -> None:
    world.fake.switches = ZohoSwitches(token_wall=200)
    for _ in range(201):
        world.people.add_lead(Last_Name="x")

    with pytest.raises(RefusedError, match="PAGINATION_LIMIT_EXCEEDED"):
        world.feed("Leads")


def test_there_are_four_feeds(world: World) -> None:
    with pytest.raises(InvalidInputError):
        world.page("Accounts")


# --- reading -----------------------------------------------------------------


def test_records_are_read_by_position_in_hundreds(world: World) -> None:
    leads = [world.people.add_lead(Last_Name="x") for _ in range(150)]
    contact = world.people.add_contact(Last_Name="x")
    refs = [
        Ref(ZOHO, "Contacts", contact),
        *(Ref(ZOHO, "Leads", lead) for lead in leads),
        Ref(ZOHO, "Leads", "404"),
    ]

    found = world.run(world.side.read(refs))

    assert [seen and seen.ref for seen in found] == [*refs[:-1], None]
    assert world.fake.requests == {"Leads list": 2, "Contacts list": 1}


def test_a_converted_lead_can_be_read(world: World) -> None:
    lead = world.people.add_lead(Last_Name="x")
    contact = world.people.convert(lead)

    assert world.seen("Leads", lead).became == Ref(ZOHO, "Contacts", contact)


def test_addresses_are_not_looked_up(world: World) -> None:
    assert world.run(world.side.find([EMAIL])) == ()
    assert not world.fake.requests


# --- fit ---------------------------------------------------------------------


def test_fit_names_what_would_change_and_what_is_lost(world: World) -> None:
    lead = world.people.add_lead(Last_Name="Nowak", Phone="1")
    edit = _update(world.seen("Leads", lead), phone=" 1", fax="2" * 31, name="Jan")

    fit = world.side.fit(edit)

    assert fit.fields == {"name"}
    assert fit.losses == (Loss("fax", LossReason.TOO_LONG, 30),)


def test_a_conversion_changes_the_state(world: World) -> None:
    lead = world.people.add_lead(Last_Name="x")

    assert world.side.fit(_convert(world.seen("Leads", lead))).fields == {"state"}


# --- creates -----------------------------------------------------------------


def test_a_prospect_is_made_a_lead_and_a_client_a_contact(world: World) -> None:
    lead, contact = world.write(
        _create(), _create("other@example.com", state=CLIENT, name=None)
    )

    assert lead.status is contact.status is OutcomeStatus.OK
    assert lead.ref is not None
    assert contact.ref is not None
    assert (lead.ref.kind, contact.ref.kind) == ("Leads", "Contacts")
    shown = world.people.record(lead.ref.id)
    assert (shown["First_Name"], shown["Last_Name"]) == ("Jan", "Nowak")
    assert world.seen("Contacts", contact.ref.id).contact.name is None


@pytest.mark.parametrize(
    ("consent", "is_out"),
    [(Consent.OPTED_OUT, True), (Consent.OPTED_IN, False), (Consent.UNKNOWN, None)],
)
@pytest.mark.parametrize("state", [PROSPECT, CLIENT])
def test_a_record_is_made_with_its_consent(
    world: World, state: ContactState, consent: Consent, *, is_out: bool | None
) -> None:
    world.fake.recorded.clear()

    world.write(_create(state=state, email_consent=consent))

    (request,) = world.fake.recorded
    assert request.json["data"][0].get("Email_Opt_Out") is is_out
    assert request.json["trigger"] == []


def test_an_owner_is_written_by_id(world: World) -> None:
    (outcome,) = world.write(_create(owner_email=BOB))

    assert outcome.ref is not None
    assert world.people.record(outcome.ref.id)["Owner"]["email"] == BOB
    assert "owner_email" in outcome.written


def test_a_lead_that_was_there_is_a_duplicate(world: World) -> None:
    lead = world.people.add_lead(Last_Name="x", Email=EMAIL)

    (outcome,) = world.write(_create())

    assert outcome.status is OutcomeStatus.DUPLICATE
    assert outcome.ref == Ref(ZOHO, "Leads", lead)
    assert len(world.people.records("Leads")) == 1


def test_a_contact_that_was_there_is_a_duplicate_and_untouched(world: World) -> None:
    contact = world.people.add_contact(Last_Name="x", Email=EMAIL)

    (outcome,) = world.write(_create(state=CLIENT))

    assert outcome.status is OutcomeStatus.DUPLICATE
    assert outcome.ref == Ref(ZOHO, "Contacts", contact)
    assert world.people.record(contact)["Last_Name"] == "x"


def test_a_clash_in_another_field_is_no_counterpart(world: World) -> None:
    world.fake.switches = ZohoSwitches(
        unique={"Contacts": frozenset({"Email", "Phone"})}
    )
    world.people.add_contact(Last_Name="x", Phone="1")

    (outcome,) = world.write(_create(state=CLIENT, phone="1"))

    assert outcome.status is OutcomeStatus.INVALID
    assert outcome.reason == "DUPLICATE_DATA:Phone"


def test_a_record_without_an_address_is_not_made(world: World) -> None:
    outcomes = world.write(_create(None), _create("no address"))

    assert [outcome.reason for outcome in outcomes] == ["no_email", "no_email"]
    assert world.fake.writes == 0


def test_one_address_is_made_once_in_one_write(world: World) -> None:
    first, second = world.write(_create(), _create(EMAIL.upper()))

    assert first.status is OutcomeStatus.OK
    assert second.status is OutcomeStatus.RETRY


@pytest.mark.parametrize("state", [PROSPECT, CLIENT])
def test_a_create_whose_answer_is_lost_is_never_made_twice(
    world: World, state: ContactState
) -> None:
    world.fake.fail_next(Fault.cut(is_applied=True), "/crm/v8/*s*")

    (outcome,) = world.write(_create(state=state))

    module = "Leads" if state is PROSPECT else "Contacts"
    (record,) = world.people.records(module)
    assert outcome.status is OutcomeStatus.DUPLICATE
    assert outcome.ref == Ref(ZOHO, module, record["id"])


def test_creates_go_in_hundreds(world: World) -> None:
    edits = [_create(f"n{number}@example.com") for number in range(250)]

    outcomes = world.write(*edits)

    assert {outcome.status for outcome in outcomes} == {OutcomeStatus.OK}
    assert world.fake.requests == {"Leads upsert": 3}
    found = [world.people.record(o.ref.id)["Email"] for o in outcomes if o.ref]
    assert found == [f"n{number}@example.com" for number in range(250)]


# --- updates -----------------------------------------------------------------


def test_only_what_changed_is_sent(world: World) -> None:
    lead = world.people.add_lead(
        First_Name="Jan", Last_Name="Nowak", Phone="1", Fax="2"
    )
    seen = world.seen("Leads", lead)
    world.fake.recorded.clear()
    world.fake.clock.sleep(5)

    (outcome,) = world.write(_update(seen, name="Jan  Nowak", phone=None, fax="3"))

    (request,) = world.fake.recorded
    assert request.json["data"] == [{"id": lead, "Phone": None, "Fax": "3"}]
    assert outcome.written == {"phone", "fax"}
    assert outcome.version == "2026-01-05T12:00:05+00:00"
    assert outcome.version == world.seen("Leads", lead).version


def test_nothing_to_change_costs_nothing(world: World) -> None:
    lead = world.people.add_lead(Last_Name="Nowak", Phone="1")
    seen = world.seen("Leads", lead)
    world.fake.reset_counters()

    (outcome,) = world.write(_update(seen, name="Nowak", phone="1 "))

    assert outcome.status is OutcomeStatus.OK
    assert outcome.written == frozenset()
    assert not world.fake.requests


def test_updates_of_both_modules_go_in_hundreds(world: World) -> None:
    for number in range(120):
        world.people.add_lead(Last_Name="x", Email=f"l{number}@example.com")
        world.people.add_contact(Last_Name="x", Email=f"c{number}@example.com")
    seen = [*world.page("Leads").seen, *world.page("Contacts").seen]
    world.fake.reset_counters()

    outcomes = world.write(*[_update(one, phone="1") for one in seen])

    assert [outcome.ref for outcome in outcomes] == [one.ref for one in seen]
    assert {outcome.status for outcome in outcomes} == {OutcomeStatus.OK}
    assert world.fake.requests == {"Leads update": 2, "Contacts update": 2}


def test_one_record_is_written_once_in_one_write(world: World) -> None:
    seen = world.seen("Leads", world.people.add_lead(Last_Name="x"))

    first, second = world.write(_update(seen, phone="1"), _update(seen, phone="2"))

    assert first.status is OutcomeStatus.OK
    assert second.status is OutcomeStatus.RETRY


def test_a_deleted_record_is_gone(world: World) -> None:
    lead = world.people.add_lead(Last_Name="x")
    seen = world.seen("Leads", lead)
    world.people.delete(lead)

    first, second = world.write(
        _update(seen, phone="1"), _update(evolve(seen, is_deleted=True), phone="1")
    )

    assert first.status is second.status is OutcomeStatus.GONE


def test_a_lead_that_was_converted_meanwhile_is_stale(world: World) -> None:
    lead = world.people.add_lead(Last_Name="x")
    before = world.seen("Leads", lead)
    world.people.convert(lead)
    after = world.seen("Leads", lead)

    (refused,) = world.write(_update(before, phone="1"))
    (known,) = world.write(_update(after, phone="1"))

    assert refused.status is known.status is OutcomeStatus.STALE


def test_a_locked_record_is_tried_again_later(world: World) -> None:
    lead = world.people.add_lead(Last_Name="x")
    world.fake.locked.add(lead)

    (outcome,) = world.write(_update(world.seen("Leads", lead), phone="1"))

    assert (outcome.status, outcome.reason) == (OutcomeStatus.RETRY, "RECORD_LOCKED")


def test_one_bad_record_hides_no_other(world: World) -> None:
    good = world.seen("Leads", world.people.add_lead(Last_Name="x"))
    bad = world.seen("Contacts", world.people.add_contact(Last_Name="x"))
    world.people.add_contact(Last_Name="y", Email=EMAIL)

    outcomes = world.write(_update(bad, email=EMAIL), _update(good, phone="1"))

    assert [outcome.status for outcome in outcomes] == [
        OutcomeStatus.INVALID,
        OutcomeStatus.OK,
    ]
    assert outcomes[0].reason == "DUPLICATE_DATA:Email"


def test_a_batch_that_is_refused_whole_is_bisected(world: World) -> None:
    leads = [world.people.add_lead(Last_Name="x") for _ in range(4)]
    seen = [world.seen("Leads", lead) for lead in leads]
    refusal = Fault.json(
        {"code": "INVALID_DATA", "details": {}, "message": "", "status": "error"},
        status=400,
    )
    world.fake.fail_next(refusal, "Leads update", times=2)

    outcomes = world.write(*[_update(one, phone="1") for one in seen])

    statuses = [outcome.status for outcome in outcomes]
    assert statuses.count(OutcomeStatus.OK) == 4


def test_a_loss_is_told_beside_what_was_written(world: World) -> None:
    seen = world.seen("Leads", world.people.add_lead(Last_Name="x"))

    (outcome,) = world.write(_update(seen, phone="1", fax="2" * 31))

    assert outcome.written == {"phone"}
    assert outcome.losses == (Loss("fax", LossReason.TOO_LONG, 30),)


# --- companies ---------------------------------------------------------------


def test_an_account_that_was_seen_is_used_without_a_request(world: World) -> None:
    world.people.add_contact(Last_Name="x", Account_Name="Acme")
    other = world.people.add_contact(Last_Name="y")
    seen = {one.ref.id: one for one in world.page("Contacts").seen}
    world.fake.reset_counters()

    (outcome,) = world.write(_update(seen[other], company="Acme"))

    assert outcome.written == {"company"}
    assert world.people.record(other)["Account_Name"]["name"] == "Acme"
    assert world.fake.requests == {"Contacts update": 1}


def test_accounts_are_listed_once_and_missing_ones_made_once(world: World) -> None:
    world.people.add_account(Account_Name="Known")
    edits = [
        _create(f"n{number}@example.com", state=CLIENT, company=company)
        for number, company in enumerate(["Known", "New", " New ", "Other"])
    ]

    world.write(*edits)
    world.write(_create("n9@example.com", state=CLIENT, company="Newest"))

    assert {row["Account_Name"] for row in world.people.records("Accounts")} == {
        "Known",
        "New",
        "Other",
        "Newest",
    }
    assert world.fake.requests == {
        "Accounts list": 1,
        "Accounts insert": 2,
        "Contacts insert": 2,
    }


def test_a_company_is_cleared_without_touching_the_account(world: World) -> None:
    contact = world.people.add_contact(Last_Name="x", Account_Name="Acme")

    world.write(_update(world.seen("Contacts", contact), company=None))

    assert world.people.record(contact)["Account_Name"] is None
    assert len(world.people.records("Accounts")) == 1


def test_a_change_of_company_never_renames_the_account(world: World) -> None:
    contact = world.people.add_contact(Last_Name="x", Account_Name="Acme")

    world.write(_update(world.seen("Contacts", contact), company="Better"))

    names = {row["Account_Name"] for row in world.people.records("Accounts")}
    assert names == {"Acme", "Better"}


def test_a_run_forgets_what_the_run_before_knew_of_accounts(world: World) -> None:
    contact = world.people.add_contact(Last_Name="x", Account_Name="Acme")
    other = world.people.add_contact(Last_Name="y")
    account = world.seen("Contacts", contact).payload["Account_Name"]["id"]
    world.people.delete(account)

    world.run(world.side.connect())
    (outcome,) = world.write(_update(world.seen("Contacts", other), company="Acme"))

    assert outcome.status is OutcomeStatus.OK
    assert world.people.record(other)["Account_Name"]["id"] != account


def test_an_account_that_zoho_refuses_is_a_loss(world: World) -> None:
    refusal = Fault.json(
        {"code": "NOT_ALLOWED", "details": {}, "message": "", "status": "error"},
        status=400,
    )
    world.fake.fail_next(refusal, "Accounts insert")

    (outcome,) = world.write(_create(state=CLIENT, company="Acme"))

    assert outcome.status is OutcomeStatus.OK
    assert outcome.losses == (Loss("company", LossReason.NOT_WRITABLE),)
    assert "company" not in outcome.written


def test_an_account_whose_making_is_unknown_is_looked_for_before_it_is_made_again(
    world: World,
) -> None:
    edit = _create(state=CLIENT, company="Acme")
    world.fake.fail_next(Fault.cut(is_applied=True), "Accounts insert")

    (first,) = world.write(edit)
    (second,) = world.write(edit)

    assert (first.status, first.reason) == (OutcomeStatus.RETRY, "no_account")
    assert second.status is OutcomeStatus.OK
    assert len(world.people.records("Accounts")) == 1


# --- conversions -------------------------------------------------------------


def test_a_lead_is_converted_and_the_outcome_names_the_contact(world: World) -> None:
    lead = world.people.add_lead(Last_Name="x", Email=EMAIL, Company="Acme")

    (outcome,) = world.write(_convert(world.seen("Leads", lead)))

    (contact,) = world.people.records("Contacts")
    assert outcome.status is OutcomeStatus.OK
    assert outcome.ref == Ref(ZOHO, "Contacts", contact["id"])
    assert outcome.written == {"state"}


def test_leads_of_one_company_are_converted_into_one_account(world: World) -> None:
    contact = world.people.add_contact(Last_Name="x", Account_Name="Acme")
    leads = [world.people.add_lead(Last_Name="x", Company="Acme") for _ in range(3)]
    seen = [world.seen("Leads", lead) for lead in leads]

    outcomes = world.write(*map(_convert, seen))

    accounts = {
        world.people.record(outcome.ref.id)["Account_Name"]["id"]
        for outcome in outcomes
        if outcome.ref
    }
    assert accounts == {world.people.record(contact)["Account_Name"]["id"]}


def test_a_lead_is_converted_into_the_contact_that_is_named(world: World) -> None:
    contact = world.people.add_contact(Last_Name="x")
    lead = world.people.add_lead(Last_Name="x", Email=EMAIL)
    into = Ref(ZOHO, "Contacts", contact)

    (outcome,) = world.write(_convert(world.seen("Leads", lead), into))

    assert outcome.ref == into
    assert world.people.record(contact)["Email"] == EMAIL


def test_a_lead_is_converted_into_the_contact_in_its_way(world: World) -> None:
    contact = world.people.add_contact(Last_Name="x", Email=EMAIL)
    lead = world.people.add_lead(Last_Name="x", Email=EMAIL)

    (outcome,) = world.write(_convert(world.seen("Leads", lead)))

    assert outcome.ref == Ref(ZOHO, "Contacts", contact)
    assert world.fake.requests["Leads convert"] == 2


def test_without_the_name_of_what_is_in_the_way_a_conversion_is_refused(
    world: World,
) -> None:
    world.fake.switches = ZohoSwitches(names_conversion_duplicate=False)
    world.people.add_contact(Last_Name="x", Email=EMAIL)
    lead = world.people.add_lead(Last_Name="x", Email=EMAIL)

    (outcome,) = world.write(_convert(world.seen("Leads", lead)))

    assert (outcome.status, outcome.reason) == (OutcomeStatus.INVALID, "DUPLICATE_DATA")


def test_a_lead_that_somebody_converted_meanwhile_is_converted(world: World) -> None:
    lead = world.people.add_lead(Last_Name="x")
    seen = world.seen("Leads", lead)
    contact = world.people.convert(lead)

    (outcome,) = world.write(_convert(seen))
    (known,) = world.write(_convert(world.seen("Leads", lead)))

    assert outcome == known
    assert outcome.status is OutcomeStatus.OK
    assert outcome.ref == Ref(ZOHO, "Contacts", contact)


def test_a_conversion_whose_answer_is_lost_is_looked_at(world: World) -> None:
    done = world.seen("Leads", world.people.add_lead(Last_Name="x"))
    world.fake.fail_next(Fault.cut(is_applied=True), "Leads convert")
    (after,) = world.write(_convert(done))
    undone = world.seen("Leads", world.people.add_lead(Last_Name="y"))
    world.fake.fail_next(Fault.cut(is_applied=False), "Leads convert")
    (before,) = world.write(_convert(undone))

    assert after.status is OutcomeStatus.OK
    assert before.status is OutcomeStatus.UNKNOWN
    assert world.fake.requests["Leads convert"] == 2


def test_a_second_attempt_of_a_conversion_is_explained_too(world: World) -> None:
    world.people.add_contact(Last_Name="x", Email=EMAIL)
    lead = world.people.add_lead(Last_Name="x", Email=EMAIL)
    seen = world.seen("Leads", lead)
    said = {
        "code": "DUPLICATE_DATA",
        "details": {"api_name": "Email", "id": "404"},
        "message": "",
        "status": "error",
    }
    world.fake.fail_next(Fault.json({"data": [said]}, status=400), "Leads convert")

    (outcome,) = world.write(_convert(seen))

    assert (outcome.status, outcome.reason) == (OutcomeStatus.INVALID, "INVALID_DATA")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("RECORD_LOCKED", OutcomeStatus.RETRY),
        ("NOT_APPROVED", OutcomeStatus.RETRY),
        ("MAPPING_MISMATCH", OutcomeStatus.INVALID),
        ("INVALID_DATA", OutcomeStatus.INVALID),
    ],
)
def test_a_refused_conversion_tells_whether_it_may_work_later(
    world: World, code: str, status: OutcomeStatus
) -> None:
    seen = world.seen("Leads", world.people.add_lead(Last_Name="x"))
    said = {"code": code, "details": {}, "message": "", "status": "error"}
    world.fake.fail_next(Fault.json(said, status=400), "Leads convert")

    (outcome,) = world.write(_convert(seen))

    assert (outcome.status, outcome.reason) == (status, code)


def test_a_lead_whose_contact_was_deleted_since_is_gone(world: World) -> None:
    lead = world.people.add_lead(Last_Name="x")
    seen = world.seen("Leads", lead)
    world.people.delete(world.people.convert(lead))

    (outcome,) = world.write(_convert(seen))

    assert outcome.status is OutcomeStatus.GONE


def test_a_scheduled_conversion_is_waited_for(world: World) -> None:
    world.fake.switches = ZohoSwitches(schedules_conversions=True)
    lead = world.people.add_lead(Last_Name="x")

    (outcome,) = world.write(_convert(world.seen("Leads", lead)))
    world.fake.clock.sleep(30)

    assert (outcome.status, outcome.reason) == (OutcomeStatus.RETRY, "scheduled")
    assert world.seen("Leads", lead).became is not None


def test_a_lead_that_is_gone_is_not_converted(world: World) -> None:
    lead = world.people.add_lead(Last_Name="x")
    seen = world.seen("Leads", lead)
    world.people.delete(lead)

    (outcome,) = world.write(_convert(seen))

    assert outcome.status is OutcomeStatus.GONE


def test_only_leads_are_converted_and_each_once(world: World) -> None:
    contact = world.seen("Contacts", world.people.add_contact(Last_Name="x"))
    lead = world.seen("Leads", world.people.add_lead(Last_Name="x"))

    outcomes = world.write(_convert(contact), _convert(lead), _convert(lead))

    assert [outcome.status for outcome in outcomes] == [
        OutcomeStatus.INVALID,
        OutcomeStatus.OK,
        OutcomeStatus.RETRY,
    ]


# --- failures ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "created", "updated"),
    [
        (Fault.unreachable(), OutcomeStatus.RETRY, OutcomeStatus.RETRY),
        (Fault.status(503), OutcomeStatus.UNKNOWN, OutcomeStatus.RETRY),
        (Fault.html(), OutcomeStatus.UNKNOWN, OutcomeStatus.RETRY),
        (Fault.cut(), OutcomeStatus.UNKNOWN, OutcomeStatus.RETRY),
    ],
)
def test_a_failure_of_the_service_is_an_outcome(
    world: World, fault: Fault, created: OutcomeStatus, updated: OutcomeStatus
) -> None:
    seen = world.seen("Leads", world.people.add_lead(Last_Name="x"))
    world.fake.fail_next(fault, "/crm/*", times=99)

    outcomes = world.write(_create(), _update(seen, phone="1"), _convert(seen))

    assert [outcome.status for outcome in outcomes[:2]] == [created, updated]
    assert outcomes[2].status in {OutcomeStatus.RETRY, OutcomeStatus.UNKNOWN}


def test_what_stops_every_write_is_an_error(world: World) -> None:
    seen = world.seen("Leads", world.people.add_lead(Last_Name="x"))
    world.fake.switches = ZohoSwitches(denied_modules=frozenset({"Leads"}))
    with pytest.raises(PermissionDeniedError):
        world.write(_update(seen, phone="1"))
    world.fake.switches = ZohoSwitches()
    world.fake.fail_next(Fault.status(429), "/crm/*", times=99)
    with pytest.raises(ThrottledError):
        world.write(_update(seen, phone="1"))
    world.fake.faults.clear()
    world.fake.fail_next(Fault.json({"error": "invalid_code"}), "/oauth/*", times=9)
    world.fake.revoke_access_tokens()

    with pytest.raises(AuthenticationError):
        world.write(_update(seen, phone="1"))


def test_nothing_to_write_costs_nothing(world: World) -> None:
    assert world.write() == ()
    assert not world.fake.requests
