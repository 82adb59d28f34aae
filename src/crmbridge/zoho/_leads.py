"""The conversion of leads into contacts, one by one or fifty at a time.

Floor 4.
There is no way back from a conversion, so none is ever repeated blindly; what
became of a lead is read from the lead itself.

Source: Zoho CRM API v7 and v8, "Convert Lead", "Mass Convert Lead", "Lead
Conversion Options".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from crmbridge._polling import until_answered
from crmbridge._steps import Call, Reply, Request
from crmbridge.config import ZohoConfig
from crmbridge.errors import (
    AlreadyConvertedError,
    CrmbridgeError,
    InvalidInputError,
    MalformedReplyError,
    NotFoundError,
    ServiceError,
)
from crmbridge.zoho._auth import authorised
from crmbridge.zoho._batches import Batch, in_batches, unreadable
from crmbridge.zoho._calls import API, by_ids, cut
from crmbridge.zoho._conversion_replies import (
    conversion_options_in,
    converted,
    job_id_in,
    mass_conversion_in,
)
from crmbridge.zoho._faults import ZOHO
from crmbridge.zoho._writes import check_ids
from crmbridge.zoho.conversions import (
    ConversionOptions,
    ConvertInto,
    ConvertResult,
    MassConversion,
    MassConvertJob,
)
from crmbridge.zoho.credits import CALL, CONVERSION
from crmbridge.zoho.metadata import ZohoModule
from crmbridge.zoho.records import ZohoRecord

__all__ = [
    "conversion_options",
    "convert",
    "converted_contacts",
    "mass_conversion",
    "mass_convert",
    "wait_for_conversion",
    "wait_for_mass_conversion",
]

LEADS: Final = "Leads"
_MASS: Final = f"{API}/Leads/actions/mass_convert"
_MAX_LEADS: Final = 50
_TARGETS: Final = frozenset({"Contacts", "Accounts", "Deals"})
_FIELDS: Final = (
    "Converted__s",
    "Converted_Contact",
    "Converted_Account",
    "Converted_Deal",
)


# --- one lead ----------------------------------------------------------------


def convert(
    config: ZohoConfig, lead_id: str, into: ConvertInto | None = None
) -> Call[ConvertResult]:
    """Turn a lead into a contact; see `ZohoClient.convert`."""
    request = Request(
        ZOHO,
        "POST",
        f"{_path(lead_id)}/actions/convert",
        name="Leads convert",
        json={"data": [_element(into or ConvertInto())]},
        credits=CONVERSION,
        is_complex=True,
    )
    reply = yield from authorised(request, config, is_repeatable=False)
    try:
        return converted(reply, request.name)
    except AlreadyConvertedError as error:
        error.lead_id = lead_id
        raise
    except (MalformedReplyError, ServiceError) as error:
        raise unreadable(request.name, error) from error


def _element(into: ConvertInto) -> dict[str, Any]:
    """Give the body of a conversion: what is left out keeps Zoho's default."""
    named = {
        "Contacts": into.contact_id,
        "Accounts": into.account_id,
        "assign_to": into.assign_to,
    }
    given = {name: value for name, value in named.items() if value is not None}
    check_ids(list(given.values()))
    for module in (*into.carry_over_tags, into.move_attachments_to):
        _check_target(module)
    choices: dict[str, Any] = {
        **{name: {"id": value} for name, value in given.items()},
        "overwrite": into.overwrite,
        "notify_lead_owner": into.notify_lead_owner,
        "notify_new_entity_owner": into.notify_new_owner,
        "move_attachments_to": _module(into.move_attachments_to),
        "Deals": None if into.deal is None else dict(into.deal),
        "carry_over_tags": {
            module: list(tags) for module, tags in into.carry_over_tags.items()
        },
    }
    return {name: value for name, value in choices.items() if value}


def _check_target(module: str | None) -> None:
    if module is not None and module not in _TARGETS:
        raise InvalidInputError(
            "a lead becomes a record of Contacts, Accounts and Deals only",
            service=ZOHO,
            field="module",
        )


def _module(api_name: str | None) -> dict[str, str] | None:
    return None if api_name is None else {"api_name": api_name}


def wait_for_conversion(
    config: ZohoConfig, lead_id: str, *, timeout_seconds: float
) -> Call[ConvertResult]:
    """Wait for a scheduled conversion; see `ZohoClient.wait_for_conversion`."""
    check_ids([lead_id])
    return (
        yield from until_answered(
            partial(_became, config, lead_id),
            timeout_seconds=timeout_seconds,
            service=ZOHO,
            what="Leads convert",
        )
    )


