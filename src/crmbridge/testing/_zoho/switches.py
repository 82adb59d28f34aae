"""The unknowns of Zoho CRM, as switches of its fake.

Floor 9.
Each default is what is documented or, where nothing is, what asks most of a
client.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from attrs import frozen

__all__ = ["ZohoSwitches"]


@frozen(kw_only=True)
class ZohoSwitches:
    """How a `ZohoFake` behaves where organisations differ or nothing is proven.

    Attributes:
        unique: by module, the fields in which no value may occur twice.
            A stock organisation of 2026 has ``Contacts.Email`` only.
        has_mandatory_company: ``Leads.Company`` is system-mandatory.
        address_layout: ``"classic"`` texts, or the ``"composite"`` address of
            new organisations, whose ``Country`` is a picklist.
        has_birthday: ``Contacts.Date_of_Birth`` exists.
        unknown_fields: what a write does with a field it does not know.
        unknown_ids: what a read by id says of an id that it does not know.
        takes_new_picklist_values: picklists take values beside their own.
        large_pages: what happens above 200 records per page.
        is_since_inclusive: ``If-Modified-Since`` shows that very second too.
        nothing_new_status: the answer when nothing was modified since.
        binds_since: a page token is bound to ``If-Modified-Since``.
        page_wall: how many records can be paged without tokens.
        token_wall: how many can be paged with tokens.
        moves_time_always: an update without a change moves ``Modified_Time``.
        restoring_moves_time: taking a record out of the recycle bin moves its
            ``Modified_Time``.
        propagates_opt_out: ``Email_Opt_Out`` follows to all records with the
            address.
        schedules_conversions: a conversion is done 30 seconds later.
        names_conversion_duplicate: ``DUPLICATE_DATA`` of a conversion names
            the contact in the way.
        conversion_overwrites: converting into a contact overwrites it; else
            it fills blanks only.
        conversion_drops: fields of a lead that its contact does not get.
        missing_scopes: modules, ``"users"`` or ``"settings"`` whose OAuth
            scope the token lacks.
        denied_modules: modules that the user's profile may not see.

    >>> ZohoSwitches().unique["Contacts"]
    frozenset({'Email'})
    """

    unique: Mapping[str, frozenset[str]] = MappingProxyType(
        {"Contacts": frozenset({"Email"})}
    )
    has_mandatory_company: bool = False
    address_layout: Literal["classic", "composite"] = "classic"
    has_birthday: bool = True
    unknown_fields: Literal["ignore", "refuse"] = "ignore"
    unknown_ids: Literal["absent", "refuse"] = "absent"
    takes_new_picklist_values: bool = True
    large_pages: Literal["cap", "refuse"] = "cap"
    is_since_inclusive: bool = False
    nothing_new_status: Literal[204, 304] = 304
    binds_since: bool = True
    page_wall: int = 2000
    token_wall: int = 100_000
    moves_time_always: bool = True
    restoring_moves_time: bool = False
    propagates_opt_out: bool = False
    schedules_conversions: bool = False
    names_conversion_duplicate: bool = True
    conversion_overwrites: bool = False
    conversion_drops: frozenset[str] = frozenset()
    missing_scopes: frozenset[str] = frozenset()
    denied_modules: frozenset[str] = frozenset()
