"""In which form the fake Zoho tells of written records.

Floor 9.
Source: Zoho CRM API v2 and v8, "Insert Records": what ``details`` hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from crmbridge.testing._zoho.answers import Json
from crmbridge.testing._zoho.switches import ZohoSwitches

__all__ = ["in_form"]

_NEW_IN_ALL: Final = frozenset({"$approval_state", "json_path"})
_OLD_DUPLICATE: Final = frozenset({"api_name", "id"})


def in_form(result: Json, switches: ZohoSwitches) -> Json:
    """Give a result as the version of the API shows it."""
    form = switches.details_form
    if form == "v8":
        return result
    details = cast("Json", result["details"])
    errors = details.get("errors")
    if isinstance(errors, list):
        inner = [in_form(error, switches) for error in cast("list[Json]", errors)]
        return {**result, "details": {**details, "errors": inner}}
    is_duplicate = result["code"] == "DUPLICATE_DATA"
    if form == "nested":
        return _without(result, {"id"}) if is_duplicate else result
    new = details.keys() - _OLD_DUPLICATE if is_duplicate else _NEW_IN_ALL
    return _without(result, new)


def _without(
    result: Json, names: Mapping[str, object] | frozenset[str] | set[str]
) -> Json:
    details = cast("Json", result["details"])
    kept = {name: value for name, value in details.items() if name not in names}
    return {**result, "details": kept}
