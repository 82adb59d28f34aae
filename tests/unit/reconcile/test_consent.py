"""Every row of the consent table; an opt-out is never lost."""

from __future__ import annotations

from itertools import product

import pytest

from crmbridge.contact import Consent
from crmbridge.mapping import NormalForms
from crmbridge.reconcile.consent import (
    ConsentDecision,
    ConsentPolicy,
    decide_consent,
)
from crmbridge.reconcile.digests import Digester
from crmbridge.reconcile.records import SALESMANAGO, ZOHO, SideName

DIGESTER = Digester(NormalForms(), b"k" * 16)
IN, OUT = Consent.OPTED_IN, Consent.OPTED_OUT
CHANNEL = "email_consent"


def _decide(
    ours: Consent | None,
    theirs: Consent | None,
    our_base: Consent | None = None,
    their_base: Consent | None = None,
    *,
    is_suppressed: bool = False,
    may_opt_in: bool = True,
    policy: ConsentPolicy = ConsentPolicy.MIRROR,
) -> ConsentDecision:
    def held(value: Consent | None) -> dict[str, Consent]:
        return {} if value is None else {CHANNEL: value}

    return decide_consent(
        CHANNEL,
        {SALESMANAGO: held(ours), ZOHO: held(theirs)},
        {
            SALESMANAGO: DIGESTER.base(held(our_base)),
            ZOHO: DIGESTER.base(held(their_base)),
        },
        DIGESTER,
        is_suppressed=is_suppressed,
        may_opt_in=may_opt_in,
        policy=policy,
    )


def _shown(
    decision: ConsentDecision, ours: Consent | None, theirs: Consent | None
) -> tuple[Consent | None, Consent | None]:
    """Give what both sides show after the decision is carried out."""
    shown: dict[SideName, Consent | None] = {SALESMANAGO: ours, ZOHO: theirs}
    shown.update(dict.fromkeys(decision.writes, decision.wanted))
    return shown[SALESMANAGO], shown[ZOHO]


@pytest.mark.parametrize(
    ("ours", "theirs", "our_base", "their_base", "after"),
    [
        (OUT, OUT, None, None, (OUT, OUT)),
        (IN, IN, None, None, (IN, IN)),
        (OUT, IN, None, None, (OUT, OUT)),
        (IN, OUT, None, None, (OUT, OUT)),
        (OUT, IN, IN, IN, (OUT, OUT)),
        (IN, OUT, IN, IN, (OUT, OUT)),
        (IN, OUT, OUT, OUT, (IN, IN)),
        (OUT, IN, OUT, OUT, (IN, IN)),
        (OUT, IN, IN, OUT, (OUT, OUT)),
        (IN, OUT, OUT, IN, (OUT, OUT)),
        (IN, OUT, OUT, None, (OUT, OUT)),
        (OUT, IN, OUT, IN, (OUT, OUT)),
        (OUT, None, None, None, (OUT, None)),
        (None, IN, None, None, (None, IN)),
        (None, None, None, None, (None, None)),
    ],
)
def test_consent_table(
    ours: Consent | None,
    theirs: Consent | None,
    our_base: Consent | None,
    their_base: Consent | None,
    after: tuple[Consent | None, Consent | None],
) -> None:
    decision = _decide(ours, theirs, our_base, their_base)

    assert _shown(decision, ours, theirs) == after


def test_a_suppressed_address_is_opted_out_again_on_both_sides() -> None:
    decision = _decide(IN, IN, is_suppressed=True)

    assert (decision.wanted, decision.writes) == (OUT, frozenset({SALESMANAGO, ZOHO}))


def test_an_opt_in_act_on_both_sides_releases_the_address() -> None:
    decision = _decide(IN, IN, OUT, OUT, is_suppressed=True)

    assert decision.releases
    assert not decision.writes


def test_an_opt_in_act_is_carried_over_and_releases_the_address() -> None:
    decision = _decide(OUT, IN, OUT, OUT, is_suppressed=True)

    assert (decision.wanted, decision.writes) == (IN, frozenset({SALESMANAGO}))
    assert decision.releases


def test_the_protective_policy_lists_an_opt_in_and_writes_nothing() -> None:
    decision = _decide(OUT, IN, OUT, OUT, policy=ConsentPolicy.PROTECTIVE)

    assert decision.needs_review
    assert not decision.writes
    assert not decision.releases


def test_no_opt_in_is_believed_in_the_run_that_saw_the_opt_out() -> None:
    decision = _decide(OUT, IN, OUT, OUT, is_suppressed=True, may_opt_in=False)

    assert (decision.wanted, decision.writes) == (OUT, frozenset({ZOHO}))


def test_an_opt_out_is_noted_in_the_ledger_wherever_it_is_seen() -> None:
    assert _decide(OUT, OUT).suppresses is not None
    assert _decide(OUT, None).suppresses == SALESMANAGO
    assert _decide(IN, OUT).suppresses == ZOHO


_ANY = (IN, OUT, None)


@pytest.mark.parametrize("policy", ConsentPolicy)
@pytest.mark.parametrize("case", list(product(_ANY, _ANY, _ANY, _ANY)))
def test_an_opt_out_never_turns_into_an_opt_in_without_an_act(
    case: tuple[Consent | None, ...], policy: ConsentPolicy
) -> None:
    ours, theirs, our_base, their_base = case
    decision = _decide(ours, theirs, our_base, their_base, policy=policy)
    after = _shown(decision, ours, theirs)

    for before, now, across, base in (
        (ours, after[0], theirs, their_base),
        (theirs, after[1], ours, our_base),
    ):
        if before is OUT and now is IN:
            assert across is IN
            assert base is OUT
            assert policy is ConsentPolicy.MIRROR


@pytest.mark.parametrize("case", list(product(_ANY, _ANY, _ANY, _ANY)))
def test_both_sides_agree_afterwards_where_both_hold_the_channel(
    case: tuple[Consent | None, ...],
) -> None:
    ours, theirs, our_base, their_base = case
    after = _shown(_decide(ours, theirs, our_base, their_base), ours, theirs)

    if None not in after:
        assert after[0] is after[1]