def _became(config: ZohoConfig, lead_id: str) -> Call[ConvertResult | None]:
    """Look at a lead; ``None`` while it is one."""
    (lead,) = yield from _read(config, [lead_id])
    if lead is None:
        raise _gone("the lead is deleted or not visible")
    if not lead.is_converted:
        return None
    if lead.converted_contact_id is None:
        raise _gone("the lead was converted, and its contact is gone")
    return ConvertResult(
        contact_id=lead.converted_contact_id,
        account_id=lead.converted_account_id,
        deal_id=lead.converted_deal_id,
    )


def _gone(why: str) -> NotFoundError:
    return NotFoundError(f"Leads by ids: {why}", service=ZOHO)


def converted_contacts(
    config: ZohoConfig, lead_ids: Sequence[str]
) -> Call[dict[str, str]]:
    """Give the contacts that leads became; see `ZohoClient.converted_contacts`."""
    check_ids(tuple(dict.fromkeys(lead_ids)))
    found = yield from _read(config, lead_ids)
    return {
        lead.id: lead.converted_contact_id
        for lead in found
        if lead is not None and lead.converted_contact_id is not None
    }


def _read(
    config: ZohoConfig, lead_ids: Sequence[str]
) -> Call[tuple[ZohoRecord | None, ...]]:
    return by_ids(config, LEADS, lead_ids, fields=_FIELDS, converted="both")


def conversion_options(config: ZohoConfig, lead_id: str) -> Call[ConversionOptions]:
    """Read what a lead matches; see `ZohoClient.conversion_options`."""
    path = f"{_path(lead_id)}/__conversion_options"
    request = Request(ZOHO, "GET", path, name="Leads conversion options", credits=CALL)
    reply = yield from authorised(request, config, is_repeatable=True)
    return conversion_options_in(reply, request.name)


def _path(lead_id: str) -> str:
    check_ids([lead_id])
    return f"{API}/{LEADS}/{lead_id}"


# --- many leads --------------------------------------------------------------


def mass_convert(
    config: ZohoConfig,
    lead_ids: Sequence[str],
    *,
    assign_to: str | None = None,
    deal: Mapping[str, object] | None = None,
    carry_over_tags: Sequence[ZohoModule] = (),
    move_attachments_to: ZohoModule | None = None,
    related_modules: Sequence[ZohoModule] = (),
) -> Call[tuple[MassConvertJob, ...]]:
    """Turn many leads into contacts; see `ZohoClient.mass_convert`."""
    check_ids(lead_ids)
    check_ids([] if assign_to is None else [assign_to])
    attachments = move_attachments_to and _reference(move_attachments_to)
    choices: dict[str, Any] = {
        "assign_to": None if assign_to is None else {"id": assign_to},
        "Deals": None if deal is None else dict(deal),
        "carry_over_tags": [_reference(module) for module in carry_over_tags],
        "move_attachments_to": attachments,
        "related_modules": [_reference(module) for module in related_modules],
    }
    given = {name: value for name, value in choices.items() if value}
    batches = [_part(part, given) for part in cut(lead_ids, _MAX_LEADS)]
    return (yield from in_batches(config, batches, is_repeatable=False))


def _reference(module: ZohoModule) -> dict[str, str]:
    return {"api_name": module.api_name, "id": module.id}


def _part(
    lead_ids: tuple[str, ...], choices: Mapping[str, Any]
) -> Batch[MassConvertJob]:
    request = Request(
        ZOHO,
        "POST",
        _MASS,
        name="Leads mass convert",
        json={"ids": list(lead_ids), **choices},
        credits=CALL,
        is_complex=True,
    )

    def read(reply: Reply) -> tuple[MassConvertJob, ...]:
        return (MassConvertJob(lead_ids, job_id_in(reply, request.name)),)

    def unanswered(error: CrmbridgeError) -> tuple[MassConvertJob, ...]:
        return (MassConvertJob(lead_ids, error=error),)

    return Batch(request, read, unanswered)


def mass_conversion(config: ZohoConfig, job_id: str) -> Call[MassConversion]:
    """Ask how far a mass conversion is; see `ZohoClient.mass_conversion`."""
    query = {"job_id": job_id}
    name = "Leads mass conversion"
    request = Request(ZOHO, "GET", _MASS, name=name, query=query, credits=CALL)
    reply = yield from authorised(request, config, is_repeatable=True)
    return mass_conversion_in(reply, request.name)


def wait_for_mass_conversion(
    config: ZohoConfig, job_id: str, *, timeout_seconds: float
) -> Call[MassConversion]:
    """Wait for a mass conversion; see `ZohoClient.wait_for_mass_conversion`."""

    def ask() -> Call[MassConversion | None]:
        found = yield from mass_conversion(config, job_id)
        return found if found.is_finished else None

    return (
        yield from until_answered(
            ask,
            timeout_seconds=timeout_seconds,
            service=ZOHO,
            what="Leads mass convert",
            job_id=job_id,
        )
    )
