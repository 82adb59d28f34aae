"""Zoho's codes: what each says, which error it becomes, and what helps.

Floor 1: a table only.
A code that is not in the table is no surprise: Zoho adds some with every
release. Such a code becomes an error by its HTTP status, and is readable there.

Source: Zoho CRM API v8, "Status codes", the pages of the endpoints and Zoho's
own OpenAPI files; v7's pages where v8's were not seen whole. The statuses of
codes that come inside ``data`` are those of the whole answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final, TypeAlias

from attrs import frozen

from crmbridge.errors import (
    AlreadyConvertedError,
    AuthenticationError,
    CrmbridgeError,
    DuplicateError,
    NotFoundError,
    PermissionDeniedError,
    RecordLockedError,
    RefusedError,
    ServiceError,
    StaleError,
    ThrottledError,
)

__all__ = ["ZOHO_CODES", "Repeat", "ZohoCode"]


class Repeat(Enum):
    """Whether a refused request may be taken another time.

    ``NEVER``: the same would be refused again.
    ``LATER``: it may be taken as it is.
    ``AFTER_READING``: what is there has to be known first.

    >>> Repeat("later")
    <Repeat.LATER: 'later'>
    """

    NEVER = "never"
    LATER = "later"
    AFTER_READING = "after reading"


@frozen
class ZohoCode:
    """One code of Zoho CRM.

    Attributes:
        name: the code.
        error: what it becomes.
        meaning: what Zoho says by it.
        remedy: what helps.
        statuses: with which HTTP statuses it comes.
        is_of_record: it is said of one record, also outside of ``data`` where
            a request is for one record.

    >>> ZOHO_CODES["RECORD_LOCKED"].repeat
    <Repeat.LATER: 'later'>
    """

    name: str
    error: type[CrmbridgeError]
    meaning: str
    remedy: str
    statuses: tuple[int, ...]
    is_of_record: bool

    @property
    def repeat(self) -> Repeat:
        """Whether the same request may be taken another time."""
        return _REPEATS.get(self.error, Repeat.NEVER)


_Texts: TypeAlias = Mapping[str, tuple[str, str]]

_REPEATS: Final[Mapping[type[CrmbridgeError], Repeat]] = {
    ThrottledError: Repeat.LATER,
    ServiceError: Repeat.LATER,
    RecordLockedError: Repeat.LATER,
    DuplicateError: Repeat.AFTER_READING,
    AlreadyConvertedError: Repeat.AFTER_READING,
    StaleError: Repeat.AFTER_READING,
}

_BY_ERROR: Final[Mapping[type[CrmbridgeError], _Texts]] = {
    AuthenticationError: {
        "INVALID_TOKEN": (
            "the access token is wrong, has ended, or is of another data centre",
            "check the refresh token and the data centre",
        ),
        "AUTHENTICATION_FAILURE": (
            "there is no token, or none that can be used",
            "check the refresh token and the data centre",
        ),
    },
    PermissionDeniedError: {
        "OAUTH_SCOPE_MISMATCH": (
            "the token lacks an OAuth scope",
            "make a new refresh token with the scopes that the documentation names",
        ),
        "NO_PERMISSION": (
            "the user's profile lacks a right",
            "ask an administrator of Zoho for the right",
        ),
        "AUTHORIZATION_FAILED": (
            "the user lacks a privilege",
            "ask an administrator of Zoho for the right",
        ),
    },
    RefusedError: {
        "LICENSE_LIMIT_EXCEEDED": (
            "the storage or the edition of the organisation allows no more",
            "make room in Zoho, or ask an administrator for another edition",
        ),
        "INVALID_REQUEST_METHOD": ("the path does not take this verb", "report it"),
        "NOT_SUPPORTED": (
            "the module or the field does not take part in this",
            "leave it out",
        ),
        "REQUIRED_PARAM_MISSING": (
            "a parameter is missing",
            "give the parameter that is named",
        ),
        "EXPECTED_PARAM_MISSING": (
            "one of several parameters is missing",
            "give one of them",
        ),
        "AMBIGUITY_DURING_PROCESSING": (
            "two parameters contradict each other",
            "give one of them",
        ),
        "PATTERN_NOT_MATCHED": (
            "a parameter has the wrong form",
            "fix the parameter that is named",
        ),
        "UNABLE_TO_PARSE_DATA_TYPE": (
            "the body or a parameter cannot be read",
            "fix the input",
        ),
        "INVALID_REQUEST": ("the request cannot be read", "fix the input"),
        "LIMIT_EXCEEDED": (
            "more fields, records or rows than Zoho takes at one time",
            "ask for less, or send less, at one time",
        ),
        "LIMIT_REACHED": (
            "a search ends at 2,000 records",
            "search for less, or use COQL",
        ),
        "CRITERIA_LIMIT_EXCEEDED": (
            "a search takes no more criteria",
            "search with fewer criteria",
        ),
        "DISCRETE_PAGINATION_LIMIT_EXCEEDED": (
            "pages by number end at 2,000 records",
            "go on with page tokens",
        ),
        "PAGINATION_LIMIT_EXCEEDED": (
            "pages by token end at 100,000 records",
            "use record_pages(), which goes on by ids",
        ),
        "TOKEN_BOUND_DATA_MISMATCH": (
            "the page token is of another question or user",
            "begin again without a page token, or use record_pages()",
        ),
        "EXPIRED_VALUE": (
            "the page token has ended after 24 hours",
            "begin again without a page token, or use record_pages()",
        ),
        "SYNTAX_ERROR": ("the query cannot be read", "fix the query"),
        "INVALID_QUERY": ("the query asks for what there is not", "fix the query"),
        "INVALID_ALIAS": ("an alias of the query is no good name", "fix the query"),
        "DUPLICATE_ALIAS": ("an alias of the query comes twice", "fix the query"),
        "MEDIA_TYPE_NOT_SUPPORTED": ("the request lacks its content type", "report it"),
        "INVALID_DATA": (
            "a value has the wrong type, form or length, or an id is none",
            "fix the value; its problem tells the length or the type",
        ),
        "MANDATORY_NOT_FOUND": (
            "a mandatory field is missing or empty, or an update has no id",
            "give the field that is named",
        ),
        "EXPECTED_FIELD_MISSING": (
            "one of several fields is missing",
            "give one of them",
        ),
        "DEPENDENT_FIELD_MISSING": (
            "a field that another one depends on is missing",
            "give both fields",
        ),
        "DEPENDENT_MISMATCH": (
            "a value does not go with the field that it depends on",
            "give values that go together",
        ),
        "MULTIPLE_OR_MULTI_ERRORS": (
            "several things are wrong; each is one of the problems",
            "fix all of them; where all are duplicates, link to the record",
        ),
        "TAG_ID_NOT_FOUND": ("there is no such tag", "name the tag by another id"),
        "MAPPING_MISMATCH": (
            "the fields of the modules do not go together",
            "see the mapping of the organisation's lead conversion",
        ),
        "CANNOT_PERFORM_ACTION": (
            "the record's state does not allow it",
            "read the record; a person may have to act in Zoho first",
        ),
        "NOT_ALLOWED": (
            "the record's state or the organisation does not allow it",
            "read the record; a person may have to act in Zoho first",
        ),
    },
    NotFoundError: {
        "INVALID_URL_PATTERN": (
            "there is no such path",
            "check the path and the version of the API",
        ),
        "RESOURCE_NOT_FOUND": (
            "there is no such job",
            "check the id; jobs are forgotten after a while",
        ),
        "NOT_SUBSCRIBED": (
            "there is no such channel of notifications, or it has ended",
            "set the watch again",
        ),
        "INVALID_MODULE": (
            "there is no such module, or the API does not serve it",
            "give the module's API name; upper and lower case count",
        ),
    },
    DuplicateError: {
        "DUPLICATE_DATA": (
            "another record holds the same value in a unique field",
            "link to the record that exists",
        ),
    },
    StaleError: {
        "ALREADY_MODIFIED": (
            "the record was changed after the time of If-Unmodified-Since",
            "read it again and merge",
        ),
    },
    AlreadyConvertedError: {
        "ID_ALREADY_CONVERTED": (
            "the lead was converted; it cannot be changed any more",
            "read the contact that it became, and write to that",
        ),
    },
    RecordLockedError: {
        "RECORD_LOCKED": (
            "the record is locked, or is being merged",
            "repeat when it is free",
        ),
        "NOT_APPROVED": (
            "the record waits for an approval",
            "repeat when it is approved",
        ),
        "NOT_REVIEWED": ("the record waits for a review", "repeat when it is reviewed"),
    },
    ThrottledError: {
        "TOO_MANY_REQUESTS": (
            "too many requests at one time, or the credits of 24 hours are used up",
            "wait, and send fewer requests",
        ),
        "RATE_LIMIT_EXCEEDED": ("too many requests", "wait, and send fewer requests"),
    },
    ServiceError: {
        "INTERNAL_ERROR": (
            "Zoho failed; a write may have been carried out",
            "repeat later; read the record first where that is not safe",
        ),
        "DEPENDENT_SERVICE_ERROR": (
            "a part of Zoho failed; a write may have been carried out",
            "repeat later; read the record first where that is not safe",
        ),
        "SERVICE_UNAVAILABLE": ("Zoho does not serve at present", "repeat later"),
    },
}
_OF_RECORD: Final = frozenset(
    {
        "INVALID_DATA",
        "MANDATORY_NOT_FOUND",
        "EXPECTED_FIELD_MISSING",
        "DEPENDENT_FIELD_MISSING",
        "DEPENDENT_MISMATCH",
        "MULTIPLE_OR_MULTI_ERRORS",
        "TAG_ID_NOT_FOUND",
        "MAPPING_MISMATCH",
        "DUPLICATE_DATA",
        "ALREADY_MODIFIED",
        "ID_ALREADY_CONVERTED",
        "RECORD_LOCKED",
        "NOT_APPROVED",
        "NOT_REVIEWED",
        "CANNOT_PERFORM_ACTION",
        "NOT_ALLOWED",
    }
)
_STATUSES: Final[Mapping[str, tuple[int, ...]]] = {
    "INVALID_TOKEN": (401,),
    "AUTHENTICATION_FAILURE": (401,),
    "OAUTH_SCOPE_MISMATCH": (401, 403),
    "NO_PERMISSION": (403, 400),
    "INVALID_URL_PATTERN": (404,),
    "RESOURCE_NOT_FOUND": (404,),
    "MEDIA_TYPE_NOT_SUPPORTED": (415,),
    "ALREADY_MODIFIED": (412,),
    "TOO_MANY_REQUESTS": (429,),
    "RATE_LIMIT_EXCEEDED": (429,),
    "INTERNAL_ERROR": (500, 207),
    "SERVICE_UNAVAILABLE": (503,),
}
_REFUSED: Final = (400,)
_REFUSED_AMONG_OTHERS: Final = (400, 207)

ZOHO_CODES: Final[Mapping[str, ZohoCode]] = MappingProxyType(
    {
        name: ZohoCode(
            name,
            error,
            meaning,
            remedy,
            _STATUSES.get(
                name, _REFUSED_AMONG_OTHERS if name in _OF_RECORD else _REFUSED
            ),
            name in _OF_RECORD,
        )
        for error, texts in _BY_ERROR.items()
        for name, (meaning, remedy) in texts.items()
    }
)
"""Every code that is known, by its name."""
