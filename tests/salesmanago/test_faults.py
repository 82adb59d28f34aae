"""Every fault meets every operation, with both twins, in memory."""

from __future__ import annotations

from typing import Final

import pytest

from crmbridge.salesmanago import ContactDetails
from crmbridge.testing import Fault
from tests.salesmanago.conftest import World
from tests.salesmanago.fault_matrix import OPERATIONS, Operation, Upset, check, upsets

UPSETS: Final = upsets(slow_seconds=5)


@pytest.mark.salesmanago_row(6)
@pytest.mark.question(15)
@pytest.mark.parametrize("upset", UPSETS, ids=lambda upset: upset.name)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_fault_ends_in_success_or_a_typed_error_and_never_in_a_double(
    world: World, operation: Operation, upset: Upset
) -> None:
    with world.client() as client:
        check(world.fake, client, operation, upset)


def test_lost_batches_among_many_are_written_again(world: World) -> None:
    details = [ContactDetails(f"p{number}@example.com") for number in range(1000)]
    world.fake.fail_next(Fault.cut(), "*/batchupsert", times=3)

    with world.client() as client:
        results = client.batch_upsert(details)

    ids = [result.id for result in results]
    assert len(set(ids)) == len(world.fake.people) == 1000
    assert None not in ids
    assert world.fake.writes == 8
