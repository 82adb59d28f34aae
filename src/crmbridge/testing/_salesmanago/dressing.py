"""How the fake SALESmanago shows a card where that is unknown.

Floor 9.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmbridge.testing._salesmanago.cards import Card
from crmbridge.testing._salesmanago.switches import SalesmanagoSwitches

__all__ = ["consents_of", "dictionary_of", "dressed"]


def dressed(
    switches: SalesmanagoSwitches, card: Card, shown: Mapping[str, Any]
) -> dict[str, Any]:
    """Give what a read shows of a card, as the switches say."""
    dress = dict(shown)
    if dress["state"] == "CUSTOMER":
        dress["state"] = switches.shows_clients_as
    if dress["address"] is None and switches.empty_address == "object":
        dress["address"] = dict(card.address)
    if switches.lists_dictionary and "properties" in dress:
        dress["dictionaryProperties"] = dictionary_of(card)
    return dress


def dictionary_of(card: Card) -> list[dict[str, Any]]:
    """Give the dictionary details of a card, as they were sent."""
    return [
        {"name": name, "type": kind, "value": value}
        for name, (kind, value) in card.dictionary.items()
    ]


def consents_of(card: Card) -> list[dict[str, Any]]:
    """Give the named consents of a card, as they were sent."""
    return [dict(row) for row in card.consents.values()]
