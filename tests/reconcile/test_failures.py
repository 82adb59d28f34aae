"""What goes wrong at a service is survived, or is the right typed error."""

from __future__ import annotations

import logging
import re

import pytest
from attrs import evolve

from crmbridge.errors import (
    AuthenticationError,
    ConnectionFailedError,
    CreditsExhaustedError,
    CrmbridgeError,
    MalformedReplyError,
    RefusedError,
    ServiceError,
    ThrottledError,
)
from crmbridge.testing import FakeServices, Fault

from .conftest import World

SALESMANAGO_READ = "*/user/listByClient"
ZOHO_READ = "/crm/v8/users"


def test_a_wrong_salesmanago_secret_is_an_authentication_error(world: World) -> None:
    refused = Fault.json({"success": False, "message": ["User not authenticated"]})
    world.salesmanago.fail_next(refused, times=99)

    with pytest.raises(AuthenticationError):
        world.run()


@pytest.mark.parametrize("error", ["invalid_client_secret", "invalid_code"])
def test_wrong_zoho_credentials_are_an_authentication_error(
    world: World, error: str
) -> None:
    world.zoho.fail_next(Fault.json({"error": error}), "/oauth/v2/token", times=99)

    with pytest.raises(AuthenticationError):
        world.run()


def test_an_expired_token_is_renewed_once(world: World) -> None:
    lead = world.linked()
    world.cards.edit("ann@example.com", phone="600")
    world.zoho.reset_counters()
    world.zoho.revoke_access_tokens()

    world.run()

    assert world.lead(lead)["Phone"] == "600"
    assert world.zoho.requests["token"] <= 2


@pytest.mark.parametrize("service", ["salesmanago", "zoho"])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.unreachable(), ConnectionFailedError),
        (Fault.html(), MalformedReplyError),
        (Fault.truncated(), MalformedReplyError),
        (Fault.status(429), ThrottledError),
        (Fault.status(429, retry_after_seconds=3600), ThrottledError),
        (Fault.status(503), ServiceError),
    ],
)
def test_a_fault_that_stays_is_the_right_error(
    world: World, service: str, fault: Fault, error: type[CrmbridgeError]
) -> None:
    world.add_pair(Phone="600")
    fake = getattr(world, service)
    fake.fail_next(
        fault, SALESMANAGO_READ if service == "salesmanago" else ZOHO_READ, times=99
    )

    with pytest.raises(error) as caught:
        world.run()

    assert caught.value.service == service
    assert world.services.writes == 0
    fake.faults.clear()
    world.run()
    assert world.card()["phone"] == "600"


def test_a_refusal_of_salesmanago_is_told_as_such(world: World) -> None:
    refused = Fault.json({"success": False, "message": ["No such thing"]})
    world.salesmanago.fail_next(refused, SALESMANAGO_READ, times=99)

    with pytest.raises(RefusedError) as caught:
        world.run()
    assert caught.value.messages == ("No such thing",)


@pytest.mark.parametrize("service", ["salesmanago", "zoho"])
@pytest.mark.parametrize(
    "fault",
    [
        Fault.unreachable(),
        Fault.status(429),
        Fault.status(429, retry_after_seconds=7),
        Fault.status(503),
        Fault.cut(is_applied=False),
        Fault.cut(is_applied=True),
    ],
)
def test_a_fault_that_passes_is_survived(
    world: World, service: str, fault: Fault
) -> None:
    lead = world.add_pair(Phone="600", Fax="800")
    world.cards.edit("ann@example.com", company="Other", city="Bielsko")
    getattr(world, service).fail_next(fault, times=2)

    world.settle()

    assert world.card()["phone"] == "600"
    assert world.lead(lead)["City"] == "Bielsko"
    assert len(world.records.records("Leads")) == len(world.cards) == 1


@pytest.mark.parametrize("credits_left", [0, 3, 8, 12])
def test_a_run_without_credits_stops_in_good_order_and_goes_on_next_day(
    world: World, credits_left: int
) -> None:
    world.fill(people=150)
    zoho = world.zoho
    zoho.switches = evolve(zoho.switches, edition="free")
    zoho.allowance.spend(zoho.allowance.credits_left - credits_left)

    with pytest.raises(CreditsExhaustedError):
        world.run()
    turned_away = zoho.allowance.refused["credits"]
    world.services.clock.advance(86_400)
    world.settle()

    assert turned_away <= (credits_left == 0)  # what is left is told by an answer
    assert world.run().writes == 0


def _private(services: FakeServices) -> set[str]:
    """Give every secret and personal datum of the two services."""
    words: set[str] = set()
    for card in services.salesmanago.people.contacts():
        words.update(str(card[name]) for name in ("email", "name", "phone", "company"))
    for module in ("Leads", "Contacts"):
        for record in services.zoho.people.records(module):
            words.update(
                str(record.get(name))
                for name in ("Email", "Last_Name", "Full_Name", "Phone", "Company")
            )
    account = services.salesmanago.account()
    other = services.zoho.account()
    words |= {account["api_secret"], account["owner"]}
    words |= {other["client_secret"], other["refresh_token"]}
    return {word for word in words if len(word) > 3 and word != "None"}


def test_no_log_error_or_report_tells_a_secret_or_a_person(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    world.fill(people=60)
    private = _private(world.services)
    told: list[str] = []
    faults = [Fault.status(503), Fault.html(), Fault.cut(), Fault.status(401)]
    faults.append(Fault.json({"success": False, "message": sorted(private)}))
    for fault in faults:
        for fake in (world.salesmanago, world.zoho):
            fake.fail_next(fault, times=40)
            try:
                told.append(repr(world.plan()))
            except CrmbridgeError as error:
                told += [str(error), repr(error), repr(error.__cause__)]
            fake.faults.clear()
    plan = world.plan()
    report = world.apply(plan)

    told += [repr(plan), plan.summary(), repr(report), report.summary()]
    told += [str(action) for action in report.actions]
    text = "\n".join(told) + caplog.text
    assert "salesmanago" in caplog.text
    assert "zoho" in caplog.text
    found = re.findall("|".join(re.escape(word) for word in private), text)
    assert found == []
