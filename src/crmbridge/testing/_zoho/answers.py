"""How the fake Zoho says things: bodies, errors and headers.

Floor 9.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Final, TypeAlias, cast

from crmbridge._steps import Reply

__all__ = [
    "MAX_RECORDS",
    "Json",
    "Refused",
    "answer",
    "failure",
    "object_of",
    "records_of",
    "success",
]

MAX_RECORDS: Final = 100

Json: TypeAlias = dict[str, Any]


class Refused(Exception):  # noqa: N818 - never leaves the fake
    """A request that is refused as a whole.

    Attributes:
        status: the HTTP status.
        body: the body that is answered.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: Mapping[str, Any] | None = None,
        *,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.body: Json = {**failure(code, message, details), **(more or {})}


def failure(code: str, message: str, details: Mapping[str, Any] | None = None) -> Json:
    """Make the object that says what is wrong."""
    return {
        "code": code,
        "details": dict(details or {}),
        "message": message,
        "status": "error",
    }


def success(message: str, details: Mapping[str, Any], **more: Any) -> Json:
    """Make the object that says that a record was written."""
    return {
        "code": "SUCCESS",
        "details": dict(details),
        "message": message,
        "status": "success",
        **more,
    }


def answer(status: int, body: Json | bytes | None, now: datetime) -> Reply:
    """Make an answer with the headers that Zoho sends."""
    headers = {"date": format_datetime(now, usegmt=True)}
    if body is None:
        return Reply(status, headers)
    if isinstance(body, bytes):
        return Reply(status, {**headers, "content-type": "application/zip"}, body)
    headers["content-type"] = "application/json;charset=UTF-8"
    return Reply(status, headers, json.dumps(body, ensure_ascii=False).encode())


def object_of(value: object) -> Json:
    """Give an object; an empty one for everything else."""
    return cast("Json", value) if isinstance(value, dict) else {}


def records_of(body: object) -> list[object]:
    """Read the list ``data`` of a body.

    Raises:
        Refused: there is none, or it is too long.
    """
    data = cast("Json", body).get("data") if isinstance(body, dict) else None
    if not isinstance(data, list) or not data:
        raise Refused(
            400,
            "INVALID_DATA",
            "invalid data",
            {"api_name": "data", "expected_data_type": "jsonarray"},
        )
    records = cast("list[object]", data)
    if len(records) > MAX_RECORDS:
        raise Refused(
            400,
            "LIMIT_EXCEEDED",
            "more records than allowed",
            {"api_name": "data", "maximum_length": MAX_RECORDS},
        )
    return records
