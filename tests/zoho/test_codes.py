"""The table of Zoho's codes: whole, and the same as in the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

from crmbridge import errors
from crmbridge.errors import CrmbridgeError
from crmbridge.zoho import ZOHO_CODES, Repeat, ZohoCode

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "zoho-codes.md"

# Source: the reference of Zoho CRM API v8, its table of codes and the sections
# on reading and writing records.
DOCUMENTED = """
INVALID_TOKEN AUTHENTICATION_FAILURE OAUTH_SCOPE_MISMATCH NO_PERMISSION
AUTHORIZATION_FAILED INVALID_URL_PATTERN INVALID_REQUEST_METHOD INVALID_MODULE
INVALID_DATA MANDATORY_NOT_FOUND REQUIRED_PARAM_MISSING DUPLICATE_DATA
LIMIT_EXCEEDED RECORD_LOCKED NOT_APPROVED NOT_REVIEWED ALREADY_MODIFIED
TOO_MANY_REQUESTS MEDIA_TYPE_NOT_SUPPORTED RESOURCE_NOT_FOUND INTERNAL_ERROR
LICENSE_LIMIT_EXCEEDED MULTIPLE_OR_MULTI_ERRORS ID_ALREADY_CONVERTED
MAPPING_MISMATCH DISCRETE_PAGINATION_LIMIT_EXCEEDED PAGINATION_LIMIT_EXCEEDED
TOKEN_BOUND_DATA_MISMATCH EXPIRED_VALUE AMBIGUITY_DURING_PROCESSING
EXPECTED_PARAM_MISSING LIMIT_REACHED SYNTAX_ERROR INVALID_QUERY DUPLICATE_ALIAS
PATTERN_NOT_MATCHED
"""


def _row(code: ZohoCode) -> str:
    cells = (
        f"`{code.name}`",
        ", ".join(map(str, code.statuses)),
        f"`{code.error.__name__}`",
        code.meaning,
        code.remedy,
        code.repeat.value,
    )
    return f"| {' | '.join(cells)} |"


def test_the_page_shows_the_table() -> None:
    shown = [
        line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")
    ]

    assert shown == [_row(ZOHO_CODES[name]) for name in sorted(ZOHO_CODES)]


def test_every_documented_code_is_in_the_table() -> None:
    assert set(DOCUMENTED.split()) <= set(ZOHO_CODES)


@pytest.mark.parametrize("code", ZOHO_CODES.values(), ids=lambda code: code.name)
def test_a_code_becomes_an_error_of_ours(code: ZohoCode) -> None:
    assert getattr(errors, code.error.__name__) is code.error
    assert issubclass(code.error, CrmbridgeError)


def test_only_what_may_pass_is_worth_repeating() -> None:
    later = {code.name for code in ZOHO_CODES.values() if code.repeat is Repeat.LATER}

    assert later == {
        "DEPENDENT_SERVICE_ERROR",
        "INTERNAL_ERROR",
        "NOT_APPROVED",
        "NOT_REVIEWED",
        "RATE_LIMIT_EXCEEDED",
        "RECORD_LOCKED",
        "SERVICE_UNAVAILABLE",
        "TOO_MANY_REQUESTS",
    }
