"""The writing calls of Zoho CRM: batches cut, answers put back in order.

Floor 4.

When some batches of a call were answered and others not, the records of the
others get the result ``UNKNOWN`` or ``UNSENT``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

from crmbridge._steps import Call, Request
from crmbridge.config import ZohoConfig
from crmbridge.errors import InvalidInputError
from crmbridge.zoho._batches import Batch, in_batches, unanswered
from crmbridge.zoho._calls import cut, module_path
from crmbridge.zoho._faults import ZOHO
from crmbridge.zoho._replies import write_results
from crmbridge.zoho.results import WriteResult

__all__ = ["check_ids", "delete", "insert", "update", "upsert"]

Record: TypeAlias = Mapping[str, object]


def insert(
    config: ZohoConfig,
    module: str,
    records: Sequence[Record],
    *,
    trigger: Sequence[str] = (),
    is_repeatable: bool = False,
) -> Call[tuple[WriteResult, ...]]:
    """Make new records; see `ZohoClient.insert`.

    Args:
        config: whose records.
        module: their module.
        records: payloads.
        trigger: what Zoho does besides.
        is_repeatable: a unique field keeps the records from being made twice.
    """
    path = module_path(module)
    requests = [
        Request(ZOHO, "POST", path, name=f"{module} insert", json=body)
        for body in _bodies(records, trigger)
    ]
    return (yield from _write(config, requests, is_repeatable=is_repeatable))


def update(
    config: ZohoConfig,
    module: str,
    records: Sequence[Record],
    *,
    trigger: Sequence[str] = (),
) -> Call[tuple[WriteResult, ...]]:
    """Change records by their ids; see `ZohoClient.update`."""
    check_ids([record.get("id") for record in records])
    path = module_path(module)
    requests = [
        Request(ZOHO, "PUT", path, name=f"{module} update", json=body)
        for body in _bodies(records, trigger)
    ]
    return (yield from _write(config, requests, is_repeatable=True))


def upsert(
    config: ZohoConfig,
    module: str,
    records: Sequence[Record],
    *,
    duplicate_check_fields: Sequence[str] = ("Email",),
    trigger: Sequence[str] = (),
) -> Call[tuple[WriteResult, ...]]:
    """Change records that exist, make the others; see `ZohoClient.upsert`."""
    path = f"{module_path(module)}/upsert"
    check = list(duplicate_check_fields)
    requests = [
        Request(
            ZOHO,
            "POST",
            path,
            name=f"{module} upsert",
            json={**body, "duplicate_check_fields": check},
        )
        for body in _bodies(records, trigger)
    ]
    return (yield from _write(config, requests, is_repeatable=True))


def delete(
    config: ZohoConfig, module: str, ids: Sequence[str], *, run_workflows: bool = False
) -> Call[tuple[WriteResult, ...]]:
    """Move records to the recycle bin; see `ZohoClient.delete`."""
    check_ids(ids)
    trigger = "true" if run_workflows else "false"
    requests = [
        Request(
            ZOHO,
            "DELETE",
            module_path(module),
            name=f"{module} delete",
            query={"ids": ",".join(part), "wf_trigger": trigger},
        )
        for part in cut(ids)
    ]
    return (yield from _write(config, requests, is_repeatable=True))


def _write(
    config: ZohoConfig, requests: Sequence[Request], *, is_repeatable: bool
) -> Call[tuple[WriteResult, ...]]:
    batches = [_batch(request) for request in requests]
    return (yield from in_batches(config, batches, is_repeatable=is_repeatable))


def _batch(request: Request) -> Batch[WriteResult]:
    size = _size(request)
    return Batch(
        request,
        partial(write_results, count=size, what=request.name),
        partial(unanswered, size=size),
    )


def _size(request: Request) -> int:
    if request.json is None:
        return request.query["ids"].count(",") + 1
    return len(request.json["data"])


def _bodies(
    records: Sequence[Record], trigger: Sequence[str]
) -> Iterable[dict[str, Any]]:
    # An absent trigger would fire all workflows, an empty one fires none.
    for part in cut(records):
        yield {"data": [dict(record) for record in part], "trigger": list(trigger)}


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
