"""The writing calls of Zoho CRM: batches cut, answers put back in order.

Floor 4.

When some batches of a call were answered and others not, the records of the
others get the result ``UNKNOWN`` or ``UNSENT``.

Source: Zoho CRM API v7, "Insert Records", "Update Records", "Upsert Records";
v8, "Delete Records".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeAlias

from attrs import evolve

from crmbridge._steps import Call, Reply, Request
from crmbridge.config import ZohoConfig
from crmbridge.errors import CrmbridgeError, InvalidInputError
from crmbridge.zoho._batches import Batch, in_batches, unanswered, unreadable
from crmbridge.zoho._calls import by_ids, cut, module_path
from crmbridge.zoho._faults import ZOHO
from crmbridge.zoho._replies import write_results
from crmbridge.zoho.credits import CALL, of_writing
from crmbridge.zoho.results import WriteResult, WriteStatus

__all__ = [
    "Record",
    "check_ids",
    "delete",
    "insert",
    "update",
    "upsert",
    "writing_body",
    "writing_request",
]

Record: TypeAlias = Mapping[str, object]
_Results: TypeAlias = tuple[WriteResult, ...]

# Source: Zoho CRM API v8, "API limits": writes of more records are complex.
_FEW_RECORDS: Final = 10
_NOT_DELETED: Final = "INVALID_DATA"


def insert(
    config: ZohoConfig,
    module: str,
    records: Sequence[Record],
    *,
    trigger: Sequence[str] = (),
    skip_features: Sequence[str] = (),
    is_repeatable: bool = False,
) -> Call[_Results]:
    """Make new records; see `ZohoClient.insert`.

    Args:
        config: whose records.
        module: their module.
        records: payloads.
        trigger: what Zoho does besides.
        skip_features: what Zoho leaves out.
        is_repeatable: a unique field keeps the records from being made twice.
    """
    path = module_path(module)
    body = writing_body(trigger, skip_features)
    batches = [
        _batch(
            writing_request("POST", path, f"{module} insert", {**body, "data": part}),
            write_results,
            len(part),
            is_repeatable=is_repeatable,
        )
        for part in cut(records)
    ]
    return (yield from in_batches(config, batches, is_repeatable=is_repeatable))


def update(
    config: ZohoConfig,
    module: str,
    records: Sequence[Record],
    *,
    trigger: Sequence[str] = (),
    skip_features: Sequence[str] = (),
) -> Call[_Results]:
    """Change records by their ids; see `ZohoClient.update`."""
    ids = [record.get("id") for record in records]
    check_ids(ids)
    path = module_path(module)
    body = writing_body(trigger, skip_features)
    batches = [
        _batch(
            writing_request("PUT", path, f"{module} update", {**body, "data": part}),
            partial(write_results, ids=own),
            len(part),
        )
        for part, own in zip(cut(records), cut(ids), strict=True)
    ]
    return (yield from in_batches(config, batches, is_repeatable=True))


def upsert(
    config: ZohoConfig,
    module: str,
    records: Sequence[Record],
    *,
    duplicate_check_fields: Sequence[str] = ("Email",),
    trigger: Sequence[str] = (),
    skip_features: Sequence[str] = (),
) -> Call[_Results]:
    """Change records that exist, make the others; see `ZohoClient.upsert`."""
    path = f"{module_path(module)}/upsert"
    check = list(duplicate_check_fields)
    body = {**writing_body(trigger, skip_features), "duplicate_check_fields": check}
    batches = [
        _batch(
            writing_request("POST", path, f"{module} upsert", {**body, "data": part}),
            write_results,
            len(part),
            is_repeatable=all(_is_known_again(record, check) for record in part),
        )
        for part in cut(records)
    ]
    return (yield from in_batches(config, batches, is_repeatable=True))


def delete(
    config: ZohoConfig, module: str, ids: Sequence[str], *, run_workflows: bool = False
) -> Call[_Results]:
    """Move records to the recycle bin; see `ZohoClient.delete`."""
    check_ids(ids)
    path = module_path(module)
    trigger = "true" if run_workflows else "false"
    batches = [
        _batch(
            Request(
                ZOHO,
                "DELETE",
                path,
                name=f"{module} delete",
                query={"ids": ",".join(part), "wf_trigger": trigger},
                credits=CALL,
            ),
            partial(_deletions, ids=part),
            len(part),
        )
        for part in cut(ids)
    ]
    results = yield from in_batches(config, batches, is_repeatable=True)
    return (yield from _looked_after(config, module, ids, results))


# --- what is sent ------------------------------------------------------------


def writing_request(
    method: str, path: str, name: str, body: Mapping[str, Any]
) -> Request:
    """Make the request that writes the records in ``data``."""
    records = [dict(record) for record in body["data"]]
    return Request(
        ZOHO,
        method,
        path,
        name=name,
        json={**body, "data": records},
        credits=of_writing(len(records)),
        is_complex=len(records) > _FEW_RECORDS,
    )


def writing_body(
    trigger: Sequence[str], skip_features: Sequence[str]
) -> dict[str, Any]:
    """Give what a body says besides its records."""
    # An absent trigger would fire all workflows, an empty one fires none.
    body: dict[str, Any] = {"trigger": list(trigger)}
    if skip_features:
        body["skip_feature_execution"] = [{"name": name} for name in skip_features]
    return body


def _is_known_again(record: Record, check: Iterable[str]) -> bool:
    """Tell whether a second upsert finds the record that the first one made."""
    return any(record.get(name) not in {None, ""} for name in ("id", *check))


def check_ids(ids: Sequence[object]) -> None:
    """See that each id is one, and comes once.

    Raises:
        InvalidInputError: it is not so.
    """
    if not all(isinstance(i, str) and i.isascii() and i.isdigit() for i in ids):
        raise InvalidInputError(
            "each record needs its id, a text of digits", service=ZOHO, field="id"
        )
    if len(set(ids)) != len(ids):
        raise InvalidInputError(
            "one id comes twice; which write wins would be chance",
            service=ZOHO,
            field="id",
        )


# --- what is answered --------------------------------------------------------


def _batch(
    request: Request,
    read: Callable[[Reply, int, str], _Results],
    size: int,
    *,
    is_repeatable: bool = True,
) -> Batch[WriteResult]:
    def results(reply: Reply) -> _Results:
        found = read(reply, size, request.name)
        return found if is_repeatable else tuple(map(_never_again, found))

    return Batch(
        request,
        results,
        partial(unanswered, size=size, is_repeatable=is_repeatable),
        is_repeatable=is_repeatable,
    )


def _never_again(result: WriteResult) -> WriteResult:
    """Warn of repeating a record that may have been written."""
    if result.status is not WriteStatus.UNKNOWN or result.error is None:
        return result
    return evolve(result, error=unreadable("the record", result.error))


def _deletions(reply: Reply, size: int, what: str, ids: Sequence[str]) -> _Results:
    """Read what was deleted; what a lost attempt deleted is not there any more."""
    results = write_results(reply, size, what, ids=ids)
    if not reply.was_repeated:
        return results
    return tuple(
        evolve(result, status=WriteStatus.UNKNOWN)
        if result.code == _NOT_DELETED
        else result
        for result in results
    )


def _looked_after(
    config: ZohoConfig, module: str, ids: Sequence[str], results: _Results
) -> Call[_Results]:
    """Look whether records are gone that a lost attempt may have deleted."""
    doubtful = [
        record_id
        for record_id, result in zip(ids, results, strict=True)
        if result.code == _NOT_DELETED and result.status is WriteStatus.UNKNOWN
    ]
    if not doubtful:
        return results
    converted = "both" if module == "Leads" else None
    try:
        found = yield from by_ids(
            config, module, doubtful, fields=("Modified_Time",), converted=converted
        )
    except CrmbridgeError:
        return results
    is_there = {record.id for record in found if record is not None}
    return tuple(
        result
        if record_id not in doubtful
        else evolve(result, status=WriteStatus.REFUSED)
        if record_id in is_there
        else WriteResult(WriteStatus.SUCCESS, "SUCCESS", id=record_id)
        for record_id, result in zip(ids, results, strict=True)
    )
