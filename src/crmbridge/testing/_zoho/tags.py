"""The tags of the fake Zoho, as their endpoints show and change them.

Floor 9.
Source: Zoho CRM API v5 and v8, "Get Tags", "Create Tags", "Add Tags", "Remove
Tags", and Zoho's own samples of their answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias, cast

from crmbridge.testing._zoho.answers import Json, Refused, failure, object_of, success
from crmbridge.testing._zoho.book import Book, Record
from crmbridge.testing._zoho.fields import MODULES
from crmbridge.testing._zoho.routes import API, Answer, Asked, Route
from crmbridge.testing._zoho.tag_shelf import Tag

__all__ = ["Tags"]

_PATH: Final = f"{API}/settings/tags"
_MAX_IDS: Final = 500
_IDS_PER_CREDIT: Final = 50
_MAX_NAME: Final = 25
_MAX_COLOR: Final = 7
_ALLOWED: Final = 100
_Retagged: TypeAlias = Callable[[Record], list[Json]]


class Tags:
    """Answers what tags there are, and gives them to records."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def routes(self) -> Iterator[Route]:
        """Name the addresses of this part."""
        yield Route("GET", _PATH, "tags", self._listed, scope="settings")
        yield Route(
            "POST", _PATH, "create tags", self._made, scope="settings", is_write=True
        )
        for action, do in (("add_tags", self._added), ("remove_tags", self._removed)):
            for path in (f"{API}/{{module}}", f"{API}/{{module}}/{{id}}"):
                yield Route(
                    "POST",
                    f"{path}/actions/{action}",
                    action.replace("_", " "),
                    do,
                    credits=_credits,
                    is_write=True,
                )

    # --- definitions ---

    def _listed(self, asked: Asked) -> Answer:
        tags = self._book.tags.of(_module(asked))
        info = {"count": len(tags), "allowed_count": _ALLOWED}
        return 200, {"tags": [self._defined(tag) for tag in tags], "info": info}

    def _made(self, asked: Asked) -> Answer:
        module = _module(asked)
        results = [
            self._make(module, tag, f"$.tags[{place}]")
            for place, tag in enumerate(_tags_in(asked.body))
        ]
        good = sum(result["status"] == "success" for result in results)
        status = 201 if good == len(results) else 207 if good else 400
        return status, {"tags": results}

    def _make(self, module: str, tag: Json, path: str) -> Json:
        wrong = _problem(tag, path)
        if wrong is not None:
            return wrong
        there = self._book.tags.find(module, tag["name"])
        if there is not None:
            where = {"api_name": "name", "json_path": f"{path}.name", "id": there.id}
            return failure("DUPLICATE_DATA", "duplicate data", where)
        made = self._book.tags.define(module, tag["name"], tag.get("color_code"))
        return success("tags created successfully", self._defined(made))

    def _defined(self, tag: Tag) -> Json:
        made, user = self._book.stamp(tag.made), self._book.current_user.signature()
        return {
            **tag.reference(),
            "created_time": made,
            "modified_time": made,
            "created_by": user,
            "modified_by": user,
        }

    # --- records ---

    def _added(self, asked: Asked) -> Answer:
        named = _checked_tags(asked.body)
        is_alone = cast("Json", asked.body).get("over_write") is True

        def retagged(record: Record) -> list[Json]:
            held: list[Json] = [] if is_alone else record.values.get("Tag", [])
            return self._book.tags.references(asked.module, [*held, *named])

        return self._tag(asked, retagged, {"affected_data": None})

    def _removed(self, asked: Asked) -> Answer:
        named = _checked_tags(asked.body)
        gone = {str(tag[key]).casefold() for tag in named for key in tag if tag[key]}

        def retagged(record: Record) -> list[Json]:
            return [
                tag
                for tag in record.values.get("Tag", [])
                if tag["id"] not in gone and tag["name"].casefold() not in gone
            ]

        return self._tag(asked, retagged, {})

    def _tag(self, asked: Asked, retagged: _Retagged, more: Json) -> Answer:
        results = [
            self._tag_one(asked.module, record_id, retagged, more)
            for record_id in _ids_in(asked)
        ]
        locked = sum(result["code"] == "RECORD_LOCKED" for result in results)
        is_refused = all(result["status"] == "error" for result in results)
        if asked.id is not None and is_refused:
            return 400, results[0]
        body = {"data": results, "locked_count": str(locked)}
        return 400 if is_refused else 200, body

    def _tag_one(
        self, module: str, record_id: str, retagged: _Retagged, more: Json
    ) -> Json:
        record = self._book.modules[module].get(record_id)
        if record is None or record.is_hidden or record.converted is not None:
            where = {"api_name": "id", "id": record_id}
            return failure("INVALID_DATA", "the id given seems to be invalid", where)
        code = self._book.holds.code_of(record.id)
        if code is not None:
            return failure(
                code,
                "Sorry, you cannot perform this operation as the record is locked.",
                {"action": "record_locking", "id": record.id},
            )
        tags = retagged(record)
        if self._book.switches.tagging_moves_time:
            self._book.change(record, {"Tag": tags})
        else:
            record.values["Tag"] = tags
        self._book.written += 1
        details = {"id": record.id, **more, "tags": tags}
        return success("tags updated successfully", details)


