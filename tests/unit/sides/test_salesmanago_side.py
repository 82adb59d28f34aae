"""SALESmanago as a side: before the fake, with the real mapper."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, TypeAlias

import pytest
from attrs import evolve, frozen

from crmbridge._limiter import Limiter
from crmbridge._ports import Port
from crmbridge._runtime import Runtime
from crmbridge._steps import Call
from crmbridge.config import Limits, RetryPolicy, SalesmanagoConfig
from crmbridge.contact import (
    Address,
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
    ThrottledError,
)
from crmbridge.reconcile.ports import Side
from crmbridge.reconcile.records import (
    Edit,
    EditKind,
    Outcome,
    OutcomeStatus,
    Position,
    Ref,
    Seen,
)
from crmbridge.sides import SalesmanagoSide
from crmbridge.testing import FakeClock, FakeTransport, Fault, SalesmanagoFake

ADMIN = "Admin@Example.com"
BOB = "bob@example.com"
ANN = "ann@example.com"
EVE = "eve@example.com"
BATCH = "/api/contact/batchupsert"
SINGLE = "/api/contact/upsert"
BY_ID = "/api/contact/listAllById"

Status = OutcomeStatus


@frozen
class Bench:
    """A side before a fake, and what carries its calls out."""

    fake: SalesmanagoFake
    side: SalesmanagoSide
    runtime: Runtime

    def run(self, call: Call[Any]) -> Any:
        return self.runtime.run(call)

    def seen(self, email: str) -> Seen:
        (seen,) = self.run(self.side.find([email]))
        found: Seen = seen
        return found

    def write(self, *edits: Edit) -> tuple[Outcome, ...]:
        self.fake.reset_counters()
        outcomes: tuple[Outcome, ...] = self.run(self.side.write(edits))
        return outcomes

    def update(self, email: str, /, **fields: Any) -> Edit:
        return Edit(EditKind.UPDATE, Contact(**fields), self.seen(email))

    @property
    def paths(self) -> Counter[str]:
        return self.fake.requests

    def details(self) -> list[dict[str, Any]]:
        """What was sent in batches, record by record."""
        return [
            detail
            for row in self.fake.recorded
            if row.path == BATCH
            for detail in row.body["upsertDetails"]
        ]


Make: TypeAlias = Callable[..., Bench]


@pytest.fixture
def make() -> Make:
    def bench(**settings: Any) -> Bench:
        clock = FakeClock()
        client_id = settings.get("client_id", "fake-client")
        fake = SalesmanagoFake(users=(ADMIN, BOB), client_id=client_id, clock=clock)
        account: dict[str, Any] = {**fake.account(), "history_start": date(2026, 1, 1)}
        account |= {"retry": RetryPolicy(attempts=2), **settings}
        config = SalesmanagoConfig(**account)
        port = Port(FakeTransport(fake), Limiter(Limits()))
        runtime = Runtime({"salesmanago": port}, sleep=clock.sleep, clock=clock)
        made = Bench(fake, SalesmanagoSide(config), runtime)
        made.run(made.side.connect())
        fake.reset_counters()
        return made

    return bench


@pytest.fixture
def bench(make: Make) -> Bench:
    return make()


def create(email: str | None = EVE, **fields: Any) -> Edit:
    return Edit(EditKind.CREATE, Contact(email=email, **fields))


# --- connect ---


def test_it_is_a_side(bench: Bench) -> None:
    side: Side = bench.side

    assert (side.name, side.feeds) == ("salesmanago", ("contacts",))


def test_it_learns_the_users_once_a_day(bench: Bench) -> None:
    facts = bench.run(bench.side.connect())

    assert facts.users == {"admin@example.com", BOB}
    assert facts.main_owner == "admin@example.com"
    assert sum(bench.paths.values()) == 0
    bench.fake.clock.sleep(25 * 3600)
    bench.fake.users = (*bench.fake.users, "new@example.com")
    assert "new@example.com" in bench.run(bench.side.connect()).users


def test_the_account_mark_tells_accounts_apart_and_no_secret(make: Make) -> None:
    def mark(**settings: str) -> str:
        bench = make(**settings)
        account: str = bench.run(bench.side.connect()).account
        return account

    assert mark() == mark(endpoint="app3")
    assert mark() != mark(client_id="another")
    assert "fake" not in mark()


def test_an_owner_who_is_no_user_is_a_config_error(make: Make) -> None:
    with pytest.raises(ConfigError, match="users"):
        make(owner="nobody@example.com")


# --- page ---


def test_its_feed_names_who_changed(bench: Bench) -> None:
    ids = {bench.fake.people.add(ANN), bench.fake.people.add(EVE, owner=BOB)}

    page = bench.run(bench.side.page("contacts", since=None, position=None))

    assert {ref.id for ref in page.touched} == ids
    assert {(ref.side, ref.kind) for ref in page.touched} == {
        ("salesmanago", "contact")
    }
    assert page.following is None
    assert page.server_time is not None


def test_positions_can_be_stored(make: Make) -> None:
    bench = make(page_size=2)
    ids = {bench.fake.people.add(f"p{number}@example.com") for number in range(5)}
    since = bench.fake.clock().at - timedelta(hours=6)
    found: set[str] = set()
    position: Position | None = None
    for _ in range(5):  # three pages, and back to the first
        page = bench.run(bench.side.page("contacts", since=since, position=position))
        found |= {ref.id for ref in page.touched}
        position = json.loads(json.dumps(page.following))

    assert found == ids
    assert position is None


def test_there_is_no_other_feed(bench: Bench) -> None:
    with pytest.raises(InvalidInputError):
        bench.run(bench.side.page("deleted", since=None, position=None))


# --- read, find, recall ---


def test_it_reads_by_position(bench: Bench) -> None:
    ids = [bench.fake.people.add(f"p{number}@example.com") for number in range(60)]
    refs = [Ref("salesmanago", "contact", each) for each in ("absent", *ids)]

    seen = bench.run(bench.side.read(refs))

    assert seen[0] is None
    assert [each.ref.id for each in seen[1:]] == ids
    assert bench.paths == {"/api/contact/listAllById": 2}


def test_a_record_comes_with_its_payload_and_version(bench: Bench) -> None:
    bench.fake.people.add(
        ANN, name="Ann", city="Kielce", province="Slask", birthday="0229", tags=["x"]
    )

    seen = bench.seen(ANN)

    assert seen.contact.name == "Ann"
    assert seen.contact.birthday == Birthday(2, 29)
    assert seen.contact.email_consent is Consent.OPTED_IN
    assert seen.version == "1767614400000"
    assert not seen.is_deleted
    assert json.loads(json.dumps(seen.payload)) == seen.payload
    assert "contactTags" not in seen.payload
    assert bench.side.recall(seen.ref, seen.payload) == seen


def test_a_softly_deleted_contact_is_seen_as_deleted(bench: Bench) -> None:
    bench.fake.people.add(ANN)
    bench.fake.people.delete(ANN)

    assert bench.seen(ANN).is_deleted


def test_who_is_known_in_lower_case_is_found_by_any_spelling(bench: Bench) -> None:
    bench.fake.switches = evolve(bench.fake.switches, is_case_kept=True)
    card = bench.fake.people.add(ANN)

    assert bench.seen(ANN.title()).ref.id == card


# --- fit ---


def test_fit_tells_what_would_change_and_asks_nobody(bench: Bench) -> None:
    bench.fake.people.add(ANN, name="Ann", phone="+48 123")
    edit = bench.update(ANN, name=" Ann ", phone="0048123", fax="1", company="c" * 256)
    bench.fake.reset_counters()

    fit = bench.side.fit(edit)

    assert fit.fields == {"fax"}
    assert [(loss.field, loss.reason) for loss in fit.losses] == [
        ("company", LossReason.TOO_LONG)
    ]
    assert sum(bench.paths.values()) == 0


def test_an_owner_who_is_no_user_does_not_fit(bench: Bench) -> None:
    bench.fake.people.add(ANN)

    fit = bench.side.fit(bench.update(ANN, owner_email="x@example.com"))

    assert fit.losses == (Loss("owner_email", LossReason.NO_SUCH_USER),)


# --- write: creates ---


def test_a_create_says_in_or_out_for_both_channels(bench: Bench) -> None:
    outcomes = bench.write(
        create(EVE, name="Eve", email_consent=Consent.OPTED_IN), create(ANN)
    )

    assert [outcome.status for outcome in outcomes] == [Status.OK, Status.OK]
    eve, ann = bench.fake.people.get(EVE), bench.fake.people.get(ANN)
    assert (eve["optedOut"], eve["optedOutPhone"]) == (False, True)
    assert (ann["optedOut"], ann["optedOutPhone"]) == (True, True)
    assert outcomes[0].ref == Ref("salesmanago", "contact", eve["id"])
    assert outcomes[0].written == {"email", "name", "email_consent"}
    assert bench.fake.confirmation_mails == ()


@pytest.mark.parametrize("flag", ["in", "out"])
def test_a_create_does_not_rest_on_what_the_service_does_by_default(
    bench: Bench, flag: Any
) -> None:
    bench.fake.switches = evolve(bench.fake.switches, new_contacts=flag)

    bench.write(create(phone_consent=Consent.OPTED_IN))

    card = bench.fake.people.get(EVE)
    assert (card["optedOut"], card["optedOutPhone"]) == (True, False)


def test_a_create_goes_to_its_owner_or_the_main_user(bench: Bench) -> None:
    bench.write(create(EVE, owner_email="BOB@example.com"), create(ANN))

    assert bench.fake.people.get(EVE)["mainContactOwner"] == BOB
    assert bench.fake.people.get(ANN)["mainContactOwner"] == ADMIN
    assert bench.paths == {BATCH: 2}


def test_a_create_holds_all_mapped_fields(bench: Bench) -> None:
    contact = Contact(
        email=EVE,
        name="Eve Nowak",
        phone="+48 1",
        fax="2",
        company="Example",
        address=Address("Main 1", "25-001", "Kielce", "Slask", "PL"),
        birthday=Birthday(8, 4, 1984),
        state=ContactState.CLIENT,
        owner_email=BOB,
        email_consent=Consent.OPTED_IN,
        phone_consent=Consent.OPTED_OUT,
    )

    bench.write(Edit(EditKind.CREATE, contact))

    assert bench.seen(EVE).contact == contact
    assert bench.fake.people.get(EVE)["state"] == "CUSTOMER"


def test_a_create_without_email_is_invalid(bench: Bench) -> None:
    (outcome,) = bench.write(create(None, name="Eve"))

    assert (outcome.status, outcome.reason) == (Status.INVALID, "no_email")
    assert bench.fake.writes == 0


# --- write: updates ---


def test_an_update_sends_only_what_changes(bench: Bench) -> None:
    bench.fake.people.add(ANN, name="Ann", phone="1")

    (outcome,) = bench.write(bench.update(ANN, name="Ann", fax="2"))

    assert outcome.written == {"fax"}
    assert bench.details() == [
        {
            "contact": {"email": ANN, "fax": "2"},
            "forceOptIn": False,
            "forceOptOut": False,
            "forcePhoneOptIn": False,
            "forcePhoneOptOut": False,
        }
    ]
    assert bench.paths == {BY_ID: 1, BATCH: 1}


def test_an_update_without_change_is_not_sent(bench: Bench) -> None:
    bench.fake.people.add(ANN, name="Ann")

    (outcome,) = bench.write(bench.update(ANN, name=" Ann"))

    assert (outcome.status, outcome.written) == (Status.OK, frozenset())
    assert bench.fake.writes == 0


def test_an_opt_out_is_the_smallest_write(bench: Bench) -> None:
    bench.fake.people.add(ANN, name="Ann")

    bench.write(bench.update(ANN, email_consent=Consent.OPTED_OUT))

    (detail,) = bench.details()
    assert detail["contact"] == {"email": ANN}
    assert (detail["forceOptIn"], detail["forceOptOut"]) == (False, True)
    assert bench.fake.people.get(ANN)["optedOut"]
    assert not bench.fake.people.get(ANN)["optedOutPhone"]


def test_updates_are_sent_in_the_name_of_the_present_owner(bench: Bench) -> None:
    bench.fake.switches = evolve(bench.fake.switches, moves_owner=True)
    for number in range(4):
        owner = bench.fake.users[number % 2]
        bench.fake.people.add(f"p{number}@example.com", owner=owner)
    edits = [bench.update(f"p{number}@example.com", fax="1") for number in range(4)]

    bench.write(*edits)

    assert bench.paths == {BY_ID: 1, BATCH: 2}
    owners = [card["mainContactOwner"] for card in bench.fake.people.contacts()]
    assert owners == [ADMIN, BOB, ADMIN, BOB]


def test_a_user_who_left_is_not_written_for(bench: Bench) -> None:
    bench.fake.people.add(ANN, owner="left@example.com")

    (outcome,) = bench.write(bench.update(ANN, fax="1"))

    assert outcome.status is Status.OK
    assert bench.fake.recorded[0].body["owner"] == ADMIN


def test_batches_are_cut(make: Make) -> None:
    bench = make(batch_size=10)

    outcomes = bench.write(*(create(f"p{number}@example.com") for number in range(25)))

    assert {outcome.status for outcome in outcomes} == {Status.OK}
    assert bench.paths == {BATCH: 3}
    for number, outcome in enumerate(outcomes):
        card = bench.fake.people.get(f"p{number}@example.com")
        assert outcome.ref is not None
        assert outcome.ref.id == card["id"]


def test_a_deleted_contact_is_never_brought_back(bench: Bench) -> None:
    bench.fake.people.add(ANN)
    bench.fake.people.delete(ANN)

    (outcome,) = bench.write(bench.update(ANN, email_consent=Consent.OPTED_OUT))

    assert outcome.status is Status.GONE
    assert bench.fake.writes == 0


@pytest.mark.question(13)
@pytest.mark.parametrize("finds_deleted", ["as_shown", "always", "never"])
@pytest.mark.parametrize("shows_deleted", [True, False])
@pytest.mark.parametrize(
    "change",
    [
        {"fax": "1"},
        {"email": "new@example.com"},
        {"owner_email": BOB},
        {"phone": None},
        {"email_consent": Consent.OPTED_OUT},
    ],
    ids=str,
)
def test_a_contact_deleted_since_it_was_read_is_not_brought_back(
    bench: Bench, change: dict[str, Any], shows_deleted: bool, finds_deleted: Any
) -> None:
    bench.fake.people.add(ANN, phone="1")
    bench.fake.people.add(EVE)
    edits = bench.update(ANN, **change), bench.update(EVE, fax="2")
    bench.fake.people.delete(ANN)
    bench.fake.switches = evolve(
        bench.fake.switches, shows_deleted=shows_deleted, finds_deleted=finds_deleted
    )

    deleted, alive = bench.write(*edits)

    assert deleted.status is (Status.GONE if shows_deleted else Status.STALE)
    assert alive.status is Status.OK
    assert bench.fake.people.get(ANN)["deleted"] is True
    assert bench.fake.people.get(EVE)["fax"] == "2"


def test_a_contact_purged_since_it_was_read_is_not_made_again(bench: Bench) -> None:
    bench.fake.people.add(ANN)
    edit = bench.update(ANN, fax="1")
    bench.fake.people.delete(ANN, permanently=True)

    (outcome,) = bench.write(edit)

    assert (outcome.status, outcome.reason) == (Status.STALE, "not_shown")
    assert ANN not in bench.fake.people


@pytest.mark.parametrize(
    "fault", [Fault.unreachable(), Fault.cut(), Fault.status(500), Fault.html()]
)
def test_what_cannot_be_read_before_is_not_written(bench: Bench, fault: Fault) -> None:
    bench.fake.people.add(ANN)
    edit = bench.update(ANN, fax="1")
    bench.fake.fail_next(fault, BY_ID, times=2)

    outcome, created = bench.write(edit, create())

    assert (outcome.status, outcome.reason) == (Status.RETRY, "not_reached")
    assert created.status is Status.OK
    assert bench.fake.people.get(ANN)["fax"] is None


def test_known_contacts_are_read_by_fifty_before(bench: Bench) -> None:
    emails = [f"p{number}@example.com" for number in range(60)]
    for email in emails:
        bench.fake.people.add(email)
    edits = [bench.update(email, fax="1") for email in emails]

    bench.write(*edits)

    assert bench.paths == {BY_ID: 2, BATCH: 1}


def test_two_edits_of_one_address_are_not_sent_together(bench: Bench) -> None:
    outcomes = bench.write(create("Eve@example.com"), create(EVE, name="Eve"))

    assert [outcome.status for outcome in outcomes] == [Status.OK, Status.RETRY]
    assert outcomes[1].reason == "email_repeated"


# --- write: e-mail ---


def test_a_rename_keeps_the_contact_and_is_read_back(bench: Bench) -> None:
    bench.fake.people.add(ANN, name="Ann")

    (outcome,) = bench.write(bench.update(ANN, email="new@example.com", fax="1"))

    assert outcome.written == {"email", "fax"}
    assert outcome.version is not None
    assert bench.fake.people.get("new@example.com")["name"] == "Ann"
    assert bench.paths == {
        "/api/contact/listAll": 1,
        SINGLE: 1,
        BY_ID: 2,
    }


def test_a_taken_address_changes_nothing(bench: Bench) -> None:
    bench.fake.people.add(ANN)
    bench.fake.people.add(EVE)
    bench.fake.switches = evolve(bench.fake.switches, taken_email="merge")

    (outcome,) = bench.write(bench.update(ANN, email="EVE@example.com", fax="1"))

    assert (outcome.status, outcome.reason) == (Status.INVALID, "email_taken")
    assert bench.fake.writes == 0
    assert len(bench.fake.people) == 2


def test_a_rename_that_was_ignored_is_a_loss(bench: Bench) -> None:
    bench.fake.people.add(ANN)
    edit = bench.update(ANN, email="new@example.com", fax="1")
    bench.fake.switches = evolve(bench.fake.switches, taken_email="ignore")
    # Taken between the look-up and the write.
    bench.fake.switches = evolve(bench.fake.switches, shows_deleted=False)
    bench.fake.people.add("new@example.com")
    bench.fake.people.delete("new@example.com")

    (outcome,) = bench.write(edit)

    assert outcome.written == {"fax"}
    assert outcome.losses == (Loss("email", LossReason.NOT_WRITABLE),)


def test_a_contact_that_left_its_address_is_stale(bench: Bench) -> None:
    bench.fake.people.add(ANN)
    edit = bench.update(ANN, fax="1")
    bench.fake.people.edit(ANN, email="new@example.com")

    (outcome,) = bench.write(edit)

    assert (outcome.status, outcome.reason) == (Status.STALE, "other_address")
    assert bench.fake.writes == 0
    assert len(bench.fake.people) == 1


def test_another_contact_that_answers_is_stale(bench: Bench) -> None:
    bench.fake.people.add(ANN)
    edit = bench.update(ANN, fax="1")
    answer = {"success": True, "message": [], "contactIds": {ANN: "other"}}
    bench.fake.fail_next(Fault.json(answer), BATCH)

    (outcome,) = bench.write(edit)

    assert (outcome.status, outcome.reason) == (Status.STALE, "other_contact")


# --- write: owner ---


@pytest.mark.parametrize("needs_present", [True, False])
def test_an_owner_moves_and_is_read_back(bench: Bench, needs_present: bool) -> None:
    bench.fake.people.add(ANN, owner=BOB)
    bench.fake.switches = evolve(bench.fake.switches, needs_present_owner=needs_present)

    (outcome,) = bench.write(bench.update(ANN, owner_email="admin@example.com"))

    assert outcome.written == {"owner_email"}
    assert bench.fake.people.get(ANN)["mainContactOwner"] == ADMIN
    assert bench.paths == {
        "/api/contact/setMainOwner": 1,
        BY_ID: 2,
    }


def test_an_owner_that_is_refused_is_a_loss(bench: Bench) -> None:
    bench.fake.people.add(ANN)
    edit = bench.update(ANN, owner_email=BOB, fax="1")
    bench.fake.fail_next(
        Fault.json({"success": False, "message": ["no"]}), "*setMainOwner"
    )

    (outcome,) = bench.write(edit)

    assert outcome.written == {"fax"}
    assert outcome.losses == (Loss("owner_email", LossReason.NOT_WRITABLE),)


def test_an_owner_that_did_not_move_is_a_loss(bench: Bench) -> None:
    bench.fake.people.add(ANN)
    edit = bench.update(ANN, owner_email=BOB)
    bench.fake.fail_next(Fault.json({"success": True, "message": []}), "*setMainOwner")

    (outcome,) = bench.write(edit)

    assert outcome.written == frozenset()
    assert outcome.losses == (Loss("owner_email", LossReason.NOT_WRITABLE),)


# --- write: clearing ---


def test_a_cleared_field_is_read_back(bench: Bench) -> None:
    bench.fake.people.add(ANN, phone="1", birthday="0804", street="Main 1", city="X")
    address = Address(None, None, "X", None, None)

    (outcome,) = bench.write(
        bench.update(ANN, phone=None, birthday=None, address=address)
    )

    assert outcome.written == {"phone", "birthday", "street"}
    assert outcome.losses == ()
    card = bench.fake.people.get(ANN)
    assert (card["phone"], card["birthdayDay"]) == (None, None)
    assert card["address"]["streetAddress"] is None


def test_a_field_that_was_not_cleared_is_a_loss(bench: Bench) -> None:
    bench.fake.people.add(ANN, phone="1")
    bench.fake.switches = evolve(bench.fake.switches, empty_values="keep")

    (outcome,) = bench.write(bench.update(ANN, phone=None, fax="2"))

    assert outcome.status is Status.OK
    assert outcome.written == {"fax"}
    assert outcome.losses == (Loss("phone", LossReason.NOT_CLEARED),)


def test_a_refused_empty_value_is_invalid(bench: Bench) -> None:
    bench.fake.people.add(ANN, phone="1")
    bench.fake.switches = evolve(bench.fake.switches, empty_values="reject")

    (outcome,) = bench.write(bench.update(ANN, phone=None))

    assert (outcome.status, outcome.reason) == (Status.INVALID, "refused:phone")


# --- write: refusals and faults ---


@pytest.mark.parametrize("position", ["missing", "whole"])
def test_one_bad_record_never_stops_the_others(bench: Bench, position: Any) -> None:
    bench.fake.switches = evolve(bench.fake.switches, bad_record=position)
    emails = [f"p{number}@example.com" for number in range(8)]
    edits = [create(email) for email in emails]
    edits[5] = create("bad@nodot")

    outcomes = bench.write(*edits)

    assert [outcome.status for outcome in outcomes].count(Status.OK) == 7
    assert (outcomes[5].status, outcomes[5].reason) == (Status.INVALID, "refused:email")
    assert len(bench.fake.people) == 7
    assert bench.paths[SINGLE] <= 2


def test_too_long_a_batch_is_halved(bench: Bench) -> None:
    bench.fake.switches = evolve(bench.fake.switches, longest_batch=3)

    outcomes = bench.write(*(create(f"p{number}@example.com") for number in range(10)))

    assert {outcome.status for outcome in outcomes} == {Status.OK}
    assert len(bench.fake.people) == 10


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault.unreachable(), Status.RETRY),
        (Fault.cut(), Status.UNKNOWN),
        (Fault.status(500), Status.UNKNOWN),
        (Fault.failed_after(503), Status.UNKNOWN),
        (Fault.html(), Status.UNKNOWN),
        (Fault.truncated(), Status.UNKNOWN),
    ],
)
def test_a_failed_batch_is_the_outcome_of_its_records(
    make: Make, fault: Fault, status: OutcomeStatus
) -> None:
    bench = make(batch_size=2)
    bench.fake.people.add(ANN)
    edits = [bench.update(ANN, fax="1"), create(EVE), create("c@x.pl")]
    bench.fake.fail_next(fault, BATCH, times=4)

    outcomes = bench.write(*edits)

    assert [outcome.status for outcome in outcomes][:2] == [status, status]
    assert outcomes[0].ref is not None
    assert outcomes[1].ref is None


@pytest.mark.parametrize("fault", [Fault.unreachable(), Fault.html()])
def test_a_record_that_its_batch_does_not_name_is_unknown_until_it_was_asked_about(
    bench: Bench, fault: Fault
) -> None:
    bench.fake.fail_next(fault, SINGLE, times=2)

    outcomes = bench.write(create("bad@nodot"), create(EVE))

    assert [outcome.status for outcome in outcomes] == [Status.UNKNOWN, Status.OK]


@pytest.mark.parametrize("fault", [Fault.unreachable(), Fault.html(), Fault.cut()])
def test_a_failed_move_leaves_the_owner_for_the_next_run(
    bench: Bench, fault: Fault
) -> None:
    bench.fake.people.add(ANN)
    edit = bench.update(ANN, owner_email=BOB, fax="1")
    bench.fake.fail_next(fault, "*setMainOwner", times=2)

    (outcome,) = bench.write(edit)

    assert (outcome.status, outcome.written) == (Status.OK, frozenset({"fax"}))
    assert outcome.losses == ()


def test_a_write_applied_behind_a_cut_is_repeated_without_a_duplicate(
    bench: Bench,
) -> None:
    bench.fake.fail_next(Fault.cut(), BATCH)

    (outcome,) = bench.write(create(EVE, name="Eve"))

    assert outcome.status is Status.OK
    assert len(bench.fake.people) == 1


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (
            Fault.json({"success": False, "message": ["User not authenticated"]}),
            AuthenticationError,
        ),
        (Fault.status(429), ThrottledError),
    ],
)
def test_what_stops_everything_is_an_error(
    bench: Bench, fault: Fault, kind: type[Exception]
) -> None:
    bench.fake.fail_next(fault, BATCH, times=2)

    with pytest.raises(kind):
        bench.write(create(EVE))


def test_a_failed_reading_back_leaves_the_write_standing(bench: Bench) -> None:
    bench.fake.people.add(ANN, phone="1")
    edit = bench.update(ANN, phone=None)
    bench.fake.fail_next(Fault.slow(0), BY_ID)  # before the write
    bench.fake.fail_next(Fault.html(), BY_ID)

    (outcome,) = bench.write(edit)

    assert (outcome.status, outcome.written) == (Status.OK, frozenset({"phone"}))


def test_outcomes_show_nothing_personal(bench: Bench) -> None:
    bench.fake.people.add(ANN, name="Ann")

    outcomes = bench.write(
        bench.update(ANN, email="new@example.com"), create("bad@nodot", name="Eve")
    )

    assert "example.com" not in repr(outcomes)
    assert "nodot" not in repr(outcomes)


def test_a_written_record_then_fits_without_change(bench: Bench) -> None:
    bench.fake.people.add(ANN, name="Ann")
    edit = bench.update(ANN, name="New", phone="1", email_consent=Consent.OPTED_OUT)
    bench.write(edit)

    again = Edit(EditKind.UPDATE, edit.contact, bench.seen(ANN))

    assert bench.side.fit(again).fields == frozenset()
    assert bench.write(again)[0].status is Status.OK
    assert bench.fake.writes == 0
