"""All that is done with SALESmanago, under whatever is unknown of it.

Every position of every switch alone, and random combinations of positions: the
whole flow of a client, and the whole story of the main example.
Whatever the position: errors are of ours, no opt-out is lost, no confirmation mail
goes out, nobody who was deleted comes back, and nobody is made twice.

``CRMBRIDGE_MATRIX_SEEDS`` says how many combinations, by default 200; a failure
names its seed.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any, Final, Literal

import pytest
from attrs import frozen

from crmbridge.testing import FakeClock, SalesmanagoFake, SalesmanagoSwitches
from tests.salesmanago.bridge_flow import BridgeFlow
from tests.salesmanago.client_flow import ClientFlow
from tests.salesmanago.conftest import World
from tests.salesmanago.positions import combination, positions, singles

SINGLES: Final = dict(singles())
SEEDS: Final = range(int(os.environ.get("CRMBRIDGE_MATRIX_SEEDS", "200")))

each_position = pytest.mark.parametrize("position", SINGLES)


def _client_flow(switches: dict[str, Any], twin: str) -> ClientFlow:
    clock = FakeClock()
    # Only a server that is not the account's own is a wrong one.
    home = "https://home.example.com" if "wrong_host" in switches else None
    fake = SalesmanagoFake(
        clock=clock, switches=SalesmanagoSwitches(**switches), home=home
    )
    with asyncio.Runner() as runner:
        flow = ClientFlow(World(twin=twin, clock=clock, fake=fake, runner=runner))
        flow.fill()
        flow.play()
    flow.check()
    return flow


def _bridge_flow(switches: dict[str, Any]) -> BridgeFlow:
    flow = BridgeFlow.under(switches)
    flow.play()
    if not flow.errors:
        flow.check_arrived()
    return flow


# --- the flows work at all ---


@pytest.mark.parametrize("twin", ["sync", "async"])
def test_a_client_does_everything_where_nothing_is_odd(twin: str) -> None:
    flow = _client_flow({}, twin)

    assert flow.errors == {
        "insert known": "RefusedError",
        "update nobody": "RefusedError",
        "alive": "DeletedError",
    }


def test_the_story_comes_to_its_end_where_nothing_is_odd() -> None:
    flow = _bridge_flow({})

    assert flow.errors == {}
    assert flow.last_writes == 0


# --- every position alone ---


@each_position
def test_a_client_does_no_harm_under_any_position(position: str) -> None:
    _client_flow(SINGLES[position], "sync")


@pytest.mark.slow
@each_position
def test_the_story_does_no_harm_under_any_position(position: str) -> None:
    _bridge_flow(SINGLES[position])


# --- random combinations ---


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_a_client_does_no_harm_under_many_positions(seed: int) -> None:
    _client_flow(combination(seed), "async" if seed % 2 else "sync")


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_the_story_does_no_harm_under_many_positions(seed: int) -> None:
    _bridge_flow(combination(seed))


# --- no switch is left out ---


@frozen
class _Switches:
    """Switches of every kind but one that has positions of its own."""

    is_on: bool = False
    word: Literal["a", "b"] = "a"
    word_or_none: Literal["a"] | None = None


@frozen
class _Nameless:
    """A switch whose positions nobody has named."""

    number: int = 1


@frozen
class _Halfway:
    """A switch whose default is none of its named positions."""

    link_uses: int | None = 99


def test_the_positions_of_a_new_switch_are_its_type_s() -> None:
    assert positions(_Switches) == {
        "is_on": {"False": False, "True": True},
        "word": {"a": "a", "b": "b"},
        "word_or_none": {"a": "a", "None": None},
    }


@pytest.mark.parametrize("switches", [_Nameless, _Halfway])
def test_a_switch_without_all_its_positions_is_told(switches: type[Any]) -> None:
    with pytest.raises(AssertionError, match=r"no positions|lacks its default"):
        positions(switches)
