"""From the words of a refusal of SALESmanago to an error of ours.

Floor 3.

The rule: of the texts in ``message`` only the two of authentication are known
word for word (vendor's PHP SDK, ``ExceptionCodeResolver.php``), so nothing else
depends on a text but the guess that a limit of requests was reached.
All texts stand in the error's ``messages`` and ``values``, and none in its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, TypeGuard

from attrs import field, frozen

from crmbridge.errors import (
    AccountInactiveError,
    AuthenticationError,
    CrmbridgeError,
    NotFoundError,
    PermissionDeniedError,
    RefusedError,
    ThrottledError,
)

__all__ = ["Words", "error_of"]

_SERVICE: Final = "salesmanago"
_UNKNOWN: Final = "user not authenticated"
_INACTIVE: Final = "not authenticated"
_LIMIT: Final = re.compile(r"\blimit|too many requests", re.IGNORECASE)
# A limit of length or number is a refusal: waiting would not help.
_LIMIT_OF_SIZE: Final = re.compile(
    r"character|length|\blong|size|value|field|batch|records?\b|contacts?\b",
    re.IGNORECASE,
)
_BAD_CREDENTIALS: Final = (
    "SALESmanago does not accept the credentials; check client_id, api_secret and "
    "endpoint in Integration Center > API > API v2"
)


@frozen
class Words:
    """What a refusal says; it may quote what was sent.

    Attributes:
        messages: the texts of ``message``, else of ``error``.
        values: what is said of single fields.
    """

    messages: tuple[str, ...] = field(default=(), repr=False)
    values: Mapping[str, tuple[str, ...]] = field(
        factory=dict[str, tuple[str, ...]], repr=False
    )

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Words:
        """Read the words of an answer, whatever form they have."""
        values: object = body.get("values")
        return cls(
            _texts(body.get("message")) or _texts(body.get("error")),
            MappingProxyType(
                {name: _texts(said) for name, said in values.items()}
                if _is_object(values)
                else {}
            ),
        )

    def say(self, text: str) -> bool:
        """Tell whether one of the messages is this one, in any case of letters."""
        return any(one.strip(" .").lower() == text for one in self.messages)

    @property
    def speak_of_rate(self) -> bool:
        """Whether they say that there were too many requests."""
        return not self.values and any(
            _LIMIT.search(text) and not _LIMIT_OF_SIZE.search(text)
            for text in self.messages
        )


def error_of(words: Words, status: int, what: str) -> CrmbridgeError:
    """Give the error for a refusal.

    Args:
        words: what it says.
        status: the HTTP status, 200 or 4xx.
        what: the endpoint's name.
    """
    kind, text = _reason(words, status)
    message = f"{what}: {text} (HTTP {status})"
    if kind is RefusedError:
        return RefusedError(
            message,
            service=_SERVICE,
            status=status,
            field=next(iter(words.values), None),
            messages=words.messages,
            values=words.values,
        )
    return kind(message, service=_SERVICE, status=status, messages=words.messages)


_BY_STATUS: Final[Mapping[int, tuple[type[CrmbridgeError], str]]] = MappingProxyType(
    {
        401: (AuthenticationError, _BAD_CREDENTIALS),
        403: (
            PermissionDeniedError,
            "SALESmanago denies it; check that the account may use the API",
        ),
        404: (
            NotFoundError,
            "no such path; check endpoint in Integration Center > API > API v2",
        ),
        429: (
            ThrottledError,
            "SALESmanago asks to slow down; wait, and send fewer requests",
        ),
    }
)


def _reason(words: Words, status: int) -> tuple[type[CrmbridgeError], str]:
    if words.say(_UNKNOWN):
        return AuthenticationError, _BAD_CREDENTIALS
    if words.say(_INACTIVE):
        return AccountInactiveError, (
            "SALESmanago knows the account, but does not serve it; it is probably "
            "switched off: log in to SALESmanago, or ask its support"
        )
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if words.speak_of_rate:
        return ThrottledError, (
            "SALESmanago says that a limit is reached; wait, and send fewer requests"
        )
    return RefusedError, (
        "SALESmanago refused it; see the attributes messages and values for its words"
    )


def _texts(value: object) -> tuple[str, ...]:
    """Read a text, an array of texts, or what stands in an object."""
    if isinstance(value, str):
        return (value,) if value.strip() else ()
    if _is_object(value):
        return tuple(text for said in value.values() for text in _texts(said))
    if not _is_array(value):
        return ()
    return tuple(str(text) for text in value if text is not None)


def _is_object(value: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping)


def _is_array(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)
