"""Scopes: which hold which, and what synchronising takes."""

from __future__ import annotations

import pytest

from crmbridge.errors import InvalidInputError
from crmbridge.zoho.scopes import (
    SCOPES,
    SYNCHRONISING,
    is_granted,
    missing_scopes,
    read_scopes,
    scopes_for,
)


@pytest.mark.parametrize(
    "granted",
    [
        "ZohoCRM.modules.leads.READ",
        "ZohoCRM.modules.Leads.READ",
        "ZohoCRM.modules.leads.ALL",
        "ZohoCRM.modules.READ",
        "ZohoCRM.modules.ALL",
    ],
)
def test_a_scope_is_granted_by_itself_and_by_what_holds_it(granted: str) -> None:
    assert is_granted("ZohoCRM.modules.leads.READ", [granted])


@pytest.mark.parametrize(
    "granted",
    [
        "ZohoCRM.modules.leads.CREATE",
        "ZohoCRM.modules.leads.WRITE",
        "ZohoCRM.modules.contacts.ALL",
        "ZohoCRM.modules.lead.ALL",
        "ZohoCRM.users.ALL",
        "ZohoSearch.modules.ALL",
    ],
)
def test_a_scope_is_not_granted_by_another(granted: str) -> None:
    assert not is_granted("ZohoCRM.modules.leads.READ", [granted])


@pytest.mark.parametrize("operation", ["CREATE", "UPDATE", "DELETE", "WRITE"])
def test_the_scope_of_writing_holds_each_way_of_it(operation: str) -> None:
    wanted = f"ZohoCRM.modules.leads.{operation}"

    assert is_granted(wanted, ["ZohoCRM.modules.leads.WRITE"])


def test_queries_need_a_scope_of_their_own() -> None:
    everything = ["ZohoCRM.modules.ALL"]

    assert "ZohoCRM.coql.READ" in missing_scopes(scopes_for("queries"), everything)
    assert missing_scopes(scopes_for("records"), everything) == ()


def test_synchronising_asks_for_no_more_than_it_needs() -> None:
    writes = [scope for scope in SYNCHRONISING if not scope.endswith(".READ")]

    assert writes == [
        "ZohoCRM.modules.leads.ALL",
        "ZohoCRM.modules.contacts.ALL",
        "ZohoCRM.modules.accounts.CREATE",
    ]


def test_scopes_of_several_needs_come_once() -> None:
    assert len(set(scopes_for(*SCOPES))) == len(scopes_for(*SCOPES))


def test_an_unknown_need_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidInputError, match="bulk read"):
        scopes_for("everything")


def test_scopes_are_read_with_commas_and_with_blanks() -> None:
    assert read_scopes("a.b.READ,c.d.ALL  e.f.READ a.b.READ") == (
        "a.b.READ",
        "c.d.ALL",
        "e.f.READ",
    )
