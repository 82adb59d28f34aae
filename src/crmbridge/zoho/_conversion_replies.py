"""What Zoho answers to conversions: contacts, jobs, matches.

Floor 3.

Source: Zoho CRM API v8, "Convert Lead", "Mass Convert Lead", "Mass Convert Lead
Status", "Lead Conversion Options".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from crmbridge._steps import Reply
from crmbridge.errors import MalformedReplyError
from crmbridge.zoho._faults import ZOHO, Json, details_of, raise_fault
from crmbridge.zoho._replies import body_of, listing_of
from crmbridge.zoho.conversions import (
    ConversionMatch,
    ConversionOptions,
    ConvertResult,
    MassConversion,
    MassConversionStatus,
)
from crmbridge.zoho.records import lookup_id

__all__ = ["conversion_options_in", "converted", "job_id_in", "mass_conversion_in"]


def converted(reply: Reply, what: str) -> ConvertResult:
    """Read what a lead was turned into; old versions give plain ids.

    Raises:
        MalformedReplyError: the answer names no contact and no job.
        CrmbridgeError: the conversion was refused.
    """
    rows = listing_of(reply, "data", what).rows
    details = details_of(rows[0]) if rows else {}
    result = ConvertResult(
        contact_id=lookup_id(details.get("Contacts")),
        account_id=lookup_id(details.get("Accounts")),
        deal_id=lookup_id(details.get("Deals")),
        job_id=lookup_id(details.get("job_id")),
    )
    if result.contact_id is None and result.job_id is None:
        raise _malformed(what, "names no contact", reply)
    return result


def job_id_in(reply: Reply, what: str) -> str:
    """Read the job that does a mass conversion.

    Raises:
        MalformedReplyError: the answer names no job.
        CrmbridgeError: the leads were refused.
    """
    body = body_of(reply, what) or {}
    raise_fault(reply, body, what)
    job_id = lookup_id(details_of(body).get("job_id"))
    if job_id is None:
        raise _malformed(what, "names no job", reply)
    return job_id


_NUMBERS = ("Total_Count", "Converted_Count", "Not_Converted_Count", "Failed_Count")


def mass_conversion_in(reply: Reply, what: str) -> MassConversion:
    """Read how far a mass conversion is; the case of its status varies.

    Raises:
        MalformedReplyError: the status or a number is none that is known.
        CrmbridgeError: the question was refused.
    """
    rows = listing_of(reply, "data", what).rows
    row = rows[0] if rows else {}
    word = str(row.get("Status", "")).casefold().replace("_", " ")
    try:
        status = MassConversionStatus(word)
    except ValueError as error:
        raise _malformed(what, "has an unknown status", reply) from error
    numbers = [row.get(name) for name in _NUMBERS]
    if not all(isinstance(number, int) for number in numbers):
        raise _malformed(what, "has something but numbers", reply)
    return MassConversion(status, *cast("list[int]", numbers))


def conversion_options_in(reply: Reply, what: str) -> ConversionOptions:
    """Read what a lead matches; nothing for an empty answer.

    Raises:
        MalformedReplyError: the answer has another form.
        CrmbridgeError: the question was refused.
    """
    body = body_of(reply, what)
    if body is None:
        return ConversionOptions()
    raise_fault(reply, body, what)
    options = body.get("__conversion_options")
    if not isinstance(options, dict):
        raise _malformed(what, "has no options", reply)
    told = cast("Json", options)
    preferred = _object(told.get("module_preference")).get("api_name")
    contacts = tuple(map(_match, _objects(told.get("Contacts"))))
    accounts = tuple(map(_match, _objects(told.get("Accounts"))))
    if not all(match.id for match in (*contacts, *accounts)):
        raise _malformed(what, "has a match without an id", reply)
    return ConversionOptions(
        contacts,
        accounts,
        preferred_module=preferred if isinstance(preferred, str) else None,
        matched_by=_matched_by(_object(told.get("preference_field_matched_value"))),
    )


def _match(row: Json) -> ConversionMatch:
    name = row.get("Full_Name") or row.get("Account_Name")
    email = row.get("Email")
    account = row.get("Account_Name")
    return ConversionMatch(
        id=lookup_id(row) or "",
        name=name if isinstance(name, str) else "",
        email=email if isinstance(email, str) else None,
        account_id=lookup_id(_object(account)),
        is_editable=row.get("$editable") is not False,
        is_locked=row.get("Locked__s") is True,
    )


def _matched_by(values: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {
        module: tuple(
            [str(_object(row.get("field")).get("api_name", "")) for row in rows]
        )
        for module in values
        if (rows := _objects(values[module]))
    }


def _object(value: object) -> Json:
    return cast("Json", value) if isinstance(value, dict) else {}


def _objects(value: object) -> list[Json]:
    rows = cast("list[object]", value) if isinstance(value, list) else []
    return [_object(row) for row in rows]


def _malformed(what: str, problem: str, reply: Reply) -> MalformedReplyError:
    return MalformedReplyError(
        f"{what}: the answer {problem}", service=ZOHO, status=reply.status
    )
