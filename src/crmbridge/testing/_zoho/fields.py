"""The modules and fields of the fake Zoho, and what a field takes.

Floor 9.
Source: Zoho CRM API v7, "Fields Metadata" (lengths of Leads; Contacts is
assumed to be alike), and an export of a stock organisation of 2026 (the
composite address). Deals has what a conversion makes of a deal, and no more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from attrs import evolve, field, frozen

from crmbridge.testing._zoho.answers import Json, failure
from crmbridge.testing._zoho.switches import ZohoSwitches

__all__ = [
    "COUNTRIES",
    "MODULES",
    "STAGES",
    "FieldSpec",
    "field_table",
    "problem",
    "unused_fields",
]

MODULES: Final = ("Leads", "Contacts", "Accounts", "Deals")
COUNTRIES: Final = (
    "Austria",
    "Czech Republic",
    "France",
    "Germany",
    "Italy",
    "Poland",
    "Slovakia",
    "Spain",
    "Ukraine",
    "United Kingdom",
    "United States",
)
STAGES: Final = {
    "Standard (Standard)": (
        "Qualification",
        "Negotiation/Review",
        "Closed Won",
        "Closed Lost",
    ),
    "Renewals": ("Renewal Due", "Closed Won", "Closed Lost"),
}
"""The stages of each pipeline."""
_REGIONS: Final = ("Bavaria", "Mazowieckie", "Silesia", "Vienna")
_SOURCES: Final = ("Advertisement", "Cold Call", "External Referral", "Web Download")


@frozen
class FieldSpec:
    """One field of a module.

    Attributes:
        name: its API name.
        type: Zoho's word for its type.
        length: the most characters it takes; 0 where that is no matter.
        is_mandatory: a record cannot be without.
        is_read_only: what is written into it is ignored.
        is_unique: no value may occur twice.
        is_case_sensitive: to a unique field, ``a`` is not ``A``.
        is_custom: the organisation made it.
        is_personal: it is marked as personal.
        is_used: it is in a layout.
        picklist: its values.
        lookup: the module that it points into.
    """

    name: str
    type: str = "text"
    length: int = 0
    is_mandatory: bool = False
    is_read_only: bool = False
    is_unique: bool = False
    is_case_sensitive: bool = False
    is_custom: bool = False
    is_personal: bool = False
    is_used: bool = True
    picklist: tuple[str, ...] = ()
    lookup: str | None = field(default=None)


def _read_only(*pairs: tuple[str, str]) -> tuple[FieldSpec, ...]:
    return tuple(FieldSpec(name, kind, is_read_only=True) for name, kind in pairs)


_STAMPS: Final = (
    *_read_only(
        ("Created_Time", "datetime"),
        ("Modified_Time", "datetime"),
        ("Created_By", "ownerlookup"),
        ("Modified_By", "ownerlookup"),
        ("Last_Activity_Time", "datetime"),
    ),
    FieldSpec("Owner", "ownerlookup"),
    FieldSpec("Tag", "jsonarray", 2000),
)
_PERSON: Final = (
    FieldSpec("First_Name", length=40),
    FieldSpec("Last_Name", length=80, is_mandatory=True),
    FieldSpec("Full_Name", length=120, is_read_only=True),
    FieldSpec("Salutation", "picklist", 25, picklist=("Mr.", "Mrs.", "Ms.", "Dr.")),
    FieldSpec("Email", "email", 100),
    FieldSpec("Secondary_Email", "email", 100),
    FieldSpec("Phone", "phone", 30),
    FieldSpec("Mobile", "phone", 30),
    FieldSpec("Fax", length=30),
    FieldSpec("Lead_Source", "picklist", 120, picklist=_SOURCES),
    FieldSpec("Description", "textarea", 32000),
    FieldSpec("Email_Opt_Out", "boolean"),
    *_read_only(("Unsubscribed_Mode", "picklist"), ("Unsubscribed_Time", "datetime")),
    *_STAMPS,
)
_LEAD: Final = (
    FieldSpec("Company", length=200),
    FieldSpec("Designation", length=100),
    FieldSpec("Website", "website", 255),
    FieldSpec("Lead_Status", "picklist", 120, picklist=("Contacted", "Lost Lead")),
    FieldSpec("Industry", "picklist", 120, picklist=("Banking", "Retail")),
    *_read_only(
        ("Converted__s", "boolean"),
        ("Converted_Date_Time", "datetime"),
    ),
    *(
        FieldSpec(name, "lookup", is_read_only=True, lookup=module)
        for name, module in (
            ("Converted_Contact", "Contacts"),
            ("Converted_Account", "Accounts"),
            ("Converted_Deal", "Deals"),
        )
    ),
)
_CONTACT: Final = (
    FieldSpec("Account_Name", "lookup", lookup="Accounts"),
    FieldSpec("Title", length=100),
    FieldSpec("Department", length=50),
    FieldSpec("Home_Phone", "phone", 30),
    FieldSpec("Other_Phone", "phone", 30),
    FieldSpec("Date_of_Birth", "date"),
)
_ACCOUNT: Final = (
    FieldSpec("Account_Name", length=200, is_mandatory=True),
    FieldSpec("Phone", "phone", 30),
    FieldSpec("Fax", length=30),
    FieldSpec("Website", "website", 255),
    *_STAMPS,
)

_DEAL: Final = (
    FieldSpec("Deal_Name", length=120, is_mandatory=True),
    FieldSpec(
        "Stage",
        "picklist",
        100,
        is_mandatory=True,
        picklist=tuple(dict.fromkeys(s for stages in STAGES.values() for s in stages)),
    ),
    FieldSpec("Pipeline", "picklist", 100, picklist=tuple(STAGES)),
    FieldSpec("Closing_Date", "date"),
    FieldSpec("Amount", "currency", 16),
    FieldSpec("Contact_Name", "lookup", lookup="Contacts"),
    FieldSpec("Account_Name", "lookup", lookup="Accounts"),
    *_STAMPS,
)
_UNUSED: Final = {
    "Leads": (FieldSpec("Twitter", length=50, is_used=False),),
    "Contacts": (FieldSpec("Skype_ID", length=50, is_used=False),),
}


def unused_fields(module: str) -> tuple[FieldSpec, ...]:
    """Give the fields of a module that are in no layout."""
    return _UNUSED.get(module, ())


def field_table(module: str, switches: ZohoSwitches) -> dict[str, FieldSpec]:
    """Give a module's fields by name, as the switches have them."""
    specs = _specs(module, switches)
    unique = switches.unique.get(module, frozenset())
    exact = switches.case_sensitive.get(module, frozenset())
    private = switches.personal_fields.get(module, frozenset())
    table = {
        spec.name: evolve(
            spec,
            is_unique=spec.name in unique,
            is_case_sensitive=spec.name in exact,
            is_personal=spec.name in private,
        )
        for spec in specs
    }
    if module == "Leads" and switches.has_mandatory_company:
        table["Company"] = evolve(table["Company"], is_mandatory=True)
    if not switches.has_birthday:
        table.pop("Date_of_Birth", None)
    return table