def _credits(asked: Asked) -> int:
    try:
        count = len(_ids_in(asked))
    except Refused:
        return 1
    return max(1, -(-count // _IDS_PER_CREDIT))


def _module(asked: Asked) -> str:
    module = asked.query.get("module")
    if module is None:
        raise Refused(
            400,
            "REQUIRED_PARAM_MISSING",
            "One of the expected parameter is missing",
            {"param": "module"},
        )
    if module not in MODULES:
        raise Refused(
            400, "INVALID_MODULE", "the module name given seems to be invalid"
        )
    return module


def _ids_in(asked: Asked) -> list[str]:
    """Read the records: from the path, a list, or a list written as a text."""
    if asked.id is not None:
        return [asked.id]
    ids: Any = object_of(cast("object", asked.body)).get("ids")
    if isinstance(ids, str):
        try:
            ids = json.loads(ids)
        except ValueError:
            ids = None
    if not isinstance(ids, list) or not ids:
        raise _refused("ids", expected_data_type="jsonarray")
    found = cast("list[object]", ids)
    if len(found) > _MAX_IDS:
        raise _refused("ids", maximum_length=_MAX_IDS)
    return [str(one) for one in found]


def _tags_in(body: object) -> list[Json]:
    tags = object_of(body).get("tags")
    if not isinstance(tags, list) or not tags:
        raise _refused("tags", expected_data_type="jsonarray")
    return [object_of(tag) for tag in cast("list[object]", tags)]


def _checked_tags(body: object) -> list[Json]:
    tags = _tags_in(body)
    problems = [_problem(tag, "$.tags[*]") for tag in tags if not tag.get("id")]
    wrong = [found for found in problems if found is not None]
    if wrong:
        refused = Refused(400, "INVALID_DATA", "invalid data")
        refused.body = {"tags": wrong}
        raise refused
    return tags


def _problem(tag: Json, path: str) -> Json | None:
    """Say what is wrong with a tag that is written."""
    name, color = tag.get("name"), tag.get("color_code")
    where: Json = {"api_name": "name", "json_path": f"{path}.name"}
    if name is None or name == "":
        return failure("MANDATORY_NOT_FOUND", "required field not found", where)
    if not isinstance(name, str):
        return failure(
            "INVALID_DATA", "Invalid data type", {**where, "expected_data_type": "text"}
        )
    if len(name) > _MAX_NAME:
        return failure(
            "INVALID_DATA", "Invalid data", {**where, "maximum_length": _MAX_NAME}
        )
    if color is not None and not (isinstance(color, str) and len(color) <= _MAX_COLOR):
        wrong: Json = {
            "maximum_length": _MAX_COLOR,
            "api_name": "color_code",
            "json_path": f"{path}.color_code",
        }
        return failure("INVALID_DATA", "Invalid data", wrong)
    return None


def _refused(name: str, **more: Any) -> Refused:
    where = {"api_name": name, "json_path": f"$.{name}", **more}
    return Refused(400, "INVALID_DATA", "invalid data", where)
