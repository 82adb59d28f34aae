"""How the fake Zoho describes itself: fields, modules, the organisation.

Floor 9.
Source: Zoho CRM API v8, "Fields Metadata", "Modules Metadata", "Get Organization
Data"; and Zoho's own OpenAPI files, for which keys are always there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crmbridge.testing._zoho.answers import Json
from crmbridge.testing._zoho.fields import MODULES, FieldSpec

__all__ = ["CARRIED", "ZGID", "module_id", "show_field", "show_module", "show_org"]

ZGID: Final = "20063738123"
_FIRST_MODULE: Final = 487_687_600_000_002_175
_LABELS: Final = {"Leads": "Lead", "Contacts": "Contact"} | {
    "Accounts": "Account",
    "Deals": "Deal",
}
CARRIED: Final = {
    "First_Name": "First_Name",
    "Last_Name": "Last_Name",
    "Salutation": "Salutation",
    "Email": "Email",
    "Secondary_Email": "Secondary_Email",
    "Phone": "Phone",
    "Mobile": "Mobile",
    "Fax": "Fax",
    "Designation": "Title",
    "Lead_Source": "Lead_Source",
    "Description": "Description",
    "Email_Opt_Out": "Email_Opt_Out",
    "Street": "Mailing_Street",
    "City": "Mailing_City",
    "State": "Mailing_State",
    "Zip_Code": "Mailing_Zip",
    "Country": "Mailing_Country",
}
"""Which fields of a lead go into which of its contact, in a stock organisation."""


def module_id(module: str) -> str:
    """Give the id of a module."""
    return str(_FIRST_MODULE + MODULES.index(module) * 2)


# --- fields --------------------------------------------------------------------

_JSON_TYPES: Final[Mapping[str, str]] = {
    "boolean": "boolean",
    "currency": "double",
    "lookup": "jsonobject",
    "ownerlookup": "jsonobject",
    "jsonarray": "jsonarray",
}
# What no field of this fake is: keys that Zoho always sends.
_NOT: Final[Json] = {
    "webhook": True,
    "colour_code_enabled_by_system": False,
    "association_details": None,
    "businesscard_supported": True,
    "multi_module_lookup": None,
    "filterable": True,
    "separator": False,
    "searchable": True,
    "history_tracking_enabled": False,
    "external": None,
    "enable_colour_code": False,
    "virtual_field": False,
    "range": None,
    "created_source": "default",
    "display_type": -1,
    "ui_type": 1,
    "public": False,
    "currency": {},
    "rollup_summary": {},
    "display_field": False,
    "pick_list_values_sorted_lexically": False,
    "sortable": True,
    "formula": {},
    "mass_update": True,
    "multiselectlookup": {},
    "auto_number": {},
    "quick_sequence_number": "1",
    "hipaa_compliance": None,
    "decimal_place": None,
    "tooltip": None,
    "crypt": None,
}


def show_field(module: str, spec: FieldSpec, field_id: str) -> Json:
    """Describe a field as ``/settings/fields`` does."""
    can_write = not spec.is_read_only
    label = spec.name.replace("_", " ").strip()
    unique = {"case_sensitive": spec.is_case_sensitive} if spec.is_unique else {}
    return {
        **_NOT,
        "id": field_id,
        "api_name": spec.name,
        "field_label": label,
        "display_label": label,
        "type": "used" if spec.is_used else "unused",
        "data_type": spec.type,
        "json_type": _JSON_TYPES.get(spec.type, "string"),
        "length": spec.length,
        "system_mandatory": spec.is_mandatory,
        "read_only": False,
        "field_read_only": spec.is_read_only,
        "custom_field": spec.is_custom,
        "visible": spec.is_used,
        "unique": unique,
        "operation_type": dict.fromkeys(
            ("api_create", "api_update", "web_create", "web_update"), can_write
        ),
        "view_type": {
            "view": spec.is_used,
            "edit": can_write,
            "quick_create": spec.is_mandatory,
            "create": can_write,
        },
        "email_parser": {
            "fields_update_supported": can_write,
            "record_operations_supported": can_write,
        },
        "profiles": [_profile(can_write=can_write)],
        "pick_list_values": [
            _option(value, field_id, place) for place, value in enumerate(spec.picklist)
        ],
        "lookup": _lookup(spec, field_id),
        "convert_mapping": _mapping(module, spec),
        "private": _private(spec),
    }


def _profile(*, can_write: bool) -> Json:
    permission = "read_write" if can_write else "read_only"
    return {
        "permission_type": permission,
        "name": "Administrator",
        "id": "487687600000026011",
    }


def _option(value: str, field_id: str, place: int) -> Json:
    return {
        "display_value": value,
        "actual_value": value,
        "reference_value": value,
        "sequence_number": place + 1,
        "id": f"{field_id}{place}",
        "type": "used",
    }


def _lookup(spec: FieldSpec, field_id: str) -> Json:
    if spec.lookup is None:
        return {}
    module = {
        "api_name": spec.lookup,
        "id": module_id(spec.lookup),
        "crypt": False,
    }
    return {
        "display_label": spec.lookup,
        "api_name": spec.lookup,
        "id": field_id,
        "module": module,
    }


def _mapping(module: str, spec: FieldSpec) -> Json:
    is_lead = module == "Leads"
    return {
        "Contacts": CARRIED.get(spec.name) if is_lead else None,
        "Accounts": "Account_Name" if is_lead and spec.name == "Company" else None,
        "Deals": None,
    }


def _private(spec: FieldSpec) -> Json | None:
    if not spec.is_personal:
        return None
    return {"restricted": False, "type": "Low", "export": True}


# --- modules -------------------------------------------------------------------


def show_module(module: str) -> Json:
    """Describe a module as ``/settings/modules`` does."""
    singular = _LABELS[module]
    flags = ("creatable", "editable", "viewable", "api_supported", "quick_create")
    return {
        **dict.fromkeys(flags, True),
        "api_name": module,
        "module_name": module,
        "id": module_id(module),
        "singular_label": singular,
        "plural_label": module,
        "actual_singular_label": singular,
        "actual_plural_label": module,
        "generated_type": "default",
        "module_type": "ENTITIES",
        "access_type": "org_based",
        "status": "visible",
        "convertable": module == "Leads",
        "deletable": True,
        "global_search_supported": True,
        "public_fields_configured": False,
        "recycle_bin_on_delete": True,
        "has_more_profiles": False,
        "sub_menu_available": True,
        "show_as_tab": True,
        "profile_count": 1,
        "description": None,
        "modified_time": None,
        "modified_by": None,
        "profiles": [{"name": "Administrator", "id": "487687600000026011"}],
        "parent_module": {},
        "arguments": [],
        "web_link": None,
        "visibility": 1,
        "sequence_number": MODULES.index(module) + 1,
        "business_card_field_limit": 5,
    }


# --- the organisation ----------------------------------------------------------


def show_org(edition: str, created: str | None, **changed: Any) -> Json:
    """Describe the organisation as ``/org`` does.

    Args:
        edition: ``paid_type``.
        created: when it was made, as Zoho writes times.
        changed: keys that are otherwise in this organisation.
    """
    return {
        "id": "487687600000000001",
        "zgid": ZGID,
        "primary_zuid": "60021541192",
        "company_name": "Example",
        "alias": None,
        "primary_email": "admin@example.com",
        "type": "production",
        "domain_name": "org20063738123",
        "country": "Poland",
        "country_code": "PL",
        "state": None,
        "city": "Warsaw",
        "street": None,
        "zip": None,
        "phone": None,
        "mobile": None,
        "fax": None,
        "website": None,
        "description": None,
        "employee_count": None,
        "photo_id": None,
        "time_zone": "Europe/Warsaw",
        "currency": "Polish Zloty - PLN",
        "currency_symbol": "PLN",
        "currency_locale": "pl_PL",
        "iso_code": "PLN",
        "created_time": created,
        "license_details": {
            "paid": edition != "free",
            "paid_type": edition,
            "paid_expiry": None,
            "trial_type": None,
            "trial_expiry": None,
            "users_license_purchased": 10,
            "portal_users_license_purchased": 0,
        },
        "hierarchy_preferences": {
            "type": "Role_Hierarchy",
            "strictly_reporting": None,
        },
        "privacy_settings": False,
        "hipaa_compliance_enabled": False,
        "translation_enabled": False,
        "lite_users_enabled": False,
        "gapps_enabled": False,
        "mc_status": False,
        "deletable_org_account": True,
        "zia_portal_id": None,
        **changed,
    }
