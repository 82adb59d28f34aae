"""Every fault meets every operation, with both twins, in memory."""

from __future__ import annotations

import pytest

from crmbridge import Limits
from crmbridge.testing import Fault
from crmbridge.zoho import WriteStatus
from tests.zoho.conftest import World
from tests.zoho.fault_matrix import Upset, check, upsets
from tests.zoho.operations import OPERATIONS, Operation

UPSETS = upsets(slow_seconds=5)
TEN = Limits(max_in_flight=10)


@pytest.mark.fake_row("Faults")
@pytest.mark.unknown("Timeout after a write")
@pytest.mark.parametrize("upset", UPSETS, ids=lambda upset: upset.name)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_fault_ends_in_success_or_a_typed_error_and_never_in_a_double(
    world: World, operation: Operation, upset: Upset
) -> None:
    with world.client() as client:
        check(world.fake, client, operation, upset)


def test_one_token_is_renewed_for_ten_requests_in_flight(world: World) -> None:
    with world.client(limits=TEN) as client:
        client.users()
        world.fake.revoke_access_tokens()
        results = client.insert("Leads", [{"Last_Name": "x"}] * 1000)

    assert all(result.is_success for result in results)
    assert len({result.id for result in results}) == 1000
    assert len(world.fake.people.records("Leads")) == 1000
    assert world.fake.requests["token"] == 2


@pytest.mark.parametrize("is_applied", [False, True])
def test_lost_batches_among_ten_are_unknown_and_never_doubled(
    world: World, *, is_applied: bool
) -> None:
    names = [f"n{number}" for number in range(1000)]

    with world.client(limits=TEN) as client:
        client.users()
        world.fake.fail_next(Fault.cut(is_applied=is_applied), "*/Leads", times=3)
        results = client.insert("Leads", [{"Last_Name": name} for name in names])

    made = [lead["Last_Name"] for lead in world.fake.people.records("Leads")]
    unknown = [result.status is WriteStatus.UNKNOWN for result in results]
    sure = {name for name, is_lost in zip(names, unknown, strict=True) if not is_lost}
    assert sum(unknown) == 300
    assert len(made) == len(set(made)) == (1000 if is_applied else 700)
    assert sure <= set(made)


def test_a_lost_batch_of_updates_is_written_again(world: World) -> None:
    people = world.fake.people
    leads = [people.add_lead(Last_Name="x") for _ in range(1000)]

    with world.client(limits=TEN) as client:
        client.users()
        world.fake.fail_next(Fault.cut(), "*/Leads", times=3)
        results = client.update("Leads", [{"id": lead, "Fax": "7"} for lead in leads])

    assert [result.id for result in results] == leads
    assert all(result.is_success for result in results)
    assert {lead["Fax"] for lead in people.records("Leads")} == {"7"}
