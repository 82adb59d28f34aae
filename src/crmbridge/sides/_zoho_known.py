"""What has to be known of a Zoho organisation before anything is decided.

Floor 7.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

from attrs import frozen

from crmbridge._steps import Call, gather
from crmbridge.config import ZohoConfig
from crmbridge.errors import ConfigError, MalformedReplyError
from crmbridge.mapping import NormalForms, ZohoMapper
from crmbridge.mapping.layout import CONTACTS, LEADS, Layout
from crmbridge.reconcile.records import ZOHO, SideFacts
from crmbridge.zoho import _organisation
from crmbridge.zoho.organisation import ZohoUser

__all__ = ["Known", "MapperSettings", "check_told", "learn"]

_PEOPLE: Final = (LEADS, CONTACTS)
_MODULES: Final = (*_PEOPLE, "Accounts")
_NEEDED: Final = frozenset({"email", "last_name"})
_TEXTS: Final = frozenset({"text", "textarea", "email", "phone", "website"})


@frozen
class MapperSettings:
    """What the caller says of the mapping; see `ZohoSide`."""

    birthday_fields: Mapping[str, str]
    phone_opt_out_fields: Mapping[str, str]
    normal: NormalForms


@frozen
class Known:
    """What was learnt from the organisation, and when.

    Attributes:
        mapper: how records become contacts in this organisation.
        facts: its users and its mark.
        main_owner_id: the user who gets what has no owner of its own.
        at_seconds: the runtime's ticks when it was learnt.
    """

    mapper: ZohoMapper
    facts: SideFacts
    main_owner_id: str
    at_seconds: float


def learn(
    config: ZohoConfig, settings: MapperSettings, at_seconds: float
) -> Call[Known]:
    """Read users and fields; see `ZohoSide.connect`."""
    users = yield from _organisation.users(config)
    owner = yield from _main_owner(config, users)
    metadata = yield from gather(
        [_organisation.fields(config, module) for module in _MODULES],
        config.limits.max_in_flight,
    )
    by_email = {
        _folded(user.email): user.id for user in users if user.email and user.can_own
    }
    mapper = ZohoMapper(
        fields={
            module: {one.api_name: one for one in found}
            for module, found in zip(_MODULES, metadata, strict=True)
        },
        users=by_email,
        birthday_fields=settings.birthday_fields,
        phone_opt_out_fields=settings.phone_opt_out_fields,
        normal=settings.normal,
    )
    for module in _PEOPLE:
        check_told(mapper.layout(module))
    facts = SideFacts(frozenset(by_email), _folded(owner.email), _mark(config))
    return Known(mapper, facts, owner.id, at_seconds)


def check_told(layout: Layout) -> None:
    """Refuse to start where it is not known what the fields take.

    Zoho refuses a record for one text that is too long, so lengths are not
    guessed; not even those of contacts by those of leads.

    Raises:
        ConfigError: the fields without which nothing goes are missing.
        MalformedReplyError: the length of a text is not told.
    """
    missing = ", ".join(sorted(_NEEDED - layout.slots.keys()))
    if missing:
        raise ConfigError(
            f"Zoho names no fields of {layout.module} for {missing}; "
            "ask an administrator of Zoho whether the token's user may see the module",
            service=ZOHO,
        )
    untold = [
        slot.meta.api_name
        for name, slot in layout.slots.items()
        if slot.meta.length is None
        and (slot.meta.data_type in _TEXTS or name == "company")
    ]
    if untold:
        raise MalformedReplyError(
            f"{layout.module} fields: Zoho does not tell how long these may be: "
            f"{', '.join(sorted(untold))}",
            service=ZOHO,
        )


def _main_owner(config: ZohoConfig, users: Sequence[ZohoUser]) -> Call[ZohoUser]:
    """Give the user who gets contacts without an owner of their own."""
    if config.owner is None:
        current = yield from _organisation.users(config, kind="CurrentUser")
        candidates = {user.id for user in current}
        found = [user for user in users if user.id in candidates]
    else:
        wanted = _folded(config.owner)
        found = [user for user in users if _folded(user.email) == wanted]
    can_own = [user for user in found if user.email and user.can_own]
    if not can_own:
        raise ConfigError(
            "owner is no active, confirmed user of the Zoho organisation; set "
            f"ZohoConfig.owner to the e-mail of one of its {len(users)} active "
            "users, as ZohoClient.users() lists them",
            service=ZOHO,
        )
    return can_own[0]


def _mark(config: ZohoConfig) -> str:
    text = f"{config.api_base}|{config.client_id}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _folded(email: str | None) -> str:
    return (email or "").strip().casefold()
