"""What callbacks of both services are read and checked with.

Floor 1: pure functions.
Whatever a stranger sends ends in a `NotificationError` that shows none of it.
"""

from __future__ import annotations

import hmac
import json
from ipaddress import ip_address
from typing import Any, cast
from urllib.parse import urlsplit

from crmbridge.errors import NotificationError

__all__ = ["bounded", "is_on_loopback", "is_same_text", "json_object", "refusal"]


def refusal(code: str, problem: str, *, service: str) -> NotificationError:
    """Make the error for a callback that ``problem`` is told of."""
    return NotificationError(
        f"the callback {problem}; answer an HTTP error and do nothing else",
        service=service,
        code=code,
    )


def bounded(sent: bytes | str, *, max_bytes: int, service: str) -> bytes:
    """Give what came as bytes.

    Raises:
        NotificationError: it is longer than ``max_bytes``.
    """
    raw = _bytes(sent) if isinstance(sent, str) else sent
    if len(raw) > max_bytes:
        raise refusal("size", f"is longer than {max_bytes} bytes", service=service)
    return raw


def json_object(raw: bytes, *, service: str) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        NotificationError: it is none.
    """
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError) as error:
        problem = "is not JSON in UTF-8"
        raise refusal("body", problem, service=service) from error
    if not isinstance(told, dict):
        raise refusal("body", "is no JSON object", service=service)
    return cast("dict[str, Any]", told)


def is_same_text(sent: object, secret: str) -> bool:
    """Compare what came with a secret, in a time that does not tell where they differ.

    >>> is_same_text("hush", "hush"), is_same_text(None, "hush")
    (True, False)
    """
    text = sent if isinstance(sent, str) else ""
    return hmac.compare_digest(_bytes(text), _bytes(secret))


def is_on_loopback(url: str) -> bool:
    """Tell whether an address stays on this machine.

    >>> is_on_loopback("http://127.0.0.1:8000/"), is_on_loopback("http://10.0.0.1/")
    (True, False)
    """
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _bytes(text: str) -> bytes:
    # JSON can hold lone surrogates, which plain UTF-8 cannot.
    return text.encode("utf-8", "surrogatepass")
