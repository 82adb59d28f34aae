"""Every fault meets every operation, with both twins, in memory."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from crmbridge.salesmanago import ContactDetails, SalesmanagoClient, SalesmanagoExports
from crmbridge.testing import Fault
from tests.salesmanago import fault_operations
from tests.salesmanago.conftest import World
from tests.salesmanago.fault_matrix import Operation, Upset, check, upsets
from tests.salesmanago.fault_operations import OPERATIONS

# One call of each kind meets everything, each other one meets one of each effect.
SAMPLES: Final = {
    "users",
    "page of modified",
    "changed ids",
    "upsert of a new one",
    "upsert that sends a mail",
    "batch",
    "batch that raises a score",
    "opt-out",
    "note",
    "delete",
    "rename, writing",
}
CORE: Final = {
    "429",
    "words of a limit",
    "500 before",
    "504 after",
    "a cut before",
    "a cut after",
    "silence after",
    "half of the JSON",
    "an empty answer",
    "refused: values",
    "refused: inactive",
    "503 for ever",
}
CASES: Final = [
    pytest.param(operation, upset, id=f"{operation.name}-{upset.name}")
    for operation in OPERATIONS
    for upset in upsets(slow_seconds=5)
    if operation.name in SAMPLES or upset.name in CORE
]


@pytest.mark.salesmanago_row(6)
@pytest.mark.question(15)
@pytest.mark.parametrize(("operation", "upset"), CASES)
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


# Steps of exports, which those that do everything take as well.
STEPS: Final = {
    "contacts_of",
    "data_of",
    "download",
    "job",
    "start_contacts_page",
    "start_data",
    "wait",
}
NO_CALLS: Final = {"close", "config", "exports", "runtime", "usage"}
# What it answers is the caller's to judge; see ``test_basics``.
UNJUDGED: Final = {"send"}


def test_every_call_of_the_client_meets_the_faults() -> None:
    text = Path(fault_operations.__file__).read_text("utf-8")

    asked = set(re.findall(r"client\.(?:exports\.)?(\w+)\(", text))
    offered = {
        name
        for part in (SalesmanagoClient, SalesmanagoExports)
        for name in dir(part)
        if not name.startswith("_")
    }

    assert offered - asked == NO_CALLS | UNJUDGED | STEPS
