"""What the fake Zoho asks of a conversion before it carries it out.

Floor 9.
Source: Zoho CRM API v7 and v8, "Convert Lead", and Zoho's own samples of its
errors: those of the lead come at the top, those of the body inside ``data``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from crmbridge.testing._zoho.answers import Json, Refused, failure, records_of
from crmbridge.testing._zoho.book import Book, Record
from crmbridge.testing._zoho.fields import STAGES, problem
from crmbridge.testing._zoho.metadata import CARRIED

__all__ = ["TARGETS", "ConversionChecks", "already_converted", "carried"]

TARGETS: Final = ("Contacts", "Accounts", "Deals")
_FLAGS: Final = ("overwrite", "notify_lead_owner", "notify_new_entity_owner")
_OF_PATH: Final = {"resource_path_index": 1}
_WORDS: Final = {
    "RECORD_LOCKED": "You cannot perform this operation as the record is locked.",
    "NOT_APPROVED": "cannot convert record that is not approved yet",
    "NOT_REVIEWED": "cannot convert record that is not reviewed yet",
}


def carried(book: Book, lead: Record) -> Json:
    """Give what a contact gets of its lead, by the organisation's mapping."""
    drops, table = book.switches.conversion_drops, book.tables["Contacts"]
    return {
        theirs: lead.values[ours]
        for ours, theirs in CARRIED.items()
        if ours in lead.values and ours not in drops and theirs in table
    }


class ConversionChecks:
    """Judges leads and what they shall be converted into."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def lead(self, lead_id: str) -> Record:
        """Give a lead that can be converted.

        Raises:
            Refused: there is none, or it is held.
        """
        lead = self._book.modules["Leads"].get(lead_id)
        if lead is None or lead.is_hidden:
            raise Refused(
                400, "INVALID_DATA", "the id given seems to be invalid", _OF_PATH
            )
        if lead.converted is not None:
            raise already_converted()
        code = self._book.holds.code_of(lead.id)
        if code is not None:
            raise Refused(400, code, _WORDS[code], _OF_PATH)
        return lead

    def element(self, body: object) -> Json:
        """Give the choices of a request, in the form of this version.

        Raises:
            Refused: they have another form, such as that of v2, or are wrong.
        """
        element = records_of(body)[0]
        if not isinstance(element, dict):
            raise _wrapped("INVALID_DATA", {"expected_data_type": "jsonobject"})
        choices = cast("Json", element)
        for name in _FLAGS:
            if not isinstance(choices.get(name, False), bool):
                raise _wrong_type(name, "boolean")
        self._check_references(choices)
        self._check_modules(choices)
        if "Deals" in choices:
            self._check_deal(_object_in(choices, "Deals"))
        return choices

    def _check_references(self, choices: Json) -> None:
        """Check the records and the user; v2 named them by plain ids."""
        for name in ("Contacts", "Accounts", "assign_to"):
            if name not in choices:
                continue
            record_id = _object_in(choices, name).get("id")
            if record_id is None:
                raise _missing("id", f"{name}.id")
            if name == "assign_to":
                self._check_user(record_id)
            elif record_id not in self._book.modules[name]:
                raise _wrapped("INVALID_DATA", _where(name))

    def _check_user(self, user_id: str) -> None:
        user = self._book.users.get(user_id)
        if user is None or not user.can_own:
            raise _wrapped(
                "INVALID_DATA", _where("Owner"), "Non Subordinate User Found"
            )

    def _check_modules(self, choices: Json) -> None:
        if "move_attachments_to" in choices:
            module = _object_in(choices, "move_attachments_to").get("api_name")
            if module not in TARGETS:
                raise _wrapped("INVALID_DATA", _where("move_attachments_to"))
        tags = _object_in(choices, "carry_over_tags")
        for module, names in tags.items():
            if module not in TARGETS or not isinstance(names, list):
                raise _wrong_type("carry_over_tags", "jsonarray")

    def _check_deal(self, deal: Json) -> None:
        for name in self._mandatory():
            if not deal.get(name):
                raise _missing(name, f"Deals.{name}")
        table = self._book.tables["Deals"]
        for name, value in deal.items():
            if name in table:
                wrong = problem(table[name], value, 0, self._book.switches)
                if wrong is not None:
                    raise _of(wrong)
        pipeline = deal.get("Pipeline")
        if pipeline is not None and deal["Stage"] not in STAGES.get(pipeline, ()):
            raise _wrapped(
                "MAPPING_MISMATCH",
                {**_where("Stage"), "mapped_field": "Pipeline"},
                "Pipeline doesn't contain the Stage",
            )

    def _mandatory(self) -> Iterator[str]:
        yield from ("Deal_Name", "Closing_Date", "Stage")
        if self._book.switches.deals_need_pipeline:
            yield "Pipeline"

    def clash(self, lead: Record, element: Mapping[str, Any]) -> Json | None:
        """Say whether new records would hold a unique value a second time."""
        new: Json = {}
        if "Contacts" not in element:
            new["Contacts"] = carried(self._book, lead)
        if "Accounts" not in element:
            new["Accounts"] = {"Account_Name": lead.values.get("Company")}
        for module, values in new.items():
            for name, value in values.items():
                found = self._book.matches(module, name, value)
                if found and self._book.tables[module][name].is_unique:
                    return self._duplicate(name, found[0])
        return None

    def _duplicate(self, name: str, found: Record) -> Json:
        details: Json = _where(name)
        if self._book.switches.names_conversion_duplicate:
            details["id"] = found.id
        return failure("DUPLICATE_DATA", "duplicate data", details)

    def check_clash(self, lead: Record, element: Mapping[str, Any]) -> None:
        """Refuse what would hold a unique value a second time."""
        clash = self.clash(lead, element)
        if clash is not None:
            raise _of(clash)


def already_converted() -> Refused:
    """Refuse a lead that is a contact by now."""
    return Refused(400, "ID_ALREADY_CONVERTED", "id already converted", _OF_PATH)


def _object_in(choices: Json, name: str) -> Json:
    value = choices.get(name, {})
    if not isinstance(value, dict):
        raise _wrong_type(name, "jsonobject")
    return cast("Json", value)


def _where(name: str, path: str | None = None) -> Json:
    return {"api_name": name, "json_path": f"$.data[0].{path or name}"}


def _missing(name: str, path: str) -> Refused:
    return _wrapped(
        "MANDATORY_NOT_FOUND", _where(name, path), "required field not found"
    )


def _wrong_type(name: str, kind: str) -> Refused:
    return _wrapped("INVALID_DATA", {**_where(name), "expected_data_type": kind})


def _wrapped(code: str, details: Json, message: str = "invalid data") -> Refused:
    return _of(failure(code, message, details))


def _of(element: Json) -> Refused:
    """Make a refusal whose error lies in ``data``."""
    refused = Refused(400, element["code"], element["message"])
    refused.body = {"data": [element]}
    return refused
