"""Where the real service is unknown, the side does right in every case."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Any, TypeAlias

import pytest

from crmbridge._limiter import Limiter
from crmbridge._ports import AsyncPort, Port
from crmbridge._runtime import AsyncRuntime, Runtime
from crmbridge._steps import Call
from crmbridge.config import Limits, SalesmanagoConfig
from crmbridge.contact import Consent, Contact, ContactState
from crmbridge.reconcile.records import Edit, EditKind, OutcomeStatus, Ref
from crmbridge.sides import SalesmanagoSide
from crmbridge.testing import (
    AsyncFakeTransport,
    FakeTransport,
    SalesmanagoFake,
    SalesmanagoSwitches,
)

POSITIONS: tuple[dict[str, Any], ...] = (
    {},
    {"is_time_checked": True},
    {"is_owner_checked": False},
    {"is_case_kept": True},
    *({"refusals": form} for form in ("array", "string", "values")),
    *({"empty_values": effect} for effect in ("keep", "clear", "reject")),
    *({"null_values": effect} for effect in ("keep", "clear", "reject")),
    {"visible_after_seconds": 3.0},
    {"new_contacts": "in"},
    *({"omitted_flags": flag} for flag in ("keep", "in", "out")),
    *({"both_flags": flag} for flag in ("in", "out", "reject")),
    {"is_double_opt_in_default": False},
    {"bad_birthdays": "ignore"},
    {"longest_value": None},
    *({"taken_email": effect} for effect in ("reject", "merge", "ignore")),
    {"bad_record": "whole"},
    {"longest_batch": 1},
    {"long_lists": "truncate"},
    {"is_shuffled": False},
    {"map_keys": "sent"},
    {"is_end_inclusive": False},
    {"page_zero": "first"},
    {"bumps": frozenset[str]()},
    {"bumps": frozenset({"data"})},
    {"bumps_unchanged": False},
    {"shows_created_as_modified": False},
    {"shows_opted_out": False},
    {"shows_deleted": False},
    {"sees_all": frozenset({"admin@example.com"})},
    {"moves_owner": True},
    {"needs_present_owner": False},
)

Run: TypeAlias = Callable[[Call[Any]], Any]


def _sync(fake: SalesmanagoFake) -> Run:
    port = Port(FakeTransport(fake), Limiter(Limits()))
    return Runtime({"salesmanago": port}, sleep=fake.clock.sleep, clock=fake.clock).run


def _async(fake: SalesmanagoFake) -> Run:
    def run(call: Call[Any]) -> Any:
        port = AsyncPort(AsyncFakeTransport(fake), Limiter(Limits()))
        runtime = AsyncRuntime({"salesmanago": port}, clock=fake.clock)
        return asyncio.run(runtime.run(call))

    return run


def _contacts_page(run: Run, side: SalesmanagoSide) -> tuple[Ref, ...]:
    found: dict[Ref, None] = {}
    position = None
    while True:
        page = run(side.page("contacts", since=None, position=position))
        found |= dict.fromkeys(page.touched)
        position = page.following
        if position is None:
            return tuple(found)


@pytest.mark.parametrize("twin", [_sync, _async])
@pytest.mark.parametrize("position", POSITIONS, ids=str)
def test_the_same_writes_end_in_the_same_state(
    twin: Callable[[SalesmanagoFake], Run], position: dict[str, Any]
) -> None:
    fake = SalesmanagoFake(
        users=("admin@example.com", "bob@example.com"),
        switches=SalesmanagoSwitches(**position),
    )
    fake.people.add("ann@example.com", name="Ann", phone="1")
    fake.people.add("Ben@example.com", name="Ben", owner="bob@example.com")
    fake.people.add("cid@example.com", name="Cid")
    fake.people.add("dan@example.com", name="Dan", fax="9")
    fake.clock.sleep(60)
    side = SalesmanagoSide(
        SalesmanagoConfig(**fake.account(), history_start=date(2026, 1, 1))
    )
    run = twin(fake)
    run(side.connect())

    refs = _contacts_page(run, side)
    seen = {record.contact.name: record for record in run(side.read(refs))}
    outcomes = run(
        side.write(
            [
                _update(seen["Ann"], phone="2", email_consent=Consent.OPTED_OUT),
                _update(seen["Ben"], name="Benjamin", state=ContactState.CLIENT),
                _update(seen["Cid"], owner_email="bob@example.com"),
                _update(seen["Dan"], email="dan2@example.com"),
                _create("eve@example.com", email_consent=Consent.OPTED_IN),
                _create("fay@example.com"),
                _create("bad@nodot"),
            ]
        )
    )

    assert [outcome.status for outcome in outcomes] == [
        *[OutcomeStatus.OK] * 6,
        OutcomeStatus.INVALID,
    ]
    shown = {card["email"]: card for card in fake.people.contacts()}
    assert {
        email: (card["optedOut"], card["optedOutPhone"], card["mainContactOwner"])
        for email, card in shown.items()
    } == {
        "ann@example.com": (True, False, "admin@example.com"),
        "Ben@example.com": (False, False, "bob@example.com"),
        "cid@example.com": (False, False, "bob@example.com"),
        "dan2@example.com": (False, False, "admin@example.com"),
        "eve@example.com": (False, True, "admin@example.com"),
        "fay@example.com": (True, True, "admin@example.com"),
    }
    assert shown["ann@example.com"]["phone"] == "2"
    assert shown["Ben@example.com"]["state"] == "CUSTOMER"
    assert shown["dan2@example.com"]["fax"] == "9"
    assert fake.confirmation_mails == ()


def _update(seen: Any, **fields: Any) -> Edit:
    return Edit(EditKind.UPDATE, Contact(**fields), seen)


def _create(email: str, **fields: Any) -> Edit:
    return Edit(EditKind.CREATE, Contact(email=email, **fields))
