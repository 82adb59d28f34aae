"""The addresses of the fake Zoho, what is done at them and what it costs.

Floor 9.
Each part of the fake names its own addresses; a `Router` finds the one that a
request is for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias, cast

from attrs import field, frozen

from crmbridge._steps import Request
from crmbridge.testing._zoho.answers import Json, Refused, records_of

__all__ = [
    "API",
    "BULK",
    "Answer",
    "Asked",
    "Route",
    "Router",
    "per_ten_records",
    "takes_many_records",
]

API: Final = "/crm/v8"
BULK: Final = "/crm/bulk/v8"
_RECORDS_PER_CREDIT: Final = 10
_GROUP: Final = re.compile(r"\{(\w+)\}")
_SHAPES: Final = {"module": r"\w+", "id": r"\d+", "file": r"\d+\.zip"}

Answer: TypeAlias = tuple[int, Json | bytes | None]
"""The HTTP status, and the body: an object, a ZIP file, or nothing."""


@frozen
class Asked:
    """A request, taken apart.

    Attributes:
        route: what it is for.
        module: the module, or ``""``.
        id: the record or job in the path.
        query: the parameters.
        headers: names in lower case.
        body: the JSON that was sent.
        upload: the content of the file that was sent.
        granted: the scopes of its token.
        host: where it was sent.
    """

    route: Route
    module: str
    id: str | None
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    upload: bytes | None = None
    granted: tuple[str, ...] = ()
    host: str = ""

    @property
    def name(self) -> str:
        """What counters call it, such as ``"Leads list"``."""
        return f"{self.module} {self.route.verb}".strip()

    @property
    def credits(self) -> int:
        """What it costs, as far as it is known."""
        cost = self.route.credits
        return cost if isinstance(cost, int) else cost(self)

    @property
    def is_complex(self) -> bool:
        """Tell whether it is one of the calls of which 10 may be in flight."""
        tell = self.route.is_complex
        return tell if isinstance(tell, bool) else tell(self)


@frozen
class Route:
    """One address and verb.

    Attributes:
        method: the HTTP verb.
        path: the address; ``{module}`` and ``{id}`` stand for what they say.
        verb: what counters call it.
        do: what answers.
        module: the module where the path names none.
        scope: what `ZohoSwitches.missing_scopes` and ``denied_modules`` call
            it, where that is not the module.
        credits: what a call costs.
        is_write: whether it changes something.
        is_complex: whether it counts for the sub-concurrency of 10.
    """

    method: str
    path: str
    verb: str
    do: Callable[[Asked], Answer]
    module: str = field(default="", kw_only=True)
    scope: str = field(default="", kw_only=True)
    credits: int | Callable[[Asked], int] = field(default=1, kw_only=True)
    is_write: bool = field(default=False, kw_only=True)
    is_complex: bool | Callable[[Asked], bool] = field(default=False, kw_only=True)


class Router:
    """Finds what a request is for.

    Args:
        routes: the first one whose path fits is taken.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        by_path: dict[str, dict[str, Route]] = {}
        for route in routes:
            by_path.setdefault(route.path, {})[route.method] = route
        self._paths = [(_compiled(path), verbs) for path, verbs in by_path.items()]

    def asked(self, path: str, query: Mapping[str, str], request: Request) -> Asked:
        """Take a request apart.

        Raises:
            Refused: there is no such address, or it does not take the method.
        """
        for pattern, verbs in self._paths:
            match = pattern.fullmatch(path)
            if match is None:
                continue
            route = verbs.get(request.method)
            if route is None:
                raise Refused(
                    400,
                    "INVALID_REQUEST_METHOD",
                    "The http request method type is not a valid one",
                )
            return _taken_apart(route, match.groupdict(), query, request)
        raise Refused(
            404,
            "INVALID_URL_PATTERN",
            "Please check if the URL trying to access is a correct one",
        )


def _compiled(path: str) -> re.Pattern[str]:
    return re.compile(_GROUP.sub(lambda m: f"(?P<{m[1]}>{_SHAPES[m[1]]})", path))


def _taken_apart(
    route: Route, found: Mapping[str, str], query: Mapping[str, str], request: Request
) -> Asked:
    upload = request.upload
    return Asked(
        route,
        found.get("module") or route.module,
        found.get("id"),
        query,
        request.headers,
        request.json,
        None if upload is None else upload.read(),
    )


def per_ten_records(asked: Asked) -> int:
    """Give the credits of a write: one for ten records."""
    return -(-_count(asked) // _RECORDS_PER_CREDIT)


def takes_many_records(asked: Asked) -> bool:
    """Tell whether a write has more than ten records."""
    return _count(asked) > _RECORDS_PER_CREDIT


def _count(asked: Asked) -> int:
    body = cast("object", asked.body)
    try:
        return len(records_of(body))
    except Refused:
        return 1
