"""What a write to the fake SALESmanago says beside the plain fields.

Floor 9.
Tags, details, consents and the language: what is refused, what is stored, and in
which form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from crmbridge.mapping.countries import country_code
from crmbridge.testing._salesmanago.book import Book, RefusalError
from crmbridge.testing._salesmanago.cards import Card, normal_tags
from crmbridge.testing._salesmanago.parts import array

__all__ = ["check_details", "check_language", "put_details"]

_TAG_SIGNS: Final = frozenset("-([{)]}_")
_TYPES: Final = frozenset({"NUMBER", "DATE"})
_CONSENT_KEYS: Final = (
    "consentName",
    "consentAccept",
    "agreementDate",
    "ip",
    "optOut",
    "consentDescriptionId",
)
_LANGUAGE: Final = re.compile("[A-Z]{2}")


# --- what is refused ---


def check_details(book: Book, details: Mapping[str, Any]) -> None:
    """Refuse what is wrong with tags, details, consents and language.

    Raises:
        RefusalError: something is not taken.
    """
    _check_tags(book, details)
    _check_properties(book, details.get("properties"))
    _check_dictionary(book, details)
    _check_consents(book, details)
    check_language(book, details)


def _check_properties(book: Book, properties: object) -> None:
    if not isinstance(properties, Mapping):
        return
    for name, value in cast("Mapping[str, Any]", properties).items():
        if value is None and book.switches.null_values == "reject":
            raise RefusalError("properties cannot be null", "properties")
        if value == "" and book.switches.empty_values == "reject":
            raise RefusalError("properties cannot be empty", "properties")
        _check_length(book, "properties", name)
        _check_length(book, "properties", value)


def _check_length(book: Book, field: str, value: object) -> None:
    longest = book.switches.longest_value
    if longest is not None and isinstance(value, str) and len(value) > longest:
        raise RefusalError(f"{field} has more than {longest} characters", field)


def _check_tags(book: Book, details: Mapping[str, Any]) -> None:
    added = normal_tags(_rows(details, "tags"))
    removed = normal_tags(_rows(details, "removeTags"))
    if set(added) & set(removed) and book.switches.both_tags == "reject":
        raise RefusalError("Tag is added and removed at once", "tags")
    for tag in added:
        _check_length(book, "tags", tag)
        if book.switches.odd_tags == "reject" and _odd_signs(tag):
            raise RefusalError("Tag has a sign that is not allowed", "tags")


def _odd_signs(tag: str) -> list[str]:
    return [sign for sign in tag if not sign.isalnum() and sign not in _TAG_SIGNS]


def _check_dictionary(book: Book, details: Mapping[str, Any]) -> None:
    for name, kind, value in _dictionary(details):
        if not name or kind not in _TYPES or not _is_number(value):
            raise RefusalError("Dictionary detail is not valid", "dictionaryProperties")
        _check_length(book, "dictionaryProperties", name)
        _check_length(book, "dictionaryProperties", value)
        if book.dictionary_types.get(name, kind) != kind:
            raise RefusalError(
                "Dictionary detail has another type", "dictionaryProperties"
            )


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _check_consents(book: Book, details: Mapping[str, Any]) -> None:
    for row in _objects(details, "consentDetails"):
        if not isinstance(row.get("consentAccept", False), bool):
            raise RefusalError("consentAccept is not a boolean", "consentDetails")
        is_known = row.get("consentName") in book.consent_names
        if not is_known and book.switches.unknown_consents == "reject":
            raise RefusalError("Consent does not exist", "consentDetails")


def check_language(book: Book, body: Mapping[str, Any]) -> None:
    """Refuse a language in another form than two letters in upper case.

    Raises:
        RefusalError: it is in another form.
    """
    language = body.get("lang")
    if language is None or book.switches.bad_languages == "ignore":
        return
    if not (isinstance(language, str) and _LANGUAGE.fullmatch(language)):
        raise RefusalError("Language is not valid", "lang")


# --- what is stored ---


def put_details(book: Book, card: Card, details: Mapping[str, Any]) -> None:
    """Store tags, dictionary details and consents, and give texts their form."""
    _put_tags(book, card, details)
    for name, kind, value in _dictionary(details):
        book.dictionary_types[name] = kind
        card.dictionary[name] = (kind, value)
    for row in _objects(details, "consentDetails"):
        if row.get("consentName") in book.consent_names:
            kept = {key: row.get(key) for key in _CONSENT_KEYS}
            at = kept["agreementDate"]
            kept["agreementDate"] = book.now_ms() if at is None else at
            card.consents[str(row["consentName"])] = kept
    for name in ("phone", "fax"):
        card.texts[name] = _stored_phone(book, card.texts[name])
    card.address["country"] = _stored_country(book, card.address["country"])


def _put_tags(book: Book, card: Card, details: Mapping[str, Any]) -> None:
    added = normal_tags(_rows(details, "tags"))
    removed = normal_tags(_rows(details, "removeTags"))
    if book.switches.odd_tags == "drop":
        added = _without_odd_signs(added)
    if book.switches.both_tags == "add":
        removed = tuple(tag for tag in removed if tag not in added)
    card.add_tags(
        added, now_ms=book.now_ms(), is_scoring=bool(details.get("tagScoring"))
    )
    for tag in removed:
        card.tags.pop(tag, None)


def _without_odd_signs(tags: Iterable[str]) -> tuple[str, ...]:
    kept = ("".join(s for s in tag if s not in _odd_signs(tag)) for tag in tags)
    return tuple(tag for tag in kept if tag)


def _stored_phone(book: Book, text: str | None) -> str | None:
    if not text or book.switches.phone_form == "kept":
        return text
    compact = text.replace(" ", "").replace("-", "")
    is_plus = compact.startswith("+") and book.switches.phone_form == "zeros"
    return f"00{compact[1:]}" if is_plus else compact


def _stored_country(book: Book, text: str | None) -> str | None:
    if not text or book.switches.country_form == "kept":
        return text
    code = country_code(text) if book.switches.country_form == "code" else None
    return code or text.upper()


# --- parts of a request ---


def _rows(details: Mapping[str, Any], name: str) -> list[Any]:
    return [] if details.get(name) is None else array(details, name)


def _objects(details: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    rows = _rows(details, name)
    if not all(isinstance(row, Mapping) for row in rows):
        raise RefusalError(f"{name} holds no objects", name)
    return rows


def _dictionary(details: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (str(row.get("name") or ""), str(row.get("type")), str(row.get("value")))
        for row in _objects(details, "dictionaryProperties")
    ]
