"""The forms in which the fake SALESmanago answers.

Floor 9.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final

from crmbridge._steps import Reply
from crmbridge.testing._salesmanago.book import RefusalError
from crmbridge.testing._salesmanago.switches import SalesmanagoSwitches

__all__ = [
    "INACTIVE",
    "NOT_AUTHENTICATED",
    "no_json",
    "redirect",
    "refusal",
    "slow_down",
    "success",
    "wrong_call",
]

# Source: vendor's PHP SDK, ExceptionCodeResolver.php; the only texts known.
NOT_AUTHENTICATED: Final = "User not authenticated"
INACTIVE: Final = "Not authenticated"
_KNOWN: Final = frozenset({NOT_AUTHENTICATED, INACTIVE})
_UNTELLING: Final = "It did not work"
_TOO_FAST: Final = "Request limit exceeded"
_RETRY_AFTER_SECONDS: Final = "2"


def success(payload: Mapping[str, Any]) -> Reply:
    """Answer that it worked."""
    return _json({"success": True, "message": [], **payload})


def no_json() -> Reply:
    """Answer that it worked, in a text."""
    return Reply(200, {"content-type": "text/plain"}, b"OK")


def refusal(error: RefusalError, switches: SalesmanagoSwitches) -> Reply:
    """Answer that it did not work, inside HTTP 200."""
    is_told = switches.says_why or error.text in _KNOWN
    text = error.text if is_told else _UNTELLING
    forms: Mapping[str, dict[str, Any]] = {
        "string": {"message": text},
        "error": {"error": text},
        "none": {"message": [text] if error.text in _KNOWN else []},
    }
    answer = forms.get(switches.refusals, {"message": [text]})
    if switches.refusals == "values" and error.field is not None:
        answer["values"] = {error.field: [text]}
    return _json({"success": False, **answer})


def wrong_call(status: HTTPStatus, switches: SalesmanagoSwitches) -> Reply:
    """Answer a request that no endpoint takes."""
    if switches.wrong_calls == "refusal":
        return refusal(RefusalError(status.phrase), switches)
    headers = {"content-type": "text/html"}
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["allow"] = "POST"
    body = f"<html><body><h1>{status} {status.phrase}</h1></body></html>".encode()
    is_told = switches.wrong_calls == "status"
    return Reply(status if is_told else HTTPStatus.OK, headers, body)


_SLOW_DOWN: Final[Mapping[str, Reply]] = MappingProxyType(
    {
        "status": Reply(429, {"content-type": "text/html"}),
        "retry_after": Reply(
            429, {"content-type": "text/html", "retry-after": _RETRY_AFTER_SECONDS}
        ),
        "unavailable": Reply(503, {"content-type": "text/html"}),
    }
)


def slow_down(switches: SalesmanagoSwitches) -> Reply:
    """Answer that there were too many requests."""
    answer = _SLOW_DOWN.get(switches.limit_answer)
    return answer or _json({"success": False, "message": [_TOO_FAST]})


def redirect(home: str, path: str) -> Reply:
    """Send a request on to another server, with its body."""
    return Reply(307, {"location": f"{home}{path}", "content-type": "text/html"})


def _json(body: Mapping[str, Any]) -> Reply:
    text = json.dumps(body, ensure_ascii=True)  # as the service escapes its answers
    return Reply(200, {"content-type": "application/json;charset=UTF-8"}, text.encode())
