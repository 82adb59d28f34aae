"""The conversion of leads into contacts.

Floor 4.
There is no way back from a conversion, so none is ever repeated blindly.

Source: Zoho CRM API v7 and v8, "Convert Lead".
"""

from __future__ import annotations

from typing import Any

from crmbridge._steps import Call, Request
from crmbridge.config import ZohoConfig
from crmbridge.errors import MalformedReplyError
from crmbridge.zoho._auth import authorised
from crmbridge.zoho._batches import unreadable
from crmbridge.zoho._calls import API
from crmbridge.zoho._faults import ZOHO
from crmbridge.zoho._replies import converted
from crmbridge.zoho._writes import check_ids
from crmbridge.zoho.conversions import ConvertResult
from crmbridge.zoho.credits import CONVERSION

__all__ = ["convert"]


def convert(
    config: ZohoConfig,
    lead_id: str,
    *,
    contact_id: str | None = None,
    account_id: str | None = None,
    assign_to: str | None = None,
    overwrite: bool = False,
) -> Call[ConvertResult]:
    """Turn a lead into a contact; see `ZohoClient.convert`."""
    check_ids([lead_id])
    named = {"Contacts": contact_id, "Accounts": account_id, "assign_to": assign_to}
    element: dict[str, Any] = {
        name: {"id": value} for name, value in named.items() if value is not None
    }
    if overwrite:
        element["overwrite"] = True
    request = Request(
        ZOHO,
        "POST",
        f"{API}/Leads/{lead_id}/actions/convert",
        name="Leads convert",
        json={"data": [element]},
        credits=CONVERSION,
        is_complex=True,
    )
    reply = yield from authorised(request, config, is_repeatable=False)
    try:
        return converted(reply, request.name)
    except MalformedReplyError as error:
        raise unreadable(request.name, error) from error
