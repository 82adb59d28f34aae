"""A lead converted in Zoho is followed, whatever of it the feeds show."""

from __future__ import annotations

from .conftest import World


def test_a_conversion_is_followed_although_the_feed_hides_the_lead(
    world: World,
) -> None:
    lead = world.linked()
    contact = world.records.convert(lead)
    world.zoho._book.modules["Leads"][lead].modified = world.zoho._book.now().replace(
        year=2025
    )

    report = world.run()

    assert not report.reviews
    assert world.card()["state"] == "CUSTOMER"
    world.records.edit(contact, Phone="600")
    world.run()
    assert world.card()["phone"] == "600"


def test_a_conversion_is_followed_when_all_is_read_again(world: World) -> None:
    """The card lies in the inbox as unchanged when the conversion is found."""
    lead = world.linked()
    world.records.convert(lead)
    world.cards.edit("ann@example.com", fax="1")
    world.cards.edit("ann@example.com", fax=None)

    world.run()

    assert world.card()["state"] == "CUSTOMER"
    assert world.run().writes == 0


def test_a_main_user_who_stands_in_for_a_stranger_stays(world: World) -> None:
    """As after a create whose answer was lost: the pair is new, the owners differ."""
    world.salesmanago.users = ("admin@example.com", "celina@example.com")
    world.add_pair()
    world.cards.edit("ann@example.com", owner="celina@example.com")

    report = world.run()

    assert world.card()["mainContactOwner"] == "celina@example.com"
    assert [loss.loss.field for loss in report.losses] == ["owner_email"]
    assert world.run().writes == 0
