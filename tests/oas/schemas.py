"""Zoho's own API schemas as an oracle for the fake and the client.

The folder is not shipped: it is named by ``CRMBRIDGE_ZOHO_OAS``, and tests skip
where it is not. The schemas are wrong in places, against the vendor's own pages;
`tests.oas.patches` mends a copy in memory.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from attrs import define, field, frozen
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from crmbridge._steps import Reply, Request
from crmbridge.errors import CrmbridgeError
from crmbridge.testing import Fake
from tests.oas.patches import PATCHES, patch_all

__all__ = ["CheckedFake", "Oas"]

_HOST: Final = "https://zoho.example.com"
_ROOTS: Final = ("/crm/bulk/v8", "/crm/v8")
_METHODS: Final = ("get", "post", "put", "patch", "delete")


@frozen
class _Operation:
    """One operation of one file."""

    name: str
    segments: tuple[str, ...]
    method: str
    api: OpenAPI

    def fits(self, segments: tuple[str, ...], method: str) -> bool:
        return (
            method == self.method
            and len(segments) == len(self.segments)
            and all(
                mine.startswith("{") or mine == theirs
                for mine, theirs in zip(self.segments, segments, strict=True)
            )
        )

    @property
    def vagueness(self) -> int:
        """How many segments are parameters."""
        return sum(segment.startswith("{") for segment in self.segments)


class Oas:
    """The patched schemas, each file on its own."""

    def __init__(self, folder: Path) -> None:
        found: list[_Operation] = []
        for path in sorted((folder / "v8.0").glob("*.json")):
            found += _operations(json.loads(path.read_text("utf-8")), path.stem)
        self._operations = sorted(found, key=lambda one: one.vagueness)

    def operation(self, request: Request) -> _Operation | None:
        """Give the operation that a request is for, if one is described."""
        path = urlsplit(request.url).path
        root = next((root for root in _ROOTS if path.startswith(f"{root}/")), None)
        if root is None:
            return None
        segments = (root, *path.removeprefix(f"{root}/").split("/"))
        for one in self._operations:
            if one.fits(segments, request.method.lower()):
                return one
        return None


def _operations(spec: dict[str, Any], file: str) -> Iterator[_Operation]:
    root = "/crm/bulk/v8" if file.startswith("bulk_") else "/crm/v8"
    patch_all(spec)
    for patch in PATCHES.get(file, ()):
        patch(spec)
    spec["servers"] = [{"url": f"{_HOST}{root}"}]
    api = OpenAPI.from_dict(spec)
    for path, item in spec["paths"].items():
        for method in _METHODS:
            if method in item:
                name = f"{file}.{item[method]['operationId']}"
                segments = (root, *path.strip("/").split("/"))
                yield _Operation(name, segments, method, api)


@define
class _Asked:
    """A request in the words of the validator, which fills in the path."""

    host_url: str
    path: str
    method: str
    parameters: RequestParameters
    content_type: str
    body: bytes | None


@define
class _Answered:
    """An answer in the words of the validator."""

    status_code: int
    headers: Mapping[str, Any]
    content_type: str
    data: bytes | None


@frozen
class CheckedFake:
    """A fake whose every request and answer is held against the schemas.

    Attributes:
        fake: what answers.
        oas: what is known of the service.
        seen: how often each operation was asked.
        faults: what the schemas do not allow, in words, without repeats.
    """

    fake: Fake
    oas: Oas
    seen: Counter[str] = field(factory=Counter[str])
    faults: dict[str, None] = field(factory=dict[str, None])

    def handle(self, request: Request) -> Reply:
        """Answer a request, and check both.

        Raises:
            CrmbridgeError: the fake plays a network that fails.
        """
        operation = self.oas.operation(request)
        try:
            reply = self.fake.handle(request)
        except CrmbridgeError:
            self._check(operation, request, None)
            raise
        self._check(operation, request, reply)
        return reply

    def _check(
        self, operation: _Operation | None, request: Request, reply: Reply | None
    ) -> None:
        if operation is None:
            return
        self.seen[operation.name] += 1
        asked = _asked(request)
        try:
            operation.api.validate_request(asked)
        except OpenAPIError as error:
            self._note(operation, "request", error)
        if reply is None:
            return
        try:
            operation.api.validate_response(asked, _answered(reply))
        except OpenAPIError as error:
            self._note(operation, f"answer {reply.status}", error)

    def _note(self, operation: _Operation, what: str, error: Exception) -> None:
        self.faults[f"{operation.name}: {what}: {_words(error)}"] = None


def _words(error: BaseException | None) -> str:
    """Say what is wrong: the schema's errors, or else what the library says."""
    said: list[str] = []
    while error is not None:
        inner = list(getattr(error, "schema_errors", ()))
        said += [_leaf(one) for one in inner] or [str(error)[:200]]
        error = error.__cause__
    return " <- ".join(said)


def _leaf(error: Any) -> str:
    """Say where a value breaks its schema, and how: the deepest of alternatives."""
    while error.context:
        error = max(error.context, key=lambda one: len(one.absolute_path))
    return f"{'.'.join(map(str, error.absolute_path))}: {error.message[-200:]}"


def _asked(request: Request) -> _Asked:
    body = None if request.json is None else json.dumps(request.json).encode()
    kind = "application/json"
    if request.upload is not None:
        kind = "multipart/form-data"
    return _Asked(
        _HOST,
        urlsplit(request.url).path,
        request.method.lower(),
        RequestParameters(
            query=ImmutableMultiDict(request.query), header=Headers(request.headers)
        ),
        kind,
        body,
    )


def _answered(reply: Reply) -> _Answered:
    kind = reply.headers.get("content-type", "").partition(";")[0]
    return _Answered(reply.status, reply.headers, kind, reply.body or None)
