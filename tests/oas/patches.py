"""What Zoho's schemas get wrong, mended in a copy in memory.

Each patch says which fact of the vendor's own pages it stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

__all__ = ["PATCHES", "patch_all"]

Spec: TypeAlias = dict[str, Any]
Patch: TypeAlias = Callable[[Spec], None]

_ERROR: Final[Spec] = {
    "type": "object",
    "required": ["code", "message", "status", "details"],
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "status": {"const": "error"},
        "details": {"type": "object"},
    },
    "additionalProperties": False,
}
"""An error of a whole request, and of one record: an object of four keys."""


def patch_all(spec: Spec) -> None:
    """Mend what is wrong in every file."""
    for schema in _schemas(spec):
        _drop_unknown_patterns(schema)
    for item in spec["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict) and "responses" in operation:
                # Scopes are a matter of the fake; the library knows no OAuth.
                operation.pop("security", None)
                _allow_errors(operation["responses"])
    spec.pop("security", None)


def _schemas(node: Any) -> Iterable[Spec]:
    """Give every object of a file; those that are no schemas have no pattern."""
    if isinstance(node, dict):
        yield node
        for inner in node.values():
            yield from _schemas(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _schemas(inner)


def _drop_unknown_patterns(schema: Spec) -> None:
    # Python's `re` does not know \p{L}; the README of the schemas says to drop it.
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and "\\p{" in pattern:
        del schema["pattern"]


def _allow_errors(responses: Spec) -> None:
    """Let requests be refused as a whole, by 400, 401, 403, 404, 429 and 500.

    The schemas know errors inside ``data`` only, in closed objects with closed
    lists of codes; the vendor's pages show them at the top as well.
    """
    for status in ("400", "401", "403", "404", "412", "429", "500"):
        responses[status] = {
            "description": "refused",
            "content": {"application/json": {"schema": {"anyOf": [_ERROR, _ROWS]}}},
        }


_ROWS: Final[Spec] = {
    "type": "object",
    "minProperties": 1,
    "maxProperties": 1,
    "patternProperties": {
        "^(data|watch|tags|users)$": {
            "type": "array",
            "minItems": 1,
            "maxItems": 100,
            "items": _ERROR,
        }
    },
    "additionalProperties": False,
}


# --- single files --------------------------------------------------------------


def _answer(spec: Spec, operation: str, status: str = "200") -> Spec:
    """Give the schema of an answer, behind its reference."""
    content = _operation(spec, operation)["responses"][status]["content"]
    return _resolved(spec, content["application/json"]["schema"])


def _body(spec: Spec, operation: str) -> Spec:
    """Give the schema of a request's body, behind its reference."""
    content = _operation(spec, operation)["requestBody"]["content"]
    return _resolved(spec, content["application/json"]["schema"])