def _specs(module: str, switches: ZohoSwitches) -> tuple[FieldSpec, ...]:
    if module == "Accounts":
        return _ACCOUNT
    if module == "Deals":
        return _DEAL
    if module == "Leads":
        return (*_PERSON, *_LEAD, *_address("", switches))
    specs = (*_PERSON, *_CONTACT, *_address("Mailing_", switches))
    if switches.contact_lengths != "halved":
        return specs
    return tuple(
        evolve(spec, length=spec.length // 2) if spec.type == "text" else spec
        for spec in specs
    )


def _address(prefix: str, switches: ZohoSwitches) -> tuple[FieldSpec, ...]:
    code = f"{prefix}Zip" if prefix else "Zip_Code"
    if switches.address_layout == "classic":
        return (
            FieldSpec(f"{prefix}Street", length=250),
            FieldSpec(f"{prefix}City", length=100),
            FieldSpec(f"{prefix}State", length=100),
            FieldSpec(code, length=30),
            FieldSpec(f"{prefix}Country", length=100),
        )
    return (
        FieldSpec(f"{prefix}Country", "picklist", 120, picklist=COUNTRIES),
        FieldSpec(f"{prefix}State", "picklist", 120, picklist=_REGIONS),
        FieldSpec(f"{prefix}Flat_House_No_Building_Apartment_Name", length=255),
        FieldSpec(f"{prefix}Street", length=255),
        FieldSpec(f"{prefix}City", length=255),
        FieldSpec(code, length=255),
    )


# --- what a field takes ------------------------------------------------------

_EMAIL: Final = re.compile(
    r"[A-Za-z0-9+_\-][^\s@<>,;]*@(?=.{4,256}$)[\w\-]+(\.[\w\-]+)*\.[^\W\d_]{2,22}"
)
_PHONE: Final = re.compile(r"(?![.\-])(?!.* {2})[0-9A-Za-z+.\-();#, ]{1,30}")


def problem(
    spec: FieldSpec, value: object, place: int, switches: ZohoSwitches
) -> Json | None:
    """Tell what is wrong with a value, or nothing; ``None`` empties a field."""
    where = {"api_name": spec.name, "json_path": f"$.data[{place}].{spec.name}"}
    if value is None or value == "":
        if not spec.is_mandatory:
            return None
        return failure("MANDATORY_NOT_FOUND", "required field not found", where)
    expected = _expected_type(spec.type, value)
    if expected is not None:
        return failure(
            "INVALID_DATA", "invalid data", {**where, "expected_data_type": expected}
        )
    if isinstance(value, str):
        return _text_problem(spec, value, where, switches)
    return None


def _expected_type(kind: str, value: object) -> str | None:
    if kind == "boolean":
        return None if isinstance(value, bool) else "boolean"
    if kind == "currency":
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return None if is_number else "double"
    if kind in {"lookup", "ownerlookup"}:
        is_reference = isinstance(value, (str, dict))
        return None if is_reference else "jsonobject"
    if kind == "jsonarray":
        return None if isinstance(value, list) else "jsonarray"
    return None if isinstance(value, str) else "string"


def _text_problem(
    spec: FieldSpec, value: str, where: Mapping[str, Any], switches: ZohoSwitches
) -> Json | None:
    if spec.length and len(value) > spec.length:
        return failure(
            "INVALID_DATA", "invalid data", {**where, "maximum_length": spec.length}
        )
    is_of_type = _FORMS.get(spec.type)
    if is_of_type is not None and not is_of_type(value):
        return failure(
            "INVALID_DATA", "invalid data", {**where, "expected_data_type": spec.type}
        )
    is_listed = not spec.picklist or value in spec.picklist
    if not is_listed and not switches.takes_new_picklist_values:
        return failure(
            "INVALID_DATA",
            "invalid data",
            {**where, "expected_data_type": "picklist"},
        )
    return None


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


_FORMS: Final[Mapping[str, Callable[[str], bool]]] = {
    "email": lambda text: _EMAIL.fullmatch(text) is not None,
    "phone": lambda text: _PHONE.fullmatch(text) is not None,
    "date": _is_date,
}
