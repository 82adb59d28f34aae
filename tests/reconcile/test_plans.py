"""Plans: nothing is written, exactly they are applied, stale ones are skipped."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from crmbridge import MemoryStore
from crmbridge.errors import ConfigError, LeaseHeldError
from crmbridge.reconcile import TABLES

from .conftest import World


def _rows(store: MemoryStore) -> dict[str, int]:
    return {table: len(store.scan("default", table)) for table in TABLES}


def test_a_plan_writes_nothing_anywhere(world: World) -> None:
    world.add_pair(Phone="600")
    world.cards.add("only@example.com", name="Only Here")
    before = _rows(world.store)

    plan = world.plan()

    assert world.services.writes == 0
    assert _rows(world.store) == before
    assert plan.counts() == {
        "create in zoho": 1,
        "link": 1,
        "update in salesmanago": 1,
    }


def test_an_applied_plan_does_exactly_what_it_says(world: World) -> None:
    world.add_pair(Phone="600", Email_Opt_Out=True)
    world.cards.add("only@example.com", name="Only Here")
    plan = world.plan()

    report = world.apply(plan)

    assert {action.id for action in report.actions} == {a.id for a in plan.actions}
    assert report.stale == ()
    assert world.run().writes == 0


def test_what_changed_since_the_plan_is_skipped_and_listed(world: World) -> None:
    lead = world.add_pair(Phone="600")
    world.cards.add("only@example.com", name="Only Here")
    plan = world.plan()
    world.records.edit(lead, Phone="700")

    report = world.apply(plan)

    assert world.card()["phone"] is None
    assert [action.fields for action in report.stale] == [("company", "phone")]
    world.run()
    assert world.card()["phone"] == "700"


def test_what_came_after_the_plan_waits_for_the_next_run(world: World) -> None:
    plan = world.plan()
    world.cards.add("late@example.com", name="Late Comer")

    report = world.apply(plan)

    assert world.services.writes == 0
    assert [outcome.reason for outcome in report.outcomes] == ["not_planned"]
    world.run()
    assert len(world.records.records("Leads")) == 1


def test_a_conversion_in_a_plan_is_completed_when_applied(world: World) -> None:
    world.linked()
    world.cards.edit("ann@example.com", state="CUSTOMER", phone="600")
    plan = world.plan()

    world.apply(plan)

    (contact,) = world.records.records("Contacts")
    assert contact["Phone"] == "600"


def test_the_same_world_gives_the_same_plan(world: World) -> None:
    world.add_pair(Phone="600")
    world.cards.add("only@example.com", name="Only Here")
    world.run()
    world.cards.edit("ann@example.com", phone="800")

    first, second = world.plan(), world.plan()

    assert first.digest == second.digest
    assert first.actions == second.actions


def test_a_plan_of_another_bridge_is_refused(world: World) -> None:
    plan = evolve(world.plan(), bridge="other")

    with pytest.raises(ConfigError, match="other"):
        world.apply(plan)


def test_a_plan_shows_no_personal_data(world: World) -> None:
    world.add_pair(Phone="600100200")
    plan = world.plan()

    shown = f"{plan!r}{plan.summary()}{''.join(map(str, plan.actions))}"
    assert "ann@" not in shown
    assert "600100200" not in shown


def test_a_second_worker_is_told_who_holds_the_lease(world: World) -> None:
    now = world.services.clock().at + timedelta(hours=1)
    world.store.acquire("default", "other", now=now, ttl_seconds=7200)

    with pytest.raises(LeaseHeldError) as caught:
        world.run()
    assert caught.value.holder == "other"


def test_bridges_of_different_names_share_a_store(world: World) -> None:
    world.linked()
    world.options["name"] = "second"

    report = world.run()

    assert report.counts() == {"linked": 2}


def test_every_record_seen_has_one_outcome_and_a_reason(world: World) -> None:
    world.fill(people=80)

    report = world.run()

    refs = [outcome.ref for outcome in report.outcomes]
    assert len(refs) == len(set(refs))
    assert all(outcome.reason for outcome in report.outcomes)
    assert sum(report.counts().values()) == len(refs)
    leads = len(world.records.records("Leads"))
    contacts = len(world.records.records("Contacts"))
    assert len(refs) == len(world.cards) + leads + contacts


def test_progress_is_told(world: World) -> None:
    told: list[str] = []
    world.options["on_progress"] = lambda progress: told.append(progress.phase)
    world.add_pair(Phone="600")

    world.run()

    assert set(told) == {"read", "decide", "write"}