def _operation(spec: Spec, name: str) -> Spec:
    return next(
        operation
        for item in spec["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and operation.get("operationId") == name
    )


def _resolved(spec: Spec, schema: Spec) -> Spec:
    while "$ref" in schema:
        found: Any = spec
        for key in schema["$ref"].removeprefix("#/").split("/"):
            found = found[key]
        schema = found
    return schema


def _nullable(schema: Spec) -> None:
    kind = schema["type"]
    schema["type"] = [*(kind if isinstance(kind, list) else [kind]), "null"]


def _record(spec: Spec) -> None:
    """Mend record.json: points 1 to 4 of the schemas' README."""
    page = _answer(spec, "getRecords")["properties"]
    page["data"]["maxItems"] = 200
    for name in ("next_page_token", "previous_page_token", "page_token_expiry"):
        _nullable(page["info"]["properties"][name])
    for parameter in spec["components"]["parameters"].values():
        parameter["schema"].pop("maxLength", None)
    written = spec["components"]["schemas"]["RecordSuccessResponse"]
    success = written["properties"]["data"]["items"]
    success["properties"]["details"]["required"].remove("$approval_state")
    success["properties"]["action"] = {"enum": ["insert", "update"]}
    success["properties"]["duplicate_field"] = {"type": ["string", "null"]}
    asked = spec["components"]["schemas"]["RecordsInputSchema"]
    asked["properties"]["lar_id"] = {"type": "string"}
    asked["properties"]["data"]["items"]["properties"]["$append_values"] = {
        "type": "object"
    }
    mixed = {
        "type": "object",
        "additionalProperties": False,
        "required": ["data"],
        "properties": {
            "data": {"type": "array", "items": {"anyOf": [success, _ERROR]}}
        },
    }
    for name in ("createRecords", "updateRecords", "upsertRecords"):
        _operation(spec, name)["responses"]["207"] = {
            "description": "some written, some refused",
            "content": {"application/json": {"schema": mixed}},
        }
    _allow_nothing_new(spec, "getRecords", "getRecord", "getDeletedRecords")


def _allow_nothing_new(spec: Spec, *operations: str) -> None:
    """Let an answer to If-Modified-Since be 304 without a body."""
    for name in operations:
        _operation(spec, name)["responses"]["304"] = {"description": "nothing new"}


def _coql(spec: Spec) -> None:
    """Let a query answer 2,000 rows."""
    _answer(spec, "executeCOQLQuery")["properties"]["data"]["maxItems"] = 2000


def _users(spec: Spec) -> None:
    _allow_nothing_new(spec, "getUsers")


def _bulk_read(spec: Spec) -> None:
    """Mend the callback, the criteria, and what is downloaded."""
    asked = _body(spec, "createBulkReadJob")["properties"]
    asked["callback"]["properties"]["url"] = {"type": "string"}
    query = asked["query"]["properties"]
    query["page_token"] = {"type": "string"}
    query["criteria"] = _criteria()
    job = _answer(spec, "getBulkReadJobDetails")["properties"]["data"]["items"]
    job["required"] = [name for name in job["required"] if not name.endswith("__s")]
    job["properties"]["state"]["enum"].append("FAILURE")
    shown = job["properties"]["query"]["properties"]
    shown["criteria"] = _criteria()
    shown["page_token"] = {"type": "string"}
    _nullable(job["properties"]["result"]["properties"]["next_page_token"])
    _operation(spec, "downloadResult")["responses"]["200"]["content"] = {
        "application/zip": {"schema": {}}
    }


def _criteria() -> Spec:
    """Describe one criterion, or a group of them, as the pages do."""
    one: Spec = {
        "type": "object",
        "additionalProperties": False,
        "required": ["field", "comparator", "value"],
        "properties": {
            "field": {
                "type": "object",
                "required": ["api_name"],
                "properties": {"api_name": {"type": "string"}},
            },
            "comparator": {"type": "string"},
            "value": {"type": ["string", "number", "boolean", "array"]},
            "type": {"const": "value"},
        },
    }
    group: Spec = {
        "type": "object",
        "additionalProperties": False,
        "required": ["group_operator", "group"],
        "properties": {
            "group_operator": {"enum": ["and", "or"]},
            "group": {"type": "array", "minItems": 2, "items": one},
        },
    }
    return {"anyOf": [one, group]}


def _bulk_write(spec: Spec) -> None:
    """Mend what only samples fix: names of files, callbacks, ``find_by``."""
    asked = _body(spec, "createBulkWriteJob")["properties"]
    asked["ignore_empty"] = {"type": "boolean"}
    resource = asked["resource"]["items"]
    resource["required"].remove("file_names")
    resource["required"].remove("find_by")
    resource["properties"]["find_by"] = {"type": "string"}
    mapped = resource["properties"]["field_mappings"]["items"]["properties"]
    mapped["format"] = {"type": "string"}
    mapped["find_by"] = {"type": "string"}
    mapped["default_value"] = {"type": "object"}
    job = _answer(spec, "getJobDetails")
    job["required"].remove("callback")
    job["properties"]["callback"]["properties"]["url"] = {"type": "string"}


def _upload(spec: Spec) -> None:
    """Let the file be bytes; the body of a form is no JSON."""
    _operation(spec, "uploadFile").pop("requestBody")


def _notifications(spec: Spec) -> None:
    """Allow what the pages document for a watch: point 8 of the schemas' README."""
    watch = _body(spec, "createNotifications")["properties"]["watch"]["items"]
    watch["required"].append("channel_id")
    watch["properties"]["token"]["maxLength"] = 50
    for name in ("notify_on_related_action", "return_affected_field_values"):
        watch["properties"][name] = {"type": "boolean"}
    watch["properties"]["notification_condition"] = {"type": "array"}
    nothing = {"description": "nothing is watched"}
    _operation(spec, "getNotifications")["responses"]["204"] = nothing
    _change_of_watches(spec)


def _change_of_watches(spec: Spec) -> None:
    """Wrap what a PATCH sends, and let it end events, as the pages show it."""
    content = _operation(spec, "updateNotificationInfo")["requestBody"]["content"]
    element = _body(spec, "updateNotificationInfo")
    element["required"] = ["channel_id", "events"]
    element["properties"]["_delete_events"] = {"type": "boolean"}
    content["application/json"]["schema"] = {
        "type": "object",
        "additionalProperties": False,
        "required": ["watch"],
        "properties": {"watch": {"type": "array", "items": element}},
    }
    result = _answer(spec, "updateNotificationInfo")["properties"]["watch"]["items"]
    event = result["properties"]["details"]["properties"]["events"]["items"]
    event["required"].remove("channel_expiry")


def _fields(spec: Spec) -> None:
    """Let ``include`` be left out: the page calls it optional."""
    for parameter in spec["components"]["parameters"].values():
        if parameter["name"] == "include":
            parameter["required"] = False


def _convert(spec: Spec) -> None:
    """Allow what the page documents: records that are there, lists of tags."""
    reference: Spec = {
        "type": "object",
        "additionalProperties": False,
        "required": ["id"],
        "properties": {"id": {"type": "string"}},
    }
    asked = _resolved(spec, _body(spec, "convertLead")["properties"]["data"]["items"])
    wanted = asked["properties"]
    wanted["Contacts"] = wanted["Accounts"] = reference
    wanted["move_attachments_to"] = {
        "type": "object",
        "additionalProperties": False,
        "required": ["api_name"],
        "properties": {"api_name": {"enum": ["Contacts", "Accounts", "Deals"]}},
    }
    tags = _resolved(spec, wanted["carry_over_tags"])["properties"]
    for module in tags:
        tags[module] = {"type": "array", "items": {"type": "string"}}


def _mass_convert(spec: Spec) -> None:
    """Allow the keys that the page asks a deal for."""
    deal = _resolved(spec, _body(spec, "massConvert")["properties"]["Deals"])
    for name in ("Stage", "Closing_Date", "Pipeline"):
        deal["properties"][name] = {"type": "string"}


def _tags_actions(spec: Spec) -> None:
    """Let ids be a list, as the page has it, and some records be refused.

    The sample sends the list as a text.
    """
    _tags(spec)
    for parameter in spec["components"]["parameters"].values():
        if parameter["in"] == "query" and parameter["name"] == "module":
            parameter["required"] = False
    for operation in ("postAddTags", "postRemoveTags"):
        asked = _body(spec, operation)["properties"]
        asked["ids"] = {
            "type": "array",
            "minItems": 1,
            "maxItems": 500,
            "items": {"type": "string"},
        }
        asked["tags"]["maxItems"] = 10
        rows = _answer(spec, operation)["properties"]["data"]
        rows["maxItems"] = 500
        rows["items"] = {"anyOf": [rows["items"], _ERROR]}


def _tags(spec: Spec) -> None:
    """Let the module be any; the schema knows a placeholder only."""
    for parameter in spec["components"]["parameters"].values():
        if parameter["name"] == "module":
            parameter["schema"].pop("enum", None)


PATCHES: Final[Mapping[str, tuple[Patch, ...]]] = {
    "bulk_read": (_bulk_read,),
    "bulk_write": (_bulk_write,),
    "convert": (_convert,),
    "coql": (_coql,),
    "fields": (_fields,),
    "mass_convert": (_mass_convert,),
    "notifications": (_notifications,),
    "record": (_record,),
    "tags": (_tags,),
    "tags_actions": (_tags_actions,),
    "upload": (_upload,),
    "users": (_users,),
}
"""What is mended in each file, by its name."""
